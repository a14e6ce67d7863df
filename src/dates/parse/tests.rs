//! Every accepted form, and the words in which the others are refused.

use super::*;
use proptest::prelude::*;

fn read(raw: &str) -> Result<String, String> {
    let zone = Zone::parse("Europe/Berlin").unwrap();
    parse(raw, zone)
        .map(Moment::w3c)
        .map_err(|fault| fault.to_string())
}

/// One test per form, so that a failure names it.
macro_rules! accepted {
    ($($name:ident: $raw:literal => $expected:literal,)*) => {
        $(#[test]
        fn $name() {
            assert_eq!(read($raw), Ok($expected.to_owned()));
        })*
    };
}

// The site's zone is Europe/Berlin: two hours ahead of UTC in May.
accepted! {
    day: "2026-05-30" => "2026-05-30",
    day_without_leading_zeros: "2026-5-3" => "2026-05-03",
    day_with_slashes: "2026/05/30" => "2026-05-30",
    day_with_dots: "2026.05.30" => "2026-05-30",
    day_without_marks: "20260530" => "2026-05-30",
    day_in_the_american_order: "May 30, 2026" => "2026-05-30",
    day_without_comma: "May 30 2026" => "2026-05-30",
    day_without_space: "May 30,2026" => "2026-05-30",
    day_in_the_european_order: "30 May 2026" => "2026-05-30",
    day_with_an_ordinal: "May 30th, 2026" => "2026-05-30",
    day_with_a_short_month: "Sept. 3, 2026" => "2026-09-03",
    day_with_a_long_weekday: "Saturday, May 30, 2026" => "2026-05-30",
    day_with_a_short_weekday: "Sat, 30 May 2026" => "2026-05-30",
    day_with_month_in_the_middle: "30-May-2026" => "2026-05-30",
    day_with_month_behind_the_year: "2026 May 30" => "2026-05-30",
    minutes: "2026-05-30 08:00" => "2026-05-30T06:00:00Z",
    minutes_behind_t: "2026-05-30T08:00" => "2026-05-30T06:00:00Z",
    seconds: "2026-05-30 08:00:07" => "2026-05-30T06:00:07Z",
    one_digit_hour: "2026-05-30 8:00:07" => "2026-05-30T06:00:07Z",
    fraction: "2026-05-30 08:00:07.999" => "2026-05-30T06:00:07Z",
    toml_local_date_time: "2026-05-30T08:00:07.25" => "2026-05-30T06:00:07Z",
    rfc3339_utc: "2026-05-30T08:00:07Z" => "2026-05-30T08:00:07Z",
    rfc3339_lower_case: "2026-05-30t08:00:07z" => "2026-05-30T08:00:07Z",
    rfc3339_offset: "2026-05-30T08:00:07+02:00" => "2026-05-30T06:00:07Z",
    rfc3339_nanoseconds: "2026-05-30T08:00:07.123456789-05:30" => "2026-05-30T13:30:07Z",
    rfc3339_without_seconds: "2026-05-30T08:00Z" => "2026-05-30T08:00:00Z",
    offset_without_colon: "2026-05-30T08:00:00+0200" => "2026-05-30T06:00:00Z",
    offset_of_hours: "2026-05-30T08:00:00+02" => "2026-05-30T06:00:00Z",
    offset_behind_a_space: "2026-05-30 08:00:00 +0200" => "2026-05-30T06:00:00Z",
    offset_with_colon_behind_a_space: "2026-05-30 08:00 -03:00" => "2026-05-30T11:00:00Z",
    utc_behind_a_space: "2026-05-30 08:00:00 UTC" => "2026-05-30T08:00:00Z",
    z_behind_a_space: "2026-05-30 08:00:00 Z" => "2026-05-30T08:00:00Z",
    place: "2026-05-30 08:00 America/New_York" => "2026-05-30T12:00:00Z",
    place_in_brackets: "2026-05-30T08:00:00+02:00[Europe/Paris]" => "2026-05-30T06:00:00Z",
    go: "2026-05-30 08:00:00 +0200 CEST" => "2026-05-30T06:00:00Z",
    go_utc: "2026-05-30 08:00:00 +0000 UTC" => "2026-05-30T08:00:00Z",
    javascript: "Sat May 30 2026 08:00:00 GMT+0200 (Central European Summer Time)" => "2026-05-30T06:00:00Z",
    ctime: "Sat May 30 08:00:00 2026" => "2026-05-30T06:00:00Z",
    ctime_padded: "Sun May  3 08:00:00 2026" => "2026-05-03T06:00:00Z",
    git_default: "Sat May 30 08:00:00 2026 +0200" => "2026-05-30T06:00:00Z",
    date_command: "Sat May 30 08:00:00 UTC 2026" => "2026-05-30T08:00:00Z",
    rfc2822: "Sat, 30 May 2026 08:00:00 +0200" => "2026-05-30T06:00:00Z",
    rfc2822_without_weekday: "30 May 2026 08:00:00 +0200" => "2026-05-30T06:00:00Z",
    rfc2822_one_digit_day: "Sun, 3 May 2026 08:00:00 GMT" => "2026-05-03T08:00:00Z",
    rfc2822_gmt: "Sat, 30 May 2026 08:00:00 GMT" => "2026-05-30T08:00:00Z",
    rfc2822_eastern: "Sat, 30 May 2026 08:00:00 EST" => "2026-05-30T13:00:00Z",
    rfc2822_pacific: "Sat, 30 May 2026 08:00 PDT" => "2026-05-30T15:00:00Z",
    slashes_and_time: "2026/05/30 08:00:00" => "2026-05-30T06:00:00Z",
    iso_basic: "20260530T080000Z" => "2026-05-30T08:00:00Z",
    iso_basic_without_seconds: "20260530T0800+0200" => "2026-05-30T06:00:00Z",
    fourteen_digits: "20260530080000" => "2026-05-30T06:00:00Z",
    unix_seconds: "1780128000" => "2026-05-30T08:00:00Z",
    unix_seconds_of_nine_digits: "999999999" => "2001-09-09T01:46:39Z",
    unix_seconds_with_fraction: "1780128000.75" => "2026-05-30T08:00:00Z",
    unix_milliseconds: "1780128000123" => "2026-05-30T08:00:00Z",
    twelve_hours: "May 30, 2026 8:00 AM" => "2026-05-30T06:00:00Z",
    twelve_hours_attached: "May 30, 2026 at 8:00pm" => "2026-05-30T18:00:00Z",
    noon: "May 30, 2026 12:30 p.m." => "2026-05-30T10:30:00Z",
    midnight_of_twelve_hours: "2026-05-30 12:00 am" => "2026-05-29T22:00:00Z",
    midnight_at_the_end: "2026-05-30 24:00" => "2026-05-30T22:00:00Z",
    leap_second: "2016-12-31T23:59:60Z" => "2016-12-31T23:59:59Z",
    skipped_hour: "2026-03-29 02:30" => "2026-03-29T01:30:00Z",
    doubled_hour: "2026-10-25 02:30" => "2026-10-25T00:30:00Z",
    white_space: " \t2026-05-30\n" => "2026-05-30",
    first_second: "1970-01-01T00:00:00Z" => "1970-01-01T00:00:00Z",
    last_second: "9999-12-31T23:59:59Z" => "9999-12-31T23:59:59Z",
}

