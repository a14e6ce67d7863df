//! The names and shapes that a field may have.

use super::*;

fn read_json(json: &str) -> Result<Draft, Rejection> {
    let map = serde_json::from_str(json).unwrap();
    read(&map, &[], Locator::default())
}

/// The article of a JSON object.
fn one(json: &str) -> Draft {
    read_json(json).unwrap()
}

/// Why the article of a JSON object is rejected.
fn rejected(json: &str) -> String {
    let rejection = read_json(json).unwrap_err();
    assert_eq!(rejection.kind, RejectionKind::Value, "{json}");
    rejection.reason
}

/// The last column is what the draft then says, under our own name.
#[test]
fn other_names_of_fields_are_known() {
    let text = |read: fn(&Draft) -> Option<&String>, names: &[&str]| {
        for name in names {
            let draft = one(&format!("{{\"title\": \"T\", \"{name}\": \"v\"}}"));
            assert_eq!(read(&draft).map(String::as_str), Some("v"), "{name}");
        }
    };
    text(|draft| draft.url.as_ref(), &["url", "permalink", "path"]);
    text(
        |draft| draft.language.as_ref(),
        &["language", "lang", "locale"],
    );
    text(
        |draft| draft.published.as_ref(),
        &[
            "published",
            "date_published",
            "date",
            "pubDate",
            "pub_date",
            "publishDate",
            "publish_date",
            "publishedAt",
            "published_at",
            "created",
            "created_at",
        ],
    );
    text(
        |draft| draft.updated.as_ref(),
        &[
            "updated",
            "date_modified",
            "lastmod",
            "updatedDate",
            "updatedAt",
            "updated_at",
            "last_modified_at",
            "last_modified",
            "modified",
            "dateModified",
        ],
    );
    text(
        |draft| draft.image.as_ref(),
        &[
            "image",
            "banner_image",
            "cover",
            "heroImage",
            "featured_image",
            "cover_image",
        ],
    );
    for name in ["summary", "description", "excerpt"] {
        let draft = one(&format!("{{\"{name}\": \"v\"}}"));
        assert_eq!(draft.summary, Some(Content::Html("v".to_owned())), "{name}");
    }
    for name in ["content_html", "content", "body"] {
        let draft = one(&format!("{{\"{name}\": \"v\"}}"));
        assert_eq!(draft.content, Some(Content::Html("v".to_owned())), "{name}");
    }
    for name in ["authors", "author"] {
        let draft = one(&format!("{{\"{name}\": {{\"name\": \"Ada\"}}}}"));
        assert_eq!(draft.authors[0].name, "Ada", "{name}");
    }
    for name in ["enclosures", "attachments", "enclosure"] {
        let draft = one(&format!("{{\"{name}\": {{\"url\": \"/e\"}}}}"));
        assert_eq!(draft.enclosures[0].url, "/e", "{name}");
    }
    for name in ["tags", "categories", "category"] {
        let draft = one(&format!("{{\"{name}\": [\"a\"]}}"));
        assert_eq!(draft.tags, ["a"], "{name}");
    }
    for name in ["noindex", "robotsNoIndex"] {
        assert!(one(&format!("{{\"{name}\": true}}")).noindex, "{name}");
    }
}

#[test]
fn the_first_name_counts_and_blank_ones_do_not() {
    let draft = one(r#"{"date": "2026-01-02", "published": "2026-01-01"}"#);
    assert_eq!(draft.published.as_deref(), Some("2026-01-01"));
    let draft = one(r#"{"published": " ", "date": "2026-01-02", "title": null}"#);
    assert_eq!(draft.published.as_deref(), Some("2026-01-02"));
    assert_eq!(draft.title, None);
}

#[test]
fn the_text_may_be_html_markdown_or_plain() {
    for (json, content) in [
        (r#"{"content_html": "<b>"}"#, Content::Html("<b>".into())),
        (
            r#"{"content_markdown": "*b*", "content_text": "b"}"#,
            Content::Markdown("*b*".into()),
        ),
        (r#"{"content_text": "b"}"#, Content::Text("b".into())),
    ] {
        assert_eq!(one(json).content, Some(content), "{json}");
    }
}

#[test]
fn tags_are_gathered_from_every_place_once() {
    let draft = one(r#"{"tags": "rust, web", "categories": ["web", "notes"],
            "taxonomies": {"tags": ["x"], "categories": ["notes", 2026]}}"#
        .replace('\n', " ")
        .as_str());
    assert_eq!(draft.tags, ["rust", "web", "notes", "x", "2026"]);
}

#[test]
fn people_may_be_names_or_tables() {
    let draft = one(
        r#"{"authors": ["Ada", {"name": "Grace", "uri": "/g"}, {"email": "m@x.example"},
            {"url": "https://x.example/"}]}"#,
    );
    let names: Vec<_> = draft.authors.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["Ada", "Grace", "m@x.example", "https://x.example/"]);
    assert_eq!(draft.authors[1].url.as_deref(), Some("/g"));
}

