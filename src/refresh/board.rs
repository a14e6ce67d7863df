//! How things stand, for the operator: written by the keeper, read by `admin` without a wait.

use std::{path::PathBuf, sync::Arc, time::Duration};

use arc_swap::ArcSwap;

use super::{Ending, HeldRefresh, Progress, Refreshed};
use crate::{article::Timestamp, edition::Edition};

/// Where the process is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// There is no edition yet.
    Starting,
    /// An edition is served.
    Ready,
    /// No new connection is taken.
    Stopping,
}

/// What a refresh that changed nothing leaves to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// `Held` or `Failed`.
    pub ending: Ending,
    /// Since when every refresh ended so.
    pub since: Timestamp,
    /// How many did.
    pub times: u64,
    /// The newest reason, in words for people.
    pub reason: String,
    /// What a held refresh would have done.
    pub held: Option<Arc<HeldRefresh>>,
}

/// The last refresh that succeeded.
#[derive(Debug, Clone)]
pub struct Good {
    /// When it ended.
    pub at: Timestamp,
    /// How long it took.
    pub took: Duration,
    /// What it gave.
    pub refreshed: Arc<Refreshed>,
}

/// How things stand at one moment.
#[derive(Debug, Clone)]
pub struct Standing {
    /// Where the process is in its life.
    pub phase: Phase,
    /// When the process began.
    pub started: Timestamp,
    /// The configuration.
    pub file: PathBuf,
    /// When the configuration in force was loaded.
    pub configured: Timestamp,
    /// When a newer configuration was refused, and all its faults.
    pub refused: Option<(Timestamp, String)>,
    /// The site's URL.
    pub site: String,
    /// What the origin is called.
    pub origin: String,
    /// Why the origin is not watched, so that changes are seen by the slow look alone.
    pub unwatched: Option<String>,
    /// Since when a refresh is running.
    pub refreshing: Option<Timestamp>,
    /// The last refresh that succeeded in this process.
    pub good: Option<Good>,
    /// Why the newest refresh did not.
    pub trouble: Option<Trouble>,
    /// When the next refresh is tried after a failure.
    pub retry: Option<Timestamp>,
    /// How many refreshes ended in each way, in the order of [`Ending::ALL`].
    pub endings: [u64; 3],
    /// What is served.
    pub edition: Arc<Edition>,
}

/// Shows the newest [`Standing`] to everybody.
#[derive(Debug, Clone)]
pub struct Board {
    standing: Arc<ArcSwap<Standing>>,
    progress: Arc<Progress>,
}

impl Board {
    /// Begins with nothing served.
    #[must_use]
    pub fn new(file: PathBuf, now: Timestamp) -> Self {
        let standing = Standing {
            phase: Phase::Starting,
            started: now,
            file,
            configured: now,
            refused: None,
            site: String::new(),
            origin: String::new(),
            unwatched: None,
            refreshing: None,
            good: None,
            trouble: None,
            retry: None,
            endings: [0; 3],
            edition: Arc::default(),
        };
        Self {
            standing: Arc::new(ArcSwap::from_pointee(standing)),
            progress: Arc::default(),
        }
    }

    /// How things stand.
    #[must_use]
    pub fn standing(&self) -> Arc<Standing> {
        self.standing.load_full()
    }

    /// How many articles the refresh that is running has read so far.
    #[must_use]
    pub fn read_so_far(&self) -> u64 {
        self.progress.articles()
    }

    /// Where a running refresh counts what it reads.
    #[must_use]
    pub fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }

    /// Says where the process is in its life.
    pub fn enter(&self, phase: Phase) {
        self.update(|standing| standing.phase = phase);
    }

    /// Changes something.
    pub(super) fn update(&self, change: impl Fn(&mut Standing)) {
        self.standing.rcu(|standing| {
            let mut standing = Standing::clone(standing);
            change(&mut standing);
            standing
        });
    }

    /// Notes that a refresh began.
    pub(super) fn begin(&self, now: Timestamp) {
        self.update(|standing| standing.refreshing = Some(now));
    }

    /// Notes that a refresh succeeded.
    pub(super) fn succeed(&self, good: &Good) {
        let edition = Arc::new(good.refreshed.made.edition.clone());
        self.update(|standing| {
            standing.end(Ending::Refreshed);
            standing.good = Some(good.clone());
            standing.trouble = None;
            standing.edition = Arc::clone(&edition);
        });
    }

    /// Notes that a refresh did not, and what it would have done if a guard held it.
    pub(super) fn fail(
        &self,
        ending: Ending,
        reason: &str,
        held: Option<Arc<HeldRefresh>>,
        now: Timestamp,
    ) {
        self.update(|standing| {
            standing.end(ending);
            let before = standing
                .trouble
                .take()
                .filter(|before| before.ending == ending);
            standing.trouble = Some(Trouble {
                ending,
                since: before.as_ref().map_or(now, |before| before.since),
                times: before.map_or(0, |before| before.times) + 1,
                reason: reason.to_owned(),
                held: held.clone(),
            });
        });
    }
}

impl Standing {
    fn end(&mut self, ending: Ending) {
        self.refreshing = None;
        self.retry = None;
        for (count, known) in self.endings.iter_mut().zip(Ending::ALL) {
            *count += u64::from(known == ending);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix(seconds).unwrap()
    }

    #[test]
    fn an_outage_keeps_its_beginning_and_its_count() {
        let board = Board::new(PathBuf::new(), at(0));
        board.fail(Ending::Failed, "no file", None, at(10));
        board.fail(Ending::Failed, "no folder", None, at(20));
        let trouble = board.standing().trouble.clone().unwrap();
        assert_eq!((trouble.since, trouble.times), (at(10), 2));
        assert_eq!(trouble.reason, "no folder");
        board.fail(Ending::Held, "too few", None, at(30));
        let trouble = board.standing().trouble.clone().unwrap();
        assert_eq!(
            (trouble.since, trouble.times),
            (at(30), 1),
            "another trouble"
        );
        assert_eq!(board.standing().endings, [0, 1, 2]);
    }
}
