//! The commands about history, as they are typed.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    process::{Command, Output},
};

use serde_json::Value;

use crate::site::*;

fn run(site: &Site, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_dateline"))
        .arg("--config")
        .arg(site.feeds_toml())
        .args(arguments)
        .output()
        .unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn explain_says_what_was_declared_seen_and_decided() {
    let site = Site::new(&articles(3));
    site.refresh(START);
    let mut all = articles(3);
    all[0]["content_html"] = "<p>Edited.</p>".into();
    site.write(&all);
    site.refresh(START + DAY);
    for name in ["https://a.example/posts/n0/", "posts/n0/", "/posts/n0/"] {
        let output = run(&site, &["explain", name]);
        assert_eq!(output.status.code(), Some(0));
        assert_eq!(
            stdout(&output),
            "On n0\n\
             \x20 address    https://a.example/posts/n0/\n\
             \x20 id         tag:a.example,2026-05-01:/posts/n0/\n\
             \x20 published  2026-05-01\n\
             \x20 modified   2026-06-02T00:00:00Z\n\
             \x20 evidence   Dateline saw its content change\n\
             \x20 documents  /atom.xml\n\
             \x20            /feed.json\n\
             \x20            /rss.xml\n\
             \x20            /sitemap.xml\n\
             \n\
             What happened, oldest first:\n\
             \x20 2026-06-01T00:00:00Z  first seen; nothing newer is known than its publication\n\
             \x20     declared: published 2026-05-01, changed nothing; decided: 2026-05-01\n\
             \x20 2026-06-02T00:00:00Z  its content changed, and the origin does not say when: \
             dated now\n\
             \x20     declared: published 2026-05-01, changed nothing; decided: \
             2026-06-02T00:00:00Z\n"
        );
    }
}

#[test]
fn explain_speaks_to_programs_in_a_fixed_form() {
    let site = Site::new(&articles(1));
    site.refresh(START);
    let output = run(&site, &["explain", "--format", "json", "posts/n0/"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let keys: Vec<&String> = report.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "url",
            "id",
            "title",
            "published",
            "modified",
            "evidence",
            "removed",
            "history",
            "documents"
        ]
    );
    let event = report["history"][0].as_object().unwrap();
    let keys: Vec<&String> = event.keys().collect();
    assert_eq!(keys, ["at", "what", "declared", "decided", "why"]);
}

#[test]
fn explain_knows_why_a_document_has_its_date() {
    let site = Site::new(&articles(2));
    site.refresh(START);
    let why = |site: &Site| stdout(&run(site, &["explain", "/sitemap.xml"]));
    let first = why(&site);
    assert!(
        first.contains("Last-Modified 2026-05-01T00:00:00Z"),
        "{first}"
    );
    assert!(first.contains("made for the first time"), "{first}");
    site.write(&articles(1));
    site.refresh(START + DAY);
    let gone = why(&site);
    assert!(gone.contains("2026-06-02T00:00:00Z"), "{gone}");
    assert!(
        gone.contains("On n1\n      the origin no longer has it"),
        "{gone}"
    );
    site.configure(&FEEDS.replace("\"A\"", "\"B\""));
    site.refresh(START + 2 * DAY);
    let form = stdout(&run(&site, &["explain", "/rss.xml"]));
    assert!(form.contains("the configuration did"), "{form}");
    let robots = stdout(&run(&site, &["explain", "/robots.txt"]));
    assert!(robots.contains("without Last-Modified"), "{robots}");
}

#[test]
fn explain_of_what_is_not_known_says_what_to_do() {
    let site = Site::new(&articles(1));
    site.refresh(START);
    let output = run(&site, &["explain", "posts/none/"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).starts_with("nothing is known of posts/none/\nhelp: "));
}

#[test]
fn accept_lists_what_it_takes_and_takes_it() {
    let site = Site::new(&articles(12));
    site.refresh(START);
    site.write(&articles(3));
    let check = run(&site, &["check"]);
    assert_eq!(check.status.code(), Some(1));
    assert!(
        stdout(&check).contains("held: 9 of 12 articles would be gone or no longer to be seen\n")
    );
    let build = run(&site, &["build", site.path("out").to_str().unwrap()]);
    assert_eq!(build.status.code(), Some(1));
    assert!(
        stderr(&build)
            .starts_with("held: 9 of 12 articles would be gone or no longer to be seen\nhelp: ")
    );
    let look = run(&site, &["accept", "--dry-run"]);
    assert_eq!(look.status.code(), Some(1));
    assert!(stdout(&look).contains("These are gone:\n  On n10\n    tag:a.example,2026-05-01:"));
    let accept = run(&site, &["accept"]);
    assert_eq!(accept.status.code(), Some(0));
    assert!(stdout(&accept).contains("These are gone:\n  On n10\n"));
    assert!(stdout(&accept).contains("accepted: 3 articles, 9 removed"));
    assert_eq!(run(&site, &["check"]).status.code(), Some(0));
    assert!(stdout(&run(&site, &["accept"])).starts_with("Nothing is held.\n"));
}

#[test]
fn history_goes_out_and_comes_back() {
    let site = Site::new(&articles(3));
    site.refresh(START);
    let file = site.path("history.ndjson");
    let file = file.to_str().unwrap();
    let export = run(&site, &["history", "export", file]);
    assert_eq!(stderr(&export), "exported: 3 articles, 7 documents\n");
    assert_eq!(
        stdout(&run(&site, &["history", "export"])),
        std::fs::read_to_string(file).unwrap()
    );
    let import = run(&site, &["history", "import", file]);
    assert!(stderr(&import).starts_with("imported: 3 articles, 7 documents\n"));
    std::fs::write(file, "junk\n").unwrap();
    let import = run(&site, &["history", "import", file]);
    assert_eq!(import.status.code(), Some(2));
    assert!(stderr(&import).contains("history.ndjson:1: it is no history"));
}

/// Answers requests, one after the other, with what `answer` says of their paths.
fn serve(answer: impl Fn(&str) -> String + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut buffer = [0; 4_096];
            let read = stream.read(&mut buffer).unwrap();
            let head = String::from_utf8_lossy(&buffer[..read]).into_owned();
            let path = head.split(' ').nth(1).unwrap_or("/").to_owned();
            let _ = stream.write_all(answer(&path).as_bytes());
        }
    });
    address
}

