//! The sitemaps: the one at the top, the files it lists where one is not enough, the one of
//! news, and their twins in other forms.

mod months;
mod news;
mod pages;
mod size;
mod translations;

use super::{
    maker::{Maker, Plan, Reused},
    recipe::Ingredients,
};
use crate::{
    article::{AbsoluteUrl, Moment, Timestamp},
    config::SitemapConfig,
    render::{self, DocumentKind, SitemapFile, SitemapUrl, sitemap},
    store::{Listing, Part, StoreError},
};
use pages::Survey;
use size::{FRAME_BYTES, size};
use translations::{Sets, Translations};

/// Makes `/sitemap.xml`, the files it lists if it is an index, and `/sitemap-news.xml`.
/// Returns the addresses that crawlers are to be told of.
pub(super) fn make(maker: &mut Maker<'_>) -> Result<Vec<AbsoluteUrl>, StoreError> {
    // The name is plain letters: it always makes a URL below the site.
    let Ok(sitemap) = maker.config.site.url.join("sitemap.xml") else {
        return Ok(Vec::new());
    };
    let mut survey = pages::survey(maker)?;
    let sets = survey_articles(maker, &mut survey)?;
    maker.remark(sets.remarks());
    let room = sitemap::MAX_URLS.checked_sub(survey.pages.len());
    let whole = match room {
        Some(room) if !maker.catalogue().lists_more_than(room, maker.now)? => {
            together(maker, &survey, &sets)?
        }
        _ => None,
    };
    match whole {
        Some(entries) => {
            make_urlset(maker, &sitemap, &entries)?;
        }
        None => {
            let files = months::make(maker, &survey.pages, &sets)?;
            make_index(maker, &sitemap, &files)?;
        }
    }
    let news = news::make(maker)?;
    Ok(std::iter::once(sitemap).chain(news).collect())
}

/// Looks at the articles of which something depends in pages: one that is an article after all
/// has the entry of that, whose date was judged; and translations must name each other.
fn survey_articles(maker: &Maker<'_>, survey: &mut Survey) -> Result<Sets, StoreError> {
    let (catalogue, now) = (maker.catalogue(), maker.now);
    let mut pages = Vec::with_capacity(survey.pages.len());
    for page in survey.pages.drain(..) {
        if !catalogue.is_listed(&page.url, now)? {
            pages.push(page);
        }
    }
    survey.pages = pages;
    let mut translations = Translations::new(&maker.config.site);
    for page in &survey.pages {
        translations.add(&page.url, &page.listed.alternates);
    }
    let site = &maker.config.site.url;
    catalogue.translated(now, &mut |listing| {
        if listing.url.is_below(site) {
            translations.add(&listing.url, &listing.listed.alternates);
        }
    })?;
    Ok(translations.judge())
}

/// Everything that is in the sitemaps, pages first, then articles, oldest first; `None` where
/// that is longer than one file may be.
fn together(
    maker: &Maker<'_>,
    survey: &Survey,
    sets: &Sets,
) -> Result<Option<Vec<SitemapUrl>>, StoreError> {
    let pages = survey.pages.iter().cloned();
    let mut entries: Vec<SitemapUrl> = pages.map(|page| sets.apply(page)).collect();
    let mut bytes = FRAME_BYTES + entries.iter().map(size).sum::<usize>();
    each_listing(maker, None, |listing| {
        let entry = sets.apply(entry(listing));
        bytes += size(&entry);
        if bytes <= sitemap::MAX_BYTES {
            entries.push(entry);
        }
    })?;
    Ok((bytes <= sitemap::MAX_BYTES).then_some(entries))
}

fn entry(listing: Listing) -> SitemapUrl {
    SitemapUrl {
        url: listing.url,
        modified: listing.modified,
        listed: listing.listed,
        news: None,
    }
}

/// Hands out what may stand in a sitemap, of a part of a month or of all: what lies below it
/// (sitemaps.org, "Sitemap file location").
fn each_listing(
    maker: &Maker<'_>,
    place: Option<(&str, Part)>,
    mut each: impl FnMut(Listing),
) -> Result<(), StoreError> {
    let site = &maker.config.site.url;
    let (images, now) = (maker.config.sitemap.images, maker.now);
    let mut judge = |mut listing: Listing| {
        if listing.url.is_below(site) {
            // Seen under a clock that ran ahead: it is kept back until its instant.
            listing.modified = listing.modified.filter(|at| at.instant() <= now);
            if !images {
                listing.listed.images.clear();
            }
            each(listing);
        }
    };
    match place {
        Some((month, part)) => maker.catalogue().listings_of(month, part, now, &mut judge),
        None => maker.catalogue().listings(now, &mut judge),
    }
}

