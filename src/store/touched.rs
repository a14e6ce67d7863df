//! What a refresh has changed, as far as documents look at it: only what stands in these needs
//! to be looked at again.

use std::collections::BTreeSet;

use crate::article::Axis;

/// Past so many, to look at everything is quicker.
const MOST: usize = 5_000;

/// What has changed since the last edition was made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Touched {
    /// So much, or nobody knows what: everything is to be looked at.
    pub everything: bool,
    /// Months of publication in which an article changed, came or went.
    pub months: BTreeSet<String>,
    /// Values of which an article changed, came or went: the axis and the slug.
    pub labels: BTreeSet<(Axis, String)>,
    /// Finished pages of archives from which an article went, or to which it came back: the
    /// feed and the number.
    pub pages: BTreeSet<(String, u64)>,
}

impl Touched {
    /// Everything.
    #[must_use]
    pub fn everything() -> Self {
        Self {
            everything: true,
            ..Self::default()
        }
    }

    /// Whether nothing has changed at all.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        !self.everything
            && self.months.is_empty()
            && self.labels.is_empty()
            && self.pages.is_empty()
    }

    /// Forgets what has changed where that is too much to be told.
    pub(super) fn sum_up(&mut self) {
        if self.months.len() + self.labels.len() + self.pages.len() > MOST {
            *self = Self::everything();
        }
    }
}
