//! A catalogue behind an API or in a feed, page by page.
//!
//! What is read must be the whole: an origin that fails at any page, goes round in circles or
//! gives fewer articles than it says it has is an error, and never a catalogue that has become
//! smaller.

mod bookmark;
mod json;
mod lines;
mod look;
mod page;
mod pass;
mod preset;
mod session;
mod url;

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        mpsc::{RecvTimeoutError, Sender, channel},
    },
    time::{Duration, Instant, SystemTime},
};

use hyper::{HeaderMap, StatusCode};

use self::{
    bookmark::Mark,
    look::Look,
    pass::{Pass, Seen, Tally, find_preset},
    preset::{Api, of_address},
    session::{Refusal, Session},
};
use super::{
    Bookmark, Draft, Folder, Glance, Known, Listening, Locator, News, Nudge, Reading, Remark,
    Source, SourceError,
};
use crate::{
    article::Timestamp,
    config::{HttpSourceConfig, Preset},
    dates::{self, Zone},
    outbound::shown,
};

/// For one question of a look, of which there are two at most: the keeper gives up on a look
/// after 20 s.
const LOOK: Duration = Duration::from_secs(8);
/// Numbers of articles at which origins like to stop.
const CAPS: [u64; 5] = [50, 100, 200, 250, 1_000];

/// The source `http`.
#[derive(Debug)]
pub struct HttpSource {
    config: HttpSourceConfig,
    name: String,
    begun: Instant,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// As configured, or once it has been found out.
    preset: Option<Preset>,
    /// The origin asked to be left alone until then.
    busy: Option<(Instant, String)>,
    look: Option<Look>,
}

