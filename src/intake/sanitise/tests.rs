//! Attacks, and what authors write.

use super::*;
use crate::article::markup::{Mark, walk};
use proptest::prelude::*;

fn base() -> Url {
    Url::parse("https://x.example/blog/a/").unwrap()
}

fn clean(html: &str) -> String {
    sanitise(html, &base(), &Wishes::default(), Pages::new()).unwrap()
}

/// Everything in `html` that could act: the test's own list, not the sanitiser's.
fn live(html: &str) -> Vec<String> {
    const ELEMENTS: [&str; 25] = [
        "script",
        "style",
        "iframe",
        "frame",
        "object",
        "embed",
        "applet",
        "svg",
        "math",
        "form",
        "input",
        "button",
        "textarea",
        "select",
        "link",
        "meta",
        "base",
        "template",
        "noscript",
        "title",
        "plaintext",
        "xmp",
        "marquee",
        "isindex",
        "portal",
    ];
    let mut found = Vec::new();
    walk(html, |mark| {
        let Mark::Start(tag) = mark else { return };
        if ELEMENTS.contains(&&*tag.name) {
            found.push(tag.name.to_string());
        }
        for attribute in &tag.attrs {
            let (name, value) = (&*attribute.name.local, &*attribute.value);
            let is_safe = match name {
                "href" | "src" | "poster" | "cite" => is_web_url(value),
                "srcset" => value.split(", ").all(is_web_url),
                _ => !name.starts_with("on") && !matches!(name, "style" | "srcdoc" | "action"),
            };
            if !is_safe {
                found.push(format!("{name}={value}"));
            }
        }
    });
    found
}

fn is_web_url(value: &str) -> bool {
    ["https://", "http://", "mailto:"]
        .iter()
        .any(|scheme| value.starts_with(scheme))
}

#[test]
fn no_attack_leaves_anything_live() {
    let attacks = include_str!("attacks.txt");
    let mut count = 0;
    for attack in attacks.lines().filter(|line| !line.is_empty()) {
        let clean = clean(
            &attack
                .replace("\\t", "\t")
                .replace("\\n", "\n")
                .replace("\\0", "\0"),
        );
        assert_eq!(live(&clean), [""; 0], "{attack}\nbecame {clean}");
        count += 1;
    }
    assert!(count >= 60, "{count}");
}

#[test]
fn the_test_sees_what_is_live() {
    for html in [
        "<script>",
        "<a href='javascript:x'>",
        "<img onerror=x>",
        "<img srcset='https://a/b, data:x'>",
        "<p style=x>",
    ] {
        assert_eq!(live(html).len(), 1, "{html}");
    }
}

#[test]
fn what_authors_write_stays() {
    let table = [
        (
            "<p>a <em>b</em> <code>c</code></p>",
            "<p>a <em>b</em> <code>c</code></p>",
        ),
        (
            "<pre><code class=\"hl language-rust x\">a</code></pre>",
            "<pre><code class=\"language-rust\">a</code></pre>",
        ),
        ("<p class=\"lead\" id=\"top\">a</p>", "<p id=\"top\">a</p>"),
        (
            "<a href=\"#fn1\" id=\"r1\">1</a>",
            "<a href=\"https://x.example/blog/a/#fn1\" id=\"r1\">1</a>",
        ),
        (
            "<a href=\"../b?x=1&amp;y=2\">b</a>",
            "<a href=\"https://x.example/blog/b?x=1&amp;y=2\">b</a>",
        ),
        (
            "<a href=\"mailto:a@x.example\">m</a>",
            "<a href=\"mailto:a@x.example\">m</a>",
        ),
        ("<a href=\"tel:+1\">t</a>", "<a>t</a>"),
        (
            "<img src=\"//cdn.example/p.png\" alt=\"p\">",
            "<img src=\"https://cdn.example/p.png\" alt=\"p\">",
        ),
        ("<img src=\"\" alt=\"p\">", "<img alt=\"p\">"),
        (
            "<blockquote cite=\"/q\">q</blockquote>",
            "<blockquote cite=\"https://x.example/q\">q</blockquote>",
        ),
        (
            "<video src=\"v.mp4\" poster=\"p.jpg\" controls autoplay></video>",
            "<video src=\"https://x.example/blog/a/v.mp4\" poster=\"https://x.example/blog/a/p.jpg\" controls=\"\"></video>",
        ),
        (
            "<audio controls><source src=\"e.mp3\" type=\"audio/mpeg\"></audio>",
            "<audio controls=\"\"><source src=\"https://x.example/blog/a/e.mp3\" type=\"audio/mpeg\"></audio>",
        ),
        (
            "<figure><picture><source srcset=\"a.webp 2x\"><img src=\"a.png\"></picture><figcaption>c</figcaption></figure>",
            "<figure><picture><source srcset=\"https://x.example/blog/a/a.webp 2x\"><img src=\"https://x.example/blog/a/a.png\"></picture><figcaption>c</figcaption></figure>",
        ),
        (
            "<p>a<iframe src=\"https://video.example/1\">x</iframe>b</p>",
            "<p>ab</p>",
        ),
        (
            "<math><mi>x</mi></math><svg><text>y</text></svg>z",
            "<code>x</code>z",
        ),
        ("<noscript><img src=a></noscript>b", "b"),
        ("<Callout>text</Callout>", "text"),
        ("a &lt; b &amp; c", "a &lt; b &amp; c"),
    ];
    for (html, expected) in table {
        assert_eq!(clean(html), expected, "{html}");
    }
}

