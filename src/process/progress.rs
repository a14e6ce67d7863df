//! Shows how a long refresh goes: on a terminal a line that is drawn anew, elsewhere a line of
//! the log now and then. A short one is not spoken of.

use std::{
    io::{IsTerminal as _, stderr},
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    time::Duration,
};

use indicatif::{ProgressBar, ProgressStyle};

use crate::refresh::{Look, Progress};

/// A refresh that is over sooner needs no line on a terminal.
const SHORT: Duration = Duration::from_millis(500);
/// How often that line is looked after.
const TICK: Duration = Duration::from_millis(100);
/// How often a log tells of a refresh that goes on.
const PERIOD: Duration = Duration::from_secs(10);
/// A terminal that is held does not keep the process.
const PATIENCE: Duration = Duration::from_secs(1);

/// A line at the end of a terminal, or nothing where standard error is none. What else is
/// written there goes through [`ProgressBar::suspend`].
#[must_use]
pub fn line() -> ProgressBar {
    let line = if stderr().is_terminal() {
        ProgressBar::no_length()
    } else {
        ProgressBar::hidden()
    };
    // A template that cannot be read would be a fault of the program; the default shows all
    // the same.
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
        line.set_style(style);
    }
    // What is finished is not drawn.
    line.finish_and_clear();
    line
}

/// Shows refreshes until it is dropped.
#[derive(Debug)]
pub struct Shown {
    stop: Option<Sender<()>>,
    cleared: Receiver<()>,
}

impl Shown {
    /// Shows what is counted in `progress` on `line`, or where that is none, by `tell`.
    #[must_use]
    pub fn begin(progress: Arc<Progress>, line: ProgressBar, tell: fn(&Look)) -> Self {
        let (stop, stopped) = channel::<()>();
        let (clear, cleared) = channel();
        let show = move || {
            let tick = if line.is_hidden() { PERIOD / 10 } else { TICK };
            let mut show = Show {
                line,
                tell,
                told: 0,
            };
            while stopped.recv_timeout(tick) == Err(RecvTimeoutError::Timeout) {
                show.look(progress.look());
            }
            show.line.finish_and_clear();
            let _ = clear.send(());
        };
        // Without a thread nothing is shown, and all else goes on.
        let thread = std::thread::Builder::new().name("progress".to_owned());
        drop(thread.spawn(show));
        Self {
            stop: Some(stop),
            cleared,
        }
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        drop(self.stop.take());
        let _ = self.cleared.recv_timeout(PATIENCE);
    }
}

struct Show {
    line: ProgressBar,
    tell: fn(&Look),
    /// How many periods of the refresh that is running were told of.
    told: u64,
}

impl Show {
    fn look(&mut self, look: Option<Look>) {
        let Some(look) = look.filter(|look| look.elapsed >= SHORT) else {
            self.told = 0;
            if !self.line.is_finished() {
                self.line.finish_and_clear();
            }
            return;
        };
        if !self.line.is_hidden() {
            if self.line.is_finished() {
                self.line.reset();
            }
            self.line.set_message(look.sentence());
            self.line.tick();
            return;
        }
        let periods = look.elapsed.as_secs() / PERIOD.as_secs();
        if periods > self.told {
            (self.tell)(&look);
        }
        self.told = periods;
    }
}
