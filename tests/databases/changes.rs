//! What is read of a table, and what of its changes.

use dateline::source::{Content, Reading};

use super::{
    catalogue::Site,
    servers::{mariadb, postgres},
};

#[test]
fn every_type_of_postgresql_is_read_as_what_it_is() {
    let (server, database) = (postgres(), postgres().database());
    server.sql(
        &database,
        "CREATE TYPE kind AS ENUM ('essay', 'note');
         CREATE TABLE articles (id bigint PRIMARY KEY, slug varchar(80), title text,
            published timestamptz, updated timestamp, content text, tags text[], authors jsonb,
            section kind, language char(5), draft boolean, reading_minutes smallint,
            enclosures json, original uuid, secret text);
         INSERT INTO articles VALUES (9007199254740993, 'one', 'One',
            '2026-06-10 12:00:00.123456+02', '2026-06-11 08:00:00', '<p>ä</p>',
            '{a,\"b c\",NULL}', '[{\"name\": \"Ada\"}]', 'essay', 'en', false, 3,
            '[{\"url\": \"/a.mp3\", \"length\": 12}]',
            'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', 'x');
         INSERT INTO articles (id, slug, published) VALUES (-2, 'two', 'infinity')",
    );
    let site = Site::postgres(&server.url(&database), "table = \"articles\"");
    let readings = site.readings();
    let [Reading::Draft(two), Reading::Draft(one)] = readings.as_slice() else {
        panic!("{readings:#?}")
    };
    assert_eq!(one.id.as_deref(), Some("9007199254740993"));
    assert_eq!(one.locator.to_string(), "articles id 9007199254740993");
    assert_eq!(
        one.published.as_deref(),
        Some("2026-06-10T10:00:00.123456+00:00")
    );
    assert_eq!(
        one.updated.as_deref(),
        Some("2026-06-11T08:00:00"),
        "in the site's zone"
    );
    assert_eq!(one.content, Some(Content::Html("<p>ä</p>".to_owned())));
    assert_eq!(one.authors[0].name, "Ada");
    assert_eq!(one.section.as_deref(), Some("essay"));
    assert_eq!(
        one.language.as_deref(),
        Some("en"),
        "without what fills it up"
    );
    assert_eq!(one.reading_minutes, Some(3));
    assert_eq!(one.enclosures[0].length, Some(12));
    assert_eq!(
        two.published.as_deref(),
        Some("infinity"),
        "which intake rejects"
    );
}

#[test]
fn every_type_of_mariadb_is_read_as_what_it_is() {
    let (server, database) = (mariadb(), mariadb().database());
    server.sql(
        &database,
        "SET time_zone = '+00:00'; CREATE TABLE articles (id BIGINT UNSIGNED PRIMARY KEY,
            slug VARCHAR(80), title VARCHAR(80) CHARACTER SET latin1, published TINYINT(1),
            published_at TIMESTAMP NULL, updated DATETIME(6), content LONGTEXT, tags JSON,
            authors JSON, section ENUM('essay', 'note'), draft BIT(1), reading_minutes SMALLINT,
            summary BLOB);
         INSERT INTO articles VALUES (18446744073709551615, 'one', 'Ünï', 1, '2026-06-10 10:00:00',
            '2026-06-11 08:00:00.25', '<p>ä 🎈</p>', '[\"a\", \"b c\"]', '[{\"name\": \"Ada\"}]',
            'essay', b'0', 3, x'FF'),
            (1, 'two', 'Two', 1, NULL, '0000-00-00 00:00:00', NULL, NULL, NULL, 'note', b'1', NULL, 'ok')",
    );
    let keys = "table = \"articles\"\n[source.mysql.columns]\npublished = \"published_at\"\n";
    let site = Site::new(&format!(
        "[source.mysql]\nurl = \"{}\"\n{keys}",
        server.url(&database)
    ));
    let readings = site.readings();
    let [Reading::Draft(two), Reading::Rejected(rejection)] = readings.as_slice() else {
        panic!("{readings:#?}")
    };
    assert_eq!(
        rejection.locator.to_string(),
        "articles id 18446744073709551615"
    );
    assert_eq!(rejection.reason, "summary is not UTF-8 from byte 1 on");
    assert_eq!((two.updated.clone(), two.published.clone()), (None, None));
    assert!(two.draft);
    server.sql(&database, "UPDATE articles SET summary = NULL");
    let readings = site.readings();
    let Reading::Draft(one) = &readings[1] else {
        panic!("{readings:#?}")
    };
    assert_eq!(one.title.as_deref(), Some("Ünï"));
    assert_eq!(one.published.as_deref(), Some("2026-06-10 10:00:00Z"));
    assert_eq!(
        one.updated.as_deref(),
        Some("2026-06-11 08:00:00.250000"),
        "in the site's zone"
    );
    assert_eq!(one.content, Some(Content::Html("<p>ä 🎈</p>".to_owned())));
    assert_eq!(one.tags, ["a", "b c"]);
    assert_eq!(one.authors[0].name, "Ada");
    assert_eq!((one.draft, one.reading_minutes), (false, Some(3)));
    assert_eq!(one.section.as_deref(), Some("essay"));
}

