//! One catalogue from a file and from every API gives the same bytes in every document.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    apis::{self, Piece, pieces},
    feeds,
    program::Site,
    server::{Origin, Reply},
};

const REST: &str = "[site]\nurl = \"https://backend.example/\"\ntitle = \"Backend\"\n\
                    [[feed]]\nname = \"all\"\nlimit = 1000\n[[feed]]\neach = \"tag\"\n\
                    [[feed]]\neach = \"author\"\n";

fn build(source: &str, files: &[(&str, &str)]) -> BTreeMap<String, Vec<u8>> {
    let site = Site::empty();
    for (name, text) in files {
        site.write(name, text);
    }
    site.write("feeds.toml", &format!("{REST}{source}"));
    site.build()
}

fn from_file(articles: &[Value]) -> BTreeMap<String, Vec<u8>> {
    let articles = Value::from(articles.to_vec()).to_string();
    build(
        "[source.file]\npath = \"a.json\"\n",
        &[("a.json", &articles)],
    )
}

fn assert_same(found: &BTreeMap<String, Vec<u8>>, expected: &BTreeMap<String, Vec<u8>>) {
    let names = |documents: &BTreeMap<String, Vec<u8>>| -> Vec<String> {
        documents.keys().cloned().collect()
    };
    assert_eq!(names(found), names(expected));
    for (path, bytes) in found {
        let (bytes, expected) = (
            String::from_utf8_lossy(bytes),
            String::from_utf8_lossy(&expected[path]),
        );
        let same = bytes
            .bytes()
            .zip(expected.bytes())
            .take_while(|(a, b)| a == b);
        let at = same.count().saturating_sub(200);
        let around = |text: &str| -> String { text.chars().skip(at).take(400).collect() };
        assert!(
            bytes == expected,
            "{path}:\n{}\nis not\n{}",
            around(&bytes),
            around(&expected)
        );
    }
}

fn files(pieces: &[Piece]) -> Vec<Value> {
    pieces.iter().map(Piece::file).collect()
}

/// What the file gives, once checked that there is something in it.
fn expected(pieces: &[Piece]) -> BTreeMap<String, Vec<u8>> {
    let documents = from_file(&files(pieces));
    let rss = String::from_utf8(documents["/rss.xml"].clone()).unwrap();
    assert_eq!(rss.matches("<item>").count(), pieces.len());
    for said in ["数据库 🦀", "R&#x26;D", "Ada Lovelace", "Picture 1"] {
        assert!(rss.contains(said), "no {said} in {rss}");
    }
    documents
}

#[test]
fn wordpress() {
    let pieces = pieces(230);
    let expected = expected(&pieces);
    let origin = Origin::new(move |request| apis::wordpress(&pieces, request));
    // The site's own address, and the API's, with and without the name.
    for (path, more) in [
        ("/", "preset = \"wordpress\""),
        ("/wp-json/wp/v2/posts", ""),
        ("/wp-json/wp/v2/posts?per_page=7", ""),
    ] {
        assert_same(&build(&origin.source(path, more), &[]), &expected);
    }
}

#[test]
fn ghost() {
    let pieces = pieces(230);
    let expected = expected(&pieces);
    let origin = Origin::new(move |request| apis::ghost(&pieces, request));
    let token = ("ghost.token", "22444f78447824223cefc48062\n");
    for (path, more) in [
        ("/", "preset = \"ghost\""),
        ("/ghost/api/content/posts/?limit=all", ""),
    ] {
        let source = origin.source(path, &format!("token_file = \"ghost.token\"\n{more}"));
        assert_same(&build(&source, &[token]), &expected);
    }
}

#[test]
fn strapi_of_both_versions() {
    let pieces = pieces(230);
    let expected = expected(&pieces);
    for version in [4, 5] {
        let pieces = pieces.clone();
        let origin = Origin::new(move |request| apis::strapi(&pieces, request, version));
        // Its pictures are at its own host; the site has them elsewhere.
        let documents = build(&origin.source("/api/articles", ""), &[]);
        let local = origin.url("/");
        let documents: BTreeMap<_, _> = documents
            .into_iter()
            .map(|(path, bytes)| match String::from_utf8(bytes) {
                Ok(text) => {
                    let text = text.replace(&local, "https://backend.example/");
                    (path, text.into_bytes())
                }
                Err(packed) => (path, packed.into_bytes()),
            })
            .filter(|(path, _)| !path.ends_with(".gz"))
            .collect();
        let mut expected = expected.clone();
        expected.retain(|path, _| !path.ends_with(".gz"));
        assert_same(&documents, &expected);
    }
}

