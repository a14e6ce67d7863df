//! `dateline adopt`: takes over what readers and crawlers know the site by.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    time::Duration,
};

use super::{Status, console, setup};
use crate::{
    adopt::{self, Read},
    article::{AbsoluteUrl, Adopted},
    config::Config,
    outbound::{Fetcher, Limits},
    store::StoreError,
};

const LIMITS: Limits = Limits {
    bytes: 64 * 1024 * 1024,
    head: Duration::from_secs(30),
    time: Duration::from_secs(60),
    redirects: 5,
};
/// The most documents that an index may lead to.
const MAX_DOCUMENTS: usize = 10_000;

pub(super) fn run(file: &Path, documents: &[String]) -> Status {
    let config = match setup::load(file) {
        Ok(config) => config,
        Err(status) => return status,
    };
    match adopt(&config, documents) {
        Ok(()) => Status::Good,
        Err(reason) => {
            console::say(&format!("{reason}\nNothing was taken over."));
            Status::Failed
        }
    }
}

fn adopt(config: &Config, documents: &[String]) -> Result<(), String> {
    let mut found: Vec<(String, Adopted)> = Vec::new();
    for (place, read) in read_all(config, documents)? {
        for left_out in &read.left_out {
            console::say(&format!("left out: {place}: {left_out}"));
        }
        console::say(&format!("{place}: {}", summary(&read)));
        found.extend(read.articles);
    }
    let addresses: HashSet<&str> = found.iter().map(|(address, _)| address.as_str()).collect();
    let count = addresses.len();
    let failed = |error: StoreError| error.at(&config.store.path).to_string();
    let mut store = setup::open(config).map_err(failed)?;
    let mut transaction = store.begin().map_err(failed)?;
    for (address, known) in &found {
        transaction.adopt(address, known.clone()).map_err(failed)?;
    }
    transaction.commit().map_err(failed)?;
    console::say(&format!(
        "adopted: ids and dates of {}\nThe next refresh uses them: restart the server, or send \
         it SIGHUP.",
        console::count(count, "article")
    ));
    Ok(())
}

fn summary(read: &Read) -> String {
    let ids = read
        .articles
        .iter()
        .filter(|(_, known)| known.rss.is_some() || known.atom.is_some() || known.json.is_some());
    let dated = |known: &&(String, Adopted)| known.1.modified.or(known.1.published).is_some();
    let dates = read.articles.iter().filter(dated).count();
    match read.sitemaps.len() {
        0 => format!(
            "{}, {}, {}, {}",
            read.kind.name(),
            console::count(read.articles.len(), "article"),
            console::count(ids.count(), "id"),
            console::count(dates, "date")
        ),
        number => format!(
            "{}, {}",
            read.kind.name(),
            console::count(number, "sitemap")
        ),
    }
}

/// Where a document is.
#[derive(Clone, PartialEq)]
enum Place {
    Url(AbsoluteUrl),
    File(PathBuf),
}

impl Place {
    fn of(named: &str) -> Result<Self, String> {
        if named.starts_with("http://") || named.starts_with("https://") {
            return AbsoluteUrl::parse(named)
                .map(Self::Url)
                .map_err(|error| error.to_string());
        }
        Ok(Self::File(PathBuf::from(named)))
    }

    /// A sitemap that an index here names: one that lies beside the index as a file is read
    /// from there.
    fn child(&self, sitemap: &AbsoluteUrl) -> Self {
        let name = sitemap.path().rsplit('/').next().unwrap_or_default();
        match self {
            Self::File(index) if index.with_file_name(name).is_file() => {
                Self::File(index.with_file_name(name))
            }
            _ => Self::Url(sitemap.clone()),
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Url(url) => url.fmt(f),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

/// Reads every document, and those that an index among them names.
fn read_all(config: &Config, documents: &[String]) -> Result<Vec<(Place, Read)>, String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("the runtime cannot be started: {error}"))?;
    let mut places = documents
        .iter()
        .map(|named| Place::of(named))
        .collect::<Result<Vec<_>, _>>()?;
    let mut fetcher = None;
    let mut all = Vec::new();
    let mut next = 0;
    while let Some(place) = places.get(next).cloned() {
        next += 1;
        let bytes = match &place {
            Place::File(path) => {
                std::fs::read(path).map_err(|error| format!("{place} cannot be read: {error}"))?
            }
            Place::Url(url) => {
                let fetcher = match &fetcher {
                    Some(fetcher) => fetcher,
                    None => fetcher.insert(trusting()?),
                };
                let fetched = runtime.block_on(fetcher.get(url));
                fetched.map_err(|error| error.to_string())?.body.to_vec()
            }
        };
        let base = match &place {
            Place::Url(url) => url,
            Place::File(_) => &config.site.url,
        };
        let read = adopt::read(&bytes, base, &config.site, &config.dates.guards)
            .map_err(|error| format!("{place}: {error}"))?;
        for sitemap in read.sitemaps.iter().map(|sitemap| place.child(sitemap)) {
            if !places.contains(&sitemap) {
                places.push(sitemap);
            }
        }
        if places.len() > MAX_DOCUMENTS {
            return Err(format!(
                "{place} leads to more than {MAX_DOCUMENTS} documents"
            ));
        }
        all.push((place, read));
    }
    Ok(all)
}

fn trusting() -> Result<Fetcher, String> {
    Fetcher::new(LIMITS)
        .map_err(|error| format!("the system's certificates cannot be read: {error}"))
}
