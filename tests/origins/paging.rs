//! How pages go on, and what goes wrong with that.

use serde_json::{Value, json};

use crate::{
    apis::{self, Piece, pieces},
    program::Site,
    server::{Origin, Reply, Request},
};

/// What `check` says of a source: its status, the number of articles, all lines in one.
fn check(source: &str) -> (i32, usize, String) {
    let site = Site::empty();
    site.write(
        "feeds.toml",
        &format!("[site]\nurl = \"https://backend.example/\"\ntitle = \"Backend\"\n{source}"),
    );
    let done = site.run(&["check"]);
    let all = format!("{}{}", done.out, done.err);
    let words: Vec<&str> = all.split_whitespace().collect();
    let count = words
        .windows(2)
        .rev()
        .find(|pair| pair[1].starts_with("article"))
        .and_then(|pair| pair[0].parse().ok());
    (done.status, count.unwrap_or_default(), words.join(" "))
}

fn articles(pieces: &[Piece]) -> Value {
    pieces.iter().map(Piece::file).collect()
}

/// Pages of 10 of 35 articles, from `start` on.
fn page(start: usize) -> Value {
    let all = pieces(35);
    articles(&all[start.min(35)..(start + 10).min(35)])
}

#[test]
fn every_way_to_the_next_page_is_gone_to_its_end() {
    type Answer = fn(&Request) -> Reply;
    let ways: [(&str, Answer); 8] = [
        ("", |request| {
            let start = request.number("from").unwrap_or(0);
            let reply = Reply::json(&page(start));
            match start + 10 {
                next @ ..35 => reply
                    .with("Link", "</>; rel=\"up\"")
                    .with("Link", format!("<?from={next}>; rel=\"next\"")),
                _ => reply,
            }
        }),
        (
            "next = { by = \"next_url\", path = \"meta.next\" }",
            |request| {
                let start = request.number("from").unwrap_or(0);
                let next = (start + 10 < 35).then(|| format!("/a?from={}", start + 10));
                Reply::json(&json!({"data": page(start), "meta": {"next": next}}))
            },
        ),
        (
            "next = { by = \"cursor\", path = \"cursor\", parameter = \"after\" }",
            |request| {
                let start = request.parameter("after").unwrap_or("c 0");
                let start: usize = start.trim_start_matches("c ").parse().unwrap();
                let next = (start + 10 < 35).then(|| format!("c {}", start + 10));
                Reply::json(&json!({"results": page(start), "cursor": next}))
            },
        ),
        // Behind the last page there is an empty one …
        ("next = { by = \"page\", parameter = \"p\" }", |request| {
            Reply::json(&page((request.number("p").unwrap_or(1) - 1) * 10))
        }),
        // … or none; and the number of articles that is asked for is not that which is given.
        (
            "next = { by = \"page\", parameter = \"p\", first = 0, size_parameter = \"n\", size = 50 }",
            |request| {
                if request.number("n") != Some(50) {
                    return Reply::json(&page(0));
                }
                let page = page(request.number("p").unwrap() * 10);
                if page == json!([]) {
                    return Reply::json(&json!({"detail": "Invalid page."})).status(404);
                }
                Reply::json(&page)
            },
        ),
        (
            "next = { by = \"offset\", parameter = \"skip\", size_parameter = \"n\", size = 50 }",
            |request| {
                let reply = Reply::json(&page(request.number("skip").unwrap_or(0)));
                reply.with("X-Total-Count", 35)
            },
        ),
        // Pages that are short though they are not the last.
        ("next = { by = \"page\", parameter = \"p\" }", |request| {
            let number = request.number("p").unwrap_or(1);
            let page = page((number - 1) * 10).as_array().unwrap().clone();
            let short = page.into_iter().take(if number == 2 { 3 } else { 10 });
            Reply::json(&json!({"items": short.collect::<Vec<_>>(), "total": 28}))
        }),
        ("total = \"none\"\nnext = \"none\"", |_| {
            Reply::json(&json!({"items": articles(&pieces(35)), "total": 500}))
        }),
    ];
    for (next, answer) in ways {
        let origin = Origin::new(answer);
        let (status, count, said) = check(&origin.source("/a", next));
        let expected = if said.contains("28 articles") { 28 } else { 35 };
        assert_eq!((status, count), (0, expected), "{next}: {said}");
        let asked = origin.asked();
        // Among them a look, one to see what kind of answer it is, and one for an empty page.
        assert!(asked.len() <= 8, "{next}: {} requests", asked.len());
    }
}

