//! The rest of the project's list: HTTP semantics (A9), caching (A10), links (A11) and what
//! feed readers need (A14). What is tested elsewhere in this folder carries its number there.

use std::sync::Arc;

use std::{
    io::{Read as _, Write as _},
    time::{Duration, SystemTime},
};

use crate::server::{Answer, BR, CHANGED, ETAG, GZIP, IDENTITY, Server, document, edition};
use dateline::{
    edition::{Document, Edition},
    render::DocumentKind,
};

const DOCUMENTS: [&str; 3] = ["/rss.xml", "/sitemap.xml", "/robots.txt"];

/// One answer of every kind there is.
fn every_kind_of_answer(server: &Server) -> Vec<(u16, Answer)> {
    let tag = format!("If-None-Match: W/\"{ETAG}\"");
    let long = format!("/{}", "x".repeat(9_000));
    vec![
        (200, server.get("/rss.xml", &[])),
        (204, server.ask("OPTIONS", "/rss.xml", &[])),
        (301, server.get("/rss.xml/", &[])),
        (304, server.get("/rss.xml", &[&tag])),
        (
            400,
            server.raw("GET /rss.xml HTTP/1.1\nConnection: close\n\n"),
        ),
        (400, server.raw("GET /rss.xml\n\n")),
        (404, server.get("/nothing", &[])),
        (405, server.ask("POST", "/rss.xml", &[])),
        (410, server.get("/ended.xml", &[])),
        (412, server.get("/rss.xml", &["If-Match: \"x\""])),
        (414, server.get(&long, &[])),
        // Longer than a whole head may be.
        (414, server.get(&long.repeat(2), &[])),
        (
            431,
            server.get("/rss.xml", &[&format!("X: {}", "x".repeat(17_000))]),
        ),
        (431, server.get("/rss.xml", &["A: b"; 101])),
        (501, server.ask("BREW", "/rss.xml", &[])),
    ]
}

#[test]
fn a9_1_every_resource_has_get_and_head() {
    let server = Server::start();
    for path in DOCUMENTS {
        for method in ["GET", "HEAD"] {
            assert_eq!(server.ask(method, path, &[]).status, 200, "{method} {path}");
        }
    }
}

#[test]
fn a9_2_what_is_refused_is_refused_in_a_few_words() {
    let server = Server::with("gone = [\"/ended.xml\"]");
    for (status, answer) in every_kind_of_answer(&server) {
        assert_eq!(answer.status, status);
        if status >= 400 {
            assert!(answer.body.len() < 200, "{status}");
            let length = answer.body.len().to_string();
            assert_eq!(answer.field("content-length"), Some(length.as_str()));
            assert_eq!(answer.field("etag"), None, "{status}");
        }
    }
}

#[test]
fn a9_3_every_answer_has_a_true_date() {
    let server = Server::with("gone = [\"/ended.xml\"]");
    for (status, answer) in every_kind_of_answer(&server) {
        let dates = answer.all("date");
        assert_eq!(dates.len(), 1, "{status}");
        let date = httpdate::parse_http_date(dates[0]).unwrap();
        let off = SystemTime::now()
            .duration_since(date)
            .unwrap_or_else(|early| early.duration());
        assert!(off < Duration::from_secs(5), "{status}: {}", dates[0]);
    }
}

#[test]
fn a9_4_every_feed_and_sitemap_has_both_validators() {
    let server = Server::start();
    for path in ["/rss.xml", "/sitemap.xml"] {
        let answer = server.get(path, &[]);
        assert!(answer.field("etag").is_some() && answer.field("last-modified").is_some());
    }
}

