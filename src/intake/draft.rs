//! The fields of one draft, each made clean.

use super::{
    Candidate,
    address::address,
    files::SiteFiles,
    filled,
    limits::{TooLarge, check_bytes},
    markdown::{from_markdown, from_text},
    media,
    plain::{first_words, plain},
    sanitise::{Pages, sanitise},
};
use crate::{
    article::{
        AbsoluteUrl, Alternate, ArticleId, Enclosure, Hreflang, Html, Language, Moment, Person,
        Piece, Tag, UrlTemplate, XmlText,
    },
    config::Site,
    dates::{self, Declared, Fingerprint},
    source::{Content, Draft, DraftEnclosure, DraftPerson, RejectionKind},
};

/// The most bytes of a title or summary, markup included.
const MAX_LINE_BYTES: usize = 64 * 1024;
/// How many characters of the text stand for a title that is missing.
const TITLE_CHARS: usize = 80;

/// Why a draft cannot be served.
pub struct Fault {
    pub kind: RejectionKind,
    pub reason: String,
}

impl From<TooLarge> for Fault {
    fn from(fault: TooLarge) -> Self {
        fault_of(RejectionKind::TooLarge, fault.to_string())
    }
}

const fn fault_of(kind: RejectionKind, reason: String) -> Fault {
    Fault { kind, reason }
}

pub(super) fn value_fault(field: &str, fault: impl std::fmt::Display) -> Fault {
    fault_of(RejectionKind::Value, format!("{field}: {fault}"))
}

/// The work on one draft, which counts the characters that it replaces.
pub struct Washing<'s> {
    site: &'s Site,
    files: Option<&'s SiteFiles>,
    replaced: usize,
}

impl<'s> Washing<'s> {
    pub const fn new(site: &'s Site, files: Option<&'s SiteFiles>) -> Self {
        Self {
            site,
            files,
            replaced: 0,
        }
    }

    /// Cleans every field of `draft`; `template` makes the address of one that has no URL.
    pub fn wash(
        mut self,
        draft: &Draft,
        template: Option<&UrlTemplate>,
    ) -> Result<Candidate, Fault> {
        let declared = Declared {
            published: self.date("published", draft.published.as_deref())?,
            updated: self.date("updated", draft.updated.as_deref())?,
        };
        let url = address(self.site, template, draft, declared.published)
            .map_err(|(kind, reason)| fault_of(kind, reason))?;
        let origin_id = origin_id(draft, &url, declared.published)?;
        let content = self.content(draft.content.as_ref(), &url, self.pages(draft, template))?;
        let summary = self.summary(draft.summary.as_ref())?;
        let title = match self.plain_line("title", draft.title.as_deref())? {
            Some(title) => title,
            None => stand_in_title(content.as_ref(), summary.as_ref())?,
        };
        let extras = self.extras(&draft.extras, &url, &title, summary.as_ref())?;
        let piece = Piece {
            title,
            summary,
            content,
            authors: self.authors(&draft.authors)?,
            tags: self.tags(&draft.tags),
            section: draft.section.as_deref().and_then(|raw| self.tag(raw)),
            language: language(draft.language.as_deref())?,
            image: filled(draft.image.as_deref())
                .map(|image| resolve(&url, "image", image))
                .transpose()?,
            enclosures: self.enclosures(&draft.enclosures, &url)?,
            alternates: alternates(&draft.alternates, &url)?,
            noindex: draft.noindex,
            reading_minutes: draft.reading_minutes,
            extras,
            url,
        };
        let (fingerprint, words) = Fingerprint::both(&piece);
        Ok(Candidate {
            locator: draft.locator.clone(),
            origin_id,
            handle: handle(draft, self.site, &piece.url),
            body_known: piece.content.is_some() || draft.path.is_some(),
            piece,
            fingerprint,
            words,
            declared,
            git: draft.git,
            replaced: self.replaced,
        })
    }

