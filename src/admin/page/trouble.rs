//! What is wrong, since when and why, and what to do about it.

use maud::{Markup, html};

use super::{SHOWN, ago, and_more, instant};
use crate::{
    article::{Moment, Timestamp},
    refresh::{HeldRefresh, Standing, Trouble, words::count},
};

/// All that the verdict comes from.
pub(super) fn explained(standing: &Standing, may_order: bool, now: Timestamp) -> Markup {
    let trouble = standing.trouble.as_ref();
    html! {
        @if let Some(trouble) = trouble { (reason(trouble, standing, now)) }
        @if let Some(held) = trouble.and_then(|trouble| trouble.held.as_deref()) {
            (changes(held, may_order))
        }
        @if let Some((at, reason)) = &standing.refused {
            p { "A newer configuration was refused " (ago(*at, now)) "; the one before is in force." }
            pre { (reason) }
        }
    }
}

fn reason(trouble: &Trouble, standing: &Standing, now: Timestamp) -> Markup {
    let times = usize::try_from(trouble.times).unwrap_or(usize::MAX);
    html! {
        p {
            "Since " (instant(trouble.since, now)) ", " (count(times, "refresh attempt")) "."
            @if let Some(retry) = standing.retry { " Next attempt: " (instant(retry, now)) "." }
        }
        pre { (trouble.reason) }
    }
}

/// What a held refresh would do.
fn changes(held: &HeldRefresh, may_order: bool) -> Markup {
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
            p.note.free { "If it is no accident. Otherwise mend the origin: what is held then goes away by itself." }
        } @else {
            p { "To take it: " code { "dateline accept" } ". With a token in " code { "[admin]" } " there is a button here." }
        }
    }
}

fn moment(moment: Option<Moment>) -> String {
    moment.map_or_else(|| "none".to_owned(), Moment::w3c)
}