#[test]
fn a9_6_a_new_edition_moves_the_date_and_old_dates_no_longer_match() {
    let server = Server::start();
    let since = format!("If-Modified-Since: {CHANGED}");
    assert_eq!(server.get("/rss.xml", &[&since]).status, 304);
    let later = document("/rss.xml", DocumentKind::Rss, Some(1_781_049_600 + 60));
    let documents = vec![Arc::new(Document {
        etag: "f".repeat(32),
        ..later
    })];
    server.current.publish(
        &Edition {
            documents,
            ..Edition::default()
        },
        None,
    );
    let answer = server.get("/rss.xml", &[&since]);
    let moved = Some("Wed, 10 Jun 2026 00:01:00 GMT");
    assert_eq!((answer.status, answer.field("last-modified")), (200, moved));
    let tag = format!("If-None-Match: W/\"{ETAG}\"");
    assert_eq!(server.get("/rss.xml", &[&tag]).status, 200);
}

#[test]
fn a9_7_no_tag_claims_to_be_strong() {
    let server = Server::start();
    for path in DOCUMENTS {
        for coding in ["identity", "gzip", "br"] {
            let answer = server.get(path, &[&format!("Accept-Encoding: {coding}")]);
            assert!(answer.field("etag").unwrap().starts_with("W/\""), "{path}");
        }
    }
}

#[test]
fn a9_8_a_tag_is_known_in_lists_in_any_form_and_on_any_line() {
    let server = Server::start();
    for value in [
        "*",
        "W/\"T\"",
        "\"T\"",
        "\"x\", W/\"T\"",
        "\"T-gzip\"",
        "W/\"T;br\"",
        "\"x\"\nIf-None-Match: \"T\"",
    ] {
        let field = format!("If-None-Match: {}", value.replace('T', ETAG));
        for method in ["GET", "HEAD"] {
            assert_eq!(
                server.ask(method, "/rss.xml", &[&field]).status,
                304,
                "{value}"
            );
        }
    }
    for value in ["\"x\"", "T", "\"*\"", ""] {
        let field = format!("If-None-Match: {}", value.replace('T', ETAG));
        assert_eq!(server.get("/rss.xml", &[&field]).status, 200, "{value}");
    }
}

#[test]
fn a9_9_dates_count_only_alone_well_formed_and_without_a_tag() {
    let server = Server::start();
    let good = format!("If-Modified-Since: {CHANGED}");
    for fields in [
        &["If-Modified-Since: 0"][..],
        &["If-Modified-Since: yesterday"],
        &["If-Modified-Since: Wed, 10 Jun 2026 00:00:00 +0000"],
        &["If-Modified-Since: Tue, 09 Jun 2026 23:59:59 GMT"],
        &[&good, &good],
        &[&good, "If-None-Match: \"x\""],
    ] {
        assert_eq!(server.get("/rss.xml", fields).status, 200, "{fields:?}");
    }
    assert_eq!(server.ask("POST", "/rss.xml", &[&good]).status, 405);
    for date in [
        CHANGED,
        "Wednesday, 10-Jun-26 00:00:00 GMT",
        "Wed Jun 10 00:00:00 2026",
    ] {
        let field = format!("If-Modified-Since: {date}");
        assert_eq!(server.get("/rss.xml", &[&field]).status, 304, "{date}");
    }
}

#[test]
fn a9_10_preconditions_have_an_order_and_no_say_over_redirects() {
    let server = Server::with("gone = [\"/ended.xml\"]");
    let tag = format!("If-None-Match: W/\"{ETAG}\"");
    let before = "If-Unmodified-Since: Tue, 09 Jun 2026 00:00:00 GMT";
    let status = |path: &str, fields: &[&str]| server.get(path, fields).status;
    assert_eq!(status("/rss.xml", &["If-Match: *", before, &tag]), 304);
    assert_eq!(status("/rss.xml", &[before, &tag]), 412);
    assert_eq!(
        status("/rss.xml/", &["If-Match: \"x\"", "If-None-Match: *"]),
        301
    );
    assert_eq!(status("/ended.xml", &["If-None-Match: *"]), 410);
}

#[test]
fn a9_12_vary_is_on_every_document_in_every_coding_and_on_304() {
    let server = Server::start();
    let tag = format!("If-None-Match: W/\"{ETAG}\"");
    for path in DOCUMENTS {
        for fields in [&[][..], &["Accept-Encoding: br"], &[&tag]] {
            assert_eq!(server.get(path, fields).all("vary"), ["Accept-Encoding"]);
        }
    }
}

