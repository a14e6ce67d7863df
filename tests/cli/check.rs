//! `dateline check`.

use serde_json::Value;

use crate::program::Site;

const TWO: &str = r#"[
{"title": "A", "url": "/a/", "published": "2026-06-10"},
{"title": "B", "url": "/b/", "published": "soon"},
{"title": "A again", "url": "/a/", "published": "2026-06-09"}
]"#;

fn report(site: &Site) -> (i32, Value) {
    let done = site.run(&["check", "--format", "json"]);
    (done.status, serde_json::from_str(&done.out).unwrap())
}

#[test]
fn a_good_catalogue_is_status_0_and_leaves_no_trace() {
    let site = Site::example();
    let done = site.run(&["check"]);
    assert_eq!((done.status, done.err.as_str()), (0, ""));
    let lines: Vec<&str> = done.out.lines().collect();
    assert_eq!(
        lines.last(),
        Some(&"15 articles, 7 documents, 7 changed"),
        "{}",
        done.out
    );
    for path in ["/atom.xml", "/feed.json", "/rss.xml", "/sitemap.xml"] {
        let line = lines.iter().find(|line| line.ends_with(path)).unwrap();
        assert!(line.starts_with("2026-06-10T00:00:00Z "), "{line}");
        assert!(line.contains(" bytes  /"), "{line}");
    }
    let robots = lines.iter().find(|line| line.ends_with("/robots.txt"));
    assert!(robots.unwrap().starts_with("- "));
    assert!(!site.path("dateline.db").exists());
}

#[test]
fn rejected_articles_are_status_1_and_named_with_their_place() {
    let site = Site::of("a.json", TWO);
    let done = site.run(&["check"]);
    assert_eq!(done.status, 1);
    let lines: Vec<&str> = done.out.lines().collect();
    assert!(lines[0].starts_with("rejected: a.json:3: published \"soon\": "));
    // It goes on in lines that are indented, none of them wider than a terminal.
    assert!(lines[1].starts_with("    "), "{}", lines[1]);
    assert!(lines.iter().all(|line| line.chars().count() <= 80));
    assert!(lines[2].starts_with("rejected: a.json:4: "), "{}", lines[2]);
    assert!(
        lines.last().unwrap().starts_with("1 article, 2 rejected, "),
        "{}",
        done.out
    );
}

