//! For every rule a document that breaks it, and the same document whole.

use super::*;

/// Checks that `whole` passes, and that it fails with `expected` after the first `old` in
/// it was replaced by `new`.
fn twins(kind: DocumentKind, whole: &str, breakages: &[(&str, &str, &str)]) {
    assert_eq!(verify(kind, whole.as_bytes()), Ok(()));
    for (old, new, expected) in breakages {
        assert!(whole.contains(old), "{old}");
        let broken = whole.replacen(old, new, 1);
        match verify(kind, broken.as_bytes()) {
            Ok(()) => panic!("not noticed: {old} → {new}"),
            Err(error) => {
                let error = error.to_string();
                assert!(error.contains(expected), "{old} → {new}: {error}");
            }
        }
    }
}

const RSS: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>T</title><link>https://a.example/</link><description>D</description><lastBuildDate>Wed, 10 Jun 2026 00:00:00 GMT</lastBuildDate><atom:link rel="self" href="https://a.example/rss.xml"/><item><title>A &amp; B</title><link>https://a.example/a</link><description><![CDATA[D]]></description><enclosure url="https://a.example/e.mp3" length="0" type="audio/mpeg"/><guid isPermaLink="false">tag:a</guid><pubDate>Wed, 10 Jun 2026 00:00:00 GMT</pubDate><content:encoded><![CDATA[<p>]]></content:encoded><dc:creator>X</dc:creator></item><item><title>B</title><guid>https://a.example/b</guid></item></channel></rss>"#;

#[test]
fn a1_broken_rss_is_refused() {
    twins(
        DocumentKind::Rss,
        RSS,
        &[
            ("version=\"2.0\" ", "version=\"0.91\" ", "the root is not"),
            ("<title>T</title>", "", "<title> is missing"),
            ("<link>https://a.example/</link>", "", "<link> is missing"),
            (
                "<description>D</description>",
                "",
                "<description> is missing",
            ),
            (
                "<title>T</title>",
                "<title>T</title><title>T</title>",
                "stands there twice",
            ),
            (
                "<title>T</title>",
                "<title>T</title><subtitle/>",
                "<subtitle> is not RSS",
            ),
            ("<title>B</title>", "", "neither <title> nor <description>"),
            ("Wed, 10 Jun", "Tue, 10 Jun", "is not a date of RFC 822"),
            ("Jun 2026", "Jun 26", "is not a date of RFC 822"),
            ("GMT</pub", "EST</pub", "is not a date of RFC 822"),
            ("tag:a", "https://a.example/b", "was used before"),
            ("tag:a", " ", "the guid is empty"),
            (
                "<guid>https://a.example/b",
                "<guid>b",
                "is not an absolute URL",
            ),
            (
                "<link>https://a.example/a<",
                "<link>/a<",
                "is not an absolute URL",
            ),
            ("length=\"0\"", "length=\"\"", "lacks a true length"),
            ("type=\"audio/mpeg\"", "type=\"\"", "lacks a true length"),
            (
                "url=\"https://a.example/e.mp3\"",
                "url=\"e.mp3\"",
                "is not an absolute URL",
            ),
            (
                "<title>B</title>",
                "<title>B</title><author>B</author>",
                "not an e-mail address",
            ),
            (
                "<description><![CDATA[D]]></description>",
                "",
                "has no <description> before it",
            ),
            ("rel=\"self\"", "rel=\"via\"", "not one <atom:link"),
        ],
    );
}

#[test]
fn a1_16_what_is_not_well_formed_is_refused() {
    twins(
        DocumentKind::Rss,
        RSS,
        &[
            ("<title>T", "<title>T\u{1}", "U+0001 is forbidden"),
            ("<title>T", "<title>T&#x1;", "is not defined"),
            ("<title>T", "<title>T&#xFFFE;", "is not defined"),
            ("<title>T", "<title>T&nbsp;", "&nbsp; is not defined"),
            ("&amp; B", "& B", "line 2"),
            ("<title>T</title>", "<title>T</titel>", "line 2"),
            (
                "</channel></rss>",
                "</channel>",
                "it ends before its root element does",
            ),
            ("</rss>", "</rss><rss/>", "a second root"),
            ("</rss>", "</rss>x", "outside the root"),
            (
                "<dc:creator>X</dc:creator>",
                "<x:creator/>",
                "the prefix of <x:creator>",
            ),
            (
                "<title>B",
                "<title x:y=\"\">B",
                "the prefix of the attribute x:y",
            ),
            ("<title>B", "<title a=\"1\" a=\"2\">B", "line 2"),
            ("<rss", "<!DOCTYPE rss><rss", "a doctype"),
        ],
    );
    assert!(verify(DocumentKind::Rss, b"<rss>\xFF").is_err());
    assert!(verify(DocumentKind::Rss, b"").is_err());
    let deep = "<a>".repeat(100_000);
    assert!(verify(DocumentKind::Rss, deep.as_bytes()).is_err());
}

