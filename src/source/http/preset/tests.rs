//! What editors and systems really put into their fields.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{outbound::Answer, source::http::page::Page};

fn answer(media_type: &str, body: &str) -> Answer {
    let mut headers = hyper::HeaderMap::new();
    headers.insert("content-type", media_type.parse().unwrap());
    Answer {
        url: AbsoluteUrl::parse("https://cms.example/api/articles?page=2").unwrap(),
        status: hyper::StatusCode::OK,
        headers,
        body: body.to_owned().into(),
    }
}

fn config(more: &str) -> HttpSourceConfig {
    let text = format!(
        "[site]\nurl = \"https://a.example/\"\ntitle = \"A\"\n[source.http]\n\
         url = \"https://cms.example/api/articles\"\n{more}"
    );
    let config = crate::config::parse(std::path::Path::new("feeds.toml"), &text);
    match config.unwrap_or_else(|error| panic!("{error}")).source {
        crate::config::SourceConfig::Http(config) => *config,
        other => panic!("{other:?}"),
    }
}

/// The articles of an answer by our names.
fn read(config: &HttpSourceConfig, answer: &Answer) -> Result<Vec<Value>, String> {
    let mut page = Page::of(answer, config.preset).map_err(|error| error.0)?;
    let api = Api::new(config, page.preset);
    let mut articles = Vec::new();
    let items = config.items.as_deref();
    page.each(items, &mut |entry| {
        articles.push(match entry {
            Ok(entry) => Value::Object(api.article(entry, &answer.url)),
            Err(fault) => Value::String(fault),
        });
    })
    .map_err(|error| error.0)?;
    Ok(articles)
}

fn one(more: &str, body: &Value) -> Value {
    let read = read(
        &config(more),
        &answer("application/json", &body.to_string()),
    );
    read.unwrap().remove(0)
}

#[test]
fn the_kind_of_an_answer_is_told_by_its_shape() {
    let feed = "<?xml version='1.0'?>\n<rss version='2.0'><channel/></rss>";
    for (media_type, body, preset) in [
        ("text/xml", feed, Preset::Feed),
        ("application/x-ndjson", "{\"a\": 1}", Preset::Ndjson),
        ("text/plain", "{\"a\": 1}\n{\"a\": 2}\n", Preset::Ndjson),
        ("application/json", "{\"a\": 1,\n\"b\": 2}", Preset::Json),
        ("application/json", "[]", Preset::Json),
        ("application/feed+json", "{\"items\": []}", Preset::JsonFeed),
        (
            "application/json",
            "{\"version\": \"https://jsonfeed.org/version/1\", \"items\": []}",
            Preset::JsonFeed,
        ),
        (
            "application/json",
            "[{\"title\": {\"rendered\": \"A\"}, \"modified_gmt\": \"x\"}]",
            Preset::WordPress,
        ),
        (
            "application/json",
            "{\"posts\": [], \"meta\": {\"pagination\": {\"page\": 1}}}",
            Preset::Ghost,
        ),
        (
            "application/json",
            "{\"data\": [], \"meta\": {\"pagination\": {\"pageSize\": 25}}}",
            Preset::Strapi,
        ),
        (
            "application/json",
            "{\"sys\": {\"type\": \"Array\"}, \"items\": []}",
            Preset::Contentful,
        ),
        ("application/json", "{\"data\": []}", Preset::Json),
    ] {
        let answer = answer(media_type, body);
        let page = Page::of(&answer, None).unwrap();
        assert_eq!(page.preset, preset, "{body}");
    }
    for (address, preset) in [
        (
            "https://a.example/?rest_route=/wp/v2/posts",
            Some(Preset::WordPress),
        ),
        (
            "https://a.example/blog/wp-json/wp/v2/posts",
            Some(Preset::WordPress),
        ),
        (
            "https://a.ghost.io/ghost/api/content/posts/",
            Some(Preset::Ghost),
        ),
        (
            "https://cdn.eu.contentful.com/spaces/a/entries",
            Some(Preset::Contentful),
        ),
        ("https://a.example/feed.json", None),
    ] {
        let address = AbsoluteUrl::parse(address).unwrap();
        assert_eq!(of_address(&address), preset, "{address}");
    }
}

