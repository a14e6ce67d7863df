//! `dateline health`: whether the server of this configuration serves, for container
//! platforms that ask by running a command.

use std::{io, path::Path};

use super::{Status, console, setup};
use crate::{
    admin::client::{self, Reply},
    config::{Config, ListenAddress},
};

pub(super) fn run(file: &Path) -> Status {
    let config = match setup::load(file) {
        Ok(config) => config,
        Err(status) => return status,
    };
    match ask(&config) {
        Ok(Reply { status: 200, .. }) => Status::Good,
        Ok(Reply { status, text }) => {
            console::say(&format!(
                "not ready: {status} {}",
                text.lines().next().unwrap_or_default()
            ));
            Status::Faults
        }
        Err(error) => {
            console::say(&format!("the server cannot be reached: {error}"));
            Status::Faults
        }
    }
}

/// The operator's listener knows best. Without one, robots.txt is what every site has.
fn ask(config: &Config) -> io::Result<Reply> {
    if let Some(admin) = &config.admin {
        return client::ready(admin);
    }
    let mut listeners = config
        .server
        .listen
        .iter()
        .filter(|listen| !listen.proxy_protocol);
    let asked = listeners.find_map(|listen| match &listen.address {
        ListenAddress::Tcp(address) => Some(client::public(*address, "/robots.txt")),
        ListenAddress::Unix(path) => Some(client::public_socket(path, "/robots.txt")),
        ListenAddress::Inherited(_) => None,
    });
    asked.unwrap_or_else(|| {
        Err(io::Error::other(
            "its listeners cannot be asked; add [admin]",
        ))
    })
}
