//! One conversation with an origin: connections that are kept between pages, the secrets that
//! are shown, and patience with an origin that asks for it.

use std::{
    cell::RefCell,
    io::BufRead,
    time::{Duration, Instant, SystemTime},
};

use hyper::{
    HeaderMap, StatusCode,
    header::{self, HeaderValue},
};
use tokio::runtime::Runtime;

use super::{json, url};
use crate::{
    article::AbsoluteUrl,
    config::{HttpSourceConfig, Preset, read_token},
    outbound::{Answer, Fetcher, Limits, Opened, Rules, shown},
    source::SourceError,
};

/// For one page, with what an origin that is busy asks us to wait; a read that is silent for
/// longer is given up by whoever listens.
const PER_PAGE: Duration = Duration::from_secs(50);
/// For one answer that is read as it comes.
const PER_STREAM: Duration = Duration::from_secs(3_600);
/// What is held of one answer at most, in bytes, whatever the operator allows for lines.
const HELD: usize = 1024 * 1024 * 1024;
/// To the end of the head of an answer.
const HEAD: Duration = Duration::from_secs(30);
/// Where an origin refuses and does not say for how long.
const PAUSE: Duration = Duration::from_secs(2);
/// The least and the most that is waited for, whatever the origin says.
const SHORTEST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(86_400);
const ATTEMPTS: usize = 5;
const REDIRECTS: usize = 3;
/// Of what an origin says of its fault.
const EXPLANATION_CHARS: usize = 160;

/// A conversation.
pub(super) struct Session {
    runtime: Option<Runtime>,
    fetcher: Fetcher,
    fields: HeaderMap,
    /// A secret that goes into the query, and the parameter's name.
    key: Option<(&'static str, String)>,
    /// What must not be shown.
    secrets: Vec<String>,
    origin: AbsoluteUrl,
    /// Of one answer, unpacked.
    pub(super) max_bytes: usize,
    /// For one question, redirects included.
    timeout: Duration,
    /// When all of it must be over.
    end: Option<Instant>,
    /// An answer that is asked for again.
    kept: RefCell<Option<(AbsoluteUrl, Answer)>>,
}

impl Session {
    /// Prepares one; nothing is dialled yet. `preset` says how a token is shown.
    pub(super) fn begin(
        config: &HttpSourceConfig,
        preset: Option<Preset>,
        timeout: Duration,
    ) -> Result<Self, SourceError> {
        let failed = |what: String| SourceError(format!("{}: {what}", shown(&config.url)));
        let limits = Limits {
            bytes: config.max_bytes.min(HELD),
            head: HEAD.min(timeout),
            time: timeout,
            redirects: REDIRECTS,
        };
        let rules = Rules {
            allow_private: config.allow_private.clone(),
            port: config.url.as_url().port(),
        };
        let fetcher = Fetcher::guarded(limits, rules).map_err(|error| {
            failed(format!("the system's certificates cannot be read: {error}"))
        })?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| failed(format!("the runtime cannot be started: {error}")))?;
        let mut session = Self {
            runtime: Some(runtime),
            fetcher,
            fields: HeaderMap::new(),
            key: None,
            secrets: Vec::new(),
            origin: config.url.clone(),
            max_bytes: config.max_bytes,
            timeout,
            end: None,
            kept: RefCell::default(),
        };
        session.fields.insert(
            header::ACCEPT,
            HeaderValue::from_static(match preset {
                Some(Preset::Feed) => "application/atom+xml, application/rss+xml, */*;q=0.5",
                _ => "application/json, application/feed+json, */*;q=0.5",
            }),
        );
        for (name, secret) in &config.headers {
            session.fields.insert(name, secret.0.clone());
            session.secrets.extend(secret.0.to_str().map(str::to_owned));
        }
        if let Some(path) = &config.token_file {
            let token = read_token(path)
                .map_err(|fault| failed(format!("token_file {} {fault}", path.display())))?;
            session.secrets.push(token.clone());
            session.show(token, preset)?;
        }
        Ok(session)
    }

    fn show(&mut self, token: String, preset: Option<Preset>) -> Result<(), SourceError> {
        if preset == Some(Preset::Ghost) {
            self.key = Some(("key", token));
            return Ok(());
        }
        let mut value = HeaderValue::try_from(format!("Bearer {token}"))
            .map_err(|error| SourceError(format!("token_file: {error}")))?;
        value.set_sensitive(true);
        self.fields.insert(header::AUTHORIZATION, value);
        Ok(())
    }

    /// Has an end, however many questions are asked.
    pub(super) fn within(mut self, time: Duration) -> Self {
        self.end = Some(Instant::now() + time);
        self
    }

    /// Keeps the answer of a page for the next question about it.
    pub(super) fn keep(&self, page: &AbsoluteUrl, answer: Answer) {
        *self.kept.borrow_mut() = Some((page.clone(), answer));
    }

    /// Asks for a page, waiting where the origin asks for it and that is not for too long.
    /// `conditions` are sent along. Any status is an answer.
    pub(super) fn ask(
        &self,
        page: &AbsoluteUrl,
        conditions: &HeaderMap,
    ) -> Result<Answer, Refusal> {
        if let Some((kept, answer)) = self.kept.take()
            && kept == *page
            && conditions.is_empty()
        {
            return Ok(answer);
        }
        let opened = self.open(page, conditions)?;
        self.finish(opened)
    }

