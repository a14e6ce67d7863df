//! What a store must do, whichever database it is in.

use super::*;
use crate::{
    article::{Axis, Dates, Evidence, Moment, Piece, Tag, slug},
    dates::{Declared, Fingerprint, What},
};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds).unwrap()
}

fn article(slug: &str, published: Option<i64>, tags: &[&str]) -> Article {
    let url = AbsoluteUrl::parse(&format!("https://a.example/{slug}/")).unwrap();
    let published = published.map(|seconds| Moment::at(at(seconds)));
    let dates = Dates {
        published,
        modified: published,
        evidence: Evidence::Published,
    };
    let piece = Piece {
        tags: tags.iter().filter_map(|tag| Tag::new(tag)).collect(),
        noindex: slug.starts_with("noindex"),
        ..Piece::stand_in(url.clone(), slug)
    };
    Article {
        id: ArticleId::from_url(&url, None),
        piece,
        dates,
        adopted: Adopted::default(),
    }
}

fn spot(place: &str, line: u64) -> Spot {
    Spot {
        place: place.to_owned(),
        line: Some(line),
    }
}

fn put(transaction: &mut dyn Transaction, article: &Article, origin_id: Option<&str>) {
    let taken = transaction
        .claim(&article.id, &article.piece.url, &spot("here", 1))
        .unwrap();
    assert_eq!(taken, None);
    let labels: Vec<Label> = Axis::Tag
        .values(&article.piece)
        .into_iter()
        .map(|value| Label {
            axis: Axis::Tag,
            slug: slug(value),
            value: value.to_owned(),
        })
        .collect();
    let entry = Entry {
        article,
        origin_id,
        handle: article.piece.url.key(),
        place: "here",
        declared: Declared {
            published: article.dates.published,
            updated: None,
        },
        fingerprint: Fingerprint::of(&article.piece),
        words: Some(Fingerprint::of_words(&article.piece)),
        labels: &labels,
    };
    transaction.put(&entry).unwrap();
}

fn slugs(articles: &[Article]) -> Vec<&str> {
    articles
        .iter()
        .map(|article| article.piece.title.as_str())
        .collect()
}

fn url(slug: &str) -> AbsoluteUrl {
    AbsoluteUrl::parse(&format!("https://a.example/{slug}/")).unwrap()
}

fn document(path: &str) -> StoredDocument {
    StoredDocument {
        record: DocumentRecord {
            path: path.to_owned(),
            kind: "rss".to_owned(),
            etag: "e".to_owned(),
            changed: Some(at(5)),
            cause: Cause::Articles,
            inputs: vec![1, 2],
            updated: None,
            recipe: vec![3; 16],
        },
        body: Some(Body {
            identity: Some(bytes::Bytes::from_static(b"plain")),
            gzip: Some(bytes::Bytes::from_static(b"gz")),
            br: None,
        }),
    }
}

#[test]
fn what_was_committed_is_there_after_a_restart_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dateline.db");
    let mut store = SqliteStore::open(&path).unwrap();
    let mut transaction = store.begin().unwrap();
    put(
        &mut *transaction,
        &article("kept", Some(10), &[]),
        Some("k"),
    );
    transaction.put_document(&document("/rss.xml")).unwrap();
    transaction.commit().unwrap();
    let mut transaction = store.begin().unwrap();
    put(&mut *transaction, &article("dropped", Some(10), &[]), None);
    transaction.put_document(&document("/atom.xml")).unwrap();
    drop(transaction);
    drop(store);

    let mut store = SqliteStore::open(&path).unwrap();
    assert_eq!(store.documents().unwrap(), [document("/rss.xml")]);
    let transaction = store.begin().unwrap();
    let all = transaction
        .catalogue()
        .select(&Selection::all(), at(100), 10)
        .unwrap();
    assert_eq!(all, [article("kept", Some(10), &[])]);
    let record = transaction
        .find(Some("k"), &url("elsewhere"))
        .unwrap()
        .unwrap();
    assert_eq!(record.memory.dates, all[0].dates);
}

