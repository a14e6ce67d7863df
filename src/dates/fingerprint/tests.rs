//! Pairs of drafts: what moves a fingerprint, and what does not.

use super::*;
use crate::{
    article::{Language, XmlText},
    config::{IdScheme, Site},
    dates::Zone,
    intake::Cleaner,
    source::{
        Content, Draft, DraftEnclosure, DraftEpisode, DraftExtras, DraftOriginal, DraftPerson,
        DraftVideo, Locator,
    },
};
use proptest::prelude::*;

fn site() -> Site {
    Site {
        url: AbsoluteUrl::parse("https://x.example/").unwrap(),
        title: XmlText::from("X"),
        description: XmlText::from("All about X"),
        language: Language::parse("en").unwrap(),
        timezone: Zone::UTC,
        ids: IdScheme::Tag,
        author: None,
        other_hosts: Vec::new(),
        files: None,
        tag_scheme: None,
        section_scheme: None,
        content: Default::default(),
    }
}

fn of(draft: Draft) -> Fingerprint {
    let candidate = Cleaner::new(site(), None).clean(draft).unwrap().unwrap();
    Fingerprint::of(&candidate.piece)
}

fn draft() -> Draft {
    let some = |text: &str| Some(text.to_owned());
    Draft {
        url: some("a/"),
        title: some("A title"),
        summary: Some(Content::Html("In short".into())),
        content: Some(html("<p>One <a href=\"/b\">two</a> three.</p>")),
        authors: vec![person("Ann"), person("Ben")],
        tags: vec!["x".into(), "y".into()],
        section: some("news"),
        language: some("en"),
        published: some("2026-05-30"),
        updated: some("2026-05-31"),
        image: some("cover.png"),
        enclosures: vec![file("e.mp3")],
        reading_minutes: Some(3),
        ..Draft::default()
    }
}

fn html(text: &str) -> Content {
    Content::Html(text.into())
}

fn person(name: &str) -> DraftPerson {
    DraftPerson {
        name: name.into(),
        email: Some("a@x.example".into()),
        url: Some("/who".into()),
    }
}

fn file(url: &str) -> DraftEnclosure {
    DraftEnclosure {
        url: url.into(),
        media_type: None,
        length: None,
    }
}

/// Each pair of texts is a test of its own, so that a failure names it.
macro_rules! bodies {
    ($check:ident: $($name:ident: $before:literal, $after:literal;)*) => {
        $(#[test]
        fn $name() {
            let with = |text| of(Draft { content: Some(html(text)), ..draft() });
            $check!(with($before), with($after));
        })*
    };
}

/// As `bodies`, for a change of any field.
macro_rules! fields {
    ($check:ident: $($name:ident: |$draft:ident| $change:expr;)*) => {
        $(#[test]
        fn $name() {
            let mut $draft = draft();
            $change;
            $check!(of(draft()), of($draft));
        })*
    };
}

bodies! { assert_eq:
    white_space_between_words: "<p>a b</p>", "<p>a\n\t  b</p>";
    white_space_between_blocks: "<p>a</p><p>b</p>", "<p>a</p>\n\n  <p>b</p>\n";
    white_space_at_the_ends: "<p>a</p>", " <p> a </p> ";
    line_ends: "<p>a\nb</p>", "<p>a\r\nb</p>";
    a_space_on_the_other_side_of_a_tag: "a <a href=b>b</a> c", "a<a href=b> b </a>c";
    a_no_break_space: "a&nbsp;b", "a b";
    order_of_attributes: "<img src=i alt=t width=3>", "<img width=3 alt=t src=i>";
    quotation_marks_of_attributes: "<a href='b'>c</a>", "<a href=\"b\">c</a>";
    case_of_tags: "<P>a<BR>b</P>", "<p>a<br>b</p>";
    a_slash_in_an_empty_tag: "a<br>b", "a<br />b";
    spelling_of_entities: "&amp; &lt; &#233; &quot;", "&#38; &#x3c; é \"";
    entities_in_a_link: "<a href='?a&amp;b'>c</a>", "<a href='?a&#38;b'>c</a>";
    a_relative_link_made_absolute: "<a href='/b'>c</a>", "<a href='https://x.example/b'>c</a>";
    an_end_tag_left_out: "<ul><li>a<li>b</ul>", "<ul><li>a</li><li>b</li></ul>";
    a_tight_list_made_loose: "<ul><li>a</li></ul>", "<ul>\n<li>\n<p>a</p>\n</li>\n</ul>";
    a_wrapper: "<p>a</p>", "<div class=post><p>a</p></div>";
    a_class: "<p>a</p>", "<p class=lead>a</p>";
    an_id_of_a_heading: "<h2>a</h2>", "<h2 id=a>a</h2>";
    the_name_of_a_footnote: "a<a href='#1'>1</a>", "a<a href='#fn1' id=r1>1</a>";
    another_spelling_of_emphasis: "<b>a</b> <i>b</i>", "<strong>a</strong> <em>b</em>";
    colours_of_code: "<code>let a</code>", "<code><span class=k>let</span> a</code>";
    a_rel_of_a_link: "<a href=b>c</a>", "<a href=b rel=nofollow target=_blank>c</a>";
    other_sizes_of_a_picture: "<img src=i>", "<img src=i srcset='i2 2x' sizes=3px loading=lazy>";
    a_comment: "<p>a</p>", "<p>a<!-- b --></p>";
    a_script: "<p>a</p>", "<p>a</p><script src=x></script>";
    a_style: "<p>a</p>", "<style>p{}</style><p style='x:y'>a</p>";
}

