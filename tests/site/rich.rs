//! From a catalogue's fields to what readers are shown.

use serde_json::{Value, json};

use crate::workshop::{DAY, Workshop, article, text, with};

/// The text of the one article, as the JSON feed has it.
fn content(config: &str, html: &str) -> String {
    let site = Workshop::new(config);
    let made = site.at(DAY, &[with(article("a", 1), json!({"content_html": html}))]);
    let feed: Value = serde_json::from_str(&text(&made, "/feed.json")).unwrap();
    feed["items"][0]["content_html"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn a1_5_addresses_in_texts_are_absolute_everywhere() {
    let html = "<img src=i.png srcset=\"j.png 2x, /k.png 3x\"><video poster=p.jpg src=v.mp4></video>\
                <blockquote cite=\"../q\">x</blockquote><a href=\"#fn1\">1</a><p id=fn1>y</p>";
    assert_eq!(
        content("", html),
        "<img src=\"https://a.example/a/i.png\" srcset=\"https://a.example/a/j.png 2x, \
         https://a.example/k.png 3x\"><video poster=\"https://a.example/a/p.jpg\" \
         src=\"https://a.example/a/v.mp4\"></video><blockquote cite=\"https://a.example/q\">x\
         </blockquote><a href=\"https://a.example/a/#fn1\">1</a><p id=\"fn1\">y</p>"
    );
}

#[test]
fn what_readers_cannot_show_becomes_what_they_can() {
    let html = "<p>Let <math alttext=\"x^2\"><mi>x</mi></math></p><form><input>kept</form>\
                <img data-src=a.png src=data:image/gif;base64,x><svg><script>alert(1)</script></svg>\
                <pre><code class=\"x language-rust\">a &lt; b\n\n  c</code></pre>";
    assert_eq!(
        content("", html),
        "<p>Let <code>x^2</code></p>kept<img src=\"https://a.example/a/a.png\">\
         <pre><code class=\"language-rust\">a &lt; b\n\n  c</code></pre>"
    );
}

#[test]
fn frames_of_listed_hosts_stay_and_pixels_go_on_request() {
    let html = "<iframe src=\"//v.example/1\" onload=\"x\" srcdoc=\"<script>\"></iframe>\
                <iframe src=\"https://other.example/\">fallback</iframe>\
                <img src=p.gif width=1 height=1>.";
    let pixel = "<img src=\"https://a.example/a/p.gif\" width=\"1\" height=\"1\">.";
    assert_eq!(content("", html), pixel);
    let kept = "<iframe src=\"https://v.example/1\"></iframe>";
    assert_eq!(
        content("[site.content]\niframes = [\"v.example\"]\n", html),
        format!("{kept}{pixel}")
    );
    assert_eq!(content("[site.content]\ndrop_pixels = true\n", html), ".");
}

#[test]
fn an_episode_has_the_length_of_its_file_and_what_podcasts_want() {
    let site = Workshop::new(
        "[[feed]]\nname = \"show\"\nimage = \"cover.jpg\"\n\
         podcast = { categories = [\"Technology\"], author = \"Ada\" }\n",
    );
    let site = site.in_site("files = \"public\"\n");
    std::fs::create_dir_all(site.path("public/audio")).unwrap();
    std::fs::write(site.path("public/audio/1.mp3"), [0; 321]).unwrap();
    let episode = with(
        article("a", 1),
        json!({
            "enclosures": [{"url": "/audio/1.mp3"}],
            "episode": {"duration": "1:01:01", "season": 1, "number": 3, "explicit": true},
        }),
    );
    let made = site.at(DAY, &[episode, article("b", 2)]);
    let rss = text(&made, "/feeds/show/rss.xml");
    for part in [
        "<enclosure url=\"https://a.example/audio/1.mp3\" length=\"321\" type=\"audio/mpeg\"/>",
        "<itunes:duration>3661</itunes:duration>",
        "<itunes:episode>3</itunes:episode>",
        "<itunes:explicit>true</itunes:explicit>",
        "<itunes:category text=\"Technology\">",
        "<itunes:author>Ada</itunes:author>",
    ] {
        assert!(rss.contains(part), "{part} is not in {rss}");
    }
    assert_eq!(
        rss.matches("<item>").count(),
        1,
        "what has no sound is no episode"
    );
    let feed = feed_rs::parser::parse(rss.as_bytes()).unwrap();
    let media = &feed.entries[0].media[0];
    assert_eq!(media.duration.unwrap().as_secs(), 3_661);
}

#[test]
fn a2_12_a_republished_piece_names_where_it_comes_from() {
    let original = json!({"original": {"title": "T", "url": "https://b.example/1", "feed": "https://b.example/rss"}});
    let site = Workshop::new("");
    let made = site.at(DAY, &[with(article("a", 1), original)]);
    assert!(text(&made, "/rss.xml").contains("<source url=\"https://b.example/rss\">T</source>"));
    assert!(text(&made, "/atom.xml").contains("<source><id>https://b.example/rss</id>"));
    assert!(text(&made, "/feed.json").contains("\"external_url\":\"https://b.example/1\""));
}

#[test]
fn an_episode_is_what_is_heard_whatever_comes_with_it() {
    let site = Workshop::new(
        "[[feed]]\nname = \"all\"\n[[feed]]\nname = \"show\"\nimage = \"c.png\"\n\
         podcast = { categories = [\"Science\"] }\n",
    );
    let files = json!([{"url": "/notes.pdf", "length": 1}, {"url": "/1.mp3", "length": 2}]);
    let episode = json!({"enclosures": files, "episode": {"duration": 60}});
    let made = site.at(DAY, &[with(article("a", 1), episode)]);
    let enclosure = |path: &str| {
        let feed = text(&made, path);
        let (_, rest) = feed
            .split_once("<enclosure url=\"https://a.example/")
            .unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    assert_eq!(enclosure("/feeds/show/rss.xml"), "1.mp3");
    assert_eq!(enclosure("/rss.xml"), "notes.pdf", "the first, elsewhere");
    let show = text(&made, "/feeds/show/rss.xml");
    assert!(
        show.contains("url=\"https://a.example/notes.pdf\"></media:content>"),
        "{show}"
    );
    let feed: Value = serde_json::from_str(&text(&made, "/feed.json")).unwrap();
    let attachments = &feed["items"][0]["attachments"];
    assert_eq!(attachments[0].get("duration_in_seconds"), None);
    assert_eq!(attachments[1]["duration_in_seconds"], 60);
}
