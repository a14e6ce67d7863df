//! The client behind proxies: the rightmost address that is not a trusted proxy's.
//!
//! Each proxy appends whom it got a request from, so what stands to the left of the first
//! one that is not trusted may be anything at all.

use std::net::{IpAddr, SocketAddr};

use hyper::{
    HeaderMap,
    header::{FORWARDED, HeaderName},
};

use crate::config::{ClientField, TrustedProxies};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Who is at the other end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    /// A host.
    Internet(IpAddr),
    /// A process on this machine, through a Unix socket.
    Unix,
}

impl Peer {
    /// Whether what it says of clients is believed.
    #[must_use]
    pub fn is_trusted(self, proxies: &TrustedProxies) -> bool {
        match self {
            Self::Internet(address) => is_trusted(address, proxies),
            Self::Unix => proxies.unix,
        }
    }

    /// Its address, if it has one.
    #[must_use]
    pub const fn address(self) -> Option<IpAddr> {
        match self {
            Self::Internet(address) => Some(address),
            Self::Unix => None,
        }
    }
}

impl From<IpAddr> for Peer {
    /// An IPv4 address that comes as an IPv6 one is the same host.
    fn from(address: IpAddr) -> Self {
        Self::Internet(address.to_canonical())
    }
}

fn is_trusted(address: IpAddr, proxies: &TrustedProxies) -> bool {
    proxies
        .networks
        .iter()
        .any(|network| network.contains(&address))
}

/// Who a request with these fields comes from, when `peer` has sent it: the peer itself
/// unless it is trusted. Where a trusted proxy wrote what is no address, it is that proxy.
#[must_use]
pub fn client(peer: Peer, fields: &HeaderMap, proxies: &TrustedProxies) -> Peer {
    if !peer.is_trusted(proxies) {
        return peer;
    }
    let mut last = peer;
    for hop in hops(fields, proxies.field) {
        let Some(address) = hop else {
            return last;
        };
        last = Peer::from(address);
        if !last.is_trusted(proxies) {
            return last;
        }
    }
    last
}

/// From whom each proxy says it got the request, the nearest first; `None` for what is no
/// address.
///
/// Read from the right, byte by byte: a client sends whatever it likes, such as a quote that is
/// never closed, and the proxy puts its word behind that in the same line.
fn hops(fields: &HeaderMap, field: ClientField) -> impl Iterator<Item = Option<IpAddr>> {
    let name = match field {
        ClientField::XForwardedFor => X_FORWARDED_FOR,
        ClientField::Forwarded => FORWARDED,
    };
    let (separate, read): (Separate, Read) = match field {
        ClientField::XForwardedFor => (rightmost, node),
        ClientField::Forwarded => (rightmost_unquoted, forwarded_for),
    };
    let lines = fields.get_all(name).iter().rev();
    lines.flat_map(move |line| from_the_right(line.as_bytes(), b',', separate).map(read))
}

/// Whom a member of the list names.
type Read = fn(&[u8]) -> Option<IpAddr>;

/// Where the last of a byte is that parts.
type Separate = fn(&[u8], u8) -> Option<usize>;

/// The parts of a text between `separator`s, the last one first.
fn from_the_right(text: &[u8], separator: u8, separate: Separate) -> impl Iterator<Item = &[u8]> {
    let mut left = Some(text);
    std::iter::from_fn(move || {
        let text = left?;
        let part = match separate(text, separator) {
            Some(at) => {
                left = Some(&text[..at]);
                &text[at + 1..]
            }
            None => {
                left = None;
                text
            }
        };
        Some(part.trim_ascii())
    })
}

fn rightmost(text: &[u8], separator: u8) -> Option<usize> {
    text.iter().rposition(|byte| *byte == separator)
}

/// The same where what stands in quoted strings parts nothing.
fn rightmost_unquoted(text: &[u8], separator: u8) -> Option<usize> {
    let mut quoted = false;
    (0..text.len()).rev().find(|at| {
        let byte = text[*at];
        if byte == b'"' {
            let escapes = text[..*at].iter().rev().take_while(|byte| **byte == b'\\');
            let is_escaped = quoted && escapes.count() % 2 == 1;
            quoted ^= !is_escaped;
        }
        byte == separator && !quoted
    })
}

/// The `for` of a member of `Forwarded` (RFC 7239 section 4).
fn forwarded_for(member: &[u8]) -> Option<IpAddr> {
    let pairs = from_the_right(member, b';', rightmost_unquoted);
    let mut nodes = pairs.filter_map(|pair| {
        let (name, value) = pair.split_at_checked(4)?;
        name.eq_ignore_ascii_case(b"for=").then_some(value)
    });
    let (Some(value), None) = (nodes.next(), nodes.next()) else {
        return None;
    };
    let unquoted = value
        .strip_prefix(b"\"")
        .and_then(|value| value.strip_suffix(b"\""));
    node(unquoted.unwrap_or(value))
}

