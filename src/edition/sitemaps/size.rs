//! How long an entry is at most, so that files are cut before they are written.

use crate::{article::VideoPlace, render::SitemapUrl};

/// What a file takes beside its entries: the declaration and five namespaces.
pub(super) const FRAME_BYTES: usize = 1_024;
/// What an element takes beside its text at most.
const ELEMENT_BYTES: usize = 96;

/// What an entry takes at most.
pub(super) fn size(entry: &SitemapUrl) -> usize {
    let listed = &entry.listed;
    let alternates = listed.alternates.iter();
    let images = listed.images.iter();
    let videos = listed.videos.iter().map(|video| {
        let (VideoPlace::Content(place) | VideoPlace::Player(place)) = &video.place;
        let texts = [
            video.thumbnail.as_str(),
            video.title.as_str(),
            video.description.as_str(),
            place.as_str(),
        ];
        texts.map(text).into_iter().sum::<usize>() + ELEMENT_BYTES
    });
    text(entry.url.as_str())
        + alternates
            .map(|link| text(link.url.as_str()))
            .sum::<usize>()
        + images.map(|image| text(image.as_str())).sum::<usize>()
        + videos.sum::<usize>()
}

/// What an element with this text takes at most, with what is escaped in it.
fn text(text: &str) -> usize {
    let escaped = text
        .bytes()
        .filter(|byte| matches!(byte, b'&' | b'\'' | b'"' | b'<' | b'>'))
        .count();
    text.len() + escaped * ("&apos;".len() - 1) + ELEMENT_BYTES
}
