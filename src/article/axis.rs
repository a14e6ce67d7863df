//! What articles can be grouped by.

use super::Piece;

/// A property that sorts articles into groups, each of which can have feeds of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Axis {
    /// A tag; `/tags/SLUG/…`
    Tag,
    /// An author's name; `/authors/SLUG/…`
    Author,
    /// The section; `/sections/SLUG/…`
    Section,
    /// The article's own language; `/languages/SLUG/…`
    Language,
}

impl Axis {
    /// Every axis.
    pub const ALL: [Self; 4] = [Self::Tag, Self::Author, Self::Section, Self::Language];

    /// The name in `feeds.toml` and in the store.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tag => "tag",
            Self::Author => "author",
            Self::Section => "section",
            Self::Language => "language",
        }
    }

    /// The folder in addresses.
    #[must_use]
    pub const fn folder(self) -> &'static str {
        match self {
            Self::Tag => "tags",
            Self::Author => "authors",
            Self::Section => "sections",
            Self::Language => "languages",
        }
    }

    /// The values that `piece` has on this axis.
    #[must_use]
    pub fn values(self, piece: &Piece) -> Vec<&str> {
        match self {
            Self::Tag => piece.tags.iter().map(super::Tag::as_str).collect(),
            Self::Author => piece
                .authors
                .iter()
                .map(|author| author.name.as_str())
                .collect(),
            Self::Section => piece.section.iter().map(super::Tag::as_str).collect(),
            Self::Language => piece.language.iter().map(super::Language::as_str).collect(),
        }
    }
}
