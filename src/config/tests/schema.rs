//! `docs/feeds.schema.json`, which editors complete by, held against the reader itself: what
//! keys a table has, what words and numbers they take, and what they are when left out. The
//! reference in `docs/feeds.toml.md` is held against the schema.

use std::{fs, path::Path};

use serde_json::Value as Json;
use tempfile::TempDir;
use toml::{Table, Value};

use crate::config::{Config, ConfigError, parse};

const SCHEMA: &str = "docs/feeds.schema.json";
const REFERENCE: &str = "docs/feeds.toml.md";

fn project_file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn schema() -> Json {
    serde_json::from_str(&project_file(SCHEMA)).unwrap()
}

/// A table of the schema: its keys from the root, each with whether it holds many.
struct Place<'a> {
    steps: Vec<(&'a str, bool)>,
    node: &'a Json,
}

impl Place<'_> {
    /// `feed.podcast`
    fn name(&self) -> String {
        let keys: Vec<&str> = self.steps.iter().map(|(key, _)| *key).collect();
        keys.join(".")
    }

    fn properties(&self) -> impl Iterator<Item = (&str, &Json)> {
        let properties = self.node["properties"].as_object().unwrap();
        properties.iter().map(|(key, node)| (key.as_str(), node))
    }
}

/// Every table, with all its keys known; fails at one that says nothing of its keys.
fn places<'a>(node: &'a Json, steps: &[(&'a str, bool)], found: &mut Vec<Place<'a>>) {
    let at = Place {
        steps: steps.to_vec(),
        node,
    };
    assert_eq!(
        node["additionalProperties"],
        false,
        "{SCHEMA}: {} must say \"additionalProperties\": false",
        at.name()
    );
    found.push(at);
    for (key, property) in node["properties"].as_object().unwrap() {
        let mut below = Vec::new();
        tables_of(property, false, &mut below);
        for (node, many) in below {
            let steps: Vec<_> = steps
                .iter()
                .copied()
                .chain([(key.as_str(), many)])
                .collect();
            places(node, &steps, found);
        }
    }
}

/// The tables that the value of a key may be or hold.
fn tables_of<'a>(property: &'a Json, many: bool, found: &mut Vec<(&'a Json, bool)>) {
    if property.get("properties").is_some() {
        found.push((property, many));
    } else if property["type"] == "object" {
        assert!(
            property["additionalProperties"].is_object(),
            "{SCHEMA}: a table has either properties or free keys: {property}"
        );
    }
    for one in property["anyOf"].as_array().into_iter().flatten() {
        tables_of(one, many, found);
    }
    if let Some(items) = property.get("items") {
        tables_of(items, true, found);
    }
}

fn all_places(schema: &Json) -> Vec<Place<'_>> {
    let mut found = Vec::new();
    places(schema, &[], &mut found);
    assert!(found.len() > 20, "only {} tables were found", found.len());
    found
}

fn to_toml(json: &Json) -> Value {
    match json {
        Json::Bool(flag) => Value::Boolean(*flag),
        Json::Number(number) => Value::Integer(number.as_i64().unwrap()),
        Json::String(text) => Value::String(text.clone()),
        Json::Array(items) => Value::Array(items.iter().map(to_toml).collect()),
        Json::Object(map) => {
            let pairs = map.iter().map(|(key, value)| (key.clone(), to_toml(value)));
            Value::Table(pairs.collect())
        }
        Json::Null => panic!("TOML has no null"),
    }
}

/// A value that the schema gives for a key.
fn example(node: &Json) -> Value {
    let given = node["examples"].get(0).or_else(|| node["enum"].get(0));
    if let Some(given) = given.or_else(|| node.get("default")) {
        return to_toml(given);
    }
    if node.get("properties").is_some() {
        return Value::Table(sample(node, None));
    }
    if let Some(items) = node.get("items") {
        return Value::Array(vec![example(items)]);
    }
    example(&node["anyOf"][0])
}

/// The lists of keys of which one must be there.
fn alternatives(node: &Json) -> Vec<Vec<&str>> {
    let mut found = Vec::new();
    for one in ["oneOf", "anyOf"]
        .iter()
        .filter_map(|key| node[*key].as_array())
        .flatten()
    {
        if let Some(keys) = one["required"].as_array() {
            found.push(keys.iter().filter_map(Json::as_str).collect());
        }
        found.extend(alternatives(one));
    }
    found
}

/// A table with what must be in it beside `key`.
fn sample(node: &Json, key: Option<&str>) -> Table {
    let strings = |list: &'_ Json| -> Vec<String> {
        let list = list.as_array().into_iter().flatten();
        list.filter_map(|one| one.as_str().map(str::to_owned))
            .collect()
    };
    let mut keys = strings(&node["required"]);
    keys.extend(
        key.map(|key| strings(&node["dependencies"][key]))
            .unwrap_or_default(),
    );
    let choices = alternatives(node);
    if !choices.iter().flatten().any(|one| Some(*one) == key) {
        keys.extend(
            choices
                .first()
                .into_iter()
                .flatten()
                .map(|key| (*key).to_owned()),
        );
    }
    keys.into_iter()
        .map(|key| (key.clone(), example(&node["properties"][&key])))
        .collect()
}

