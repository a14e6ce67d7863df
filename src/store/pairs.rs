//! Which article is which, after an address changed.

use std::collections::{HashMap, HashSet};

use super::Record;
use crate::article::ArticleId;

/// Picks from what looks alike, the surer lists first, the pairs that are beyond doubt: no
/// article of one side may look like two of the other. One that is still there goes before
/// those that were removed long ago.
pub(super) fn pairs(lists: Vec<Vec<(ArticleId, Record)>>) -> Vec<(ArticleId, Record)> {
    let mut taken = HashSet::new();
    let mut pairs = Vec::new();
    for list in lists {
        let live: HashSet<ArticleId> = list
            .iter()
            .filter(|(_, old)| !old.removed)
            .map(|(new, _)| new.clone())
            .collect();
        let mut uses: HashMap<ArticleId, usize> = HashMap::new();
        let likely: Vec<(ArticleId, Record)> = list
            .into_iter()
            .filter(|(new, old)| !old.removed || !live.contains(new))
            .filter(|(new, old)| !taken.contains(new) && !taken.contains(&old.id))
            .inspect(|(new, old)| {
                *uses.entry(new.clone()).or_default() += 1;
                *uses.entry(old.id.clone()).or_default() += 1;
            })
            .collect();
        for (new, old) in likely {
            if uses.get(&new) == Some(&1) && uses.get(&old.id) == Some(&1) {
                taken.insert(new.clone());
                taken.insert(old.id.clone());
                pairs.push((new, old));
            }
        }
    }
    pairs
}
