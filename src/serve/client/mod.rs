//! Who a request comes from, and how much of the server one client may take.

mod census;
mod forwarded;
mod proxy_header;
mod quota;
mod reader;

pub(super) use census::Census;
pub use forwarded::{Peer, client};
pub use proxy_header::{HeaderError, ProxyHeader, parse as parse_proxy_header};
pub(super) use quota::Quota;
pub use reader::Reader;

use std::net::{IpAddr, Ipv6Addr};

/// What stands for one client: an IPv4 address, or the /64 that an IPv6 address lies in, of
/// which a single customer has at least one.
fn household(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
    }
}
