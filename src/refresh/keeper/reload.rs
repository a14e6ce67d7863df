//! A configuration that was changed while the server runs.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::{Keeper, Proposal, beside::blocking, listen, open, watch};
use crate::{
    article::Timestamp,
    config::Config,
    refresh::{Refresher, Workshop},
};

impl Keeper {
    /// Takes over a changed configuration, if it is sound and its listeners can be had. Says
    /// whether there is another one in force now.
    pub(super) async fn reload(&mut self) -> bool {
        match self.propose().await {
            Ok(None) => {
                self.board.update(|standing| standing.refused = None);
                false
            }
            Ok(Some((config, refresher))) => {
                self.source = open(&config);
                self.workshop = Arc::new(Workshop::new(Arc::clone(&config)));
                self.config = config;
                self.refresher = Some(refresher);
                self.listening = listen(&*self.source, &self.nudge);
                self.watch = watch(&self.config, &*self.source, &self.nudge);
                self.backoff.reset();
                let now = Timestamp::now();
                self.board.update(|standing| {
                    standing.configured = now;
                    standing.refused = None;
                });
                self.describe();
                tracing::info!(file = %self.config.file.display(), "reloaded: the configuration");
                true
            }
            Err(reason) => {
                let now = Timestamp::now();
                self.board
                    .update(|standing| standing.refused = Some((now, reason.clone())));
                let file = self.config.file.display();
                tracing::error!(
                    %file,
                    "refused: the new configuration; the one before stays in force\n{reason}"
                );
                false
            }
        }
    }

    /// The configuration that stands in the file, if it is another one, with a store and
    /// listeners that go with it.
    pub(super) async fn propose(&mut self) -> Result<Option<(Arc<Config>, Refresher)>, String> {
        let load = Arc::clone(&self.load);
        let loaded = blocking(move || load()).await?;
        let config = loaded.map_err(|error| error.render(false))?;
        if config == *self.config {
            return Ok(None);
        }
        let config = Arc::new(config);
        let (shared, progress) = (Arc::clone(&config), self.board.progress());
        let opened = blocking(move || Refresher::open(&shared, progress, Timestamp::now())).await?;
        let refresher = opened.map_err(|error| error.to_string())?.refresher;
        let (answer, answered) = oneshot::channel();
        let shared = Arc::clone(&config);
        let proposal = Proposal {
            config: shared,
            answer,
        };
        let gone = |_| "the process is about to end".to_owned();
        self.proposals.send(proposal).await.map_err(|_| gone(()))?;
        answered.await.map_err(|_| gone(()))??;
        Ok(Some((config, refresher)))
    }
}
