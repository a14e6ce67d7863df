//! What is read of a table, on SQLite, which every machine has.

use rusqlite::Connection;
use serde_json::json;
use tempfile::TempDir;

use super::*;
use crate::{
    config::{self, SourceConfig},
    source::{Content, Draft, RejectionKind},
};

/// A database, and a configuration that names it.
struct Origin {
    folder: TempDir,
    keys: String,
}

impl Origin {
    fn new(sql: &str, keys: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let origin = Self {
            folder,
            keys: keys.to_owned(),
        };
        origin.run(sql);
        origin
    }

    fn run(&self, sql: &str) {
        let file = self.folder.path().join("articles.db");
        Connection::open(file).unwrap().execute_batch(sql).unwrap();
    }

    fn source(&self) -> SqlSource {
        let text = format!(
            "[site]\nurl = \"https://a.example/\"\ntitle = \"A\"\n\n[source.sqlite]\n\
             path = \"articles.db\"\n{}",
            self.keys
        );
        let file = self.folder.path().join("feeds.toml");
        let config = config::parse(&file, &text).unwrap_or_else(|error| panic!("{error}"));
        match &config.source {
            SourceConfig::Sqlite(config) => SqlSource::sqlite(config, self.folder.path()),
            other => panic!("{other:?}"),
        }
    }

    fn readings(&self) -> Vec<Reading> {
        let mut readings = Vec::new();
        let result = self.source().read(&mut |reading| readings.push(reading));
        result.unwrap_or_else(|error| panic!("{error}"));
        readings
    }

    fn drafts(&self) -> Vec<Draft> {
        let draft = |reading| match reading {
            Reading::Draft(draft) => *draft,
            other => panic!("{other:?}"),
        };
        self.readings().into_iter().map(draft).collect()
    }

    fn error(&self) -> String {
        self.source().read(&mut |_| {}).unwrap_err().to_string()
    }

    /// Reads everything, as the beginning of reading changes.
    fn whole(&self) -> Option<Bookmark> {
        self.source().read_news(&|_, _| false, &mut |_| {}).unwrap()
    }

    /// What changed since, in words.
    fn changes(&self, since: &Bookmark) -> (Vec<String>, Option<Bookmark>) {
        let mut news = Vec::new();
        let next = self.source().read_changes(since, &mut |each| {
            news.push(match each {
                News::Read(Reading::Draft(draft), _) => draft.locator.to_string(),
                News::Gone(id) => format!("gone {id}"),
                other => panic!("{other:?}"),
            });
        });
        (news, next.unwrap())
    }
}

const TABLE: &str = "CREATE TABLE articles (id INTEGER PRIMARY KEY, slug TEXT, title TEXT, \
                     updated_at TEXT, deleted_at TEXT, body TEXT);";
const KEYS: &str = "table = \"articles\"\nchanged = \"updated_at\"\ndeleted = \"deleted_at\"";

#[test]
fn columns_have_the_names_that_fields_have_and_values_the_types_of_their_rows() {
    let origin = Origin::new(
        "CREATE TABLE articles (id INTEGER PRIMARY KEY, slug, title, published, updated_at,
            Tags, authors, draft BOOLEAN, content, reading_minutes, secret);
         INSERT INTO articles VALUES
            (9007199254740993, 'one', 'One', 1780000000, '2026-06-10 12:00:00',
             '[\"a\",\"b\"]', '[{\"name\":\"N\"}]', 0, X'3C703E', 3, 'x'),
            (2, 'two', NULL, '2026-06-10', NULL, 'a, c', 'Ada', 1, NULL, NULL, 'x');",
        "table = \"articles\"",
    );
    let drafts = origin.drafts();
    let [two, one] = drafts.as_slice() else {
        panic!("{drafts:?}")
    };
    assert_eq!(one.id.as_deref(), Some("9007199254740993"), "exactly");
    assert_eq!(one.locator.to_string(), "articles id 9007199254740993");
    assert_eq!(one.published.as_deref(), Some("1780000000"));
    assert_eq!(one.updated.as_deref(), Some("2026-06-10 12:00:00"));
    assert_eq!(one.tags, ["a", "b"]);
    assert_eq!(one.authors[0].name, "N");
    assert_eq!(one.content, Some(Content::Html("<p>".to_owned())));
    assert_eq!((one.draft, two.draft), (false, true));
    assert_eq!(two.tags, ["a", "c"]);
    assert_eq!((two.title.clone(), two.updated.clone()), (None, None));
}

