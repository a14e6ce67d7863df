//! `dateline refresh`: asks the running server to read its origin now.

use std::path::Path;

use super::{Status, console, setup};
use crate::admin::client::{self, Reply};

pub(super) fn run(file: &Path) -> Status {
    let config = match setup::load(file) {
        Ok(config) => config,
        Err(status) => return status,
    };
    let Some(admin) = &config.admin else {
        console::say(
            "There is no [admin] listener to ask.\n\
             help: add [admin] with listen = \"unix:admin.sock\", or send SIGHUP",
        );
        return Status::Failed;
    };
    match client::refresh(admin) {
        Ok(Reply { status: 200, text }) => {
            console::write(format!("{text}\n").as_bytes(), Status::Good)
        }
        Ok(Reply { status, text }) => {
            console::say(&text);
            let ran = matches!(status, 409 | 502);
            if ran { Status::Faults } else { Status::Failed }
        }
        Err(error) => {
            console::say(&format!(
                "the server cannot be reached: {error}\nhelp: is it running?"
            ));
            Status::Failed
        }
    }
}
