//! `feeds.toml` → [`Config`]: every fault found in one run, with file, line, column, a caret
//! and a remedy. Starts nothing.

mod admin;
mod fault;
mod feed;
mod podcast;
mod reader;
mod robots;
mod selection;
mod server;
mod site;
mod sitemap;
mod source;
#[cfg(test)]
mod tests;

pub use admin::{AdminAddress, AdminConfig};
pub use fault::{ConfigError, Fault};
pub use robots::{License, RobotsConfig};
pub use server::{
    AccessLogConfig, ClientField, Legacy, Limits, Listen, ListenAddress, LogAddresses, LogFormat,
    Redirect, ServerConfig, Target, TrustedProxies,
};
pub use sitemap::{ListingTemplate, NewsConfig, PageConfig, PageDate, SitemapConfig};
pub use source::{
    DatabaseServerConfig, DatabaseTls, DatabaseUrl, HttpSourceConfig, Next, Preset, Relation,
    Secret, Size, SqlConfig, SqliteConfig, read_token,
};

use std::{
    io,
    path::{Path, PathBuf},
};

use fault::Faults;
use reader::Table;
use toml::de::DeTable;

use crate::{
    article::{AbsoluteUrl, Axis, Language, Person, Selection, UrlTemplate, XmlText},
    dates::{Guards, Trust, Zone},
    intake::Wishes,
    render::{ContentMode, FeedFormat, Podcast},
};

/// Everything `feeds.toml` says, checked, with defaults filled in and paths made absolute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The file itself.
    pub file: PathBuf,
    /// What the site says of itself.
    pub site: Site,
    /// Where the articles come from.
    pub source: SourceConfig,
    /// In the order of the file; names are unique.
    pub feeds: Vec<FeedConfig>,
    /// What the sitemaps list.
    pub sitemap: SitemapConfig,
    /// What crawlers may read.
    pub robots: RobotsConfig,
    /// `[llms]`: `llms.txt`, where it is wanted.
    pub llms: Option<LlmsConfig>,
    /// How dates are judged.
    pub dates: DatesConfig,
    /// Where and how to serve.
    pub server: ServerConfig,
    /// The operator's own listener, if there is to be one.
    pub admin: Option<AdminConfig>,
    /// Where to keep what must survive.
    pub store: StoreConfig,
}

impl Config {
    /// Where the licence of what is served is to be had, if it has one.
    #[must_use]
    pub fn license(&self) -> Option<AbsoluteUrl> {
        match self.robots.license.as_ref()? {
            License::At(url) => Some(url.clone()),
            // The name is plain letters: it always makes an address.
            License::Terms(_) => self.site.url.join("license.xml").ok(),
        }
    }
}

/// `[site]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// `url`: the only origin of absolute URLs; always ends with `/`.
    pub url: AbsoluteUrl,
    /// `title`
    pub title: XmlText,
    /// `description`
    pub description: XmlText,
    /// `language`
    pub language: Language,
    /// `timezone`, for dates that have none; UTC by default.
    pub timezone: Zone,
    /// `ids`: how articles get theirs that the origin does not name.
    pub ids: IdScheme,
    /// `author`: who stands for articles that name no author.
    pub author: Option<Person>,
    /// `other_hosts`: hosts besides the site's own where an article's URL may lie, as for
    /// link blogs; `["*"]` allows any. Lower case, with port where it is not the scheme's.
    pub other_hosts: Vec<String>,
    /// `files`: the folder that the site's own files are published from, absolute here; the
    /// length of an enclosure in it need not be declared.
    pub files: Option<PathBuf>,
    /// `tag_scheme`: the IRI that tells what kind of category tags are (RFC 4287 section
    /// 4.2.2.2, RSS `domain`).
    pub tag_scheme: Option<XmlText>,
    /// `section_scheme`: the same for sections, which are categories only where this is set.
    pub section_scheme: Option<XmlText>,
    /// `[site.content]`: what is wanted of the texts.
    pub content: Wishes,
}

impl Site {
    /// The name by which an article is found again at `url`, whatever becomes of the site's
    /// scheme and host; at one of `other_hosts` the host belongs to it.
    #[must_use]
    pub fn address_key(&self, url: &AbsoluteUrl) -> String {
        let own = url.host() == self.url.host();
        let other = |host: &String| host == "*" || host.split(':').next() == Some(url.host());
        if !own && self.other_hosts.iter().any(other) {
            return format!("{}{}", url.host(), url.key());
        }
        url.key().to_owned()
    }
}

