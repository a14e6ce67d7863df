//! PostgreSQL.
//!
//! Each cell comes as JSON that the server writes, so that every type it has is read as it
//! is: arrays as lists, numbers to the last digit, times in ISO 8601.
//!
//! Everything happens in one transaction and nothing is set for the session, so that a
//! pooler between us and the server (PgBouncer in transaction mode) changes nothing.

mod connect;
mod listen;
mod words;

use std::{future::Future, pin::pin, time::Duration};

use futures_util::TryStreamExt as _;
use serde_json::Value;
use tokio::runtime::Runtime;
use tokio_postgres::{
    Client, Row, SimpleQueryMessage,
    types::{FromSql, Type},
};

use super::database::{
    Cell, Column, Database, Described, Kind, Session, Trouble, Wait, derived, utf8,
};
use crate::config::{DatabaseServerConfig, Relation};

/// Rows that are fetched at once.
const BATCH: usize = 500;
/// The server ends what takes too long; this is for one that says nothing any more.
const GRACE: Duration = Duration::from_secs(5);

pub(super) struct Postgres {
    config: DatabaseServerConfig,
}

impl Postgres {
    pub(super) const fn new(config: DatabaseServerConfig) -> Self {
        Self { config }
    }
}

impl Database for Postgres {
    fn open(&self) -> Result<Box<dyn Session>, Trouble> {
        let (runtime, client) = connect::connect(&self.config)?;
        let limit = self.config.sql.statement_timeout;
        let session = PostgresSession {
            runtime,
            client,
            limit,
        };
        session.begin()?;
        Ok(Box::new(session))
    }

    fn wait(&self) -> Result<Box<dyn Wait>, Trouble> {
        listen::listen(&self.config)
    }
}

struct PostgresSession {
    /// Of this thread alone; the connection lives on it, while one waits for an answer.
    runtime: Runtime,
    client: Client,
    limit: Duration,
}

impl PostgresSession {
    /// What may not differ from one server to the next is set for the transaction.
    fn begin(&self) -> Result<(), Trouble> {
        let sql = format!(
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; \
             SET LOCAL statement_timeout = {}; \
             SET LOCAL timezone = 'UTC'; \
             SET LOCAL datestyle = 'ISO'",
            self.limit.as_millis()
        );
        self.run(self.client.batch_execute(&sql))?;
        let sql = "SELECT pg_catalog.getdatabaseencoding()::text";
        let encoding = self.texts(sql, &[])?;
        if encoding
            .iter()
            .flatten()
            .flatten()
            .any(|name| name == "SQL_ASCII")
        {
            // Such a database holds any bytes, and the server refuses to send those that are
            // not UTF-8: rows that hold them are to be rejected alone.
            let sql = "SET LOCAL client_encoding = 'SQL_ASCII'";
            self.run(self.client.batch_execute(sql))?;
        }
        Ok(())
    }

