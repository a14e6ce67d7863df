//! Which addresses may be dialled for somebody else's word.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// Blocks of IPv4 that are not the public internet (IANA's special-purpose registry, RFC
/// 6890), as an address and the length of its prefix.
const SPECIAL_V4: [([u8; 4], u32); 16] = [
    ([0, 0, 0, 0], 8),       // this network, RFC 1122
    ([10, 0, 0, 0], 8),      // private, RFC 1918
    ([100, 64, 0, 0], 10),   // carrier-grade NAT, RFC 6598
    ([127, 0, 0, 0], 8),     // loopback
    ([169, 254, 0, 0], 16),  // link-local, where clouds keep their credentials
    ([172, 16, 0, 0], 12),   // private
    ([192, 0, 0, 0], 24),    // protocol assignments
    ([192, 0, 2, 0], 24),    // documentation, RFC 5737
    ([192, 31, 196, 0], 24), // AS112
    ([192, 88, 99, 0], 24),  // 6to4 relays, RFC 7526
    ([192, 168, 0, 0], 16),  // private
    ([198, 18, 0, 0], 15),   // benchmarks, RFC 2544
    ([198, 51, 100, 0], 24), // documentation
    ([203, 0, 113, 0], 24),  // documentation
    ([224, 0, 0, 0], 4),     // multicast
    ([240, 0, 0, 0], 4),     // reserved, and broadcast
];

/// Only `2000::/3` is global unicast at all (RFC 4291 section 2.4): loopback, mapped and
/// translated IPv4 (NAT64), unique local, link-local and multicast lie outside it. Of it,
/// these are not the public internet.
const SPECIAL_V6: [([u16; 2], u32); 4] = [
    ([0x2001, 0], 23),     // protocol assignments: Teredo, ORCHID, benchmarks
    ([0x2001, 0xDB8], 32), // documentation, RFC 3849
    ([0x2002, 0], 16),     // 6to4 carries any IPv4 address
    ([0x3FFF, 0], 20),     // documentation, RFC 9637
];

/// Where a connection may go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// Networks that are not public and may be dialled all the same.
    pub allow_private: Vec<IpNet>,
    /// A port besides 80 and 443: the one that the operator's own address names.
    pub port: Option<u16>,
}

impl Rules {
    /// Why `address` must not be dialled at `port`, if so.
    #[must_use]
    pub fn refuse(&self, address: IpAddr, port: u16) -> Option<String> {
        if !matches!(port, 80 | 443) && self.port != Some(port) {
            return Some(format!("port {port} is neither 80, 443 nor that of url"));
        }
        let is_allowed = || self.allow_private.iter().any(|net| net.contains(&address));
        if is_public(address) || is_allowed() {
            return None;
        }
        Some(format!(
            "{address} is no public address; allow_private = [\"{}\"] allows it",
            IpNet::from(address)
        ))
    }
}

/// Whether an address is one of the public internet.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !SPECIAL_V4.iter().any(|(network, length)| {
            let mask = u32::MAX << (32 - length);
            (address.to_bits() ^ Ipv4Addr::from(*network).to_bits()) & mask == 0
        }),
        IpAddr::V6(address) => {
            let is_global_unicast = address.segments()[0] & 0xE000 == 0x2000;
            is_global_unicast
                && !SPECIAL_V6.iter().any(|([first, second], length)| {
                    let network = Ipv6Addr::new(*first, *second, 0, 0, 0, 0, 0, 0);
                    let mask = u128::MAX << (128 - length);
                    (address.to_bits() ^ network.to_bits()) & mask == 0
                })
        }
    }
}
