//! Elements of other vocabularies, for both feed writers.

use std::collections::BTreeMap;

use crate::article::XmlText;

/// An element whose name has a prefix, such as `media:content`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Element {
    name: String,
    text: Option<String>,
    attributes: BTreeMap<String, String>,
    children: Vec<Element>,
}

/// A vocabulary: its usual prefix and its namespace.
pub(super) type Vocabulary = (&'static str, &'static str);

/// Atom, in RSS.
pub(super) const ATOM: Vocabulary = ("atom", "http://www.w3.org/2005/Atom");
/// Media RSS (rssboard.org/media-rss).
pub(super) const MEDIA: Vocabulary = ("media", "http://search.yahoo.com/mrss/");
/// The Podcast Index's (podcastindex.org/namespace/1.0).
pub(super) const PODCAST: Vocabulary = ("podcast", "https://podcastindex.org/namespace/1.0");

/// Feed Paging and Archiving (RFC 5005).
pub(super) const HISTORY: Vocabulary = ("fh", "http://purl.org/syndication/history/1.0");

impl Element {
    /// An element without anything in it.
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }

    pub(super) fn text(mut self, text: impl ToString) -> Self {
        self.text = Some(text.to_string());
        self
    }

    pub(super) fn attribute(mut self, name: &str, value: impl ToString) -> Self {
        self.attributes.insert(name.to_owned(), value.to_string());
        self
    }

    pub(super) fn optional(self, name: &str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.attribute(name, value),
            None => self,
        }
    }

    pub(super) fn child(mut self, child: Self) -> Self {
        self.children.push(child);
        self
    }

    /// `type="plain"`, as Media RSS has it.
    pub(super) fn plain(name: &str, text: &XmlText) -> Self {
        Self::new(name).attribute("type", "plain").text(text)
    }

    fn split(&self) -> (&str, &str) {
        self.name.split_once(':').unwrap_or(("", &self.name))
    }
}

/// The namespaces that `elements` need, of those in `known`.
pub(super) fn namespaces<'a>(
    elements: impl Iterator<Item = &'a Element>,
    known: &[Vocabulary],
) -> BTreeMap<String, String> {
    let mut used = BTreeMap::new();
    for element in elements {
        let (prefix, _) = element.split();
        if let Some((prefix, namespace)) = known.iter().find(|(known, _)| *known == prefix) {
            used.insert((*prefix).to_owned(), (*namespace).to_owned());
        }
    }
    used
}

/// Both writers have the same shape for this under names of their own.
macro_rules! extensions {
    ($name:ident, $extension:path, $map:path, $attribute:expr) => {
        /// As the writer wants them: by prefix, then by name.
        pub(super) fn $name(elements: Vec<Element>) -> $map {
            fn one(element: Element) -> $extension {
                let mut children = BTreeMap::new();
                for child in element.children {
                    let (_, name) = child.split();
                    let list: &mut Vec<$extension> = children.entry(name.to_owned()).or_default();
                    list.push(one(child));
                }
                let mut extension = <$extension>::default();
                extension.name = element.name;
                extension.value = element.text;
                let attributes = element.attributes.into_iter();
                extension.attrs = attributes.map($attribute).collect();
                extension.children = children;
                extension
            }
            let mut map = <$map>::new();
            for element in elements {
                let (prefix, name) = element.split();
                let (prefix, name) = (prefix.to_owned(), name.to_owned());
                let list = map.entry(prefix).or_default().entry(name).or_default();
                list.push(one(element));
            }
            map
        }
    };
}

extensions!(
    for_rss,
    rss::extension::Extension,
    rss::extension::ExtensionMap,
    |attribute| attribute
);
extensions!(
    for_atom,
    atom_syndication::extension::Extension,
    atom_syndication::extension::ExtensionMap,
    // This writer puts the values of attributes out as they are.
    |(name, value)| (name, quick_xml::escape::escape(&value).into_owned())
);
