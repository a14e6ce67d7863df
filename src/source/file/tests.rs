//! One catalogue in five spellings, and what each format rejects and where.

use super::*;
use crate::source::{Content, Draft, DraftEnclosure, DraftPerson};

/// What came of a catalogue: articles and rejections in the order of the file.
#[derive(Debug, Default)]
struct Found {
    drafts: Vec<Draft>,
    rejected: Vec<Rejection>,
}

impl Found {
    fn titles(&self) -> Vec<&str> {
        let titles = self.drafts.iter().map(|draft| draft.title.as_deref());
        titles.map(Option::unwrap_or_default).collect()
    }

    /// `place: reason` of each rejection.
    fn reasons(&self) -> Vec<String> {
        let said = |found: &Rejection| format!("{}: {}", found.locator, found.reason);
        self.rejected.iter().map(said).collect()
    }
}

fn source(path: &Path, format: FileFormat) -> FileSource {
    let config = FileSourceConfig {
        path: path.to_path_buf(),
        format,
        url: None,
    };
    FileSource::new(config, path.parent().unwrap())
}

/// Reads `bytes` as a file of the format that `ending` names.
fn read(ending: &str, bytes: &[u8]) -> Result<Found, String> {
    let format = match ending {
        "toml" => FileFormat::Toml,
        "json" => FileFormat::Json,
        "ndjson" => FileFormat::Ndjson,
        "csv" => FileFormat::Csv,
        _ => FileFormat::Yaml,
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(format!("a.{ending}"));
    std::fs::write(&path, bytes).unwrap();
    let mut found = Found::default();
    source(&path, format)
        .read(&mut |reading| match reading {
            Reading::Draft(draft) => found.drafts.push(*draft),
            Reading::Rejected(rejection) => found.rejected.push(rejection),
            Reading::Remark(remark) => panic!("{remark:?}"),
        })
        .map(|()| found)
        .map_err(|error| error.to_string())
}

fn good(ending: &str, text: &str) -> Found {
    let found = read(ending, text.as_bytes()).unwrap();
    assert!(found.rejected.is_empty(), "{:?}", found.reasons());
    found
}

fn failure(ending: &str, text: &str) -> String {
    read(ending, text.as_bytes()).unwrap_err()
}

const EVERY_FIELD: [(&str, &str); 5] = [
    ("toml", include_str!("samples/every-field.toml")),
    ("json", include_str!("samples/every-field.json")),
    ("ndjson", include_str!("samples/every-field.ndjson")),
    ("csv", include_str!("samples/every-field.csv")),
    ("yaml", include_str!("samples/every-field.yaml")),
];

fn every_field() -> Draft {
    Draft {
        id: Some("tag:backend.example,2026:1".to_owned()),
        url: Some("https://backend.example/a/".to_owned()),
        slug: Some("a".to_owned()),
        title: Some("Vec<T>, \"quotes\" & 数据库".to_owned()),
        summary: Some(Content::Html("In short; really".to_owned())),
        content: Some(Content::Html("<p>One,\ntwo</p>".to_owned())),
        authors: vec![
            DraftPerson {
                name: "Ada".to_owned(),
                email: Some("ada@backend.example".to_owned()),
                url: Some("https://backend.example/ada".to_owned()),
            },
            DraftPerson {
                name: "Grace".to_owned(),
                ..DraftPerson::default()
            },
        ],
        tags: vec!["rust".to_owned(), "web".to_owned()],
        section: Some("Notes".to_owned()),
        language: Some("en-GB".to_owned()),
        published: Some("2026-06-10".to_owned()),
        updated: Some("2026-06-11T08:00:00Z".to_owned()),
        image: Some("/a.png".to_owned()),
        enclosures: vec![DraftEnclosure {
            url: "/a.mp3".to_owned(),
            media_type: Some("audio/mpeg".to_owned()),
            length: Some(123),
        }],
        alternates: vec![
            ("de".to_owned(), "https://backend.example/de/a/".to_owned()),
            ("fr".to_owned(), "https://backend.example/fr/a/".to_owned()),
        ],
        draft: true,
        noindex: true,
        reading_minutes: Some(8),
        ..Draft::default()
    }
}

#[test]
fn every_field_is_the_same_in_every_format() {
    for (ending, text) in EVERY_FIELD {
        let mut found = good(ending, text).drafts;
        assert_eq!(found.len(), 2, "{ending}");
        assert_eq!(found[1].title.as_deref(), Some("Bare"), "{ending}");
        assert_eq!(found[1].url.as_deref(), Some("/bare/"), "{ending}");
        let mut bare = std::mem::take(&mut found[1]);
        (bare.title, bare.url, bare.locator) = (None, None, Locator::default());
        assert_eq!(bare, Draft::default(), "{ending}: a field was made up");
        let mut full = std::mem::take(&mut found[0]);
        assert_eq!(full.locator.file, format!("a.{ending}"));
        full.locator = Locator::default();
        // Tables have no order in every format, and the addresses are told by language.
        full.alternates.sort();
        assert_eq!(full, every_field(), "{ending}");
    }
}

#[test]
fn each_article_says_its_line() {
    for (ending, lines) in [
        ("toml", [1, 25]),
        ("json", [3, 26]),
        ("ndjson", [1, 3]),
        ("csv", [2, 4]),
        ("yaml", [2, 31]),
    ] {
        let text = EVERY_FIELD.iter().find(|(known, _)| *known == ending);
        let found = good(ending, text.unwrap().1);
        let at: Vec<u64> = found
            .drafts
            .iter()
            .filter_map(|draft| draft.locator.line)
            .collect();
        assert_eq!(at, lines, "{ending}");
    }
}

#[test]
fn blank_rows_do_not_shift_the_lines() {
    for end in ["\n", "\r\n"] {
        let text = ["title,url", "", "A,", "", ",", "\"B\nb\",", "C,"].join(end);
        let found = good("csv", &text);
        let lines: Vec<_> = found.drafts.iter().map(|one| one.locator.line).collect();
        assert_eq!(lines, [Some(3), Some(6), Some(8)], "{end:?}");
        let text = ["title,url", "", "x", ""].join(end);
        let found = read("csv", text.as_bytes()).unwrap();
        assert_eq!(found.rejected[0].locator.line, Some(3), "{end:?}");
    }
}

#[test]
fn windows_line_ends_and_a_byte_order_mark_change_nothing() {
    for (ending, text) in EVERY_FIELD {
        let plain = good(ending, text).drafts;
        let other = format!("\u{FEFF}{}", text.replace('\n', "\r\n"));
        assert_eq!(good(ending, &other).drafts, plain, "{ending}");
    }
}

#[test]
fn an_empty_catalogue_is_no_fault() {
    for (ending, text) in [
        ("toml", "articles = []\n"),
        ("json", "[]"),
        ("json", "{\"articles\": []}"),
        (
            "json",
            "{\"version\": \"https://jsonfeed.org/version/1.1\", \"items\": []}",
        ),
        ("ndjson", ""),
        ("ndjson", "\n\n"),
        ("csv", "title,url\n"),
        ("yaml", "articles: []\n"),
        ("yaml", "[]\n"),
    ] {
        assert!(good(ending, text).drafts.is_empty(), "{ending}: {text:?}");
    }
}

#[test]
fn json_may_be_an_array_an_object_or_a_json_feed() {
    let article = r#"{"title": "T", "url": "/t/"}"#;
    for text in [
        format!("[{article}]"),
        format!("{{\"site\": {{\"articles\": 1}}, \"articles\": [{article}], \"x\": [[]]}}"),
        format!("{{\"version\": \"https://jsonfeed.org/version/1.1\", \"items\": [{article}]}}"),
    ] {
        assert_eq!(good("json", &text).titles(), ["T"], "{text}");
    }
}

#[test]
fn yaml_may_be_a_list_or_a_mapping() {
    for text in [
        "- title: T\n  url: /t/\n",
        "---\n# by hand\n- title: T\n  url: /t/\n",
        "[{title: T, url: /t/}]",
        "%YAML 1.2\n---\n-\n  title: T\n",
        "articles:\n  - title: T\n",
        "articles:\n- {title: T}\nsite: x\n",
    ] {
        assert_eq!(good("yaml", text).titles(), ["T"], "{text}");
    }
}

#[test]
fn a_broken_entry_is_rejected_alone_with_its_line() {
    for (ending, text, reasons) in [
        (
            "toml",
            "[[articles]]\ntitle = \"A\"\n\n[[articles]]\ntitle = []\n[[articles]]\ntitle = \"B\"\n",
            &["a.toml:4: title must be a text, and is a list"][..],
        ),
        (
            "toml",
            "articles = [\n{ title = \"A\" },\n7,\n{ title = \"B\" }]\n",
            &["a.toml:3: an article must be a table of names and values"],
        ),
        (
            "json",
            "[{\"title\": \"A\"},\n7,\n{\"title\": \"B\"}]",
            &["a.json:2: an article must be a table of names and values"],
        ),
        (
            "ndjson",
            "{\"title\": \"A\"}\n\n{\"title\": \n{\"title\": \"B\"}\n",
            &["a.ndjson:3: EOF while parsing a value"],
        ),
        (
            "csv",
            "title,url\nA,/a/\nx\n\"B\",/b/\n",
            &["a.csv:3: the row has 1 cells, and the header 2"],
        ),
        (
            "csv",
            "title,reading_minutes\nA,1\nx,soon\nB,\n",
            &["a.csv:3: reading_minutes must be a whole number of minutes, and is a text"],
        ),
        (
            "yaml",
            "- title: A\n- 7\n- title: B\n",
            &["a.yaml:2: an article must be a table of names and values"],
        ),
    ] {
        let found = read(ending, text.as_bytes()).unwrap();
        assert_eq!(found.titles(), ["A", "B"], "{ending}: {text}");
        assert_eq!(found.reasons(), reasons, "{ending}: {text}");
    }
}

#[test]
fn a_row_that_is_not_utf_8_is_rejected_alone() {
    let found = read("csv", b"title\nA\n\xFF\xFE\nB\n").unwrap();
    assert_eq!(found.titles(), ["A", "B"]);
    assert_eq!(found.reasons(), ["a.csv:3: the row is not UTF-8"]);
    let found = read("ndjson", b"{\"title\": \"A\"}\n{\"title\": \"\xFF\"}\n").unwrap();
    assert_eq!(found.titles(), ["A"]);
    assert_eq!(found.rejected[0].locator.to_string(), "a.ndjson:2");
}

#[test]
fn a_file_that_is_broken_as_a_whole_says_where() {
    for (ending, text, message) in [
        (
            "toml",
            "[[articles]]\ntitle = \n",
            "a.toml:2:9: string values must be quoted, expected literal string",
        ),
        (
            "toml",
            "title = \"x\"\n",
            "a.toml:1:1: there are no articles: begin each with a line [[articles]]",
        ),
        (
            "json",
            "[{\"title\": \"A\"},\n {\"title\" 1}]",
            "a.json:2:11: expected `:`",
        ),
        (
            "json",
            "{\"posts\": []}",
            "a.json:1:1: there are no articles: write an array, or an object with \"articles\"",
        ),
        (
            "csv",
            "",
            "a.csv:1:1: there is no header row that names the columns",
        ),
    ] {
        assert_eq!(failure(ending, text), message, "{ending}: {text}");
    }
    assert!(failure("json", "7").contains("expected an array of articles"));
    assert_eq!(
        failure("yaml", "- title: A\n- {title: [B\n"),
        "a.yaml:2:11: unclosed bracket '['"
    );
    for ending in ["toml", "json", "yaml"] {
        let said = read(ending, b"# \xC3\xA4\n\"\xFF\"").unwrap_err();
        assert_eq!(
            said,
            format!("a.{ending}:2 is not UTF-8; save the file as UTF-8")
        );
    }
}

#[test]
fn yaml_bombs_and_doubled_keys_are_refused() {
    let said = failure("yaml", "- &a {title: x}\n- *a\n");
    assert!(said.starts_with("a.yaml:"), "{said}");
    let said = failure("yaml", "- title: a\n  title: b\n");
    assert!(said.starts_with("a.yaml:2:3: "), "{said}");
    let deep = format!("{}{}", "[".repeat(2_000), "]".repeat(2_000));
    for ending in ["yaml", "json", "toml"] {
        let text = match ending {
            "toml" => format!("articles = [{{ x = {deep} }}]"),
            _ => format!("[{{\"x\": {deep}}}]"),
        };
        let said = match read(ending, text.as_bytes()) {
            Ok(found) => found.reasons().concat(),
            Err(said) => said,
        };
        assert!(said.starts_with(&format!("a.{ending}:1:")), "{said}");
    }
}

#[test]
fn what_is_no_file_is_never_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let read = |path: &Path| {
        let outcome = source(path, FileFormat::Json).read(&mut |_| {});
        outcome.unwrap_err().to_string()
    };
    let missing = read(&folder.path().join("none.json"));
    assert!(missing.starts_with("the catalogue none.json cannot be read: No such file"));
    assert!(missing.ends_with("see path in [source.file]"));
    let inside = folder.path().join("folder.json");
    std::fs::create_dir(&inside).unwrap();
    let said = "the catalogue folder.json is no file; see path in [source.file]";
    assert_eq!(read(&inside), said);
    assert!(read(Path::new("/dev/zero")).ends_with("is no file; see path in [source.file]"));
}

