//! Which feeds there are, and which of them are made with the edition.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    feed::{self, Feed},
    maker::{Maker, Plan, Reused},
};
use crate::{
    article::{Axis, Timestamp},
    config::{FeedConfig, FeedScope},
    render::FeedListing,
    store::{Glimpse, Label, StoreError},
};

/// Of so many values each has its feeds made with the edition; of more, each is made when it
/// is first asked for. Readers ask for a few of them again and again, and for most never.
const AHEAD: usize = 100;

/// Makes every feed in every format.
pub(super) fn make(maker: &mut Maker<'_>) -> Result<(), StoreError> {
    let (config, mut archived) = (maker.config, Vec::new());
    for feed in &config.feeds {
        match &feed.scope {
            FeedScope::Named(name) => {
                let feed = Feed::named(feed, config, name);
                let listing = make_with_archive(maker, feed, true, &mut archived)?;
                maker.feeds.extend(listing);
            }
            FeedScope::Each(axis) => make_each(maker, feed, *axis, &mut archived)?,
        }
    }
    maker.transaction.keep_archives(&archived)
}

/// One feed for every value that an article has on `axis`.
fn make_each(
    maker: &mut Maker<'_>,
    config: &FeedConfig,
    axis: Axis,
    archived: &mut Vec<String>,
) -> Result<(), StoreError> {
    let mut feeds = maker.known(axis);
    let before = feeds.len();
    let changed = if maker.touched.everything {
        feeds.clear();
        maker.catalogue().labels(axis, maker.now)?
    } else {
        touched(maker, axis, &mut feeds)?
    };
    let mut changed = with_articles(maker, config, axis, changed)?;
    let ahead = feeds.len() + changed.len() <= AHEAD;
    // There are so many or so few now that all of them are made otherwise.
    if !maker.touched.everything && ahead != (before <= AHEAD) {
        feeds.clear();
        let labels = maker.catalogue().labels(axis, maker.now)?;
        changed = with_articles(maker, config, axis, labels)?;
    }
    let site = maker.config.site.url.path().len();
    maker.carry(&format!("{}/", axis.folder()), |path| {
        let folder = value_folder(path.get(site..).unwrap_or_default());
        folder.is_some_and(|folder| feeds.contains_key(folder))
    });
    if config.archive {
        archived.extend(feeds.keys().cloned());
    }
    for label in changed {
        let feed = Feed::of_value(config, maker.config, axis, &label.slug, label.value);
        let folder = feed.folder.clone();
        let listing = make_with_archive(maker, feed, ahead, archived)?;
        feeds.extend(listing.map(|listing| (folder, listing)));
    }
    maker.feeds.extend(feeds.values().cloned());
    maker.outline.feeds.extend(feeds);
    Ok(())
}

/// `tags/rust/` of `tags/rust/archive/1/rss.xml`.
fn value_folder(path: &str) -> Option<&str> {
    let (second, _) = path.match_indices('/').nth(1)?;
    path.get(..=second)
}

/// The values of `axis` that are to be looked at, which leave `feeds`: those of the edition
/// before.
fn touched(
    maker: &Maker<'_>,
    axis: Axis,
    feeds: &mut BTreeMap<String, FeedListing>,
) -> Result<Vec<Label>, StoreError> {
    let values = maker
        .touched
        .labels
        .iter()
        .filter(|(other, _)| *other == axis);
    // An article may be on a page of a feed that it has left since.
    let pages = maker.touched.pages.iter().filter_map(|(folder, _)| {
        let slug = folder.strip_prefix(axis.folder())?.trim_matches('/');
        Some(slug.to_owned())
    });
    let slugs: BTreeSet<String> = values.map(|(_, slug)| slug.clone()).chain(pages).collect();
    let mut labels = Vec::new();
    for slug in slugs {
        feeds.remove(&format!("{}/{slug}/", axis.folder()));
        labels.extend(maker.catalogue().label(axis, &slug, maker.now)?);
    }
    Ok(labels)
}

/// Those of `labels` that have a feed: a value that nothing selected has needs none.
fn with_articles(
    maker: &Maker<'_>,
    config: &FeedConfig,
    axis: Axis,
    labels: Vec<Label>,
) -> Result<Vec<Label>, StoreError> {
    let mut kept = Vec::with_capacity(labels.len());
    for label in labels {
        let value = label.value.clone();
        let feed = Feed::of_value(config, maker.config, axis, &label.slug, value);
        let first = maker
            .catalogue()
            .glimpse(&feed.everything(), maker.now, 1)?;
        if !first.is_empty() {
            kept.push(label);
        }
    }
    Ok(kept)
}

