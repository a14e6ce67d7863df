//! What a person is told about a configuration, to the letter.

mod schema;

use std::path::Path;

use proptest::prelude::*;

use super::*;

const MINIMAL: &str = "[site]\nurl = \"https://a.example/\"\ntitle = \"A\"\n\n\
                       [source.file]\npath = \"a.toml\"\n";

fn report(text: &str) -> String {
    match parse(Path::new("feeds.toml"), text) {
        Ok(config) => panic!("no fault was found: {config:?}"),
        Err(error) => error.to_string(),
    }
}

/// `faults.txt` holds files and what is said about them. `UPDATE_GOLDEN=1` writes what is
/// said anew; read the difference.
#[test]
fn every_fault_is_shown_where_it_stands_with_a_remedy() {
    const CASE: &str = "=====\n";
    const SAID: &str = "-----\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/config/tests/faults.txt");
    let golden = std::fs::read_to_string(&path).unwrap();
    let mut now = String::new();
    let mut cases = 0;
    for case in golden.split(CASE).skip(1) {
        let (input, _) = case.split_once(SAID).unwrap();
        let said = report(input);
        for line in said.lines().filter(|line| !line.contains('|')) {
            assert!(line.chars().count() <= 80, "{line}");
        }
        now.push_str(&format!("{CASE}{input}{SAID}{said}\n"));
        cases += said.matches("error: ").count();
    }
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &now).unwrap();
    }
    assert_eq!(now, golden);
    assert!(cases >= 45, "only {cases} faults are shown");
}

#[test]
fn a_minimal_file_has_defaults_for_the_rest() {
    let config = parse(Path::new("/srv/blog/feeds.toml"), MINIMAL).unwrap();
    assert_eq!(config.file, Path::new("/srv/blog/feeds.toml"));
    assert_eq!(config.site.description.as_str(), "A");
    assert_eq!(config.site.language.as_str(), "en");
    assert_eq!(
        (config.site.timezone, config.site.author),
        (Zone::UTC, None)
    );
    assert_eq!(
        config.source,
        SourceConfig::File(FileSourceConfig {
            path: "/srv/blog/a.toml".into(),
            format: FileFormat::Toml,
            url: None
        })
    );
    assert_eq!(config.feeds.len(), 1);
    assert_eq!(config.feeds[0].scope, FeedScope::Named("all".to_owned()));
    assert_eq!(
        (config.feeds[0].limit, config.feeds[0].content),
        (20, ContentMode::Full)
    );
    assert_eq!(config.feeds[0].formats, FeedFormat::ALL);
    assert_eq!(config.dates, DatesConfig::default());
    assert_eq!(config.server.listen, [Listen::default()]);
    assert_eq!(config.server.limits, Limits::default());
    assert_eq!(config.server.trusted_proxies, TrustedProxies::default());
    assert_eq!(config.server.legacy, Legacy::default());
    assert_eq!(config.server.access_log, None);
    assert_eq!(config.store.path, Path::new("/srv/blog/dateline.db"));
}

#[test]
fn everything_that_can_be_said_is_heard() {
    let text = r#"
[site]
url = "https://a.example/blog"
title = "A"
description = "B"
language = "pt_br"
timezone = "Europe/Berlin"
author = { name = "N", email = "n@a.example", url = "https://a.example/n" }
other_hosts = ["b.example", "C.example:8443"]

[source.markdown]
path = "/abs/content"
url = "/{path}/"
published_from = ["path", "filename"]

[source.markdown.fields]
published = "created_at"
authors = "extra.author"

[[feed]]
name = "short"
limit = 5
content = "summary"
title = "T"
description = "D"
formats = ["json"]

[[feed]]
each = "section"

[dates]
trust = "declared"

[dates.guards]
touched_articles = 1
touched_percent = 2
lost_percent = 3
lost_from = 4

[server]
listen = [
    "127.0.0.1:1",
    "[::1]:2",
    "inherited",
    "inherited:3",
    { address = "unix:run/http.sock", mode = "0600", group = "www-data" },
    { address = "0.0.0.0:4", h2c = true, proxy_protocol = true },
]
trusted_proxies = ["10.0.0.0/8", "192.0.2.1", "unix"]
client_field = "forwarded"
redirect = "308"
gone = ["/comments/feed/"]

[server.aliases]
"/feed" = "/rss.xml"
"/?feed=atom" = "https://b.example/atom.xml"

[server.access_log]
path = "access.log"
format = "combined"
addresses = "network"
sample_304 = 10

[server.limits]
connections = 1
connections_per_client = 2
on_request_bytes = 64_000_000
header_bytes = 9_000
header_fields = 30
target_bytes = 400
header_seconds = 5
idle_seconds = 6
write_seconds = 7
write_bytes = 8
full_answers_per_hour = 9

[store]
path = "../store.db"
"#;
    let config = parse(Path::new("/srv/feeds.toml"), text).unwrap();
    assert_eq!(
        config.site.url.as_str(),
        "https://a.example/blog/",
        "a folder"
    );
    assert_eq!(config.site.language.as_str(), "pt-BR");
    assert_eq!(config.site.other_hosts, ["b.example", "c.example:8443"]);
    let SourceConfig::Markdown(markdown) = &config.source else {
        panic!("{:?}", config.source)
    };
    assert_eq!(markdown.path, Path::new("/abs/content"));
    assert_eq!(
        markdown.published_from,
        [PublishedFrom::Path, PublishedFrom::Filename]
    );
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(
        markdown.fields,
        [
            pair("authors", "extra.author"),
            pair("published", "created_at")
        ]
    );
    assert_eq!(config.feeds[0].formats, [FeedFormat::Json]);
    assert_eq!(config.feeds[0].content, ContentMode::Summary);
    assert_eq!(config.feeds[1].scope, FeedScope::Each(Axis::Section));
    assert_eq!(config.dates.trust, Trust::Declared);
    let guards = Guards {
        touched_articles: 1,
        touched_percent: 2,
        lost_percent: 3,
        lost_from: 4,
    };
    assert_eq!(config.dates.guards, guards);
    check_server(&config.server);
    assert_eq!(config.store.path, Path::new("/srv/../store.db"));
}

