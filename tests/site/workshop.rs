//! A site whose catalogue and clock can be moved.

use std::{fs, path::PathBuf};

use dateline::{
    article::Timestamp,
    config,
    edition::Document,
    refresh::{Purpose, Refreshed, Refresher},
    render::{self, DocumentKind},
    store::{SqliteStore, Store},
};
use serde_json::{Value, json};
use tempfile::TempDir;

/// 2026-06-10T00:00:00Z
pub const DAY: i64 = 1_781_049_600;

pub struct Workshop {
    folder: TempDir,
    config: String,
}

impl Workshop {
    /// A site at `https://a.example/` with `config` behind `[site]` and `[source]`.
    pub fn new(config: &str) -> Self {
        let head = "[site]\nurl = \"https://a.example/\"\ntitle = \"A\"\n\
                    [source.file]\npath = \"articles.json\"\n";
        Self {
            folder: tempfile::tempdir().unwrap(),
            config: format!("{head}{config}"),
        }
    }

    /// A site with exactly this `feeds.toml`, whose catalogue is `articles.json`.
    pub fn of(config: &str) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            config: config.to_owned(),
        }
    }

    /// The same site with more keys in `[site]`.
    pub fn in_site(mut self, keys: &str) -> Self {
        self.config = self
            .config
            .replacen("[source", &format!("{keys}[source"), 1);
        self
    }

    /// The place of a file beside the configuration.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Puts these articles into the catalogue.
    pub fn write(&self, articles: &[Value]) {
        let catalogue = serde_json::to_vec(&json!(articles)).unwrap();
        fs::write(self.path("articles.json"), catalogue).unwrap();
    }

    /// What is served at `now` of these articles.
    pub fn at(&self, now: i64, articles: &[Value]) -> Refreshed {
        self.write(articles);
        let refreshed = self.refresher().refresh(at(now), Purpose::Accept).unwrap();
        for document in &refreshed.made.edition.documents {
            render::verify(document.kind, &document.body.plain()).unwrap();
        }
        assert_eq!(refreshed.made.faults, []);
        refreshed
    }

    /// A program that has just started.
    pub fn refresher(&self) -> Refresher {
        let file = self.path("feeds.toml");
        fs::write(&file, &self.config).unwrap();
        let config = config::load(&file).unwrap_or_else(|error| panic!("{error}"));
        let store: Box<dyn Store> = Box::new(SqliteStore::open(&config.store.path).unwrap());
        Refresher::new(config, store)
    }
}

pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds).unwrap()
}

/// An article at `/SLUG/`, published on a day of June 2026.
pub fn article(slug: &str, day: u32) -> Value {
    json!({
        "id": slug,
        "url": format!("/{slug}/"),
        "title": slug,
        "published": format!("2026-06-{day:02}T00:00:00Z"),
        "content_html": format!("<p>{slug}</p>"),
    })
}

/// The same article with more to it.
pub fn with(mut article: Value, more: Value) -> Value {
    let more = more.as_object().unwrap().clone();
    article.as_object_mut().unwrap().extend(more);
    article
}

pub fn document<'a>(refreshed: &'a Refreshed, path: &str) -> &'a Document {
    let documents = &refreshed.made.edition.documents;
    documents
        .iter()
        .find(|document| document.path == path)
        .unwrap_or_else(|| panic!("there is no {path} but {:?}", paths(refreshed)))
}

pub fn text(refreshed: &Refreshed, path: &str) -> String {
    String::from_utf8(document(refreshed, path).body.plain().to_vec()).unwrap()
}

/// Of every document, in order.
pub fn paths(refreshed: &Refreshed) -> Vec<&str> {
    let documents = refreshed.made.edition.documents.iter();
    documents
        .filter(|document| document.kind != DocumentKind::SitemapGzip)
        .map(|document| document.path.as_str())
        .collect()
}
