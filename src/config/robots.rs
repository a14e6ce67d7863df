//! `[robots]`

use std::path::Path;

use super::{
    Site,
    fault::Faults,
    reader::{Table, Text, pick, quoted},
    sitemap::resolve,
};
use crate::{
    article::AbsoluteUrl,
    render::{
        DocumentKind,
        robots::{Access, Group, Purpose, Robots, Signals},
        rsl::Terms,
        verify,
    },
};

/// `[robots]`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RobotsConfig {
    /// Who may read what.
    pub rules: Robots,
    /// `[robots.license]`
    pub license: Option<License>,
}

/// `[robots.license]`: what may be done with what was read, for machines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum License {
    /// `url`: a licence in RSL that is served elsewhere.
    At(AbsoluteUrl),
    /// A licence that is made and served at `/license.xml`.
    Terms(Terms),
}

const PURPOSES: [(&str, Purpose); 4] = [
    ("search", Purpose::Search),
    ("ai_search", Purpose::AiSearch),
    ("ai_training", Purpose::AiTraining),
    ("archives", Purpose::Archives),
];

const ACCESS: [(&str, Access); 2] = [("allow", Access::Allow), ("disallow", Access::Disallow)];

/// The uses that RSL 1.0 has words for.
const USES: [(&str, &str); 5] = [
    ("all", "all"),
    ("ai-all", "ai-all"),
    ("ai-train", "ai-train"),
    ("ai-input", "ai-input"),
    ("search", "search"),
];

const PAYMENTS: [(&str, &str); 8] = [
    ("free", "free"),
    ("attribution", "attribution"),
    ("contribution", "contribution"),
    ("purchase", "purchase"),
    ("subscription", "subscription"),
    ("crawl", "crawl"),
    ("training", "training"),
    ("use", "use"),
];

/// Reads the table. The file that `include` names is read here, for its faults are shown
/// with all others.
pub(super) fn read(
    document: &mut Table<'_>,
    site: &Site,
    faults: &mut Faults,
    root: &Path,
) -> RobotsConfig {
    let Some(mut table) = document.table(faults, "robots") else {
        return RobotsConfig::default();
    };
    let include = table.text(faults, "include", "static/robots.txt");
    let own = include.and_then(|text| own(&text, faults, root));
    let mut purposes = Vec::new();
    for (key, purpose) in PURPOSES {
        if let Some(access) = table.choice(faults, key, &ACCESS) {
            purposes.push((purpose, access));
        }
    }
    let signals = signals(&mut table, faults);
    let groups = table.tables(faults, "group").unwrap_or_default();
    let groups = groups
        .into_iter()
        .filter_map(|table| group(table, faults))
        .collect();
    let license = license(&mut table, site, faults);
    table.finish(faults);
    RobotsConfig {
        rules: Robots {
            own,
            groups,
            purposes,
            signals,
        },
        license,
    }
}

fn own(text: &Text<'_>, faults: &mut Faults, root: &Path) -> Option<String> {
    let mut refuse = |what: String, help: &str| {
        faults.add(text.span.clone(), what, help);
        None
    };
    let path = root.join(text.value);
    let own = match std::fs::read_to_string(&path) {
        Ok(own) => own.trim_start_matches('\u{FEFF}').replace("\r\n", "\n"),
        Err(error) => {
            let what = format!("robots.include: {} cannot be read: {error}", text.value);
            return refuse(what, "name a text file, relative to this one");
        }
    };
    match verify(DocumentKind::Robots, own.as_bytes()) {
        Ok(()) => Some(own),
        Err(error) => {
            let what = format!("robots.include: {}: {error}", text.value);
            refuse(what, "correct that file; crawlers would misread it")
        }
    }
}

fn signals(table: &mut Table<'_>, faults: &mut Faults) -> Signals {
    let Some(mut table) = table.table(faults, "signals") else {
        return Signals::default();
    };
    let mut of = |key| table.has(key).then(|| table.flag(faults, key, false));
    let signals = Signals {
        search: of("search"),
        ai_input: of("ai_input"),
        ai_train: of("ai_train"),
    };
    table.finish(faults);
    signals
}

fn group(mut table: Table<'_>, faults: &mut Faults) -> Option<Group> {
    let agents = table.texts(faults, "agents", "*");
    if agents.as_ref().is_none_or(Vec::is_empty) {
        let help = "add agents = [\"*\"], or the names of crawlers";
        faults.add(table.span(), "a group of robots names no crawler", help);
    }
    let agents = agents
        .unwrap_or_default()
        .iter()
        .filter_map(|text| agent(text, faults))
        .collect();
    let mut paths = |key: &'static str| -> Vec<String> {
        let texts = table.texts(faults, key, "/private/").unwrap_or_default();
        texts
            .iter()
            .filter_map(|text| rule(key, text, faults))
            .collect()
    };
    let (allow, disallow) = (paths("allow"), paths("disallow"));
    table.finish(faults);
    Some(Group {
        agents,
        allow,
        disallow,
    })
}

/// RFC 9309 section 2.2.1 allows fewer characters, but crawlers go by names with digits and
/// points too, and read those lines whole.
fn agent(text: &Text<'_>, faults: &mut Faults) -> Option<String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if text.value == "*" || (!text.value.is_empty() && text.value.chars().all(fits)) {
        return Some(text.value.to_owned());
    }
    let message = format!("{} is no name of a crawler", quoted(text.value));
    let help = "write the short name, such as \"Googlebot\", or \"*\"";
    faults.add(text.span.clone(), message, help);
    None
}

fn rule(key: &str, text: &Text<'_>, faults: &mut Faults) -> Option<String> {
    let begins = text.value.starts_with(['/', '*']);
    if begins
        && !text
            .value
            .contains(|c: char| c.is_whitespace() || c.is_control() || c == '#')
    {
        return Some(text.value.to_owned());
    }
    let message = format!("{key} cannot be {}", quoted(text.value));
    let help = "write a path from the root, such as \"/private/\" or \"/*.pdf$\"";
    faults.add(text.span.clone(), message, help);
    None
}

fn license(table: &mut Table<'_>, site: &Site, faults: &mut Faults) -> Option<License> {
    let mut table = table.table(faults, "license")?;
    let url = table.text(faults, "url", "https://example.org/license.xml");
    let url = url.and_then(|text| resolve(&site.url, &text, "robots.license.url", faults));
    let mut uses = |key| {
        let texts = table.texts(faults, key, "search").unwrap_or_default();
        let path = format!("robots.license.{key}");
        texts
            .iter()
            .filter_map(|text| pick(faults, &path, text, &USES))
            .collect::<Vec<_>>()
    };
    let (permits, prohibits) = (uses("permits"), uses("prohibits"));
    let payment = table.choice(faults, "payment", &PAYMENTS);
    let terms = table.text(faults, "terms", "https://example.org/terms/");
    let terms = terms.and_then(|text| resolve(&site.url, &text, "robots.license.terms", faults));
    let says = !permits.is_empty() || !prohibits.is_empty() || payment.is_some();
    if says == url.is_some() {
        faults.add(
            table.span(),
            "a licence is either elsewhere or made here",
            "write url alone, or permits, prohibits and payment without it",
        );
    }
    table.finish(faults);
    Some(url.map_or_else(
        || {
            License::Terms(Terms {
                permits,
                prohibits,
                payment,
                terms,
            })
        },
        License::At,
    ))
}
