//! Whole drafts, and what becomes of them.

use super::*;
use crate::config::IdScheme;
use crate::{
    article::{AbsoluteUrl, Language, XmlText},
    dates::Zone,
    source::{Content, DraftEnclosure, DraftPerson, RejectionKind},
};
use proptest::prelude::*;

fn site() -> Site {
    Site {
        url: AbsoluteUrl::parse("https://x.example/blog/").unwrap(),
        title: XmlText::from("X"),
        description: XmlText::from("All about X"),
        language: Language::parse("en").unwrap(),
        timezone: Zone::parse("Europe/Berlin").unwrap(),
        ids: IdScheme::Tag,
        author: None,
        other_hosts: Vec::new(),
        files: None,
        tag_scheme: None,
        section_scheme: None,
        content: Default::default(),
    }
}

fn draft() -> Draft {
    Draft {
        locator: Locator::line("articles.toml", 7),
        url: Some("a/".into()),
        title: Some("A".into()),
        ..Draft::default()
    }
}

fn clean(draft: Draft) -> Result<Candidate, Rejection> {
    let clean = Cleaner::new(site(), None).clean(draft);
    clean.map(|candidate| candidate.expect("no draft"))
}

fn piece(draft: Draft) -> Piece {
    clean(draft).unwrap().piece
}

fn markdown(text: &str) -> Draft {
    Draft {
        content: Some(Content::Markdown(text.into())),
        ..draft()
    }
}

fn html(draft: Draft) -> String {
    let content = piece(draft).content;
    content.map_or_else(String::new, |html| html.as_str().to_owned())
}

#[test]
fn a_markdown_article_becomes_exactly_this() {
    let source = include_str!("golden/article.md");
    let expected = include_str!("golden/article.html");
    assert_eq!(html(markdown(source)) + "\n", expected);
}

#[test]
fn a_draft_is_no_candidate_even_if_it_is_broken() {
    let broken = Draft {
        draft: true,
        url: None,
        published: Some("soon".into()),
        ..draft()
    };
    assert_eq!(Cleaner::new(site(), None).clean(broken), Ok(None));
}

#[test]
fn blank_fields_count_as_missing() {
    let blank = || Some("  ".to_owned());
    let candidate = clean(Draft {
        id: blank(),
        slug: blank(),
        summary: blank().map(Content::Html),
        section: blank(),
        language: blank(),
        published: blank(),
        updated: blank(),
        image: blank(),
        content: Some(Content::Text(" \n".into())),
        tags: vec![" ".into()],
        authors: vec![DraftPerson::default()],
        ..draft()
    });
    assert_eq!(candidate, clean(draft()));
}

#[test]
fn titles_and_summaries_are_one_line_of_plain_text() {
    let piece = piece(Draft {
        title: Some(" <em>A</em> &amp;\n Vec<T> ".into()),
        summary: Some(Content::Html("<p>One</p><p>two</p>".into())),
        ..draft()
    });
    assert_eq!(piece.title.as_str(), "A & Vec<T>");
    assert_eq!(piece.summary.unwrap().as_str(), "One two");
}

#[test]
fn the_first_words_stand_for_a_missing_title() {
    let text =
        "Some **bold** words about the long road that an article goes until it stands in a feed";
    let untitled = Draft {
        title: None,
        ..markdown(text)
    };
    assert_eq!(
        piece(untitled).title.as_str(),
        "Some bold words about the long road that an article goes until it stands in a…"
    );
    let with_summary = Draft {
        title: Some("<b></b>".into()),
        summary: Some(Content::Html("In short".into())),
        ..draft()
    };
    assert_eq!(piece(with_summary).title.as_str(), "In short");
}

#[test]
fn forbidden_characters_are_counted_in_every_field() {
    let candidate = clean(Draft {
        title: Some("a\u{1}".into()),
        summary: Some(Content::Html("b\u{FFFE}".into())),
        content: Some(Content::Html("<p>c\u{B}&#x1f;</p>".into())),
        tags: vec!["d\u{2}".into()],
        authors: vec![DraftPerson {
            name: "e\u{3}".into(),
            ..DraftPerson::default()
        }],
        ..draft()
    });
    assert_eq!(candidate.unwrap().replaced, 6);
}

