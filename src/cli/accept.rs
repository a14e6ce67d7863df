//! `dateline accept`: takes what a guard held, after saying what that is.

use std::path::Path;

use super::{Status, console, setup};
use crate::{
    article::Moment,
    intake::Moved,
    refresh::{Purpose, Refreshed},
};

/// More of one kind than this is summed up: nobody reads on.
const SHOWN: usize = 100;

pub(super) fn run(file: &Path, dry_run: bool) -> Status {
    let config = match setup::load(file) {
        Ok(config) => config,
        Err(status) => return status,
    };
    let (store, purpose) = if dry_run {
        (setup::open_to_look(&config), Purpose::Check)
    } else {
        (setup::open(&config), Purpose::Accept)
    };
    let (_, refreshed) = match setup::refresh_once(config, store, purpose) {
        Ok(done) => done,
        Err(status) => return status,
    };
    let status = match (refreshed.held, dry_run) {
        (Some(_), true) => Status::Faults,
        _ => setup::status(&refreshed),
    };
    console::write(text(&refreshed, dry_run).as_bytes(), status)
}

fn text(refreshed: &Refreshed, dry_run: bool) -> String {
    let mut lines = Vec::new();
    lines.push(match refreshed.held {
        Some(held) => format!("held: {held}"),
        None => "Nothing is held.".to_owned(),
    });
    if refreshed.held.is_some() {
        let moved: Vec<String> = refreshed.intake.moved.iter().map(change).collect();
        add(&mut lines, "These get another date:", &moved);
        let removed = refreshed.removed.iter();
        let removed: Vec<String> = removed
            .map(|gone| format!("  {}\n    {}", gone.title, gone.id))
            .collect();
        add(&mut lines, "These are gone:", &removed);
    }
    lines.push(match (refreshed.held, dry_run) {
        (Some(_), true) => "Nothing was taken; without --dry-run it is.".to_owned(),
        (None, true) => setup::summary(refreshed),
        (_, false) => format!("accepted: {}", setup::summary(refreshed)),
    });
    if !dry_run {
        lines.push("A server that is running shows it from its next refresh on.".to_owned());
    }
    lines.join("\n") + "\n"
}

fn add(lines: &mut Vec<String>, heading: &str, items: &[String]) {
    if items.is_empty() {
        return;
    }
    lines.push(heading.to_owned());
    lines.extend(items.iter().take(SHOWN).cloned());
    if let Some(more) = items.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        lines.push(format!("  and {more} more"));
    }
}

fn change(moved: &Moved) -> String {
    let shown = |moment: Option<Moment>| moment.map_or_else(|| "none".to_owned(), Moment::w3c);
    format!(
        "  {}\n    {} -> {}  ({})",
        moved.url,
        shown(moved.from),
        shown(moved.to),
        moved.place
    )
}
