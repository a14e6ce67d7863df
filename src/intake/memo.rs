//! What became of each file when it was last read, so that only changed files are read
//! again.
//!
//! It lives as long as the process and says nothing that reading would not: an article is
//! noted only where a second reading of the same bytes could give nothing else.

use std::{collections::HashMap, sync::Arc};

use crate::{
    article::{AbsoluteUrl, ArticleId},
    source::{Mark, Rejection, Remark, Stamp},
};

/// What became of a file.
#[derive(Debug, Clone)]
pub(super) enum Became {
    /// An article, which the store holds as it was put then.
    Article {
        id: ArticleId,
        url: AbsoluteUrl,
        replaced: usize,
        remark: Option<Remark>,
    },
    /// Nothing yet: it is marked as a draft.
    Draft,
    /// Nothing, for this reason.
    Rejected(Rejection),
}

/// What became of every file, by its place at the origin.
#[derive(Debug, Clone, Default)]
pub struct Memo(HashMap<String, (Mark, Arc<Became>)>);

impl Memo {
    /// Whether what stands at `place` is known, and `mark` says that it is as it was.
    #[must_use]
    pub fn knows(&self, place: &str, mark: Mark) -> bool {
        self.0.get(place).is_some_and(|(known, _)| *known == mark)
    }

    pub(super) fn get(&self, place: &str) -> Option<(Mark, Arc<Became>)> {
        self.0.get(place).cloned()
    }

    pub(super) fn note(&mut self, stamp: Stamp, became: Arc<Became>) {
        self.0.insert(stamp.place, (stamp.mark, became));
    }

    pub(super) fn forget(&mut self, place: &str) {
        self.0.remove(place);
    }
}
