//! Waits, on a thread of its own, for what a server tells of changes, and asks where it
//! tells nothing.
//!
//! One connection is held, so that a server that goes away is missed within seconds, and one
//! that comes back is read at once, however long it was away.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use super::{
    database::{Database, Trouble, Wait},
    pulse::{AGAIN, Pulse},
};
use crate::source::{Listening, Nudge};

/// How often the server is looked after, be there news or not.
const BEAT: Duration = Duration::from_secs(2);
/// How long to wait after an answer that will be the same for a while, such as a wrong
/// password: servers count those.
const LONG: Duration = Duration::from_secs(30);

/// Ends the thread when it is dropped.
pub(super) struct Watch {
    over: Arc<AtomicBool>,
}

impl Listening for Watch {}

impl Drop for Watch {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}

/// What the thread works with.
struct Watcher {
    database: Arc<dyn Database>,
    name: String,
    interval: Duration,
    pulse: Arc<Pulse>,
    nudge: Nudge,
    over: Arc<AtomicBool>,
}

/// Begins to watch. Without a thread to do it with there are the keeper's own slow looks.
pub(super) fn begin(
    database: Arc<dyn Database>,
    name: &str,
    interval: Duration,
    pulse: Arc<Pulse>,
    nudge: Nudge,
) -> Watch {
    let over = Arc::new(AtomicBool::new(false));
    let watcher = Watcher {
        database,
        name: name.to_owned(),
        interval,
        pulse,
        nudge,
        over: Arc::clone(&over),
    };
    let thread = thread::Builder::new().name("watch".to_owned());
    if let Err(error) = thread.spawn(move || watcher.run()) {
        tracing::warn!("{name} is not watched: {error}");
    }
    Watch { over }
}

impl Watcher {
    fn run(&self) {
        let mut lost = false;
        let mut told = String::new();
        while !self.is_over() {
            match self.database.wait() {
                Ok(wait) => {
                    let deaf = wait.deaf().unwrap_or_default().to_owned();
                    if !deaf.is_empty() && told != deaf {
                        tracing::warn!("{} {deaf}", self.name);
                    }
                    told = deaf;
                    if lost {
                        // What was told meanwhile was told to nobody.
                        self.pulse.beat();
                        (self.nudge)();
                    }
                    self.follow(wait);
                    lost = true;
                    self.pulse.wake();
                    (self.nudge)();
                    self.pause(AGAIN);
                }
                Err(trouble) => {
                    lost = true;
                    self.pulse.wake();
                    (self.nudge)();
                    self.pause(patience(&trouble));
                }
            }
        }
    }

    /// Until the connection is lost.
    fn follow(&self, mut wait: Box<dyn Wait>) {
        let mut asked = Instant::now();
        while !self.is_over() {
            let left = self.interval.saturating_sub(asked.elapsed());
            match wait.wait(left.clamp(Duration::from_millis(10), BEAT)) {
                Ok(true) => {
                    self.pulse.beat();
                    (self.nudge)();
                }
                Ok(false) if asked.elapsed() >= self.interval || self.pulse.is_down() => {
                    asked = Instant::now();
                    (self.nudge)();
                }
                Ok(false) => {}
                Err(_) => return,
            }
        }
    }

    fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    /// In small steps, so that the end is not waited for.
    fn pause(&self, time: Duration) {
        let begun = Instant::now();
        while !self.is_over() && begun.elapsed() < time {
            thread::sleep(AGAIN.min(time));
        }
    }
}

fn patience(trouble: &Trouble) -> Duration {
    if trouble.is_lasting() { LONG } else { AGAIN }
}
