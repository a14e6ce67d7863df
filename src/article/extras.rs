//! What only some articles have.

use serde::{Deserialize, Serialize};

use super::{AbsoluteUrl, XmlText};

/// Parts of an article that most articles do without: republished pieces, films, episodes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Extras {
    /// The page that this one names as the original of the same text, where that is another.
    /// Such a page has no place in a sitemap.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canonical: Option<AbsoluteUrl>,
    /// Where the piece was first published, if elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original: Option<Original>,
    /// Films that the page shows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub videos: Vec<Video>,
    /// What makes the piece an episode of a podcast, beside its enclosure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub episode: Option<Episode>,
    /// What the article's picture shows, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_alt: Option<XmlText>,
}

impl Extras {
    /// Whether there is nothing of the kind.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Where a republished piece comes from (RSS 2.0 `source`, RFC 4287 section 4.2.11).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Original {
    /// What that place is called.
    pub title: XmlText,
    /// The piece's own page there.
    pub url: AbsoluteUrl,
    /// The feed that it was in, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feed: Option<AbsoluteUrl>,
}

/// A film on a page (Google's video sitemaps: these five are what is required of one).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Video {
    /// A still picture.
    pub thumbnail: AbsoluteUrl,
    /// Plain text on one line.
    pub title: XmlText,
    /// Plain text on one line, 2,048 characters at most.
    pub description: XmlText,
    /// Where the film is.
    pub place: VideoPlace,
    /// In seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<u32>,
}

/// Where a film is to be had: one of the two must be known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VideoPlace {
    /// The file itself.
    Content(AbsoluteUrl),
    /// A page that plays it.
    Player(AbsoluteUrl),
}

/// An episode of a podcast, as Apple's and the Podcast Index's namespaces have it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Episode {
    /// How long it plays, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<u32>,
    /// Counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub season: Option<u32>,
    /// Counted from 1 within its season.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<u32>,
    /// Whether it is an episode or belongs to one.
    pub kind: EpisodeKind,
    /// Whether it is unfit for children; the podcast's own word by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explicit: Option<bool>,
    /// What is said in it, as a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transcript: Option<AbsoluteUrl>,
    /// Its chapters, as a file of JSON (Podcast Index, "JSON Chapters Format").
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chapters: Option<AbsoluteUrl>,
}

/// What an episode is (`itunes:episodeType`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EpisodeKind {
    /// A whole episode.
    #[default]
    Full,
    /// Announces one.
    Trailer,
    /// Goes with one.
    Bonus,
}

impl EpisodeKind {
    /// The word that the namespace has for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Trailer => "trailer",
            Self::Bonus => "bonus",
        }
    }
}
