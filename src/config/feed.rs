//! `[[feed]]`

use super::{
    FeedConfig, FeedScope, Site,
    fault::Faults,
    podcast,
    reader::{Table, pick, quoted},
    selection::{self, Ground},
    site::line,
    sitemap::resolve,
};
use crate::{
    article::{Axis, Language, Order, Selection},
    render::{ContentMode, FeedFormat},
};

const DEFAULT_LIMIT: usize = 20;
const MAX_LIMIT: usize = 10_000;
/// A budget smaller than this holds no feed, and one larger no reader fetches.
const BYTES: std::ops::RangeInclusive<usize> = 1_000..=1_000_000_000;

const AXES: [(&str, Axis); 4] = [
    ("tag", Axis::Tag),
    ("author", Axis::Author),
    ("section", Axis::Section),
    ("language", Axis::Language),
];

const MODES: [(&str, ContentMode); 2] = [
    ("full", ContentMode::Full),
    ("summary", ContentMode::Summary),
];

const FORMATS: [(&str, FeedFormat); 4] = [
    ("rss", FeedFormat::Rss),
    ("atom", FeedFormat::Atom),
    ("json", FeedFormat::Json),
    ("jsonld", FeedFormat::JsonLd),
];

/// Reads every block. A file without any has one feed of all articles.
pub(super) fn read(document: &mut Table<'_>, site: &Site, faults: &mut Faults) -> Vec<FeedConfig> {
    let Some(tables) = document.tables(faults, "feed") else {
        return vec![FeedConfig {
            scope: FeedScope::Named("all".to_owned()),
            selection: Selection::all(),
            limit: DEFAULT_LIMIT,
            archive: false,
            content: ContentMode::Full,
            title: None,
            description: None,
            language: None,
            image: None,
            max_bytes: None,
            podcast: None,
            formats: FeedFormat::ALL.to_vec(),
        }];
    };
    let mut feeds: Vec<FeedConfig> = Vec::new();
    for table in tables {
        let span = table.span();
        let Some(feed) = feed(table, site, faults) else {
            continue;
        };
        if feeds.iter().any(|earlier| earlier.scope == feed.scope) {
            let message = match &feed.scope {
                FeedScope::Named(name) => {
                    format!("there are two feeds with name = {}", quoted(name))
                }
                FeedScope::Each(axis) => {
                    format!("there are two feeds with each = {}", quoted(axis.name()))
                }
            };
            faults.add(
                span,
                message,
                "their documents would have one address; keep one of them",
            );
        }
        feeds.push(feed);
    }
    feeds
}

fn feed(mut table: Table<'_>, site: &Site, faults: &mut Faults) -> Option<FeedConfig> {
    let scope = scope(&mut table, faults);
    let ground = Ground {
        zone: site.timezone,
        language: site.language.clone(),
    };
    let selection = selection::read(&mut table, &ground, faults);
    let limit = table.integer(faults, "limit", 1..=MAX_LIMIT, DEFAULT_LIMIT);
    let archive = table.flag(faults, "archive", false);
    if archive && selection.order != Order::Newest {
        let span = table.key_span("order").unwrap_or_else(|| table.span());
        let message = "a feed with archive = true cannot have another order than the newest first";
        let help = "leave out order, or archive: its pages are finished oldest first";
        faults.add(span, message, help);
    }
    let content = table
        .choice(faults, "content", &MODES)
        .unwrap_or(ContentMode::Full);
    let title = table.text(faults, "title", "My feed");
    let title = title.and_then(|text| line("feed.title", &text, faults));
    let description = table.text(faults, "description", "All of it");
    let description = description.and_then(|text| line("feed.description", &text, faults));
    let language = language(&mut table, faults);
    let image = table.text(faults, "image", "logo.png");
    let image = image.and_then(|text| resolve(&site.url, &text, "feed.image", faults));
    let max_bytes = table.has("max_bytes");
    let max_bytes = max_bytes.then(|| table.integer(faults, "max_bytes", BYTES, *BYTES.end()));
    let podcast = podcast::read(&mut table, site, image.as_ref(), faults);
    let formats = formats(&mut table, faults);
    table.finish(faults);
    Some(FeedConfig {
        scope: scope?,
        // What Apple takes has a file of sound or film in each item.
        selection: Selection {
            episodes: podcast.is_some(),
            ..selection
        },
        limit,
        archive,
        content,
        title,
        description,
        language,
        image,
        max_bytes,
        podcast,
        formats,
    })
}

fn scope(table: &mut Table<'_>, faults: &mut Faults) -> Option<FeedScope> {
    const HELP: &str = "write name = \"all\" for one feed, or each = \"tag\" for one per tag";
    match (table.has("name"), table.has("each")) {
        (true, false) => {
            let text = table.text(faults, "name", "all")?;
            let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            if text.value.is_empty() || !text.value.chars().all(fits) {
                let message = format!("feed.name cannot be {}", quoted(text.value));
                let help = "it stands in addresses: use lower-case letters, digits and hyphens";
                faults.add(text.span, message, help);
                return None;
            }
            Some(FeedScope::Named(text.value.to_owned()))
        }
        (false, true) => table.choice(faults, "each", &AXES).map(FeedScope::Each),
        (false, false) => {
            faults.add(table.span(), "a feed has neither name nor each", HELP);
            None
        }
        (true, true) => {
            let span = table.key_span("each").unwrap_or_else(|| table.span());
            faults.add(span, "a feed has both name and each", HELP);
            None
        }
    }
}

fn language(table: &mut Table<'_>, faults: &mut Faults) -> Option<Language> {
    let text = table.text(faults, "language", "en")?;
    Language::parse(text.value)
        .map_err(|error| {
            let help = "write a tag of RFC 5646, for example \"en\" or \"pt-BR\"";
            faults.add(text.span, format!("feed.language: {error}"), help);
        })
        .ok()
}

fn formats(table: &mut Table<'_>, faults: &mut Faults) -> Vec<FeedFormat> {
    let Some(texts) = table.texts(faults, "formats", "rss") else {
        return FeedFormat::ALL.to_vec();
    };
    let mut formats = Vec::new();
    for text in &texts {
        let Some(format) = pick(faults, "feed.formats", text, &FORMATS) else {
            continue;
        };
        if formats.contains(&format) {
            let message = format!("feed.formats names {} twice", quoted(text.value));
            faults.add(text.span.clone(), message, "name each format once");
        } else {
            formats.push(format);
        }
    }
    if texts.is_empty() {
        let span = table.key_span("formats").unwrap_or_else(|| table.span());
        let help = "leave the key out for all three, or name at least one";
        faults.add(span, "feed.formats is empty", help);
    }
    formats
}
