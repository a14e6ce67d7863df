//! One feed: where it is, which articles are in it, and what it says of itself.

use std::collections::HashSet;

use super::{
    budget,
    recipe::{Ingredients, Recipe},
};
use crate::{
    article::{AbsoluteUrl, Article, Axis, InvalidUrl, Selection, Timestamp, XmlText},
    config::{Config, FeedConfig, FeedScope},
    render::{self, Channel, FeedFormat, History, RenderError},
    store::{Catalogue, Glimpse, StoreError},
};

/// The folder of finished pages, below that of their feed.
pub(super) const PAGES: &str = "archive/";

/// A feed, or a finished page of its archive.
pub(super) struct Feed<'a> {
    pub(super) config: &'a FeedConfig,
    whole: &'a Config,
    /// Where it lives below the site: empty, or ending in `/`.
    pub(super) folder: String,
    /// What tells it from its siblings, for one that there is per value.
    value: Option<String>,
    selection: Selection,
    /// How many finished pages its archive has.
    pages: u64,
    /// Which of them this is; `None` for the feed itself.
    page: Option<u64>,
}

/// Whether a finished page of an archive is served at `path`.
pub(super) fn is_page(path: &str) -> bool {
    page_number(path).is_some()
}

/// Which page of an archive is served at `path`, if one is.
pub(super) fn page_number(path: &str) -> Option<u64> {
    let mut parts = path.rsplit('/');
    let (_, number, folder) = (parts.next(), parts.next(), parts.next());
    number.filter(|_| folder == Some("archive"))?.parse().ok()
}

impl<'a> Feed<'a> {
    /// The feed of a block that has a name.
    pub(super) fn named(config: &'a FeedConfig, whole: &'a Config, name: &str) -> Self {
        let folder = match name {
            "all" => String::new(),
            name => format!("feeds/{name}/"),
        };
        Self::new(config, whole, folder, None, config.selection.clone())
    }

    /// The feed of one value.
    pub(super) fn of_value(
        config: &'a FeedConfig,
        whole: &'a Config,
        axis: Axis,
        slug: &str,
        value: String,
    ) -> Self {
        let folder = format!("{}/{slug}/", axis.folder());
        let selection = config.selection.clone().with(axis, slug.to_owned());
        Self::new(config, whole, folder, Some(value), selection)
    }

    fn new(
        config: &'a FeedConfig,
        whole: &'a Config,
        folder: String,
        value: Option<String>,
        mut selection: Selection,
    ) -> Self {
        if config.archive {
            selection.outside = Some(folder.clone());
        }
        Self {
            config,
            whole,
            folder,
            value,
            selection,
            pages: 0,
            page: None,
        }
    }

    /// The feed that is served at `path`, with its format, if there can be one.
    pub(super) fn at(
        path: &str,
        config: &'a Config,
        catalogue: &dyn Catalogue,
        now: Timestamp,
    ) -> Result<Option<(Self, FeedFormat)>, StoreError> {
        let Some(below) = path.strip_prefix(config.site.url.path()) else {
            return Ok(None);
        };
        for feed in &config.feeds {
            let Some(format) = feed.formats.iter().find(|f| below.ends_with(f.file_name())) else {
                continue;
            };
            let folder = below.strip_suffix(format.file_name()).unwrap_or_default();
            let (folder, page) = match folder.split_once(PAGES) {
                Some((folder, page)) if feed.archive => (folder, page.trim_end_matches('/')),
                _ => (folder, ""),
            };
            let found = match &feed.scope {
                FeedScope::Named(name) => Some(Self::named(feed, config, name)),
                FeedScope::Each(axis) => {
                    let slug = folder.strip_prefix(axis.folder());
                    let slug = slug.map(|slug| slug.trim_matches('/'));
                    let label = slug.map(|slug| catalogue.label(*axis, slug, now));
                    let label = label.transpose()?.flatten();
                    label.map(|label| Self::of_value(feed, config, *axis, &label.slug, label.value))
                }
            };
            let Some(mut found) = found.filter(|found| found.folder == folder) else {
                continue;
            };
            if feed.archive {
                found.pages = catalogue.pages(&found.folder)?;
            }
            found.page = page.parse().ok();
            return Ok(Some((found, *format)));
        }
        Ok(None)
    }

