//! An article's name for good.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{AbsoluteUrl, Timestamp};

/// An absolute IRI that names an article for ever (RFC 4287 section 4.2.6): Atom's `id`,
/// RSS's `guid`, JSON Feed's `id`. Compared character by character.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ArticleId(String);

/// Text that cannot be an article's id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidId {
    /// Nothing is left of it.
    #[error("an id must not be empty")]
    Empty,
    /// It holds what an IRI cannot hold.
    #[error("an id must be an IRI, and holds a character that none has")]
    Character,
    /// Longer than any reader's database column.
    #[error("an id must not be longer than 2,000 bytes")]
    TooLong,
}

impl ArticleId {
    const MAX_BYTES: usize = 2_000;

    /// Makes the id of an article that the origin calls `name`.
    ///
    /// A name that already is an absolute IRI (`tag:…`, `urn:…`, `https://…`) is kept to the
    /// letter: readers know it. Any other becomes the specific part of a `tag:` URI
    /// (RFC 4151) under the host of `url`, dated by the article's publication, since the
    /// site had that host then. An article without any date takes its address instead:
    /// a `tag:` URI needs a date that is true.
    ///
    /// # Errors
    /// [`InvalidId`] when the name is empty or too long.
    pub fn from_name(
        name: &str,
        url: &AbsoluteUrl,
        published: Option<Timestamp>,
    ) -> Result<Self, InvalidId> {
        let name = name.trim();
        if name.is_empty() {
            return Err(InvalidId::Empty);
        }
        if name.len() > Self::MAX_BYTES {
            return Err(InvalidId::TooLong);
        }
        if is_absolute_iri(name) {
            return Ok(Self(name.to_owned()));
        }
        let specific = escape(name);
        Ok(match published {
            Some(published) => Self::tag(url, published, &specific),
            None => Self(format!("{}#{specific}", url.as_str())),
        })
    }

    /// Makes the id of an article that has no name but its address, at first sight: a
    /// `tag:` URI of host, publication day and path, or the address of an undated article.
    #[must_use]
    pub fn from_url(url: &AbsoluteUrl, published: Option<Timestamp>) -> Self {
        match published {
            Some(published) => Self::tag(url, published, url.path_and_query()),
            None => Self(url.as_str().to_owned()),
        }
    }

    fn tag(url: &AbsoluteUrl, published: Timestamp, specific: &str) -> Self {
        let day = published.to_chrono().format("%Y-%m-%d");
        Self(format!("tag:{},{day}:{specific}", url.host()))
    }

    /// Another id for what would have this one, which is taken: the second, third and so on.
    #[must_use]
    pub fn numbered(&self, number: usize) -> Self {
        let mark = if self.0.contains('#') { '.' } else { '#' };
        Self(format!("{}{mark}{number}", self.0))
    }

    /// Takes back an id that the store has kept. It was checked when it was given.
    #[must_use]
    pub const fn stored(id: String) -> Self {
        Self(id)
    }

    /// The IRI.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A scheme, a colon and something behind it, in characters an IRI may have.
fn is_absolute_iri(name: &str) -> bool {
    let Some((scheme, rest)) = name.split_once(':') else {
        return false;
    };
    let mut scheme = scheme.chars();
    scheme.next().is_some_and(|c| c.is_ascii_alphabetic())
        && scheme.all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
        && !rest.is_empty()
        && rest.chars().all(is_iri_char)
}

/// RFC 3987 section 2.2, taken widely: no white space, no controls, none of `<>"{}|\^` and
/// the back quote, no noncharacters.
fn is_iri_char(c: char) -> bool {
    !c.is_whitespace()
        && !c.is_control()
        && !matches!(c, '<' | '>' | '"' | '{' | '}' | '|' | '\\' | '^' | '`')
        && !matches!(c, '\u{FFF0}'..='\u{FFFF}')
}

/// Percent-encodes what must not stand in the specific part of a tag.
fn escape(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        if c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@/?".contains(c) {
            out.push(c);
        } else {
            let mut buffer = [0; 4];
            for byte in c.encode_utf8(&mut buffer).bytes() {
                out.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    out
}

impl TryFrom<String> for ArticleId {
    type Error = InvalidId;

    /// Takes back an id from a file, where anything may stand.
    fn try_from(raw: String) -> Result<Self, InvalidId> {
        if raw.len() > Self::MAX_BYTES + AbsoluteUrl::MAX_CHARS {
            return Err(InvalidId::TooLong);
        }
        if !is_absolute_iri(&raw) {
            return Err(InvalidId::Character);
        }
        Ok(Self(raw))
    }
}

impl From<ArticleId> for String {
    fn from(id: ArticleId) -> Self {
        id.0
    }
}

impl fmt::Display for ArticleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url() -> AbsoluteUrl {
        AbsoluteUrl::parse("https://backend.example/articles/a/").unwrap()
    }

    fn day() -> Option<Timestamp> {
        Some(Timestamp::from_unix(1_781_049_600).unwrap())
    }

    #[test]
    fn an_iri_from_the_origin_is_kept_to_the_letter() {
        for name in [
            "urn:uuid:1225c695-cfb8-4ebb-aaaa-80da344efa6a",
            "tag:x.org,2003:3.2397",
        ] {
            assert_eq!(
                ArticleId::from_name(name, &url(), day()).unwrap().as_str(),
                name
            );
        }
    }

    #[test]
    fn any_other_name_becomes_a_tag_uri() {
        let id = ArticleId::from_name("42 <b>", &url(), day()).unwrap();
        assert_eq!(id.as_str(), "tag:backend.example,2026-06-10:42%20%3Cb%3E");
        let id = ArticleId::from_name("42", &url(), None).unwrap();
        assert_eq!(id.as_str(), "https://backend.example/articles/a/#42");
    }

    #[test]
    fn an_address_becomes_a_tag_uri_of_host_day_and_path() {
        let id = ArticleId::from_url(&url(), day());
        assert_eq!(id.as_str(), "tag:backend.example,2026-06-10:/articles/a/");
        assert_eq!(ArticleId::from_url(&url(), None).as_str(), url().as_str());
    }

    #[test]
    fn an_empty_or_endless_name_is_refused() {
        assert_eq!(
            ArticleId::from_name(" ", &url(), None),
            Err(InvalidId::Empty)
        );
        let long = "x".repeat(2_001);
        assert_eq!(
            ArticleId::from_name(&long, &url(), None),
            Err(InvalidId::TooLong)
        );
    }
}
