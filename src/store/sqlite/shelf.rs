//! Finds what stands on the pages that list articles, and since when.

use rusqlite::{Connection, OptionalExtension as _, Rows, params};

use super::{
    catalogue::PUBLIC,
    rows::{from_json, read_instant},
};
use crate::{
    article::{Axis, Dates, Timestamp},
    store::{Contents, Counter, Label, Shelf, StoreError},
};

pub(super) fn shelved(
    connection: &Connection,
    axis: Axis,
    now: Timestamp,
) -> Result<Vec<(Label, Contents)>, StoreError> {
    let mut statement = connection.prepare_cached(&articles(""))?;
    count(axis, statement.query(params![now.unix(), axis.name()])?)
}

/// The same of one value.
pub(super) fn shelf_of(
    connection: &Connection,
    axis: Axis,
    slug: &str,
    now: Timestamp,
) -> Result<Option<(Label, Contents)>, StoreError> {
    let mut statement = connection.prepare_cached(&articles("AND slug = ?3"))?;
    let rows = statement.query(params![now.unix(), axis.name(), slug])?;
    Ok(count(axis, rows)?.pop())
}

fn articles(which: &str) -> String {
    format!(
        "SELECT slug, value, url, dates FROM label
         JOIN article ON article.key = label.article
         WHERE axis = ?2 {which} AND {PUBLIC} ORDER BY slug, published NULLS FIRST, id"
    )
}

fn count(axis: Axis, mut rows: Rows<'_>) -> Result<Vec<(Label, Contents)>, StoreError> {
    let mut shelves: Vec<(Label, Contents)> = Vec::new();
    let mut counter = Counter::default();
    while let Some(row) = rows.next()? {
        let (slug, value): (String, String) = (row.get(0)?, row.get(1)?);
        let url: String = row.get(2)?;
        let dates: Dates = from_json(row, 3)?;
        if !matches!(shelves.last(), Some((label, _)) if label.slug == slug) {
            finish(&mut shelves, &mut counter);
            let label = Label {
                axis,
                slug,
                value: String::new(),
            };
            shelves.push((label, Contents::default()));
        }
        // Of several spellings the one of the newest article is shown.
        if let Some((label, _)) = shelves.last_mut() {
            label.value = value;
        }
        counter.add(&url, dates.modified);
    }
    finish(&mut shelves, &mut counter);
    Ok(shelves)
}

/// The last of `shelves` has all that was counted; a hasher for each would be 2 KB each.
fn finish(shelves: &mut [(Label, Contents)], counter: &mut Counter) {
    if let Some((_, contents)) = shelves.last_mut() {
        *contents = std::mem::take(counter).finish();
    }
}

pub(super) fn find(connection: &Connection, name: &str) -> Result<Option<Shelf>, StoreError> {
    let sql = "SELECT inputs, updated FROM shelf WHERE name = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let read = |row: &rusqlite::Row<'_>| {
        Ok(Shelf {
            inputs: row.get(0)?,
            updated: read_instant(row, 1)?,
        })
    };
    Ok(statement.query_row([name], read).optional()?)
}

pub(super) fn put(connection: &Connection, name: &str, shelf: &Shelf) -> Result<(), StoreError> {
    connection
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