#[test]
fn images_and_enclosures_have_several_shapes() {
    for json in [
        r#"{"image": {"src": "/i"}}"#,
        r#"{"cover": {"url": "/i"}}"#,
        r#"{"cover": {"image": "/i"}}"#,
        r#"{"cover_image": {"path": "/i"}}"#,
    ] {
        assert_eq!(one(json).image.as_deref(), Some("/i"), "{json}");
    }
    let draft = one(
        r#"{"enclosures": ["/a", {"href": "/b", "media_type": "x/y", "size": "7"},
            {"url": "/c", "mime_type": "x/z", "size_in_bytes": 8}]}"#,
    );
    let lengths: Vec<_> = draft.enclosures.iter().map(|one| one.length).collect();
    assert_eq!(lengths, [None, Some(7), Some(8)]);
    assert_eq!(draft.enclosures[1].media_type.as_deref(), Some("x/y"));
}

#[test]
fn flags_are_understood_as_people_write_them() {
    for word in ["true", "\"true\"", "\"Yes\"", "1", "\"1\""] {
        assert!(one(&format!("{{\"draft\": {word}}}")).draft, "{word}");
    }
    for word in ["false", "\"No\"", "0", "null", "\"\""] {
        assert!(!one(&format!("{{\"draft\": {word}}}")).draft, "{word}");
    }
    assert!(one(r#"{"robots": "NoIndex, nofollow"}"#).noindex);
    assert!(!one(r#"{"robots": "nofollow"}"#).noindex);
}

#[test]
fn jekylls_published_is_a_flag_and_the_date_is_elsewhere() {
    let draft = one(r#"{"published": false, "date": "2026-01-01"}"#);
    assert!(draft.draft);
    let draft = one(r#"{"published": true, "publishedAt": "2026-01-01"}"#);
    assert!(!draft.draft);
    assert_eq!(draft.published.as_deref(), Some("2026-01-01"));
}

#[test]
fn a_value_of_the_wrong_kind_names_the_field_as_the_file_does() {
    for (json, reason) in [
        (r#"{"title": ["a"]}"#, "title must be a text, and is a list"),
        (r#"{"lang": {}}"#, "lang must be a text, and is a table"),
        (
            r#"{"pubDate": []}"#,
            "pubDate must be a date, and is a list",
        ),
        (
            r#"{"draft": "maybe"}"#,
            "draft must be true or false, and is a text",
        ),
        (
            r#"{"reading_minutes": 1.5}"#,
            "reading_minutes must be a whole number of minutes, and is a number",
        ),
        (
            r#"{"author": [1]}"#,
            "author must be a name, or a table with a name, and is a number",
        ),
        (
            r#"{"authors": [{"nick": "x"}]}"#,
            "authors must be a person with a name, and is a table",
        ),
        (
            r#"{"tags": [{}]}"#,
            "tags must be a list of texts, and is a table",
        ),
        (
            r#"{"cover": 1}"#,
            "cover must be an address, or a table with src or url, and is a number",
        ),
        (
            r#"{"enclosures": [{"type": "a/b"}]}"#,
            "enclosures must be a list of tables with url, type and length, and is a table",
        ),
        (
            r#"{"attachments": [{"url": "/a", "length": "long"}]}"#,
            "attachments.length must be a number of bytes, and is a text",
        ),
        (
            r#"{"alternates": ["de"]}"#,
            "alternates must be a table of languages and addresses, and is a text",
        ),
        (
            r#"{"alternates": {"de": 1}}"#,
            "alternates must be a table of languages and addresses, and is a number",
        ),
    ] {
        assert_eq!(rejected(json), reason, "{json}");
    }
}
