//! One refresh, as a transaction of the database.

use rusqlite::{OptionalExtension as _, params};

use super::{
    archive,
    claims::Claims,
    documents, notes,
    rows::{from_json, read_article, read_events, read_record, read_record_from, to_json},
    shelf, touches,
};
use crate::{
    article::{AbsoluteUrl, Adopted, ArticleId, Dates, Listed, Moment, Selection, Timestamp},
    dates::Event,
    store::{
        Catalogue, DocumentRecord, Entry, HISTORY, Label, Likeness, Note, Placed, Record,
        Remembered, Removed, Shelf, Spot, StoreError, StoredDocument, Taken, Touched, Transaction,
        part,
    },
};

pub(super) struct SqliteTransaction<'a> {
    pub(super) transaction: rusqlite::Transaction<'a>,
    pub(super) claims: Claims,
    pub(super) touched: Touched,
    /// Whether anything is known of the site's earlier feeds.
    pub(super) has_adopted: bool,
    /// The key of the newest article before this refresh: later ones were first seen in it.
    pub(super) newest_before: i64,
    /// The article that was put last, if it was never there before, and its key.
    pub(super) newest: Option<(ArticleId, i64)>,
}

/// The columns of a record. One that is awaited was not removed.
const RECORD: &str = "article.id, article.origin_id, article.url,
    article.removed IS NOT NULL AND NOT article.awaited, article.declared,
    article.fingerprint, article.dates, article.adopted, NOT article.noindex";

/// Writes an article that was never there. What fails ends the transaction, so that SQLite need
/// not keep what the statement alone would be undone with.
const INSERT: &str =
    "INSERT OR FAIL INTO article (id, origin_id, url, published, noindex, dates, declared,
                         fingerprint, piece, handle, words, adopted, modified, listed, version,
                         month, place, slice)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)";

/// Writes one that was, by the same parameters. An unchanged row is left alone, so that a
/// refresh without a change writes nothing.
const UPDATE: &str = "UPDATE article SET
        origin_id = ?2, url = ?3, published = ?4, noindex = ?5, dates = ?6, declared = ?7,
        fingerprint = ?8, piece = ?9, removed = NULL, awaited = 0, handle = ?10, words = ?11,
        adopted = ?12, modified = ?13, listed = ?14, version = ?15, month = ?16, place = ?17,
        slice = ?18
    WHERE id = ?1 AND (version <> ?15 OR origin_id IS NOT ?2 OR declared <> ?7
        OR fingerprint <> ?8 OR removed IS NOT NULL OR handle IS NOT ?10 OR words IS NOT ?11
        OR listed IS NOT ?14 OR noindex <> ?5 OR place <> ?17)
    RETURNING key";

/// The keys of the articles that are there or awaited; by indexes, since the rows are long.
const LIVE: &str = "SELECT key FROM article WHERE removed IS NULL
    UNION ALL SELECT key FROM article WHERE awaited AND removed IS NOT NULL";