#[test]
fn what_is_mapped_has_no_other_name_and_no_other_meaning() {
    let origin = Origin::new(
        "CREATE TABLE posts (id, slug, title, published INTEGER, live_from, body);
         INSERT INTO posts VALUES (1, 'a', 'A', 1, '2026-06-10', '*a*'),
            (2, 'b', 'B', 1, NULL, '*b*');",
        "table = \"posts\"\n[source.sqlite.columns]\npublished = \"live_from\"\n\
         content_markdown = \"BODY\"",
    );
    let drafts = origin.drafts();
    assert_eq!(drafts[0].published.as_deref(), Some("2026-06-10"));
    assert_eq!(drafts[1].published, None, "a flag is no date");
    assert_eq!(drafts[0].content, Some(Content::Markdown("*a*".to_owned())));
}

#[test]
fn a_query_is_read_as_a_table_whatever_ends_it() {
    let origin = Origin::new(
        "CREATE TABLE a (id, headline); INSERT INTO a VALUES (1, 'One'), (2, 'Two');",
        "query = '''SELECT id, headline AS title, 'x' || id AS slug FROM a\n\
         ORDER BY id DESC -- the newest first'''",
    );
    let ids: Vec<_> = origin.drafts().into_iter().map(|draft| draft.id).collect();
    assert_eq!(ids, [Some("2".to_owned()), Some("1".to_owned())]);
    assert_eq!(origin.drafts()[0].slug.as_deref(), Some("x2"));
    assert_eq!(origin.drafts()[0].locator.to_string(), "query id 2");
}

#[test]
fn a_value_that_cannot_be_read_rejects_its_row_alone() {
    let origin = Origin::new(
        &format!(
            "{TABLE} INSERT INTO articles (id, slug, title) VALUES
             (1, 'a', CAST(X'E4F6' AS TEXT)), (2, 'b', 'B'), (3, 'c', X'00FF');"
        ),
        "table = \"articles\"",
    );
    let readings = origin.readings();
    assert!(matches!(&readings[1], Reading::Draft(draft) if draft.slug.as_deref() == Some("b")));
    let Reading::Rejected(rejection) = &readings[0] else {
        panic!("{readings:?}")
    };
    assert_eq!(rejection.kind, RejectionKind::Unreadable);
    assert_eq!(rejection.locator.to_string(), "articles id 1");
    assert_eq!(rejection.reason, "title is not UTF-8 from byte 1 on");
    assert!(matches!(&readings[2], Reading::Rejected(_)));
}

#[test]
fn rows_without_an_id_are_rejected_where_others_have_one() {
    let origin = Origin::new(
        "CREATE TABLE a (id, slug, title); INSERT INTO a VALUES (NULL, 'a', 'A');",
        "table = \"a\"",
    );
    let readings = origin.readings();
    assert!(matches!(&readings[0], Reading::Rejected(rejection)
        if rejection.reason.starts_with("its id is null")));
}

