//! The fields of a document for a `_headers` file: a path, then its fields, indented.

use crate::{edition::Document, serve};

/// Of one document. Static hosts make validators, codings and lengths themselves.
pub(super) fn render(document: &Document) -> String {
    let mut text = format!("{}\n", document.path);
    for (name, value) in &serve::static_fields(document) {
        if let Ok(value) = value.to_str() {
            text.push_str(&format!("  {name}: {value}\n"));
        }
    }
    text
}
