//! From a request to its answer: a list of steps, none of which waits for anything.

use std::sync::Arc;

use arc_swap::ArcSwap;
use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    HeaderMap, Method, Request, Response, StatusCode, Version,
    header::{
        ACCEPT_ENCODING, ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderValue,
        LAST_MODIFIED, LOCATION, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS,
    },
};

use super::{
    address::{Fate, OldAddresses, canonical},
    coding::{Coding, negotiate},
    conditional::{Validators, Verdict, evaluate},
    table::{Entry, Head, Promise, Resource, Table},
};
use crate::{article::Timestamp, render::DocumentKind};

/// A body, shared with the edition.
pub(super) type Payload = Full<Bytes>;

/// An answer, and what is counted of it.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) response: Response<Payload>,
    /// What was asked for; `None` where that is no document.
    pub(super) kind: Option<DocumentKind>,
    /// How the body is coded.
    pub(super) coding: Coding,
    /// How long the body is, that of a GET in the case of HEAD.
    length: usize,
}

/// The methods that every document has (RFC 9110 section 9.1).
const ALLOWED: HeaderValue = HeaderValue::from_static("GET, HEAD, OPTIONS");

/// What a request comes to.
pub(super) enum Outcome {
    Answer(Answer),
    /// The document must be made first; then [`read`] answers it.
    Promised(Arc<Promise>),
    /// The document must be unpacked first; then [`read`] answers it.
    Packed(Arc<Resource>),
}

/// Answers a request at the instant `now`, from what `table` holds and, where that has
/// nothing, from what is known of `old` addresses.
pub(super) fn respond<B>(
    table: &Table,
    old: &ArcSwap<OldAddresses>,
    request: &Request<B>,
    now: Timestamp,
) -> Outcome {
    match find(table, old, request) {
        Found::Answer(answer) => Outcome::Answer(answer),
        Found::Entry(Entry::Made(resource)) => match read(table, resource, request, now) {
            Some(answer) => Outcome::Answer(answer),
            None => Outcome::Packed(Arc::clone(resource)),
        },
        Found::Entry(Entry::Promised(promise)) => match promise.head.get() {
            Some(head) => match judge(table, head, request, now) {
                Some(answer) => Outcome::Answer(answer),
                None => Outcome::Promised(Arc::clone(promise)),
            },
            // Not even its entity tag is known, which every answer must have.
            None => Outcome::Promised(Arc::clone(promise)),
        },
    }
}

/// What is to be read, or the answer that says why there is nothing to read.
enum Found<'a> {
    Entry(&'a Entry),
    Answer(Answer),
}

fn find<'a, B>(table: &'a Table, old: &ArcSwap<OldAddresses>, request: &Request<B>) -> Found<'a> {
    let method = request.method();
    if !has_good_host(request) {
        let body = "A request must name its host, once.\n";
        return Found::Answer(error(StatusCode::BAD_REQUEST, body));
    }
    if !is_known(method) {
        let body = "This method is not known here.\n";
        return Found::Answer(error(StatusCode::NOT_IMPLEMENTED, body));
    }
    // The query never selects a document: readers put random ones on to get past caches.
    let path = request.uri().path();
    if path == "*" && *method == Method::OPTIONS {
        return Found::Answer(options());
    }
    if *method == Method::CONNECT {
        return Found::Answer(not_allowed());
    }
    let found = match table.get(path) {
        Some(entry) => Ok(entry),
        None => Err(elsewhere(table, &old.load(), request)),
    };
    match (found, method) {
        (Err(None), _) => Found::Answer(not_found()),
        (_, &Method::OPTIONS) => Found::Answer(options()),
        (Ok(entry), &Method::GET | &Method::HEAD) => Found::Entry(entry),
        (Err(Some(fate)), &Method::GET | &Method::HEAD) => Found::Answer(moved(fate)),
        _ => Found::Answer(not_allowed()),
    }
}

