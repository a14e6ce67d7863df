//! Conditional requests (RFC 9110 section 13) as one pure function.

use std::time::{Duration, SystemTime};

use hyper::header::{
    HeaderMap, HeaderValue, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_UNMODIFIED_SINCE,
};

use crate::article::Timestamp;

/// What a conditional GET or HEAD comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// 200 with the representation.
    Full,
    /// 304.
    NotModified,
    /// 412.
    PreconditionFailed,
}

/// The validators of a document.
#[derive(Debug, Clone, Copy)]
pub struct Validators<'a> {
    /// The opaque part of its one weak entity tag: letters and digits.
    pub etag: &'a str,
    /// Its `Last-Modified`, where it may be sent: known, and its second over.
    pub last_modified: Option<Timestamp>,
    /// The same as it stands in the field.
    pub last_modified_field: Option<&'a HeaderValue>,
}

/// Evaluates the preconditions of a request in the order of RFC 9110 section 13.2.2. Call it
/// only where the answer would otherwise be a 200 (section 13.2.1).
#[must_use]
pub fn evaluate(fields: &HeaderMap, current: &Validators<'_>) -> Verdict {
    let asked = Preconditions::of(fields, current.etag);
    let met = match (asked.if_match, current.last_modified) {
        (Some(any), _) => any,
        (None, Some(modified)) => asked
            .if_unmodified_since
            .date()
            .is_none_or(|d| modified <= d),
        (None, None) => true,
    };
    if !met {
        return Verdict::PreconditionFailed;
    }
    let unchanged = match asked.if_none_match {
        Some(ours) => ours,
        None => not_modified_since(asked.if_modified_since, current),
    };
    if unchanged {
        Verdict::NotModified
    } else {
        Verdict::Full
    }
}

/// What a request makes its answer depend on. Gathered in one pass over the fields, which
/// costs less than to look four names up.
#[derive(Default)]
struct Preconditions<'a> {
    /// Whether one of the fields is `*`. Comparison is strong (13.1.1), and our tags are
    /// weak: nothing else can match.
    if_match: Option<bool>,
    /// Whether one of the tags is ours.
    if_none_match: Option<bool>,
    if_modified_since: Single<'a>,
    if_unmodified_since: Single<'a>,
}

impl<'a> Preconditions<'a> {
    fn of(fields: &'a HeaderMap, etag: &str) -> Self {
        let mut found = Self::default();
        for (name, value) in fields {
            if *name == IF_NONE_MATCH {
                *found.if_none_match.get_or_insert(false) |= any_tag_matches(value, etag);
            } else if *name == IF_MODIFIED_SINCE {
                found.if_modified_since.add(value);
            } else if *name == IF_MATCH {
                *found.if_match.get_or_insert(false) |= value.as_bytes().trim_ascii() == b"*";
            } else if *name == IF_UNMODIFIED_SINCE {
                found.if_unmodified_since.add(value);
            }
        }
        found
    }
}

/// A field that counts only where it stands once (13.1.3).
#[derive(Default, Clone, Copy)]
enum Single<'a> {
    #[default]
    Absent,
    Once(&'a HeaderValue),
    Repeated,
}

impl<'a> Single<'a> {
    fn add(&mut self, value: &'a HeaderValue) {
        *self = match self {
            Self::Absent => Self::Once(value),
            Self::Once(_) | Self::Repeated => Self::Repeated,
        };
    }

    /// The date in it, if it is one.
    fn date(self) -> Option<Timestamp> {
        let Self::Once(value) = self else {
            return None;
        };
        let date = httpdate::parse_http_date(value.to_str().ok()?).ok()?;
        let since = date
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or(Duration::ZERO);
        Timestamp::from_unix(i64::try_from(since.as_secs()).ok()?).ok()
    }
}

/// `>=`, not equality: old Tiny Tiny RSS invents the date from its own clock. This is right
/// only because our dates never go back.
fn not_modified_since(since: Single<'_>, current: &Validators<'_>) -> bool {
    match (since, current.last_modified) {
        // Nearly every client sends back the very bytes it was given.
        (Single::Once(field), Some(_)) if Some(field) == current.last_modified_field => true,
        (_, Some(modified)) => since.date().is_some_and(|date| date >= modified),
        (_, None) => false,
    }
}

/// Whether `*` or one of the entity tags in a field names the current representation, by
/// weak comparison (8.8.3.2). Junk between the commas matches nothing.
fn any_tag_matches(field: &HeaderValue, etag: &str) -> bool {
    let mut rest = field.as_bytes().trim_ascii();
    // Nearly every client sends back the very bytes it was given.
    let verbatim = rest
        .strip_prefix(b"W/\"")
        .and_then(|tag| tag.strip_suffix(b"\""));
    if verbatim == Some(etag.as_bytes()) || rest == b"*" {
        return true;
    }
    while !rest.is_empty() {
        rest = rest.trim_ascii_start();
        let tag = rest
            .strip_prefix(b"W/")
            .or_else(|| rest.strip_prefix(b"w/"))
            .unwrap_or(rest);
        if let Some(quoted) = tag.strip_prefix(b"\"")
            && let Some(end) = quoted.iter().position(|byte| *byte == b'"')
        {
            if names(&quoted[..end], etag) {
                return true;
            }
            rest = &quoted[end + 1..];
        }
        match rest.iter().position(|byte| *byte == b',') {
            Some(comma) => rest = &rest[comma + 1..],
            None => return false,
        }
    }
    false
}