fn ok(body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}")
}

#[test]
fn adopt_reads_files_and_addresses_redirects_and_indexes() {
    let site = Site::new(&articles(3));
    let sitemap = "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url>\
                   <loc>https://a.example/posts/n1/</loc><lastmod>2026-05-12</lastmod>\
                   </url></urlset>";
    let address = serve(move |path| match path {
        "/old" => "HTTP/1.1 301 Moved\r\nLocation: /index.xml\r\nContent-Length: 0\r\n\
                   Connection: close\r\n\r\n"
            .to_owned(),
        "/index.xml" => ok(
            "<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>\
                            <sitemap><loc>http://HOST/s.xml</loc></sitemap></sitemapindex>",
        ),
        _ => ok(sitemap),
    });
    // The index cannot know its port before it is bound.
    let index = site.path("sitemap.xml");
    std::fs::write(
        &index,
        format!(
            "<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>\
             <sitemap><loc>http://{address}/s.xml</loc></sitemap></sitemapindex>"
        ),
    )
    .unwrap();
    let feed = site.path("old.json");
    std::fs::write(
        &feed,
        "{\"version\":\"https://jsonfeed.org/version/1\",\"title\":\"A\",\"items\":[\
         {\"id\":7,\"url\":\"https://a.example/posts/n0/\",\"content_text\":\"x\"}]}",
    )
    .unwrap();
    let adopt = run(
        &site,
        &["adopt", index.to_str().unwrap(), feed.to_str().unwrap()],
    );
    let said = stderr(&adopt);
    assert_eq!(adopt.status.code(), Some(0), "{said}");
    assert!(
        said.contains("sitemap, 1 article, 0 ids, 1 date\n"),
        "{said}"
    );
    assert!(
        said.contains("JSON Feed, 1 article, 1 id, 0 dates\n"),
        "{said}"
    );
    assert!(
        said.contains("adopted: ids and dates of 2 articles\n"),
        "{said}"
    );
    let edition = site.refresh(START);
    assert_eq!(site.modified("n1").unwrap(), "2026-05-12");
    assert!(text(&edition, "/feed.json").contains("\"id\":\"7\""));
}

#[test]
fn adopt_takes_nothing_over_when_one_document_cannot_be_read() {
    let site = Site::new(&articles(1));
    let address = serve(|path| match path {
        "/loop" => "HTTP/1.1 302 Found\r\nLocation: /loop\r\nContent-Length: 0\r\n\
                    Connection: close\r\n\r\n"
            .to_owned(),
        "/html" => ok("<html></html>"),
        _ => "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_owned(),
    });
    for (path, said) in [
        ("/none", "answers with status 404"),
        ("/loop", "redirects once more, after too many times"),
        (
            "/html",
            "it is no RSS, Atom, JSON Feed or sitemap: it begins with <html>",
        ),
    ] {
        let output = run(&site, &["adopt", &format!("http://{address}{path}")]);
        assert_eq!(output.status.code(), Some(2));
        let text = stderr(&output);
        assert!(text.contains(said), "{text}");
        assert!(text.ends_with("Nothing was taken over.\n"), "{text}");
    }
    let output = run(&site, &["adopt", "missing.xml"]);
    assert!(stderr(&output).starts_with("missing.xml cannot be read: "));
}
