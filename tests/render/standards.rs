//! What the standards say must be, item by item.

use dateline::{
    article::{ArticleId, Html, Person, XmlText},
    render::{
        Channel, ContentMode,
        FeedFormat::{Atom, Json, Rss},
        RenderError, SitemapUrl, sitemap,
    },
};

use crate::catalogue::{channel, plain, render, rich, text, undated, url};

/// Everything between the first `<name…>` and its end.
fn element<'a>(xml: &'a str, name: &str) -> &'a str {
    let start = xml
        .find(&format!("<{name}"))
        .unwrap_or_else(|| panic!("no <{name}> in {xml}"));
    let body = &xml[start..];
    let open = body.find('>').unwrap() + 1;
    &body[open..body.find(&format!("</{name}>")).unwrap()]
}

#[test]
fn a1_3_dates_are_rfc_822_with_four_digits_and_gmt() {
    assert_eq!(
        element(&text(Rss, &[rich()]), "pubDate"),
        "Wed, 10 Jun 2026 00:00:00 GMT"
    );
    assert!(!text(Rss, &[undated()]).contains("pubDate"));
}

#[test]
fn a1_4_a_guid_is_a_permalink_only_if_it_is_the_address() {
    assert!(text(Rss, &[plain("a", "A")]).contains("<guid isPermaLink=\"false\">tag:"));
    let mut article = plain("a", "A");
    article.id = ArticleId::from_url(&article.piece.url, None);
    assert!(text(Rss, &[article]).contains("<guid>https://backend.example/articles/a/</guid>"));
}

#[test]
fn a1_6_an_enclosure_of_unknown_length_says_0() {
    let mut article = rich();
    article.piece.enclosures[0].length = None;
    assert!(text(Rss, &[article]).contains("length=\"0\" type=\"audio/mpeg\""));
}

#[test]
fn a1_8_the_feed_names_its_own_address() {
    let feed = text(Rss, &[]);
    assert!(feed.contains("<atom:link href=\"https://backend.example/rss.xml\" rel=\"self\""));
}

#[test]
fn a1_9_content_stands_after_a_description_even_without_a_summary() {
    let mut article = rich();
    article.piece.summary = None;
    let feed = text(Rss, &[article]);
    assert!(
        feed.find("<description><![CDATA[Full text").unwrap() < feed.find("<content:").unwrap()
    );
}

#[test]
fn a1_10_plain_text_fields_use_hexadecimal_references() {
    let feed = text(Rss, &[rich()]);
    assert!(
        feed.contains("<title>Vec&#x3C;T&gt; &#x26; &quot;friends&quot;"),
        "{feed}"
    );
    // A description is read as HTML, so the text is escaped inside the CDATA section.
    assert!(
        feed.contains("<![CDATA[What a &lt; b means, and R&amp;D]]>"),
        "{feed}"
    );
}

#[test]
fn a1_11_names_are_creators_and_no_author_is_without_an_address() {
    let feed = text(Rss, &[rich()]);
    assert!(feed.contains("<dc:creator>Ada &#x26; Co</dc:creator><dc:creator>Grace</dc:creator>"));
    assert!(!feed.contains("<author>"));
    let with_email = Channel {
        author: Some(Person {
            email: Some(XmlText::from("a@backend.example")),
            ..Person::named("A").unwrap()
        }),
        ..channel(Rss)
    };
    let feed = String::from_utf8(render(Rss, &with_email, &[])).unwrap();
    assert_eq!(element(&feed, "managingEditor"), "a@backend.example (A)");
}

#[test]
fn a1_13_items_come_last() {
    let feed = text(Rss, &[rich()]);
    let channel_end = feed.rfind("</item></channel>");
    assert!(channel_end.is_some(), "{feed}");
}

#[test]
fn a1_14_the_build_date_is_that_of_the_content_or_left_out() {
    assert_eq!(
        element(&text(Rss, &[]), "lastBuildDate"),
        "Wed, 10 Jun 2026 14:00:00 GMT"
    );
    let unknown = Channel {
        updated: None,
        ..channel(Rss)
    };
    let feed = String::from_utf8(render(Rss, &unknown, &[undated()])).unwrap();
    assert!(!feed.contains("lastBuildDate"));
}

#[test]
fn a1_16_the_encoding_is_declared() {
    for format in [Rss, Atom] {
        let feed = text(format, &[]);
        let declaration = "<?xml version=\"1.0\" encoding=\"utf-8\"?>";
        assert!(feed.starts_with(declaration), "{feed}");
    }
}

#[test]
fn a2_1_every_entry_has_an_author_through_the_feed() {
    let nobody = Channel {
        author: None,
        ..channel(Atom)
    };
    let feed = String::from_utf8(render(Atom, &nobody, &[plain("a", "A")])).unwrap();
    assert!(
        feed.contains("<author><name>Backend &amp; Architecture</name></author>"),
        "{feed}"
    );
}

#[test]
fn a2_2_an_article_without_any_date_is_left_out_of_atom_alone() {
    for (format, entries) in [(Rss, 1), (Atom, 0), (Json, 1)] {
        let feed = text(format, &[undated()]);
        assert_eq!(
            feed.matches("No date at all").count().min(1),
            entries,
            "{feed}"
        );
    }
}

#[test]
fn a2_10_content_is_escaped_html_and_never_raw() {
    let feed = text(Atom, &[rich()]);
    assert!(
        feed.contains("<content type=\"html\" ") || feed.contains("type=\"html\">&lt;p&gt;Full")
    );
    assert!(!feed.contains("xhtml"));
}

#[test]
fn a5_2_an_item_always_has_a_text() {
    assert!(
        text(Json, &[plain("a", "Only a title")]).contains("\"content_text\":\"Only a title\"")
    );
    let summary = Channel {
        content: ContentMode::Summary,
        ..channel(Json)
    };
    let feed = String::from_utf8(render(Json, &summary, &[rich()])).unwrap();
    assert!(
        feed.contains("\"content_text\":\"What a < b means, and R&D\""),
        "{feed}"
    );
    assert!(!feed.contains("content_html"));
}

#[test]
fn a5_8_extensions_begin_with_an_underscore() {
    assert!(text(Json, &[rich()]).contains("\"_dateline\":{\"reading_minutes\":8}"));
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
fn hostile_text_is_right_in_every_format() {
    let long = "x".repeat(10_000);
    for title in [
        "]]>",
        "<![CDATA[",
        "<script>alert(1)</script>",
        "&amp;",
        "a\u{FFFD}b",
        &long,
    ] {
        let mut article = plain("a", title);
        article.piece.summary = Some(XmlText::from(title));
        article.piece.content = Some(Html::from_sanitised(XmlText::from("<p>]]></p>]]&gt;")));
        for format in [Rss, Atom, Json] {
            text(format, std::slice::from_ref(&article));
        }
    }
}