#[test]
fn addresses_of_pages_keep_what_the_operator_has_chosen() {
    let with = |url: &str, more: &str, preset| {
        let mut config = config(more);
        config.url = AbsoluteUrl::parse(url).unwrap();
        Api::new(&config, preset).first().unwrap().to_string()
    };
    assert_eq!(
        with("https://a.example/blog", "", Preset::WordPress),
        "https://a.example/blog/wp-json/wp/v2/posts?per_page=100&orderby=id&order=asc\
         &_embed=author%2Cwp%3Aterm%2Cwp%3Afeaturedmedia"
    );
    assert_eq!(
        with(
            "https://a.example/?rest_route=/wp/v2/pages&per_page=20&orderby=date&order=desc&_embed",
            "",
            Preset::WordPress
        ),
        "https://a.example/?rest_route=/wp/v2/pages&per_page=20&orderby=date&order=desc&_embed"
    );
    assert_eq!(
        with("https://a.example/x?limit=5&a=%20", "", Preset::Ghost),
        "https://a.example/x/ghost/api/content/posts/?limit=5&a=%20&include=authors%2Ctags\
         &order=published_at+asc%2C+id+asc"
    );
    let size = "next = { by = \"page\", parameter = \"p\", size_parameter = \"n\", size = 7 }";
    assert_eq!(
        with("https://a.example/x?n=5", size, Preset::Json),
        "https://a.example/x?n=7"
    );
}

#[test]
fn ghost_filters_are_joined() {
    let mut config = config("");
    config.url =
        AbsoluteUrl::parse("https://a.example/ghost/api/content/posts/?filter=tag:a,tag:b")
            .unwrap();
    let since = Timestamp::from_unix(1_780_272_000).unwrap();
    let address = Api::new(&config, Preset::Ghost).changes(since).unwrap();
    let mut pairs = address.as_url().query_pairs();
    let filter = pairs.find(|(name, _)| name == "filter").unwrap().1;
    assert_eq!(filter, "(tag:a,tag:b)+updated_at:>='2026-06-01 00:00:00'");
}

#[test]
fn wordpress_drafts_passwords_and_dates_without_a_zone() {
    let post = json!([{
        "id": 5, "guid": {"rendered": "https://a.example/?post_type=x&#038;p=5"},
        "title": {"rendered": "A"}, "modified_gmt": "2026-06-01T10:00:00",
        "date_gmt": "0000-00-00T00:00:00", "date": "2026-06-01T12:00:00",
        "status": "private", "content": {"rendered": "", "protected": true},
        "excerpt": {"rendered": "", "protected": true},
    }]);
    let post = one("preset = \"wordpress\"", &post);
    assert_eq!(post["id"], "https://a.example/?post_type=x&p=5");
    assert_eq!(
        (&post["published"], &post["updated"]),
        (
            &json!("2026-06-01T12:00:00"),
            &json!("2026-06-01T10:00:00Z")
        )
    );
    assert_eq!(
        (&post["draft"], post.get("content_html")),
        (&json!(true), None)
    );
}

