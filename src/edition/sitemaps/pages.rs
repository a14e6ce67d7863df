//! Pages of the site that are no articles: those that the operator names, and those that
//! list the articles of a tag, an author, a section or a language.

use crate::{
    article::{AbsoluteUrl, Listed, Moment, Timestamp},
    config::{PageConfig, PageDate},
    edition::maker::Maker,
    render::SitemapUrl,
    store::{Contents, Counter, Shelf, StoreError},
};

/// The pages, before it is known which of their addresses are articles' after all.
pub(super) struct Survey {
    pub(super) pages: Vec<SitemapUrl>,
}

impl Survey {
    /// An article lives at `url`: its entry is the better one, since its date was judged.
    pub(super) fn forget(&mut self, url: &AbsoluteUrl) {
        self.pages.retain(|page| page.url != *url);
    }

    fn add(&mut self, page: SitemapUrl) {
        if !self.pages.iter().any(|known| known.url == page.url) {
            self.pages.push(page);
        }
    }
}

/// Gathers every page with its date.
pub(super) fn survey(maker: &mut Maker<'_>) -> Result<Survey, StoreError> {
    let mut survey = Survey { pages: Vec::new() };
    let config = &maker.config.sitemap;
    let front = if config.pages.iter().any(|p| p.date == PageDate::Articles) {
        let contents = everything(maker)?;
        since(maker, "all", contents)?
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
        for (label, contents) in maker.catalogue().shelved(*axis, maker.now)? {
            let url = template.expand(&maker.config.site.url, &label.slug, &label.value);
            let Some(url) = url else {
                maker.remark([format!(
                    "the page of the {} {:?} has no address and is not in the sitemap",
                    axis.name(),
                    label.value
                )]);
                continue;
            };
            let name = format!("{}/{}", axis.folder(), label.slug);
            let updated = since(maker, &name, contents)?;
            survey.add(SitemapUrl::plain(url, updated.map(Moment::at)));
        }
    }
    Ok(survey)
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

/// What a page shows that lists every article.
fn everything(maker: &Maker<'_>) -> Result<Contents, StoreError> {
    let mut counter = Counter::default();
    maker.catalogue().listings(maker.now, &mut |listing| {
        counter.add(listing.url.as_str(), listing.modified);
    })?;
    Ok(counter.finish())
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
