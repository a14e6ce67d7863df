//! What must hold of whatever a catalogue says.

use std::path::Path;

use dateline::{
    article::{
        AbsoluteUrl, Adopted, Article, ArticleId, Dates, Evidence, Html, Language, Moment, Piece,
        Timestamp, XmlText, markup,
    },
    config::{self, FileFormat, FileSourceConfig, MarkdownSourceConfig, PublishedFrom, Site},
    dates::{self, Zone},
    intake::Cleaner,
    render::{Channel, ContentMode, FeedFormat, atom, json_feed, rss, verify},
    source::{Content, Draft, FileSource, MarkdownSource, Reading, Rejection},
};

fn site() -> Site {
    let text = "[site]\nurl = \"https://a.example/blog/\"\ntitle = \"A\"\n\
                content = { iframes = [\"v.example\"], drop_pixels = true }\n\
                [source.file]\npath = \"a.json\"\n";
    config::parse(Path::new("/feeds.toml"), text).unwrap().site
}

fn cleaner() -> Cleaner {
    Cleaner::new(site(), None)
}

/// A draft is served or rejected for a reason, and the text of one that is served is such
/// that cleaning it again finds nothing to do.
fn taken_in(cleaner: &Cleaner, draft: Draft) {
    match cleaner.clean(draft) {
        Err(rejection) => has_reason(&rejection),
        Ok(None) => {}
        Ok(Some(candidate)) => {
            assert!(!candidate.piece.title.is_empty());
            if let Some(content) = candidate.piece.content {
                runs_nothing(content.as_str());
            }
        }
    }
}

fn has_reason(rejection: &Rejection) {
    assert!(!rejection.reason.trim().is_empty());
    assert!(!rejection.reason.contains('\n'), "{}", rejection.reason);
}

/// Nothing in `html` loads a script or a page, submits, or styles what is around it.
fn runs_nothing(html: &str) {
    const ELEMENTS: [&str; 16] = [
        "script", "style", "object", "embed", "svg", "math", "form", "input", "button", "link",
        "meta", "base", "template", "noscript", "title", "textarea",
    ];
    let is_web = |url: &str| url.starts_with("https://") || url.starts_with("http://");
    markup::walk(html, |mark| {
        let markup::Mark::Start(tag) = mark else {
            return;
        };
        assert!(!ELEMENTS.contains(&&*tag.name), "<{}> in {html}", tag.name);
        for attribute in &tag.attrs {
            let (name, value) = (&*attribute.name.local, &*attribute.value);
            let is_safe = match name {
                "href" if &*tag.name == "a" => is_web(value) || value.starts_with("mailto:"),
                "src" if &*tag.name == "iframe" => value.starts_with("https://v.example/"),
                "href" | "src" | "poster" | "cite" => is_web(value),
                "srcset" => value.split(", ").all(is_web),
                _ => !name.starts_with("on") && !matches!(name, "style" | "srcdoc" | "action"),
            };
            assert!(is_safe, "{name}={value} in {html}");
        }
    });
}

/// HTML of an article: nothing that is left can act, and cleaning it again changes nothing.
pub fn html(bytes: &[u8]) {
    let cleaner = cleaner();
    let cleaned = |html: &str| {
        let draft = Draft {
            url: Some("/blog/a/".to_owned()),
            title: Some("A".to_owned()),
            content: Some(Content::Html(html.to_owned())),
            ..Draft::default()
        };
        let candidate = cleaner.clean(draft).ok().flatten();
        candidate.and_then(|candidate| candidate.piece.content)
    };
    let Some(once) = cleaned(&String::from_utf8_lossy(bytes)) else {
        return;
    };
    runs_nothing(once.as_str());
    let twice = cleaned(once.as_str());
    assert_eq!(twice.as_ref().map(Html::as_str), Some(once.as_str()));
}

/// A date that was read lies in the years that are served, and reads the same as it is shown.
pub fn date(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for zone in ["UTC", "Europe/Berlin", "-09:30"] {
        let zone = Zone::parse(zone).unwrap();
        match dates::parse(&text, zone) {
            Ok(moment) => {
                let shown = moment.w3c();
                assert_eq!(
                    dates::parse(&shown, zone),
                    Ok(moment),
                    "{text:?} as {shown}"
                );
                assert_eq!(dates::parse(&format!(" {text}\n"), zone), Ok(moment));
                assert!((0..253_402_300_800).contains(&moment.instant().unix()));
            }
            Err(fault) => assert!(!fault.to_string().is_empty()),
        }
    }
}