#[test]
fn every_candidate_of_a_srcset_becomes_absolute() {
    let table = [
        ("a.png", Some("https://x.example/blog/a/a.png")),
        (
            "a.png 1x, b.png 2x",
            Some("https://x.example/blog/a/a.png 1x, https://x.example/blog/a/b.png 2x"),
        ),
        (
            "a.png 480w,b.png 800w",
            Some("https://x.example/blog/a/a.png 480w, https://x.example/blog/a/b.png 800w"),
        ),
        (
            "a.png, b.png",
            Some("https://x.example/blog/a/a.png, https://x.example/blog/a/b.png"),
        ),
        (
            "/w_1,h_2/a.png 2x",
            Some("https://x.example/w_1,h_2/a.png 2x"),
        ),
        (
            " \n a.png\t2x ,, ",
            Some("https://x.example/blog/a/a.png 2x"),
        ),
        (
            "//cdn.example/a.png 1.5x",
            Some("https://cdn.example/a.png 1.5x"),
        ),
        (
            "https://c.example/a.png 2x, javascript:x 1x",
            Some("https://c.example/a.png 2x"),
        ),
        ("data:image/png;base64,AAAA 1x", None),
        (",", None),
        ("", None),
    ];
    for (value, expected) in table {
        assert_eq!(srcset(&base(), value).as_deref(), expected, "{value:?}");
    }
}

#[test]
fn a_bomb_is_refused_before_it_is_parsed() {
    let bomb = "<div>".repeat(300_000);
    assert_eq!(
        sanitise(&bomb, &base(), &Wishes::default(), Pages::new()),
        Err(TooLarge::Depth)
    );
    let large = "x".repeat(limits::MAX_BYTES + 1);
    assert_eq!(
        sanitise(&large, &base(), &Wishes::default(), Pages::new()),
        Err(TooLarge::Bytes)
    );
}

