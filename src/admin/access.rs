//! Who may ask.

use std::net::IpAddr;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hyper::{
    HeaderMap,
    header::{AUTHORIZATION, HOST, ORIGIN},
};

use super::Desk;

/// Whether the request shows the token, if there is one. It may stand behind `Bearer`, as
/// programs send it, or be the password of `Basic`, as browsers do.
pub(super) fn is_known(desk: &Desk, fields: &HeaderMap) -> bool {
    let Some(token) = &desk.token else {
        return true;
    };
    let shown = fields
        .get(AUTHORIZATION)
        .and_then(|field| field.to_str().ok());
    let Some((scheme, shown)) = shown.and_then(|field| field.split_once(' ')) else {
        return false;
    };
    if scheme.eq_ignore_ascii_case("bearer") {
        return is_same(shown.trim().as_bytes(), token);
    }
    let decoded = STANDARD
        .decode(shown.trim())
        .ok()
        .filter(|_| scheme.eq_ignore_ascii_case("basic"));
    // What stands before the colon is a user's name, of which there is none here.
    decoded.is_some_and(|pair| {
        let colon = pair.iter().position(|byte| *byte == b':');
        colon.is_some_and(|colon| is_same(&pair[colon + 1..], token))
    })
}

/// Takes as long for a wrong token as for the right one: hashes are compared in constant
/// time.
fn is_same(shown: &[u8], token: &str) -> bool {
    blake3::hash(shown) == blake3::hash(token.as_bytes())
}

/// Whether what was asked for by this name is answered. A name that its owner points at this
/// machine makes a page of his read as its own what is answered here, so that without a token the
/// host must be a number or `localhost`; or none, which no browser sends.
pub(super) fn is_answered(desk: &Desk, fields: &HeaderMap) -> bool {
    let host = fields.get(HOST).map(|field| field.to_str().ok());
    !desk.is_tcp || desk.token.is_some() || host.is_none_or(|host| host.is_some_and(is_local_name))
}

/// Whether a page of another site made a browser send this. Such a page cannot read the
/// answer, but it could give orders.
pub(super) fn is_foreign(fields: &HeaderMap) -> bool {
    let text = |name| fields.get(name).and_then(|field| field.to_str().ok());
    let site = text(hyper::header::HeaderName::from_static("sec-fetch-site"));
    if site.is_some_and(|site| !matches!(site, "same-origin" | "none")) {
        return true;
    }
    let host = text(HOST).unwrap_or_default();
    text(ORIGIN).is_some_and(|origin| {
        origin
            .split_once("://")
            .is_none_or(|(_, from)| from != host)
    })
}

fn is_local_name(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::is_local_name;

    #[test]
    fn a_name_that_anyone_can_register_is_not_local() {
        for host in [
            "127.0.0.1:9180",
            "[::1]:9180",
            "localhost",
            "LOCALHOST:1",
            "10.0.0.1",
        ] {
            assert!(is_local_name(host), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "localhost.evil.example:9180",
            "127.0.0.1.evil.example",
        ] {
            assert!(!is_local_name(host), "{host}");
        }
    }
}
