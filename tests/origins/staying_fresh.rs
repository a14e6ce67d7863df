//! How the origin is looked at, and how only what has changed is read.

use std::{
    collections::BTreeSet,
    ops::Deref,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use dateline::{
    config,
    source::{self, Bookmark, News, Reading, Source},
};
use tempfile::TempDir;

use crate::{
    apis::{self, Piece, pieces},
    program::Site,
    server::{Origin, Reply, Request},
};

/// A source, and the folder of its tokens for as long as it is used.
struct Opened {
    source: Box<dyn Source>,
    _folder: TempDir,
}

impl Deref for Opened {
    type Target = dyn Source;

    fn deref(&self) -> &Self::Target {
        &*self.source
    }
}

/// The source of a configuration.
fn open(source: &str) -> Opened {
    let folder = tempfile::tempdir().unwrap();
    for (name, token) in [
        ("ghost.token", "22444f78447824223cefc48062"),
        ("cda.token", "b4c0n73n7fu1"),
    ] {
        std::fs::write(folder.path().join(name), token).unwrap();
    }
    let text = format!("[site]\nurl = \"https://backend.example/\"\ntitle = \"Backend\"\n{source}");
    let config = config::parse(&folder.path().join("feeds.toml"), &text);
    let config = config.unwrap_or_else(|error| panic!("{error}"));
    Opened {
        source: source::open(&config.source, Path::new("/")),
        _folder: folder,
    }
}

fn never(_: &str, _: source::Mark) -> bool {
    false
}

/// Reads everything: what came, and how far it was read.
fn whole(source: &dyn Source) -> (BTreeSet<String>, Option<Bookmark>) {
    let mut ids = BTreeSet::new();
    let mark = source
        .read_news(&never, &mut |news| ids.extend(id(&news)))
        .unwrap();
    (ids, mark)
}

fn changes(source: &dyn Source, since: &Bookmark) -> (BTreeSet<String>, Option<Bookmark>) {
    let mut ids = BTreeSet::new();
    let mark = source
        .read_changes(since, &mut |news| ids.extend(id(&news)))
        .unwrap();
    (ids, mark)
}

/// The origin's name for an article, which is that of its place too.
fn id(news: &News) -> Option<String> {
    let News::Read(Reading::Draft(draft), _) = news else {
        return None;
    };
    assert_eq!(draft.locator.row, draft.id);
    draft.id.clone()
}

type Answer = fn(&[Piece], &Request) -> Reply;

/// Each API that can tell what has changed, with what its configuration needs.
const TELLING: [(&str, &str, Answer); 4] = [
    ("/", "preset = \"wordpress\"", apis::wordpress),
    (
        "/",
        "preset = \"ghost\"\ntoken_file = \"ghost.token\"",
        apis::ghost,
    ),
    ("/api/articles", "preset = \"strapi\"", |pieces, request| {
        apis::strapi(pieces, request, 5)
    }),
    (
        "/entries?content_type=article",
        "preset = \"contentful\"\ntoken_file = \"cda.token\"",
        apis::contentful,
    ),
];

#[test]
fn only_what_changed_is_read_where_the_api_can_tell() {
    for (path, more, answer) in TELLING {
        let all = Arc::new(Mutex::new(pieces(250)));
        let shared = Arc::clone(&all);
        let origin = Origin::new(move |request| answer(&shared.lock().unwrap(), request));
        let source = open(&origin.source(path, more));
        let (ids, mark) = whole(&*source);
        assert_eq!(ids.len(), 250, "{more}");
        let mark = mark.unwrap();

        // Nothing new: no more than what changed last, in few requests.
        let before = origin.asked().len();
        let (ids, same) = changes(&*source, &mark);
        assert!(ids.len() <= 2, "{more}: {ids:?}");
        assert_eq!(same.as_ref(), Some(&mark), "{more}");
        assert!(origin.asked().len() - before <= 3);

        // An edit, and an article that is new.
        let later = |months: &str| format!("2026-{months}-01T10:00:00");
        {
            let mut all = all.lock().unwrap();
            all[7].moved = Some(later("01"));
            let mut new = pieces(251).pop().unwrap();
            (new.born, new.moved) = (Some(later("02")), Some(later("02")));
            all.push(new);
        }
        let (ids, next) = changes(&*source, &mark);
        let expected = [8, 251].map(|number| format!("https://backend.example/?p={number}"));
        assert!(
            expected.iter().all(|id| ids.contains(id)),
            "{more}: {ids:?}"
        );
        assert!(ids.len() <= 4, "{more}: {ids:?}");
        let next = next.unwrap();
        assert_ne!(next, mark, "{more}");

        // What is gone is in no answer: everything must be compared.
        let gone = all.lock().unwrap().remove(3);
        assert_eq!(changes(&*source, &next).1, None, "{more}: a deletion");
        // So it must though another has come in its place, …
        let mut new = pieces(252).pop().unwrap();
        (new.born, new.moved) = (Some(later("03")), Some(later("03")));
        all.lock().unwrap().push(new);
        assert_eq!(changes(&*source, &next).1, None, "{more}: one for another");
        // … where one that was scheduled came out as it was, be there an edit or not, …
        all.lock().unwrap().pop();
        let mut scheduled = pieces(253).pop().unwrap();
        scheduled.born = Some(later("04"));
        scheduled.moved = Some("2023-01-01T00:00:00".to_owned());
        all.lock().unwrap().extend([gone, scheduled]);
        assert_eq!(changes(&*source, &next).1, None, "{more}: a scheduled one");
        all.lock().unwrap()[9].moved = Some(later("05"));
        assert_eq!(
            changes(&*source, &next).1,
            None,
            "{more}: an edit beside it"
        );
        // … by another configuration, and from a bookmark that is none.
        let other = open(&origin.source(path, &format!("{more}\nitems = \"x\"")));
        assert_eq!(changes(&*other, &mark).1, None, "{more}");
        assert_eq!(
            changes(&*source, &Bookmark("x".to_owned())).1,
            None,
            "{more}"
        );
    }
}

#[test]
fn everything_is_compared_when_it_is_time() {
    let all = pieces(5);
    let origin = Origin::new(move |request| apis::wordpress(&all, request));
    let source = open(&origin.source("/", "preset = \"wordpress\"\ncompare = \"2s\""));
    let mark = whole(&*source).1.unwrap();
    std::thread::sleep(Duration::from_millis(2_100));
    assert_eq!(changes(&*source, &mark).1, None);
    // An API that does not tell of changes has no bookmark at all.
    let origin = Origin::new(|_| Reply::json(&pieces(5).iter().map(Piece::file).collect()));
    assert_eq!(whole(&*open(&origin.source("/a", ""))).1, None);
}

#[test]
fn a_look_asks_whether_anything_is_new_and_no_more_often_than_it_may() {
    let body = Arc::new(Mutex::new(
        "[{\"url\": \"/a/\", \"title\": \"A\"}]".to_owned(),
    ));
    let (sent, shared) = (Arc::new(AtomicUsize::new(0)), Arc::clone(&body));
    let full = Arc::clone(&sent);
    let origin = Origin::new(move |request| {
        let body = shared.lock().unwrap().clone();
        let tag = format!("\"{}\"", blake3::hash(body.as_bytes()).to_hex());
        let date = "Wed, 10 Jun 2026 00:00:00 GMT";
        if request.field("if-none-match") == Some(&tag) {
            assert_eq!(request.field("if-modified-since"), Some(date));
            return Reply::new(304, "application/json", "").with("ETag", tag);
        }
        full.fetch_add(1, Ordering::Relaxed);
        let reply = Reply::new(200, "application/json", body);
        reply.with("ETag", tag).with("Last-Modified", date)
    });
    let source = open(&origin.source("/a", "preset = \"json\"\ninterval = \"2s\""));
    let wait = || std::thread::sleep(Duration::from_millis(2_100));
    let first = source.glance();
    for _ in 0..50 {
        assert_eq!(source.glance(), first);
    }
    assert_eq!(origin.asked().len(), 1);
    wait();
    assert_eq!(source.glance(), first, "304");
    assert_eq!((origin.asked().len(), sent.load(Ordering::Relaxed)), (2, 1));
    *body.lock().unwrap() = "[]".to_owned();
    wait();
    let second = source.glance();
    assert_ne!(second, first);
    assert_eq!(sent.load(Ordering::Relaxed), 2);
    drop(origin);
}

#[test]
fn an_edit_far_behind_the_first_page_shows_at_a_look() {
    for (path, more, answer) in TELLING {
        let all = Arc::new(Mutex::new(pieces(250)));
        let shared = Arc::clone(&all);
        let origin = Origin::new(move |request| answer(&shared.lock().unwrap(), request));
        let source = open(&origin.source(path, &format!("{more}\ninterval = \"1s\"")));
        let wait = || std::thread::sleep(Duration::from_millis(1_100));
        let mut before = source.glance();
        let mut differs = |what: &str, is_other: bool| {
            wait();
            let now = source.glance();
            assert_eq!(now != before, is_other, "{more}: {what}");
            before = now;
        };
        differs("nothing", false);
        all.lock().unwrap()[200].moved = Some("2026-01-01T00:00:00".to_owned());
        differs("an edit", true);
        all.lock().unwrap().remove(100);
        differs("a deletion", true);
    }
}

#[test]
fn an_origin_that_is_away_looks_otherwise() {
    let (origin, down) = (
        Origin::new(|_| Reply::json(&serde_json::json!([]))),
        Origin::new(|_| Reply::new(503, "text/plain", "")),
    );
    let good = open(&origin.source("/a", "")).glance();
    let bad = open(&down.source("/a", "")).glance();
    assert_ne!(good, bad);
}

#[test]
fn a_timer_nudges_until_it_is_let_go() {
    let origin = Origin::new(|_| Reply::json(&serde_json::json!([])));
    let source = open(&origin.source("/a", "interval = \"1s\""));
    let nudges = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&nudges);
    let listening = source.listen(Arc::new(move || {
        counted.fetch_add(1, Ordering::Relaxed);
    }));
    let begun = Instant::now();
    while nudges.load(Ordering::Relaxed) < 2 {
        assert!(begun.elapsed() < Duration::from_secs(30), "no nudge came");
        std::thread::sleep(Duration::from_millis(20));
    }
    drop(listening);
    std::thread::sleep(Duration::from_millis(200));
    let after = nudges.load(Ordering::Relaxed);
    std::thread::sleep(Duration::from_millis(2_200));
    assert_eq!(nudges.load(Ordering::Relaxed), after);
    assert_eq!(origin.asked().len(), 0, "a nudge asks nobody");
}

