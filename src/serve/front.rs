//! The side that clients see: what it takes to answer any of them, and what is noted of it.

use std::{
    cell::RefCell,
    io,
    net::IpAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use arc_swap::ArcSwap;
use chrono::Utc;
use hyper::{
    Method, Request, StatusCode, Version,
    body::Body,
    header::{CONNECTION, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, USER_AGENT, VIA},
};
use nix::sys::resource::{Resource, getrlimit, setrlimit};

use super::{
    Current,
    address::OldAddresses,
    client::{Peer, Quota, Reader, client},
    on_request::Wanted,
    record::{AccessLog, Counters, Line},
    respond::{self, Answer, Outcome, respond},
    table::set_date,
};
use crate::{
    article::Timestamp,
    config::{Legacy, Limits, ServerConfig, TrustedProxies},
};

/// Everything that connections share.
pub struct Front {
    current: Current,
    old: ArcSwap<OldAddresses>,
    limits: Limits,
    connections: usize,
    trusted_proxies: TrustedProxies,
    quota: Option<Quota>,
    counters: Arc<Counters>,
    log: Option<AccessLog>,
    complain: fn(&str),
    complaints: AtomicU64,
}

/// An answer, or one that is still to come.
pub(super) enum Answered {
    Now(hyper::Response<respond::Payload>),
    Later(Pin<Box<dyn Future<Output = hyper::Response<respond::Payload>> + Send>>),
}

/// Descriptors that are left for other things than connections: the store, the log, the
/// origin, listeners.
const OTHER_DESCRIPTORS: u64 = 64;

impl Front {
    /// Makes ready to serve `current` as the configuration has it. `complain` gets what an
    /// operator must know, a line at a time; it may block.
    ///
    /// # Errors
    /// When the access log cannot be opened.
    pub fn open(
        config: &ServerConfig,
        current: Current,
        complain: fn(&str),
    ) -> io::Result<Arc<Self>> {
        Self::counting(config, current, complain, Arc::default())
    }

    /// The one that takes over from this with another configuration, and counts on.
    ///
    /// # Errors
    /// When the access log cannot be opened.
    pub fn succeed(&self, config: &ServerConfig) -> io::Result<Arc<Self>> {
        let (current, counters) = (self.current.clone(), Arc::clone(&self.counters));
        Self::counting(config, current, self.complain, counters)
    }

    fn counting(
        config: &ServerConfig,
        current: Current,
        complain: fn(&str),
        counters: Arc<Counters>,
    ) -> io::Result<Arc<Self>> {
        let quota = config.limits.full_answers_per_hour;
        Ok(Arc::new(Self {
            current,
            old: ArcSwap::from_pointee(OldAddresses::of(&config.legacy)),
            connections: affordable(config.limits.connections),
            limits: config.limits,
            trusted_proxies: config.trusted_proxies.clone(),
            quota: (quota > 0).then(|| Quota::new(quota)),
            counters,
            log: config
                .access_log
                .as_ref()
                .map(AccessLog::open)
                .transpose()?,
            complain,
            complaints: AtomicU64::new(0),
        }))
    }

    /// What is served.
    #[must_use]
    pub const fn current(&self) -> &Current {
        &self.current
    }

    /// What was done so far.
    #[must_use]
    pub const fn counters(&self) -> &Arc<Counters> {
        &self.counters
    }

    /// The access log, if one is kept.
    #[must_use]
    pub const fn access_log(&self) -> Option<&AccessLog> {
        self.log.as_ref()
    }

    /// How many connections there may be at once: fewer than configured when the process may
    /// not have as many descriptors.
    #[must_use]
    pub const fn connections(&self) -> usize {
        self.connections
    }

    /// Replaces the aliases and what is gone, as when the configuration was read anew.
    pub fn set_legacy(&self, legacy: &Legacy) {
        self.old.store(Arc::new(OldAddresses::of(legacy)));
    }

    pub(super) const fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(super) const fn trusted_proxies(&self) -> &TrustedProxies {
        &self.trusted_proxies
    }

    /// Tells the operator, on a thread that may wait. Two at once would be a storm.
    pub(super) fn complain(self: &Arc<Self>, message: String) {
        if self.complaints.fetch_add(1, Relaxed) == 0 {
            let front = Arc::clone(self);
            tokio::task::spawn_blocking(move || {
                (front.complain)(&message);
                front.complaints.store(0, Relaxed);
            });
        }
    }

    /// Answers a request that `peer` has sent, and takes note of it: at once, unless what it
    /// asks for must be made first.
    pub(super) fn answer<B: Body + Send + 'static>(
        self: &Arc<Self>,
        peer: Peer,
        request: Request<B>,
    ) -> Answered {
        let now = Timestamp::now();
        match self.decide(&request, now) {
            Outcome::Answer(answer) => Answered::Now(self.finish(peer, &request, answer, now)),
            Outcome::Promised(promise) => self.later(peer, request, Wanted::Promise(promise)),
            Outcome::Packed(resource) => self.later(peer, request, Wanted::Plain(resource)),
        }
    }

    fn later<B: Body + Send + 'static>(
        self: &Arc<Self>,
        peer: Peer,
        request: Request<B>,
        wanted: Wanted,
    ) -> Answered {
        Answered::Later(Box::pin(Arc::clone(self).wait(peer, request, wanted)))
    }

    /// Answers a request for a document that must be made or unpacked first.
    async fn wait<B: Body + Send>(
        self: Arc<Self>,
        peer: Peer,
        request: Request<B>,
        wanted: Wanted,
    ) -> hyper::Response<respond::Payload> {
        let table = self.current.table.load_full();
        let made = self.current.on_request.get(&wanted, table.workshop()).await;
        let now = Timestamp::now();
        let answer = made.and_then(|resource| {
            respond::read(&table, &resource, &request, now)
                .ok_or_else(|| format!("{} cannot be unpacked", request.uri().path()))
        });
        let answer = answer.unwrap_or_else(|reason| {
            self.complain(reason);
            respond::unavailable(wanted.kind())
        });
        self.finish(peer, &request, answer, now)
    }

    fn decide<B>(&self, request: &Request<B>, now: Timestamp) -> Outcome {
        let target = request.uri().path_and_query();
        if target.is_some_and(|target| target.as_str().len() > self.limits.target_bytes) {
            return Outcome::Answer(respond::target_too_long());
        }
        // In HTTP/1 hyper counts them as they come.
        if request.version() == Version::HTTP_2
            && request.headers().len() > self.limits.header_fields
        {
            return Outcome::Answer(respond::too_many_fields());
        }
        respond(&self.current.table.load(), &self.old, request, now)
    }

    fn finish<B: Body>(
        &self,
        peer: Peer,
        request: &Request<B>,
        mut answer: Answer,
        now: Timestamp,
    ) -> hyper::Response<respond::Payload> {
        if let (Some(quota), Some(_)) = (&self.quota, answer.kind)
            && answer.response.status() == StatusCode::OK
            && *request.method() == Method::GET
            && let Err(seconds) = self.take(quota, peer, request, now)
        {
            answer = respond::too_many(answer.kind, seconds);
        }
        if request.version() == Version::HTTP_2 {
            answer.finish_http2(request.method());
        } else if request.body().size_hint().exact() != Some(0) {
            // Nobody reads the body, and what follows it must not be taken for a request.
            let fields = answer.response.headers_mut();
            fields.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        set_date(answer.response.headers_mut(), date(now));
        self.note(peer, request, &answer);
        answer.response
    }

    /// Counts a full answer against the client's quota, unless it showed a validator or may
    /// be many clients in one: a proxy, or the private side of a network.
    fn take<B>(
        &self,
        quota: &Quota,
        peer: Peer,
        request: &Request<B>,
        now: Timestamp,
    ) -> Result<(), i64> {
        let fields = request.headers();
        let shows_validator =
            fields.contains_key(IF_NONE_MATCH) || fields.contains_key(IF_MODIFIED_SINCE);
        if shows_validator || fields.contains_key(VIA) {
            return Ok(());
        }
        let client = client(peer, fields, &self.trusted_proxies);
        match client.address() {
            Some(address) if !client.is_trusted(&self.trusted_proxies) && !is_private(address) => {
                let program = fields
                    .get(USER_AGENT)
                    .map_or(&b""[..], HeaderValue::as_bytes);
                quota.take(address, program, request.uri().path(), now)
            }
            _ => Ok(()),
        }
    }

    fn note<B>(&self, peer: Peer, request: &Request<B>, answer: &Answer) {
        let status = answer.response.status();
        let bytes = if *request.method() == Method::HEAD {
            0
        } else {
            answer.response.body().size_hint().exact().unwrap_or(0)
        };
        let agent = request.headers().get(USER_AGENT);
        let reader = Reader::of(agent.map_or(&b""[..], HeaderValue::as_bytes));
        self.counters
            .request(answer.kind, reader, status, answer.coding, bytes);
        if let Some(log) = &self.log {
            log.write(status, || Line {
                client: client(peer, request.headers(), &self.trusted_proxies).address(),
                method: request.method(),
                target: request.uri(),
                version: request.version(),
                fields: request.headers(),
                status,
                bytes,
                kind: answer.kind,
                coding: answer.coding,
                time: Utc::now(),
            });
        }
    }
}

