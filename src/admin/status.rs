//! How things stand, for programs.

use serde::Serialize;

use super::page::evidence;
use crate::{
    article::{Moment, Timestamp},
    edition::Document,
    refresh::{HeldRefresh, Phase, Standing},
    serve::Snapshot,
};

#[derive(Serialize)]
struct Status<'a> {
    version: &'static str,
    phase: &'static str,
    now: String,
    started: String,
    site: &'a str,
    configuration: Configuration,
    source: Source<'a>,
    articles: Option<usize>,
    rejected: Vec<Rejected>,
    remarks: Vec<Remark<'a>>,
    faults: Vec<String>,
    next_publication: Option<String>,
    revision: String,
    documents: Vec<DocumentStatus<'a>>,
    /// Since the process began.
    requests: Vec<Requests>,
}

#[derive(Serialize)]
struct Requests {
    reader: &'static str,
    status: &'static str,
    count: u64,
}

#[derive(Serialize)]
struct Configuration {
    file: String,
    loaded: String,
    refused: Option<Refused>,
}

#[derive(Serialize)]
struct Refused {
    at: String,
    reason: String,
}

#[derive(Serialize)]
struct Source<'a> {
    name: &'a str,
    watched: bool,
    refreshing_since: Option<String>,
    read_so_far: u64,
    last_success: Option<String>,
    seconds: Option<f64>,
    trouble: Option<Trouble<'a>>,
    retry: Option<String>,
}

#[derive(Serialize)]
struct Trouble<'a> {
    kind: &'static str,
    since: String,
    times: u64,
    reason: &'a str,
    held: Option<Held<'a>>,
}

/// What a held refresh would do.
#[derive(Serialize)]
struct Held<'a> {
    gone: Vec<&'a str>,
    redated: Vec<Redated>,
}

#[derive(Serialize)]
struct Redated {
    url: String,
    from: Option<String>,
    to: Option<String>,
}

#[derive(Serialize)]
struct Rejected {
    locator: String,
    kind: &'static str,
    reason: String,
}

#[derive(Serialize)]
struct Remark<'a> {
    locator: String,
    remark: &'a str,
}

#[derive(Serialize)]
struct DocumentStatus<'a> {
    path: &'a str,
    media_type: &'a str,
    last_modified: Option<String>,
    evidence: &'static str,
    etag: String,
    bytes: usize,
    gzip_bytes: Option<usize>,
    br_bytes: Option<usize>,
}

/// In one word.
pub(super) const fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Starting => "starting",
        Phase::Ready => "ready",
        Phase::Stopping => "stopping",
    }
}

pub(super) fn json(
    standing: &Standing,
    snapshot: &Snapshot,
    read_so_far: u64,
    now: Timestamp,
) -> String {
    let refreshed = standing.good.as_ref().map(|good| &*good.refreshed);
    let intake = refreshed.map(|refreshed| &refreshed.intake);
    let status = Status {
        version: env!("CARGO_PKG_VERSION"),
        phase: phase(standing.phase),
        now: now.rfc3339(),
        started: standing.started.rfc3339(),
        site: &standing.site,
        configuration: Configuration {
            file: standing.file.display().to_string(),
            loaded: standing.configured.rfc3339(),
            refused: standing.refused.as_ref().map(|(at, reason)| Refused {
                at: at.rfc3339(),
                reason: reason.clone(),
            }),
        },
        source: source(standing, read_so_far),
        articles: refreshed.map(|refreshed| refreshed.public),
        rejected: intake.map_or_else(Vec::new, |intake| {
            let rejected = intake.rejected.iter();
            let rejected = rejected.map(|rejection| Rejected {
                locator: rejection.locator.to_string(),
                kind: rejection.kind.name(),
                reason: rejection.reason.clone(),
            });
            rejected.collect()
        }),
        remarks: intake.map_or_else(Vec::new, |intake| {
            let remarks = intake.remarks.iter();
            let remarks = remarks.map(|remark| Remark {
                locator: remark.locator.to_string(),
                remark: &remark.text,
            });
            remarks.collect()
        }),
        faults: refreshed.map_or_else(Vec::new, |refreshed| {
            refreshed
                .made
                .faults
                .iter()
                .map(ToString::to_string)
                .collect()
        }),
        next_publication: standing.edition.next_publication.map(Timestamp::rfc3339),
        revision: standing.edition.revision(),
        documents: standing
            .edition
            .documents
            .iter()
            .map(|it| document(it))
            .collect(),
        requests: requests(snapshot),
    };
    // A structure of texts and numbers always has a JSON form.
    serde_json::to_string_pretty(&status).unwrap_or_default() + "\n"
}

/// Every count that is not zero.
fn requests(snapshot: &Snapshot) -> Vec<Requests> {
    let readers = snapshot.readers.iter().flat_map(|(reader, outcomes)| {
        outcomes.iter().map(|(outcome, count)| Requests {
            reader: reader.label(),
            status: outcome.label(),
            count: *count,
        })
    });
    readers.filter(|requests| requests.count > 0).collect()
}

fn held(held: &HeldRefresh) -> Held<'_> {
    Held {
        gone: held
            .removed
            .iter()
            .map(|gone| gone.title.as_str())
            .collect(),
        redated: held
            .intake
            .moved
            .iter()
            .map(|moved| Redated {
                url: moved.url.to_string(),
                from: moved.from.map(Moment::w3c),
                to: moved.to.map(Moment::w3c),
            })
            .collect(),
    }
}

fn source(standing: &Standing, read_so_far: u64) -> Source<'_> {
    Source {
        name: &standing.origin,
        watched: standing.unwatched.is_none(),
        refreshing_since: standing.refreshing.map(Timestamp::rfc3339),
        read_so_far,
        last_success: standing.good.as_ref().map(|good| good.at.rfc3339()),
        seconds: standing.good.as_ref().map(|good| good.took.as_secs_f64()),
        trouble: standing.trouble.as_ref().map(|trouble| Trouble {
            kind: trouble.ending.name(),
            since: trouble.since.rfc3339(),
            times: trouble.times,
            reason: &trouble.reason,
            held: trouble.held.as_deref().map(held),
        }),
        retry: standing.retry.map(Timestamp::rfc3339),
    }
}

fn document(document: &Document) -> DocumentStatus<'_> {
    DocumentStatus {
        path: &document.path,
        media_type: document.kind.media_type(),
        last_modified: document.changed.map(Timestamp::rfc3339),
        evidence: evidence(document.changed, document.cause),
        etag: format!("W/\"{}\"", document.etag),
        bytes: document.body.length(),
        gzip_bytes: document.body.gzip.as_ref().map(bytes::Bytes::len),
        br_bytes: document.body.br.as_ref().map(bytes::Bytes::len),
    }
}
