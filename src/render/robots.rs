//! `robots.txt`, RFC 9309.

use crate::article::AbsoluteUrl;

/// Allows everything and names the sitemap. The `Sitemap` line stands outside any group and
/// has an absolute URL (sitemaps.org, "Specifying the Sitemap location").
#[must_use]
pub fn render(sitemap: &AbsoluteUrl) -> Vec<u8> {
    format!("User-agent: *\nAllow: /\n\nSitemap: {sitemap}\n").into_bytes()
}
