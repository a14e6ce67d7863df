//! What fails: the origin, the store, the disk, the process. What was ever served stays.

use std::{
    fs,
    net::SocketAddr,
    os::unix::fs::FileExt as _,
    process::Command,
    time::{Duration, Instant},
};

use crate::process::{Site, get, until};

const DOCUMENTS: [&str; 5] = [
    "/rss.xml",
    "/atom.xml",
    "/feed.json",
    "/sitemap.xml",
    "/robots.txt",
];

/// All that is served, without the date of the answer.
pub fn served(address: SocketAddr) -> Vec<(u16, Option<String>, Option<String>, String)> {
    let answers = DOCUMENTS.iter().map(|path| get(address, path));
    answers
        .map(|answer| {
            let field = |name| answer.field(name).map(str::to_owned);
            (
                answer.status,
                field("etag"),
                field("last-modified"),
                answer.body.clone(),
            )
        })
        .collect()
}

#[test]
fn an_origin_that_is_gone_empty_or_wrong_changes_nothing_across_restarts() {
    let site = Site::new();
    for number in 4..=12 {
        site.article(number, "more");
    }
    let mut dateline = site.start();
    let address = dateline.address();
    std::thread::sleep(Duration::from_millis(1_100));
    let before = served(address);
    fs::rename(site.path("content"), site.path("away")).unwrap();
    let message = dateline.says("failed:");
    assert!(
        message.contains("the folder content is not there"),
        "{message}"
    );
    assert_eq!(served(address), before);
    dateline.stop();

    let mut dateline = site.start();
    let address = dateline.address();
    dateline.says("failed:");
    assert_eq!(served(address), before);
    fs::create_dir(site.path("content")).unwrap();
    let message = dateline.says("held:");
    assert!(
        message.contains("12 of 12 articles would be gone"),
        "{message}"
    );
    assert_eq!(served(address), before);
    fs::remove_dir(site.path("content")).unwrap();
    fs::write(site.path("content"), "a file where the folder was").unwrap();
    dateline.says("failed:");
    assert_eq!(served(address), before);

    fs::remove_file(site.path("content")).unwrap();
    fs::rename(site.path("away"), site.path("content")).unwrap();
    dateline.says("refreshed: 12 articles");
    assert_eq!(served(address), before, "it came back as it was");
}

/// Less than half of the articles, none, those of another site, and a catalogue of another shape.
#[test]
fn an_origin_that_is_half_empty_or_anothers_changes_nothing_until_it_is_accepted() {
    let site = Site::new();
    let catalogue = |from: u32, to: u32, word: &str| {
        let articles = (from..to).map(|number| {
            format!(
                "[[articles]]\ntitle = \"{word} {number}\"\nurl = \"/{word}-{number}/\"\n\
                 published = 2026-01-{:02}\n",
                number % 28 + 1
            )
        });
        articles.collect::<String>()
    };
    let write = |text: &str| {
        fs::write(site.path("a.new"), text).unwrap();
        fs::rename(site.path("a.new"), site.path("articles.toml")).unwrap();
    };
    let feeds = "[site]\nurl = \"https://blog.example/\"\ntitle = \"Blog\"\n\
                 [source.file]\npath = \"articles.toml\"\n";
    fs::write(site.path("feeds.toml"), feeds).unwrap();
    write(&catalogue(0, 40, "ours"));
    let mut dateline = site.start();
    let address = dateline.address();
    std::thread::sleep(Duration::from_millis(1_100));
    let before = served(address);
    for (text, says) in [
        (
            catalogue(0, 19, "ours"),
            "held: 21 of 40 articles would be gone",
        ),
        (String::new(), "failed:"),
        (
            catalogue(0, 40, "theirs"),
            "held: 40 of 40 articles would be gone",
        ),
        ("[[users]]\nname = \"A\"\n".to_owned(), "failed:"),
        ("articles = []\n".to_owned(), "held: 40 of 40 articles"),
        ("[[articles]]\ntitle = ".to_owned(), "failed:"),
    ] {
        write(&text);
        let message = dateline.says(&says[..7]);
        assert!(message.starts_with(says), "{message}");
        assert_eq!(served(address), before, "{says}");
    }
    write(&catalogue(0, 19, "ours"));
    dateline.says("held: 21 of 40");
    assert!(site.command("accept", &[]).status().unwrap().success());
    dateline.says("refreshed: 19 articles");
    write(&catalogue(0, 40, "ours"));
    dateline.says("refreshed: 40 articles");
}

