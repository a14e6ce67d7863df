//! An instant that every format can write.

use std::fmt;

use chrono::{DateTime, SecondsFormat, TimeZone as _, Utc};
use serde::{Deserialize, Serialize};

/// An instant in UTC to the second, from 1970-01-01 to 9999-12-31.
///
/// The bounds are those of the formats: `httpdate` panics before 1970, chrono's RFC 2822
/// writer panics after 9999, and RFC 3339 has four digits for the year. HTTP dates carry
/// whole seconds (RFC 9110 section 5.6.7), so nothing finer is kept: two values that look
/// the same on the wire are the same.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Timestamp(i64);

/// A time outside the years 1970 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("outside the years 1970 to 9999")]
pub struct OutOfRange;

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const MIN: Self = Self(0);
    /// 9999-12-31T23:59:59Z.
    pub const MAX: Self = Self(253_402_300_799);

    /// Takes seconds since 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// [`OutOfRange`] before 1970 or after 9999.
    pub const fn from_unix(seconds: i64) -> Result<Self, OutOfRange> {
        if seconds < Self::MIN.0 || seconds > Self::MAX.0 {
            return Err(OutOfRange);
        }
        Ok(Self(seconds))
    }

    /// Takes any chrono instant; fractions of a second are cut off.
    ///
    /// # Errors
    /// [`OutOfRange`] before 1970 or after 9999.
    pub fn from_chrono<Z: chrono::TimeZone>(instant: &DateTime<Z>) -> Result<Self, OutOfRange> {
        Self::from_unix(instant.timestamp())
    }

    /// The instant of the system clock, held inside the bounds.
    ///
    /// Only the outermost rooms call this; everything below takes `now` as an argument.
    #[must_use]
    pub fn now() -> Self {
        Self(Utc::now().timestamp().clamp(Self::MIN.0, Self::MAX.0))
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn unix(self) -> i64 {
        self.0
    }

    /// The same instant as a chrono value.
    #[must_use]
    pub fn to_chrono(self) -> DateTime<Utc> {
        // Every value inside the bounds has a chrono form; the default is never taken.
        Utc.timestamp_opt(self.0, 0).single().unwrap_or_default()
    }

    /// RFC 3339 with `Z`, as Atom (RFC 4287 section 3.3), JSON Feed and sitemaps want it.
    #[must_use]
    pub fn rfc3339(self) -> String {
        self.to_chrono().to_rfc3339_opts(SecondsFormat::Secs, true)
    }

    /// RFC 822 with a four-digit year and `GMT`, as RSS 2.0 wants it.
    ///
    /// It is also the IMF-fixdate of RFC 9110 section 5.6.7, which wants the day in two
    /// digits; RFC 822 allows both.
    #[must_use]
    pub fn rfc822(self) -> String {
        self.to_chrono()
            .format("%a, %d %b %Y %H:%M:%S GMT")
            .to_string()
    }
}

impl TryFrom<i64> for Timestamp {
    type Error = OutOfRange;
    fn try_from(seconds: i64) -> Result<Self, OutOfRange> {
        Self::from_unix(seconds)
    }
}

impl From<Timestamp> for i64 {
    fn from(timestamp: Timestamp) -> Self {
        timestamp.0
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339())
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_of_the_range_are_written_in_every_form() {
        assert_eq!(Timestamp::MIN.rfc3339(), "1970-01-01T00:00:00Z");
        assert_eq!(Timestamp::MAX.rfc3339(), "9999-12-31T23:59:59Z");
        assert_eq!(Timestamp::MIN.rfc822(), "Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(Timestamp::MAX.rfc822(), "Fri, 31 Dec 9999 23:59:59 GMT");
    }

    #[test]
    fn a_second_past_either_end_is_refused() {
        assert_eq!(Timestamp::from_unix(-1), Err(OutOfRange));
        assert_eq!(
            Timestamp::from_unix(Timestamp::MAX.unix() + 1),
            Err(OutOfRange)
        );
    }

    #[test]
    fn the_rss_form_is_an_http_date_too() {
        let t = Timestamp::from_unix(1_772_323_200).unwrap();
        let system = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_772_323_200);
        assert_eq!(t.rfc822(), httpdate::fmt_http_date(system));
    }
}
