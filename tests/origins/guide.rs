//! The examples of the reference, each tried at a server that answers as its API does.

use serde_json::{Value, json};

use crate::{
    apis::{self, Piece, pieces},
    feeds,
    program::Site,
    server::{Origin, Reply, Request},
};

/// The API that the reference makes up: pages of at most 50, a token, names of its own.
fn own(pieces: &[Piece], request: &Request) -> Reply {
    assert_eq!(request.field("authorization"), Some("Bearer b4c0n73n7fu1"));
    assert_eq!(request.path, "/api/articles");
    let size = request.number("per_page").unwrap_or(10);
    let start = (request.number("page").unwrap_or(1) - 1) * size;
    let page = pieces.iter().skip(start).take(size);
    let articles: Value = page
        .map(|piece| {
            let file = piece.file();
            let labels: Value = piece.tags.iter().map(|tag| json!({"name": tag})).collect();
            json!({
                "id": piece.number, "slug": file["slug"], "heading": file["title"],
                "body": {"html": piece.text}, "labels": labels,
                "published_on": file["published"],
            })
        })
        .collect();
    Reply::json(&json!({"result": {"articles": articles}}))
}

#[test]
fn every_example_of_a_source_over_http_reads_the_whole_catalogue() {
    let guide = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/feeds.toml.md");
    let guide = std::fs::read_to_string(guide).unwrap();
    let blocks = guide.split("```toml\n").skip(1);
    let examples: Vec<&str> = blocks
        .map(|block| block.split("```").next().unwrap())
        .filter(|block| block.contains("[source.http]"))
        .collect();
    let mut tried = Vec::new();
    for example in examples {
        let pieces = pieces(130);
        let preset = example
            .lines()
            .find_map(|line| line.strip_prefix("preset = "))
            .map_or("own", |word| word.trim_matches('"'));
        let (token, origin) = match preset {
            "wordpress" => ("", Origin::new(move |it| apis::wordpress(&pieces, it))),
            "ghost" => (
                "22444f78447824223cefc48062",
                Origin::new(move |it| apis::ghost(&pieces, it)),
            ),
            "strapi" => ("", Origin::new(move |it| apis::strapi(&pieces, it, 5))),
            "contentful" => (
                "b4c0n73n7fu1",
                Origin::new(move |it| apis::contentful(&pieces, it)),
            ),
            "feed" => {
                let body = feeds::rss(&pieces);
                let answer = move |_: &Request| Reply::new(200, "text/xml", body.clone());
                ("", Origin::new(answer))
            }
            "own" => ("b4c0n73n7fu1", Origin::new(move |it| own(&pieces, it))),
            other => panic!("no server is known for {other}"),
        };
        let url = example.lines().find(|line| line.starts_with("url = "));
        let url = url.unwrap().trim_start_matches("url = ").trim_matches('"');
        let path = url::Url::parse(url).unwrap();
        let local = origin.url(&path[url::Position::BeforePath..]);
        let allowed = "[source.http]\nallow_private = \"127.0.0.1\"";
        let source = example
            .replace(url, &local)
            .replace("[source.http]", allowed);
        let site = Site::empty();
        if !token.is_empty() {
            site.write("cms.token", token);
        }
        let head = "[site]\nurl = \"https://backend.example/\"\ntitle = \"Backend\"\n";
        site.write("feeds.toml", &format!("{head}{source}"));
        let done = site.run(&["check"]);
        assert_eq!(done.status, 0, "{example}\n{}{}", done.out, done.err);
        assert!(
            done.out.contains("\n130 articles, "),
            "{example}\n{}",
            done.out
        );
        tried.push(preset.to_owned());
    }
    assert_eq!(
        tried,
        ["own", "wordpress", "ghost", "strapi", "contentful", "feed"]
    );
}