impl HttpSource {
    /// Nothing is asked yet.
    #[must_use]
    pub fn new(config: HttpSourceConfig) -> Self {
        let preset = config.preset.or_else(|| of_address(&config.url));
        Self {
            name: shown(&config.url),
            begun: Instant::now(),
            state: Mutex::new(State {
                preset,
                ..State::default()
            }),
            config,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// For how long the origin is to be left alone, and why.
    fn busy(&self) -> Option<(Duration, String)> {
        let (until, why) = self.state().busy.clone()?;
        let left = until.checked_duration_since(Instant::now())?;
        Some((left, why))
    }

    /// A conversation with the origin, unless it asked for rest.
    fn begin(&self, timeout: Duration) -> Result<Session, Refusal> {
        if let Some((left, why)) = self.busy() {
            let seconds = left.as_secs();
            return Err(Refusal::from(format!("{why}; {seconds} s are left")));
        }
        let preset = self.state().preset;
        Session::begin(&self.config, preset, timeout).map_err(|error| error.0.into())
    }

    fn api(&self, session: &Session) -> Result<Api<'_>, Refusal> {
        let known = self.state().preset;
        let preset = match known {
            Some(preset) => preset,
            None => {
                let found = find_preset(session, &self.config.url)?;
                self.state().preset = Some(found);
                found
            }
        };
        Ok(Api::new(&self.config, preset))
    }

    /// Remembers for how long the origin is to be left alone.
    fn refused(&self, refusal: Refusal) -> SourceError {
        if let Some(wait) = refusal.wait {
            self.state().busy = Some((Instant::now() + wait, refusal.message.clone()));
        }
        SourceError(refusal.message)
    }

    /// Everything, read again where something moved meanwhile.
    fn whole(&self, each: &mut dyn FnMut(News)) -> Result<(Api<'_>, Tally), Refusal> {
        let session = self.begin(self.config.timeout)?;
        let api = self.api(&session)?;
        let pass = Pass {
            config: &self.config,
            session: &session,
            api,
            name: &self.name,
        };
        let mut seen = Seen::default();
        let first = || api.first().map_err(|error| Refusal::from(error.0));
        let tally = pass.run(first()?, &mut seen, each)?;
        if tally.is_whole() {
            if tally.pages == 1 && tally.total.is_none() && CAPS.contains(&tally.read) {
                each(remark(self.cap(tally.read)));
            }
            return Ok((api, tally));
        }
        let again = pass.run(first()?, &mut seen, each)?;
        if again.is_whole() {
            return Ok((api, again));
        }
        // Nothing moves, and every one was read: then some have one id.
        if again == tally && again.steady && again.total == Some(again.read) {
            each(remark(self.twins(again)));
            return Ok((api, again));
        }
        Err(self.disagreement(again).into())
    }

    fn cap(&self, count: u64) -> Remark {
        Remark {
            locator: Locator::file(&self.name),
            text: format!(
                "gives exactly {count} articles and does not say whether there are more; if \
                 there are, set next in [source.http]"
            ),
        }
    }

    fn twins(&self, tally: Tally) -> Remark {
        let (more, read) = (tally.read - tally.distinct, tally.read);
        let has = if more == 1 { "has" } else { "have" };
        Remark {
            locator: Locator::file(&self.name),
            text: format!(
                "{more} of {read} articles {has} the id of another and cannot be told from it; \
                 see id in [source.http.fields]"
            ),
        }
    }

    fn disagreement(&self, tally: Tally) -> String {
        let Tally {
            distinct, total, ..
        } = tally;
        let (name, total) = (&self.name, total.unwrap_or_default());
        if !tally.steady {
            return format!("{name} changed twice while it was read; it is read again");
        }
        if tally.pages == 1 {
            return format!(
                "{name} gives {distinct} of {total} articles; set next in [source.http] to how \
                 its pages go on"
            );
        }
        format!(
            "{name} says that it has {total} articles, and gave {distinct} twice; set total = \
             \"none\" in [source.http] if it counts what it does not give"
        )
    }

    /// Asks how the origin looks now.
    fn look(&self, before: Option<&Look>) -> Look {
        // Who asked to be left alone is, and looks as before.
        if let (Some(before), Some(_)) = (before, self.busy()) {
            return before.again();
        }
        let asked = self
            .begin(self.config.timeout.min(LOOK))
            .map(|session| session.within(2 * LOOK))
            .and_then(|session| {
                let api = self.api(&session)?;
                let probe = api.probe().map_err(|error| Refusal::from(error.0))?;
                Look::ask(&session, api.preset, probe, before)
            });
        asked.unwrap_or_else(|refusal| Look::failed(self.refused(refusal).0))
    }

    /// What changed since `since`, or `None` where that is not certain.
    fn news(&self, since: &Mark, each: &mut dyn FnMut(News)) -> Result<Option<Bookmark>, Refusal> {
        let session = self.begin(self.config.timeout)?;
        let api = self.api(&session)?;
        let Ok(modified) = Timestamp::from_unix(since.modified) else {
            return Ok(None);
        };
        let Some(first) = api.changes(modified) else {
            return Ok(None);
        };
        let Some(total) = self.total(&session, api)? else {
            return Ok(None);
        };
        let mut newest = since.modified;
        let mut new = 0;
        let pass = Pass {
            config: &self.config,
            session: &session,
            api,
            name: &self.name,
        };
        let tally = pass.run(first, &mut Seen::default(), &mut |news| {
            newest = newest.max(modified_of(&news).unwrap_or_default());
            new += u64::from(published_of(&news) > Some(since.modified));
            each(news);
        })?;
        // What is gone is in no answer, nor what was scheduled and has come out unchanged. Where
        // there are not as many more as are new, the whole must be compared.
        if !tally.is_whole() || total != since.total + new {
            return Ok(None);
        }
        Ok(Some(
            Mark {
                modified: newest,
                total,
                ..since.clone()
            }
            .written(),
        ))
    }

    /// How many articles there are in all, in an answer that is small.
    fn total(&self, session: &Session, api: Api<'_>) -> Result<Option<u64>, Refusal> {
        let probe = api.probe().map_err(|error| Refusal::from(error.0))?;
        let answer = session.ask(&probe, &HeaderMap::new())?;
        if answer.status != StatusCode::OK {
            return Err(session.fault(&answer).into());
        }
        let page = page::Page::of(&answer, Some(api.preset));
        let page = page.map_err(|error| Refusal::from(error.0))?;
        Ok(page.total(self.config.total.as_deref()))
    }
}

impl Source for HttpSource {
    fn read(&self, each: &mut dyn FnMut(Reading)) -> Result<(), SourceError> {
        let mut each = |news| {
            if let News::Read(reading, _) = news {
                each(reading);
            }
        };
        self.whole(&mut each)
            .map(|_| ())
            .map_err(|refusal| self.refused(refusal))
    }

