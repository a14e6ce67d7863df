//! What readers cannot show, put into a form that they can, before the sanitiser takes it
//! out: formulas, drawings, pictures that wait for a script, frames of known hosts.
//!
//! Nothing here makes markup safe: all that comes out goes through the sanitiser.

use html5ever::tokenizer::Tag;

use crate::article::markup::{Mark, walk};

/// What the site wants of its texts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wishes {
    /// Hosts whose frames stay: players of films and sound.
    pub iframes: Vec<String>,
    /// Whether pictures of one point, which count readers, go.
    pub drop_pixels: bool,
}

/// What there must be in a text for it to be rewritten at all.
const TRIGGERS: [&str; 6] = [
    "<math",
    "<svg",
    "<iframe",
    "data-src",
    "data-lazy",
    "data-original",
];

/// Elements that go with all that is in them; a tokenizer reads it as text.
const RAW: [&str; 9] = [
    "iframe", "noembed", "noframes", "noscript", "script", "style", "template", "textarea", "title",
];

/// Elements that end a drawing or formula that was not closed (HTML section 13.2.6.5).
const BREAKOUT: [&str; 22] = [
    "blockquote",
    "body",
    "center",
    "dd",
    "div",
    "dl",
    "dt",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "img",
    "li",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "ul",
];

/// Where scripts look for the picture that is to take the placeholder's place, by
/// attribute.
const LAZY: [(&str, &[&str]); 2] = [
    (
        "src",
        &["data-src", "data-lazy-src", "data-original", "data-lazy"],
    ),
    ("srcset", &["data-srcset", "data-lazy-srcset"]),
];

/// Rewrites `html` where that is of use.
pub fn degrade(html: &str, wishes: &Wishes) -> Option<String> {
    let lower = html.to_ascii_lowercase();
    let pixels = wishes.drop_pixels && lower.contains("<img");
    if !pixels && !TRIGGERS.iter().any(|trigger| lower.contains(trigger)) {
        return None;
    }
    let mut writer = Writer {
        wishes,
        out: String::with_capacity(html.len()),
        inside: None,
    };
    walk(html, |mark| writer.take(&mark));
    writer.leave();
    Some(writer.out)
}

struct Writer<'w> {
    wishes: &'w Wishes,
    out: String,
    /// The element that is being replaced or left out, if any.
    inside: Option<Inside>,
}

/// An element being read to its end.
struct Inside {
    name: String,
    depth: usize,
    kind: Kind,
    /// What stands for it.
    words: String,
    /// Whether the text that comes belongs to `words`.
    listening: bool,
    /// The elements of a formula that are open, and how many parts each has so far.
    parts: Vec<(String, usize)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Formula,
    Drawing,
    LeftOut,
}