    /// This feed, whose archive has so many finished pages.
    pub(super) fn with_pages(mut self, pages: u64) -> Self {
        self.pages = pages;
        self
    }

    /// A finished page of it.
    pub(super) fn page(&self, number: u64) -> Self {
        Self {
            config: self.config,
            whole: self.whole,
            folder: self.folder.clone(),
            value: self.value.clone(),
            selection: self.selection.clone(),
            pages: self.pages,
            page: Some(number),
        }
    }

    /// Whether it is a finished page of an archive.
    pub(super) const fn is_page(&self) -> bool {
        self.page.is_some()
    }

    /// Everything that is in it or in its archive.
    pub(super) fn everything(&self) -> Selection {
        Selection {
            outside: None,
            ..self.selection.clone()
        }
    }

    /// How many articles it has at most. What is in no finished page of an archive is less
    /// than two pages, and all of it is in the feed.
    fn limit(&self) -> usize {
        if self.config.archive {
            2 * self.config.limit
        } else {
            self.config.limit
        }
    }

    /// Its articles, without what they say.
    pub(super) fn glimpse(
        &self,
        catalogue: &dyn Catalogue,
        now: Timestamp,
    ) -> Result<Vec<Glimpse>, StoreError> {
        match self.page {
            Some(page) => catalogue.glimpse_page(&self.folder, page),
            None => catalogue.glimpse(&self.selection, now, self.limit()),
        }
    }

    /// Its articles as they may be shown at `now`.
    pub(super) fn articles(
        &self,
        catalogue: &dyn Catalogue,
        now: Timestamp,
    ) -> Result<Vec<Article>, StoreError> {
        let mut articles = match self.page {
            Some(page) => catalogue.page(&self.folder, page)?,
            None => catalogue.select(&self.selection, now, self.limit())?,
        };
        for article in &mut articles {
            article.dates = article.dates.clone().as_of(now);
        }
        Ok(articles)
    }

    /// Where it is in each of its formats, those that readers subscribe to alone for a page
    /// of an archive. `None` where its folder makes no address; a slug is letters, digits and
    /// hyphens, and always does.
    pub(super) fn addresses(&self) -> Option<Vec<(FeedFormat, AbsoluteUrl)>> {
        let folder = self.below(&match self.page {
            Some(page) => format!("{PAGES}{page}/"),
            None => String::new(),
        });
        let folder = folder.ok()?;
        let formats = self.config.formats.iter();
        formats
            .filter(|format| self.page.is_none() || format.kind().is_feed())
            .map(|format| Ok((*format, folder.join(format.file_name())?)))
            .collect::<Result<_, InvalidUrl>>()
            .ok()
    }

    fn below(&self, place: &str) -> Result<AbsoluteUrl, InvalidUrl> {
        let below = format!("{}{place}", self.folder);
        if below.is_empty() {
            Ok(self.whole.site.url.clone())
        } else {
            self.whole.site.url.join(&below)
        }
    }

    /// What it says of itself in `format`, at `self_url`. `updated` is when an article in it
    /// last changed, came or went.
    pub(super) fn channel(
        &self,
        format: FeedFormat,
        self_url: &AbsoluteUrl,
        addresses: &[(FeedFormat, AbsoluteUrl)],
        updated: Option<Timestamp>,
    ) -> Channel {
        let (site, feed) = (&self.whole.site, self.config);
        let title = feed.title.as_ref().unwrap_or(&site.title);
        let sisters = addresses
            .iter()
            .filter(|(other, _)| *other != format && other.kind().is_feed())
            .map(|(other, url)| (other.kind(), url.clone()));
        Channel {
            id: self
                .below("")
                .unwrap_or_else(|_| site.url.clone())
                .to_string(),
            title: self.value.as_ref().map_or_else(
                || title.clone(),
                |value| XmlText::from(format!("{title}: {value}")),
            ),
            description: feed
                .description
                .as_ref()
                .unwrap_or(&site.description)
                .clone(),
            language: feed.language.as_ref().unwrap_or(&site.language).clone(),
            home: site.url.clone(),
            self_url: self_url.clone(),
            sisters: sisters.collect(),
            author: site.author.clone(),
            updated,
            content: feed.content,
            image: feed.image.clone(),
            tag_scheme: site.tag_scheme.clone(),
            section_scheme: site.section_scheme.clone(),
            podcast: feed.podcast.clone(),
            license: self.whole.license(),
            history: self.history(format),
        }
    }

