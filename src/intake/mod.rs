//! `Draft` → `Candidate` or `Rejection`: Markdown → HTML, sanitise, make URLs absolute, check.
//! Never talks to an origin.

mod address;
mod admission;
mod degrade;
mod draft;
mod extras;
mod files;
mod limits;
mod markdown;
mod media;
mod memo;
mod plain;
mod sanitise;
mod tally;

pub use admission::{Admission, Rules};
pub use degrade::Wishes;
pub use files::SiteFiles;
pub use memo::Memo;
pub use tally::{Intake, Moved};

use crate::{
    article::{Piece, Timestamp, UrlTemplate},
    config::Site,
    dates::{Declared, Fingerprint},
    source::{Draft, Locator, News, Reading, Rejection, Remark, Stamp},
};

/// What was read, with drafts made clean.
#[derive(Debug)]
pub enum Cleaned {
    /// What stands at this place is as it was, and was not read.
    Same(String),
    /// A draft, or what should have been one.
    Read {
        /// The row of the origin's table, where it has one.
        row: Option<String>,
        /// What it gave; nothing where it is not to be published.
        candidate: Result<Option<Box<Candidate>>, Rejection>,
        /// Where the next reading may leave it out.
        stamp: Option<Stamp>,
    },
    /// Something that the operator should know of the origin as a whole.
    Remark(Remark),
    /// The article that the origin called so is there no more.
    Gone(String),
    /// Nothing new, but the origin answers.
    Alive,
}

/// A draft made clean; memory decides its id and its dates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Where it stands at the origin, for messages.
    pub locator: Locator,
    /// What the origin calls it, trimmed; `None` when it does not name it.
    pub origin_id: Option<String>,
    /// Its place at the origin, which stays when its address changes: its file, or its slug,
    /// or else its path on the site.
    pub handle: String,
    /// Whether the catalogue carries its text, be it empty: a file does.
    pub body_known: bool,
    /// What a reader sees.
    pub piece: Piece,
    /// What a reader would notice of that.
    pub fingerprint: Fingerprint,
    /// What it says, wherever it is; `None` where that is a title alone.
    pub words: Option<Fingerprint>,
    /// The dates that the origin declares.
    pub declared: Declared,
    /// The last commit that changed its content, where a whole history is at hand.
    pub git: Option<Timestamp>,
    /// How many characters XML forbids were replaced.
    pub replaced: usize,
}

/// Makes candidates of drafts, by the rules of one site.
#[derive(Debug)]
pub struct Cleaner {
    site: Site,
    url: Option<UrlTemplate>,
    files: Option<SiteFiles>,
}

impl Cleaner {
    /// `url` makes the address of an article that has a slug (or path) and no URL.
    #[must_use]
    pub fn new(site: Site, url: Option<UrlTemplate>) -> Self {
        let root = site.files.clone();
        let files = root.map(|root| SiteFiles::new(root, site.url.clone()));
        Self { site, url, files }
    }

    /// Cleans what was read, as [`Self::clean`] does.
    #[must_use]
    pub fn prepare(&self, news: News) -> Cleaned {
        match news {
            News::Same(place) => Cleaned::Same(place),
            News::Gone(row) => Cleaned::Gone(row),
            News::Alive => Cleaned::Alive,
            News::Read(Reading::Remark(remark), _) => Cleaned::Remark(remark),
            News::Read(Reading::Rejected(rejection), stamp) => Cleaned::Read {
                row: rejection.locator.row.clone(),
                candidate: Err(rejection),
                stamp,
            },
            News::Read(Reading::Draft(draft), stamp) => Cleaned::Read {
                row: draft.locator.row.clone(),
                candidate: self.clean(*draft).map(|candidate| candidate.map(Box::new)),
                stamp,
            },
        }
    }

    /// Cleans and checks one draft. A draft that is not to be published (`draft = true`)
    /// gives `None`.
    ///
    /// A field that is there and blank counts as missing: that is how CSV leaves out. A
    /// field that holds what it cannot hold rejects the article, also where the article
    /// could be served without it: a podcast's episode that is silently not there is worse
    /// than a message.
    ///
    /// # Errors
    /// [`Rejection`], with the reason, when it cannot be served.
    pub fn clean(&self, draft: Draft) -> Result<Option<Candidate>, Rejection> {
        if draft.draft {
            return Ok(None);
        }
        let locator = draft.locator.clone();
        draft::Washing::new(&self.site, self.files.as_ref())
            .wash(&draft, self.url.as_ref())
            .map(Some)
            .map_err(|draft::Fault { kind, reason }| Rejection {
                locator,
                kind,
                reason,
            })
    }
}

/// The text of a field, unless it is blank.
fn filled(field: Option<&str>) -> Option<&str> {
    field.map(str::trim).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests;
