//! The one place where the date of an article is decided.
//!
//! `lastmod` in the sitemap, `updated` in Atom, `date_modified` in JSON Feed and everything
//! that follows from them use the answer of [`judge`] and no other.

use serde::{Deserialize, Serialize};

use super::{Declared, Fingerprint};
use crate::article::{Dates, Evidence, Moment, Timestamp};

/// What is remembered of an article from the last time it was judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Memory {
    /// What the origin declared then.
    pub declared: Declared,
    /// What a reader would have seen then.
    pub fingerprint: Fingerprint,
    /// What was decided then.
    pub dates: Dates,
}

/// What is seen of an article now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sighting {
    /// What the origin declares.
    pub declared: Declared,
    /// What a reader would see.
    pub fingerprint: Fingerprint,
    /// Whether the catalogue carries the text, so that `fingerprint` would show an edit.
    pub body_known: bool,
    /// The last commit that changed the article's content, where a whole history is at hand.
    pub git: Option<Moment>,
    /// What the site gave as the date of change before Dateline served it; of an article
    /// that is known already only where the operator has just said so.
    pub adopted: Option<Moment>,
}

/// Whether the origin's word moves a date when nothing else did (`[dates] trust`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Trust {
    /// What is seen decides: a declared change of an unchanged text is a touch.
    #[default]
    Content,
    /// The origin's word decides, for catalogues whose editors mean it.
    Declared,
}

/// The answer of [`judge`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The dates from here on.
    pub dates: Dates,
    /// Which rule gave `modified`.
    pub rule: Rule,
    /// Why the origin's `updated` was not listened to, if it was not.
    pub ignored: Option<Ignored>,
}

/// The rows of the table by which dates are judged, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// 1: first seen with a date of change from the origin.
    FirstDeclared,
    /// 1, with what the site itself gave before: nothing newer is known at the origin.
    FirstAdopted,
    /// 2: first seen with a Git history.
    FirstGit,
    /// 3: first seen with a date of publication alone.
    FirstPublished,
    /// 4: first seen without any date.
    FirstUnknown,
    /// 5: nothing changed.
    Unchanged,
    /// 6: the origin's date moved, what a reader sees did not.
    TouchedOnly,
    /// 7: the origin's date moved, and the text is not in the catalogue.
    DeclaredUnseen,
    /// 8: the content changed, and the origin says when.
    DeclaredChange,
    /// 9: the content changed, and the origin does not say when.
    ObservedChange,
}

/// Why a declared date of change was not listened to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ignored {
    /// It lies in the future.
    Future,
    /// It lies before the publication.
    BeforePublication,
}

/// Judges the dates of one article.
///
/// `previous` is what is remembered, `now` the current instant. The result is never before
/// the publication, never after `now` (save for an article whose publication is still to
/// come, which no document carries yet), and never before what was decided earlier.
#[must_use]
pub fn judge(previous: Option<&Memory>, seen: &Sighting, now: Timestamp, trust: Trust) -> Verdict {
    let published = seen.declared.published;
    let (updated, ignored) = usable(&seen.declared, now);
    let (modified, rule, evidence) = match previous {
        Some(memory) if is_worth_keeping(memory, seen, now) => {
            again(memory, seen, updated, now, trust)
        }
        _ => first(seen, updated, now),
    };
    let (modified, evidence) = not_before(published, modified, evidence);
    Verdict {
        dates: Dates {
            published,
            modified,
            evidence,
        },
        rule,
        ignored,
    }
}

/// Whether what is remembered binds the answer. What was seen without a date, and is still
/// the same, is dated as if seen for the first time. So is an article whose publication lay
/// ahead and was moved: nobody has seen its dates yet. (Of one that had been public before,
/// the caller remembers what it had then.)
fn is_worth_keeping(memory: &Memory, seen: &Sighting, now: Timestamp) -> bool {
    let was_ahead = memory
        .dates
        .published
        .is_some_and(|published| published.instant() > now);
    if was_ahead && memory.dates.published != seen.declared.published {
        return false;
    }
    memory.dates.modified.is_some() || memory.fingerprint != seen.fingerprint
}

