//! Articles to render.

use chrono::NaiveDate;
use dateline::{
    article::{
        AbsoluteUrl, Adopted, Alternate, Article, ArticleId, Dates, Enclosure, Episode,
        EpisodeKind, Evidence, Extras, Hreflang, Html, Language, Moment, Original, Person, Piece,
        Tag, Timestamp, Video, VideoPlace, XmlText,
    },
    render::{
        Channel, ContentMode, DocumentKind, FeedFormat, Podcast, RenderError, atom, json_feed,
        json_ld, rss,
    },
};

pub fn url(path: &str) -> AbsoluteUrl {
    AbsoluteUrl::parse(&format!("https://backend.example/{path}")).unwrap()
}

pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds).unwrap()
}

/// 2026-06-10, as a day in UTC.
pub fn day() -> Moment {
    Moment::on(
        NaiveDate::from_ymd_opt(2026, 6, 10).unwrap(),
        at(1_781_049_600),
    )
}

pub fn dated(published: Option<Moment>, modified: Option<Moment>) -> Dates {
    Dates {
        published,
        modified,
        evidence: Evidence::Declared,
    }
}

/// An article with a title and a date and nothing else.
pub fn plain(slug: &str, title: &str) -> Article {
    let url = url(&format!("articles/{slug}/"));
    Article {
        id: ArticleId::from_url(&url, Some(day().instant())),
        piece: Piece::stand_in(url, title),
        dates: dated(Some(day()), Some(day())),
        adopted: Adopted::default(),
    }
}

/// An article that has everything.
pub fn rich() -> Article {
    let mut article = plain("rich", "Vec<T> & \"friends\" — 数据库 🦀 مرحبا");
    let piece = &mut article.piece;
    piece.summary = Some(XmlText::from("What a < b means, and R&D"));
    piece.content = Some(Html::from_sanitised(XmlText::from(
        "<p>Full <em>text</em> &amp; more: ]]&gt; and ]]> raw</p>\n\
         <pre><code class=\"language-rust\">let a = 1 &lt; 2;</code></pre>",
    )));
    piece.authors = vec![
        Person {
            name: XmlText::from("Ada & Co"),
            email: Some(XmlText::from("ada@backend.example")),
            url: Some(url("people/ada")),
        },
        Person::named("Grace").unwrap(),
    ];
    piece.tags = ["R&D", "rust"]
        .iter()
        .filter_map(|tag| Tag::new(tag))
        .collect();
    piece.section = Tag::new("Backend Architecture");
    piece.language = Language::parse("en-GB").ok();
    piece.image = Some(url("i.png?a=1&b=2"));
    piece.enclosures = vec![Enclosure {
        url: url("e.mp3?a=1&b=2"),
        media_type: XmlText::from("audio/mpeg"),
        length: Some(123),
    }];
    piece.alternates = vec![Alternate {
        language: Hreflang::parse("de").unwrap(),
        url: url("de/rich/"),
    }];
    piece.reading_minutes = Some(8);
    article.dates = dated(Some(day()), Some(Moment::at(at(1_781_100_000))));
    article
}

/// An episode of a podcast, republished, with a film.
pub fn episode() -> Article {
    let mut article = rich();
    article.piece.enclosures.push(Enclosure {
        url: url("e.pdf"),
        media_type: XmlText::from("application/pdf"),
        length: None,
    });
    article.piece.extras = Extras {
        canonical: None,
        original: Some(Original {
            title: XmlText::from("The <Other> Times"),
            url: AbsoluteUrl::parse("https://other.example/1").unwrap(),
            feed: AbsoluteUrl::parse("https://other.example/rss?a&b").ok(),
        }),
        videos: vec![Video {
            thumbnail: url("t.jpg"),
            title: XmlText::from("T & U"),
            description: XmlText::from("D"),
            place: VideoPlace::Player(url("player")),
            duration: Some(61),
        }],
        episode: Some(Episode {
            duration: Some(3_725),
            season: Some(2),
            number: Some(7),
            kind: EpisodeKind::Bonus,
            explicit: Some(true),
            transcript: Some(url("t.vtt")),
            chapters: Some(url("c.json")),
        }),
        image_alt: Some(XmlText::from("A \"crab\"")),
    };
    article
}

pub fn podcast() -> Podcast {
    let text = XmlText::from;
    Podcast {
        author: text("Ada & Co"),
        email: Some(text("ada@backend.example")),
        image: url("cover.jpg"),
        categories: vec![
            (text("Technology"), None),
            (text("Society & Culture"), Some(text("Documentary"))),
        ],
        explicit: false,
        serial: false,
        guid: Some(text("917393e3-1b1e-5cef-ace4-edaa54e1f810")),
        locked: Some(true),
        funding: Some((url("support/"), text("Support"))),
    }
}

/// An article that nothing is known of but its title.
pub fn undated() -> Article {
    let mut article = plain("undated", "No date at all");
    article.dates = Dates {
        published: None,
        modified: None,
        evidence: Evidence::Unknown,
    };
    article.id = ArticleId::from_url(&article.piece.url, None);
    article
}

pub fn channel(format: FeedFormat) -> Channel {
    let sisters = FeedFormat::ALL.into_iter().filter(|other| *other != format);
    Channel {
        id: "https://backend.example/".to_owned(),
        title: XmlText::from("Backend & Architecture"),
        description: XmlText::from("Notes on <building> backends"),
        language: Language::parse("en").unwrap(),
        home: url(""),
        self_url: url(format.file_name()),
        sisters: sisters
            .map(|other| (other.kind(), url(other.file_name())))
            .collect(),
        author: Person::named("The authors"),
        updated: Some(at(1_781_100_000)),
        content: ContentMode::Full,
        image: None,
        tag_scheme: None,
        section_scheme: None,
        podcast: None,
        license: None,
        history: None,
    }
}

pub fn render(format: FeedFormat, channel: &Channel, articles: &[Article]) -> Vec<u8> {
    let rendered: Result<Vec<u8>, RenderError> = match format {
        FeedFormat::Rss => rss::render(channel, articles),
        FeedFormat::Atom => atom::render(channel, articles),
        FeedFormat::Json => json_feed::render(channel, articles),
        FeedFormat::JsonLd => json_ld::render(channel, articles),
    };
    let bytes = rendered.unwrap();
    let kind: DocumentKind = format.kind();
    if let Err(error) = dateline::render::verify(kind, &bytes) {
        panic!("{error}\n{}", String::from_utf8_lossy(&bytes));
    }
    bytes
}

pub fn text(format: FeedFormat, articles: &[Article]) -> String {
    String::from_utf8(render(format, &channel(format), articles)).unwrap()
}
