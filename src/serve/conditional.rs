//! Conditional requests (RFC 9110 section 13) as one pure function.

use std::time::{Duration, SystemTime};

use hyper::header::{
    HeaderMap, HeaderName, HeaderValue, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    IF_UNMODIFIED_SINCE,
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
    let mut if_match = fields.get_all(IF_MATCH).iter().peekable();
    if if_match.peek().is_some() {
        // Strong comparison (13.1.1), and our tags are weak: only `*` can match.
        if !if_match.any(|field| field.as_bytes().trim_ascii() == b"*") {
            return Verdict::PreconditionFailed;
        }
    } else if let (Some(date), Some(modified)) = (
        single_date(fields, IF_UNMODIFIED_SINCE),
        current.last_modified,
    ) && modified > date
    {
        return Verdict::PreconditionFailed;
    }
    let mut if_none_match = fields.get_all(IF_NONE_MATCH).iter().peekable();
    let unchanged = if if_none_match.peek().is_some() {
        if_none_match.any(|field| any_tag_matches(field, current.etag))
    } else {
        not_modified_since(fields, current)
    };
    if unchanged {
        Verdict::NotModified
    } else {
        Verdict::Full
    }
}

/// `>=`, not equality: old Tiny Tiny RSS invents the date from its own clock. This is right
/// only because our dates never go back.
fn not_modified_since(fields: &HeaderMap, current: &Validators<'_>) -> bool {
    let Some(modified) = current.last_modified else {
        return false;
    };
    // Nearly every client sends back the very bytes it was given.
    if fields.get(IF_MODIFIED_SINCE) == current.last_modified_field
        && fields.get_all(IF_MODIFIED_SINCE).iter().nth(1).is_none()
    {
        return true;
    }
    single_date(fields, IF_MODIFIED_SINCE).is_some_and(|date| date >= modified)
}

/// The date in a field that stands once and is one; anything else is ignored (13.1.3).
fn single_date(fields: &HeaderMap, name: HeaderName) -> Option<Timestamp> {
    let mut values = fields.get_all(name).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return None;
    };
    let date = httpdate::parse_http_date(value.to_str().ok()?).ok()?;
    let since = date
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or(Duration::ZERO);
    Timestamp::from_unix(i64::try_from(since.as_secs()).ok()?).ok()
}

/// Whether `*` or one of the entity tags in a field names the current representation, by
/// weak comparison (8.8.3.2). Junk between the commas matches nothing.
fn any_tag_matches(field: &HeaderValue, etag: &str) -> bool {
    let mut rest = field.as_bytes().trim_ascii();
    if rest == b"*" {
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
