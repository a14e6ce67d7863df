//! What of the project's list of standards (`docs/standards.md`) only the whole program can
//! show: on the bundled example, over restarts and between replicas.

use std::{
    collections::BTreeMap,
    fs,
    net::{SocketAddr, TcpStream},
    path::Path,
    process::Command,
};

use tempfile::TempDir;

use crate::process::{Answer, Dateline, ask, get};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const FEEDS: [&str; 3] = ["/rss.xml", "/atom.xml", "/feed.json"];

/// A copy of the bundled example, with nothing in its store.
fn example(more: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let to = |name: &str| folder.path().join(name);
    let config = fs::read_to_string(Path::new(ROOT).join("feeds.toml")).unwrap();
    fs::write(to("feeds.toml"), config + more).unwrap();
    let catalogue = "examples/backend-architecture/articles.toml";
    fs::create_dir_all(to("examples/backend-architecture")).unwrap();
    fs::copy(Path::new(ROOT).join(catalogue), to(catalogue)).unwrap();
    folder
}

fn command(folder: &TempDir, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dateline"));
    command.current_dir(folder.path()).args(arguments);
    command
}

fn start(folder: &TempDir) -> (Dateline, SocketAddr) {
    let mut server = Dateline::spawn(command(folder, &["serve", "--listen", "127.0.0.1:0"]));
    let address = server.address();
    (server, address)
}

fn fetch(address: SocketAddr, path: &str, fields: &str) -> Answer {
    let mut stream = TcpStream::connect(address).unwrap();
    ask(&mut stream, "GET", path, fields).unwrap()
}

/// Every path that the example has, from its own sitemap of documents: what `check` lists.
fn paths(folder: &TempDir) -> Vec<String> {
    let output = command(folder, &["check", "--format", "json"])
        .output()
        .unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let documents = report["documents"].as_array().unwrap();
    let paths = documents
        .iter()
        .map(|document| document["path"].as_str().unwrap().to_owned());
    paths.collect()
}

/// Everything but the instant of the answer.
fn dateless(answer: &Answer) -> (u16, Vec<&str>, &str) {
    let lines = answer.head.lines().skip(1);
    let lines = lines.filter(|line| !line.starts_with("date: "));
    (answer.status, lines.collect(), &answer.body)
}

#[test]
fn a14_2_replicas_and_restarts_have_the_same_bytes_and_validators() {
    let (one, other) = (example(""), example(""));
    let paths = paths(&one);
    assert!(paths.len() >= 6, "{paths:?}");
    let all = |folder: &TempDir| -> BTreeMap<String, Answer> {
        let (_server, address) = start(folder);
        let answers = paths.iter().map(|path| (path.clone(), get(address, path)));
        answers.collect()
    };
    let first = all(&one);
    for (who, answers) in [("a restart", all(&one)), ("a replica", all(&other))] {
        for (path, answer) in &answers {
            assert_eq!(
                dateless(answer),
                dateless(&first[path]),
                "{path} after {who}"
            );
        }
    }
    let (_server, address) = start(&other);
    for (path, answer) in &first {
        assert_eq!(answer.status, 200, "{path}");
        let shown = [
            ("etag", "If-None-Match"),
            ("last-modified", "If-Modified-Since"),
        ];
        for (given, sent) in shown {
            let Some(value) = answer.field(given) else {
                assert_eq!(given, "last-modified", "{path} has no tag");
                continue;
            };
            let poll = fetch(address, path, &format!("{sent}: {value}\r\n"));
            assert_eq!((poll.status, poll.body.len()), (304, 0), "{path} by {sent}");
        }
    }
}

#[test]
fn a14_5_feeds_are_small_and_smaller_when_asked() {
    let folder = example("");
    let (_server, address) = start(&folder);
    for path in FEEDS {
        let length = |coding: &str| -> usize {
            let answer = fetch(address, path, &format!("Accept-Encoding: {coding}\r\n"));
            let expected = (coding != "identity").then_some(coding);
            assert_eq!(answer.field("content-encoding"), expected, "{path}");
            answer.field("content-length").unwrap().parse().unwrap()
        };
        let plain = length("identity");
        assert!(plain < 64 << 10, "{path}: {plain}");
        for coding in ["gzip", "br"] {
            assert!(length(coding) * 2 < plain, "{path} as {coding}");
        }
    }
}

/// `(target, relation, media type)` of every `Link` field.
fn links(answer: &Answer) -> Vec<(String, String, Option<String>)> {
    let lines = answer
        .head
        .lines()
        .filter_map(|line| line.strip_prefix("link: "));
    let parse = |line: &str| {
        let (target, parameters) = line.strip_prefix('<').unwrap().split_once('>').unwrap();
        let parameter = |name: &str| {
            let value = parameters.split(&format!("; {name}=\"")).nth(1)?;
            value.split('"').next().map(str::to_owned)
        };
        (
            target.to_owned(),
            parameter("rel").unwrap(),
            parameter("type"),
        )
    };
    lines.map(parse).collect()
}