#[test]
fn a9_13_accept_encoding_is_read_with_its_weights() {
    let server = Server::start();
    for (value, body) in [
        ("", IDENTITY),
        ("gzip", GZIP),
        ("gzip, deflate, br, zstd", BR),
        ("gzip;q=1.0, br;q=0.5, *;q=0", GZIP),
        ("br;q=0, *", GZIP),
        ("*;q=0", IDENTITY),
        ("identity;q=0", IDENTITY),
        ("identity;q=0, gzip", GZIP),
        ("gzip;q=0.000", IDENTITY),
        ("gzip;q=banana, \u{1}", IDENTITY),
        ("deflate", IDENTITY),
    ] {
        let field = format!("Accept-Encoding: {}", value.replace('\u{1}', "\t"));
        assert_eq!(server.get("/rss.xml", &[&field]).body, body, "{value}");
    }
    assert_eq!(server.get("/rss.xml", &[]).body, IDENTITY);
    let two = ["Accept-Encoding: gzip;q=0.1", "Accept-Encoding: br;q=0.2"];
    assert_eq!(server.get("/rss.xml", &two).body, BR);
}

#[test]
fn a9_14_no_accept_field_changes_what_a_feed_is() {
    let server = Server::start();
    for accept in [
        "text/html, image/gif, image/jpeg, */*; q=0.2",
        "text/html,application/xhtml+xml",
        "application/json",
        "x",
    ] {
        let answer = server.get("/rss.xml", &[&format!("Accept: {accept}")]);
        assert_eq!((answer.status, answer.body.as_slice()), (200, IDENTITY));
    }
}

#[test]
fn a9_15_ranges_are_neither_promised_nor_served() {
    let server = Server::start();
    for range in ["bytes=0-1", "bytes=-5", "bytes=9-1", "lines=1-2"] {
        let answer = server.get("/rss.xml", &[&format!("Range: {range}")]);
        assert_eq!((answer.status, answer.body.as_slice()), (200, IDENTITY));
        assert_eq!(answer.field("accept-ranges"), None);
        assert_eq!(answer.field("content-range"), None);
    }
}

#[test]
fn a9_16_lengths_are_those_of_the_coded_bodies() {
    let server = Server::start();
    for (coding, body) in [("identity", IDENTITY), ("gzip", GZIP), ("br", BR)] {
        for method in ["GET", "HEAD"] {
            let answer = server.ask(method, "/rss.xml", &[&format!("Accept-Encoding: {coding}")]);
            let lengths = answer.all("content-length");
            assert_eq!(lengths, [body.len().to_string()], "{method} {coding}");
            assert_eq!(answer.field("transfer-encoding"), None);
        }
    }
    let answer = server.get("/rss.xml", &["If-None-Match: *"]);
    assert_eq!(answer.field("content-length"), None);
}

#[test]
fn a10_1_every_document_says_how_long_it_is_fresh_and_errors_are_not_kept() {
    let server = Server::with("gone = [\"/ended.xml\"]");
    for path in DOCUMENTS {
        let answer = server.get(path, &[]);
        let control = answer.field("cache-control").unwrap();
        assert!(control.starts_with("public, max-age="), "{path}: {control}");
    }
    for (path, control) in [
        ("/nothing", "max-age=60"),
        ("/ended.xml", "public, max-age=3600"),
        ("/rss.xml/", "public, max-age=3600"),
    ] {
        assert_eq!(server.get(path, &[]).field("cache-control"), Some(control));
    }
    let refused = server.ask("POST", "/rss.xml", &[]);
    assert_eq!(refused.field("cache-control"), Some("no-store"));
}

#[test]
fn a10_3_credentials_change_nothing_so_what_they_get_may_be_shared() {
    let server = Server::start();
    let with = server.get("/rss.xml", &["Authorization: Basic eDp5", "Cookie: a=b"]);
    assert_eq!(with.body, IDENTITY);
    assert!(with.field("cache-control").unwrap().contains("public"));
}