/// A table of which a row is changed, one is deleted, and one is committed late.
fn follow(site: &Site, sql: impl Fn(&str)) {
    let first = site.whole().unwrap();
    let (news, next) = site.changes(&first);
    assert_eq!(
        news,
        ["posts id 2", "posts id 3", "posts id 4"],
        "what is within the overlap"
    );
    assert_eq!(next.as_ref(), Some(&first));
    sql("INSERT INTO posts (id, slug, changed_at) VALUES (5, 'e', '2026-05-01 11:58:00')");
    sql("UPDATE posts SET changed_at = '2026-05-02 09:00:00' WHERE id = 1");
    sql("UPDATE posts SET deleted_at = '2026-05-02 09:00:00' WHERE id = 2");
    let (news, next) = site.changes(&first);
    let expected = [
        "posts id 1",
        "gone 2",
        "posts id 3",
        "posts id 4",
        "posts id 5",
    ];
    assert_eq!(news, expected);
    let next = next.unwrap();
    assert_ne!(next, first);
    let (news, _) = site.changes(&next);
    assert_eq!(news, ["posts id 1", "gone 2", "posts id 4"]);
    assert_eq!(site.readings().len(), 4, "what is deleted is not there");
    sql("DELETE FROM posts WHERE id = 1");
    assert_eq!(
        site.changes(&next),
        (Vec::new(), None),
        "the newest is gone"
    );
}

const ROWS: &str = "INSERT INTO posts VALUES (1, 'a', '2026-05-01 10:00:00', NULL), \
                    (2, 'b', '2026-05-01 12:00:00', NULL), (3, 'c', '2026-05-01 12:00:00.5', NULL), \
                    (4, 'd', NULL, NULL)";
const KEYS: &str = "table = \"posts\"\nchanged = \"changed_at\"\ndeleted = \"deleted_at\"\n";

#[test]
fn only_what_changed_is_read_of_postgresql() {
    for (number, kind) in ["timestamptz", "timestamp"].iter().enumerate() {
        let (server, database) = (postgres(), postgres().database());
        server.sql(
            &database,
            &format!(
                "CREATE TABLE posts (id int PRIMARY KEY, slug text, changed_at {kind}, \
                 deleted_at {kind}); {ROWS}"
            ),
        );
        let site = Site::postgres(&server.url(&database), KEYS);
        assert_eq!(site.source().name().contains("127.0.0.1"), number < 2);
        follow(&site, |sql| {
            server.sql(&database, sql);
        });
    }
}

#[test]
fn only_what_changed_is_read_of_mariadb() {
    for kind in ["TIMESTAMP(6) NULL", "DATETIME(6)"] {
        let (server, database) = (mariadb(), mariadb().database());
        server.sql(
            &database,
            &format!(
                "CREATE TABLE posts (id INT PRIMARY KEY, slug TEXT, changed_at {kind}, \
                 deleted_at {kind}); {ROWS}"
            ),
        );
        let url = server.url(&database);
        let site = Site::new(&format!("[source.mysql]\nurl = \"{url}\"\n{KEYS}"));
        follow(&site, |sql| {
            server.sql(&database, sql);
        });
    }
}

