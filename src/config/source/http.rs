//! `[source.http]`

use std::{
    fmt,
    net::IpAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use hyper::header::{HeaderName, HeaderValue};
use ipnet::IpNet;

use super::template;
use crate::{
    article::{AbsoluteUrl, UrlTemplate},
    config::{
        fault::Faults,
        reader::{Item, Table, Text, pick, quoted},
    },
    outbound::is_public,
};

/// `[source.http]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpSourceConfig {
    /// `url`: where the articles are asked for.
    pub url: AbsoluteUrl,
    /// `preset`: what kind of answer it is; `None`: it is told by its shape.
    pub preset: Option<Preset>,
    /// `items`: the dotted path to the array of articles.
    pub items: Option<String>,
    /// `[source.http.fields]`: our name → a dotted path in an article of theirs.
    pub fields: Vec<(String, String)>,
    /// `next`: how pages go on; `None`: as the preset has it.
    pub next: Option<Next>,
    /// `total`: where the answer says how many articles there are; `"none"` where it does
    /// not.
    pub total: Option<String>,
    /// `[source.http.headers]`: fields that are sent with each request.
    pub headers: Vec<(HeaderName, Secret)>,
    /// `token_file`: absolute here; read anew for each reading.
    pub token_file: Option<PathBuf>,
    /// `interval`: how often the origin is asked whether there is anything new.
    pub interval: Duration,
    /// `compare`: how often everything is read, where the origin tells what has changed.
    pub compare: Duration,
    /// `timeout`: for one page, redirects included.
    pub timeout: Duration,
    /// `max_bytes`: of one page, unpacked.
    pub max_bytes: usize,
    /// `max_pages`
    pub max_pages: usize,
    /// `allow_private`: networks of private addresses where the origin may be.
    pub allow_private: Vec<IpNet>,
    /// `address`: how the address of an article is made, in place of the origin's own.
    pub address: Option<UrlTemplate>,
}

/// What kind of API an origin has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preset {
    /// `"json"`: an array of articles, or an object that holds one.
    Json,
    /// `"ndjson"`: an object per line.
    Ndjson,
    /// `"json-feed"`
    JsonFeed,
    /// `"feed"`: RSS or Atom.
    Feed,
    /// `"wordpress"`: the REST API of WordPress.
    WordPress,
    /// `"ghost"`: the Content API of Ghost.
    Ghost,
    /// `"strapi"`: the REST API of Strapi 4 or 5.
    Strapi,
    /// `"contentful"`: the Content Delivery API of Contentful.
    Contentful,
}

/// How one page leads to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// There is one page.
    None,
    /// `"link"`: a `Link` field with `rel="next"` (RFC 8288).
    Link,
    /// `"next_url"`: an address in the answer.
    Url {
        /// Its dotted path.
        path: String,
    },
    /// `"cursor"`: a value in the answer becomes a parameter.
    Cursor {
        /// The value's dotted path.
        path: String,
        /// The parameter.
        parameter: String,
    },
    /// `"page"`: numbered pages.
    Page {
        /// The parameter with the number.
        parameter: String,
        /// The number of the first page.
        first: usize,
        /// How many articles are asked for.
        size: Option<Size>,
    },
    /// `"offset"`: the number of articles that are passed over.
    Offset {
        /// The parameter with the number.
        parameter: String,
        /// How many articles are asked for.
        size: Option<Size>,
    },
}

/// How many articles of a page are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Size {
    /// The parameter with the number.
    pub parameter: String,
    /// The number.
    pub of: usize,
}

/// A value that must not be shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub HeaderValue);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

const PRESETS: [(&str, Preset); 8] = [
    ("json", Preset::Json),
    ("ndjson", Preset::Ndjson),
    ("json-feed", Preset::JsonFeed),
    ("feed", Preset::Feed),
    ("wordpress", Preset::WordPress),
    ("ghost", Preset::Ghost),
    ("strapi", Preset::Strapi),
    ("contentful", Preset::Contentful),
];

/// Our names of what an API may call otherwise.
const FIELDS: [&str; 21] = [
    "id",
    "url",
    "slug",
    "title",
    "summary",
    "content_html",
    "content_markdown",
    "content_text",
    "authors",
    "tags",
    "section",
    "language",
    "published",
    "updated",
    "image",
    "image_alt",
    "enclosures",
    "canonical",
    "draft",
    "noindex",
    "reading_minutes",
];

const URL: &str = "https://cms.example/api/articles";
const MIB: usize = 1024 * 1024;
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);