    fn run<T>(
        &self,
        work: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, Trouble> {
        let limit = self.limit + GRACE;
        // The timer is the runtime's: it must be made inside.
        let timed = async { tokio::time::timeout(limit, work).await };
        match self.runtime.block_on(timed) {
            Ok(result) => result.map_err(|error| words::trouble(&error, self.limit)),
            Err(_) => Err(Trouble::too_slow(self.limit)),
        }
    }

    /// Runs one statement, without a name: a pooler would not know whose it is. Returns how
    /// many rows there were.
    fn each_row(
        &self,
        sql: &str,
        values: &[String],
        each: &mut dyn FnMut(&Row),
    ) -> Result<usize, Trouble> {
        let values = values.iter().map(|value| (value, Type::TEXT));
        let rows = self.run(self.client.query_typed_raw(sql, values))?;
        let mut rows = pin!(rows);
        let mut count = 0;
        while let Some(row) = self.run(rows.try_next())? {
            count += 1;
            each(&row);
        }
        Ok(count)
    }

    /// The texts that a statement selects; all of it is held.
    fn texts(&self, sql: &str, values: &[String]) -> Result<Vec<Vec<Option<String>>>, Trouble> {
        let mut texts = Vec::new();
        self.each_row(sql, values, &mut |row| {
            texts.push((0..row.len()).map(|at| text(row, at)).collect());
        })?;
        Ok(texts)
    }

    fn table(&self, name: &str) -> Result<Described, Trouble> {
        let found = self.texts(TABLE, &[name.to_owned()])?;
        let Some([Some(schema), Some(table), Some(oid)]) = found.first().map(Vec::as_slice) else {
            let known = self.texts(TABLES, &[])?.into_iter().flatten().flatten();
            return Err(Trouble::no_table(name, &known.collect::<Vec<_>>()));
        };
        let mut columns = Vec::new();
        for row in self.texts(COLUMNS, std::slice::from_ref(oid))? {
            if let [Some(name), Some(type_name), Some(may_read)] = row.as_slice() {
                columns.push(Column {
                    may_read: may_read == "true",
                    ..column(name.clone(), type_name.clone())
                });
            }
        }
        let key = self.texts(KEY, std::slice::from_ref(oid))?;
        let key: Vec<String> = key.into_iter().flatten().flatten().collect();
        let readable = |name: &String| {
            let mut columns = columns.iter();
            columns.any(|column| column.may_read && column.name == *name)
        };
        Ok(Described {
            from: format!("{}.{}", quote(schema), quote(table)),
            key: if key.iter().all(readable) {
                key
            } else {
                Vec::new()
            },
            columns,
            folds: false,
        })
    }

    fn query(&self, query: &str) -> Result<Described, Trouble> {
        let from = derived(query);
        // This protocol takes one statement and no more; only what has passed it is given
        // to the other, which tells the names of columns.
        let wrong = |trouble: Trouble| Trouble {
            text: format!("{}; see query in [source.postgres]", trouble.text),
            ..trouble
        };
        self.each_row(&format!("SELECT 1 FROM {from} LIMIT 0"), &[], &mut |_| {})
            .map_err(wrong)?;
        let sql = format!("SELECT * FROM {from} LIMIT 0");
        let said = self.run(self.client.simple_query(&sql)).map_err(wrong)?;
        let names: Vec<String> = said
            .iter()
            .filter_map(|message| match message {
                SimpleQueryMessage::RowDescription(columns) => Some(columns.iter()),
                _ => None,
            })
            .flatten()
            .map(|column| column.name().to_owned())
            .collect();
        let types: Vec<String> = names
            .iter()
            .map(|name| format!("pg_catalog.pg_typeof(dateline.{})::text", quote(name)))
            .collect();
        let sql = format!(
            "SELECT {} FROM (SELECT 1) AS one LEFT JOIN (SELECT * FROM {from} LIMIT 0) AS \
             dateline ON true",
            types.join(", ")
        );
        let types = self.texts(&sql, &[]).map_err(wrong)?;
        let types = types.into_iter().next().unwrap_or_default();
        let columns = names
            .into_iter()
            .zip(types)
            .map(|(name, type_name)| column(name, type_name.unwrap_or_default()));
        Ok(Described {
            columns: columns.collect(),
            key: Vec::new(),
            folds: false,
            from,
        })
    }
}

impl Session for PostgresSession {
    fn describe(&mut self, relation: &Relation) -> Result<Described, Trouble> {
        match relation {
            Relation::Table(name) => self.table(name),
            Relation::Query(query) => self.query(query),
        }
    }

    /// By a cursor, batch by batch: a statement's time is counted for each, and what the
    /// server has ready is never more than one.
    fn rows(
        &mut self,
        sql: &str,
        values: &[Value],
        each: &mut dyn FnMut(Vec<Cell>),
    ) -> Result<(), Trouble> {
        let values: Vec<String> = values.iter().map(bound).collect();
        let declare = format!("DECLARE dateline NO SCROLL CURSOR FOR {sql}");
        self.each_row(&declare, &values, &mut |_| {})?;
        let fetch = format!("FETCH {BATCH} FROM dateline");
        loop {
            let count = self.each_row(&fetch, &[], &mut |row| {
                each((0..row.len()).map(|at| cell(row, at)).collect());
            })?;
            if count < BATCH {
                break;
            }
        }
        self.each_row("CLOSE dateline", &[], &mut |_| {})?;
        Ok(())
    }

