//! `dateline serve`.

use std::path::{Path, PathBuf};

use super::{ServeArgs, Status, setup};
use crate::{
    config::{self, Config, ConfigError, Listen, ListenAddress},
    process::{
        self,
        logs::{Format, Logs},
    },
};

pub(super) fn run(file: &Path, args: &ServeArgs) -> Status {
    let config = match load(file, args) {
        Ok(config) => config,
        Err(error) => return setup::refuse(&error),
    };
    // Held until the end, when what is still queued is written.
    let logs = Logs::begin(args.log.unwrap_or_else(Format::fitting));
    let again = (PathBuf::from(file), args.clone());
    let load = Box::new(move || load(&again.0, &again.1));
    match process::run(config, load, &logs) {
        Ok(()) => Status::Good,
        Err(reason) => {
            tracing::error!("{reason}");
            Status::Failed
        }
    }
}

/// The configuration, with what the command line says over it.
fn load(file: &Path, args: &ServeArgs) -> Result<Config, ConfigError> {
    let mut config = config::load(file)?;
    if let Some(listen) = args.listen {
        config.server.listen = vec![Listen::on(ListenAddress::Tcp(listen))];
    }
    Ok(config)
}
