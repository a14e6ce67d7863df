//! `dateline explain URL`: why an article or a document carries its date.

use std::path::Path;

use serde::Serialize;

use super::{Format, Status, console, setup};
use crate::{
    article::{AbsoluteUrl, Article, ArticleId, Moment, Timestamp},
    config::Config,
    dates::{Event, What},
    edition::{self, MakeError},
    render::DocumentKind,
    store::{Cause, DocumentRecord, Store, StoreError, StoredDocument},
};

/// More causes than this are summed up.
const SHOWN: usize = 10;

pub(super) fn run(file: &Path, named: &str, format: Format) -> Status {
    let config = match setup::load(file) {
        Ok(config) => config,
        Err(status) => return status,
    };
    let found = setup::open_to_look(&config).and_then(|store| look_up(&*store, &config, named));
    let subject = match found {
        Ok(Some(subject)) => subject,
        Ok(None) => {
            console::say(&format!(
                "nothing is known of {named}\nhelp: name the address or the id of an article, \
                 or the path\nof a document; dateline check lists the documents"
            ));
            return Status::Faults;
        }
        Err(error) => {
            console::say(&error.at(&config.store.path).to_string());
            return Status::Failed;
        }
    };
    let text = match (format, &subject) {
        // A structure of texts and numbers always has a JSON form.
        (Format::Json, subject) => serde_json::to_string_pretty(subject).unwrap_or_default() + "\n",
        (Format::Text, Subject::Article(article)) => article.text(),
        (Format::Text, Subject::Document(document)) => document.text(),
    };
    console::write(text.as_bytes(), Status::Good)
}

/// What is explained.
#[derive(Serialize)]
#[serde(untagged)]
enum Subject {
    Article(ArticleReport),
    Document(DocumentReport),
}

#[derive(Serialize)]
struct ArticleReport {
    url: String,
    id: String,
    title: String,
    published: Option<String>,
    modified: Option<String>,
    evidence: crate::article::Evidence,
    /// Whether the origin has it no more.
    removed: bool,
    history: Vec<EventReport>,
    documents: Vec<String>,
}

#[derive(Serialize)]
struct EventReport {
    at: String,
    what: What,
    declared: DeclaredReport,
    decided: Option<String>,
    why: &'static str,
}

#[derive(Serialize)]
struct DeclaredReport {
    published: Option<String>,
    updated: Option<String>,
}

#[derive(Serialize)]
struct DocumentReport {
    url: String,
    path: String,
    last_modified: Option<String>,
    etag: String,
    cause: Cause,
    why: &'static str,
    /// The articles whose changes moved it, each with what happened.
    articles: Vec<String>,
}

fn look_up(store: &dyn Store, config: &Config, named: &str) -> Result<Option<Subject>, StoreError> {
    // What has no scheme is a path, or an address below the site.
    let url = match AbsoluteUrl::parse(named) {
        Ok(url) => Some(url),
        Err(_) => config.site.url.join(named).ok(),
    };
    let documents = store.documents()?;
    if let Some(url) = &url {
        let here = url.same_origin(&config.site.url);
        let document = documents
            .iter()
            .find(|document| here && document.record.path == url.path());
        if let Some(document) = document {
            let document = made(store, config, document.clone())?;
            let report = document_report(store, &document, url)?;
            return Ok(Some(Subject::Document(report)));
        }
    }
    let by_url = url.map(|url| store.article(&url)).transpose()?.flatten();
    let found = match by_url {
        Some(found) => Some(found),
        None => store.article_by_id(&ArticleId::stored(named.to_owned()))?,
    };
    let Some((article, live)) = found else {
        return Ok(None);
    };
    let history = store.history(&article.id)?;
    let mut carrying = Vec::new();
    for document in &documents {
        let carries = match &document.body {
            Some(_) => carries(document, &article),
            None => will_carry(store, config, &document.record, &article)?,
        };
        if carries {
            carrying.push(document.record.path.clone());
        }
    }
    Ok(Some(Subject::Article(ArticleReport {
        url: article.piece.url.to_string(),
        id: article.id.to_string(),
        title: article.piece.title.to_string(),
        published: article.dates.published.map(Moment::w3c),
        modified: article.dates.modified.map(Moment::w3c),
        evidence: article.dates.evidence,
        removed: !live,
        history: history.iter().map(event_report).collect(),
        documents: carrying,
    })))
}

