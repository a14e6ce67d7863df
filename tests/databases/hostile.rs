//! Names and values that are made to be taken for SQL.

use std::{collections::BTreeSet, fmt::Write as _};

use dateline::source::Reading;
use rusqlite::Connection;

use super::{
    catalogue::Site,
    servers::{mariadb, postgres},
};

/// What ends, opens or comments, in every dialect; keywords; and what looks like another.
const NASTY: [&str; 34] = [
    "a\"; DROP TABLE canary; --",
    "a'; DROP TABLE canary; --",
    "a`; DROP TABLE canary; --",
    "a]; DROP TABLE canary; --",
    "\"",
    "\"\"",
    "''",
    "``",
    "\\",
    "\\\"; DROP TABLE canary; --",
    "\\'; DROP TABLE canary; --",
    "a\" UNION SELECT secret FROM canary --",
    "a) ; DELETE FROM canary; --",
    "$$; DROP TABLE canary; $$",
    "$1",
    "?",
    "?1",
    ":name",
    "@name",
    "%s %d %n",
    "a/* */b",
    "--",
    "#",
    "/*! DROP TABLE canary */",
    "select",
    "from where",
    "a\nb",
    "a\tb",
    "a\r\nb",
    "ünïcode 数",
    "\u{202E}txet",
    "a\u{0301}",
    "\u{FEFF}bom",
    "x.y",
];

/// Names that are used as tables and as columns: 34 nasty ones and 66 made of pairs.
fn names() -> Vec<String> {
    let mut names: BTreeSet<String> = NASTY.map(str::to_owned).into();
    for (at, first) in NASTY.iter().enumerate() {
        for step in [3, 7] {
            let second = NASTY[(at + step) % NASTY.len()];
            names.insert(format!("{first}{second}"));
        }
    }
    // Longer than any identifier, by bytes.
    names.insert("ä".repeat(32));
    names.into_iter().filter(|name| name.len() <= 63).collect()
}

/// A string of TOML that holds any text.
fn toml(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        let _ = write!(out, "\\U{:08X}", u32::from(c));
    }
    out + "\""
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn keys(kind: &str, name: &str) -> String {
    let name = toml(name);
    format!(
        "table = {name}\nchanged = {name}\n[source.{kind}.columns]\nid = {name}\nupdated = {name}\n"
    )
}

/// Reads one table whose name, and whose column, is `name`.
fn check(site: &Site, name: &str, title: &str) {
    let readings = site.readings();
    let [Reading::Draft(draft)] = readings.as_slice() else {
        panic!("{name:?}: {readings:?}")
    };
    assert_eq!(draft.title.as_deref(), Some(title), "{name:?}");
    assert_eq!(draft.id.as_deref(), Some("2026-06-10 12:00:00"), "{name:?}");
    assert_eq!(draft.locator.file, name);
    let bookmark = site.whole().unwrap();
    let (news, next) = site.changes(&bookmark);
    assert_eq!((news.len(), next.is_some()), (1, true), "{name:?}");
}

#[test]
fn sqlite_takes_hostile_names_and_values_for_what_they_are() {
    let mut checked = 0;
    for name in names() {
        let site = Site::new(&format!(
            "[source.sqlite]\npath = \"a.db\"\n{}",
            keys("sqlite", &name)
        ));
        let quoted = format!("\"{}\"", name.replace('"', "\"\""));
        let database = Connection::open(site.path("a.db")).unwrap();
        let sql = format!(
            "CREATE TABLE canary (secret); INSERT INTO canary VALUES (1);
             CREATE TABLE {quoted} ({quoted} TEXT PRIMARY KEY, title TEXT);
             INSERT INTO {quoted} VALUES ('2026-06-10 12:00:00', {})",
            literal(&name)
        );
        database
            .execute_batch(&sql)
            .unwrap_or_else(|error| panic!("{name:?}: {error}"));
        check(&site, &name, &name);
        let left: i64 = database
            .query_row("SELECT count(*) FROM canary", [], |row| row.get(0))
            .unwrap();
        assert_eq!(left, 1, "{name:?}");
        checked += 2;
    }
    assert!(checked >= 180, "only {checked}");
}

