//! `[server]`, `[store]` and `[dates]`

mod legacy;
mod limits;
mod listen;
mod log;

pub use legacy::{Legacy, Redirect, Target};
pub use limits::Limits;
pub use listen::{Listen, ListenAddress};
pub use log::{AccessLogConfig, LogAddresses, LogFormat};

use std::path::Path;

use ipnet::IpNet;

use super::{
    DatesConfig, StoreConfig,
    fault::Faults,
    reader::{Table, Text, quoted},
};
use crate::dates::{Guards, Trust};

const TRUST: [(&str, Trust); 2] = [("content", Trust::Content), ("declared", Trust::Declared)];

/// `[server]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerConfig {
    /// `listen`: one address or several; `127.0.0.1:8080` by default.
    pub listen: Vec<Listen>,
    /// `trusted_proxies`: whose word on a client's address is taken; nobody's by default.
    pub trusted_proxies: TrustedProxies,
    /// `[server.limits]`
    pub limits: Limits,
    /// `aliases`, `redirect` and `gone`
    pub legacy: Legacy,
    /// `[server.access_log]`; none by default.
    pub access_log: Option<AccessLogConfig>,
}

/// Who may say on whose behalf a request comes, and how.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies {
    /// Networks of proxies.
    pub networks: Vec<IpNet>,
    /// `"unix"`: whoever may connect to a Unix socket.
    pub unix: bool,
    /// `client_field`
    pub field: ClientField,
}

/// The one field in which proxies name the client. Only one is read: a proxy that writes
/// one lets the other through as the client sent it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ClientField {
    /// `"x-forwarded-for"`
    #[default]
    XForwardedFor,
    /// `"forwarded"` (RFC 7239)
    Forwarded,
}

const CLIENT_FIELDS: [(&str, ClientField); 2] = [
    ("x-forwarded-for", ClientField::XForwardedFor),
    ("forwarded", ClientField::Forwarded),
];

/// Reads `[server]`. `root` is the folder that paths are relative to.
pub(super) fn read(document: &mut Table<'_>, faults: &mut Faults, root: &Path) -> ServerConfig {
    let mut config = ServerConfig {
        listen: vec![Listen::default()],
        trusted_proxies: TrustedProxies::default(),
        limits: Limits::default(),
        legacy: Legacy::default(),
        access_log: None,
    };
    let Some(mut table) = document.table(faults, "server") else {
        return config;
    };
    config.trusted_proxies = trusted_proxies(&mut table, faults);
    if let Some(listen) = listen::read(&mut table, faults, root, &config.trusted_proxies) {
        config.listen = listen;
    }
    config.limits = limits::read(&mut table, faults);
    config.legacy = legacy::read(&mut table, faults);
    config.access_log = log::read(&mut table, faults, root);
    table.finish(faults);
    config
}

fn trusted_proxies(table: &mut Table<'_>, faults: &mut Faults) -> TrustedProxies {
    let mut trusted = TrustedProxies::default();
    let texts = table.texts(faults, "trusted_proxies", "10.0.0.0/8");
    for text in texts.unwrap_or_default() {
        match network(&text) {
            Some(network) => trusted.networks.push(network),
            None if text.value == "unix" => trusted.unix = true,
            None => {
                let message = format!(
                    "server.trusted_proxies: {} is not a network",
                    quoted(text.value)
                );
                let help = "write one as \"10.0.0.0/8\", an address, or \"unix\" for Unix sockets";
                faults.add(text.span, message, help);
            }
        }
    }
    trusted.field = table
        .choice(faults, "client_field", &CLIENT_FIELDS)
        .unwrap_or_default();
    trusted
}

/// A network, or a single address as one.
fn network(text: &Text<'_>) -> Option<IpNet> {
    let single = || {
        text.value
            .parse()
            .ok()
            .map(|address: std::net::IpAddr| address.into())
    };
    text.value.parse().ok().or_else(single)
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
