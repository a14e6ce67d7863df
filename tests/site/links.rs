//! Links that name the file of another page: Zola's `@/` and Hugo's `ref`.

use std::fs;

use dateline::refresh::Purpose;
use serde_json::Value;

use crate::workshop::{DAY, Workshop, at};

const CONFIG: &str = "[site]\nurl = \"https://a.example/\"\ntitle = \"A\"\n\
                      [source.markdown]\npath = \"content/blog\"\nurl = \"/{year}/{slug}/\"\n";

fn write(site: &Workshop, name: &str, more: &str, body: &str) {
    let folder = site.path("content/blog");
    fs::create_dir_all(&folder).unwrap();
    let text = format!("+++\ntitle = \"{name}\"\ndate = 2026-06-01\n{more}+++\n{body}\n");
    fs::write(folder.join(name), text).unwrap();
}

#[test]
fn a_link_to_a_file_leads_to_its_article_also_when_that_moves() {
    let site = Workshop::of(CONFIG);
    let body = "[Zola](@/blog/two.md#part) [Hugo]({{< ref \"two.md\" >}}) [by name][two] \
                [lost](@/blog/none.md) [draft](@/blog/draft.md) `@/blog/two.md`\n\n[two]: @/blog/two.md\n";
    write(&site, "one.md", "", body);
    write(&site, "two.md", "", "Text");
    write(&site, "draft.md", "draft = true\n", "Text");
    let mut refresher = site.refresher();
    let mut read = |now: i64| {
        let refreshed = refresher.refresh(at(now), Purpose::Publish).unwrap();
        let documents = refreshed.made.edition.documents.iter();
        let feed = documents.clone().find(|d| d.path == "/feed.json").unwrap();
        let feed: Value = serde_json::from_slice(&feed.body.plain()).unwrap();
        let items = feed["items"].as_array().unwrap();
        let one = items.iter().find(|item| item["title"] == "one.md").unwrap();
        let said: Vec<String> = refreshed
            .intake
            .remarks
            .iter()
            .map(|remark| format!("{}: {}", remark.locator, remark.text))
            .collect();
        (one["content_html"].as_str().unwrap().to_owned(), said)
    };
    let expected = |two: &str| {
        format!(
            "<p><a href=\"{two}#part\">Zola</a> <a href=\"{two}\">Hugo</a> \
             <a href=\"{two}\">by name</a> <a>lost</a> <a>draft</a> \
             <code>@/blog/two.md</code></p>"
        )
    };
    let (html, said) = read(DAY);
    assert_eq!(html, expected("https://a.example/2026/two/"));
    let lost = |name: &str| {
        format!(
            "content/blog/one.md: @/blog/{name}.md is no article here; the words of the link stay alone"
        )
    };
    assert_eq!(said, [lost("none"), lost("draft")]);
    // Nothing but the other file changes.
    write(&site, "two.md", "slug = \"zwei\"\n", "Text");
    let (html, said) = read(DAY + 60);
    assert_eq!(html, expected("https://a.example/2026/zwei/"));
    assert_eq!(said.len(), 2);
}
