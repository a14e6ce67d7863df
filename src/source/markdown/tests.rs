//! Folders as the usual site generators keep them, and what is left out or rejected.

use std::path::PathBuf;

use super::*;
use crate::{
    article::UrlTemplate,
    config::PublishedFrom,
    source::{Content, DraftPerson, Reading},
};

/// A folder `content` with files in it, and how it is read.
struct Site {
    folder: tempfile::TempDir,
    published_from: Vec<PublishedFrom>,
    fields: Vec<(String, String)>,
}

#[derive(Debug, Default)]
struct Found {
    drafts: Vec<Draft>,
    rejected: Vec<Rejection>,
}

impl Found {
    fn paths(&self) -> Vec<&str> {
        let paths = self.drafts.iter().map(|draft| draft.path.as_deref());
        paths.map(Option::unwrap_or_default).collect()
    }

    fn reasons(&self) -> Vec<String> {
        let said = |found: &Rejection| format!("{}: {}", found.locator, found.reason);
        self.rejected.iter().map(said).collect()
    }
}

impl Site {
    fn new(files: &[(&str, &str)]) -> Self {
        let site = Self {
            folder: tempfile::tempdir().unwrap(),
            published_from: vec![PublishedFrom::FrontMatter, PublishedFrom::Filename],
            fields: Vec::new(),
        };
        for (path, text) in files {
            site.write(path, text.as_bytes());
        }
        site
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join("content").join(path)
    }

    fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    fn source(&self) -> MarkdownSource {
        let config = MarkdownSourceConfig {
            path: self.folder.path().join("content"),
            url: UrlTemplate::parse("/{path}/").unwrap(),
            published_from: self.published_from.clone(),
            git: false,
            fields: self.fields.clone(),
        };
        MarkdownSource::new(config, self.folder.path())
    }

    fn read(&self) -> Found {
        let mut found = Found::default();
        self.source()
            .read(&mut |reading| match reading {
                Reading::Draft(draft) => found.drafts.push(*draft),
                Reading::Rejected(rejection) => found.rejected.push(rejection),
                Reading::Remark(remark) => panic!("{remark:?}"),
            })
            .unwrap();
        found
    }
}

/// The one article of a file.
fn one(path: &str, text: &str) -> Draft {
    let found = Site::new(&[(path, text)]).read();
    assert!(found.rejected.is_empty(), "{:?}", found.reasons());
    assert_eq!(found.drafts.len(), 1);
    found.drafts.into_iter().next().unwrap()
}

/// `place: reason` of the one file.
fn rejected(path: &str, text: &str) -> String {
    let found = Site::new(&[(path, text)]).read();
    assert!(found.drafts.is_empty(), "it was taken");
    found.reasons().concat()
}

fn body(draft: &Draft) -> &str {
    match &draft.content {
        Some(Content::Markdown(text)) => text,
        other => panic!("no Markdown: {other:?}"),
    }
}

#[test]
fn hugo_toml_with_bundles_and_section_pages() {
    let found = Site::new(&[
        ("_index.md", "+++\ntitle = \"Home\"\n+++\n"),
        ("posts/_index.md", "+++\ntitle = \"Posts\"\n+++\n"),
        (
            "posts/first/index.md",
            "+++\ntitle = \"First\"\ndate = 2026-05-30T10:00:00+02:00\nlastmod = 2026-06-01\n\
             draft = false\ntags = [\"go\"]\ncategories = [\"notes\"]\nslug = \"one\"\n\
             [author]\nname = \"Ada\"\n+++\nIn short.\n<!--more-->\nAt length.\n",
        ),
        ("posts/first/picture.png", "no text"),
        (
            "posts/second.md",
            "+++\ntitle = \"Second\"\ndraft = true\n+++\n",
        ),
    ])
    .read();
    assert_eq!(found.paths(), ["posts/first", "posts/second"]);
    let first = &found.drafts[0];
    assert_eq!(first.title.as_deref(), Some("First"));
    assert_eq!(
        first.published.as_deref(),
        Some("2026-05-30T10:00:00+02:00")
    );
    assert_eq!(first.updated.as_deref(), Some("2026-06-01"));
    assert_eq!(first.tags, ["go", "notes"]);
    assert_eq!(first.slug.as_deref(), Some("one"));
    assert_eq!(first.section.as_deref(), Some("posts"));
    assert_eq!(first.authors[0].name, "Ada");
    assert_eq!(
        first.summary,
        Some(Content::Markdown("In short.\n".to_owned()))
    );
    assert_eq!(body(first), "In short.\n\nAt length.\n");
    assert_eq!(first.locator.to_string(), "content/posts/first/index.md");
    assert!(!first.draft);
    assert!(found.drafts[1].draft);
}

