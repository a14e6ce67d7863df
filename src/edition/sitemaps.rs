//! The sitemap, the files it lists where one is not enough, and robots.txt that names it.

use super::maker::{Maker, Plan};
use crate::{
    article::{AbsoluteUrl, Moment, Timestamp},
    render::{self, DocumentKind, SitemapFile, SitemapUrl, sitemap},
    store::{Listing, StoreError},
};

/// Makes `/sitemap.xml`, the files it lists if it is an index, and `/robots.txt`.
pub(super) fn make(maker: &mut Maker<'_>) -> Result<(), StoreError> {
    let site = &maker.config.site.url;
    // The names are plain letters: they always make a URL below the site.
    let (Ok(sitemap), Ok(robots)) = (site.join("sitemap.xml"), site.join("/robots.txt")) else {
        return Ok(());
    };
    let mut files = collect(maker)?;
    if files.len() > 1 {
        let entries = make_files(maker, files)?;
        make_index(maker, &sitemap, &entries)?;
    } else {
        let only = files.pop().unwrap_or_default();
        make_urlset(maker, &sitemap, &only.entries)?;
    }
    let plan = Plan {
        path: robots.path().to_owned(),
        kind: DocumentKind::Robots,
        inputs: Vec::new(),
        updated: None,
    };
    let before = maker.predecessor(&plan.path)?;
    maker.add(plan, before, Ok(render::robots::render(&sitemap)))?;
    Ok(())
}

/// The entries of one file.
#[derive(Default)]
struct File {
    /// The month they were published in, or `undated`; empty while one file holds all.
    month: String,
    entries: Vec<SitemapUrl>,
    bytes: usize,
}

impl File {
    /// What a file takes beside its entries.
    const FRAME_BYTES: usize = 1_024;
    /// What an entry takes beside its address: tags and a date-time.
    const ENTRY_BYTES: usize = 96;

    fn has_room_for(&self, url: &AbsoluteUrl) -> bool {
        self.entries.len() < sitemap::MAX_URLS
            && self.bytes + Self::size(url) + Self::FRAME_BYTES <= sitemap::MAX_BYTES
    }

    /// What an entry for `url` takes at most, `&` and `'` being escaped.
    fn size(url: &AbsoluteUrl) -> usize {
        let escaped = url
            .as_str()
            .bytes()
            .filter(|byte| matches!(byte, b'&' | b'\''))
            .count();
        url.as_str().len() + escaped * ("&apos;".len() - 1) + Self::ENTRY_BYTES
    }

    fn push(&mut self, listing: Listing) {
        self.bytes += Self::size(&listing.url);
        self.entries.push(SitemapUrl {
            url: listing.url,
            modified: listing.modified,
        });
    }
}

/// One file if everything fits into it, else files by month of publication, so that a
/// change touches one of them and not all.
fn collect(maker: &Maker<'_>) -> Result<Vec<File>, StoreError> {
    let (mut count, mut bytes) = (0, File::FRAME_BYTES);
    each_listing(maker, |listing| {
        count += 1;
        bytes += File::size(&listing.url);
    })?;
    let fits = count <= sitemap::MAX_URLS && bytes <= sitemap::MAX_BYTES;
    let mut files: Vec<File> = Vec::new();
    each_listing(maker, |listing| {
        let month = if fits {
            String::new()
        } else {
            month(listing.published)
        };
        // They come in order of publication, so the last file is the only one to look at.
        match files.last_mut() {
            Some(last) if last.month == month && last.has_room_for(&listing.url) => {
                last.push(listing);
            }
            _ => {
                let mut file = File {
                    month,
                    ..File::default()
                };
                file.push(listing);
                files.push(file);
            }
        }
    })?;
    Ok(files)
}

/// Hands out what may stand in a sitemap: what lies below it (sitemaps.org, "Sitemap file
/// location").
fn each_listing(maker: &Maker<'_>, mut each: impl FnMut(Listing)) -> Result<(), StoreError> {
    let site = &maker.config.site.url;
    let now = maker.now;
    maker.transaction.listings(now, &mut |mut listing| {
        if listing.url.is_below(site) {
            // Seen under a clock that ran ahead: it is kept back until its instant.
            listing.modified = listing.modified.filter(|at| at.instant() <= now);
            each(listing);
        }
    })
}

fn month(published: Option<Moment>) -> String {
    published.map_or_else(
        || "undated".to_owned(),
        |moment| {
            let day = moment
                .day()
                .unwrap_or_else(|| moment.instant().to_chrono().date_naive());
            day.format("%Y-%m").to_string()
        },
    )
}

/// Makes the files of an index. The second file of a month has `-2` in its name, and so on.
fn make_files(maker: &mut Maker<'_>, files: Vec<File>) -> Result<Vec<SitemapFile>, StoreError> {
    let mut entries = Vec::with_capacity(files.len());
    let (mut month, mut part) = (String::new(), 0);
    for file in files {
        part = if file.month == month { part + 1 } else { 1 };
        month.clone_from(&file.month);
        let name = match part {
            1 => format!("sitemap-{month}.xml"),
            part => format!("sitemap-{month}-{part}.xml"),
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
    let newest = entries
        .iter()
        .filter_map(|entry| entry.modified)
        .max()
        .map(Moment::instant);
    let inputs = hash(entries.iter().map(|entry| {
        let modified = entry.modified.map(Moment::instant);
        (&entry.url, modified)
    }));
    let rendered = sitemap::render_urlset(entries.iter());
    add(maker, url, DocumentKind::Sitemap, inputs, newest, rendered)
}

fn make_index(
    maker: &mut Maker<'_>,
    url: &AbsoluteUrl,
    entries: &[SitemapFile],
) -> Result<(), StoreError> {
    let newest = entries.iter().filter_map(|entry| entry.changed).max();
    let inputs = hash(entries.iter().map(|entry| (&entry.url, entry.changed)));
    let rendered = sitemap::render_index(entries.iter());
    add(
        maker,
        url,
        DocumentKind::SitemapIndex,
        inputs,
        newest,
        rendered,
    )?;
    Ok(())
}

/// What tells a change of articles from one of the configuration.
fn hash<'a>(entries: impl Iterator<Item = (&'a AbsoluteUrl, Option<Timestamp>)>) -> Vec<u8> {
    let mut hasher = blake3::Hasher::new();
    for (url, changed) in entries {
        hasher.update(url.as_str().as_bytes());
        hasher.update(&changed.map_or(-1, Timestamp::unix).to_le_bytes());
    }
    hasher.finalize().as_bytes()[..16].to_vec()
}

fn add(
    maker: &mut Maker<'_>,
    url: &AbsoluteUrl,
    kind: DocumentKind,
    inputs: Vec<u8>,
    newest: Option<Timestamp>,
    rendered: Result<Vec<u8>, render::RenderError>,
) -> Result<Option<Timestamp>, StoreError> {
    let plan = Plan {
        path: url.path().to_owned(),
        kind,
        inputs,
        updated: newest,
    };
    let before = maker.predecessor(&plan.path)?;
    maker.add(plan, before, rendered)
}
