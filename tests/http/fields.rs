//! What an answer says of itself.

use crate::server::{BR, CHANGED, ETAG, GZIP, IDENTITY, Server, edition};
use dateline::{article::Timestamp, edition::Edition};

#[test]
fn a_feed_has_every_field_a_reader_or_cache_needs() {
    let server = Server::start();
    let answer = server.get("/rss.xml", &[]);
    assert_eq!((answer.status, answer.body.as_slice()), (200, IDENTITY));
    for (name, value) in [
        ("content-type", "application/rss+xml; charset=utf-8"),
        ("content-length", "20"),
        ("last-modified", CHANGED),
        ("vary", "Accept-Encoding"),
        ("access-control-allow-origin", "*"),
        ("x-content-type-options", "nosniff"),
        ("x-robots-tag", "noindex, follow"),
        (
            "cache-control",
            "public, max-age=900, stale-while-revalidate=3600, stale-if-error=86400",
        ),
    ] {
        assert_eq!(answer.field(name), Some(value), "{name}");
    }
    assert_eq!(answer.field("etag"), Some(format!("W/\"{ETAG}\"").as_str()));
    assert!(httpdate::parse_http_date(answer.field("date").unwrap()).is_ok());
    assert_eq!(
        answer.all("link"),
        [
            "<https://backend.example/rss.xml>; rel=\"self\"",
            "<https://backend.example/atom.xml>; rel=\"alternate\"; type=\"application/atom+xml\"",
        ]
    );
    assert_eq!(
        answer.field("accept-ranges"),
        None,
        "a range would not be honoured"
    );
    assert_eq!(answer.field("set-cookie"), None);
}

#[test]
fn robots_txt_is_for_crawlers_and_not_hidden_from_them() {
    let server = Server::start();
    let answer = server.get("/robots.txt", &[]);
    assert_eq!(
        answer.field("content-type"),
        Some("text/plain; charset=utf-8")
    );
    assert_eq!(answer.field("x-robots-tag"), None);
    let cache = "public, max-age=86400, stale-if-error=604800";
    assert_eq!(answer.field("cache-control"), Some(cache));
}

#[test]
fn a9_3_head_has_the_fields_of_get_and_no_body() {
    let server = Server::start();
    for accept in ["Accept-Encoding: gzip", "Accept-Encoding: identity"] {
        let mut get = server.get("/rss.xml", &[accept]);
        let head = server.ask("HEAD", "/rss.xml", &[accept]);
        assert_eq!(head.body, b"");
        get.body.clear();
        let without_date = |answer: &crate::server::Answer| {
            let mut fields = answer.fields.clone();
            fields.retain(|(name, _)| name != "date");
            fields
        };
        assert_eq!(without_date(&get), without_date(&head));
    }
}

#[test]
fn a9_12_every_coding_has_its_own_length_and_one_tag() {
    let server = Server::start();
    for (coding, body) in [("identity", IDENTITY), ("gzip", GZIP), ("br", BR)] {
        let answer = server.get("/rss.xml", &[&format!("Accept-Encoding: {coding}")]);
        assert_eq!(answer.body, body);
        assert_eq!(
            answer.field("content-length"),
            Some(body.len().to_string().as_str())
        );
        let expected = (coding != "identity").then_some(coding);
        assert_eq!(answer.field("content-encoding"), expected);
        assert_eq!(answer.field("vary"), Some("Accept-Encoding"));
        assert_eq!(answer.field("etag"), Some(format!("W/\"{ETAG}\"").as_str()));
    }
}

