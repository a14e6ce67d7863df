//! `[source.…]`: one file per kind.

mod file;
mod http;
mod markdown;
mod sql;

pub use http::{HttpSourceConfig, Next, Preset, Secret, Size, read_token};
pub use sql::{DatabaseServerConfig, DatabaseTls, DatabaseUrl, Relation, SqlConfig, SqliteConfig};

use std::path::Path;

use super::{
    SourceConfig,
    fault::Faults,
    reader::{Table, quoted},
};
use crate::article::UrlTemplate;

/// A kind of source.
struct Kind {
    name: &'static str,
    read: fn(Table<'_>, &mut Faults, &Path) -> Option<SourceConfig>,
}

const KINDS: [Kind; 6] = [
    Kind {
        name: "file",
        read: |table, faults, root| file::read(table, faults, root).map(SourceConfig::File),
    },
    Kind {
        name: "markdown",
        read: |table, faults, root| markdown::read(table, faults, root).map(SourceConfig::Markdown),
    },
    Kind {
        name: "http",
        read: |table, faults, root| {
            http::read(table, faults, root).map(|http| SourceConfig::Http(Box::new(http)))
        },
    },
    Kind {
        name: "sqlite",
        read: |table, faults, root| sql::sqlite(table, faults, root).map(SourceConfig::Sqlite),
    },
    Kind {
        name: "postgres",
        read: |table, faults, root| {
            sql::server(table, faults, root, sql::POSTGRES).map(SourceConfig::Postgres)
        },
    },
    Kind {
        name: "mysql",
        read: |table, faults, root| {
            sql::server(table, faults, root, sql::MYSQL).map(SourceConfig::Mysql)
        },
    },
];

fn bracketed(kind: &str) -> String {
    format!("[source.{kind}]")
}

/// What to do where there is none: every kind there is.
fn remedy() -> String {
    let others = KINDS.iter().skip(1).map(|kind| bracketed(kind.name));
    let others = others.collect::<Vec<_>>().join(", ");
    format!(
        "add {} with path = \"articles.toml\", or another of {others}",
        bracketed(KINDS[0].name)
    )
}

/// Reads whichever kind is there. `root` is the folder that paths are relative to.
pub(super) fn read(
    document: &mut Table<'_>,
    faults: &mut Faults,
    root: &Path,
) -> Option<SourceConfig> {
    let Some(mut table) = document.table(faults, "source") else {
        if !document.has("source") {
            faults.add(0..0, "nothing says where the articles come from", remedy());
        }
        return None;
    };
    let there: Vec<&Kind> = KINDS.iter().filter(|kind| table.has(kind.name)).collect();
    let mut source = None;
    for kind in &there {
        if let Some(inner) = table.table(faults, kind.name) {
            source = (kind.read)(inner, faults, root);
        }
    }
    match there.as_slice() {
        [_] => {}
        [] => faults.add(table.span(), "[source] names no kind of source", remedy()),
        [..] => {
            let spans = there.iter().filter_map(|kind| table.key_span(kind.name));
            let last = spans.max_by_key(|span| span.start);
            let span = last.unwrap_or_else(|| table.span());
            let names: Vec<_> = there.iter().map(|kind| bracketed(kind.name)).collect();
            let message = format!("there is more than one source: {}", names.join(", "));
            faults.add(span, message, "keep the one that holds the articles");
            source = None;
        }
    }
    table.finish(faults);
    source
}

fn template(
    table: &mut Table<'_>,
    faults: &mut Faults,
    key: &'static str,
    example: &str,
) -> Option<UrlTemplate> {
    let text = table.text(faults, key, example)?;
    UrlTemplate::parse(text.value)
        .map_err(|error| {
            let message = format!("the URL template cannot be used: {error}");
            faults.add(
                text.span,
                message,
                format!("write for example {}", quoted(example)),
            );
        })
        .ok()
}
