//! An instant together with the precision with which it was stated.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::Timestamp;

/// A date as it was stated: to the second, or to the day.
///
/// A date without a time keeps its precision where the format can show it (a sitemap's
/// `lastmod` may be `2026-06-10`, W3C-DTF) and is midnight in the site's zone elsewhere.
/// Two moments are ordered by their instants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Moment {
    /// The instant; for a whole day, its first second in the site's zone.
    at: Timestamp,
    /// The calendar day, where no time of day was stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    day: Option<NaiveDate>,
}

impl Moment {
    /// A date stated to the second.
    #[must_use]
    pub const fn at(instant: Timestamp) -> Self {
        Self {
            at: instant,
            day: None,
        }
    }

    /// A date stated to the day. `midnight` is that day's first second in the site's zone.
    #[must_use]
    pub const fn on(day: NaiveDate, midnight: Timestamp) -> Self {
        Self {
            at: midnight,
            day: Some(day),
        }
    }

    /// The instant, for every format that needs a time.
    #[must_use]
    pub const fn instant(self) -> Timestamp {
        self.at
    }

    /// The calendar day, if no time of day was stated.
    #[must_use]
    pub const fn day(self) -> Option<NaiveDate> {
        self.day
    }

    /// The W3C date-time form of a sitemap's `lastmod`: `2026-06-10` or
    /// `2026-06-10T08:00:00Z`, as precise as the date was stated.
    #[must_use]
    pub fn w3c(self) -> String {
        match self.day {
            Some(day) => day.format("%Y-%m-%d").to_string(),
            None => self.at.rfc3339(),
        }
    }
}

impl PartialOrd for Moment {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Moment {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        // At the same instant the less precise comes first, so that equality and order agree.
        (self.at, std::cmp::Reverse(self.day)).cmp(&(other.at, std::cmp::Reverse(other.day)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_keeps_its_precision_in_a_sitemap() {
        let day = NaiveDate::from_ymd_opt(2026, 6, 10).unwrap();
        let midnight = Timestamp::from_unix(1_781_042_400).unwrap();
        assert_eq!(Moment::on(day, midnight).w3c(), "2026-06-10");
        assert_eq!(Moment::at(midnight).w3c(), "2026-06-09T22:00:00Z");
    }
}