/// A whole file whose table at `place` is made by `table` of what must be in it.
fn file(root: &Json, place: &Place<'_>, key: Option<&str>, put: Option<(&str, Value)>) -> String {
    let mut table = sample(place.node, key);
    if let Some((key, value)) = put {
        table.insert(key.to_owned(), value);
    }
    // From the inside out, each table gets what must be in it.
    let mut nodes = vec![root];
    for (key, many) in &place.steps {
        let mut below = Vec::new();
        tables_of(
            &nodes[nodes.len() - 1]["properties"][*key],
            false,
            &mut below,
        );
        nodes.push(below.iter().find(|(_, other)| other == many).unwrap().0);
    }
    for ((key, many), node) in place.steps.iter().zip(&nodes).rev() {
        let mut outer = sample(node, Some(key));
        let inner = Value::Table(table);
        let inner = if *many {
            Value::Array(vec![inner])
        } else {
            inner
        };
        outer.insert((*key).to_owned(), inner);
        table = outer;
    }
    toml::to_string(&table).unwrap()
}

/// A folder with the files that examples name.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("static")).unwrap();
    fs::write(folder.path().join("static/robots.txt"), "User-agent: *\n").unwrap();
    fs::write(folder.path().join("admin.token"), "0123456789abcdef").unwrap();
    fs::write(folder.path().join("cms.token"), "0123456789abcdef").unwrap();
    folder
}

fn read(folder: &TempDir, text: &str) -> Result<Config, ConfigError> {
    parse(&folder.path().join("feeds.toml"), text)
}

/// The words that are suggested for one that is like none.
fn suggested(error: &ConfigError) -> Vec<String> {
    let faults = error.faults();
    let known = faults
        .iter()
        .find_map(|(_, _, fault)| fault.help.strip_prefix("known here: "));
    let known = known.unwrap_or_else(|| panic!("nothing is suggested:\n{error}"));
    let mut words: Vec<String> = known.split(", ").map(str::to_owned).collect();
    words.sort();
    words
}

fn sorted<'a>(words: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut words: Vec<String> = words.map(str::to_owned).collect();
    words.sort();
    words
}

#[test]
fn the_schema_has_exactly_the_keys_that_are_read() {
    let (root, folder) = (schema(), folder());
    for place in all_places(&root) {
        let name = place.name();
        let text = file(&root, &place, None, None);
        assert!(
            read(&folder, &text).is_ok(),
            "{text}\n{}",
            read(&folder, &text).unwrap_err()
        );
        let text = file(&root, &place, None, Some(("___", Value::Integer(1))));
        let known = suggested(&read(&folder, &text).unwrap_err());
        let described = sorted(place.properties().map(|(key, _)| key));
        let missing: Vec<_> = known
            .iter()
            .filter(|key| !described.contains(key))
            .collect();
        assert!(
            missing.is_empty(),
            "{missing:?} are read in [{name}] and {SCHEMA} does not have them: add each there \
             to the properties of `{name}`, with a description, type and default, and a row to \
             {REFERENCE}"
        );
        let unread: Vec<_> = described
            .iter()
            .filter(|key| !known.contains(key))
            .collect();
        assert!(
            unread.is_empty(),
            "{SCHEMA} has {unread:?} in `{name}`, which are not read: take them out there"
        );
    }
}

#[test]
fn the_schema_has_the_words_and_numbers_that_are_read() {
    let (root, folder) = (schema(), folder());
    for place in all_places(&root) {
        for (key, node) in place.properties() {
            let at = format!("{SCHEMA}: {}.{key}", place.name());
            let with = |value| read(&folder, &file(&root, &place, Some(key), Some((key, value))));
            assert!(node["description"].is_string(), "{at} has no description");
            let word = Value::String("___".to_owned());
            if let Some(words) = node["enum"].as_array() {
                let known = sorted(words.iter().filter_map(Json::as_str));
                assert_eq!(suggested(&with(word).unwrap_err()), known, "{at}");
            } else if let Some(words) = node["anyOf"][0]["enum"].as_array() {
                let known = sorted(words.iter().filter_map(Json::as_str));
                let said = suggested(&with(Value::Array(vec![word])).unwrap_err());
                assert_eq!(said, known, "{at}");
            } else if node["type"] == "integer" {
                let error = with(Value::Integer(-1)).unwrap_err();
                let range = format!("a number from {} to {}", node["minimum"], node["maximum"]);
                assert!(error.to_string().contains(&range), "{at}: {error}");
            } else if node["type"] != "object" {
                // A number fits nothing else.
                assert!(with(Value::Integer(7)).is_err(), "{at} takes a number");
            } else {
                assert!(with(word).is_err(), "{at} takes a text");
            }
            let examples = node["examples"].as_array().into_iter().flatten();
            for value in examples {
                assert!(with(to_toml(value)).is_ok(), "{at}: {value} is refused");
            }
        }
    }
}

