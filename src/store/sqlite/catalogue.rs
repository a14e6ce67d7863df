//! Reads what documents are made of.

use rusqlite::{Connection, OptionalExtension as _, Rows, params, types::ValueRef};

use super::{
    REMEMBERED, archive, notes,
    rows::{from_json, next_publication, read_document_record, read_url},
    selection, shelf,
};
use crate::{
    article::{AbsoluteUrl, Article, Axis, Dates, Listed, Selection, Timestamp},
    store::{
        Catalogue, Contents, DocumentRecord, Glimpse, Label, Listing, Part, Shelf, StoreError,
    },
};

/// Articles that are out at instant `?1`.
pub(super) const PUBLIC: &str = "removed IS NULL AND (published IS NULL OR published <= ?1)";

impl Catalogue for Connection {
    fn count(&self, now: Timestamp) -> Result<usize, StoreError> {
        // All, but for the few that are to come: either is counted by an index alone, where both
        // conditions together would have every row read.
        let sql = "SELECT (SELECT count(*) FROM article WHERE removed IS NULL)
                       - (SELECT count(*) FROM article WHERE removed IS NULL AND published > ?1)";
        let count: i64 = self.query_row(sql, [now.unix()], |row| row.get(0))?;
        Ok(usize::try_from(count).unwrap_or_default())
    }

    fn select(
        &self,
        selection: &Selection,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Article>, StoreError> {
        selection::find(self, selection, now, limit)
    }

    fn glimpse(
        &self,
        selection: &Selection,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Glimpse>, StoreError> {
        selection::glimpse(self, selection, now, limit)
    }

    fn selected(&self, selection: &Selection, now: Timestamp) -> Result<usize, StoreError> {
        selection::count(self, selection, now)
    }

    fn listings(&self, now: Timestamp, each: &mut dyn FnMut(Listing)) -> Result<(), StoreError> {
        let sql = format!(
            "SELECT url, dates, listed FROM article WHERE {PUBLIC} AND NOT noindex
             ORDER BY published NULLS FIRST, id"
        );
        let mut statement = self.prepare_cached(&sql)?;
        hand_out(statement.query([now.unix()])?, each)
    }

    fn lists_more_than(&self, limit: usize, now: Timestamp) -> Result<bool, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let sql = format!(
            "SELECT EXISTS (SELECT 1 FROM article WHERE {PUBLIC} AND NOT noindex
                            LIMIT 1 OFFSET ?2)"
        );
        Ok(self.query_row(&sql, [now.unix(), limit], |row| row.get(0))?)
    }

    fn is_listed(&self, url: &AbsoluteUrl, now: Timestamp) -> Result<bool, StoreError> {
        let sql = format!(
            "SELECT EXISTS (SELECT 1 FROM article WHERE {PUBLIC} AND NOT noindex AND url = ?2)"
        );
        let mut statement = self.prepare_cached(&sql)?;
        Ok(statement.query_row(params![now.unix(), url.as_str()], |row| row.get(0))?)
    }

    fn translated(&self, now: Timestamp, each: &mut dyn FnMut(Listing)) -> Result<(), StoreError> {
        let sql = format!(
            "SELECT url, dates, listed FROM article
             WHERE {PUBLIC} AND NOT noindex AND translated ORDER BY key"
        );
        let mut statement = self.prepare_cached(&sql)?;
        hand_out(statement.query([now.unix()])?, each)
    }

    fn months(&self, now: Timestamp) -> Result<Vec<String>, StoreError> {
        // From one month to the next by the index, and not over every article.
        let first = format!(
            "SELECT month FROM article WHERE {PUBLIC} AND NOT noindex AND month > ?2
             ORDER BY month LIMIT 1"
        );
        let mut statement = self.prepare_cached(&first)?;
        let mut months: Vec<String> = Vec::new();
        loop {
            let last = months.last().map_or("", String::as_str);
            let next = statement
                .query_row(params![now.unix(), last], |row| row.get(0))
                .optional()?;
            match next {
                Some(next) => months.push(next),
                None => return Ok(months),
            }
        }
    }

