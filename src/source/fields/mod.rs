//! One entry of a catalogue, whatever it was written in, as a draft.
//!
//! Every format ends here as a map of names to values, and this is the only place that knows
//! the names: ours, JSON Feed's, and those that Hugo, Zola, Jekyll, Eleventy, Astro and Next
//! sites write in their front matter.

mod extras;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

use super::{Content, Draft, DraftEnclosure, DraftPerson, Locator, Rejection, RejectionKind};

/// Our name of a field, and the names it is known by, the first that is there counting. A
/// dot reaches into a table.
const NAMES: [(&str, &[&str]); 24] = [
    ("id", &["id"]),
    ("url", &["url", "permalink", "path"]),
    ("slug", &["slug"]),
    ("title", &["title"]),
    ("summary", &["summary", "description", "excerpt"]),
    ("content_html", &["content_html", "content", "body"]),
    ("content_markdown", &["content_markdown"]),
    ("content_text", &["content_text"]),
    ("authors", &["authors", "author"]),
    ("section", &["section"]),
    ("language", &["language", "lang", "locale"]),
    (
        "published",
        &[
            "published",
            "date_published",
            "date",
            "pubDate",
            "pub_date",
            "publishDate",
            "publish_date",
            "publishedAt",
            "published_at",
            "created",
            "created_at",
        ],
    ),
    (
        "updated",
        &[
            "updated",
            "date_modified",
            "lastmod",
            "updatedDate",
            "updatedAt",
            "updated_at",
            "last_modified_at",
            "last_modified",
            "modified",
            "dateModified",
        ],
    ),
    (
        "image",
        &[
            "image",
            "banner_image",
            "cover",
            "heroImage",
            "featured_image",
            "cover_image",
        ],
    ),
    ("enclosures", &["enclosures", "attachments", "enclosure"]),
    ("alternates", &["alternates"]),
    ("draft", &["draft"]),
    ("noindex", &["noindex", "robotsNoIndex"]),
    ("reading_minutes", &["reading_minutes"]),
    (
        "canonical",
        &["canonical", "canonical_url", "canonicalUrl", "canonicalURL"],
    ),
    ("original", &["original", "external_url"]),
    ("videos", &["videos"]),
    ("episode", &["episode"]),
    ("image_alt", &["image_alt", "heroImageAlt", "imageAlt"]),
];

/// Where tags stand; an article has those of all of them.
const TAGS: [&str; 5] = [
    "tags",
    "categories",
    "category",
    "taxonomies.tags",
    "taxonomies.categories",
];

/// Which field goes by `name`, in any case of its letters where that `folds`: its group, of
/// which an article has one, and the name as it is written here.
pub(super) fn known(name: &str, folds: bool) -> Option<(&'static str, &'static str)> {
    let same = |known: &&str| {
        let first = known.split('.').next().unwrap_or(known);
        first == name || folds && first.eq_ignore_ascii_case(name)
    };
    let tags = TAGS.iter().map(|alias| ("tags", *alias));
    let robots = std::iter::once(("noindex", "robots"));
    let named = NAMES.iter().flat_map(|(ours, aliases)| {
        let group = if ours.starts_with("content_") {
            "content"
        } else {
            ours
        };
        aliases.iter().map(move |alias| (group, *alias))
    });
    let (group, alias) = named
        .chain(tags)
        .chain(robots)
        .find(|(_, alias)| same(alias))?;
    Some((group, alias.split('.').next().unwrap_or(alias)))
}

/// An entry that is being read.
pub(super) struct Fields<'a> {
    map: &'a Map<String, Value>,
    /// Our name → the site's, ahead of the table above.
    renamed: &'a [(String, String)],
    locator: &'a Locator,
}

/// Reads an entry. `renamed` holds names that the site gives to fields.
pub(super) fn read(
    map: &Map<String, Value>,
    renamed: &[(String, String)],
    locator: Locator,
) -> Result<Draft, Rejection> {
    let fields = Fields {
        map,
        renamed,
        locator: &locator,
    };
    // Jekyll writes `published: false` on what is not to be.
    let unpublished = fields
        .find("published")
        .is_some_and(|(_, value)| *value == Value::Bool(false));
    let draft = Draft {
        id: fields.text("id")?,
        url: fields.text("url")?,
        slug: fields.text("slug")?,
        path: None,
        pages: Vec::new(),
        title: fields.text("title")?,
        summary: fields.text("summary")?.map(Content::Html),
        content: fields.content()?,
        authors: fields.authors()?,
        tags: fields.tags()?,
        section: fields.text("section")?,
        language: fields.text("language")?,
        published: fields.date("published")?,
        updated: fields.date("updated")?,
        git: None,
        image: fields.image()?,
        enclosures: fields.enclosures()?,
        alternates: fields.alternates()?,
        draft: unpublished || fields.flag("draft")?,
        noindex: fields.flag("noindex")? || fields.robots(),
        reading_minutes: fields.minutes()?,
        extras: fields.extras()?,
        locator: Locator::default(),
    };
    Ok(Draft { locator, ..draft })
}