    fn read_news(
        &self,
        _: Known<'_>,
        each: &mut dyn FnMut(News),
    ) -> Result<Option<Bookmark>, SourceError> {
        let mut newest = None;
        let read = self.whole(&mut |news| {
            newest = newest.max(modified_of(&news));
            each(news);
        });
        let (api, tally) = read.map_err(|refusal| self.refused(refusal))?;
        let mark = newest.zip(tally.total).map(|(modified, total)| Mark {
            config: bookmark::print(&self.config),
            modified,
            total,
            whole: unix_now(),
        });
        Ok(mark.filter(|_| api.tells()).map(|mark| mark.written()))
    }

    fn read_changes(
        &self,
        since: &Bookmark,
        each: &mut dyn FnMut(News),
    ) -> Result<Option<Bookmark>, SourceError> {
        let Some(mark) = Mark::read(since) else {
            return Ok(None);
        };
        let is_other = mark.config != bookmark::print(&self.config);
        let age = unix_now().saturating_sub(mark.whole);
        // The timer that says so may be early by the time that the last reading took.
        let due = self.config.compare.as_secs() / 10 * 9;
        if is_other || age < 0 || age.unsigned_abs() >= due {
            return Ok(None);
        }
        self.news(&mark, each)
            .map_err(|refusal| self.refused(refusal))
    }

    fn name(&self) -> &str {
        &self.name
    }

    /// Asks no more often than the configuration allows; in between, the origin looks as it
    /// did.
    fn glance(&self) -> Glance {
        let before = self.state().look.clone();
        let look = match before {
            Some(look) if look.is_fresh(self.config.interval) => look,
            before => {
                let look = self.look(before.as_ref());
                self.state().look = Some(look.clone());
                look
            }
        };
        let mut glance = Glance::default();
        glance.add_text(&look.said);
        // What no look shows is found by reading all, every now and then.
        let compare = self.config.compare.as_secs().max(1);
        glance.add_text(&(self.begun.elapsed().as_secs() / compare).to_string());
        glance
    }

    fn folders(&self) -> Vec<Folder> {
        Vec::new()
    }

    fn listen(&self, nudge: Nudge) -> Option<Box<dyn Listening>> {
        let (hold, held) = channel::<()>();
        let interval = self.config.interval;
        let thread = std::thread::Builder::new().name("interval".to_owned());
        let timer = thread.spawn(move || {
            while held.recv_timeout(interval) == Err(RecvTimeoutError::Timeout) {
                nudge();
            }
        });
        // Without a thread there is still the keeper's own slow look.
        timer
            .ok()
            .map(|_| Box::new(Timer(hold)) as Box<dyn Listening>)
    }
}

/// Lets the timer's thread end with it.
struct Timer(#[allow(dead_code, reason = "held for its end")] Sender<()>);

impl Listening for Timer {}

const fn remark(remark: Remark) -> News {
    News::Read(Reading::Remark(remark), None)
}

/// When the origin says that an article changed, in Unix seconds.
fn modified_of(news: &News) -> Option<i64> {
    let draft = draft_of(news)?;
    unix(draft.updated.as_deref().or(draft.published.as_deref())?)
}

/// When it came out.
fn published_of(news: &News) -> Option<i64> {
    unix(draft_of(news)?.published.as_deref()?)
}

fn draft_of(news: &News) -> Option<&Draft> {
    match news {
        News::Read(Reading::Draft(draft), _) => Some(draft),
        _ => None,
    }
}

fn unix(date: &str) -> Option<i64> {
    let moment = dates::parse(date, Zone::UTC).ok()?;
    Some(moment.instant().unix())
}

/// The clock decides here when everything is read again, and nothing else: no date of an
/// article is ever made of it.
fn unix_now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    })
}
