//! Finds the articles of a selection.

use rusqlite::{Connection, Row, params_from_iter, types::Value};

use super::{
    catalogue::PUBLIC,
    rows::{read_article, read_glimpse, to_json},
};
use crate::{
    article::{Article, Criterion, Order, Selection, Timestamp},
    store::{Glimpse, StoreError},
};

/// The first `limit` articles of `selection` that are public at `now`.
pub(super) fn find(
    connection: &Connection,
    selection: &Selection,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<Article>, StoreError> {
    let columns = "id, dates, piece, adopted";
    first(connection, columns, read_article, selection, now, limit)
}

/// The same, without what they say.
pub(super) fn glimpse(
    connection: &Connection,
    selection: &Selection,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<Glimpse>, StoreError> {
    let columns = "id, version, modified";
    first(connection, columns, read_glimpse, selection, now, limit)
}

fn first<T>(
    connection: &Connection,
    columns: &str,
    read: fn(&Row<'_>) -> rusqlite::Result<T>,
    selection: &Selection,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<T>, StoreError> {
    let mut query = Query::of(selection, now)?;
    let order = match selection.order {
        Order::Newest => "published DESC NULLS LAST, id DESC",
        Order::Oldest => "published ASC NULLS LAST, id",
        Order::Updated => "modified DESC NULLS LAST, id DESC",
    };
    let limit = query.parameter(number(limit));
    let sql = format!(
        "SELECT {columns} FROM article WHERE {} ORDER BY {order} LIMIT {limit}",
        query.condition
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(params_from_iter(query.parameters), read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// How many articles of `selection` are public at `now`.
pub(super) fn count(
    connection: &Connection,
    selection: &Selection,
    now: Timestamp,
) -> Result<usize, StoreError> {
    let query = Query::of(selection, now)?;
    let sql = format!("SELECT count(*) FROM article WHERE {}", query.condition);
    let mut statement = connection.prepare_cached(&sql)?;
    let count: i64 = statement.query_row(params_from_iter(query.parameters), |row| row.get(0))?;
    Ok(usize::try_from(count).unwrap_or_default())
}

pub(super) fn number(count: usize) -> Value {
    Value::Integer(i64::try_from(count).unwrap_or(i64::MAX))
}

/// A condition in SQL, and the values it names by number.
pub(super) struct Query {
    pub(super) condition: String,
    pub(super) parameters: Vec<Value>,
}

impl Query {
    pub(super) fn of(selection: &Selection, now: Timestamp) -> Result<Self, StoreError> {
        let mut query = Self {
            condition: PUBLIC.to_owned(),
            parameters: vec![Value::Integer(now.unix())],
        };
        for criterion in &selection.all_of {
            let matches = query.matches(criterion)?;
            query.condition.push_str(&format!(" AND ({matches})"));
        }
        for criterion in &selection.none_of {
            let matches = query.matches(criterion)?;
            query.condition.push_str(&format!(" AND NOT ({matches})"));
        }
        if let Some(since) = selection.since {
            let since = query.parameter(Value::Integer(since.unix()));
            query
                .condition
                .push_str(&format!(" AND published >= {since}"));
        }
        if selection.indexed {
            query.condition.push_str(" AND NOT noindex");
        }
        if let Some(feed) = &selection.outside {
            let feed = query.parameter(Value::Text(feed.clone()));
            query.condition.push_str(&format!(
                " AND NOT EXISTS (SELECT 1 FROM archived
                      WHERE archived.article = key AND archived.version = article.version
                          AND archived.feed = {feed})"
            ));
        }
        if selection.episodes {
            query.condition.push_str(
                " AND EXISTS (SELECT 1 FROM json_each(piece, '$.enclosures') AS file
                      WHERE file.value ->> 'media_type' LIKE 'audio/%'
                          OR file.value ->> 'media_type' LIKE 'video/%')",
            );
        }
        Ok(query)
    }

    /// Adds a value, and says what it is called.
    pub(super) fn parameter(&mut self, value: Value) -> String {
        self.parameters.push(value);
        format!("?{}", self.parameters.len())
    }

    fn matches(&mut self, criterion: &Criterion) -> Result<String, StoreError> {
        let axis = self.parameter(Value::Text(criterion.axis.name().to_owned()));
        let slugs = self.parameter(Value::Text(to_json(&criterion.slugs)?));
        // By the rows of the label and not by asking each article, of which there are more.
        let named = format!(
            "key IN (SELECT article FROM label WHERE axis = {axis}
                         AND slug IN (SELECT value FROM json_each({slugs})))"
        );
        Ok(if criterion.unnamed {
            format!("{named} OR key NOT IN (SELECT article FROM label WHERE axis = {axis})")
        } else {
            named
        })
    }
}