#[test]
fn lists_keep_their_order_and_hold_each_thing_once() {
    let person = |name: &str| DraftPerson {
        name: name.into(),
        url: Some("/about".into()),
        email: Some("a@x.example".into()),
    };
    let piece = piece(Draft {
        tags: ["b", " a ", "b", "", "a  b"].map(String::from).to_vec(),
        authors: vec![person("B"), person("A"), person(" B ")],
        ..draft()
    });
    let tags: Vec<_> = piece.tags.iter().map(crate::article::Tag::as_str).collect();
    assert_eq!(tags, ["b", "a", "a b"]);
    let authors: Vec<_> = piece.authors.iter().map(|a| a.name.as_str()).collect();
    assert_eq!(authors, ["B", "A"]);
    let about = piece.authors[0].url.as_ref().unwrap();
    assert_eq!(about.as_str(), "https://x.example/about");
}

#[test]
fn files_and_alternates_are_resolved_against_the_article() {
    let piece = piece(Draft {
        image: Some("cover.jpg".into()),
        enclosures: vec![
            DraftEnclosure {
                url: "episode.mp3".into(),
                length: Some(5),
                ..DraftEnclosure::default()
            },
            DraftEnclosure {
                url: "https://cdn.example/x".into(),
                media_type: Some("video/mp4".into()),
                length: None,
            },
        ],
        alternates: vec![("pt_br".into(), "../pt/a/".into())],
        ..draft()
    });
    let image = piece.image.unwrap();
    assert_eq!(image.as_str(), "https://x.example/blog/a/cover.jpg");
    let types: Vec<_> = piece
        .enclosures
        .iter()
        .map(|e| e.media_type.as_str())
        .collect();
    assert_eq!(types, ["audio/mpeg", "video/mp4"]);
    let alternate = &piece.alternates[0];
    assert_eq!(alternate.language.as_str(), "pt-BR");
    assert_eq!(alternate.url.as_str(), "https://x.example/blog/pt/a/");
}

#[test]
fn an_address_is_resolved_as_rfc_3986_says() {
    for (url, expected) in [
        ("a/", "https://x.example/blog/a/"),
        ("/blog/a/", "https://x.example/blog/a/"),
        ("https://x.example/blog/a#part", "https://x.example/blog/a"),
        ("?p=1", "https://x.example/blog/?p=1"),
        ("//x.example/blog/ü", "https://x.example/blog/%C3%BC"),
    ] {
        let draft = Draft {
            url: Some(url.into()),
            ..draft()
        };
        assert_eq!(piece(draft).url.as_str(), expected, "{url}");
    }
}

#[test]
fn a_template_takes_the_day_in_the_sites_zone() {
    let template = UrlTemplate::parse("/blog/{section}/{year}-{month}-{day}/{slug}/").unwrap();
    let cleaner = Cleaner::new(site(), Some(template));
    let draft = |published: &str| Draft {
        url: None,
        slug: Some("a b".into()),
        section: Some("news".into()),
        published: Some(published.into()),
        ..draft()
    };
    for (published, expected) in [
        (
            "2026-05-30T23:00:00Z",
            "https://x.example/blog/news/2026-05-31/a%20b/",
        ),
        (
            "2026-05-30",
            "https://x.example/blog/news/2026-05-30/a%20b/",
        ),
    ] {
        let candidate = cleaner.clean(draft(published)).unwrap().unwrap();
        assert_eq!(candidate.piece.url.as_str(), expected);
    }
    let rejection = cleaner.clean(draft("")).unwrap_err();
    assert_eq!(
        rejection.reason,
        "its address needs {year}, which it does not have"
    );
}

#[test]
fn other_hosts_are_allowed_by_name() {
    let elsewhere = || Draft {
        url: Some("https://Other.example:8443/a".into()),
        ..draft()
    };
    for hosts in [["other.example:8443"], ["*"]] {
        let mut site = site();
        site.other_hosts = hosts.map(String::from).to_vec();
        assert!(
            Cleaner::new(site, None).clean(elsewhere()).is_ok(),
            "{hosts:?}"
        );
    }
    assert_eq!(
        clean(elsewhere()).unwrap_err().reason,
        "url: https://other.example:8443/a lies outside https://x.example/blog/; \
         other_hosts = [\"other.example:8443\"] under [site] allows it"
    );
}

