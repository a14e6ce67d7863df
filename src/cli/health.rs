//! `dateline health`: whether the server of this configuration serves, for container
//! platforms that ask by running a command.

use std::{io, path::Path};

use super::{Status, console, setup};
use crate::{
    admin::client::{self, Reply},
    config::{self, AdminConfig, ListenAddress, ServerConfig},
};

pub(super) fn run(file: &Path) -> Status {
    let (admin, server) = match config::load(file) {
        Ok(config) => (config.admin, config.server),
        // A fault in the file is no fault of the server, which serves what stood there before:
        // ended for it, it would not even start.
        Err(error) => match config::listeners(file) {
            Some(listeners) => listeners,
            None => return setup::refuse(&error),
        },
    };
    match ask(admin.as_ref(), &server) {
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
fn ask(admin: Option<&AdminConfig>, server: &ServerConfig) -> io::Result<Reply> {
    if let Some(admin) = admin {
        return client::ready(admin);
    }
    let mut listeners = server.listen.iter().filter(|listen| !listen.proxy_protocol);
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
