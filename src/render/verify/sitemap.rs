//! Sitemaps and their index: the protocol and its schema, and Google's extensions.

use std::collections::HashSet;

use super::{Check, Element, VerifyError, absolute_url, exactly_one, fault, tree};

const SITEMAP: &str = "http://www.sitemaps.org/schemas/sitemap/0.9";
const XHTML: &str = "http://www.w3.org/1999/xhtml";
const IMAGE: &str = "http://www.google.com/schemas/sitemap-image/1.1";
const VIDEO: &str = "http://www.google.com/schemas/sitemap-video/1.1";
const NEWS: &str = "http://www.google.com/schemas/sitemap-news/0.9";
const MAX_BYTES: usize = 50 * 1024 * 1024;
const MAX_ENTRIES: usize = 50_000;
const MAX_NEWS: usize = 1_000;
const MAX_IMAGES: usize = 1_000;

pub(super) fn check_urlset(text: &str) -> Check {
    check(
        text,
        "urlset",
        "url",
        &["loc", "lastmod", "changefreq", "priority"],
    )
}

pub(super) fn check_index(text: &str) -> Check {
    check(text, "sitemapindex", "sitemap", &["loc", "lastmod"])
}

/// Bare addresses, one a line.
pub(super) fn check_text(text: &str) -> Check {
    if text.len() > MAX_BYTES {
        return Err(fault("document", "it is longer than 50 MiB"));
    }
    let mut seen = HashSet::new();
    for (i, line) in text.lines().enumerate() {
        let place = format!("line {}", i + 1);
        check_location(&place, line)?;
        once(&mut seen, &place, line)?;
    }
    Ok(())
}

/// A sitemap or an index as a file in gzip (RFC 1952), which ends with its length unpacked and a
/// checksum of that. What it is a coding of was checked under its own name.
pub(super) fn check_gzip(bytes: &[u8]) -> Check {
    let length = bytes
        .last_chunk::<4>()
        .map(|last| u32::from_le_bytes(*last));
    let length = length.and_then(|length| usize::try_from(length).ok());
    let length = length.filter(|length| *length <= MAX_BYTES);
    let length = length.ok_or_else(|| fault("document", "it unpacks to more than 50 MiB"))?;
    let mut plain = vec![0; length];
    let unpacked = libdeflater::Decompressor::new().gzip_decompress(bytes, &mut plain);
    let unpacked = unpacked.map_err(|error| fault("document", error.to_string()))?;
    if unpacked == length {
        Ok(())
    } else {
        Err(fault("document", "its length is another than it says"))
    }
}

fn check(text: &str, root: &str, element: &str, order: &[&str]) -> Check {
    if text.len() > MAX_BYTES {
        return Err(fault("document", "it is longer than 50 MiB"));
    }
    let mut entries = Entries::default();
    let whole = tree::walk(text, 1, |entry| entries.check(&entry, element, order))?;
    if !whole.is(SITEMAP, root) {
        return Err(fault(
            "document",
            format!("the root is not a <{root}> of sitemaps.org"),
        ));
    }
    Ok(())
}

/// What has been seen of a file so far.
#[derive(Default)]
struct Entries {
    count: usize,
    news: usize,
    /// Hashes of addresses, since a file may have 50,000 of 2,047 characters.
    seen: HashSet<[u8; 32]>,
}

impl Entries {
    fn check(&mut self, entry: &Element, element: &str, order: &[&str]) -> Result<(), VerifyError> {
        self.count += 1;
        let place = format!("{element} {}", self.count);
        if self.count > MAX_ENTRIES {
            return Err(fault(&place, "more than 50,000 entries stand in one file"));
        }
        if !entry.is(SITEMAP, element) {
            return Err(fault(&place, format!("<{}> has no place here", entry.name)));
        }
        let location = &exactly_one(entry, SITEMAP, "loc")?.text;
        check_location(&place, location)?;
        once(&mut self.seen, &place, location)?;
        let mut rest = order.iter();
        let known = entry.children.iter();
        for child in known.filter(|child| child.namespace == SITEMAP) {
            // Each may stand once, in the order of the schema.
            if !rest.any(|name| *name == child.name) {
                return Err(fault(&place, format!("<{}> is out of order", child.name)));
            }
            if child.name == "lastmod" && !is_w3c(&child.text) {
                return Err(fault(&place, format!("{:?} is no W3C date", child.text)));
            }
        }
        check_translations(&place, entry, location)?;
        check_images(&place, entry)?;
        for video in entry.children(VIDEO, "video") {
            check_video(&place, video)?;
        }
        for news in entry.children(NEWS, "news") {
            self.news += 1;
            if self.news > MAX_NEWS {
                return Err(fault(&place, "more than 1,000 articles are news"));
            }
            check_news(&place, news)?;
        }
        Ok(())
    }
}