#[test]
fn what_editors_of_strapi_make_up_is_understood() {
    let entry = json!({"data": [{
        "id": 1, "documentId": "abc", "title": "A", "slug": "a", "locale": "de",
        "body": [
            {"type": "heading", "level": 2, "children": [{"type": "text", "text": "H <1>"}]},
            {"type": "paragraph", "children": [
                {"type": "text", "text": "bold", "bold": true, "italic": true},
                {"type": "link", "url": "https://x.example/?a&b", "children": [{"type": "text", "text": "x"}]},
            ]},
            {"type": "list", "format": "ordered", "children": [
                {"type": "list-item", "children": [{"type": "text", "text": "one"}]},
            ]},
            {"type": "code", "children": [{"type": "text", "text": "a < b"}]},
            {"type": "image", "image": {"url": "/uploads/i.png", "alternativeText": "\"I\""}, "children": []},
            {"type": "quote", "children": [{"type": "text", "text": "q"}]},
        ],
        "author": {"id": 3, "username": "ada", "email": "ada@a.example"},
        "category": {"id": 1, "name": "Notes"}, "tags": [{"name": "x"}, "y", {"id": 4}],
        "cover": [{"url": "/uploads/c.png"}], "seo": {"title": "not this"},
        "publishedAt": "2026-06-01T10:00:00.000Z", "updatedAt": "2026-06-02T10:00:00.000Z",
    }], "meta": {"pagination": {"page": 1, "pageSize": 25, "pageCount": 1, "total": 1}}});
    let article = one("", &entry);
    assert_eq!(
        article["content_html"],
        "<h2>H &lt;1&gt;</h2><p><strong><em>bold</em></strong>\
         <a href=\"https://x.example/?a&amp;b\">x</a></p><ol><li>one</li></ol>\
         <pre><code>a &lt; b</code></pre><img src=\"/uploads/i.png\" alt=\"&quot;I&quot;\">\
         <blockquote>q</blockquote>"
    );
    assert_eq!(article["id"], "abc");
    assert_eq!(
        article["authors"],
        json!([{"name": "ada", "email": "ada@a.example", "url": null}])
    );
    assert_eq!(
        (&article["section"], &article["tags"]),
        (&json!("Notes"), &json!(["Notes", "x", "y"]))
    );
    assert_eq!(article["image"], "https://cms.example/uploads/c.png");
    // Markdown is what its editor writes; HTML is told by its first character.
    for (body, name) in [("# A", "content_markdown"), (" <p>A", "content_html")] {
        let entry = json!({"data": [{"id": 1, "attributes": {"title": "A", "content": body}}]});
        assert_eq!(one("preset = \"strapi\"", &entry)[name], body);
    }
    // Names of the operator's own, written with or without what wraps them.
    for path in ["heading.main", "attributes.heading.main"] {
        let entry = json!({"data": [{"id": 1, "attributes": {
            "title": "not this", "heading": {"main": "A"}, "content": "not this",
            "blocks": [{"type": "paragraph", "children": [{"type": "text", "text": "B"}]}],
            "people": {"data": [{"id": 2, "attributes": {"name": "Ada"}}]}, "author": "not this",
        }}]});
        let more = format!(
            "preset = \"strapi\"\n[source.http.fields]\ntitle = \"{path}\"\nauthors = \"people\"\n\
             content_html = \"blocks\""
        );
        let article = one(&more, &entry);
        assert_eq!(
            (&article["title"], &article["content_html"]),
            (&json!("A"), &json!("<p>B</p>"))
        );
        assert_eq!(article["authors"][0]["name"], "Ada");
        assert_eq!(article.get("content_markdown"), None);
    }
}