    /// Asks in the same way, and reads no more than the head of the answer.
    pub(super) fn open(
        &self,
        page: &AbsoluteUrl,
        conditions: &HeaderMap,
    ) -> Result<Opened, Refusal> {
        let runtime = self.runtime()?;
        // Secrets are for the origin alone, wherever a page may lead.
        let own = page.same_origin(&self.origin);
        let mut fields = if own {
            self.fields.clone()
        } else {
            HeaderMap::new()
        };
        fields.extend(conditions.clone());
        let address = match &self.key {
            Some((name, key)) if own => {
                url::with(page, name, key).map_err(|error| Refusal::from(error.to_string()))?
            }
            _ => page.clone(),
        };
        let end = self.end.unwrap_or_else(|| Instant::now() + PER_PAGE);
        for attempt in 1.. {
            let asked = runtime.block_on(self.fetcher.open(&address, &fields));
            let opened = asked.map_err(|error| Refusal::from(error.to_string()))?;
            let wait = match opened.status {
                StatusCode::TOO_MANY_REQUESTS => retry_after(&opened.headers).unwrap_or(PAUSE),
                StatusCode::SERVICE_UNAVAILABLE => match retry_after(&opened.headers) {
                    Some(wait) => wait,
                    None => return Ok(opened),
                },
                _ => return Ok(opened),
            };
            // What comes too late would not be heard.
            if attempt == ATTEMPTS || Instant::now() + wait + self.timeout > end {
                let (url, status) = (shown(page), opened.status.as_u16());
                let seconds = wait.as_secs();
                let message = format!(
                    "{url} answers with status {status} and asks to come again in {seconds} s"
                );
                return Err(Refusal {
                    message,
                    wait: Some(wait),
                });
            }
            std::thread::sleep(wait.max(SHORTEST));
        }
        Err(Refusal::from(format!("{} is busy", shown(page))))
    }

    /// Reads the rest of an answer.
    pub(super) fn finish(&self, opened: Opened) -> Result<Answer, Refusal> {
        let answer = self.runtime()?.block_on(self.fetcher.finish(opened));
        answer.map_err(|error| Refusal::from(error.to_string()))
    }

    /// An answer without its body, and the body to be read as it comes.
    pub(super) fn stream(
        &self,
        opened: Opened,
    ) -> Result<(Answer, Box<dyn BufRead + '_>), Refusal> {
        let end = self.end.unwrap_or_else(|| Instant::now() + PER_STREAM);
        let stream = opened.stream(self.runtime()?, self.timeout, (self.max_bytes, end));
        let (answer, body) = stream.map_err(|error| Refusal::from(error.to_string()))?;
        Ok((answer, Box::new(body)))
    }

    fn runtime(&self) -> Result<&Runtime, Refusal> {
        let gone = || Refusal::from("the runtime is gone".to_owned());
        self.runtime.as_ref().ok_or_else(gone)
    }

    /// What an answer that is a fault says of it, for people.
    pub(super) fn fault(&self, answer: &Answer) -> String {
        let (url, status) = (shown(&answer.url), answer.status.as_u16());
        let remedy = match status {
            401 | 403 => "; see token_file and headers in [source.http]",
            404 | 410 => "; see url in [source.http]",
            _ => "",
        };
        match self.explanation(answer) {
            Some(said) => format!("{url} answers with status {status}: {said}{remedy}"),
            None => format!("{url} answers with status {status}{remedy}"),
        }
    }

    /// WordPress, Ghost, Strapi, Contentful and RFC 9457 each have a place for it.
    fn explanation(&self, answer: &Answer) -> Option<String> {
        let body = std::str::from_utf8(&answer.body).ok()?;
        let body = serde_json::from_str(body).ok()?;
        let first = json::at(body, "errors")
            .and_then(json::items)
            .and_then(|errors| json::text_at(errors.first()?, "message"));
        let said = first
            .or_else(|| json::text_at(body, "error.message"))
            .or_else(|| json::text_at(body, "message"))
            .or_else(|| json::text_at(body, "detail"))?;
        let mut said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        said.retain(|c| !c.is_control());
        for secret in &self.secrets {
            said = said.replace(secret.as_str(), "…");
        }
        Some(said.chars().take(EXPLANATION_CHARS).collect())
    }
}

impl Drop for Session {
    /// A name that is still being looked up must not hold up whoever drops this.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// No answer.
#[derive(Debug)]
pub(super) struct Refusal {
    /// Why, for people.
    pub(super) message: String,
    /// For how long the origin is to be left alone.
    pub(super) wait: Option<Duration>,
}

impl From<String> for Refusal {
    fn from(message: String) -> Self {
        Self {
            message,
            wait: None,
        }
    }
}

/// Seconds, or a date (RFC 9110 section 10.2.3).
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let field = headers.get(header::RETRY_AFTER)?.to_str().ok()?;
    if let Ok(seconds) = field.trim().parse() {
        return Some(Duration::from_secs(seconds).min(LONGEST));
    }
    let date = httpdate::parse_http_date(field.trim()).ok()?;
    let wait = date.duration_since(SystemTime::now()).unwrap_or_default();
    Some(wait.min(LONGEST))
}