#[test]
fn a_number_keeps_every_digit_that_was_written() {
    let large = "123456789012345678901234567890";
    for (ending, text) in [
        (
            "json",
            format!("[{{\"id\": {large}}}, {{\"id\": {large}1}}]"),
        ),
        (
            "ndjson",
            format!("{{\"id\": {large}}}\n{{\"id\": {large}1}}\n"),
        ),
        (
            "toml",
            format!("[[articles]]\nid = {large}\n[[articles]]\nid = {large}1\n"),
        ),
        ("csv", format!("id\n{large}\n{large}1\n")),
    ] {
        let found = good(ending, &text);
        let ids: Vec<_> = found
            .drafts
            .iter()
            .filter_map(|one| one.id.as_deref())
            .collect();
        assert_eq!(ids, [large, &format!("{large}1")], "{ending}");
    }
    for (ending, text) in [
        ("json", "[{\"id\": 1.10}]"),
        ("toml", "[[articles]]\nid = 1.10\n"),
        ("csv", "id\n1.10\n"),
    ] {
        assert_eq!(
            good(ending, text).drafts[0].id.as_deref(),
            Some("1.10"),
            "{ending}"
        );
    }
    for (ending, text) in [("yaml", "- id: 007\n"), ("csv", "id\n007\n")] {
        assert_eq!(
            good(ending, text).drafts[0].id.as_deref(),
            Some("007"),
            "{ending}"
        );
    }
    let found = good("toml", "[[articles]]\nid = 0xffff_ffff_ffff_ffff_ffff\n");
    assert_eq!(found.drafts[0].id.as_deref(), Some("ffffffffffffffffffff"));
}

