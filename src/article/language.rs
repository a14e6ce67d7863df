//! A language tag.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A well-formed language tag (RFC 5646 section 2.1, by shape): `en`, `pt-BR`, `zh-Hant`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Language(String);

/// Text that is no language tag.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a language tag such as \"en\" or \"pt-BR\"")]
pub struct InvalidLanguage(String);

impl Language {
    /// Parses a tag; `_` between subtags is read as `-` (`en_GB`, as locales write it), and
    /// case is set as RFC 5646 section 2.1.1 advises.
    ///
    /// # Errors
    /// [`InvalidLanguage`] when it does not have the shape of a tag.
    pub fn parse(raw: &str) -> Result<Self, InvalidLanguage> {
        let invalid = || InvalidLanguage(raw.to_owned());
        let mut out = String::with_capacity(raw.len());
        for (i, subtag) in raw.trim().split(['-', '_']).enumerate() {
            if !(1..=8).contains(&subtag.len())
                || !subtag.bytes().all(|b| b.is_ascii_alphanumeric())
            {
                return Err(invalid());
            }
            if i == 0 {
                if subtag.len() < 2 || !subtag.bytes().all(|b| b.is_ascii_alphabetic()) {
                    return Err(invalid());
                }
                out.push_str(&subtag.to_ascii_lowercase());
                continue;
            }
            out.push('-');
            out.push_str(&match subtag.len() {
                2 => subtag.to_ascii_uppercase(),
                4 if subtag.bytes().all(|b| b.is_ascii_alphabetic()) => {
                    let lower = subtag.to_ascii_lowercase();
                    lower[..1].to_ascii_uppercase() + &lower[1..]
                }
                _ => subtag.to_ascii_lowercase(),
            });
        }
        Ok(Self(out))
    }

    /// The tag.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Language {
    type Error = InvalidLanguage;
    fn try_from(raw: String) -> Result<Self, InvalidLanguage> {
        Self::parse(&raw)
    }
}

impl From<Language> for String {
    fn from(language: Language) -> Self {
        language.0
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_separator_are_set_right() {
        for (raw, tag) in [
            ("EN", "en"),
            ("pt_br", "pt-BR"),
            ("ZH-hant", "zh-Hant"),
            ("es-419", "es-419"),
        ] {
            assert_eq!(Language::parse(raw).unwrap().as_str(), tag);
        }
    }

    #[test]
    fn what_has_not_the_shape_is_refused() {
        for raw in [
            "",
            "e",
            "english language",
            "en-",
            "12",
            "x-klingon",
            "en--us",
            "én",
        ] {
            assert!(Language::parse(raw).is_err(), "{raw:?}");
        }
    }
}
