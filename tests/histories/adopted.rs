//! What readers knew before is taken over.

use dateline::{adopt, article::Evidence, config, dates::Guards, store::Store as _};

use crate::site::*;

fn take(site: &Site, documents: &[&str]) {
    let config = config::load(&site.feeds_toml()).unwrap();
    let mut store = site.store();
    let mut transaction = store.begin().unwrap();
    for document in documents {
        let read = adopt::read(
            document.as_bytes(),
            &config.site.url,
            &config.site,
            &Guards::default(),
        )
        .unwrap();
        for (address, known) in read.articles {
            transaction.adopt(&address, known).unwrap();
        }
    }
    transaction.commit().unwrap();
}

const RSS: &str = "<rss version='2.0'><channel><title>A</title><link>http://a.example/</link>\
    <description>A</description><item><title>On n0</title>\
    <link>http://old.example/posts/n0</link><guid isPermaLink='false'>guid-0</guid>\
    <pubDate>Wed, 01 Apr 2026 10:00:00 GMT</pubDate></item></channel></rss>";
const ATOM: &str = "<feed xmlns='http://www.w3.org/2005/Atom'><title>A</title><id>urn:a</id>\
    <updated>2026-05-20T00:00:00Z</updated><entry><title>On n0</title><id>urn:atom-0</id>\
    <link href='https://a.example/posts/n0/'/><updated>2026-05-10T00:00:00Z</updated>\
    </entry></feed>";
const SITEMAP: &str = "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>\
    <url><loc>https://a.example/posts/n1/</loc><lastmod>2026-05-12</lastmod></url></urlset>";

#[test]
fn ids_are_kept_by_format_and_dates_as_they_were() {
    let site = Site::new(&articles(3));
    take(&site, &[RSS, ATOM, SITEMAP]);
    let edition = site.refresh(START);
    let rss = text(&edition, "/rss.xml");
    assert!(
        rss.contains("<guid isPermaLink=\"false\">guid-0</guid>"),
        "{rss}"
    );
    let atom = text(&edition, "/atom.xml");
    assert!(atom.contains("<id>urn:atom-0</id>"), "{atom}");
    assert!(
        atom.contains("<updated>2026-05-10T00:00:00+00:00</updated>"),
        "{atom}"
    );
    // JSON Feed is new to this site, and has the article's own id.
    assert!(
        text(&edition, "/feed.json").contains("\"id\":\"tag:a.example,2026-05-01:/posts/n0/\"")
    );
    let sitemap = text(&edition, "/sitemap.xml");
    assert!(sitemap.contains("<loc>https://a.example/posts/n1/</loc><lastmod>2026-05-12<"));
    assert_eq!(site.article("n1").dates.evidence, Evidence::Adopted);
    assert_eq!(site.modified("n2").unwrap(), "2026-05-01");
    // They stay when the article moves on.
    let mut all = articles(3);
    all[0]["content_html"] = "<p>Edited.</p>".into();
    all[0]["slug"] = "renamed".into();
    all[0]["title"] = "On n0".into();
    site.write(&all);
    site.refresh(START + DAY);
    let mut all = articles(3);
    all[0]["title"] = "Another".into();
    site.write(&all);
    let edition = site.refresh(START + 2 * DAY);
    assert!(text(&edition, "/rss.xml").contains("guid-0"));
}

#[test]
fn an_article_that_is_known_already_takes_over_what_was_unknown() {
    let site = Site::new(&articles(3));
    site.refresh(START);
    take(&site, &[RSS, ATOM, SITEMAP]);
    let edition = site.refresh(START + DAY);
    assert!(text(&edition, "/rss.xml").contains("guid-0"));
    assert_eq!(site.modified("n1").unwrap(), "2026-05-12");
    // Once: from then on the article's own history goes on.
    let again = site.refresh(START + 2 * DAY);
    assert_eq!(validators(&again), validators(&edition));
}

#[test]
fn a_change_that_dateline_saw_itself_weighs_more() {
    let site = Site::new(&articles(3));
    site.refresh(START);
    let mut all = articles(3);
    all[1]["content_html"] = "<p>Edited.</p>".into();
    site.write(&all);
    site.refresh(START + DAY);
    take(&site, &[SITEMAP]);
    site.refresh(START + 2 * DAY);
    assert_eq!(site.modified("n1").unwrap(), "2026-06-02T00:00:00Z");
}

#[test]
fn a_publication_that_the_origin_does_not_know_is_taken_over_for_good() {
    let mut all = articles(2);
    all[0].as_object_mut().unwrap().remove("published");
    let site = Site::new(&all);
    take(&site, &[RSS]);
    for day in 0..3 {
        site.refresh(START + day * DAY);
        let published = site.article("n0").dates.published.unwrap();
        assert_eq!(published.w3c(), "2026-04-01T10:00:00Z");
    }
}

#[test]
fn ids_without_dates_move_no_date() {
    let mut all = articles(2);
    all[0]["updated"] = "2026-05-20".into();
    let site = Site::new(&all);
    site.refresh(START);
    all[0].as_object_mut().unwrap().remove("updated");
    site.write(&all);
    site.refresh(START + DAY);
    take(&site, &[RSS]);
    let edition = site.refresh(START + 2 * DAY);
    assert_eq!(site.modified("n0").unwrap(), "2026-05-20");
    assert!(text(&edition, "/rss.xml").contains("guid-0"));
}

#[test]
fn an_adopted_id_belongs_to_one_article_and_no_feed_is_lost_over_it() {
    let site = Site::new(&articles(3));
    take(&site, &[RSS]);
    site.refresh(START);
    let mut all = articles(3);
    all[0]["slug"] = "moved".into();
    site.write(&all);
    site.refresh(START + DAY);
    let mut other = article("n0");
    other["title"] = "Another one".into();
    other["content_html"] = "<p>Something else.</p>".into();
    all.push(other);
    site.write(&all);
    let edition = site.refresh(START + 2 * DAY);
    let rss = text(&edition, "/rss.xml");
    assert_eq!(rss.matches("guid-0").count(), 1, "{rss}");
    assert_eq!(rss.matches("<item>").count(), 4);
}
