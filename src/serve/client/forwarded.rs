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
    let (name, hop): (_, fn(&str) -> Option<IpAddr>) = match proxies.field {
        ClientField::XForwardedFor => (X_FORWARDED_FOR, node),
        ClientField::Forwarded => (FORWARDED, forwarded_for),
    };
    let mut last = peer;
    for field in fields.get_all(name).iter().rev() {
        let Ok(field) = field.to_str() else {
            return last;
        };
        for member in members(field).into_iter().rev() {
            let Some(address) = hop(member) else {
                return last;
            };
            last = Peer::from(address);
            if !last.is_trusted(proxies) {
                return last;
            }
        }
    }
    last
}

/// The members of a list. A comma in a quoted string parts nothing.
fn members(field: &str) -> Vec<&str> {
    split(field, b',')
}

/// The parts of a text between `separator`s that do not stand in quoted strings.
fn split(text: &str, separator: u8) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut begin, mut quoted, mut escaped) = (0, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            byte if byte == separator && !quoted => {
                parts.push(text[begin..at].trim());
                begin = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text[begin..].trim());
    parts
}

/// The `for` of a member of `Forwarded` (RFC 7239 section 4).
fn forwarded_for(member: &str) -> Option<IpAddr> {
    let pairs = split(member, b';').into_iter();
    let mut nodes = pairs.filter_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.eq_ignore_ascii_case("for").then_some(value)
    });
    let (Some(value), None) = (nodes.next(), nodes.next()) else {
        return None;
    };
    let unquoted = value
        .strip_prefix('"')
        .and_then(|value| value.strip_suffix('"'));
    node(unquoted.unwrap_or(value))
}

/// An address with or without a port, as proxies write them: `192.0.2.1`, `192.0.2.1:80`,
/// `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:80`.
fn node(text: &str) -> Option<IpAddr> {
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
            fields.append(name.clone(), HeaderValue::from_str(line).unwrap());
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
            left in "[ -~]{0,60}",
            right in "(, ?10\\.1\\.2\\.[0-9]){0,3}",
        ) {
            let _ = found(peer("10.0.0.1"), ClientField::Forwarded, &[&left]);
            let line = format!("{left}, 192.0.2.1{right}");
            // A quote that is open on the left is another matter: no address has one.
            prop_assume!(!left.contains('"'));
            prop_assert_eq!(found(peer("10.0.0.1"), ClientField::XForwardedFor, &[&line]), "192.0.2.1");
        }
    }
}
