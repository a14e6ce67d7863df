//! The catalogue as feeds that sites have, in the words that each vocabulary has for it.

use serde_json::Value;

use crate::apis::Piece;

fn escaped(text: &str) -> String {
    quick_xml::escape::escape(text).into_owned()
}

fn text(value: &Value) -> String {
    escaped(value.as_str().unwrap())
}

/// `Tue, 07 May 2024 12:00:00 GMT`
fn rfc_822(date: &Value) -> String {
    let date = chrono::DateTime::parse_from_rfc3339(date.as_str().unwrap()).unwrap();
    date.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

fn tags(file: &Value, element: &str) -> String {
    let tags = file["tags"].as_array().unwrap().iter();
    tags.map(|tag| format!("<{element}>{}</{element}>", text(tag)))
        .collect()
}

/// As WordPress and its plugins write it: CDATA, `content:encoded`, Media RSS.
pub fn rss(pieces: &[Piece]) -> String {
    let items: String = pieces
        .iter()
        .map(|piece| {
            let file = piece.file();
            let author = piece
                .author
                .map(|name| format!("<dc:creator><![CDATA[{name}]]></dc:creator>"));
            format!(
                "<item>\n<title>{}</title>\n<link>{}</link>\n{}\n<pubDate>{}</pubDate>\n{}\n\
                 <guid isPermaLink=\"false\">{}</guid>\n<description><![CDATA[{}]]></description>\n\
                 <content:encoded><![CDATA[\n{}\n]]></content:encoded>\n\
                 <media:group><media:content url=\"{}\" medium=\"image\">\
                 <media:description>{}</media:description></media:content></media:group>\n\
                 <atom:updated>{}</atom:updated>\n</item>\n",
                text(&file["title"]),
                text(&file["url"]),
                author.unwrap_or_default(),
                rfc_822(&file["published"]),
                tags(&file, "category"),
                text(&file["id"]),
                file["summary"].as_str().unwrap(),
                piece.text,
                text(&file["image"]),
                text(&file["image_alt"]),
                file["updated"].as_str().unwrap(),
            )
        })
        .collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><rss version=\"2.0\" \
         xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:atom=\"http://www.w3.org/2005/Atom\" \
         xmlns:media=\"http://search.yahoo.com/mrss/\">\n<channel>\n<title>Backend</title>\n\
         <link>https://backend.example/</link>\n<description>Backend</description>\n\
         <image><url>https://backend.example/i.png</url><title>Not this</title>\
         <link>https://backend.example/</link></image>\n{items}</channel></rss>\n"
    )
}

/// RSS 1.0, in whose channel there are no items.
pub fn rdf(pieces: &[Piece]) -> String {
    let items: String = pieces
        .iter()
        .map(|piece| {
            let file = piece.file();
            let author = piece.author.map(|name| format!("<dc:creator>{name}</dc:creator>"));
            format!(
                "<item rdf:about=\"{}\"><title>{}</title><link>{}</link><description>{}</description>\
                 <content:encoded>{}</content:encoded>{}{}<dc:date>{}</dc:date>\
                 <dcterms:modified>{}</dcterms:modified><dc:identifier>{}</dc:identifier>\
                 <media:content url=\"{}\" type=\"image/png\"><media:description>{}\
                 </media:description></media:content></item>",
                text(&file["url"]),
                text(&file["title"]),
                text(&file["url"]),
                text(&file["summary"]),
                escaped(&piece.text),
                author.unwrap_or_default(),
                tags(&file, "dc:subject"),
                file["published"].as_str().unwrap(),
                file["updated"].as_str().unwrap(),
                text(&file["id"]),
                text(&file["image"]),
                text(&file["image_alt"]),
            )
        })
        .collect();
    format!(
        "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" \
         xmlns=\"http://purl.org/rss/1.0/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
         xmlns:dcterms=\"http://purl.org/dc/terms/\" xmlns:media=\"http://search.yahoo.com/mrss/\" \
         xmlns:content=\"http://purl.org/rss/1.0/modules/content/\">\
         <channel rdf:about=\"https://backend.example/\"><title>Backend</title>\
         <items><rdf:Seq/></items></channel>{items}</rdf:RDF>"
    )
}

/// With prefixes, relative addresses, and a body in XHTML.
pub fn atom(pieces: &[Piece]) -> String {
    let entries: String = pieces
        .iter()
        .map(|piece| {
            let file = piece.file();
            let author = piece
                .author
                .map(|name| format!("<a:author><a:name>{name}</a:name></a:author>"));
            let categories: String = file["tags"]
                .as_array()
                .unwrap()
                .iter()
                .map(|tag| format!("<a:category term=\"x\" label=\"{}\"/>", text(tag)))
                .collect();
            format!(
                "<a:entry xml:base=\"https://backend.example/articles/\"><a:id>{}</a:id>\
                 <a:title type=\"html\">{}</a:title><a:summary>{}</a:summary>\
                 <a:link rel=\"alternate\" type=\"application/json\" href=\"x.json\"/>\
                 <a:link type=\"text/html\" href=\"no-{}/\"/>{}{categories}\
                 <a:published>{}</a:published><a:updated>{}</a:updated>\
                 <a:content type=\"xhtml\"><div xmlns=\"http://www.w3.org/1999/xhtml\">{}</div></a:content>\
                 <m:thumbnail url=\"{}\"><m:description>{}</m:description></m:thumbnail></a:entry>",
                text(&file["id"]),
                escaped(&text(&file["title"])),
                text(&file["summary"]),
                piece.number,
                author.unwrap_or_default(),
                file["published"].as_str().unwrap(),
                file["updated"].as_str().unwrap(),
                piece.text,
                text(&file["image"]),
                text(&file["image_alt"]),
            )
        })
        .collect();
    format!(
        "<a:feed xmlns:a=\"http://www.w3.org/2005/Atom\" xmlns:m=\"http://search.yahoo.com/mrss/\">\
         <a:id>urn:x</a:id><a:title>Backend</a:title><a:updated>2026-01-01T00:00:00Z</a:updated>\
         {entries}</a:feed>"
    )
}
