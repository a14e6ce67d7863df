//! An address that every format can carry.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::Url;

/// An absolute `http` or `https` URL, normalised and percent-encoded to pure ASCII
/// (RFC 3986), shorter than 2,048 characters (the limit of a sitemap's `loc`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AbsoluteUrl(Url);

/// Text that is no address a reader could follow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUrl {
    /// Not a URL at all, or a relative one.
    #[error("{0:?} is not an absolute URL: {1}")]
    Malformed(String, url::ParseError),
    /// A scheme that readers must not follow.
    #[error("{0:?} has the scheme {1:?}; only http and https are served")]
    Scheme(String, String),
    /// Longer than a sitemap may carry.
    #[error("the URL is {0} characters long; sitemaps allow 2,047")]
    TooLong(usize),
    /// A user name or password stands in it.
    #[error("{0:?} carries a user name or password")]
    Credentials(String),
}

impl AbsoluteUrl {
    pub(super) const MAX_CHARS: usize = 2_047;

    /// Parses an absolute URL.
    ///
    /// # Errors
    /// [`InvalidUrl`], which says what is wrong with it.
    pub fn parse(raw: &str) -> Result<Self, InvalidUrl> {
        let raw = raw.trim();
        let url = Url::parse(raw).map_err(|e| InvalidUrl::Malformed(raw.to_owned(), e))?;
        Self::from_url(url, raw)
    }

    /// Resolves `reference` against this URL (RFC 3986 section 5).
    ///
    /// # Errors
    /// [`InvalidUrl`], when the result is not an http(s) URL.
    pub fn join(&self, reference: &str) -> Result<Self, InvalidUrl> {
        let raw = reference.trim();
        let url = self
            .0
            .join(raw)
            .map_err(|e| InvalidUrl::Malformed(raw.to_owned(), e))?;
        Self::from_url(url, raw)
    }

    fn from_url(url: Url, raw: &str) -> Result<Self, InvalidUrl> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(InvalidUrl::Scheme(raw.to_owned(), url.scheme().to_owned()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidUrl::Credentials(raw.to_owned()));
        }
        let url = tidy(url);
        if url.as_str().len() > Self::MAX_CHARS {
            return Err(InvalidUrl::TooLong(url.as_str().len()));
        }
        Ok(Self(url))
    }

    /// The whole URL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The parsed form, for resolving many references against it.
    #[must_use]
    pub const fn as_url(&self) -> &Url {
        &self.0
    }

    /// The host, without port.
    #[must_use]
    pub fn host(&self) -> &str {
        // An http(s) URL always has a host; `url` refuses one without.
        self.0.host_str().unwrap_or_default()
    }

    /// Everything behind the host and port: path, query and fragment.
    #[must_use]
    pub fn path_and_query(&self) -> &str {
        &self.0[url::Position::BeforePath..]
    }

    /// The address without scheme, host and the slash at its end: what usually stays when a
    /// site changes its server. The front page of a host has nothing left, and is known by
    /// the host.
    #[must_use]
    pub fn key(&self) -> &str {
        match self.path_and_query().trim_end_matches('/') {
            "" => self.host(),
            path => path,
        }
    }

    /// The path alone, beginning with `/`.
    #[must_use]
    pub fn path(&self) -> &str {
        self.0.path()
    }

    /// Whether scheme, host and port are those of `other`.
    #[must_use]
    pub fn same_origin(&self, other: &Self) -> bool {
        self.0.origin() == other.0.origin()
    }

    /// Whether this URL lies at or below the folder `site` (which ends with `/`), which is
    /// the scope of a sitemap served there (sitemaps.org, "Sitemap file location").
    #[must_use]
    pub fn is_below(&self, site: &Self) -> bool {
        self.same_origin(site) && self.path().starts_with(site.path())
    }
}

