//! What happened to an article, one event after another: the evidence behind its dates.

use serde::{Deserialize, Serialize};

use super::{Declared, Rule};
use crate::article::{Evidence, Moment, Timestamp};

/// Something that was seen or done at an instant, and what was decided because of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When Dateline saw it.
    pub at: Timestamp,
    /// What it was.
    pub what: What,
    /// What the origin declared then.
    pub declared: Declared,
    /// The date of change from then on.
    pub decided: Option<Moment>,
}

/// The kinds of event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// First seen; the origin said when it was changed.
    FirstDeclared,
    /// First seen; the site gave a date of change before.
    FirstAdopted,
    /// First seen, with a Git history.
    FirstGit,
    /// First seen, with a date of publication alone.
    FirstPublished,
    /// First seen, without any date.
    FirstUnknown,
    /// The origin's dates changed, what a reader sees did not.
    Touched,
    /// The origin's date of change moved, and there is no text to compare.
    Redated,
    /// It changed, and the origin said when.
    Changed,
    /// It changed, and Dateline saw it.
    Observed,
    /// The origin gave it another date of publication.
    Republished,
    /// It has another address.
    Moved,
    /// The origin no longer has it.
    Removed,
    /// The origin has it again.
    Returned,
}

impl What {
    /// The event of a rule; `None` for the rule that nothing happened.
    #[must_use]
    pub const fn of(rule: Rule) -> Option<Self> {
        Some(match rule {
            Rule::FirstDeclared => Self::FirstDeclared,
            Rule::FirstAdopted => Self::FirstAdopted,
            Rule::FirstGit => Self::FirstGit,
            Rule::FirstPublished => Self::FirstPublished,
            Rule::FirstUnknown => Self::FirstUnknown,
            Rule::Unchanged => return None,
            Rule::TouchedOnly => Self::Touched,
            Rule::DeclaredUnseen => Self::Redated,
            Rule::DeclaredChange => Self::Changed,
            Rule::ObservedChange => Self::Observed,
        })
    }

    /// The evidence of a date that was decided by this event; `None` for one that decides no
    /// date.
    #[must_use]
    pub const fn evidence(self) -> Option<Evidence> {
        Some(match self {
            Self::FirstDeclared | Self::Redated | Self::Changed => Evidence::Declared,
            Self::FirstAdopted => Evidence::Adopted,
            Self::FirstGit => Evidence::Git,
            Self::FirstPublished => Evidence::Published,
            Self::Observed => Evidence::Observed,
            _ => return None,
        })
    }

    /// Why the date of change is what it is after this event, in a sentence for people.
    #[must_use]
    pub const fn why(self) -> &'static str {
        match self {
            Self::FirstDeclared => "first seen; the origin says when it was last changed",
            Self::FirstAdopted => {
                "the site's own feeds or sitemaps gave this date before Dateline served it"
            }
            Self::FirstGit => "first seen; dated by the last commit that changed its content",
            Self::FirstPublished => "first seen; nothing newer is known than its publication",
            Self::FirstUnknown => "first seen without any date; the date is left out",
            Self::Touched => "the origin's dates moved, but nothing a reader would notice",
            Self::Redated => {
                "the origin's date moved; its text is not in the catalogue, so that is taken"
            }
            Self::Changed => "its content changed, and the origin says when",
            Self::Observed => "its content changed, and the origin does not say when: dated now",
            Self::Republished => "the origin gave it another date of publication",
            Self::Moved => "it has a new address, under the same id",
            Self::Removed => "the origin no longer has it",
            Self::Returned => "the origin has it again",
        }
    }
}