#[test]
fn a_cell_of_csv_is_a_list_under_every_name_of_the_field() {
    let text = "author,category,enclosure\nAda; Grace,a;b,\"[{\"\"url\"\": \"\"/a.mp3\"\"}]\"\n";
    let draft = &good("csv", text).drafts[0];
    let names: Vec<_> = draft.authors.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["Ada", "Grace"]);
    assert_eq!(draft.tags, ["a", "b"]);
    assert_eq!(draft.enclosures[0].url, "/a.mp3");
}

#[test]
fn a_quote_left_open_is_a_fault_of_the_whole() {
    let said = "a quote (\") is opened here and not closed before the end of the file";
    for (text, line) in [
        ("title,url\nA,/a/\n\"B,/b/\nC,/c/\n", 3),
        ("title,url\n\"A\"\"\",/a/\nx,\"/b/\n", 3),
        ("title,url\n\"A\nb\",\"\"\"/a/\n", 3),
    ] {
        assert_eq!(
            failure("csv", text),
            format!("a.csv:{line}:1: {said}"),
            "{text}"
        );
    }
    for text in [
        "\u{FEFF}\"title\",url\n5\" disk,/a/\n\"A \"\"b\"\"\",\n\"\",/c/\n\"x\"",
        "title\n\"x\"\"\"\n",
    ] {
        read("csv", text.as_bytes()).unwrap();
    }
}

