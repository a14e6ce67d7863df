//! Markup that is safe to hand to a stranger.

use serde::{Deserialize, Serialize};

use super::XmlText;

/// Sanitised HTML: allow-listed elements, absolute URLs, XML-legal characters.
///
/// Only `intake` makes one; everyone else can only pass it on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Html(XmlText);

impl Html {
    /// Takes the sanitiser's output on its word. Call it from `intake` alone.
    #[must_use]
    pub const fn from_sanitised(markup: XmlText) -> Self {
        Self(markup)
    }

    /// The markup.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}
