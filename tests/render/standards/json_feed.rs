//! JSON Feed 1.1.

use std::collections::BTreeSet;

use dateline::{
    article::Language,
    render::{Channel, ContentMode, DocumentKind, FeedFormat::Json},
};
use serde_json::Value;

use super::feeds;
use crate::catalogue::{channel, plain, render, rich, text, url};

/// Every feed as JSON.
fn all() -> Vec<Value> {
    let feeds = feeds(Json).into_iter();
    feeds
        .map(|feed| serde_json::from_slice(&feed).unwrap())
        .collect()
}

fn items(feeds: &[Value]) -> impl Iterator<Item = &Value> {
    feeds
        .iter()
        .flat_map(|feed| feed["items"].as_array().unwrap())
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
fn a5_1_a_feed_has_a_version_a_title_and_items_be_there_none() {
    for feed in all() {
        assert_eq!(feed["version"], "https://jsonfeed.org/version/1.1");
        assert!(
            feed["title"]
                .as_str()
                .is_some_and(|title| !title.is_empty())
        );
        assert!(feed["items"].is_array());
    }
    assert!(
        all()
            .iter()
            .any(|feed| feed["items"].as_array().unwrap().is_empty())
    );
}

#[test]
fn a5_2_an_id_is_a_text_that_stands_once() {
    for feed in all() {
        let items = feed["items"].as_array().unwrap();
        let ids: BTreeSet<&str> = items
            .iter()
            .map(|item| item["id"].as_str().unwrap())
            .collect();
        assert_eq!(ids.len(), items.len());
    }
}

#[test]
fn a5_3_a_feed_names_its_page_and_itself() {
    for feed in all() {
        assert_eq!(feed["home_page_url"], url("").as_str());
        assert_eq!(feed["feed_url"], url("feed.json").as_str());
    }
}

#[test]
fn a5_4_dates_are_rfc_3339_or_left_out() {
    let feeds = all();
    let mut dates = 0;
    for item in items(&feeds) {
        for key in ["date_published", "date_modified"] {
            if let Some(date) = item.get(key) {
                chrono::DateTime::parse_from_rfc3339(date.as_str().unwrap()).unwrap();
                dates += 1;
            }
        }
    }
    assert!(dates >= 4);
}

#[test]
fn a5_5_authors_are_a_list_of_those_who_have_something_and_languages_are_tags() {
    let feeds = all();
    let listed = feeds.iter().chain(items(&feeds));
    for value in listed {
        for author in value["authors"].as_array().into_iter().flatten() {
            let author = author.as_object().unwrap();
            assert!(!author.is_empty());
            assert!(
                author
                    .keys()
                    .all(|key| matches!(key.as_str(), "name" | "url" | "avatar"))
            );
        }
        if let Some(language) = value.get("language") {
            Language::parse(language.as_str().unwrap()).unwrap();
        }
    }
    assert!(items(&feeds).any(|item| item["authors"].as_array().is_some_and(|all| all.len() == 2)));
}

#[test]
fn a5_6_attachments_have_an_address_and_a_type() {
    let feeds = all();
    let files: Vec<&Value> = items(&feeds)
        .flat_map(|item| item["attachments"].as_array().into_iter().flatten())
        .collect();
    assert!(files.len() >= 3);
    for file in files {
        assert!(file["url"].as_str().unwrap().starts_with("https://"));
        assert!(file["mime_type"].as_str().unwrap().contains('/'));
        assert!(file.get("size_in_bytes").is_none_or(Value::is_u64));
    }
}

#[test]
fn a5_8_extensions_are_objects_and_no_key_is_of_our_own_making() {
    const KNOWN: &[&str] = &[
        "id",
        "url",
        "external_url",
        "title",
        "content_html",
        "content_text",
        "summary",
        "image",
        "banner_image",
        "date_published",
        "date_modified",
        "authors",
        "tags",
        "language",
        "attachments",
    ];
    let feeds = all();
    for (key, value) in items(&feeds).flat_map(|item| item.as_object().unwrap()) {
        match key.strip_prefix('_') {
            Some(name) => {
                assert!(name.starts_with(|c: char| c.is_ascii_alphabetic()) && !name.contains('.'));
                assert!(value.is_object(), "{key}");
            }
            None => assert!(KNOWN.contains(&key.as_str()), "{key}"),
        }
    }
}

#[test]
fn a5_9_the_type_is_that_of_version_1_1_and_the_bytes_are_utf_8() {
    assert_eq!(DocumentKind::JsonFeed.media_type(), "application/feed+json");
    let feed = render(Json, &channel(Json), &[plain("a", "数据库 🦀")]);
    assert!(String::from_utf8(feed).unwrap().contains("数据库 🦀"));
}
