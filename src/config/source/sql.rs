//! `[source.sqlite]`, `[source.postgres]` and `[source.mysql]`.

use std::{fmt, path::PathBuf, time::Duration};

use url::Url;

use super::template;
use crate::{
    article::UrlTemplate,
    config::{
        fault::Faults,
        reader::{Table, Text},
    },
};

/// What is asked of a database, whichever it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlConfig {
    /// `table` or `query`.
    pub from: Relation,
    /// `address`: for rows that have a slug and no URL. It is not called `url`, as elsewhere,
    /// since that is where the database is.
    pub address: Option<UrlTemplate>,
    /// `columns`: our name → the column's.
    pub columns: Vec<(String, String)>,
    /// `changed`: the column that tells what is new since the last look.
    pub changed: Option<String>,
    /// `deleted`: the column that tells that a row is gone.
    pub deleted: Option<String>,
    /// `overlap`: how far before the newest change seen a reading of changes begins, for
    /// transactions that were committed late.
    pub overlap: Duration,
    /// `compare`: how often everything is read and compared.
    pub compare: Duration,
    /// `statement_timeout`: how long the database may work for the next rows.
    pub statement_timeout: Duration,
}

/// What holds the articles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Relation {
    /// `table`: a table or view; before it its schema and a dot, or not.
    Table(String),
    /// `query`: the operator's own SQL.
    Query(String),
}

/// `[source.sqlite]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqliteConfig {
    /// `path`: absolute here.
    pub path: PathBuf,
    /// What is asked of it.
    pub sql: SqlConfig,
}

/// `[source.postgres]`, `[source.mysql]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseServerConfig {
    /// `url`
    pub url: DatabaseUrl,
    /// `password_file`: absolute here; read at each connection.
    pub password_file: Option<PathBuf>,
    /// `tls`
    pub tls: DatabaseTls,
    /// `tls_ca`: certificates to trust beside the system's, absolute here.
    pub tls_ca: Option<PathBuf>,
    /// `interval`: how often it is asked whether there is something new.
    pub interval: Duration,
    /// `listen`: the channel on which PostgreSQL tells of changes.
    pub listen: Option<String>,
    /// What is asked of it.
    pub sql: SqlConfig,
}

/// How a connection to a database is kept from others, in the words of libpq's `sslmode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatabaseTls {
    /// `"disable"`: not at all.
    Disable,
    /// `"require"`: against those who listen, not against those who stand in between.
    Require,
    /// `"verify-ca"`: the certificate must be of a trusted authority.
    VerifyCa,
    /// `"verify-full"`: and for the host of the URL.
    VerifyFull,
}

/// The address of a database server, which may hold a password: it is shown without what is
/// secret.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(Url);

impl DatabaseUrl {
    /// All of it, for the client library alone.
    #[must_use]
    pub const fn secret(&self) -> &Url {
        &self.0
    }

    /// Whether it leads to this machine.
    fn is_local(&self) -> bool {
        let given = self.0.host_str().unwrap_or_default();
        let named = self.0.query_pairs().find(|(key, _)| key == "host");
        let host = named.map_or(given.to_owned(), |(_, host)| host.into_owned());
        let host = host.trim_matches(['[', ']']);
        let address: Option<std::net::IpAddr> = host.parse().ok();
        // A path, plain or percent-encoded, is a Unix socket.
        ["", "localhost"].contains(&host)
            || host.starts_with(['/', '%'])
            || address.is_some_and(|address| address.is_loopback())
    }
}

/// Without user, password and options.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://", self.0.scheme())?;
        f.write_str(self.0.host_str().unwrap_or_default())?;
        if let Some(port) = self.0.port() {
            write!(f, ":{port}")?;
        }
        f.write_str(self.0.path())
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Our names of what a table may call otherwise: every field of an article.
pub(super) const COLUMNS: [&str; 25] = [
    "id",
    "url",
    "slug",
    "title",
    "summary",
    "content_html",
    "content_markdown",
    "content_text",
    "authors",
    "tags",
    "section",
    "language",
    "published",
    "updated",
    "image",
    "image_alt",
    "enclosures",
    "alternates",
    "draft",
    "noindex",
    "reading_minutes",
    "canonical",
    "original",
    "videos",
    "episode",
];

const TLS: [(&str, DatabaseTls); 4] = [
    ("disable", DatabaseTls::Disable),
    ("require", DatabaseTls::Require),
    ("verify-ca", DatabaseTls::VerifyCa),
    ("verify-full", DatabaseTls::VerifyFull),
];

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

pub(super) fn sqlite(
    mut table: Table<'_>,
    faults: &mut Faults,
    root: &std::path::Path,
) -> Option<SqliteConfig> {
    let path = table.required_text(faults, "path", "articles.db");
    let sql = sql(&mut table, faults);
    table.finish(faults);
    Some(SqliteConfig {
        path: root.join(path?.value),
        sql: sql?,
    })
}

/// What a server's URL begins with, the word for examples first.
pub(super) const POSTGRES: [&str; 2] = ["postgres", "postgresql"];
pub(super) const MYSQL: [&str; 2] = ["mysql", "mariadb"];

