//! `[source.markdown]`

use std::path::Path;

use super::template;
use crate::config::{
    MarkdownSourceConfig, PublishedFrom,
    fault::Faults,
    reader::{Table, Text, pick},
};

const PLACES: [(&str, PublishedFrom); 3] = [
    ("front-matter", PublishedFrom::FrontMatter),
    ("filename", PublishedFrom::Filename),
    ("path", PublishedFrom::Path),
];

/// Our names of what front matter may call otherwise.
const FIELDS: [&str; 15] = [
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

pub(super) fn read(
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
