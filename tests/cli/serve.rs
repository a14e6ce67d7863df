//! `dateline serve`.

use std::{net::TcpListener, time::Duration};

use crate::program::Site;

const ONE: &str = r#"[{"title": "One", "url": "/one/", "published": "2026-06-10"}]"#;
const TWO: &str = r#"[{"title": "One", "url": "/one/", "published": "2026-06-10"},
{"title": "Two", "url": "/two/", "published": "2026-06-11"}]"#;

const LOCAL: [&str; 2] = ["--listen", "127.0.0.1:0"];

fn titles(served: &crate::program::Served) -> Vec<String> {
    let (status, body) = served.get("/feed.json");
    assert_eq!(status, 200);
    let feed: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let items = feed["items"].as_array().unwrap().iter();
    items
        .map(|item| item["title"].as_str().unwrap().to_owned())
        .collect()
}

/// Waits until these are the titles: the news of a refresh may be ahead of its edition.
fn wait_for_titles(served: &crate::program::Served, expected: &[&str]) {
    for _ in 0..500 {
        if titles(served) == expected {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(titles(served), expected);
}

#[test]
fn the_example_is_served_and_says_where() {
    let site = Site::example();
    for arguments in [&LOCAL[..], &["serve", "--listen", "127.0.0.1:0"]] {
        let mut served = site.serve(arguments);
        assert_ne!(served.address.port(), 0);
        for path in [
            "/rss.xml",
            "/atom.xml",
            "/feed.json",
            "/sitemap.xml",
            "/robots.txt",
        ] {
            assert_eq!(served.get(path).0, 200, "{path}");
        }
        assert_eq!(served.get("/nothing").0, 404);
        assert_eq!(titles(&served).len(), 15);
        assert!(served.end_by("TERM").1.success());
    }
}

#[test]
fn a_first_start_has_read_the_origin_before_it_listens() {
    let served = Site::of("a.json", ONE).serve(&LOCAL);
    assert_eq!(
        served.said[0],
        "refreshed: 1 article, 7 documents, 7 changed"
    );
    assert!(served.said[1].starts_with("listening on http://127.0.0.1:"));
}

#[test]
fn a_hangup_reads_the_origin_again() {
    let site = Site::of("a.json", ONE);
    let mut served = site.serve(&LOCAL);
    site.write("a.json", TWO);
    served.signal("HUP");
    let line = served.wait_for("refreshed: ");
    assert!(
        line.starts_with("refreshed: 2 articles, 7 documents, "),
        "{line}"
    );
    wait_for_titles(&served, &["Two", "One"]);
}

#[test]
fn an_origin_that_breaks_changes_nothing_and_is_reported() {
    let site = Site::of("a.json", ONE);
    let mut served = site.serve(&LOCAL);
    let etag = served.field("/rss.xml", "etag");
    site.write("a.json", "[{");
    served.signal("HUP");
    let line = served.wait_for("failed: ");
    assert!(line.starts_with("failed: a.json:1:"), "{line}");
    assert_eq!(served.field("/rss.xml", "etag"), etag);
    assert_eq!(titles(&served), ["One"]);
}

#[test]
fn a_refresh_that_loses_half_of_the_catalogue_is_held() {
    let many: Vec<String> = (0..12)
        .map(|n| {
            format!("{{\"title\": \"{n}\", \"url\": \"/{n}/\", \"published\": \"2026-06-10\"}}")
        })
        .collect();
    let site = Site::of("a.ndjson", &many.join("\n"));
    let mut served = site.serve(&LOCAL);
    site.write("a.ndjson", &many[..3].join("\n"));
    served.signal("HUP");
    served.wait_for("held: ");
    assert_eq!(titles(&served).len(), 12);
}

#[test]
fn a_restart_serves_the_stored_edition_although_the_origin_is_gone() {
    let site = Site::of("a.json", ONE);
    let fields = |served: &crate::program::Served| {
        ["etag", "last-modified"].map(|name| served.field("/rss.xml", name))
    };
    let mut first = site.serve(&LOCAL);
    let (before, body) = (fields(&first), first.get("/rss.xml"));
    assert!(before.iter().all(Option::is_some));
    first.end_by("TERM");
    std::fs::remove_file(site.path("a.json")).unwrap();
    let mut second = site.serve(&LOCAL);
    assert_eq!(fields(&second), before);
    assert_eq!(second.get("/rss.xml"), body);
    second.wait_for("failed: the catalogue a.json cannot be read");
    assert_eq!(second.get("/rss.xml"), body);
}

#[test]
fn a_kill_at_any_moment_leaves_a_whole_edition() {
    let site = Site::of("a.json", ONE);
    for text in [TWO, ONE, TWO] {
        let mut served = site.serve(&LOCAL);
        site.write("a.json", text);
        served.signal("HUP");
        served.end_by("KILL");
    }
    let mut served = site.serve(&LOCAL);
    served.wait_for("refreshed: ");
    wait_for_titles(&served, &["Two", "One"]);
}

#[test]
fn every_way_to_stop_it_takes_less_than_ten_seconds() {
    let site = Site::of("a.json", ONE);
    for signal in ["TERM", "INT"] {
        let mut served = site.serve(&LOCAL);
        // Connections that say nothing, and one in the middle of a request.
        let idle: Vec<_> = (0..5)
            .map(|_| std::net::TcpStream::connect(served.address).unwrap())
            .collect();
        std::io::Write::write_all(&mut &idle[0], b"GET /rss.xml HT").unwrap();
        let (took, status) = served.end_by(signal);
        assert!(took < Duration::from_secs(10), "{signal}: {took:?}");
        assert!(status.success(), "{signal}: {status}");
    }
}

#[test]
fn an_address_that_is_taken_is_status_2_with_a_way_out() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let done = Site::example().run(&["serve", "--listen", &address]);
    assert_eq!(done.status, 2);
    assert!(
        done.err
            .starts_with(&format!("cannot listen on {address}: ")),
        "{}",
        done.err
    );
    assert!(done.err.contains("help: choose another with --listen ADDR"));
}

#[test]
fn nothing_to_serve_is_status_2_and_promises_nothing() {
    let site = Site::of("a.json", "[{");
    let done = site.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(done.status, 2);
    let lines: Vec<&str> = done.err.lines().collect();
    assert!(lines[0].starts_with("failed: a.json:1:"), "{}", done.err);
    assert_eq!(
        lines[1..],
        ["There is no earlier edition to serve, so there is nothing to serve."]
    );
}

/// On a terminal it says what it read and lists the documents with their local addresses.
#[test]
fn on_a_terminal_it_says_what_it_serves() {
    let site = Site::example();
    let program = env!("CARGO_BIN_EXE_dateline");
    // `script` gives the program a terminal, and `timeout` ends it as Ctrl-C would.
    let command = format!("timeout -s INT 5 {program} --listen 127.0.0.1:0");
    let output = std::process::Command::new("script")
        .args(["-qec", &command, "/dev/null"])
        .current_dir(site.path(""))
        .stdin(std::process::Stdio::null())
        .output()
        .expect("`script` is missing; install the package bsdutils");
    let said = String::from_utf8(output.stdout).unwrap().replace('\r', "");
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(
        lines[..2],
        [
            "reading examples/backend-architecture/articles.toml",
            "refreshed: 15 articles, 7 documents, 7 changed",
        ]
    );
    for (line, path) in lines[2..9].iter().zip([
        "/atom.xml",
        "/feed.json",
        "/feeds.opml",
        "/robots.txt",
        "/rss.xml",
        "/sitemap.xml",
        "/sitemap.xml.gz",
    ]) {
        let date = if matches!(path, "/robots.txt" | "/feeds.opml") {
            "undated"
        } else {
            "2026-06-10T00:00:00Z"
        };
        assert!(line.trim_start().starts_with(date), "{line}");
        assert!(
            line.contains("http://127.0.0.1:") && line.ends_with(path),
            "{line}"
        );
    }
    assert!(
        lines[9].starts_with("listening on http://127.0.0.1:"),
        "{said}"
    );
    assert!(
        lines.iter().all(|line| line.chars().count() <= 80),
        "{said}"
    );
}
