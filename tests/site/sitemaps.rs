//! What stands in sitemaps.

use dateline::render::DocumentKind;
use serde_json::json;

use crate::workshop::{DAY, Workshop, article, at, document, paths, text, with};

const HOUR: i64 = 3_600;

/// The entry of a page, without its address.
fn entry<'a>(sitemap: &'a str, url: &str) -> &'a str {
    let start = format!("<url><loc>{url}</loc>");
    let (_, rest) = sitemap
        .split_once(&start)
        .unwrap_or_else(|| panic!("{url} is not in {sitemap}"));
    rest.split_once("</url>").unwrap().0
}

#[test]
fn pages_have_the_date_that_is_declared_or_none() {
    let site = Workshop::new(
        "[[sitemap.page]]\nurl = \"about/\"\nupdated = 2026-01-02\n\
         [[sitemap.page]]\nurl = \"contact/\"\n\
         [[sitemap.page]]\nurl = \"soon/\"\nupdated = \"2027-01-01\"\n\
         [[sitemap.page]]\nurl = \"\"\nlists = \"all\"\n\
         [[sitemap.page]]\nurl = \"a/\"\nupdated = \"2001-01-01\"\n",
    );
    let made = site.at(DAY + 100, &[article("a", 1), article("b", 9)]);
    let sitemap = text(&made, "/sitemap.xml");
    let dated = |date: &str| format!("<lastmod>{date}</lastmod>");
    let of = |path: &str| entry(&sitemap, &format!("https://a.example/{path}")).to_owned();
    assert_eq!(of("about/"), dated("2026-01-02"));
    assert_eq!(of("contact/"), "");
    assert_eq!(of("soon/"), "", "never a date in the future");
    assert_eq!(of(""), dated("2026-06-09T00:00:00Z"));
    assert_eq!(of("a/"), dated("2026-06-01T00:00:00Z"), "the article's own");
    assert_eq!(sitemap.matches("<loc>https://a.example/a/<").count(), 1);
    assert!(
        made.made.remarks[0].contains("lies in the future"),
        "{:?}",
        made.made.remarks
    );
    // An article that goes changes the page that listed it.
    let made = site.at(DAY + 200, &[article("b", 9)]);
    let sitemap = text(&made, "/sitemap.xml");
    assert_eq!(
        entry(&sitemap, "https://a.example/"),
        dated("2026-06-10T00:03:20Z")
    );
    let made = site.at(DAY + 300, &[article("b", 9)]);
    assert_eq!(
        text(&made, "/sitemap.xml"),
        sitemap,
        "and nothing else does"
    );
}

#[test]
fn a_listing_page_has_the_newest_date_of_what_it_lists() {
    let site =
        Workshop::new("[sitemap.listings]\ntag = \"tags/{slug}/\"\nauthor = \"by/{value}\"\n");
    let articles = [
        with(
            article("a", 1),
            json!({"tags": ["C++", "x"], "authors": ["Ada L"]}),
        ),
        with(article("b", 9), json!({"tags": ["x"]})),
    ];
    let made = site.at(DAY, &articles);
    let sitemap = text(&made, "/sitemap.xml");
    let dated = |date: &str| format!("<lastmod>2026-06-{date}T00:00:00Z</lastmod>");
    assert_eq!(entry(&sitemap, "https://a.example/tags/x/"), dated("09"));
    assert_eq!(entry(&sitemap, "https://a.example/by/Ada%20L"), dated("01"));
    assert_eq!(sitemap.matches("<loc>https://a.example/tags/c-").count(), 1);
    // Article b loses its tag: the page of that tag changed, though nothing on it is new.
    let made = site.at(DAY + 60, &[articles[0].clone(), article("b", 9)]);
    let sitemap = text(&made, "/sitemap.xml");
    assert_eq!(
        entry(&sitemap, "https://a.example/tags/x/"),
        "<lastmod>2026-06-10T00:01:00Z</lastmod>"
    );
}

