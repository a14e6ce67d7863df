//! `[source.file]`

use std::path::Path;

use super::template;
use crate::config::{FileFormat, FileSourceConfig, fault::Faults, reader::Table};

const FORMATS: [(&str, FileFormat); 7] = [
    ("toml", FileFormat::Toml),
    ("json", FileFormat::Json),
    ("ndjson", FileFormat::Ndjson),
    ("jsonl", FileFormat::Ndjson),
    ("csv", FileFormat::Csv),
    ("yaml", FileFormat::Yaml),
    ("yml", FileFormat::Yaml),
];

pub(super) fn read(
    mut table: Table<'_>,
    faults: &mut Faults,
    root: &Path,
) -> Option<FileSourceConfig> {
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
