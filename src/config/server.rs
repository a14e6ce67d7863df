//! `[server]`, `[store]` and `[dates]`

use std::{net::SocketAddr, path::Path, time::Duration};

use super::{
    DatesConfig, ServerConfig, StoreConfig,
    fault::Faults,
    reader::{Table, Text, quoted},
};
use crate::dates::{Guards, Trust};

const LISTEN: &str = "127.0.0.1:8080";
const CONNECTIONS: usize = 10_000;
const HEADER_SECONDS: usize = 30;

const TRUST: [(&str, Trust); 2] = [("content", Trust::Content), ("declared", Trust::Declared)];

/// Reads `[server]`.
pub(super) fn read(document: &mut Table<'_>, faults: &mut Faults) -> ServerConfig {
    let mut config = ServerConfig {
        listen: vec![SocketAddr::from(([127, 0, 0, 1], 8080))],
        max_connections: CONNECTIONS,
        header_timeout: seconds(HEADER_SECONDS),
    };
    let Some(mut table) = document.table(faults, "server") else {
        return config;
    };
    if let Some(texts) = table.texts(faults, "listen", LISTEN) {
        config.listen = texts
            .iter()
            .filter_map(|text| address(text, faults))
            .collect();
        if texts.is_empty() {
            let span = table.key_span("listen").unwrap_or_else(|| table.span());
            let help = format!("name at least one, for example {}", quoted(LISTEN));
            faults.add(span, "server.listen names no address", help);
        }
    }
    if let Some(mut limits) = table.table(faults, "limits") {
        config.max_connections = limits.integer(faults, "connections", 1..=1_000_000, CONNECTIONS);
        let header = limits.integer(faults, "header_seconds", 1..=3_600, HEADER_SECONDS);
        config.header_timeout = seconds(header);
        limits.finish(faults);
    }
    table.finish(faults);
    config
}

fn seconds(number: usize) -> Duration {
    Duration::from_secs(u64::try_from(number).unwrap_or(u64::MAX))
}

fn address(text: &Text<'_>, faults: &mut Faults) -> Option<SocketAddr> {
    let raw = text.value.trim();
    if let Ok(address) = raw.parse() {
        return Some(address);
    }
    let span = text.span.clone();
    if raw.parse::<std::net::IpAddr>().is_ok() {
        let message = format!("server.listen: {} has no port", quoted(raw));
        let port = if raw.contains(':') {
            format!("[{raw}]:8080")
        } else {
            format!("{raw}:8080")
        };
        faults.add(
            span,
            message,
            format!("write for example {}", quoted(&port)),
        );
    } else {
        let message = format!("server.listen: {} is not an address", quoted(raw));
        let help = format!(
            "write an IP address and a port, for example {}",
            quoted(LISTEN)
        );
        faults.add(span, message, help);
    }
    None
}

/// Reads `[store]`. `root` is the folder that paths are relative to.
pub(super) fn read_store(
    document: &mut Table<'_>,
    faults: &mut Faults,
    root: &Path,
) -> StoreConfig {
    let mut path = root.join("dateline.db");
    if let Some(mut table) = document.table(faults, "store") {
        if let Some(text) = table.text(faults, "path", "dateline.db") {
            if text.value.is_empty() {
                let help = "write a path, or leave the key out for \"dateline.db\"";
                faults.add(text.span, "store.path is empty", help);
            } else {
                path = root.join(text.value);
            }
        }
        table.finish(faults);
    }
    StoreConfig { path }
}

/// Reads `[dates]`.
pub(super) fn read_dates(document: &mut Table<'_>, faults: &mut Faults) -> DatesConfig {
    let mut config = DatesConfig::default();
    let Some(mut table) = document.table(faults, "dates") else {
        return config;
    };
    config.trust = table.choice(faults, "trust", &TRUST).unwrap_or_default();
    if let Some(mut table) = table.table(faults, "guards") {
        let Guards {
            touched_articles,
            touched_percent,
            lost_percent,
            lost_from,
        } = config.guards;
        const MANY: usize = 1_000_000_000;
        config.guards = Guards {
            touched_articles: table.integer(faults, "touched_articles", 0..=MANY, touched_articles),
            touched_percent: table.integer(faults, "touched_percent", 0..=100, touched_percent),
            lost_percent: table.integer(faults, "lost_percent", 0..=100, lost_percent),
            lost_from: table.integer(faults, "lost_from", 0..=MANY, lost_from),
        };
        table.finish(faults);
    }
    table.finish(faults);
    config
}
