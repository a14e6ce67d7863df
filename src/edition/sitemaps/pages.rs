//! Pages of the site that are no articles: those that the operator names, and those that
//! list the articles of a tag, an author, a section or a language.

use std::collections::{BTreeMap, HashSet};

use crate::{
    article::{AbsoluteUrl, Axis, Listed, Moment, Timestamp},
    config::{ListingTemplate, PageConfig, PageDate},
    edition::{maker::Maker, outline::Sum},
    render::{SitemapUrl, sitemap},
    store::{Contents, Part, Shelf, StoreError},
};

/// The pages, before it is known which of their addresses are articles' after all.
#[derive(Default)]
pub(super) struct Survey {
    pub(super) pages: Vec<SitemapUrl>,
    known: HashSet<AbsoluteUrl>,
}

impl Survey {
    fn add(&mut self, page: SitemapUrl) {
        if self.known.insert(page.url.clone()) {
            self.pages.push(page);
        }
    }
}

/// Gathers every page with its date.
pub(super) fn survey(maker: &mut Maker<'_>) -> Result<Survey, StoreError> {
    let mut survey = Survey::default();
    let config = &maker.config.sitemap;
    let front = if config.pages.iter().any(|p| p.date == PageDate::Articles) {
        let contents = everything(maker)?;
        since(maker, EVERYTHING, contents)?
    } else {
        None
    };
    for page in &config.pages {
        let modified = date(maker, page, front);
        survey.add(SitemapUrl {
            url: page.url.clone(),
            modified,
            listed: Listed {
                images: if config.images {
                    page.listed.images.clone()
                } else {
                    Vec::new()
                },
                ..page.listed.clone()
            },
            news: None,
        });
    }
    for (axis, template) in &config.listings {
        for (name, page) in listing_pages(maker, *axis, template)? {
            maker.outline.pages.insert(name, page.clone());
            survey.add(page);
        }
    }
    Ok(survey)
}

/// The pages that list the articles of one value of `axis` each, by name.
fn listing_pages(
    maker: &mut Maker<'_>,
    axis: Axis,
    template: &ListingTemplate,
) -> Result<BTreeMap<String, SitemapUrl>, StoreError> {
    let name = |slug: &str| format!("{}/{slug}", axis.folder());
    let mut pages = BTreeMap::new();
    let shelves = if maker.touched.everything {
        maker.catalogue().shelved(axis, maker.now)?
    } else {
        let first = name("");
        let known = maker.before.outline.pages.range(first.clone()..);
        let known = known.take_while(|(name, _)| name.starts_with(&first));
        pages.extend(known.map(|(name, page)| (name.clone(), page.clone())));
        let mut shelves = Vec::new();
        for (other, slug) in &maker.touched.labels {
            if *other == axis {
                pages.remove(&name(slug));
                shelves.extend(maker.catalogue().shelf_of(axis, slug, maker.now)?);
            }
        }
        shelves
    };
    for (label, contents) in shelves {
        let url = template.expand(&maker.config.site.url, &label.slug, &label.value);
        let Some(url) = url else {
            maker.remark([format!(
                "the page of the {} {:?} has no address and is not in the sitemap",
                axis.name(),
                label.value
            )]);
            continue;
        };
        let name = name(&label.slug);
        let updated = since(maker, &name, contents)?;
        pages.insert(name, SitemapUrl::plain(url, updated.map(Moment::at)));
    }
    Ok(pages)
}

/// Declared, or that of the articles, or none; never one that lies ahead.
fn date(maker: &mut Maker<'_>, page: &PageConfig, front: Option<Timestamp>) -> Option<Moment> {
    match page.date {
        PageDate::Unknown => None,
        PageDate::Articles => front.map(Moment::at),
        PageDate::Declared(moment) if moment.instant() > maker.now => {
            maker.remark([format!(
                "the date {} of the page {} lies in the future and is left out",
                moment.w3c(),
                page.url
            )]);
            None
        }
        PageDate::Declared(moment) => Some(moment),
    }
}

/// The name under which the store keeps what such a page shows.
const EVERYTHING: &str = "everything";

/// What a page shows that lists every article: part by part of each month, so that only those
/// are looked at in which something has changed. How a month is divided does not count.
fn everything(maker: &mut Maker<'_>) -> Result<Contents, StoreError> {
    let mut hasher = blake3::Hasher::new();
    let mut newest = None;
    for month in maker.catalogue().months(maker.now)? {
        let known = maker.before.outline.months.get(&month);
        let sums = match known.filter(|_| !maker.touched.is_in(&month, Part::WHOLE)) {
            Some(known) => known.clone(),
            None => sums_of(maker, &month, known)?,
        };
        let mut sum = Sum::default();
        sums.iter().for_each(|part| sum.join(*part));
        hasher.update(month.as_bytes());
        hasher.update(&sum.bytes());
        newest = newest.max(sum.newest);
        maker.outline.months.insert(month, sums);
    }
    Ok(Contents {
        inputs: hasher.finalize().as_bytes()[..16].to_vec(),
        newest,
    })
}

/// The articles of each part of a month, where `known` is what they were.
fn sums_of(
    maker: &Maker<'_>,
    month: &str,
    known: Option<&Vec<Sum>>,
) -> Result<Vec<Sum>, StoreError> {
    let parts = Part::fewest(&maker.catalogue().slices(month)?, sitemap::MAX_URLS);
    let known = known.filter(|known| known.len() == usize::from(parts));
    let mut sums = Vec::with_capacity(parts.into());
    for part in Part::each(parts) {
        let known = known.and_then(|known| known.get(sums.len()));
        sums.push(match known.filter(|_| !maker.touched.is_in(month, part)) {
            Some(known) => *known,
            None => sum_of(maker, month, part)?,
        });
    }
    Ok(sums)
}

/// Which of them comes first does not count, so that they need not be put in order.
fn sum_of(maker: &Maker<'_>, month: &str, part: Part) -> Result<Sum, StoreError> {
    let mut sum = Sum::default();
    maker
        .catalogue()
        .listings_of(month, part, maker.now, &mut |listing| sum.add(&listing))?;
    Ok(sum)
}

/// When what the page called `name` lists last changed, came or went.
fn since(
    maker: &mut Maker<'_>,
    name: &str,
    contents: Contents,
) -> Result<Option<Timestamp>, StoreError> {
    let Contents { inputs, newest } = contents;
    let before = maker.catalogue().shelf(name)?;
    let before = before
        .as_ref()
        .map(|shelf| (shelf.inputs.as_slice(), shelf.updated));
    let updated = maker.updated(before, &inputs, newest);
    maker
        .transaction
        .put_shelf(name, &Shelf { inputs, updated })?;
    // After the clock went back it can lie ahead; then none is better.
    Ok(updated.filter(|updated| *updated <= maker.now))
}
