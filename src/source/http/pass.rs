//! One reading of all pages, from the first to the last.

use std::{
    collections::{HashMap, HashSet},
    io::BufRead,
};

use hyper::{HeaderMap, StatusCode};

use super::{
    page::{Page, is_lines},
    preset::Api,
    session::{Refusal, Session},
    url,
};
use crate::{
    article::AbsoluteUrl,
    config::{HttpSourceConfig, Next, Preset},
    outbound::{Answer, shown},
    source::{Locator, News, Reading, Rejection, RejectionKind, SourceError, fields},
};

/// 16 bytes of a hash: the chance that two of a million are one is nil.
type Key = u128;

/// What has been given already, over all passes of one reading.
#[derive(Default)]
pub(super) struct Seen {
    /// By what an article is called: the pass and the page it was last seen in.
    articles: HashMap<Key, (u32, u32)>,
    pass: u32,
}

/// What a pass came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tally {
    /// Articles that no earlier page of the pass had.
    pub(super) distinct: u64,
    /// All of them.
    pub(super) read: u64,
    /// How many the origin said there are, on the first page.
    pub(super) total: Option<u64>,
    /// It said the same on every page.
    pub(super) steady: bool,
    pub(super) pages: usize,
}

impl Tally {
    /// Whether as many were read as there are, as far as the origin says.
    pub(super) fn is_whole(self) -> bool {
        self.steady && self.total.is_none_or(|total| total == self.distinct)
    }
}

/// What an article of a page became.
struct Named {
    /// By what it is called, if it is.
    key: Option<Key>,
    /// The key, or what it says.
    print: Key,
    reading: Reading,
}

/// What is still to be read of an answer.
type Lines<'p> = Box<dyn BufRead + 'p>;

/// A pass over pages.
pub(super) struct Pass<'p> {
    pub(super) config: &'p HttpSourceConfig,
    pub(super) session: &'p Session,
    pub(super) api: Api<'p>,
    /// What the origin is called in messages.
    pub(super) name: &'p str,
}

