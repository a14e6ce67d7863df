//! Feeds that exist already: RSS 0.9 to 2.0 and Atom.

mod tree;

use serde_json::{Map, Value, json};

use self::tree::{Found, Node, Space};
use crate::{
    article::AbsoluteUrl,
    outbound::shown,
    source::{SourceError, http::page::Entry},
};

/// Hands each entry to `each` by our names. Returns how many there are.
///
/// # Errors
/// [`SourceError`], where the document is no feed or ends in the middle.
pub(in crate::source::http) fn read(
    text: &str,
    page: &AbsoluteUrl,
    each: &mut dyn FnMut(Entry),
) -> Result<usize, SourceError> {
    let mut count = 0;
    let mut about = About {
        base: page.clone(),
        language: None,
        authors: Vec::new(),
    };
    tree::read(text, &mut |found| {
        match found {
            Found::About(node) => about.hear(&node),
            Found::Entry(node) => {
                count += 1;
                each(Ok(match node.space {
                    Space::Atom => atom(&node, &about),
                    _ => rss(&node, &about),
                }));
            }
        }
        true
    })
    .map_err(|fault| SourceError(format!("{} gives no RSS or Atom: {fault}", shown(page))))?;
    Ok(count)
}

/// The next page of a feed that is in pages (RFC 5005 section 3).
pub(in crate::source::http) fn next(text: &str) -> Option<String> {
    let mut next = None;
    let _ = tree::read(text, &mut |found| {
        if let Found::About(node) = &found
            && (node.space, node.name.as_str()) == (Space::Atom, "link")
            && node.attribute("rel") == Some("next")
        {
            next = node.attribute("href").map(str::to_owned);
        }
        // It stands before the entries.
        matches!(found, Found::About(_))
    });
    next
}

/// What a feed says of every entry that does not say it itself.
struct About {
    /// What addresses are relative to.
    base: AbsoluteUrl,
    language: Option<String>,
    authors: Vec<Value>,
}

impl About {
    fn hear(&mut self, node: &Node) {
        match (node.space, node.name.as_str()) {
            (Space::Atom, "feed") => {
                self.language = node.attribute("xml:lang").map(str::to_owned);
                let base = node.attribute("xml:base");
                if let Some(base) = base.and_then(|base| self.base.join(base).ok()) {
                    self.base = base;
                }
            }
            (Space::Rss, "language") | (Space::DublinCore, "language") => {
                self.language = node.filled();
            }
            // RFC 4287 section 4.2.1.
            (Space::Atom, "author") => self.authors.extend(person(node)),
            _ => {}
        }
    }
}

fn set(article: &mut Map<String, Value>, name: &str, value: impl Into<Value>) {
    let value = value.into();
    if !value.is_null() {
        article.insert(name.to_owned(), value);
    }
}

fn rss(item: &Node, about: &About) -> Map<String, Value> {
    let page = &about.base;
    let mut article = Map::new();
    let own = |name| item.text_of(Space::Rss, name);
    let dublin_core = |name| item.text_of(Space::DublinCore, name);
    let guid = own("guid");
    let is_permalink = item
        .all(Space::Rss, "guid")
        .all(|guid| guid.attribute("isPermaLink") != Some("false"));
    // Where there is no link, a permalink is one.
    let url = own("link").or_else(|| guid.clone().filter(|_| is_permalink));
    set(
        &mut article,
        "id",
        guid.or_else(|| dublin_core("identifier")),
    );
    set(&mut article, "url", absolute(page, url));
    set(
        &mut article,
        "title",
        own("title").or_else(|| dublin_core("title")),
    );
    let full = item.text_of(Space::Content, "encoded");
    let description = own("description").or_else(|| dublin_core("description"));
    match (full, description) {
        (Some(full), description) => {
            set(&mut article, "content_html", full);
            set(&mut article, "summary", description);
        }
        // Feeds without the module have the text here, be it whole or not.
        (None, Some(text)) if is_markup(&text) => set(&mut article, "content_html", text),
        (None, description) => set(&mut article, "summary", description),
    }
    let creators: Vec<Value> = item
        .all(Space::DublinCore, "creator")
        .filter_map(Node::filled)
        .map(Value::from)
        .collect();
    let authors = if creators.is_empty() {
        let author = own("author").map(|author| mailbox(&author));
        author.into_iter().collect()
    } else {
        creators
    };
    set(&mut article, "authors", authors);
    let tags = item
        .all(Space::Rss, "category")
        .chain(item.all(Space::DublinCore, "subject"));
    let tags: Vec<Value> = tags.filter_map(Node::filled).map(Value::from).collect();
    set(&mut article, "tags", tags);
    set(
        &mut article,
        "language",
        dublin_core("language").or_else(|| about.language.clone()),
    );
    set(
        &mut article,
        "published",
        own("pubDate").or_else(|| dublin_core("date")),
    );
    let updated = item.text_of(Space::Atom, "updated");
    let updated = updated.or_else(|| item.text_of(Space::DublinCoreTerms, "modified"));
    set(&mut article, "updated", updated);
    let enclosures = item.all(Space::Rss, "enclosure");
    set(&mut article, "enclosures", files(enclosures, "url", page));
    media(item, page, &mut article);
    article
}

