//! One question over HTTP, with all that limits what it may cost.

use std::{
    io::{BufReader, Read},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty, LengthLimitError, Limited};
use hyper::{
    HeaderMap, Request, Response, StatusCode,
    body::Incoming,
    header::{self, HeaderValue},
};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use tokio::{
    runtime::Runtime,
    time::{Instant, timeout, timeout_at},
};

use super::{
    FetchError, Limits, Rules,
    decode::{ACCEPTED, Undecodable, decode, reader},
    dial::{Dialer, Network, System},
    stream::Stream,
};
use crate::article::AbsoluteUrl;

/// Of the body of an answer that is a fault, which only explains.
const EXPLANATION_BYTES: usize = 64 * 1024;

/// What was fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// Where it was in the end.
    pub url: AbsoluteUrl,
    /// The body, unpacked.
    pub body: Bytes,
}

/// An answer of any status but a redirect.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Where it came from in the end.
    pub url: AbsoluteUrl,
    /// What it says.
    pub status: StatusCode,
    /// Its fields.
    pub headers: HeaderMap,
    /// The body, unpacked; of a fault, as much of it as explains.
    pub body: Bytes,
}

/// An answer of any status but a redirect, of which no more than the head was read.
#[derive(Debug)]
pub struct Opened {
    /// Where it came from in the end.
    pub url: AbsoluteUrl,
    /// What it says.
    pub status: StatusCode,
    /// Its fields.
    pub headers: HeaderMap,
    body: Incoming,
    began: Instant,
}

impl Opened {
    /// The answer without its body, and the body as it comes, unpacked. Of any length: whoever
    /// reads it sets the limit of that; packed it may have `limit` bytes. To read it blocks, on
    /// `runtime`; where nothing comes for `silence`, or it is not over at `end`, that is an error.
    ///
    /// # Errors
    /// [`FetchError`], where its coding was not asked for.
    pub fn stream(
        self,
        runtime: &Runtime,
        silence: Duration,
        (limit, end): (usize, std::time::Instant),
    ) -> Result<(Answer, BufReader<Box<dyn Read + '_>>), FetchError> {
        let coding = coding(&self.headers).to_owned();
        let stream = Stream::new(runtime, self.body, silence, (limit as u64, end));
        let body = match reader(stream, &coding) {
            Ok(body) => BufReader::new(body),
            Err(cause) => return Err(unreachable(&self.url, cause)),
        };
        let answer = Answer {
            url: self.url,
            status: self.status,
            headers: self.headers,
            body: Bytes::new(),
        };
        Ok((answer, body))
    }
}

/// Fetches documents within limits.
#[derive(Debug, Clone)]
pub struct Fetcher {
    client: Client<HttpsConnector<Dialer>, Empty<Bytes>>,
    limits: Limits,
}

impl Fetcher {
    /// Goes wherever it is told to, for what the operator names on the command line. Trusts
    /// the certificates that the system trusts.
    ///
    /// # Errors
    /// When those cannot be read.
    pub fn new(limits: Limits) -> std::io::Result<Self> {
        Self::dialing(Dialer::new(None, Arc::new(System)), limits)
    }

    /// Goes only where `rules` allow, redirects included.
    ///
    /// # Errors
    /// As for [`Fetcher::new`].
    pub fn guarded(limits: Limits, rules: Rules) -> std::io::Result<Self> {
        Self::on(Arc::new(System), limits, rules)
    }

    pub(super) fn on(
        network: Arc<dyn Network>,
        limits: Limits,
        rules: Rules,
    ) -> std::io::Result<Self> {
        Self::dialing(Dialer::new(Some(rules), network), limits)
    }

    fn dialing(dialer: Dialer, limits: Limits) -> std::io::Result<Self> {
        let connector = HttpsConnectorBuilder::new()
            .with_native_roots()?
            .https_or_http()
            .enable_http1()
            .wrap_connector(dialer);
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Ok(Self { client, limits })
    }

    /// Fetches what is at `url`, following redirects.
    ///
    /// # Errors
    /// [`FetchError`], also where the status is not 200.
    pub async fn get(&self, url: &AbsoluteUrl) -> Result<Fetched, FetchError> {
        let answer = self.ask(url, &HeaderMap::new()).await?;
        if answer.status != StatusCode::OK {
            return Err(FetchError::Status {
                url: shown(&answer.url),
                status: answer.status.as_u16(),
            });
        }
        let Answer { url, body, .. } = answer;
        Ok(Fetched { url, body })
    }

    /// Asks for what is at `url`, following redirects. `fields` may hold secrets: they are
    /// sent to the origin (RFC 6454) of `url` and not to another one that it leads to.
    ///
    /// # Errors
    /// [`FetchError`]; a status of any kind is none.
    pub async fn ask(&self, url: &AbsoluteUrl, fields: &HeaderMap) -> Result<Answer, FetchError> {
        let opened = self.open(url, fields).await?;
        self.finish(opened).await
    }

