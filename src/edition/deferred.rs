//! Makes a document when it is asked for.

use super::{
    Document, encode,
    feed::{self, Feed},
    maker::etag,
};
use crate::{
    article::{ArticleId, Timestamp},
    config::Config,
    render,
    store::{Catalogue, StoreError},
};

/// Why a document could not be made.
#[derive(Debug, thiserror::Error)]
pub enum MakeError {
    /// The last edition promised none at this path.
    #[error("there is no document at this address")]
    None,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It failed its check before it was let out.
    #[error("{path} cannot be made: {reason}")]
    Fault {
        /// Where it would have been served.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// Makes the document that the last edition promised at `path`: the same bytes and dates as
/// if it had been made with it. `at` is when that was.
///
/// # Errors
/// [`MakeError`]
pub fn make_deferred(
    catalogue: &dyn Catalogue,
    config: &Config,
    path: &str,
    at: Timestamp,
) -> Result<Document, MakeError> {
    let record = catalogue.document_record(path)?.ok_or(MakeError::None)?;
    let found = Feed::at(path, config, catalogue, at)?;
    let (feed, format) = found.ok_or(MakeError::None)?;
    let addresses = feed.addresses().ok_or(MakeError::None)?;
    let url = addresses.iter().find(|(other, _)| *other == format);
    let (_, url) = url.ok_or(MakeError::None)?;
    let articles = feed.articles(catalogue, at)?;
    let newest = feed::newest(&feed.glimpse(catalogue, at)?, at);
    let finished = feed.is_page();
    let updated = if finished {
        newest
    } else {
        feed::shown(record.updated, newest, format, at)
    };
    let channel = feed.channel(format, url, &addresses, updated);
    let fault = |reason: String| MakeError::Fault {
        path: path.to_owned(),
        reason,
    };
    let bytes = feed
        .render(format, &channel, &articles)
        .map_err(|error| fault(error.to_string()))?;
    render::verify(format.kind(), &bytes).map_err(|error| fault(error.to_string()))?;
    let sisters = addresses.iter().filter(|(other, _)| *other != format);
    let sisters = sisters.map(|(other, url)| (other.kind(), url.clone()));
    let mut sisters: Vec<_> = sisters.filter(|(kind, _)| kind.is_feed()).collect();
    // In the order in which a document that is made with the edition has them.
    sisters.sort_by(|(_, a), (_, b)| a.path().cmp(b.path()));
    Ok(Document {
        path: record.path,
        kind: format.kind(),
        etag: etag(&bytes),
        changed: record.changed,
        cause: record.cause,
        body: encode::encode(format.kind(), bytes),
        url: url.clone(),
        sisters,
        license: config.license(),
        finished,
    })
}

/// Whether the document that is promised at `path` has an entry for the article `id`. `at` is
/// when the last edition was made.
///
/// # Errors
/// [`StoreError`]
pub fn will_carry(
    catalogue: &dyn Catalogue,
    config: &Config,
    path: &str,
    at: Timestamp,
    id: &ArticleId,
) -> Result<bool, StoreError> {
    let Some((feed, _)) = Feed::at(path, config, catalogue, at)? else {
        return Ok(false);
    };
    let articles = feed.glimpse(catalogue, at)?;
    Ok(articles.iter().any(|article| article.id == *id))
}
