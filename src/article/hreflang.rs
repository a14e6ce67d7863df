//! What a page in a set of translations is for.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{InvalidLanguage, Language};

/// For whom a page is: readers of a language, or those for whom there is none.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Hreflang {
    /// Readers of this language.
    Language(Language),
    /// Readers of no language in the set: `x-default`.
    Default,
}

impl Hreflang {
    const DEFAULT: &str = "x-default";

    /// Reads a language tag, or `x-default`.
    ///
    /// # Errors
    /// [`InvalidLanguage`] for anything else.
    pub fn parse(raw: &str) -> Result<Self, InvalidLanguage> {
        if raw.trim().eq_ignore_ascii_case(Self::DEFAULT) {
            return Ok(Self::Default);
        }
        Language::parse(raw).map(Self::Language)
    }

    /// As `hreflang` has it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Language(language) => language.as_str(),
            Self::Default => Self::DEFAULT,
        }
    }
}

impl TryFrom<String> for Hreflang {
    type Error = InvalidLanguage;
    fn try_from(raw: String) -> Result<Self, InvalidLanguage> {
        Self::parse(&raw)
    }
}

impl From<Hreflang> for String {
    fn from(hreflang: Hreflang) -> Self {
        hreflang.as_str().to_owned()
    }
}

impl fmt::Display for Hreflang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