/// Whether an opaque tag is ours, perhaps with what a proxy put behind it: Apache's
/// mod_deflate makes `x-gzip` of `x`, and later does not know it any more; others write
/// `--gzip`, `;gzip`, `:br`, `+zstd`.
fn names(opaque: &[u8], etag: &str) -> bool {
    let Some(suffix) = opaque.strip_prefix(etag.as_bytes()) else {
        return false;
    };
    match suffix {
        [] => true,
        [b'-' | b';' | b':' | b'+' | b'_' | b'.', coding @ ..] => {
            let coding = coding.strip_prefix(b"-").unwrap_or(coding);
            matches!(
                coding,
                b"gzip" | b"gz" | b"br" | b"df" | b"deflate" | b"zstd" | b"identity"
            )
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderName;

    use super::{Verdict::*, *};

    const TAG: &str = "0123456789abcdef0123456789abcdef";
    const CHANGED: i64 = 1_781_049_600; // Wed, 10 Jun 2026 00:00:00 GMT

    fn outcome(fields: &[(HeaderName, &str)]) -> Verdict {
        let mut map = HeaderMap::new();
        for (name, value) in fields {
            map.append(name, HeaderValue::from_str(value).unwrap());
        }
        let modified = Timestamp::from_unix(CHANGED).unwrap();
        let field = HeaderValue::from_str(&modified.rfc822()).unwrap();
        evaluate(
            &map,
            &Validators {
                etag: TAG,
                last_modified: Some(modified),
                last_modified_field: Some(&field),
            },
        )
    }

    #[test]
    fn a9_8_if_none_match_takes_lists_stars_weak_forms_and_proxy_suffixes() {
        for form in [
            "*",
            "W/\"T\"",
            "\"T\"",
            "w/\"T\"",
            "\"x\", W/\"T\"",
            "\"a,b\",\"T\" , \"c\"",
            "\"T-gzip\"",
            "W/\"T--br\"",
            "\"T;gzip\"",
            "junk, \"T\"",
            ",,\"T\"",
        ] {
            let value = form.replace('T', TAG);
            assert_eq!(outcome(&[(IF_NONE_MATCH, &value)]), NotModified, "{form}");
        }
        for form in [
            "\"x\"",
            "",
            "T",
            "\"T",
            "\"Tx\"",
            "\"T-x\"",
            "\"xT\"",
            "\"*\"",
            "\"T-gzip-gzip\"",
            "W/",
        ] {
            let value = form.replace('T', TAG);
            assert_eq!(outcome(&[(IF_NONE_MATCH, &value)]), Full, "{form}");
        }
        let old = format!("\"{TAG}\"");
        assert_eq!(
            outcome(&[(IF_NONE_MATCH, "\"x\""), (IF_NONE_MATCH, &old)]),
            NotModified
        );
    }

    #[test]
    fn a14_6_invented_dates_are_compared_not_matched() {
        for (date, expected) in [
            ("Wed, 10 Jun 2026 00:00:00 GMT", NotModified),
            ("Wed, 10 Jun 2026 00:00:01 GMT", NotModified),
            ("Fri, 31 Dec 2038 00:00:00 GMT", NotModified),
            ("Tue, 09 Jun 2026 23:59:59 GMT", Full),
            ("Wednesday, 10-Jun-26 00:00:00 GMT", NotModified),
            ("Wed Jun 10 00:00:00 2026", NotModified),
        ] {
            assert_eq!(outcome(&[(IF_MODIFIED_SINCE, date)]), expected, "{date}");
        }
    }

    #[test]
    fn a9_9_a_bad_or_doubled_date_is_ignored_and_so_is_one_beside_a_tag() {
        let now = "Wed, 10 Jun 2026 00:00:00 GMT";
        for date in [
            "",
            "yesterday",
            "Wed, 10 Jun 2026 00:00:00 +0000",
            "0",
            "-1",
        ] {
            assert_eq!(outcome(&[(IF_MODIFIED_SINCE, date)]), Full, "{date}");
        }
        assert_eq!(
            outcome(&[(IF_MODIFIED_SINCE, now), (IF_MODIFIED_SINCE, now)]),
            Full
        );
        assert_eq!(
            outcome(&[(IF_MODIFIED_SINCE, now), (IF_NONE_MATCH, "\"x\"")]),
            Full
        );
    }

    #[test]
    fn a9_10_if_match_and_if_unmodified_since_come_first() {
        let tag = format!("W/\"{TAG}\"");
        let (before, now) = (
            "Tue, 09 Jun 2026 00:00:00 GMT",
            "Wed, 10 Jun 2026 00:00:00 GMT",
        );
        assert_eq!(
            outcome(&[(IF_MATCH, "*"), (IF_NONE_MATCH, &tag)]),
            NotModified
        );
        assert_eq!(
            outcome(&[(IF_MATCH, &tag), (IF_NONE_MATCH, &tag)]),
            PreconditionFailed
        );
        assert_eq!(
            outcome(&[(IF_UNMODIFIED_SINCE, before)]),
            PreconditionFailed
        );
        assert_eq!(outcome(&[(IF_UNMODIFIED_SINCE, now)]), Full);
        assert_eq!(
            outcome(&[(IF_MATCH, "*"), (IF_UNMODIFIED_SINCE, before)]),
            Full
        );
    }

    #[test]
    fn without_a_last_modified_no_date_matches() {
        let mut map = HeaderMap::new();
        let now = HeaderValue::from_static("Wed, 10 Jun 2026 00:00:00 GMT");
        map.insert(IF_MODIFIED_SINCE, now);
        let unknown = Validators {
            etag: TAG,
            last_modified: None,
            last_modified_field: None,
        };
        assert_eq!(evaluate(&map, &unknown), Full);
        assert_eq!(evaluate(&HeaderMap::new(), &unknown), Full);
    }
}
