//! What a reader would notice of an article, in sixteen bytes.
//!
//! Two articles with the same fingerprint say the same; a date moves only when it differs.
//! Title, summary, text, where its links and media lead, address, authors, image, enclosures,
//! films, the original of a republished piece, transcript and chapters of an episode are in
//! it. How the markup is written is not, nor anything that sorts or describes the article:
//! tags, section, language, dates, reading time, alternates, `noindex`, the e-mail address of
//! an author, the type and length of a file, the number and duration of an episode.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::article::{
    AbsoluteUrl, Extras, Html, Piece, VideoPlace,
    markup::{Mark, is_inline, walk},
};

/// Is hashed first. A new one makes every fingerprint differ from those in memory, so it
/// needs a way to take those over.
const FORMAT: u8 = 1;

/// The first 16 bytes of a BLAKE3 hash; shown and stored as 32 lower-case hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Fingerprint(u128);

/// Text that is no fingerprint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a fingerprint is 32 hexadecimal digits")]
pub struct InvalidFingerprint;

impl Fingerprint {
    /// The fingerprint of `piece`, in time linear in its text.
    #[must_use]
    pub fn of(piece: &Piece) -> Self {
        Self::of_all(piece, Body::of(piece).as_ref())
    }

    /// The fingerprint of `piece`, and that of its words as [`Self::of_words`] gives it, where
    /// it has a text: that is read once for both.
    #[must_use]
    pub fn both(piece: &Piece) -> (Self, Option<Self>) {
        let body = Body::of(piece);
        let words = body.as_ref().map(|body| Self::of_said(piece, Some(body)));
        (Self::of_all(piece, body.as_ref()), words)
    }

    fn of_all(piece: &Piece, body: Option<&Body>) -> Self {
        let mut fields = Fields(blake3::Hasher::new());
        fields.0.update(&[FORMAT]);
        fields.text(piece.url.as_str());
        fields.text(piece.title.as_str());
        fields.optional(piece.summary.as_ref().map(AsRef::as_ref));
        fields.count(piece.authors.len());
        for author in &piece.authors {
            fields.text(author.name.as_str());
            fields.optional(author.url.as_ref().map(AbsoluteUrl::as_str));
        }
        fields.optional(piece.image.as_ref().map(AbsoluteUrl::as_str));
        fields.count(piece.enclosures.len());
        for enclosure in &piece.enclosures {
            fields.text(enclosure.url.as_str());
        }
        fields.count(usize::from(body.is_some()));
        if let Some(body) = body {
            fields.body(body);
        }
        fields.extras(&piece.extras);
        fields.finish()
    }

    /// The fingerprint of what `piece` says, wherever it is and whoever wrote it: title,
    /// summary and text without links. Two articles with the same one are one article that
    /// moved, where the first is gone when the second comes.
    #[must_use]
    pub fn of_words(piece: &Piece) -> Self {
        Self::of_said(piece, Body::of(piece).as_ref())
    }

    fn of_said(piece: &Piece, body: Option<&Body>) -> Self {
        let mut fields = Fields(blake3::Hasher::new());
        fields.0.update(&[FORMAT]);
        fields.text(piece.title.as_str());
        fields.optional(piece.summary.as_ref().map(AsRef::as_ref));
        if let Some(body) = body {
            fields.text(&body.text);
        }
        fields.finish()
    }