#[test]
fn a10_4_what_is_stale_may_bridge_a_fetch_and_a_fault() {
    let server = Server::start();
    for path in ["/rss.xml", "/sitemap.xml"] {
        let answer = server.get(path, &[]);
        let control = answer.field("cache-control").unwrap();
        let seconds = |name: &str| -> u32 {
            let value = control.split(", ").find_map(|one| one.strip_prefix(name));
            value.unwrap().parse().unwrap()
        };
        let fresh = seconds("max-age=").max(1);
        assert!(seconds("stale-while-revalidate=") > fresh, "{control}");
        assert!(seconds("stale-if-error=") >= 86_400, "{control}");
    }
}

#[test]
fn a10_8_addresses_stay_the_same_over_editions() {
    let server = Server::start();
    let paths = || -> Vec<String> {
        let documents = server.current.documents();
        documents.into_iter().map(|(path, _)| path).collect()
    };
    let before = paths();
    let mut next = edition();
    for document in &mut next.documents {
        Arc::make_mut(document).etag = "e".repeat(32);
    }
    server.current.publish(&next, None);
    assert_eq!(paths(), before);
    for path in before {
        let answer = server.get(&path, &[]);
        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.field("etag").unwrap().contains("eeee"), "{path}");
        for trace in ["eeee", "?"] {
            assert!(!path.contains(trace), "{path} is that of one edition");
        }
    }
}

#[test]
fn a10_9_who_asks_for_a_difference_gets_the_whole() {
    let server = Server::start();
    let fields = ["A-IM: feed, diffe", "If-None-Match: \"older\""];
    let answer = server.get("/rss.xml", &fields);
    assert_eq!((answer.status, answer.body.as_slice()), (200, IDENTITY));
    assert_eq!(
        (answer.field("im"), answer.field("delta-base")),
        (None, None)
    );
    let tag = format!("If-None-Match: W/\"{ETAG}\"");
    assert_eq!(server.get("/rss.xml", &["A-IM: feed", &tag]).status, 304);
}

#[test]
fn a11_1_links_are_well_formed_and_each_has_one_relation() {
    let server = Server::start();
    let answer = server.get("/rss.xml", &[]);
    let links = answer.all("link");
    assert!(!links.is_empty());
    for link in links {
        let (url, parameters) = link.strip_prefix('<').unwrap().split_once('>').unwrap();
        assert!(url.starts_with("https://backend.example/"), "{link}");
        assert_eq!(parameters.matches("rel=\"").count(), 1, "{link}");
        assert!(parameters.starts_with("; rel=\""), "{link}");
    }
    assert!(server.get("/robots.txt", &[]).all("link").is_empty());
}

