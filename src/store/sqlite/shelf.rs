//! Finds what stands on the pages that list articles, and since when.

use rusqlite::{OptionalExtension as _, Transaction, params};

use super::{
    rows::{from_json, read_instant},
    transaction::PUBLIC,
};
use crate::{
    article::{Axis, Dates, Timestamp},
    store::{Contents, Counter, Label, Shelf, StoreError},
};

pub(super) fn shelved(
    transaction: &Transaction<'_>,
    axis: Axis,
    now: Timestamp,
) -> Result<Vec<(Label, Contents)>, StoreError> {
    let sql = format!(
        "SELECT slug, value, url, dates FROM label
         JOIN article ON article.key = label.article
         WHERE axis = ?2 AND {PUBLIC} ORDER BY slug, published NULLS FIRST, id"
    );
    let mut statement = transaction.prepare_cached(&sql)?;
    let mut rows = statement.query(params![now.unix(), axis.name()])?;
    let mut shelves: Vec<(Label, Counter)> = Vec::new();
    while let Some(row) = rows.next()? {
        let (slug, value): (String, String) = (row.get(0)?, row.get(1)?);
        let url: String = row.get(2)?;
        let dates: Dates = from_json(row, 3)?;
        match shelves.last_mut() {
            Some((label, counter)) if label.slug == slug => {
                // Of several spellings the one of the newest article is shown.
                label.value = value;
                counter.add(&url, dates.modified);
            }
            _ => {
                let mut counter = Counter::default();
                counter.add(&url, dates.modified);
                shelves.push((Label { axis, slug, value }, counter));
            }
        }
    }
    Ok(shelves
        .into_iter()
        .map(|(label, counter)| (label, counter.finish()))
        .collect())
}

pub(super) fn find(transaction: &Transaction<'_>, name: &str) -> Result<Option<Shelf>, StoreError> {
    let sql = "SELECT inputs, updated FROM shelf WHERE name = ?1";
    let mut statement = transaction.prepare_cached(sql)?;
    let read = |row: &rusqlite::Row<'_>| {
        Ok(Shelf {
            inputs: row.get(0)?,
            updated: read_instant(row, 1)?,
        })
    };
    Ok(statement.query_row([name], read).optional()?)
}

pub(super) fn put(
    transaction: &Transaction<'_>,
    name: &str,
    shelf: &Shelf,
) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "INSERT INTO shelf (name, inputs, updated) VALUES (?1, ?2, ?3)
             ON CONFLICT (name) DO UPDATE SET inputs = ?2, updated = ?3
             WHERE inputs <> ?2 OR updated IS NOT ?3",
        )?
        .execute(params![
            name,
            shelf.inputs,
            shelf.updated.map(Timestamp::unix)
        ])?;
    Ok(())
}