    fn quote(&self, name: &str) -> String {
        quote(name)
    }

    fn output(&self, column: &Column) -> String {
        let name = quote(&column.name);
        // The type that is filled up with blanks loses them on its way to text.
        if column.type_name.starts_with("character(") {
            return format!("pg_catalog.to_json({name}::text)::text");
        }
        format!("pg_catalog.to_json({name})::text")
    }

    fn greatest(&self, column: &Column) -> String {
        format!("pg_catalog.to_json(max({}))::text", quote(&column.name))
    }

    fn place(&self, n: usize, column: &Column) -> String {
        format!("${n}::text::{}", column.type_name)
    }

    fn tally(&self, column: &Column) -> String {
        let name = quote(&column.name);
        let sum = match column.kind {
            Kind::Time => format!("sum(extract(epoch FROM {name}))"),
            Kind::Number => format!("sum({name})"),
            _ => "0".to_owned(),
        };
        format!("pg_catalog.to_json(count(*))::text, pg_catalog.to_json({sum})::text")
    }

    fn now(&self) -> &'static str {
        "pg_catalog.to_json(extract(epoch FROM pg_catalog.now())::bigint)::text"
    }
}

/// A table or view by its name, where the search path leads to it, or by schema and name.
const TABLE: &str = "\
SELECT n.nspname::text, c.relname::text, c.oid::text \
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND (c.relname::text = $1 \
AND pg_catalog.pg_table_is_visible(c.oid) OR n.nspname::text || '.' || c.relname::text = $1) \
ORDER BY c.relname::text = $1 DESC LIMIT 1";

const TABLES: &str = "\
SELECT CASE WHEN pg_catalog.pg_table_is_visible(c.oid) THEN '' ELSE n.nspname || '.' END \
|| c.relname::text \
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT LIKE 'pg\\_%' \
AND n.nspname <> 'information_schema' ORDER BY 1 LIMIT 1000";

/// What a domain is made of is what counts.
const COLUMNS: &str = "\
SELECT a.attname::text, \
pg_catalog.format_type(coalesce(nullif(t.typbasetype, 0), t.oid), a.atttypmod)::text, \
pg_catalog.has_column_privilege(a.attrelid, a.attnum, 'SELECT')::text \
FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid \
WHERE a.attrelid = $1::text::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";

const KEY: &str = "\
SELECT a.attname::text FROM pg_catalog.pg_index i \
CROSS JOIN LATERAL pg_catalog.unnest(i.indkey) WITH ORDINALITY AS k(number, place) \
JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number \
WHERE i.indrelid = $1::text::oid AND i.indisprimary ORDER BY k.place";

fn column(name: String, type_name: String) -> Column {
    let first = type_name.split(['(', '[']).next().unwrap_or_default();
    let kind = match first.trim_end() {
        _ if type_name.ends_with("[]") => Kind::Other,
        "date" => Kind::Time,
        time if time.starts_with("timestamp") => Kind::Time,
        "smallint" | "integer" | "bigint" | "numeric" | "real" | "double precision" => Kind::Number,
        "boolean" => Kind::Flag,
        "text" | "character varying" | "character" | "citext" | "name" => Kind::Text,
        _ => Kind::Other,
    };
    Column {
        name,
        type_name,
        kind,
        may_read: true,
    }
}

fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Values are given as text and made what they are by the server.
fn bound(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The bytes of a cell, whatever they are.
struct Raw<'a>(&'a [u8]);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(raw))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

fn text(row: &Row, at: usize) -> Option<String> {
    let raw: Option<Raw<'_>> = row.try_get(at).ok()?;
    raw.map(|raw| String::from_utf8_lossy(raw.0).into_owned())
}

fn cell(row: &Row, at: usize) -> Cell {
    let raw: Option<Raw<'_>> = row.try_get(at).map_err(|error| error.to_string())?;
    let Some(Raw(bytes)) = raw else {
        return Ok(Value::Null);
    };
    utf8(bytes)?;
    serde_json::from_slice(bytes).map_err(|error| format!("cannot be read: {error}"))
}