/// An address with or without a port, as proxies write them: `192.0.2.1`, `192.0.2.1:80`,
/// `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:80`.
fn node(text: &[u8]) -> Option<IpAddr> {
    let text = str::from_utf8(text).ok()?;
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(address);
    }
    if let Ok(address) = text.parse::<SocketAddr>() {
        return Some(address.ip());
    }
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    inner.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::HeaderValue;
    use proptest::prelude::*;

    fn proxies(field: ClientField) -> TrustedProxies {
        TrustedProxies {
            networks: vec![
                "10.0.0.0/8".parse().unwrap(),
                "2001:db8:f::/48".parse().unwrap(),
            ],
            unix: true,
            field,
        }
    }

    fn found(peer: Peer, field: ClientField, lines: &[&str]) -> String {
        let name = match field {
            ClientField::XForwardedFor => X_FORWARDED_FOR,
            ClientField::Forwarded => FORWARDED,
        };
        let mut fields = HeaderMap::new();
        for line in lines {
            fields.append(
                name.clone(),
                HeaderValue::from_bytes(line.as_bytes()).unwrap(),
            );
        }
        match client(peer, &fields, &proxies(field)) {
            Peer::Internet(address) => address.to_string(),
            Peer::Unix => "unix".to_owned(),
        }
    }

    fn peer(text: &str) -> Peer {
        Peer::from(text.parse::<IpAddr>().unwrap())
    }

    #[test]
    fn the_rightmost_address_that_is_not_a_proxys_is_the_clients() {
        use ClientField::XForwardedFor;
        for (lines, client) in [
            (&["192.0.2.1"][..], "192.0.2.1"),
            (&["6.6.6.6, 192.0.2.1"], "192.0.2.1"),
            (&["6.6.6.6, 192.0.2.1, 10.2.3.4"], "192.0.2.1"),
            (&["6.6.6.6", "192.0.2.1", "10.2.3.4,10.1.1.1"], "192.0.2.1"),
            (&["10.7.7.7"], "10.7.7.7"),
            (&["192.0.2.1:5000"], "192.0.2.1"),
            (&["2001:db8::1"], "2001:db8::1"),
            (&["[2001:db8::1]:9, 2001:db8:f::2"], "2001:db8::1"),
            (&["::ffff:192.0.2.9"], "192.0.2.9"),
            (&["6.6.6.6, unknown"], "10.0.0.1"),
            (&["6.6.6.6, unknown, 10.9.9.9"], "10.9.9.9"),
            (&["6.6.6.6,"], "10.0.0.1"),
            // Put there by the client, in the line that the proxy goes on with.
            (&["\", 192.0.2.1"], "192.0.2.1"),
            (&["é, 192.0.2.1, 10.2.3.4"], "192.0.2.1"),
            (&[""], "10.0.0.1"),
            (&[], "10.0.0.1"),
        ] {
            assert_eq!(
                found(peer("10.0.0.1"), XForwardedFor, lines),
                client,
                "{lines:?}"
            );
        }
        assert_eq!(
            found(Peer::Unix, XForwardedFor, &["192.0.2.1"]),
            "192.0.2.1"
        );
    }

    #[test]
    fn who_is_not_trusted_is_not_believed() {
        for field in [ClientField::XForwardedFor, ClientField::Forwarded] {
            for line in ["127.0.0.1", "for=127.0.0.1"] {
                assert_eq!(found(peer("203.0.113.5"), field, &[line]), "203.0.113.5");
            }
        }
        let nobody = TrustedProxies::default();
        let mut fields = HeaderMap::new();
        fields.insert(X_FORWARDED_FOR, HeaderValue::from_static("192.0.2.1"));
        assert_eq!(client(Peer::Unix, &fields, &nobody), Peer::Unix);
        assert_eq!(client(peer("::1"), &fields, &nobody), peer("::1"));
    }

    #[test]
    fn forwarded_is_read_with_its_quotes() {
        use ClientField::Forwarded;
        for (lines, client) in [
            (&["for=192.0.2.1"][..], "192.0.2.1"),
            (
                &["For=\"192.0.2.1:80\";proto=http;by=10.0.0.1"],
                "192.0.2.1",
            ),
            (&["for=\"[2001:db8::1]:80\", for=10.0.0.2"], "2001:db8::1"),
            (&["for=6.6.6.6", "proto=https; for=192.0.2.1"], "192.0.2.1"),
            (&["for=192.0.2.1;host=\"a,for=6.6.6.6\""], "192.0.2.1"),
            (&["for=192.0.2.1;host=\"\\\",for=6.6.6.6\""], "192.0.2.1"),
            (&["for=6.6.6.6, for=_hidden"], "10.0.0.1"),
            (&["for=6.6.6.6, proto=http"], "10.0.0.1"),
            (&["for=6.6.6.6;for=192.0.2.1"], "10.0.0.1"),
            // Put there by the client, in the line that the proxy goes on with.
            (&["for=\", for=192.0.2.1"], "192.0.2.1"),
            (&["for=\"é, for=\"[2001:db8::1]\""], "2001:db8::1"),
            (&["for=\"\\, for=\"192.0.2.1:1\";by=\"\\\"\""], "192.0.2.1"),
        ] {
            assert_eq!(
                found(peer("10.0.0.1"), Forwarded, lines),
                client,
                "{lines:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_field_makes_it_panic_and_nothing_left_of_the_client_matters(
            left in "[ -~é]{0,60}",
            right in prop::collection::vec(0..10_u8, 0..3),
        ) {
            for (field, name, quote) in [
                (ClientField::XForwardedFor, "", ""),
                (ClientField::Forwarded, "for=", ""),
                (ClientField::Forwarded, "for=", "\""),
            ] {
                let hop = |address: &str| format!(", {name}{quote}{address}{quote}");
                let proxies: String = right.iter().map(|i| hop(&format!("10.1.2.{i}"))).collect();
                let line = format!("{left}{}{proxies}", hop("192.0.2.1"));
                prop_assert_eq!(found(peer("10.0.0.1"), field, &[&line]), "192.0.2.1");
                let _ = found(peer("10.0.0.1"), field, &[&left]);
            }
        }
    }
}
