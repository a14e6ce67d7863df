//! Links that name the file of another page and not its address: Zola's `@/blog/one.md`, and
//! Hugo's `{{< ref "one.md" >}}` and `relref`, which are put into the form of Zola's here.
//!
//! Only the site's generator and this folder know which page that is; intake makes its address,
//! as that of any other.

use std::path::{Component, Path};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use pulldown_cmark::{Event, Parser, Tag};

use crate::source::Content;

/// What such a link begins with.
pub(super) const MARK: &str = "@/";

/// What would end an address in Markdown, or be read as another part of it.
const CODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'.')
    .remove(b'-')
    .remove(b'_');

const ENDINGS: [&str; 3] = ["md", "mdx", "markdown"];

/// Puts `@/FILE` in place of each shortcode that names a page, also in code: Hugo does so too,
/// and code that is not meant has `{{</* */>}}`. `page` is the path of the file that `body` is
/// from, since a name may be relative to it; `folder` is that of all files.
pub(super) fn without_shortcodes(body: String, folder: &Path, page: &str) -> String {
    if !body.contains("ref ") {
        return body;
    }
    let (mut out, mut rest) = (String::with_capacity(body.len()), body.as_str());
    while let Some(at) = rest.find("{{") {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        match shortcode(rest) {
            Some((name, after)) => {
                out.push_str(&zolas(name, folder, page));
                rest = after;
            }
            None => {
                out.push_str("{{");
                rest = &rest[2..];
            }
        }
    }
    out + rest
}

/// The argument of the `ref` or `relref` that `text` begins with, and what comes behind it.
fn shortcode(text: &str) -> Option<(&str, &str)> {
    let (inner, end) = match text.strip_prefix("{{<") {
        Some(inner) => (inner, ">}}"),
        None => (text.strip_prefix("{{%")?, "%}}"),
    };
    let (inner, after) = inner.split_once(end)?;
    let inner = inner.trim();
    let argument = inner
        .strip_prefix("ref ")
        .or_else(|| inner.strip_prefix("relref "))?
        .trim();
    let quoted = ['"', '`'].iter().find_map(|quote| {
        let rest = argument.strip_prefix(*quote)?;
        rest.strip_suffix(*quote)
    });
    let name = quoted.unwrap_or(argument);
    // More than one argument: a page in another language or form.
    let is_one = !name.is_empty() && (quoted.is_some() || !name.contains([' ', '=', '"']));
    (is_one && !name.contains(['"', '\n'])).then_some((name, after))
}

/// The same in Zola's form. A name is looked for beside the page, then from the top on.
fn zolas(name: &str, folder: &Path, page: &str) -> String {
    let (name, fragment) = match name.split_once('#') {
        Some((name, fragment)) => (name, format!("#{fragment}")),
        None => (name, String::new()),
    };
    // The page itself.
    if name.is_empty() {
        return fragment;
    }
    let beside = page.rsplit_once('/').map(|(beside, _)| beside);
    let beside = beside.filter(|_| !name.starts_with('/'));
    let found = beside
        .and_then(|beside| file(folder, &format!("{beside}/{name}")))
        .or_else(|| file(folder, name));
    let path = found.unwrap_or_else(|| name.trim_start_matches('/').to_owned());
    format!("{MARK}{}{fragment}", utf8_percent_encode(&path, CODED))
}

/// The pages that the text names, without fragments, each once: as [`key`] has them.
pub(super) fn named(body: &str) -> Vec<String> {
    if !body.contains(MARK) {
        return Vec::new();
    }
    let mut names = Vec::new();
    let mut add = |reference: &str| {
        if let Some(name) = key(reference)
            && !names.contains(&name)
        {
            names.push(name);
        }
    };
    for event in Parser::new_ext(body, Content::MARKDOWN) {
        match event {
            Event::Start(Tag::Link { dest_url, .. }) => add(&dest_url),
            Event::Html(html) | Event::InlineHtml(html) => {
                let values = html.split("href=").skip(1);
                for value in values {
                    let value = value.trim_start_matches(['"', '\'']);
                    add(value.split(['"', '\'', '>', ' ']).next().unwrap_or(value));
                }
            }
            _ => {}
        }
    }
    names
}

/// What a link that names a page is known by; `None` for any other.
fn key(reference: &str) -> Option<String> {
    let path = reference.trim().strip_prefix(MARK)?;
    let path = path.split(['#', '?']).next().unwrap_or(path);
    let path = percent_decode_str(path).decode_utf8().ok()?;
    Some(format!("{MARK}{path}"))
}