#[test]
fn json_has_the_same_for_programs() {
    let (status, report) = report(&Site::of("a.json", TWO));
    assert_eq!(status, 1);
    let keys: Vec<&str> = report
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(keys[..3], ["articles", "rejected", "documents"]);
    assert_eq!(report["articles"], 1);
    let rejected = report["rejected"].as_array().unwrap();
    assert_eq!(rejected.len(), 2);
    assert_eq!(rejected[0]["locator"], "a.json:3");
    assert!(rejected[0]["reason"].as_str().unwrap().contains("soon"));
    let keys: Vec<&String> = rejected[0].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["locator", "reason"]);
    let documents = report["documents"].as_array().unwrap();
    let types: Vec<(&str, &str)> = documents
        .iter()
        .map(|one| {
            (
                one["path"].as_str().unwrap(),
                one["media_type"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        types,
        [
            ("/atom.xml", "application/atom+xml; charset=utf-8"),
            ("/feed.json", "application/feed+json"),
            ("/feeds.opml", "text/x-opml; charset=utf-8"),
            ("/robots.txt", "text/plain; charset=utf-8"),
            ("/rss.xml", "application/rss+xml; charset=utf-8"),
            ("/sitemap.xml", "application/xml; charset=utf-8"),
            ("/sitemap.xml.gz", "application/gzip"),
        ]
    );
    for document in documents {
        let keys: Vec<&String> = document.as_object().unwrap().keys().collect();
        assert_eq!(
            keys,
            ["path", "media_type", "bytes", "last_modified", "etag"]
        );
        let etag = document["etag"].as_str().unwrap();
        assert!(etag.starts_with("W/\"") && etag.len() == 36, "{etag}");
        let dated = document["path"] != "/robots.txt" && document["path"] != "/feeds.opml";
        let date = dated.then_some("2026-06-10T00:00:00Z");
        assert_eq!(document["last_modified"].as_str(), date);
    }
}

#[test]
fn what_json_says_of_documents_is_what_is_served() {
    let site = Site::example();
    let (status, report) = report(&site);
    assert_eq!(status, 0);
    assert_eq!(report["rejected"], Value::Array(vec![]));
    let served = site.serve(&["--listen", "127.0.0.1:0"]);
    for document in report["documents"].as_array().unwrap() {
        let path = document["path"].as_str().unwrap();
        let (status, body) = served.get(path);
        assert_eq!(
            (status, body.len() as u64),
            (200, document["bytes"].as_u64().unwrap())
        );
        let field = |name| served.field(path, name);
        assert_eq!(field("etag").as_deref(), document["etag"].as_str());
        assert_eq!(
            field("content-type").as_deref(),
            document["media_type"].as_str()
        );
        assert_eq!(
            field("last-modified").is_some(),
            document["last_modified"].is_string(),
            "{path}"
        );
    }
}

#[test]
fn faults_of_the_configuration_are_all_shown_and_are_status_2() {
    let site = Site::of("a.json", "[]");
    site.write(
        "feeds.toml",
        "[site]\nurl = \"backend.example\"\ntitel = \"x\"\n[source.file]\npath = \"a.doc\"\n",
    );
    for arguments in [&["check"][..], &["build", "out"], &["serve"]] {
        let done = site.run(arguments);
        assert_eq!((done.status, done.out.as_str()), (2, ""), "{arguments:?}");
        for line in ["feeds.toml:2:", "feeds.toml:3:", "feeds.toml:5:"] {
            assert!(done.err.contains(line), "no {line} in\n{}", done.err);
        }
        assert!(done.err.contains("title"), "no help in\n{}", done.err);
    }
}

#[test]
fn an_origin_that_cannot_be_read_is_status_2() {
    for (name, text) in [("a.json", "[{]"), ("a.toml", "= ="), ("a.yaml", "[")] {
        let site = Site::of(name, text);
        let done = site.run(&["check"]);
        assert_eq!((done.status, done.out.as_str()), (2, ""), "{name}");
        assert!(
            done.err.starts_with(&format!("failed: {name}:1:")),
            "{}",
            done.err
        );
    }
}

#[test]
fn a_store_that_could_not_be_made_is_status_2_here_too() {
    let site = Site::of("a.json", TWO);
    let mut feeds = std::fs::read_to_string(site.path("feeds.toml")).unwrap();
    feeds.push_str("\n[store]\npath = \"none/dateline.db\"\n");
    site.write("feeds.toml", &feeds);
    let done = site.run(&["check"]);
    assert_eq!(done.status, 2, "{}", done.err);
    assert!(done.err.contains("none/dateline.db"), "{}", done.err);
}

#[test]
fn a_result_that_is_lost_is_status_2() {
    let site = Site::example();
    let full = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let status = std::process::Command::new(env!("CARGO_BIN_EXE_dateline"))
        .current_dir(site.path("."))
        .arg("check")
        .stdout(full)
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(2));
}

#[test]
fn a_broken_set_of_translations_is_reported_to_people_and_to_programs() {
    let one = r#"[{"title": "A", "url": "/a/", "alternates": {"en": "/a/", "de": "/de/a/"}}]"#;
    let site = Site::of("a.json", one);
    let (status, report) = report(&site);
    assert_eq!(status, 0);
    let [remark] = report["remarks"].as_array().unwrap().as_slice() else {
        panic!("{report}");
    };
    assert_eq!(remark["locator"], Value::Null);
    let said = remark["remark"].as_str().unwrap();
    assert!(said.contains("/de/a/ does not list them too"), "{said}");
    let shown = site.run(&["check"]).out;
    assert!(shown.starts_with("note: the translations of"), "{shown}");
}