#[test]
fn what_is_not_there_is_named_with_what_is() {
    let wrong = |keys: &str| Origin::new(TABLE, keys).error();
    assert_eq!(
        wrong("table = \"artikles\""),
        "articles.db has no table \"artikles\"; did you mean \"articles\"?"
    );
    assert_eq!(
        wrong("table = \"articles\"\nchanged = \"updated\""),
        "articles.db has no column \"updated\", which changed names; did you mean \
         \"updated_at\"? There are id, slug, title, updated_at, deleted_at, body"
    );
    let columns = "table = \"articles\"\n[source.sqlite.columns]\npublished = \"xyz\"";
    assert!(wrong(columns).contains("has no column \"xyz\", which columns.published names; There"));
    let query = wrong("query = \"SELECT author FROM articles\"");
    assert!(
        query.starts_with("articles.db cannot be read: no such column: author"),
        "{query}"
    );
    for query in [
        "SELECT 1) AS a; DELETE FROM articles; --",
        "DELETE FROM articles",
        "SELECT 1; SELECT 2",
    ] {
        let origin = Origin::new(
            &format!("{TABLE} INSERT INTO articles (id) VALUES (1);"),
            &format!("query = \"{query}\""),
        );
        let said = origin.error();
        assert!(said.starts_with("articles.db cannot be read: "), "{said}");
        origin.run("UPDATE articles SET id = 2 WHERE id = 1");
    }
    let nothing = Origin::new(TABLE, "table = \"articles\"");
    std::fs::remove_file(nothing.folder.path().join("articles.db")).unwrap();
    assert!(
        nothing
            .error()
            .starts_with("articles.db cannot be read: No such file")
    );
    std::fs::write(nothing.folder.path().join("articles.db"), vec![b'x'; 4096]).unwrap();
    let said = nothing.error();
    assert!(
        said.contains("not a database; see path in [source.sqlite]"),
        "{said}"
    );
}

#[test]
fn a_query_that_never_ends_is_ended() {
    let origin = Origin::new(
        TABLE,
        "statement_timeout = \"1s\"\nquery = \"WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT \
         n + 1 FROM r) SELECT max(n) AS id FROM r\"",
    );
    assert_eq!(
        origin.error(),
        "articles.db gave no row for 1 seconds; see statement_timeout, and whether an index helps"
    );
}

#[test]
fn only_what_changed_is_read_after_a_whole_reading() {
    let origin = Origin::new(
        &format!(
            "{TABLE} INSERT INTO articles (id, updated_at) VALUES (1, '2026-05-01 10:00:00'),
             (2, '2026-05-01 12:00:00'), (3, '2026-05-01 12:00:00.5'), (4, NULL);"
        ),
        KEYS,
    );
    let first = origin.whole().unwrap();
    let page: Value = serde_json::from_str(&first.0).unwrap();
    assert_eq!(page["changed"], json!("2026-05-01 12:00:00.5"), "exactly");
    let rows =
        |ids: &[u8]| -> Vec<String> { ids.iter().map(|id| format!("articles id {id}")).collect() };
    // What is within the overlap, and what has no time, is given again.
    let (news, next) = origin.changes(&first);
    assert_eq!((news, next.as_ref()), (rows(&[2, 3, 4]), Some(&first)));
    origin.run(
        "INSERT INTO articles (id, updated_at) VALUES (5, '2026-05-01 11:58:00');
         UPDATE articles SET updated_at = '2026-05-02 09:00:00' WHERE id = 1;
         UPDATE articles SET deleted_at = '2026-05-02 09:00:00' WHERE id = 2;",
    );
    let (news, next) = origin.changes(&first);
    let mut expected = rows(&[1, 3, 4, 5]);
    expected.insert(1, "gone 2".to_owned());
    assert_eq!(news, expected, "one was committed late");
    let next = next.unwrap();
    assert_ne!(next, first);
    let (news, _) = origin.changes(&next);
    assert_eq!(news, ["articles id 1", "gone 2", "articles id 4"]);
}

#[test]
fn a_row_marked_as_deleted_is_gone_also_where_that_is_no_change() {
    let origin = Origin::new(
        &format!(
            "{TABLE} INSERT INTO articles (id, updated_at, deleted_at) VALUES
             (1, '2026-05-01 10:00:00', NULL), (2, '2026-05-01 12:00:00', '2026-05-01 12:00:00'),
             (3, '2026-05-01 12:00:00', '');"
        ),
        KEYS,
    );
    assert_eq!(origin.drafts().len(), 2);
    let first = origin.whole().unwrap();
    origin.run("UPDATE articles SET deleted_at = '2026-05-03 10:00:00' WHERE id = 1");
    let (news, _) = origin.changes(&first);
    assert_eq!(news, ["gone 1", "gone 2", "articles id 3"]);
}

