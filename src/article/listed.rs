//! What a sitemap says of a page beyond its address and its date.

use serde::{Deserialize, Serialize};

use super::{
    AbsoluteUrl, Alternate, Piece, Video,
    markup::{self, Mark},
};

/// How many pictures one page may list (Google's image sitemaps).
pub const MAX_IMAGES: usize = 1_000;

/// The pictures, films and translations of a page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Listed {
    /// Each once, the one that stands for the page first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<AbsoluteUrl>,
    /// In the order of the origin.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub videos: Vec<Video>,
    /// The page in other languages, as declared.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub alternates: Vec<Alternate>,
}

impl Listed {
    /// Whether there is nothing to say.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Of an article: its picture and those in its text.
    #[must_use]
    pub fn of(piece: &Piece) -> Self {
        let mut images: Vec<AbsoluteUrl> = piece.image.iter().cloned().collect();
        // Names in a text that was sanitised are in lower case.
        if let Some(content) = &piece.content
            && content.as_str().contains("<img")
        {
            markup::walk(content.as_str(), |mark| {
                if let Mark::Start(tag) = mark
                    && &*tag.name == "img"
                    && let Some(src) = tag.attrs.iter().find(|a| &*a.name.local == "src")
                    && let Ok(url) = AbsoluteUrl::parse(&src.value)
                    && images.len() < MAX_IMAGES
                    && !images.contains(&url)
                {
                    images.push(url);
                }
            });
        }
        let mut alternates = piece.alternates.clone();
        if !alternates.is_empty()
            && let Some(language) = &piece.language
            && !alternates.iter().any(|other| other.url == piece.url)
        {
            // A set lists the page itself too; where it does not, the page's own language
            // says as what.
            alternates.push(Alternate {
                language: super::Hreflang::Language(language.clone()),
                url: piece.url.clone(),
            });
        }
        alternates.sort();
        alternates.dedup();
        Self {
            images,
            videos: piece.extras.videos.clone(),
            alternates,
        }
    }
}
