//! How things stand, for people: one page without script or outside file. What an operator
//! must know or do stands first, what explains it below.

mod documents;
mod requests;
mod trouble;

pub(super) use documents::evidence;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::{
    article::Timestamp,
    intake::Intake,
    refresh::{
        Ending, Phase, Refreshed, Standing,
        words::{count, size},
    },
    serve::{Outcome, Snapshot},
};

/// More rows than this are summed up; the JSON has them all.
const SHOWN: usize = 200;

const STYLE: &str = include_str!("style.css");

/// The page. `may_order` is whether whoever reads it has shown a token, so that it may have
/// buttons.
pub(super) fn render(
    standing: &Standing,
    requests: &Snapshot,
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
                // A browser would ask for one.
                link rel="icon" href="data:,";
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
                        (trouble::explained(standing, may_order, now))
                    }
                    (glance(standing, requests, now))
                    @if let Some(good) = &standing.good { (findings(&good.refreshed)) }
                    (source(standing, read_so_far, may_order, now))
                    (requests::section(requests))
                    (documents::section(standing, now))
                }
                footer {
                    p {
                        "Version " (env!("CARGO_PKG_VERSION")) ", running since " (instant(standing.started, now))
                        ". This page looks again every 15 seconds. The same for programs: "
                        a href="/status.json" { "JSON" } ", " a href="/metrics" { "metrics" } "."
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
            "Refreshing fails; the last good edition is served",
        ),
        (Phase::Ready, None) if standing.refused.is_some() => {
            ("held", "Serving, by the configuration before")
        }
        (Phase::Ready, None) => match &standing.good {
            None => ("waits", "Serving the stored edition; reading the origin"),
            Some(good) if !good.refreshed.made.faults.is_empty() => (
                "held",
                "Serving, with documents that could not be made anew",
            ),
            Some(good) if !good.refreshed.intake.rejected.is_empty() => {
                ("held", "Serving, without articles that were rejected")
            }
            Some(_) => ("good", "All is well"),
        },
    }
}

/// The figures that tell whether it goes on as it should.
fn glance(standing: &Standing, requests: &Snapshot, now: Timestamp) -> Markup {
    let refreshed = standing.good.as_ref().map(|good| &good.refreshed);
    let of = |wanted: Option<Outcome>| -> u64 {
        let counts = requests.requests.iter();
        let counts = counts.filter(|count| wanted.is_none_or(|wanted| count.outcome == wanted));
        counts.map(|count| count.count).sum()
    };
    let (asked, unchanged) = (of(None), of(Some(Outcome::NotModified)));
    html! {
        ul.glance {
            li { b { (refreshed.map_or_else(|| "–".to_owned(), |refreshed| number(refreshed.public))) } " articles" }
            @if let Some(rejected) = refreshed.map(|refreshed| refreshed.intake.rejected.len()).filter(|rejected| *rejected > 0) {
                li.warns { b { (number(rejected)) } " rejected" }
            }
            li { b { (number(standing.edition.readable_count())) } " documents" }
            li {
                b { (standing.good.as_ref().map_or_else(|| "–".to_owned(), |good| ago(good.at, now))) }
                " last good refresh"
            }
            li {
                b { (number(usize::try_from(asked).unwrap_or(usize::MAX))) } " requests"
                @if let Some(share) = (unchanged * 100).checked_div(asked) { " " span.note { (share) " % unchanged" } }
            }
        }
    }
}

/// Where the articles come from, and how that goes.
fn source(standing: &Standing, read_so_far: u64, may_order: bool, now: Timestamp) -> Markup {
    html! {
        section {
            h2 { "Source" }
            dl {
                div { dt { "Origin" } dd.address { (standing.origin) } }
                div { dt { "Changes" } dd {
                    @match &standing.unwatched {
                        None => { "seen at once" }
                        Some(reason) => { "looked for every 30 seconds: " (reason) }
                    }
                } }
                div { dt { "Last good refresh" } dd {
                    @match &standing.good {
                        Some(good) => { (instant(good.at, now)) " " span.note { "took " (format!("{:.2} s", good.took.as_secs_f64())) } }
                        None => { "none in this process yet" }
                    }
                } }
                @if let Some(since) = standing.refreshing {
                    div { dt { "Running" } dd { (count(usize::try_from(read_so_far).unwrap_or(usize::MAX), "article")) " read since " (instant(since, now)) } }
                }
                @if let Some(next) = standing.edition.next_publication {
                    div { dt { "Next publication" } dd { (instant(next, now)) } }
                }
                div { dt { "Refreshes" } dd {
                    @for (ending, number) in Ending::ALL.into_iter().zip(standing.endings) {
                        span.count { (number) " " (ending.name()) }
                    }
                } }
                div { dt { "Configuration" } dd.address { (standing.file.display()) " " span.note { "loaded " (ago(standing.configured, now)) } } }
            }
            @if may_order {
                form method="post" action="/refresh" { button { "Refresh now" } }
            }
        }
    }
}

/// What of the origin is not served as it stands there.
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
                h2 { "Rejected articles " span.badge { (rejected.len()) } }
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

fn and_more(number: usize) -> Markup {
    html! {
        @if let Some(more) = number.checked_sub(SHOWN).filter(|more| *more > 0) {
            p.note { "and " (more) " more; the JSON has them all" }
        }
    }
}

/// With commas between thousands.
fn number(number: usize) -> String {
    let counted = count(number, "");
    counted.split(' ').next().unwrap_or_default().to_owned()
}

/// A size as a cell of a table.
fn length(bytes: Option<usize>) -> String {
    bytes.map_or_else(
        || "–".to_owned(),
        |bytes| size(u64::try_from(bytes).unwrap_or(u64::MAX)),
    )
}

fn instant(at: Timestamp, now: Timestamp) -> Markup {
    let text = at.rfc3339();
    html! { time datetime=(text) title=(text) { (text.replace('T', " ").trim_end_matches('Z')) " UTC" } " " span.note { (ago(at, now)) } }
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
