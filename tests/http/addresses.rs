//! Spellings of a path, aliases, and what is gone; as `docs/http.md` has it.

use std::sync::Arc;

use dateline::render::DocumentKind;

use crate::server::{IDENTITY, Server, document, edition};

#[test]
fn another_spelling_leads_to_the_one_spelling() {
    let server = Server::start();
    for path in [
        "/rss.xml/",
        "//rss.xml",
        "///rss.xml//",
        "/rss%2Exml",
        "/%72ss.xml?x=1",
        "/./rss.xml",
        "/a/../rss.xml",
        "/%2e%2e/rss.xml",
        "//evil.example/../rss.xml",
    ] {
        for method in ["GET", "HEAD"] {
            let answer = server.ask(method, path, &[]);
            assert_eq!(
                (answer.status, answer.field("location")),
                (301, Some("/rss.xml")),
                "{path}"
            );
        }
        assert_eq!(server.ask("POST", path, &[]).status, 405, "{path}");
    }
    for path in [
        "/RSS.xml",
        "/rss%2fxml",
        "/rss.xml%00",
        "/%zz",
        "/rss.xml%",
        "//evil.example",
        "//evil.example/%2e%2e",
        "/\\evil.example",
    ] {
        assert_eq!(server.get(path, &[]).status, 404, "{path}");
    }
}

#[test]
fn a9_17_aliases_lead_on_for_good_and_what_is_gone_is_gone() {
    let lines = "gone = [\"/comments/feed/\"]\n[server.aliases]\n\"/feed/\" = \"/rss.xml\"\n\
                 \"/?feed=rss2\" = \"/rss.xml\"\n\"/moved.xml\" = \"https://new.example/f?a=1\"\n\
                 \"/robots.txt\" = \"/rss.xml\"\n";
    let server = Server::with(lines);
    for (path, status, location) in [
        ("/feed/", 301, Some("/rss.xml")),
        ("/feed", 301, Some("/rss.xml")),
        ("//feed?x=y", 301, Some("/rss.xml")),
        ("/?feed=rss2", 301, Some("/rss.xml")),
        ("/?feed=atom", 404, None),
        ("/", 404, None),
        ("/moved.xml", 301, Some("https://new.example/f?a=1")),
        ("/comments/feed", 410, None),
        ("/comments/feed/?paged=2", 410, None),
        ("/robots.txt", 200, None),
    ] {
        let answer = server.get(path, &[]);
        assert_eq!(
            (answer.status, answer.field("location")),
            (status, location),
            "{path}"
        );
    }
    let permanent = Server::with("redirect = \"308\"\n[server.aliases]\n\"/a\" = \"/b\"\n");
    assert_eq!(permanent.get("/a", &[]).status, 308);
    assert_eq!(permanent.ask("OPTIONS", "/a", &[]).status, 204);
}

#[test]
fn a_whole_url_is_asked_for_as_its_path_is_whatever_its_host() {
    let server = Server::start();
    for target in [
        "http://backend.example/rss.xml",
        "http://evil.example/rss.xml?x",
    ] {
        let answer = server.get(target, &[]);
        assert_eq!(
            (answer.status, answer.body.as_slice()),
            (200, IDENTITY),
            "{target}"
        );
    }
    let answer = server.get("http://evil.example//rss.xml", &[]);
    assert_eq!(answer.field("location"), Some("/rss.xml"));
    assert_eq!(
        server.ask("CONNECT", "backend.example:443", &[]).status,
        405
    );
}

#[test]
fn a9_17_a_feed_that_has_ended_is_gone_whatever_the_precondition() {
    let server = Server::start();
    let mut edition = edition();
    edition.documents.push(Arc::new(document(
        "/tags/t/rss.xml",
        DocumentKind::Gone,
        None,
    )));
    server.current.publish(&edition, None);
    for fields in [&[][..], &["If-None-Match: *"], &["If-Match: \"x\""]] {
        assert_eq!(server.get("/tags/t/rss.xml", fields).status, 410);
    }
    assert_eq!(server.ask("POST", "/tags/t/rss.xml", &[]).status, 405);
    assert_eq!(server.get("/tags/never/rss.xml", &[]).status, 404);
}
