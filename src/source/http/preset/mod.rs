//! What is known of each kind of API: how it is asked, how its pages go on, and what it calls
//! the fields of an article.

mod cms;
pub(super) mod contentful;
pub(super) mod feed;
mod ghost;
mod rich_text;
mod strapi;
#[cfg(test)]
mod tests;
mod wordpress;

use serde_json::{Map, Value};

use super::{json, url};
use crate::{
    article::{AbsoluteUrl, Timestamp},
    config::{HttpSourceConfig, Next, Preset},
    outbound::shown,
    source::SourceError,
};

/// How an API that has fixed ways is asked.
struct Ways {
    /// What its addresses hold; it is put behind one that does not.
    path: Option<(&'static str, &'static str)>,
    /// Parameters that the operator has not set. The order is one that an edit does not
    /// change, so that nothing moves to another page while it is being read.
    defaults: &'static [(&'static str, &'static str)],
    /// Parameters of a question whose answer changes whenever any article does.
    probe: &'static [(&'static str, &'static str)],
    /// Parameters that put what has changed first to last.
    by_change: &'static [(&'static str, &'static str)],
}

const WORDPRESS: Ways = Ways {
    path: Some(("/wp-json/", "wp-json/wp/v2/posts")),
    defaults: &[
        // More is refused with status 400.
        ("per_page", "100"),
        ("orderby", "id"),
        ("order", "asc"),
        ("_embed", "author,wp:term,wp:featuredmedia"),
    ],
    probe: &[
        ("per_page", "1"),
        ("orderby", "modified"),
        ("order", "desc"),
        ("_fields", "id,modified_gmt"),
    ],
    by_change: &[("orderby", "modified"), ("order", "asc")],
};

const GHOST: Ways = Ways {
    path: Some(("/ghost/api/", "ghost/api/content/posts/")),
    defaults: &[
        // `all` gives 100 since version 6, and says nothing.
        ("limit", "100"),
        ("include", "authors,tags"),
        ("order", "published_at asc, id asc"),
    ],
    probe: &[
        ("limit", "1"),
        ("order", "updated_at desc"),
        ("fields", "id,updated_at"),
    ],
    by_change: &[("order", "updated_at asc, id asc")],
};

const STRAPI: Ways = Ways {
    path: None,
    defaults: &[
        ("pagination[pageSize]", "100"),
        ("sort[0]", "createdAt:asc"),
        ("sort[1]", "id:asc"),
        ("populate", "*"),
    ],
    probe: &[
        ("pagination[pageSize]", "1"),
        ("sort[0]", "updatedAt:desc"),
        ("fields[0]", "updatedAt"),
    ],
    by_change: &[("sort[0]", "updatedAt:asc"), ("sort[1]", "id:asc")],
};

const CONTENTFUL: Ways = Ways {
    path: None,
    defaults: &[
        ("limit", "100"),
        ("order", "sys.createdAt,sys.id"),
        ("include", "2"),
    ],
    probe: &[
        ("limit", "1"),
        ("order", "-sys.updatedAt"),
        ("select", "sys.id,sys.updatedAt"),
    ],
    by_change: &[("order", "sys.updatedAt,sys.id")],
};

/// An API of a known kind, as the operator has configured it.
#[derive(Clone, Copy)]
pub(super) struct Api<'c> {
    config: &'c HttpSourceConfig,
    pub(super) preset: Preset,
}

/// The kind of API that an address belongs to, where it can be told.
pub(super) fn of_address(address: &AbsoluteUrl) -> Option<Preset> {
    let path = address.as_str();
    if path.contains("/wp-json/") || path.contains("rest_route=") {
        Some(Preset::WordPress)
    } else if path.contains("/ghost/api/content/") {
        Some(Preset::Ghost)
    } else {
        let host = address.host();
        let is_contentful = host.starts_with("cdn.") && host.ends_with("contentful.com");
        is_contentful.then_some(Preset::Contentful)
    }
}

impl<'c> Api<'c> {
    pub(super) const fn new(config: &'c HttpSourceConfig, preset: Preset) -> Self {
        Self { config, preset }
    }