fn atom(entry: &Node, about: &About) -> Map<String, Value> {
    let mut article = Map::new();
    let own = |name| entry.text_of(Space::Atom, name);
    let links = |relation: &'static str| {
        entry
            .all(Space::Atom, "link")
            .filter(move |link| link.attribute("rel").unwrap_or("alternate") == relation)
    };
    let base = entry.attribute("xml:base");
    let base = base.and_then(|base| about.base.join(base).ok());
    let base = base.as_ref().unwrap_or(&about.base);
    // An entry may have one page for each media type.
    let is_page = |link: &&Node| {
        link.attribute("type")
            .is_none_or(|media| media.contains("html"))
    };
    let link = links("alternate").find(is_page);
    let link = link.or_else(|| links("alternate").next());
    let url = link.and_then(|link| link.attribute("href"));
    set(&mut article, "id", own("id"));
    set(&mut article, "url", absolute(base, url.map(str::to_owned)));
    for (name, ours) in [("title", "title"), ("summary", "summary")] {
        let node = entry.all(Space::Atom, name).next();
        set(&mut article, ours, node.and_then(line));
    }
    if let Some(content) = entry.all(Space::Atom, "content").next() {
        let (ours, text) = match content.attribute("type") {
            None | Some("text") => ("content_text", content.filled()),
            Some("xhtml") => ("content_html", Some(content.inner_xhtml())),
            Some(media) if media.contains("html") => ("content_html", content.filled()),
            // A picture, or another document.
            Some(_) => ("content_text", None),
        };
        set(&mut article, ours, text.filter(|text| !text.is_empty()));
    }
    let authors: Vec<Value> = entry
        .all(Space::Atom, "author")
        .filter_map(person)
        .collect();
    let authors = if authors.is_empty() {
        about.authors.clone()
    } else {
        authors
    };
    set(&mut article, "authors", authors);
    let tags: Vec<Value> = entry
        .all(Space::Atom, "category")
        .filter_map(|tag| tag.attribute("label").or_else(|| tag.attribute("term")))
        .map(Value::from)
        .collect();
    set(&mut article, "tags", tags);
    set(
        &mut article,
        "language",
        entry
            .attribute("xml:lang")
            .map(str::to_owned)
            .or_else(|| about.language.clone()),
    );
    set(&mut article, "published", own("published"));
    set(&mut article, "updated", own("updated"));
    set(
        &mut article,
        "enclosures",
        files(links("enclosure"), "href", base),
    );
    media(entry, base, &mut article);
    article
}

/// A title or summary, which are plain text where nothing else is said. What is written for
/// HTML is taken for it; the rest must not be.
fn line(node: &Node) -> Option<String> {
    match node.attribute("type") {
        Some("xhtml") => Some(node.inner_xhtml()),
        _ => node.filled(),
    }
}

/// `name`, `email` and `uri` of a person.
fn person(node: &Node) -> Option<Value> {
    let name = node.text_of(Space::Atom, "name")?;
    Some(json!({
        "name": name,
        "email": node.text_of(Space::Atom, "email"),
        "url": node.text_of(Space::Atom, "uri"),
    }))
}

/// RSS wants an address with the name in brackets: `a@b.example (Ada)`. Many write a name.
fn mailbox(author: &str) -> Value {
    let parts = author
        .strip_suffix(')')
        .and_then(|author| author.split_once('('));
    match parts {
        Some((email, name)) if email.contains('@') => {
            json!({"name": name.trim(), "email": email.trim()})
        }
        _ => Value::from(author),
    }
}

fn files<'n>(
    nodes: impl Iterator<Item = &'n Node>,
    address: &str,
    base: &AbsoluteUrl,
) -> Vec<Value> {
    nodes
        .filter_map(|node| {
            let url = absolute(base, node.attribute(address).map(str::to_owned))?;
            let length = node.attribute("length");
            let length = length.and_then(|length| length.parse::<u64>().ok());
            Some(json!({
                "url": url,
                "type": node.attribute("type"),
                // Nought stands for what is not known.
                "length": length.filter(|length| *length > 0),
            }))
        })
        .collect()
}

/// The picture of an entry: Media RSS, in a group or not, else that of the podcast.
fn media(entry: &Node, base: &AbsoluteUrl, article: &mut Map<String, Value>) {
    let groups: Vec<&Node> = entry.all(Space::Media, "group").collect();
    let holders = || std::iter::once(entry).chain(groups.iter().copied());
    let thumbnail = holders().find_map(|holder| holder.all(Space::Media, "thumbnail").next());
    let content = holders()
        .flat_map(|holder| holder.all(Space::Media, "content"))
        .find(|content| {
            let media_type = content.attribute("type").unwrap_or_default();
            content.attribute("medium") == Some("image") || media_type.starts_with("image/")
        });
    let picture = content.or(thumbnail);
    let url = picture.and_then(|picture| picture.attribute("url"));
    let itunes = entry.all(Space::Itunes, "image").next();
    let url = url.or_else(|| itunes?.attribute("href"));
    set(article, "image", absolute(base, url.map(str::to_owned)));
    let words = picture.and_then(|picture| picture.text_of(Space::Media, "description"));
    set(article, "image_alt", words);
}

fn absolute(base: &AbsoluteUrl, reference: Option<String>) -> Option<String> {
    let reference = reference?;
    // What is no address is rejected with the article, where it can be named.
    Some(
        base.join(&reference)
            .map_or(reference, |url| url.to_string()),
    )
}

/// Whether a text has an element in it.
fn is_markup(text: &str) -> bool {
    text.split('<').skip(1).any(|rest| {
        rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/') && rest.contains('>')
    })
}