#[test]
fn postgresql_runs_no_statement_but_the_intended_ones() {
    let (server, database) = (postgres(), postgres().database());
    server.sql(
        &database,
        "CREATE TABLE canary (secret int); INSERT INTO canary VALUES (1)",
    );
    let names = names();
    assert!(names.len() >= 90, "only {}", names.len());
    let mut sql = String::new();
    for name in &names {
        let quoted = format!("\"{}\"", name.replace('"', "\"\""));
        let _ = write!(
            sql,
            "CREATE TABLE {quoted} ({quoted} text PRIMARY KEY, title text); \
             INSERT INTO {quoted} VALUES ('2026-06-10 12:00:00', {}); ",
            literal(name)
        );
    }
    server.sql(&database, &sql);
    for name in &names {
        let site = Site::postgres(&server.url(&database), &keys("postgres", name));
        check(&site, name, name);
    }
    for query in [
        "SELECT 1) AS a; DROP TABLE canary; --",
        "SELECT 1; DROP TABLE canary",
        "SELECT 1) AS a; COMMIT; DROP TABLE canary; SELECT * FROM (SELECT 1",
        "DROP TABLE canary",
        "DELETE FROM canary RETURNING secret AS id",
        "WITH gone AS (DELETE FROM canary RETURNING secret AS id) SELECT * FROM gone",
        "SELECT set_config('transaction_read_only', 'off', false) AS id",
    ] {
        let site = Site::postgres(&server.url(&database), &format!("query = {}", toml(query)));
        assert!(site.source().read(&mut |_| {}).is_err(), "{query}");
    }
    assert_eq!(server.sql(&database, "SELECT count(*) FROM canary"), "1\n");
    let log = server.0.log();
    let mut statements = 0;
    for line in log
        .lines()
        .filter(|line| line.contains(&format!(" reader@{database} ")))
    {
        let said = [" LOG:  statement: ", " LOG:  execute <unnamed>: "];
        let statement = said.iter().find_map(|said| line.split_once(said));
        let Some((_, statement)) = statement else {
            assert!(
                !line.contains(" LOG:  execute "),
                "a statement with a name: {line}"
            );
            continue;
        };
        statements += 1;
        let intended = [
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL ",
            "SELECT ",
            "DECLARE dateline NO SCROLL CURSOR FOR SELECT ",
            "FETCH 500 FROM dateline",
            "CLOSE dateline",
        ];
        assert!(
            intended.iter().any(|begin| statement.starts_with(begin)),
            "{line}"
        );
    }
    assert!(statements > 1000, "the log holds {statements} statements");
}

#[test]
fn mariadb_takes_hostile_names_and_values_for_what_they_are() {
    let (server, database) = (mariadb(), mariadb().database());
    server.sql(
        &database,
        "CREATE TABLE canary (secret int); INSERT INTO canary VALUES (1)",
    );
    // No name ends with a blank or has a character past the basic plane there.
    let names: Vec<String> = names()
        .into_iter()
        .filter(|name| name.chars().count() < 60)
        .collect();
    assert!(names.len() >= 90, "only {}", names.len());
    let mut sql = String::new();
    for name in &names {
        let quoted = format!("`{}`", name.replace('`', "``"));
        let _ = write!(
            sql,
            "CREATE TABLE {quoted} ({quoted} VARCHAR(80) PRIMARY KEY, title TEXT); \
             INSERT INTO {quoted} VALUES ('2026-06-10 12:00:00', {}); ",
            literal(name)
        );
    }
    server.sql(&database, &sql);
    for name in &names {
        let site = Site::new(&format!(
            "[source.mysql]\nurl = \"{}\"\n{}",
            server.url(&database),
            keys("mysql", name)
        ));
        check(&site, name, name);
    }
    for query in [
        "SELECT 1) AS a; DROP TABLE canary; -- ",
        "SELECT 1; DROP TABLE canary",
        "DELETE FROM canary RETURNING secret AS id",
    ] {
        let site = Site::new(&format!(
            "[source.mysql]\nurl = \"{}\"\nquery = {}",
            server.url(&database),
            toml(query)
        ));
        assert!(site.source().read(&mut |_| {}).is_err(), "{query}");
    }
    assert_eq!(server.sql(&database, "SELECT count(*) FROM canary"), "1\n");
}

/// What is longer than any identifier is no table, and its beginning is not taken for it.
#[test]
fn a_name_that_is_too_long_is_not_cut_short() {
    let (server, database) = (postgres(), postgres().database());
    server.sql(
        &database,
        &format!("CREATE TABLE {} (id int)", "a".repeat(63)),
    );
    let name = "a".repeat(64);
    let site = Site::postgres(&server.url(&database), &format!("table = \"{name}\""));
    let said = site.error();
    assert!(
        said.contains("has no table") && said.contains("did you mean"),
        "{said}"
    );
}
