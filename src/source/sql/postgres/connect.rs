//! Connections to PostgreSQL.

use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio_postgres::{Client, Config, Connection, Socket, config::SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::words;
use crate::{
    config::{DatabaseServerConfig, DatabaseTls},
    source::sql::{
        database::{Trouble, TroubleKind},
        tls,
    },
};

/// From the first name looked up to the last step of the handshake.
const DEADLINE: Duration = Duration::from_secs(5);
/// For how long what was sent may be unanswered by the other side's kernel: a network that
/// swallows everything is not waited for.
const UNANSWERED: Duration = Duration::from_secs(10);
const SILENCE: Duration = Duration::from_secs(5);
const PROBES: Duration = Duration::from_secs(2);

/// Where a server without a host in its URL has its socket, on Debian and by default in
/// many builds.
const SOCKETS: &str = "/var/run/postgresql";

/// A connection that is driven by the returned runtime, while one waits on it.
pub(super) fn connect(config: &DatabaseServerConfig) -> Result<(Runtime, Client), Trouble> {
    let runtime = runtime()?;
    let (client, connection) = runtime.block_on(dial(config))?;
    runtime.spawn(async move {
        // What ends it is told to whoever waits for an answer.
        let _ = connection.await;
    });
    Ok((runtime, client))
}

pub(super) fn runtime() -> Result<Runtime, Trouble> {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Trouble::new(TroubleKind::Other, format!("cannot be asked: {error}")))
}

type Dialled = (
    Client,
    Connection<Socket, <MakeRustlsConnect as tokio_postgres::tls::MakeTlsConnect<Socket>>::Stream>,
);

pub(super) async fn dial(config: &DatabaseServerConfig) -> Result<Dialled, Trouble> {
    let settings = settings(config)?;
    let tls = tls::client(config.tls, config.tls_ca.as_deref())?;
    let dialling = settings.connect(MakeRustlsConnect::new(tls));
    match tokio::time::timeout(DEADLINE, dialling).await {
        Ok(dialled) => dialled.map_err(|error| words::trouble(&error, DEADLINE)),
        Err(_) => Err(Trouble::silent(DEADLINE)),
    }
}

fn settings(config: &DatabaseServerConfig) -> Result<Config, Trouble> {
    // Those words are ours, and more than the library has.
    let mut url = config.url.secret().clone();
    let kept: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(key, _)| !matches!(&**key, "sslmode" | "sslrootcert"))
        .map(|(key, value)| (key.into_owned(), value.into_owned()))
        .collect();
    url.set_query(None);
    if !kept.is_empty() {
        url.query_pairs_mut().extend_pairs(kept);
    }
    let mut settings: Config = url
        .as_str()
        .parse()
        .map_err(|error: tokio_postgres::Error| {
            let text = format!("has a url that cannot be used: {}", words::chain(&error));
            Trouble::new(TroubleKind::Missing, text)
        })?;
    if settings.get_hosts().is_empty() {
        settings.host_path(SOCKETS);
    }
    if let Some(password) = config.password()? {
        settings.password(password);
    }
    settings
        .application_name("dateline")
        .ssl_mode(match config.tls {
            DatabaseTls::Disable => SslMode::Disable,
            _ => SslMode::Require,
        })
        .connect_timeout(DEADLINE)
        .tcp_user_timeout(UNANSWERED)
        .keepalives_idle(SILENCE)
        .keepalives_interval(PROBES)
        .keepalives_retries(2);
    Ok(settings)
}