/// The document with its bytes, where it is one that is made on request.
fn made(
    store: &dyn Store,
    config: &Config,
    mut document: StoredDocument,
) -> Result<StoredDocument, StoreError> {
    let catalogue = store.catalogue();
    if let (None, Some(at)) = (&document.body, catalogue.made()?) {
        match edition::make_deferred(catalogue, config, &document.record.path, at) {
            Ok(made) => (document.record.etag, document.body) = (made.etag, Some(made.body)),
            Err(MakeError::Store(error)) => return Err(error),
            // It is explained without its bytes then.
            Err(MakeError::None | MakeError::Fault { .. }) => {}
        }
    }
    Ok(document)
}

/// Whether a document that is made on request has an entry for the article.
fn will_carry(
    store: &dyn Store,
    config: &Config,
    record: &DocumentRecord,
    article: &Article,
) -> Result<bool, StoreError> {
    let Some(at) = store.catalogue().made()? else {
        return Ok(false);
    };
    edition::will_carry(store.catalogue(), config, &record.path, at, &article.id)
}

/// Whether a document has an entry for the article: its id in a feed, its address in what has
/// no ids. A mere link to it in another article's text is none.
fn carries(document: &StoredDocument, article: &Article) -> bool {
    let Some(body) = &document.body else {
        return false;
    };
    let text = body.plain();
    let text = String::from_utf8_lossy(&text);
    let has = |before: &str, value: &str, after: &str| {
        let (amp, hex) = (value.replace('&', "&amp;"), value.replace('&', "&#x26;"));
        let quote = amp.replace('\'', "&apos;");
        [value, &amp, &hex, &quote]
            .iter()
            .any(|form| text.contains(&format!("{before}{form}{after}")))
    };
    let Article { id, adopted, .. } = article;
    let or_own = |other: &Option<String>| other.clone().unwrap_or_else(|| id.to_string());
    let url = article.piece.url.as_str();
    match DocumentKind::from_name(&document.record.kind) {
        Some(DocumentKind::Rss) => has(">", &or_own(&adopted.rss), "</guid>"),
        Some(DocumentKind::Atom) => has("<id>", &or_own(&adopted.atom), "</id>"),
        Some(DocumentKind::JsonFeed) => has("\"id\":\"", &or_own(&adopted.json), "\""),
        Some(kind) if kind.media_type().contains("xml") => has("<loc>", url, "</loc>"),
        _ => has("", url, ""),
    }
}

fn event_report(event: &Event) -> EventReport {
    EventReport {
        at: event.at.rfc3339(),
        what: event.what,
        declared: DeclaredReport {
            published: event.declared.published.map(Moment::w3c),
            updated: event.declared.updated.map(Moment::w3c),
        },
        decided: event.decided.map(Moment::w3c),
        why: event.what.why(),
    }
}

