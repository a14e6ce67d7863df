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
/// the operator names is left out of the groups of purposes.
#[must_use]
pub fn render(robots: &Robots, license: Option<&AbsoluteUrl>, sitemaps: &[AbsoluteUrl]) -> Vec<u8> {
    let mut blocks: Vec<String> = Vec::new();
    if let Some(own) = &robots.own {
        blocks.push(own.trim_end().to_owned() + "\n");
    }
    blocks.extend(robots.groups.iter().map(group));
    let everyone = robots.named("*");
    if !everyone || !robots.signals.is_empty() {
        blocks.push(everybody(robots, everyone));
    }
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

fn group(group: &Group) -> String {
    let agents = group.agents.iter();
    let mut text: String = agents.map(|a| format!("User-agent: {a}\n")).collect();
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

/// The group of everyone else. Where the operator has written one, this only adds the
/// signals: groups of one name count as one (RFC 9309 section 2.2.1).
fn everybody(robots: &Robots, written: bool) -> String {
    let mut text = "User-agent: *\n".to_owned();
    if !robots.signals.is_empty() {
        text.push_str(&format!("Content-Signal: {}\n", robots.signals));
    }
    if !written {
        text.push_str("Allow: /\n");
    }
    text
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
    (!agents.is_empty()).then(|| format!("# {}\n{agents}{rule}\n", purpose.name()))
}
