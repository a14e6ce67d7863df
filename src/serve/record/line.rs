//! A line of the access log.

use std::{fmt::Write as _, net::IpAddr};

use chrono::{DateTime, Utc};
use hyper::{
    HeaderMap, Method, StatusCode, Uri, Version,
    header::{HeaderName, REFERER, USER_AGENT},
};
use ipnet::IpNet;
use serde::Serialize;

use crate::{
    config::{LogAddresses, LogFormat},
    render::DocumentKind,
    serve::Coding,
};

/// More of a field or target than this is not kept.
const FIELD: usize = 256;
const TARGET: usize = 1024;

/// What a line is made of.
#[derive(Debug)]
pub(in crate::serve) struct Line<'a> {
    pub(in crate::serve) client: Option<IpAddr>,
    pub(in crate::serve) method: &'a Method,
    pub(in crate::serve) target: &'a Uri,
    pub(in crate::serve) version: Version,
    pub(in crate::serve) fields: &'a HeaderMap,
    pub(in crate::serve) status: StatusCode,
    pub(in crate::serve) bytes: u64,
    pub(in crate::serve) kind: Option<DocumentKind>,
    pub(in crate::serve) coding: Coding,
    pub(in crate::serve) time: DateTime<Utc>,
}

#[derive(Serialize)]
struct Json<'a> {
    time: String,
    client: Option<String>,
    method: &'a str,
    target: String,
    protocol: &'static str,
    status: u16,
    bytes: u64,
    document: Option<&'static str>,
    coding: &'static str,
    referer: Option<String>,
    user_agent: Option<String>,
}

impl Line<'_> {
    /// The line, with its end.
    pub(super) fn text(&self, format: LogFormat, addresses: LogAddresses) -> String {
        let client = self.client.and_then(|client| shown(client, addresses));
        match format {
            LogFormat::Json => self.json(client),
            LogFormat::Combined => self.combined(client),
        }
    }

    fn json(&self, client: Option<String>) -> String {
        let line = Json {
            time: self.time.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
            client,
            method: cut(self.method.as_str(), FIELD),
            target: self.target(),
            protocol: protocol(self.version),
            status: self.status.as_u16(),
            bytes: self.bytes,
            document: self.kind.map(DocumentKind::name),
            coding: self.coding.name(),
            referer: self.field(REFERER),
            user_agent: self.field(USER_AGENT),
        };
        // Texts and numbers alone: nothing here can fail.
        let mut text = serde_json::to_string(&line).unwrap_or_default();
        text.push('\n');
        text
    }

    /// The combined format of Apache and nginx.
    fn combined(&self, client: Option<String>) -> String {
        let mut text = client.unwrap_or_else(|| "-".to_owned());
        text.push_str(" - - ");
        let time = self.time.format("[%d/%b/%Y:%H:%M:%S +0000]");
        let (status, bytes) = (self.status.as_u16(), self.bytes);
        let _ = write!(text, "{time} \"");
        escape(&mut text, cut(self.method.as_str(), FIELD));
        text.push(' ');
        escape(&mut text, &self.target());
        let _ = write!(text, " {}\" {status} {bytes}", protocol(self.version));
        for field in [REFERER, USER_AGENT] {
            text.push_str(" \"");
            escape(&mut text, self.field(field).as_deref().unwrap_or("-"));
            text.push('"');
        }
        text.push('\n');
        text
    }

    fn target(&self) -> String {
        let target = self.target.path_and_query().map(http_text);
        cut(target.unwrap_or("*"), TARGET).to_owned()
    }

    fn field(&self, name: HeaderName) -> Option<String> {
        let value = self.fields.get(name)?;
        Some(cut(&String::from_utf8_lossy(value.as_bytes()), FIELD).to_owned())
    }
}

fn http_text(target: &hyper::http::uri::PathAndQuery) -> &str {
    target.as_str()
}

/// At most `length` bytes of `text`.
fn cut(text: &str, length: usize) -> &str {
    &text[..text.floor_char_boundary(length)]
}

