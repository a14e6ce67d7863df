//! The access log: a line per request, written by a thread of its own so that neither a slow
//! disk nor a full one is noticed by a reader.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
        mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel},
    },
    time::Duration,
};

use hyper::StatusCode;

use super::Line;
use crate::config::AccessLogConfig;

/// Lines that may wait to be written; past that they are dropped and counted.
const QUEUE: usize = 16 * 1024;
/// How much is gathered for one write.
const BATCH: usize = 64 * 1024;
/// How soon a wish to reopen the file is noticed when there is nothing to write.
const LOOK: Duration = Duration::from_millis(500);

/// An access log. A clone writes to the same one; the file is closed with the last of them.
#[derive(Debug, Clone)]
pub struct AccessLog {
    messages: SyncSender<Message>,
    shared: Arc<Shared>,
    config: Arc<AccessLogConfig>,
}

/// What the thread is sent.
#[derive(Debug)]
enum Message {
    Line(String),
    /// To be answered once all lines before it are written.
    Flush(SyncSender<()>),
}

#[derive(Debug, Default)]
struct Shared {
    dropped: AtomicU64,
    not_modified: AtomicU64,
    reopen: AtomicBool,
}

impl AccessLog {
    /// Opens the file, to be written to at its end, and starts the thread.
    ///
    /// # Errors
    /// When the file cannot be opened or the thread not be started.
    pub fn open(config: &AccessLogConfig) -> io::Result<Self> {
        let (messages, waiting) = sync_channel(QUEUE);
        let shared = Arc::new(Shared::default());
        let writer = Writer {
            file: open(config.path.as_ref())?,
            path: config.path.clone(),
            shared: Arc::clone(&shared),
            is_torn: false,
        };
        std::thread::Builder::new()
            .name("access log".to_owned())
            .spawn(move || writer.run(&waiting))?;
        Ok(Self {
            messages,
            shared,
            config: Arc::new(config.clone()),
        })
    }

    /// Opens the file anew at the same path: to be called after it was moved away.
    pub fn reopen(&self) {
        self.shared.reopen.store(true, Relaxed);
    }

    /// How many lines could not be written: the disk was full or slower than the readers.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.shared.dropped.load(Relaxed)
    }

    /// Waits until the lines so far are written, for `patience` at most: to be called before
    /// the process ends. Blocks.
    pub(in crate::serve) fn flush(&self, patience: Duration) {
        let (done, finished) = sync_channel(1);
        if self.messages.try_send(Message::Flush(done)).is_ok() {
            let _ = finished.recv_timeout(patience);
        }
    }

    /// Takes the line of a request that was answered with `status`, unless it is one of the
    /// 304s that are left out. Never waits.
    pub(in crate::serve) fn write<'a>(&self, status: StatusCode, line: impl FnOnce() -> Line<'a>) {
        if status == StatusCode::NOT_MODIFIED && self.config.sample_304 > 1 {
            let count = self.shared.not_modified.fetch_add(1, Relaxed);
            if !count.is_multiple_of(self.config.sample_304 as u64) {
                return;
            }
        }
        let text = line().text(self.config.format, self.config.addresses);
        if let Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) =
            self.messages.try_send(Message::Line(text))
        {
            self.shared.dropped.fetch_add(1, Relaxed);
        }
    }
}

fn open(path: Option<&PathBuf>) -> io::Result<Box<dyn Write + Send>> {
    Ok(match path {
        Some(path) => Box::new(append(path)?),
        None => Box::new(io::stdout()),
    })
}

fn append(path: &PathBuf) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path)
}

struct Writer {
    file: Box<dyn Write + Send>,
    path: Option<PathBuf>,
    shared: Arc<Shared>,
    /// A write failed in the middle of a line.
    is_torn: bool,
}

impl Writer {
    /// Writes what comes until no one is left who could send more.
    fn run(mut self, messages: &Receiver<Message>) {
        loop {
            match messages.recv_timeout(LOOK) {
                Ok(first) => {
                    let (batch, count, waiting) = gather(first, messages);
                    self.reopen_if_asked();
                    self.write(&batch, count);
                    if let Some(waiting) = waiting {
                        let _ = waiting.try_send(());
                    }
                }
                Err(RecvTimeoutError::Timeout) => self.reopen_if_asked(),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn reopen_if_asked(&mut self) {
        // Where it cannot be opened, the old file is better than none.
        if self.shared.reopen.swap(false, Relaxed)
            && let Ok(file) = open(self.path.as_ref())
        {
            self.file = file;
            self.is_torn = false;
        }
    }

    fn write(&mut self, batch: &str, count: u64) {
        let mut rest = batch.as_bytes();
        if self.is_torn && self.file.write_all(b"\n").is_ok() {
            self.is_torn = false;
        }
        while !rest.is_empty() && !self.is_torn {
            match self.file.write(rest) {
                Ok(written @ 1..) => rest = &rest[written..],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // The disk is full, or the pipe is gone. Serving goes on.
                Ok(0) | Err(_) => {
                    let done = batch.len() - rest.len();
                    self.is_torn = !batch[..done].ends_with('\n') && done > 0;
                    let lost = rest.iter().filter(|byte| **byte == b'\n').count();
                    self.shared.dropped.fetch_add(lost as u64, Relaxed);
                    return;
                }
            }
        }
        if !rest.is_empty() {
            self.shared.dropped.fetch_add(count, Relaxed);
        }
        let _ = self.file.flush();
    }
}

/// The lines that wait, in one piece, and their number; and who waits for them.
fn gather(first: Message, messages: &Receiver<Message>) -> (String, u64, Option<SyncSender<()>>) {
    let (mut batch, mut count) = (String::new(), 0);
    let mut next = Some(first);
    while let Some(message) = next {
        match message {
            Message::Line(line) => {
                batch.push_str(&line);
                count += 1;
            }
            Message::Flush(waiting) => return (batch, count, Some(waiting)),
        }
        next = if batch.len() < BATCH {
            messages.try_recv().ok()
        } else {
            None
        };
    }
    (batch, count, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes `room` bytes and then fails, as a full disk does.
    struct Disk(Arc<std::sync::Mutex<(Vec<u8>, usize)>>);

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let (written, room) = &mut *self.0.lock().unwrap();
            let length = bytes.len().min(*room);
            if length == 0 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            written.extend_from_slice(&bytes[..length]);
            *room -= length;
            Ok(length)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_full_disk_costs_lines_which_are_counted_and_no_line_is_glued_to_a_torn_one() {
        let disk = Arc::new(std::sync::Mutex::new((Vec::new(), 7)));
        let shared = Arc::new(Shared::default());
        let mut writer = Writer {
            file: Box::new(Disk(Arc::clone(&disk))),
            path: None,
            shared: Arc::clone(&shared),
            is_torn: false,
        };
        writer.write("one\ntwo\nthree\n", 3);
        writer.write("four\n", 1);
        assert_eq!(shared.dropped.load(Relaxed), 3);
        disk.lock().unwrap().1 = 100;
        writer.write("five\n", 1);
        assert_eq!(shared.dropped.load(Relaxed), 3);
        assert_eq!(disk.lock().unwrap().0, b"one\ntwo\nfive\n");
    }
}