impl Writer<'_> {
    fn take(&mut self, mark: &Mark<'_>) {
        if let (Some(_), Mark::Start(tag)) = (&self.inside, mark)
            && self.breaks_out(tag)
        {
            self.leave();
        }
        match (self.inside.as_mut(), mark) {
            (None, mark) => self.copy(mark),
            (Some(inside), Mark::Start(tag)) => {
                if *tag.name == *inside.name && !tag.self_closing {
                    inside.depth += 1;
                }
                inside.enter(tag);
            }
            (Some(inside), Mark::Text(text)) => {
                if inside.listening {
                    inside.words.push_str(text);
                }
            }
            (Some(inside), Mark::End(name)) => {
                inside.listening &= inside.kind == Kind::Formula && *name != "annotation";
                if inside.listening {
                    inside.end_part(name);
                }
                if *name == inside.name {
                    inside.depth -= 1;
                    if inside.depth == 0 {
                        self.leave();
                    }
                }
            }
        }
    }

    fn breaks_out(&self, tag: &Tag) -> bool {
        let foreign = self
            .inside
            .as_ref()
            .is_some_and(|i| i.kind != Kind::LeftOut);
        foreign && BREAKOUT.contains(&&*tag.name)
    }

    fn copy(&mut self, mark: &Mark<'_>) {
        match mark {
            Mark::Text(text) => escape(text, &mut self.out),
            Mark::End(name) if RAW.contains(name) || matches!(*name, "xmp" | "plaintext") => {}
            Mark::End(name) => {
                self.out.push_str("</");
                self.out.push_str(name);
                self.out.push('>');
            }
            Mark::Start(tag) => self.open(tag),
        }
    }

    fn open(&mut self, tag: &Tag) {
        let name = &*tag.name;
        if name == "iframe" {
            self.frame(tag);
        }
        let kind = match name {
            "math" => Some(Kind::Formula),
            "svg" => Some(Kind::Drawing),
            // What KaTeX shows, beside the formula that it keeps for screen readers.
            "span" if value(tag, "class").is_some_and(|c| c.contains("katex-html")) => {
                Some(Kind::LeftOut)
            }
            name if RAW.contains(&name) => Some(Kind::LeftOut),
            _ => None,
        };
        if let Some(kind) = kind {
            if !tag.self_closing || kind == Kind::LeftOut {
                self.inside = Some(Inside::new(tag, kind));
            }
            return;
        }
        match name {
            "img" if self.wishes.drop_pixels && is_pixel(tag) => {}
            "xmp" | "plaintext" => {}
            _ => self.start(tag),
        }
    }

    /// Writes a tag, with the picture that a script would put into it.
    fn start(&mut self, tag: &Tag) {
        let lazy = |name: &str| {
            let (_, places) = LAZY.iter().find(|(known, _)| *known == name)?;
            places.iter().find_map(|place| value(tag, place))
        };
        let media = matches!(&*tag.name, "img" | "source" | "video" | "audio");
        self.out.push('<');
        self.out.push_str(&tag.name);
        for attribute in &tag.attrs {
            let name = &*attribute.name.local;
            let plain = name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_:.".contains(&b));
            let replaced = media && (name.starts_with("data-") || lazy(name).is_some());
            if plain && !replaced {
                self.attribute(name, &attribute.value);
            }
        }
        if media {
            for (name, _) in LAZY {
                if let Some(value) = lazy(name) {
                    self.attribute(name, value);
                }
            }
        }
        self.out.push('>');
    }

    fn attribute(&mut self, name: &str, value: &str) {
        self.out.push(' ');
        self.out.push_str(name);
        self.out.push_str("=\"");
        escape(value, &mut self.out);
        self.out.push('"');
    }

    /// Writes a frame of a host that may have them, without what is between its tags.
    fn frame(&mut self, tag: &Tag) {
        // Where it waits for a script, `src` is empty or `about:blank`.
        let sources = ["src", "data-src"].map(|name| value(tag, name));
        let mut kept = sources.into_iter().flatten();
        let Some(source) = kept.find(|source| is_kept(source, &self.wishes.iframes)) else {
            return;
        };
        self.out.push_str("<iframe");
        self.attribute("src", source);
        for name in ["width", "height", "title", "allowfullscreen"] {
            if let Some(value) = value(tag, name) {
                self.attribute(name, value);
            }
        }
        self.out.push_str("></iframe>");
    }

    /// Writes what stands for the element that ended.
    fn leave(&mut self) {
        let Some(inside) = self.inside.take() else {
            return;
        };
        let words: Vec<&str> = inside.words.split_whitespace().collect();
        if words.is_empty() || inside.kind == Kind::LeftOut {
            return;
        }
        let element = match inside.kind {
            Kind::Formula => "code",
            _ => "em",
        };
        self.out.push_str(&format!("<{element}>"));
        escape(&words.join(" "), &mut self.out);
        self.out.push_str(&format!("</{element}>"));
    }
}

