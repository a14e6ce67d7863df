//! Who asked for what, and what they got, since the process began.

use maud::{Markup, html};

use super::{length, number};
use crate::serve::{Outcome, Snapshot};

/// What a status says, for people.
const fn meaning(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Good => "whole answers",
        Outcome::NotModified => "unchanged",
        Outcome::Redirected => "sent elsewhere",
        Outcome::TooMany => "asked too often",
        Outcome::ClientError => "not found and the like",
        Outcome::ServerError => "failed",
    }
}

pub(super) fn section(snapshot: &Snapshot) -> Markup {
    let total = |outcomes: &[(Outcome, u64)]| outcomes.iter().map(|(_, count)| count).sum::<u64>();
    let came: Vec<_> = snapshot
        .readers
        .iter()
        .filter(|(_, outcomes)| total(outcomes) > 0)
        .collect();
    let sent: u64 = snapshot.bytes.iter().map(|(_, bytes)| bytes).sum();
    let shed: u64 = snapshot.shed.iter().map(|(_, count)| count).sum();
    let cell = |count: u64| match count {
        0 => "–".to_owned(),
        count => number(usize::try_from(count).unwrap_or(usize::MAX)),
    };
    html! {
        section {
            h2 { "Requests " span.badge { "since the start" } }
            @if came.is_empty() {
                p { "Nobody has asked for anything yet." }
            } @else {
                div.wide { table {
                    thead { tr {
                        th { "Who" }
                        @for outcome in Outcome::ALL { th.number title=(meaning(outcome)) { (outcome.label()) } }
                        th.number { "All" }
                    } }
                    tbody { @for (reader, outcomes) in came { tr {
                        td { (reader.name()) }
                        @for (_, count) in outcomes { td.number { (cell(*count)) } }
                        td.number { (cell(total(outcomes))) }
                    } } }
                } }
                p.note.free {
                    "2xx: whole answers. 304: unchanged, nothing was sent. 429: asked too often. "
                    (length(usize::try_from(sent).ok())) " sent; "
                    (number(usize::try_from(snapshot.connections_open).unwrap_or(usize::MAX))) " connections open, "
                    (number(usize::try_from(shed).unwrap_or(usize::MAX))) " turned away or ended."
                }
            }
        }
    }
}
