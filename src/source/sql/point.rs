//! Values of a column that tells when a row was changed: how far back to begin, and which
//! are ahead of the clock.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use serde_json::Value;

/// A revision number grows by ones; so many may be taken by transactions still under way.
const REVISIONS: i64 = 1000;
/// No clock on the wall is further from UTC.
const ZONES: i64 = 14 * 60 * 60;
const DAY: i64 = 24 * 60 * 60;

/// Where a row stands in the order of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Point {
    form: Form,
    /// Seconds of some clock, or the number itself.
    at: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// A number of so many parts of a second, since 1970.
    Unix { parts: i64 },
    /// A number that counts changes.
    Revision,
    /// `2026-06-10 12:00:00`, with what stands between, whatever follows.
    Time { between: char, has_zone: bool },
    /// `2026-06-10`
    Day,
}

impl Point {
    /// `None` where the value has no order in time that can be relied on.
    pub(super) fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Number(number) => Self::of_number(&number.to_string()),
            Value::String(text) => Self::of_text(text),
            _ => None,
        }
    }

    fn of_number(text: &str) -> Option<Self> {
        let whole = text.split('.').next().unwrap_or(text);
        let number: i64 = whole.parse().ok().filter(|number| *number >= 0)?;
        // Nine digits are 1973 and later, as for dates everywhere.
        let parts = match whole.len() {
            9 | 10 => 1,
            12 | 13 => 1_000,
            15 | 16 => 1_000_000,
            _ => 0,
        };
        Some(match parts {
            0 => Self {
                form: Form::Revision,
                at: number,
            },
            parts => Self {
                form: Form::Unix { parts },
                at: number / parts,
            },
        })
    }

    fn of_text(text: &str) -> Option<Self> {
        let day = NaiveDate::parse_from_str(text.get(..10)?, "%Y-%m-%d").ok()?;
        let Some(rest) = text.get(10..).filter(|rest| !rest.is_empty()) else {
            let at = day.and_hms_opt(0, 0, 0)?.and_utc().timestamp();
            let form = Form::Day;
            return Some(Self { form, at });
        };
        let between = rest.chars().next().filter(|c| matches!(c, ' ' | 'T'))?;
        let clock = rest.get(1..9)?;
        let time = chrono::NaiveTime::parse_from_str(clock, "%H:%M:%S").ok()?;
        let after = rest.get(9..).unwrap_or_default();
        // Texts are put in order by their letters, which is that of time in one zone alone.
        let zone = after.trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
        if !matches!(zone.trim(), "" | "Z" | "UTC" | "+00" | "+00:00" | "+0000") {
            return None;
        }
        let form = Form::Time {
            between,
            has_zone: !zone.is_empty(),
        };
        let at = NaiveDateTime::new(day, time).and_utc().timestamp();
        Some(Self { form, at })
    }

    /// Whether it tells when, and not only in which order.
    pub(super) fn is_time(self) -> bool {
        self.form != Form::Revision
    }

    /// Whether it is of the same form and not older, to the second.
    pub(super) fn follows(self, before: Self) -> bool {
        self.form == before.form && self.at >= before.at
    }

    /// What to compare a column with to have all that is newer, and by how much older.
    pub(super) fn before(self, overlap: Duration) -> Value {
        let seconds = i64::try_from(overlap.as_secs()).unwrap_or(i64::MAX);
        let back = match self.form {
            Form::Revision => REVISIONS,
            Form::Day => seconds.max(DAY),
            _ => seconds,
        };
        self.with(self.at.saturating_sub(back).max(0))
    }

    /// Whether it lies after `now`, in Unix seconds.
    pub(super) fn is_ahead(self, now: i64) -> bool {
        self.is_time() && self.at > self.latest(now)
    }

    /// The last value, in this form, that does not lie ahead.
    pub(super) fn present(self, now: i64) -> Value {
        self.with(self.latest(now))
    }

    /// A local time may be ahead by its zone alone.
    fn latest(self, now: i64) -> i64 {
        match self.form {
            Form::Time {
                has_zone: false, ..
            } => now + ZONES,
            Form::Day => now + DAY,
            _ => now,
        }
    }

    fn with(self, at: i64) -> Value {
        let text = |format: String| {
            let time = DateTime::from_timestamp(at, 0);
            Value::from(time.map_or(String::new(), |time| time.format(&format).to_string()))
        };
        match self.form {
            Form::Unix { parts } => Value::from(at.saturating_mul(parts)),
            Form::Revision => Value::from(at),
            Form::Time { between, .. } => text(format!("%Y-%m-%d{between}%H:%M:%S")),
            Form::Day => text("%Y-%m-%d".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_780_000_000; // 2026-05-28T20:26:40Z

    fn point(value: Value) -> Point {
        Point::of(&value).unwrap_or_else(|| panic!("{value} is no point"))
    }

    #[test]
    fn a_reading_begins_so_much_before_the_newest_change() {
        let overlap = Duration::from_secs(300);
        for (seen, begin) in [
            (
                json!("2026-05-28T20:26:40.123456+00:00"),
                json!("2026-05-28T20:21:40"),
            ),
            (json!("2026-05-28 00:01:00"), json!("2026-05-27 23:56:00")),
            (json!("2026-05-28 00:01:00Z"), json!("2026-05-27 23:56:00")),
            (json!("2026-05-28"), json!("2026-05-27")),
            (json!(NOW), json!(NOW - 300)),
            (json!(NOW * 1000 + 7), json!((NOW - 300) * 1000)),
            (json!(NOW * 1_000_000), json!((NOW - 300) * 1_000_000)),
            (json!(5_000), json!(4_000)),
            (json!(5), json!(0)),
        ] {
            assert_eq!(point(seen.clone()).before(overlap), begin, "{seen}");
        }
    }

    #[test]
    fn what_has_no_order_in_time_is_not_relied_on() {
        for value in [
            json!("yesterday"),
            json!("10.06.2026"),
            json!("2026-06-10T12:00:00+02:00"),
            json!("2026-06-10T12:00:00 Europe/Berlin"),
            json!("2026-06-10T"),
            json!("infinity"),
            json!("2026-02-30"),
            json!("äääääääääääää"),
            json!(-5),
            json!(true),
            Value::Null,
        ] {
            assert_eq!(Point::of(&value), None, "{value}");
        }
    }

    #[test]
    fn what_lies_ahead_of_the_clock_is_told_from_what_lies_in_another_zone() {
        for (value, ahead) in [
            (json!("2026-05-28T20:26:40+00:00"), false),
            (json!("2026-05-28T20:26:41+00:00"), true),
            (json!("2026-05-29 10:26:40"), false),
            (json!("2026-05-29 10:26:41"), true),
            (json!("2026-05-29"), false),
            (json!("2026-05-30"), true),
            (json!(NOW), false),
            (json!(NOW + 1), true),
            (json!(99), false),
        ] {
            let point = point(value.clone());
            assert_eq!(point.is_ahead(NOW), ahead, "{value}");
            assert!(!Point::of(&point.present(NOW)).unwrap().is_ahead(NOW));
        }
    }
}