#[test]
fn zola_paths_and_taxonomies() {
    let mut site = Site::new(&[(
        "a-post.md",
        "+++\npath = \"2026/05/30/a-post\"\ntitle = \"A\"\nauthors = [\"Ada\", \"Grace\"]\n\
         description = \"Short\"\n[taxonomies]\ntags = [\"rust\"]\n[extra]\nteam = \"x\"\n+++\nText\n",
    )]);
    site.published_from = vec![PublishedFrom::FrontMatter, PublishedFrom::Path];
    let draft = site.read().drafts.remove(0);
    assert_eq!(draft.url.as_deref(), Some("/2026/05/30/a-post/"));
    assert_eq!(draft.published.as_deref(), Some("2026-05-30"));
    assert_eq!(draft.tags, ["rust"]);
    assert_eq!(draft.authors.len(), 2);
    assert_eq!(draft.summary, Some(Content::Html("Short".to_owned())));
}

#[test]
fn jekyll_names_and_flags() {
    let text = "---\nlayout: post\ntitle: \"A: b\"\ncategories: notes\ntags: rust, web\n\
                author: Ada\npermalink: /x/y.html\nlast_modified_at: 2026-06-01 10:00:00 +0200\n\
                ---\n\nText\n";
    let draft = one("_posts/2026-05-30-a-title.md", text);
    assert_eq!(draft.title.as_deref(), Some("A: b"));
    assert_eq!(draft.published.as_deref(), Some("2026-05-30"));
    assert_eq!(draft.slug.as_deref(), Some("a-title"));
    assert_eq!(draft.tags, ["rust", "web", "notes"]);
    assert_eq!(draft.url.as_deref(), Some("/x/y.html"));
    assert_eq!(draft.updated.as_deref(), Some("2026-06-01 10:00:00 +0200"));
    assert_eq!(
        draft.authors,
        [DraftPerson {
            name: "Ada".to_owned(),
            ..DraftPerson::default()
        }]
    );
    let draft = one(
        "a.md",
        "---\ntitle: A\npublished: false\ndate: 2026-01-01\n---\n",
    );
    assert!(draft.draft);
}

#[test]
fn a_permalink_that_is_a_pattern_says_where_patterns_belong() {
    let said = rejected(
        "a.md",
        "---\ntitle: A\npermalink: /:categories/:title/\n---\n",
    );
    assert!(
        said.starts_with("content/a.md: the permalink /:categories/:title/ is a pattern; "),
        "{said}"
    );
    let said = rejected(
        "a.md",
        "---\ntitle: A\npermalink: \"/posts/{{ title | slugify }}/\"\n---\n",
    );
    assert!(
        said.contains("/posts/{{ title | slugify }}/ is a pattern; "),
        "{said}"
    );
}

#[test]
fn astro_and_next_names() {
    let draft = one(
        "blog/a.mdx",
        "---\ntitle: A\npubDate: 'Jul 08 2026'\nupdatedDate: 2026-07-09\nheroImage: ../a.png\n\
         description: Short\n---\nimport Card from '../Card.astro';\n\n<Card>Text</Card>\n",
    );
    assert_eq!(draft.published.as_deref(), Some("Jul 08 2026"));
    assert_eq!(draft.updated.as_deref(), Some("2026-07-09"));
    assert_eq!(draft.image.as_deref(), Some("../a.png"));
    assert_eq!(body(&draft), "\nText\n");
    let draft = one(
        "blog/a/index.mdx",
        "---\ntitle: A\npublishedAt: '2026-07-08'\n---\nText {/* more */} and more\n",
    );
    assert_eq!(draft.path.as_deref(), Some("blog/a"));
    assert_eq!(draft.summary, Some(Content::Markdown("Text ".to_owned())));
    assert_eq!(body(&draft), "Text  and more\n");
}