/// Addresses that stand for a network behind a translator, and not for a client.
const fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let [a, b, ..] = address.octets();
            let is_carrier_grade = a == 100 && b & 0xC0 == 64;
            address.is_private()
                || address.is_loopback()
                || address.is_link_local()
                || is_carrier_grade
        }
        IpAddr::V6(address) => {
            address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()
        }
    }
}

/// As many connections as there are descriptors for, at most `wanted`, after asking the
/// system for as many as it grants. Past that, `accept` would fail.
fn affordable(wanted: usize) -> usize {
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else {
        return wanted;
    };
    let needed = (wanted as u64).saturating_add(OTHER_DESCRIPTORS);
    let granted = needed.clamp(soft.min(hard), hard);
    let granted = match setrlimit(Resource::RLIMIT_NOFILE, granted, hard) {
        Ok(()) => granted,
        Err(_) => soft,
    };
    let left = granted.saturating_sub(OTHER_DESCRIPTORS).max(1);
    wanted.min(usize::try_from(left).unwrap_or(usize::MAX))
}

/// The field for `now`, made once a second and thread. hyper's own is kept until the clock
/// passes a second that it has seen, so that a clock that was ahead and is set right leaves
/// a `Date` in the future (RFC 9110 section 6.6.1).
fn date(now: Timestamp) -> HeaderValue {
    const EPOCH: HeaderValue = HeaderValue::from_static("Thu, 01 Jan 1970 00:00:00 GMT");
    thread_local! {
        static LAST: RefCell<(Timestamp, HeaderValue)> =
            const { RefCell::new((Timestamp::MIN, EPOCH)) };
    }
    LAST.with_borrow_mut(|(second, field)| {
        if *second != now
            && let Ok(fresh) = HeaderValue::from_str(&now.rfc822())
        {
            (*second, *field) = (now, fresh);
        }
        field.clone()
    })
}