const ATOM: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>T</title><id>https://a.example/</id><updated>2026-06-10T00:00:00Z</updated><author><name>N</name></author><link href="https://a.example/atom.xml" rel="self"/><link href="https://a.example/" rel="alternate" type="text/html"/><entry><title>A</title><id>tag:a.example,2026:1</id><updated>2026-06-10T00:00:00+00:00</updated><category term="t"/><link href="https://a.example/1" rel="alternate"/><published>2026-06-10T00:00:00Z</published><summary>S</summary></entry><entry><title>B</title><id>tag:a.example,2026:2</id><updated>2026-06-10T00:00:00Z</updated><content type="html">&lt;p></content></entry></feed>"#;

#[test]
fn a2_broken_atom_is_refused() {
    twins(
        DocumentKind::Atom,
        ATOM,
        &[
            ("2005/Atom", "2005/atom", "not an Atom"),
            ("<title>T</title>", "", "<title> is missing"),
            ("<id>https://a.example/</id>", "", "<id> is missing"),
            (
                "<id>https://a.example/</id>",
                "<id>feed</id>",
                "no absolute IRI",
            ),
            (
                "<updated>2026-06-10T00:00:00Z</updated>",
                "",
                "<updated> is missing",
            ),
            (
                "2026-06-10T00:00:00Z",
                "2026-06-10",
                "is not a date of RFC 3339",
            ),
            (
                "2026-06-10T00:00:00Z",
                "2026-06-10t00:00:00z",
                "is not a date of RFC 3339",
            ),
            (
                "2026-06-10T00:00:00Z",
                "2026-06-10T00:00:00",
                "is not a date of RFC 3339",
            ),
            (
                "<author><name>N</name></author>",
                "",
                "neither it nor the feed has an author",
            ),
            ("<name>N</name>", "<name> </name>", "a person has no name"),
            ("rel=\"self\"", "rel=\"via\"", "not one <link rel"),
            (" term=\"t\"", "", "a category has no term"),
            ("2026:2", "2026:1", "was used before"),
            (
                "href=\"https://a.example/1\"",
                "href=\"1\"",
                "is not an absolute URL",
            ),
            (
                "<link href=\"https://a.example/1\" rel=\"alternate\"/>",
                "",
                "neither content nor",
            ),
            ("&lt;p>", "<p/>", "holds raw markup"),
            (
                "<title>A</title>",
                "<title>A</title><title/>",
                "stands there twice",
            ),
            (
                "<summary>S</summary>",
                "<summary/><summary/>",
                "stands there twice",
            ),
            (
                "rel=\"self\"/>",
                "rel=\"self\"/><link href=\"https://a.example/x\" type=\"text/html\"/>",
                "two alternate links",
            ),
        ],
    );
}

const JSON: &str = r#"{"version":"https://jsonfeed.org/version/1.1","title":"T","home_page_url":"https://a.example/","feed_url":"https://a.example/feed.json","items":[{"id":"1","url":"https://a.example/1","content_text":"x","date_published":"2026-06-10T00:00:00Z","authors":[{"name":"N"}],"attachments":[{"url":"https://a.example/e","mime_type":"a/b"}]},{"id":"2","content_html":"x"}]}"#;

