//! `[server.access_log]`

use std::path::{Path, PathBuf};

use crate::config::{fault::Faults, reader::Table};

/// `[server.access_log]`: a line per request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessLogConfig {
    /// `path`: absolute here; `None` for `"-"`, the standard output.
    pub path: Option<PathBuf>,
    /// `format`
    pub format: LogFormat,
    /// `addresses`
    pub addresses: LogAddresses,
    /// `sample_304`: one of so many answers 304 is written; 1, the default, for all.
    pub sample_304: usize,
}

/// How a line is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// `"json"`: an object per line.
    #[default]
    Json,
    /// `"combined"`: as Apache and nginx write it and GoAccess reads it.
    Combined,
}

/// How much of a client's address is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LogAddresses {
    /// `"full"`
    #[default]
    Full,
    /// `"network"`: the /24 of IPv4 or the /48 of IPv6 that it lies in.
    Network,
    /// `"none"`
    None,
}

const FORMATS: [(&str, LogFormat); 2] =
    [("json", LogFormat::Json), ("combined", LogFormat::Combined)];

const ADDRESSES: [(&str, LogAddresses); 3] = [
    ("full", LogAddresses::Full),
    ("network", LogAddresses::Network),
    ("none", LogAddresses::None),
];

/// Reads `[server.access_log]`.
pub(super) fn read(
    server: &mut Table<'_>,
    faults: &mut Faults,
    root: &Path,
) -> Option<AccessLogConfig> {
    let mut table = server.table(faults, "access_log")?;
    let path = table.required_text(faults, "path", "access.log");
    let config = AccessLogConfig {
        path: path
            .map(|text| text.value)
            .filter(|path| *path != "-")
            .map(|path| root.join(path)),
        format: table.choice(faults, "format", &FORMATS).unwrap_or_default(),
        addresses: table
            .choice(faults, "addresses", &ADDRESSES)
            .unwrap_or_default(),
        sample_304: table.integer(faults, "sample_304", 1..=1_000_000, 1),
    };
    table.finish(faults);
    Some(config)
}
