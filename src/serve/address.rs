//! Spellings of a path, and addresses that documents once had.

use std::collections::HashMap;

use hyper::{StatusCode, header::HeaderValue};

use crate::config::{Legacy, Redirect};

/// The one spelling of all that mean the same path (RFC 3986 section 6.2.2 and 6.2.3, and
/// what servers of files take for the same): characters that need no percent-encoding are
/// decoded, others encoded in capitals; empty segments, `.` and `..` are resolved; no slash
/// at the end. `None` for what is no path.
#[must_use]
pub fn canonical(path: &str) -> Option<String> {
    let path = respell(path.strip_prefix('/')?)?;
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            segment => segments.push(segment),
        }
    }
    Some(format!("/{}", segments.join("/")))
}

/// Every character in its shortest encoding.
fn respell(path: &str) -> Option<String> {
    let mut out = String::with_capacity(path.len());
    let mut bytes = path.bytes();
    while let Some(byte) = bytes.next() {
        let byte = match byte {
            b'%' => hex(bytes.next()?)? << 4 | hex(bytes.next()?)?,
            // Not encoded, so it means itself.
            0x21..0x7F => {
                out.push(char::from(byte));
                continue;
            }
            byte => byte,
        };
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    Some(out)
}

fn hex(digit: u8) -> Option<u8> {
    u8::try_from(char::from(digit).to_digit(16)?).ok()
}

/// What became of a document that is no longer where it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is elsewhere for good.
    Moved(StatusCode, HeaderValue),
    /// It was ended.
    Gone,
}

/// Addresses that documents once had.
#[derive(Debug, Default)]
pub(super) struct OldAddresses(HashMap<Box<str>, Fate>);

impl OldAddresses {
    pub(super) fn of(legacy: &Legacy) -> Self {
        let status = match legacy.redirect {
            Redirect::MovedPermanently => StatusCode::MOVED_PERMANENTLY,
            Redirect::PermanentRedirect => StatusCode::PERMANENT_REDIRECT,
        };
        let moved = legacy.aliases.iter().filter_map(|(from, to)| {
            // Checked with the configuration: nothing is left out here.
            let location = HeaderValue::from_str(to.as_str()).ok()?;
            Some((key(from)?, Fate::Moved(status, location)))
        });
        let gone = legacy.gone.iter();
        let gone = gone.filter_map(|path| Some((key(path)?, Fate::Gone)));
        Self(moved.chain(gone).collect())
    }

    /// What became of the document at a path in its canonical spelling. An address with this
    /// very query goes before one without.
    pub(super) fn find(&self, path: &str, query: Option<&str>) -> Option<&Fate> {
        if self.0.is_empty() {
            return None;
        }
        query
            .and_then(|query| self.0.get(format!("{path}?{query}").as_str()))
            .or_else(|| self.0.get(path))
    }
}

/// An address as it stands in the configuration, in the spelling that it is looked up by.
fn key(address: &str) -> Option<Box<str>> {
    let (path, query) = match address.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (address, None),
    };
    let path = canonical(path)?;
    Some(match query {
        Some(query) => format!("{path}?{query}").into(),
        None => path.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn all_spellings_of_a_path_become_one() {
        for (path, spelt) in [
            ("/rss.xml", "/rss.xml"),
            ("/rss.xml/", "/rss.xml"),
            ("//rss.xml", "/rss.xml"),
            ("/a///b//", "/a/b"),
            ("/rss%2Exml", "/rss.xml"),
            ("/r%73s.xml", "/rss.xml"),
            ("/tags/%c3%a4/rss.xml", "/tags/%C3%A4/rss.xml"),
            ("/tags/ä/rss.xml", "/tags/%C3%A4/rss.xml"),
            ("/a/./b/../rss.xml", "/a/rss.xml"),
            ("/%2e%2e/rss.xml", "/rss.xml"),
            ("/../../rss.xml", "/rss.xml"),
            ("/a%2Fb", "/a%2Fb"),
            ("/a%20b", "/a%20b"),
            ("/a+b", "/a+b"),
            ("/%00", "/%00"),
            ("/", "/"),
        ] {
            assert_eq!(canonical(path).as_deref(), Some(spelt), "{path}");
        }
        for path in ["", "*", "rss.xml", "/%", "/%2", "/%zz", "/%+1"] {
            assert_eq!(canonical(path), None, "{path}");
        }
    }

    proptest! {
        #[test]
        fn a_canonical_path_stays_as_it_is(path in "/[/.%a-f0-9~é -]{0,40}") {
            if let Some(once) = canonical(&path) {
                prop_assert_eq!(canonical(&once), Some(once.clone()));
                prop_assert!(once.is_ascii() && !once.starts_with("//"), "{}", once);
            }
        }
    }
}
