//! The access log as an operator finds it.

use std::fs;

use crate::server::{ETAG, Server};

fn server(folder: &tempfile::TempDir, more: &str) -> Server {
    let path = folder.path().join("access.log");
    Server::with(&format!(
        "trusted_proxies = [\"127.0.0.1\"]\n[server.access_log]\npath = \"{}\"\n{more}",
        path.display()
    ))
}

#[test]
fn every_request_has_a_line_with_the_client_behind_the_proxy() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(&folder, "");
    let path = folder.path().join("access.log");
    let agent = "User-Agent: evil\" \\ 1";
    let fields = ["X-Forwarded-For: 6.6.6.6, 203.0.113.7", agent];
    server.get("/rss.xml?x=%22", &fields);
    server.ask("POST", "/nothing", &[]);
    server.wait_until("two lines", || {
        fs::read_to_string(&path).unwrap().lines().count() == 2
    });
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines[0]["client"], "203.0.113.7");
    assert_eq!(lines[0]["target"], "/rss.xml?x=%22");
    assert_eq!(
        (&lines[0]["status"], &lines[0]["bytes"]),
        (&200.into(), &20.into())
    );
    assert_eq!(lines[0]["user_agent"], "evil\" \\ 1");
    assert_eq!(
        (&lines[1]["status"], &lines[1]["client"]),
        (&404.into(), &"127.0.0.1".into())
    );
}

#[test]
fn a_file_that_was_moved_away_is_opened_anew_and_no_line_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(&folder, "format = \"combined\"\n");
    let (path, moved) = (
        folder.path().join("access.log"),
        folder.path().join("old.log"),
    );
    let lines = |path| fs::read_to_string(path).unwrap_or_default().lines().count();
    server.get("/rss.xml", &[]);
    server.wait_until("a line", || lines(&path) == 1);
    fs::rename(&path, &moved).unwrap();
    server.front.access_log().unwrap().reopen();
    server.wait_until("a new file", || path.exists());
    server.get("/rss.xml", &[]);
    server.wait_until("a line in the new file", || lines(&path) == 1);
    assert_eq!(lines(&moved), 1);
    assert_eq!(server.front.access_log().unwrap().dropped(), 0);
}

#[test]
fn unchanged_polls_can_be_thinned_out() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(&folder, "sample_304 = 10\n");
    let tag = format!("If-None-Match: W/\"{ETAG}\"");
    for _ in 0..20 {
        server.get("/rss.xml", &[&tag]);
    }
    server.get("/rss.xml", &[]);
    let path = folder.path().join("access.log");
    let text = || fs::read_to_string(&path).unwrap();
    server.wait_until("the last line", || text().contains("\"status\":200"));
    assert_eq!(text().matches("\"status\":304").count(), 2);
}

#[test]
fn a_full_disk_is_not_noticed_by_readers() {
    // Every write to this device fails for want of space.
    let server = Server::with("[server.access_log]\npath = \"/dev/full\"\n");
    for _ in 0..50 {
        assert_eq!(server.get("/rss.xml", &[]).status, 200);
    }
    server.wait_until("50 lines counted as lost", || {
        server.front.access_log().unwrap().dropped() == 50
    });
    assert_eq!(server.get("/rss.xml", &[]).status, 200);
}

#[test]
fn a_stop_loses_no_line() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = server(&folder, "");
    for _ in 0..100 {
        server.get("/rss.xml", &[]);
    }
    server.stop();
    let text = fs::read_to_string(folder.path().join("access.log")).unwrap();
    assert_eq!(text.lines().count(), 100);
}
