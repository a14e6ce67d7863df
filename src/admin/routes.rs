//! From an operator's request to its answer.

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{
    Method, Request, Response, StatusCode,
    header::{
        ACCEPT, ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName,
        HeaderValue, LOCATION, REFERRER_POLICY, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
        X_FRAME_OPTIONS,
    },
};

use super::{Desk, access, metrics, page, status};
use crate::{
    article::Timestamp,
    refresh::{Ending, Phase, Purpose, Report},
};

pub(super) type Answer = Response<Full<Bytes>>;

const TEXT: &str = "text/plain; charset=utf-8";
const JSON: &str = "application/json";
const HTML: &str = "text/html; charset=utf-8";
const PROBLEM: &str = "application/problem+json";

/// Answers a request. What fails is told in words, or as a problem to who asks for JSON.
pub(super) async fn answer<B>(desk: &Desk, request: &Request<B>) -> Answer {
    let answer = route(desk, request).await;
    let failed = answer.status().is_client_error() || answer.status().is_server_error();
    if failed && (wants_json(request) || accepts(request, PROBLEM)) {
        return problem(answer).await;
    }
    answer
}

/// The same failure as an object (RFC 9457 section 3). Its type is the status and no more, so
/// that its title is the phrase of that (section 4.2.1).
async fn problem(answer: Answer) -> Answer {
    let (mut head, body) = answer.into_parts();
    let words = body.collect().await.unwrap_or_default().to_bytes();
    let problem = serde_json::json!({
        "type": "about:blank",
        "title": head.status.canonical_reason().unwrap_or_default(),
        "status": head.status.as_u16(),
        "detail": String::from_utf8_lossy(&words).trim_end(),
    });
    head.headers
        .insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM));
    Response::from_parts(head, Full::new(Bytes::from(format!("{problem}\n"))))
}

/// `/live` and `/ready` are open to everybody who gets here, since probes have no token.
async fn route<B>(desk: &Desk, request: &Request<B>) -> Answer {
    let method = request.method();
    let reads = matches!(*method, Method::GET | Method::HEAD);
    let path = request.uri().path();
    match path {
        "/live" if reads => return plain(StatusCode::OK, "live\n"),
        "/ready" if reads => return ready(desk),
        _ => {}
    }
    if !access::is_known(desk, request.headers()) {
        return unauthorised();
    }
    if !access::is_answered(desk, request.headers()) {
        return plain(
            StatusCode::FORBIDDEN,
            "Without a token, ask by number or by localhost: another name may be anyone's.\n",
        );
    }
    match (path, method) {
        ("/", _) if reads => redirect("/status"),
        ("/metrics", _) if reads => {
            let text = metrics::render(
                &desk.board,
                &desk.counters,
                desk.dropped_lines.dropped_lines(),
            );
            if accepts(request, metrics::OPEN_METRICS) {
                return body(StatusCode::OK, metrics::OPEN_METRICS_TYPE, text);
            }
            body(
                StatusCode::OK,
                metrics::TEXT_TYPE,
                metrics::to_text_format(&text),
            )
        }
        ("/status", _) if reads && wants_json(request) => json_status(desk),
        ("/status.json", _) if reads => json_status(desk),
        ("/status", _) if reads => {
            let standing = desk.board.standing();
            let html = page::render(
                &standing,
                &desk.counters.snapshot(),
                desk.board.read_so_far(),
                desk.token.is_some(),
                Timestamp::now(),
            );
            body(StatusCode::OK, HTML, html)
        }
        ("/refresh", &Method::POST) => order(desk, request, Purpose::Publish).await,
        ("/accept", &Method::POST) => order(desk, request, Purpose::Accept).await,
        ("/refresh" | "/accept", _) => not_allowed("POST"),
        ("/live" | "/ready" | "/" | "/metrics" | "/status" | "/status.json", _) => {
            not_allowed("GET, HEAD")
        }
        _ => plain(
            StatusCode::NOT_FOUND,
            "There is /live, /ready, /metrics, /status, and POST /refresh and /accept.\n",
        ),
    }
}

/// Whether an edition is loaded; never the origin or the store, whose failure would take
/// every replica out at once. Not ready from the signal to stop on, so that a balancer looks
/// elsewhere before connections are refused.
fn ready(desk: &Desk) -> Answer {
    match desk.board.standing().phase {
        Phase::Ready => plain(StatusCode::OK, "ready\n"),
        Phase::Starting => plain(
            StatusCode::SERVICE_UNAVAILABLE,
            "starting: no edition yet\n",
        ),
        Phase::Stopping => plain(StatusCode::SERVICE_UNAVAILABLE, "stopping\n"),
    }
}

/// Gives an order and waits for its outcome. A person in a browser is led back to the page.
async fn order<B>(desk: &Desk, request: &Request<B>, purpose: Purpose) -> Answer {
    if access::is_foreign(request.headers()) {
        return plain(
            StatusCode::FORBIDDEN,
            "This was sent by another site's page.\n",
        );
    }
    let Some(report) = desk.orders.refresh(purpose).await else {
        return plain(
            StatusCode::SERVICE_UNAVAILABLE,
            "busy, or stopping; ask again later\n",
        );
    };
    if accepts(request, "text/html") {
        return redirect("/status");
    }
    let Report { ending, message } = report;
    let status = match ending {
        Ending::Refreshed => StatusCode::OK,
        Ending::Held => StatusCode::CONFLICT,
        Ending::Failed => StatusCode::BAD_GATEWAY,
    };
    plain(status, message + "\n")
}

fn json_status(desk: &Desk) -> Answer {
    let standing = desk.board.standing();
    let requests = desk.counters.snapshot();
    let read = desk.board.read_so_far();
    let text = status::json(&standing, &requests, read, Timestamp::now());
    body(StatusCode::OK, JSON, text)
}

fn wants_json<B>(request: &Request<B>) -> bool {
    accepts(request, JSON) && !accepts(request, "text/html")
}

fn accepts<B>(request: &Request<B>, media_type: &str) -> bool {
    let accept = request
        .headers()
        .get(ACCEPT)
        .and_then(|field| field.to_str().ok());
    accept.is_some_and(|accept| accept.contains(media_type))
}

fn unauthorised() -> Answer {
    let text = "Show the token of [admin]: Authorization: Bearer TOKEN\n";
    let mut answer = plain(StatusCode::UNAUTHORIZED, text);
    let challenge = HeaderValue::from_static("Basic realm=\"Dateline\", charset=\"UTF-8\"");
    answer.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    answer
}

fn not_allowed(methods: &'static str) -> Answer {
    let mut answer = plain(StatusCode::METHOD_NOT_ALLOWED, "Not with this method.\n");
    answer
        .headers_mut()
        .insert(ALLOW, HeaderValue::from_static(methods));
    answer
}

fn redirect(to: &'static str) -> Answer {
    let mut answer = plain(StatusCode::SEE_OTHER, "");
    answer
        .headers_mut()
        .insert(LOCATION, HeaderValue::from_static(to));
    answer
}

fn plain(status: StatusCode, text: impl Into<String>) -> Answer {
    body(status, TEXT, text.into())
}

fn body(status: StatusCode, media_type: &'static str, text: String) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::from(text)));
    *answer.status_mut() = status;
    for (name, value) in [
        (CONTENT_TYPE, media_type),
        (CACHE_CONTROL, "no-store"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "same-origin"),
        (CONTENT_SECURITY_POLICY, POLICY),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ] {
        answer
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    answer
}

/// The page has one style element and no script.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";