#[test]
fn everything_is_read_where_changes_cannot_be_told() {
    let insert = "INSERT INTO articles (id, updated_at) VALUES (1, '2026-05-01 10:00:00'), \
                  (2, '2026-05-02 10:00:00');";
    let origin = Origin::new(&format!("{TABLE} {insert}"), KEYS);
    let first = origin.whole().unwrap();
    let none = (Vec::new(), None);
    assert_eq!(origin.changes(&Bookmark("other".to_owned())), none);
    // The newest row is gone: others may be.
    origin.run("DELETE FROM articles WHERE id = 2");
    assert_eq!(origin.changes(&first), none);
    origin.run("DELETE FROM articles");
    assert_eq!(origin.changes(&first), none);
    assert_eq!(origin.whole(), None, "there is nothing to go on from");
    origin.run("INSERT INTO articles (id, updated_at) VALUES (1, 'yesterday')");
    assert_eq!(origin.changes(&first), none);
    // Another configuration, and a time to compare that has come.
    let other = Origin {
        keys: KEYS.replace("deleted", "# deleted"),
        ..origin
    };
    other.run(&format!("DELETE FROM articles; {insert}"));
    assert_eq!(other.changes(&first), none);
    let own = other.whole().unwrap();
    assert!(other.changes(&own).1.is_some());
    let mut page: Value = serde_json::from_str(&own.0).unwrap();
    page["whole"] = json!(page["whole"].as_i64().unwrap() - 3600);
    assert_eq!(other.changes(&Bookmark(page.to_string())), none);
}

#[test]
fn a_row_with_a_date_in_the_future_hides_no_other() {
    let origin = Origin::new(
        &format!(
            "{TABLE} INSERT INTO articles (id, updated_at) VALUES (1, '2026-05-01 10:00:00'),
             (2, '2999-05-02 10:00:00');"
        ),
        KEYS,
    );
    let first = origin.whole().unwrap();
    origin.run("INSERT INTO articles (id, updated_at) VALUES (3, '2026-05-01 10:00:01')");
    let (news, next) = origin.changes(&first);
    assert_eq!(news, ["articles id 1", "articles id 2", "articles id 3"]);
    assert_ne!(next.unwrap(), first);
}

#[test]
fn a_table_that_cannot_be_followed_says_so() {
    let origin = Origin::new(
        "CREATE TABLE a (slug, title, updated_at); INSERT INTO a VALUES ('a', 'A', '2026-05-01')",
        "table = \"a\"\nchanged = \"updated_at\"",
    );
    assert_eq!(origin.whole(), None);
    assert!(matches!(&origin.readings()[0], Reading::Remark(remark)
        if remark.text == "it has no id, so that everything is read each time"));
}

#[test]
fn a_write_is_seen_and_a_reading_is_not() {
    let origin = Origin::new(&format!("PRAGMA journal_mode = wal; {TABLE}"), KEYS);
    let file = origin.folder.path().join("articles.db");
    let writer = Connection::open(file).unwrap();
    writer
        .execute_batch("INSERT INTO articles (id) VALUES (1)")
        .unwrap();
    let source = origin.source();
    assert_eq!(origin.drafts().len(), 1);
    let before = source.glance();
    assert_eq!(origin.drafts().len(), 1);
    assert!(before == source.glance());
    writer
        .execute_batch("INSERT INTO articles (id) VALUES (2)")
        .unwrap();
    assert!(before != source.glance(), "only the -wal file has changed");
    assert_eq!(
        source.folders(),
        Folder::around(&origin.folder.path().join("articles.db"))
    );
}
