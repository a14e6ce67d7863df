//! Which feeds there are, and what goes into each.

use std::collections::HashSet;

use super::{
    budget,
    maker::{Maker, Plan},
};
use crate::{
    article::{AbsoluteUrl, Article, Axis, InvalidUrl, Moment, Selection, Timestamp, XmlText},
    config::{FeedConfig, FeedScope},
    render::{self, Channel, FeedFormat, FeedListing},
    store::StoreError,
};

/// Makes every feed in every format.
pub(super) fn make(maker: &mut Maker<'_>) -> Result<(), StoreError> {
    let config = maker.config;
    for feed in &config.feeds {
        match &feed.scope {
            FeedScope::Named(name) if name == "all" => {
                make_feed(maker, feed, "", None, &feed.selection)?;
            }
            FeedScope::Named(name) => {
                make_feed(
                    maker,
                    feed,
                    &format!("feeds/{name}/"),
                    None,
                    &feed.selection,
                )?;
            }
            FeedScope::Each(axis) => make_each(maker, feed, *axis)?,
        }
    }
    Ok(())
}

/// One feed for every value that an article has on `axis`.
fn make_each(maker: &mut Maker<'_>, feed: &FeedConfig, axis: Axis) -> Result<(), StoreError> {
    for label in maker.transaction.labels(axis, maker.now)? {
        let folder = format!("{}/{}/", axis.folder(), label.slug);
        let selection = feed.selection.clone().with(axis, label.slug);
        // A value that nothing selected has needs no feed.
        if maker.transaction.selected(&selection, maker.now)? == 0 {
            continue;
        }
        make_feed(maker, feed, &folder, Some(&label.value), &selection)?;
    }
    Ok(())
}

/// `folder` is where the feed lives below the site; `value` tells it from its siblings.
fn make_feed(
    maker: &mut Maker<'_>,
    feed: &FeedConfig,
    folder: &str,
    value: Option<&str>,
    selection: &Selection,
) -> Result<(), StoreError> {
    let mut articles = maker
        .transaction
        .select(selection, maker.now, 0, feed.limit)?;
    for article in &mut articles {
        article.dates = article.dates.clone().as_of(maker.now);
    }
    let Ok(addresses) = Addresses::of(&maker.config.site.url, folder, &feed.formats) else {
        // A slug is letters, digits and hyphens: it always makes a URL.
        return Ok(());
    };
    let inputs = hash(&articles);
    let newest = articles
        .iter()
        .filter_map(|article| article.dates.modified)
        .max();
    let mut listing = None;
    for (format, url) in &addresses.formats {
        let path = url.path().to_owned();
        let before = maker.predecessor(&path)?;
        let newest = newest.map(Moment::instant);
        let updated = maker.updated(before.known(), &inputs, newest);
        // As with the dates of articles: what lies ahead of the clock is kept back. Atom
        // must have a date (RFC 4287 section 4.1.1), and has the newest one that is true.
        let demanded = newest.filter(|_| *format == FeedFormat::Atom);
        let shown = updated.filter(|updated| *updated <= maker.now).or(demanded);
        let channel = channel(maker, feed, &addresses, value, *format, shown);
        let articles = with_unique_ids(&articles, *format);
        let render = |articles: &[Article]| match format {
            FeedFormat::Rss => render::rss::render(&channel, articles),
            FeedFormat::Atom => render::atom::render(&channel, articles),
            FeedFormat::Json => render::json_feed::render(&channel, articles),
            FeedFormat::JsonLd => render::json_ld::render(&channel, articles),
        };
        let rendered = match feed.max_bytes {
            Some(most) => budget::render_within(most, &articles, render),
            None => render(&articles),
        };
        let plan = Plan {
            path,
            kind: format.kind(),
            inputs: inputs.clone(),
            updated,
        };
        listing = Some(FeedListing {
            title: channel.title,
            description: channel.description,
            language: channel.language,
            formats: addresses.formats.clone(),
        });
        maker.add(plan, before, rendered)?;
    }
    maker.feeds.extend(listing);
    Ok(())
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

/// Where a feed is: its folder and each of its formats.
struct Addresses {
    folder: AbsoluteUrl,
    formats: Vec<(FeedFormat, AbsoluteUrl)>,
}

impl Addresses {
    fn of(site: &AbsoluteUrl, folder: &str, formats: &[FeedFormat]) -> Result<Self, InvalidUrl> {
        let folder = if folder.is_empty() {
            site.clone()
        } else {
            site.join(folder)?
        };
        let formats = formats
            .iter()
            .map(|format| Ok((*format, folder.join(format.file_name())?)))
            .collect::<Result<_, InvalidUrl>>()?;
        Ok(Self { folder, formats })
    }
}

fn channel(
    maker: &Maker<'_>,
    feed: &FeedConfig,
    addresses: &Addresses,
    value: Option<&str>,
    format: FeedFormat,
    updated: Option<Timestamp>,
) -> Channel {
    let site = &maker.config.site;
    let title = feed.title.as_ref().unwrap_or(&site.title);
    let mut sisters = Vec::new();
    let mut self_url = addresses.folder.clone();
    for (other, url) in &addresses.formats {
        if *other == format {
            self_url = url.clone();
        } else if other.kind().is_feed() {
            sisters.push((other.kind(), url.clone()));
        }
    }
    Channel {
        id: addresses.folder.as_str().to_owned(),
        title: value.map_or_else(
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
        self_url,
        sisters,
        author: site.author.clone(),
        updated,
        content: feed.content,
        image: feed.image.clone(),
        tag_scheme: site.tag_scheme.clone(),
        section_scheme: site.section_scheme.clone(),
        podcast: feed.podcast.clone(),
    }
}

/// What tells whether a feed's articles are still those of the last edition. `modified`
/// moves whenever a reader would notice a change, so nothing more goes in: a new format of
/// the bytes moves the document, but not the feed's own `updated`.
fn hash(articles: &[Article]) -> Vec<u8> {
    let mut hasher = blake3::Hasher::new();
    for article in articles {
        hasher.update(&(article.id.as_str().len() as u64).to_le_bytes());
        hasher.update(article.id.as_str().as_bytes());
        let modified = article
            .dates
            .modified
            .map_or(-1, |moment| moment.instant().unix());
        hasher.update(&modified.to_le_bytes());
    }
    hasher.finalize().as_bytes()[..16].to_vec()
}