#[test]
fn a7_4_pictures_are_listed_with_their_page_each_once() {
    let rich = with(
        article("a", 1),
        json!({
            "image": "i.png",
            "content_html": "<img src=\"i.png\"><img src=\"/j.png?a&amp;b\" alt=\"x\">",
        }),
    );
    let site = Workshop::new("");
    let sitemap = text(&site.at(DAY, std::slice::from_ref(&rich)), "/sitemap.xml");
    let images = "<image:image><image:loc>https://a.example/a/i.png</image:loc></image:image>\
                  <image:image><image:loc>https://a.example/j.png?a&amp;b</image:loc></image:image>";
    assert!(
        entry(&sitemap, "https://a.example/a/").ends_with(images),
        "{sitemap}"
    );
    let site = Workshop::new("[sitemap]\nimages = false\n");
    let sitemap = text(&site.at(DAY, &[rich]), "/sitemap.xml");
    assert!(!sitemap.contains("image"), "{sitemap}");
}

#[test]
fn a7_5_news_is_news_for_48_hours_by_the_clock() {
    let site =
        Workshop::new("[sitemap.news]\nname = \"The <A> Times\"\nexclude = { tags = [\"no\"] }\n");
    let articles = [
        article("old", 8),
        with(
            article("new", 9),
            json!({"language": "zh-Hant", "title": "N & M"}),
        ),
        with(article("other", 9), json!({"tags": ["No"]})),
        with(article("hidden", 9), json!({"noindex": true})),
    ];
    let now = DAY - HOUR;
    let made = site.at(now, &articles);
    let news = text(&made, "/sitemap-news.xml");
    let expected = "<news:news><news:publication><news:name>The &lt;A&gt; Times</news:name>\
                    <news:language>zh-tw</news:language></news:publication>\
                    <news:publication_date>2026-06-09T00:00:00Z</news:publication_date>\
                    <news:title>N &amp; M</news:title></news:news>";
    assert!(
        entry(&news, "https://a.example/new/").ends_with(expected),
        "{news}"
    );
    assert_eq!(news.matches("<url>").count(), 2, "{news}");
    assert_eq!(
        made.made.edition.next_publication,
        Some(at(DAY)),
        "old leaves then"
    );
    // Only the clock moves: nothing is read.
    let mut refresher = site.refresher();
    for (moment, expected, next) in [
        (DAY - 1, 2, Some(DAY)),
        (DAY, 1, Some(DAY + 24 * HOUR)),
        (DAY + 24 * HOUR, 0, None),
    ] {
        let remade = refresher.remake(at(moment)).unwrap();
        let news = remade.edition.documents.iter();
        let news = news
            .clone()
            .find(|d| d.path == "/sitemap-news.xml")
            .unwrap();
        let news = String::from_utf8(news.body.plain().to_vec()).unwrap();
        assert_eq!(news.matches("<url>").count(), expected, "{moment}");
        assert_eq!(remade.edition.next_publication, next.map(at), "{moment}");
    }
    assert!(text(&made, "/robots.txt").contains("Sitemap: https://a.example/sitemap-news.xml\n"));
}

#[test]
fn a7_5_of_more_than_1_000_the_newest_are_news() {
    let site = Workshop::new("[sitemap.news]\n");
    let articles: Vec<_> = (0..1_001)
        .map(|number| {
            let published = at(DAY - 2_000 + number).rfc3339();
            with(
                article(&format!("a{number}"), 1),
                json!({ "published": published }),
            )
        })
        .collect();
    let made = site.at(DAY, &articles);
    let news = text(&made, "/sitemap-news.xml");
    assert_eq!(news.matches("<news:news>").count(), 1_000);
    assert!(!news.contains("https://a.example/a0/"), "the oldest");
}

