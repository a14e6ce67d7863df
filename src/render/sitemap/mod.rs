//! Sitemaps and their index, sitemaps.org protocol 0.9, with Google's extensions.
//!
//! `changefreq` and `priority` are never written: search engines ignore both, and nobody
//! here could say what is true of them. An empty catalogue is an empty `urlset`, which
//! crawlers accept though the schema wants one entry.

mod extensions;

pub use extensions::news_language;

use std::io;

use quick_xml::{
    Writer,
    events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event},
};

use super::{RenderError, SitemapFile, SitemapUrl};
use crate::article::{AbsoluteUrl, Timestamp};

/// How many entries one file may have.
pub const MAX_URLS: usize = 50_000;
/// How long one file may be before any coding, in bytes (50 MiB).
pub const MAX_BYTES: usize = 52_428_800;
/// How many articles a sitemap of news may have.
pub const MAX_NEWS: usize = 1_000;

const NAMESPACE: &str = "http://www.sitemaps.org/schemas/sitemap/0.9";

type Xml = Writer<Vec<u8>>;

/// Writes a `urlset`. The namespaces of extensions are declared where they are used, so a
/// plain sitemap is as short as it can be.
///
/// # Errors
/// [`RenderError::TooLarge`] past [`MAX_URLS`] or [`MAX_BYTES`].
pub fn render_urlset<'a>(
    entries: impl Iterator<Item = &'a SitemapUrl> + Clone,
) -> Result<Vec<u8>, RenderError> {
    let namespaces = extensions::namespaces(entries.clone());
    render("urlset", &namespaces, "url", entries, |writer, entry| {
        write_text(writer, "loc", entry.url.as_str())?;
        if let Some(modified) = entry.modified {
            write_text(writer, "lastmod", &modified.w3c())?;
        }
        extensions::write(writer, entry)
    })
}

/// Writes a `sitemapindex`.
///
/// # Errors
/// [`RenderError::TooLarge`] past [`MAX_URLS`] or [`MAX_BYTES`].
pub fn render_index<'a>(
    files: impl Iterator<Item = &'a SitemapFile>,
) -> Result<Vec<u8>, RenderError> {
    render("sitemapindex", &[], "sitemap", files, |writer, file| {
        write_text(writer, "loc", file.url.as_str())?;
        file.changed.map_or(Ok(()), |changed| {
            write_text(writer, "lastmod", &Timestamp::rfc3339(changed))
        })
    })
}

/// Writes bare addresses, one a line (sitemaps.org, "Text file").
///
/// # Errors
/// [`RenderError::TooLarge`] past [`MAX_URLS`] or [`MAX_BYTES`].
pub fn render_text<'a>(
    urls: impl Iterator<Item = &'a AbsoluteUrl>,
) -> Result<Vec<u8>, RenderError> {
    let (mut text, mut count) = (String::new(), 0);
    for url in urls {
        count += 1;
        text.push_str(url.as_str());
        text.push('\n');
    }
    within_limits(count, text.into_bytes())
}

fn render<T>(
    root: &str,
    namespaces: &[(&str, &str)],
    element: &str,
    entries: impl Iterator<Item = T>,
    mut write: impl FnMut(&mut Xml, T) -> io::Result<()>,
) -> Result<Vec<u8>, RenderError> {
    let mut writer = Writer::new(Vec::new());
    let mut count = 0;
    let written = (|| {
        writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        writer.write_event(Event::Text(BytesText::from_escaped("\n")))?;
        let start = BytesStart::new(root)
            .with_attributes([("xmlns", NAMESPACE)])
            .with_attributes(namespaces.iter().copied());
        writer.write_event(Event::Start(start))?;
        for entry in entries {
            count += 1;
            writer.write_event(Event::Start(BytesStart::new(element)))?;
            write(&mut writer, entry)?;
            writer.write_event(Event::End(BytesEnd::new(element)))?;
        }
        writer.write_event(Event::End(BytesEnd::new(root)))
    })();
    written.map_err(|error: io::Error| RenderError::Writer(error.to_string()))?;
    within_limits(count, writer.into_inner())
}

fn within_limits(count: usize, bytes: Vec<u8>) -> Result<Vec<u8>, RenderError> {
    if count > MAX_URLS || bytes.len() > MAX_BYTES {
        return Err(RenderError::TooLarge(count, bytes.len()));
    }
    Ok(bytes)
}

fn write_text(writer: &mut Xml, name: &str, text: &str) -> io::Result<()> {
    writer.write_event(Event::Start(BytesStart::new(name)))?;
    writer.write_event(Event::Text(BytesText::new(text)))?;
    writer.write_event(Event::End(BytesEnd::new(name)))
}