#[test]
fn an_origin_that_is_busy_is_waited_for_and_then_left_alone() {
    // Two times it asks for patience, then it answers.
    let asked = AtomicUsize::new(0);
    let origin = Origin::new(move |_| match asked.fetch_add(1, Ordering::Relaxed) {
        0 => Reply::new(429, "text/plain", "").with("Retry-After", 1),
        1 => Reply::new(503, "text/plain", "").with("Retry-After", "Wed, 10 Jun 2020 00:00:00 GMT"),
        _ => Reply::json(&pieces(5).iter().map(Piece::file).collect()),
    });
    let source = open(&origin.source("/a", "preset = \"json\""));
    let begun = Instant::now();
    assert_eq!(whole(&*source).0.len(), 5);
    assert!(begun.elapsed() >= Duration::from_secs(1));

    let origin = Origin::new(|_| Reply::new(429, "text/plain", "").with("Retry-After", 3_000));
    let source = open(&origin.source("/a", "preset = \"json\""));
    for said in ["asks to come again in 3000 s", "s are left"] {
        let error = source.read(&mut |_| {}).unwrap_err();
        assert!(error.0.contains(said), "{error}");
    }
    assert_eq!(origin.asked().len(), 1);
}

#[test]
fn secrets_are_shown_to_the_origin_alone_and_in_no_message() {
    let other = Origin::new(|request| {
        assert_eq!(
            (request.field("authorization"), request.field("x-key")),
            (None, None)
        );
        Reply::new(403, "application/json", "{\"message\": \"not for you\"}")
    });
    let elsewhere = other.url("/next");
    let origin = Origin::new(move |request| {
        let (token, key) = (request.field("authorization"), request.field("x-key"));
        assert_eq!((token, key), (Some("Bearer b4c0n73n7fu1"), Some("sesame")));
        Reply::json(&pieces(5).iter().map(Piece::file).collect())
            .with("Link", format!("<{elsewhere}>; rel=next"))
    });
    let more = "token_file = \"cda.token\"\n[source.http.headers]\nX-Key = \"sesame\"";
    let source = open(&origin.source("/a?api_key=swordfish", more));
    let error = source.read(&mut |_| {}).unwrap_err().0;
    // The port of another server is none of the ports that may be dialled.
    assert!(
        error.contains("is neither 80, 443 nor that of url"),
        "{error}"
    );
    assert_eq!(other.asked().len(), 0);
    let echo = Origin::new(|request| {
        let said = request.field("authorization").unwrap();
        Reply::new(
            401,
            "application/json",
            format!("{{\"message\": \"no: {said} sesame\"}}"),
        )
    });
    let source = open(&echo.source("/a?api_key=swordfish", more));
    let error = source.read(&mut |_| {}).unwrap_err().0;
    assert!(error.contains("status 401: no: Bearer …"), "{error}");
    for secret in ["b4c0n73n7fu1", "sesame", "swordfish"] {
        assert!(
            !error.contains(secret) && !source.name().contains(secret),
            "{error}"
        );
    }
}