fn check_server(server: &ServerConfig) {
    let tcp = |text: &str| ListenAddress::Tcp(text.parse().unwrap());
    let expected = [
        Listen::on(tcp("127.0.0.1:1")),
        Listen::on(tcp("[::1]:2")),
        Listen::on(ListenAddress::Inherited(None)),
        Listen::on(ListenAddress::Inherited(Some(3))),
        Listen {
            mode: 0o600,
            group: Some("www-data".to_owned()),
            ..Listen::on(ListenAddress::Unix("/srv/run/http.sock".into()))
        },
        Listen {
            h2c: true,
            proxy_protocol: true,
            ..Listen::on(tcp("0.0.0.0:4"))
        },
    ];
    assert_eq!(server.listen, expected);
    let networks = ["10.0.0.0/8", "192.0.2.1/32"].map(|text| text.parse().unwrap());
    let trusted = TrustedProxies {
        networks: networks.to_vec(),
        unix: true,
        field: ClientField::Forwarded,
    };
    assert_eq!(server.trusted_proxies, trusted);
    let away = AbsoluteUrl::parse("https://b.example/atom.xml").unwrap();
    let legacy = Legacy {
        aliases: vec![
            ("/?feed=atom".to_owned(), Target::Url(away)),
            ("/feed".to_owned(), Target::Path("/rss.xml".to_owned())),
        ],
        redirect: Redirect::PermanentRedirect,
        gone: vec!["/comments/feed/".to_owned()],
    };
    assert_eq!(server.legacy, legacy);
    let log = AccessLogConfig {
        path: Some("/srv/access.log".into()),
        format: LogFormat::Combined,
        addresses: LogAddresses::Network,
        sample_304: 10,
    };
    assert_eq!(server.access_log, Some(log));
    let seconds = std::time::Duration::from_secs;
    let limits = Limits {
        connections: 1,
        connections_per_client: 2,
        on_request_bytes: 64_000_000,
        header_bytes: 9_000,
        header_fields: 30,
        target_bytes: 400,
        header: seconds(5),
        idle: seconds(6),
        write: seconds(7),
        write_bytes: 8,
        full_answers_per_hour: 9,
    };
    assert_eq!(server.limits, limits);
}

fn source(text: &str) -> SourceConfig {
    let text = format!("[site]\nurl = \"https://a.example/\"\ntitle = \"A\"\n{text}");
    let config = parse(Path::new("/srv/feeds.toml"), &text);
    config.unwrap_or_else(|error| panic!("{error}")).source
}

#[test]
fn everything_that_can_be_said_of_a_database_is_heard() {
    let SourceConfig::Postgres(server) = source(
        r#"
[source.postgres]
url = "postgresql://me:secret@db.example:6432/blog?sslmode=require"
password_file = "db.password"
tls_ca = "/etc/ca.pem"
query = "SELECT 1"
address = "/{slug}/"
changed = "updated at"
deleted = "deleted"
interval = "5000ms"
overlap = "0s"
compare = "1d"
statement_timeout = "2m"
listen = "articles"
[source.postgres.columns]
content_html = "body"
"#,
    ) else {
        panic!("another source")
    };
    let seconds = std::time::Duration::from_secs;
    assert_eq!(server.url.to_string(), "postgresql://db.example:6432/blog");
    assert!(!format!("{server:?}").contains("secret"), "{server:?}");
    assert_eq!(server.tls, DatabaseTls::Require);
    assert_eq!(
        server.password_file.as_deref(),
        Some(Path::new("/srv/db.password"))
    );
    assert_eq!(server.tls_ca.as_deref(), Some(Path::new("/etc/ca.pem")));
    assert_eq!(server.sql.from, Relation::Query("SELECT 1".to_owned()));
    assert_eq!(server.sql.changed.as_deref(), Some("updated at"));
    let times = (server.interval, server.sql.overlap, server.sql.compare);
    assert_eq!(times, (seconds(5), seconds(0), seconds(86_400)));
    assert_eq!(server.sql.statement_timeout, seconds(120));
    assert_eq!(server.listen.as_deref(), Some("articles"));
    assert_eq!(
        server.sql.columns,
        [("content_html".to_owned(), "body".to_owned())]
    );
}