/// Pieces of markup that say more in combination than random characters.
fn soup() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("<script>"),
        Just("</script>"),
        Just("<svg>"),
        Just("<math>"),
        Just("<style>"),
        Just("</style>"),
        Just("<p>"),
        Just("</p>"),
        Just("<a href='javascript:x'>"),
        Just("</a>"),
        Just("<img src=x onerror=y>"),
        Just("<!--"),
        Just("-->"),
        Just("<table>"),
        Just("<td>"),
        Just("<mtext>"),
        Just("<mglyph>"),
        Just("<foreignObject>"),
        Just("<title>"),
        Just("</title>"),
        Just("<b id=1>"),
        Just("</b>"),
        Just("text"),
        Just("\""),
        Just("'"),
        Just("<![CDATA["),
        Just("]]>"),
        Just("&lt;script>"),
        Just("<textarea>"),
        Just("<noscript>"),
        Just("<select>"),
        Just("<template>"),
        Just("<form>"),
        Just("<img srcset='data:x 1x, a 2x'>"),
        Just("<a title='</a><script>'>"),
        Just("<li>"),
        Just("<ul>"),
        Just("\0"),
        Just("<h1>"),
    ];
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// Markup that closes what it opens, as renderers write it, with things to drop in it.
fn prose() -> impl Strategy<Value = String> {
    let inline = prop_oneof![
        Just("text "),
        Just("a &lt; b &amp; c"),
        Just("<em class=x>e</em>"),
        Just("<br/>"),
        Just("<a id=r onclick=x href='#fn'>1</a>"),
        Just("<code class='a language-c'>c</code>"),
        Just("<img alt='&quot;' src=i.png onerror=x srcset='a 1x,b 2x'>"),
        Just("<script>x</script>"),
        Just("<a href='javascript:x' title=t>x</a>"),
        Just("<x-y>z</x-y>"),
        Just("\n"),
    ];
    let line = proptest::collection::vec(inline, 1..6).prop_map(|pieces| pieces.concat());
    let block = line.prop_map(|line| format!("<p style=x>{line}</p>"));
    block.prop_recursive(4, 32, 4, |inner| {
        let many = proptest::collection::vec(inner, 1..4).prop_map(|blocks| blocks.concat());
        let wrapper = prop_oneof![
            Just(("<ul><li>", "</li></ul>")),
            Just(("<blockquote cite=q>", "</blockquote>")),
            Just((
                "<table><tbody><tr><td align=left>",
                "</td></tr></tbody></table>"
            )),
            Just(("<div onclick=x id=i>", "</div>")),
            Just(("<section>", "</section>")),
        ];
        (many, wrapper).prop_map(|(blocks, (open, close))| format!("{open}{blocks}{close}"))
    })
}

proptest! {
    #[test]
    fn nothing_live_comes_out_of_any_text(raw in any::<String>()) {
        prop_assert_eq!(live(&clean(&raw)), [""; 0]);
    }

    #[test]
    fn nothing_live_comes_out_of_any_soup(raw in soup()) {
        let once = clean(&raw);
        prop_assert_eq!(live(&once), [""; 0]);
        prop_assert_eq!(live(&clean(&once)), [""; 0]);
    }

    /// Of well-nested markup, that is; HTML itself re-reads `<a><table><a>` another way.
    #[test]
    fn sanitising_twice_changes_nothing_more(raw in prose()) {
        let once = clean(&raw);
        prop_assert_eq!(clean(&once), once);
    }
}

#[test]
fn a_link_to_a_file_leads_to_its_page_or_nowhere() {
    let pages: Pages = [
        ("@/a b.md", Some("https://x.example/blog/b/?q=\"1\"")),
        ("@/lost.md", None),
    ]
    .map(|(name, url)| (name.to_owned(), url.map(str::to_owned)))
    .into();
    let clean = |html: &str| sanitise(html, &base(), &Wishes::default(), pages.clone()).unwrap();
    for (html, expected) in [
        (
            "<a href=\" @/a%20b.md#x\">b</a>",
            "<a href=\"https://x.example/blog/b/?q=&quot;1&quot;#x\">b</a>",
        ),
        ("<a href=@/lost.md>words</a>", "<a>words</a>"),
        (
            "<a href=@/none.md>c</a>",
            "<a href=\"https://x.example/blog/a/@/none.md\">c</a>",
        ),
    ] {
        assert_eq!(clean(html), expected);
    }
}

#[test]
fn a_blank_line_at_the_beginning_of_code_is_kept() {
    for (html, expected) in [
        ("<pre>\na</pre>", "<pre>a</pre>"),
        ("<pre>\n\na</pre>", "<pre>\n\na</pre>"),
        (
            "<pre title=\"a>b\"><x>\na</x></pre><pre>b</pre>",
            "<pre title=\"a&gt;b\">\n\na</pre><pre>b</pre>",
        ),
        ("<pre><code>\na</code></pre>", "<pre><code>\na</code></pre>"),
    ] {
        let once = clean(html);
        assert_eq!(once, expected);
        assert_eq!(clean(&once), once);
    }
}

#[test]
fn what_a_table_moves_is_read_as_it_was_written() {
    let html = "<a href=/1>x<table><a href=/2>y</a><tr><td>z</table></a>";
    let once = clean(html);
    assert_eq!(clean(&once), once);
    for part in ["/1\">x", "/2\">y", "<td>z</td>"] {
        assert!(once.contains(part), "{once}");
    }
}
