//! The names and numbers by which dates call months, weekdays and offsets.

use chrono::{FixedOffset, Weekday};

use super::super::Zone;

/// `+02:00`, `+0200`, `+02`.
pub(super) fn offset(word: &str) -> Option<Zone> {
    let digits = word[1..].replacen(':', "", 1);
    let minutes = match (digits.bytes().all(|b| b.is_ascii_digit()), digits.len()) {
        (true, 2) => digits.parse::<i32>().ok()? * 60,
        (true, 4) => {
            let value: i32 = digits.parse().ok()?;
            (value % 100 < 60).then_some(value / 100 * 60 + value % 100)?
        }
        _ => return None,
    };
    let sign = if word.starts_with('-') { -1 } else { 1 };
    FixedOffset::east_opt(sign * minutes * 60).map(Zone::Fixed)
}

/// The names that RFC 5322 section 4.3 fixes to an offset; of all others it says that
/// nothing can be known.
pub(super) fn universal_or_american(word: &str) -> Option<Zone> {
    let upper = word.to_ascii_uppercase();
    let hours = match upper.as_str() {
        "Z" | "UT" | "UTC" | "GMT" => 0,
        "EDT" => -4,
        "EST" | "CDT" => -5,
        "CST" | "MDT" => -6,
        "MST" | "PDT" => -7,
        "PST" => -8,
        _ => {
            let rest = upper.strip_prefix("GMT").or(upper.strip_prefix("UTC"))?;
            return rest.starts_with(['+', '-']).then(|| offset(rest)).flatten();
        }
    };
    FixedOffset::east_opt(hours * 3_600).map(Zone::Fixed)
}

/// `may`, `Sept`, `december`; three letters are enough.
pub(super) fn month(word: &str) -> Option<u32> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let position = position_of(word, &MONTHS)?;
    u32::try_from(position + 1).ok()
}

/// `sat`, `Tues`, `Saturday`.
pub(super) fn weekday(word: &str) -> Option<Weekday> {
    const DAYS: [&str; 7] = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    let position = position_of(word, &DAYS)?;
    Weekday::try_from(u8::try_from(position).ok()?).ok()
}

/// Which of `names` begins with `word`, of which three letters must be there.
fn position_of(word: &str, names: &[&str]) -> Option<usize> {
    let lower = word.to_ascii_lowercase();
    (lower.len() >= 3)
        .then(|| names.iter().position(|name| name.starts_with(&lower)))
        .flatten()
}