/// Every row of an export can become bad at once. The log holds 1,024 lines that nobody took.
#[test]
fn thousands_of_bad_rows_push_no_sentence_out_of_the_log() {
    let site = Site::new();
    let feeds = "[site]\nurl = \"https://blog.example/\"\ntitle = \"Blog\"\n\
                 [source.file]\npath = \"articles.ndjson\"\n";
    fs::write(site.path("feeds.toml"), feeds).unwrap();
    let bad = "{\"title\":\n".repeat(20_000);
    let good = "{\"title\":\"A\",\"url\":\"/a/\",\"published\":\"2026-01-01\"}\n";
    fs::write(site.path("articles.ndjson"), bad + good).unwrap();
    let mut dateline = site.start();
    for number in 1..=100 {
        dateline.says(&format!("rejected: articles.ndjson:{number}: "));
    }
    let rest = dateline.says("rejected: ");
    assert_eq!(rest, "rejected: 19,900 more: dateline check names each");
    dateline.says("refreshed: 1 article, 20,000 rejected, ");
    assert!(get(dateline.address(), "/rss.xml").body.contains("/a/"));
    let check = site.command("check", &[]).output().unwrap();
    let named = String::from_utf8(check.stdout).unwrap();
    assert_eq!(named.matches("rejected: articles.ndjson:").count(), 20_000);
}

#[test]
fn a_pipe_where_a_file_was_keeps_nobody() {
    let site = Site::new();
    let mut dateline = site.start();
    let address = dateline.address();
    fs::remove_file(site.path("content/a1.md")).unwrap();
    let made = Command::new("mkfifo")
        .arg(site.path("content/a1.md"))
        .status();
    assert!(made.unwrap().success());
    let message = dateline.says("rejected: content/a1.md");
    assert!(message.contains("regular file"), "{message}");
    dateline.says("refreshed: 2 articles, 1 rejected");
    fs::remove_file(site.path("content/a1.md")).unwrap();
    site.article(1, "a file again");
    dateline.says("refreshed: 3 articles");
    assert!(get(address, "/rss.xml").body.contains("a file again"));
}

#[test]
fn a_store_that_is_deleted_under_the_server_is_put_back_whole() {
    let site = Site::new();
    let mut dateline = site.start();
    let address = dateline.address();
    site.article(
        1,
        "edited, so that there is a date that only the store knows",
    );
    dateline.says("refreshed:");
    let known = get(address, "/sitemap.xml").body;
    assert!(!known.contains("<lastmod>2026-01-01"), "{known}");
    for name in ["dateline.db", "dateline.db-wal", "dateline.db-shm"] {
        let _ = fs::remove_file(site.path(name));
    }
    dateline.says("put back:");
    assert_eq!(get(address, "/sitemap.xml").body, known);
    dateline.stop();
    let mut dateline = site.start();
    let address = dateline.address();
    dateline.says("refreshed:");
    assert_eq!(get(address, "/sitemap.xml").body, known);
}