/// Encodes what browsers let through and RFC 3986 does not: `|`, `^`, brackets, and a `%` that
/// begins no escape.
fn tidy(mut url: Url) -> Url {
    let encode = |part: &str| {
        let bytes = part.as_bytes();
        let mut out = String::with_capacity(part.len());
        for (at, c) in part.char_indices() {
            let is_escape = || {
                let digits = bytes.get(at + 1..at + 3).unwrap_or_default();
                digits.len() == 2 && digits.iter().all(u8::is_ascii_hexdigit)
            };
            match c {
                '%' if !is_escape() => out.push_str("%25"),
                '|' | '^' | '[' | ']' | '`' | '\\' | '{' | '}' => {
                    out.push_str(&format!("%{:02X}", u32::from(c)));
                }
                c => out.push(c),
            }
        }
        out
    };
    let odd = |part: &str| part.contains(['%', '|', '^', '[', ']', '`', '\\', '{', '}']);
    if odd(url.path()) {
        let path = encode(url.path());
        url.set_path(&path);
    }
    if let Some(query) = url.query().filter(|query| odd(query)).map(encode) {
        url.set_query(Some(&query));
    }
    if let Some(fragment) = url.fragment().filter(|part| odd(part)).map(encode) {
        url.set_fragment(Some(&fragment));
    }
    url
}

impl TryFrom<String> for AbsoluteUrl {
    type Error = InvalidUrl;
    fn try_from(raw: String) -> Result<Self, InvalidUrl> {
        Self::parse(&raw)
    }
}

impl From<AbsoluteUrl> for String {
    fn from(url: AbsoluteUrl) -> Self {
        url.0.into()
    }
}

impl fmt::Display for AbsoluteUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_rfc_3986_does_not_have_is_encoded_once() {
        for (raw, url) in [
            ("/a|b[c]^d`e", "/a%7Cb%5Bc%5D%5Ed%60e"),
            ("/38%", "/38%25"),
            ("/%zz%41%", "/%25zz%41%25"),
            ("/a?b[]=%c|{x}#[^]", "/a?b%5B%5D=%25c%7C%7Bx%7D#%5B%5E%5D"),
        ] {
            let once = AbsoluteUrl::parse(&format!("https://x.example{raw}")).unwrap();
            assert_eq!(once.as_str(), format!("https://x.example{url}"));
            assert_eq!(AbsoluteUrl::parse(once.as_str()), Ok(once.clone()));
        }
    }

    #[test]
    fn what_comes_out_is_ascii_and_normalised() {
        let url = AbsoluteUrl::parse(" https://Bücher.example:443/a b/ü?q=ä ").unwrap();
        assert_eq!(
            url.as_str(),
            "https://xn--bcher-kva.example/a%20b/%C3%BC?q=%C3%A4"
        );
    }

    #[test]
    fn other_schemes_credentials_and_relative_urls_are_refused() {
        for raw in [
            "javascript:alert(1)",
            "ftp://a.example/",
            "/a",
            "",
            "https://u:p@a.example/",
        ] {
            assert!(AbsoluteUrl::parse(raw).is_err(), "{raw}");
        }
        let base = AbsoluteUrl::parse("https://a.example/b/").unwrap();
        assert!(base.join("data:text/html,x").is_err());
        assert_eq!(base.join("../c").unwrap().as_str(), "https://a.example/c");
    }

    #[test]
    fn the_limit_of_a_sitemap_is_kept() {
        let head = "https://a.example/";
        let fits = format!("{head}{}", "x".repeat(2_047 - head.len()));
        assert!(AbsoluteUrl::parse(&fits).is_ok());
        assert_eq!(
            AbsoluteUrl::parse(&format!("{fits}x")),
            Err(InvalidUrl::TooLong(2_048))
        );
    }

    #[test]
    fn scope_is_scheme_host_port_and_folder() {
        let site = AbsoluteUrl::parse("https://a.example/blog/").unwrap();
        let below = |raw| AbsoluteUrl::parse(raw).unwrap().is_below(&site);
        assert!(below("https://a.example/blog/x"));
        assert!(!below("https://a.example/x"));
        assert!(!below("http://a.example/blog/x"));
        assert!(!below("https://a.example:8443/blog/x"));
        assert!(!below("https://b.example/blog/x"));
    }
}
