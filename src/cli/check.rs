//! `dateline check`: reads everything, serves nothing, leaves the store as it was.

use std::path::Path;

use serde::Serialize;

use super::{Format, Status, console, setup};
use crate::{
    article::Timestamp,
    edition::{Deferred, Document, Edition},
    refresh::{Purpose, Refreshed},
};

pub(super) fn run(file: &Path, format: Format) -> Status {
    let config = match setup::load(file) {
        Ok(config) => config,
        Err(status) => return status,
    };
    let store = setup::open_to_look(&config);
    let (_, refreshed) = match setup::refresh_once(config, store, Purpose::Check) {
        Ok(done) => done,
        Err(status) => return status,
    };
    let result = match format {
        Format::Text => text(&refreshed),
        Format::Json => json(&refreshed),
    };
    let status = match refreshed.held {
        Some(_) => Status::Faults,
        None => setup::status(&refreshed),
    };
    console::write(result.as_bytes(), status)
}

fn text(refreshed: &Refreshed) -> String {
    let complaints = setup::complaints(refreshed, usize::MAX);
    let mut lines: Vec<String> = complaints
        .iter()
        .map(|line| console::folded(line))
        .collect();
    if let Some(held) = refreshed.held {
        lines.push(format!("held: {held}"));
        lines.push("help: dateline accept --dry-run lists what would change".to_owned());
    }
    for document in refreshed.made.edition.readable() {
        lines.push(line(document));
    }
    let deferred = &refreshed.made.edition.deferred;
    lines.extend(deferred.iter().map(|deferred| promised(deferred)));
    lines.push(setup::summary(refreshed));
    lines.join("\n") + "\n"
}

/// A document in one line: when it changed, how long it is, where it is.
pub(super) fn line(document: &Document) -> String {
    let changed = document
        .changed
        .map_or_else(|| "-".to_owned(), Timestamp::rfc3339);
    format!(
        "{changed:<20} {:>11}  {}",
        console::count(document.body.length(), "byte"),
        document.path
    )
}

/// A document that is made on request, in one line.
fn promised(deferred: &Deferred) -> String {
    let changed = deferred
        .changed
        .map_or_else(|| "-".to_owned(), Timestamp::rfc3339);
    format!("{changed:<20} {:>11}  {}", "on request", deferred.path)
}

#[derive(Serialize)]
struct Report<'a> {
    articles: usize,
    rejected: Vec<Rejected>,
    documents: Vec<DocumentReport<'a>>,
    remarks: Vec<Remark<'a>>,
    faults: Vec<String>,
    /// Why a guard would hold this, if one would.
    held: Option<String>,
    /// Characters that XML forbids, replaced.
    replaced: usize,
}

#[derive(Serialize)]
struct Rejected {
    locator: String,
    reason: String,
}

#[derive(Serialize)]
struct Remark<'a> {
    /// `None` for what is said of a document, and of no single article.
    locator: Option<String>,
    remark: &'a str,
}

#[derive(Serialize)]
struct DocumentReport<'a> {
    path: &'a str,
    media_type: &'a str,
    /// Not known of a document that is made on request.
    bytes: Option<usize>,
    last_modified: Option<String>,
    etag: Option<String>,
}

fn json(refreshed: &Refreshed) -> String {
    let report = Report {
        articles: refreshed.public,
        rejected: refreshed
            .intake
            .rejected
            .iter()
            .map(|rejection| Rejected {
                locator: rejection.locator.to_string(),
                reason: rejection.reason.clone(),
            })
            .collect(),
        documents: describe(&refreshed.made.edition),
        remarks: refreshed
            .intake
            .remarks
            .iter()
            .map(|remark| Remark {
                locator: Some(remark.locator.to_string()),
                remark: &remark.text,
            })
            .chain(refreshed.made.remarks.iter().map(|remark| Remark {
                locator: None,
                remark,
            }))
            .collect(),
        faults: refreshed
            .made
            .faults
            .iter()
            .map(ToString::to_string)
            .collect(),
        held: refreshed.held.map(|held| held.to_string()),
        replaced: refreshed.intake.replaced,
    };
    // A structure of texts and numbers always has a JSON form.
    serde_json::to_string_pretty(&report).unwrap_or_default() + "\n"
}

fn describe(edition: &Edition) -> Vec<DocumentReport<'_>> {
    let made = edition.readable().map(|document| DocumentReport {
        path: &document.path,
        media_type: document.kind.media_type(),
        bytes: Some(document.body.length()),
        last_modified: document.changed.map(Timestamp::rfc3339),
        etag: Some(format!("W/\"{}\"", document.etag)),
    });
    let promised = edition.deferred.iter().map(|deferred| DocumentReport {
        path: &deferred.path,
        media_type: deferred.kind.media_type(),
        bytes: None,
        last_modified: deferred.changed.map(Timestamp::rfc3339),
        etag: None,
    });
    made.chain(promised).collect()
}