    /// Reads the 32 digits.
    ///
    /// # Errors
    /// [`InvalidFingerprint`] when it is anything else.
    pub fn parse(raw: &str) -> Result<Self, InvalidFingerprint> {
        let is_digit = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
        if raw.len() != 32 || !raw.bytes().all(is_digit) {
            return Err(InvalidFingerprint);
        }
        u128::from_str_radix(raw, 16)
            .map(Self)
            .map_err(|_| InvalidFingerprint)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl TryFrom<String> for Fingerprint {
    type Error = InvalidFingerprint;
    fn try_from(raw: String) -> Result<Self, InvalidFingerprint> {
        Self::parse(&raw)
    }
}

impl From<Fingerprint> for String {
    fn from(fingerprint: Fingerprint) -> Self {
        fingerprint.to_string()
    }
}

/// Hashes fields so that no two lists of fields give the same bytes: each with its length
/// before it, each list with its count.
struct Fields(blake3::Hasher);

impl Fields {
    fn count(&mut self, count: usize) {
        // Two machines must agree, so never the machine's own width.
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        self.0.update(&count.to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.count(text.len());
        self.0.update(text.as_bytes());
    }

    fn optional(&mut self, text: Option<&str>) {
        self.count(usize::from(text.is_some()));
        if let Some(text) = text {
            self.text(text);
        }
    }

    fn body(&mut self, body: &Body) {
        self.text(&body.text);
        self.count(body.targets.len());
        for target in &body.targets {
            self.count(target.at);
            self.text(&target.url);
            self.text(&target.alt);
        }
    }

    /// Each with a word before it, and nothing at all where there is none: an article without
    /// these has the fingerprint that it had before they counted.
    fn extras(&mut self, extras: &Extras) {
        for video in &extras.videos {
            let (VideoPlace::Content(url) | VideoPlace::Player(url)) = &video.place;
            self.text("video");
            self.text(url.as_str());
            self.text(video.thumbnail.as_str());
            self.text(video.title.as_str());
        }
        if let Some(original) = &extras.original {
            self.text("original");
            self.text(original.url.as_str());
            self.text(original.title.as_str());
        }
        let episode = extras.episode.as_ref();
        let transcript = episode.and_then(|episode| episode.transcript.as_ref());
        let chapters = episode.and_then(|episode| episode.chapters.as_ref());
        for (word, url) in [("transcript", transcript), ("chapters", chapters)] {
            if let Some(url) = url {
                self.text(word);
                self.text(url.as_str());
            }
        }
    }

    fn finish(self) -> Fingerprint {
        let mut bytes = [0; 16];
        self.0.finalize_xof().fill(&mut bytes);
        Fingerprint(u128::from_be_bytes(bytes))
    }
}

/// The text of an article without its markup.
#[derive(Default)]
struct Body {
    /// The words, with one space between two; the edge of a block divides words too.
    text: String,
    targets: Vec<Target>,
    /// Bytes of the text without its spaces, so that a target's place does not depend on
    /// which side of a tag the space stands.
    inked: usize,
    space: bool,
}

/// Where a link leads or a picture, sound or film comes from.
struct Target {
    at: usize,
    url: String,
    /// What is said in place of a picture.
    alt: String,
}

impl Body {
    fn of(piece: &Piece) -> Option<Self> {
        let content = piece.content.as_ref()?;
        Some(Self::read(content, &piece.url))
    }

    fn read(html: &Html, page: &AbsoluteUrl) -> Self {
        let mut body = Self::default();
        walk(html.as_str(), |mark| match mark {
            Mark::Text(text) => body.write(text),
            Mark::End(name) => body.space |= !is_inline(name),
            Mark::Start(tag) => {
                body.space |= !is_inline(&tag.name);
                let value = |name: &str| {
                    let mut attributes = tag.attrs.iter();
                    attributes
                        .find(|attribute| &*attribute.name.local == name)
                        .map(|attribute| &*attribute.value)
                };
                // In this order whatever the order in the tag. `srcset` holds the same
                // picture in other sizes, which build tools name anew.
                for url in ["href", "src", "poster"].into_iter().filter_map(value) {
                    body.point(url, value("alt").unwrap_or_default(), page);
                }
            }
        });
        body
    }

    fn write(&mut self, text: &str) {
        for (number, word) in text.split(char::is_whitespace).enumerate() {
            self.space |= number > 0;
            if word.is_empty() {
                continue;
            }
            if self.space && !self.text.is_empty() {
                self.text.push(' ');
            }
            self.space = false;
            self.text.push_str(word);
            self.inked += word.len();
        }
    }

    /// A link to a place on the same page is named by the renderer, not by the author.
    fn point(&mut self, url: &str, alt: &str, page: &AbsoluteUrl) {
        let is_own_place = url
            .strip_prefix(page.as_str())
            .is_some_and(|rest| rest.starts_with('#'));
        if !is_own_place {
            self.targets.push(Target {
                at: self.inked,
                url: url.to_owned(),
                alt: alt.split_whitespace().collect::<Vec<_>>().join(" "),
            });
        }
    }
}

#[cfg(test)]
mod tests;
