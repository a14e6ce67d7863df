//! `robots.txt`: RFC 9309 section 2.2, and the `Sitemap` line.

use super::{Check, absolute_url, fault};

/// Crawlers read this much and may leave the rest (section 2.5).
const MAX_BYTES: usize = 500 * 1024;

pub(super) fn check(text: &str) -> Check {
    if text.len() > MAX_BYTES {
        return Err(fault("document", "it is longer than 500 KiB"));
    }
    let mut in_group = false;
    for (i, line) in text.lines().enumerate() {
        let place = format!("line {}", i + 1);
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        let (name, value) = line
            .split_once(':')
            .ok_or_else(|| fault(&place, "it has no colon"))?;
        let value = value.trim();
        match name.trim().to_ascii_lowercase().as_str() {
            "user-agent" if value.is_empty() => return Err(fault(&place, "it names no crawler")),
            "user-agent" => in_group = true,
            "allow" | "disallow" if !in_group => {
                return Err(fault(&place, "a rule stands before any user-agent"));
            }
            "allow" | "disallow" if !(value.is_empty() || value.starts_with(['/', '*'])) => {
                return Err(fault(&place, "a rule does not begin with a slash"));
            }
            "content-signal" if !in_group => {
                return Err(fault(&place, "a signal stands before any user-agent"));
            }
            "content-signal" => check_signals(&place, value)?,
            "sitemap" | "license" => absolute_url(&place, value)?,
            _ => {}
        }
    }
    Ok(())
}

/// A list of `name=yes` and `name=no` (contentsignals.org).
fn check_signals(place: &str, value: &str) -> Check {
    for signal in value.split(',') {
        let (name, allowed) = signal.trim().split_once('=').unwrap_or_default();
        let known = matches!(name, "search" | "ai-input" | "ai-train" | "use");
        if !known || !matches!(allowed, "yes" | "no") {
            return Err(fault(place, format!("{:?} is no signal", signal.trim())));
        }
    }
    Ok(())
}