const fn protocol(version: Version) -> &'static str {
    match version {
        Version::HTTP_2 => "HTTP/2.0",
        Version::HTTP_10 => "HTTP/1.0",
        _ => "HTTP/1.1",
    }
}

/// As much of an address as is to be kept.
fn shown(client: IpAddr, addresses: LogAddresses) -> Option<String> {
    match addresses {
        LogAddresses::Full => Some(client.to_string()),
        LogAddresses::Network => {
            let length = if client.is_ipv4() { 24 } else { 48 };
            let network = IpNet::new(client, length).ok()?;
            Some(network.network().to_string())
        }
        LogAddresses::None => None,
    }
}

/// Writes what a client sent so that it can neither end its quotes nor the line: `\xHH` for
/// quotes, backslashes, controls and what is not ASCII, as nginx has it.
fn escape(text: &mut String, raw: &str) {
    for byte in raw.bytes() {
        match byte {
            b'"' | b'\\' | ..b' ' | 0x7F.. => {
                let _ = write!(text, "\\x{byte:02X}");
            }
            byte => text.push(char::from(byte)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line<'a>(uri: &'a Uri, fields: &'a HeaderMap, client: &str) -> Line<'a> {
        Line {
            client: client.parse().ok(),
            method: &Method::GET,
            target: uri,
            version: Version::HTTP_11,
            fields,
            status: StatusCode::OK,
            bytes: 12,
            kind: Some(DocumentKind::Rss),
            coding: Coding::Gzip,
            time: DateTime::from_timestamp_millis(1_781_049_600_123).unwrap(),
        }
    }

    #[test]
    fn both_formats_hold_what_there_is_to_say() {
        let uri = Uri::from_static("/rss.xml?x=1");
        let mut fields = HeaderMap::new();
        fields.insert(
            USER_AGENT,
            "Feedbin feed-id:1 - 2 subscribers".parse().unwrap(),
        );
        let line = line(&uri, &fields, "192.0.2.77");
        assert_eq!(
            line.text(LogFormat::Json, LogAddresses::Full),
            "{\"time\":\"2026-06-10T00:00:00.123Z\",\"client\":\"192.0.2.77\",\"method\":\"GET\",\
             \"target\":\"/rss.xml?x=1\",\"protocol\":\"HTTP/1.1\",\"status\":200,\"bytes\":12,\
             \"document\":\"rss\",\"coding\":\"gzip\",\"referer\":null,\
             \"user_agent\":\"Feedbin feed-id:1 - 2 subscribers\"}\n"
        );
        assert_eq!(
            line.text(LogFormat::Combined, LogAddresses::Network),
            "192.0.2.0 - - [10/Jun/2026:00:00:00 +0000] \"GET /rss.xml?x=1 HTTP/1.1\" 200 12 \
             \"-\" \"Feedbin feed-id:1 - 2 subscribers\"\n"
        );
        let hidden = line.text(LogFormat::Combined, LogAddresses::None);
        assert!(hidden.starts_with("- - - ["), "{hidden}");
    }

    #[test]
    fn no_client_can_forge_a_line() {
        let uri = Uri::from_static("/a\"b");
        let mut fields = HeaderMap::new();
        let agent = hyper::header::HeaderValue::from_bytes(b"x\" \\ \xFF\t\xE4").unwrap();
        fields.insert(USER_AGENT, agent);
        fields.insert(REFERER, "x".repeat(10_000).parse().unwrap());
        let line = line(&uri, &fields, "2001:db8:1:2::3");
        let text = line.text(LogFormat::Combined, LogAddresses::Network);
        assert!(text.starts_with("2001:db8:1:: - - "), "{text}");
        assert_eq!(text.matches('"').count(), 6, "{text}");
        assert_eq!(text.lines().count(), 1);
        assert!(text.is_ascii() && text.len() < 600, "{text}");
        let text = line.text(LogFormat::Json, LogAddresses::Full);
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(json["user_agent"], "x\" \\ \u{FFFD}\t\u{FFFD}");
        assert_eq!(text.lines().count(), 1);
    }
}
