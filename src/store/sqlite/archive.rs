//! Finished pages of archives (RFC 5005 section 4): which articles are in them, and as what.
//!
//! A page has its articles as they were when it was finished. A row of `archived` names the
//! version; while that is still the present one it is read from the article, and before the
//! article becomes another, the version is put into `superseded`.

use rusqlite::{Connection, params, params_from_iter, types::Value};

use super::{
    rows::{read_article, read_glimpse, to_json},
    selection::{Query, number},
};
use crate::{
    article::{Article, Selection, Timestamp},
    store::{Glimpse, StoreError},
};

/// The articles of page `?2` of the archive `?1`; those removed since are left out.
const PAGE: &str = "archived JOIN article ON article.key = archived.article
    LEFT JOIN superseded AS old
        ON old.article = archived.article AND old.version = archived.version
    WHERE feed = ?1 AND page = ?2 AND removed IS NULL
        AND (article.version = archived.version OR old.version IS NOT NULL)
    ORDER BY position DESC";

pub(super) fn pages(connection: &Connection, feed: &str) -> Result<u64, StoreError> {
    let last: i64 = connection
        .prepare_cached("SELECT coalesce(max(page), 0) FROM archived WHERE feed = ?1")?
        .query_row([feed], |row| row.get(0))?;
    Ok(u64::try_from(last).unwrap_or_default())
}

pub(super) fn page(
    connection: &Connection,
    feed: &str,
    page: u64,
) -> Result<Vec<Article>, StoreError> {
    let sql = format!(
        "SELECT id, coalesce(old.dates, article.dates), coalesce(old.piece, article.piece),
                coalesce(old.adopted, article.adopted) FROM {PAGE}"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(params![feed, count(page)], read_article)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn glimpse_page(
    connection: &Connection,
    feed: &str,
    page: u64,
) -> Result<Vec<Glimpse>, StoreError> {
    let sql = format!(
        "SELECT id, archived.version,
                CASE WHEN old.version IS NULL THEN article.modified ELSE old.modified END
         FROM {PAGE}"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(params![feed, count(page)], read_glimpse)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// See [`crate::store::Transaction::archive`].
pub(super) fn extend(
    connection: &Connection,
    feed: &str,
    selection: &Selection,
    now: Timestamp,
    size: usize,
) -> Result<u64, StoreError> {
    let last = pages(connection, feed)?;
    let outside = Selection {
        outside: Some(feed.to_owned()),
        ..selection.clone()
    };
    let left = super::selection::count(connection, &outside, now)?;
    let more = (left / size.max(1)).saturating_sub(1);
    if more > 0 {
        let mut query = Query::of(&outside, now)?;
        // What was seen under a clock that ran ahead is shown otherwise once its time comes.
        query
            .condition
            .push_str(" AND (modified IS NULL OR modified <= ?1)");
        let feed = query.parameter(Value::Text(feed.to_owned()));
        let first = query.parameter(Value::Integer(count(last + 1)));
        let per_page = query.parameter(number(size));
        let taken = query.parameter(number(more * size));
        let sql = format!(
            "INSERT INTO archived (feed, page, position, article, version)
             SELECT {feed}, {first} + place / {per_page}, place % {per_page}, key, version FROM (
                 SELECT key, version,
                        row_number() OVER (ORDER BY published NULLS FIRST, id) - 1 AS place
                 FROM article WHERE {} ORDER BY place LIMIT {taken})",
            query.condition
        );
        connection
            .prepare_cached(&sql)?
            .execute(params_from_iter(query.parameters))?;
    }
    Ok(last + more as u64)
}

/// See [`crate::store::Transaction::keep_archives`].
pub(super) fn keep(connection: &Connection, feeds: &[String]) -> Result<(), StoreError> {
    let others = "feed NOT IN (SELECT value FROM json_each(?1))";
    connection.execute(
        &format!("DELETE FROM archived WHERE {others}"),
        [to_json(&feeds)?],
    )?;
    Ok(())
}

/// Keeps the article `key` as it is, if a finished page has it so: it is about to become
/// another.
pub(super) fn supersede(connection: &Connection, key: i64) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT OR IGNORE INTO superseded (article, version, modified, dates, adopted, piece)
             SELECT key, version, modified, dates, adopted, piece FROM article
             WHERE key = ?1 AND EXISTS (
                 SELECT 1 FROM archived
                 WHERE archived.article = key AND archived.version = article.version)",
        )?
        .execute([key])?;
    Ok(())
}

fn count(page: u64) -> i64 {
    i64::try_from(page).unwrap_or(i64::MAX)
}