fn document_report(
    store: &dyn Store,
    document: &StoredDocument,
    url: &AbsoluteUrl,
) -> Result<DocumentReport, StoreError> {
    let (why, articles) = match (document.record.changed, document.record.cause) {
        (None, _) => (
            "no date is known of anything in it, so it is sent without Last-Modified",
            Vec::new(),
        ),
        (Some(changed), Cause::First) => {
            let newest = dated(store, document, changed)?;
            (
                "it was made for the first time, and is dated by the newest change in it",
                newest,
            )
        }
        (Some(changed), Cause::Articles) => {
            let events = store.events_at(changed)?;
            let events = events
                .iter()
                .filter(|(article, event)| {
                    event.what == What::Removed || carries(document, article)
                })
                .map(|(article, event)| {
                    format!("{}\n      {}", article.piece.title, event.what.why())
                });
            let mut causes: Vec<String> = events.collect();
            if causes.is_empty() {
                // Nothing happened but that its time came.
                causes = dated(store, document, changed)?;
            }
            (
                "articles in it changed, came or went at that instant",
                causes,
            )
        }
        (Some(_), Cause::Form) => (
            "no article in it changed in what dates it: the configuration did, or a detail such \
             as a section, or a new version of the program writes it otherwise",
            Vec::new(),
        ),
    };
    Ok(DocumentReport {
        url: url.to_string(),
        path: document.record.path.clone(),
        last_modified: document.record.changed.map(Timestamp::rfc3339),
        etag: format!("W/\"{}\"", document.record.etag),
        cause: document.record.cause,
        why,
        articles,
    })
}

/// The articles in a document that were published or changed at `instant`.
fn dated(
    store: &dyn Store,
    document: &StoredDocument,
    instant: Timestamp,
) -> Result<Vec<String>, StoreError> {
    let articles = store.changed_at(instant)?;
    let carried = articles.iter().filter(|article| carries(document, article));
    Ok(carried
        .map(|article| format!("{}\n      {}", article.piece.title, article.piece.url))
        .collect())
}

impl ArticleReport {
    fn text(&self) -> String {
        let unknown = || "unknown, so it is left out".to_owned();
        let mut lines = vec![self.title.clone()];
        let facts = [
            ("address", self.url.clone()),
            ("id", self.id.clone()),
            ("published", self.published.clone().unwrap_or_else(unknown)),
            ("modified", self.modified.clone().unwrap_or_else(unknown)),
            ("evidence", evidence(self.evidence).to_owned()),
        ];
        lines.extend(facts.map(|(name, value)| format!("  {name:<10} {value}")));
        if self.removed {
            lines.push("  The origin has it no more; it is in no document.".to_owned());
        }
        for (i, path) in self.documents.iter().enumerate() {
            let name = if i == 0 { "documents" } else { "" };
            lines.push(format!("  {name:<10} {path}"));
        }
        lines.push(String::new());
        lines.push("What happened, oldest first:".to_owned());
        for event in &self.history {
            lines.push(format!("  {}  {}", event.at, event.why));
            let said = |date: &Option<String>| date.clone().unwrap_or_else(|| "nothing".to_owned());
            lines.push(format!(
                "      declared: published {}, changed {}; decided: {}",
                said(&event.declared.published),
                said(&event.declared.updated),
                said(&event.decided)
            ));
        }
        lines.join("\n") + "\n"
    }
}

impl DocumentReport {
    fn text(&self) -> String {
        let changed = self.last_modified.clone();
        let mut lines = vec![
            self.path.clone(),
            format!(
                "  {:<13} {}",
                "Last-Modified",
                changed.unwrap_or_else(|| "none".to_owned())
            ),
            format!("  {:<13} {}", "ETag", self.etag),
            format!("  {:<13} {}", "why", self.why),
        ];
        let shown = self.articles.iter().take(SHOWN);
        lines.extend(shown.map(|article| format!("    {article}")));
        if let Some(more) = self
            .articles
            .len()
            .checked_sub(SHOWN)
            .filter(|more| *more > 0)
        {
            lines.push(format!("    and {more} more"));
        }
        lines.join("\n") + "\n"
    }
}

/// The evidence in words.
const fn evidence(evidence: crate::article::Evidence) -> &'static str {
    use crate::article::Evidence;
    match evidence {
        Evidence::Declared => "declared by the origin",
        Evidence::Adopted => "given by the site's own feeds before Dateline",
        Evidence::Git => "the last commit that changed its content",
        Evidence::Published => "nothing newer is known than its publication",
        Evidence::Observed => "Dateline saw its content change",
        Evidence::Unknown => "none; a date is not invented",
    }
}