/// How an article gets its id, once and for good, where the origin names none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum IdScheme {
    /// `"tag"`: a `tag:` URI (RFC 4151) of host, day of publication and path.
    #[default]
    Tag,
    /// `"url"`: its address at first sight, for sites whose readers know it by that.
    Url,
}

/// `[source.…]`: exactly one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceConfig {
    /// `[source.file]`
    File(FileSourceConfig),
    /// `[source.markdown]`
    Markdown(MarkdownSourceConfig),
    /// `[source.http]`
    Http(Box<HttpSourceConfig>),
    /// `[source.sqlite]`
    Sqlite(SqliteConfig),
    /// `[source.postgres]`
    Postgres(DatabaseServerConfig),
    /// `[source.mysql]`
    Mysql(DatabaseServerConfig),
}

impl SourceConfig {
    /// How the address is made of an article that declares none.
    #[must_use]
    pub fn url(&self) -> Option<&UrlTemplate> {
        match self {
            Self::File(file) => file.url.as_ref(),
            Self::Markdown(markdown) => Some(&markdown.url),
            Self::Http(http) => http.address.as_ref(),
            Self::Sqlite(sqlite) => sqlite.sql.address.as_ref(),
            Self::Postgres(server) | Self::Mysql(server) => server.sql.address.as_ref(),
        }
    }
}

/// `[source.file]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSourceConfig {
    /// `path`: absolute here.
    pub path: PathBuf,
    /// By the file's ending.
    pub format: FileFormat,
    /// `url`: for articles that have a slug and no URL.
    pub url: Option<UrlTemplate>,
}

/// What a catalogue file is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFormat {
    /// `.toml`: an array of tables `articles`.
    Toml,
    /// `.json`: an array, an object with `articles`, or a JSON Feed.
    Json,
    /// `.ndjson`, `.jsonl`: an object per line.
    Ndjson,
    /// `.csv`: a header row, then an article per row.
    Csv,
    /// `.yaml`, `.yml`: a sequence, or a mapping with `articles`.
    Yaml,
}

/// `[source.markdown]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarkdownSourceConfig {
    /// `path`: the folder, absolute here.
    pub path: PathBuf,
    /// `url`: how an article's address is made, unless its front matter says.
    pub url: UrlTemplate,
    /// `published_from`: where to look for the date of publication, in this order.
    pub published_from: Vec<PublishedFrom>,
    /// `git`: whether the Git history of the folder dates articles seen for the first time.
    pub git: bool,
    /// `[source.markdown.fields]`: our name → the name it has in the front matter.
    pub fields: Vec<(String, String)>,
}

/// A place where a date of publication may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PublishedFrom {
    /// `"front-matter"`: a field.
    FrontMatter,
    /// `"filename"`: `2026-05-30-title.md`.
    Filename,
    /// `"path"`: `2026/05/30` in the front matter's `path`, else in the file's.
    Path,
}

/// `[[feed]]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedConfig {
    /// `name = "…"` or `each = "…"`.
    pub scope: FeedScope,
    /// `tags`, `authors`, `sections`, `languages`, `exclude`, `since` and `order`.
    pub selection: Selection,
    /// `limit`: how many articles at most; 20 by default.
    pub limit: usize,
    /// `archive`: whether what is older than the newest articles is kept in pages of `limit`
    /// articles (RFC 5005).
    pub archive: bool,
    /// `content`
    pub content: ContentMode,
    /// `title`; the site's by default. Under `each`, the value is put behind it.
    pub title: Option<XmlText>,
    /// `description`; the site's by default.
    pub description: Option<XmlText>,
    /// `language`: the site's by default.
    pub language: Option<Language>,
    /// `image`: a picture that stands for the feed.
    pub image: Option<AbsoluteUrl>,
    /// `max_bytes`: past it, the oldest articles are carried as summaries.
    pub max_bytes: Option<usize>,
    /// `[feed.podcast]`: what the feed says of itself as a podcast.
    pub podcast: Option<Podcast>,
    /// `formats`: all three by default.
    pub formats: Vec<FeedFormat>,
}

/// Which articles a `[[feed]]` block is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedScope {
    /// One feed of the selected articles, under this name: lower-case letters, digits and hyphens.
    /// `all` lives at `/rss.xml`, any other at `/feeds/NAME/rss.xml`.
    Named(String),
    /// One feed per value of an axis.
    Each(Axis),
}

/// `[llms]`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LlmsConfig {
    /// `limit`: how many articles are listed, newest first; 100 by default.
    pub limit: usize,
    /// `articles`: whether each is to be had in Markdown; true by default.
    pub articles: bool,
}

/// `[dates]`
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DatesConfig {
    /// `trust`: whether the origin's word alone moves a date.
    pub trust: Trust,
    /// `[dates.guards]`: when a refresh is held for the operator.
    pub guards: Guards,
}

