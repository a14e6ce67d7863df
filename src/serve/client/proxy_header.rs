//! The PROXY protocol, versions 1 and 2, with which a proxy that knows nothing of HTTP says
//! whom it speaks for. After the specification that HAProxy publishes.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What a header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProxyHeader {
    /// The client; `None` where the proxy speaks for itself, as in a health check, or does
    /// not know.
    pub client: Option<IpAddr>,
    /// How many bytes the header has; what follows is the client's.
    pub length: usize,
}

/// Why there is no header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// It may yet become one.
    #[error("the PROXY header is not complete")]
    Incomplete,
    /// It never will.
    #[error("there is no valid PROXY header")]
    Invalid,
}

const V1: &[u8] = b"PROXY ";
/// No line of version 1 is longer, its end included.
const V1_MAX: usize = 107;
const V2: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";
const V2_FIXED: usize = 16;
/// Room for two IPv6 addresses and a good deal of extensions. The specification says that a
/// receiver may bound the length, and no known sender comes near.
const V2_MAX: usize = 2048;

/// Reads the header at the start of `bytes`.
///
/// # Errors
/// [`HeaderError::Incomplete`] when more bytes may make it whole.
pub fn parse(bytes: &[u8]) -> Result<ProxyHeader, HeaderError> {
    if begins(bytes, V2)? {
        version_2(bytes)
    } else if begins(bytes, V1)? {
        version_1(bytes)
    } else {
        Err(HeaderError::Invalid)
    }
}

/// Whether `bytes` begin with `signature`; incomplete while they may.
fn begins(bytes: &[u8], signature: &[u8]) -> Result<bool, HeaderError> {
    if bytes.len() < signature.len() && signature.starts_with(bytes) {
        return Err(HeaderError::Incomplete);
    }
    Ok(bytes.starts_with(signature))
}

fn version_1(bytes: &[u8]) -> Result<ProxyHeader, HeaderError> {
    let window = &bytes[..bytes.len().min(V1_MAX)];
    let Some(end) = window.windows(2).position(|pair| pair == b"\r\n") else {
        return Err(if bytes.len() < V1_MAX {
            HeaderError::Incomplete
        } else {
            HeaderError::Invalid
        });
    };
    let line = str::from_utf8(&window[V1.len()..end]).map_err(|_| HeaderError::Invalid)?;
    Ok(ProxyHeader {
        client: source(line).ok_or(HeaderError::Invalid)?,
        length: end + 2,
    })
}

/// The client of a line of version 1, of which the first word is gone.
fn source(line: &str) -> Option<Option<IpAddr>> {
    let words: Vec<&str> = line.split(' ').collect();
    match words.as_slice() {
        // Whatever follows is to be ignored.
        ["UNKNOWN", ..] => Some(None),
        ["TCP4", from, to, ports @ ..] => {
            let (from, _): (Ipv4Addr, Ipv4Addr) = (from.parse().ok()?, to.parse().ok()?);
            are_ports(ports).then_some(Some(from.into()))
        }
        ["TCP6", from, to, ports @ ..] => {
            let (from, _): (Ipv6Addr, Ipv6Addr) = (from.parse().ok()?, to.parse().ok()?);
            are_ports(ports).then_some(Some(from.into()))
        }
        _ => None,
    }
}

fn are_ports(words: &[&str]) -> bool {
    words.len() == 2
        && words.iter().all(|word| {
            word.bytes().all(|byte| byte.is_ascii_digit()) && word.parse::<u16>().is_ok()
        })
}

fn version_2(bytes: &[u8]) -> Result<ProxyHeader, HeaderError> {
    let Some(fixed) = bytes.first_chunk::<V2_FIXED>() else {
        return Err(HeaderError::Incomplete);
    };
    let (command, family) = (fixed[12], fixed[13]);
    let length = V2_FIXED + usize::from(u16::from_be_bytes([fixed[14], fixed[15]]));
    if length > V2_MAX {
        return Err(HeaderError::Invalid);
    }
    let client = match command {
        // LOCAL: what follows is to be skipped.
        0x20 => None,
        0x21 => {
            let addresses = bytes.get(V2_FIXED..length).ok_or(HeaderError::Incomplete)?;
            match family >> 4 {
                1 => {
                    let both = addresses.first_chunk::<12>().ok_or(HeaderError::Invalid)?;
                    let [a, b, c, d, ..] = *both;
                    Some(Ipv4Addr::from([a, b, c, d]).into())
                }
                2 => {
                    let both = addresses.first_chunk::<36>().ok_or(HeaderError::Invalid)?;
                    let (from, _) = both.split_first_chunk::<16>().ok_or(HeaderError::Invalid)?;
                    Some(Ipv6Addr::from(*from).into())
                }
                // UNSPEC and Unix sockets: real, but without an address.
                0 | 3 => None,
                _ => return Err(HeaderError::Invalid),
            }
        }
        _ => return Err(HeaderError::Invalid),
    };
    if bytes.len() < length {
        return Err(HeaderError::Incomplete);
    }
    Ok(ProxyHeader { client, length })
}

