//! `llms.txt`, and articles in Markdown: what llmstxt.org wants.

use super::{Check, absolute_url, fault};

/// One heading, first of all, and in lists nothing but links.
pub(super) fn check_index(text: &str) -> Check {
    check_article(text)?;
    let mut in_list = false;
    for (i, line) in text.lines().enumerate().skip(1) {
        let place = format!("line {}", i + 1);
        if line.starts_with("# ") {
            return Err(fault(&place, "there is a second title"));
        }
        in_list |= line.starts_with("## ");
        if !in_list || line.is_empty() || line.starts_with("## ") {
            continue;
        }
        let link = line
            .strip_prefix("- [")
            .and_then(|rest| rest.split_once("]("));
        let (_, rest) = link.ok_or_else(|| fault(&place, "it is no link in a list"))?;
        absolute_url(&place, rest.split(')').next().unwrap_or_default())?;
    }
    Ok(())
}

/// A title, first of all.
pub(super) fn check_article(text: &str) -> Check {
    match text.lines().next().and_then(|line| line.strip_prefix("# ")) {
        Some(title) if !title.trim().is_empty() => Ok(()),
        _ => Err(fault("line 1", "it does not begin with a title")),
    }
}
