//! `[sitemap]`

use super::{
    Site,
    fault::Faults,
    reader::{Table, Text, quoted},
    selection::{self, Ground},
    site::line,
};
use crate::{
    article::{AbsoluteUrl, Alternate, Axis, Hreflang, Listed, Moment, Selection, XmlText},
    dates,
};

/// `[sitemap]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SitemapConfig {
    /// `images`: whether pictures are listed with their pages; true by default.
    pub images: bool,
    /// `gzip`: whether each sitemap has a twin at `.xml.gz`; true by default.
    pub gzip: bool,
    /// `text`: whether each sitemap has a twin of bare addresses at `.txt`; false by default.
    pub text: bool,
    /// `[sitemap.news]`: the sitemap of the last two days.
    pub news: Option<NewsConfig>,
    /// `[sitemap.listings]`: where the pages are that list the articles of a tag and so on.
    pub listings: Vec<(Axis, ListingTemplate)>,
    /// `[[sitemap.page]]`, in the order of the file.
    pub pages: Vec<PageConfig>,
}

impl Default for SitemapConfig {
    fn default() -> Self {
        Self {
            images: true,
            gzip: true,
            text: false,
            news: None,
            listings: Vec::new(),
            pages: Vec::new(),
        }
    }
}

/// `[sitemap.news]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewsConfig {
    /// `name`: exactly as on the site; the site's title by default.
    pub name: XmlText,
    /// Which articles are news.
    pub selection: Selection,
}

/// `[[sitemap.page]]`: a page of the site that is no article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageConfig {
    /// `url`: below the site.
    pub url: AbsoluteUrl,
    /// When it last changed.
    pub date: PageDate,
    /// `images`, `alternates`
    pub listed: Listed,
}

/// What is known of the last change of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageDate {
    /// Nothing: `lastmod` is left out.
    Unknown,
    /// `updated`: the operator's word.
    Declared(Moment),
    /// `lists = "all"`: the page lists the articles of the site and changes with them.
    Articles,
}

/// Where the page of a tag, an author, a section or a language is: a path with `{slug}` or
/// `{value}` in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListingTemplate(String);

impl ListingTemplate {
    const SLUG: &str = "{slug}";
    const VALUE: &str = "{value}";

    fn parse(raw: &str) -> Option<Self> {
        let plain = raw.replace(Self::SLUG, "").replace(Self::VALUE, "");
        (plain.len() < raw.len() && !plain.contains(['{', '}'])).then(|| Self(raw.to_owned()))
    }

    /// The page's address below `site`; `None` where that is none.
    #[must_use]
    pub fn expand(&self, site: &AbsoluteUrl, slug: &str, value: &str) -> Option<AbsoluteUrl> {
        let value =
            percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC);
        let path = self.0.replace(Self::SLUG, slug);
        let path = path.replace(Self::VALUE, &value.to_string());
        site.join(&path).ok().filter(|url| url.is_below(site))
    }
}

const LISTINGS: [(&str, Axis); 4] = [
    ("tag", Axis::Tag),
    ("author", Axis::Author),
    ("section", Axis::Section),
    ("language", Axis::Language),
];

/// Reads the table; everything in it has a default.
pub(super) fn read(document: &mut Table<'_>, site: &Site, faults: &mut Faults) -> SitemapConfig {
    let usual = SitemapConfig::default();
    let Some(mut table) = document.table(faults, "sitemap") else {
        return usual;
    };
    let config = SitemapConfig {
        images: table.flag(faults, "images", usual.images),
        gzip: table.flag(faults, "gzip", usual.gzip),
        text: table.flag(faults, "text", usual.text),
        news: news(&mut table, site, faults),
        listings: listings(&mut table, site, faults),
        pages: pages(&mut table, site, faults),
    };
    table.finish(faults);
    config
}

fn news(table: &mut Table<'_>, site: &Site, faults: &mut Faults) -> Option<NewsConfig> {
    let mut table = table.table(faults, "news")?;
    let name = table.text(faults, "name", "The Example Times");
    let name = name.and_then(|text| line("sitemap.news.name", &text, faults));
    let ground = Ground {
        zone: site.timezone,
        language: site.language.clone(),
    };
    let selection = selection::read_filter(&mut table, &ground, faults);
    table.finish(faults);
    Some(NewsConfig {
        name: name.unwrap_or_else(|| site.title.clone()),
        selection: Selection {
            indexed: true,
            ..selection
        },
    })
}

