//! Sitemaps and their index, sitemaps.org protocol 0.9.
//!
//! `changefreq` and `priority` are never written: search engines ignore both, and nobody
//! here could say what is true of them. An empty catalogue is an empty `urlset`, which
//! crawlers accept though the schema wants one entry.

use quick_xml::{
    Writer,
    events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event},
};

use super::{RenderError, SitemapFile, SitemapUrl};
use crate::article::{Moment, Timestamp};

/// How many entries one file may have.
pub const MAX_URLS: usize = 50_000;
/// How long one file may be before any coding, in bytes (50 MiB).
pub const MAX_BYTES: usize = 52_428_800;

const NAMESPACE: &str = "http://www.sitemaps.org/schemas/sitemap/0.9";

/// Writes a `urlset`.
///
/// # Errors
/// [`RenderError::TooLarge`] past [`MAX_URLS`] or [`MAX_BYTES`].
pub fn render_urlset<'a>(
    entries: impl Iterator<Item = &'a SitemapUrl>,
) -> Result<Vec<u8>, RenderError> {
    let entries = entries.map(|entry| (entry.url.as_str(), entry.modified.map(Moment::w3c)));
    render("urlset", "url", entries)
}

/// Writes a `sitemapindex`.
///
/// # Errors
/// [`RenderError::TooLarge`] past [`MAX_URLS`] or [`MAX_BYTES`].
pub fn render_index<'a>(
    files: impl Iterator<Item = &'a SitemapFile>,
) -> Result<Vec<u8>, RenderError> {
    let entries = files.map(|file| (file.url.as_str(), file.changed.map(Timestamp::rfc3339)));
    render("sitemapindex", "sitemap", entries)
}

fn render<'a>(
    root: &str,
    element: &str,
    entries: impl Iterator<Item = (&'a str, Option<String>)>,
) -> Result<Vec<u8>, RenderError> {
    let mut writer = Writer::new(Vec::new());
    let mut count = 0;
    let written = (|| {
        writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        writer.write_event(Event::Text(BytesText::from_escaped("\n")))?;
        let start = BytesStart::new(root).with_attributes([("xmlns", NAMESPACE)]);
        writer.write_event(Event::Start(start))?;
        for (location, modified) in entries {
            count += 1;
            writer.write_event(Event::Start(BytesStart::new(element)))?;
            write_text(&mut writer, "loc", location)?;
            if let Some(modified) = modified {
                write_text(&mut writer, "lastmod", &modified)?;
            }
            writer.write_event(Event::End(BytesEnd::new(element)))?;
        }
        writer.write_event(Event::End(BytesEnd::new(root)))
    })();
    written.map_err(|error: std::io::Error| RenderError::Writer(error.to_string()))?;
    let bytes = writer.into_inner();
    if count > MAX_URLS || bytes.len() > MAX_BYTES {
        return Err(RenderError::TooLarge(count, bytes.len()));
    }
    Ok(bytes)
}

fn write_text(writer: &mut Writer<Vec<u8>>, name: &str, text: &str) -> std::io::Result<()> {
    writer.write_event(Event::Start(BytesStart::new(name)))?;
    writer.write_event(Event::Text(BytesText::new(text)))?;
    writer.write_event(Event::End(BytesEnd::new(name)))
}