/// `root` is the folder that paths are relative to.
pub(in crate::config) fn read(
    mut table: Table<'_>,
    faults: &mut Faults,
    root: &Path,
) -> Option<HttpSourceConfig> {
    let text = table.required_text(faults, "url", URL);
    let allow_private = networks(&mut table, faults);
    let url = text.and_then(|text| url(&text, faults, &allow_private));
    let preset = table.choice(faults, "preset", &PRESETS);
    let items = filled(&mut table, faults, "items", "data.articles");
    let next = next(&mut table, faults);
    let total = filled(&mut table, faults, "total", "meta.total");
    let headers = headers(&mut table, faults);
    let token_file = token_file(&mut table, faults, root);
    let seconds = Duration::from_secs;
    let fields = fields(&mut table, faults);
    let interval = table.duration(faults, "interval", seconds(1)..=24 * HOUR, 5 * MINUTE);
    let compare = table.duration(faults, "compare", seconds(1)..=24 * 30 * HOUR, HOUR);
    let timeout = table.duration(faults, "timeout", seconds(1)..=seconds(50), seconds(30));
    let max_bytes = table.integer(faults, "max_bytes", 1024..=MIB * MIB, 64 * MIB);
    let max_pages = table.integer(faults, "max_pages", 1..=1_000_000, 10_000);
    let address = template(&mut table, faults, "address", "blog/{slug}/");
    table.finish(faults);
    Some(HttpSourceConfig {
        url: url?,
        preset,
        items,
        fields,
        next,
        total,
        headers,
        token_file,
        interval,
        compare,
        timeout,
        max_bytes,
        max_pages,
        allow_private,
        address,
    })
}

fn url(text: &Text<'_>, faults: &mut Faults, allow_private: &[IpNet]) -> Option<AbsoluteUrl> {
    let url = match AbsoluteUrl::parse(text.value) {
        Ok(url) => url,
        Err(error) => {
            let message = format!("source.http.url cannot be used: {error}");
            let help = match error {
                crate::article::InvalidUrl::Credentials(_) => {
                    "send them as Authorization under [source.http.headers]".to_owned()
                }
                _ => format!("write for example {}", quoted(URL)),
            };
            faults.add(text.span.clone(), message, help);
            return None;
        }
    };
    let host = url.host().trim_matches(['[', ']']).parse().ok();
    if let Some(address) = host
        && !is_public(address)
        && !allow_private.iter().any(|net| net.contains(&address))
    {
        let message = format!("source.http.url is at {address}, which is no public address");
        let network = IpNet::from(address);
        let help = format!("add allow_private = [\"{network}\"] if you mean it");
        faults.add(text.span.clone(), message, help);
    }
    Some(url)
}

/// A text with something in it.
fn filled(
    table: &mut Table<'_>,
    faults: &mut Faults,
    key: &'static str,
    example: &str,
) -> Option<String> {
    let text = table.text(faults, key, example)?;
    let value = text.value.trim();
    if value.is_empty() {
        let message = format!("{} is empty", table.path(key));
        let help = format!("leave it out, or write for example {}", quoted(example));
        faults.add(text.span, message, help);
        return None;
    }
    Some(value.to_owned())
}

fn networks(table: &mut Table<'_>, faults: &mut Faults) -> Vec<IpNet> {
    let texts = table.texts(faults, "allow_private", "127.0.0.1/32");
    let mut networks = Vec::new();
    for text in texts.unwrap_or_default() {
        let address = || text.value.parse::<IpAddr>().map(IpNet::from);
        match text.value.parse::<IpNet>().or_else(|_| address()) {
            Ok(network) => networks.push(network),
            Err(_) => {
                let message = format!(
                    "source.http.allow_private: {} is no network",
                    quoted(text.value)
                );
                faults.add(
                    text.span,
                    message,
                    "write for example \"127.0.0.1/32\" or \"10.1.0.0/16\"",
                );
            }
        }
    }
    networks
}

fn headers(table: &mut Table<'_>, faults: &mut Faults) -> Vec<(HeaderName, Secret)> {
    let Some(mut table) = table.table(faults, "headers") else {
        return Vec::new();
    };
    let mut headers = Vec::new();
    for (name, value) in table.entries(faults, "a value") {
        let parsed = HeaderName::from_bytes(name.value.as_bytes());
        match (parsed, HeaderValue::from_str(value.value)) {
            (Ok(name), Ok(mut value)) => {
                value.set_sensitive(true);
                headers.push((name, Secret(value)));
            }
            (Err(_), _) => {
                let message = format!("{} is no name of a field", quoted(name.value));
                faults.add(name.span, message, "write for example \"X-Api-Key\"");
            }
            (_, Err(_)) => {
                let message = format!("the value of {} cannot be sent", quoted(name.value));
                let help = "keep to visible ASCII characters and spaces";
                faults.add(name.span, message, help);
            }
        }
    }
    table.finish(faults);
    headers
}

