//! How an origin looks, as one small question tells.

use std::{
    io::{self, Read as _},
    time::{Duration, Instant},
};

use hyper::{
    HeaderMap, StatusCode,
    header::{self, HeaderName},
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
        let opened = session.open(&probe, conditions)?;
        match (opened.status, before) {
            (StatusCode::NOT_MODIFIED, Some(before)) => Ok(before.again()),
            (StatusCode::OK, _) => Ok(Self {
                at: Instant::now(),
                conditions: conditions_of(&opened.headers),
                said: hash(session, preset, opened)?,
                probe: Some(probe),
            }),
            _ => Err(session.fault(&session.finish(opened)?).into()),
        }
    }

    /// An origin that does not answer looks otherwise than one that does.
    pub(super) fn failed(why: String) -> Self {
        Self {
            at: Instant::now(),
            said: why,
            conditions: HeaderMap::new(),
            probe: None,
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

/// A hash of what the answer says. Lines may be a whole catalogue: where there is a validator,
/// that stands for them.
fn hash(session: &Session, preset: Preset, opened: Opened) -> Result<String, Refusal> {
    let mut hasher = blake3::Hasher::new();
    let totals = TOTALS.iter();
    for total in totals.filter_map(|name| opened.headers.get(*name)) {
        hasher.update(total.as_bytes());
    }
    if preset != Preset::Ndjson {
        hasher.update(&session.finish(opened)?.body);
        return Ok(hasher.finalize().to_hex().to_string());
    }
    let validators = conditions_of(&opened.headers);
    if validators.is_empty() {
        let (answer, body) = session.stream(opened)?;
        let limit = session.max_bytes as u64;
        let failed = |what: String| Refusal::from(format!("{} {what}", shown(&answer.url)));
        let read = io::copy(&mut body.take(limit + 1), &mut hasher)
            .map_err(|error| failed(format!("breaks off: {error}")))?;
        if read > limit {
            return Err(failed(format!("sends more than {limit} bytes")));
        }
    }
    for validator in validators.values() {
        hasher.update(validator.as_bytes());
    }
    Ok(hasher.finalize().to_hex().to_string())
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
