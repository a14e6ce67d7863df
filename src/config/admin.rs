//! `[admin]`

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use super::{
    fault::Faults,
    reader::{Table, Text, quoted},
};

const LISTEN: &str = "127.0.0.1:9180";
/// Before the path of a Unix socket.
const UNIX: &str = "unix:";
/// A shorter one can be guessed.
const TOKEN_CHARS: usize = 16;

/// `[admin]`: the operator's own listener, which is off without it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminConfig {
    /// `listen`
    pub listen: AdminAddress,
    /// `token`, or what stands in `token_file`: what an operator must show.
    pub token: Option<String>,
}

/// Where the operator's listener is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AdminAddress {
    /// An address and a port.
    Tcp(SocketAddr),
    /// `unix:PATH`: a socket in the file system, for its owner and group alone.
    Unix(PathBuf),
}

impl AdminAddress {
    /// Whether nobody on another machine can reach it.
    #[must_use]
    pub const fn is_local(&self) -> bool {
        match self {
            Self::Tcp(address) => address.ip().is_loopback(),
            Self::Unix(_) => true,
        }
    }
}

/// Reads `[admin]`. `root` is the folder that paths are relative to.
pub(super) fn read(
    document: &mut Table<'_>,
    faults: &mut Faults,
    root: &Path,
) -> Option<AdminConfig> {
    let mut table = document.table(faults, "admin")?;
    let text = table.required_text(faults, "listen", LISTEN);
    let listen = text.as_ref().and_then(|text| address(text, faults, root));
    let token = token(&mut table, faults, root);
    let listen = listen.filter(|listen| {
        let is_open = !listen.is_local() && !table.has("token") && !table.has("token_file");
        if let (true, Some(text)) = (is_open, text) {
            faults.add(
                text.span,
                format!(
                    "admin.listen: {} can be reached from outside, and there is no token",
                    quoted(text.value)
                ),
                format!(
                    "add token_file = \"admin.token\", or listen on {}",
                    quoted(LISTEN)
                ),
            );
        }
        !is_open
    });
    table.finish(faults);
    Some(AdminConfig {
        listen: listen?,
        token,
    })
}

fn address(text: &Text<'_>, faults: &mut Faults, root: &Path) -> Option<AdminAddress> {
    let raw = text.value.trim();
    match raw.strip_prefix(UNIX) {
        Some("") => {}
        Some(path) => return Some(AdminAddress::Unix(root.join(path))),
        None => {
            if let Ok(address) = raw.parse() {
                return Some(AdminAddress::Tcp(address));
            }
        }
    }
    faults.add(
        text.span.clone(),
        format!("admin.listen: {} is not an address", quoted(raw)),
        format!(
            "write for example {} or \"unix:admin.sock\"",
            quoted(LISTEN)
        ),
    );
    None
}

fn token(table: &mut Table<'_>, faults: &mut Faults, root: &Path) -> Option<String> {
    let text = table.text(faults, "token", "a long random text");
    let file = table.text(faults, "token_file", "admin.token");
    let (token, span) = match (text, file) {
        (Some(_), Some(file)) => {
            let message = "there are both admin.token and admin.token_file";
            faults.add(file.span, message, "keep one of them");
            return None;
        }
        (Some(text), None) => (text.value.to_owned(), text.span),
        (None, Some(file)) => match std::fs::read_to_string(root.join(file.value)) {
            Ok(token) => (token.trim().to_owned(), file.span),
            Err(error) => {
                let message = format!("admin.token_file cannot be read: {error}");
                let help = "make it with: openssl rand -hex 32 > admin.token";
                faults.add(file.span, message, help);
                return None;
            }
        },
        (None, None) => return None,
    };
    let fits = token.chars().all(|char| char.is_ascii_graphic()) && token.len() >= TOKEN_CHARS;
    if !fits {
        let message =
            format!("the token of [admin] must be {TOKEN_CHARS} visible ASCII characters or more");
        faults.add(span, message, "make one with: openssl rand -hex 32");
    }
    fits.then_some(token)
}
