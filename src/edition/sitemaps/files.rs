//! Divides entries among files: one while everything fits, else one for the pages and one
//! for each month of publication, so that a change touches one of them and not all.

use crate::{
    article::{Moment, VideoPlace},
    render::{SitemapUrl, sitemap},
};

/// What a file takes beside its entries: the declaration and five namespaces.
const FRAME_BYTES: usize = 1_024;
/// What an element takes beside its text at most.
const ELEMENT_BYTES: usize = 96;

/// The entries of one file.
#[derive(Debug, Default)]
pub(super) struct File {
    /// What is in it: `pages`, the month of publication or `undated`; empty while one file
    /// holds all.
    pub(super) name: String,
    pub(super) entries: Vec<SitemapUrl>,
    bytes: usize,
}

/// Files being filled.
#[derive(Debug)]
pub(super) struct Files {
    one: bool,
    files: Vec<File>,
}

impl Files {
    /// For `count` articles that take `bytes`, and these pages.
    pub(super) fn for_articles(count: usize, bytes: usize, pages: &[SitemapUrl]) -> Self {
        let bytes = bytes + pages.iter().map(size).sum::<usize>() + FRAME_BYTES;
        Self {
            one: count + pages.len() <= sitemap::MAX_URLS && bytes <= sitemap::MAX_BYTES,
            files: Vec::new(),
        }
    }

    pub(super) fn push_page(&mut self, entry: SitemapUrl) {
        self.push("pages".to_owned(), entry);
    }

    /// They come in order of publication, so the last file is the only one to look at.
    pub(super) fn push_article(&mut self, entry: SitemapUrl, published: Option<Moment>) {
        self.push(month(published), entry);
    }

    fn push(&mut self, name: String, entry: SitemapUrl) {
        let name = if self.one { String::new() } else { name };
        let size = size(&entry);
        match self.files.last_mut() {
            Some(last) if last.name == name && last.has_room_for(size) => last.push(entry, size),
            _ => {
                let mut file = File {
                    name,
                    ..File::default()
                };
                file.push(entry, size);
                self.files.push(file);
            }
        }
    }

    pub(super) fn finish(self) -> Vec<File> {
        self.files
    }
}

impl File {
    fn has_room_for(&self, size: usize) -> bool {
        self.entries.len() < sitemap::MAX_URLS
            && self.bytes + size + FRAME_BYTES <= sitemap::MAX_BYTES
    }

    fn push(&mut self, entry: SitemapUrl, size: usize) {
        self.bytes += size;
        self.entries.push(entry);
    }
}

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

fn month(published: Option<Moment>) -> String {
    published.map_or_else(
        || "undated".to_owned(),
        |moment| {
            let day = moment
                .day()
                .unwrap_or_else(|| moment.instant().to_chrono().date_naive());
            day.format("%Y-%m").to_string()
        },
    )
}
