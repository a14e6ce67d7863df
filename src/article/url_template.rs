//! How a site makes an article's address.

use chrono::{Datelike as _, NaiveDate};

/// A pattern such as `/blog/{year}/{month}/{slug}/`, checked when it is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UrlTemplate(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Part(Part),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Path,
    Slug,
    Year,
    Month,
    Day,
    Section,
}

impl Part {
    const NAMES: [(&'static str, Self); 6] = [
        ("path", Self::Path),
        ("slug", Self::Slug),
        ("year", Self::Year),
        ("month", Self::Month),
        ("day", Self::Day),
        ("section", Self::Section),
    ];

    fn name(self) -> &'static str {
        Self::NAMES
            .iter()
            .find(|(_, part)| *part == self)
            .map_or("", |(name, _)| name)
    }
}

/// What may be filled in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UrlParts<'a> {
    /// `{path}`: the path of the file below the source's folder, without ending.
    pub path: Option<&'a str>,
    /// `{slug}`.
    pub slug: Option<&'a str>,
    /// `{section}`.
    pub section: Option<&'a str>,
    /// `{year}`, `{month}`, `{day}`: the day of publication in the site's zone.
    pub published: Option<NaiveDate>,
}

/// A pattern that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTemplate {
    /// A `{` without its `}`, or the other way round.
    #[error("a brace is open or closed alone")]
    Brace,
    /// A name that is none of the known ones.
    #[error(
        "{{{0}}} is not known; there are {{path}}, {{slug}}, {{year}}, {{month}}, {{day}} and {{section}}"
    )]
    Unknown(String),
    /// Every article would get the same address.
    #[error("neither {{slug}} nor {{path}} stands in it, so articles would share an address")]
    NotUnique,
}

/// Why a pattern cannot be filled in for an article.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoAddress {
    /// It lacks what its address is made of.
    #[error("its address needs {{{0}}}, which it does not have")]
    Missing(&'static str),
    /// Its slug is a path to a folder and no name (RFC 3986 section 3.3).
    #[error("the slug {0:?} is no name: in an address, dots alone lead to another folder")]
    Dots(String),
}

impl UrlTemplate {
    /// Parses a pattern.
    ///
    /// # Errors
    /// [`InvalidTemplate`], which says what is wrong with it.
    pub fn parse(raw: &str) -> Result<Self, InvalidTemplate> {
        let mut pieces = Vec::new();
        let mut rest = raw;
        while let Some(open) = rest.find(['{', '}']) {
            let (text, tail) = rest.split_at(open);
            let inner = tail.strip_prefix('{').ok_or(InvalidTemplate::Brace)?;
            let (name, after) = inner.split_once('}').ok_or(InvalidTemplate::Brace)?;
            if name.contains('{') {
                return Err(InvalidTemplate::Brace);
            }
            let part = Part::NAMES.iter().find(|(known, _)| *known == name);
            let (_, part) = part.ok_or_else(|| InvalidTemplate::Unknown(name.to_owned()))?;
            if !text.is_empty() {
                pieces.push(Piece::Text(text.to_owned()));
            }
            pieces.push(Piece::Part(*part));
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        let unique = |p: &Piece| matches!(p, Piece::Part(Part::Slug | Part::Path));
        if !pieces.iter().any(unique) {
            return Err(InvalidTemplate::NotUnique);
        }
        Ok(Self(pieces))
    }

    /// Fills the pattern in. The result is a reference that is still to be resolved against
    /// the site's URL.
    ///
    /// # Errors
    /// [`NoAddress`] names the first part that the article lacks.
    pub fn expand(&self, parts: &UrlParts<'_>) -> Result<String, NoAddress> {
        let mut out = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Part(part) => {
                    let value = Self::value(*part, parts)?;
                    // A slug `lang:no` at the beginning would be a scheme (RFC 3986, 4.2).
                    if out.is_empty() && value.contains(':') {
                        out.push_str("./");
                    }
                    out.push_str(&value);
                }
            }
        }
        Ok(out)
    }

    fn value(part: Part, parts: &UrlParts<'_>) -> Result<String, NoAddress> {
        let segment = |text: &str| encode(text, false);
        if let (Part::Slug, Some(slug)) = (part, parts.slug.filter(|slug| is_dots(slug))) {
            return Err(NoAddress::Dots(slug.trim().to_owned()));
        }
        let value = match part {
            Part::Path => parts.path.map(|path| encode(path, true)),
            Part::Slug => parts.slug.map(segment),
            Part::Section => parts.section.map(segment),
            Part::Year => parts.published.map(|day| format!("{:04}", day.year())),
            Part::Month => parts.published.map(|day| format!("{:02}", day.month())),
            Part::Day => parts.published.map(|day| format!("{:02}", day.day())),
        };
        value.ok_or(NoAddress::Missing(part.name()))
    }
}

/// Whether a segment means a folder and no name (RFC 3986 section 3.3).
fn is_dots(segment: &str) -> bool {
    matches!(segment.trim(), "." | "..")
}

/// Percent-encodes what would end a path segment; a path keeps its slashes.
fn encode(text: &str, keep_slash: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.trim().chars() {
        match c {
            '/' if keep_slash => out.push(c),
            '/' => out.push_str("%2F"),
            '?' => out.push_str("%3F"),
            '#' => out.push_str("%23"),
            '%' => out.push_str("%25"),
            '\\' => out.push_str("%5C"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_filled_in() {
        let template = UrlTemplate::parse("/{section}/{year}/{month}/{day}/{slug}/").unwrap();
        let parts = UrlParts {
            slug: Some("a/b?c"),
            section: Some("news"),
            published: NaiveDate::from_ymd_opt(2026, 6, 1),
            ..UrlParts::default()
        };
        assert_eq!(
            template.expand(&parts).unwrap(),
            "/news/2026/06/01/a%2Fb%3Fc/"
        );
        let template = UrlTemplate::parse("{path}/").unwrap();
        let parts = UrlParts {
            path: Some("2026/a"),
            ..UrlParts::default()
        };
        assert_eq!(template.expand(&parts).unwrap(), "2026/a/");
        assert_eq!(
            template.expand(&UrlParts::default()),
            Err(NoAddress::Missing("path"))
        );
    }

    #[test]
    fn a_slug_stays_in_its_folder() {
        let expand = |pattern: &str, slug| {
            let parts = UrlParts {
                slug: Some(slug),
                ..UrlParts::default()
            };
            UrlTemplate::parse(pattern).unwrap().expand(&parts)
        };
        assert_eq!(
            expand("a/{slug}/", ".."),
            Err(NoAddress::Dots("..".to_owned()))
        );
        assert_eq!(
            expand("a/{slug}/", " . "),
            Err(NoAddress::Dots(".".to_owned()))
        );
        assert_eq!(expand("{slug}/", "lang:no"), Ok("./lang:no/".to_owned()));
        assert_eq!(expand("a/{slug}/", "lang:no"), Ok("a/lang:no/".to_owned()));
    }

    #[test]
    fn a_bad_pattern_says_what_is_wrong() {
        use InvalidTemplate::{Brace, NotUnique, Unknown};
        for (raw, error) in [
            ("/{slug", Brace),
            ("/slug}", Brace),
            ("/{sl{ug}}", Brace),
            ("/{title}/{slug}", Unknown("title".into())),
            ("/{year}/", NotUnique),
        ] {
            assert_eq!(UrlTemplate::parse(raw), Err(error), "{raw}");
        }
    }
}