#[test]
fn a_store_that_cannot_be_read_is_set_aside_and_no_date_is_invented() {
    let site = Site::new();
    fs::write(
        site.path("dateline.db"),
        "this is no database, but long enough to look at ".repeat(99),
    )
    .unwrap();
    let mut dateline = site.start();
    let message = dateline.says("set aside:");
    assert!(message.contains("dateline.db.damaged-"), "{message}");
    assert!(
        message.contains("dateline history import FILE"),
        "{message}"
    );
    let address = dateline.address();
    let sitemap = get(address, "/sitemap.xml").body;
    for number in 1..=3 {
        assert!(
            sitemap.contains(&format!("<lastmod>2026-01-0{number}")),
            "{sitemap}"
        );
    }
    let aside = fs::read_dir(site.path("")).unwrap().filter_map(Result::ok);
    let aside = aside.filter(|entry| entry.file_name().to_string_lossy().contains("damaged"));
    assert_eq!(aside.count(), 1);
}

#[test]
fn a_store_that_is_damaged_under_the_server_is_set_aside_and_serving_goes_on() {
    let site = Site::new();
    for number in 4..=28 {
        site.article(number, &"many words ".repeat(500));
    }
    let dateline = site.start();
    let (_, messages) = {
        let mut dateline = dateline;
        dateline.address();
        dateline.stop()
    };
    assert!(
        messages
            .iter()
            .any(|message| message.starts_with("refreshed:")),
        "{messages:?}"
    );
    let mut dateline = site.start();
    let address = dateline.address();
    dateline.says("refreshed:");
    // Everything but the first pages, so that it is found out by a refresh.
    let store = fs::File::options()
        .write(true)
        .open(site.path("dateline.db"))
        .unwrap();
    let length = store.metadata().unwrap().len();
    store
        .write_all_at(&vec![0xA5; usize::try_from(length - 8_192).unwrap()], 8_192)
        .unwrap();
    for name in ["dateline.db-wal", "dateline.db-shm"] {
        let _ = fs::File::options()
            .write(true)
            .open(site.path(name))
            .map(|file| file.set_len(0));
    }
    dateline.stop();
    let mut dateline = site.start();
    dateline.says("set aside:");
    let address = dateline
        .messages
        .iter()
        .find_map(|message| message.strip_prefix("listening on http://"))
        .map_or(address, |address| address.parse().unwrap());
    let _ = address;
    dateline.signal("HUP");
    let message = dateline.says("refreshed: 28 articles");
    assert!(message.contains("7 documents"), "{message}");
}

#[test]
fn two_servers_on_one_store_agree() {
    let site = Site::new();
    let (mut one, mut two) = (site.start(), site.start());
    let addresses = [one.address(), two.address()];
    for round in 0..5 {
        site.article(2, &format!("round {round}"));
        let words = format!("round {round}");
        until("both serve it", || {
            addresses
                .iter()
                .all(|address| get(*address, "/rss.xml").body.contains(&words))
        });
    }
    std::thread::sleep(Duration::from_millis(1_500));
    assert_eq!(served(addresses[0]), served(addresses[1]));
    for messages in [one.stop().1, two.stop().1] {
        assert!(
            !messages
                .iter()
                .any(|message| message.starts_with("failed:")),
            "{messages:#?}"
        );
    }
}

#[test]
fn a_log_that_nobody_reads_stops_nothing() {
    let site = Site::new();
    for number in 0..400 {
        // Each is a line of the log, and a pipe holds 64 KiB.
        fs::write(
            site.path(&format!("content/broken-{number}.md")),
            "---\ntitle: [\n---\n",
        )
        .unwrap();
    }
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let mut command = site.command("serve", &["--listen", &address.to_string()]);
    let mut child = command
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let up = || std::net::TcpStream::connect(address).is_ok();
    until("it serves", up);
    for round in 0..5 {
        site.article(1, &format!("round {round}"));
        until("the edit", || {
            get(address, "/rss.xml")
                .body
                .contains(&format!("round {round}"))
        });
    }
    let _ = Command::new("kill").arg(child.id().to_string()).status();
    let begun = Instant::now();
    assert!(child.wait().unwrap().success());
    assert!(begun.elapsed() < Duration::from_secs(10));
}
