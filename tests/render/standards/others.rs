//! What stands beside the feeds and sitemaps.

use dateline::render::{
    DocumentKind,
    FeedFormat::{Atom, Rss},
    robots::{self, Group, Robots, Signals},
};

use super::feeds;
use crate::catalogue::url;

#[test]
fn a4_1_no_feed_counts_comments_for_each_would_be_a_new_document() {
    for feed in feeds(Atom).into_iter().chain(feeds(Rss)) {
        let text = String::from_utf8(feed).unwrap();
        assert!(!text.contains("purl.org/syndication/thread") && !text.contains("slash:"));
    }
}

fn rules(rules: &Robots) -> String {
    let bytes = robots::render(rules, None, &[url("sitemap.xml"), url("sitemap-news.xml")]);
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a12_2_sitemaps_stand_for_all_whole_and_after_the_groups() {
    let text = rules(&Robots::default());
    let sitemaps: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("Sitemap: "))
        .collect();
    assert_eq!(
        sitemaps,
        [
            url("sitemap.xml").as_str(),
            url("sitemap-news.xml").as_str()
        ]
    );
    assert!(text.find("Sitemap:") > text.rfind("User-agent:"));
}

#[test]
fn a12_3_content_signals_stand_in_a_group_and_silence_is_no_statement() {
    let signals = Signals {
        search: Some(true),
        ai_input: None,
        ai_train: Some(false),
    };
    let group = Group {
        agents: vec!["*".to_owned()],
        allow: Vec::new(),
        disallow: vec!["/private/".to_owned()],
    };
    let text = rules(&Robots {
        groups: vec![group],
        signals,
        ..Robots::default()
    });
    let lines: Vec<&str> = text.lines().collect();
    let at = lines
        .iter()
        .position(|line| line.starts_with("Content-Signal:"))
        .unwrap();
    assert_eq!(lines[at], "Content-Signal: search=yes, ai-train=no");
    assert!(
        lines[..at]
            .iter()
            .rev()
            .take_while(|line| !line.is_empty())
            .any(|line| *line == "User-agent: *")
    );
    assert!(!rules(&Robots::default()).contains("Content-Signal"));
}

#[test]
fn a13_4_every_document_has_the_type_that_its_readers_expect() {
    for (kind, media_type) in [
        (DocumentKind::Rss, "application/rss+xml; charset=utf-8"),
        (DocumentKind::Atom, "application/atom+xml; charset=utf-8"),
        (DocumentKind::JsonFeed, "application/feed+json"),
        (DocumentKind::Sitemap, "application/xml; charset=utf-8"),
        (DocumentKind::SitemapIndex, "application/xml; charset=utf-8"),
        (DocumentKind::SitemapGzip, "application/gzip"),
        (DocumentKind::Robots, "text/plain; charset=utf-8"),
        (DocumentKind::Opml, "text/x-opml; charset=utf-8"),
        (DocumentKind::Rsl, "application/rsl+xml"),
    ] {
        assert_eq!(kind.media_type(), media_type);
    }
    // As `text/*` without a charset, old clients read XML as US-ASCII.
    for kind in DocumentKind::ALL {
        let media_type = kind.media_type();
        assert!(!media_type.starts_with("text/") || media_type.ends_with("charset=utf-8"));
    }
}
