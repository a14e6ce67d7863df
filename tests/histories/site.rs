//! A site in a folder of its own, read at instants that the test chooses.

use std::{
    fs,
    path::{Path, PathBuf},
};

use dateline::{
    article::{AbsoluteUrl, Article, Moment, Timestamp},
    config,
    dates::{Event, What},
    edition::{Document, Edition, Made},
    refresh::{Purpose, RefreshError, Refreshed, Refresher},
    store::{SqliteStore, Store as _},
};
use serde_json::{Value, json};

/// 2026-06-01T00:00:00Z.
pub const START: i64 = 1_780_272_000;
pub const HOUR: i64 = 3_600;
pub const DAY: i64 = 24 * HOUR;

pub const FEEDS: &str = "[site]\nurl = \"https://a.example/\"\ntitle = \"A\"\n\n\
                         [source.file]\npath = \"articles.json\"\nurl = \"posts/{slug}/\"\n\n\
                         [[feed]]\nname = \"all\"\n\n[[feed]]\neach = \"tag\"\n";

pub struct Site {
    pub folder: tempfile::TempDir,
}

pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds).unwrap()
}

/// An article with a slug, a title, a text and a day of publication.
pub fn article(slug: &str) -> Value {
    json!({
        "slug": slug,
        "title": format!("On {slug}"),
        "content_html": format!("<p>All about {slug}.</p>"),
        "published": "2026-05-01",
    })
}

pub fn articles(count: usize) -> Vec<Value> {
    (0..count).map(|i| article(&format!("n{i}"))).collect()
}

impl Site {
    pub fn new(articles: &[Value]) -> Self {
        let site = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        site.configure(FEEDS);
        site.write(articles);
        site
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn feeds_toml(&self) -> PathBuf {
        self.path("feeds.toml")
    }

    pub fn configure(&self, text: &str) {
        fs::write(self.feeds_toml(), text).unwrap();
    }

    pub fn write(&self, articles: &[Value]) {
        fs::write(
            self.path("articles.json"),
            serde_json::to_string_pretty(articles).unwrap(),
        )
        .unwrap();
    }

    fn refresher(&self) -> Refresher {
        let config = config::load(&self.feeds_toml()).unwrap();
        let store = SqliteStore::open(&config.store.path).unwrap();
        Refresher::new(config, Box::new(store))
    }

    /// As after a restart: nothing is kept but the store.
    pub fn try_refresh(&self, now: i64, purpose: Purpose) -> Result<Refreshed, RefreshError> {
        self.refresher().refresh(at(now), purpose)
    }

    pub fn refresh(&self, now: i64) -> Edition {
        let refreshed = self.try_refresh(now, Purpose::Publish).unwrap();
        assert_eq!(refreshed.made.faults, []);
        refreshed.made.edition
    }

    /// What a server serves before it has looked at the origin.
    pub fn last_edition(&self, now: i64) -> Option<Edition> {
        self.refresher().last_edition(at(now)).unwrap()
    }

    /// What the passing of time alone makes of it.
    pub fn remake(&self, now: i64) -> Made {
        self.refresher().remake(at(now)).unwrap()
    }

    pub fn store(&self) -> SqliteStore {
        SqliteStore::open(Path::new(&self.path("dateline.db"))).unwrap()
    }

    pub fn article(&self, slug: &str) -> Article {
        self.article_at(&format!("https://a.example/posts/{slug}/"))
    }

    pub fn article_at(&self, url: &str) -> Article {
        let url = AbsoluteUrl::parse(url).unwrap();
        let found = self.store().article(&url).unwrap();
        let (article, live) = found.unwrap_or_else(|| panic!("there is no article at {url}"));
        assert!(live, "{url} was removed");
        article
    }

    pub fn id(&self, slug: &str) -> String {
        self.article(slug).id.to_string()
    }

    pub fn modified(&self, slug: &str) -> Option<String> {
        self.article(slug).dates.modified.map(Moment::w3c)
    }

    pub fn events(&self, slug: &str) -> Vec<What> {
        self.history(slug).iter().map(|event| event.what).collect()
    }

    pub fn history(&self, slug: &str) -> Vec<Event> {
        self.store().history(&self.article(slug).id).unwrap()
    }
}

pub fn document<'a>(edition: &'a Edition, path: &str) -> &'a Document {
    let mut documents = edition.documents.iter();
    documents
        .find(|document| document.path == path)
        .unwrap_or_else(|| panic!("there is no {path}"))
}

pub fn text(edition: &Edition, path: &str) -> String {
    String::from_utf8(document(edition, path).body.plain().to_vec()).unwrap()
}

pub fn changed(edition: &Edition, path: &str) -> Option<i64> {
    document(edition, path).changed.map(Timestamp::unix)
}

/// Every path with its tag and its time of change.
pub fn validators(edition: &Edition) -> Vec<(String, String, Option<i64>)> {
    let documents = edition.documents.iter();
    documents
        .map(|document| {
            let changed = document.changed.map(Timestamp::unix);
            (document.path.clone(), document.etag.clone(), changed)
        })
        .collect()
}
