//! What a refresh came to, in words for people.

use std::{fmt, path::Path};

use super::{RefreshError, Refreshed};

/// How a refresh ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// What was read is served.
    Refreshed,
    /// A guard holds it until the operator accepts it.
    Held,
    /// Nothing could be read or kept.
    Failed,
}

impl Ending {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Refreshed, Self::Held, Self::Failed];

    /// In one word, for metrics and programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Refreshed => "refreshed",
            Self::Held => "held",
            Self::Failed => "failed",
        }
    }

    /// Of a refresh.
    #[must_use]
    pub const fn of(outcome: &Result<Refreshed, RefreshError>) -> Self {
        match outcome {
            Ok(_) => Self::Refreshed,
            Err(RefreshError::Held(_)) => Self::Held,
            Err(_) => Self::Failed,
        }
    }
}

/// One line, or a few where there is something to be done. Where nothing came of it, the
/// last good edition is served, if there is one.
#[must_use]
pub fn sentence(outcome: &Result<Refreshed, RefreshError>, has_edition: bool) -> String {
    match outcome {
        Ok(refreshed) => format!("refreshed: {}", summary(refreshed)),
        Err(error) if has_edition => {
            format!("{}\nThe last good edition is still served.", failure(error))
        }
        Err(error) => failure(error),
    }
}

/// Why a refresh changed nothing: what begins with `held:` waits for the operator.
#[must_use]
pub fn failure(error: &RefreshError) -> String {
    match error {
        RefreshError::Held(_) => {
            format!("held: {error}\nhelp: dateline accept lists it and takes it")
        }
        error => format!("failed: {error}"),
    }
}

/// That a damaged store was set aside, and what that means.
#[must_use]
pub fn set_aside(aside: &Path, why: &str) -> String {
    format!(
        "set aside: {why}; the damaged store is now {}\n\
         A new one is made from the origin. Dates that only the old one knew are lost: they\n\
         come from the origin or are left out.\n\
         help: if you have a copy of the history: dateline history import FILE",
        aside.display()
    )
}

/// What a person must know of a refresh: a line per rejected article, remark and fault, and at
/// most `most` of each kind. Where there are more, a line says how many, and who names them.
#[must_use]
pub fn complaints(refreshed: &Refreshed, most: usize) -> Vec<String> {
    let (intake, made) = (&refreshed.intake, &refreshed.made);
    let rejected = intake.rejected.iter();
    let rejected = rejected.map(|one| format!("{}: {}", one.locator, one.reason));
    let remarks = intake.remarks.iter();
    let remarks = remarks.map(|one| format!("{}: {}", one.locator, one.text));
    let notes: Vec<String> = remarks.chain(made.remarks.iter().cloned()).collect();
    let mut lines = Vec::new();
    name(&mut lines, "rejected", rejected, most);
    name(&mut lines, "note", notes.into_iter(), most);
    name(&mut lines, "fault", made.faults.iter(), most);
    lines
}

/// Adds the complaints of a kind to `lines`, at most `most` of them.
fn name<C: fmt::Display>(
    lines: &mut Vec<String>,
    kind: &str,
    complaints: impl ExactSizeIterator<Item = C>,
    most: usize,
) {
    let rest = complaints.len().saturating_sub(most);
    lines.extend(complaints.take(most).map(|one| format!("{kind}: {one}")));
    if rest > 0 {
        lines.push(format!(
            "{kind}: {} more: dateline check names each",
            grouped(rest)
        ));
    }
}

/// The counts of a refresh in one line.
#[must_use]
pub fn summary(refreshed: &Refreshed) -> String {
    let intake = &refreshed.intake;
    let documents = refreshed.made.edition.readable_count();
    let mut parts = vec![count(refreshed.public, "article")];
    let scheduled = intake.articles.saturating_sub(refreshed.public);
    for (number, what) in [
        (scheduled, "scheduled"),
        (intake.drafts, "kept back as drafts"),
        (intake.rejected.len(), "rejected"),
        (refreshed.removed.len(), "removed"),
        (intake.touched, "touched without change"),
        (intake.replaced, "characters replaced that XML forbids"),
    ] {
        if number > 0 {
            parts.push(format!("{} {what}", grouped(number)));
        }
    }
    let changed = refreshed.made.changed.len();
    parts.push(format!(
        "{}, {} changed",
        count(documents, "document"),
        grouped(changed)
    ));
    parts.join(", ")
}

/// `1 article`, `2 articles`, `1,234 articles`.
#[must_use]
pub fn count(number: usize, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{} {noun}{ending}", grouped(number))
}

/// `1,234`.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A number of bytes in the unit that a person would choose: `312 bytes`, `3.2 MiB`.
#[must_use]
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1024 {
        return format!("{bytes} bytes");
    }
    // In tenths, so that nothing is lost to floating point.
    let mut tenths = bytes.saturating_mul(10) / 1024;
    let mut unit = UNITS[0];
    for next in &UNITS[1..] {
        if tenths < 10_240 {
            break;
        }
        (tenths, unit) = (tenths / 1024, next);
    }
    format!("{}.{} {unit}", tenths / 10, tenths % 10)
}

/// A line for people as lines of at most 80 characters; those that go on are indented.
#[must_use]
pub fn folded(line: &str) -> String {
    const WIDTH: usize = 80;
    const INDENT: &str = "    ";
    if line.chars().count() <= WIDTH {
        return line.to_owned();
    }
    let mut out = String::with_capacity(line.len() + 16);
    let mut used = 0;
    for (i, word) in line.split(' ').enumerate() {
        let length = word.chars().count();
        if used > INDENT.len() && used + 1 + length > WIDTH {
            out.push('\n');
            out.push_str(INDENT);
            used = INDENT.len();
        } else if i > 0 {
            out.push(' ');
            used += 1;
        }
        out.push_str(word);
        used += length;
    }
    out
}

/// The sentence folded at the width of a terminal. What follows it, such as a part of a file
/// with a caret below, is in lines of its own already.
#[must_use]
pub fn fitting(message: &str) -> String {
    match message.split_once('\n') {
        Some((sentence, rest)) => format!("{}\n{rest}", folded(sentence)),
        None => folded(message),
    }
}

#[cfg(test)]
mod tests {
    use super::{count, fitting, folded, size};

    #[test]
    fn a_sentence_is_folded_and_what_follows_it_is_not() {
        let long = "words ".repeat(20);
        let message = format!("{}\n{}", long.trim_end(), long);
        let fits = fitting(&message);
        let lines: Vec<_> = fits.lines().collect();
        assert_eq!(lines.len(), 3);
        assert!(lines[0].len() <= 80 && lines[1].starts_with("    words"));
        assert_eq!(lines[2], long);
    }

    #[test]
    fn sizes_are_readable() {
        let sizes = [0, 1_023, 1_024, 1_048_575, 3_407_872, u64::MAX / 10];
        let said = sizes.map(size);
        let known = ["0 bytes", "1023 bytes", "1.0 KiB", "1023.9 KiB", "3.2 MiB"];
        assert_eq!(said[..5], known);
    }

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
        for short in ["short", "  2026-06-10T00:00:00Z  /rss.xml"] {
            assert_eq!(super::folded(short), short);
        }
    }

    #[test]
    fn numbers_are_readable() {
        assert_eq!(count(1, "article"), "1 article");
        assert_eq!(count(0, "article"), "0 articles");
        assert_eq!(count(1_234_567, "article"), "1,234,567 articles");
    }
}
