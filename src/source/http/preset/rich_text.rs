//! Rich text that is a tree of nodes, as HTML: Contentful's documents and Strapi's blocks.

use serde_json::Value;

/// Nodes within nodes; what lies deeper is left out.
const MAX_DEPTH: usize = 64;

/// HTML of a document or of a list of blocks; `None` where the value is neither.
pub(super) fn html(value: &Value) -> Option<String> {
    let mut html = String::new();
    match value {
        Value::Object(_) if kind(value) == Some("document") => {}
        Value::Array(blocks) if blocks.iter().all(|block| kind(block).is_some()) => {
            if blocks.is_empty() {
                return None;
            }
        }
        _ => return None,
    }
    match value {
        Value::Array(blocks) => blocks.iter().for_each(|block| node(block, &mut html, 0)),
        document => node(document, &mut html, 0),
    }
    Some(html)
}

/// `nodeType` is Contentful's, `type` Strapi's; only nodes have children beside it, or text.
fn kind(value: &Value) -> Option<&str> {
    let is_node = ["content", "children", "value", "text"]
        .iter()
        .any(|name| value.get(*name).is_some());
    let kind = value.get("nodeType").or_else(|| value.get("type"))?;
    kind.as_str().filter(|_| is_node)
}

fn node(value: &Value, html: &mut String, depth: usize) {
    let kind = value.get("nodeType").or_else(|| value.get("type"));
    let kind = kind.and_then(Value::as_str).unwrap_or_default();
    if depth > MAX_DEPTH {
        return;
    }
    let level = || match value.get("level").and_then(Value::as_u64) {
        Some(2) => "h2",
        Some(3) => "h3",
        Some(4) => "h4",
        Some(5) => "h5",
        Some(6) => "h6",
        _ => "h1",
    };
    let tag = match kind {
        "paragraph" => "p",
        "heading" => level(),
        "heading-1" => "h1",
        "heading-2" => "h2",
        "heading-3" => "h3",
        "heading-4" => "h4",
        "heading-5" => "h5",
        "heading-6" => "h6",
        "list" if value.get("format").and_then(Value::as_str) == Some("ordered") => "ol",
        "ordered-list" => "ol",
        "list" | "unordered-list" => "ul",
        "list-item" => "li",
        "quote" | "blockquote" => "blockquote",
        "table" => "table",
        "table-row" => "tr",
        "table-cell" => "td",
        "table-header-cell" => "th",
        "hr" => return html.push_str("<hr>"),
        "text" => return text(value, html),
        "code" if value.get("children").is_some() => {
            html.push_str("<pre><code>");
            children(value, html, depth);
            return html.push_str("</code></pre>");
        }
        "link" | "hyperlink" | "asset-hyperlink" | "entry-hyperlink" => {
            return link(value, html, depth);
        }
        "image" | "embedded-asset-block" => return image(value, html),
        _ => return children(value, html, depth),
    };
    html.push_str(&format!("<{tag}>"));
    children(value, html, depth);
    html.push_str(&format!("</{tag}>"));
}

fn children(value: &Value, html: &mut String, depth: usize) {
    let list = value.get("content").or_else(|| value.get("children"));
    for child in list.and_then(Value::as_array).into_iter().flatten() {
        node(child, html, depth + 1);
    }
}

/// What a link or a picture leads to: in the node, in its data, or in what is linked.
fn target(value: &Value) -> Option<&str> {
    let data = value.get("data");
    let linked = data.and_then(|data| data.get("target"));
    let image = value.get("image");
    let url = value
        .get("url")
        .or_else(|| data?.get("uri"))
        .or_else(|| linked?.get("url"))
        .or_else(|| image?.get("url"));
    url.and_then(Value::as_str)
}

fn link(value: &Value, html: &mut String, depth: usize) {
    let Some(url) = target(value) else {
        return children(value, html, depth);
    };
    html.push_str(&format!("<a href=\"{}\">", escaped(url)));
    children(value, html, depth);
    html.push_str("</a>");
}

fn image(value: &Value, html: &mut String) {
    let Some(url) = target(value) else {
        return;
    };
    let file = value.get("image");
    let file = file.or_else(|| value.get("data")?.get("target"));
    let words = file.and_then(|file| file.get("alternativeText")?.as_str());
    let (url, words) = (escaped(url), escaped(words.unwrap_or_default()));
    html.push_str(&format!("<img src=\"{url}\" alt=\"{words}\">"));
}

fn text(value: &Value, html: &mut String) {
    let words = value.get("value").or_else(|| value.get("text"));
    let words = escaped(words.and_then(Value::as_str).unwrap_or_default());
    let marks = value.get("marks").and_then(Value::as_array);
    let is_marked = |name: &str| {
        let mut marks = marks.into_iter().flatten();
        value.get(name) == Some(&Value::Bool(true))
            || marks.any(|mark| mark.get("type").and_then(Value::as_str) == Some(name))
    };
    const TAGS: [(&str, &str); 7] = [
        ("bold", "strong"),
        ("italic", "em"),
        ("underline", "u"),
        ("strikethrough", "s"),
        ("code", "code"),
        ("subscript", "sub"),
        ("superscript", "sup"),
    ];
    let tags: Vec<&str> = TAGS
        .iter()
        .filter(|(name, _)| is_marked(name))
        .map(|(_, tag)| *tag)
        .collect();
    for tag in &tags {
        html.push_str(&format!("<{tag}>"));
    }
    html.push_str(&words.replace('\n', "<br>"));
    for tag in tags.iter().rev() {
        html.push_str(&format!("</{tag}>"));
    }
}

fn escaped(text: &str) -> String {
    quick_xml::escape::escape(text).into_owned()
}
