//! One catalogue in five formats gives the same bytes in every document.

use serde_json::{Value, json};

use crate::program::Site;

/// Articles with all that a catalogue may say.
fn articles() -> Vec<Value> {
    vec![
        json!({
            "id": "tag:backend.example,2026:1",
            "slug": "everything",
            "title": "Vec<T> & \"quotes\", commas; — 数据库 🦀",
            "summary": "In short: a < b",
            "content_html": "<p>One,\ntwo; \"three\"</p>\n<pre><code>a\n  b</code></pre>",
            "authors": [{"name": "Ada", "url": "https://backend.example/ada"}, {"name": "Grace"}],
            "tags": ["R&D", "rust"],
            "section": "Notes",
            "language": "en-GB",
            "published": "2026-06-10T10:00:00+02:00",
            "updated": "2026-06-11T08:00:00Z",
            "image": "/i.png",
            "enclosures": [{"url": "/e.mp3", "type": "audio/mpeg", "length": 123}],
            "alternates": {"de": "https://backend.example/de/", "fr": "https://backend.example/fr/"},
            "reading_minutes": 8,
        }),
        json!({
            "slug": "markdown",
            "title": "Markdown",
            "content_markdown": "# T\n\n| a | b |\n|---|---|\n| 1 | 2 |\n",
            "published": "2026-06-09",
            "noindex": true,
        }),
        json!({"slug": "draft", "title": "Draft", "published": "2026-06-08", "draft": true}),
        json!({"slug": "text", "title": "Text", "content_text": "One\n\ntwo", "published": "2026-06-10"}),
        json!({"slug": "undated", "title": "Undated", "summary": "Nobody knows when"}),
    ]
}

const COLUMNS: [&str; 18] = [
    "id",
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
    "enclosures",
    "alternates",
    "reading_minutes",
    "draft",
];

fn csv(articles: &[Value]) -> String {
    let columns = || COLUMNS.iter().chain(&["noindex"]);
    let mut text = columns().copied().collect::<Vec<_>>().join(",");
    text.push('\n');
    for article in articles {
        let cells = columns().map(|name| match &article[*name] {
            Value::Null => String::new(),
            Value::String(text) => quoted(text),
            value => quoted(&value.to_string()),
        });
        text.push_str(&cells.collect::<Vec<_>>().join(","));
        text.push('\n');
    }
    text
}

fn quoted(cell: &str) -> String {
    format!("\"{}\"", cell.replace('"', "\"\""))
}

/// TOML has no null, and JSON's texts are its basic strings.
fn toml(articles: &[Value]) -> String {
    let mut text = String::new();
    for article in articles {
        text.push_str("[[articles]]\n");
        for (name, value) in article.as_object().unwrap() {
            text.push_str(&format!("{name} = {}\n", toml_value(value)));
        }
    }
    text
}

fn toml_value(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(toml_value).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(table) => {
            let pairs: Vec<_> = table
                .iter()
                .map(|(name, value)| format!("{name} = {}", toml_value(value)))
                .collect();
            format!("{{ {} }}", pairs.join(", "))
        }
        scalar => scalar.to_string(),
    }
}

/// JSON is YAML, but a person would write block style.
fn yaml(articles: &[Value]) -> String {
    let mut text = "articles:\n".to_owned();
    for article in articles {
        for (i, (name, value)) in article.as_object().unwrap().iter().enumerate() {
            let mark = if i == 0 { "-" } else { " " };
            text.push_str(&format!("{mark} {name}: {value}\n"));
        }
    }
    text
}

#[test]
fn five_formats_of_one_catalogue_give_the_same_bytes() {
    let articles = articles();
    let lines: Vec<String> = articles.iter().map(Value::to_string).collect();
    let spellings = [
        ("a.json", Value::Array(articles.clone()).to_string()),
        ("a.ndjson", lines.join("\n")),
        ("a.toml", toml(&articles)),
        ("a.yaml", yaml(&articles)),
        ("a.csv", csv(&articles)),
        (
            "a.csv",
            format!("\u{FEFF}{}", csv(&articles).replace('\n', "\r\n")),
        ),
    ];
    let built: Vec<_> = spellings
        .iter()
        .map(|(name, text)| (name, Site::of(name, text).build()))
        .collect();
    let (_, first) = &built[0];
    let rss = String::from_utf8(first["/rss.xml"].clone()).unwrap();
    for said in ["数据库 🦀", "<enclosure", "R&#x26;D", "<table>", "Undated"] {
        assert!(rss.contains(said), "no {said} in {rss}");
    }
    assert!(!rss.contains("Draft"));
    for (name, documents) in &built {
        for (path, bytes) in documents {
            let (bytes, expected) = (String::from_utf8_lossy(bytes), &first[path]);
            assert_eq!(bytes, String::from_utf8_lossy(expected), "{name}: {path}");
        }
        assert_eq!(documents.len(), first.len(), "{name}");
    }
}