/// The file below `folder` that `name` means, as a path in it. Names count from the top of the
/// site's texts, of which the folder may be a part: `blog/one.md` is `one.md` in `content/blog`.
pub(super) fn file(folder: &Path, name: &str) -> Option<String> {
    let name = name.strip_prefix(MARK).unwrap_or(name);
    let mut parts: Vec<&str> = Vec::new();
    for part in Path::new(name.trim_start_matches('/')).components() {
        match part {
            Component::Normal(part) => parts.push(part.to_str()?),
            Component::ParentDir => {
                parts.pop()?;
            }
            _ => {}
        }
    }
    (0..parts.len()).find_map(|above| {
        let (top, below) = parts.split_at(above);
        if !folder.ends_with(top.iter().collect::<std::path::PathBuf>()) && above > 0 {
            return None;
        }
        let path = below.join("/");
        let bare = [path.clone()];
        let with = ENDINGS.map(|ending| format!("{path}.{ending}"));
        let bundle = ENDINGS.map(|ending| format!("{path}/index.{ending}"));
        let mut all = bare.into_iter().chain(with).chain(bundle);
        all.find(|path| is_page(path) && folder.join(path).is_file())
    })
}

/// Whether the file at `path` can be an article: a section's own page is none.
fn is_page(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    ENDINGS.contains(&ending) && !name.starts_with("_index.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shortcodes_become_the_names_of_files() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("blog/three")).unwrap();
        for name in ["blog/one.md", "two.md", "blog/three/index.md"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let read = |body: &str| without_shortcodes(body.to_owned(), folder.path(), "blog/four.md");
        for (body, expected) in [
            ("[a]({{< ref \"one.md\" >}})", "[a](@/blog/one.md)"),
            ("[a]({{< relref \"one\" >}})", "[a](@/blog/one.md)"),
            ("[a]({{% ref `/two.md#x` %}})", "[a](@/two.md#x)"),
            ("[a]({{<ref two>}})", "[a](@/two.md)"),
            ("[a]({{< ref \"three\" >}})", "[a](@/blog/three/index.md)"),
            ("[a]({{< ref \"../two.md\" >}})", "[a](@/two.md)"),
            ("[a]({{< ref \"#x\" >}})", "[a](#x)"),
            ("[a]({{< ref \"no such\" >}})", "[a](@/no%20such)"),
            (
                "{{< figure src=\"ref x\" >}} {{",
                "{{< figure src=\"ref x\" >}} {{",
            ),
            ("{{</* ref \"one.md\" */>}}", "{{</* ref \"one.md\" */>}}"),
            (
                "{{< ref path=\"one.md\" lang=\"de\" >}}",
                "{{< ref path=\"one.md\" lang=\"de\" >}}",
            ),
            ("{{< ref ", "{{< ref "),
        ] {
            assert_eq!(read(body), expected);
        }
    }

    #[test]
    fn names_are_found_in_links_and_nowhere_else() {
        let body = "[a](@/a.md#x) [b](<@/b c.md> \"@/t\") [r][]\n\n`@/code.md` npm @/text\n\n\
                    <a href=\"@/d.md?q\">d</a> [a](@/a.md) [e](@/%C3%A9.md)\n\n[r]: @/r.md\n";
        let names = ["@/a.md", "@/b c.md", "@/r.md", "@/d.md", "@/é.md"];
        assert_eq!(named(body), names);
    }

    #[test]
    fn a_name_counts_from_the_top_of_the_texts() {
        let top = tempfile::tempdir().unwrap();
        let folder = top.path().join("content/blog");
        std::fs::create_dir_all(&folder).unwrap();
        for name in ["one.md", "_index.md"] {
            std::fs::write(folder.join(name), "").unwrap();
        }
        std::fs::write(top.path().join("secret.md"), "").unwrap();
        let find = |name: &str| file(&folder, name);
        assert_eq!(find("@/blog/one.md").as_deref(), Some("one.md"));
        assert_eq!(find("@/one.md").as_deref(), Some("one.md"));
        for none in [
            "@/news/one.md",
            "@/blog/_index.md",
            "@/../secret.md",
            "@/../../secret.md",
            "@/",
        ] {
            assert_eq!(find(none), None, "{none}");
        }
    }
}
