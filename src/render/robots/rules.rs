//! What the operator wants of crawlers.

use std::fmt;

use super::Purpose;

/// Who may read what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Robots {
    /// The site's own file, as it is.
    pub own: Option<String>,
    /// In the operator's order.
    pub groups: Vec<Group>,
    /// What is said of purposes; a purpose without a word follows the group of everyone.
    pub purposes: Vec<(Purpose, Access)>,
    /// What may be done with what was read.
    pub signals: Signals,
}

impl Robots {
    /// Whether the operator has rules for `agent`, which may be `*`.
    #[must_use]
    pub fn named(&self, agent: &str) -> bool {
        let written = self.groups.iter().flat_map(|group| &group.agents);
        let own = self.own.iter().flat_map(|text| text.lines());
        let own = own.filter_map(|line| {
            let line = line.split('#').next().unwrap_or_default();
            let (name, value) = line.split_once(':')?;
            name.trim()
                .eq_ignore_ascii_case("user-agent")
                .then(|| value.trim())
        });
        written
            .map(String::as_str)
            .chain(own)
            .any(|known| known.eq_ignore_ascii_case(agent))
    }

    pub(super) fn access(&self, purpose: Purpose) -> Option<Access> {
        let said = self.purposes.iter().find(|(known, _)| *known == purpose);
        said.map(|(_, access)| *access)
    }
}

/// Rules for some crawlers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Group {
    /// Product tokens, or `*`.
    pub agents: Vec<String>,
    /// Paths, with `*` and `$` as in RFC 9309 section 2.2.3.
    pub allow: Vec<String>,
    /// Paths, in the same form.
    pub disallow: Vec<String>,
}

/// All or nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// `"allow"`
    Allow,
    /// `"disallow"`
    Disallow,
}

/// What may be done with what was read (contentsignals.org); what is left out is no
/// statement.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Signals {
    /// `search`: listing it in results.
    pub search: Option<bool>,
    /// `ai-input`: answering from it.
    pub ai_input: Option<bool>,
    /// `ai-train`: training on it.
    pub ai_train: Option<bool>,
}

impl Signals {
    /// Whether nothing is stated.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.search.is_none() && self.ai_input.is_none() && self.ai_train.is_none()
    }
}

impl fmt::Display for Signals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = [
            ("search", self.search),
            ("ai-input", self.ai_input),
            ("ai-train", self.ai_train),
        ];
        let stated: Vec<String> = all
            .into_iter()
            .filter_map(|(name, allowed)| {
                Some(format!("{name}={}", if allowed? { "yes" } else { "no" }))
            })
            .collect();
        f.write_str(&stated.join(", "))
    }
}
