//! Which feeds there are, and which of them are made with the edition.

use super::{
    feed::{self, Feed},
    maker::{Maker, Plan, Reused},
};
use crate::{
    article::{Axis, Timestamp},
    config::{FeedConfig, FeedScope},
    render::FeedListing,
    store::{Glimpse, StoreError},
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
                let feed = Feed::named(feed, &config.site, name);
                make_with_archive(maker, feed, true, &mut archived)?;
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
    let labels = maker.catalogue().labels(axis, maker.now)?;
    let ahead = labels.len() <= AHEAD;
    for label in labels {
        let feed = Feed::of_value(config, &maker.config.site, axis, &label.slug, label.value);
        // A value that nothing selected has needs no feed.
        if maker
            .catalogue()
            .glimpse(&feed.everything(), maker.now, 1)?
            .is_empty()
        {
            continue;
        }
        make_with_archive(maker, feed, ahead, archived)?;
    }
    Ok(())
}

/// A feed and the finished pages of its archive, if it has one.
fn make_with_archive(
    maker: &mut Maker<'_>,
    feed: Feed<'_>,
    ahead: bool,
    archived: &mut Vec<String>,
) -> Result<(), StoreError> {
    if !feed.config.archive {
        return make_feed(maker, &feed, ahead);
    }
    let (size, now) = (feed.config.limit, maker.now);
    let pages = maker
        .transaction
        .archive(&feed.folder, &feed.everything(), now, size)?;
    let feed = feed.with_pages(pages);
    make_feed(maker, &feed, ahead)?;
    for page in 1..=pages {
        make_page(maker, &feed.page(page))?;
    }
    archived.push(feed.folder);
    Ok(())
}

fn make_feed(maker: &mut Maker<'_>, feed: &Feed<'_>, ahead: bool) -> Result<(), StoreError> {
    let Some(addresses) = feed.addresses() else {
        return Ok(());
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
    maker.feeds.extend(listing);
    Ok(())
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
