//! News of a running server: sentences on a terminal, one JSON object a line elsewhere.
//!
//! Nothing here waits or panics. Lines go to a thread of their own through a queue of
//! bounded length; where nobody takes them off, they are dropped and counted.

use std::{
    fmt,
    io::{self, IsTerminal as _, Write, stderr},
};

use indicatif::ProgressBar;

use tracing::{Event, Subscriber};
use tracing_appender::non_blocking::{ErrorCounter, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::{
    fmt::{FmtContext, FormatEvent, FormatFields, format::Writer},
    registry::LookupSpan,
};

use super::progress;
use crate::refresh::words::fitting;

/// How lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// The message alone, for people.
    Text,
    /// An object with `timestamp`, `level`, `message` and further fields.
    Json,
}

impl Format {
    /// What suits whoever reads standard error.
    #[must_use]
    pub fn fitting() -> Self {
        if stderr().is_terminal() {
            Self::Text
        } else {
            Self::Json
        }
    }
}

/// Writes what is still queued, for a second at most, when it is dropped.
#[derive(Debug)]
pub struct Logs {
    _guard: WorkerGuard,
    dropped: ErrorCounter,
    line: ProgressBar,
}

/// Standard error, whose last line on a terminal may show how a refresh goes.
struct BesideLine(ProgressBar);

impl Write for BesideLine {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.is_finished() {
            return stderr().write(bytes);
        }
        self.0.suspend(|| stderr().write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        stderr().flush()
    }
}

impl Logs {
    /// Lines that may be waiting. The places for them are made at the start, 32 bytes each.
    const QUEUE: usize = 1_024;

    /// Begins to write to standard error. A second call changes nothing but what it returns.
    #[must_use]
    pub fn begin(format: Format) -> Self {
        let line = progress::line();
        let (writer, guard) = NonBlockingBuilder::default()
            .lossy(true)
            .buffered_lines_limit(Self::QUEUE)
            .thread_name("log")
            .finish(BesideLine(line.clone()));
        let dropped = writer.error_counter();
        let lines = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::INFO)
            .with_writer(writer);
        let begun = match format {
            Format::Text => {
                let subscriber = lines.event_format(Sentence).finish();
                tracing::subscriber::set_global_default(subscriber)
            }
            Format::Json => {
                let lines = lines.json().flatten_event(true).with_target(false);
                let subscriber = lines
                    .with_current_span(false)
                    .with_span_list(false)
                    .finish();
                tracing::subscriber::set_global_default(subscriber)
            }
        };
        // Only a second call fails, and then the first one goes on.
        drop(begun);
        Self {
            _guard: guard,
            dropped,
            line,
        }
    }

    /// Where the terminal shows how a refresh goes.
    #[must_use]
    pub fn line(&self) -> ProgressBar {
        self.line.clone()
    }

    /// Counts the lines that nobody took.
    #[must_use]
    pub fn dropped(&self) -> ErrorCounter {
        self.dropped.clone()
    }
}

/// The message, without time, level and fields: a person sees those for himself.
struct Sentence;

impl<S, N> FormatEvent<S, N> for Sentence
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut message = Message(Ok(()), writer.by_ref());
        event.record(&mut message);
        message.0?;
        writeln!(writer)
    }
}

/// Writes the field `message` and no other.
struct Message<'a>(fmt::Result, Writer<'a>);

impl tracing::field::Visit for Message<'_> {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.0 = write!(self.1, "{}", fitting(&harmless(&format!("{value:?}"))));
        }
    }
}

/// Texts of the origin stand in messages, and a terminal obeys control characters.
fn harmless(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        if char.is_control() && char != '\n' {
            out.extend(char.escape_default());
        } else {
            out.push(char);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn a_title_cannot_give_orders_to_the_terminal() {
        assert_eq!(
            harmless("rejected: \u{1b}[2J\r\nnext"),
            "rejected: \\u{1b}[2J\\r\nnext"
        );
    }
}
