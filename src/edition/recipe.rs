//! What a document's bytes follow from, as a hash: the same recipe, and there is nothing to
//! make anew.

use std::fmt::Debug;

use crate::{
    article::{Moment, Timestamp},
    render::{FORMAT, SitemapUrl},
    store::Glimpse,
};

/// A hash of everything that the bytes of a document follow from: its articles, its part of
/// the configuration, and the version of the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Recipe([u8; 16]);

impl Recipe {
    /// One that the store kept; none where that is of another kind.
    pub(super) fn stored(bytes: &[u8]) -> Self {
        bytes.try_into().map_or_else(|_| Self::default(), Self)
    }

    /// As the store keeps it.
    pub(super) const fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Adds up a [`Recipe`].
#[derive(Debug)]
pub(super) struct Ingredients(blake3::Hasher);

impl Ingredients {
    /// Begins with the version of the format.
    pub(super) fn new() -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&FORMAT.to_le_bytes());
        Self(hasher)
    }

    /// Adds a part of the configuration. Its written form is complete, and the same as long
    /// as the program is.
    pub(super) fn form(mut self, form: &impl Debug) -> Self {
        self.text(&format!("{form:?}"));
        self
    }

    pub(super) fn text(&mut self, text: &str) {
        self.0.update(&(text.len() as u64).to_le_bytes());
        self.0.update(text.as_bytes());
    }

    /// Adds articles as they are shown at `now`; their order counts.
    pub(super) fn articles(mut self, articles: &[Glimpse], now: Timestamp) -> Self {
        for article in articles {
            self.text(article.id.as_str());
            self.0.update(&article.version.to_le_bytes());
            // Seen under a clock that ran ahead: it is kept back until its instant.
            let is_shown = article.modified.is_none_or(|modified| modified <= now);
            self.0.update(&[u8::from(is_shown)]);
        }
        self
    }

    /// Adds entries of a sitemap; their order counts.
    pub(super) fn entries(mut self, entries: &[SitemapUrl]) -> Self {
        for SitemapUrl {
            url,
            modified,
            listed,
            news,
        } in entries
        {
            self.text(url.as_str());
            let modified = modified.map_or_else(String::new, Moment::w3c);
            self.text(&modified);
            if !listed.is_empty() || news.is_some() {
                self = self.form(&(listed, news));
            }
        }
        self
    }

    pub(super) fn finish(self) -> Recipe {
        let mut recipe = [0; 16];
        recipe.copy_from_slice(&self.0.finalize().as_bytes()[..16]);
        Recipe(recipe)
    }
}