/// A feed and the finished pages of its archive, if it has one.
fn make_with_archive(
    maker: &mut Maker<'_>,
    feed: Feed<'_>,
    ahead: bool,
    archived: &mut Vec<String>,
) -> Result<Option<FeedListing>, StoreError> {
    if !feed.config.archive {
        return make_feed(maker, &feed, ahead);
    }
    let (size, now) = (feed.config.limit, maker.now);
    let before = maker.catalogue().pages(&feed.folder)?;
    let pages = maker
        .transaction
        .archive(&feed.folder, &feed.everything(), now, size)?;
    let feed = feed.with_pages(pages);
    let listing = make_feed(maker, &feed, ahead)?;
    let is_touched = |page: &u64| {
        let touched = &maker.touched;
        touched.everything
            || *page > before
            || touched.pages.contains(&(feed.folder.clone(), *page))
    };
    let touched: BTreeSet<u64> = (1..=pages).filter(is_touched).collect();
    let folder = format!("{}{}", feed.folder, feed::PAGES);
    maker.carry(&folder, |path| {
        feed::page_number(path).is_some_and(|page| !touched.contains(&page))
    });
    for page in touched {
        make_page(maker, &feed.page(page))?;
    }
    archived.push(feed.folder);
    Ok(listing)
}

/// Makes or promises a feed in each of its formats, and says what it is to those that list it.
fn make_feed(
    maker: &mut Maker<'_>,
    feed: &Feed<'_>,
    ahead: bool,
) -> Result<Option<FeedListing>, StoreError> {
    let Some(addresses) = feed.addresses() else {
        return Ok(None);
    };
    let glimpses = feed.glimpse(maker.catalogue(), maker.now)?;
    let (inputs, newest) = shape(&glimpses, maker.now);
    let mut articles = None;
    let mut listing = None;
    for (format, url) in &addresses {
        let path = url.path().to_owned();
        let before = maker.predecessor(&path)?;
        let updated = maker.updated(before.known(), &inputs, newest);
        let shown = feed::shown(updated, newest, *format, maker.now);
        let channel = feed.channel(*format, url, &addresses, shown);
        listing = Some(FeedListing {
            title: channel.title.clone(),
            description: channel.description.clone(),
            language: channel.language.clone(),
            formats: addresses.clone(),
        });
        let plan = Plan {
            path,
            kind: format.kind(),
            inputs: inputs.clone(),
            updated,
            recipe: Some(feed.recipe(&channel, &glimpses, maker.now)),
        };
        if !ahead {
            maker.defer(plan, before)?;
            continue;
        }
        let Reused::Wanted(plan) = maker.reuse(plan, &before)? else {
            continue;
        };
        if articles.is_none() {
            articles = Some(feed.articles(maker.catalogue(), maker.now)?);
        }
        let rendered = feed.render(*format, &channel, articles.as_deref().unwrap_or_default());
        maker.add(plan, before, rendered)?;
    }
    Ok(listing)
}

/// A finished page of an archive. It is never in a list of feeds: it is found from its feed.
fn make_page(maker: &mut Maker<'_>, page: &Feed<'_>) -> Result<(), StoreError> {
    let Some(addresses) = page.addresses() else {
        return Ok(());
    };
    let glimpses = page.glimpse(maker.catalogue(), maker.now)?;
    let (inputs, newest) = shape(&glimpses, maker.now);
    for (format, url) in &addresses {
        let path = url.path().to_owned();
        let before = maker.predecessor(&path)?;
        let updated = maker.updated(before.known(), &inputs, newest);
        // Whatever happens later, a page says of itself what it said when it was finished.
        let channel = page.channel(*format, url, &addresses, newest);
        let plan = Plan {
            path,
            kind: format.kind(),
            inputs: inputs.clone(),
            updated,
            recipe: Some(page.recipe(&channel, &glimpses, maker.now)),
        };
        maker.defer(plan, before)?;
    }
    Ok(())
}

/// A hash of articles and of their dates, and the newest of these.
fn shape(articles: &[Glimpse], now: Timestamp) -> (Vec<u8>, Option<Timestamp>) {
    (feed::inputs(articles, now), feed::newest(articles, now))
}
