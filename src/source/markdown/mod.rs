//! A folder of Markdown files, as Hugo, Zola, Jekyll, Eleventy, Astro and Next sites keep it.
//!
//! Left out: hidden files and folders, `node_modules`, Jekyll's `_drafts`, and `_index.md` (a
//! section's own page in Hugo and Zola). A folder with an `index.md` is a page bundle: it is
//! one article, with the folder's path; other texts in it that have no front matter are
//! parts of that.

mod dates;
mod front_matter;
mod git;
mod links;
mod mdx;
#[cfg(test)]
mod tests;
mod text;
mod tree;

use std::{path::Path, sync::Arc};

use serde_json::{Map, Value};

use super::{
    Bookmark, Content, Draft, Folder, Glance, Known, Locator, Mark, News, Reading, Rejection,
    RejectionKind, Remark, Source, SourceError, Stamp, display_name, fields,
};
use crate::config::MarkdownSourceConfig;
use front_matter::Split;

/// The source `markdown`.
#[derive(Debug)]
pub struct MarkdownSource {
    config: MarkdownSourceConfig,
    name: String,
    /// What Git says, until it has new commits.
    git: git::Cache,
}

impl MarkdownSource {
    /// Names files relative to `root` in messages.
    #[must_use]
    pub fn new(config: MarkdownSourceConfig, root: &Path) -> Self {
        let name = display_name(&config.path, root);
        let git = git::Cache::default();
        Self { config, name, git }
    }

    /// When the files were last changed by a commit, where that is asked for. What stands in
    /// the way is a remark: the articles have other dates.
    fn committed(&self, each: &mut dyn FnMut(News)) -> Arc<git::History> {
        if !self.config.git {
            return Arc::default();
        }
        let same = |old: &[u8], new: &[u8]| self.says_the_same(old, new);
        let history = self.git.history(&self.config.path, &same);
        for text in &history.remarks {
            let locator = Locator::file(self.name.clone());
            let text = text.clone();
            each(News::Read(Reading::Remark(Remark { locator, text }), None));
        }
        history
    }

    /// Whether two versions of a file differ in nothing but layout: white space, the form and
    /// order of the front matter, its date of change.
    fn says_the_same(&self, old: &[u8], new: &[u8]) -> bool {
        let read = |bytes: &[u8]| {
            let text = std::str::from_utf8(bytes).ok()?;
            let Split { map, body } = front_matter::split(text).ok()?;
            let mut draft = fields::read(&map, &self.config.fields, Locator::default()).ok()?;
            draft.updated = None;
            draft.tags.sort();
            let words: Vec<String> = body.split_whitespace().map(str::to_owned).collect();
            Some((draft, words))
        };
        let (old, new) = (read(old), read(new));
        old.is_some() && old == new
    }

    /// One file, if its mark is not `known`. The mark is taken first: what is written while
    /// the file is read gives it another.
    ///
    /// One that links other files is read each time: what stands in it follows from those too.
    fn news(&self, path: &str, git: &git::History, known: Known<'_>) -> News {
        let place = format!("{}/{path}", self.name);
        let metadata = std::fs::symlink_metadata(self.config.path.join(path)).ok();
        let mark = metadata.as_ref().and_then(Mark::of);
        if mark.is_some_and(|mark| known(&place, mark)) {
            return News::Same(place);
        }
        let draft = self.draft(path).map(|mut draft| {
            draft.git = git.of(path);
            self.add_pages(&mut draft);
            draft
        });
        let alone = draft.as_ref().map_or(true, |draft| draft.pages.is_empty());
        let stamp = mark.filter(|_| alone).map(|mark| Stamp { place, mark });
        let reading = draft.map(|draft| Reading::Draft(Box::new(draft)));
        News::Read(reading.unwrap_or_else(Reading::Rejected), stamp)
    }

    /// Reads the pages that the text of `draft` links by their files.
    fn add_pages(&self, draft: &mut Draft) {
        let Some(Content::Markdown(body)) = &draft.content else {
            return;
        };
        let page = |name: &String| {
            let path = links::file(&self.config.path, name)?;
            let page = self.draft(&path).ok().filter(|page| !page.draft)?;
            Some(Box::new(page))
        };
        let names = links::named(body).into_iter();
        draft.pages = names.map(|name| (name.clone(), page(&name))).collect();
    }

    /// One file, whose path below the folder is `path`.
    fn draft(&self, path: &str) -> Result<Draft, Rejection> {
        let text =
            tree::read(&self.config.path.join(path)).map_err(|(kind, reason)| Rejection {
                locator: Locator::file(format!("{}/{path}", self.name)),
                kind,
                reason,
            })?;
        self.read_text(path, &text)
    }

    /// Reads `text` in place of the file whose path below the folder is `path`.
    ///
    /// # Errors
    /// [`Rejection`], with the reason.
    pub fn read_text(&self, path: &str, text: &str) -> Result<Draft, Rejection> {
        let locator = Locator::file(format!("{}/{path}", self.name));
        let reject = |kind, reason: String| Rejection {
            locator: locator.clone(),
            kind,
            reason,
        };
        let Split { mut map, body } = front_matter::split(text).map_err(|fault| Rejection {
            locator: Locator {
                line: Some(fault.line),
                ..locator.clone()
            },
            kind: RejectionKind::Syntax,
            reason: fault.reason,
        })?;
        let has_no_page = takes_page_away(&mut map);
        let mut draft = fields::read(&map, &self.config.fields, locator.clone())?;
        draft.draft |= has_no_page;
        let place = Place::of(path);
        self.add_address(&mut draft, &map, &place)
            .map_err(|(kind, reason)| reject(kind, reason))?;
        draft.published = self
            .config
            .published_from
            .iter()
            .find_map(|from| dates::published(*from, &draft, &place));
        let body = if place.is_mdx {
            mdx::to_markdown(body)
        } else {
            body.to_owned()
        };
        let body = links::without_shortcodes(body, &self.config.path, path);
        text::add(&mut draft, body);
        Ok(draft)
    }

