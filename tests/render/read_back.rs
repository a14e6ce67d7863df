//! Whatever is written, an independent reader reads the same.

use dateline::{
    article::{Article, ArticleId, Html, Moment, Tag, XmlText},
    render::FeedFormat,
};
use proptest::prelude::*;

use crate::catalogue::{at, channel, dated, plain, render};

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{1,40}",
        any::<String>(),
        Just("]]> <b>&amp;</b> 'q' \"q\"".to_owned()),
        Just("🦀 数据 مرحبا".to_owned()),
    ]
}

prop_compose! {
    fn articles()(
        slug in "[a-z]{1,12}",
        title in texts(),
        summary in prop::option::of(texts()),
        content in prop::option::of(texts()),
        tags in prop::collection::vec(texts(), 0..4),
        published in 0..4_000_000_000_i64,
        later in 0..1_000_000_i64,
    ) -> Article {
        let title = XmlText::line(&title).0;
        let title = if title.is_empty() { XmlText::from("t") } else { title };
        let mut article = plain(&slug, title.as_str());
        article.piece.summary = summary.map(|text| XmlText::line(&text).0);
        article.piece.content = content.map(|text| Html::from_sanitised(XmlText::from(text)));
        article.piece.tags = tags.iter().filter_map(|tag| Tag::new(tag)).collect();
        article.dates = dated(
            Some(Moment::at(at(published))),
            Some(Moment::at(at(published + later))),
        );
        article
    }
}

#[test]
fn a_reference_without_its_end_hides_no_forbidden_character() {
    for text in ["x &#16b y", "&#1", "a &#x1f; b"] {
        let mut article = plain("a", "t");
        article.piece.content = Some(Html::from_sanitised(XmlText::from(text)));
        for format in FeedFormat::ALL {
            let bytes = render(format, &channel(format), &[article.clone()]);
            let feed = feed_rs::parser::parse(bytes.as_slice()).unwrap();
            assert_eq!(feed.entries.len(), 1, "{text}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn feed_rs_reads_what_was_written(mut articles in prop::collection::vec(articles(), 0..6)) {
        for (i, article) in articles.iter_mut().enumerate() {
            let url = &article.piece.url;
            article.id = ArticleId::from_name(&format!("urn:x:{i}"), url, None).unwrap();
        }
        for format in FeedFormat::ALL {
            let bytes = render(format, &channel(format), &articles);
            let feed = feed_rs::parser::parse(bytes.as_slice()).unwrap();
            prop_assert_eq!(feed.entries.len(), articles.len());
            for (entry, article) in feed.entries.iter().zip(&articles) {
                prop_assert_eq!(&entry.id, article.id.as_str());
                let link = entry.links.first().map(|link| link.href.as_str());
                prop_assert_eq!(link, Some(article.piece.url.as_str()));
                let published = entry.published.map(|date| date.timestamp());
                let expected = article.dates.published.map(|date| date.instant().unix());
                prop_assert_eq!(published, expected);
                if format != FeedFormat::Rss {
                    let updated = entry.updated.map(|date| date.timestamp());
                    let expected = article.dates.modified.map(|date| date.instant().unix());
                    prop_assert_eq!(updated, expected);
                }
                let title = entry.title.as_ref().map(|title| title.content.as_str());
                prop_assert_eq!(title, Some(article.piece.title.as_str()));
            }
        }
    }
}
