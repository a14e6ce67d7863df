//! MDX as Markdown: what only a JavaScript program could render goes, its text stays.
//!
//! Imports, exports and comments are dropped, and so are the tags of components; what stands
//! between them is kept. Code is left alone.

mod esm;

/// The end of the summary, where HTML's comments do not exist.
const MORE: &str = "{/* more */}";

/// Takes the MDX out of a text.
pub(super) fn to_markdown(mdx: &str) -> String {
    let mut out = String::with_capacity(mdx.len());
    let mut fence: Option<&str> = None;
    // A statement begins where a block does; in a paragraph `import` is a word.
    let mut begins_block = true;
    let mut rest = mdx;
    while !rest.is_empty() {
        if fence.is_none() && begins_block {
            let length = esm::length(rest);
            if length > 0 {
                rest = &rest[length..];
                continue;
            }
        }
        let line = rest.split_inclusive('\n').next().unwrap_or(rest);
        rest = &rest[line.len()..];
        out.push_str(line);
        let trimmed = line.trim_start();
        begins_block = trimmed.is_empty() || trimmed.starts_with('#');
        if let Some(open) = fence {
            if trimmed.starts_with(open) && trimmed.trim_end().chars().all(|c| open.contains(c)) {
                (fence, begins_block) = (None, true);
            }
        } else {
            fence = ["```", "~~~"]
                .into_iter()
                .find(|fence| trimmed.starts_with(fence));
        }
    }
    without_tags(&out)
}

/// Drops component tags and comments outside code.
fn without_tags(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['`', '~', '<', '{']) {
        out.push_str(&rest[..at]);
        let here = &rest[at..];
        let length = if here.starts_with(['`', '~']) {
            let length = code(here);
            out.push_str(&here[..length]);
            length
        } else if here.starts_with(MORE) {
            out.push_str("<!-- more -->");
            MORE.len()
        } else if here.starts_with("{/*") {
            here.find("*/}").map_or(1, |end| end + "*/}".len())
        } else {
            let length = component(here);
            if length == 0 {
                out.push_str(&here[..1]);
                1
            } else {
                length
            }
        };
        rest = &here[length..];
    }
    out.push_str(rest);
    out
}

/// The length of the code that begins here: up to the same run of marks, or the run itself.
fn code(here: &str) -> usize {
    let mark = here.chars().next().unwrap_or('`');
    let run = here.len() - here.trim_start_matches(mark).len();
    if mark == '~' && run < 3 {
        return run;
    }
    let marks = &here[..run];
    let mut from = run;
    while let Some(found) = here[from..].find(marks) {
        let start = from + found;
        let length = here.len() - start - here[start..].trim_start_matches(mark).len();
        if length == run {
            return start + run;
        }
        from = start + length;
    }
    run
}

/// The length of a component's tag that begins here; 0 if it is none. Components are told
/// from HTML by a capital letter or a dot in the name; a fragment has no name.
fn component(here: &str) -> usize {
    let Some(inside) = here.strip_prefix('<') else {
        return 0;
    };
    let name = inside.strip_prefix('/').unwrap_or(inside);
    let end = name.find(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | ':')));
    let Some((name, after)) = end.map(|end| name.split_at(end)) else {
        return 0;
    };
    let is_component = name.starts_with(|c: char| c.is_ascii_uppercase()) || name.contains('.');
    let is_fragment = name.is_empty() && after.starts_with('>');
    if !is_component && !is_fragment || name.contains(':') {
        return 0;
    }
    tag_end(after).map_or(0, |length| here.len() - after.len() + length)
}

/// The length up to and with the `>` that ends a tag, past quotes and braces.
fn tag_end(after: &str) -> Option<usize> {
    let mut quote = None;
    let mut depth = 0_u32;
    for (at, c) in after.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '{') => depth += 1,
            (None, '}') => depth = depth.saturating_sub(1),
            (None, '>') if depth == 0 => return Some(at + 1),
            (None, _) => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::to_markdown;
    use proptest::prelude::*;

    #[test]
    fn what_only_a_program_could_render_goes() {
        for (mdx, markdown) in [
            ("import A from './a'\n\n# T\n", "\n# T\n"),
            ("import {\n  A,\n  B,\n} from './a'\ntext\n", "text\n"),
            ("export const a = {\n b: [1,\n 2] }\ntext\n", "text\n"),
            ("<Card title=\"a > b\">in **it**</Card>\n", "in **it**\n"),
            ("a <Icon name={x > 1 ? '}' : '>'} /> b", "a  b"),
            ("<Tabs.Item>x</Tabs.Item><>y</>", "xy"),
            ("{/* a <b> comment */}text", "text"),
            ("a {/* more */} b", "a <!-- more --> b"),
            ("<div class=\"x\">kept</div>", "<div class=\"x\">kept</div>"),
            (
                "a < b and <https://A.example/>",
                "a < b and <https://A.example/>",
            ),
            ("{props.x} stays", "{props.x} stays"),
            ("imported and exported", "imported and exported"),
            (
                "Firms that\nimport goods or\nexport them pay.\n",
                "Firms that\nimport goods or\nexport them pay.\n",
            ),
            ("import duties rose.\n", "import duties rose.\n"),
            ("export prices fell.\n", "export prices fell.\n"),
            (
                "import A from 'a'\nexport * from \"b\"\n# T\nimport 'c'\nText\n",
                "# T\nText\n",
            ),
            (
                "export function f() {\n  const a = '}';\n\n  return `\n}\n` // }\n}\n\nText\n",
                "\nText\n",
            ),
            ("export const a =\n  1 +\n  2\n\nText\n", "\nText\n"),
            ("export const a = b\n  .c()\n  .d()\n\nText\n", "\nText\n"),
            ("export const a = /* it's { */ 1\n\nText\n", "\nText\n"),
            ("export const a = {\n\nText\n", "\nText\n"),
        ] {
            assert_eq!(to_markdown(mdx), markdown, "{mdx}");
        }
    }

    #[test]
    fn code_is_left_alone() {
        for code in [
            "```jsx\nimport A from 'a'\n<Card>x</Card>\n{/* c */}\n```\n",
            "~~~\n<Card/>\n~~~\n",
            "`<Card>` and ``a ` <Card>``",
            "an open ` <b>",
        ] {
            assert_eq!(to_markdown(code), code);
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[ -~\n]{0,60}|[`~<>{}/*A.a\n\"'ä]{0,40}") {
            let _ = to_markdown(&text);
        }
    }
}
