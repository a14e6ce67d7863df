//! `LISTEN`: PostgreSQL tells when something was written.

use std::{
    future::poll_fn,
    time::{Duration, SystemTime},
};

use tokio::{runtime::Runtime, sync::mpsc};
use tokio_postgres::{AsyncMessage, Client, types::Type};

use super::{connect, quote, words};
use crate::{
    config::DatabaseServerConfig,
    source::sql::database::{Trouble, TroubleKind, Wait},
};

/// How long a sign of life may take.
const PATIENCE: Duration = Duration::from_secs(5);

const POOLED: &str = "is behind a pooler in transaction mode, where nobody hears a NOTIFY: it is \
                      asked at each interval instead; let url lead to the server itself, or to a \
                      pool in session mode";

struct PostgresWait {
    runtime: Runtime,
    client: Client,
    heard: mpsc::UnboundedReceiver<String>,
    deaf: Option<String>,
}

/// Connects, and listens on the channel where the configuration names one.
pub(super) fn listen(config: &DatabaseServerConfig) -> Result<Box<dyn Wait>, Trouble> {
    let runtime = connect::runtime()?;
    let (client, mut connection) = runtime.block_on(connect::dial(config))?;
    let (hear, heard) = mpsc::unbounded_channel();
    runtime.spawn(async move {
        // Its end is the end of what is heard.
        while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
            if let AsyncMessage::Notification(notification) = message {
                let _ = hear.send(notification.channel().to_owned());
            }
        }
    });
    let mut wait = PostgresWait {
        runtime,
        client,
        heard,
        deaf: None,
    };
    if let Some(channel) = &config.listen {
        wait.deaf = wait.try_out(config, channel)?;
    }
    Ok(Box::new(wait))
}

impl PostgresWait {
    /// Listens on `channel`, and on one of our own, on which another connection of ours
    /// speaks. Returns why nothing will be heard, if so.
    fn try_out(
        &mut self,
        config: &DatabaseServerConfig,
        channel: &str,
    ) -> Result<Option<String>, Trouble> {
        let own = own_channel();
        let sql = format!("LISTEN {}", quote(channel));
        if let Err(trouble) = self.run(&sql) {
            // A standby has nobody to listen to.
            return match trouble.kind {
                TroubleKind::Unreachable => Err(trouble),
                _ => Ok(Some(format!(
                    "cannot LISTEN, and is asked instead: it {}",
                    trouble.text
                ))),
            };
        }
        self.run(&format!("LISTEN {}", quote(&own)))?;
        let spoken = self.runtime.block_on(async {
            let (client, connection) = connect::dial(config).await?;
            let speaking = async {
                let sql = "SELECT 1 FROM pg_catalog.pg_notify($1, '')";
                client.query_typed(sql, &[(&own, Type::TEXT)]).await?;
                drop(client);
                Ok(())
            };
            let (spoken, _) = tokio::join!(speaking, connection);
            spoken.map_err(|error| words::trouble(&error, PATIENCE))
        });
        spoken?;
        let heard = self.hear(PATIENCE, &own)?;
        self.run(&format!("UNLISTEN {}", quote(&own)))?;
        Ok((!heard).then(|| POOLED.to_owned()))
    }

    fn run(&self, sql: &str) -> Result<(), Trouble> {
        let work = async { tokio::time::timeout(PATIENCE, self.client.batch_execute(sql)).await };
        match self.runtime.block_on(work) {
            Ok(result) => result.map_err(|error| words::trouble(&error, PATIENCE)),
            Err(_) => Err(Trouble::silent(PATIENCE)),
        }
    }

    /// Whether `channel` is heard in so much time. The connection is left alone meanwhile:
    /// through a pooler, what is said on it may bring what was said before.
    fn hear(&mut self, time: Duration, channel: &str) -> Result<bool, Trouble> {
        let heard = &mut self.heard;
        let work = async {
            tokio::time::timeout(time, async {
                while let Some(name) = heard.recv().await {
                    if name == channel {
                        return true;
                    }
                }
                false
            })
            .await
        };
        match self.runtime.block_on(work) {
            Ok(true) => Ok(true),
            Ok(false) => Err(gone()),
            Err(_) => Ok(false),
        }
    }
}

impl Wait for PostgresWait {
    fn wait(&mut self, time: Duration) -> Result<bool, Trouble> {
        let heard = &mut self.heard;
        let work = async { tokio::time::timeout(time, heard.recv()).await };
        match self.runtime.block_on(work) {
            Ok(Some(_)) => {
                while self.heard.try_recv().is_ok() {}
                Ok(true)
            }
            Ok(None) => Err(gone()),
            Err(_) => {
                let alive =
                    async { tokio::time::timeout(PATIENCE, self.client.check_connection()).await };
                match self.runtime.block_on(alive) {
                    Ok(Ok(())) => Ok(false),
                    _ => Err(gone()),
                }
            }
        }
    }

    fn deaf(&self) -> Option<&str> {
        self.deaf.as_deref()
    }
}

fn gone() -> Trouble {
    Trouble::new(TroubleKind::Unreachable, "has gone away")
}

/// A name that nobody else listens to.
fn own_channel() -> String {
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    format!("dateline_{}_{}", std::process::id(), now.as_nanos())
}
