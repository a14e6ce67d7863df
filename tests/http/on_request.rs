//! Documents that are made when they are first asked for.

use std::{
    sync::{
        Arc, Barrier,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use dateline::{
    article::Timestamp,
    edition::{Deferred, Document, Edition, Recipe},
    render::DocumentKind,
    serve::Workshop,
};

use crate::server::*;

/// Counts what it makes, slowly; or fails.
#[derive(Default)]
struct Slow {
    made: AtomicUsize,
    fails: bool,
}

impl Workshop for Slow {
    fn make(&self, path: &str) -> Result<Document, String> {
        self.made.fetch_add(1, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(300));
        if self.fails {
            return Err("the store is away".to_owned());
        }
        Ok(document(path, DocumentKind::Rss, Some(CHANGED_AT)))
    }
}

const CHANGED_AT: i64 = 1_781_049_600;
const PATH: &str = "/tags/rust/rss.xml";

/// A server that promises one document.
fn promising(workshop: &Arc<Slow>, bytes: u64, changed: i64) -> Server {
    let server = Server::keeping(bytes);
    promise(&server, workshop, changed);
    server
}

fn promise(server: &Server, workshop: &Arc<Slow>, changed: i64) {
    let deferred = Deferred {
        path: PATH.to_owned(),
        kind: DocumentKind::Rss,
        changed: Some(Timestamp::from_unix(changed).unwrap()),
        recipe: Recipe::default(),
        finished: false,
    };
    let edition = Edition {
        deferred: vec![Arc::new(deferred)],
        ..edition()
    };
    let workshop: Arc<dyn Workshop> = workshop.clone();
    server.current.publish(&edition, Some(workshop));
}

#[test]
fn it_is_made_once_however_many_ask_and_others_do_not_wait() {
    let workshop = Arc::new(Slow::default());
    let server = promising(&workshop, 1_000_000, CHANGED_AT);
    let start = Barrier::new(31);
    std::thread::scope(|scope| {
        for _ in 0..30 {
            scope.spawn(|| {
                start.wait();
                let answer = server.get(PATH, &[]);
                assert_eq!((answer.status, &*answer.body), (200, IDENTITY));
            });
        }
        start.wait();
        assert_eq!(server.get("/rss.xml", &[]).status, 200);
        assert!(workshop.made.load(Ordering::SeqCst) <= 1);
    });
    assert_eq!(workshop.made.load(Ordering::SeqCst), 1);
    let known = format!("If-None-Match: W/\"{ETAG}\"");
    assert_eq!(server.get(PATH, &[&known]).status, 304);
    assert_eq!(server.get(PATH, &["Accept-Encoding: gzip"]).body, GZIP);
    assert_eq!(workshop.made.load(Ordering::SeqCst), 1, "it is kept");
}

#[test]
fn head_and_a_first_conditional_request_are_answered_as_for_any_document() {
    let workshop = Arc::new(Slow::default());
    let server = promising(&workshop, 1_000_000, CHANGED_AT);
    let known = format!("If-None-Match: W/\"{ETAG}\"");
    let answer = server.get(PATH, &[&known]);
    assert_eq!((answer.status, answer.body.len()), (304, 0));
    let plain = server.get("/rss.xml", &[]);
    let answer = server.get(PATH, &[]);
    for name in [
        "etag",
        "last-modified",
        "cache-control",
        "vary",
        "content-type",
    ] {
        assert_eq!(answer.field(name), plain.field(name), "{name}");
    }
}

#[test]
fn its_tag_is_known_for_longer_than_its_bytes_are_kept() {
    let workshop = Arc::new(Slow::default());
    let server = promising(&workshop, 0, CHANGED_AT);
    assert_eq!(server.get(PATH, &[]).status, 200);
    let made = workshop.made.load(Ordering::SeqCst);
    let known = format!("If-None-Match: W/\"{ETAG}\"");
    assert_eq!(server.get(PATH, &[&known]).status, 304);
    assert_eq!(workshop.made.load(Ordering::SeqCst), made);
    // A new edition with the same promise keeps it too.
    promise(&server, &workshop, CHANGED_AT);
    assert_eq!(server.get(PATH, &[&known]).status, 304);
    assert_eq!(workshop.made.load(Ordering::SeqCst), made);
    // With another one it must be made to know.
    promise(&server, &workshop, CHANGED_AT + 60);
    assert_eq!(server.get(PATH, &[&known]).status, 304);
    assert_eq!(workshop.made.load(Ordering::SeqCst), made + 1);
}

#[test]
fn what_cannot_be_made_is_to_be_asked_for_again() {
    let workshop = Arc::new(Slow {
        fails: true,
        ..Slow::default()
    });
    let server = promising(&workshop, 1_000_000, CHANGED_AT);
    let answer = server.get(PATH, &[]);
    assert_eq!(
        (answer.status, answer.field("retry-after")),
        (503, Some("10"))
    );
    assert_eq!(answer.field("cache-control"), Some("no-store"));
    assert_eq!(server.get("/rss.xml", &[]).status, 200);
}
