//! Well-formed XML 1.0 with namespaces, as a tree.

use quick_xml::{
    NsReader, XmlVersion,
    events::{BytesStart, Event},
    name::ResolveResult,
};

use super::{VerifyError, fault};

/// Deeper than anything that is written here.
const MAX_DEPTH: usize = 16;

/// An element with what is in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Element {
    /// The namespace; empty for none.
    pub(super) namespace: String,
    /// The name without prefix.
    pub(super) name: String,
    /// Attributes by the names they are written with.
    pub(super) attributes: Vec<(String, String)>,
    /// The text directly in it.
    pub(super) text: String,
    /// The elements directly in it.
    pub(super) children: Vec<Element>,
}

impl Element {
    pub(super) fn is(&self, namespace: &str, name: &str) -> bool {
        self.namespace == namespace && self.name == name
    }

    pub(super) fn children<'a>(
        &'a self,
        namespace: &str,
        name: &str,
    ) -> impl Iterator<Item = &'a Self> {
        self.children
            .iter()
            .filter(move |child| child.is(namespace, name))
    }

    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Parses a whole document and gives its root.
pub(super) fn parse(text: &str) -> Result<Element, VerifyError> {
    walk(text, usize::MAX, |_| Ok(()))
}

/// Parses a whole document and gives its root. Every element at `depth` (the root is at 0)
/// is handed out when it ends, and not kept: a long list need not be held.
pub(super) fn walk(
    text: &str,
    depth: usize,
    mut each: impl FnMut(Element) -> Result<(), VerifyError>,
) -> Result<Element, VerifyError> {
    check_characters(text)?;
    let mut reader = NsReader::from_str(text);
    reader.config_mut().check_comments = true;
    let mut open: Vec<Element> = Vec::new();
    let mut root = None;
    loop {
        let position = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let at = |what: String| fault(&line(text, position), what);
        let (namespace, event) = reader
            .read_resolved_event()
            .map_err(|error| at(error.to_string()))?;
        match event {
            Event::Start(ref tag) | Event::Empty(ref tag) => {
                let namespace = resolved(namespace, tag).map_err(at)?;
                if root.is_some() || open.len() >= MAX_DEPTH {
                    return Err(at("a second root, or deeper than any document".to_owned()));
                }
                let element = element(&reader, tag, namespace).map_err(at)?;
                open.push(element);
                if matches!(event, Event::Empty(_)) {
                    root = close(&mut open, depth, &mut each)?;
                }
            }
            Event::End(_) => root = close(&mut open, depth, &mut each)?,
            Event::Text(run) => {
                let run = run.decode().map_err(|error| at(error.to_string()))?;
                add_text(&mut open, &run).map_err(at)?;
            }
            Event::CData(run) => {
                let run = run.decode().map_err(|error| at(error.to_string()))?;
                add_text(&mut open, &run).map_err(at)?;
            }
            Event::GeneralRef(reference) => {
                let name = reference.decode().map_err(|error| at(error.to_string()))?;
                let run = expand(&name).ok_or_else(|| at(format!("&{name}; is not defined")))?;
                add_text(&mut open, &run).map_err(at)?;
            }
            Event::DocType(_) => return Err(at("a doctype has no place here".to_owned())),
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
            Event::Eof => {
                return root.ok_or_else(|| at("it ends before its root element does".to_owned()));
            }
        }
    }
}

/// XML 1.0, production 2.
fn check_characters(text: &str) -> Result<(), VerifyError> {
    let forbidden = |c: char| matches!(c, '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}');
    match text.char_indices().find(|(_, c)| forbidden(*c)) {
        None => Ok(()),
        Some((position, c)) => {
            let code = u32::from(c);
            Err(fault(
                &line(text, position),
                format!("U+{code:04X} is forbidden in XML"),
            ))
        }
    }
}

fn line(text: &str, position: usize) -> String {
    let before = text.as_bytes().get(..position).unwrap_or(text.as_bytes());
    format!(
        "line {}",
        before.iter().filter(|byte| **byte == b'\n').count() + 1
    )
}

fn resolved(namespace: ResolveResult<'_>, tag: &BytesStart<'_>) -> Result<String, String> {
    match namespace {
        ResolveResult::Bound(namespace) => {
            Ok(String::from_utf8_lossy(namespace.into_inner()).into_owned())
        }
        ResolveResult::Unbound => Ok(String::new()),
        ResolveResult::Unknown(_) => {
            let name = String::from_utf8_lossy(tag.name().into_inner()).into_owned();
            Err(format!("the prefix of <{name}> is not declared"))
        }
    }
}

fn element(
    reader: &NsReader<&[u8]>,
    tag: &BytesStart<'_>,
    namespace: String,
) -> Result<Element, String> {
    let name = String::from_utf8_lossy(tag.local_name().into_inner()).into_owned();
    let mut attributes = Vec::new();
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        let key = String::from_utf8_lossy(attribute.key.into_inner()).into_owned();
        let (prefix, _) = reader.resolver().resolve_attribute(attribute.key);
        // The prefix `xml` is always bound.
        if matches!(prefix, ResolveResult::Unknown(_)) {
            return Err(format!("the prefix of the attribute {key} is not declared"));
        }
        let value = attribute
            .normalized_value(XmlVersion::Implicit1_0)
            .map_err(|error| error.to_string())?;
        check_reference(&value)?;
        attributes.push((key, value.into_owned()));
    }
    Ok(Element {
        namespace,
        name,
        attributes,
        ..Element::default()
    })
}

/// Also a character that a reference stands for must be allowed.
fn check_reference(text: &str) -> Result<(), String> {
    check_characters(text).map_err(|error| error.fault)
}

/// What a reference stands for: a character, or one of the five names XML knows by itself.
fn expand(name: &str) -> Option<String> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix('x') {
            Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok()?,
            None => number.parse().ok()?,
        };
        let text = char::from_u32(code)?.to_string();
        return check_reference(&text).is_ok().then_some(text);
    }
    quick_xml::escape::resolve_xml_entity(name).map(str::to_owned)
}

fn add_text(open: &mut [Element], run: &str) -> Result<(), String> {
    match open.last_mut() {
        Some(element) => {
            element.text.push_str(run);
            Ok(())
        }
        None if run.trim().is_empty() => Ok(()),
        None => Err("text stands outside the root element".to_owned()),
    }
}

/// Ends the innermost element: hands it out, or puts it into the one around it. Gives the
/// root when that ends.
fn close(
    open: &mut Vec<Element>,
    depth: usize,
    each: &mut impl FnMut(Element) -> Result<(), VerifyError>,
) -> Result<Option<Element>, VerifyError> {
    let Some(element) = open.pop() else {
        return Ok(None);
    };
    if open.len() == depth {
        each(element)?;
        return Ok(None);
    }
    let Some(parent) = open.last_mut() else {
        return Ok(Some(element));
    };
    parent.children.push(element);
    Ok(None)
}