/// Each of these must not look like a catalogue that has become smaller.
#[test]
fn what_is_not_the_whole_is_an_error_that_says_why() {
    type Answer = fn(&Request) -> Reply;
    let by_page = "next = { by = \"page\", parameter = \"p\" }";
    let cases: [(&str, Answer, &str); 10] = [
        (
            by_page,
            |_| Reply::json(&page(0)),
            "page 2 is an earlier page again",
        ),
        (
            "",
            |_| Reply::json(&page(0)).with("Link", "</a>; rel=next"),
            "its next page is one that was read already",
        ),
        (
            "",
            |request| {
                let to = request.number("to").unwrap_or(0);
                let next = format!("</a?to={}>; rel=next", (to + 1) % 3 + 1);
                Reply::json(&page(to * 10)).with("Link", next)
            },
            "its next page is one that was read already",
        ),
        (
            "next = { by = \"cursor\", path = \"c\", parameter = \"c\" }",
            |_| Reply::json(&json!({"items": page(0), "c": "same"})),
            "page 2 is an earlier page again",
        ),
        // A silent cap.
        (
            "",
            |_| Reply::json(&json!({"items": page(0), "total": 35})),
            "gives 10 of 35 articles; set next",
        ),
        (
            by_page,
            |request| {
                let number = request.number("p").unwrap_or(1);
                Reply::json(&page((number - 1) * 10)).with("X-Total-Count", 36)
            },
            "says that it has 36 articles, and gave 35 twice",
        ),
        (
            by_page,
            |request| match request.number("p") {
                Some(3) => Reply::new(500, "text/plain", "secret trace"),
                page_number => Reply::json(&page((page_number.unwrap_or(1) - 1) * 10)),
            },
            "answers with status 500",
        ),
        (
            by_page,
            |request| match request.number("p") {
                Some(2) => Reply::new(200, "text/html", "<!DOCTYPE html><p>Please log in"),
                page_number => Reply::json(&page((page_number.unwrap_or(1) - 1) * 10)),
            },
            "gives a page for people (HTML) and no articles",
        ),
        (
            "max_pages = 2\nnext = { by = \"page\", parameter = \"p\" }",
            |request| Reply::json(&page((request.number("p").unwrap_or(1) - 1) * 10)),
            "has more than 2 pages; raise max_pages",
        ),
        (
            "items = \"data.list\"",
            |_| Reply::json(&json!({"data": {"lists": []}})),
            "has no array at \"data.list\"; see items",
        ),
    ];
    for (next, answer, reason) in cases {
        let origin = Origin::new(answer);
        let (status, _, said) = check(&origin.source("/a", next));
        assert_eq!(status, 2, "{reason}: {said}");
        assert!(said.contains(reason), "{said} does not say: {reason}");
        assert!(!said.contains("secret"), "{said}");
    }
}

#[test]
fn a_size_that_wordpress_refuses_is_explained_in_its_words() {
    let all = pieces(3);
    let origin = Origin::new(move |request| apis::wordpress(&all, request));
    let source = origin.source("/wp-json/wp/v2/posts?per_page=500", "");
    let (status, _, said) = check(&source);
    assert_eq!(status, 2);
    assert!(
        said.contains("status 400: Invalid parameter(s): per_page"),
        "{said}"
    );
}

#[test]
fn a_cap_that_is_not_said_is_remarked_upon() {
    let origin = Origin::new(|_| Reply::json(&articles(&pieces(100))));
    let (status, count, said) = check(&origin.source("/a", ""));
    assert_eq!((status, count), (0, 100), "{said}");
    assert!(
        said.contains("gives exactly 100 articles and does not say"),
        "{said}"
    );
}

/// An article that moves to a later page while the pages are read comes twice, and one that
/// moves to an earlier page not at all: then everything is read again.
#[test]
fn what_moves_between_pages_is_neither_doubled_nor_lost() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    let by_page = "preset = \"json\"\nnext = { by = \"page\", parameter = \"p\" }";
    // A new article comes first when the second page is asked for; the first question of all
    // is a look.
    let asked = AtomicUsize::new(0);
    let origin = Origin::new(move |request| {
        let count = if asked.fetch_add(1, Ordering::Relaxed) <= 1 {
            34
        } else {
            35
        };
        let mut all = pieces(count);
        all.reverse();
        let start = (request.number("p").unwrap_or(1) - 1) * 10;
        Reply::json(&articles(&all[start.min(count)..(start + 10).min(count)]))
    });
    let (status, count, said) = check(&origin.source("/a", by_page));
    assert_eq!((status, count), (0, 34), "{said}");

    // One is removed from the first page when the second is asked for.
    let asked = AtomicUsize::new(0);
    let origin = Origin::new(move |request| {
        let mut all = pieces(35);
        if asked.fetch_add(1, Ordering::Relaxed) > 1 {
            all.remove(0);
        }
        let start = (request.number("p").unwrap_or(1) - 1) * 10;
        let page = &all[start.min(all.len())..(start + 10).min(all.len())];
        Reply::json(&json!({"items": articles(page), "total": all.len()}))
    });
    let (status, count, said) = check(&origin.source("/a", by_page));
    // The one that was there at first is gone at the next look.
    assert_eq!((status, count), (0, 35), "{said}");

    // Two that have one name are for the operator to tell apart, and no reason to give up.
    let origin = Origin::new(|request| {
        let mut all = pieces(35);
        all[30].number = 2;
        let start = (request.number("p").unwrap_or(1) - 1) * 10;
        Reply::json(&articles(&all[start.min(35)..(start + 10).min(35)])).with("X-Total-Count", 35)
    });
    let (status, count, said) = check(&origin.source("/a", by_page));
    assert_eq!((status, count), (0, 34), "{said}");
    assert!(
        said.contains("1 of 35 articles has the id of another"),
        "{said}"
    );
}
