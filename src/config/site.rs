//! `[site]`

use std::path::Path;

use super::{
    IdScheme, Site,
    fault::Faults,
    reader::{Table, Text, quoted},
};
use crate::{
    article::{AbsoluteUrl, Language, Person, XmlText},
    dates::Zone,
    intake::Wishes,
};

const URL: &str = "https://example.org/";

const IDS: [(&str, IdScheme); 2] = [("tag", IdScheme::Tag), ("url", IdScheme::Url)];

/// Reads the table; `None` when something that must be there is not, or is wrong.
pub(super) fn read(document: &mut Table<'_>, faults: &mut Faults, root: &Path) -> Option<Site> {
    let Some(mut table) = document.table(faults, "site") else {
        if !document.has("site") {
            faults.add(
                0..0,
                "there is no [site]",
                "add it: [site], url = \"https://example.org/\", title = \"…\"",
            );
        }
        return None;
    };
    let url = table.required_text(faults, "url", URL);
    let url = url.and_then(|text| site_url(&text, faults));
    let title = table.required_text(faults, "title", "My notes");
    let title = title.and_then(|text| line("site.title", &text, faults));
    let description = table
        .text(faults, "description", "Notes on everything")
        .and_then(|text| line("site.description", &text, faults));
    let language = language(&mut table, faults);
    let timezone = timezone(&mut table, faults);
    let author = author(&mut table, faults);
    let ids = table.choice(faults, "ids", &IDS).unwrap_or_default();
    let other_hosts = table
        .texts(faults, "other_hosts", "example.com")
        .unwrap_or_default();
    let other_hosts = other_hosts
        .iter()
        .filter_map(|text| host("site.other_hosts", text, faults))
        .collect();
    let files = table.text(faults, "files", "public");
    let files = files.map(|text| root.join(text.value));
    let tag_scheme = scheme(&mut table, "tag_scheme", faults);
    let section_scheme = scheme(&mut table, "section_scheme", faults);
    let content = content(&mut table, faults);
    table.finish(faults);
    let title = title?;
    let description = description.unwrap_or_else(|| title.clone());
    Some(Site {
        url: url?,
        title,
        description,
        language: language?,
        timezone,
        ids,
        author,
        other_hosts,
        files,
        tag_scheme,
        section_scheme,
        content,
    })
}

/// Stands for a site that is wrong, while the rest of the file is read for its faults.
pub(super) fn stand_in() -> Option<Site> {
    Some(Site {
        url: AbsoluteUrl::parse(URL).ok()?,
        title: XmlText::from("-"),
        description: XmlText::from("-"),
        language: Language::parse("en").ok()?,
        timezone: Zone::UTC,
        ids: IdScheme::default(),
        author: None,
        other_hosts: Vec::new(),
        files: None,
        tag_scheme: None,
        section_scheme: None,
        content: Wishes::default(),
    })
}

/// A line of plain text that is not empty.
pub(super) fn line(path: &str, text: &Text<'_>, faults: &mut Faults) -> Option<XmlText> {
    let (line, _) = XmlText::line(text.value);
    if line.is_empty() {
        faults.add(
            text.span.clone(),
            format!("{path} is empty"),
            "write a few words, or leave the key out where it has a default",
        );
        return None;
    }
    Some(line)
}

fn site_url(text: &Text<'_>, faults: &mut Faults) -> Option<AbsoluteUrl> {
    let url = match AbsoluteUrl::parse(text.value) {
        Ok(url) => url,
        Err(error) => {
            faults.add(
                text.span.clone(),
                format!("site.url cannot be used: {error}"),
                format!("write the address of the site, for example {}", quoted(URL)),
            );
            return None;
        }
    };
    if url.as_url().query().is_some() || url.as_url().fragment().is_some() {
        faults.add(
            text.span.clone(),
            "site.url has a query or a fragment",
            "leave out everything from the ? or # on",
        );
        return None;
    }
    if url.path().ends_with('/') {
        return Some(url);
    }
    // Relative addresses are resolved against the site as a folder.
    AbsoluteUrl::parse(&format!("{url}/")).ok()
}