impl Pass<'_> {
    /// Reads from `first` on, and gives each article to `each` that has not been given. The
    /// `last` date of change as it is written is kept up to date.
    ///
    /// # Errors
    /// [`Refusal`], whenever it is not certain that the last page has been read.
    pub(super) fn run(
        &self,
        first: AbsoluteUrl,
        seen: &mut Seen,
        each: &mut dyn FnMut(News),
    ) -> Result<Tally, Refusal> {
        seen.pass += 1;
        let mut tally = Tally {
            distinct: 0,
            read: 0,
            total: None,
            steady: true,
            pages: 0,
        };
        let mut trail = Trail::new(self.api.next(), &first);
        let mut address = trail.first()?;
        loop {
            let (answer, lines) = self.ask(&address)?;
            // A second pass may have nothing to give for a thousand pages.
            each(News::Alive);
            if tally.pages > 0 && trail.is_past_the_end(answer.status) && tally.total.is_none() {
                return Ok(tally);
            }
            if answer.status != StatusCode::OK {
                return Err(self.session.fault(&answer).into());
            }
            let mut page = match lines {
                Some(lines) => Page::of_lines(&answer, lines, self.session.max_bytes),
                None => self.page(&answer)?,
            };
            let (count, print) = self.take(&mut page, &mut tally, seen, each)?;
            if count > 0 && !trail.prints.insert(print) {
                let number = tally.pages;
                return Err(format!(
                    "{}: page {number} is an earlier page again; the origin does not know the \
                     way in which next in [source.http] goes on",
                    self.name
                )
                .into());
            }
            let is_all = tally.steady && tally.total.is_some_and(|total| tally.distinct >= total);
            let next = if is_all && trail.counts() {
                None
            } else {
                trail.next(&page, count)?
            };
            let Some(next) = next else {
                return Ok(tally);
            };
            if tally.pages >= self.config.max_pages {
                let most = self.config.max_pages;
                return Err(format!(
                    "{} has more than {most} pages; raise max_pages in [source.http]",
                    self.name
                )
                .into());
            }
            address = next;
        }
    }

    /// The answer at `address`; of one that is lines, they are still to be read.
    fn ask(&self, address: &AbsoluteUrl) -> Result<(Answer, Option<Lines<'_>>), Refusal> {
        let none = HeaderMap::new();
        if self.api.preset != Preset::Ndjson {
            return Ok((self.session.ask(address, &none)?, None));
        }
        let opened = self.session.open(address, &none)?;
        if opened.status != StatusCode::OK {
            return Ok((self.session.finish(opened)?, None));
        }
        let (answer, lines) = self.session.stream(opened)?;
        Ok((answer, Some(lines)))
    }

    fn page<'a>(&self, answer: &'a Answer) -> Result<Page<'a>, Refusal> {
        Page::of(answer, Some(self.api.preset)).map_err(|error| error.0.into())
    }

    /// Gives what is in a page. Returns how many there are, and a print of what they are
    /// called.
    fn take(
        &self,
        page: &mut Page<'_>,
        tally: &mut Tally,
        seen: &mut Seen,
        each: &mut dyn FnMut(News),
    ) -> Result<(usize, Key), Refusal> {
        tally.pages += 1;
        let total = page.total(self.config.total.as_deref());
        if tally.pages == 1 {
            tally.total = total;
        } else if tally.total != total {
            tally.steady = false;
        }
        let number = u32::try_from(tally.pages).unwrap_or(u32::MAX);
        let mut print = blake3::Hasher::new();
        let address = page.url().clone();
        // In the one answer of an origin that does not say how many there are, nothing can have
        // moved: what an export of a million articles holds need not be remembered.
        let goes_on = match self.api.next() {
            Next::None => false,
            Next::Link => tally.pages > 1 || page.link().is_some(),
            _ => true,
        };
        let can_move = total.is_some() || goes_on;
        let count = page.each(self.config.items.as_deref(), &mut |entry| {
            tally.read += 1;
            let named = self.named(entry, &address, tally.read);
            print.update(&named.print.to_le_bytes());
            let place = (seen.pass, number);
            let key = named.key.filter(|_| can_move);
            let before = key.and_then(|key| seen.articles.insert(key, place));
            let reading = named.reading;
            match before {
                // It moved to a later page while this was being read.
                Some((pass, page)) if pass == seen.pass && page != number => {}
                // An earlier pass has given it.
                Some((pass, _)) if pass != seen.pass => tally.distinct += 1,
                // Twice in one page: two articles with one name, which is for the intake to
                // tell.
                _ => {
                    tally.distinct += 1;
                    each(News::Read(reading, None));
                }
            }
        });
        let count = count.map_err(|error| Refusal::from(error.0))?;
        let mut key = [0; 16];
        key.copy_from_slice(&print.finalize().as_bytes()[..16]);
        Ok((count, Key::from_le_bytes(key)))
    }

    fn named(&self, entry: super::page::Entry, page: &AbsoluteUrl, number: u64) -> Named {
        let rejected = |locator, reason| {
            let kind = RejectionKind::Syntax;
            Reading::Rejected(Rejection {
                locator,
                kind,
                reason,
            })
        };
        let unnamed = || Locator::row(self.name, format!("no. {number}"));
        let entry = match entry {
            Ok(entry) => entry,
            Err(fault) => {
                return Named {
                    key: None,
                    print: key_of(&fault),
                    reading: rejected(unnamed(), fault),
                };
            }
        };
        let article = self.api.article(entry, page);
        let called = ["id", "url", "slug"].iter().find_map(|name| {
            let text = match article.get(*name)? {
                serde_json::Value::String(text) => text.trim().to_owned(),
                serde_json::Value::Number(number) => number.to_string(),
                _ => return None,
            };
            (!text.is_empty()).then_some(text)
        });
        let locator = match &called {
            Some(called) => Locator::row(self.name, called),
            None => unnamed(),
        };
        let reading = match fields::read(&article, &[], locator) {
            Ok(draft) => Reading::Draft(Box::new(draft)),
            Err(rejection) => Reading::Rejected(rejection),
        };
        let key = called.as_deref().map(key_of);
        let print = key.unwrap_or_else(|| key_of(&serde_json::Value::Object(article).to_string()));
        Named {
            key,
            print,
            reading,
        }
    }
}