impl<'a> Fields<'a> {
    /// The value of a field and the name it was found under. What is null or blank is not
    /// there: that is how CSV and YAML leave out.
    fn find(&self, field: &'a str) -> Option<(&'a str, &'a Value)> {
        self.all(field).next()
    }

    /// Every value that stands for a field, the one that counts first.
    fn all(&self, field: &'a str) -> impl Iterator<Item = (&'a str, &'a Value)> {
        let renamed = self.renamed.iter().find(|(ours, _)| ours == field);
        let known = NAMES.iter().find(|(ours, _)| *ours == field);
        let names = known.map_or(&[][..], |(_, names)| *names);
        renamed
            .map(|(_, theirs)| theirs.as_str())
            .into_iter()
            .chain(names.iter().copied())
            .filter_map(|name| self.value(name).map(|value| (name, value)))
    }

    fn value(&self, name: &str) -> Option<&'a Value> {
        // A name with a dot in it may stand there as it is.
        let direct = self.map.get(name);
        let nested = || {
            let (first, rest) = name.split_once('.')?;
            rest.split('.')
                .try_fold(self.map.get(first)?, |value, key| value.get(key))
        };
        direct.or_else(nested).filter(|value| match value {
            Value::Null => false,
            Value::String(text) => !text.trim().is_empty(),
            _ => true,
        })
    }

    fn wrong(&self, name: &str, expected: &str, found: &Value) -> Rejection {
        let reason = format!("{name} must be {expected}, and is {}", describe(found));
        Rejection {
            locator: self.locator.clone(),
            kind: RejectionKind::Value,
            reason,
        }
    }

    fn text(&self, field: &'a str) -> Result<Option<String>, Rejection> {
        let Some((name, value)) = self.find(field) else {
            return Ok(None);
        };
        match scalar(value) {
            Some(text) => Ok(Some(text)),
            None => Err(self.wrong(name, "a text", value)),
        }
    }

    /// A flag says nothing about when: Jekyll's `published: true` is passed over.
    fn date(&self, field: &'a str) -> Result<Option<String>, Rejection> {
        let is_flag = |value: &Value| field == "published" && value.is_boolean();
        let mut found = self.all(field).filter(|(_, value)| !is_flag(value));
        match found.next() {
            Some((name, value)) => match scalar(value) {
                Some(text) => Ok(Some(text)),
                None => Err(self.wrong(name, "a date", value)),
            },
            None => Ok(None),
        }
    }

    fn flag(&self, field: &'a str) -> Result<bool, Rejection> {
        let Some((name, value)) = self.find(field) else {
            return Ok(false);
        };
        let word = scalar(value).unwrap_or_default().to_ascii_lowercase();
        match (value, word.as_str()) {
            (Value::Bool(flag), _) => Ok(*flag),
            (_, "true" | "yes" | "1") => Ok(true),
            (_, "false" | "no" | "0") => Ok(false),
            _ => Err(self.wrong(name, "true or false", value)),
        }
    }

    fn robots(&self) -> bool {
        self.value("robots")
            .and_then(Value::as_str)
            .is_some_and(|rules| rules.to_ascii_lowercase().contains("noindex"))
    }

    fn minutes(&self) -> Result<Option<u32>, Rejection> {
        let Some((name, value)) = self.find("reading_minutes") else {
            return Ok(None);
        };
        let minutes = scalar(value).and_then(|text| text.trim().parse().ok());
        minutes
            .map(Some)
            .ok_or_else(|| self.wrong(name, "a whole number of minutes", value))
    }

    fn content(&self) -> Result<Option<Content>, Rejection> {
        if let Some(html) = self.text("content_html")? {
            return Ok(Some(Content::Html(html)));
        }
        if let Some(markdown) = self.text("content_markdown")? {
            return Ok(Some(Content::Markdown(markdown)));
        }
        Ok(self.text("content_text")?.map(Content::Text))
    }

    fn authors(&self) -> Result<Vec<DraftPerson>, Rejection> {
        let Some((name, value)) = self.find("authors") else {
            return Ok(Vec::new());
        };
        each(value)
            .map(|author| self.author(name, author))
            .collect()
    }

    fn author(&self, name: &str, value: &Value) -> Result<DraftPerson, Rejection> {
        match value {
            Value::String(text) => Ok(DraftPerson {
                name: text.clone(),
                ..DraftPerson::default()
            }),
            Value::Object(person) => {
                let of = |keys: &[&str]| {
                    keys.iter()
                        .find_map(|key| person.get(*key).and_then(scalar))
                };
                let (named, email) = (of(&["name"]), of(&["email"]));
                let url = of(&["url", "uri", "href"]);
                // JSON Feed allows an author with nothing but a page; it is called by that.
                let shown = named.or_else(|| email.clone()).or_else(|| url.clone());
                let shown = shown.ok_or_else(|| self.wrong(name, "a person with a name", value))?;
                Ok(DraftPerson {
                    name: shown,
                    email,
                    url,
                })
            }
            _ => Err(self.wrong(name, "a name, or a table with a name", value)),
        }
    }

    fn tags(&self) -> Result<Vec<String>, Rejection> {
        let renamed = self.renamed.iter().find(|(ours, _)| ours == "tags");
        let names = renamed
            .map(|(_, theirs)| theirs.as_str())
            .into_iter()
            .chain(TAGS);
        let mut tags: Vec<String> = Vec::new();
        for name in names {
            let Some(value) = self.value(name) else {
                continue;
            };
            for tag in each(value) {
                let text = scalar(tag).ok_or_else(|| self.wrong(name, "a list of texts", tag))?;
                // A single text may list several, as `tags: rust, web`.
                for tag in text.split(',').map(str::trim).filter(|tag| !tag.is_empty()) {
                    if !tags.iter().any(|known| known == tag) {
                        tags.push(tag.to_owned());
                    }
                }
            }
        }
        Ok(tags)
    }

    fn image(&self) -> Result<Option<String>, Rejection> {
        let Some((name, value)) = self.find("image") else {
            return Ok(None);
        };
        let text = match value {
            Value::Object(image) => ["src", "url", "image", "path"]
                .iter()
                .find_map(|key| image.get(*key).and_then(Value::as_str)),
            value => value.as_str(),
        };
        let expected = "an address, or a table with src or url";
        text.map(|text| Some(text.to_owned()))
            .ok_or_else(|| self.wrong(name, expected, value))
    }

    fn enclosures(&self) -> Result<Vec<DraftEnclosure>, Rejection> {
        let Some((name, value)) = self.find("enclosures") else {
            return Ok(Vec::new());
        };
        each(value)
            .map(|enclosure| self.enclosure(name, enclosure))
            .collect()
    }

    fn enclosure(&self, name: &str, value: &Value) -> Result<DraftEnclosure, Rejection> {
        let wrong = || self.wrong(name, "a list of tables with url, type and length", value);
        if let Some(url) = value.as_str() {
            return Ok(DraftEnclosure {
                url: url.to_owned(),
                ..DraftEnclosure::default()
            });
        }
        let table = value.as_object().ok_or_else(wrong)?;
        let of = |keys: &[&str]| keys.iter().find_map(|key| table.get(*key).and_then(scalar));
        let length = match of(&["length", "size_in_bytes", "size"]) {
            None => None,
            Some(text) => Some(text.trim().parse().map_err(|_| {
                self.wrong(
                    &format!("{name}.length"),
                    "a number of bytes",
                    &Value::String(text),
                )
            })?),
        };
        let media_type = of(&["type", "mime_type", "media_type"]);
        Ok(DraftEnclosure {
            url: of(&["url", "href"]).ok_or_else(wrong)?,
            media_type,
            length,
        })
    }

    fn alternates(&self) -> Result<Vec<(String, String)>, Rejection> {
        let Some((name, value)) = self.find("alternates") else {
            return Ok(Vec::new());
        };
        let wrong = |found| self.wrong(name, "a table of languages and addresses", found);
        if let Value::Object(table) = value {
            return table
                .iter()
                .map(|(language, url)| match url.as_str() {
                    Some(url) => Ok((language.clone(), url.to_owned())),
                    None => Err(wrong(url)),
                })
                .collect();
        }
        // In a CSV cell: `de=https://…;fr=https://…`.
        each(value)
            .map(|pair| {
                let pair_text = pair.as_str().and_then(|text| text.split_once('='));
                let (language, url) = pair_text.ok_or_else(|| wrong(pair))?;
                Ok((language.trim().to_owned(), url.trim().to_owned()))
            })
            .collect()
    }
}

/// The items of a list; anything else is a list of one.
fn each(value: &Value) -> impl Iterator<Item = &Value> {
    match value {
        Value::Array(items) => items.iter(),
        other => std::slice::from_ref(other).iter(),
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn describe(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a table",
    }
}
