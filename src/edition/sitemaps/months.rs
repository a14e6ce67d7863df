//! Divides entries among files: one for the pages and one for each month of publication, so
//! that a change touches one of them and not all.
//!
//! A month that is too full for one file is divided once more, by a hash of the address: into
//! two, four, eight … parts, so that an article that comes or goes in the past touches one of
//! them, and no more than one is in memory. When a month grows out of its parts each gives half
//! of its entries to a new one; the addresses of the parts stay.

use super::{FRAME_BYTES, Sets, each_listing, entry, make_urlset, size};
use crate::{
    article::{Moment, Timestamp},
    edition::maker::Maker,
    render::{DocumentKind, SitemapFile, SitemapUrl, sitemap},
    store::{Part, StoreError},
};

/// Makes the files of an index, and says when each changed.
pub(super) fn make(
    maker: &mut Maker<'_>,
    pages: &[SitemapUrl],
    sets: &Sets,
) -> Result<Vec<SitemapFile>, StoreError> {
    let mut files = Vec::new();
    let listed = Section {
        name: "pages",
        pages: Some(pages),
        sets,
    };
    listed.make(maker, 1, &mut files)?;
    let look_at_all = maker.touched.everything || sets.depend_on_others();
    for month in maker.catalogue().months(maker.now)? {
        let section = Section {
            name: &month,
            pages: None,
            sets,
        };
        let is_touched = look_at_all || maker.touched.is_in(&month, Part::WHOLE);
        if !is_touched && section.carry(maker, &mut files) {
            continue;
        }
        let fewest = Part::fewest(&maker.catalogue().slices(&month)?, sitemap::MAX_URLS);
        if look_at_all || !section.mend(maker, fewest, &mut files)? {
            section.make(maker, fewest, &mut files)?;
        }
    }
    Ok(files)
}

/// What is divided among files of one name.
struct Section<'a> {
    /// `pages`, or a month.
    name: &'a str,
    /// The pages; `None` for the articles of the month.
    pages: Option<&'a [SitemapUrl]>,
    sets: &'a Sets,
}

