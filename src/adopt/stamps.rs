//! Dates that are no dates: the stamp of a build on everything it wrote.

use std::collections::HashMap;

use crate::{
    article::{Adopted, Timestamp},
    dates::{Guards, Tally},
};

/// Takes away every date of change that so many articles share as would be held if they
/// moved there at once. Says what was taken.
pub(super) fn drop(articles: &mut [(String, Adopted)], guards: &Guards) -> Vec<String> {
    let mut shared: HashMap<Timestamp, usize> = HashMap::new();
    for (_, known) in articles.iter() {
        if let Some(modified) = known.modified {
            *shared.entry(modified.instant()).or_default() += 1;
        }
    }
    let is_stamp = |count: usize| {
        let tally = Tally {
            before: articles.len(),
            same_instant: count,
            ..Tally::default()
        };
        guards.hold(&tally).is_some()
    };
    shared.retain(|_, count| is_stamp(*count));
    for (_, known) in articles.iter_mut() {
        known.modified = known
            .modified
            .filter(|modified| !shared.contains_key(&modified.instant()));
    }
    let mut said: Vec<String> = shared
        .iter()
        .map(|(instant, count)| {
            format!("{count} dates of change at {instant}: the stamp of a build, not a change")
        })
        .collect();
    said.sort();
    said
}
