//! Reads dates as people and programs write them.
//!
//! A date is cut into words, each word says what it is by its own shape (a time, a year, a
//! month's name, an offset), and each part may be said once. That reads every common form
//! in any usual order, and guesses nowhere: what has two readings is refused.

mod names;

use chrono::{Datelike as _, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Weekday};

use self::names::{month, offset, universal_or_american, weekday};
use super::Zone;
use crate::article::{Moment, OutOfRange, Timestamp};

/// Why text is no date, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DateFault {
    /// Nothing is there.
    #[error("there is no date; write it like 2026-05-30 or leave the field out")]
    Empty,
    /// A word that belongs to no date; months and weekdays are known in English only.
    #[error("{0:?} is not understood; write 2026-05-30 (names are read in English)")]
    Unknown(String),
    /// `05/06/2026`: a day in May in the United States, a day in June elsewhere.
    #[error("either number may be the month; write it like 2026-05-30")]
    Ambiguous,
    /// `26-05-30`, `30 May 26`.
    #[error("a year needs four digits; write it like 2026-05-30")]
    ShortYear,
    /// Year, month or day is not said.
    #[error("the {0} is missing; write it like 2026-05-30")]
    Missing(&'static str),
    /// The same part is said twice.
    #[error("the {0} stands in it twice; write it like 2026-05-30")]
    Twice(&'static str),
    /// A day or time that no calendar or clock has.
    #[error("{0} does not exist")]
    Impossible(String),
    /// The weekday is not that of the date.
    #[error("{day} is a {is}, not a {said}; correct one or leave the weekday out")]
    Weekday {
        /// The date.
        day: NaiveDate,
        /// Its weekday.
        is: Weekday,
        /// The weekday as stated.
        said: Weekday,
    },
    /// `CET`, `IST`: such letters mean different offsets in different places.
    #[error("{0:?} is no certain time zone; write an offset such as +02:00")]
    Zone(String),
    /// A number that is neither a day nor Unix seconds or milliseconds.
    #[error("a number is a day (20260530), Unix seconds or Unix milliseconds")]
    Number,
    /// Before 1970 or after 9999.
    #[error("it lies outside the years 1970 to 9999")]
    OutOfRange,
}

impl From<OutOfRange> for DateFault {
    fn from(_: OutOfRange) -> Self {
        Self::OutOfRange
    }
}

/// Reads `raw`; a date without a zone is meant in `zone`, one without a time keeps the
/// precision of a day. Fractions of a second are cut off, a leap second is the second
/// before it, and 24:00 is the next midnight (ISO 8601).
///
/// # Errors
/// [`DateFault`], which says what is wrong and what to write instead.
pub fn parse(raw: &str, zone: Zone) -> Result<Moment, DateFault> {
    let raw = raw.trim();
    if raw.is_empty() {
        return Err(DateFault::Empty);
    }
    if let Some(number) = number(raw) {
        return from_number(number, zone);
    }
    let text = separate_time(raw);
    // `(Central European Summer Time)`: a remark, as RFC 5322 section 3.2.2 has them.
    let text = text.split('(').next().unwrap_or_default();
    let mut parts = Parts::default();
    for word in text.split([' ', '\t', '\n', '\r', ',', '[', ']']) {
        if !word.is_empty() {
            parts.read(word)?;
        }
    }
    parts.moment(zone)
}

/// The digits of a whole number; the fraction of one is dropped.
fn number(raw: &str) -> Option<&str> {
    let whole = raw.split_once('.').map_or(raw, |(whole, fraction)| {
        if whole.len() > 8 && is_digits(fraction) {
            whole
        } else {
            raw
        }
    });
    is_digits(whole).then_some(whole)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// Ten digits are Unix seconds (nine before September 2001), thirteen milliseconds; eight
/// and fourteen are a day and a second of the calendar without marks.
fn from_number(digits: &str, zone: Zone) -> Result<Moment, DateFault> {
    let value: i64 = digits.parse().map_err(|_| DateFault::Number)?;
    match digits.len() {
        8 => on_day(calendar_day(digits)?, zone),
        9 | 10 => Ok(Moment::at(Timestamp::from_unix(value)?)),
        13 => Ok(Moment::at(Timestamp::from_unix(value / 1_000)?)),
        14 => {
            let (day, time) = digits.split_at(8);
            let mut parts = Parts::default();
            parts.read(day)?;
            parts.compact_time(time)?;
            parts.moment(zone)
        }
        _ => Err(DateFault::Number),
    }
}

fn on_day(day: NaiveDate, zone: Zone) -> Result<Moment, DateFault> {
    let midnight = zone.instant(day.and_time(NaiveTime::MIN))?;
    Ok(Moment::on(day, midnight))
}

fn calendar_day(eight_digits: &str) -> Result<NaiveDate, DateFault> {
    let (year, rest) = eight_digits.split_at(4);
    let (month, day) = rest.split_at(2);
    date(integer(year)?, integer(month)?, integer(day)?)
}

fn date(year: u32, month: u32, day: u32) -> Result<NaiveDate, DateFault> {
    if !(1970..=9999).contains(&year) {
        return Err(DateFault::OutOfRange);
    }
    i32::try_from(year)
        .ok()
        .and_then(|year| NaiveDate::from_ymd_opt(year, month, day))
        .ok_or_else(|| DateFault::Impossible(format!("{year}-{month:02}-{day:02}")))
}

fn integer(digits: &str) -> Result<u32, DateFault> {
    is_digits(digits)
        .then(|| digits.parse().ok())
        .flatten()
        .ok_or_else(|| unknown(digits))
}

fn unknown(word: &str) -> DateFault {
    DateFault::Unknown(word.chars().take(30).collect())
}

/// Turns the `T` between a date and its time (RFC 3339 section 5.6, in either case) into a
/// space; a time without colons gets them, since only the `T` tells it from a year.
fn separate_time(raw: &str) -> String {
    let Some((date, time)) = raw.split_once(['T', 't']) else {
        return raw.to_owned();
    };
    let around = (date.bytes().next_back(), time.bytes().next());
    if !matches!(around, (Some(a), Some(b)) if a.is_ascii_digit() && b.is_ascii_digit()) {
        return raw.to_owned();
    }
    let end = time
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(time.len());
    let (digits, rest) = time.split_at(end);
    match digits.len() {
        4 => format!("{date} {}:{}{rest}", &digits[..2], &digits[2..]),
        6 => format!(
            "{date} {}:{}:{}{rest}",
            &digits[..2],
            &digits[2..4],
            &digits[4..]
        ),
        _ => format!("{date} {time}"),
    }
}

/// What has been read so far.
#[derive(Debug, Default)]
struct Parts {
    year: Option<u32>,
    month: Option<u32>,
    day: Option<u32>,
    weekday: Option<Weekday>,
    time: Option<Time>,
    afternoon: Option<bool>,
    zone: Option<Zone>,
}

/// Hour (0 to 24), minute and second as stated.
#[derive(Debug, Clone, Copy)]
struct Time(u32, u32, u32);

fn once<T>(slot: &mut Option<T>, value: T, name: &'static str) -> Result<(), DateFault> {
    if slot.replace(value).is_some() {
        return Err(DateFault::Twice(name));
    }
    Ok(())
}

impl Parts {
    fn read(&mut self, word: &str) -> Result<(), DateFault> {
        let first = word.chars().next().unwrap_or_default();
        if first.is_ascii_digit() {
            if word.contains(':') {
                self.clock(word)
            } else if word.len() == 8 && is_digits(word) {
                self.whole(calendar_day(word)?)
            } else if let Some(mark) = word.chars().find(|c| matches!(c, '-' | '/' | '.')) {
                self.marked(word, mark)
            } else {
                self.year_or_day(word)
            }
        } else if matches!(first, '+' | '-') {
            let offset = offset(word).ok_or_else(|| unknown(word))?;
            once(&mut self.zone, offset, "zone")
        } else {
            self.name(word)
        }
    }

    fn whole(&mut self, day: NaiveDate) -> Result<(), DateFault> {
        once(&mut self.year, day.year().unsigned_abs(), "year")?;
        once(&mut self.month, day.month(), "month")?;
        once(&mut self.day, day.day(), "day")
    }

    /// `2026-05-30`, `2026/5/3`, `2026.05.30`, `30-May-2026`.
    fn marked(&mut self, word: &str, mark: char) -> Result<(), DateFault> {
        let fields: Vec<_> = word.split(mark).collect();
        let &[first, middle, last] = fields.as_slice() else {
            return match fields.as_slice() {
                [year, _] if year.len() == 4 => Err(DateFault::Missing("day")),
                _ => Err(unknown(word)),
            };
        };
        if let Some(month) = month(middle) {
            once(&mut self.month, month, "month")?;
            self.year_or_day(first)?;
            return self.year_or_day(last);
        }
        let (a, b, c) = (integer(first)?, integer(middle)?, integer(last)?);
        match (first.len(), last.len()) {
            (4.., 1 | 2) => self.whole(date(a, b, c)?),
            (1 | 2, 4) => Err(DateFault::Ambiguous),
            (1 | 2, 1 | 2) => Err(DateFault::ShortYear),
            _ => Err(unknown(word)),
        }
    }

    /// `2026`, `30`, `30th`, `30.` (as in `30. May 2026`).
    fn year_or_day(&mut self, word: &str) -> Result<(), DateFault> {
        let end = word.find(|c: char| !c.is_ascii_digit());
        let (digits, ending) = word.split_at(end.unwrap_or(word.len()));
        if !matches!(ending, "" | "st" | "nd" | "rd" | "th") {
            return Err(unknown(word));
        }
        match digits.len() {
            1 | 2 if self.day.is_some() => Err(DateFault::ShortYear),
            1 | 2 => once(&mut self.day, integer(digits)?, "day"),
            4.. if ending.is_empty() => once(&mut self.year, integer(digits)?, "year"),
            _ => Err(unknown(word)),
        }
    }

    /// `08:00`, `08:00:00.250`, with `Z`, an offset or `am` directly behind it.
    fn clock(&mut self, word: &str) -> Result<(), DateFault> {
        let end = word.find(|c: char| !c.is_ascii_digit() && !matches!(c, ':' | '.'));
        let (clock, rest) = word.split_at(end.unwrap_or(word.len()));
        let (whole, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
        let fields: Vec<_> = whole.split(':').collect();
        let well_formed = is_digits(fraction)
            && fields.iter().all(|f| matches!(f.len(), 1 | 2))
            && fields.iter().skip(1).all(|f| f.len() == 2);
        let time = match (well_formed, fields.as_slice()) {
            (true, [h, m]) => Time(integer(h)?, integer(m)?, 0),
            (true, [h, m, s]) => Time(integer(h)?, integer(m)?, integer(s)?),
            _ => return Err(unknown(word)),
        };
        let Time(h, m, s) = time;
        if h > 24 || m > 59 || s > 60 || (h == 24 && (m, s) != (0, 0)) {
            return Err(DateFault::Impossible(clock.to_owned()));
        }
        once(&mut self.time, time, "time")?;
        if rest.is_empty() {
            return Ok(());
        }
        self.read(rest)
    }

    /// `080000`, where its place says that it is a time.
    fn compact_time(&mut self, six_digits: &str) -> Result<(), DateFault> {
        let (h, rest) = six_digits.split_at(2);
        let (m, s) = rest.split_at(2);
        self.clock(&format!("{h}:{m}:{s}"))
    }

    fn name(&mut self, word: &str) -> Result<(), DateFault> {
        let lower = word.trim_end_matches('.').to_ascii_lowercase();
        match lower.as_str() {
            "at" => return Ok(()),
            "am" | "a.m" => return once(&mut self.afternoon, false, "half of the day"),
            "pm" | "p.m" => return once(&mut self.afternoon, true, "half of the day"),
            _ => {}
        }
        if let Some(month) = month(&lower) {
            return once(&mut self.month, month, "month");
        }
        if let Some(weekday) = weekday(&lower) {
            return once(&mut self.weekday, weekday, "weekday");
        }
        self.zone_name(word)
    }

    /// `Z`, `GMT`, `GMT+0200`, `EST`, `Europe/Berlin`. Behind an offset a name is a remark
    /// (`+0200 CEST`, as Go and Ruby print it): the offset says all.
    fn zone_name(&mut self, word: &str) -> Result<(), DateFault> {
        let certain = universal_or_american(word).or_else(|| {
            let place = word.contains('/').then(|| Zone::parse(word).ok());
            place.flatten()
        });
        let is_abbreviation =
            (2..=5).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_uppercase());
        match certain {
            _ if self.zone.is_some() && (certain.is_some() || is_abbreviation) => Ok(()),
            Some(zone) => once(&mut self.zone, zone, "zone"),
            None if is_abbreviation && self.time.is_some() => Err(DateFault::Zone(word.to_owned())),
            None => Err(unknown(word)),
        }
    }

    fn moment(self, site: Zone) -> Result<Moment, DateFault> {
        let year = self.year.ok_or(DateFault::Missing("year"))?;
        let month = self.month.ok_or(DateFault::Missing("month"))?;
        let day = self.day.ok_or(DateFault::Missing("day"))?;
        let day = date(year, month, day)?;
        if let Some(said) = self.weekday
            && said != day.weekday()
        {
            let is = day.weekday();
            return Err(DateFault::Weekday { day, is, said });
        }
        match self.time {
            Some(time) => {
                let local = local(day, time, self.afternoon)?;
                let instant = self.zone.unwrap_or(site).instant(local)?;
                Ok(Moment::at(instant))
            }
            None if self.afternoon.is_some() || self.zone.is_some() => {
                Err(DateFault::Missing("time"))
            }
            None => on_day(day, site),
        }
    }
}

fn local(
    day: NaiveDate,
    Time(h, m, s): Time,
    afternoon: Option<bool>,
) -> Result<NaiveDateTime, DateFault> {
    let impossible = || DateFault::Impossible(format!("{h:02}:{m:02}:{s:02}"));
    let hour = match (afternoon, h) {
        (None, h) => h,
        (Some(afternoon), 1..=12) => h % 12 + if afternoon { 12 } else { 0 },
        (Some(_), _) => {
            let half = if afternoon == Some(true) { "pm" } else { "am" };
            return Err(DateFault::Impossible(format!("{h}:{m:02} {half}")));
        }
    };
    // No format and few clocks have a 61st second; the instant is the one before it.
    let time = NaiveTime::from_hms_opt(hour % 24, m, s.min(59)).ok_or_else(impossible)?;
    let days = TimeDelta::days(i64::from(hour / 24));
    day.and_time(time)
        .checked_add_signed(days)
        .ok_or(DateFault::OutOfRange)
}

#[cfg(test)]
mod tests;
