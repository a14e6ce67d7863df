//! Someone who wrote something.

use serde::{Deserialize, Serialize};

use super::{AbsoluteUrl, XmlText};

/// An author, as Atom's person construct has it (RFC 4287 section 3.2).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Person {
    /// On one line; never empty.
    pub name: XmlText,
    /// An address with one `@` in it.
    pub email: Option<XmlText>,
    /// A page about the person.
    pub url: Option<AbsoluteUrl>,
}

impl Person {
    /// A person of whom only the name is known; `None` when the name is blank.
    #[must_use]
    pub fn named(raw: &str) -> Option<Self> {
        let (name, _) = XmlText::line(raw);
        (!name.is_empty()).then_some(Self {
            name,
            email: None,
            url: None,
        })
    }
}
