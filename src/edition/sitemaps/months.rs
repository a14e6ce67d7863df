//! Divides entries among files: one for the pages and one for each month of publication, so
//! that a change touches one of them and not all.
//!
//! A month that is too full for one file is divided once more, by a hash of the address: into
//! two, four, eight … parts, so that an article that comes or goes in the past touches one of
//! them. When a month grows out of its parts each gives half of its entries to a new one;
//! the addresses of the parts stay.

use super::{FRAME_BYTES, Sets, Survey, each_listing, entry, make_urlset, size};
use crate::{
    article::{AbsoluteUrl, Moment},
    edition::maker::Maker,
    render::{DocumentKind, SitemapFile, SitemapUrl, sitemap},
    store::StoreError,
};

/// Makes the files of an index, and says when each changed.
pub(super) fn make(
    maker: &mut Maker<'_>,
    survey: Survey,
    sets: &Sets,
) -> Result<Vec<SitemapFile>, StoreError> {
    let mut files = Vec::new();
    let pages: Vec<SitemapUrl> = survey
        .pages
        .into_iter()
        .map(|page| sets.apply(page))
        .collect();
    make_parts(maker, "pages", pages, &mut files)?;
    let look_at_all = maker.touched.everything || sets.depend_on_others();
    for month in maker.catalogue().months(maker.now)? {
        if !look_at_all
            && !maker.touched.months.contains(&month)
            && carry(maker, &month, &mut files)
        {
            continue;
        }
        let mut listings = Vec::new();
        each_listing(maker, Some(&month), |listing| {
            let published = listing.published.map(Moment::instant);
            listings.push((published, sets.apply(entry(listing))));
        })?;
        // Here and not in the store, whose index would hold every id once more for that.
        listings.sort_unstable_by(|(a, first), (b, second)| {
            a.cmp(b).then_with(|| first.url.cmp(&second.url))
        });
        let entries = listings.into_iter().map(|(_, entry)| entry).collect();
        make_parts(maker, &month, entries, &mut files)?;
    }
    Ok(files)
}

/// Takes over the files of a month in which nothing has changed, and says whether there were
/// any.
fn carry(maker: &mut Maker<'_>, month: &str, files: &mut Vec<SitemapFile>) -> bool {
    let name = format!("sitemap-{month}");
    let (site, now) = (maker.config.site.url.clone(), maker.now);
    let first = files.len();
    let carried = maker.carry(&name, |path| is_part(path, &name));
    for document in carried {
        if document.kind == DocumentKind::Sitemap
            && let Ok(url) = site.join(&document.path)
        {
            let changed = document.changed.filter(|changed| *changed <= now);
            files.push(SitemapFile { url, changed });
        }
    }
    // In order of path `-10` comes before `-2`.
    if let Some(parts) = files.get_mut(first..) {
        parts.sort_by_key(|file| (file.url.path().len(), file.url.path().to_owned()));
    }
    files.len() > first
}

/// Whether `path` is that of the file `name`, of one of its parts or of a twin of these.
fn is_part(path: &str, name: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or(path);
    let rest = file.strip_prefix(name).unwrap_or_default();
    let rest = rest.strip_prefix('-').map_or(rest, |number| {
        number.trim_start_matches(|c: char| c.is_ascii_digit())
    });
    [".xml", ".xml.gz", ".txt"].contains(&rest)
}

/// Makes the one file of these entries, or its parts. The second has `-2` in its name, and so
/// on.
fn make_parts(
    maker: &mut Maker<'_>,
    name: &str,
    entries: Vec<SitemapUrl>,
    files: &mut Vec<SitemapFile>,
) -> Result<(), StoreError> {
    for (number, part) in divide(entries).into_iter().enumerate() {
        let name = match number {
            0 => format!("sitemap-{name}.xml"),
            number => format!("sitemap-{name}-{}.xml", number + 1),
        };
        let Ok(url) = maker.config.site.url.join(&name) else {
            continue;
        };
        if part.is_empty() {
            continue;
        }
        let changed = make_urlset(maker, &url, &part)?;
        // After the clock went back a change time can lie ahead of it; then none is better.
        let changed = changed.filter(|changed| *changed <= maker.now);
        files.push(SitemapFile { url, changed });
    }
    Ok(())
}

/// The parts of which each fits into a file: as few as there can be.
fn divide(entries: Vec<SitemapUrl>) -> Vec<Vec<SitemapUrl>> {
    let mut parts = vec![entries];
    while !parts.iter().all(|part| fits(part)) && parts.len() < MAX_PARTS {
        let twice = parts.len() * 2;
        let mut halves: Vec<Vec<SitemapUrl>> = Vec::new();
        halves.resize_with(twice, Vec::new);
        for entry in parts.into_iter().flatten() {
            // The number of a part is below how many there are.
            if let Some(half) = halves.get_mut(part(&entry.url, twice)) {
                half.push(entry);
            }
        }
        parts = halves;
    }
    parts
}

/// More parts would not help: then there is an entry that alone is too long, and the file
/// that has it fails its check.
const MAX_PARTS: usize = 65_536;

fn fits(entries: &[SitemapUrl]) -> bool {
    entries.len() <= sitemap::MAX_URLS
        && FRAME_BYTES + entries.iter().map(size).sum::<usize>() <= sitemap::MAX_BYTES
}

/// In which of `parts`, a power of two, an address is.
fn part(url: &AbsoluteUrl, parts: usize) -> usize {
    let hash = blake3::hash(url.as_str().as_bytes());
    let [a, b, c, d, ..] = *hash.as_bytes();
    u32::from_le_bytes([a, b, c, d]) as usize & (parts - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(count: usize) -> Vec<SitemapUrl> {
        (0..count)
            .map(|number| {
                let url = format!("https://a.example/{number}/");
                SitemapUrl::plain(AbsoluteUrl::parse(&url).unwrap(), None)
            })
            .collect()
    }

    #[test]
    fn a_month_that_fits_is_one_file() {
        assert_eq!(divide(entries(50_000)).len(), 1);
    }

    #[test]
    fn a_full_month_is_divided_and_one_more_entry_touches_one_part() {
        let before = divide(entries(60_000));
        let after = divide(entries(60_001));
        assert_eq!((before.len(), after.len()), (2, 2));
        let touched = before.iter().zip(&after).filter(|(a, b)| a != b).count();
        assert_eq!(touched, 1);
    }

    #[test]
    fn when_parts_become_more_each_keeps_half_of_what_it_had() {
        let (before, after) = (divide(entries(90_000)), divide(entries(120_000)));
        assert_eq!((before.len(), after.len()), (2, 4));
        for (number, part) in before.iter().enumerate() {
            let kept = part
                .iter()
                .filter(|entry| after[number].contains(entry))
                .take(100);
            assert_eq!(kept.count(), 100);
        }
        assert!(after.iter().all(|part| fits(part)));
    }
}
