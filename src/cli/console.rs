//! Writing to the terminal or a pipe, which may be full or gone: nothing here panics, as
//! `println!` would.

use std::io::{IsTerminal as _, Write as _};

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

/// `1 article`, `2 articles`.
pub(super) fn count(number: usize, noun: &str) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let ending = if number == 1 { "" } else { "s" };
    format!("{grouped} {noun}{ending}")
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn numbers_are_readable() {
        assert_eq!(count(1, "article"), "1 article");
        assert_eq!(count(0, "article"), "0 articles");
        assert_eq!(count(1_234_567, "article"), "1,234,567 articles");
    }
}