impl Transaction for SqliteTransaction<'_> {
    fn catalogue(&self) -> &dyn Catalogue {
        &*self.transaction
    }

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
        spot: &Spot,
    ) -> Result<Option<Taken>, StoreError> {
        self.claims.claim(&self.transaction, id, url, spot)
    }

    fn put(&mut self, entry: &Entry<'_>) -> Result<(), StoreError> {
        let Entry {
            article,
            origin_id,
            handle,
            place,
            declared,
            fingerprint,
            words,
            labels,
        } = entry;
        let listed = Listed::of(&article.piece);
        let version = article.version();
        let is_new = self.claims.is_new(&article.id);
        let before = if is_new {
            Touched::default()
        } else {
            self.before(&article.id, version)?
        };
        let published = article.dates.published;
        let (id, url) = (article.id.as_str(), article.piece.url.as_str());
        let (dates, piece) = (to_json(&article.dates)?, to_json(&article.piece)?);
        let (declared, fingerprint) = (to_json(declared)?, to_json(fingerprint)?);
        let adopted = to_json(&article.adopted)?;
        let listed = (!listed.is_empty()).then(|| to_json(&listed)).transpose()?;
        let row = params![
            id,
            origin_id,
            url,
            published.map(|moment| moment.instant().unix()),
            article.piece.noindex || article.piece.extras.canonical.is_some(),
            dates,
            declared,
            fingerprint,
            piece,
            handle,
            words.map(|words| words.to_string()),
            adopted,
            article.dates.modified.map(|moment| moment.instant().unix()),
            listed,
            version,
            month(published),
            place,
            part::slice(url),
        ];
        let key = if is_new {
            self.transaction.prepare_cached(INSERT)?.execute(row)?;
            Some(self.transaction.last_insert_rowid())
        } else {
            let mut update = self.transaction.prepare_cached(UPDATE)?;
            update.query_row(row, |row| row.get(0)).optional()?
        };
        let Some(key) = key else {
            return Ok(());
        };
        if is_new {
            self.claims.settle(&article.id, key);
        } else {
            self.drop_labels(key)?;
        }
        self.put_labels(key, labels)?;
        self.newest = is_new.then(|| (article.id.clone(), key));
        touches::add(&mut self.touched, before);
        touches::touch(&self.transaction, &mut self.touched, key)
    }

    fn note(&mut self, id: &ArticleId, event: &Event) -> Result<(), StoreError> {
        // As good as every event of a first reading is the first of the article just put.
        if let Some((_, key)) = self.newest.take_if(|(newest, _)| newest == id) {
            self.transaction
                .prepare_cached("INSERT INTO event (article, number, event) VALUES (?1, 1, ?2)")?
                .execute(params![key, to_json(event)?])?;
            return Ok(());
        }
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
        // Where only what changed is read, what was not seen is still there.
        if self.newest_before == 0 || self.claims.is_holding() || !self.has_new()? {
            return Ok(Vec::new());
        }
        let gone = self.unclaimed()?;
        if gone.is_empty() {
            return Ok(Vec::new());
        }
        let same = match likeness {
            Likeness::Handle => "handle",
            Likeness::Words => "words",
        };
        self.transaction.execute("DELETE FROM temp.unseen", [])?;
        let mut unseen = self
            .transaction
            .prepare_cached("INSERT INTO temp.unseen (key) VALUES (?1)")?;
        for key in gone.iter().filter(|key| **key <= self.newest_before) {
            unseen.execute([key])?;
        }
        // Whatever stands there twice is left out before the two sides meet: a thousand alike
        // would otherwise be a million pairs.
        let sql = format!(
            "WITH new AS (
                 SELECT min(key) AS key, {same} AS same FROM article
                 WHERE key > ?1 AND {same} IS NOT NULL
                 GROUP BY {same} HAVING count(*) = 1),
             gone AS (
                 SELECT min(key) AS key, {same} AS same FROM temp.unseen JOIN article USING (key)
                 WHERE {same} IS NOT NULL
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
        let (key, mut placed) = self
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
                    spot: Spot::default(),
                };
                Ok((row.get::<_, i64>(7)?, placed))
            })?;
        placed.spot = self.claims.withdraw(&self.transaction, key)?;
        self.forget(key)?;
        Ok(placed)
    }

    fn take_adopted(
        &mut self,
        address: &str,
        id: &ArticleId,
    ) -> Result<Option<(Adopted, bool)>, StoreError> {
        if !self.has_adopted {
            return Ok(None);
        }
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
        self.has_adopted = true;
        notes::put(&self.transaction, notes::UNCLEAR, "adopted")?;
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
        notes::put(&self.transaction, notes::UNCLEAR, "restored")?;
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
        let mut removed = Vec::new();
        for key in self.unclaimed()? {
            removed.push(self.bury(key, now)?);
        }
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
        let sql = format!("SELECT count(*) FROM ({LIVE})");
        let count: i64 = self.transaction.query_row(&sql, [], |row| row.get(0))?;
        Ok(usize::try_from(count).unwrap_or_default())
    }

    fn put_shelf(&mut self, name: &str, contents: &Shelf) -> Result<(), StoreError> {
        shelf::put(&self.transaction, name, contents)
    }

    fn archive(
        &mut self,
        feed: &str,
        selection: &Selection,
        now: Timestamp,
        size: usize,
    ) -> Result<u64, StoreError> {
        archive::extend(&self.transaction, feed, selection, now, size)
    }

    fn keep_archives(&mut self, feeds: &[String]) -> Result<(), StoreError> {
        archive::keep(&self.transaction, feeds)
    }

    fn document(&self, path: &str) -> Result<Option<StoredDocument>, StoreError> {
        documents::find(&self.transaction, path)
    }

    fn former(&self, path: &str) -> Result<Option<DocumentRecord>, StoreError> {
        documents::former(&self.transaction, path)
    }

    fn put_document(&mut self, document: &StoredDocument) -> Result<(), StoreError> {
        documents::put(&self.transaction, document)
    }

    fn set_made(&mut self, now: Timestamp) -> Result<(), StoreError> {
        notes::forget(&self.transaction, notes::UNCLEAR)?;
        notes::put(&self.transaction, notes::MADE, &now.unix().to_string())
    }

    fn put_document_record(&mut self, record: &DocumentRecord) -> Result<(), StoreError> {
        documents::put_record(&self.transaction, record)
    }

    fn drop_documents(&mut self, paths: &[String]) -> Result<(), StoreError> {
        documents::drop(&self.transaction, paths)
    }

    fn touched(&mut self, now: Timestamp) -> Result<Touched, StoreError> {
        let unclear = notes::find(&self.transaction, notes::UNCLEAR)?.is_some();
        match notes::instant(&self.transaction, notes::MADE)? {
            Some(made) if made <= now && !unclear => {
                for key in touches::due(&self.transaction, made, now)? {
                    touches::touch(&self.transaction, &mut self.touched, key)?;
                }
            }
            _ => self.touched = Touched::everything(),
        }
        Ok(self.touched.clone())
    }

    fn remove(&mut self, origin_id: &str, now: Timestamp) -> Result<Option<Removed>, StoreError> {
        let found: Option<i64> = self
            .transaction
            .prepare_cached(
                "SELECT key FROM article WHERE origin_id = ?1 AND (removed IS NULL OR awaited)",
            )?
            .query_row([origin_id], |row| row.get(0))
            .optional()?;
        match found {
            Some(key) if !self.claims.has(key) => self.bury(key, now).map(Some),
            _ => Ok(None),
        }
    }

    fn see_changes_only(&mut self) {
        self.claims.hold_what_is_there();
    }

    fn noted(&self, note: Note) -> Result<Option<String>, StoreError> {
        notes::find(&self.transaction, notes::name(note))
    }

    fn take_note(&mut self, note: Note, value: Option<&str>) -> Result<(), StoreError> {
        match value {
            Some(value) => notes::put(&self.transaction, notes::name(note), value),
            None => notes::forget(&self.transaction, notes::name(note)),
        }
    }

    fn commit(self: Box<Self>) -> Result<(), StoreError> {
        // Between two refreshes nobody needs the pages that were read for one.
        Ok(self
            .transaction
            .execute_batch("COMMIT; PRAGMA shrink_memory")?)
    }
}