bodies! { assert_ne:
    a_changed_word: "<p>a b</p>", "<p>a c</p>";
    a_changed_letter_case: "<p>a</p>", "<p>A</p>";
    a_changed_mark: "<p>a.</p>", "<p>a!</p>";
    a_removed_paragraph: "<p>a</p><p>b</p>", "<p>a</p>";
    words_in_another_order: "<p>a b</p>", "<p>b a</p>";
    a_word_cut_in_two: "<p>ab</p>", "<p>a b</p>";
    a_word_cut_by_a_block: "ab", "<p>a</p><p>b</p>";
    a_changed_link: "<a href=b>a</a>", "<a href=c>a</a>";
    a_link_taken_away: "<a href=b>a</a>", "a";
    a_link_to_a_place_elsewhere: "<a href='/b#c'>a</a>", "<a href='/b#d'>a</a>";
    a_link_on_another_word: "<a href=b>a</a> c", "a <a href=b>c</a>";
    links_that_change_places: "<a href=b>x</a><a href=c>y</a>", "<a href=c>x</a><a href=b>y</a>";
    a_changed_picture: "<img src=i>", "<img src=j>";
    a_changed_description_of_a_picture: "<img src=i alt=a>", "<img src=i alt=b>";
    a_new_picture: "a", "a<img src=i>";
    a_changed_film: "<video src=v></video>", "<video src=w></video>";
    a_changed_sound: "<audio><source src=v></audio>", "<audio><source src=w></audio>";
    a_changed_poster: "<video src=v poster=p></video>", "<video src=v poster=q></video>";
    text_that_looks_like_markup: "<b>a</b>", "&lt;b>a&lt;/b>";
}

fields! { assert_eq:
    order_of_tags: |d| d.tags.reverse();
    tags: |d| d.tags.clear();
    section: |d| d.section = None;
    language: |d| d.language = None;
    published: |d| d.published = Some("2020-01-01".into());
    updated: |d| d.updated = None;
    reading_time: |d| d.reading_minutes = Some(4);
    noindex: |d| d.noindex = true;
    alternates: |d| d.alternates.push(("de".into(), "/de".into()));
    id: |d| d.id = Some("7".into());
    place_at_the_origin: |d| d.locator = Locator::line("b.csv", 1);
    mail_of_an_author: |d| d.authors[0].email = None;
    type_of_a_file: |d| d.enclosures[0].media_type = Some("audio/mp4".into());
    length_of_a_file: |d| d.enclosures[0].length = Some(1);
    markup_in_the_title: |d| d.title = Some(" A  <i>title</i>".into());
    markup_in_the_summary: |d| d.summary = Some(Content::Html("<p>In\nshort</p>".into()));
    a_fragment_of_the_address: |d| d.url = Some("https://x.example/a/#top".into());
    text_as_markdown: |d| d.content = Some(Content::Markdown("One [two](/b) three.".into()));
}

fields! { assert_ne:
    title: |d| d.title = Some("Another title".into());
    summary: |d| d.summary = Some(Content::Html("In long".into()));
    no_summary: |d| d.summary = None;
    address: |d| d.url = Some("b/".into());
    a_renamed_author: |d| d.authors[0].name = "Anna".into();
    an_author_less: |d| d.authors.truncate(1);
    authors_in_another_order: |d| d.authors.reverse();
    page_of_an_author: |d| d.authors[0].url = None;
    image: |d| d.image = Some("other.png".into());
    no_image: |d| d.image = None;
    a_changed_file: |d| d.enclosures[0].url = "f.mp3".into();
    another_file: |d| d.enclosures.push(file("f.mp3"));
    no_text: |d| d.content = None;
}