#[test]
fn a5_broken_json_feeds_are_refused() {
    twins(
        DocumentKind::JsonFeed,
        JSON,
        &[
            ("version/1.1", "version/2", "not that of JSON Feed"),
            ("\"title\":\"T\",", "", "a text is missing"),
            ("\"items\":[", "\"items\":{}, \"x\":[", "not an array"),
            ("\"id\":\"2\"", "\"id\":\"1\"", "was used before"),
            ("\"id\":\"2\"", "\"id\":2", "a text is missing"),
            ("\"content_html\":\"x\"", "\"x\":1", "neither content_html"),
            ("https://a.example/1", "/1", "is not an absolute URL"),
            (
                "2026-06-10T00:00:00Z",
                "10 June",
                "is not a date of RFC 3339",
            ),
            ("{\"name\":\"N\"}", "{}", "an author is empty"),
            (",\"mime_type\":\"a/b\"", "", "a text is missing"),
            (
                "\"items\"",
                "\"next_url\":\"https://a.example/feed.json\",\"items\"",
                "leads back",
            ),
            (
                "\"content_html\":\"x\"}]}",
                "\"content_html\":\"x\"]}",
                "document",
            ),
        ],
    );
}

const SITEMAP: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>https://a.example/?a&amp;b</loc><lastmod>2026-06-10</lastmod></url><url><loc>https://a.example/2</loc><lastmod>2026-06-10T08:00:00Z</lastmod></url><url><loc>https://a.example/3</loc></url></urlset>"#;

#[test]
fn a6_broken_sitemaps_are_refused() {
    let long = format!("<loc>https://a.example/{}</loc>", "x".repeat(2_048));
    twins(
        DocumentKind::Sitemap,
        SITEMAP,
        &[
            ("sitemap/0.9", "sitemap/0.8", "has no place here"),
            ("urlset xmlns", "urlsets xmlns", "line"),
            ("<loc>https://a.example/3</loc>", "", "<loc> is missing"),
            (
                "<loc>https://a.example/3</loc>",
                "<loc>/3</loc>",
                "is not an absolute URL",
            ),
            ("<loc>https://a.example/3</loc>", &long, "too long"),
            ("a.example/3", "a.example/ü", "not percent-encoded"),
            ("2026-06-10<", "2026-06-31<", "is no W3C date"),
            ("08:00:00Z", "08:00:00", "is no W3C date"),
            ("2026-06-10<", "<", "is no W3C date"),
            (
                "<lastmod>2026-06-10</lastmod>",
                "<priority>1</priority><lastmod>2026-06-10</lastmod>",
                "out of order",
            ),
            ("&amp;b", "&b", "line 2"),
            (
                "<url><loc>https://a.example/3</loc></url>",
                "<page/>",
                "has no place here",
            ),
        ],
    );
    let index = SITEMAP
        .replace("urlset", "sitemapindex")
        .replace("url>", "sitemap>");
    twins(
        DocumentKind::SitemapIndex,
        &index,
        &[("</sitemap>", "<priority/></sitemap>", "out of order")],
    );
    let wrong_kind = verify(DocumentKind::SitemapIndex, SITEMAP.as_bytes());
    assert!(wrong_kind.is_err());
    let entry = "<url><loc>https://a.example/3</loc></url>";
    let entries: String = (0..50_000)
        .map(|i| format!("<url><loc>https://a.example/many/{i}</loc></url>"))
        .collect();
    let many = SITEMAP.replace(entry, &entries);
    let error = verify(DocumentKind::Sitemap, many.as_bytes())
        .unwrap_err()
        .to_string();
    assert!(error.contains("more than 50,000"), "{error}");
}

#[test]
fn a12_broken_robots_files_are_refused() {
    twins(
        DocumentKind::Robots,
        "# hello\nUser-agent: *\nAllow: /\nContent-Signal: search=yes\n\nSitemap: https://a.example/sitemap.xml\n",
        &[
            ("User-agent: *\n", "", "before any user-agent"),
            ("User-agent: *", "User-agent:", "names no crawler"),
            ("Allow: /", "Allow: a", "does not begin with a slash"),
            ("Allow: /", "Allow /", "no colon"),
            ("https://a.example", "", "is not an absolute URL"),
            ("search=yes", "search=maybe", "is no signal"),
            ("search=yes", "everything=no", "is no signal"),
            (
                "\nSitemap:",
                "\nLicense: l.xml\nSitemap:",
                "is not an absolute URL",
            ),
        ],
    );
}

#[test]
fn a12_5_broken_licences_are_refused() {
    twins(
        DocumentKind::Rsl,
        "<rsl xmlns=\"https://rslstandard.org/rsl\"><content url=\"/\"><license>\
         <permits type=\"usage\">search</permits></license><terms>https://a.example/t</terms>\
         </content></rsl>",
        &[
            ("org/rsl\"", "org/rls\"", "not an <rsl>"),
            ("url=\"/\"", "", "what it is about"),
            (
                "<permits type=\"usage\">search</permits>",
                "",
                "it says nothing",
            ),
            ("search", " ", "names no use"),
            ("https://a.example/t", "/t", "is not an absolute URL"),
        ],
    );
}

