//! Dates in the names of files and folders.

use chrono::NaiveDate;

use super::Place;
use crate::{config::PublishedFrom, source::Draft};

/// The date of publication, if it stands at that place.
pub(super) fn published(from: PublishedFrom, draft: &Draft, place: &Place<'_>) -> Option<String> {
    match from {
        PublishedFrom::FrontMatter => draft.published.clone(),
        PublishedFrom::Filename => leading(place.stem).map(|(date, _)| date),
        PublishedFrom::Path => {
            let address = draft.url.as_deref().and_then(in_path);
            address.or_else(|| in_path(place.path))
        }
    }
}

/// A name without the date before it.
pub(super) fn without_date(stem: &str) -> &str {
    leading(stem).map_or(stem, |(_, rest)| rest)
}

/// `2026-05-30-title` or `2026-05-30_title`: the date and the title. A name that is nothing
/// but a date has no title to spare, and stays as it is.
fn leading(stem: &str) -> Option<(String, &str)> {
    let (date, rest) = stem.split_at_checked(10)?;
    let title = rest.trim_start_matches(['-', '_', ' ']);
    let is_divided = rest.is_empty() || title.len() < rest.len();
    let date: NaiveDate = date.parse().ok()?;
    is_divided.then(|| {
        (
            date.to_string(),
            if title.is_empty() { stem } else { title },
        )
    })
}

/// `2026/05/30` or a folder `2026-05-30…`, anywhere in a path.
fn in_path(path: &str) -> Option<String> {
    let segments: Vec<&str> = path
        .split('/')
        .filter(|segment| !segment.is_empty())
        .collect();
    let parts = segments.windows(3).find_map(|window| {
        let [year, month, day] = window else {
            return None;
        };
        if year.len() != 4 || month.len() > 2 || day.len() > 2 {
            return None;
        }
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if !window.iter().all(|part| digits(part)) {
            return None;
        }
        NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
    });
    let named = || {
        segments
            .iter()
            .find_map(|segment| leading(segment).map(|(date, _)| date))
    };
    parts.map(|date| date.to_string()).or_else(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_may_begin_with_a_date() {
        assert_eq!(
            leading("2026-05-30-title"),
            Some(("2026-05-30".into(), "title"))
        );
        assert_eq!(
            leading("2026-05-30_title"),
            Some(("2026-05-30".into(), "title"))
        );
        assert_eq!(
            leading("2026-05-30"),
            Some(("2026-05-30".into(), "2026-05-30"))
        );
        for stem in [
            "2026-05-31x",
            "2026-02-30-title",
            "title",
            "2026-5-3-title",
            "数据库数据库",
        ] {
            assert_eq!(leading(stem), None, "{stem}");
        }
    }

    #[test]
    fn a_path_may_hold_a_date() {
        for (path, date) in [
            ("2026/05/30/title", Some("2026-05-30")),
            ("/blog/2026/5/3/title/", Some("2026-05-03")),
            ("blog/2026-05-30-title/", Some("2026-05-30")),
            ("2026/13/01/title", None),
            ("2026/05/title", None),
            ("releases/1.2/3", None),
        ] {
            assert_eq!(in_path(path).as_deref(), date, "{path}");
        }
    }
}