    /// The addresses of the pages that the text links by their files.
    fn pages(&self, draft: &Draft, template: Option<&UrlTemplate>) -> Pages {
        let pages = draft.pages.iter().map(|(name, page)| {
            let url = page.as_ref().and_then(|page| {
                let published = self.date("published", page.published.as_deref()).ok()?;
                address(self.site, template, page, published).ok()
            });
            (name.clone(), url.map(|url| url.to_string()))
        });
        pages.collect()
    }

    fn date(&self, field: &str, raw: Option<&str>) -> Result<Option<Moment>, Fault> {
        let Some(raw) = filled(raw) else {
            return Ok(None);
        };
        dates::parse(raw, self.site.timezone)
            .map(Some)
            .map_err(|fault| {
                let shown: String = raw.chars().take(40).collect();
                fault_of(RejectionKind::Date, format!("{field} {shown:?}: {fault}"))
            })
    }

    fn line(&mut self, raw: &str) -> XmlText {
        let (line, replaced) = XmlText::line(raw);
        self.replaced += replaced;
        line
    }

    pub(super) fn plain_line(
        &mut self,
        field: &str,
        raw: Option<&str>,
    ) -> Result<Option<XmlText>, Fault> {
        let Some(raw) = filled(raw) else {
            return Ok(None);
        };
        if raw.len() > MAX_LINE_BYTES {
            return Err(fault_of(
                RejectionKind::TooLarge,
                format!("{field}: it is larger than 64 KiB; shorten it"),
            ));
        }
        let line = self.line(&plain(raw));
        Ok((!line.is_empty()).then_some(line))
    }

    /// A summary is one line of plain text, whatever it is written in.
    fn summary(&mut self, summary: Option<&Content>) -> Result<Option<XmlText>, Fault> {
        match summary {
            None => Ok(None),
            Some(Content::Html(html)) => self.plain_line("summary", Some(html)),
            Some(Content::Markdown(markdown)) => {
                self.plain_line("summary", Some(&from_markdown(markdown)))
            }
            Some(Content::Text(text)) => self.plain_line("summary", Some(&from_text(text))),
        }
    }

    fn content(
        &mut self,
        content: Option<&Content>,
        base: &AbsoluteUrl,
        pages: Pages,
    ) -> Result<Option<Html>, Fault> {
        let Some(content) = content else {
            return Ok(None);
        };
        let (Content::Html(written) | Content::Markdown(written) | Content::Text(written)) =
            content;
        check_bytes(written)?;
        let html = match content {
            Content::Html(html) => html,
            Content::Markdown(markdown) => &from_markdown(markdown),
            Content::Text(text) => &from_text(text),
        };
        let html = sanitise(html, base.as_url(), &self.site.content, pages)?;
        let (markup, replaced) = XmlText::clean(html.trim());
        self.replaced += replaced;
        Ok((!markup.is_empty()).then(|| Html::from_sanitised(markup)))
    }

    fn authors(&mut self, drafts: &[DraftPerson]) -> Result<Vec<Person>, Fault> {
        let mut authors = Vec::new();
        for draft in drafts {
            if let Some(author) = self.author(draft)?
                && !authors.contains(&author)
            {
                authors.push(author);
            }
        }
        Ok(authors)
    }

    fn author(&mut self, draft: &DraftPerson) -> Result<Option<Person>, Fault> {
        let (email, url) = (filled(draft.email.as_deref()), filled(draft.url.as_deref()));
        let name = self.line(&draft.name);
        if name.is_empty() {
            if email.is_none() && url.is_none() {
                return Ok(None);
            }
            return Err(value_fault("authors", "a person needs a name"));
        }
        if let Some(email) = email.filter(|email| !is_email(email)) {
            let fault = format!("{email:?} is no e-mail address; correct it or leave it out");
            return Err(value_fault("authors", fault));
        }
        Ok(Some(Person {
            name,
            email: email.map(|email| self.line(email)),
            url: url
                .map(|url| resolve(&self.site.url, "authors", url))
                .transpose()?,
        }))
    }