#[test]
fn a_database_elsewhere_must_prove_who_it_is_unless_something_else_is_said() {
    for (url, tls) in [
        ("postgres://localhost/blog", DatabaseTls::Disable),
        ("postgres://127.0.0.1/blog", DatabaseTls::Disable),
        ("postgres://[::1]:1/blog", DatabaseTls::Disable),
        ("postgres://%2Frun%2Fpostgresql/blog", DatabaseTls::Disable),
        (
            "postgres:///blog?host=/run/postgresql",
            DatabaseTls::Disable,
        ),
        ("postgres:///blog", DatabaseTls::Disable),
        ("postgres://db.example/blog", DatabaseTls::VerifyFull),
        ("postgres://10.0.0.1/blog", DatabaseTls::VerifyFull),
        ("postgres:///blog?host=db.example", DatabaseTls::VerifyFull),
        (
            "postgres://db.example/blog?sslmode=disable",
            DatabaseTls::Disable,
        ),
        (
            "postgres://localhost/blog?sslmode=verify-ca",
            DatabaseTls::VerifyCa,
        ),
    ] {
        let text = format!("[source.postgres]\nurl = \"{url}\"\ntable = \"a\"");
        let SourceConfig::Postgres(server) = source(&text) else {
            panic!("another source")
        };
        assert_eq!(server.tls, tls, "{url}");
    }
}

#[test]
fn a_byte_order_mark_and_line_ends_of_any_kind_are_no_fault() {
    for text in [format!("\u{FEFF}{MINIMAL}"), MINIMAL.replace('\n', "\r\n")] {
        assert!(parse(Path::new("feeds.toml"), &text).is_ok(), "{text:?}");
    }
}

#[test]
fn lines_and_columns_are_counted_as_people_do() {
    let text = MINIMAL.replace("title = \"A\"", "\ttitle = \"ä\"; x");
    let text = text
        .replace("; x", "")
        .replace("title = ", "nam€ = 1\ntitle = ");
    let error = parse(Path::new("feeds.toml"), &text).unwrap_err();
    assert!(!error.faults().is_empty());
    let text = format!("{MINIMAL}\n[store]\n  # ä€\n\tpfad = \"ä\" # 数\n");
    let error = parse(Path::new("feeds.toml"), &text).unwrap_err();
    let places: Vec<_> = error
        .faults()
        .iter()
        .map(|(line, column, _)| (*line, *column))
        .collect();
    assert_eq!(places, [(10, 2)]);
}

#[test]
fn a_file_that_is_not_there_says_what_was_looked_for_and_where() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("feeds.toml");
    let said = load(&file).unwrap_err().to_string();
    let expected = format!(
        "error: there is no configuration file here\n  --> {}\nhelp: run this in the folder \
         that holds feeds.toml, or name it: --config FILE\nA first one",
        file.display()
    );
    assert!(said.starts_with(&expected), "{said}");
    let said = load(folder.path()).unwrap_err().to_string();
    assert!(
        said.starts_with("error: the configuration is a folder"),
        "{said}"
    );
    std::fs::write(&file, b"[site]\ntitle = \"\xFF\"").unwrap();
    let said = load(&file).unwrap_err().to_string();
    assert!(said.starts_with("error: line 2 is not UTF-8"), "{said}");
}

proptest! {
    #[test]
    fn no_text_at_all_makes_it_panic(text in any::<String>()) {
        let _ = parse(Path::new("feeds.toml"), &text).map_err(|error| error.to_string());
    }

    #[test]
    fn no_damage_makes_it_panic(at in 0..MINIMAL.len(), cut in 0..9_usize, put in "[\\[\\]{}=\"'\n.a1]{0,6}") {
        let end = (at + cut).min(MINIMAL.len());
        let text = format!("{}{put}{}", &MINIMAL[..at], &MINIMAL[end..]);
        let _ = parse(Path::new("feeds.toml"), &text).map_err(|error| error.to_string());
    }
}
