//! Text that XML 1.0 can carry.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Text made only of characters that XML 1.0 allows (production 2, `Char`).
///
/// The XML writers let forbidden characters straight through (quick-xml #368), and a feed
/// with one U+0001 in a title is not well-formed for any reader. So they are replaced at
/// the border, once, and counted; the writers need no check.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct XmlText(String);

const fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

impl XmlText {
    /// Keeps the shape of the text. Each forbidden character becomes U+FFFD; a carriage
    /// return, alone or before a line feed, becomes a line feed, as every XML parser would
    /// read it (XML 1.0 section 2.11).
    ///
    /// Returns the text and how many characters were replaced.
    #[must_use]
    pub fn clean(raw: &str) -> (Self, usize) {
        let mut replaced = 0;
        let mut out = String::with_capacity(raw.len());
        let mut chars = raw.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\r' => {
                    chars.next_if_eq(&'\n');
                    out.push('\n');
                }
                c if is_allowed(c) => out.push(c),
                _ => {
                    replaced += 1;
                    out.push('\u{FFFD}');
                }
            }
        }
        (Self(out), replaced)
    }

    /// One line of text: as [`XmlText::clean`], with white space folded to single spaces
    /// and trimmed. For titles, names and everything that may stand in an attribute, where
    /// a line break would turn into a space on reading.
    #[must_use]
    pub fn line(raw: &str) -> (Self, usize) {
        let (Self(clean), replaced) = Self::clean(raw);
        let mut out = String::with_capacity(clean.len());
        for word in clean.split_whitespace() {
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(word);
        }
        (Self(out), replaced)
    }

    /// The text itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is no text at all.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<String> for XmlText {
    fn from(raw: String) -> Self {
        Self::clean(&raw).0
    }
}

impl From<&str> for XmlText {
    fn from(raw: &str) -> Self {
        Self::clean(raw).0
    }
}

impl From<XmlText> for String {
    fn from(text: XmlText) -> Self {
        text.0
    }
}

impl AsRef<str> for XmlText {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for XmlText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn forbidden_characters_are_replaced_and_counted() {
        let (text, replaced) = XmlText::clean("a\u{1}b\u{FFFE}c\u{B}d");
        assert_eq!(text.as_str(), "a\u{FFFD}b\u{FFFD}c\u{FFFD}d");
        assert_eq!(replaced, 3);
    }

    #[test]
    fn carriage_returns_become_line_feeds_and_count_as_nothing() {
        assert_eq!(XmlText::clean("a\r\nb\rc"), (XmlText("a\nb\nc".into()), 0));
    }

    #[test]
    fn a_line_has_no_line_breaks() {
        assert_eq!(XmlText::line("  a\r\n\tb  c ").0.as_str(), "a b c");
    }

    proptest! {
        #[test]
        fn whatever_comes_in_only_allowed_characters_come_out(raw in any::<String>()) {
            let (text, _) = XmlText::clean(&raw);
            prop_assert!(text.as_str().chars().all(is_allowed));
            prop_assert_eq!(XmlText::clean(text.as_str()), (text.clone(), 0));
        }
    }
}
