//! Takes the entries out of a feed, one small tree each, so that memory does not grow with
//! the feed. The readers that the writers come with lose what they do not know, such as the
//! date of change in RSS.

use quick_xml::{
    NsReader,
    events::{BytesRef, BytesStart, Event, attributes::Attributes},
    name::{Namespace, ResolveResult},
};

/// Elements within elements; no feed needs more, and a body of a hundred thousand open tags
/// is no feed.
const MAX_DEPTH: usize = 256;

/// The vocabularies that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Space {
    /// RSS 2.0, which has none, and RSS 0.9 and 1.0.
    Rss,
    Atom,
    /// `content:encoded`
    Content,
    DublinCore,
    DublinCoreTerms,
    Media,
    Itunes,
    Xhtml,
    Other,
}

const SPACES: [(&[u8], Space); 9] = [
    (b"http://www.w3.org/2005/Atom", Space::Atom),
    (b"http://purl.org/rss/1.0/", Space::Rss),
    (b"http://my.netscape.com/rdf/simple/0.9/", Space::Rss),
    (b"http://purl.org/rss/1.0/modules/content/", Space::Content),
    (b"http://purl.org/dc/elements/1.1/", Space::DublinCore),
    (b"http://purl.org/dc/terms/", Space::DublinCoreTerms),
    (b"http://search.yahoo.com/mrss/", Space::Media),
    (b"http://www.itunes.com/dtds/podcast-1.0.dtd", Space::Itunes),
    (b"http://www.w3.org/1999/xhtml", Space::Xhtml),
];

/// An element with all that is in it.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) space: Space,
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    children: Vec<Child>,
}

#[derive(Debug)]
enum Child {
    Text(String),
    Node(Node),
}

impl Node {
    fn of(space: &ResolveResult<'_>, start: &BytesStart<'_>) -> Self {
        Self {
            space: match space {
                ResolveResult::Bound(Namespace(bound)) => SPACES
                    .iter()
                    .find(|(name, _)| name == bound)
                    .map_or(Space::Other, |(_, space)| *space),
                ResolveResult::Unbound => Space::Rss,
                ResolveResult::Unknown(_) => Space::Other,
            },
            name: text(start.local_name().as_ref()),
            attributes: attributes(start.attributes()),
            children: Vec::new(),
        }
    }

    /// An attribute, by its name as it is written.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.trim())
    }

    fn nodes(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|child| match child {
            Child::Node(node) => Some(node),
            Child::Text(_) => None,
        })
    }

    /// Every child of this name.
    pub(super) fn all<'n>(&'n self, space: Space, name: &'n str) -> impl Iterator<Item = &'n Self> {
        self.nodes()
            .filter(move |node| node.space == space && node.name == name)
    }

    /// The text of the first child of this name that has one.
    pub(super) fn text_of(&self, space: Space, name: &str) -> Option<String> {
        self.all(space, name).find_map(Self::filled)
    }

    /// Its text, and that of its children, if there is any.
    pub(super) fn filled(&self) -> Option<String> {
        let mut all = String::new();
        self.gather(&mut all);
        let trimmed = all.trim();
        (!trimmed.is_empty()).then(|| trimmed.to_owned())
    }

    fn gather(&self, all: &mut String) {
        for child in &self.children {
            match child {
                Child::Text(text) => all.push_str(text),
                Child::Node(node) => node.gather(all),
            }
        }
    }

    /// What is in it, as markup.
    pub(super) fn inner_html(&self) -> String {
        let mut html = String::new();
        for child in &self.children {
            match child {
                Child::Text(text) => html.push_str(&quick_xml::escape::escape(text.as_str())),
                Child::Node(node) => node.write(&mut html),
            }
        }
        html.trim().to_owned()
    }

    /// What is in its `div`, which is no part of a text in XHTML (RFC 4287 section 3.1.1.3).
    pub(super) fn inner_xhtml(&self) -> String {
        let div = self.all(Space::Xhtml, "div").next();
        div.unwrap_or(self).inner_html()
    }

    fn write(&self, html: &mut String) {
        html.push_str(&format!("<{}", self.name));
        for (name, value) in &self.attributes {
            if !name.starts_with("xmlns") {
                let value = quick_xml::escape::escape(value.as_str());
                html.push_str(&format!(" {name}=\"{value}\""));
            }
        }
        html.push('>');
        // An element that is void in HTML has no end there.
        let is_void = self.children.is_empty()
            && matches!(self.name.as_str(), "br" | "hr" | "img" | "source" | "wbr");
        if !is_void {
            html.push_str(&self.inner_html());
            html.push_str(&format!("</{}>", self.name));
        }
    }
}