impl SqliteTransaction<'_> {
    /// Removes an article, leaving a tombstone.
    fn bury(&mut self, key: i64, now: Timestamp) -> Result<Removed, StoreError> {
        touches::touch(&self.transaction, &mut self.touched, key)?;
        touches::touch_pages(&self.transaction, &mut self.touched, key)?;
        let mut statement = self.transaction.prepare_cached(
            "UPDATE article SET removed = ?1, awaited = 0 WHERE key = ?2
             RETURNING id, piece ->> 'title', dates",
        )?;
        Ok(statement.query_row([now.unix(), key], |row| {
            let dates: Dates = from_json(row, 2)?;
            Ok(Removed {
                id: ArticleId::stored(row.get(0)?),
                title: row.get(1)?,
                modified: dates.modified,
            })
        })?)
    }

    /// The articles that are there or awaited and that this refresh has not seen.
    fn unclaimed(&self) -> Result<Vec<i64>, StoreError> {
        let mut statement = self.transaction.prepare_cached(LIVE)?;
        let mut rows = statement.query([])?;
        let mut unclaimed = Vec::new();
        while let Some(row) = rows.next()? {
            let key = row.get(0)?;
            if !self.claims.has(key) {
                unclaimed.push(key);
            }
        }
        Ok(unclaimed)
    }

    /// Whether this refresh has seen an article for the first time.
    fn has_new(&self) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM article WHERE key > ?1)";
        let mut statement = self.transaction.prepare_cached(sql)?;
        Ok(statement.query_row([self.newest_before], |row| row.get(0))?)
    }

    /// Removes every trace of an article.
    pub(super) fn forget(&mut self, key: i64) -> Result<(), StoreError> {
        for sql in [
            "DELETE FROM event WHERE article = ?1",
            "DELETE FROM label WHERE article = ?1",
            "DELETE FROM archived WHERE article = ?1",
            "DELETE FROM superseded WHERE article = ?1",
            "DELETE FROM article WHERE key = ?1",
        ] {
            self.transaction.prepare_cached(sql)?.execute([key])?;
        }
        Ok(())
    }

    /// Before an article gets this version: what finished pages of archives have of it stays,
    /// and where it stood so far is touched. Says what it was touched in, to be counted if it is
    /// written at all.
    fn before(&mut self, id: &ArticleId, version: i64) -> Result<Touched, StoreError> {
        let mut touched = Touched::default();
        let found: Option<(i64, i64, bool)> = self
            .transaction
            .prepare_cached("SELECT key, version, removed IS NOT NULL FROM article WHERE id = ?1")?
            .query_row([id.as_str()], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
            .optional()?;
        let Some((key, known, removed)) = found else {
            return Ok(touched);
        };
        if known != version {
            archive::supersede(&self.transaction, key)?;
        }
        if removed {
            touches::touch_pages(&self.transaction, &mut touched, key)?;
        }
        touches::touch(&self.transaction, &mut touched, key)?;
        Ok(touched)
    }

    fn drop_labels(&mut self, key: i64) -> Result<(), StoreError> {
        self.transaction
            .prepare_cached("DELETE FROM label WHERE article = ?1")?
            .execute([key])?;
        Ok(())
    }

    fn put_labels(&mut self, key: i64, labels: &[Label]) -> Result<(), StoreError> {
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

/// The month of publication, by which sitemaps are divided: as the day was stated, or else in
/// UTC.
fn month(published: Option<Moment>) -> String {
    published.map_or_else(
        || "undated".to_owned(),
        |moment| {
            let day = moment
                .day()
                .unwrap_or_else(|| moment.instant().to_chrono().date_naive());
            day.format("%Y-%m").to_string()
        },
    )
}