fn check_location(place: &str, location: &str) -> Check {
    absolute_url(place, location)?;
    if !(12..2_048).contains(&location.len()) || !location.is_ascii() {
        return Err(fault(place, "its <loc> is too long or not percent-encoded"));
    }
    Ok(())
}

fn once(seen: &mut HashSet<[u8; 32]>, place: &str, location: &str) -> Check {
    if seen.insert(*blake3::hash(location.as_bytes()).as_bytes()) {
        return Ok(());
    }
    Err(fault(place, format!("{location} was listed before")))
}

/// A set of translations has one address for each language, and lists the page itself.
fn check_translations(place: &str, entry: &Element, location: &str) -> Check {
    let mut languages = HashSet::new();
    let mut lists_itself = false;
    let mut links = entry.children(XHTML, "link").peekable();
    if links.peek().is_none() {
        return Ok(());
    }
    for link in links {
        let href = link.attribute("href").unwrap_or_default();
        absolute_url(place, href)?;
        lists_itself |= href == location;
        let language = link.attribute("hreflang").unwrap_or_default();
        if language.is_empty() || !languages.insert(language) {
            return Err(fault(
                place,
                format!("hreflang {language:?} is not one page"),
            ));
        }
    }
    if lists_itself {
        return Ok(());
    }
    Err(fault(place, "its translations do not list the page itself"))
}

fn check_images(place: &str, entry: &Element) -> Check {
    let images: Vec<_> = entry.children(IMAGE, "image").collect();
    if images.len() > MAX_IMAGES {
        return Err(fault(place, "more than 1,000 pictures stand on one page"));
    }
    images
        .into_iter()
        .try_for_each(|image| absolute_url(place, &exactly_one(image, IMAGE, "loc")?.text))
}

fn check_video(place: &str, video: &Element) -> Check {
    absolute_url(place, &exactly_one(video, VIDEO, "thumbnail_loc")?.text)?;
    for name in ["title", "description"] {
        if exactly_one(video, VIDEO, name)?.text.trim().is_empty() {
            return Err(fault(place, format!("the <{name}> of a film is empty")));
        }
    }
    let mut places = video
        .children(VIDEO, "content_loc")
        .chain(video.children(VIDEO, "player_loc"))
        .peekable();
    if places.peek().is_none() {
        return Err(fault(place, "a film is nowhere to be had"));
    }
    places.try_for_each(|found| absolute_url(place, &found.text))?;
    for duration in video.children(VIDEO, "duration") {
        if !duration
            .text
            .parse::<u32>()
            .is_ok_and(|seconds| (1..=28_800).contains(&seconds))
        {
            return Err(fault(place, "a film does not play 1 to 28,800 seconds"));
        }
    }
    Ok(())
}

fn check_news(place: &str, news: &Element) -> Check {
    let publication = exactly_one(news, NEWS, "publication")?;
    let name = &exactly_one(publication, NEWS, "name")?.text;
    let title = &exactly_one(news, NEWS, "title")?.text;
    if name.trim().is_empty() || title.trim().is_empty() {
        return Err(fault(place, "a name or title in the news is empty"));
    }
    let language = &exactly_one(publication, NEWS, "language")?.text;
    let short =
        (2..=3).contains(&language.len()) && language.bytes().all(|b| b.is_ascii_lowercase());
    if !short && language != "zh-cn" && language != "zh-tw" {
        return Err(fault(place, format!("{language:?} is no language of news")));
    }
    let date = &exactly_one(news, NEWS, "publication_date")?.text;
    if is_w3c(date) {
        return Ok(());
    }
    Err(fault(place, format!("{date:?} is no W3C date")))
}

/// A date, or a date with a time and a zone.
fn is_w3c(raw: &str) -> bool {
    raw.parse::<chrono::NaiveDate>()
        .is_ok_and(|_| raw.len() == 10)
        || chrono::DateTime::parse_from_rfc3339(raw).is_ok_and(|_| raw.contains('T'))
}
