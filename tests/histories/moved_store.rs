//! What is remembered moves to another store.

use dateline::{
    article::AbsoluteUrl,
    dates::What,
    store::{HistoryReader, HistoryWriter, Store as _, Transaction},
};

use crate::site::*;

fn export(site: &Site) -> String {
    let mut out = Vec::new();
    let url = AbsoluteUrl::parse("https://a.example/").unwrap();
    let mut writer = HistoryWriter::begin(&mut out, &url).unwrap();
    let store = site.store();
    store
        .remembered(&mut |remembered| writer.article(&remembered).unwrap())
        .unwrap();
    for record in store.document_records().unwrap() {
        writer.document(&record).unwrap();
    }
    writer.finish().unwrap();
    String::from_utf8(out).unwrap()
}

fn import(site: &Site, history: &str, now: i64) {
    let mut store = site.store();
    let mut transaction: Box<dyn Transaction> = store.begin().unwrap();
    let mut reader = HistoryReader::default();
    for line in history.lines() {
        reader.take(line, &mut *transaction, at(now)).unwrap();
    }
    reader.finish().unwrap();
    transaction.commit().unwrap();
}

/// A site with a past: an edit, a move, a deletion.
fn with_a_past() -> Site {
    let site = Site::new(&articles(6));
    site.refresh(START);
    let mut all = articles(6);
    all[0]["content_html"] = "<p>Edited.</p>".into();
    all[1]["slug"] = "moved".into();
    all.remove(5);
    site.write(&all);
    site.refresh(START + DAY);
    site
}

fn lose(site: &Site) {
    for ending in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(site.path(&format!("dateline.db{ending}")));
    }
}

#[test]
fn a_lost_store_is_no_lost_history() {
    let site = with_a_past();
    let before = site.refresh(START + 2 * DAY);
    let (history, ids) = (export(&site), [site.id("n0"), site.id("moved")]);
    lose(&site);
    import(&site, &history, START + 3 * DAY);
    let after = site.refresh(START + 4 * DAY);
    assert_eq!(validators(&after), validators(&before));
    assert_eq!([site.id("n0"), site.id("moved")], ids);
    assert_eq!(site.modified("n0").unwrap(), "2026-06-02T00:00:00Z");
    assert_eq!(site.events("n0"), [What::FirstPublished, What::Observed]);
    // What is remembered now is what was remembered then.
    assert_eq!(export(&site), history);
}

#[test]
fn a_history_that_comes_late_takes_the_place_of_what_was_made_without_it() {
    let site = with_a_past();
    let before = site.refresh(START + 2 * DAY);
    let (history, id) = (export(&site), site.id("moved"));
    lose(&site);
    let without = site.refresh(START + 3 * DAY);
    assert_ne!(validators(&without), validators(&before));
    assert_ne!(site.id("moved"), id);
    import(&site, &history, START + 4 * DAY);
    // Until the origin is read again nothing is missing.
    let remade = site.remake(START + 4 * DAY).edition;
    assert!(text(&remade, "/rss.xml").contains("posts/moved/"));
    let after = site.refresh(START + 5 * DAY);
    assert_eq!(site.id("moved"), id);
    assert_eq!(site.modified("n0").unwrap(), "2026-06-02T00:00:00Z");
    let bytes = |edition: &dateline::edition::Edition| text(edition, "/sitemap.xml");
    assert_eq!(bytes(&after), bytes(&before));
    // The documents changed twice since, and say so.
    assert!(changed(&after, "/rss.xml") > changed(&before, "/rss.xml"));
}

#[test]
fn an_edit_in_the_meantime_is_seen() {
    let site = with_a_past();
    site.refresh(START + 2 * DAY);
    let history = export(&site);
    lose(&site);
    import(&site, &history, START + 3 * DAY);
    let mut all = articles(5);
    all[0]["content_html"] = "<p>Edited once more.</p>".into();
    all[1]["slug"] = "moved".into();
    site.write(&all);
    site.refresh(START + 4 * DAY);
    assert_eq!(site.modified("n0").unwrap(), "2026-06-05T00:00:00Z");
    assert_eq!(site.modified("n2").unwrap(), "2026-05-01");
}

#[test]
fn what_is_no_history_is_refused_with_its_line() {
    let site = Site::new(&articles(1));
    let mut store = site.store();
    for (text, said) in [
        ("{}", "it is no history"),
        (
            "{\"format\":\"dateline-history\",\"version\":2,\"site\":\"\"}",
            "it has version 2",
        ),
        (
            "{\"format\":\"dateline-history\",\"version\":1,\"site\":\"\"}\n{\"article\":{}}",
            "missing field",
        ),
    ] {
        let mut transaction = store.begin().unwrap();
        let mut reader = HistoryReader::default();
        let fault = text
            .lines()
            .find_map(|line| reader.take(line, &mut *transaction, at(START)).err());
        assert!(fault.unwrap().to_string().contains(said), "{text}");
    }
}

#[test]
fn the_guards_know_what_is_remembered() {
    let site = Site::new(&articles(20));
    site.refresh(START);
    let history = export(&site);
    lose(&site);
    import(&site, &history, START + DAY);
    site.write(&articles(3));
    let outcome = site.try_refresh(START + 2 * DAY, dateline::refresh::Purpose::Publish);
    assert!(
        outcome
            .unwrap_err()
            .to_string()
            .starts_with("17 of 20 articles")
    );
}

#[test]
fn an_old_copy_does_not_undo_what_was_seen_since() {
    let site = Site::new(&articles(3));
    site.refresh(START);
    let history = export(&site);
    let mut all = articles(3);
    all[0]["content_html"] = "<p>Edited.</p>".into();
    site.write(&all);
    site.refresh(START + DAY);
    import(&site, &history, START + 2 * DAY);
    site.refresh(START + 3 * DAY);
    assert_eq!(site.modified("n0").unwrap(), "2026-06-02T00:00:00Z");
}