impl Inside {
    fn new(tag: &Tag, kind: Kind) -> Self {
        let hidden = value(tag, "aria-hidden") == Some("true");
        let kind = if kind == Kind::Drawing && hidden {
            Kind::LeftOut
        } else {
            kind
        };
        let label = match kind {
            Kind::Formula => value(tag, "alttext"),
            Kind::Drawing => value(tag, "aria-label"),
            Kind::LeftOut => None,
        };
        Self {
            name: tag.name.to_string(),
            depth: 1,
            kind,
            words: label.unwrap_or_default().to_owned(),
            // Without a label, a formula is the text in it.
            listening: kind == Kind::Formula && label.is_none(),
            parts: Vec::new(),
        }
    }

    /// Before a part of a formula: what tells a fraction or a power from letters in a row.
    fn begin_part(&mut self, name: &str) {
        if let Some((parent, count)) = self.parts.last_mut() {
            let sign = match (parent.as_str(), *count) {
                ("mfrac", 1) => "/",
                ("msup" | "mover", 1) | ("msubsup" | "munderover", 2) => "^",
                ("msub" | "msubsup" | "munder" | "munderover", 1) => "_",
                _ => "",
            };
            *count += 1;
            self.words.push_str(sign);
        }
        match name {
            "msqrt" => self.words.push_str("√("),
            "mrow" if self.is_divided() => self.words.push('('),
            _ => {}
        }
        self.parts.push((name.to_owned(), 0));
    }

    fn end_part(&mut self, name: &str) {
        let open = self.parts.iter().rposition(|(open, _)| open == name);
        if let Some(open) = open {
            self.parts.truncate(open);
            if name == "msqrt" || name == "mrow" && self.is_divided() {
                self.words.push(')');
            }
        }
    }

    /// Whether the element that is open has parts between which a sign stands.
    fn is_divided(&self) -> bool {
        let divided = [
            "mfrac",
            "msup",
            "msub",
            "msubsup",
            "mover",
            "munder",
            "munderover",
        ];
        let open = self.parts.last();
        open.is_some_and(|(open, _)| divided.contains(&open.as_str()))
    }

    fn enter(&mut self, tag: &Tag) {
        let tex = || value(tag, "encoding") == Some("application/x-tex");
        match (&*tag.name, self.kind) {
            // The source of the formula, which is better than its pieces.
            ("annotation", Kind::Formula) if tex() && self.listening => self.words.clear(),
            ("annotation", Kind::Formula) => self.listening = false,
            ("title", Kind::Drawing) if self.words.is_empty() => self.listening = true,
            (name, Kind::Formula) if self.listening && !tag.self_closing => self.begin_part(name),
            _ => {}
        }
    }
}

/// Whether a frame at `source` may stay: over TLS, from exactly one of `hosts`.
pub fn is_kept(source: &str, hosts: &[String]) -> bool {
    let source = source.trim();
    let whole = if source.starts_with("//") {
        format!("https:{source}")
    } else {
        source.to_owned()
    };
    url::Url::parse(&whole).is_ok_and(|url| {
        url.scheme() == "https"
            && url
                .host_str()
                .is_some_and(|host| hosts.iter().any(|known| known == host))
    })
}

fn is_pixel(tag: &Tag) -> bool {
    let tiny = |name| {
        let size = value(tag, name).map(|size| size.trim_end_matches("px").trim());
        matches!(size, Some("0" | "1"))
    };
    tiny("width") && tiny("height")
}

fn value<'t>(tag: &'t Tag, name: &str) -> Option<&'t str> {
    tag.attrs
        .iter()
        .find(|attribute| &*attribute.name.local == name)
        .map(|attribute| &*attribute.value)
}

fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(html: &str) -> String {
        let wishes = Wishes {
            iframes: vec!["www.youtube-nocookie.com".to_owned()],
            drop_pixels: true,
        };
        degrade(html, &wishes).unwrap_or_else(|| html.to_owned())
    }

    #[test]
    fn formulas_and_drawings_leave_words() {
        for (html, expected) in [
            (
                "a <math alttext=\"x<2\"><mi>x</mi></math> b",
                "a <code>x&lt;2</code> b",
            ),
            (
                "<math><mi>x</mi><mo>=</mo><mn>2</mn></math>",
                "<code>x=2</code>",
            ),
            (
                "<math><mfrac><mrow><mi>a</mi><mo>+</mo><mn>1</mn></mrow><msup><mi>b</mi><mn>2</mn></msup>\
                 </mfrac><msqrt><msub><mi>x</mi><mi>i</mi></msub></msqrt></math>",
                "<code>(a+1)/b^2√(x_i)</code>",
            ),
            ("<math><mfrac><mi>a</math>b", "<code>a</code>b"),
            (
                "<span class=katex-mathml><math><semantics><mi>x</mi><annotation \
                 encoding=\"application/x-tex\">\\frac{x}{2}</annotation></semantics></math></span>\
                 <span class=\"katex-html\" aria-hidden=true><span>x</span>2</span>!",
                "<span class=\"katex-mathml\"><code>\\frac{x}{2}</code></span>!",
            ),
            (
                "<svg role=img aria-label=\"A crab\"><path d=\"M0\"/></svg>",
                "<em>A crab</em>",
            ),
            (
                "<svg><title>A  b</title><text>no</text></svg>.",
                "<em>A b</em>.",
            ),
            ("<svg aria-hidden=true><title>icon</title></svg>x", "x"),
            ("<svg/><p>x</p>", "<p>x</p>"),
            ("<svg><path><p>not swallowed</p>", "<p>not swallowed</p>"),
            ("<svg><svg></svg><title>t</title></svg>", "<em>t</em>"),
            (
                "<math><mtext>&lt;script&gt;</mtext></math>",
                "<code>&lt;script&gt;</code>",
            ),
        ] {
            assert_eq!(rewritten(html), expected, "{html}");
        }
    }

    #[test]
    fn pictures_that_wait_for_a_script_are_there_at_once() {
        for (html, expected) in [
            (
                "<img src=\"1.gif\" data-src=\"a.png?a&amp;b\" alt=\"x\" class=lazy>",
                "<img alt=\"x\" class=\"lazy\" src=\"a.png?a&amp;b\">",
            ),
            (
                "<IMG data-src=a.png data-srcset='a.png 2x'><noscript><img src=a.png></noscript>",
                "<img src=\"a.png\" srcset=\"a.png 2x\">",
            ),
            ("<p data-src=x>y</p>", "<p data-src=\"x\">y</p>"),
            ("<img width=1 height=\"1px\" src=count.gif>.", "."),
        ] {
            assert_eq!(rewritten(html), expected, "{html}");
        }
    }

    #[test]
    fn frames_of_known_hosts_stay() {
        let known = "https://www.youtube-nocookie.com/embed/1";
        assert_eq!(
            rewritten(&format!(
                "<iframe src=\"{known}\" onload=x width=5>no</iframe>y"
            )),
            format!("<iframe src=\"{known}\" width=\"5\"></iframe>y")
        );
        assert_eq!(
            rewritten(&format!(
                "<iframe src=about:blank data-src=\"{known}\"></iframe>"
            )),
            format!("<iframe src=\"{known}\"></iframe>")
        );
        for other in [
            "https://evil.example/",
            "http://www.youtube-nocookie.com/",
            "https://www.youtube-nocookie.com.evil.example/",
            "https://www.youtube-nocookie.com@evil.example/",
            "javascript:alert(1)",
        ] {
            assert_eq!(
                rewritten(&format!("<iframe src=\"{other}\"></iframe>y")),
                "y"
            );
        }
    }

    #[test]
    fn the_rest_is_as_it_was() {
        let html = "<svg></svg><pre><code>a &lt; b &amp;&amp; c\n</code></pre><br><p title=\"&quot;\">x</p>";
        assert_eq!(rewritten(html), html.trim_start_matches("<svg></svg>"));
        assert_eq!(degrade("<p>plain</p>", &Wishes::default()), None);
    }
}