#[test]
fn the_order_is_total_and_what_is_still_to_come_is_left_out() {
    let mut store = SqliteStore::in_memory().unwrap();
    let mut transaction = store.begin().unwrap();
    for (slug, published) in [
        ("b", Some(10)),
        ("a", Some(10)),
        ("new", Some(20)),
        ("undated", None),
        ("due", Some(30)),
    ] {
        put(&mut *transaction, &article(slug, published, &[]), None);
    }
    let newest = |now, limit| {
        let found = transaction
            .catalogue()
            .select(&Selection::all(), at(now), limit)
            .unwrap();
        slugs(&found).join(" ")
    };
    assert_eq!(newest(29, 10), "new b a undated");
    assert_eq!(newest(30, 2), "due new");
    assert_eq!(transaction.catalogue().count(at(29)).unwrap(), 4);
    assert_eq!(
        transaction.catalogue().next_publication(at(29)).unwrap(),
        Some(at(30))
    );
    assert_eq!(
        transaction.catalogue().next_publication(at(30)).unwrap(),
        None
    );
    let mut listed = Vec::new();
    transaction
        .catalogue()
        .listings(at(29), &mut |listing| listed.push(listing.url))
        .unwrap();
    assert_eq!(listed, ["undated", "a", "b", "new"].map(url));
}

