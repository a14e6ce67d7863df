//! How an origin looks, as one small question tells.

use std::time::{Duration, Instant};

use hyper::{
    HeaderMap, StatusCode,
    header::{self, HeaderName},
};

use super::session::{Refusal, Session};
use crate::{article::AbsoluteUrl, outbound::Answer};

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
        probe: AbsoluteUrl,
        before: Option<&Self>,
    ) -> Result<Self, Refusal> {
        let before = before.filter(|before| before.probe.as_ref() == Some(&probe));
        let none = HeaderMap::new();
        let conditions = before.map_or(&none, |before| &before.conditions);
        let answer = session.ask(&probe, conditions)?;
        match (answer.status, before) {
            (StatusCode::NOT_MODIFIED, Some(before)) => Ok(before.again()),
            (StatusCode::OK, _) => Ok(Self {
                at: Instant::now(),
                said: hash(&answer),
                conditions: conditions_of(&answer),
                probe: Some(probe),
            }),
            _ => Err(session.fault(&answer).into()),
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

fn hash(answer: &Answer) -> String {
    let mut hasher = blake3::Hasher::new();
    for total in TOTALS.iter().filter_map(|name| answer.headers.get(*name)) {
        hasher.update(total.as_bytes());
    }
    hasher.update(&answer.body);
    hasher.finalize().to_hex().to_string()
}

/// What asks whether `answer` still holds (RFC 9110 section 13.1).
fn conditions_of(answer: &Answer) -> HeaderMap {
    let mut conditions = HeaderMap::new();
    let mut add = |from: HeaderName, to: HeaderName| {
        if let Some(value) = answer.headers.get(from) {
            conditions.insert(to, value.clone());
        }
    };
    add(header::ETAG, header::IF_NONE_MATCH);
    add(header::LAST_MODIFIED, header::IF_MODIFIED_SINCE);
    conditions
}