/// Something in a feed.
pub(super) enum Found {
    /// An item or entry with what is in it.
    Entry(Node),
    /// An element of the feed itself, with what is in it; the feed's own comes first and
    /// without.
    About(Node),
}

/// Hands on what the feed has, in its order. `each` returns whether to go on.
///
/// # Errors
/// What is wrong with the document.
pub(super) fn read(text: &str, each: &mut dyn FnMut(Found) -> bool) -> Result<(), String> {
    let mut reader = NsReader::from_str(text);
    let mut root = None;
    // The elements that are open within an entry or an element of the feed.
    let mut open: Vec<Node> = Vec::new();
    let mut frames = 0_usize;
    loop {
        let (space, event) = reader
            .read_resolved_event()
            .map_err(|error| format!("it is broken: {error}"))?;
        let (start, is_empty) = match event {
            Event::Start(start) => (start, false),
            Event::Empty(start) => (start, true),
            Event::End(_) => {
                if open.is_empty() {
                    frames = frames.saturating_sub(1);
                }
                if !close(&mut open, each) {
                    return Ok(());
                }
                continue;
            }
            Event::Text(bytes) => {
                add(&mut open, &text_of(&bytes));
                continue;
            }
            Event::CData(bytes) => {
                add(&mut open, &text_of(&bytes));
                continue;
            }
            Event::GeneralRef(reference) => {
                add(&mut open, &resolve(&reference));
                continue;
            }
            Event::Eof => break,
            _ => continue,
        };
        let node = Node::of(&space, &start);
        let is_frame = open.is_empty()
            && (root.is_none() || (node.space == Space::Rss && node.name == "channel"));
        if root.is_none() {
            if !matches!(node.name.as_str(), "rss" | "RDF" | "feed") {
                return Err(format!("it begins with <{}>", node.name));
            }
            root = Some(());
        }
        // The root and the channel are frames: what is in them comes one by one. The channel
        // of RSS 1.0 ends before the items.
        if is_frame {
            frames += usize::from(!is_empty);
            if !each(Found::About(node)) {
                return Ok(());
            }
            continue;
        }
        if open.len() >= MAX_DEPTH {
            return Err(format!(
                "its elements are nested more than {MAX_DEPTH} deep"
            ));
        }
        open.push(node);
        if is_empty && !close(&mut open, each) {
            return Ok(());
        }
    }
    match root {
        None => Err("it has no element".to_owned()),
        Some(()) if frames > 0 || !open.is_empty() => Err("it ends in the middle".to_owned()),
        Some(()) => Ok(()),
    }
}

fn close(open: &mut Vec<Node>, each: &mut dyn FnMut(Found) -> bool) -> bool {
    let Some(node) = open.pop() else {
        return true;
    };
    match open.last_mut() {
        Some(parent) => {
            parent.children.push(Child::Node(node));
            true
        }
        None => {
            let is_entry = matches!(
                (node.space, node.name.as_str()),
                (Space::Rss, "item") | (Space::Atom, "entry")
            );
            each(if is_entry {
                Found::Entry(node)
            } else {
                Found::About(node)
            })
        }
    }
}

fn add(open: &mut [Node], text: &str) {
    if let Some(node) = open.last_mut() {
        if let Some(Child::Text(before)) = node.children.last_mut() {
            before.push_str(text);
        } else {
            node.children.push(Child::Text(text.to_owned()));
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn text_of(bytes: &[u8]) -> String {
    // XML ends lines with a line feed, whatever is written (section 2.11).
    text(bytes).replace("\r\n", "\n").replace('\r', "\n")
}

/// Names that XML does not know are those of HTML, which most often end up in HTML.
fn resolve(reference: &BytesRef<'_>) -> String {
    if let Ok(Some(c)) = reference.resolve_char_ref() {
        return c.to_string();
    }
    let name = text(reference);
    quick_xml::escape::resolve_predefined_entity(&name)
        .map_or_else(|| format!("&{name};"), str::to_owned)
}

fn attributes(attributes: Attributes<'_>) -> Vec<(String, String)> {
    let known = |name: &str| quick_xml::escape::resolve_predefined_entity(name);
    attributes
        .filter_map(Result::ok)
        .map(|attribute| {
            let value = text(&attribute.value);
            let value = quick_xml::escape::unescape_with(&value, known)
                .map_or_else(|_| value.clone(), std::borrow::Cow::into_owned);
            (text(attribute.key.as_ref()), value)
        })
        .collect()
}