    fn tag(&mut self, raw: &str) -> Option<Tag> {
        let line = self.line(raw);
        Tag::new(line.as_str())
    }

    fn tags(&mut self, raw: &[String]) -> Vec<Tag> {
        let mut tags = Vec::new();
        for tag in raw.iter().filter_map(|raw| self.tag(raw)) {
            if !tags.contains(&tag) {
                tags.push(tag);
            }
        }
        tags
    }

    fn enclosures(
        &mut self,
        drafts: &[DraftEnclosure],
        base: &AbsoluteUrl,
    ) -> Result<Vec<Enclosure>, Fault> {
        drafts
            .iter()
            .map(|draft| {
                let url = resolve(base, "enclosures", &draft.url)?;
                let media_type = match filled(draft.media_type.as_deref()) {
                    Some(declared) if media::is_media_type(declared) => self.line(declared),
                    Some(declared) => {
                        let fault = format!("{declared:?} is no media type such as audio/mpeg");
                        return Err(value_fault("enclosures", fault));
                    }
                    None => media::type_of(url.path()).into(),
                };
                let length = draft
                    .length
                    .or_else(|| self.files.and_then(|files| files.length(&url)));
                Ok(Enclosure {
                    url,
                    media_type,
                    length,
                })
            })
            .collect()
    }
}

/// The trimmed id, checked for what [`ArticleId`] will take when memory makes one.
fn origin_id(
    draft: &Draft,
    url: &AbsoluteUrl,
    published: Option<Moment>,
) -> Result<Option<String>, Fault> {
    let Some(id) = filled(draft.id.as_deref()) else {
        return Ok(None);
    };
    ArticleId::from_name(id, url, published.map(Moment::instant))
        .map_err(|fault| value_fault("id", fault))?;
    Ok(Some(id.to_owned()))
}

/// What stays when the address changes.
fn handle(draft: &Draft, site: &Site, url: &AbsoluteUrl) -> String {
    filled(draft.path.as_deref())
        .or_else(|| filled(draft.slug.as_deref()))
        .map_or_else(|| site.address_key(url), str::to_owned)
}

/// The first words of the text, for readers that list nothing but titles.
fn stand_in_title(content: Option<&Html>, summary: Option<&XmlText>) -> Result<XmlText, Fault> {
    let text = content.map(|html| XmlText::line(&plain(html.as_str())).0);
    let text = text.filter(|text| !text.is_empty());
    let Some(text) = text.as_ref().or(summary) else {
        return Err(fault_of(
            RejectionKind::Missing,
            "it has neither a title nor any text; add a title".to_owned(),
        ));
    };
    Ok(first_words(text.as_str(), TITLE_CHARS).into())
}

fn language(raw: Option<&str>) -> Result<Option<Language>, Fault> {
    filled(raw)
        .map(|raw| Language::parse(raw).map_err(|fault| value_fault("language", fault)))
        .transpose()
}

fn alternates(raw: &[(String, String)], base: &AbsoluteUrl) -> Result<Vec<Alternate>, Fault> {
    raw.iter()
        .map(|(language, url)| {
            Ok(Alternate {
                language: Hreflang::parse(language)
                    .map_err(|fault| value_fault("alternates", fault))?,
                url: resolve(base, "alternates", url)?,
            })
        })
        .collect()
}

pub(super) fn resolve(
    base: &AbsoluteUrl,
    field: &str,
    reference: &str,
) -> Result<AbsoluteUrl, Fault> {
    let reference = reference.trim();
    if reference.is_empty() {
        return Err(value_fault(field, "the URL is empty"));
    }
    base.join(reference)
        .map_err(|fault| value_fault(field, fault))
}

/// One `@` with something on each side, and no white space: all that RSS and Atom ask for.
fn is_email(text: &str) -> bool {
    let mut sides = text.split('@');
    let has_side = |side: Option<&str>| side.is_some_and(|side| !side.is_empty());
    has_side(sides.next())
        && has_side(sides.next())
        && sides.next().is_none()
        && !text.contains(char::is_whitespace)
}