/// The origin's date of change, if it can be meant.
fn usable(declared: &Declared, now: Timestamp) -> (Option<Moment>, Option<Ignored>) {
    let Some(updated) = declared.updated else {
        return (None, None);
    };
    if updated.instant() > now {
        return (None, Some(Ignored::Future));
    }
    match declared.published {
        Some(published) if updated < published => {
            if is_day_of(updated, published) {
                (Some(published), None)
            } else {
                (None, Some(Ignored::BeforePublication))
            }
        }
        _ => (Some(updated), None),
    }
}

/// Whether `updated` names only the day on which `published` lies: "changed on the day it
/// was published" is no contradiction, though its midnight is earlier.
fn is_day_of(updated: Moment, published: Moment) -> bool {
    const DAY: i64 = 24 * 60 * 60;
    let since = published.instant().unix() - updated.instant().unix();
    updated.day().is_some() && (0..DAY).contains(&since)
}

type Decision = (Option<Moment>, Rule, Evidence);

/// Rows 1 to 4. What the site gave before comes first, since crawlers know it, unless the
/// origin knows of a later change.
fn first(seen: &Sighting, updated: Option<Moment>, now: Timestamp) -> Decision {
    let past = |moment: Option<Moment>| moment.filter(|moment| moment.instant() <= now);
    let adopted = past(seen.adopted);
    if let Some(adopted) = adopted
        && updated.is_none_or(|updated| updated <= adopted)
    {
        return (Some(adopted), Rule::FirstAdopted, Evidence::Adopted);
    }
    if let Some(updated) = updated {
        return (Some(updated), Rule::FirstDeclared, Evidence::Declared);
    }
    if let Some(git) = past(seen.git) {
        return (Some(git), Rule::FirstGit, Evidence::Git);
    }
    match seen.declared.published {
        Some(published) => (Some(published), Rule::FirstPublished, Evidence::Published),
        None => (None, Rule::FirstUnknown, Evidence::Unknown),
    }
}

/// Rows 5 to 9.
fn again(
    memory: &Memory,
    seen: &Sighting,
    updated: Option<Moment>,
    now: Timestamp,
    trust: Trust,
) -> Decision {
    let before = memory.dates.modified;
    let moved = seen.declared.updated != memory.declared.updated;
    // Forward from what was declared and from what was decided, or the date would go back.
    let forward = updated.filter(|new| {
        moved
            && memory.declared.updated.is_none_or(|old| *new > old)
            && before.is_none_or(|old| *new > old)
    });
    if memory.fingerprint != seen.fingerprint {
        return match forward {
            Some(updated) => (Some(updated), Rule::DeclaredChange, Evidence::Declared),
            None => (
                Some(observed(before, now)),
                Rule::ObservedChange,
                Evidence::Observed,
            ),
        };
    }
    let adopted = seen.adopted.filter(|adopted| {
        adopted.instant() <= now && before.is_none_or(|before| *adopted > before)
    });
    if let Some(adopted) = adopted
        && memory.dates.evidence != Evidence::Observed
    {
        return (Some(adopted), Rule::FirstAdopted, Evidence::Adopted);
    }
    match forward {
        Some(updated) if trust == Trust::Declared => {
            (Some(updated), Rule::DeclaredChange, Evidence::Declared)
        }
        Some(updated) if !seen.body_known => {
            (Some(updated), Rule::DeclaredUnseen, Evidence::Declared)
        }
        _ if moved => (before, Rule::TouchedOnly, memory.dates.evidence),
        _ => (before, Rule::Unchanged, memory.dates.evidence),
    }
}

/// When a change was seen: now. Where the last one was seen under a clock that ran ahead, a
/// second after it, so that it is told from that one.
fn observed(before: Option<Moment>, now: Timestamp) -> Moment {
    match before {
        Some(before) if before.instant() > now => {
            let next = Timestamp::from_unix(before.instant().unix() + 1);
            Moment::at(next.unwrap_or(Timestamp::MAX))
        }
        _ => Moment::at(now).max(before.unwrap_or(Moment::at(now))),
    }
}

/// Never `modified < published`: a publication that was moved past it takes its place.
fn not_before(
    published: Option<Moment>,
    modified: Option<Moment>,
    evidence: Evidence,
) -> (Option<Moment>, Evidence) {
    match (published, modified) {
        (Some(published), Some(modified)) if modified.instant() < published.instant() => {
            (Some(published), Evidence::Published)
        }
        _ => (modified, evidence),
    }
}

#[cfg(test)]
mod tests;
