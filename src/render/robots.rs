//! `robots.txt`, RFC 9309.

use crate::article::AbsoluteUrl;

/// Allows everything and names the sitemaps. The `Sitemap` lines stand outside any group and
/// have absolute URLs (sitemaps.org, "Specifying the Sitemap location").
#[must_use]
pub fn render(sitemaps: &[AbsoluteUrl]) -> Vec<u8> {
    let mut text = "User-agent: *\nAllow: /\n\n".to_owned();
    for sitemap in sitemaps {
        text.push_str(&format!("Sitemap: {sitemap}\n"));
    }
    text.into_bytes()
}
