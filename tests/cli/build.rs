//! `dateline build DIR`.

use std::{fs, os::unix::fs::PermissionsExt as _};

use crate::program::Site;

const WITH_TAGS: &str = r#"[{"title": "A", "url": "/a/", "published": "2026-06-10",
"tags": ["R&D", "数据库"], "content_html": "<p>x</p>"}]"#;

fn with_tags() -> Site {
    let site = Site::of("a.json", WITH_TAGS);
    let config = fs::read_to_string(site.path("feeds.toml")).unwrap();
    site.write(
        "feeds.toml",
        &(config + "[[feed]]\nname = \"all\"\n[[feed]]\neach = \"tag\"\n"),
    );
    site
}

#[test]
fn every_document_has_the_bytes_that_are_served() {
    for site in [Site::example(), with_tags()] {
        let files = site.build();
        assert!(files.len() >= 5);
        let served = site.serve(&["--listen", "127.0.0.1:0"]);
        for (path, bytes) in files {
            let encoded: String = path
                .bytes()
                .map(|byte| match byte {
                    b'!'..=b'~' => char::from(byte).to_string(),
                    _ => format!("%{byte:02X}"),
                })
                .collect();
            assert_eq!(served.get(&encoded), (200, bytes), "{path}");
        }
    }
}

#[test]
fn a_second_build_writes_the_same_and_touches_nothing() {
    let site = with_tags();
    let first = site.build();
    let stamp = || {
        let metadata = fs::metadata(site.path("out/rss.xml")).unwrap();
        (
            metadata.modified().unwrap(),
            metadata.permissions().mode() & 0o777,
        )
    };
    let before = stamp();
    assert_eq!(before.1, 0o644);
    assert_eq!(site.build(), first);
    assert_eq!(stamp(), before);
}

#[test]
fn a_build_in_another_folder_from_an_empty_store_has_the_same_bytes() {
    assert_eq!(with_tags().build(), with_tags().build());
    assert_eq!(Site::example().build(), Site::example().build());
}

#[test]
fn a_folder_that_cannot_be_written_is_status_2_and_named() {
    let site = Site::example();
    site.write("out", "in the way");
    let done = site.run(&["build", "out"]);
    assert_eq!(done.status, 2);
    assert!(done.err.contains("out/"), "{}", done.err);
    assert!(done.err.contains("cannot be written"), "{}", done.err);
}

#[test]
fn rejected_articles_are_status_1_and_the_rest_is_written() {
    let site = Site::of(
        "a.json",
        r#"[{"title": "A", "url": "/a/"}, {"title": "B"}]"#,
    );
    let done = site.run(&["build", "out"]);
    assert_eq!(done.status, 1);
    assert!(done.err.starts_with("rejected: a.json:1: "), "{}", done.err);
    assert!(done.err.contains("built: 1 article, 1 rejected, "));
    let rss = fs::read_to_string(site.path("out/rss.xml")).unwrap();
    assert!(rss.contains("https://backend.example/a/"));
}