#[test]
fn contentful_links_are_followed_and_end() {
    let link = |kind: &str, id: &str| json!({"sys": {"type": "Link", "linkType": kind, "id": id}});
    let text = |words: &str, marks: Value| json!({"nodeType": "text", "value": words, "marks": marks, "data": {}});
    let body = json!({
        "sys": {"type": "Array"}, "total": 1, "skip": 0, "limit": 100,
        "items": [{
            "metadata": {"tags": [{"sys": {"type": "Link", "linkType": "Tag", "id": "greenTag"}}]},
            "sys": {"id": "one", "type": "Entry", "locale": "en-US",
                    "createdAt": "2026-06-01T00:00:00Z", "updatedAt": "2026-06-02T00:00:00Z"},
            "fields": {
                "title": "A", "slug": "a", "publishDate": "2026-05-01",
                "author": [link("Entry", "ada"), link("Entry", "gone")],
                "heroImage": link("Asset", "pic"), "next": link("Entry", "one"),
                "category": link("Entry", "notes"),
                "body": {"nodeType": "document", "data": {}, "content": [
                    {"nodeType": "heading-2", "data": {}, "content": [text("H", json!([]))]},
                    {"nodeType": "paragraph", "data": {}, "content": [
                        text("a\nb", json!([{"type": "bold"}])),
                        {"nodeType": "hyperlink", "data": {"uri": "https://x.example/"},
                         "content": [text("x", json!([]))]},
                    ]},
                    {"nodeType": "embedded-asset-block", "data": {"target": link("Asset", "pic")}, "content": []},
                    {"nodeType": "hr", "data": {}, "content": []},
                ]},
            },
        }],
        "includes": {
            "Asset": [{"sys": {"id": "pic", "type": "Asset"}, "fields": {
                "title": "Pic", "file": {"url": "//images.ctfassets.net/p.png", "contentType": "image/png"}}}],
            "Entry": [
                {"sys": {"id": "ada", "type": "Entry"}, "fields": {"name": "Ada", "website": "https://ada.example/", "friend": link("Entry", "ada")}},
                {"sys": {"id": "notes", "type": "Entry"}, "fields": {"title": "Notes"}},
            ],
        },
    });
    let article = one("", &body);
    assert_eq!(
        article["content_html"],
        "<h2>H</h2><p><strong>a<br>b</strong><a href=\"https://x.example/\">x</a></p>\
         <img src=\"https://images.ctfassets.net/p.png\" alt=\"Pic\"><hr>"
    );
    assert_eq!(article["id"], "one");
    assert_eq!(
        article["authors"],
        json!([{"name": "Ada", "email": null, "url": "https://ada.example/"}])
    );
    assert_eq!(
        (&article["image"], &article["image_alt"]),
        (&json!("https://images.ctfassets.net/p.png"), &json!("Pic"))
    );
    assert_eq!(
        (&article["section"], &article["tags"]),
        (&json!("Notes"), &json!(["Notes", "greenTag"]))
    );
    assert_eq!(
        (&article["publishDate"], &article["dateModified"]),
        (&json!("2026-05-01"), &json!("2026-06-02T00:00:00Z"))
    );
    assert_eq!(article["locale"], "en-US");
}

fn feed(body: &str) -> Result<Vec<Value>, String> {
    read(&config("preset = \"feed\""), &answer("text/xml", body))
}

#[test]
fn feeds_as_sites_write_them() {
    let rss = |items: &str| {
        format!(
            "<!DOCTYPE rss [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]>\n<rss version=\"2.0\" \
             xmlns:itunes=\"http://www.itunes.com/dtds/podcast-1.0.dtd\"><channel>\
             <title>A</title><link>https://a.example/</link>{items}</channel></rss>"
        )
    };
    let items = feed(&rss(
        "<item><title>A &amp;amp; B &b; &nbsp;</title><guid>https://a.example/1</guid>\
         <author>ada@a.example (Ada)</author><description>&lt;p&gt;Whole&lt;/p&gt;</description>\
         <enclosure url=\"/e.mp3\" length=\"0\" type=\"audio/mpeg\"/><itunes:image href=\"/i.jpg\"/></item>\
         <item><guid isPermaLink=\"false\">two</guid><author>Grace</author>\
         <description>No markup, a &lt; b</description></item>",
    ));
    let items = items.unwrap();
    let [one, two] = items.as_slice() else {
        panic!("{items:?}")
    };
    // An entity of the document's own is left as it stands, and is never multiplied.
    assert_eq!(one["title"], "A &amp; B &b; &nbsp;");
    assert_eq!(one["url"], "https://a.example/1");
    assert_eq!(
        one["authors"],
        json!([{"name": "Ada", "email": "ada@a.example"}])
    );
    assert_eq!(one["content_html"], "<p>Whole</p>");
    assert_eq!(
        one["enclosures"],
        json!([{"url": "https://cms.example/e.mp3", "type": "audio/mpeg", "length": null}])
    );
    assert_eq!(one["image"], "https://cms.example/i.jpg");
    assert_eq!((&two["id"], two.get("url")), (&json!("two"), None));
    assert_eq!(
        (&two["summary"], two.get("content_html")),
        (&json!("No markup, a < b"), None)
    );
    assert_eq!(two["authors"], json!(["Grace"]));
}