#[test]
fn a7_broken_extensions_are_refused() {
    const RICH: &str = r#"<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:x="http://www.w3.org/1999/xhtml" xmlns:i="http://www.google.com/schemas/sitemap-image/1.1" xmlns:v="http://www.google.com/schemas/sitemap-video/1.1" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://a.example/1</loc><x:link rel="alternate" hreflang="en" href="https://a.example/1"/><x:link rel="alternate" hreflang="de" href="https://a.example/2"/><i:image><i:loc>https://a.example/i.png</i:loc></i:image><v:video><v:thumbnail_loc>https://a.example/t.jpg</v:thumbnail_loc><v:title>T</v:title><v:description>D</v:description><v:content_loc>https://a.example/v.mp4</v:content_loc><v:duration>60</v:duration></v:video><n:news><n:publication><n:name>N</n:name><n:language>en</n:language></n:publication><n:publication_date>2026-06-10</n:publication_date><n:title>T</n:title></n:news></url></urlset>"#;
    twins(
        DocumentKind::Sitemap,
        RICH,
        &[
            ("hreflang=\"de\"", "hreflang=\"en\"", "is not one page"),
            (
                "href=\"https://a.example/1\"",
                "href=\"https://a.example/3\"",
                "do not list the page itself",
            ),
            (
                "href=\"https://a.example/2\"",
                "href=\"/2\"",
                "is not an absolute URL",
            ),
            ("https://a.example/i.png", "i.png", "is not an absolute URL"),
            ("<v:title>T</v:title>", "", "<title> is missing"),
            ("<v:description>D", "<v:description> ", "is empty"),
            (
                "<v:content_loc>https://a.example/v.mp4</v:content_loc>",
                "",
                "nowhere to be had",
            ),
            (">60<", ">0<", "1 to 28,800 seconds"),
            ("<n:name>N", "<n:name>", "is empty"),
            (">en<", ">en-GB<", "no language of news"),
            ("2026-06-10", "June", "is no W3C date"),
        ],
    );
    let (packed, _) = RICH.split_at(40);
    assert!(verify(DocumentKind::SitemapGzip, packed.as_bytes()).is_err());
    twins(
        DocumentKind::SitemapText,
        "https://a.example/1\nhttps://a.example/2\n",
        &[
            ("https://a.example/2", "/2", "is not an absolute URL"),
            ("example/2", "example/1", "was listed before"),
        ],
    );
}

#[test]
fn a13_1_broken_lists_of_feeds_are_refused() {
    twins(
        DocumentKind::Opml,
        "<opml version=\"2.0\"><head/><body><outline text=\"T\" type=\"rss\" \
         xmlUrl=\"https://a.example/rss.xml\"/></body></opml>",
        &[
            ("2.0", "1.0", "not <opml"),
            ("<head/>", "", "<head> is missing"),
            ("text=\"T\" ", "", "it has no text"),
            ("https://a.example", "", "is not an absolute URL"),
            ("<outline", "<x", "no outline"),
        ],
    );
}

#[test]
fn a12_6_broken_lists_for_programs_are_refused() {
    twins(
        DocumentKind::Llms,
        "# T\n\n> D\n\n## A\n\n- [x](https://a.example/x): note\n",
        &[
            ("# T", "T", "does not begin with a title"),
            ("> D", "# D", "a second title"),
            ("- [x]", "* [x]", "no link in a list"),
            ("https://a.example", "", "is not an absolute URL"),
        ],
    );
    assert!(verify(DocumentKind::Markdown, b"text").is_err());
    twins(
        DocumentKind::JsonLd,
        "{\"@context\":\"https://schema.org\",\"@type\":\"Blog\",\"blogPost\":[{\"url\":\"https://a.example/1\",\"headline\":\"H\"}]}",
        &[
            ("schema.org", "schema.com", "no Blog of schema.org"),
            ("https://a.example/1", "/1", "is not an absolute URL"),
            ("\"H\"", "\"\"", "no headline"),
            ("\"H\"", "\"<\"", "between <script> tags"),
            ("[{", "{", "document"),
        ],
    );
}