#[test]
fn every_fault_has_its_kind_and_names_its_field() {
    use RejectionKind::{Date, Missing, TooLarge, Url, Value};
    let some = |text: &str| Some(text.to_owned());
    let enclosure = |url: &str, media_type: Option<&str>| Draft {
        enclosures: vec![DraftEnclosure {
            url: url.into(),
            media_type: media_type.map(Into::into),
            length: None,
        }],
        ..draft()
    };
    let author = |name: &str, email: &str| Draft {
        authors: vec![DraftPerson {
            name: name.into(),
            email: some(email),
            url: None,
        }],
        ..draft()
    };
    let table = [
        (
            Draft {
                published: some("05/06/2026"),
                ..draft()
            },
            Date,
            "published \"05/06/2026\": either number may be the month; write it like 2026-05-30",
        ),
        (
            Draft {
                updated: some("2026-02-30"),
                ..draft()
            },
            Date,
            "updated \"2026-02-30\": 2026-02-30 does not exist",
        ),
        (
            Draft {
                title: None,
                ..draft()
            },
            Missing,
            "it has neither a title nor any text; add a title",
        ),
        (
            Draft {
                url: None,
                ..draft()
            },
            Missing,
            "the field url is missing; where the article is must be known",
        ),
        (
            Draft {
                url: None,
                slug: some("a"),
                ..draft()
            },
            Missing,
            "a slug alone is no address; set url = \"{slug}/\" under [source.file]",
        ),
        (
            Draft {
                url: some("/a/"),
                ..draft()
            },
            Url,
            "url: https://x.example/a/ lies outside https://x.example/blog/; write \"a/\" for an address below it",
        ),
        (
            Draft {
                url: some("../../b"),
                ..draft()
            },
            Url,
            "url: https://x.example/b lies outside https://x.example/blog/; other_hosts = [\"x.example\"] under [site] allows it",
        ),
        (
            Draft {
                url: some("ftp://x.example/a"),
                ..draft()
            },
            Url,
            "url: \"ftp://x.example/a\" has the scheme \"ftp\"; only http and https are served",
        ),
        (
            Draft {
                id: Some("x".repeat(2_001)),
                ..draft()
            },
            Value,
            "id: an id must not be longer than 2,000 bytes",
        ),
        (
            Draft {
                language: some("english language"),
                ..draft()
            },
            Value,
            "language: \"english language\" is not a language tag such as \"en\" or \"pt-BR\"",
        ),
        (
            Draft {
                image: some("data:image/png;base64,AA"),
                ..draft()
            },
            Value,
            "image: \"data:image/png;base64,AA\" has the scheme \"data\"; only http and https are served",
        ),
        (enclosure("", None), Value, "enclosures: the URL is empty"),
        (
            enclosure("a", Some("mp3")),
            Value,
            "enclosures: \"mp3\" is no media type such as audio/mpeg",
        ),
        (author("", "a@b"), Value, "authors: a person needs a name"),
        (
            author("A", "a at b"),
            Value,
            "authors: \"a at b\" is no e-mail address; correct it or leave it out",
        ),
        (
            Draft {
                alternates: vec![("?".into(), "/".into())],
                ..draft()
            },
            Value,
            "alternates: \"?\" is not a language tag such as \"en\" or \"pt-BR\"",
        ),
        (
            Draft {
                title: Some("x".repeat(65_537)),
                ..draft()
            },
            TooLarge,
            "title: it is larger than 64 KiB; shorten it",
        ),
        (
            markdown(&"x".repeat(2 * 1024 * 1024 + 1)),
            TooLarge,
            "the text is larger than 2 MiB; split the article",
        ),
        (
            markdown(&"<div>".repeat(1_000)),
            TooLarge,
            "elements stand more than 256 deep in one another; close the open ones",
        ),
        (
            markdown(&">".repeat(1_000)),
            TooLarge,
            "elements stand more than 256 deep in one another; close the open ones",
        ),
    ];
    for (draft, kind, reason) in table {
        let rejection = clean(draft).unwrap_err();
        assert_eq!((rejection.kind, rejection.reason.as_str()), (kind, reason));
        assert_eq!(rejection.locator.to_string(), "articles.toml:7");
    }
}

#[test]
fn the_id_is_trimmed_and_the_dates_are_read() {
    let candidate = clean(Draft {
        id: Some(" 42 ".into()),
        published: Some("2026-05-30".into()),
        updated: Some("2026-05-30 08:00".into()),
        ..draft()
    })
    .unwrap();
    assert_eq!(candidate.origin_id.as_deref(), Some("42"));
    let shown = |moment: Option<crate::article::Moment>| moment.unwrap().w3c();
    assert_eq!(shown(candidate.declared.published), "2026-05-30");
    assert_eq!(shown(candidate.declared.updated), "2026-05-30T06:00:00Z");
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(raw in any::<String>(), markup in "[<>a-z/\"'=&#; *_`|\\[\\]()!\n-]{0,80}") {
        for text in [raw, markup] {
            let content = Content::Markdown(text.clone());
            let _ = clean(Draft {
                title: Some(text.clone()),
                summary: Some(Content::Html(text.clone())),
                slug: Some(text.clone()),
                language: Some(text.clone()),
                image: Some(text.clone()),
                id: Some(text.clone()),
                content: Some(content),
                ..draft()
            });
            let _ = clean(Draft { url: Some(text), ..draft() });
        }
    }
}