#[test]
fn a7_6_films_are_listed_with_what_is_required_of_them() {
    let film = json!({"videos": [
        {"thumbnail": "t.jpg", "content": "v.mp4", "duration": "1:00:00", "title": "F"},
        {"thumbnail": "t.jpg", "player": "https://v.example/1"},
        "https://v.example/bare",
    ]});
    let site = Workshop::new("");
    let made = site.at(DAY, &[with(article("a", 1), film)]);
    let sitemap = text(&made, "/sitemap.xml");
    let films = "<video:video><video:thumbnail_loc>https://a.example/a/t.jpg</video:thumbnail_loc>\
                 <video:title>F</video:title><video:description>a</video:description>\
                 <video:content_loc>https://a.example/a/v.mp4</video:content_loc>\
                 <video:duration>3600</video:duration></video:video>\
                 <video:video><video:thumbnail_loc>https://a.example/a/t.jpg</video:thumbnail_loc>\
                 <video:title>a</video:title><video:description>a</video:description>\
                 <video:player_loc>https://v.example/1</video:player_loc></video:video>";
    assert!(sitemap.contains(films), "{sitemap}");
    let none = with(article("a", 1), json!({"videos": [{"content": "v.mp4"}]}));
    let made = site.at(DAY, &[none]);
    assert!(
        made.intake.rejected[0]
            .reason
            .contains("a film needs a thumbnail")
    );
}

#[test]
fn a7_7_translations_stand_there_whole_or_not_at_all() {
    let set = json!({"alternates": {"en": "/a/", "de": "/de/a/", "x-default": "/a/"}});
    let german = with(article("de/a", 2), set.clone());
    let site = Workshop::new("");
    let made = site.at(DAY, &[with(article("a", 1), set.clone()), german]);
    let sitemap = text(&made, "/sitemap.xml");
    let links = "<xhtml:link rel=\"alternate\" hreflang=\"de\" href=\"https://a.example/de/a/\"/>\
                 <xhtml:link rel=\"alternate\" hreflang=\"en\" href=\"https://a.example/a/\"/>\
                 <xhtml:link rel=\"alternate\" hreflang=\"x-default\" href=\"https://a.example/a/\"/>";
    assert_eq!(sitemap.matches(links).count(), 2, "{sitemap}");
    assert_eq!(made.made.remarks, Vec::<String>::new());
    let made = site.at(DAY, &[with(article("a", 1), set), article("de/a", 2)]);
    assert!(!text(&made, "/sitemap.xml").contains("xhtml"));
    assert_eq!(
        made.made.remarks,
        ["the translations of https://a.example/a/ are left out: \
          https://a.example/de/a/ does not list them too"]
    );
}

#[test]
fn a6_5_only_what_is_of_the_site_is_listed() {
    let site = Workshop::new("").in_site("other_hosts = [\"b.example\"]\n");
    let elsewhere = json!({"url": "https://b.example/x/"});
    let made = site.at(DAY, &[article("a", 1), with(article("x", 2), elsewhere)]);
    let sitemap = text(&made, "/sitemap.xml");
    assert!(
        sitemap.contains("<loc>https://a.example/a/</loc>"),
        "{sitemap}"
    );
    assert!(!sitemap.contains("b.example"), "{sitemap}");
    assert!(text(&made, "/rss.xml").contains("https://b.example/x/"));
}

#[test]
fn a6_12_no_date_is_of_the_future_or_from_before_publication() {
    let made = Workshop::new("").at(
        DAY,
        &[
            with(article("ahead", 1), json!({"updated": "2026-12-31"})),
            with(article("back", 2), json!({"updated": "2020-01-01"})),
            with(article("unknown", 3), json!({"published": null})),
            with(article("true", 4), json!({"updated": "2026-06-05"})),
        ],
    );
    let sitemap = text(&made, "/sitemap.xml");
    let entry = |slug: &str| entry(&sitemap, &format!("https://a.example/{slug}/")).to_owned();
    assert_eq!(entry("ahead"), "<lastmod>2026-06-01T00:00:00Z</lastmod>");
    assert_eq!(entry("back"), "<lastmod>2026-06-02T00:00:00Z</lastmod>");
    assert_eq!(entry("unknown"), "");
    assert_eq!(entry("true"), "<lastmod>2026-06-05</lastmod>");
}