#[test]
fn a9_1_and_a9_2_methods() {
    let server = Server::start();
    for method in ["POST", "PUT", "DELETE", "PATCH", "TRACE"] {
        let answer = server.ask(method, "/rss.xml", &[]);
        assert_eq!(answer.status, 405, "{method}");
        assert_eq!(answer.field("allow"), Some("GET, HEAD, OPTIONS"));
        assert_eq!(answer.field("cache-control"), Some("no-store"));
    }
    assert_eq!(server.ask("BREW", "/rss.xml", &[]).status, 501);
    for path in ["/rss.xml", "*"] {
        let answer = server.ask("OPTIONS", path, &[]);
        assert_eq!(
            (answer.status, answer.field("allow")),
            (204, Some("GET, HEAD, OPTIONS"))
        );
    }
}

#[test]
fn a_missing_document_is_a_404_that_is_soon_forgotten() {
    let server = Server::start();
    for path in ["/", "/RSS.xml", "/rss.xml/x", "/tags/none/rss.xml"] {
        let answer = server.get(path, &[]);
        assert_eq!(
            (answer.status, answer.field("cache-control")),
            (404, Some("max-age=60"))
        );
        assert_eq!(
            answer.field("content-type"),
            Some("text/plain; charset=utf-8")
        );
    }
}

#[test]
fn a_query_changes_nothing() {
    let server = Server::start();
    let plain = server.get("/rss.xml", &[]);
    for query in ["?", "?_=1234", "?utm_source=x&a=%00"] {
        let answer = server.get(&format!("/rss.xml{query}"), &[]);
        assert_eq!((answer.status, &answer.body), (200, &plain.body), "{query}");
    }
}

#[test]
fn t11_no_host_that_a_client_names_reaches_a_byte_of_any_answer() {
    const NAMES: [&str; 20] = [
        "Host",
        "X-Forwarded-Host",
        "X-Forwarded-Server",
        "X-Forwarded-Proto",
        "X-Forwarded-Port",
        "X-Forwarded-Prefix",
        "X-Forwarded-For",
        "X-Forwarded",
        "Forwarded",
        "X-Original-Host",
        "X-Original-URL",
        "X-Rewrite-URL",
        "X-HTTP-Host-Override",
        "X-Host",
        "X-Real-IP",
        "X-Forwarded-Scheme",
        "Front-End-Https",
        "Origin",
        "Referer",
        "Via",
    ];
    const VALUES: [&str; 5] = [
        "evil.example",
        "evil.example:8080",
        "https://evil.example/",
        "for=evil.example;host=\"evil.example\";proto=evil",
        "backend.example, evil.example",
    ];
    let aliases =
        "trusted_proxies = [\"127.0.0.1\"]\n[server.aliases]\n\"/feed/\" = \"/rss.xml\"\n";
    let server = Server::with(aliases);
    let mut forms = 0;
    for path in [
        "/rss.xml",
        "//rss.xml",
        "/feed",
        "/nothing",
        "http://evil.example/rss.xml/",
    ] {
        for (name, value) in NAMES
            .iter()
            .flat_map(|name| VALUES.map(|value| (name, value)))
        {
            let host = if *name == "Host" {
                ""
            } else {
                "Host: backend.example\n"
            };
            let head = format!("GET {path} HTTP/1.1\n{host}{name}: {value}\nConnection: close\n\n");
            let answer = server.raw(&head);
            assert!(matches!(answer.status, 200 | 301 | 400 | 404), "{head}");
            let body = String::from_utf8_lossy(&answer.body);
            let all = format!("{:?}{body}", answer.fields);
            assert!(!all.contains("evil"), "{head}: {all}");
            forms += 1;
        }
    }
    assert_eq!(forms, 500);
}

#[test]
fn no_answer_is_fresh_past_the_next_publication() {
    let server = Server::start();
    let next_publication = Timestamp::from_unix(Timestamp::now().unix() + 100).ok();
    server.current.publish(
        &Edition {
            next_publication,
            ..edition()
        },
        None,
    );
    let answer = server.get("/rss.xml", &[]);
    let age = answer
        .field("cache-control")
        .unwrap()
        .strip_prefix("public, max-age=")
        .unwrap();
    assert!((90..=100).contains(&age.parse::<i64>().unwrap()), "{age}");
}
