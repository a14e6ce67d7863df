//! The sitemaps: the one at the top, the files it lists where one is not enough, the one of
//! news, and their twins in other forms.

mod files;
mod news;
mod pages;
mod translations;

use super::maker::{Maker, Plan};
use crate::{
    article::{AbsoluteUrl, Moment, Timestamp},
    render::{self, DocumentKind, SitemapFile, SitemapUrl, sitemap},
    store::{Listing, StoreError},
};
use files::{File, Files};
use translations::Translations;

/// Makes `/sitemap.xml`, the files it lists if it is an index, and `/sitemap-news.xml`.
/// Returns the addresses that crawlers are to be told of.
pub(super) fn make(maker: &mut Maker<'_>) -> Result<Vec<AbsoluteUrl>, StoreError> {
    // The name is plain letters: it always makes a URL below the site.
    let Ok(sitemap) = maker.config.site.url.join("sitemap.xml") else {
        return Ok(Vec::new());
    };
    let mut files = collect(maker)?;
    if files.len() > 1 {
        let entries = make_files(maker, files)?;
        make_index(maker, &sitemap, &entries)?;
    } else {
        let only = files.pop().unwrap_or_default();
        make_urlset(maker, &sitemap, &only.entries)?;
    }
    let news = news::make(maker)?;
    Ok(std::iter::once(sitemap).chain(news).collect())
}

/// What stands in the sitemaps: pages first, then articles, oldest first.
fn collect(maker: &mut Maker<'_>) -> Result<Vec<File>, StoreError> {
    let mut survey = pages::survey(maker)?;
    let mut translations = Translations::new(&maker.config.site);
    for page in &survey.pages {
        translations.add(&page.url, &page.listed.alternates);
    }
    let (mut count, mut bytes) = (0, 0);
    each_listing(maker, |listing| {
        survey.forget(&listing.url);
        translations.add(&listing.url, &listing.listed.alternates);
        count += 1;
        bytes += files::size(&entry(listing));
    })?;
    let sets = translations.judge();
    maker.remark(sets.remarks());
    let mut files = Files::for_articles(count, bytes, &survey.pages);
    for page in survey.pages {
        files.push_page(sets.apply(page));
    }
    each_listing(maker, |listing| {
        let published = listing.published;
        files.push_article(sets.apply(entry(listing)), published);
    })?;
    Ok(files.finish())
}

fn entry(listing: Listing) -> SitemapUrl {
    SitemapUrl {
        url: listing.url,
        modified: listing.modified,
        listed: listing.listed,
        news: None,
    }
}

/// Hands out what may stand in a sitemap: what lies below it (sitemaps.org, "Sitemap file
/// location").
fn each_listing(maker: &Maker<'_>, mut each: impl FnMut(Listing)) -> Result<(), StoreError> {
    let site = &maker.config.site.url;
    let (images, now) = (maker.config.sitemap.images, maker.now);
    maker.catalogue().listings(now, &mut |mut listing| {
        if listing.url.is_below(site) {
            // Seen under a clock that ran ahead: it is kept back until its instant.
            listing.modified = listing.modified.filter(|at| at.instant() <= now);
            if !images {
                listing.listed.images.clear();
            }
            each(listing);
        }
    })
}

/// Makes the files of an index. The second file of a month has `-2` in its name, and so on.
fn make_files(maker: &mut Maker<'_>, files: Vec<File>) -> Result<Vec<SitemapFile>, StoreError> {
    let mut entries = Vec::with_capacity(files.len());
    let (mut last, mut part) = (String::new(), 0);
    for file in files {
        part = if file.name == last { part + 1 } else { 1 };
        last.clone_from(&file.name);
        let name = match part {
            1 => format!("sitemap-{last}.xml"),
            part => format!("sitemap-{last}-{part}.xml"),
        };
        let Ok(url) = maker.config.site.url.join(&name) else {
            continue;
        };
        let changed = make_urlset(maker, &url, &file.entries)?;
        // After the clock went back a change time can lie ahead of it; then none is better.
        let changed = changed.filter(|changed| *changed <= maker.now);
        entries.push(SitemapFile { url, changed });
    }
    Ok(entries)
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
    let rendered = sitemap::render_urlset(entries.iter());
    let changed = add(maker, url, DocumentKind::Sitemap, &inputs, rendered)?;
    if maker.config.sitemap.text
        && let Some(twin) = sibling(url, ".txt")
    {
        let rendered = sitemap::render_text(entries.iter().map(|entry| &entry.url));
        add(maker, &twin, DocumentKind::SitemapText, &inputs, rendered)?;
    }
    Ok(changed)
}

fn make_index(
    maker: &mut Maker<'_>,
    url: &AbsoluteUrl,
    entries: &[SitemapFile],
) -> Result<(), StoreError> {
    let inputs = Inputs::of(entries.iter().map(|entry| (&entry.url, entry.changed)));
    let rendered = sitemap::render_index(entries.iter());
    add(maker, url, DocumentKind::SitemapIndex, &inputs, rendered)?;
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

fn add(
    maker: &mut Maker<'_>,
    url: &AbsoluteUrl,
    kind: DocumentKind,
    inputs: &Inputs,
    rendered: Result<Vec<u8>, render::RenderError>,
) -> Result<Option<Timestamp>, StoreError> {
    let plan = Plan {
        path: url.path().to_owned(),
        kind,
        inputs: inputs.hash.clone(),
        updated: inputs.newest,
        recipe: None,
    };
    let before = maker.predecessor(&plan.path)?;
    let changed = maker.add(plan, before, rendered)?;
    if kind != DocumentKind::SitemapText && maker.config.sitemap.gzip {
        maker.add_gzip(url.path(), DocumentKind::SitemapGzip)?;
    }
    Ok(changed)
}

/// The address beside `url` with `ending` in place of `.xml`.
fn sibling(url: &AbsoluteUrl, ending: &str) -> Option<AbsoluteUrl> {
    let name = url.path().strip_suffix(".xml")?;
    url.join(&format!("{name}{ending}")).ok()
}