/// A draft with all that only some articles have.
fn rich() -> Draft {
    Draft {
        extras: DraftExtras {
            original: Some(DraftOriginal {
                title: Some("Other Times".into()),
                url: "https://b.example/1".into(),
                feed: None,
            }),
            videos: vec![DraftVideo {
                thumbnail: Some("still.png".into()),
                title: Some("The film".into()),
                content: Some("film.mp4".into()),
                ..DraftVideo::default()
            }],
            episode: Some(DraftEpisode {
                transcript: Some("7.vtt".into()),
                chapters: Some("7.json".into()),
                ..DraftEpisode::default()
            }),
            ..DraftExtras::default()
        },
        ..draft()
    }
}

/// As `fields`, for what only some articles have.
macro_rules! extras {
    ($check:ident: $($name:ident: |$extras:ident| $change:expr;)*) => {
        $(#[test]
        fn $name() {
            let mut changed = rich();
            let $extras = &mut changed.extras;
            $change;
            $check!(of(rich()), of(changed));
        })*
    };
}

extras! { assert_ne:
    a_film_elsewhere: |e| e.videos[0].content = Some("other.mp4".into());
    a_renamed_film: |e| e.videos[0].title = Some("Another film".into());
    another_still_of_a_film: |e| e.videos[0].thumbnail = Some("other.png".into());
    a_film_less: |e| e.videos.clear();
    another_original: |e| e.original.as_mut().unwrap().url = "https://b.example/2".into();
    a_renamed_original: |e| e.original.as_mut().unwrap().title = Some("Times".into());
    no_original: |e| e.original = None;
    another_transcript: |e| e.episode.as_mut().unwrap().transcript = Some("8.vtt".into());
    no_chapters: |e| e.episode.as_mut().unwrap().chapters = None;
    a_transcript_for_chapters: |e| {
        let episode = e.episode.as_mut().unwrap();
        episode.transcript = None;
        episode.chapters = Some("7.vtt".into());
    };
}

extras! { assert_eq:
    what_a_film_shows_in_words: |e| e.videos[0].description = Some("D".into());
    the_feed_of_the_original: |e| {
        e.original.as_mut().unwrap().feed = Some("https://b.example/rss".into());
    };
    the_number_of_an_episode: |e| e.episode.as_mut().unwrap().number = Some("8".into());
}

#[test]
fn what_is_not_there_counts_for_nothing() {
    // As before films, originals and episodes counted: no date in any store moves for them.
    let empty = DraftExtras {
        episode: Some(DraftEpisode::default()),
        ..DraftExtras::default()
    };
    let with = Draft {
        extras: empty,
        ..draft()
    };
    assert_eq!(of(with), of(draft()));
}

#[test]
fn the_format_is_fixed() {
    // Fingerprints are remembered for years. If this changes, count FORMAT up.
    assert_eq!(of(draft()).to_string(), "98db4db84aa39f9c7875c38fc4dc9fcc");
}

#[test]
fn neighbouring_fields_do_not_run_together() {
    let with = |title: &str, summary: &str| {
        of(Draft {
            title: Some(title.into()),
            summary: Some(Content::Html(summary.into())),
            ..draft()
        })
    };
    assert_ne!(with("ab", "c"), with("a", "bc"));
}

#[test]
fn it_is_written_as_32_digits_and_read_again() {
    let fingerprint = Fingerprint(0xab);
    let text = format!("{}ab", "0".repeat(30));
    assert_eq!(fingerprint.to_string(), text);
    assert_eq!(Fingerprint::parse(&text), Ok(fingerprint));
    let json = serde_json::to_string(&fingerprint).unwrap();
    assert_eq!(json, format!("\"{text}\""));
    assert_eq!(
        serde_json::from_str::<Fingerprint>(&json).unwrap(),
        fingerprint
    );
    let plus = format!("+{}", &text[1..]);
    for no in ["", "ab", &text[1..], &text.to_uppercase(), &plus] {
        assert_eq!(Fingerprint::parse(no), Err(InvalidFingerprint), "{no}");
    }
}

proptest! {
    #[test]
    fn white_space_never_moves_it(words in proptest::collection::vec("[a-zé&;<]{1,6}", 1..12), gap in "[ \n\t\r]{1,4}") {
        let with = |text: String| of(Draft { content: Some(Content::Text(text)), ..draft() });
        prop_assert_eq!(with(words.join(" ")), with(words.join(&gap)));
    }
}
