//! A row as a draft.

use serde_json::{Map, Value};

use super::{database::Cell, plan::Plan};
use crate::source::{Draft, Locator, Rejection, RejectionKind, fields};

/// What a row is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Row {
    Draft(Box<Draft>),
    Rejected(Rejection),
    /// Marked as deleted; with its id, where rows have one.
    Gone(Option<String>),
}

/// Fields that are lists or tables, which databases without a type for them hold as text.
const NESTED: [&str; 8] = [
    "authors",
    "tags",
    "enclosures",
    "alternates",
    "videos",
    "episode",
    "original",
    "image",
];

/// Reads the cells that `plan` picks, of a row of `table`.
pub(super) fn read(plan: &Plan, table: &str, cells: Vec<Cell>) -> Row {
    let mut map = Map::new();
    let mut fault = None;
    let mut gone = false;
    for (at, (picked, cell)) in plan.picked.iter().zip(cells).enumerate() {
        match cell {
            Ok(value) if plan.deleted_at == Some(at) => gone = is_true(&value),
            // What JSON has of it is not what it holds.
            Ok(value) if picked.column.type_name == "bytea" && !value.is_null() => {
                let why = "holds bytes; select convert_from(…, 'UTF8') in a query or view";
                fault.get_or_insert_with(|| format!("{} {why}", picked.column.name));
            }
            Ok(value) => {
                map.insert(picked.field.clone(), nested(&picked.field, value));
            }
            Err(why) => {
                fault.get_or_insert_with(|| format!("{} {why}", picked.column.name));
            }
        }
    }
    let id = text(map.get("id"));
    if gone {
        return Row::Gone(id);
    }
    let name = id.clone().or_else(|| {
        let names = ["slug", "url", "title"];
        names.iter().find_map(|name| text(map.get(*name)))
    });
    let locator = match name {
        Some(name) => Locator::row(table, name),
        None => Locator::file(table),
    };
    if let Some(reason) = fault {
        return rejected(locator, RejectionKind::Unreadable, reason);
    }
    if id.is_none() && plan.has_id() {
        let reason = "its id is null; every row needs one, or there must be no id at all";
        return rejected(locator, RejectionKind::Missing, reason.to_owned());
    }
    match fields::read(&map, &[], locator) {
        Ok(draft) => Row::Draft(Box::new(draft)),
        Err(rejection) => Row::Rejected(rejection),
    }
}

fn rejected(locator: Locator, kind: RejectionKind, reason: String) -> Row {
    Row::Rejected(Rejection {
        locator,
        kind,
        reason,
    })
}

fn text(value: Option<&Value>) -> Option<String> {
    let text = match value? {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.trim().is_empty()).then_some(text)
}

/// A text that holds a list or a table is that.
fn nested(field: &str, value: Value) -> Value {
    let text = match &value {
        Value::String(text) => text,
        // An array of a database may have holes.
        Value::Array(items) if items.contains(&Value::Null) => {
            let items = items.iter().filter(|item| !item.is_null());
            return items.cloned().collect();
        }
        _ => return value,
    };
    let known = fields::known(field, false).map_or(field, |(group, _)| group);
    if !NESTED.contains(&known) || !text.trim_start().starts_with(['[', '{']) {
        return value;
    }
    serde_json::from_str(text).unwrap_or(value)
}

/// Whether a cell says that its row is deleted: a time at which it was, or a flag.
fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(flag) => *flag,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => {
            let text = text.trim().to_ascii_lowercase();
            !["", "0", "false", "f", "no", "n"].contains(&text.as_str())
        }
        Value::Array(_) | Value::Object(_) => true,
    }
}
