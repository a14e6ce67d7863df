//! From a request to its answer: a list of steps, none of which waits for anything.

use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    Method, Request, Response, StatusCode,
    header::{
        ACCEPT_ENCODING, ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue, LAST_MODIFIED,
        X_CONTENT_TYPE_OPTIONS,
    },
};

use super::{
    coding::{Coding, negotiate},
    conditional::{Outcome, Validators, evaluate},
    table::{Resource, Table},
};
use crate::article::Timestamp;

/// An answer, its body shared with the edition.
pub type Answer = Response<Full<Bytes>>;

/// The methods that every document has (RFC 9110 section 9.1).
const ALLOWED: HeaderValue = HeaderValue::from_static("GET, HEAD, OPTIONS");

/// Answers a request from what `table` holds, at the instant `now`.
#[must_use]
pub fn respond<B>(table: &Table, request: &Request<B>, now: Timestamp) -> Answer {
    let method = request.method();
    if !is_known(method) {
        return error(
            StatusCode::NOT_IMPLEMENTED,
            "This method is not known here.\n",
        );
    }
    // The query never selects a document: readers put random ones on to get past caches.
    let path = request.uri().path();
    if path == "*" && method == Method::OPTIONS {
        return options();
    }
    let Some(resource) = table.get(path) else {
        return not_found();
    };
    match *method {
        Method::GET | Method::HEAD => read(table, resource, request, now),
        Method::OPTIONS => options(),
        _ => not_allowed(),
    }
}

/// A GET or HEAD of a document that exists. HEAD differs in nothing but the body, which
/// hyper leaves out.
fn read<B>(table: &Table, resource: &Resource, request: &Request<B>, now: Timestamp) -> Answer {
    // A change in this very second would share this date, so it is not given out before the
    // second is over (RFC 9110 section 8.8.2.2). It also keeps it from being later than Date.
    let last_modified = resource
        .last_modified
        .as_ref()
        .filter(|(changed, _)| *changed < now);
    let validators = Validators {
        etag: &resource.etag,
        last_modified: last_modified.map(|(changed, _)| *changed),
        last_modified_field: last_modified.map(|(_, field)| field),
    };
    let (status, mut fields, body) = match evaluate(request.headers(), &validators) {
        Outcome::PreconditionFailed => {
            let body = "The document is not the one the precondition names.\n";
            return error(StatusCode::PRECONDITION_FAILED, body);
        }
        Outcome::NotModified => (
            StatusCode::NOT_MODIFIED,
            resource.not_modified.clone(),
            Bytes::new(),
        ),
        Outcome::Full => {
            let accepted = request.headers().get_all(ACCEPT_ENCODING).iter();
            let (gzip, br) = (resource.has(Coding::Gzip), resource.has(Coding::Br));
            let chosen = resource.representation(negotiate(accepted, gzip, br));
            let mut fields = chosen.fields.clone();
            if let Some((_, field)) = last_modified {
                fields.insert(LAST_MODIFIED, field.clone());
            }
            (StatusCode::OK, fields, chosen.body.clone())
        }
    };
    fields.insert(
        CACHE_CONTROL,
        resource.freshness.field(now, table.next_publication()),
    );
    let mut answer = Response::new(Full::new(body));
    *answer.status_mut() = status;
    *answer.headers_mut() = fields;
    answer
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
    let mut answer = Response::new(Full::default());
    *answer.status_mut() = StatusCode::NO_CONTENT;
    answer.headers_mut().insert(ALLOW, ALLOWED);
    answer
}

fn not_allowed() -> Answer {
    let body = "Documents can be read, and nothing else.\n";
    let mut answer = error(StatusCode::METHOD_NOT_ALLOWED, body);
    answer.headers_mut().insert(ALLOW, ALLOWED);
    answer
}

fn not_found() -> Answer {
    let mut answer = error(
        StatusCode::NOT_FOUND,
        "There is no document at this address.\n",
    );
    // An article's feed may come to be: a cache must ask again soon.
    answer
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("max-age=60"));
    answer
}

/// A short answer for people, kept by no cache.
fn error(status: StatusCode, body: &'static str) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::from_static(body.as_bytes())));
    *answer.status_mut() = status;
    let fields = answer.headers_mut();
    fields.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    fields.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    fields.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}
