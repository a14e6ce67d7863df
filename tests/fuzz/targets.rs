//! What must hold for any bytes at all, one function per thing that strangers send or that a
//! catalogue says. The fuzz targets and the normal tests call the same functions.

// Named, since the fuzz targets include this file from another folder.
#[path = "intake.rs"]
mod intake;

pub use intake::{catalogue, date, front_matter, html, xml_text};

use std::net::IpAddr;

use dateline::{
    article::Timestamp,
    config::{ClientField, TrustedProxies},
    serve::{
        Coding, HeaderError, Peer, Validators, Verdict, canonical, client, evaluate, negotiate,
        parse_proxy_header,
    },
};
use hyper::{
    HeaderMap, Uri,
    header::{
        FORWARDED, HeaderName, HeaderValue, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH,
        IF_UNMODIFIED_SINCE,
    },
};

/// A function that takes any bytes and panics only where something is wrong.
pub type Target = fn(&[u8]);

/// All of them, by the names of their folders in `fuzz/corpus`.
pub const ALL: [(&str, Target); 10] = [
    ("request_target", request_target),
    ("conditional", conditional),
    ("accept_encoding", accept_encoding),
    ("forwarded", forwarded),
    ("proxy_header", proxy_header),
    ("front_matter", front_matter),
    ("catalogue", catalogue),
    ("date", date),
    ("html", html),
    ("xml_text", xml_text),
];

/// A path has one spelling, which is a path on this host and made of visible ASCII.
pub fn request_target(bytes: &[u8]) {
    let Ok(uri) = Uri::try_from(bytes) else {
        return;
    };
    let Some(spelt) = canonical(uri.path()) else {
        return;
    };
    assert!(spelt.starts_with('/') && !spelt.starts_with("//"));
    assert!(spelt.bytes().all(|byte| byte.is_ascii_graphic()));
    assert_eq!(canonical(&spelt).as_ref(), Some(&spelt));
}

const ETAG: &str = "0123456789abcdef0123456789abcdef";
const CHANGED: i64 = 1_781_049_600;

/// A line per field: `i`, `I`, `m` or `M`, then the value. Where nothing matches, the whole
/// document is sent: never a 304 to a client that showed neither our tag, a star, nor a date.
pub fn conditional(bytes: &[u8]) {
    let mut fields = HeaderMap::new();
    for line in bytes.split(|byte| *byte == b'\n').take(32) {
        let Some((kind, value)) = line.split_first() else {
            continue;
        };
        let name = match kind {
            b'i' => IF_NONE_MATCH,
            b'I' => IF_MATCH,
            b'm' => IF_MODIFIED_SINCE,
            _ => IF_UNMODIFIED_SINCE,
        };
        if let Ok(value) = HeaderValue::from_bytes(value) {
            fields.append(name, value);
        }
    }
    let modified = Timestamp::from_unix(CHANGED).ok();
    let field = HeaderValue::from_static("Wed, 10 Jun 2026 00:00:00 GMT");
    let verdict = evaluate(
        &fields,
        &Validators {
            etag: ETAG,
            last_modified: modified,
            last_modified_field: Some(&field),
        },
    );
    let shown = |name: &HeaderName| {
        let values = fields.get_all(name).iter().map(HeaderValue::as_bytes);
        values.collect::<Vec<_>>().concat()
    };
    let tags = shown(&IF_NONE_MATCH);
    let names_ours = tags.windows(ETAG.len()).any(|part| part == ETAG.as_bytes());
    match verdict {
        Verdict::NotModified if fields.contains_key(IF_NONE_MATCH) => {
            assert!(names_ours || tags.contains(&b'*'));
        }
        Verdict::NotModified => assert!(shown(&IF_MODIFIED_SINCE).len() > 8),
        Verdict::PreconditionFailed => {
            assert!(fields.contains_key(IF_MATCH) || fields.contains_key(IF_UNMODIFIED_SINCE));
        }
        Verdict::Full => {}
    }
}

/// A line per field. A coding is sent only to who named it or a star.
pub fn accept_encoding(bytes: &[u8]) {
    let fields: Vec<HeaderValue> = bytes
        .split(|byte| *byte == b'\n')
        .filter_map(|line| HeaderValue::from_bytes(line).ok())
        .collect();
    let said: Vec<u8> = bytes.to_ascii_lowercase();
    let names = |name: &[u8]| said.windows(name.len()).any(|part| part == name);
    for (gzip, br) in [(true, true), (true, false), (false, true), (false, false)] {
        match negotiate(fields.iter(), gzip, br) {
            Coding::Gzip => assert!(gzip && (names(b"gzip") || names(b"*"))),
            Coding::Br => assert!(br && (names(b"br") || names(b"*"))),
            Coding::Identity => {}
        }
    }
}

/// Whatever stands in the field, a peer that is not trusted is the client itself, and behind
/// one that is, what a proxy appends last decides.
pub fn forwarded(bytes: &[u8]) {
    let Ok(value) = HeaderValue::from_bytes(bytes) else {
        return;
    };
    let x_forwarded_for = HeaderName::from_static("x-forwarded-for");
    let peer = |text: &str| Peer::from(text.parse::<IpAddr>().unwrap());
    for (field, name, appended) in [
        (ClientField::XForwardedFor, x_forwarded_for, "192.0.2.1"),
        (ClientField::Forwarded, FORWARDED, "for=192.0.2.1"),
    ] {
        let proxies = TrustedProxies {
            networks: vec!["10.0.0.0/8".parse().unwrap()],
            unix: true,
            field,
        };
        let mut fields = HeaderMap::new();
        fields.append(name.clone(), value.clone());
        let stranger = peer("203.0.113.5");
        assert_eq!(client(stranger, &fields, &proxies), stranger);
        let _ = client(peer("10.0.0.1"), &fields, &proxies);
        fields.append(name, HeaderValue::from_static(appended));
        assert_eq!(client(Peer::Unix, &fields, &proxies), peer("192.0.2.1"));
    }
}

/// A header is never longer than what there is, and reads the same whatever follows it; what
/// is incomplete stays so when less of it is there.
pub fn proxy_header(bytes: &[u8]) {
    match parse_proxy_header(bytes) {
        Ok(header) => {
            assert!(header.length <= bytes.len());
            assert_eq!(parse_proxy_header(&bytes[..header.length]), Ok(header));
            let less = parse_proxy_header(&bytes[..header.length - 1]);
            assert_eq!(less, Err(HeaderError::Incomplete));
        }
        Err(HeaderError::Incomplete) => {
            assert!(bytes.len() < 2048);
            let less = parse_proxy_header(&bytes[..bytes.len().saturating_sub(1)]);
            assert_eq!(less, Err(HeaderError::Incomplete));
        }
        Err(HeaderError::Invalid) => {}
    }
}
