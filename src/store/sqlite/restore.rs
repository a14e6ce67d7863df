//! What another store remembered, taken back.

use rusqlite::{OptionalExtension as _, params};

use super::{archive, documents, rows::to_json, transaction::SqliteTransaction};
use crate::{
    article::{ArticleId, Piece, Timestamp},
    store::{DocumentRecord, Remembered, StoreError, Transaction as _},
};

impl SqliteTransaction<'_> {
    /// See [`crate::store::Transaction::restore`].
    pub(super) fn take_back(
        &mut self,
        remembered: &Remembered,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let key = match self.kept_as(remembered)? {
            Some(kept) if self.knows_more(&kept, remembered)? => return Ok(()),
            Some(kept) => self.key(&kept)?,
            None => Some(self.put_stand_in(remembered, now)?),
        };
        let Remembered { dates, .. } = remembered;
        if let Some(key) = key {
            archive::supersede(&self.transaction, key)?;
        }
        self.transaction
            .prepare_cached(
                "UPDATE article SET
                     id = ?2, published = ?3, dates = ?4, declared = ?5, fingerprint = ?6,
                     handle = coalesce(?7, handle), words = coalesce(?8, words), adopted = ?9,
                     modified = ?10, version = 0
                 WHERE key = ?1",
            )?
            .execute(params![
                key,
                remembered.id.as_str(),
                dates.published.map(|moment| moment.instant().unix()),
                to_json(dates)?,
                to_json(&remembered.declared)?,
                to_json(&remembered.fingerprint)?,
                remembered.handle,
                remembered.words.map(|words| words.to_string()),
                to_json(&remembered.adopted)?,
                dates.modified.map(|moment| moment.instant().unix()),
            ])?;
        self.transaction
            .prepare_cached("DELETE FROM event WHERE article = ?1")?
            .execute([key])?;
        for (number, event) in (1_i64..).zip(&remembered.history) {
            self.transaction
                .prepare_cached("INSERT INTO event (article, number, event) VALUES (?1, ?2, ?3)")?
                .execute(params![key, number, to_json(event)?])?;
        }
        Ok(())
    }

    /// See [`crate::store::Transaction::restore_document`].
    pub(super) fn take_back_document(&mut self, record: &DocumentRecord) -> Result<(), StoreError> {
        // Where the document is here already, what was known elsewhere is its past: it
        // changed no earlier than that, and neither did the articles in it.
        self.transaction
            .prepare_cached(
                "UPDATE document SET
                     changed = max(coalesce(changed, ?2), coalesce(?2, changed)),
                     updated = CASE WHEN inputs = ?3
                         THEN max(coalesce(updated, ?4), coalesce(?4, updated))
                         ELSE updated END
                 WHERE path = ?1",
            )?
            .execute(params![
                record.path,
                record.changed.map(Timestamp::unix),
                record.inputs,
                record.updated.map(Timestamp::unix),
            ])?;
        documents::put_former(&self.transaction, record)
    }

    /// The key of the article that this store made of what is remembered, if it has seen it:
    /// the one that is found as the origin would find it, or else by its id. Where both are
    /// there and differ, the second gives way.
    fn kept_as(&mut self, remembered: &Remembered) -> Result<Option<ArticleId>, StoreError> {
        let found = self.find(remembered.origin_id.as_deref(), &remembered.url)?;
        let found = found.map(|record| record.id);
        let named = self.key(&remembered.id)?;
        match (found, named) {
            (Some(found), Some(named)) if found != remembered.id => {
                self.forget(named)?;
                Ok(Some(found))
            }
            (found, named) => Ok(found.or_else(|| named.map(|_| remembered.id.clone()))),
        }
    }

    /// Whether this store has seen a change of the article that is later than all that is
    /// remembered: then an old copy of the memory is not to be taken back.
    fn knows_more(&self, id: &ArticleId, remembered: &Remembered) -> Result<bool, StoreError> {
        let last = remembered.history.last().map(|event| event.at);
        let events = self.events(id)?;
        Ok(events
            .iter()
            .skip(1)
            .any(|event| event.what.evidence().is_some() && Some(event.at) > last))
    }

    fn key(&self, id: &ArticleId) -> Result<Option<i64>, StoreError> {
        Ok(self
            .transaction
            .prepare_cached("SELECT key FROM article WHERE id = ?1")?
            .query_row([id.as_str()], |row| row.get(0))
            .optional()?)
    }

    /// An article that no document carries until the origin shows it.
    fn put_stand_in(&mut self, remembered: &Remembered, now: Timestamp) -> Result<i64, StoreError> {
        let piece = Piece::stand_in(remembered.url.clone(), &remembered.title);
        Ok(self
            .transaction
            .prepare_cached(
                "INSERT INTO article (id, origin_id, url, noindex, dates, declared, fingerprint,
                                      piece, removed, awaited, version, month, slice)
                 VALUES (?1, ?2, ?3, 0, '', '', '', ?4, ?5, ?6, 0, '', 0) RETURNING key",
            )?
            .query_row(
                params![
                    remembered.id.as_str(),
                    remembered.origin_id,
                    remembered.url.as_str(),
                    to_json(&piece)?,
                    remembered.removed.unwrap_or(now).unix(),
                    remembered.removed.is_none(),
                ],
                |row| row.get(0),
            )?)
    }
}
