//! The zone in which dates without one are read.

use chrono::{FixedOffset, NaiveDateTime};
use tz::TimeZoneRef;

use crate::article::{OutOfRange, Timestamp};

/// `site.timezone`: an offset such as `+02:00`, or an IANA name such as `Europe/Berlin`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zone {
    /// The same offset all year.
    Fixed(FixedOffset),
    /// A place with its daylight-saving rules, as the program was built with them: the
    /// machine's own may differ from those of another replica.
    Named(&'static TimeZoneRef<'static>),
}

/// Text that names no zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is neither an offset such as \"+02:00\" nor a name such as \"Europe/Berlin\"")]
pub struct InvalidZone(String);

impl Zone {
    /// UTC.
    pub const UTC: Self = Self::Named(&tzdb_data::time_zone::UTC);

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
        tzdb_data::find_tz(raw.as_bytes())
            .map(Self::Named)
            .ok_or_else(|| InvalidZone(raw.to_owned()))
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
        let wall = local.and_utc().timestamp();
        // No zone changes its clock twice in two days.
        let before = self.offset(wall - DAY);
        let after = self.offset(wall + DAY);
        let (first, second) = (wall - before, wall - after);
        let is_only_second = self.offset(first) != before && self.offset(second) == after;
        Timestamp::from_unix(if is_only_second { second } else { first })
    }

    /// What a clock on the wall of this zone shows at `instant`.
    #[must_use]
    pub fn local(self, instant: Timestamp) -> NaiveDateTime {
        let wall = instant.unix() + self.offset(instant.unix());
        chrono::DateTime::from_timestamp(wall, 0)
            .unwrap_or_default()
            .naive_utc()
    }

    /// Seconds that the clock is ahead of UTC at an instant.
    fn offset(self, unix: i64) -> i64 {
        match self {
            Self::Fixed(offset) => offset.local_minus_utc().into(),
            // The data reach as far as the rules do, so that an error is not to be had.
            Self::Named(zone) => zone
                .find_local_time_type(unix)
                .map_or(0, |kind| kind.ut_offset().into()),
        }
    }
}

const DAY: i64 = 86_400;

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
        assert_eq!(
            instant("America/New_York", 1985, 7, 1, 0, 0),
            "1985-07-01T04:00:00Z"
        );
        assert_eq!(
            instant("Europe/Berlin", 2999, 7, 1, 0, 0),
            "2999-06-30T22:00:00Z"
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
