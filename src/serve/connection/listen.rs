//! The sockets that connections come from.

use std::{
    fs, io,
    net::SocketAddr,
    os::{
        fd::AsFd as _,
        unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _},
    },
    path::{Path, PathBuf},
    sync::Arc,
};

use listenfd::ListenFd;
use nix::unistd::Group;
use tokio::net::{TcpListener, TcpSocket, UnixListener};

use crate::config::{Listen, ListenAddress, ServerConfig};

/// Sockets that are listened on. Unix sockets are removed when it is dropped.
#[derive(Debug)]
pub struct Listeners(pub(super) Vec<Listener>);

/// One of them, and how its connections speak.
#[derive(Debug)]
pub(super) struct Listener {
    address: ListenAddress,
    pub(super) socket: Socket,
    pub(super) h2c: bool,
    pub(super) proxy_protocol: bool,
}

#[derive(Debug)]
pub(super) enum Socket {
    Tcp(TcpListener),
    /// With its file, unless that is someone else's to remove.
    Unix(UnixListener, Option<Arc<SocketFile>>),
}

/// What cannot be listened on, why, and what to do.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {reason}\nhelp: {help}")]
pub struct ListenError {
    address: ListenAddress,
    reason: String,
    help: &'static str,
}

impl Listeners {
    /// Binds every address of `listen`. To be called on a runtime.
    ///
    /// # Errors
    /// The first that cannot be bound; none is kept then.
    pub fn bind(config: &ServerConfig) -> Result<Self, ListenError> {
        Self(Vec::new()).rebind(config)
    }

    /// Binds every address of another configuration. What is bound here already is shared,
    /// so that no connection is refused while one takes over from the other.
    ///
    /// # Errors
    /// The first that cannot be bound; nothing has changed then.
    pub fn rebind(&self, config: &ServerConfig) -> Result<Self, ListenError> {
        let mut inherited = ListenFd::from_env();
        let mut listeners = Vec::with_capacity(config.listen.len());
        for listen in &config.listen {
            let kept: Vec<_> = self.at(&listen.address).collect();
            let sockets = match &listen.address {
                _ if !kept.is_empty() => kept,
                ListenAddress::Tcp(address) => vec![tcp(*address)],
                ListenAddress::Unix(path) => vec![unix(path, listen)],
                ListenAddress::Inherited(index) => inherit(&mut inherited, *index),
            };
            for socket in sockets {
                listeners.push(Listener {
                    address: listen.address.clone(),
                    socket: socket.map_err(|refusal| refusal.at(&listen.address))?,
                    h2c: listen.h2c,
                    proxy_protocol: listen.proxy_protocol,
                });
            }
        }
        Ok(Self(listeners))
    }

    /// The same sockets once more, to serve from while these are kept.
    ///
    /// # Errors
    /// What the system says; it may have no descriptor left.
    pub fn share(&self) -> Result<Self, ListenError> {
        let share = |listener: &Listener| {
            let socket = listener.socket.share();
            Ok(Listener {
                address: listener.address.clone(),
                socket: socket.map_err(|refusal| refusal.at(&listener.address))?,
                h2c: listener.h2c,
                proxy_protocol: listener.proxy_protocol,
            })
        };
        self.0.iter().map(share).collect::<Result<_, _>>().map(Self)
    }

    /// The sockets of one address, shared.
    fn at(&self, address: &ListenAddress) -> impl Iterator<Item = Result<Socket, Refusal>> {
        let same = self
            .0
            .iter()
            .filter(move |listener| listener.address == *address);
        same.map(|listener| listener.socket.share())
    }

    /// Where the server can be reached: `http://127.0.0.1:8080` or `unix:/run/…`.
    #[must_use]
    pub fn addresses(&self) -> Vec<String> {
        let name = |listener: &Listener| match &listener.socket {
            Socket::Tcp(socket) => socket.local_addr().map_or_else(
                |_| "http://?".to_owned(),
                |address| format!("http://{address}"),
            ),
            Socket::Unix(socket, _) => {
                let address = socket.local_addr().ok();
                let bound = address.as_ref().and_then(|address| address.as_pathname());
                let file = match &listener.socket {
                    Socket::Unix(_, Some(file)) => Some(file.path.as_path()),
                    _ => bound,
                };
                file.map_or_else(
                    || "unix:?".to_owned(),
                    |path| format!("unix:{}", path.display()),
                )
            }
        };
        self.0.iter().map(name).collect()
    }
}

impl Socket {
    fn share(&self) -> Result<Self, Refusal> {
        let shared = match self {
            Self::Tcp(socket) => socket
                .as_fd()
                .try_clone_to_owned()
                .and_then(|socket| TcpListener::from_std(socket.into()))
                .map(Self::Tcp),
            Self::Unix(socket, file) => socket
                .as_fd()
                .try_clone_to_owned()
                .and_then(|socket| UnixListener::from_std(socket.into()))
                .map(|socket| Self::Unix(socket, file.clone())),
        };
        shared.map_err(|error| Refusal(error.to_string(), "raise the limit of descriptors"))
    }
}

