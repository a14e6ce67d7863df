//! One refresh, as a transaction of the database.

use rusqlite::{OptionalExtension as _, params, types::ValueRef};

use super::{
    DOCUMENT, FORMER,
    rows::{
        from_json, next_publication, read_article, read_document, read_document_record,
        read_events, read_record, read_record_from, read_url, to_json,
    },
    selection, shelf,
};
use crate::{
    article::{
        AbsoluteUrl, Adopted, Article, ArticleId, Axis, Dates, Listed, Selection, Timestamp,
    },
    dates::Event,
    store::{
        Contents, DocumentRecord, Entry, HISTORY, Label, Likeness, Listing, Placed, Record,
        Remembered, Removed, Shelf, StoreError, StoredDocument, Taken, Transaction,
    },
};

pub(super) struct SqliteTransaction<'a> {
    pub(super) transaction: rusqlite::Transaction<'a>,
    /// The key of the newest article before this refresh: later ones were first seen in it.
    pub(super) newest_before: i64,
}

/// The columns of a record. One that is awaited was not removed.
const RECORD: &str = "article.id, article.origin_id, article.url,
    article.removed IS NOT NULL AND NOT article.awaited, article.declared,
    article.fingerprint, article.dates, article.adopted, NOT article.noindex";

/// Articles that are out at instant `?1`.
pub(super) const PUBLIC: &str = "removed IS NULL AND (published IS NULL OR published <= ?1)";