    fn slices(&self, month: &str) -> Result<Vec<(u16, usize)>, StoreError> {
        let sql = "SELECT slice, count(*) FROM article
                   WHERE month = ?1 AND removed IS NULL AND NOT noindex GROUP BY slice";
        let mut statement = self.prepare_cached(sql)?;
        let rows = statement.query_map([month], |row| {
            let count: i64 = row.get(1)?;
            Ok((row.get(0)?, usize::try_from(count).unwrap_or_default()))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn listings_of(
        &self,
        month: &str,
        part: Part,
        now: Timestamp,
        each: &mut dyn FnMut(Listing),
    ) -> Result<(), StoreError> {
        let sql = format!(
            "SELECT url, dates, listed FROM article
             WHERE {PUBLIC} AND NOT noindex AND month = ?2 AND slice >= ?3 AND slice < ?4"
        );
        let mut statement = self.prepare_cached(&sql)?;
        let slices = part.slices();
        let rows = statement.query(params![now.unix(), month, slices.start, slices.end])?;
        hand_out(rows, each)
    }

    fn labels(&self, axis: Axis, now: Timestamp) -> Result<Vec<Label>, StoreError> {
        let sql = format!(
            "SELECT slug, value, max(coalesce(published, -1)) FROM label
             JOIN article ON article.key = label.article
             WHERE axis = ?2 AND {PUBLIC} GROUP BY slug, value ORDER BY slug, 3 DESC, value"
        );
        let mut statement = self.prepare_cached(&sql)?;
        let mut rows = statement.query(params![now.unix(), axis.name()])?;
        let mut labels: Vec<Label> = Vec::new();
        while let Some(row) = rows.next()? {
            let slug: String = row.get(0)?;
            // Of several spellings the one of the newest article is shown.
            if labels.last().is_none_or(|last| last.slug != slug) {
                let value = row.get(1)?;
                labels.push(Label { axis, slug, value });
            }
        }
        Ok(labels)
    }

    fn label(&self, axis: Axis, slug: &str, now: Timestamp) -> Result<Option<Label>, StoreError> {
        let sql = format!(
            "SELECT value FROM label JOIN article ON article.key = label.article
             WHERE axis = ?2 AND slug = ?3 AND {PUBLIC} ORDER BY published DESC, value LIMIT 1"
        );
        let mut statement = self.prepare_cached(&sql)?;
        let value = statement
            .query_row(params![now.unix(), axis.name(), slug], |row| row.get(0))
            .optional()?;
        let slug = slug.to_owned();
        Ok(value.map(|value| Label { axis, slug, value }))
    }

    fn made(&self) -> Result<Option<Timestamp>, StoreError> {
        notes::instant(self, notes::MADE)
    }

    fn pages(&self, feed: &str) -> Result<u64, StoreError> {
        archive::pages(self, feed)
    }

    fn page(&self, feed: &str, number: u64) -> Result<Vec<Article>, StoreError> {
        archive::page(self, feed, number)
    }

    fn glimpse_page(&self, feed: &str, number: u64) -> Result<Vec<Glimpse>, StoreError> {
        archive::glimpse_page(self, feed, number)
    }

    fn shelved(&self, axis: Axis, now: Timestamp) -> Result<Vec<(Label, Contents)>, StoreError> {
        shelf::shelved(self, axis, now)
    }

    fn shelf_of(
        &self,
        axis: Axis,
        slug: &str,
        now: Timestamp,
    ) -> Result<Option<(Label, Contents)>, StoreError> {
        shelf::shelf_of(self, axis, slug, now)
    }

    fn shelf(&self, name: &str) -> Result<Option<Shelf>, StoreError> {
        shelf::find(self, name)
    }

    fn next_publication(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        next_publication(self, now)
    }

    fn document_record(&self, path: &str) -> Result<Option<DocumentRecord>, StoreError> {
        let sql = format!("SELECT {REMEMBERED} FROM document WHERE path = ?1");
        let mut statement = self.prepare_cached(&sql)?;
        let found = statement.query_row([path], read_document_record);
        Ok(found.optional()?)
    }

    fn document_records(&self) -> Result<Vec<DocumentRecord>, StoreError> {
        let mut statement = self.prepare_cached(&format!("SELECT {REMEMBERED} FROM document"))?;
        let rows = statement.query_map([], read_document_record)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn hand_out(mut rows: Rows<'_>, each: &mut dyn FnMut(Listing)) -> Result<(), StoreError> {
    while let Some(row) = rows.next()? {
        let dates: Dates = from_json(row, 1)?;
        each(Listing {
            url: read_url(row, 0)?,
            published: dates.published,
            modified: dates.modified,
            listed: match row.get_ref(2)? {
                ValueRef::Null => Listed::default(),
                _ => from_json(row, 2)?,
            },
        });
    }
    Ok(())
}
