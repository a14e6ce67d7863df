//! Opens connections: looks a name up, checks what comes, and dials exactly that.
//!
//! A resolver that is guarded would not do: the usual connector passes it by where the host is
//! an address, and a name may be looked up twice with two answers (DNS rebinding).

use std::{
    future::Future,
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use hyper::Uri;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower_service::Service;

use super::Rules;

/// For one address; the next one of the same name is tried then.
const CONNECT: Duration = Duration::from_secs(5);

/// A step that is being waited for.
pub type Step<'a, T> = Pin<Box<dyn Future<Output = io::Result<T>> + Send + 'a>>;

/// What names mean, and how a connection is opened.
pub trait Network: Send + Sync {
    /// Every address of a host.
    fn resolve<'a>(&'a self, host: &'a str) -> Step<'a, Vec<IpAddr>>;

    /// A connection to exactly this address.
    fn connect(&self, address: SocketAddr) -> Step<'_, TcpStream>;
}

/// The machine's own.
#[derive(Debug, Clone, Copy)]
pub struct System;

impl Network for System {
    fn resolve<'a>(&'a self, host: &'a str) -> Step<'a, Vec<IpAddr>> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((host, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }

    fn connect(&self, address: SocketAddr) -> Step<'_, TcpStream> {
        Box::pin(TcpStream::connect(address))
    }
}

/// Dials for the HTTP client.
#[derive(Clone)]
pub struct Dialer {
    /// `None`: wherever it is told to.
    rules: Option<Arc<Rules>>,
    network: Arc<dyn Network>,
}

impl Dialer {
    pub(super) fn new(rules: Option<Rules>, network: Arc<dyn Network>) -> Self {
        let rules = rules.map(Arc::new);
        Self { rules, network }
    }

    async fn dial(self, uri: Uri) -> io::Result<TcpStream> {
        let host = uri.host().unwrap_or_default();
        let port = uri.port_u16().unwrap_or(match uri.scheme_str() {
            Some("https") => 443,
            _ => 80,
        });
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let addresses = match bare.parse::<IpAddr>() {
            Ok(address) => vec![address],
            Err(_) => self.network.resolve(bare).await?,
        };
        let mut fault = io::Error::other("the name has no address");
        for address in addresses {
            let rules = self.rules.as_deref();
            if let Some(refusal) = rules.and_then(|rules| rules.refuse(address, port)) {
                fault = io::Error::new(io::ErrorKind::PermissionDenied, refusal);
                continue;
            }
            let address = SocketAddr::new(address, port);
            match tokio::time::timeout(CONNECT, self.network.connect(address)).await {
                Ok(Ok(stream)) => {
                    stream.set_nodelay(true)?;
                    return Ok(stream);
                }
                Ok(Err(error)) => fault = error,
                Err(_) => fault = io::Error::other("no connection within 5 seconds"),
            }
        }
        Err(fault)
    }
}

impl Service<Uri> for Dialer {
    type Response = TokioIo<TcpStream>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<TokioIo<TcpStream>>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let dialer = self.clone();
        Box::pin(async move { dialer.dial(uri).await.map(TokioIo::new) })
    }
}
