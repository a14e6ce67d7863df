//! Earlier feeds, as sites really wrote them.

use std::path::Path;

use super::*;

fn parse(bytes: &[u8]) -> Result<Read, UnknownDocument> {
    let config = "[site]\nurl = \"https://a.example/\"\ntitle = \"A\"\n\
                  [source.file]\npath = \"a.json\"\n";
    let config = crate::config::parse(Path::new("feeds.toml"), config).unwrap();
    let base = AbsoluteUrl::parse("https://a.example/feeds/old.xml").unwrap();
    read(bytes, &base, &config.site, &Guards::default())
}

fn take(text: &str) -> Read {
    parse(text.as_bytes()).unwrap()
}

fn refused(text: &str) -> String {
    parse(text.as_bytes()).unwrap_err().to_string()
}

fn w3c(moment: Option<crate::article::Moment>) -> String {
    moment.map_or_else(|| "none".to_owned(), crate::article::Moment::w3c)
}

fn rss(items: &str) -> String {
    format!(
        "<?xml version='1.0'?><rss version='2.0' \
         xmlns:dc='http://purl.org/dc/elements/1.1/'><channel><title>A</title>\
         <link>https://a.example/</link><description>A</description>{items}</channel></rss>"
    )
}

#[test]
fn rss_gives_guids_and_dates() {
    let read = take(&rss(
        "<item><title>1</title><link>https://a.example/1/</link><guid>https://a.example/?p=1</guid>\
         <pubDate>Mon, 01 Jun 2026 08:00:00 +0200</pubDate></item>\
         <item><title>2</title><guid>https://a.example/2</guid><dc:date>2026-06-03</dc:date></item>",
    ));
    assert_eq!(read.kind, Kind::Rss);
    let (address, known) = &read.articles[0];
    assert_eq!(address, "/1");
    assert_eq!(known.rss.as_deref(), Some("https://a.example/?p=1"));
    assert_eq!(w3c(known.published), "2026-06-01T06:00:00Z");
    let (address, known) = &read.articles[1];
    assert_eq!(address, "/2", "a permalink is a link");
    assert_eq!(w3c(known.published), "2026-06-03");
}

#[test]
fn atom_gives_ids_that_are_iris() {
    let read = take(
        "<feed xmlns='http://www.w3.org/2005/Atom'><title>A</title><id>urn:x</id>\
         <updated>2026-06-02T00:00:00Z</updated>\
         <entry><title>1</title><id>tag:a.example,2020:1</id><link href='https://a.example/1'/>\
         <published>2020-01-01T00:00:00Z</published><updated>2026-06-02T00:00:00Z</updated></entry>\
         <entry><title>2</title><id>two</id><link href='https://a.example/2'/>\
         <updated>2026-06-02T00:00:00Z</updated></entry></feed>",
    );
    assert_eq!(
        read.articles[0].1.atom.as_deref(),
        Some("tag:a.example,2020:1")
    );
    assert_eq!(w3c(read.articles[0].1.published), "2020-01-01T00:00:00Z");
    assert_eq!(read.articles[1].1.atom, None);
    assert_eq!(
        read.left_out,
        ["https://a.example/2: its id is no absolute IRI, as Atom demands"]
    );
}

#[test]
fn a_sitemap_gives_dates_and_an_index_gives_sitemaps() {
    let ns = "xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' \
              xmlns:image='http://www.google.com/schemas/sitemap-image/1.1'";
    let read = take(&format!(
        "<urlset {ns}><url><loc> https://a.example/?a=1&amp;b=&#50; </loc>\
         <lastmod>2026-06-02</lastmod><image:image><image:loc>https://a.example/i.png\
         </image:loc></image:image></url><url><loc>https://a.example/b</loc></url></urlset>"
    ));
    assert_eq!(read.articles[0].0, "/?a=1&b=2");
    assert_eq!(w3c(read.articles[0].1.modified), "2026-06-02");
    assert_eq!(read.articles[1].1.modified, None);
    let index = take(&format!(
        "<sitemapindex {ns}><sitemap><loc>https://a.example/s.xml</loc></sitemap></sitemapindex>"
    ));
    assert_eq!(index.sitemaps[0].as_str(), "https://a.example/s.xml");
}

#[test]
fn an_id_of_two_articles_is_neithers() {
    let read = take(&rss(
        "<item><title>1</title><link>https://a.example/1</link><guid>same</guid></item>\
         <item><title>2</title><link>https://a.example/2</link><guid>same</guid></item>",
    ));
    assert!(read.articles.iter().all(|(_, known)| known.rss.is_none()));
    assert_eq!(read.left_out.len(), 2);
}

#[test]
fn the_stamp_of_a_build_is_no_date() {
    let urls: String = (0..30)
        .map(|i| {
            let day = if i < 3 {
                "2026-01-01"
            } else {
                "2026-06-02T10:11:12Z"
            };
            format!("<url><loc>https://a.example/{i}</loc><lastmod>{day}</lastmod></url>")
        })
        .collect();
    let read = take(&format!(
        "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{urls}</urlset>"
    ));
    let dated = read
        .articles
        .iter()
        .filter(|(_, known)| known.modified.is_some());
    assert_eq!(dated.count(), 3);
    assert_eq!(
        read.left_out,
        ["27 dates of change at 2026-06-02T10:11:12Z: the stamp of a build, not a change"]
    );
}

#[test]
fn a_packed_document_is_unpacked() {
    use std::io::Write as _;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(rss("").as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    assert_eq!(parse(&packed).unwrap().kind, Kind::Rss);
    let broken = parse(&packed[..40]).unwrap_err();
    assert!(broken.to_string().contains("cannot be unpacked"));
}

#[test]
fn what_is_none_of_these_is_refused() {
    assert!(refused("").ends_with("it has no element"));
    assert!(refused("<html/>").ends_with("it begins with <html>"));
    assert!(refused("{\"title\":\"A\"}").ends_with("it has no items"));
    assert!(refused("{").contains("EOF"));
    assert!(refused("<rss version='2.0'>").starts_with("it is no RSS"));
}

#[test]
fn entities_of_a_document_are_not_read() {
    let channel = "<rss version=\"0.91\"><channel><title>A</title></channel></rss>";
    let own = format!("<!DOCTYPE rss [<!ENTITY a \"b\">]>{channel}");
    assert!(
        refused(&own).contains("entities of its own"),
        "{}",
        refused(&own)
    );
    // As Netscape's RSS 0.91 has it.
    let public = "<!DOCTYPE rss PUBLIC \"-//Netscape Communications//DTD RSS 0.91//EN\" \
                  \"http://my.netscape.com/publish/formats/rss-0.91.dtd\">";
    assert!(parse(format!("{public}{channel}").as_bytes()).is_ok());
}

#[test]
fn relative_addresses_are_those_of_the_feed() {
    let feed = |base: &str| {
        format!(
            "<feed xmlns='http://www.w3.org/2005/Atom' {base}><title>A</title><id>urn:x</id>\
             <updated>2026-06-02T00:00:00Z</updated><entry><title>1</title><id>urn:1</id>\
             <link href='b/'/><updated>2026-06-02T00:00:00Z</updated></entry></feed>"
        )
    };
    assert_eq!(take(&feed("")).articles[0].0, "/feeds/b");
    assert_eq!(take(&feed("xml:base='/x/'")).articles[0].0, "/x/b");
}
