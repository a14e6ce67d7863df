//! Documents compared with files, byte for byte. `UPDATE_GOLDEN=1` writes the files anew;
//! read the difference, since it reaches every subscriber.

use std::path::Path;

use dateline::{
    article::Moment,
    render::{
        Channel, ContentMode, DocumentKind, FORMAT, FeedFormat, SitemapFile, SitemapUrl, robots,
        sitemap, verify,
    },
};

use crate::catalogue::{at, channel, day, episode, plain, podcast, render, rich, undated, url};

fn compare(name: &str, bytes: &[u8]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, bytes).unwrap();
    }
    let golden = std::fs::read(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(
        String::from_utf8_lossy(bytes),
        String::from_utf8_lossy(&golden),
        "{name} is not what it was"
    );
    assert_eq!(bytes, golden, "{name}");
}

#[test]
fn feeds_with_everything_in_them() {
    let articles = [rich(), plain("plain", "Plain"), undated()];
    for format in FeedFormat::ALL {
        let bytes = render(format, &channel(format), &articles);
        compare(&format!("rich.{}", format.file_name()), &bytes);
    }
}

#[test]
fn feeds_of_a_podcast() {
    for format in FeedFormat::ALL {
        let channel = Channel {
            podcast: Some(podcast()),
            image: Some(url("cover.jpg")),
            tag_scheme: Some("https://backend.example/tags/".into()),
            section_scheme: Some("https://backend.example/sections/".into()),
            ..channel(format)
        };
        let bytes = render(format, &channel, &[episode()]);
        compare(&format!("podcast.{}", format.file_name()), &bytes);
    }
}

#[test]
fn feeds_of_summaries() {
    for format in FeedFormat::ALL {
        let channel = Channel {
            content: ContentMode::Summary,
            ..channel(format)
        };
        let bytes = render(format, &channel, &[rich()]);
        compare(&format!("summary.{}", format.file_name()), &bytes);
    }
}

#[test]
fn feeds_with_nothing_in_them() {
    for format in FeedFormat::ALL {
        let channel = Channel {
            author: None,
            updated: None,
            ..channel(format)
        };
        let bytes = render(format, &channel, &[]);
        compare(&format!("empty.{}", format.file_name()), &bytes);
    }
}

#[test]
fn a_sitemap_an_index_and_robots() {
    let entries = [
        SitemapUrl::plain(url("?a=1&b='2'"), Some(day())),
        SitemapUrl::plain(url("b"), Some(Moment::at(at(1_781_100_000)))),
        SitemapUrl::plain(url("unknown"), None),
    ];
    let bytes = sitemap::render_urlset(entries.iter()).unwrap();
    verify(DocumentKind::Sitemap, &bytes).unwrap();
    compare("sitemap.xml", &bytes);

    let empty = sitemap::render_urlset([].iter()).unwrap();
    verify(DocumentKind::Sitemap, &empty).unwrap();
    compare("empty.sitemap.xml", &empty);

    let files = [
        SitemapFile {
            url: url("sitemap-2026-06.xml"),
            changed: Some(at(1_781_100_000)),
        },
        SitemapFile {
            url: url("sitemap-undated.xml"),
            changed: None,
        },
    ];
    let bytes = sitemap::render_index(files.iter()).unwrap();
    verify(DocumentKind::SitemapIndex, &bytes).unwrap();
    compare("sitemap-index.xml", &bytes);

    let bytes = robots::render(&robots::Robots::default(), None, &[url("sitemap.xml")]);
    verify(DocumentKind::Robots, &bytes).unwrap();
    compare("robots.txt", &bytes);
}

/// What was made of the same articles is not made again, and what is made on request is dated
/// anew when the format of the bytes changes. Nothing but this number tells: where a golden file
/// changes, `render::FORMAT` must too.
#[test]
fn another_form_of_the_bytes_has_another_number() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut feeds: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    feeds.sort();
    let mut hash = 0xCBF2_9CE4_8422_2325_u64;
    for path in &feeds {
        for byte in std::fs::read(path).unwrap() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
        }
    }
    assert_eq!(
        (FORMAT, hash),
        (1, HASH),
        "add one to render::FORMAT and write both here"
    );
}

const HASH: u64 = 3_750_461_970_252_755_277;