    const fn ways(self) -> Option<&'static Ways> {
        match self.preset {
            Preset::WordPress => Some(&WORDPRESS),
            Preset::Ghost => Some(&GHOST),
            Preset::Strapi => Some(&STRAPI),
            Preset::Contentful => Some(&CONTENTFUL),
            Preset::Json | Preset::Ndjson | Preset::JsonFeed | Preset::Feed => None,
        }
    }

    /// The operator's address, where the API is.
    fn base(self) -> Result<AbsoluteUrl, SourceError> {
        let url = &self.config.url;
        let Some((mark, path)) = self.ways().and_then(|ways| ways.path) else {
            return Ok(url.clone());
        };
        if url.path().contains(mark) || url::has(url, "rest_route") {
            return Ok(url.clone());
        }
        let mut below = url.as_url().clone();
        below.set_path(&format!("{}/{path}", url.path().trim_end_matches('/')));
        self.checked(AbsoluteUrl::parse(below.as_str()))
    }

    /// The first page.
    ///
    /// # Errors
    /// Where the address gets too long.
    pub(super) fn first(self) -> Result<AbsoluteUrl, SourceError> {
        let mut first = self.base()?;
        let defaults = self.ways().map_or(&[][..], |ways| ways.defaults);
        first = self.checked(url::with_defaults(&first, defaults))?;
        let size = match self.next() {
            Next::Page { size, .. } | Next::Offset { size, .. } => size,
            _ => None,
        };
        match size {
            Some(size) => self.checked(url::with(&first, &size.parameter, &size.of.to_string())),
            None => Ok(first),
        }
    }

    /// How its pages go on.
    pub(super) fn next(self) -> Next {
        if let Some(next) = &self.config.next {
            return next.clone();
        }
        let page = |parameter: &str| Next::Page {
            parameter: parameter.to_owned(),
            first: 1,
            size: None,
        };
        match self.preset {
            Preset::WordPress | Preset::Ghost => page("page"),
            Preset::Strapi => page("pagination[page]"),
            Preset::Contentful => Next::Offset {
                parameter: "skip".to_owned(),
                size: None,
            },
            Preset::JsonFeed => Next::Url {
                path: "next_url".to_owned(),
            },
            Preset::Json | Preset::Ndjson | Preset::Feed => Next::Link,
        }
    }

    /// A question whose answer tells whether anything has changed: the first page, where the
    /// API has no better one.
    ///
    /// # Errors
    /// Where the address gets too long.
    pub(super) fn probe(self) -> Result<AbsoluteUrl, SourceError> {
        match self.ways() {
            Some(ways) => self.set(ways.probe, None),
            None => self.first(),
        }
    }

    /// Whether it can tell what has changed.
    pub(super) const fn tells(self) -> bool {
        self.ways().is_some()
    }

    /// What has changed since `since`, that second included, where the API can tell.
    pub(super) fn changes(self, since: Timestamp) -> Option<AbsoluteUrl> {
        let instant = since.rfc3339();
        let filter = match self.preset {
            // Exclusive, and of seconds.
            Preset::WordPress => {
                let before = Timestamp::from_unix(since.unix() - 1).ok()?;
                ("modified_after", before.rfc3339())
            }
            Preset::Ghost => {
                let plain = instant.replace('T', " ").replace('Z', "");
                let filter = format!("updated_at:>='{plain}'");
                let own = self.parameter("filter");
                let both = own.map(|own| format!("({own})+{filter}"));
                ("filter", both.unwrap_or(filter))
            }
            Preset::Strapi => ("filters[updatedAt][$gte]", instant),
            Preset::Contentful => ("sys.updatedAt[gte]", instant),
            Preset::Json | Preset::Ndjson | Preset::JsonFeed | Preset::Feed => return None,
        };
        let first = self.set(self.ways()?.by_change, Some(filter)).ok()?;
        url::with_defaults(&first, self.ways()?.defaults).ok()
    }

    fn parameter(self, name: &str) -> Option<String> {
        let mut pairs = self.config.url.as_url().query_pairs();
        pairs
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.into_owned())
    }

    fn set(
        self,
        parameters: &[(&str, &str)],
        more: Option<(&str, String)>,
    ) -> Result<AbsoluteUrl, SourceError> {
        let mut address = self.base()?;
        for (name, value) in parameters {
            address = self.checked(url::with(&address, name, value))?;
        }
        match more {
            Some((name, value)) => self.checked(url::with(&address, name, &value)),
            None => Ok(address),
        }
    }

    fn checked<T>(self, made: Result<T, crate::article::InvalidUrl>) -> Result<T, SourceError> {
        made.map_err(|error| SourceError(format!("{}: {error}", shown(&self.config.url))))
    }

    /// An article of theirs by our names. `page` is where it was found.
    pub(super) fn article(
        self,
        entry: Map<String, Value>,
        page: &AbsoluteUrl,
    ) -> Map<String, Value> {
        let entry = match self.preset {
            Preset::Strapi => strapi::flat(entry),
            Preset::Contentful => contentful::flat(entry),
            _ => entry,
        };
        // The operator's own names are those of the API, whatever is made of it here.
        let entry = Value::Object(entry);
        let chosen: Vec<(&str, Value)> = self
            .config
            .fields
            .iter()
            .filter_map(|(ours, theirs)| {
                let theirs = ["attributes.", "fields."]
                    .iter()
                    .filter(|_| self.ways().is_some())
                    .find_map(|prefix| theirs.strip_prefix(prefix))
                    .unwrap_or(theirs);
                let found = json::find(&entry, theirs).filter(|found| !found.is_null());
                found.map(|found| (ours.as_str(), found))
            })
            .collect();
        let entry = match entry {
            Value::Object(entry) => entry,
            _ => Map::new(),
        };
        let mut article = match self.preset {
            Preset::WordPress => wordpress::article(&entry),
            Preset::Ghost => ghost::article(&entry),
            Preset::Strapi | Preset::Contentful => cms::article(entry, page),
            Preset::Json | Preset::Ndjson | Preset::JsonFeed | Preset::Feed => entry,
        };
        if self.config.address.is_some() {
            for name in ["url", "permalink", "path"] {
                article.remove(name);
            }
        }
        for (ours, value) in chosen {
            for other in rivals(ours) {
                article.remove(*other);
            }
            let value = match ours {
                "tags" => cms::names(&value),
                "authors" => cms::people(&value),
                "section" => cms::names(&value).get(0).cloned().unwrap_or_default(),
                "image" => cms::picture(&value, page).map_or(value, |(url, _)| Value::from(url)),
                "content_html" => rich_text::html(&value).map_or(value, Value::from),
                _ => value,
            };
            article.insert(ours.to_owned(), value);
        }
        article
    }
}

/// Names that would count beside or before the one that the operator has chosen.
fn rivals(ours: &str) -> &'static [&'static str] {
    match ours {
        "tags" => &["categories", "category", "taxonomies"],
        "content_html" | "content_markdown" | "content_text" => &[
            "content_html",
            "content",
            "body",
            "content_markdown",
            "content_text",
        ],
        _ => &[],
    }
}
