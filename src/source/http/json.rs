//! Walks through JSON without taking it apart: what is not asked for is only passed over, and
//! an article that is broken in itself does not take the others with it.

use std::collections::BTreeMap;

use serde_json::{Value, value::RawValue};

/// A value as it is written.
pub(super) type Raw<'a> = &'a RawValue;

/// The members of an object, or `None` where it is none.
pub(super) fn members(raw: Raw<'_>) -> Option<BTreeMap<String, Raw<'_>>> {
    serde_json::from_str(raw.get()).ok()
}

/// The items of an array, or `None` where it is none.
pub(super) fn items(raw: Raw<'_>) -> Option<Vec<Raw<'_>>> {
    serde_json::from_str(raw.get()).ok()
}

/// What stands at a dotted path of objects.
pub(super) fn at<'a>(raw: Raw<'a>, path: &str) -> Option<Raw<'a>> {
    path.split('.')
        .try_fold(raw, |raw, name| members(raw)?.remove(name))
}

/// What stands at a dotted path, where it is a text or a number with something in it.
pub(super) fn text_at(raw: Raw<'_>, path: &str) -> Option<String> {
    let value: Value = serde_json::from_str(at(raw, path)?.get()).ok()?;
    match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
    .filter(|text| !text.is_empty())
}

/// What stands at a dotted path of an article. A number counts the items of an array, from
/// 0; a name behind an array is looked up in each of its items.
pub(super) fn find(value: &Value, path: &str) -> Option<Value> {
    let (name, rest) = match path.split_once('.') {
        // A name with a dot in it may stand there as it is.
        _ if value.get(path).is_some() => (path, None),
        Some((name, rest)) => (name, Some(rest)),
        None => (path, None),
    };
    let found = match value {
        Value::Object(table) => table.get(name)?,
        Value::Array(list) => {
            if let Ok(number) = name.parse::<usize>() {
                list.get(number)?
            } else {
                let each = list.iter().filter_map(|item| find(item, path));
                return Some(Value::Array(each.collect()));
            }
        }
        _ => return None,
    };
    match rest {
        Some(rest) => find(found, rest),
        None => Some(found.clone()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_reach_into_tables_and_lists() {
        let article = json!({
            "a": {"b": 1}, "a.c": 2,
            "tags": [{"n": "x"}, {"n": "y"}, {}], "covers": [{"url": "/1"}, {"url": "/2"}],
        });
        for (path, found) in [
            ("a.b", Some(json!(1))),
            ("a.c", Some(json!(2))),
            ("tags.n", Some(json!(["x", "y"]))),
            ("covers.1.url", Some(json!("/2"))),
            ("covers.9.url", None),
            ("a.b.c", None),
            ("z", None),
        ] {
            assert_eq!(find(&article, path), found, "{path}");
        }
    }
}
