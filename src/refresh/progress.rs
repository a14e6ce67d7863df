//! How far a refresh has come: counted while it runs, for whoever watches.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use super::words::{count, size};
use crate::source::{Content, Draft, News, Reading};

/// The counts of the refresh that is running, or of the one before.
#[derive(Debug, Default)]
pub struct Progress {
    articles: AtomicU64,
    bytes: AtomicU64,
    stage: Mutex<Option<Stage>>,
}

#[derive(Debug, Clone, Copy)]
struct Stage {
    begun: Instant,
    /// How many articles there were before; 0 where that is not known.
    expected: u64,
    /// Whether all is read, and documents are made of it.
    makes: bool,
}

/// A refresh at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// How many articles have been read.
    pub articles: u64,
    /// How many bytes of text those have.
    pub bytes: u64,
    /// How many articles the refresh before found; 0 where that is not known.
    pub expected: u64,
    /// For how long it has been running.
    pub elapsed: Duration,
    /// Whether all is read, and documents are made of it.
    pub makes: bool,
}

impl Progress {
    /// A refresh begins, of an origin that had `expected` articles when it was last read.
    pub(super) fn begin(&self, expected: usize) {
        self.articles.store(0, Ordering::Relaxed);
        self.bytes.store(0, Ordering::Relaxed);
        self.enter(Some(Stage {
            begun: Instant::now(),
            expected: u64::try_from(expected).unwrap_or(u64::MAX),
            makes: false,
        }));
    }

    /// Something was read.
    pub(super) fn add(&self, news: &News) {
        self.articles.fetch_add(1, Ordering::Relaxed);
        if let News::Read(Reading::Draft(draft), _) = news {
            self.bytes.fetch_add(length(draft), Ordering::Relaxed);
        }
    }

    /// All is read.
    pub(super) fn make(&self) {
        let stage = self.stage().map(|stage| Stage {
            makes: true,
            ..stage
        });
        self.enter(stage);
    }

    /// The refresh ended, one way or the other.
    pub(super) fn end(&self) {
        self.enter(None);
    }

    fn enter(&self, stage: Option<Stage>) {
        *self.stage.lock().unwrap_or_else(PoisonError::into_inner) = stage;
    }

    fn stage(&self) -> Option<Stage> {
        *self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many articles the refresh that is running, or the last one, has read.
    #[must_use]
    pub fn articles(&self) -> u64 {
        self.articles.load(Ordering::Relaxed)
    }

    /// The refresh that is running, if one is.
    #[must_use]
    pub fn look(&self) -> Option<Look> {
        let stage = self.stage()?;
        Some(Look {
            articles: self.articles(),
            bytes: self.bytes.load(Ordering::Relaxed),
            expected: stage.expected,
            elapsed: stage.begun.elapsed(),
            makes: stage.makes,
        })
    }
}

/// The texts of an article: what reading it is about, whatever kind of origin it comes from.
fn length(draft: &Draft) -> u64 {
    let content = |content: &Option<Content>| match content {
        Some(Content::Html(text) | Content::Markdown(text) | Content::Text(text)) => text.len(),
        None => 0,
    };
    let title = draft.title.as_ref().map_or(0, String::len);
    let length = title + content(&draft.summary) + content(&draft.content);
    u64::try_from(length).unwrap_or(u64::MAX)
}

impl Look {
    /// How many articles are read in a second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        // Counts lose nothing that could be seen.
        #[allow(clippy::cast_precision_loss, reason = "a rate is no exact number")]
        let articles = self.articles as f64;
        articles / self.elapsed.as_secs_f64().max(0.001)
    }

    /// How long reading the rest takes, if it goes on like this and there is about as much as
    /// before.
    #[must_use]
    pub fn left(&self) -> Option<Duration> {
        let rest = self.expected.checked_sub(self.articles)?;
        let read = u32::try_from(self.articles).ok().filter(|read| *read > 0)?;
        let rest = u32::try_from(rest).ok().filter(|rest| *rest > 0)?;
        Some(self.elapsed.mul_f64(f64::from(rest) / f64::from(read)))
    }

    /// In a line for people.
    #[must_use]
    pub fn sentence(&self) -> String {
        let articles = count(whole(self.articles), "article");
        if self.makes {
            let seconds = self.elapsed.as_secs();
            return format!("making the documents of {articles}, after {seconds} s");
        }
        let read = match self.expected {
            expected if expected > self.articles => {
                let (number, _) = articles.split_once(' ').unwrap_or((&articles, ""));
                format!("{number} of about {}", count(whole(expected), "article"))
            }
            _ => articles,
        };
        let mut line = format!(
            "reading: {read}, {}, {:.0} articles a second",
            size(self.bytes),
            self.rate()
        );
        if let Some(left) = self.left() {
            line.push_str(&format!(", about {} s left", left.as_secs() + 1));
        }
        line
    }
}

fn whole(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(articles: u64, expected: u64) -> Look {
        Look {
            articles,
            bytes: 3_407_872,
            expected,
            elapsed: Duration::from_secs(4),
            makes: false,
        }
    }

    #[test]
    fn what_is_left_is_told_where_it_can_be_known() {
        assert_eq!(
            look(1_000, 10_000).sentence(),
            "reading: 1,000 of about 10,000 articles, 3.2 MiB, 250 articles a second, \
             about 37 s left"
        );
        // A first read, and one of a catalogue that has grown.
        for expected in [0, 900] {
            assert_eq!(
                look(1_000, expected).sentence(),
                "reading: 1,000 articles, 3.2 MiB, 250 articles a second"
            );
        }
        assert_eq!(look(0, 10).left(), None);
        let makes = Look {
            makes: true,
            ..look(1, 10)
        };
        assert_eq!(
            makes.sentence(),
            "making the documents of 1 article, after 4 s"
        );
    }

    #[test]
    fn counts_stay_when_a_refresh_ends_and_begin_anew_with_the_next() {
        let progress = Progress::default();
        assert_eq!(progress.look(), None);
        progress.begin(7);
        let draft = Draft {
            title: Some("Title".to_owned()),
            content: Some(Content::Text("12345".to_owned())),
            ..Draft::default()
        };
        progress.add(&News::Read(Reading::Draft(Box::new(draft)), None));
        progress.add(&News::Same("a.md".to_owned()));
        let look = progress.look().unwrap();
        assert_eq!((look.articles, look.bytes, look.expected), (2, 10, 7));
        progress.make();
        assert!(progress.look().unwrap().makes);
        progress.end();
        assert_eq!((progress.look(), progress.articles()), (None, 2));
        progress.begin(2);
        assert_eq!(progress.articles(), 0);
    }
}
