//! How an origin looks, as one small question tells.

use std::{
    io::{self, Read as _},
    time::{Duration, Instant},
};

use hyper::{
    HeaderMap, StatusCode,
    header::{self, HeaderName, HeaderValue},
};

use super::session::{Refusal, Session};
use crate::{
    article::AbsoluteUrl,
    config::Preset,
    outbound::{Opened, shown},
};

/// Fields in which the number of articles may stand, which is news where the body is not.
const TOTALS: [&str; 2] = ["x-wp-total", "x-total-count"];

/// How the origin looked.
#[derive(Debug, Clone)]
pub(super) struct Look {
    at: Instant,
    /// A hash of what it said, or why it said nothing.
    pub(super) said: String,
    /// What asks whether that still holds.
    conditions: HeaderMap,
    /// What was asked, if it was answered.
    probe: Option<AbsoluteUrl>,
    /// Whether the origin has ever answered that nothing changed: then its validators are true.
    is_confirmed: bool,
}

impl Look {
    /// Asks `probe`; where that was answered `before`, whether the answer still holds.
    pub(super) fn ask(
        session: &Session,
        preset: Preset,
        probe: AbsoluteUrl,
        before: Option<&Self>,
    ) -> Result<Self, Refusal> {
        let before = before.filter(|before| before.probe.as_ref() == Some(&probe));
        let none = HeaderMap::new();
        let conditions = before.map_or(&none, |before| &before.conditions);
        let is_confirmed = before.is_some_and(|before| before.is_confirmed);
        let (headers, said) = match preset {
            Preset::Ndjson => ask_lines(
                session,
                &probe,
                conditions,
                before.is_none() || is_confirmed,
            ),
            _ => ask_whole(session, &probe, conditions),
        }?;
        Ok(match (said, before) {
            (None, Some(before)) => Self {
                is_confirmed: true,
                ..before.again()
            },
            (said, _) => Self {
                at: Instant::now(),
                said: said.unwrap_or_default(),
                conditions: conditions_of(&headers),
                probe: Some(probe),
                is_confirmed,
            },
        })
    }

    /// An origin that does not answer looks otherwise than one that does.
    pub(super) fn failed(why: String) -> Self {
        Self {
            at: Instant::now(),
            said: why,
            conditions: HeaderMap::new(),
            probe: None,
            is_confirmed: false,
        }
    }

    /// The same, seen now.
    pub(super) fn again(&self) -> Self {
        Self {
            at: Instant::now(),
            ..self.clone()
        }
    }

    /// Whether it need not be asked yet. A timer that wakes for this may be early by a little.
    pub(super) fn is_fresh(&self, interval: Duration) -> bool {
        self.at.elapsed() < interval / 10 * 9
    }
}

/// The fields of an answer and a hash of what it says; `None` where that still holds.
type Said = (HeaderMap, Option<String>);

fn ask_whole(
    session: &Session,
    probe: &AbsoluteUrl,
    conditions: &HeaderMap,
) -> Result<Said, Refusal> {
    let answer = session.ask(probe, conditions)?;
    match answer.status {
        StatusCode::OK => {
            let said = hash(&answer.headers, &answer.body);
            Ok((answer.headers, Some(said)))
        }
        StatusCode::NOT_MODIFIED if !conditions.is_empty() => Ok((answer.headers, None)),
        _ => Err(session.fault(&answer).into()),
    }
}

/// The same of lines, which may be a whole catalogue: where validators may be `believed`, no more
/// than the head is read.
fn ask_lines(
    session: &Session,
    probe: &AbsoluteUrl,
    conditions: &HeaderMap,
    believed: bool,
) -> Result<Said, Refusal> {
    let opened = session.open(probe, conditions)?;
    let headers = opened.headers.clone();
    match opened.status {
        StatusCode::OK => Ok((headers, Some(lines(session, opened, believed)?))),
        StatusCode::NOT_MODIFIED if !conditions.is_empty() => Ok((headers, None)),
        _ => Err(session.fault(&session.finish(opened)?).into()),
    }
}

/// A hash of what an answer says.
fn hash(headers: &HeaderMap, body: &[u8]) -> String {
    let mut hasher = blake3::Hasher::new();
    let totals = TOTALS.iter().filter_map(|name| headers.get(*name));
    for total in totals {
        hasher.update(total.as_bytes());
    }
    hasher.update(body);
    hasher.finalize().to_hex().to_string()
}

/// The same of lines: validators that are `believed` stand for them. An origin that answers a condition with the whole may have validators that
/// never change, or always do.
fn lines(session: &Session, opened: Opened, believed: bool) -> Result<String, Refusal> {
    let validators = conditions_of(&opened.headers);
    if believed && !validators.is_empty() {
        let validators: Vec<&[u8]> = validators.values().map(HeaderValue::as_bytes).collect();
        return Ok(hash(&opened.headers, &validators.join(&b'\n')));
    }
    let (answer, body) = session.stream(opened)?;
    let limit = session.max_bytes as u64;
    let failed = |what: String| Refusal::from(format!("{} {what}", shown(&answer.url)));
    let mut hasher = blake3::Hasher::new();
    let read = io::copy(&mut body.take(limit.saturating_add(1)), &mut hasher)
        .map_err(|error| failed(format!("breaks off: {error}")))?;
    if read > limit {
        return Err(failed(format!("sends more than {limit} bytes")));
    }
    Ok(hash(&answer.headers, hasher.finalize().as_bytes()))
}

/// What asks whether an answer with these fields still holds (RFC 9110 section 13.1).
fn conditions_of(headers: &HeaderMap) -> HeaderMap {
    let mut conditions = HeaderMap::new();
    let mut add = |from: HeaderName, to: HeaderName| {
        if let Some(value) = headers.get(from) {
            conditions.insert(to, value.clone());
        }
    };
    add(header::ETAG, header::IF_NONE_MATCH);
    add(header::LAST_MODIFIED, header::IF_MODIFIED_SINCE);
    conditions
}
