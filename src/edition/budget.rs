//! Keeps a feed within a number of bytes.

use crate::{
    article::Article,
    render::{RenderError, summarised},
};

/// Renders `articles` so that it takes `most` bytes, by carrying only summaries of those at
/// the end where not all fits. Where not even that is enough, all are summaries: no article
/// is left out, since the limit of the feed says how many there are.
pub(super) fn render_within(
    most: usize,
    articles: &[Article],
    render: impl Fn(&[Article]) -> Result<Vec<u8>, RenderError>,
) -> Result<Vec<u8>, RenderError> {
    let whole = render(articles)?;
    if whole.len() <= most {
        return Ok(whole);
    }
    // How many fit in full: found by halving, since each one more only adds bytes.
    let with = |full: usize| {
        let (first, rest) = articles.split_at(full);
        let mixed: Vec<Article> = first
            .iter()
            .cloned()
            .chain(rest.iter().map(summarised))
            .collect();
        render(&mixed)
    };
    let mut best = with(0)?;
    let (mut fits, mut too_many) = (0, articles.len());
    while too_many - fits > 1 {
        let middle = fits + (too_many - fits) / 2;
        let bytes = with(middle)?;
        if bytes.len() <= most {
            (fits, best) = (middle, bytes);
        } else {
            too_many = middle;
        }
    }
    Ok(best)
}