#[test]
fn contentful() {
    let pieces = pieces(230);
    let expected = expected(&pieces);
    let origin = Origin::new(move |request| apis::contentful(&pieces, request));
    let token = ("cda.token", "b4c0n73n7fu1");
    for more in ["", "preset = \"contentful\""] {
        let source = origin.source(
            "/spaces/s/environments/master/entries?content_type=article",
            &format!("token_file = \"cda.token\"\n{more}"),
        );
        assert_same(&build(&source, &[token]), &expected);
    }
}

#[test]
fn json_feeds_json_and_lines() {
    let pieces = pieces(30);
    let expected = expected(&pieces);
    let feed = pieces.clone();
    let origin = Origin::new(move |request| apis::json_feed(&feed, request));
    assert_same(&build(&origin.source("/feed.json", ""), &[]), &expected);
    let articles = files(&pieces);
    let lines: Vec<String> = articles.iter().map(Value::to_string).collect();
    let lines = lines.join("\n");
    for (media_type, body) in [
        (
            "application/json",
            Value::from(articles.clone()).to_string(),
        ),
        ("text/plain", json!({"articles": articles}).to_string()),
        ("application/x-ndjson", lines.clone()),
        ("text/plain", lines),
    ] {
        let origin = Origin::new(move |_| Reply::new(200, media_type, body.clone()));
        assert_same(&build(&origin.source("/a", ""), &[]), &expected);
    }
}

#[test]
fn feeds_of_the_site_itself() {
    let pieces = pieces(30);
    let expected = expected(&pieces);
    for body in [
        feeds::rss(&pieces),
        feeds::rdf(&pieces),
        feeds::atom(&pieces),
    ] {
        let origin = Origin::new(move |_| Reply::new(200, "application/xml", body.clone()));
        assert_same(&build(&origin.source("/feed/", ""), &[]), &expected);
    }
    // What was made of the file is a feed as well, and comes back as it was. It says for all
    // of its articles in which language they are, and who wrote those that name nobody.
    let mut articles = files(&pieces);
    for article in &mut articles {
        article["language"] = json!("en");
        article["authors"] = json!([{"name": "Ada Lovelace"}]);
    }
    for path in ["/rss.xml", "/atom.xml", "/feed.json"] {
        if path == "/feed.json" {
            // JSON Feed has no words for what a picture shows.
            for article in &mut articles {
                article.as_object_mut().unwrap().remove("image_alt");
            }
        }
        let expected = from_file(&articles);
        let body = expected[path].clone();
        let origin = Origin::new(move |_| Reply::new(200, "text/plain", body.clone()));
        assert_same(&build(&origin.source("/feed", ""), &[]), &expected);
    }
}

#[test]
fn names_of_an_api_of_ones_own() {
    let pieces = pieces(30);
    let expected = expected(&pieces);
    let articles: Value = pieces
        .iter()
        .map(|piece| {
            let file = piece.file();
            json!({
                "key": file["id"], "name": "not this", "path": "/api/not-this",
                "heading": {"main": file["title"]}, "teaser": file["summary"],
                "body": {"html": file["content_html"]}, "description": "not this",
                "writers": file["authors"], "labels": file["tags"].as_array().unwrap().iter()
                    .map(|tag| json!({"id": 1, "label": {"en": tag}})).collect::<Value>(),
                "category": "not this", "covers": [{"src": {"url": file["image"]}}],
                "alt": file["image_alt"], "no": piece.slug(),
                "dates": [file["published"], file["updated"]],
            })
        })
        .collect();
    let body = json!({"result": {"list": articles}}).to_string();
    let origin = Origin::new(move |_| Reply::new(200, "application/json", body.clone()));
    let source = origin.source(
        "/api",
        "items = \"result.list\"\naddress = \"articles/{slug}/\"\n[source.http.fields]\n\
         id = \"key\"\ntitle = \"heading.main\"\nsummary = \"teaser\"\nauthors = \"writers\"\n\
         content_html = \"body.html\"\ntags = \"labels.label.en\"\nimage = \"covers.0.src.url\"\n\
         image_alt = \"alt\"\nslug = \"no\"\npublished = \"dates.0\"\nupdated = \"dates.1\"\n",
    );
    assert_same(&build(&source, &[]), &expected);
}
