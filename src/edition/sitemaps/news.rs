//! The sitemap of news: what was published in the last 48 hours, by the clock.

use super::make_urlset;
use crate::{
    article::{AbsoluteUrl, Article, Language, Moment, Selection, Timestamp},
    config::NewsConfig,
    edition::maker::Maker,
    render::{News, SitemapUrl, sitemap},
    store::StoreError,
};

/// How long an article is news, in seconds (Google's news sitemaps).
const WINDOW: i64 = 48 * 3_600;

/// Makes `/sitemap-news.xml` where the configuration asks for it, and says when the next
/// article will be too old for it.
pub(super) fn make(maker: &mut Maker<'_>) -> Result<Option<AbsoluteUrl>, StoreError> {
    let Some(config) = &maker.config.sitemap.news else {
        return Ok(None);
    };
    let site = &maker.config.site;
    let Ok(url) = site.url.join("sitemap-news.xml") else {
        return Ok(None);
    };
    // What is exactly as old as the window is no longer in it.
    let oldest = Timestamp::from_unix(maker.now.unix() - WINDOW + 1).unwrap_or(Timestamp::MIN);
    let selection = Selection {
        since: Some(oldest),
        ..config.selection.clone()
    };
    let articles = maker
        .catalogue()
        .select(&selection, maker.now, sitemap::MAX_NEWS)?;
    let articles: Vec<&Article> = articles
        .iter()
        .filter(|article| article.piece.url.is_below(&site.url))
        .collect();
    let entries: Vec<SitemapUrl> = articles
        .iter()
        .filter_map(|article| entry(config, site.language.clone(), article, maker.now))
        .collect();
    let published = articles
        .iter()
        .filter_map(|article| article.dates.published);
    let first_to_leave = published.min().map(Moment::instant);
    maker.change_at(first_to_leave.and_then(|at| Timestamp::from_unix(at.unix() + WINDOW).ok()));
    make_urlset(maker, &url, &entries)?;
    Ok(Some(url))
}

fn entry(
    config: &NewsConfig,
    usual: Language,
    article: &Article,
    now: Timestamp,
) -> Option<SitemapUrl> {
    let piece = &article.piece;
    // Seen under a clock that ran ahead: it is kept back until its instant.
    let modified = article.dates.modified.filter(|at| at.instant() <= now);
    Some(SitemapUrl {
        news: Some(Box::new(News {
            publication: config.name.clone(),
            language: piece.language.clone().unwrap_or(usual),
            published: article.dates.published?,
            title: piece.title.clone(),
        })),
        ..SitemapUrl::plain(piece.url.clone(), modified)
    })
}