#[test]
fn a_key_set_to_its_default_changes_nothing() {
    let (root, folder) = (schema(), folder());
    let mut defaults = 0;
    for place in all_places(&root) {
        for (key, node) in place.properties() {
            let Some(value) = node.get("default") else {
                continue;
            };
            let without = read(&folder, &file(&root, &place, Some(key), None)).unwrap();
            let text = file(&root, &place, Some(key), Some((key, to_toml(value))));
            let with = read(&folder, &text).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(
                with,
                without,
                "{SCHEMA}: the default of {}.{key}",
                place.name()
            );
            defaults += 1;
        }
    }
    assert!(defaults > 40, "only {defaults} defaults were seen");
}

#[test]
fn what_the_schema_requires_is_required() {
    let (root, folder) = (schema(), folder());
    for place in all_places(&root) {
        for key in place.node["required"].as_array().into_iter().flatten() {
            let key = key.as_str().unwrap();
            let text = file(&root, &place, None, None);
            let mut whole: Table = toml::from_str(&text).unwrap();
            inside(&mut whole, &place.steps).remove(key);
            let text = toml::to_string(&whole).unwrap();
            assert!(
                read(&folder, &text).is_err(),
                "{}.{key} may be left out",
                place.name()
            );
        }
    }
}

fn inside<'a>(table: &'a mut Table, steps: &[(&str, bool)]) -> &'a mut Table {
    steps.iter().fold(table, |table, (key, _)| {
        let mut value = table.get_mut(*key).unwrap();
        if value.is_array() {
            value = &mut value.as_array_mut().unwrap()[0];
        }
        value.as_table_mut().unwrap()
    })
}

#[test]
fn the_reference_has_every_key_of_the_schema_with_its_default() {
    let (root, reference) = (schema(), project_file(REFERENCE));
    for place in all_places(&root) {
        let top = place.steps.first().map(|(key, _)| *key);
        // A chapter is about one table of the file and all within it.
        let chapter = match top {
            None => reference.as_str(),
            Some(top) => {
                let heading = format!("[{top}]");
                let mut chapters = reference.split("\n## ");
                chapters
                    .find(|chapter| {
                        chapter
                            .lines()
                            .next()
                            .unwrap_or_default()
                            .contains(&heading)
                    })
                    .unwrap_or_else(|| panic!("{REFERENCE} has no chapter ## [{top}]"))
            }
        };
        for (key, node) in place.properties() {
            let named = format!("`{key}`");
            assert!(
                chapter.contains(&named),
                "{REFERENCE} has no `{key}` in its chapter {top:?}: add a row for it"
            );
            let Some(default) = node.get("default").filter(|value| !value.is_array()) else {
                continue;
            };
            let shown = format!("`{default}`");
            let row = format!("| {named} |");
            let mut rows = chapter.lines().filter(|line| line.starts_with(&row));
            assert!(
                rows.any(|line| line.contains(&shown)),
                "{REFERENCE}: the row of {}.{key} does not give its default {shown}",
                place.name()
            );
        }
    }
}

/// What is shown to people in the guides can be used as it stands.
#[test]
fn every_example_of_the_guides_is_sound() {
    const SITE: &str = "[site]\nurl = \"https://a.example/\"\ntitle = \"A\"\n";
    const SOURCE: &str = "[source.file]\npath = \"a.toml\"\n";
    let (folder, mut examples) = (folder(), 0);
    for name in [
        "README.md",
        REFERENCE,
        "docs/documents.md",
        "docs/http.md",
        "docs/operating.md",
        "docs/dates.md",
        "docs/databases.md",
    ] {
        for block in project_file(name).split("```toml\n").skip(1) {
            let mut text = block.split("```").next().unwrap().to_owned();
            if text.contains("[[articles]]") {
                continue;
            }
            let parts: Table =
                toml::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}\n{text}"));
            let source = parts.get("source").and_then(Value::as_table);
            if !parts.contains_key("site") {
                text.push_str(SITE);
            }
            match source {
                None => text.push_str(SOURCE),
                // Only the table of the fields is shown.
                Some(source)
                    if source
                        .get("markdown")
                        .is_some_and(|one| one.get("path").is_none()) =>
                {
                    text.push_str("[source.markdown]\npath = \"content\"\nurl = \"/{path}/\"\n");
                }
                Some(_) => {}
            }
            read(&folder, &text).unwrap_or_else(|error| panic!("{name}:\n{text}\n{error}"));
            examples += 1;
        }
    }
    assert!(examples >= 3, "only {examples} examples were found");
}