#[test]
fn labels_are_one_whatever_their_case_and_a_noindex_article_is_not_listed() {
    let mut store = SqliteStore::in_memory().unwrap();
    let mut transaction = store.begin().unwrap();
    put(
        &mut *transaction,
        &article("old", Some(10), &["rust", "C++"]),
        None,
    );
    put(
        &mut *transaction,
        &article("noindex", Some(20), &["Rust"]),
        None,
    );
    put(
        &mut *transaction,
        &article("due", Some(30), &["later"]),
        None,
    );
    let labels = transaction.catalogue().labels(Axis::Tag, at(29)).unwrap();
    let shown: Vec<_> = labels.iter().map(|label| label.value.as_str()).collect();
    assert_eq!(shown, ["C++", "Rust"], "the newest article's spelling");
    let rust = Selection::label(Axis::Tag, "rust".to_owned());
    assert_eq!(
        slugs(&transaction.catalogue().select(&rust, at(29), 9).unwrap()),
        ["noindex", "old"]
    );
    let mut listed = 0;
    transaction
        .catalogue()
        .listings(at(29), &mut |_| listed += 1)
        .unwrap();
    assert_eq!(listed, 1);
    // Tags that are gone are gone from the feeds too.
    drop(transaction);
    let mut transaction = store.begin().unwrap();
    put(&mut *transaction, &article("old", Some(10), &["C++"]), None);
    assert_eq!(
        transaction
            .catalogue()
            .labels(Axis::Tag, at(29))
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn what_a_refresh_did_not_claim_is_removed_and_may_come_back() {
    let mut store = SqliteStore::in_memory().unwrap();
    let mut transaction = store.begin().unwrap();
    put(&mut *transaction, &article("a", Some(10), &[]), None);
    put(&mut *transaction, &article("b", Some(10), &[]), None);
    assert_eq!(transaction.sweep(at(50)).unwrap(), []);
    transaction.commit().unwrap();
    let mut transaction = store.begin().unwrap();
    put(&mut *transaction, &article("a", Some(10), &[]), None);
    let removed = transaction.sweep(at(60)).unwrap();
    assert_eq!(
        removed
            .iter()
            .map(|gone| gone.title.as_str())
            .collect::<Vec<_>>(),
        ["b"]
    );
    assert_eq!(transaction.catalogue().count(at(60)).unwrap(), 1);
    assert!(
        transaction.find(None, &url("b")).unwrap().is_some(),
        "it is remembered"
    );
    transaction.commit().unwrap();
    let mut transaction = store.begin().unwrap();
    put(&mut *transaction, &article("b", Some(10), &[]), None);
    assert_eq!(transaction.sweep(at(70)).unwrap().len(), 1);
    let all = transaction
        .catalogue()
        .select(&Selection::all(), at(70), 9)
        .unwrap();
    assert_eq!(slugs(&all), ["b"]);
}

#[test]
fn an_article_is_found_by_its_name_and_only_without_one_by_its_address() {
    let mut store = SqliteStore::in_memory().unwrap();
    let mut transaction = store.begin().unwrap();
    put(
        &mut *transaction,
        &article("named", Some(10), &[]),
        Some("n"),
    );
    put(&mut *transaction, &article("nameless", Some(10), &[]), None);
    let find = |name, slug| {
        transaction
            .find(name, &url(slug))
            .unwrap()
            .map(|record| record.id.to_string())
    };
    let (named, nameless) = (
        Some(url("named").to_string()),
        Some(url("nameless").to_string()),
    );
    assert_eq!(find(Some("n"), "moved"), named, "it moved");
    assert_eq!(find(None, "named"), named, "the origin no longer names it");
    assert_eq!(
        find(Some("new"), "nameless"),
        nameless,
        "the origin names it now"
    );
    assert_eq!(
        find(Some("other"), "named"),
        None,
        "another article in its place"
    );
    assert_eq!(find(None, "unheard-of"), None);
}

#[test]
fn an_id_and_an_address_belong_to_the_first_that_claims_them() {
    let mut store = SqliteStore::in_memory().unwrap();
    let mut transaction = store.begin().unwrap();
    let (a, b) = (article("a", None, &[]), article("b", None, &[]));
    assert_eq!(
        transaction
            .claim(&a.id, &a.piece.url, &spot("x", 1))
            .unwrap(),
        None
    );
    let same_id = transaction
        .claim(&a.id, &b.piece.url, &spot("x", 2))
        .unwrap();
    assert_eq!(same_id, Some(Taken::Id("x:1".into())));
    let same_url = transaction
        .claim(&b.id, &a.piece.url, &spot("x", 3))
        .unwrap();
    assert_eq!(same_url, Some(Taken::Url("x:1".into())));
    drop(transaction);
    let mut transaction = store.begin().unwrap();
    assert_eq!(
        transaction
            .claim(&a.id, &a.piece.url, &spot("x", 9))
            .unwrap(),
        None,
        "a new refresh"
    );
}

#[test]
fn a_long_history_keeps_its_first_event_and_the_newest() {
    let mut store = SqliteStore::in_memory().unwrap();
    let mut transaction = store.begin().unwrap();
    let article = article("a", Some(10), &[]);
    put(&mut *transaction, &article, None);
    let total = i64::try_from(HISTORY).unwrap() + 10;
    for second in 1..=total {
        let (declared, decided) = (Declared::default(), None);
        let event = Event {
            at: at(second),
            what: What::Observed,
            declared,
            decided,
        };
        transaction.note(&article.id, &event).unwrap();
    }
    transaction.commit().unwrap();
    let seen: Vec<i64> = store
        .history(&article.id)
        .unwrap()
        .iter()
        .map(|event| event.at.unix())
        .collect();
    assert_eq!(seen.len(), HISTORY + 1);
    assert_eq!((seen[0], seen[1], seen[HISTORY]), (1, 11, total));
}

#[test]
fn documents_that_are_no_longer_made_go() {
    let mut store = SqliteStore::in_memory().unwrap();
    let mut transaction = store.begin().unwrap();
    for path in ["/a", "/b", "/c"] {
        transaction.put_document(&document(path)).unwrap();
    }
    transaction
        .drop_documents(&["/a".to_owned(), "/c".to_owned()])
        .unwrap();
    assert_eq!(transaction.document("/b").unwrap(), Some(document("/b")));
    transaction.commit().unwrap();
    assert_eq!(store.documents().unwrap(), [document("/b")]);
}

#[test]
fn a_newer_store_and_a_foreign_database_are_refused_untouched() {
    let folder = tempfile::tempdir().unwrap();
    let newer = folder.path().join("newer.db");
    drop(SqliteStore::open(&newer).unwrap());
    let raw = rusqlite::Connection::open(&newer).unwrap();
    raw.pragma_update(None, "user_version", 99).unwrap();
    drop(raw);
    let error = SqliteStore::open(&newer).unwrap_err().to_string();
    assert!(error.contains("schema version 99"), "{error}");

    let foreign = folder.path().join("foreign.db");
    let raw = rusqlite::Connection::open(&foreign).unwrap();
    raw.execute_batch("CREATE TABLE mine (x)").unwrap();
    drop(raw);
    let before = std::fs::read(&foreign).unwrap();
    let error = SqliteStore::open(&foreign).unwrap_err().to_string();
    assert!(error.contains("not a store of Dateline"), "{error}");
    assert_eq!(std::fs::read(&foreign).unwrap(), before);

    let text = folder.path().join("text.db");
    std::fs::write(
        &text,
        "this is no database, but a long enough text to be read as one",
    )
    .unwrap();
    assert!(SqliteStore::open(&text).is_err());
    assert!(SqliteStore::open(&folder.path().join("no/such/folder.db")).is_err());
}
