//! How things stand, for people: one page without script or outside file.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::{
    article::{Moment, Timestamp},
    edition::Document,
    intake::Intake,
    refresh::{Ending, HeldRefresh, Phase, Refreshed, Standing, Trouble, words::count},
};

/// More rows than this are summed up; the JSON has them all.
const SHOWN: usize = 200;

const STYLE: &str = include_str!("page.css");

/// The page. `may_order` is whether whoever reads it has shown a token, so that it may have
/// buttons.
pub(super) fn render(
    standing: &Standing,
    read_so_far: u64,
    may_order: bool,
    now: Timestamp,
) -> String {
    let (class, verdict) = verdict(standing);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                meta http-equiv="refresh" content="15";
                title { (verdict) " · Dateline" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { "Dateline" }
                    p { a href=(standing.site) { (standing.site) } }
                }
                main {
                    section.verdict.(class) role="status" {
                        h2 { (verdict) }
                        @if let Some(trouble) = &standing.trouble { (explain(trouble, standing, now)) }
                        @if let Some(held) = standing.trouble.as_ref().and_then(|trouble| trouble.held.as_deref()) {
                            (held_changes(held, may_order))
                        }
                        @if let Some((at, reason)) = &standing.refused {
                            p { "A newer configuration was refused " (ago(*at, now)) "; the one before is in force." }
                            pre { (reason) }
                        }
                    }
                    (figures(standing, read_so_far, may_order, now))
                    @if let Some(good) = &standing.good { (findings(&good.refreshed)) }
                    (documents(standing, now))
                }
                footer {
                    p {
                        "Version " (env!("CARGO_PKG_VERSION")) ", since " (instant(standing.started, now))
                        ". The same for programs: " a href="/status.json" { "JSON" } ", " a href="/metrics" { "metrics" } "."
                    }
                }
            }
        }
    };
    page.into_string()
}

/// What an operator wants to know first.
fn verdict(standing: &Standing) -> (&'static str, &'static str) {
    match (standing.phase, &standing.trouble) {
        (Phase::Starting, _) => ("waits", "Starting: there is no edition yet"),
        (Phase::Stopping, _) => ("waits", "Stopping"),
        (Phase::Ready, Some(trouble)) if trouble.ending == Ending::Held => {
            ("held", "A change is held until you accept it")
        }
        (Phase::Ready, Some(_)) => (
            "failed",
            "The origin fails; the last good edition is served",
        ),
        (Phase::Ready, None) if standing.refused.is_some() => {
            ("held", "Serving, by the configuration before")
        }
        (Phase::Ready, None) if standing.good.is_none() => {
            ("waits", "Serving the stored edition; reading the origin")
        }
        (Phase::Ready, None) => ("good", "All is well"),
    }
}

fn explain(trouble: &Trouble, standing: &Standing, now: Timestamp) -> Markup {
    html! {
        p {
            "Since " (instant(trouble.since, now)) ", " (count(usize::try_from(trouble.times).unwrap_or(usize::MAX), "refresh attempt")) "."
            @if let Some(retry) = standing.retry { " Tried again at " (instant(retry, now)) "." }
        }
        pre { (trouble.reason) }
    }
}

fn held_changes(held: &HeldRefresh, may_order: bool) -> Markup {
    html! {
        @if !held.removed.is_empty() {
            details {
                summary { (count(held.removed.len(), "article")) " would be gone" }
                ul { @for gone in held.removed.iter().take(SHOWN) { li { (gone.title) } } }
                (and_more(held.removed.len()))
            }
        }
        @if !held.intake.moved.is_empty() {
            details {
                summary { (count(held.intake.moved.len(), "article")) " would get another date" }
                div.wide { table {
                    thead { tr { th { "Article" } th { "From" } th { "To" } } }
                    tbody { @for moved in held.intake.moved.iter().take(SHOWN) { tr {
                        td.address { (moved.url) } td { (moment(moved.from)) } td { (moment(moved.to)) }
                    } } }
                } }
                (and_more(held.intake.moved.len()))
            }
        }
        @if may_order {
            form method="post" action="/accept" { button.accept { "Accept the change" } }
        } @else {
            p { "To take it: " code { "dateline accept" } ". With a token in " code { "[admin]" } " there is a button here." }
        }
    }
}

