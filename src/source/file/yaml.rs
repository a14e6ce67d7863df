//! YAML: a sequence of articles, or a mapping with `articles`.

use serde::Deserialize;
use serde_json::Value;
use serde_saphyr::{
    DuplicateKeyPolicy, Error, Options, Spanned, budget, budget::BudgetBreach, options,
};

use super::{Entries, MAX_DEPTH};
use crate::source::SourceError;

/// Scalars, lists and tables in one file; ten million articles are for a database.
const MAX_EVENTS: usize = 50_000_000;

#[derive(Deserialize)]
struct Catalogue {
    articles: Vec<Spanned<Value>>,
}

pub(super) fn read(text: &str, entries: &mut Entries<'_>) -> Result<(), SourceError> {
    let limits = limits(MAX_EVENTS);
    let articles = if is_sequence(text) {
        serde_saphyr::from_str_with_options(text, limits)
    } else {
        serde_saphyr::from_str_with_options(text, limits).map(|found: Catalogue| found.articles)
    };
    let articles: Vec<Spanned<Value>> = articles.map_err(|error| {
        let (line, column) = place(&error);
        entries.fail(line, column, &message(&error))
    })?;
    for article in &articles {
        entries.value(article.referenced.line(), &article.value);
    }
    Ok(())
}

/// Whether the first thing in the text is an item of a list. Trying one and then the other
/// would report the faults of the wrong one.
fn is_sequence(text: &str) -> bool {
    text.lines()
        .map(str::trim_start)
        .find(|line| !(line.is_empty() || line.starts_with(['#', '%']) || line.starts_with("---")))
        .is_some_and(|line| line == "-" || line.starts_with("- ") || line.starts_with('['))
}

/// No anchors and no aliases: 300 bytes of them can stand for a terabyte, and no catalogue
/// needs them. A key that stands twice is a mistake.
pub(in crate::source) fn limits(events: usize) -> Options {
    options! {
        budget: budget! {
            max_anchors: 0,
            max_aliases: 0,
            max_depth: MAX_DEPTH,
            max_events: events,
            max_nodes: events,
        },
        duplicate_keys: DuplicateKeyPolicy::Error,
        // YAML 1.2: a title may be `No`, and `draft: yes` is understood as a word.
        strict_booleans: true,
        // `007` and `1_000` are names rather than numbers, and are kept as written.
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
    }
}

/// Line and column of an error, from 1.
pub(in crate::source) fn place(error: &Error) -> (u64, u64) {
    error
        .location()
        .map_or((1, 1), |at| (at.line(), at.column()))
}

/// What is wrong, in one line and without the place.
pub(in crate::source) fn message(error: &Error) -> String {
    match error.without_snippet() {
        Error::Budget { breach, .. } => beyond(breach).to_owned(),
        Error::DuplicateMappingKey { key: Some(key), .. } => {
            format!("{key} stands twice; leave one out")
        }
        Error::DuplicateMappingKey { .. } => "a name stands twice; leave one out".to_owned(),
        Error::MultipleDocuments { .. } => {
            "a second document begins (---); put everything into one".to_owned()
        }
        Error::UnknownAnchor { .. } => beyond(&BudgetBreach::Aliases { aliases: 1 }).to_owned(),
        _ => said(error),
    }
}

/// Which limit was passed, and what to do.
fn beyond(breach: &BudgetBreach) -> &'static str {
    match breach {
        BudgetBreach::Anchors { .. } | BudgetBreach::Aliases { .. } => {
            "anchors (&x) and aliases (*x) are not read; write the value out, or in quotes"
        }
        BudgetBreach::Depth { .. } => "there are lists or tables within more than 32 others",
        BudgetBreach::Documents { .. } => "a second document begins (---); put everything into one",
        _ => "it is too large to be read; split it",
    }
}

/// The library's own words.
fn said(error: &Error) -> String {
    let said = error.to_string();
    let first = said.lines().next().unwrap_or("it is not YAML");
    // `error: line 1 column 2: …`, which is said in our own way.
    let said = first.strip_prefix("error: ").unwrap_or(first);
    let place = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b' ')
    };
    said.strip_prefix("line ")
        .and_then(|rest| rest.split_once(": "))
        .filter(|(at, _)| place(&at.replace("column", "")))
        .map_or(said, |(_, rest)| rest)
        .to_owned()
}
