//! `server.listen`: where connections come from.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
};

use super::TrustedProxies;
use crate::config::{
    fault::Faults,
    reader::{Item, Table, Text, quoted},
};

const LISTEN: &str = "127.0.0.1:8080";

/// One entry of `listen`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen {
    /// `address`
    pub address: ListenAddress,
    /// `mode` of a Unix socket; 0o660 by default.
    pub mode: u32,
    /// `group` of a Unix socket: a name or a number.
    pub group: Option<String>,
    /// `h2c`: HTTP/2 with prior knowledge beside HTTP/1.1.
    pub h2c: bool,
    /// `proxy_protocol`: each connection begins with a PROXY header.
    pub proxy_protocol: bool,
}

/// What is listened on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListenAddress {
    /// `"127.0.0.1:8080"`
    Tcp(SocketAddr),
    /// `"unix:/run/dateline/http.sock"`: absolute here.
    Unix(PathBuf),
    /// `"inherited"`: every socket that the service manager passes on; `"inherited:0"` the
    /// first of them.
    Inherited(Option<usize>),
}

impl Listen {
    /// An entry with defaults for all but the address.
    #[must_use]
    pub const fn on(address: ListenAddress) -> Self {
        Self {
            address,
            mode: 0o660,
            group: None,
            h2c: false,
            proxy_protocol: false,
        }
    }
}

impl Default for Listen {
    fn default() -> Self {
        Self::on(ListenAddress::Tcp(SocketAddr::from(([127, 0, 0, 1], 8080))))
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => write!(f, "{address}"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
            Self::Inherited(None) => f.write_str("inherited"),
            Self::Inherited(Some(index)) => write!(f, "inherited:{index}"),
        }
    }
}

/// Reads `listen`; `None` where it is not given.
pub(super) fn read(
    server: &mut Table<'_>,
    faults: &mut Faults,
    root: &Path,
    trusted: &TrustedProxies,
) -> Option<Vec<Listen>> {
    let items = server.texts_or_tables(faults, "listen", LISTEN)?;
    if items.is_empty() {
        let span = server.key_span("listen").unwrap_or_else(|| server.span());
        let help = format!("name at least one, for example {}", quoted(LISTEN));
        faults.add(span, "server.listen names no address", help);
    }
    let listen = items.into_iter().filter_map(|item| match item {
        Item::Text(text) => address(&text, faults, root).map(Listen::on),
        Item::Table(table) => one(table, faults, root, trusted),
    });
    Some(listen.collect())
}

/// An entry that is a table.
fn one(
    mut table: Table<'_>,
    faults: &mut Faults,
    root: &Path,
    trusted: &TrustedProxies,
) -> Option<Listen> {
    let text = table.required_text(faults, "address", LISTEN);
    let address = text.and_then(|text| address(&text, faults, root));
    let mode = table.text(faults, "mode", "0660");
    let group = table.text(faults, "group", "www-data");
    let h2c = table.boolean(faults, "h2c", false);
    let proxy_protocol = table.boolean(faults, "proxy_protocol", false);
    let span = table.span();
    table.finish(faults);
    let mut listen = Listen {
        h2c,
        proxy_protocol,
        ..Listen::on(address?)
    };
    let is_unix = matches!(listen.address, ListenAddress::Unix(_));
    for text in mode.iter().chain(&group).filter(|_| !is_unix) {
        let help = "leave it out, or listen on \"unix:/run/dateline/http.sock\"";
        faults.add(
            text.span.clone(),
            "only a Unix socket has a mode and a group",
            help,
        );
    }
    if let Some(text) = mode {
        match u32::from_str_radix(text.value, 8) {
            Ok(mode @ 0..=0o777) => listen.mode = mode,
            _ => {
                let message = format!("server.listen: {} is not a mode", quoted(text.value));
                faults.add(text.span, message, "write it in octal digits, as \"0660\"");
            }
        }
    }
    listen.group = group.map(|text| text.value.to_owned());
    if proxy_protocol && !is_unix && trusted.networks.is_empty() {
        // Anyone could else pass for anyone.
        let message = "a PROXY header is believed only of a trusted proxy, and there is none";
        let help = "name the proxy: server.trusted_proxies = [\"10.0.0.5\"]";
        faults.add(span, message, help);
    }
    Some(listen)
}

fn address(text: &Text<'_>, faults: &mut Faults, root: &Path) -> Option<ListenAddress> {
    let raw = text.value.trim();
    if let Ok(address) = raw.parse() {
        return Some(ListenAddress::Tcp(address));
    }
    if let Some(path) = raw.strip_prefix("unix:").filter(|path| !path.is_empty()) {
        return Some(ListenAddress::Unix(root.join(path)));
    }
    match raw.strip_prefix("inherited") {
        Some("") => return Some(ListenAddress::Inherited(None)),
        Some(index) => {
            if let Some(Ok(index)) = index.strip_prefix(':').map(str::parse) {
                return Some(ListenAddress::Inherited(Some(index)));
            }
        }
        None => {}
    }
    let (message, help) = if raw.parse::<IpAddr>().is_ok() {
        let port = if raw.contains(':') {
            format!("[{raw}]:8080")
        } else {
            format!("{raw}:8080")
        };
        (
            format!("server.listen: {} has no port", quoted(raw)),
            format!("write for example {}", quoted(&port)),
        )
    } else {
        (
            format!("server.listen: {} is not an address", quoted(raw)),
            format!(
                "write an IP address and a port, for example {}, or \"unix:PATH\", or \
                 \"inherited\"",
                quoted(LISTEN)
            ),
        )
    };
    faults.add(text.span.clone(), message, help);
    None
}