    /// Fills in what the file's place says where the front matter is silent.
    fn add_address(
        &self,
        draft: &mut Draft,
        map: &Map<String, Value>,
        place: &Place<'_>,
    ) -> Result<(), (RejectionKind, String)> {
        // Zola's `path` has no slashes around it, and the page is a folder.
        let is_path = !map.contains_key("url") && !map.contains_key("permalink");
        if let Some(url) = draft
            .url
            .as_mut()
            .filter(|_| is_path && map.contains_key("path"))
        {
            *url = format!("/{}/", url.trim_matches('/'));
        }
        if let Some(url) = draft.url.as_deref()
            && is_pattern(url)
        {
            let reason = format!(
                "the permalink {url} is a pattern; write the pattern as url in \
                 [source.markdown] and leave permalink out"
            );
            return Err((RejectionKind::Url, reason));
        }
        draft.path = Some(place.path.to_owned());
        if place.path == "index" {
            draft.url.get_or_insert_with(|| "./".to_owned());
        }
        draft
            .slug
            .get_or_insert_with(|| dates::without_date(place.stem).to_owned());
        if draft.section.is_none() {
            draft.section = place.section().map(str::to_owned);
        }
        Ok(())
    }
}

impl Source for MarkdownSource {
    fn read(&self, each: &mut dyn FnMut(Reading)) -> Result<(), SourceError> {
        self.read_news(&|_, _| false, &mut |news| {
            if let News::Read(reading, _) = news {
                each(reading);
            }
        })
        .map(|_| ())
    }

    fn read_news(
        &self,
        known: Known<'_>,
        each: &mut dyn FnMut(News),
    ) -> Result<Option<Bookmark>, SourceError> {
        let committed = self.committed(each);
        tree::walk(&self.config.path, &self.name, &mut |found| {
            let news = match found {
                Ok(path) => self.news(&path, &committed, known),
                Err(rejection) => News::Read(Reading::Rejected(rejection), None),
            };
            for remark in lost(&news) {
                each(News::Read(Reading::Remark(remark), None));
            }
            each(news);
        })?;
        Ok(None)
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn glance(&self) -> Glance {
        let mut glance = Glance::default();
        let folder = &self.config.path;
        let walked = tree::walk(folder, &self.name, &mut |found| match found {
            Ok(path) => glance.add(&folder.join(path)),
            Err(rejection) => glance.add_text(&rejection.locator.file),
        });
        if let Err(error) = walked {
            glance.add_text(&error.0);
        }
        glance
    }

    fn folders(&self) -> Vec<Folder> {
        let mut folders = Folder::around(&self.config.path);
        folders.push(Folder::whole(&self.config.path));
        folders
    }
}

/// What is to be said of links to files that are no articles.
fn lost(news: &News) -> Vec<Remark> {
    let News::Read(Reading::Draft(draft), _) = news else {
        return Vec::new();
    };
    let lost = draft.pages.iter().filter(|(_, page)| page.is_none());
    lost.map(|(name, _)| Remark {
        locator: draft.locator.clone(),
        text: format!("{name} is no article here; the words of the link stay alone"),
    })
    .collect()
}

/// What the path of a file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place<'a> {
    /// Without ending; for a bundle the folder's.
    path: &'a str,
    /// The last part of it.
    stem: &'a str,
    is_mdx: bool,
}

impl<'a> Place<'a> {
    fn of(path: &'a str) -> Self {
        let (without_ending, ending) = path.rsplit_once('.').unwrap_or((path, ""));
        let path = without_ending
            .strip_suffix("/index")
            .unwrap_or(without_ending);
        let stem = path.rsplit('/').next().unwrap_or(path);
        Self {
            path,
            stem,
            is_mdx: ending.eq_ignore_ascii_case("mdx"),
        }
    }

    /// The first folder.
    fn section(&self) -> Option<&'a str> {
        self.path.split_once('/').map(|(folder, _)| folder)
    }
}

/// Whether the site makes no page of it: Hugo's `headless: true`, Eleventy's
/// `permalink: false`, which is then no address.
fn takes_page_away(map: &mut Map<String, Value>) -> bool {
    let is_off = |value: &Value| *value == Value::Bool(false) || value == "false";
    let has_no_address = map.get("permalink").is_some_and(is_off);
    if has_no_address {
        map.remove("permalink");
    }
    has_no_address || map.get("headless") == Some(&Value::Bool(true))
}

/// Whether an address is a pattern: `/:year/:title/` (Jekyll, Hugo), `/{{ title | slugify }}/`
/// (Eleventy).
fn is_pattern(url: &str) -> bool {
    url.contains("{{") || url.contains("{%") || url.split('/').any(|part| part.starts_with(':'))
}
