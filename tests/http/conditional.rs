//! Polls for what has not changed.

use std::sync::Arc;

use crate::server::{CHANGED, ETAG, IDENTITY, Server, document};
use dateline::{article::Timestamp, edition::Edition, render::DocumentKind};

#[test]
fn a14_2_either_validator_alone_gives_304() {
    let server = Server::start();
    let first = server.get("/rss.xml", &[]);
    let tag = format!("If-None-Match: {}", first.field("etag").unwrap());
    let date = format!(
        "If-Modified-Since: {}",
        first.field("last-modified").unwrap()
    );
    for fields in [&[tag.as_str()][..], &[date.as_str()], &[&tag, &date]] {
        let answer = server.get("/rss.xml", fields);
        assert_eq!((answer.status, answer.body.len()), (304, 0), "{fields:?}");
    }
    let other = server.get("/rss.xml", &["If-None-Match: \"other\"", &date]);
    assert_eq!((other.status, other.body.as_slice()), (200, IDENTITY));
}

#[test]
fn a9_11_a_304_has_exactly_the_fields_it_must_have() {
    let server = Server::start();
    let full = server.get("/rss.xml", &[]);
    let tag = format!("If-None-Match: W/\"{ETAG}\"");
    let answer = server.get("/rss.xml", &[&tag]);
    assert_eq!(
        answer.names(),
        ["cache-control", "connection", "date", "etag", "vary"]
    );
    for name in ["cache-control", "etag", "vary"] {
        assert_eq!(answer.field(name), full.field(name), "{name}");
    }
}

#[test]
fn a_tag_is_good_in_every_coding_and_for_head() {
    let server = Server::start();
    let tag = format!("If-None-Match: W/\"{ETAG}\"");
    for coding in ["identity", "gzip", "br"] {
        let accept = format!("Accept-Encoding: {coding}");
        assert_eq!(
            server.get("/rss.xml", &[&accept, &tag]).status,
            304,
            "{coding}"
        );
    }
    assert_eq!(server.ask("HEAD", "/rss.xml", &[&tag]).status, 304);
}

#[test]
fn a9_10_a_missing_document_stays_missing_under_any_precondition() {
    let server = Server::start();
    for field in ["If-None-Match: *", "If-Match: \"x\"", "If-Modified-Since: "] {
        let field = format!("{field}{}", if field.ends_with(' ') { CHANGED } else { "" });
        assert_eq!(server.get("/nothing", &[&field]).status, 404, "{field}");
    }
    assert_eq!(server.get("/rss.xml", &["If-Match: \"x\""]).status, 412);
}

#[test]
fn a9_5_a_change_of_this_very_second_has_no_date_yet() {
    // A second change in the same second would have the same date, and a client that knows
    // only dates would never see it.
    let ahead = Timestamp::now().unix() + 60;
    let documents = vec![Arc::new(document(
        "/rss.xml",
        DocumentKind::Rss,
        Some(ahead),
    ))];
    let server = Server::start();
    server.current.publish(
        &Edition {
            documents,
            ..Edition::default()
        },
        None,
    );
    let answer = server.get("/rss.xml", &[]);
    assert_eq!((answer.status, answer.field("last-modified")), (200, None));
    assert!(answer.field("etag").is_some());
    let future = Timestamp::from_unix(ahead).unwrap().rfc822();
    let since = format!("If-Modified-Since: {future}");
    assert_eq!(server.get("/rss.xml", &[&since]).status, 200);
}

#[test]
fn without_a_date_the_tag_does_all_the_work() {
    let server = Server::start();
    let answer = server.get("/robots.txt", &[]);
    assert_eq!((answer.status, answer.field("last-modified")), (200, None));
    let since = format!("If-Modified-Since: {CHANGED}");
    assert_eq!(server.get("/robots.txt", &[&since]).status, 200);
    let tag = format!("If-None-Match: {}", answer.field("etag").unwrap());
    assert_eq!(server.get("/robots.txt", &[&tag]).status, 304);
}
