//! Pictures, films and further files of an article in Media RSS (rssboard.org/media-rss).

use super::element::Element;
use crate::article::{Enclosure, Piece, Video, VideoPlace};

/// The picture that stands for the article, its films, and the files for which the format
/// has no place: RSS has one enclosure an item.
pub(super) fn elements<'a>(
    piece: &Piece,
    files: impl Iterator<Item = &'a Enclosure>,
) -> Vec<Element> {
    let image = piece.image.iter().map(|image| {
        let element = Element::new("media:content")
            .attribute("url", image)
            .attribute("medium", "image");
        match &piece.extras.image_alt {
            Some(alt) => element.child(Element::plain("media:description", alt)),
            None => element,
        }
    });
    let films = piece.extras.videos.iter().map(film);
    let files = files.map(|file| {
        Element::new("media:content")
            .attribute("url", &file.url)
            .attribute("type", &file.media_type)
            .optional("medium", medium(file.media_type.as_str()))
            .optional("fileSize", file.length)
    });
    image.chain(films).chain(files).collect()
}

fn film(video: &Video) -> Element {
    let element = Element::new("media:content")
        .attribute("medium", "video")
        .optional("duration", video.duration)
        .child(Element::plain("media:title", &video.title))
        .child(Element::plain("media:description", &video.description))
        .child(Element::new("media:thumbnail").attribute("url", &video.thumbnail));
    match &video.place {
        VideoPlace::Content(url) => element.attribute("url", url),
        VideoPlace::Player(url) => {
            element.child(Element::new("media:player").attribute("url", url))
        }
    }
}

fn medium(media_type: &str) -> Option<&str> {
    let (kind, _) = media_type.split_once('/')?;
    matches!(kind, "audio" | "video" | "image").then_some(kind)
}