fn figures(standing: &Standing, read_so_far: u64, may_order: bool, now: Timestamp) -> Markup {
    let refreshed = standing.good.as_ref().map(|good| &good.refreshed);
    html! {
        section {
            h2 { "Source" }
            dl {
                div { dt { "Origin" } dd.address { (standing.origin) } }
                div { dt { "Changes" } dd {
                    @match &standing.unwatched {
                        None => { "watched" }
                        Some(reason) => { "looked for every 30 seconds: " (reason) }
                    }
                } }
                div { dt { "Last refresh" } dd {
                    @match &standing.good {
                        Some(good) => { (instant(good.at, now)) span.note { (format!("{:.2} s", good.took.as_secs_f64())) } }
                        None => { "none in this process yet" }
                    }
                } }
                @if let Some(since) = standing.refreshing {
                    div { dt { "Running" } dd { (count(usize::try_from(read_so_far).unwrap_or(usize::MAX), "article")) " read since " (instant(since, now)) } }
                }
                div { dt { "Articles" } dd { (refreshed.map_or_else(|| "–".to_owned(), |refreshed| refreshed.public.to_string())) } }
                @if let Some(next) = standing.edition.next_publication {
                    div { dt { "Next publication" } dd { (instant(next, now)) } }
                }
                div { dt { "Refreshes" } dd {
                    @for (ending, number) in Ending::ALL.into_iter().zip(standing.endings) {
                        span.count { (number) " " (ending.name()) }
                    }
                } }
                div { dt { "Configuration" } dd.address { (standing.file.display()) span.note { "loaded " (ago(standing.configured, now)) } } }
            }
            @if may_order {
                form method="post" action="/refresh" { button { "Refresh now" } }
            }
        }
    }
}

fn findings(refreshed: &Refreshed) -> Markup {
    let Intake {
        rejected, remarks, ..
    } = &refreshed.intake;
    let faults = &refreshed.made.faults;
    html! {
        @if !faults.is_empty() {
            section {
                h2 { "Documents that were not made anew" }
                ul { @for fault in faults { li { (fault) } } }
            }
        }
        @if !rejected.is_empty() {
            section {
                h2 { "Rejected " span.badge { (rejected.len()) } }
                div.wide { table {
                    thead { tr { th { "Where" } th { "Why" } } }
                    tbody { @for rejection in rejected.iter().take(SHOWN) { tr {
                        td.address { (rejection.locator) } td { (rejection.reason) }
                    } } }
                } }
                (and_more(rejected.len()))
            }
        }
        @if !remarks.is_empty() {
            section {
                h2 { "Notes " span.badge { (remarks.len()) } }
                div.wide { table {
                    thead { tr { th { "Where" } th { "What" } } }
                    tbody { @for remark in remarks.iter().take(SHOWN) { tr {
                        td.address { (remark.locator) } td { (remark.text) }
                    } } }
                } }
                (and_more(remarks.len()))
            }
        }
    }
}

fn documents(standing: &Standing, now: Timestamp) -> Markup {
    let documents = &standing.edition.documents;
    html! {
        section {
            h2 { "Documents " span.badge { (documents.len()) } }
            div.wide { table {
                thead { tr { th { "Path" } th { "Last change" } th.number { "Bytes" } th.number { "gzip" } th.number { "br" } th { "Tag" } } }
                tbody { @for document in documents.iter().take(SHOWN) { (row(document, now)) } }
            } }
            (and_more(documents.len()))
        }
    }
}

fn row(document: &Document, now: Timestamp) -> Markup {
    let coded = |bytes: &Option<bytes::Bytes>| {
        bytes
            .as_ref()
            .map_or_else(|| "–".to_owned(), |bytes| bytes.len().to_string())
    };
    html! {
        tr {
            td.address { a href=(document.url) { (document.path) } }
            td { @match document.changed { Some(changed) => { (instant(changed, now)) } None => { "unknown" } } }
            td.number { (document.body.length()) }
            td.number { (coded(&document.body.gzip)) }
            td.number { (coded(&document.body.br)) }
            td { code title=(document.etag) { (document.etag.get(..8).unwrap_or_default()) } }
        }
    }
}

fn and_more(number: usize) -> Markup {
    html! {
        @if let Some(more) = number.checked_sub(SHOWN).filter(|more| *more > 0) {
            p.note { "and " (more) " more; the JSON has them all" }
        }
    }
}

fn moment(moment: Option<Moment>) -> String {
    moment.map_or_else(|| "none".to_owned(), Moment::w3c)
}

fn instant(at: Timestamp, now: Timestamp) -> Markup {
    let text = at.rfc3339();
    html! { time datetime=(text) title=(text) { (text.replace('T', " ").trim_end_matches('Z')) } " " span.note { (ago(at, now)) } }
}

/// How long ago, in the unit that a person would choose.
fn ago(at: Timestamp, now: Timestamp) -> String {
    let seconds = now.unix() - at.unix();
    let (number, unit) = match seconds.unsigned_abs() {
        seconds @ 0..120 => (seconds, "s"),
        seconds @ 120..7_200 => (seconds / 60, "min"),
        seconds @ 7_200..172_800 => (seconds / 3_600, "h"),
        seconds => (seconds / 86_400, "days"),
    };
    if seconds < 0 {
        format!("in {number} {unit}")
    } else {
        format!("{number} {unit} ago")
    }
}