#[test]
fn what_is_no_whole_feed_is_an_error() {
    let deep = format!("<rss><channel><item>{}", "<a>".repeat(100_000));
    let wide = "<a:b xmlns:a='x'/>".repeat(10);
    for (body, fault) in [
        ("<urlset/>", "it begins with <urlset>"),
        ("<rss><channel><item></item>", "it ends in the middle"),
        ("<rss><channel><item><title>A", "it ends in the middle"),
        ("<rss><channel></item></channel></rss>", "it is broken"),
        ("<rss><channel><item></channel></rss>", "it is broken"),
        ("<!-- nothing -->", "it has no element"),
        (&*deep, "nested more than 256 deep"),
    ] {
        let said = feed(body).unwrap_err();
        assert!(said.contains(fault), "{body:.60}: {said}");
    }
    assert_eq!(
        feed(&format!("<rss><channel>{wide}</channel></rss>"))
            .unwrap()
            .len(),
        0
    );
    assert_eq!(
        feed("<feed xmlns='http://www.w3.org/2005/Atom'/>")
            .unwrap()
            .len(),
        0
    );
}

#[test]
fn the_next_page_of_a_feed_is_in_the_feed() {
    for (body, next) in [
        (
            "<feed xmlns='http://www.w3.org/2005/Atom'><link rel='self' href='?a'/>\
             <link rel='next' href='?page=2'/><entry/></feed>",
            Some("?page=2"),
        ),
        (
            "<rss xmlns:a='http://www.w3.org/2005/Atom'><channel><a:link rel='next' href='/2'/>\
             <item/></channel></rss>",
            Some("/2"),
        ),
        (
            "<feed xmlns='http://www.w3.org/2005/Atom'><entry><link rel='next' href='x'/></entry></feed>",
            None,
        ),
    ] {
        assert_eq!(feed::next(body).as_deref(), next, "{body}");
    }
}

proptest! {
    #[test]
    fn no_answer_at_all_makes_it_panic(body in any::<String>(), kind in 0..8_usize) {
        const KINDS: [&str; 8] =
            ["json", "ndjson", "json-feed", "feed", "wordpress", "ghost", "strapi", "contentful"];
        let config = config(&format!("preset = \"{}\"", KINDS[kind]));
        let _ = read(&config, &answer("text/plain", &body));
    }

    /// JSON and XML of the right shape with anything in it.
    #[test]
    fn no_entry_at_all_makes_it_panic(value in values(), words in any::<String>()) {
        let list = json!([value, {"title": value, "content": value, "_embedded": value, "sys": value,
            "fields": value, "attributes": value, "author": value, "tags": value, "cover": value}]);
        for (preset, body) in [
            ("wordpress", list.clone()),
            ("ghost", json!({"posts": list})),
            ("strapi", json!({"data": list})),
            ("contentful", json!({"items": list, "includes": {"Entry": list, "Asset": value}})),
            ("json-feed", json!({"items": list, "authors": value, "language": value})),
        ] {
            let config = config(&format!("preset = \"{preset}\""));
            read(&config, &answer("text/plain", &body.to_string())).unwrap();
        }
        let words = words.replace(['<', '&'], "");
        for body in [
            format!("<rss><channel><item><{words}</item></channel></rss>"),
            format!("<feed xmlns='http://www.w3.org/2005/Atom'><entry><link href='{words}'/>\
                     <title>{words}</title></entry></feed>"),
        ] {
            let _ = feed(&body);
        }
    }
}

/// Any JSON, with names that mean something among its keys.
fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    let key = prop_oneof![
        Just("data"),
        Just("attributes"),
        Just("fields"),
        Just("sys"),
        Just("type"),
        Just("linkType"),
        Just("id"),
        Just("name"),
        Just("url"),
        Just("file"),
        Just("children"),
        Just("content"),
        Just("nodeType"),
        Just("rendered"),
        Just("text"),
        Just("value"),
        Just("marks"),
    ];
    leaf.prop_recursive(4, 40, 5, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::btree_map(key.clone().prop_map(str::to_owned), inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}
