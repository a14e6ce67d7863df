//! `robots.txt`, RFC 9309.

mod crawlers;
mod rules;

pub use crawlers::{CRAWLERS, Crawler, Purpose};
pub use rules::{Access, Group, Robots, Signals};

use crate::article::AbsoluteUrl;

/// Writes the file: the site's own part as it is, the operator's groups, a group for each
/// purpose, then what stands outside any group: `License` (RSL 1.0 section 4.1) and `Sitemap`
/// with absolute URLs (sitemaps.org, "Specifying the Sitemap location").
///
/// A crawler obeys the groups that name it and no other (RFC 9309 section 2.2.1), so one that
/// the operator names is left out of the groups of purposes, and signals stand in every group.
#[must_use]
pub fn render(robots: &Robots, license: Option<&AbsoluteUrl>, sitemaps: &[AbsoluteUrl]) -> Vec<u8> {
    let mut blocks: Vec<String> = Vec::new();
    if let Some(own) = &robots.own {
        blocks.push(own.trim_end().to_owned() + "\n");
    }
    blocks.extend(robots.groups.iter().map(|rules| group(robots, rules)));
    blocks.extend(everybody(robots));
    for purpose in Purpose::ALL {
        blocks.extend(purpose_group(robots, purpose));
    }
    let mut last = String::new();
    if let Some(license) = license {
        last.push_str(&format!("License: {license}\n"));
    }
    for sitemap in sitemaps {
        last.push_str(&format!("Sitemap: {sitemap}\n"));
    }
    blocks.push(last);
    blocks.retain(|block| !block.is_empty());
    blocks.join("\n").into_bytes()
}

fn group(robots: &Robots, group: &Group) -> String {
    let agents = group.agents.iter();
    let mut text: String = agents.map(|a| format!("User-agent: {a}\n")).collect();
    text.push_str(&signals(robots));
    for path in &group.allow {
        text.push_str(&format!("Allow: {path}\n"));
    }
    for path in &group.disallow {
        text.push_str(&format!("Disallow: {path}\n"));
    }
    if group.allow.is_empty() && group.disallow.is_empty() {
        text.push_str("Allow: /\n");
    }
    text
}

fn signals(robots: &Robots) -> String {
    if robots.signals.is_empty() {
        return String::new();
    }
    format!("Content-Signal: {}\n", robots.signals)
}

/// The group of everyone else, where the operator has written none. Where the site's own file
/// has one, this only adds the signals: groups of one name count as one (RFC 9309 section
/// 2.2.1).
fn everybody(robots: &Robots) -> Option<String> {
    let mut written = robots.groups.iter().flat_map(|group| &group.agents);
    if written.any(|agent| agent == "*") {
        return None;
    }
    let rules = if robots.named("*") { "" } else { "Allow: /\n" };
    let text = signals(robots) + rules;
    (!text.is_empty()).then(|| format!("User-agent: *\n{text}"))
}

fn purpose_group(robots: &Robots, purpose: Purpose) -> Option<String> {
    let access = robots.access(purpose)?;
    let crawlers = purpose
        .crawlers()
        .filter(|crawler| !robots.named(crawler.name));
    let agents: String = crawlers
        .map(|crawler| format!("User-agent: {}\n", crawler.name))
        .collect();
    let rule = match access {
        Access::Allow => "Allow: /",
        Access::Disallow => "Disallow: /",
    };
    let signals = signals(robots);
    (!agents.is_empty()).then(|| format!("# {}\n{agents}{signals}{rule}\n", purpose.name()))
}
