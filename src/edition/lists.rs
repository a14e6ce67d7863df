//! Documents that list other documents: `feeds.opml` and `llms.txt`, with the articles in
//! Markdown that the latter leads to.

use std::collections::HashSet;

use super::maker::{Maker, Plan};
use crate::{
    article::{AbsoluteUrl, Article, Html, Moment, Selection},
    render::{self, DocumentKind, FeedListing},
    store::StoreError,
};

/// Makes `/feeds.opml`.
pub(super) fn make_opml(maker: &mut Maker<'_>) -> Result<(), StoreError> {
    let site = &maker.config.site;
    let Ok(url) = site.url.join("feeds.opml") else {
        return Ok(());
    };
    let rendered = render::opml::render(&site.title, &site.url, site.author.as_ref(), &maker.feeds);
    let plan = Plan::constant(url.path(), DocumentKind::Opml);
    let before = maker.predecessor(&plan.path)?;
    maker.add(plan, before, rendered)?;
    Ok(())
}

/// Makes `/llms.txt` and an article in Markdown for each in it, where that is wanted.
pub(super) fn make_llms(maker: &mut Maker<'_>) -> Result<(), StoreError> {
    let Some(config) = maker.config.llms else {
        return Ok(());
    };
    let site = &maker.config.site;
    let Ok(url) = site.url.join("llms.txt") else {
        return Ok(());
    };
    let selection = Selection {
        indexed: true,
        ..Selection::all()
    };
    let mut articles = maker
        .catalogue()
        .select(&selection, maker.now, config.limit)?;
    for article in &mut articles {
        article.dates = article.dates.clone().as_of(maker.now);
    }
    let mut entries = Vec::with_capacity(articles.len());
    // `/a/` and `/a.html` would share one address: the newest has it.
    let mut taken = HashSet::new();
    for article in &articles {
        let content = article.piece.content.as_ref().filter(|_| config.articles);
        let url = content.and_then(|_| address(maker, &article.piece.url));
        let url = url.filter(|url| taken.insert(url.path().to_owned()));
        if let (Some(content), Some(url)) = (content, &url) {
            make_article(maker, article, content, url)?;
        }
        entries.push((article, url));
    }
    let feeds: Vec<FeedListing> = maker.feeds.clone();
    let text = render::llms::render(&site.title, &site.description, &site.url, &entries, &feeds);
    let plan = Plan::constant(url.path(), DocumentKind::Llms);
    let before = maker.predecessor(&plan.path)?;
    maker.add(plan, before, Ok(text))?;
    Ok(())
}

/// Makes an article in Markdown.
fn make_article(
    maker: &mut Maker<'_>,
    article: &Article,
    content: &Html,
    url: &AbsoluteUrl,
) -> Result<(), StoreError> {
    let modified = article.dates.modified.map(Moment::instant);
    let plan = Plan {
        path: url.path().to_owned(),
        kind: DocumentKind::Markdown,
        inputs: modified
            .map(|at| at.unix().to_le_bytes().to_vec())
            .unwrap_or_default(),
        updated: modified,
        recipe: None,
    };
    let before = maker.predecessor(&plan.path)?;
    maker.add(plan, before, render::llms::render_article(article, content))?;
    Ok(())
}

/// `https://a.example/posts/one/` → `https://a.example/llms/posts/one.md`. Pages elsewhere
/// and pages that only a query tells apart have none, nor has one that no file could be named
/// after.
fn address(maker: &Maker<'_>, page: &AbsoluteUrl) -> Option<AbsoluteUrl> {
    let site = &maker.config.site.url;
    if !page.is_below(site) || page.as_url().query().is_some() {
        return None;
    }
    let path = page.path().strip_prefix(site.path())?;
    let path = path.trim_end_matches('/').trim_end_matches(".html");
    let path = if path.is_empty() { "index" } else { path };
    // Decoded, three bytes of an address are one of a name, which has 255 and needs its ending.
    let bytes = |part: &str| part.len() - 2 * part.matches('%').count();
    if path.split('/').any(|part| bytes(part) > 250) {
        return None;
    }
    site.join(&format!("{}llms/{path}.md", site.path())).ok()
}