    /// Asks in the same way, and reads no more than the head of the answer.
    ///
    /// # Errors
    /// As for [`Fetcher::ask`].
    pub async fn open(&self, url: &AbsoluteUrl, fields: &HeaderMap) -> Result<Opened, FetchError> {
        let Limits { time, .. } = self.limits;
        timeout(time, self.follow(url, fields))
            .await
            .unwrap_or_else(|_| Err(too_slow(url, time)))
    }

    /// Reads the body, within what is left of the time of the question.
    ///
    /// # Errors
    /// As for [`Fetcher::ask`].
    pub async fn finish(&self, opened: Opened) -> Result<Answer, FetchError> {
        let Limits { time, .. } = self.limits;
        let (url, end) = (opened.url.clone(), opened.began + time);
        timeout_at(end, self.collect(opened))
            .await
            .unwrap_or_else(|_| Err(too_slow(&url, time)))
    }

    async fn follow(&self, first: &AbsoluteUrl, fields: &HeaderMap) -> Result<Opened, FetchError> {
        let (mut url, none, began) = (first.clone(), HeaderMap::new(), Instant::now());
        for _ in 0..=self.limits.redirects {
            let own = url.same_origin(first);
            let response = self.request(&url, if own { fields } else { &none }).await?;
            let status = response.status();
            if !status.is_redirection() || status == StatusCode::NOT_MODIFIED {
                let (head, body) = response.into_parts();
                return Ok(Opened {
                    url,
                    status,
                    headers: head.headers,
                    body,
                    began,
                });
            }
            url = elsewhere(&url, response.headers())?;
        }
        Err(FetchError::Redirect {
            url: shown(&url),
            fault: "once more, after too many times",
        })
    }

    async fn request(
        &self,
        url: &AbsoluteUrl,
        fields: &HeaderMap,
    ) -> Result<Response<Incoming>, FetchError> {
        let mut request = Request::get(url.as_str())
            .body(Empty::new())
            .map_err(|error| unreachable(url, error.to_string()))?;
        let agent = concat!("Dateline/", env!("CARGO_PKG_VERSION"));
        let sent = request.headers_mut();
        sent.insert(header::USER_AGENT, HeaderValue::from_static(agent));
        sent.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(ACCEPTED));
        for (name, value) in fields {
            sent.insert(name, value.clone());
        }
        let Limits { head, .. } = self.limits;
        match timeout(head, self.client.request(request)).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(unreachable(url, innermost(&error))),
            Err(_) => Err(too_slow(url, head)),
        }
    }

    async fn collect(&self, opened: Opened) -> Result<Answer, FetchError> {
        let Opened {
            url,
            status,
            headers,
            body,
            ..
        } = opened;
        let is_fault = status.is_client_error() || status.is_server_error();
        let limit = self.limits.bytes;
        let body = if is_fault {
            let some = Limited::new(body, EXPLANATION_BYTES).collect().await;
            some.map(http_body_util::Collected::to_bytes)
                .unwrap_or_default()
        } else {
            match Limited::new(body, limit).collect().await {
                Ok(body) => body.to_bytes(),
                Err(error) if error.is::<LengthLimitError>() => {
                    return Err(too_large(&url, limit));
                }
                Err(error) => return Err(unreachable(&url, innermost(&*error))),
            }
        };
        let body = match decode(body, coding(&headers), limit) {
            Ok(body) => body,
            Err(_) if is_fault => Bytes::new(),
            Err(Undecodable::TooLarge) => return Err(too_large(&url, limit)),
            Err(Undecodable::Broken(cause)) => return Err(unreachable(&url, cause)),
        };
        Ok(Answer {
            url,
            status,
            headers,
            body,
        })
    }
}

fn coding(headers: &HeaderMap) -> &str {
    let coding = headers.get(header::CONTENT_ENCODING);
    coding
        .and_then(|coding| coding.to_str().ok())
        .unwrap_or_default()
}

/// An address for messages: a query may hold a secret.
#[must_use]
pub fn shown(url: &AbsoluteUrl) -> String {
    url.as_url()[..url::Position::AfterPath].to_owned()
}

fn unreachable(url: &AbsoluteUrl, cause: String) -> FetchError {
    FetchError::Unreachable {
        url: shown(url),
        cause,
    }
}

fn too_slow(url: &AbsoluteUrl, time: Duration) -> FetchError {
    FetchError::TooSlow {
        url: shown(url),
        seconds: time.as_secs(),
    }
}

fn too_large(url: &AbsoluteUrl, limit: usize) -> FetchError {
    FetchError::TooLarge {
        url: shown(url),
        limit,
    }
}

fn elsewhere(url: &AbsoluteUrl, fields: &HeaderMap) -> Result<AbsoluteUrl, FetchError> {
    let location = fields.get(header::LOCATION);
    let location = location.and_then(|field| field.to_str().ok());
    location
        .and_then(|location| url.join(location).ok())
        .ok_or_else(|| FetchError::Redirect {
            url: shown(url),
            fault: "to no address",
        })
}

/// The cause of the cause: `tcp connect error` alone tells nobody anything.
pub(super) fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}
