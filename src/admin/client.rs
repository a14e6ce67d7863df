//! Asks a running server, for the commands `refresh` and `health`: one request over the
//! operator's listener, without a runtime.

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    os::unix::net::UnixStream,
    path::Path,
    time::Duration,
};

use crate::config::{AdminAddress, AdminConfig};

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// The body, without white space around it.
    pub text: String,
}

/// A probe must fail before who asks for it gives up: 3 s is the least that is usual.
const PROBE: Duration = Duration::from_secs(2);

/// Asks whether the server is ready.
///
/// # Errors
/// What the system says when it cannot be reached.
pub fn ready(admin: &AdminConfig) -> io::Result<Reply> {
    ask(admin, "GET /ready", Some(PROBE))
}

/// Asks a public listener for `path`, for a server without a listener for operators.
///
/// # Errors
/// What the system says when it cannot be reached.
pub fn public(address: SocketAddr, path: &str) -> io::Result<Reply> {
    let mut stream = connect(address, Some(PROBE))?;
    exchange(&mut stream, &format!("GET {path}"), None)
}

/// The same over a socket in the file system.
///
/// # Errors
/// What the system says when it cannot be reached.
pub fn public_socket(socket: &Path, path: &str) -> io::Result<Reply> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(PROBE))?;
    exchange(&mut stream, &format!("GET {path}"), None)
}

/// Orders a refresh and waits for its outcome.
///
/// # Errors
/// What the system says when the server cannot be reached.
pub fn refresh(admin: &AdminConfig) -> io::Result<Reply> {
    ask(admin, "POST /refresh", None)
}

fn ask(admin: &AdminConfig, request: &str, patience: Option<Duration>) -> io::Result<Reply> {
    let token = admin.token.as_deref();
    match &admin.listen {
        AdminAddress::Tcp(address) => exchange(&mut connect(*address, patience)?, request, token),
        AdminAddress::Unix(path) => {
            let mut stream = UnixStream::connect(path)?;
            stream.set_read_timeout(patience)?;
            exchange(&mut stream, request, token)
        }
    }
}

fn connect(mut address: SocketAddr, patience: Option<Duration>) -> io::Result<TcpStream> {
    // A server that listens everywhere is reached here.
    if address.ip().is_unspecified() {
        let here: std::net::IpAddr = match address {
            SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        };
        address.set_ip(here);
    }
    let stream = TcpStream::connect_timeout(&address, PROBE)?;
    stream.set_read_timeout(patience)?;
    Ok(stream)
}

fn exchange(
    stream: &mut (impl Read + Write),
    request: &str,
    token: Option<&str>,
) -> io::Result<Reply> {
    let mut head = format!("{request} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
    if let Some(token) = token {
        head.push_str(&format!("Authorization: Bearer {token}\r\n"));
    }
    head.push_str("Content-Length: 0\r\n\r\n");
    stream.write_all(head.as_bytes())?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let odd = || io::Error::new(io::ErrorKind::InvalidData, "what answers is no HTTP server");
    let (head, body) = text.split_once("\r\n\r\n").ok_or_else(odd)?;
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    Ok(Reply {
        status: status.ok_or_else(odd)?,
        text: body.trim().to_owned(),
    })
}
