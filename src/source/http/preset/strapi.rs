//! Entries of Strapi: version 4 wraps everything in `data` and `attributes`, version 5 does
//! not.

use serde_json::{Map, Value};

/// An entry of either version as version 5 has it.
pub(super) fn flat(entry: Map<String, Value>) -> Map<String, Value> {
    match unwrap(Value::Object(entry)) {
        Value::Object(entry) => entry,
        _ => Map::new(),
    }
}

fn unwrap(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(unwrap).collect(),
        Value::Object(mut table) => {
            let is_relation = |name: &String| name == "data" || name == "meta";
            if table.keys().all(is_relation)
                && let Some(data) = table.remove("data")
            {
                return unwrap(data);
            }
            match table.remove("attributes") {
                Some(Value::Object(attributes)) => {
                    table.extend(attributes);
                }
                Some(other) => {
                    table.insert("attributes".to_owned(), other);
                }
                None => {}
            }
            let each = table.into_iter();
            Value::Object(each.map(|(name, value)| (name, unwrap(value))).collect())
        }
        other => other,
    }
}
