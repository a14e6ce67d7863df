//! What a refresh has changed, as far as documents look at it: only what stands in these needs
//! to be looked at again.

use std::collections::BTreeSet;

use super::Part;
use crate::article::Axis;

/// Past so many, to look at everything is quicker.
const MOST: usize = 5_000;
/// The same of slices of months: many of them make one part.
const MOST_SLICES: usize = 20_000;

/// What has changed since the last edition was made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Touched {
    /// So much, or nobody knows what: everything is to be looked at.
    pub everything: bool,
    /// Where an article changed, came or went: its month of publication and the slice of it.
    pub(super) slices: BTreeSet<(String, u16)>,
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
            && self.slices.is_empty()
            && self.labels.is_empty()
            && self.pages.is_empty()
    }

    /// Whether something may have changed in this part of a month of publication.
    #[must_use]
    pub fn is_in(&self, month: &str, part: Part) -> bool {
        let slices = part.slices();
        let place = |slice| (month.to_owned(), slice);
        let mut inside = self.slices.range(place(slices.start)..place(slices.end));
        self.everything || inside.next().is_some()
    }

    /// Forgets what has changed where that is too much to be told.
    pub(super) fn sum_up(&mut self) {
        let (slices, rest) = (self.slices.len(), self.labels.len() + self.pages.len());
        if slices > MOST_SLICES || rest > MOST {
            *self = Self::everything();
        }
    }
}