impl Section<'_> {
    /// Makes every file, as few as there can be; not fewer than `fewest`.
    fn make(
        &self,
        maker: &mut Maker<'_>,
        fewest: u16,
        files: &mut Vec<SitemapFile>,
    ) -> Result<(), StoreError> {
        let mut parts = fewest;
        if parts == 1 {
            // Nearly every month is one file: it is read once.
            let entries = self.read(maker, Part::WHOLE)?;
            if fit(&entries) {
                return self.add(maker, Part::WHOLE, &entries, files);
            }
            parts = 2;
        }
        // More parts than there can be would not help: then there is an entry that alone is too
        // long, and the file that has it fails its check.
        while parts < Part::MOST && !self.all_fit(maker, Part::each(parts))? {
            parts *= 2;
        }
        for part in Part::each(parts) {
            let entries = self.read(maker, part)?;
            self.add(maker, part, &entries, files)?;
        }
        Ok(())
    }

    /// Makes only those parts anew in which something has changed. Says whether it could: where
    /// the section needs more or fewer files than it had, all of them are to be made.
    fn mend(
        &self,
        maker: &mut Maker<'_>,
        fewest: u16,
        files: &mut Vec<SitemapFile>,
    ) -> Result<bool, StoreError> {
        // Where there were more, long entries may have been why.
        if fewest == 1 || self.parts_before(maker) != usize::from(fewest) {
            return Ok(false);
        }
        let touched = |maker: &Maker<'_>, part| maker.touched.is_in(self.name, part);
        let parts = Part::each(fewest).filter(|part| touched(maker, *part));
        if !self.all_fit(maker, parts.collect::<Vec<_>>())? {
            return Ok(false);
        }
        for part in Part::each(fewest) {
            if touched(maker, part) || !self.carry_part(maker, part, files) {
                let entries = self.read(maker, part)?;
                self.add(maker, part, &entries, files)?;
            }
        }
        Ok(true)
    }

    /// How many parts the edition before had: the first power of two past the last of them.
    fn parts_before(&self, maker: &Maker<'_>) -> usize {
        let name = format!("sitemap-{}", self.name);
        let last = maker
            .before(&name)
            .filter_map(|path| number(path, &name))
            .max();
        last.map_or(0, usize::next_power_of_two)
    }

    /// Whether each of these is short enough for a file. They are counted and not kept.
    fn all_fit(
        &self,
        maker: &Maker<'_>,
        parts: impl IntoIterator<Item = Part>,
    ) -> Result<bool, StoreError> {
        for part in parts {
            let (mut count, mut bytes) = (0, FRAME_BYTES);
            self.each(maker, part, |_, entry| {
                count += 1;
                bytes += size(&entry);
            })?;
            if count > sitemap::MAX_URLS || bytes > sitemap::MAX_BYTES {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The entries of a part: articles oldest first, pages as they are configured.
    fn read(&self, maker: &Maker<'_>, part: Part) -> Result<Vec<SitemapUrl>, StoreError> {
        let mut entries = Vec::new();
        self.each(maker, part, |published, entry| {
            entries.push((published, entry));
        })?;
        if self.pages.is_none() {
            // Here and not in the store, whose index would hold every id once more for that.
            entries.sort_unstable_by(|(a, first), (b, second)| {
                a.cmp(b).then_with(|| first.url.cmp(&second.url))
            });
        }
        Ok(entries.into_iter().map(|(_, entry)| entry).collect())
    }

    /// Hands out the entries of a part, each with its instant of publication.
    fn each(
        &self,
        maker: &Maker<'_>,
        part: Part,
        mut each: impl FnMut(Option<Timestamp>, SitemapUrl),
    ) -> Result<(), StoreError> {
        let Some(pages) = self.pages else {
            return each_listing(maker, Some((self.name, part)), |listing| {
                let published = listing.published.map(Moment::instant);
                each(published, self.sets.apply(entry(listing)));
            });
        };
        let pages = pages.iter().filter(|page| part.has(page.url.as_str()));
        pages.for_each(|page| each(None, self.sets.apply(page.clone())));
        Ok(())
    }

    /// Makes the file of a part, if there is anything in it.
    fn add(
        &self,
        maker: &mut Maker<'_>,
        part: Part,
        entries: &[SitemapUrl],
        files: &mut Vec<SitemapFile>,
    ) -> Result<(), StoreError> {
        let Ok(url) = maker
            .config
            .site
            .url
            .join(&format!("{}.xml", self.file(part)))
        else {
            return Ok(());
        };
        if entries.is_empty() {
            return Ok(());
        }
        let changed = make_urlset(maker, &url, entries)?;
        // After the clock went back a change time can lie ahead of it; then none is better.
        let changed = changed.filter(|changed| *changed <= maker.now);
        files.push(SitemapFile { url, changed });
        Ok(())
    }

    /// The name of a part's file, without its ending. The second has `-2` in it, and so on.
    fn file(&self, part: Part) -> String {
        match part.number() {
            0 => format!("sitemap-{}", self.name),
            number => format!("sitemap-{}-{}", self.name, number + 1),
        }
    }

    /// Takes over all files, and says whether there were any.
    fn carry(&self, maker: &mut Maker<'_>, files: &mut Vec<SitemapFile>) -> bool {
        let name = format!("sitemap-{}", self.name);
        carry(maker, &name, |path| number(path, &name).is_some(), files)
    }

    /// Takes over the file of one part, and says whether there was one.
    fn carry_part(&self, maker: &mut Maker<'_>, part: Part, files: &mut Vec<SitemapFile>) -> bool {
        let name = self.file(part);
        let was_there = maker
            .before(&name)
            .any(|path| ending(path, &name) == Some(".xml"));
        let is_form = |path: &str| ending(path, &name).is_some_and(is_form);
        was_there && carry(maker, &name, is_form, files)
    }
}

/// Takes over the files below the site that begin with `name` and are `wanted`, and says whether
/// there were any.
fn carry(
    maker: &mut Maker<'_>,
    name: &str,
    wanted: impl Fn(&str) -> bool,
    files: &mut Vec<SitemapFile>,
) -> bool {
    let (site, now) = (maker.config.site.url.clone(), maker.now);
    let first = files.len();
    for document in maker.carry(name, wanted) {
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

/// Which part of `name` the file at `path` is, counted from 1, or of which it is a twin.
fn number(path: &str, name: &str) -> Option<usize> {
    let rest = ending(path, name)?;
    let (number, form) = rest.split_at(rest.find('.')?);
    match number.strip_prefix('-') {
        Some(number) => number.parse().ok(),
        None => number.is_empty().then_some(1),
    }
    .filter(|_| is_form(form))
}

/// What follows `name` in the name of the file at `path`.
fn ending<'a>(path: &'a str, name: &str) -> Option<&'a str> {
    path.rsplit('/').next().unwrap_or(path).strip_prefix(name)
}

/// Whether this is how a sitemap or one of its twins ends.
fn is_form(ending: &str) -> bool {
    [".xml", ".xml.gz", ".txt"].contains(&ending)
}

fn fit(entries: &[SitemapUrl]) -> bool {
    entries.len() <= sitemap::MAX_URLS
        && FRAME_BYTES + entries.iter().map(size).sum::<usize>() <= sitemap::MAX_BYTES
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn the_files_of_a_month_are_told_from_those_of_another() {
        for (file, expected) in [
            ("sitemap-2024-01.xml", Some(1)),
            ("sitemap-2024-01.xml.gz", Some(1)),
            ("sitemap-2024-01-12.txt", Some(12)),
            ("sitemap-2024-01-2.xml.gz", Some(2)),
            ("sitemap-2024-011.xml", None),
            ("sitemap-2024-01-.xml", None),
            ("sitemap-2024-01-2.html", None),
            ("sitemap-2024-01", None),
        ] {
            let path = format!("/blog/{file}");
            assert_eq!(number(&path, "sitemap-2024-01"), expected, "{file}");
        }
    }
}