    /// Where it stands in the history of its feed (RFC 5005), if one is kept.
    fn history(&self, format: FeedFormat) -> Option<History> {
        if !self.config.archive || !format.kind().is_feed() {
            return None;
        }
        let page = |number: u64| {
            let place = format!("{PAGES}{number}/{}", format.file_name());
            self.below(&place).ok()
        };
        Some(match self.page {
            Some(number) => History::Archive {
                current: self.below(format.file_name()).ok()?,
                older: page(number - 1).filter(|_| number > 1),
            },
            None if self.pages == 0 => History::Complete,
            None => History::Subscription {
                older: page(self.pages)?,
            },
        })
    }

    /// What its bytes in the format of `channel` follow from.
    pub(super) fn recipe(&self, channel: &Channel, articles: &[Glimpse], now: Timestamp) -> Recipe {
        Ingredients::new()
            .form(&(channel, self.config.max_bytes))
            .articles(articles, now)
            .finish()
    }

    /// Its bytes in `format`.
    pub(super) fn render(
        &self,
        format: FeedFormat,
        channel: &Channel,
        articles: &[Article],
    ) -> Result<Vec<u8>, RenderError> {
        let articles = with_unique_ids(articles, format);
        let render = |articles: &[Article]| match format {
            FeedFormat::Rss => render::rss::render(channel, articles),
            FeedFormat::Atom => render::atom::render(channel, articles),
            FeedFormat::Json => render::json_feed::render(channel, articles),
            FeedFormat::JsonLd => render::json_ld::render(channel, articles),
        };
        match self.config.max_bytes {
            Some(most) => budget::render_within(most, &articles, render),
            None => render(&articles),
        }
    }
}

/// The feed's own date as it may be shown at `now`: what lies ahead of the clock is kept
/// back. Atom must have a date (RFC 4287 section 4.1.1), and has the newest one that is true.
pub(super) fn shown(
    updated: Option<Timestamp>,
    newest: Option<Timestamp>,
    format: FeedFormat,
    now: Timestamp,
) -> Option<Timestamp> {
    let demanded = newest.filter(|_| format == FeedFormat::Atom);
    updated.filter(|updated| *updated <= now).or(demanded)
}

/// The newest change among articles as they are shown at `now`.
pub(super) fn newest(articles: &[Glimpse], now: Timestamp) -> Option<Timestamp> {
    let changes = articles.iter().filter_map(|article| article.modified);
    changes.filter(|modified| *modified <= now).max()
}

/// What tells whether a feed's articles are still those of the last edition. `modified`
/// moves whenever a reader would notice a change, so nothing more goes in: a new format of
/// the bytes moves the document, but not the feed's own `updated`.
pub(super) fn inputs(articles: &[Glimpse], now: Timestamp) -> Vec<u8> {
    let mut hasher = blake3::Hasher::new();
    for article in articles {
        hasher.update(&(article.id.as_str().len() as u64).to_le_bytes());
        hasher.update(article.id.as_str().as_bytes());
        let modified = article.modified.filter(|modified| *modified <= now);
        let modified = modified.map_or(-1, Timestamp::unix);
        hasher.update(&modified.to_le_bytes());
    }
    hasher.finalize().as_bytes()[..16].to_vec()
}

/// Sees to it that no two entries have one id (RFC 4287 section 4.1.1). An id that was taken
/// over from an earlier feed gives way to one that was given here, and the second of two
/// that are the same to the first.
fn with_unique_ids(articles: &[Article], format: FeedFormat) -> Vec<Article> {
    let mut taken: HashSet<String> = articles
        .iter()
        .map(|article| article.id.to_string())
        .collect();
    let mut articles = articles.to_vec();
    for article in &mut articles {
        let adopted = match format {
            FeedFormat::Rss => &mut article.adopted.rss,
            FeedFormat::Atom => &mut article.adopted.atom,
            FeedFormat::Json => &mut article.adopted.json,
            // It names articles by their addresses.
            FeedFormat::JsonLd => continue,
        };
        if adopted.as_deref() != Some(article.id.as_str()) {
            *adopted = adopted.take().filter(|id| taken.insert(id.clone()));
        }
    }
    articles
}
