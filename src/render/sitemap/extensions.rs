//! What Google's extensions say of a page: translations, pictures, films, news.

use std::io;

use quick_xml::events::{BytesEnd, BytesStart, Event};

use super::{Xml, write_text};
use crate::{
    article::{Language, MAX_IMAGES, Video, VideoPlace},
    render::{News, SitemapUrl},
};

const XHTML: (&str, &str) = ("xmlns:xhtml", "http://www.w3.org/1999/xhtml");
const IMAGE: (&str, &str) = (
    "xmlns:image",
    "http://www.google.com/schemas/sitemap-image/1.1",
);
const VIDEO: (&str, &str) = (
    "xmlns:video",
    "http://www.google.com/schemas/sitemap-video/1.1",
);
const NEWS: (&str, &str) = (
    "xmlns:news",
    "http://www.google.com/schemas/sitemap-news/0.9",
);

/// The longest film that Google takes, in seconds.
const MAX_DURATION: u32 = 28_800;

/// The namespaces that `entries` need.
pub(super) fn namespaces<'a>(
    entries: impl Iterator<Item = &'a SitemapUrl>,
) -> Vec<(&'static str, &'static str)> {
    let mut used = [
        (XHTML, false),
        (IMAGE, false),
        (VIDEO, false),
        (NEWS, false),
    ];
    for entry in entries {
        used[0].1 |= !entry.listed.alternates.is_empty();
        used[1].1 |= !entry.listed.images.is_empty();
        used[2].1 |= !entry.listed.videos.is_empty();
        used[3].1 |= entry.news.is_some();
    }
    used.into_iter()
        .filter_map(|(namespace, used)| used.then_some(namespace))
        .collect()
}

/// Writes what the extensions say of `entry`.
pub(super) fn write(writer: &mut Xml, entry: &SitemapUrl) -> io::Result<()> {
    for alternate in &entry.listed.alternates {
        let link = BytesStart::new("xhtml:link").with_attributes([
            ("rel", "alternate"),
            ("hreflang", alternate.language.as_str()),
            ("href", alternate.url.as_str()),
        ]);
        writer.write_event(Event::Empty(link))?;
    }
    for image in entry.listed.images.iter().take(MAX_IMAGES) {
        within(writer, "image:image", |writer| {
            write_text(writer, "image:loc", image.as_str())
        })?;
    }
    for video in &entry.listed.videos {
        within(writer, "video:video", |writer| write_video(writer, video))?;
    }
    entry.news.as_ref().map_or(Ok(()), |news| {
        within(writer, "news:news", |writer| write_news(writer, news))
    })
}

fn within(
    writer: &mut Xml,
    name: &str,
    content: impl FnOnce(&mut Xml) -> io::Result<()>,
) -> io::Result<()> {
    writer.write_event(Event::Start(BytesStart::new(name)))?;
    content(writer)?;
    writer.write_event(Event::End(BytesEnd::new(name)))
}

fn write_video(writer: &mut Xml, video: &Video) -> io::Result<()> {
    write_text(writer, "video:thumbnail_loc", video.thumbnail.as_str())?;
    write_text(writer, "video:title", video.title.as_str())?;
    write_text(writer, "video:description", video.description.as_str())?;
    match &video.place {
        VideoPlace::Content(url) => write_text(writer, "video:content_loc", url.as_str())?,
        VideoPlace::Player(url) => write_text(writer, "video:player_loc", url.as_str())?,
    }
    let duration = video
        .duration
        .filter(|seconds| (1..=MAX_DURATION).contains(seconds));
    duration.map_or(Ok(()), |seconds| {
        write_text(writer, "video:duration", &seconds.to_string())
    })
}

fn write_news(writer: &mut Xml, news: &News) -> io::Result<()> {
    within(writer, "news:publication", |writer| {
        write_text(writer, "news:name", news.publication.as_str())?;
        write_text(writer, "news:language", &news_language(&news.language))
    })?;
    write_text(writer, "news:publication_date", &news.published.w3c())?;
    write_text(writer, "news:title", news.title.as_str())
}

/// The code that Google wants for a language: two or three letters, and `zh-cn` or `zh-tw`
/// for Chinese.
#[must_use]
pub fn news_language(language: &Language) -> String {
    let tag = language.as_str().to_ascii_lowercase();
    let primary = tag.split('-').next().unwrap_or_default();
    if primary != "zh" {
        return primary.to_owned();
    }
    let traditional = tag
        .split('-')
        .any(|part| matches!(part, "hant" | "tw" | "hk" | "mo"));
    if traditional { "zh-tw" } else { "zh-cn" }.to_owned()
}
