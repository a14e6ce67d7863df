//! How a server looked when it was last asked, so that it is asked no more often than the
//! configuration allows, however often one looks.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::database::{Trouble, TroubleKind};

/// How soon a server that gave trouble is asked again.
pub(super) const AGAIN: Duration = Duration::from_secs(1);

/// What is known of one server, shared by those who look and those who listen.
#[derive(Debug, Default)]
pub(super) struct Pulse(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    asked: Option<Instant>,
    /// What it said.
    said: Said,
    /// Counts what cannot be told from what is said.
    beats: u64,
    /// Whether it said the same twice: before that, another change with the same time may
    /// hide behind the first.
    settled: bool,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum Said {
    #[default]
    Nothing,
    Looks(String),
    Trouble(TroubleKind),
}

impl Pulse {
    fn state(&self) -> MutexGuard<'_, State> {
        // A text or a number is whole, whoever panicked.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How it looks. `ask` is called when the last answer is older than `interval`; it gives
    /// `None` where only a reading can tell what is new.
    pub(super) fn look(
        &self,
        interval: Duration,
        ask: impl FnOnce() -> Result<Option<String>, Trouble>,
    ) -> String {
        let mut state = self.state();
        let age = match state.said {
            Said::Trouble(_) => AGAIN.min(interval),
            _ => interval,
        };
        if state.asked.is_none_or(|asked| asked.elapsed() >= age) {
            let said = match ask() {
                Ok(Some(looks)) => Said::Looks(looks),
                Ok(None) => {
                    state.beats += 1;
                    Said::Looks(String::new())
                }
                Err(trouble) => Said::Trouble(trouble.kind),
            };
            state.settled = state.said == said;
            state.said = said;
            state.asked = Some(Instant::now());
        }
        match &state.said {
            // How long it lasts says nothing.
            Said::Trouble(kind) => format!("{kind:?}"),
            said => format!("{said:?} {} {}", state.beats, state.settled),
        }
    }

    /// After a reading: what was read need not be asked for at once.
    pub(super) fn rest(&self) {
        let mut state = self.state();
        if state.asked.is_some() {
            state.asked = Some(Instant::now());
        }
    }

    /// There is news: the next look asks, and finds another look.
    pub(super) fn beat(&self) {
        let mut state = self.state();
        state.beats += 1;
        state.asked = None;
    }

    /// The next look asks.
    pub(super) fn wake(&self) {
        self.state().asked = None;
    }

    /// Whether it gave trouble when it was last asked.
    pub(super) fn is_down(&self) -> bool {
        matches!(self.state().said, Said::Trouble(_))
    }
}
