//! Where the operator's listener is.

use std::{
    fs, io,
    os::unix::fs::{FileTypeExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, UnixListener, UnixStream},
};

use crate::config::AdminAddress;

/// For the owner and the group.
const MODE: u32 = 0o660;

/// A bound listener. One in the file system is removed with it.
#[derive(Debug)]
pub enum Socket {
    /// On an address and a port.
    Tcp(TcpListener),
    /// In the file system.
    Unix(UnixListener, PathBuf),
}

/// A connection of either kind.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

impl Socket {
    /// Binds the listener. A socket that a process left behind when it was killed is
    /// replaced; one that somebody still listens on is not.
    ///
    /// # Errors
    /// What the system says, for people.
    pub async fn bind(address: &AdminAddress) -> Result<Self, String> {
        match address {
            AdminAddress::Tcp(address) => TcpListener::bind(address)
                .await
                .map(Self::Tcp)
                .map_err(|error| format!("cannot listen on {address}: {error}; see [admin]")),
            AdminAddress::Unix(path) => bind_unix(path)
                .await
                .map(|listener| Self::Unix(listener, path.clone()))
                .map_err(|error| {
                    format!(
                        "cannot listen on unix:{}: {error}; see [admin]",
                        path.display()
                    )
                }),
        }
    }

    /// Where it is, for people and for `curl`.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Tcp(listener) => listener
                .local_addr()
                .map_or_else(|_| String::new(), |address| format!("http://{address}")),
            Self::Unix(_, path) => format!("unix:{}", path.display()),
        }
    }

    pub(super) async fn accept(&self) -> io::Result<Box<dyn Stream>> {
        Ok(match self {
            Self::Tcp(listener) => Box::new(listener.accept().await?.0),
            Self::Unix(listener, _) => Box::new(listener.accept().await?.0),
        })
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if let Self::Unix(_, path) = self {
            let _ = fs::remove_file(path);
        }
    }
}

async fn bind_unix(path: &Path) -> io::Result<UnixListener> {
    let is_socket = fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_socket());
    if is_socket && UnixStream::connect(path).await.is_err() {
        fs::remove_file(path)?;
    }
    let listener = UnixListener::bind(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(MODE))?;
    Ok(listener)
}