pub(super) fn server(
    mut table: Table<'_>,
    faults: &mut Faults,
    root: &std::path::Path,
    schemes: [&str; 2],
) -> Option<DatabaseServerConfig> {
    let example = format!("{}://dateline@localhost/blog", schemes[0]);
    let url = table.required_text(faults, "url", &example);
    let url = url.and_then(|text| database_url(faults, &text, schemes, &example));
    let password_file = table.text(faults, "password_file", "db.password");
    let tls = table.choice(faults, "tls", &TLS);
    let tls_ca = table.text(faults, "tls_ca", "ca.pem");
    let interval = table.duration(faults, "interval", SECOND..=DAY, 30 * SECOND);
    let listen = match schemes {
        POSTGRES => table.text(faults, "listen", "articles"),
        _ => None,
    };
    if let Some(text) = listen.as_ref().filter(|text| !is_channel(text.value)) {
        let message = "the channel to listen on has no name, or one that is too long";
        faults.add(
            text.span.clone(),
            message,
            "write up to 63 bytes, as after NOTIFY",
        );
    }
    let sql = sql(&mut table, faults);
    table.finish(faults);
    let url = url?;
    let said = said_tls(&url);
    let usual = if url.is_local() {
        DatabaseTls::Disable
    } else {
        DatabaseTls::VerifyFull
    };
    Some(DatabaseServerConfig {
        tls: tls.or(said).unwrap_or(usual),
        tls_ca: tls_ca.map(|text| root.join(text.value)),
        password_file: password_file.map(|text| root.join(text.value)),
        interval,
        listen: listen.map(|text| text.value.to_owned()),
        url,
        sql: sql?,
    })
}

/// Longer names of channels are refused by PostgreSQL.
fn is_channel(name: &str) -> bool {
    (1..=63).contains(&name.len()) && !name.contains('\0')
}

/// What `?sslmode=` in the URL says, as hosted databases hand it out.
fn said_tls(url: &DatabaseUrl) -> Option<DatabaseTls> {
    let (_, said) = url.0.query_pairs().find(|(key, _)| key == "sslmode")?;
    let found = TLS.iter().find(|(word, _)| *word == said);
    found.map(|(_, tls)| *tls)
}

/// The address itself, or `env:NAME`, the variable of the environment that holds it.
fn database_url(
    faults: &mut Faults,
    text: &Text<'_>,
    schemes: [&str; 2],
    example: &str,
) -> Option<DatabaseUrl> {
    let held = match text.value.strip_prefix("env:") {
        Some(name) => match std::env::var(name) {
            Ok(held) => held,
            Err(_) => {
                let message = format!("the environment has no variable {name:?}");
                let help = format!("set it, for example to {example}");
                faults.add(text.span.clone(), message, help);
                return None;
            }
        },
        None => text.value.to_owned(),
    };
    // What is wrong is said without the text: it may hold a password.
    let fault = match Url::parse(&held) {
        Ok(url) if !schemes.contains(&url.scheme()) => format!(
            "it begins with {}://, and must begin with {}://",
            url.scheme(),
            schemes[0]
        ),
        Ok(url) => return Some(DatabaseUrl(url)),
        Err(error) => error.to_string(),
    };
    let message = format!("this is not the address of the database: {fault}");
    let help = format!("write for example \"{example}\", or \"env:DATABASE_URL\"");
    faults.add(text.span.clone(), message, help);
    None
}

fn sql(table: &mut Table<'_>, faults: &mut Faults) -> Option<SqlConfig> {
    let from = relation(table, faults);
    let address = template(table, faults, "address", "/blog/{slug}/");
    let changed = name(table, faults, "changed", "updated_at");
    let deleted = name(table, faults, "deleted", "deleted_at");
    let overlap = table.duration(faults, "overlap", Duration::ZERO..=DAY, 300 * SECOND);
    let compare = table.duration(faults, "compare", 60 * SECOND..=30 * DAY, 3600 * SECOND);
    let statement_timeout =
        table.duration(faults, "statement_timeout", SECOND..=DAY / 24, 60 * SECOND);
    let columns = columns(table, faults);
    Some(SqlConfig {
        from: from?,
        address,
        columns,
        changed,
        deleted,
        overlap,
        compare,
        statement_timeout,
    })
}

fn relation(table: &mut Table<'_>, faults: &mut Faults) -> Option<Relation> {
    let help = "write table = \"articles\", or query = \"SELECT …\"";
    let named = (table.has("table"), table.has("query"));
    let (tables, query) = (
        table.text(faults, "table", "articles"),
        table.text(faults, "query", "SELECT * FROM articles"),
    );
    match named {
        (false, false) => faults.add(table.span(), "neither table nor query is said", help),
        (true, true) => {
            let span = table.key_span("query").unwrap_or_else(|| table.span());
            faults.add(span, "both table and query are said", "keep one of them");
            return None;
        }
        _ => {}
    }
    let text = tables.as_ref().or(query.as_ref())?;
    // No database has names with it, and no statement ends before it unseen.
    if text.value.trim().is_empty() || text.value.contains('\0') {
        faults.add(text.span.clone(), "this names no table", help);
        return None;
    }
    let value = text.value.to_owned();
    Some(match tables {
        Some(_) => Relation::Table(value),
        None => Relation::Query(value),
    })
}

/// The name of a column, as it is: there may be blanks in it.
fn name(
    table: &mut Table<'_>,
    faults: &mut Faults,
    key: &'static str,
    example: &str,
) -> Option<String> {
    let Text { value, span } = table.text(faults, key, example)?;
    if value.is_empty() || value.contains('\0') {
        let message = format!("{} names no column", table.path(key));
        faults.add(span, message, "write the name that the database uses");
        return None;
    }
    Some(value.to_owned())
}

fn columns(table: &mut Table<'_>, faults: &mut Faults) -> Vec<(String, String)> {
    let Some(mut table) = table.table(faults, "columns") else {
        return Vec::new();
    };
    let mut columns = Vec::new();
    for ours in COLUMNS {
        if let Some(theirs) = name(&mut table, faults, ours, "created_at") {
            columns.push((ours.to_owned(), theirs));
        }
    }
    table.finish(faults);
    columns
}
