//! Writing to the terminal or a pipe, which may be full or gone: nothing here panics, as
//! `println!` would.

use std::io::{ErrorKind, IsTerminal as _, Write as _};

use super::Status;

pub(super) use crate::refresh::words::{count, folded};

/// Writes a line of news to standard error.
pub(super) fn say(line: &str) {
    let mut stderr = std::io::stderr().lock();
    // Nobody is left to be told if this fails.
    let _ = stderr.write_all(format!("{line}\n").as_bytes());
}

/// Writes a command's result to standard output, and gives the status of the command: that
/// it `came` to, unless the result is lost. A reader that has seen enough (`| head`) loses
/// nothing.
pub(super) fn write(bytes: &[u8], came: Status) -> Status {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            say(&format!("the result cannot be written: {error}"));
            Status::Failed
        }
        _ => came,
    }
}

/// Whether a person is likely to read standard error.
pub(super) fn is_watched() -> bool {
    std::io::stderr().is_terminal()
}
