//! Writing to the terminal or a pipe, which may be full or gone: nothing here panics, as
//! `println!` would.

use std::io::{ErrorKind, IsTerminal as _, Write as _};

use super::Status;

pub(super) use crate::refresh::words::count;

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

/// A line for people as lines of at most 80 characters; those that go on are indented.
pub(super) fn folded(line: &str) -> String {
    const WIDTH: usize = 80;
    const INDENT: &str = "    ";
    let mut out = String::with_capacity(line.len() + 16);
    let mut used = 0;
    for word in line.split(' ') {
        let length = word.chars().count();
        if used > INDENT.len() && used + 1 + length > WIDTH {
            out.push('\n');
            out.push_str(INDENT);
            used = INDENT.len();
        } else if used > 0 {
            out.push(' ');
            used += 1;
        }
        out.push_str(word);
        used += length;
    }
    out
}

/// Whether a person is likely to read standard error.
pub(super) fn is_watched() -> bool {
    std::io::stderr().is_terminal()
}

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn long_lines_are_folded_between_words() {
        let line = format!("rejected: a.json:1: {}", "word ".repeat(30).trim_end());
        let folded = folded(&line);
        assert!(
            folded.lines().all(|line| line.chars().count() <= 80),
            "{folded}"
        );
        assert!(
            folded
                .lines()
                .skip(1)
                .all(|line| line.starts_with("    word"))
        );
        let joined = folded.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(joined, line);
        assert_eq!(super::folded("short"), "short");
    }
}