/// `[store]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreConfig {
    /// `path`: absolute here; `dateline.db` beside the configuration by default.
    pub path: PathBuf,
}

/// Reads and checks a file.
///
/// # Errors
/// [`ConfigError`], with every fault of the file.
pub fn load(file: &Path) -> Result<Config, ConfigError> {
    let unreadable = |message: String, help: &str| ConfigError::Unreadable {
        file: std::path::absolute(file).unwrap_or_else(|_| file.to_owned()),
        message,
        help: help.to_owned(),
    };
    let bytes = std::fs::read(file).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => {
            unreadable("there is no configuration file here".to_owned(), FIRST)
        }
        io::ErrorKind::IsADirectory => unreadable(
            "the configuration is a folder".to_owned(),
            "name the file in it: --config FOLDER/feeds.toml",
        ),
        _ => unreadable(
            format!("the configuration cannot be read: {error}"),
            "see that the file belongs to the user who runs this, or is readable by all",
        ),
    })?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..at]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count()
            + 1;
        unreadable(
            format!("line {line} is not UTF-8"),
            "save the file as UTF-8",
        )
    })?;
    parse(file, &text)
}

/// Where the server of a faulty `file` can be asked, as far as that can still be read: it goes
/// on serving what stood there before. `None` where there is no file.
#[must_use]
pub fn listeners(file: &Path) -> Option<(Option<AdminConfig>, ServerConfig)> {
    let bytes = std::fs::read(file).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let (tree, _) = DeTable::parse_recoverable(&text);
    let absolute = std::path::absolute(file).ok()?;
    let root = absolute.parent().unwrap_or(Path::new("/"));
    let mut document = Table::new("", 0..0, tree.get_ref());
    let mut faults = Faults::default();
    let admin = admin::read(&mut document, &mut faults, root);
    Some((admin, server::read(&mut document, &mut faults, root)))
}

/// What to do where there is no configuration, with one to begin with.
const FIRST: &str = "\
run this in the folder that holds feeds.toml, or name it: --config FILE
A first one, for a folder of Markdown:

    [site]
    url = \"https://example.org/\"
    title = \"Example\"

    [source.markdown]
    path = \"content\"
    url = \"/{path}/\"";

/// Checks what stands in `file`, which is only named and not read.
///
/// # Errors
/// [`ConfigError::Invalid`], with every fault.
pub fn parse(file: &Path, text: &str) -> Result<Config, ConfigError> {
    let mut faults = Faults::default();
    let config = read(file, text, &mut faults);
    match (config, faults.into_sorted()) {
        (Some(config), None) => Ok(config),
        (_, faults) => Err(ConfigError::Invalid {
            file: file.to_owned(),
            text: fault::without_secrets(text),
            faults: faults.unwrap_or_default(),
        }),
    }
}

fn llms(document: &mut Table<'_>, faults: &mut Faults) -> Option<LlmsConfig> {
    let mut table = document.table(faults, "llms")?;
    let config = LlmsConfig {
        limit: table.integer(faults, "limit", 1..=10_000, 100),
        articles: table.flag(faults, "articles", true),
    };
    table.finish(faults);
    Some(config)
}

fn read(file: &Path, text: &str, faults: &mut Faults) -> Option<Config> {
    let (tree, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let help = "see https://toml.io for how to write TOML";
        faults.add(
            error.span().unwrap_or(0..0),
            error.message().replace('\n', "; "),
            help,
        );
    }
    if !errors.is_empty() {
        // What is left of the tree would only give faults that come from these.
        return None;
    }
    let absolute = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let root = absolute.parent().unwrap_or(Path::new("/"));
    let mut document = Table::new("", 0..0, tree.get_ref());
    let site = site::read(&mut document, faults, root);
    let source = source::read(&mut document, faults, root);
    // Where [site] is wrong, what depends on it is read all the same, for its own faults.
    let ground = site.clone().or_else(site::stand_in)?;
    let feeds = feed::read(&mut document, &ground, faults);
    let sitemap = sitemap::read(&mut document, &ground, faults);
    let robots = robots::read(&mut document, &ground, faults, root);
    let llms = llms(&mut document, faults);
    let dates = server::read_dates(&mut document, faults);
    let server = server::read(&mut document, faults, root);
    let admin = admin::read(&mut document, faults, root);
    let store = server::read_store(&mut document, faults, root);
    document.finish(faults);
    Some(Config {
        file: absolute.clone(),
        site: site?,
        source: source?,
        feeds,
        sitemap,
        robots,
        llms,
        dates,
        server,
        admin,
        store,
    })
}
