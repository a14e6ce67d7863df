//! Whatever holds a catalogue, the documents are the same to the byte.

use std::{collections::BTreeMap, fs, path::Path};

use rusqlite::Connection;
use serde_json::{Value, json};

use super::{
    catalogue::Site,
    servers::{mariadb, postgres},
};

const ARTICLES: u32 = 40;

/// With everything that databases and formats treat each in its own way.
fn article(number: u32) -> Value {
    let words = [
        "plain",
        "it's \"quoted\"",
        "back\\slash \\n",
        "ünïcode – 数 🎈",
        "<em>&amp; markup</em>",
        "100% of {this} $1 ?",
    ];
    let word = words[number as usize % words.len()];
    json!({
        "id": 9_000_000_000_000_000_000_u64 / 2 + u64::from(number),
        "slug": format!("article-{number}"),
        "title": format!("Article {number}: {word}"),
        "published": format!("2026-0{}-{:02}T10:{number:02}:00Z", number % 5 + 1, number % 28 + 1),
        "updated": format!("2026-06-{:02} 08:{number:02}:30", number % 28 + 1),
        "content_html": format!("<p>{word}</p>\n<p>Second of {number}.</p>"),
        "summary": if number.is_multiple_of(3) { Value::Null } else { json!(word) },
        "tags": if number.is_multiple_of(4) { json!([]) } else { json!([format!("tag {}", number % 3), "b"]) },
        "authors": json!([{"name": format!("Ada {}", number % 2), "url": "https://a.example/"}]),
        "draft": number % 10 == 7,
        "section": "essays",
    })
}

/// The article's values as SQL, in the order of the table below.
fn row(number: u32, list: impl Fn(&Value) -> String, flag: fn(bool) -> &'static str) -> String {
    let article = article(number);
    let values = [
        "id",
        "slug",
        "title",
        "published",
        "updated",
        "content_html",
        "summary",
        "tags",
        "authors",
        "draft",
        "section",
    ]
    .map(|name| match &article[name] {
        Value::Null => "NULL".to_owned(),
        Value::Bool(value) => flag(*value).to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => quoted(text),
        other if name == "tags" => list(other),
        other => quoted(&other.to_string()),
    });
    format!("({})", values.join(", "))
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn rows(list: impl Fn(&Value) -> String + Copy, flag: fn(bool) -> &'static str) -> String {
    let rows: Vec<String> = (1..=ARTICLES)
        .map(|number| row(number, list, flag))
        .collect();
    format!("INSERT INTO posts VALUES {}", rows.join(", "))
}

const KEYS: &str = "table = \"posts\"\naddress = \"/blog/{slug}/\"\nchanged = \"updated_at\"\n\
                    [source.KIND.columns]\npublished = \"live from\"\nupdated = \"updated_at\"\n\
                    content_html = \"body\"\n";

const FEEDS: &str =
    "\n[[feed]]\nname = \"all\"\n[[feed]]\neach = \"tag\"\n[[feed]]\neach = \"author\"\n";

fn keys(kind: &str) -> String {
    KEYS.replace("KIND", kind) + FEEDS
}

fn file() -> Site {
    let site = Site::new(&format!(
        "[source.file]\npath = \"articles.json\"\nurl = \"/blog/{{slug}}/\"\n{FEEDS}"
    ));
    let articles: Vec<Value> = (1..=ARTICLES).map(article).collect();
    fs::write(site.path("articles.json"), json!(articles).to_string()).unwrap();
    site
}

fn sqlite() -> Site {
    let site = Site::new(&format!(
        "[source.sqlite]\npath = \"a.db\"\n{}",
        keys("sqlite")
    ));
    let connection = Connection::open(site.path("a.db")).unwrap();
    let list = |list: &Value| quoted(&list.to_string());
    connection
        .execute_batch(&format!(
            "CREATE TABLE posts (id INTEGER PRIMARY KEY, slug TEXT, title TEXT, \"live from\" TEXT, \
             updated_at TEXT, body TEXT, summary TEXT, tags TEXT, authors TEXT, draft BOOLEAN, \
             section TEXT); {}",
            rows(list, |flag| if flag { "1" } else { "0" })
        ))
        .unwrap();
    site
}

fn in_postgres() -> Site {
    let database = postgres().database();
    let list = |list: &Value| {
        let tags = list.as_array().unwrap().iter();
        let tags: Vec<String> = tags.map(|tag| quoted(tag.as_str().unwrap())).collect();
        format!("ARRAY[{}]::text[]", tags.join(", "))
    };
    postgres().sql(
        &database,
        &format!(
            "CREATE TABLE posts (id bigint PRIMARY KEY, slug text, title varchar(200), \
             \"live from\" timestamptz, updated_at timestamp, body text, summary text, \
             tags text[], authors jsonb, draft boolean, section text); {}",
            rows(list, |flag| if flag { "true" } else { "false" })
        ),
    );
    Site::postgres(&postgres().url(&database), &keys("postgres"))
}

fn in_mariadb() -> Site {
    let database = mariadb().database();
    let list = |list: &Value| quoted(&list.to_string());
    let rows = rows(list, |flag| if flag { "true" } else { "false" });
    mariadb().sql(
        &database,
        &format!(
            "SET time_zone = '+00:00'; CREATE TABLE posts (id BIGINT PRIMARY KEY, \
             slug VARCHAR(80), title VARCHAR(200), `live from` TIMESTAMP, updated_at DATETIME, \
             body LONGTEXT, summary TEXT, tags JSON, authors JSON, draft BOOLEAN, section TEXT); {}",
            rows.replace("00Z'", "00'")
        ),
    );
    Site::new(&format!(
        "[source.mysql]\nurl = \"{}\"\n{}",
        mariadb().url(&database),
        keys("mysql")
    ))
}

/// Every document, by its path.
fn built(site: &Site) -> BTreeMap<String, Vec<u8>> {
    let out = site.path("out");
    let output = site.run(&["build", out.to_str().unwrap()]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let mut documents = BTreeMap::new();
    gather(&out, &out, &mut documents);
    documents
}

fn gather(folder: &Path, root: &Path, into: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            gather(&path, root, into);
        } else {
            let name = path.strip_prefix(root).unwrap().display().to_string();
            into.insert(name, fs::read(&path).unwrap());
        }
    }
}

#[test]
fn a_file_and_every_database_give_the_same_bytes() {
    let expected = built(&file());
    assert!(expected.len() > 15, "{:?}", expected.keys());
    let feed = String::from_utf8_lossy(&expected["rss.xml"]);
    assert!(feed.contains("ünïcode – 数 🎈"), "{feed}");
    for (name, site) in [
        ("SQLite", sqlite()),
        ("PostgreSQL", in_postgres()),
        ("MariaDB", in_mariadb()),
    ] {
        let found = built(&site);
        let names = |documents: &BTreeMap<String, Vec<u8>>| -> Vec<String> {
            documents.keys().cloned().collect()
        };
        assert_eq!(names(&found), names(&expected), "{name}");
        for (path, bytes) in &expected {
            let (a, b) = (
                String::from_utf8_lossy(bytes),
                String::from_utf8_lossy(&found[path]),
            );
            assert_eq!(a, b, "{path} from {name}");
        }
    }
}