/// A file of Markdown, of MDX where the first byte is odd: what is wrong with it is said of a
/// line that it has.
pub fn front_matter(bytes: &[u8]) {
    let (kind, bytes) = bytes.split_first().unwrap_or((&0, &[]));
    let text = String::from_utf8_lossy(bytes);
    let config = MarkdownSourceConfig {
        path: "/content".into(),
        url: dateline::article::UrlTemplate::parse("/blog/{path}/").unwrap(),
        published_from: vec![
            PublishedFrom::FrontMatter,
            PublishedFrom::Filename,
            PublishedFrom::Path,
        ],
        git: false,
        fields: vec![("authors".to_owned(), "extra.author".to_owned())],
    };
    let source = MarkdownSource::new(config, Path::new("/"));
    let path = ["2026/05/30/a.md", "notes/2026-05-30-a.mdx"][usize::from(kind % 2)];
    match source.read_text(path, &text) {
        Ok(draft) => taken_in(&cleaner(), draft),
        Err(rejection) => {
            has_reason(&rejection);
            // A carriage return alone ends a line in YAML.
            let lines = u64::try_from(text.split(['\n', '\r']).count()).unwrap();
            assert!(
                rejection
                    .locator
                    .line
                    .is_none_or(|line| (1..=lines + 1).contains(&line))
            );
        }
    }
}

/// A catalogue, in the format that the first byte chooses. It reads the same with a byte order
/// mark and with the line ends of Windows.
pub fn catalogue(bytes: &[u8]) {
    let (kind, bytes) = bytes.split_first().unwrap_or((&0, &[]));
    let (format, name) = [
        (FileFormat::Toml, "a.toml"),
        (FileFormat::Json, "a.json"),
        (FileFormat::Ndjson, "a.ndjson"),
        (FileFormat::Csv, "a.csv"),
        (FileFormat::Yaml, "a.yaml"),
    ][usize::from(kind % 5)];
    let config = FileSourceConfig {
        path: Path::new("/").join(name),
        format,
        url: None,
    };
    let source = FileSource::new(config, Path::new("/"));
    let read = |bytes: &[u8]| {
        let (mut drafts, mut rejected) = (Vec::new(), Vec::new());
        let end = source.read_from(bytes, &mut |reading| match reading {
            Reading::Draft(draft) => drafts.push(*draft),
            Reading::Rejected(rejection) => rejected.push(rejection),
            Reading::Remark(_) => {}
        });
        (drafts, rejected, end.is_ok())
    };
    let (drafts, rejected, ended) = read(bytes);
    rejected.iter().for_each(has_reason);
    if !bytes.starts_with(b"\xEF\xBB\xBF") {
        let marked = read(&[b"\xEF\xBB\xBF", bytes].concat());
        assert_eq!(
            (&marked.0, marked.2),
            (&drafts, ended),
            "with a byte order mark"
        );
    }
    if !bytes.contains(&b'\r') {
        let lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
        let windows = read(&lines.join(&b"\r\n"[..]));
        assert_eq!((&windows.0, windows.2), (&drafts, ended), "with CRLF");
    }
    let cleaner = cleaner();
    for draft in drafts {
        taken_in(&cleaner, draft);
    }
}

/// Any text at all as title, summary and body: every format is sound, and a reader finds the
/// same title in it.
pub fn xml_text(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let url = |path: &str| AbsoluteUrl::parse(&format!("https://a.example/{path}")).unwrap();
    let day = Timestamp::from_unix(1_781_049_600).unwrap();
    let title = XmlText::line(&text).0;
    let title = if title.is_empty() {
        XmlText::from("t")
    } else {
        title
    };
    let mut piece = Piece::stand_in(url("a/"), title.as_str());
    piece.summary = Some(XmlText::clean(&text).0);
    piece.content = Some(Html::from_sanitised(XmlText::clean(&text).0));
    let article = Article {
        id: ArticleId::from_url(&piece.url, Some(day)),
        piece,
        dates: Dates {
            published: Some(Moment::at(day)),
            modified: Some(Moment::at(day)),
            evidence: Evidence::Declared,
        },
        adopted: Adopted::default(),
    };
    for format in FeedFormat::ALL {
        let channel = channel(format, &title, &url);
        let articles = std::slice::from_ref(&article);
        let bytes = match format {
            FeedFormat::Rss => rss::render(&channel, articles),
            FeedFormat::Atom => atom::render(&channel, articles),
            _ => json_feed::render(&channel, articles),
        };
        let bytes = bytes.unwrap();
        verify(format.kind(), &bytes).unwrap();
        let feed = feed_rs::parser::parse(bytes.as_slice()).unwrap();
        let read = feed.entries[0]
            .title
            .as_ref()
            .map(|title| title.content.as_str());
        assert_eq!(read, Some(title.as_str()), "{format:?}");
    }
}

fn channel(format: FeedFormat, title: &XmlText, url: &dyn Fn(&str) -> AbsoluteUrl) -> Channel {
    Channel {
        id: "tag:a.example,2026:feed".to_owned(),
        title: title.clone(),
        description: title.clone(),
        language: Language::parse("en").unwrap(),
        home: url(""),
        self_url: url(format.file_name()),
        sisters: Vec::new(),
        author: None,
        updated: None,
        content: ContentMode::Full,
        image: None,
        tag_scheme: None,
        section_scheme: None,
        podcast: None,
        license: None,
        history: None,
    }
}