/// That there is one is checked here; it is read again when it is used, since it may be
/// exchanged.
fn token_file(table: &mut Table<'_>, faults: &mut Faults, root: &Path) -> Option<PathBuf> {
    let text = table.text(faults, "token_file", "cms.token")?;
    let path = root.join(text.value);
    match read_token(&path) {
        Ok(_) => Some(path),
        Err(fault) => {
            let message = format!("source.http.token_file {fault}");
            let help = "put the token into it, alone, readable by the user who runs this";
            faults.add(text.span, message, help);
            None
        }
    }
}

/// The token in a file, without the line's end.
///
/// # Errors
/// What is wrong with the file, to be put behind its name.
pub fn read_token(path: &Path) -> Result<String, String> {
    let token =
        std::fs::read_to_string(path).map_err(|error| format!("cannot be read: {error}"))?;
    let token = token.trim();
    if token.is_empty() {
        return Err("is empty".to_owned());
    }
    if !token.chars().all(|char| char.is_ascii_graphic()) {
        return Err("holds more than one word of visible ASCII characters".to_owned());
    }
    Ok(token.to_owned())
}

fn fields(table: &mut Table<'_>, faults: &mut Faults) -> Vec<(String, String)> {
    let Some(mut table) = table.table(faults, "fields") else {
        return Vec::new();
    };
    let mut fields = Vec::new();
    for ours in FIELDS {
        if let Some(theirs) = filled(&mut table, faults, ours, "data.name") {
            fields.push((ours.to_owned(), theirs));
        }
    }
    table.finish(faults);
    fields
}

#[derive(Clone, Copy, PartialEq)]
enum By {
    None,
    Link,
    Url,
    Cursor,
    Page,
    Offset,
}

const WAYS: [(&str, By); 6] = [
    ("link", By::Link),
    ("next_url", By::Url),
    ("cursor", By::Cursor),
    ("page", By::Page),
    ("offset", By::Offset),
    ("none", By::None),
];

/// Those of which nothing more needs to be said.
const WORDS: [(&str, Next); 2] = [("link", Next::Link), ("none", Next::None)];

/// A word, or a table that says more.
fn next(table: &mut Table<'_>, faults: &mut Faults) -> Option<Next> {
    let mut items = table.texts_or_tables(faults, "next", "link")?.into_iter();
    match items.next()? {
        Item::Text(text) => {
            if let Some((_, next)) = WORDS.iter().find(|(word, _)| *word == text.value) {
                return Some(next.clone());
            }
            if WAYS.iter().any(|(word, _)| *word == text.value) {
                let word = quoted(text.value);
                let message = format!("source.http.next = {word} says too little");
                let help =
                    format!("write a table: next = {{ by = {word}, … }}; see docs/feeds.toml.md");
                faults.add(text.span, message, help);
                return None;
            }
            pick(
                faults,
                "source.http.next",
                &text,
                &WORDS.map(|(word, _)| (word, ())),
            );
            None
        }
        Item::Table(table) => next_table(table, faults),
    }
}

fn next_table(mut table: Table<'_>, faults: &mut Faults) -> Option<Next> {
    if !table.has("by") {
        let message = "source.http.next.by is missing";
        faults.add(table.span(), message, "add by = \"page\"");
    }
    let by = table.choice(faults, "by", &WAYS);
    let (has_path, has_parameter) = match by {
        Some(By::Url) => (true, false),
        Some(By::Cursor) => (true, true),
        Some(By::Page | By::Offset) => (false, true),
        Some(By::None | By::Link) | None => (false, false),
    };
    let mut text = |table: &mut Table<'_>, key, is_needed, example: &str| {
        let text = if is_needed {
            table.required_text(faults, key, example)
        } else {
            table.text(faults, key, example)
        };
        text.map(|text| text.value.to_owned())
    };
    let path = text(&mut table, "path", has_path, "meta.next");
    let parameter = text(&mut table, "parameter", has_parameter, "page");
    let size_parameter = text(&mut table, "size_parameter", false, "per_page");
    let first = table.integer(faults, "first", 0..=1, 1);
    let of = table.integer(faults, "size", 1..=100_000, 100);
    table.finish(faults);
    let size = size_parameter.map(|parameter| Size { parameter, of });
    match by? {
        By::None => Some(Next::None),
        By::Link => Some(Next::Link),
        By::Url => Some(Next::Url { path: path? }),
        By::Cursor => Some(Next::Cursor {
            path: path?,
            parameter: parameter?,
        }),
        By::Page => Some(Next::Page {
            parameter: parameter?,
            first,
            size,
        }),
        By::Offset => Some(Next::Offset {
            parameter: parameter?,
            size,
        }),
    }
}