fn make_urlset(
    maker: &mut Maker<'_>,
    url: &AbsoluteUrl,
    entries: &[SitemapUrl],
) -> Result<Option<Timestamp>, StoreError> {
    let inputs = Inputs::of(entries.iter().map(|entry| {
        let modified = entry.modified.map(Moment::instant);
        (&entry.url, modified)
    }));
    let recipe = Ingredients::new().entries(entries).finish();
    let plan = |url: &AbsoluteUrl, kind: DocumentKind| Plan {
        path: url.path().to_owned(),
        kind,
        inputs: inputs.hash.clone(),
        updated: inputs.newest,
        recipe: Some(recipe),
    };
    let changed = add(maker, plan(url, DocumentKind::Sitemap), || {
        sitemap::render_urlset(entries.iter())
    })?;
    if maker.config.sitemap.gzip {
        maker.add_gzip(url.path(), DocumentKind::SitemapGzip)?;
    }
    if maker.config.sitemap.text
        && let Some(twin) = sibling(url, ".txt")
    {
        add(maker, plan(&twin, DocumentKind::SitemapText), || {
            sitemap::render_text(entries.iter().map(|entry| &entry.url))
        })?;
    }
    Ok(changed)
}

fn make_index(
    maker: &mut Maker<'_>,
    url: &AbsoluteUrl,
    files: &[SitemapFile],
) -> Result<(), StoreError> {
    let inputs = Inputs::of(files.iter().map(|file| (&file.url, file.changed)));
    let plan = Plan {
        path: url.path().to_owned(),
        kind: DocumentKind::SitemapIndex,
        inputs: inputs.hash,
        updated: inputs.newest,
        recipe: None,
    };
    add(maker, plan, || sitemap::render_index(files.iter()))?;
    if maker.config.sitemap.gzip {
        maker.add_gzip(url.path(), DocumentKind::SitemapGzip)?;
    }
    Ok(())
}

/// What tells a change of articles from one of the configuration, and the newest of them.
struct Inputs {
    hash: Vec<u8>,
    newest: Option<Timestamp>,
}

impl Inputs {
    fn of<'a>(entries: impl Iterator<Item = (&'a AbsoluteUrl, Option<Timestamp>)>) -> Self {
        let (mut hasher, mut newest) = (blake3::Hasher::new(), None);
        for (url, changed) in entries {
            hasher.update(url.as_str().as_bytes());
            hasher.update(&changed.map_or(-1, Timestamp::unix).to_le_bytes());
            newest = newest.max(changed);
        }
        Self {
            hash: hasher.finalize().as_bytes()[..16].to_vec(),
            newest,
        }
    }
}

/// Adds a document that is rendered only if something has changed, and says when it did.
fn add(
    maker: &mut Maker<'_>,
    plan: Plan,
    render: impl FnOnce() -> Result<Vec<u8>, render::RenderError>,
) -> Result<Option<Timestamp>, StoreError> {
    let before = maker.predecessor(&plan.path)?;
    match maker.reuse(plan, &before)? {
        Reused::Taken(changed) => Ok(changed),
        Reused::Wanted(plan) => maker.add(plan, before, render()),
    }
}

/// Whether a part of the sitemap may be served as `file`, below the site, in the forms that
/// `config` asks for.
pub(super) fn is_part(file: &str, config: &SitemapConfig) -> bool {
    let Some(name) = file.strip_prefix("sitemap-") else {
        return false;
    };
    let forms = [
        (".xml", true),
        (".xml.gz", config.gzip),
        (".txt", config.text),
    ];
    let form = |(ending, wanted)| name.strip_suffix(ending).filter(|_| wanted);
    forms.into_iter().find_map(form).is_some_and(|name| {
        let mut parts = name.split('-');
        let number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        match parts.next() {
            Some("pages" | "undated") => parts.all(number),
            Some(year) => number(year) && parts.next().is_some_and(number) && parts.all(number),
            None => false,
        }
    })
}

/// The address beside `url` with `ending` in place of `.xml`.
fn sibling(url: &AbsoluteUrl, ending: &str) -> Option<AbsoluteUrl> {
    let name = url.path().strip_suffix(".xml")?;
    url.join(&format!("{name}{ending}")).ok()
}
