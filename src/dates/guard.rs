//! Holds back what is more likely an accident than an edit.
//!
//! A deploy that touches every file, a migration that stamps one date on every row, a query
//! that suddenly returns nothing: each would move dates or remove articles by the hundred,
//! and search engines would stop believing the rest. So a refresh that looks like one of
//! these is held until the operator accepts it, and the last good edition is served.

/// Where the guards draw the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guards {
    /// Mass touch: up to this many articles may move at once, whatever their share.
    pub touched_articles: usize,
    /// Mass touch: up to this share of the catalogue may move at once, in per cent.
    pub touched_percent: usize,
    /// Shrinking and new ids: up to this share may go at once, in per cent.
    pub lost_percent: usize,
    /// Shrinking and new ids: a smaller catalogue than this is not guarded.
    pub lost_from: usize,
}

impl Default for Guards {
    fn default() -> Self {
        Self {
            touched_articles: 20,
            touched_percent: 20,
            lost_percent: 50,
            lost_from: 10,
        }
    }
}

/// What a refresh would do to the catalogue as it was before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many articles there were.
    pub before: usize,
    /// How many of them would be gone, or no longer to be seen.
    pub removed: usize,
    /// How many of those would come back at once under another id, by their titles.
    pub renamed: usize,
    /// How many would move though nothing that a reader notices did.
    pub redated: usize,
    /// How many would move to one and the same instant.
    pub same_instant: usize,
}

/// Why a refresh is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Held {
    /// Too many articles move at once.
    #[error(
        "{moved} of {before} articles would get a new date at once, as after a deploy or an \
         import that touches everything"
    )]
    MassTouch {
        /// How many.
        moved: usize,
        /// Of how many.
        before: usize,
    },
    /// Too many articles go at once.
    #[error("{removed} of {before} articles would be gone or no longer to be seen")]
    Shrink {
        /// How many.
        removed: usize,
        /// Of how many.
        before: usize,
    },
    /// Too many articles get another id at once.
    #[error(
        "{renamed} of {before} articles would get another id under the same title, so that \
         readers would see them again as new"
    )]
    NewIds {
        /// How many.
        renamed: usize,
        /// Of how many.
        before: usize,
    },
}

impl Guards {
    /// Whether a refresh with this tally is to be held, and why.
    #[must_use]
    pub const fn hold(&self, tally: &Tally) -> Option<Held> {
        let Tally {
            before,
            removed,
            renamed,
            redated,
            same_instant,
        } = *tally;
        let guarded = before >= self.lost_from && before > 0;
        // An article with a new id is a removed one too, and the ids are the clearer word.
        if guarded && exceeds(renamed, self.lost_percent, before) {
            return Some(Held::NewIds { renamed, before });
        }
        if guarded && exceeds(removed, self.lost_percent, before) {
            return Some(Held::Shrink { removed, before });
        }
        let moved = if redated > same_instant {
            redated
        } else {
            same_instant
        };
        if moved > self.touched_articles && exceeds(moved, self.touched_percent, before) {
            return Some(Held::MassTouch { moved, before });
        }
        None
    }
}

/// Whether `part` is more than `percent` of `whole`.
const fn exceeds(part: usize, percent: usize, whole: usize) -> bool {
    part.saturating_mul(100) > whole.saturating_mul(percent)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hold(tally: Tally) -> Option<Held> {
        Guards::default().hold(&tally)
    }

    #[test]
    fn more_than_twenty_and_more_than_a_fifth_must_move_together() {
        let touch = |before, redated| {
            hold(Tally {
                before,
                redated,
                ..Tally::default()
            })
        };
        assert_eq!(touch(1_000, 200), None, "a fifth");
        assert_eq!(
            touch(1_000, 201),
            Some(Held::MassTouch {
                moved: 201,
                before: 1_000
            })
        );
        assert_eq!(touch(20, 20), None, "twenty");
        assert_eq!(
            touch(21, 21),
            Some(Held::MassTouch {
                moved: 21,
                before: 21
            })
        );
        let stamped = Tally {
            before: 100,
            same_instant: 30,
            ..Tally::default()
        };
        assert_eq!(
            hold(stamped),
            Some(Held::MassTouch {
                moved: 30,
                before: 100
            })
        );
    }

    #[test]
    fn half_a_catalogue_may_go_but_no_more() {
        let shrink = |before, removed| {
            hold(Tally {
                before,
                removed,
                ..Tally::default()
            })
        };
        assert_eq!(shrink(10, 5), None);
        assert_eq!(
            shrink(10, 6),
            Some(Held::Shrink {
                removed: 6,
                before: 10
            })
        );
        assert_eq!(shrink(9, 9), None, "too small to tell");
        assert_eq!(shrink(0, 0), None);
    }

    #[test]
    fn new_ids_for_old_titles_are_told_from_a_loss() {
        let tally = Tally {
            before: 10,
            removed: 10,
            renamed: 6,
            ..Tally::default()
        };
        assert_eq!(
            hold(tally),
            Some(Held::NewIds {
                renamed: 6,
                before: 10
            })
        );
    }
}
