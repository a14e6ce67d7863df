//! One question over HTTP, with all that limits what it may cost.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty, LengthLimitError, Limited};
use hyper::{
    HeaderMap, Request, Response, StatusCode,
    body::Incoming,
    header::{self, HeaderValue},
};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};

use super::{
    FetchError, Limits, Rules,
    decode::{ACCEPTED, Undecodable, decode},
    dial::{Dialer, Network, System},
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
        let Limits { time, .. } = self.limits;
        tokio::time::timeout(time, self.follow(url, fields))
            .await
            .unwrap_or_else(|_| Err(too_slow(url, time)))
    }

    async fn follow(&self, first: &AbsoluteUrl, fields: &HeaderMap) -> Result<Answer, FetchError> {
        let (mut url, none) = (first.clone(), HeaderMap::new());
        for _ in 0..=self.limits.redirects {
            let own = url.same_origin(first);
            let response = self.request(&url, if own { fields } else { &none }).await?;
            let status = response.status();
            if !status.is_redirection() || status == StatusCode::NOT_MODIFIED {
                return self.finish(url, response).await;
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
        match tokio::time::timeout(head, self.client.request(request)).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(unreachable(url, innermost(&error))),
            Err(_) => Err(too_slow(url, head)),
        }
    }

    async fn finish(
        &self,
        url: AbsoluteUrl,
        response: Response<Incoming>,
    ) -> Result<Answer, FetchError> {
        let (head, body) = response.into_parts();
        let is_fault = head.status.is_client_error() || head.status.is_server_error();
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
        let coding = head.headers.get(header::CONTENT_ENCODING);
        let coding = coding
            .and_then(|coding| coding.to_str().ok())
            .unwrap_or_default();
        let body = match decode(body, coding, limit) {
            Ok(body) => body,
            Err(_) if is_fault => Bytes::new(),
            Err(Undecodable::TooLarge) => return Err(too_large(&url, limit)),
            Err(Undecodable::Broken(cause)) => return Err(unreachable(&url, cause)),
        };
        Ok(Answer {
            url,
            status: head.status,
            headers: head.headers,
            body,
        })
    }
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
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}