fn key_of(text: &str) -> Key {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&blake3::hash(text.as_bytes()).as_bytes()[..16]);
    Key::from_le_bytes(bytes)
}

/// The way from page to page.
struct Trail {
    next: Next,
    /// Addresses that were asked.
    asked: HashSet<String>,
    /// What pages held.
    prints: HashSet<Key>,
    address: AbsoluteUrl,
    number: usize,
}

impl Trail {
    fn new(next: Next, first: &AbsoluteUrl) -> Self {
        Self {
            next,
            asked: HashSet::new(),
            prints: HashSet::new(),
            address: first.clone(),
            number: 0,
        }
    }

    /// Where the first page is.
    fn first(&mut self) -> Result<AbsoluteUrl, Refusal> {
        if let Next::Page {
            parameter, first, ..
        } = &self.next
        {
            self.number = *first;
            // Where it counts from 1 the first page needs no number; an origin that does not
            // know the parameter gives the same page again, which is found out.
            if *first != 1 {
                let address = url::with(&self.address, parameter, &first.to_string());
                self.address = address.map_err(|error| Refusal::from(error.to_string()))?;
            }
        }
        self.asked.insert(self.address.to_string());
        Ok(self.address.clone())
    }

    /// Whether pages go on by counting, and not by a word of the origin's.
    const fn counts(&self) -> bool {
        matches!(self.next, Next::Page { .. } | Next::Offset { .. })
    }

    /// Whether a status means that the page before was the last one.
    fn is_past_the_end(&self, status: StatusCode) -> bool {
        self.counts()
            && matches!(
                status,
                StatusCode::NOT_FOUND | StatusCode::RANGE_NOT_SATISFIABLE
            )
    }

    /// Where the next page is; `None` behind the last one. `count` is the number of articles
    /// in this one, whatever was asked for: origins cap it and do not say so.
    fn next(&mut self, page: &Page<'_>, count: usize) -> Result<Option<AbsoluteUrl>, Refusal> {
        let failed = |what: String| Refusal::from(format!("{}: {what}", shown(page.url())));
        let next = match &self.next {
            Next::None => return Ok(None),
            Next::Page { parameter, .. } => {
                if count == 0 {
                    return Ok(None);
                }
                self.number += 1;
                url::with(&self.address, parameter, &self.number.to_string())
            }
            Next::Offset { parameter, .. } => {
                if count == 0 {
                    return Ok(None);
                }
                self.number += count;
                url::with(&self.address, parameter, &self.number.to_string())
            }
            Next::Cursor { path, parameter } => match page.at(path) {
                Some(cursor) => url::with(&self.address, parameter, &cursor),
                None => return Ok(None),
            },
            Next::Url { path } => match page.at(path) {
                Some(next) => page.url().join(&next),
                None => return Ok(None),
            },
            Next::Link => match page.link() {
                Some(next) => page.url().join(&next),
                None => return Ok(None),
            },
        };
        let next =
            next.map_err(|error| failed(format!("its next page has no address: {error}")))?;
        if !self.asked.insert(next.to_string()) {
            return Err(failed(
                "its next page is one that was read already".to_owned(),
            ));
        }
        if matches!(self.next, Next::Url { .. } | Next::Link) {
            self.address = next.clone();
        }
        Ok(Some(next))
    }
}

/// The kind of API that answers at `config.url`, asking it where that is not known.
pub(super) fn find_preset(session: &Session, url: &AbsoluteUrl) -> Result<Preset, Refusal> {
    let opened = session.open(url, &HeaderMap::new())?;
    // They are read when they are asked for again, however many they are.
    if opened.status == StatusCode::OK && is_lines(&opened.headers) {
        return Ok(Preset::Ndjson);
    }
    let answer = session.finish(opened)?;
    if answer.status != StatusCode::OK {
        return Err(session.fault(&answer).into());
    }
    let page = Page::of(&answer, None).map_err(|SourceError(error)| Refusal::from(error))?;
    let preset = page.preset;
    drop(page);
    if preset != Preset::Ndjson {
        session.keep(url, answer);
    }
    Ok(preset)
}
