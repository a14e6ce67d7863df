//! What the standards say must be, item by item: RSS here, the others beside it.

mod atom;
mod json_feed;
mod list;
mod others;
mod sitemap;

use dateline::{
    article::{ArticleId, Enclosure, Html, Person, XmlText},
    render::{
        Channel,
        FeedFormat::{Atom, Json, Rss},
    },
};

use crate::{
    catalogue::{channel, episode, plain, podcast, render, rich, text, undated, url},
    tree::{self, Element},
};

/// Feeds of every kind: with everything, with next to nothing, of a podcast, empty.
fn feeds(format: dateline::render::FeedFormat) -> Vec<Vec<u8>> {
    let show = Channel {
        podcast: Some(podcast()),
        image: Some(url("cover.jpg")),
        tag_scheme: Some("https://backend.example/tags/".into()),
        section_scheme: Some("https://backend.example/sections/".into()),
        ..channel(format)
    };
    let bare = Channel {
        author: None,
        updated: None,
        ..channel(format)
    };
    vec![
        render(
            format,
            &channel(format),
            &[rich(), plain("a", "A"), undated()],
        ),
        render(format, &show, &[episode()]),
        render(format, &bare, &[undated()]),
        render(format, &bare, &[]),
    ]
}

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
fn a1_1_there_is_one_channel_with_a_title_a_link_and_a_description() {
    for feed in feeds(Rss) {
        let root = tree::parse(&feed);
        assert_eq!(
            (root.name.as_str(), root.attribute("version")),
            ("rss", "2.0")
        );
        assert_eq!(root.children.len(), 1);
        for name in ["title", "link", "description"] {
            assert!(!root.one("channel").one(name).text.is_empty(), "{name}");
        }
    }
}

#[test]
fn a1_2_an_item_has_a_title_or_a_description_and_nothing_twice() {
    for feed in feeds(Rss) {
        for item in tree::parse(&feed).one("channel").all("item") {
            assert!(item.all("title").chain(item.all("description")).count() > 0);
            for child in item
                .children
                .iter()
                .filter(|child| !child.name.contains(':'))
            {
                let times = item.all(&child.name).count();
                assert!(
                    times == 1 || child.name == "category",
                    "{} {times} times",
                    child.name
                );
            }
        }
    }
}

#[test]
fn a1_3_dates_are_rfc_822_with_four_digits_and_gmt() {
    assert_eq!(
        element(&text(Rss, &[rich()]), "pubDate"),
        "Wed, 10 Jun 2026 00:00:00 GMT"
    );
    assert!(!text(Rss, &[undated()]).contains("pubDate"));
    let mut dates = 0;
    for feed in feeds(Rss) {
        tree::parse(&feed).walk(&mut |element| {
            if matches!(element.name.as_str(), "pubDate" | "lastBuildDate") {
                // The parser refuses a day of the week that is another.
                let date = chrono::DateTime::parse_from_rfc2822(&element.text).unwrap();
                let shown = date.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
                assert_eq!(
                    (shown.as_str(), date.offset().local_minus_utc()),
                    (&*element.text, 0)
                );
                dates += 1;
            }
        });
    }
    assert!(dates >= 4);
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
fn a1_6_of_several_files_one_is_the_enclosure() {
    let mut article = rich();
    article.piece.enclosures = ["1.mp3", "2.mp3"]
        .map(|name| Enclosure {
            url: url(name),
            length: Some(7),
            media_type: XmlText::from("audio/mpeg"),
        })
        .to_vec();
    let root = tree::parse(&render(Rss, &channel(Rss), &[article]));
    let item = root.one("channel").one("item");
    let enclosure = item.one("enclosure");
    for (name, value) in [
        ("url", url("1.mp3").as_str()),
        ("length", "7"),
        ("type", "audio/mpeg"),
    ] {
        assert_eq!(enclosure.attribute(name), value);
    }
    let others = item.all("media:content");
    assert!(
        others
            .into_iter()
            .any(|other| other.attribute("url") == url("2.mp3").as_str())
    );
}

#[test]
fn a1_7_what_is_not_of_rss_has_a_namespace() {
    const RSS: &[&str] = &[
        "rss",
        "channel",
        "title",
        "link",
        "description",
        "language",
        "managingEditor",
        "pubDate",
        "lastBuildDate",
        "category",
        "generator",
        "docs",
        "ttl",
        "image",
        "url",
        "item",
        "author",
        "comments",
        "enclosure",
        "guid",
        "source",
    ];
    for feed in feeds(Rss) {
        let root = tree::parse(&feed);
        root.walk(
            &mut |element: &Element| match element.name.split_once(':') {
                None => assert!(RSS.contains(&element.name.as_str()), "{}", element.name),
                Some((prefix, _)) => {
                    assert!(
                        root.attributes.contains_key(&format!("xmlns:{prefix}")),
                        "{prefix}"
                    );
                }
            },
        );
    }
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
fn a1_12_a_picture_has_the_title_and_the_link_of_its_channel() {
    let with_image = Channel {
        image: Some(url("logo.png")),
        ..channel(Rss)
    };
    let root = tree::parse(&render(Rss, &with_image, &[]));
    let channel = root.one("channel");
    for name in ["title", "link"] {
        assert_eq!(channel.one("image").one(name).text, channel.one(name).text);
    }
    assert_eq!(
        channel.one("image").one("url").text,
        url("logo.png").as_str()
    );
}

#[test]
fn a1_13_items_come_last() {
    let feed = text(Rss, &[rich()]);
    let channel_end = feed.rfind("</item></channel>");
    assert!(channel_end.is_some(), "{feed}");
    for feed in feeds(Rss) {
        let root = tree::parse(&feed);
        let children = &root.one("channel").children;
        let first = children.iter().position(|child| child.name == "item");
        let items = &children[first.unwrap_or(children.len())..];
        assert!(items.iter().all(|child| child.name == "item"));
        assert!(!children.iter().any(|child| child.name == "textInput"));
    }
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
