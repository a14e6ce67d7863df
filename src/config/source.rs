//! `[source.…]`

use std::path::Path;

use super::{
    FileFormat, FileSourceConfig, MarkdownSourceConfig, PublishedFrom, SourceConfig,
    fault::Faults,
    reader::{Table, Text, pick, quoted},
};
use crate::article::UrlTemplate;

const FORMATS: [(&str, FileFormat); 7] = [
    ("toml", FileFormat::Toml),
    ("json", FileFormat::Json),
    ("ndjson", FileFormat::Ndjson),
    ("jsonl", FileFormat::Ndjson),
    ("csv", FileFormat::Csv),
    ("yaml", FileFormat::Yaml),
    ("yml", FileFormat::Yaml),
];

const PLACES: [(&str, PublishedFrom); 3] = [
    ("front-matter", PublishedFrom::FrontMatter),
    ("filename", PublishedFrom::Filename),
    ("path", PublishedFrom::Path),
];

/// Our names of what front matter may call otherwise.
pub(super) const FIELDS: [&str; 15] = [
    "id",
    "title",
    "summary",
    "authors",
    "tags",
    "section",
    "language",
    "published",
    "updated",
    "image",
    "draft",
    "noindex",
    "slug",
    "url",
    "reading_minutes",
];

const EXAMPLE: &str = "add [source.file] with path = \"articles.toml\", or [source.markdown] \
                       with path = \"content\"";

/// Reads whichever kind is there. `root` is the folder that paths are relative to.
pub(super) fn read(
    document: &mut Table<'_>,
    faults: &mut Faults,
    root: &Path,
) -> Option<SourceConfig> {
    let Some(mut table) = document.table(faults, "source") else {
        if !document.has("source") {
            faults.add(
                0..0,
                "there is no [source.file] and no other source",
                EXAMPLE,
            );
        }
        return None;
    };
    let kinds = (table.has("file"), table.has("markdown"));
    let file = table
        .table(faults, "file")
        .map(|table| file(table, faults, root));
    let markdown = table
        .table(faults, "markdown")
        .map(|table| markdown(table, faults, root));
    let source = match kinds {
        (true, false) => file.flatten().map(SourceConfig::File),
        (false, true) => markdown.flatten().map(SourceConfig::Markdown),
        (false, false) => {
            faults.add(table.span(), "[source] names no kind of source", EXAMPLE);
            None
        }
        (true, true) => {
            let both = [table.key_span("file"), table.key_span("markdown")];
            let second = both.into_iter().flatten().max_by_key(|span| span.start);
            let span = second.unwrap_or_else(|| table.span());
            let message = "there are two sources, [source.file] and [source.markdown]";
            faults.add(span, message, "keep the one that holds the articles");
            None
        }
    };
    table.finish(faults);
    source
}

fn file(mut table: Table<'_>, faults: &mut Faults, root: &Path) -> Option<FileSourceConfig> {
    let path = table.required_text(faults, "path", "articles.toml");
    let url = template(&mut table, faults, "url", "articles/{slug}/");
    table.finish(faults);
    let path = path?;
    let ending = Path::new(path.value)
        .extension()
        .and_then(|ending| ending.to_str());
    let ending = ending.unwrap_or_default().to_ascii_lowercase();
    let Some((_, format)) = FORMATS.iter().find(|(known, _)| *known == ending) else {
        faults.add(
            path.span,
            "source.file.path has no ending that tells its format",
            "known are .toml, .json, .ndjson, .jsonl, .csv, .yaml and .yml",
        );
        return None;
    };
    Some(FileSourceConfig {
        path: root.join(path.value),
        format: *format,
        url,
    })
}

fn markdown(
    mut table: Table<'_>,
    faults: &mut Faults,
    root: &Path,
) -> Option<MarkdownSourceConfig> {
    let path = table.required_text(faults, "path", "content");
    if !table.has("url") {
        faults.add(
            table.span(),
            "source.markdown.url is missing",
            "add url = \"/{path}/\", or how your site makes addresses",
        );
    }
    let url = template(&mut table, faults, "url", "/{path}/");
    let published_from = places(&mut table, faults);
    let git = table.flag(faults, "git", false);
    let fields = fields(&mut table, faults);
    table.finish(faults);
    Some(MarkdownSourceConfig {
        path: root.join(path?.value),
        url: url?,
        published_from,
        git,
        fields,
    })
}

fn template(
    table: &mut Table<'_>,
    faults: &mut Faults,
    key: &'static str,
    example: &str,
) -> Option<UrlTemplate> {
    let text = table.text(faults, key, example)?;
    UrlTemplate::parse(text.value)
        .map_err(|error| {
            let message = format!("the URL template cannot be used: {error}");
            faults.add(
                text.span,
                message,
                format!("write for example {}", quoted(example)),
            );
        })
        .ok()
}

fn places(table: &mut Table<'_>, faults: &mut Faults) -> Vec<PublishedFrom> {
    let Some(texts) = table.texts(faults, "published_from", "front-matter") else {
        return vec![PublishedFrom::FrontMatter, PublishedFrom::Filename];
    };
    texts
        .iter()
        .filter_map(|text| pick(faults, "source.markdown.published_from", text, &PLACES))
        .collect()
}

/// Every field that has another name in the front matter.
fn fields(table: &mut Table<'_>, faults: &mut Faults) -> Vec<(String, String)> {
    let Some(mut table) = table.table(faults, "fields") else {
        return Vec::new();
    };
    let mut fields = Vec::new();
    for ours in FIELDS {
        if let Some(Text { value, span }) = table.text(faults, ours, "created_at") {
            if value.trim().is_empty() {
                let message = format!("source.markdown.fields.{ours} is empty");
                faults.add(span, message, "write the name that the front matter uses");
            } else {
                fields.push((ours.to_owned(), value.trim().to_owned()));
            }
        }
    }
    table.finish(faults);
    fields
}