/// The path of one of the example's own addresses.
fn path_of(url: &str) -> &str {
    url.strip_prefix("https://backend.example").unwrap()
}

#[test]
fn a11_2_fields_and_documents_name_the_same_feeds_and_all_of_them_are_there() {
    let folder = example("");
    let (_server, address) = start(&folder);
    for path in FEEDS {
        let answer = get(address, path);
        let links = links(&answer);
        let of = |relation: &str| -> Vec<&(String, String, Option<String>)> {
            links.iter().filter(|(_, rel, _)| rel == relation).collect()
        };
        let own = of("self");
        assert_eq!(own.len(), 1, "{path}: {links:?}");
        assert_eq!(path_of(&own[0].0), path);
        let inside = match path {
            "/rss.xml" => format!("<atom:link href=\"{}\" rel=\"self\"", own[0].0),
            "/atom.xml" => format!("<link href=\"{}\" rel=\"self\"", own[0].0),
            _ => format!("\"feed_url\":\"{}\"", own[0].0),
        };
        assert!(answer.body.contains(&inside), "{path}: no {inside}");
        let alternates = of("alternate");
        assert_eq!(alternates.len(), 2, "{path}: {links:?}");
        for (target, _, media_type) in alternates {
            let found = get(address, path_of(target));
            let got = found.field("content-type").unwrap().split(';').next();
            assert_eq!(
                (found.status, got),
                (200, media_type.as_deref()),
                "{target}"
            );
        }
    }
}

#[test]
fn a11_3_what_pages_are_told_to_link_to_is_served_as_they_are_told() {
    let folder = example("");
    let (_server, address) = start(&folder);
    let output = command(&folder, &["links"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let attribute = |line: &str, name: &str| -> String {
        let value = line.split(&format!("{name}=\"")).nth(1).unwrap();
        value.split('"').next().unwrap().to_owned()
    };
    let kinds: Vec<String> = text
        .lines()
        .map(|line| {
            assert!(line.starts_with("<link rel=\"alternate\" "), "{line}");
            assert!(!attribute(line, "title").is_empty());
            let answer = get(address, path_of(&attribute(line, "href")));
            let kind = attribute(line, "type");
            let got = answer.field("content-type").unwrap().split(';').next();
            assert_eq!((answer.status, got), (200, Some(kind.as_str())));
            kind
        })
        .collect();
    let expected = [
        "application/rss+xml",
        "application/atom+xml",
        "application/feed+json",
    ];
    assert_eq!(kinds, expected);
}

#[test]
fn a10_2_caches_may_share_what_is_public_and_keep_nothing_of_the_operators() {
    let folder = example("\n[admin]\nlisten = \"127.0.0.1:0\"\n");
    let mut server = Dateline::spawn(command(&folder, &["serve", "--listen", "127.0.0.1:0"]));
    let operators = server.operators();
    let address = server.address();
    for path in ["/status", "/status.json", "/metrics", "/ready", "/nothing"] {
        let answer = get(operators, path);
        assert_eq!(answer.field("cache-control"), Some("no-store"), "{path}");
    }
    for path in paths(&folder) {
        let answer = get(address, &path);
        let control = answer.field("cache-control").unwrap();
        assert!(control.starts_with("public, max-age="), "{path}: {control}");
        for word in ["private", "no-store", "no-cache", "must-revalidate"] {
            assert!(!control.contains(word), "{path}: {control}");
        }
    }
}

#[test]
fn a13_2_nobody_is_called_when_something_changes() {
    let folder = example("\n[admin]\nlisten = \"127.0.0.1:1\"\n");
    // What a command dials on the network, as the kernel sees it.
    let dials = |arguments: &[&str]| -> Vec<String> {
        let log = folder.path().join("calls");
        let output = Command::new("strace")
            .args(["-f", "-qq", "-e", "trace=connect,sendto,sendmsg", "-o"])
            .arg(&log)
            .arg(env!("CARGO_BIN_EXE_dateline"))
            .args(arguments)
            .current_dir(folder.path())
            .output()
            .expect("strace is missing; apt-get install strace");
        assert_ne!(output.status.code(), Some(2), "{output:?}");
        let calls = fs::read_to_string(&log).unwrap();
        let calls = calls.lines().filter(|call| call.contains("AF_INET"));
        calls.map(str::to_owned).collect()
    };
    for change in ["", "And one word more."] {
        let path = "examples/backend-architecture/articles.toml";
        let catalogue = fs::read_to_string(folder.path().join(path)).unwrap();
        let changed = catalogue.replacen("title = \"", &format!("title = \"{change}"), 1);
        fs::write(folder.path().join(path), changed).unwrap();
        assert_eq!(dials(&["build", "out"]), [""; 0]);
    }
    let feed = fs::read_to_string(folder.path().join("out/rss.xml")).unwrap();
    assert!(feed.contains("And one word more."), "it has changed");
    // A command that does call someone is noticed.
    let call = dials(&["health"]);
    assert!(
        call.iter().any(|call| call.contains("htons(1)")),
        "{call:?}"
    );
}
