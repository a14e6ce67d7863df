//! A word that articles are sorted under.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::XmlText;

/// A tag or section: one line of text that is not empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tag(XmlText);

impl Tag {
    /// Folds white space; `None` when nothing is left.
    #[must_use]
    pub fn new(raw: &str) -> Option<Self> {
        let (text, _) = XmlText::line(raw);
        (!text.is_empty()).then_some(Self(text))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
