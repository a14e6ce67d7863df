//! Sitemaps 0.9.

use dateline::{
    article::{AbsoluteUrl, Moment},
    render::{DocumentKind, RenderError, SitemapFile, SitemapUrl, sitemap, verify},
};

use crate::{
    catalogue::{at, day, url},
    tree::{self, Element},
};

const NAMESPACE: &str = "http://www.sitemaps.org/schemas/sitemap/0.9";

fn urlset(entries: &[SitemapUrl]) -> Element {
    let bytes = sitemap::render_urlset(entries.iter()).unwrap();
    verify(DocumentKind::Sitemap, &bytes).unwrap();
    tree::parse(&bytes)
}

fn index(files: &[SitemapFile]) -> Element {
    let bytes = sitemap::render_index(files.iter()).unwrap();
    verify(DocumentKind::SitemapIndex, &bytes).unwrap();
    tree::parse(&bytes)
}

#[test]
fn a6_3_a_sitemap_past_its_limits_is_an_error() {
    let entry = SitemapUrl::plain(url("a"), None);
    let most = vec![entry.clone(); sitemap::MAX_URLS];
    assert!(sitemap::render_urlset(most.iter()).is_ok());
    let more = vec![entry; sitemap::MAX_URLS + 1];
    let refused = sitemap::render_urlset(more.iter());
    assert!(matches!(refused, Err(RenderError::TooLarge(50_001, _))));
}

#[test]
fn a6_1_both_kinds_have_the_namespace_and_all_is_escaped() {
    let entry = SitemapUrl::plain(url("?a=1&b='2'"), Some(day()));
    let bytes = sitemap::render_urlset([entry].iter()).unwrap();
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert!(text.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>"));
    assert!(
        text.contains("?a=1&amp;b=%272%27") || text.contains("?a=1&amp;b=&apos;2&apos;"),
        "{text}"
    );
    for (root, name) in [
        (tree::parse(&bytes), "urlset"),
        (index(&[]), "sitemapindex"),
    ] {
        assert_eq!(
            (root.name.as_str(), root.attribute("xmlns")),
            (name, NAMESPACE)
        );
    }
}

#[test]
fn a6_2_addresses_are_whole_escaped_and_shorter_than_2_048_characters() {
    let root = urlset(&[SitemapUrl::plain(url("Größe/数?x=ü"), None)]);
    let location = &root.one("url").one("loc").text;
    assert_eq!(
        location,
        "https://backend.example/Gr%C3%B6%C3%9Fe/%E6%95%B0?x=%C3%BC"
    );
    let longest = |length: usize| {
        let start = "https://backend.example/";
        AbsoluteUrl::parse(&format!("{start}{}", "a".repeat(length - start.len())))
    };
    assert!(longest(2_047).is_ok());
    assert!(longest(2_048).is_err());
}

#[test]
fn a6_4_an_index_lists_files_and_their_own_changes_and_has_a_limit() {
    let file = |path, changed| SitemapFile {
        url: url(path),
        changed,
    };
    let changed = Some(at(1_781_100_000));
    let root = index(&[
        file("sitemap-2026-06.xml", changed),
        file("sitemap-undated.xml", None),
    ]);
    let files: Vec<&Element> = root.all("sitemap").collect();
    assert_eq!(files[0].one("lastmod").text, "2026-06-10T14:00:00Z");
    assert_eq!(files[1].all("lastmod").count(), 0);
    let many = vec![file("a.xml", None); sitemap::MAX_URLS + 1];
    let refused = sitemap::render_index(many.iter());
    assert!(matches!(refused, Err(RenderError::TooLarge(50_001, _))));
}

#[test]
fn a6_6_a_date_is_a_day_or_an_instant_with_its_zone() {
    let dated = |path, moment| SitemapUrl::plain(url(path), Some(moment));
    let root = urlset(&[dated("a", day()), dated("b", Moment::at(at(1_781_100_000)))]);
    let dates: Vec<&str> = root
        .all("url")
        .map(|entry| entry.one("lastmod").text.as_str())
        .collect();
    assert_eq!(dates, ["2026-06-10", "2026-06-10T14:00:00Z"]);
}

#[test]
fn a6_7_and_a6_8_nothing_is_written_but_the_address_and_its_date_in_this_order() {
    let root = urlset(&[SitemapUrl::plain(url("a"), Some(day()))]);
    let names: Vec<&str> = root
        .one("url")
        .children
        .iter()
        .map(|child| child.name.as_str())
        .collect();
    assert_eq!(names, ["loc", "lastmod"]);
}

#[test]
fn a6_9_an_empty_catalogue_is_an_empty_list() {
    assert!(urlset(&[]).children.is_empty());
}

#[test]
fn a6_12_what_is_not_known_is_left_out() {
    let root = urlset(&[SitemapUrl::plain(url("unknown"), None)]);
    assert_eq!(root.one("url").all("lastmod").count(), 0);
}
