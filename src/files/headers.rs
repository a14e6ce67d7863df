//! The fields of every document as a `_headers` file: a path, then its fields, indented.

use crate::{edition::Edition, serve};

/// Of all documents, in order of path. Static hosts make validators, codings and lengths
/// themselves.
pub(super) fn render(edition: &Edition) -> String {
    let mut text = String::new();
    for (path, fields) in serve::static_fields(edition) {
        text.push_str(&format!("{path}\n"));
        for (name, value) in &fields {
            if let Ok(value) = value.to_str() {
                text.push_str(&format!("  {name}: {value}\n"));
            }
        }
    }
    text
}
