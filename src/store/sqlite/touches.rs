//! Notes where an article stands that changed, came or went.

use rusqlite::{Connection, params};

use crate::{
    article::{Axis, Timestamp},
    store::{StoreError, Touched},
};

/// Notes where the article `key` stands now.
pub(super) fn touch(
    connection: &Connection,
    touched: &mut Touched,
    key: i64,
) -> Result<(), StoreError> {
    if touched.everything {
        return Ok(());
    }
    let slice = connection
        .prepare_cached("SELECT month, slice FROM article WHERE key = ?1")?
        .query_row([key], |row| Ok((row.get(0)?, row.get(1)?)))?;
    touched.slices.insert(slice);
    let mut statement =
        connection.prepare_cached("SELECT axis, slug FROM label WHERE article = ?1")?;
    let mut rows = statement.query([key])?;
    while let Some(row) = rows.next()? {
        let name = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
        if let Some(axis) = Axis::ALL.into_iter().find(|axis| axis.name() == name) {
            touched.labels.insert((axis, row.get(1)?));
        }
    }
    touched.sum_up();
    Ok(())
}

/// Notes the finished pages that lose the article `key`, or get it back.
pub(super) fn touch_pages(
    connection: &Connection,
    touched: &mut Touched,
    key: i64,
) -> Result<(), StoreError> {
    if touched.everything {
        return Ok(());
    }
    let mut statement =
        connection.prepare_cached("SELECT feed, page FROM archived WHERE article = ?1")?;
    let mut rows = statement.query([key])?;
    while let Some(row) = rows.next()? {
        let page: i64 = row.get(1)?;
        let page = u64::try_from(page).unwrap_or_default();
        touched.pages.insert((row.get(0)?, page));
    }
    touched.sum_up();
    Ok(())
}

/// Adds what was touched elsewhere.
pub(super) fn add(touched: &mut Touched, more: Touched) {
    if touched.everything || more.everything {
        *touched = Touched::everything();
        return;
    }
    touched.slices.extend(more.slices);
    touched.labels.extend(more.labels);
    touched.pages.extend(more.pages);
    touched.sum_up();
}

/// The articles that became public, or whose date may be shown, after `made` and until `now`,
/// though nothing happened but time.
pub(super) fn due(
    connection: &Connection,
    made: Timestamp,
    now: Timestamp,
) -> Result<Vec<i64>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT key FROM article WHERE removed IS NULL AND published > ?1 AND published <= ?2
         UNION SELECT key FROM article WHERE removed IS NULL AND modified > ?1 AND modified <= ?2",
    )?;
    let rows = statement.query_map(params![made.unix(), now.unix()], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
