//! The list of standards itself (`docs/standards.md`): every item has its tests, and every test
//! its item.

use std::{collections::BTreeMap, fs, path::Path};

/// How many items each part of the list has.
const PARTS: [(&str, usize); 13] = [
    ("A1", 16),
    ("A2", 14),
    ("A3", 7),
    ("A4", 2),
    ("A5", 9),
    ("A6", 12),
    ("A7", 7),
    ("A9", 18),
    ("A10", 9),
    ("A11", 3),
    ("A12", 6),
    ("A13", 4),
    ("A14", 7),
];

/// The names of all tests under `folder`, in Rust and in Python, that carry the number of an
/// item.
fn tests_under(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if !path.ends_with("node_modules") {
                tests_under(&path, found);
            }
        } else if path
            .extension()
            .is_some_and(|end| end == "rs" || end == "py")
        {
            let text = fs::read_to_string(&path).unwrap();
            let names = text.lines().filter_map(|line| {
                let line = line.trim_start();
                let test = line
                    .strip_prefix("fn ")
                    .or_else(|| line.strip_prefix("def "))?;
                let name = test.split('(').next()?;
                items_of(name).first().map(|_| name.to_owned())
            });
            found.extend(names);
        }
    }
}

/// The items that a test's name says it is about: `a9_1_and_a9_2_methods` is about two.
fn items_of(name: &str) -> Vec<String> {
    let words: Vec<&str> = name.split('_').collect();
    let pairs = words.windows(2).filter_map(|pair| {
        let part = pair[0].to_ascii_uppercase();
        let is_part = PARTS.iter().any(|(known, _)| *known == part);
        let is_number = !pair[1].is_empty() && pair[1].bytes().all(|byte| byte.is_ascii_digit());
        (is_part && is_number).then(|| format!("{part}.{}", pair[1]))
    });
    pairs.collect()
}

/// What is wrong with the list, given the names of all tests.
fn faults(list: &str, tests: &[String]) -> Vec<String> {
    let mut faults = Vec::new();
    // Item → its level and its tests.
    let mut rows: BTreeMap<&str, (&str, Vec<&str>)> = BTreeMap::new();
    for line in list.lines().filter(|line| line.starts_with("| A")) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [item, level, _what, named] = cells[..] else {
            faults.push(format!("not four cells: {line}"));
            continue;
        };
        let named = named.split('`').skip(1).step_by(2).collect();
        if rows.insert(item, (level, named)).is_some() {
            faults.push(format!("{item} stands twice"));
        }
    }
    for (part, count) in PARTS {
        for number in 1..=count {
            let item = format!("{part}.{number}");
            match rows.get(item.as_str()) {
                None => faults.push(format!("{item} is missing")),
                Some(("M" | "S", named)) if named.is_empty() => {
                    faults.push(format!("{item} has no test"));
                }
                Some(_) => {}
            }
        }
    }
    for (item, (_, named)) in &rows {
        for name in named {
            if !tests.iter().any(|test| test == name) {
                faults.push(format!("{item}: there is no test {name}"));
            }
        }
    }
    for test in tests {
        for item in items_of(test) {
            let row = rows.get(item.as_str());
            if !row.is_some_and(|(_, named)| named.contains(&test.as_str())) {
                faults.push(format!("{item} does not name its test {test}"));
            }
        }
    }
    faults
}

fn list_and_tests() -> (String, Vec<String>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let list = fs::read_to_string(root.join("docs/standards.md")).unwrap();
    let mut tests = Vec::new();
    for room in ["src", "tests"] {
        tests_under(&root.join(room), &mut tests);
    }
    (list, tests)
}

#[test]
fn every_item_that_must_or_should_hold_has_a_test() {
    let (list, tests) = list_and_tests();
    assert_eq!(faults(&list, &tests), [""; 0]);
}

#[test]
fn a_list_with_a_hole_is_noticed() {
    let (list, tests) = list_and_tests();
    let without = |what: &str| -> String {
        let lines = list.lines().filter(|line| !line.starts_with(what));
        lines.collect::<Vec<_>>().join("\n")
    };
    assert!(faults(&without("| A9.8 "), &tests).contains(&"A9.8 is missing".to_owned()));
    let gone = tests[0].clone();
    let rest = &tests[1..];
    assert!(
        faults(&list, rest)
            .iter()
            .any(|fault| fault.ends_with(&gone))
    );
    let new = vec!["a9_3_never_heard_of".to_owned()];
    assert_eq!(
        faults(&list, &[tests, new].concat()),
        ["A9.3 does not name its test a9_3_never_heard_of"]
    );
}
