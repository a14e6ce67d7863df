//! Writing to the terminal or a pipe, which may be full or gone: nothing here panics, as
//! `println!` would.

use std::io::{IsTerminal as _, Write as _};

pub(super) use crate::refresh::words::count;

/// Writes a line of news to standard error.
pub(super) fn say(line: &str) {
    let mut stderr = std::io::stderr().lock();
    // Nobody is left to be told if this fails.
    let _ = stderr.write_all(format!("{line}\n").as_bytes());
}

/// Writes a command's result to standard output.
pub(super) fn write(bytes: &[u8]) {
    let mut stdout = std::io::stdout().lock();
    let _ = stdout.write_all(bytes);
    let _ = stdout.flush();
}

/// Whether a person is likely to read standard error.
pub(super) fn is_watched() -> bool {
    std::io::stderr().is_terminal()
}