#[cfg(test)]
mod tests {
    use super::{HeaderError::*, *};
    use proptest::prelude::*;

    fn v2(command: u8, family: u8, addresses: &[u8]) -> Vec<u8> {
        let length = u16::try_from(addresses.len()).unwrap().to_be_bytes();
        [V2, &[command, family], &length, addresses].concat()
    }

    fn headers() -> Vec<(Vec<u8>, Option<&'static str>)> {
        let v4 = [192, 0, 2, 1, 10, 0, 0, 1, 1, 2, 3, 4];
        let mut v6 = [0; 36];
        v6[..4].copy_from_slice(&[0x20, 1, 0x0d, 0xb8]);
        let long_unknown = b"PROXY UNKNOWN ffff:f...f:ffff ffff 65535 65535\r\n";
        vec![
            (
                b"PROXY TCP4 192.0.2.1 10.0.0.1 56324 443\r\n".to_vec(),
                Some("192.0.2.1"),
            ),
            (
                b"PROXY TCP6 2001:db8:: ::1 1 2\r\n".to_vec(),
                Some("2001:db8::"),
            ),
            (b"PROXY UNKNOWN\r\n".to_vec(), None),
            (long_unknown.to_vec(), None),
            (v2(0x21, 0x11, &v4), Some("192.0.2.1")),
            (
                v2(0x21, 0x11, &[&v4[..], &[4, 0, 1, 0]].concat()),
                Some("192.0.2.1"),
            ),
            (v2(0x21, 0x21, &v6), Some("2001:db8::")),
            (v2(0x20, 0x00, &[]), None),
            (v2(0x20, 0x11, &v4), None),
            (v2(0x21, 0x31, &[0; 216]), None),
        ]
    }

    #[test]
    fn both_versions_name_the_client_and_leave_the_rest() {
        for (header, client) in headers() {
            let bytes = [&header[..], b"GET / HTTP/1.1\r\n"].concat();
            let expected = ProxyHeader {
                client: client.map(|text| text.parse().unwrap()),
                length: header.len(),
            };
            assert_eq!(parse(&bytes), Ok(expected), "{}", header.escape_ascii());
            for end in 0..header.len() {
                assert_eq!(parse(&header[..end]), Err(Incomplete), "{end}");
            }
        }
    }

    #[test]
    fn what_is_no_header_is_refused_at_once() {
        for bytes in [
            &b"GET / HTTP/1.1\r\n"[..],
            b"PROXY TCP4 192.0.2.1 10.0.0.1 56324\r\n",
            b"PROXY TCP4 192.0.2.1 10.0.0.1 56324 443 1\r\n",
            b"PROXY TCP4 192.0.2.1 10.0.0.1 +1 443\r\n",
            b"PROXY TCP4 192.0.2.1 10.0.0.1 65536 443\r\n",
            b"PROXY TCP4 ::1 ::1 1 2\r\n",
            b"PROXY TCP6 192.0.2.1 10.0.0.1 1 2\r\n",
            b"PROXY UDP4 192.0.2.1 10.0.0.1 1 2\r\n",
            b"PROXY  TCP4 192.0.2.1 10.0.0.1 1 2\r\n",
            b"proxy TCP4 192.0.2.1 10.0.0.1 1 2\r\n",
            b"PROXY \xFF\r\n",
            &[b'P'; 2],
            &[V1, &[b'x'; 200]].concat(),
            &v2(0x11, 0x11, &[0; 12]),
            &v2(0x22, 0x11, &[0; 12]),
            &v2(0x21, 0x11, &[0; 11]),
            &v2(0x21, 0x21, &[0; 35]),
            &v2(0x21, 0x41, &[0; 12]),
            &v2(0x21, 0x11, &[0; 3000]),
        ] {
            assert_eq!(parse(bytes), Err(Invalid), "{}", bytes.escape_ascii());
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic_or_take_more_than_there_is(
            which in 0..10_usize, at in 0..60_usize, byte in any::<u8>(), cut in 0..300_usize,
        ) {
            let (mut bytes, _) = headers().swap_remove(which);
            let length = bytes.len();
            bytes[at % length] = byte;
            bytes.truncate(cut);
            if let Ok(header) = parse(&bytes) {
                prop_assert!(header.length <= bytes.len());
            }
        }
    }
}