#[test]
fn components_stay_in_plain_markdown() {
    let draft = one("a.md", "# T\nimport x\n<Card>Text</Card>\n");
    assert_eq!(body(&draft), "import x\n<Card>Text</Card>\n");
}

#[test]
fn eleventy_with_json_front_matter() {
    let draft = one(
        "posts/a.md",
        "{\n  \"title\": \"A\", \"date\": \"2026-01-02\",\n  \"tags\": [\"x\"]\n}\nText {{ x }}\n",
    );
    assert_eq!(draft.title.as_deref(), Some("A"));
    assert_eq!(draft.published.as_deref(), Some("2026-01-02"));
    assert_eq!(body(&draft), "\nText {{ x }}\n");
}

#[test]
fn other_names_as_configured() {
    let mut site = Site::new(&[(
        "a.md",
        "---\ntitle: A\ncreated_on: 2026-01-02\ndate: 2020-01-01\nmeta: {who: Ada}\n---\n",
    )]);
    let pair = |ours: &str, theirs: &str| (ours.to_owned(), theirs.to_owned());
    site.fields = vec![
        pair("published", "created_on"),
        pair("authors", "meta.who"),
        pair("updated", "not_there"),
    ];
    let draft = site.read().drafts.remove(0);
    assert_eq!(draft.published.as_deref(), Some("2026-01-02"));
    assert_eq!(draft.authors[0].name, "Ada");
    assert_eq!(draft.updated, None);
}

#[test]
fn the_date_is_looked_for_in_the_order_configured() {
    use PublishedFrom::{Filename, FrontMatter, Path};
    let text = "---\ntitle: A\ndate: 2026-03-03\n---\n";
    for (from, path, date) in [
        (
            vec![FrontMatter, Filename],
            "2026-01-01-a.md",
            Some("2026-03-03"),
        ),
        (
            vec![Filename, FrontMatter],
            "2026-01-01-a.md",
            Some("2026-01-01"),
        ),
        (vec![Filename, FrontMatter], "a.md", Some("2026-03-03")),
        (vec![Path], "2026/02/02/a.md", Some("2026-02-02")),
        (vec![Path], "2026-02-02-a/index.md", Some("2026-02-02")),
        (vec![Filename], "2026-02-02-a/index.md", Some("2026-02-02")),
        (vec![Filename, Path], "a.md", None),
    ] {
        let mut site = Site::new(&[(path, text)]);
        site.published_from = from;
        let draft = site.read().drafts.remove(0);
        assert_eq!(draft.published.as_deref(), date, "{path}");
    }
}

#[test]
fn the_first_heading_stands_for_a_missing_title() {
    let draft = one("a.md", "\n# The *title* #\n\nText\n");
    assert_eq!(draft.title.as_deref(), Some("The <em>title</em>"));
    assert_eq!(body(&draft), "\nText\n");
    let draft = one("a.md", "# A [b](/b) `<c>`\nText\n");
    let title = "A <a href=\"/b\">b</a> <code>&lt;c&gt;</code>";
    assert_eq!(draft.title.as_deref(), Some(title));
    let draft = one("a.md", "---\ntitle: A\n---\n# Kept\n");
    assert_eq!(body(&draft), "# Kept\n");
    assert_eq!(one("a.md", "Text\n# Later\n").title, None);
}

#[test]
fn a_summary_of_its_own_goes_before_the_mark() {
    let draft = one("a.md", "---\nsummary: Own\n---\nOne\n<!-- more -->\nTwo\n");
    assert_eq!(draft.summary, Some(Content::Html("Own".to_owned())));
    assert_eq!(body(&draft), "One\n\nTwo\n");
    let draft = one("a.md", "---\ntitle: A\n---\n<!-- more -->\nTwo\n");
    assert_eq!(draft.summary, None);
}