#[test]
fn a_day_is_midnight_in_the_sites_zone() {
    let zone = Zone::parse("Europe/Berlin").unwrap();
    let moment = parse("2026-05-30", zone).unwrap();
    assert_eq!(moment.instant().rfc3339(), "2026-05-29T22:00:00Z");
}

#[test]
fn what_is_no_date_is_refused_with_the_remedy() {
    let not_understood = |word: &str| {
        format!("{word:?} is not understood; write 2026-05-30 (names are read in English)")
    };
    let table = [
        (
            "",
            "there is no date; write it like 2026-05-30 or leave the field out".into(),
        ),
        (
            "05/06/2026",
            "either number may be the month; write it like 2026-05-30".into(),
        ),
        (
            "30.05.2026",
            "either number may be the month; write it like 2026-05-30".into(),
        ),
        (
            "26-05-30",
            "a year needs four digits; write it like 2026-05-30".into(),
        ),
        (
            "30 May 26",
            "a year needs four digits; write it like 2026-05-30".into(),
        ),
        ("2026-02-30", "2026-02-30 does not exist".into()),
        ("Feb 29, 2025", "2025-02-29 does not exist".into()),
        ("2026-13-01", "2026-13-01 does not exist".into()),
        ("2026-05-30 25:00", "25:00 does not exist".into()),
        ("2026-05-30 24:00:01", "24:00:01 does not exist".into()),
        ("2026-05-30 08:61", "08:61 does not exist".into()),
        ("2026-05-30 13:00 pm", "13:00 pm does not exist".into()),
        (
            "Sun, 30 May 2026 08:00:00 GMT",
            "2026-05-30 is a Sat, not a Sun; correct one or leave the weekday out".into(),
        ),
        ("30 Mai 2026", not_understood("Mai")),
        ("yesterday", not_understood("yesterday")),
        ("2026-05-30 08:00 +25:00", not_understood("+25:00")),
        ("2026-05-30 08:00 +0260", not_understood("+0260")),
        ("2026-05-30 8h", not_understood("8h")),
        (
            "2026-05-30 08:00 CET",
            "\"CET\" is no certain time zone; write an offset such as +02:00".into(),
        ),
        (
            "2026-05",
            "the day is missing; write it like 2026-05-30".into(),
        ),
        (
            "May 2026",
            "the day is missing; write it like 2026-05-30".into(),
        ),
        (
            "May 30",
            "the year is missing; write it like 2026-05-30".into(),
        ),
        (
            "08:00",
            "the year is missing; write it like 2026-05-30".into(),
        ),
        (
            "2026-05-30 Z",
            "the time is missing; write it like 2026-05-30".into(),
        ),
        (
            "2026-05-30 2026-05-31",
            "the year stands in it twice; write it like 2026-05-30".into(),
        ),
        (
            "2026",
            "a number is a day (20260530), Unix seconds or Unix milliseconds".into(),
        ),
        (
            "0",
            "a number is a day (20260530), Unix seconds or Unix milliseconds".into(),
        ),
        (
            "202605300800",
            "a number is a day (20260530), Unix seconds or Unix milliseconds".into(),
        ),
        (
            "1969-12-31",
            "it lies outside the years 1970 to 9999".into(),
        ),
        (
            "10000-01-01",
            "it lies outside the years 1970 to 9999".into(),
        ),
        (
            "1970-01-01",
            "it lies outside the years 1970 to 9999".into(),
        ),
        (
            "9999-12-31 24:00 UTC",
            "it lies outside the years 1970 to 9999".into(),
        ),
    ];
    for (raw, expected) in table {
        assert_eq!(read(raw), Err(expected), "{raw:?}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(raw in any::<String>()) {
        let _ = read(&raw);
    }

    #[test]
    fn no_text_that_looks_like_a_date_makes_it_panic(raw in "[0-9TtZz:. +/,MayGSt-]{0,40}") {
        let _ = read(&raw);
    }

    #[test]
    fn what_is_written_is_read_again(seconds in 0..=253_402_300_799_i64) {
        let instant = Timestamp::from_unix(seconds).unwrap();
        prop_assert_eq!(parse(&instant.rfc3339(), Zone::UTC), Ok(Moment::at(instant)));
        prop_assert_eq!(parse(&instant.rfc822(), Zone::UTC), Ok(Moment::at(instant)));
    }

    #[test]
    fn a_day_is_read_again_with_its_precision(seconds in 0..=253_402_300_799_i64) {
        let day = Timestamp::from_unix(seconds).unwrap().to_chrono().date_naive();
        let moment = parse(&day.to_string(), Zone::UTC).unwrap();
        prop_assert_eq!(moment.day(), Some(day));
    }
}
