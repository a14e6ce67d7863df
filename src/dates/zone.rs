//! The zone in which dates without one are read.

use chrono::{FixedOffset, LocalResult, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use crate::article::{OutOfRange, Timestamp};

/// `site.timezone`: an offset such as `+02:00`, or an IANA name such as `Europe/Berlin`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zone {
    /// The same offset all year.
    Fixed(FixedOffset),
    /// A place with its daylight-saving rules.
    Named(Tz),
}

/// Text that names no zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is neither an offset such as \"+02:00\" nor a name such as \"Europe/Berlin\"")]
pub struct InvalidZone(String);

impl Zone {
    /// UTC.
    pub const UTC: Self = Self::Named(Tz::UTC);

    /// Parses `Z`, `UTC`, an offset (`+02:00`, `-0330`) or an IANA name.
    ///
    /// # Errors
    /// [`InvalidZone`] when it is none of these.
    pub fn parse(raw: &str) -> Result<Self, InvalidZone> {
        let raw = raw.trim();
        if raw == "Z" {
            return Ok(Self::UTC);
        }
        if raw.starts_with(['+', '-'])
            && let Ok(offset) = raw.parse::<FixedOffset>()
        {
            return Ok(Self::Fixed(offset));
        }
        raw.parse::<Tz>()
            .map(Self::Named)
            .map_err(|_| InvalidZone(raw.to_owned()))
    }

    /// The instant at which a clock on the wall of this zone shows `local`.
    ///
    /// A time that occurs twice when summer time ends means the first; one that is skipped
    /// when it begins means the instant that far after the jump, as if the clock had not yet
    /// been changed. Both are what cron and calendars do.
    ///
    /// # Errors
    /// [`OutOfRange`] outside the years 1970 to 9999.
    pub fn instant(self, local: NaiveDateTime) -> Result<Timestamp, OutOfRange> {
        match self {
            Self::Fixed(offset) => instant_in(offset, local),
            Self::Named(tz) => instant_in(tz, local),
        }
    }

    /// What a clock on the wall of this zone shows at `instant`.
    #[must_use]
    pub fn local(self, instant: Timestamp) -> NaiveDateTime {
        let utc = instant.to_chrono();
        match self {
            Self::Fixed(offset) => utc.with_timezone(&offset).naive_local(),
            Self::Named(tz) => utc.with_timezone(&tz).naive_local(),
        }
    }
}

fn instant_in<Z: TimeZone>(zone: Z, local: NaiveDateTime) -> Result<Timestamp, OutOfRange> {
    match zone.from_local_datetime(&local) {
        LocalResult::Single(instant) | LocalResult::Ambiguous(instant, _) => {
            Timestamp::from_chrono(&instant)
        }
        LocalResult::None => {
            // Take the offset that was in force a day before; no zone jumps twice in a day.
            let before = local
                .checked_sub_signed(TimeDelta::days(1))
                .ok_or(OutOfRange)?;
            let earlier = zone
                .from_local_datetime(&before)
                .earliest()
                .ok_or(OutOfRange)?;
            let offset = earlier.naive_local() - earlier.naive_utc();
            let utc = local.checked_sub_signed(offset).ok_or(OutOfRange)?;
            Timestamp::from_chrono(&Utc.from_utc_datetime(&utc))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;

    fn instant(zone: &str, y: i32, m: u32, d: u32, h: u32, min: u32) -> String {
        let local = NaiveDate::from_ymd_opt(y, m, d)
            .unwrap()
            .and_hms_opt(h, min, 0)
            .unwrap();
        Zone::parse(zone).unwrap().instant(local).unwrap().rfc3339()
    }

    #[test]
    fn offsets_and_names_are_read() {
        assert_eq!(instant("+02:00", 2026, 6, 10, 0, 0), "2026-06-09T22:00:00Z");
        assert_eq!(instant("-0330", 2026, 6, 10, 0, 0), "2026-06-10T03:30:00Z");
        assert_eq!(
            instant("Europe/Berlin", 2026, 1, 10, 0, 0),
            "2026-01-09T23:00:00Z"
        );
        for raw in ["", "Berlin", "+25:00", "CEST"] {
            assert!(Zone::parse(raw).is_err(), "{raw:?}");
        }
    }

    #[test]
    fn a_skipped_hour_and_a_doubled_one_have_one_answer() {
        assert_eq!(
            instant("Europe/Berlin", 2026, 3, 29, 2, 30),
            "2026-03-29T01:30:00Z"
        );
        assert_eq!(
            instant("Europe/Berlin", 2026, 10, 25, 2, 30),
            "2026-10-25T00:30:00Z"
        );
    }
}
