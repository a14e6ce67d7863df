//! The body of an answer as it comes, for whoever reads it on a thread that may wait.

use std::{
    io::{self, Read},
    time::{Duration, Instant},
};

use bytes::{Buf as _, Bytes};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::{runtime::Runtime, time::timeout};

use super::fetch::innermost;

/// Bytes a second, at least: else a body could come for days, and a read never end.
const SLOWEST: u64 = 16 * 1024;

/// A body that is read on `runtime`, a piece at a time.
pub(super) struct Stream<'r> {
    runtime: &'r Runtime,
    body: Incoming,
    piece: Bytes,
    silence: Duration,
    /// What came so far, in bytes, and for how long it was waited for.
    came: u64,
    waited: Duration,
    /// How many bytes there may be, still packed.
    limit: u64,
    /// When all of it must be over.
    end: Instant,
}

impl<'r> Stream<'r> {
    pub(super) const fn new(
        runtime: &'r Runtime,
        body: Incoming,
        silence: Duration,
        (limit, end): (u64, Instant),
    ) -> Self {
        Self {
            runtime,
            body,
            piece: Bytes::new(),
            silence,
            came: 0,
            waited: Duration::ZERO,
            limit,
            end,
        }
    }

    /// The next piece; `None` behind the last one. A body that breaks off is an error (RFC 9112
    /// section 8).
    fn next(&mut self) -> io::Result<Option<Bytes>> {
        let begun = Instant::now();
        let due = self.silence + Duration::from_secs(self.came / SLOWEST);
        let left = self.end.saturating_duration_since(begun);
        if left.is_zero() {
            return Err(too_slow("it does not end"));
        }
        let patience = due.saturating_sub(self.waited).min(self.silence).min(left);
        let body = &mut self.body;
        let next = self
            .runtime
            .block_on(async { timeout(patience, body.frame()).await });
        self.waited += begun.elapsed();
        match next {
            Ok(None) => Ok(None),
            Ok(Some(Ok(frame))) => {
                // Trailers hold nothing.
                let piece = frame.into_data().unwrap_or_default();
                self.came += piece.len() as u64;
                if self.came > self.limit {
                    let what = format!("it sends more than {} bytes", self.limit);
                    return Err(io::Error::new(io::ErrorKind::FileTooLarge, what));
                }
                Ok(Some(piece))
            }
            Ok(Some(Err(error))) => Err(io::Error::other(innermost(&error))),
            Err(_) if patience == left => Err(too_slow("it does not end")),
            Err(_) => {
                let seconds = self.silence.as_secs();
                let what = format!("nothing came for {seconds} seconds, or little for longer");
                Err(too_slow(&what))
            }
        }
    }
}

fn too_slow(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, what.to_owned())
}

impl Read for Stream<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() {
            match self.next()? {
                Some(piece) => self.piece = piece,
                None => return Ok(0),
            }
        }
        let length = buffer.len().min(self.piece.len());
        let (buffer, _) = buffer.split_at_mut(length);
        self.piece.copy_to_slice(buffer);
        Ok(length)
    }
}