/// A reason and a remedy, before it is known for which address.
struct Refusal(String, &'static str);

impl Refusal {
    fn at(self, address: &ListenAddress) -> ListenError {
        ListenError {
            address: address.clone(),
            reason: self.0,
            help: self.1,
        }
    }
}

const OTHER: &str = "choose another with --listen ADDR, or in server.listen";

/// How many new connections the kernel keeps until they are accepted. A crowd that comes at
/// once must not have to ask again, which takes a second; the kernel has a limit of its own.
const BACKLOG: u32 = 4096;

fn tcp(address: SocketAddr) -> Result<Socket, Refusal> {
    let bound = || {
        let socket = if address.is_ipv4() {
            TcpSocket::new_v4()?
        } else {
            TcpSocket::new_v6()?
        };
        // A restart must not wait for connections of the process before it to time out.
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        socket.listen(BACKLOG)
    };
    bound()
        .map(Socket::Tcp)
        .map_err(|error: io::Error| Refusal(error.to_string(), OTHER))
}

/// The sockets that the service manager opened, by the protocol of systemd.
fn inherit(sockets: &mut ListenFd, index: Option<usize>) -> Vec<Result<Socket, Refusal>> {
    let help = "start it by a socket unit, or listen on an address";
    let indices = index.map_or(0..sockets.len(), |index| index..index + 1);
    if indices.is_empty() || indices.end > sockets.len() {
        let reason = match sockets.len() {
            0 => "no socket was passed on".to_owned(),
            count => format!("only {count} sockets were passed on"),
        };
        return vec![Err(Refusal(reason, help))];
    }
    let take = |index| {
        let taken = take(sockets, index);
        taken.unwrap_or_else(|error| {
            let reason = format!("socket {index} cannot be used: {error}");
            Err(Refusal(
                reason,
                "pass on a listening stream socket, and each once",
            ))
        })
    };
    indices.map(take).collect()
}

fn take(sockets: &mut ListenFd, index: usize) -> io::Result<Result<Socket, Refusal>> {
    let gone = || io::Error::other("it is taken already");
    // One is tried after the other: the crate gives a socket back that is of another kind.
    if let Ok(socket) = sockets.take_tcp_listener(index) {
        let socket = socket.ok_or_else(gone)?;
        socket.set_nonblocking(true)?;
        return Ok(Ok(Socket::Tcp(TcpListener::from_std(socket)?)));
    }
    let socket = sockets.take_unix_listener(index)?.ok_or_else(gone)?;
    socket.set_nonblocking(true)?;
    Ok(Ok(Socket::Unix(UnixListener::from_std(socket)?, None)))
}

/// Listens on a path. The socket is made beside it, given its mode and group, and only then
/// put in its place: at no time can anyone connect who should not, and one left behind by a
/// process that is gone is replaced in the same step.
fn unix(path: &Path, listen: &Listen) -> Result<Socket, Refusal> {
    check_free(path)?;
    let group = match &listen.group {
        Some(name) => Some(group(name)?),
        None => None,
    };
    let folder = path.parent().unwrap_or(Path::new("/"));
    let refusal = |error: io::Error| {
        let help = "see that the folder exists and that this user may write in it";
        Refusal(error.to_string(), help)
    };
    let beside = folder.join(format!(".dateline-{}.sock", std::process::id()));
    let _ = fs::remove_file(&beside);
    let socket = UnixListener::bind(&beside).map_err(refusal)?;
    let placed = fs::set_permissions(&beside, fs::Permissions::from_mode(listen.mode))
        .and_then(|()| std::os::unix::fs::chown(&beside, None, group))
        .and_then(|()| fs::rename(&beside, path))
        .and_then(|()| SocketFile::at(path));
    match placed {
        Ok(file) => Ok(Socket::Unix(socket, Some(Arc::new(file)))),
        Err(error) => {
            let _ = fs::remove_file(&beside);
            Err(refusal(error))
        }
    }
}

/// Refuses a path where something is that must not be replaced.
fn check_free(path: &Path) -> Result<(), Refusal> {
    let Ok(found) = fs::symlink_metadata(path) else {
        return Ok(());
    };
    if !found.file_type().is_socket() {
        let help = "choose another path, or move what is there";
        return Err(Refusal(
            "there is something that is no socket".to_owned(),
            help,
        ));
    }
    match std::os::unix::net::UnixStream::connect(path) {
        // Nobody listens: it was left behind.
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Ok(()),
        _ => {
            let help = "stop the program that listens there, or choose another path";
            Err(Refusal("the socket is in use".to_owned(), help))
        }
    }
}

fn group(name: &str) -> Result<u32, Refusal> {
    if let Ok(number) = name.parse() {
        return Ok(number);
    }
    match Group::from_name(name) {
        Ok(Some(group)) => Ok(group.gid.as_raw()),
        _ => Err(Refusal(
            format!("there is no group {name:?}"),
            "write a group of this machine, or its number",
        )),
    }
}

/// The file of a Unix socket, removed when this is dropped, if it is still the same.
#[derive(Debug)]
pub(super) struct SocketFile {
    path: PathBuf,
    identity: (u64, u64),
}

impl SocketFile {
    fn at(path: &Path) -> io::Result<Self> {
        let found = fs::symlink_metadata(path)?;
        Ok(Self {
            path: path.to_owned(),
            identity: (found.dev(), found.ino()),
        })
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        let same = Self::at(&self.path).is_ok_and(|now| {
            let identity = now.identity;
            // Not to be dropped, or it would do this again.
            std::mem::forget(now);
            identity == self.identity
        });
        if same {
            let _ = fs::remove_file(&self.path);
        }
    }
}