impl Transaction for SqliteTransaction<'_> {
    fn find(
        &self,
        origin_id: Option<&str>,
        url: &AbsoluteUrl,
    ) -> Result<Option<Record>, StoreError> {
        if let Some(origin_id) = origin_id {
            let sql = format!("SELECT {RECORD} FROM article WHERE origin_id = ?1 LIMIT 1");
            let mut statement = self.transaction.prepare_cached(&sql)?;
            let found = statement.query_row([origin_id], read_record).optional()?;
            if found.is_some() {
                return Ok(found);
            }
        }
        // Several rows may share an address, since a removed article leaves its behind.
        let sql = format!(
            "SELECT {RECORD} FROM article
             WHERE url = ?1 AND (?2 IS NULL OR origin_id IS NULL)
             ORDER BY removed IS NOT NULL AND NOT awaited, removed DESC, key LIMIT 1"
        );
        let mut statement = self.transaction.prepare_cached(&sql)?;
        Ok(statement
            .query_row(params![url.as_str(), origin_id], read_record)
            .optional()?)
    }

    fn claim(
        &mut self,
        id: &ArticleId,
        url: &AbsoluteUrl,
        place: &str,
    ) -> Result<Option<Taken>, StoreError> {
        let holder = |column: &str, value: &str| -> Result<Option<String>, StoreError> {
            let sql = format!("SELECT place FROM temp.claim WHERE {column} = ?1");
            let mut statement = self.transaction.prepare_cached(&sql)?;
            Ok(statement.query_row([value], |row| row.get(0)).optional()?)
        };
        if let Some(place) = holder("id", id.as_str())? {
            return Ok(Some(Taken::Id(place)));
        }
        if let Some(place) = holder("url", url.as_str())? {
            return Ok(Some(Taken::Url(place)));
        }
        self.transaction
            .prepare_cached("INSERT INTO temp.claim (id, url, place) VALUES (?1, ?2, ?3)")?
            .execute([id.as_str(), url.as_str(), place])?;
        Ok(None)
    }

    fn put(&mut self, entry: &Entry<'_>) -> Result<(), StoreError> {
        let Entry {
            article,
            origin_id,
            handle,
            declared,
            fingerprint,
            words,
            labels,
        } = entry;
        let listed = Listed::of(&article.piece);
        // An unchanged row is left alone, so that a refresh without a change writes nothing.
        let key: Option<i64> = self
            .transaction
            .prepare_cached(
                "INSERT INTO article (id, origin_id, url, published, noindex, dates, declared,
                                      fingerprint, piece, removed, handle, words, adopted,
                                      modified, listed)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, NULL, ?10, ?11, ?12, ?13, ?14)
                 ON CONFLICT (id) DO UPDATE SET
                     origin_id = ?2, url = ?3, published = ?4, noindex = ?5, dates = ?6,
                     declared = ?7, fingerprint = ?8, piece = ?9, removed = NULL, awaited = 0,
                     handle = ?10, words = ?11, adopted = ?12, modified = ?13,
                     listed = ?14
                 WHERE origin_id IS NOT ?2 OR dates <> ?6 OR declared <> ?7
                     OR fingerprint <> ?8 OR piece <> ?9 OR removed IS NOT NULL
                     OR handle IS NOT ?10 OR words IS NOT ?11 OR adopted <> ?12
                     OR listed IS NOT ?14 OR noindex <> ?5
                 RETURNING key",
            )?
            .query_row(
                params![
                    article.id.as_str(),
                    origin_id,
                    article.piece.url.as_str(),
                    article
                        .dates
                        .published
                        .map(|moment| moment.instant().unix()),
                    article.piece.noindex || article.piece.extras.canonical.is_some(),
                    to_json(&article.dates)?,
                    to_json(declared)?,
                    to_json(fingerprint)?,
                    to_json(&article.piece)?,
                    handle,
                    words.map(|words| words.to_string()),
                    to_json(&article.adopted)?,
                    article.dates.modified.map(|moment| moment.instant().unix()),
                    (!listed.is_empty()).then(|| to_json(&listed)).transpose()?,
                ],
                |row| row.get(0),
            )
            .optional()?;
        key.map_or(Ok(()), |key| self.put_labels(key, labels))
    }

    fn note(&mut self, id: &ArticleId, event: &Event) -> Result<(), StoreError> {
        let key: i64 = self
            .transaction
            .prepare_cached("SELECT key FROM article WHERE id = ?1")?
            .query_row([id.as_str()], |row| row.get(0))?;
        let number: i64 = self
            .transaction
            .prepare_cached(
                "INSERT INTO event (article, number, event)
                 VALUES (?1, (SELECT coalesce(max(number), 0) + 1 FROM event WHERE article = ?1),
                         ?2)
                 RETURNING number",
            )?
            .query_row(params![key, to_json(event)?], |row| row.get(0))?;
        let kept = i64::try_from(HISTORY).unwrap_or(i64::MAX);
        self.transaction
            .prepare_cached("DELETE FROM event WHERE article = ?1 AND number BETWEEN 2 AND ?2")?
            .execute([key, number - kept])?;
        Ok(())
    }

    fn strays(&self, likeness: Likeness) -> Result<Vec<(ArticleId, Record)>, StoreError> {
        if self.newest_before == 0 {
            return Ok(Vec::new());
        }
        let same = match likeness {
            Likeness::Handle => "handle",
            Likeness::Words => "words",
        };
        // Whatever stands there twice is left out before the two sides meet: a thousand alike
        // would otherwise be a million pairs.
        let sql = format!(
            "WITH new AS (
                 SELECT min(key) AS key, {same} AS same FROM article
                 WHERE key > ?1 AND {same} IS NOT NULL
                 GROUP BY {same} HAVING count(*) = 1),
             gone AS (
                 SELECT min(key) AS key, {same} AS same FROM article
                 WHERE key <= ?1 AND {same} IS NOT NULL AND (removed IS NULL OR awaited)
                     AND id NOT IN (SELECT id FROM temp.claim)
                 GROUP BY {same} HAVING count(*) = 1)
             SELECT new_article.id, {RECORD} FROM new JOIN gone USING (same)
             JOIN article AS new_article ON new_article.key = new.key
             JOIN article ON article.key = gone.key
             WHERE (new_article.origin_id IS NULL OR article.origin_id IS NULL)
                 AND (new_article.published IS NULL OR article.published IS NULL
                     OR new_article.published = article.published)
             ORDER BY new_article.key"
        );
        let mut statement = self.transaction.prepare_cached(&sql)?;
        let rows = statement.query_map([self.newest_before], |row| {
            Ok((ArticleId::stored(row.get(0)?), read_record_from(row, 1)?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn retract(&mut self, id: &ArticleId) -> Result<Placed, StoreError> {
        let place: String = self
            .transaction
            .prepare_cached("DELETE FROM temp.claim WHERE id = ?1 RETURNING place")?
            .query_row([id.as_str()], |row| row.get(0))?;
        let (key, placed) = self
            .transaction
            .prepare_cached(
                "SELECT id, dates, piece, adopted, handle, declared, origin_id, key FROM article
                 WHERE id = ?1 AND key > ?2",
            )?
            .query_row(params![id.as_str(), self.newest_before], |row| {
                let placed = Placed {
                    article: read_article(row)?,
                    handle: row.get(4)?,
                    declared: from_json(row, 5)?,
                    origin_id: row.get(6)?,
                    place,
                };
                Ok((row.get::<_, i64>(7)?, placed))
            })?;
        self.forget(key)?;
        Ok(placed)
    }

    fn take_adopted(
        &mut self,
        address: &str,
        id: &ArticleId,
    ) -> Result<Option<(Adopted, bool)>, StoreError> {
        let known = self
            .transaction
            .prepare_cached(
                "SELECT known, fresh FROM adopted
                 WHERE address = ?1 AND (taken_by IS NULL OR taken_by = ?2)",
            )?
            .query_row([address, id.as_str()], |row| {
                Ok((from_json(row, 0)?, row.get(1)?))
            })
            .optional()?;
        if known.is_some() {
            self.transaction
                .prepare_cached(
                    "UPDATE adopted SET taken_by = ?2 WHERE address = ?1 AND taken_by IS NULL",
                )?
                .execute([address, id.as_str()])?;
        }
        Ok(known)
    }

    fn adopt(&mut self, address: &str, mut known: Adopted) -> Result<(), StoreError> {
        let before = self
            .transaction
            .prepare_cached("SELECT known FROM adopted WHERE address = ?1")?
            .query_row([address], |row| from_json(row, 0))
            .optional()?;
        known.add(before.unwrap_or_default());
        self.transaction
            .prepare_cached(
                "INSERT INTO adopted (address, known, fresh) VALUES (?1, ?2, 1)
                 ON CONFLICT (address) DO UPDATE SET known = ?2, fresh = 1",
            )?
            .execute([address, &to_json(&known)?])?;
        Ok(())
    }

    fn restore(&mut self, remembered: &Remembered, now: Timestamp) -> Result<(), StoreError> {
        self.take_back(remembered, now)
    }

    fn restore_document(&mut self, record: &DocumentRecord) -> Result<(), StoreError> {
        self.take_back_document(record)
    }

    fn events(&self, id: &ArticleId) -> Result<Vec<Event>, StoreError> {
        read_events(&self.transaction, id)
    }

    fn find_id(&self, id: &ArticleId) -> Result<Option<Record>, StoreError> {
        let sql = format!("SELECT {RECORD} FROM article WHERE id = ?1");
        let mut statement = self.transaction.prepare_cached(&sql)?;
        Ok(statement.query_row([id.as_str()], read_record).optional()?)
    }

    fn sweep(&mut self, now: Timestamp) -> Result<Vec<Removed>, StoreError> {
        self.transaction
            .execute("UPDATE adopted SET fresh = 0 WHERE fresh", [])?;
        let mut statement = self.transaction.prepare_cached(
            "UPDATE article SET removed = ?1, awaited = 0
             WHERE (removed IS NULL OR awaited) AND id NOT IN (SELECT id FROM temp.claim)
             RETURNING id, piece ->> 'title', dates",
        )?;
        let rows = statement.query_map([now.unix()], |row| {
            let dates: Dates = from_json(row, 2)?;
            Ok(Removed {
                id: ArticleId::stored(row.get(0)?),
                title: row.get(1)?,
                modified: dates.modified,
            })
        })?;
        let mut removed: Vec<Removed> = rows.collect::<Result<_, _>>()?;
        removed.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(removed)
    }

    fn revision(&self) -> Result<i64, StoreError> {
        let pragma = self
            .transaction
            .pragma_query_value(None, "data_version", |row| row.get(0));
        Ok(pragma?)
    }

    fn live(&self) -> Result<usize, StoreError> {
        let sql = "SELECT count(*) FROM article WHERE removed IS NULL OR awaited";
        let count: i64 = self.transaction.query_row(sql, [], |row| row.get(0))?;
        Ok(usize::try_from(count).unwrap_or_default())
    }

    fn count(&self, now: Timestamp) -> Result<usize, StoreError> {
        let sql = format!("SELECT count(*) FROM article WHERE {PUBLIC}");
        let count: i64 = self
            .transaction
            .query_row(&sql, [now.unix()], |row| row.get(0))?;
        Ok(usize::try_from(count).unwrap_or_default())
    }

    fn select(
        &self,
        selection: &Selection,
        now: Timestamp,
        skip: usize,
        limit: usize,
    ) -> Result<Vec<Article>, StoreError> {
        selection::find(&self.transaction, selection, now, skip, limit)
    }

    fn selected(&self, selection: &Selection, now: Timestamp) -> Result<usize, StoreError> {
        selection::count(&self.transaction, selection, now)
    }

    fn listings(&self, now: Timestamp, each: &mut dyn FnMut(Listing)) -> Result<(), StoreError> {
        let sql = format!(
            "SELECT url, dates, listed FROM article WHERE {PUBLIC} AND NOT noindex
             ORDER BY published NULLS FIRST, id"
        );
        let mut statement = self.transaction.prepare_cached(&sql)?;
        let rows = statement.query_map([now.unix()], |row| {
            let dates: Dates = from_json(row, 1)?;
            let (published, modified) = (dates.published, dates.modified);
            Ok(Listing {
                url: read_url(row, 0)?,
                published,
                modified,
                listed: match row.get_ref(2)? {
                    ValueRef::Null => Listed::default(),
                    _ => from_json(row, 2)?,
                },
            })
        })?;
        for listing in rows {
            each(listing?);
        }
        Ok(())
    }

    fn labels(&self, axis: Axis, now: Timestamp) -> Result<Vec<Label>, StoreError> {
        // Of several spellings the one of the newest article is shown.
        let sql = format!(
            "SELECT axis, slug, value, max(coalesce(published, -1)) FROM label
             JOIN article ON article.key = label.article
             WHERE axis = ?2 AND {PUBLIC} GROUP BY axis, slug ORDER BY slug"
        );
        let mut statement = self.transaction.prepare_cached(&sql)?;
        let rows = statement.query_map(params![now.unix(), axis.name()], |row| {
            Ok((row.get::<_, String>(1)?, row.get::<_, String>(2)?))
        })?;
        rows.map(|row| row.map(|(slug, value)| Label { axis, slug, value }))
            .collect::<Result<_, _>>()
            .map_err(Into::into)
    }

    fn shelved(&self, axis: Axis, now: Timestamp) -> Result<Vec<(Label, Contents)>, StoreError> {
        shelf::shelved(&self.transaction, axis, now)
    }

    fn shelf(&self, name: &str) -> Result<Option<Shelf>, StoreError> {
        shelf::find(&self.transaction, name)
    }

    fn put_shelf(&mut self, name: &str, contents: &Shelf) -> Result<(), StoreError> {
        shelf::put(&self.transaction, name, contents)
    }

    fn next_publication(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        next_publication(&self.transaction, now)
    }

    fn document(&self, path: &str) -> Result<Option<StoredDocument>, StoreError> {
        let sql = format!("{DOCUMENT} WHERE path = ?1");
        let mut statement = self.transaction.prepare_cached(&sql)?;
        Ok(statement.query_row([path], read_document).optional()?)
    }

    fn document_records(&self) -> Result<Vec<DocumentRecord>, StoreError> {
        let sql = "SELECT path, kind, etag, changed, inputs, updated, cause FROM document";
        let mut statement = self.transaction.prepare_cached(sql)?;
        let rows = statement.query_map([], read_document_record)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn former(&self, path: &str) -> Result<Option<DocumentRecord>, StoreError> {
        let sql = format!("{FORMER} WHERE path = ?1");
        let mut statement = self.transaction.prepare_cached(&sql)?;
        Ok(statement
            .query_row([path], read_document_record)
            .optional()?)
    }

    fn put_document(&mut self, document: &StoredDocument) -> Result<(), StoreError> {
        self.transaction
            .prepare_cached(
                "INSERT OR REPLACE INTO document
                     (path, kind, etag, changed, inputs, updated, cause, identity, gzip, br)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            )?
            .execute(params![
                document.path,
                document.kind,
                document.etag,
                document.changed.map(Timestamp::unix),
                document.inputs,
                document.updated.map(Timestamp::unix),
                document.cause.name(),
                &*document.identity,
                document.gzip.as_deref(),
                document.br.as_deref(),
            ])?;
        Ok(())
    }

    fn keep_documents(&mut self, paths: &[String]) -> Result<(), StoreError> {
        let paths = to_json(&paths)?;
        self.transaction.execute(
            "INSERT OR REPLACE INTO former_document
                 (path, kind, etag, changed, inputs, updated, cause)
             SELECT path, kind, etag, changed, inputs, updated, cause FROM document
             WHERE path NOT IN (SELECT value FROM json_each(?1))",
            [&paths],
        )?;
        self.transaction.execute(
            "DELETE FROM document WHERE path NOT IN (SELECT value FROM json_each(?1))",
            [&paths],
        )?;
        Ok(())
    }

    fn commit(self: Box<Self>) -> Result<(), StoreError> {
        Ok(self.transaction.commit()?)
    }
}

impl SqliteTransaction<'_> {
    /// Removes every trace of an article.
    pub(super) fn forget(&mut self, key: i64) -> Result<(), StoreError> {
        for sql in [
            "DELETE FROM event WHERE article = ?1",
            "DELETE FROM label WHERE article = ?1",
            "DELETE FROM article WHERE key = ?1",
        ] {
            self.transaction.prepare_cached(sql)?.execute([key])?;
        }
        Ok(())
    }

    fn put_labels(&mut self, key: i64, labels: &[Label]) -> Result<(), StoreError> {
        self.transaction
            .prepare_cached("DELETE FROM label WHERE article = ?1")?
            .execute([key])?;
        for label in labels {
            self.transaction
                .prepare_cached(
                    "INSERT OR IGNORE INTO label (axis, slug, article, value)
                     VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute(params![label.axis.name(), label.slug, key, label.value])?;
        }
        Ok(())
    }
}