fn language(table: &mut Table<'_>, faults: &mut Faults) -> Option<Language> {
    let Some(text) = table.text(faults, "language", "en") else {
        return Language::parse("en").ok();
    };
    match Language::parse(text.value) {
        Ok(language) => Some(language),
        Err(error) => {
            let help = "write a tag of RFC 5646, for example \"en\" or \"pt-BR\"";
            faults.add(text.span, format!("site.language: {error}"), help);
            None
        }
    }
}

fn timezone(table: &mut Table<'_>, faults: &mut Faults) -> Zone {
    let Some(text) = table.text(faults, "timezone", "+00:00") else {
        return Zone::UTC;
    };
    Zone::parse(text.value).unwrap_or_else(|error| {
        let help = "write an offset or a name of the IANA time zone database";
        faults.add(text.span, format!("site.timezone: {error}"), help);
        Zone::UTC
    })
}

fn author(table: &mut Table<'_>, faults: &mut Faults) -> Option<Person> {
    let mut author = table.table(faults, "author")?;
    let name = author.required_text(faults, "name", "Ada Lovelace");
    let name = name.and_then(|text| line("site.author.name", &text, faults));
    let email = author
        .text(faults, "email", "ada@example.org")
        .and_then(|text| {
            let (email, _) = XmlText::line(text.value);
            let (user, host) = email.as_str().split_once('@').unwrap_or_default();
            if user.is_empty()
                || host.is_empty()
                || host.contains('@')
                || email.as_str().contains(' ')
            {
                let message = "site.author.email is not an e-mail address";
                faults.add(text.span, message, "write for example \"ada@example.org\"");
                return None;
            }
            Some(email)
        });
    let url = author.text(faults, "url", URL).and_then(|text| {
        AbsoluteUrl::parse(text.value)
            .map_err(|error| {
                let message = format!("site.author.url cannot be used: {error}");
                faults.add(text.span, message, "write a whole address, with https://");
            })
            .ok()
    });
    author.finish(faults);
    Some(Person {
        name: name?,
        email,
        url,
    })
}

fn host(path: &str, text: &Text<'_>, faults: &mut Faults) -> Option<String> {
    let host = text.value.trim().to_ascii_lowercase();
    let parsed = AbsoluteUrl::parse(&format!("https://{host}/"));
    if host == "*" || parsed.is_ok_and(|url| url.path_and_query() == "/") {
        return Some(host);
    }
    faults.add(
        text.span.clone(),
        format!("{path}: {} is not a host", quoted(text.value)),
        "write a host such as \"example.com\" or \"example.com:8443\", or \"*\" for any",
    );
    None
}

fn scheme(table: &mut Table<'_>, key: &'static str, faults: &mut Faults) -> Option<XmlText> {
    let text = table.text(faults, key, "https://example.org/tags/")?;
    if url::Url::parse(text.value).is_err() {
        faults.add(
            text.span,
            format!("site.{key} is not an absolute IRI"),
            "write for example \"https://example.org/tags/\"",
        );
        return None;
    }
    Some(XmlText::line(text.value).0)
}

fn content(table: &mut Table<'_>, faults: &mut Faults) -> Wishes {
    let Some(mut table) = table.table(faults, "content") else {
        return Wishes::default();
    };
    let texts = table.texts(faults, "iframes", "www.youtube-nocookie.com");
    let texts = texts.unwrap_or_default();
    let iframes = texts.iter().filter_map(|text| {
        if text.value == "*" {
            let help = "name each host: a frame of any host can show anything to readers";
            faults.add(
                text.span.clone(),
                "iframes of any host cannot be kept",
                help,
            );
            return None;
        }
        host("site.content.iframes", text, faults)
    });
    let iframes = iframes.collect();
    let drop_pixels = table.flag(faults, "drop_pixels", false);
    table.finish(faults);
    Wishes {
        iframes,
        drop_pixels,
    }
}