#[test]
fn what_is_not_read_of_yaml_is_said_in_our_words() {
    let anchors = "anchors (&x) and aliases (*x) are not read; write the value out, or in quotes";
    for (text, said) in [
        ("- &a {title: x}\n", anchors),
        ("- title: *a\n", anchors),
        (
            "- title: a\n  title: b\n",
            "title stands twice; leave one out",
        ),
        (
            "- title: a\n---\n- title: b\n",
            "a second document begins (---); put everything into one",
        ),
        (
            &format!("- {}{}\n", "[".repeat(40), "]".repeat(40)),
            "there are lists or tables within more than 32 others",
        ),
    ] {
        let found = match read("yaml", text.as_bytes()) {
            Ok(found) => found.reasons().concat(),
            Err(said) => said,
        };
        assert!(found.ends_with(&format!(" {said}")), "{text}: {found}");
    }
}

#[test]
fn a_json_feed_speaks_for_items_that_say_nothing() {
    let found = good(
        "json",
        r#"{"version": "https://jsonfeed.org/version/1.1", "items": [
            {"id": "1"},
            {"id": "2", "authors": [{"name": "Grace"}], "language": "fr"},
            {"id": "3", "authors": []}
        ], "authors": [{"name": "Ada"}], "language": "de"}"#,
    );
    let said = |draft: &Draft| (draft.authors[0].name.clone(), draft.language.clone());
    let pair = |name: &str, language: &str| (name.to_owned(), Some(language.to_owned()));
    let all: Vec<_> = found.drafts.iter().map(said).collect();
    assert_eq!(
        all,
        [pair("Ada", "de"), pair("Grace", "fr"), pair("Ada", "de")]
    );
    let found = good(
        "json",
        r#"{"author": {"name": "Ada"}, "items": [{"id": "1"}]}"#,
    );
    assert_eq!(found.drafts[0].authors[0].name, "Ada");
}
