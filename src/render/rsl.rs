//! Licences for machines: Really Simple Licensing 1.0 (rslstandard.org).

use std::io;

use quick_xml::{
    Writer,
    events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event},
};

use super::RenderError;
use crate::article::AbsoluteUrl;

const NAMESPACE: &str = "https://rslstandard.org/rsl";

/// What may be done with everything on a site, and for what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Terms {
    /// Uses that are allowed, by the words of section 3.4: `search`, `ai-train` …
    pub permits: Vec<&'static str>,
    /// Uses that are not.
    pub prohibits: Vec<&'static str>,
    /// What is asked in return: `free`, `attribution` …
    pub payment: Option<&'static str>,
    /// A page for people with the terms in full.
    pub terms: Option<AbsoluteUrl>,
}

/// Writes the licence of everything below `site`.
///
/// # Errors
/// [`RenderError::Writer`] when the XML writer fails.
pub fn render(site: &AbsoluteUrl, terms: &Terms) -> Result<Vec<u8>, RenderError> {
    let mut writer = Writer::new(Vec::new());
    write(&mut writer, site, terms).map_err(|error| RenderError::Writer(error.to_string()))?;
    Ok(writer.into_inner())
}

fn write(xml: &mut Writer<Vec<u8>>, site: &AbsoluteUrl, terms: &Terms) -> io::Result<()> {
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    xml.write_event(Event::Text(BytesText::from_escaped("\n")))?;
    let root = BytesStart::new("rsl").with_attributes([("xmlns", NAMESPACE)]);
    xml.write_event(Event::Start(root))?;
    let content = BytesStart::new("content").with_attributes([("url", site.path())]);
    xml.write_event(Event::Start(content))?;
    xml.write_event(Event::Start(BytesStart::new("license")))?;
    for (name, uses) in [("permits", &terms.permits), ("prohibits", &terms.prohibits)] {
        if !uses.is_empty() {
            text(
                xml,
                BytesStart::new(name).with_attributes([("type", "usage")]),
                &uses.join(","),
            )?;
        }
    }
    if let Some(payment) = terms.payment {
        let payment = BytesStart::new("payment").with_attributes([("type", payment)]);
        xml.write_event(Event::Empty(payment))?;
    }
    xml.write_event(Event::End(BytesEnd::new("license")))?;
    if let Some(page) = &terms.terms {
        text(xml, BytesStart::new("terms"), page.as_str())?;
    }
    xml.write_event(Event::End(BytesEnd::new("content")))?;
    xml.write_event(Event::End(BytesEnd::new("rsl")))
}

fn text(xml: &mut Writer<Vec<u8>>, start: BytesStart<'_>, text: &str) -> io::Result<()> {
    let end = start.to_end().into_owned();
    xml.write_event(Event::Start(start))?;
    xml.write_event(Event::Text(BytesText::new(text)))?;
    xml.write_event(Event::End(end))
}