/// RFC 9112 section 3.2: HTTP/1.1 names its host exactly once, and with nothing in it that no
/// host has. Which host it is does not matter: it reaches no byte of any answer.
fn has_good_host<B>(request: &Request<B>) -> bool {
    let mut hosts = request.headers().get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        // Nearly all are good, so that all is looked at and nothing decided in between.
        (Some(host), None) => host
            .as_bytes()
            .iter()
            .fold(true, |good, byte| good & IN_HOSTS[usize::from(*byte)]),
        (None, _) => request.version() != Version::HTTP_11,
        _ => false,
    }
}

/// The characters of a host and port (RFC 3986 section 3.2.2).
const IN_HOSTS: [bool; 256] = {
    let mut allowed = [false; 256];
    let mut byte = 0_u8;
    while byte < 0x7F {
        allowed[byte as usize] = byte.is_ascii_alphanumeric();
        byte += 1;
    }
    let punctuation = b"-._~!$&'()*+,;=:[]%";
    let mut i = 0;
    while i < punctuation.len() {
        allowed[punctuation[i] as usize] = true;
        i += 1;
    }
    allowed
};

/// Where the document is that is not at this address: under another spelling of its path, or
/// where the configuration says.
fn elsewhere<B>(table: &Table, old: &OldAddresses, request: &Request<B>) -> Option<Fate> {
    let uri = request.uri();
    let path = canonical(uri.path())?;
    if let Some(fate) = old.find(&path, uri.query()) {
        return Some(fate.clone());
    }
    if table.has_ended(&path) {
        return Some(Fate::Gone);
    }
    // Only what is in the table leaves here, so that no address of a client's making does.
    table.get(&path)?;
    let location = HeaderValue::from_str(&path).ok()?;
    Some(Fate::Moved(StatusCode::MOVED_PERMANENTLY, location))
}

/// A GET or HEAD of a document that exists. HEAD differs in nothing but the body, which
/// hyper leaves out. `None` where the document must be unpacked first.
pub(super) fn read<B>(
    table: &Table,
    resource: &Resource,
    request: &Request<B>,
    now: Timestamp,
) -> Option<Answer> {
    let head = &resource.head;
    if let Some(answer) = judge(table, head, request, now) {
        return Some(answer);
    }
    let accepted = request.headers().get_all(ACCEPT_ENCODING).iter();
    let (gzip, br) = (resource.has(Coding::Gzip), resource.has(Coding::Br));
    let coding = negotiate(accepted, gzip, br);
    let chosen = resource.representation(coding)?;
    let mut fields = chosen.fields.clone();
    if last_modified(head, now).is_none() {
        fields.remove(LAST_MODIFIED);
    }
    if let Some(field) = head.freshness.until(now, table.next_publication()) {
        fields.insert(CACHE_CONTROL, field);
    }
    let mut answer = Answer::new(StatusCode::OK, fields, chosen.body.clone());
    (answer.kind, answer.coding) = (Some(head.kind), coding);
    Some(answer)
}

/// The date that may be given out at `now`. A change in this very second would share it, so
/// it is not given out before the second is over (RFC 9110 section 8.8.2.2). That also keeps
/// it from being later than `Date`.
fn last_modified(head: &Head, now: Timestamp) -> Option<&(Timestamp, HeaderValue)> {
    head.last_modified
        .as_ref()
        .filter(|(changed, _)| *changed < now)
}

/// The answer to the preconditions of a request, where that is not the document itself.
fn judge<B>(table: &Table, head: &Head, request: &Request<B>, now: Timestamp) -> Option<Answer> {
    let last_modified = last_modified(head, now);
    let validators = Validators {
        etag: &head.etag,
        last_modified: last_modified.map(|(changed, _)| *changed),
        last_modified_field: last_modified.map(|(_, field)| field),
    };
    let mut answer = match evaluate(request.headers(), &validators) {
        Verdict::Full => return None,
        Verdict::PreconditionFailed => {
            let body = "The document is not the one the precondition names.\n";
            error(StatusCode::PRECONDITION_FAILED, body)
        }
        Verdict::NotModified => {
            let mut fields = head.not_modified.clone();
            if let Some(field) = head.freshness.until(now, table.next_publication()) {
                fields.insert(CACHE_CONTROL, field);
            }
            Answer::new(StatusCode::NOT_MODIFIED, fields, Bytes::new())
        }
    };
    answer.kind = Some(head.kind);
    Some(answer)
}