#[test]
fn a6_10_what_is_not_to_be_indexed_is_left_out() {
    let site = Workshop::new("");
    let made = site.at(
        DAY,
        &[
            article("a", 1),
            with(article("hidden", 2), json!({"noindex": true})),
            with(
                article("copy", 3),
                json!({"canonical": "https://b.example/copy"}),
            ),
            with(
                article("own", 4),
                json!({"canonical_url": "https://a.example/own/"}),
            ),
        ],
    );
    let sitemap = text(&made, "/sitemap.xml");
    for (slug, there) in [
        ("a", true),
        ("hidden", false),
        ("copy", false),
        ("own", true),
    ] {
        let found = sitemap.contains(&format!("<loc>https://a.example/{slug}/</loc>"));
        assert_eq!(found, there, "{slug}");
    }
    assert!(text(&made, "/rss.xml").contains("https://a.example/copy/"));
    let made = site.at(DAY + 1, &[article("b", 1)]);
    assert!(!text(&made, "/sitemap.xml").contains("/a/"), "removed");
}

#[test]
fn a6_11_every_sitemap_has_twins_in_gzip_and_text() {
    let site = Workshop::new("[sitemap]\ntext = true\n");
    let made = site.at(DAY, &[article("a", 1), article("b", 2)]);
    assert_eq!(
        text(&made, "/sitemap.txt"),
        "https://a.example/a/\nhttps://a.example/b/\n"
    );
    let (plain, file) = (
        document(&made, "/sitemap.xml"),
        document(&made, "/sitemap.xml.gz"),
    );
    assert_eq!(file.kind, DocumentKind::SitemapGzip);
    assert_eq!(
        (&file.body.gzip, &file.body.br, file.changed),
        (&None, &None, plain.changed)
    );
    assert_eq!(file.body.plain()[..3], [0x1F, 0x8B, 8]);
    let site = Workshop::new("[sitemap]\ngzip = false\n");
    let made = site.at(DAY, &[]);
    assert_eq!(made.made.edition.documents.len(), 6);
    assert_eq!(
        paths(&made),
        [
            "/atom.xml",
            "/feed.json",
            "/feeds.opml",
            "/robots.txt",
            "/rss.xml",
            "/sitemap.xml"
        ]
    );
}

#[test]
fn a6_3_past_50_000_addresses_there_is_an_index_with_a_file_of_pages() {
    let site = Workshop::new(
        "[sitemap]\ntext = true\n[[sitemap.page]]\nurl = \"about/\"\n[[feed]]\nname = \"all\"\nlimit = 1\n",
    );
    let articles: Vec<_> = (0..50_000_u32)
        .map(|i| article(&format!("a{i}"), i % 3 + 1))
        .collect();
    let made = site.at(DAY, &articles);
    let index = text(&made, "/sitemap.xml");
    let files = [
        "<loc>https://a.example/sitemap-pages.xml</loc></sitemap>",
        "<loc>https://a.example/sitemap-2026-06.xml</loc><lastmod>2026-06-03T00:00:00Z</lastmod>",
    ];
    for file in files {
        assert!(index.contains(file), "{index}");
    }
    assert_eq!(
        text(&made, "/sitemap-pages.txt"),
        "https://a.example/about/\n"
    );
    document(&made, "/sitemap-2026-06.xml.gz");
    // Of the parts that list nothing any more crawlers are told so, and are so for good.
    for now in [DAY + HOUR, DAY + 2 * HOUR] {
        let made = site.at(now, &articles[..10]);
        assert!(text(&made, "/sitemap.xml").contains("<urlset"));
        for path in [
            "/sitemap-2026-06.xml",
            "/sitemap-2026-06.xml.gz",
            "/sitemap-2026-06.txt",
            "/sitemap-pages.xml",
        ] {
            assert_eq!(document(&made, path).kind, DocumentKind::Gone, "{path}");
        }
        let index = document(&made, "/sitemap.xml.gz");
        assert_eq!(index.kind, DocumentKind::SitemapGzip);
    }
}