#[test]
fn a_mark_or_line_ends_of_windows_change_nothing() {
    for front in [
        "+++\ntitle = \"A\"\n+++\n",
        "---\ntitle: A\n---\n",
        "{\"title\": \"A\"}\n",
    ] {
        let plain = one("a.md", &format!("{front}One\n\nTwo\n"));
        let other = format!("\u{FEFF}{front}One\n\nTwo\n").replace('\n', "\r\n");
        assert_eq!(one("a.md", &other), plain, "{front}");
    }
}

#[test]
fn empty_front_matter_and_none_at_all() {
    assert_eq!(body(&one("a.md", "---\n---\nText\n")), "Text\n");
    assert_eq!(body(&one("a.md", "+++\n+++\nText\n")), "Text\n");
    assert_eq!(
        body(&one("a.md", "Text\n\n---\nmore\n")),
        "Text\n\n---\nmore\n"
    );
    assert_eq!(one("a.md", "---\ntitle: A\n---").content, None);
}

#[test]
fn what_cannot_be_read_is_rejected_with_its_line() {
    for (text, reason) in [
        (
            "+++\ntitle = \"A\"\ndate = \n+++\n",
            "content/a.md:3: the front matter is not TOML: string values must be quoted, \
             expected literal string",
        ),
        (
            "---\ntitle: A\ntags: [a\n---\n",
            "content/a.md:3: the front matter is not YAML: unclosed bracket '['",
        ),
        (
            "---\n- a\n---\n",
            "content/a.md:2: the front matter is not YAML: expected mapping start",
        ),
        (
            "---\ntitle: A\n",
            "content/a.md:1: the front matter does not end with --- within 64 KiB",
        ),
        (
            "{\"title\": \"A\",\n]\n",
            "content/a.md:2: the front matter is not JSON: key must be a string",
        ),
        (
            "---\ntitle: [a]\n---\n",
            "content/a.md: title must be a text, and is a list",
        ),
    ] {
        assert_eq!(rejected("a.md", text), reason, "{text}");
    }
}

#[test]
fn a_bad_file_never_takes_the_folder_with_it() {
    let site = Site::new(&[("a.md", "# A\n"), ("z.md", "# Z\n")]);
    site.write("latin.md", b"# A\nb\n\xE4\n");
    site.write("huge.md", &vec![b'a'; 4 * 1024 * 1024 + 1]);
    std::os::unix::fs::symlink("/etc/hostname", site.path("link.md")).unwrap();
    let found = site.read();
    assert_eq!(found.paths(), ["a", "z"]);
    assert_eq!(
        found.reasons(),
        [
            "content/huge.md: it is larger than 4 MiB",
            "content/latin.md: line 3 is not UTF-8; save it as UTF-8",
            "content/link.md: it is a link or no regular file; put the file itself here",
        ]
    );
}

#[test]
fn what_is_no_article_is_not_looked_at() {
    let found = Site::new(&[
        (".hidden.md", "# A\n"),
        (".git/a.md", "# A\n"),
        ("node_modules/x/readme.md", "# A\n"),
        ("_drafts/secret.md", "# A\n"),
        ("en/_drafts/secret.md", "# A\n"),
        ("a.txt", "A\n"),
        ("a.en.html", "A\n"),
        ("b.markdown", "# B\n"),
        ("C.MD", "# C\n"),
    ])
    .read();
    assert_eq!(found.paths(), ["C", "b"]);
    assert!(found.rejected.is_empty());
}

#[test]
fn a_folder_that_is_not_there_is_a_fault_of_the_whole() {
    let site = Site::new(&[]);
    let said = site.source().read(&mut |_| {}).unwrap_err().to_string();
    assert_eq!(
        said,
        "the folder content is not there; see path in [source.markdown]"
    );
    std::fs::write(site.folder.path().join("content"), "").unwrap();
    let said = site.source().read(&mut |_| {}).unwrap_err().to_string();
    assert_eq!(
        said,
        "the folder content is no folder; see path in [source.markdown]"
    );
}