#[test]
fn a14_3_nothing_in_an_answer_is_of_one_request_alone() {
    let server = Server::start();
    let mut answers: Vec<Answer> = ["Mozilla/5.0", "Feedly/1.0", ""]
        .iter()
        .map(|agent| {
            server.get(
                "/rss.xml",
                &[&format!("User-Agent: {agent}"), "Cookie: x=1"],
            )
        })
        .collect();
    for answer in &mut answers {
        answer.fields.retain(|(name, _)| name != "date");
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(answers[0].field("set-cookie"), None);
    assert_eq!(answers[0].status, 200);
}

#[test]
fn a14_4_polls_are_hinted_at_between_a_quarter_and_a_whole_hour() {
    let server = Server::start();
    let answer = server.get("/rss.xml", &[]);
    let age = answer.field("cache-control").unwrap();
    let age = age
        .trim_start_matches("public, max-age=")
        .split(',')
        .next()
        .unwrap();
    assert!((900..=3_600).contains(&age.parse::<u32>().unwrap()));
}

#[test]
fn http_1_0_is_answered_and_closed() {
    let server = Server::start();
    let answer = server.raw("GET /rss.xml HTTP/1.0\n\n");
    assert_eq!((answer.status, answer.body.as_slice()), (200, IDENTITY));
}

#[test]
fn a_host_is_named_once_and_could_be_one() {
    let server = Server::start();
    for (hosts, status) in [
        ("Host: a.example\n", 200),
        ("Host: [::1]:8080\n", 200),
        ("Host:\n", 200),
        ("", 400),
        ("Host: a\nHost: a\n", 400),
        ("Host: a/b\n", 400),
        ("Host: a b\n", 400),
        ("Host: a@b\n", 400),
        ("Host: \"\n", 400),
    ] {
        let answer = server.raw(&format!(
            "GET /rss.xml HTTP/1.1\n{hosts}Connection: close\n\n"
        ));
        assert_eq!(answer.status, status, "{hosts:?}");
    }
}

#[test]
fn a_body_is_not_read_and_never_taken_for_a_request() {
    let server = Server::start();
    let hidden = "GET /robots.txt HTTP/1.1\r\nHost: x\r\n\r\n";
    for (method, status) in [("GET", "200"), ("POST", "405")] {
        for fields in [
            format!("Content-Length: {}\r\n\r\n{hidden}", hidden.len()),
            format!(
                "Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{hidden}\r\n0\r\n\r\n",
                hidden.len()
            ),
            format!(
                "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{hidden}\r\n0\r\n\r\n",
                hidden.len()
            ),
        ] {
            let mut stream = server.connect();
            let request = format!("{method} /rss.xml HTTP/1.1\r\nHost: x\r\n{fields}");
            stream.write_all(request.as_bytes()).unwrap();
            let mut bytes = Vec::new();
            let _ = stream.read_to_end(&mut bytes);
            let text = String::from_utf8_lossy(&bytes);
            assert!(text.starts_with(&format!("HTTP/1.1 {status} ")), "{text}");
            assert_eq!(text.matches("HTTP/1.1 ").count(), 1, "{fields:?} → {text}");
            assert!(text.contains("connection: close"), "{text}");
        }
    }
}

#[test]
fn counts_are_by_kind_outcome_and_coding() {
    let server = Server::start();
    server.current.publish(&edition(), None);
    for _ in 0..3 {
        server.get("/rss.xml", &["Accept-Encoding: gzip"]);
    }
    server.get("/sitemap.xml", &["If-None-Match: *"]);
    server.ask("HEAD", "/sitemap.xml", &[]);
    server.get("/nothing", &[]);
    server.wait_until("all closed", || {
        server.front.counters().snapshot().connections_open == 0
    });
    let snapshot = server.front.counters().snapshot();
    let counts: Vec<_> = snapshot
        .requests
        .iter()
        .filter(|count| count.count > 0)
        .map(|count| {
            (
                count.kind.map(DocumentKind::name),
                count.outcome.label(),
                count.count,
            )
        })
        .collect();
    let expected = [
        (Some("rss"), "2xx", 3),
        (Some("sitemap"), "2xx", 1),
        (Some("sitemap"), "304", 1),
        (None, "4xx", 1),
    ];
    assert_eq!(counts, expected);
    let bytes = snapshot.bytes.map(|(coding, bytes)| (coding.name(), bytes));
    assert_eq!(bytes[1], ("gzip", 3 * GZIP.len() as u64));
    assert_eq!(snapshot.connections_accepted, 6);
    assert_eq!(snapshot.latency.iter().sum::<u64>(), 6);
    assert!(snapshot.latency_sum < Duration::from_secs(6));
}

#[test]
fn a14_6_a_date_of_the_clients_own_clock_is_compared() {
    let server = Server::start();
    let now = httpdate::fmt_http_date(SystemTime::now());
    let poll = |date: &str| {
        let answer = server.get("/rss.xml", &[&format!("If-Modified-Since: {date}")]);
        answer.status
    };
    assert_eq!(poll(&now), 304);
    assert_eq!(poll("Fri, 31 Dec 2038 00:00:00 GMT"), 304);
    assert_eq!(poll("Tue, 09 Jun 2026 23:59:59 GMT"), 200);
}
