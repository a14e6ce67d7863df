//! XML as a tree, by a parser that shares nothing with the writers but its tokenizer.

use std::collections::BTreeMap;

use quick_xml::{Reader, XmlVersion, events::Event};

/// An element. Its name has its prefix, as it stands in the document.
#[derive(Debug, Default)]
pub struct Element {
    pub name: String,
    pub attributes: BTreeMap<String, String>,
    pub text: String,
    pub children: Vec<Element>,
}

impl Element {
    /// Of all children of this name, in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The one child of this name.
    pub fn one(&self, name: &str) -> &Self {
        let all = self.children.iter();
        let found: Vec<&Self> = all.filter(|child| child.name == name).collect();
        assert_eq!(found.len(), 1, "<{name}> in <{}>", self.name);
        found[0]
    }

    pub fn attribute(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", String::as_str)
    }

    /// This element and all below it.
    pub fn walk<'a>(&'a self, each: &mut dyn FnMut(&'a Self)) {
        each(self);
        for child in &self.children {
            child.walk(each);
        }
    }
}

/// The root of a document.
pub fn parse(bytes: &[u8]) -> Element {
    let mut reader = Reader::from_reader(bytes);
    let mut open = vec![Element::default()];
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => open.push(element(&start)),
            Event::Empty(start) => {
                let parent = open.last_mut().unwrap();
                parent.children.push(element(&start));
            }
            Event::End(_) => {
                let closed = open.pop().unwrap();
                open.last_mut().unwrap().children.push(closed);
            }
            Event::Text(text) => {
                let text = text.xml10_content().unwrap();
                open.last_mut().unwrap().text.push_str(&text);
            }
            Event::CData(text) => {
                let text = text.xml10_content().unwrap();
                open.last_mut().unwrap().text.push_str(&text);
            }
            Event::GeneralRef(reference) => {
                let name = String::from_utf8(reference.to_vec()).unwrap();
                let character = reference.resolve_char_ref().unwrap().map(String::from);
                let named = || {
                    quick_xml::escape::resolve_xml_entity(&name)
                        .unwrap()
                        .to_owned()
                };
                open.last_mut()
                    .unwrap()
                    .text
                    .push_str(&character.unwrap_or_else(named));
            }
            Event::Eof => break,
            _ => {}
        }
    }
    let mut top = open.pop().unwrap();
    assert!(open.is_empty() && top.children.len() == 1);
    top.children.remove(0)
}

fn element(start: &quick_xml::events::BytesStart<'_>) -> Element {
    let name = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let attributes = start.attributes().map(|attribute| {
        let attribute = attribute.unwrap();
        let value = attribute.normalized_value(XmlVersion::Explicit1_0).unwrap();
        (name(attribute.key.as_ref()), value.into_owned())
    });
    Element {
        name: name(start.name().as_ref()),
        attributes: attributes.collect(),
        ..Element::default()
    }
}
