//! The public side over the life of the process. A listener that a new configuration keeps is
//! never closed, so that no connection is refused while it changes.

use std::sync::Arc;

use tokio::{sync::watch, task::JoinHandle};

use crate::{
    config::ServerConfig,
    serve::{self, Current, Front, Listeners},
};

/// The sockets, and the server that takes connections from them.
pub(super) struct Public {
    config: ServerConfig,
    /// Kept for the one that comes after.
    listeners: Listeners,
    front: Arc<Front>,
    running: Option<Running>,
}

struct Running {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Public {
    /// Binds every address. Connections wait in the kernel's queue until [`Self::open`].
    pub(super) fn bind(config: &ServerConfig, current: Current) -> Result<Self, String> {
        let listeners = Listeners::bind(config).map_err(|error| error.to_string())?;
        let front = Front::open(config, current, complain).map_err(|error| no_log(&error))?;
        Ok(Self {
            config: config.clone(),
            listeners,
            front,
            running: None,
        })
    }

    /// Begins to answer.
    pub(super) fn open(&mut self) -> Result<(), String> {
        self.running = Some(start(&self.listeners, &self.front)?);
        Ok(())
    }

    /// Where the server is.
    pub(super) fn addresses(&self) -> Vec<String> {
        self.listeners.addresses()
    }

    /// How many connections at once the configuration allows.
    pub(super) const fn wanted(&self) -> usize {
        self.config.limits.connections
    }

    /// What answers.
    pub(super) const fn front(&self) -> &Arc<Front> {
        &self.front
    }

    /// Takes over another configuration. Sockets that are in both stay open throughout; on
    /// an error nothing has changed.
    pub(super) fn adopt(&mut self, config: &ServerConfig) -> Result<(), String> {
        if *config == self.config {
            return Ok(());
        }
        let listeners = self
            .listeners
            .rebind(config)
            .map_err(|error| error.to_string())?;
        let front = self.front.succeed(config).map_err(|error| no_log(&error))?;
        if let Some(before) = &self.running {
            // Both take connections for a moment; none is lost between them.
            let running = start(&listeners, &front)?;
            let _ = before.stop.send(true);
            self.running = Some(running);
        }
        self.listeners = listeners;
        self.front = front;
        self.config = config.clone();
        Ok(())
    }

    /// Takes no more connections, and waits until requests already begun are answered.
    pub(super) async fn close(self) -> Result<(), String> {
        drop(self.listeners);
        let Some(Running { stop, task }) = self.running else {
            return Ok(());
        };
        let _ = stop.send(true);
        task.await
            .map_err(|error| format!("the server failed: {error}"))
    }
}

fn start(listeners: &Listeners, front: &Arc<Front>) -> Result<Running, String> {
    let listeners = listeners.share().map_err(|error| error.to_string())?;
    let (stop, stopped) = watch::channel(false);
    let task = tokio::spawn(serve::serve(listeners, Arc::clone(front), stopped));
    Ok(Running { stop, task })
}

fn no_log(error: &std::io::Error) -> String {
    format!("the access log cannot be opened: {error}")
}

fn complain(message: &str) {
    tracing::warn!("{message}");
}