#[test]
fn a_draft_is_one_whatever_stands_before_its_front_matter() {
    for text in [
        "\n---\ntitle: x\ndraft: true\n---\nx",
        " \n\n+++\ntitle = \"x\"\ndraft = true\n+++\nx",
        "\u{FEFF}\n  ---\ntitle: x\ndraft: true\n---\nx",
        "\n{\"title\": \"x\", \"draft\": true}\nx",
        "---\rtitle: x\rdraft: true\r---\rx",
        "---\ntitle: x\nheadless: true\n---\nx",
    ] {
        let draft = one("a.md", text);
        assert!(draft.draft, "{text:?}");
        assert_eq!(draft.title.as_deref(), Some("x"), "{text:?}");
        assert_eq!(body(&draft).trim(), "x", "{text:?}");
    }
    assert_eq!(
        rejected("a.md", "\n\n---\ntitle: [a\n---\n"),
        "content/a.md:4: the front matter is not YAML: unclosed bracket '['"
    );
}

#[test]
fn a_template_at_the_beginning_is_no_front_matter() {
    for text in ["{{< figure >}}\nText\n", "{% include x %}\nText\n"] {
        assert_eq!(body(&one("a.md", text)), text);
    }
}

#[test]
fn a_summary_knows_the_names_of_the_whole_text() {
    let draft = one(
        "a.md",
        "---\ntitle: A\n---\nSee [the docs][d][^n].\n\n[^n]: Note.\n\n<!-- more -->\n\
         Two [x].\n\n[d]: /docs\n[x]: /x\n",
    );
    assert_eq!(
        draft.summary,
        Some(Content::Markdown(
            "[d]: /docs\n[x]: /x\n\nSee [the docs][d].\n\n".to_owned()
        ))
    );
    assert!(body(&draft).contains("[^n]: Note."), "{draft:?}");
}

#[test]
fn a_mark_in_code_cuts_nothing() {
    for text in [
        "Write `<!-- more -->` here.\n",
        "```\n<!--more-->\n```\n",
        "    <!-- more -->\n",
    ] {
        let draft = one("a.md", &format!("---\ntitle: A\n---\nOne\n\n{text}"));
        assert_eq!(draft.summary, None, "{text}");
        assert!(body(&draft).ends_with(text), "{text}");
    }
    let draft = one("a.md", "`<!-- more -->`\n\nOne <!-- more --> two\n");
    let summary = Content::Markdown("`<!-- more -->`\n\nOne ".to_owned());
    assert_eq!(draft.summary, Some(summary));
}

#[test]
fn what_a_bundle_or_a_section_holds_is_no_article() {
    let found = Site::new(&[
        ("_index.fr.md", "# Accueil\n"),
        ("fr/_index.fr.md", "# Tout\n"),
        ("fr/_indexed.md", "# A\n"),
        ("a/index.md", "# A\n"),
        ("a/index.fr.md", "# A\n"),
        ("a/notes.md", "# Part\n"),
        ("blog/index.md", "# All posts\n"),
        ("blog/post.md", "---\ntitle: A\n---\n"),
        ("b.md", "# B\n"),
        ("index.md", "# Home\n"),
    ])
    .read();
    let paths = [
        "a/index.fr",
        "a",
        "b",
        "blog",
        "blog/post",
        "fr/_indexed",
        "index",
    ];
    assert_eq!(found.paths(), paths);
    let home = found.drafts.last().and_then(|home| home.url.as_deref());
    assert_eq!(home, Some("./"), "the root of the site");
}

#[test]
fn a_text_without_a_page_is_a_draft() {
    for front in [
        "---\npermalink: false\n---\n",
        "+++\npermalink = false\n+++\n",
    ] {
        let draft = one("a.md", &format!("{front}# A\n"));
        assert!(draft.draft, "{front}");
        assert_eq!(draft.url, None);
    }
}