/// The whole program: after an edit no more is asked for than what changed.
#[test]
fn a_running_server_reads_only_what_changed() {
    let all = Arc::new(Mutex::new(pieces(250)));
    let shared = Arc::clone(&all);
    let origin = Origin::new(move |request| apis::wordpress(&shared.lock().unwrap(), request));
    let site = Site::empty();
    site.write(
        "feeds.toml",
        &format!(
            "[site]\nurl = \"https://backend.example/\"\ntitle = \"Backend\"\n{}",
            origin.source("/", "preset = \"wordpress\"\ninterval = \"1s\"")
        ),
    );
    let mut served = site.serve(&["serve", "--listen", "127.0.0.1:0"]);
    let before = origin.asked().len();
    {
        let mut all = all.lock().unwrap();
        all[7].moved = Some("2026-02-01T00:00:00".to_owned());
        all[7].text = "<p>Edited.</p>".to_owned();
    }
    served.wait_for("refreshed: 250 articles");
    let asked = origin.asked().split_off(before);
    let whole: Vec<_> = asked
        .iter()
        .filter(|request| request.parameter("orderby") == Some("id"))
        .collect();
    assert!(whole.is_empty(), "{whole:?}");
    let (_, sitemap) = served.get("/sitemap.xml");
    let sitemap = String::from_utf8(sitemap).unwrap();
    assert!(sitemap.contains("2026-02-01T00:00:00Z"), "{sitemap}");

    // One that is gone is found by comparing everything.
    all.lock().unwrap().remove(100);
    served.wait_for("refreshed: 249 articles");
    let (_, sitemap) = served.get("/sitemap.xml");
    assert!(!String::from_utf8(sitemap).unwrap().contains("/no-101/"));
}