#[test]
fn a_look_tells_of_a_change_and_of_one_that_was_committed_late() {
    let (server, database) = (postgres(), postgres().database());
    server.sql(
        &database,
        &format!(
            "CREATE TABLE posts (id int PRIMARY KEY, slug text, changed_at timestamptz, \
             deleted_at timestamptz); {ROWS}"
        ),
    );
    let keys = format!("{KEYS}interval = \"1s\"\n");
    let source = Site::postgres(&server.url(&database), &keys).source();
    let look = || {
        std::thread::sleep(std::time::Duration::from_millis(1100));
        source.glance()
    };
    let _ = source.glance();
    let still = look();
    assert!(still == look(), "nothing has changed");
    server.sql(
        &database,
        "UPDATE posts SET changed_at = '2026-05-01 11:59:00' WHERE id = 1",
    );
    let late = look();
    assert!(still != late, "the newest is still the same");
    let _ = look();
    let settled = look();
    server.sql(
        &database,
        "UPDATE posts SET changed_at = now() WHERE id = 1",
    );
    assert!(
        settled == source.glance(),
        "it is asked once a second at most"
    );
    assert!(settled != look());
}

#[test]
fn what_is_wrong_is_said_in_words_and_without_the_password() {
    let (server, database) = (postgres(), postgres().database());
    server.sql(
        &database,
        "CREATE TABLE articles (id int, title text); REVOKE SELECT ON articles FROM reader; \
         GRANT SELECT (id) ON articles TO reader; CREATE TABLE hidden (id int, title text); \
         REVOKE SELECT ON hidden FROM reader",
    );
    let port = server.0.port;
    let at = |url: &str, keys: &str| {
        let said = Site::postgres(url, keys).error();
        assert!(!said.contains("sesame"), "{said}");
        said
    };
    let table = "table = \"articles\"\n";
    let good = server.url(&database);
    let name = format!("postgres://127.0.0.1:{port}/{database}");
    let said = at(&good.replace("open", "close"), table);
    assert!(
        said.starts_with(&format!(
            "{name} lets us not in: password authentication failed"
        )),
        "{said}"
    );
    let said = at(&good.replace(&database, "nowhere"), table);
    assert!(
        said.contains("is not there: database \"nowhere\" does not exist"),
        "{said}"
    );
    let said = at(&good, "table = \"artikels\"");
    assert!(
        said.starts_with(&format!(
            "{name} has no table \"artikels\"; did you mean \"articles\"?"
        )),
        "{said}"
    );
    let said = at(
        &good,
        "table = \"hidden\"\nquery = \"\""
            .split('\n')
            .next()
            .unwrap(),
    );
    assert!(said.contains("has no column of an article"), "{said}");
    let said = at(&good, "query = \"SELECT * FROM hidden\"");
    assert!(
        said.contains("refuses: permission denied for table hidden; GRANT SELECT"),
        "{said}"
    );
    let said = at(
        &good,
        &format!("{table}[source.postgres.columns]\ntitle = \"title\""),
    );
    assert!(
        said.contains(
            "does not let us read column \"title\", which columns.title names; GRANT SELECT (title)"
        ),
        "{said}"
    );
    assert_eq!(
        Site::postgres(&good, table).readings().len(),
        0,
        "the id alone is enough to look"
    );
    let closed = super::servers::free_port();
    let said = at(&good.replace(&port.to_string(), &closed.to_string()), table);
    assert!(
        said.contains("cannot be reached: error connecting to server: Connection refused"),
        "{said}"
    );
    let slow = "statement_timeout = \"1s\"\nquery = \"SELECT 1 AS id FROM pg_sleep(20)\"";
    assert!(at(&good, slow).contains("gave no row for 1 seconds"));
    let strict = format!("{table}tls = \"verify-full\"");
    assert!(at(&good, &strict).contains("server does not support TLS"));

    let (server, database) = (mariadb(), mariadb().database());
    server.sql(&database, "CREATE TABLE articles (id int)");
    let at = |url: &str, keys: &str| {
        let said = Site::new(&format!("[source.mysql]\nurl = \"{url}\"\n{keys}")).error();
        assert!(!said.contains("sesame"), "{said}");
        said
    };
    let good = server.url(&database);
    assert!(at(&good.replace("open", "close"), table).contains("lets us not in: Access denied"));
    assert!(at(&good, "table = \"artikels\"").contains("did you mean \"articles\"?"));
    let slow = "statement_timeout = \"1s\"\nquery = \"SELECT 1 AS id, sleep(20) AS title\"";
    assert!(at(&good, slow).contains("gave no row for 1 seconds"));
}
