//! What is served, with its dates and why they are what they are.

use maud::{Markup, html};

use super::{SHOWN, and_more, instant, length};
use crate::{
    article::Timestamp,
    edition::{Deferred, Document},
    refresh::Standing,
    store::Cause,
};

/// Why a document carries its date, in a few words; `dateline explain` has all of them.
pub(in crate::admin) const fn evidence(changed: Option<Timestamp>, cause: Cause) -> &'static str {
    match (changed, cause) {
        (None, _) => "no date is known of anything in it",
        (Some(_), Cause::First) => "the newest change in it",
        (Some(_), Cause::Articles) => "articles in it changed, came or went",
        (Some(_), Cause::Form) => "the configuration or the program changed",
    }
}

pub(super) fn section(standing: &Standing, now: Timestamp) -> Markup {
    let documents = &standing.edition.documents;
    let deferred = &standing.edition.deferred;
    html! {
        section {
            h2 { "Documents " span.badge { (documents.len() + deferred.len()) } }
            div.wide { table {
                thead { tr {
                    th { "Path" } th { "Last change" } th { "Evidence" }
                    th.number { "Size" } th.number { "gzip" } th.number { "br" } th { "Tag" }
                } }
                tbody {
                    @for document in documents.iter().take(SHOWN) { (row(document, now)) }
                    @for document in deferred.iter().take(SHOWN.saturating_sub(documents.len())) { (promised(document, now)) }
                }
            } }
            (and_more(documents.len() + deferred.len()))
            p.note.free { "Why a date is what it is, in full: " code { "dateline explain PATH" } }
        }
    }
}

fn row(document: &Document, now: Timestamp) -> Markup {
    html! {
        tr {
            td.address { a href=(document.url) { (document.path) } }
            td { (change(document.changed, now)) }
            td.why { (evidence(document.changed, document.cause)) }
            td.number { (length(Some(document.body.length()))) }
            td.number { (length(document.body.gzip.as_ref().map(bytes::Bytes::len))) }
            td.number { (length(document.body.br.as_ref().map(bytes::Bytes::len))) }
            td { code title=(document.etag) { (document.etag.get(..8).unwrap_or_default()) } }
        }
    }
}

fn promised(document: &Deferred, now: Timestamp) -> Markup {
    html! {
        tr {
            td.address { (document.path) }
            td { (change(document.changed, now)) }
            td colspan="5" { "made when it is asked for" }
        }
    }
}

fn change(changed: Option<Timestamp>, now: Timestamp) -> Markup {
    html! { @match changed { Some(changed) => { (instant(changed, now)) } None => { "unknown" } } }
}
