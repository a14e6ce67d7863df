//! The only room that dials out. Every answer is bounded in size and time, and redirects
//! are followed by hand.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty, LengthLimitError, Limited};
use hyper::{Request, StatusCode, header};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};

use crate::article::AbsoluteUrl;

/// What one fetch may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The body, in bytes, as it comes over the wire.
    pub bytes: usize,
    /// From the first name looked up to the last byte read, redirects included.
    pub time: Duration,
    /// How many redirects are followed.
    pub redirects: usize,
}

/// What was fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// Where it was in the end.
    pub url: AbsoluteUrl,
    /// The body as it came.
    pub body: Bytes,
}

/// Why nothing was fetched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// No connection, or one that broke. A certificate that the system does not trust is
    /// one of the reasons.
    #[error("{url} cannot be reached: {cause}")]
    Unreachable {
        /// Where.
        url: String,
        /// What the system says.
        cause: String,
    },
    /// An answer other than 200 and a redirect.
    #[error("{url} answers with status {status}")]
    Status {
        /// Where.
        url: String,
        /// Its answer.
        status: u16,
    },
    /// A redirect that leads nowhere, or one too many.
    #[error("{url} redirects {fault}")]
    Redirect {
        /// Where.
        url: String,
        /// What is wrong with the redirect.
        fault: &'static str,
    },
    /// Past [`Limits::bytes`].
    #[error("{url} sends more than {limit} bytes")]
    TooLarge {
        /// Where.
        url: String,
        /// The limit.
        limit: usize,
    },
    /// Past [`Limits::time`].
    #[error("{url} took longer than {seconds} seconds")]
    TooSlow {
        /// Where.
        url: String,
        /// The limit.
        seconds: u64,
    },
}

/// Fetches documents that the operator has named. It goes wherever it is told to: an
/// address that somebody else chose must not come here.
#[derive(Debug, Clone)]
pub struct Fetcher {
    client: Client<HttpsConnector<HttpConnector>, Empty<Bytes>>,
    limits: Limits,
}

impl Fetcher {
    /// Trusts the certificates that the system trusts.
    ///
    /// # Errors
    /// When those cannot be read.
    pub fn new(limits: Limits) -> std::io::Result<Self> {
        let connector = HttpsConnectorBuilder::new()
            .with_native_roots()?
            .https_or_http()
            .enable_http1()
            .build();
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Ok(Self { client, limits })
    }

    /// Fetches what is at `url`, following redirects.
    ///
    /// # Errors
    /// [`FetchError`]
    pub async fn get(&self, url: &AbsoluteUrl) -> Result<Fetched, FetchError> {
        let Limits { time, .. } = self.limits;
        tokio::time::timeout(time, self.follow(url.clone()))
            .await
            .unwrap_or_else(|_| {
                Err(FetchError::TooSlow {
                    url: url.to_string(),
                    seconds: time.as_secs(),
                })
            })
    }

    async fn follow(&self, mut url: AbsoluteUrl) -> Result<Fetched, FetchError> {
        for _ in 0..=self.limits.redirects {
            match self.ask(&url).await? {
                Answer::Body(body) => return Ok(Fetched { url, body }),
                Answer::Elsewhere(next) => url = next,
            }
        }
        Err(FetchError::Redirect {
            url: url.to_string(),
            fault: "once more, after too many times",
        })
    }

    async fn ask(&self, url: &AbsoluteUrl) -> Result<Answer, FetchError> {
        let unreachable = |cause: String| FetchError::Unreachable {
            url: url.to_string(),
            cause,
        };
        let request = Request::get(url.as_str())
            .header(
                header::USER_AGENT,
                concat!("Dateline/", env!("CARGO_PKG_VERSION")),
            )
            .body(Empty::new())
            .map_err(|error| unreachable(error.to_string()))?;
        let response = self
            .client
            .request(request)
            .await
            .map_err(|error| unreachable(innermost(&error)))?;
        let status = response.status();
        if status.is_redirection() && status != StatusCode::NOT_MODIFIED {
            return elsewhere(url, response.headers()).map(Answer::Elsewhere);
        }
        if status != StatusCode::OK {
            return Err(FetchError::Status {
                url: url.to_string(),
                status: status.as_u16(),
            });
        }
        let limit = self.limits.bytes;
        let body = Limited::new(response.into_body(), limit).collect().await;
        match body {
            Ok(body) => Ok(Answer::Body(body.to_bytes())),
            Err(error) if error.is::<LengthLimitError>() => Err(FetchError::TooLarge {
                url: url.to_string(),
                limit,
            }),
            Err(error) => Err(unreachable(innermost(&*error))),
        }
    }
}

enum Answer {
    Body(Bytes),
    Elsewhere(AbsoluteUrl),
}

fn elsewhere(url: &AbsoluteUrl, fields: &header::HeaderMap) -> Result<AbsoluteUrl, FetchError> {
    let location = fields.get(header::LOCATION);
    let location = location.and_then(|field| field.to_str().ok());
    location
        .and_then(|location| url.join(location).ok())
        .ok_or_else(|| FetchError::Redirect {
            url: url.to_string(),
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
