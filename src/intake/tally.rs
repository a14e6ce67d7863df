//! What one refresh took in, counted for the guards and for people.

use std::collections::{HashMap, HashSet};

use crate::{
    article::{AbsoluteUrl, Article, Moment, Timestamp},
    dates::{Fingerprint, Rule},
    source::{Rejection, Remark},
    store::{Record, Spot},
};

/// What one refresh took in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Intake {
    /// Articles that are in the store now, those still to be published included.
    pub articles: usize,
    /// Of these, how many were never seen before.
    pub new: usize,
    /// Of these, how many a reader would find changed.
    pub changed: usize,
    /// Of these, how many carry a new date on an unchanged text.
    pub touched: usize,
    /// Of these, how many have another date though a reader would notice no change.
    pub redated: usize,
    /// Of these, how many were to be seen before and are not now: scheduled anew, or kept out
    /// of the sitemap.
    pub hidden: usize,
    /// To which instant how many known articles moved.
    pub moved_to: HashMap<Timestamp, usize>,
    /// The known articles that moved, the first [`Intake::SHOWN`] of them.
    pub moved: Vec<Moved>,
    /// Hashes of the titles of new articles, to tell a new article from an old one with a new
    /// id; of so many at most ([`Intake::TITLES`]).
    new_titles: HashSet<u64>,
    /// Articles marked as drafts, which stay out.
    pub drafts: usize,
    /// Characters replaced because XML forbids them.
    pub replaced: usize,
    /// What could not be taken in, in the origin's order.
    pub rejected: Vec<Rejection>,
    /// What was taken in, but not as declared, and what else there is to know.
    pub remarks: Vec<Remark>,
}

/// An article that would get another date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// Where it is.
    pub url: AbsoluteUrl,
    /// Where it stands at the origin.
    pub place: String,
    /// Its date of change so far.
    pub from: Option<Moment>,
    /// Its date of change from now on.
    pub to: Option<Moment>,
    /// The rule that says so.
    pub rule: Rule,
}

impl Intake {
    /// How many articles that move are kept by name: more than a person reads.
    pub const SHOWN: usize = 1_000;
    /// Of how many new articles the titles are known.
    pub const TITLES: usize = 100_000;

    /// Whether a new article has this title.
    #[must_use]
    pub fn is_title_of_new(&self, title: &str) -> bool {
        self.new_titles.contains(&key(title))
    }

    /// Counts an article that was put; `before` is its record if it was seen before.
    pub(super) fn count(
        &mut self,
        before: Option<&Record>,
        article: &Article,
        rule: Rule,
        spot: &Spot,
        now: Timestamp,
    ) {
        self.articles += 1;
        let Some(before) = before else {
            self.new += 1;
            if self.new_titles.len() < Self::TITLES {
                self.new_titles.insert(key(article.piece.title.as_str()));
            }
            return;
        };
        match rule {
            Rule::TouchedOnly => self.touched += 1,
            Rule::DeclaredChange | Rule::ObservedChange => self.changed += 1,
            _ => {}
        }
        let is_out = |published: Option<Moment>| published.is_none_or(|at| at.instant() <= now);
        let was_out = !before.removed && is_out(before.memory.dates.published);
        let unlisted = before.listed && article.piece.noindex;
        if was_out && (unlisted || !is_out(article.dates.published)) {
            self.hidden += 1;
        }
        let (from, to) = (before.memory.dates.modified, article.dates.modified);
        if from == to {
            return;
        }
        if let Some(to) = to {
            *self.moved_to.entry(to.instant()).or_default() += 1;
        }
        if from.is_some() && before.memory.fingerprint == Fingerprint::of(&article.piece) {
            self.redated += 1;
        }
        if self.moved.len() < Self::SHOWN {
            self.moved.push(Moved {
                url: article.piece.url.clone(),
                place: spot.to_string(),
                from,
                to,
                rule,
            });
        }
    }

    /// Takes back the count of an article that seemed new.
    pub(super) fn uncount_new(&mut self, article: &Article) {
        self.articles -= 1;
        self.new -= 1;
        self.new_titles.remove(&key(article.piece.title.as_str()));
    }
}

fn key(title: &str) -> u64 {
    let mut first = [0; 8];
    first.copy_from_slice(&blake3::hash(title.as_bytes()).as_bytes()[..8]);
    u64::from_le_bytes(first)
}