/// The methods of RFC 9110 and PATCH (RFC 5789). One of these on the wrong resource is a
/// 405; any other is a 501 (RFC 9110 section 9.1).
fn is_known(method: &Method) -> bool {
    matches!(
        *method,
        Method::GET
            | Method::HEAD
            | Method::OPTIONS
            | Method::POST
            | Method::PUT
            | Method::DELETE
            | Method::PATCH
            | Method::TRACE
            | Method::CONNECT
    )
}

fn options() -> Answer {
    let mut fields = HeaderMap::with_capacity(1);
    fields.insert(ALLOW, ALLOWED);
    Answer::new(StatusCode::NO_CONTENT, fields, Bytes::new())
}

fn not_allowed() -> Answer {
    let body = "Documents can be read, and nothing else.\n";
    error(StatusCode::METHOD_NOT_ALLOWED, body).with(ALLOW, ALLOWED)
}

fn not_found() -> Answer {
    // A feed may come to be at this address: a cache must ask again soon.
    let soon = HeaderValue::from_static("max-age=60");
    let body = "There is no document at this address.\n";
    error(StatusCode::NOT_FOUND, body).with(CACHE_CONTROL, soon)
}

fn moved(fate: Fate) -> Answer {
    // For good, but not for longer than a mistake in the configuration should live.
    let hour = HeaderValue::from_static("public, max-age=3600");
    match fate {
        Fate::Moved(status, location) => {
            let body = "The document is at another address.\n";
            error(status, body)
                .with(LOCATION, location)
                .with(CACHE_CONTROL, hour)
        }
        Fate::Gone => {
            let body = "This document was ended for good.\n";
            error(StatusCode::GONE, body).with(CACHE_CONTROL, hour)
        }
    }
}

/// 414, for a target longer than the configuration allows.
pub(super) fn target_too_long() -> Answer {
    error(StatusCode::URI_TOO_LONG, "The address is too long.\n")
}

/// 431, for more fields than the configuration allows.
pub(super) fn too_many_fields() -> Answer {
    let body = "These are too many header fields.\n";
    error(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, body)
}

/// 503, for a document that cannot be made now and of which there is no earlier one.
pub(super) fn unavailable(kind: DocumentKind) -> Answer {
    let body = "This document cannot be made at the moment.\n";
    let mut answer = error(StatusCode::SERVICE_UNAVAILABLE, body);
    answer.kind = Some(kind);
    answer.with(RETRY_AFTER, HeaderValue::from_static("10"))
}

/// 429, to a client that may come back in so many seconds.
pub(super) fn too_many(kind: Option<DocumentKind>, seconds: i64) -> Answer {
    let body = "This document was sent to you more often than it can change.\n\
                Send back its ETag in If-None-Match.\n";
    let mut answer = error(StatusCode::TOO_MANY_REQUESTS, body);
    answer.kind = kind;
    answer.with(RETRY_AFTER, HeaderValue::from(seconds))
}

/// A short answer for people, kept by no cache.
fn error(status: StatusCode, body: &'static str) -> Answer {
    let mut fields = HeaderMap::with_capacity(5);
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    fields.insert(CONTENT_TYPE, plain);
    fields.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    fields.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Answer::new(status, fields, Bytes::from_static(body.as_bytes()))
}

impl Answer {
    fn new(status: StatusCode, fields: HeaderMap, body: Bytes) -> Self {
        let length = body.len();
        let mut response = Response::new(Full::new(body));
        *response.status_mut() = status;
        *response.headers_mut() = fields;
        Self {
            response,
            kind: None,
            coding: Coding::Identity,
            length,
        }
    }

    fn with(mut self, name: hyper::header::HeaderName, value: HeaderValue) -> Self {
        self.response.headers_mut().insert(name, value);
        self
    }

    /// In HTTP/2, hyper would send the body of a HEAD, and without it no length.
    pub(super) fn finish_http2(&mut self, method: &Method) {
        if *method == Method::HEAD {
            *self.response.body_mut() = Full::default();
            if !matches!(self.response.status().as_u16(), 204 | 304) {
                let length = HeaderValue::from(self.length);
                self.response.headers_mut().insert(CONTENT_LENGTH, length);
            }
        }
    }
}
