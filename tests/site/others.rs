//! Documents that list others, and data for pages.

use serde_json::{Value, json};

use crate::workshop::{DAY, Workshop, article, document, paths, text, with};

#[test]
fn a13_1_all_feeds_stand_in_one_list() {
    let site = Workshop::new(
        "[[feed]]\nname = \"all\"\n[[feed]]\nname = \"j\"\ntitle = \"J & <co>\"\nformats = \"json\"\n\
         [[feed]]\neach = \"tag\"\nformats = [\"atom\", \"jsonld\"]\n",
    );
    let made = site.at(DAY, &[with(article("a", 1), json!({"tags": ["t"]}))]);
    let opml = text(&made, "/feeds.opml");
    let outline = |title: &str, kind: &str, path: &str, version: &str| {
        format!(
            "<outline text=\"{title}\" title=\"{title}\" type=\"{kind}\" \
             xmlUrl=\"https://a.example/{path}\" htmlUrl=\"https://a.example/\" \
             description=\"A\" language=\"en\" version=\"{version}\"/>"
        )
    };
    let all = [
        outline("A", "rss", "rss.xml", "RSS2"),
        outline(
            "J &amp; &lt;co&gt;",
            "JSONFeed",
            "feeds/j/feed.json",
            "JSONFeed1.1",
        ),
        outline("A: t", "rss", "tags/t/atom.xml", "ATOM1"),
    ];
    assert!(opml.contains(&all.concat()), "{opml}");
    let none = Workshop::new("[[feed]]\neach = \"tag\"\n").at(DAY, &[]);
    assert!(text(&none, "/feeds.opml").contains("<outline text=\"A\" type=\"link\""));
}

#[test]
fn a12_6_llms_txt_leads_to_each_article_in_markdown() {
    let site = Workshop::new("[llms]\nlimit = 2\n");
    let made = site.at(
        DAY,
        &[
            article("old", 1),
            with(
                article("b/c", 2),
                json!({
                    "title": "A [b] *c*", "summary": "S", "authors": ["Ada"], "updated": "2026-06-05",
                    "content_html": "<h2>H</h2><p>x <em>y</em></p><pre><code>a\n  b</code></pre>",
                }),
            ),
            with(article("q", 3), json!({"url": "/?p=1", "content_html": null})),
        ],
    );
    assert_eq!(
        text(&made, "/llms.txt"),
        "# A\n\n> A\n\nThe site is at <https://a.example/>.\n\n## Articles\n\n- [q](https://a.example/?p=1)\n\
         - [A &#91;b&#93; \\*c\\*](https://a.example/llms/b/c.md): S\n\n\
         ## Optional\n\n- [A](https://a.example/rss.xml): feed\n"
    );
    let markdown = text(&made, "/llms/b/c.md");
    let head = "# A &#91;b&#93; \\*c\\*\n\nBy Ada\n\nPublished 2026-06-02T00:00:00Z, updated 2026-06-05\n\n\
                <https://a.example/b/c/>\n\n## H\n\nx *y*\n";
    assert!(markdown.starts_with(head), "{markdown}");
    assert!(markdown.contains("a\n  b"), "{markdown}");
    assert_eq!(
        paths(&made)
            .iter()
            .filter(|p| p.starts_with("/llms/"))
            .count(),
        1
    );
    let off = Workshop::new("").at(DAY, &[article("a", 1)]);
    assert!(!paths(&off).contains(&"/llms.txt"));
}

#[test]
fn code_stays_code_in_markdown() {
    let html = "<pre>a\n  # b *c*</pre><p>x</p><pre title=\"&gt;\"><code class=\"language-rust\">d\n</code></pre>";
    let made = Workshop::new("[llms]\n").at(
        DAY,
        &[with(article("a", 1), json!({ "content_html": html }))],
    );
    let markdown = text(&made, "/llms/a.md");
    let code = "```\na\n  # b *c*\n```\n\nx\n\n```rust\nd\n```\n";
    assert!(markdown.ends_with(code), "{markdown}");
}

#[test]
fn two_articles_never_share_an_address_in_markdown() {
    let site = Workshop::new("[llms]\n");
    let page = |url: &str, day| with(article(url, day), json!({ "url": url }));
    let long = format!("/{}/", "%C3%A4".repeat(126));
    let made = site.at(
        DAY,
        &[
            page("/a/", 1),
            page("/a.html", 2),
            page("/a", 3),
            page(&long, 4),
        ],
    );
    let list = text(&made, "/llms.txt");
    // 252 bytes and an ending are more than a file may have in its name.
    let plain = format!("](https://a.example{long})\n");
    assert!(list.contains(&plain), "{list}");
    for (name, url) in [("/a", "llms/a.md"), ("/a.html", "a.html"), ("/a/", "a/")] {
        let line = format!("- [{name}](https://a.example/{url})\n");
        assert!(list.contains(&line), "{line} is not in {list}");
    }
    assert!(text(&made, "/llms/a.md").starts_with("# /a\n"));
}

#[test]
fn structured_data_can_stand_in_a_page_as_it_is() {
    let site = Workshop::new("[[feed]]\nname = \"all\"\nformats = [\"rss\", \"jsonld\"]\n");
    let hostile = json!({"title": "</script><!-- x", "authors": [{"name": "N", "url": "https://n.example/"}]});
    let made = site.at(DAY, &[with(article("a", 1), hostile)]);
    let data = text(&made, "/feed.jsonld");
    assert!(!data.contains('<'), "{data}");
    let data: Value = serde_json::from_str(&data).unwrap();
    let post = &data["blogPost"][0];
    assert_eq!(post["author"][0]["url"], "https://n.example/");
    assert_eq!(post["datePublished"], "2026-06-01T00:00:00Z");
    assert!(
        document(&made, "/rss.xml").sisters.is_empty(),
        "it is no feed that readers could take"
    );
}