fn listings(
    table: &mut Table<'_>,
    site: &Site,
    faults: &mut Faults,
) -> Vec<(Axis, ListingTemplate)> {
    let Some(mut table) = table.table(faults, "listings") else {
        return Vec::new();
    };
    let mut listings = Vec::new();
    for (key, axis) in LISTINGS {
        let Some(text) = table.text(faults, key, "tags/{slug}/") else {
            continue;
        };
        let template = ListingTemplate::parse(text.value);
        match template.filter(|template| template.expand(&site.url, "a", "a").is_some()) {
            Some(template) => listings.push((axis, template)),
            None => faults.add(
                text.span,
                format!("sitemap.listings.{key} cannot be {}", quoted(text.value)),
                "write an address below the site with {slug} or {value} in it",
            ),
        }
    }
    table.finish(faults);
    listings
}

fn pages(table: &mut Table<'_>, site: &Site, faults: &mut Faults) -> Vec<PageConfig> {
    let mut pages: Vec<PageConfig> = Vec::new();
    for table in table.tables(faults, "page").unwrap_or_default() {
        let span = table.span();
        let Some(page) = page(table, site, faults) else {
            continue;
        };
        if pages.iter().any(|earlier| earlier.url == page.url) {
            let message = format!("the page {} is listed twice", page.url);
            faults.add(span, message, "keep one of them");
            continue;
        }
        pages.push(page);
    }
    pages
}

fn page(mut table: Table<'_>, site: &Site, faults: &mut Faults) -> Option<PageConfig> {
    let url = table.required_text(faults, "url", "about/");
    let url = url.and_then(|text| below(site, &text, "sitemap.page.url", faults));
    let date = page_date(&mut table, site, faults);
    let images = table
        .texts(faults, "images", "about.jpg")
        .unwrap_or_default();
    let alternates = alternates(&mut table, site, faults);
    let base = url.as_ref().unwrap_or(&site.url);
    let images = images
        .iter()
        .filter_map(|text| resolve(base, text, "sitemap.page.images", faults))
        .collect();
    table.finish(faults);
    Some(PageConfig {
        url: url?,
        date,
        listed: Listed {
            images,
            alternates,
            ..Listed::default()
        },
    })
}

fn page_date(table: &mut Table<'_>, site: &Site, faults: &mut Faults) -> PageDate {
    let lists = table.choice(faults, "lists", &[("all", PageDate::Articles)]);
    let Some(text) = table.date(faults, "updated", "2026-06-10") else {
        return lists.unwrap_or(PageDate::Unknown);
    };
    if lists.is_some() {
        let help = "a page that lists articles changes with them; leave out updated";
        faults.add(text.span.clone(), "a page has both updated and lists", help);
    }
    match dates::parse(&text.value, site.timezone) {
        Ok(moment) => PageDate::Declared(moment),
        Err(error) => {
            let message = format!("sitemap.page.updated: {error}");
            faults.add(text.span, message, "write for example \"2026-06-10\"");
            PageDate::Unknown
        }
    }
}

fn alternates(table: &mut Table<'_>, site: &Site, faults: &mut Faults) -> Vec<Alternate> {
    let Some(mut table) = table.table(faults, "alternates") else {
        return Vec::new();
    };
    let mut alternates = Vec::new();
    for (key, text) in table.all_texts(faults, "https://example.org/de/") {
        match Hreflang::parse(key.value) {
            Ok(language) => {
                if let Some(url) = resolve(&site.url, &text, "sitemap.page.alternates", faults) {
                    alternates.push(Alternate { language, url });
                }
            }
            Err(error) => faults.add(
                key.span,
                format!("sitemap.page.alternates: {error}"),
                "write a tag of RFC 5646, or x-default",
            ),
        }
    }
    alternates.sort();
    alternates
}

fn below(site: &Site, text: &Text<'_>, path: &str, faults: &mut Faults) -> Option<AbsoluteUrl> {
    let url = resolve(&site.url, text, path, faults)?;
    if url.is_below(&site.url) && url.as_url().fragment().is_none() {
        return Some(url);
    }
    faults.add(
        text.span.clone(),
        format!("{path}: {url} is no page below {}", site.url),
        "a sitemap may only list its own site; leave it out",
    );
    None
}

pub(super) fn resolve(
    base: &AbsoluteUrl,
    text: &Text<'_>,
    path: &str,
    faults: &mut Faults,
) -> Option<AbsoluteUrl> {
    base.join(text.value)
        .map_err(|error| {
            let help = "write an address, whole or relative to the site";
            faults.add(text.span.clone(), format!("{path}: {error}"), help);
        })
        .ok()
}
