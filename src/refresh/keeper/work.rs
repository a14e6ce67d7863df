//! One refresh, from its beginning to what is told of it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    Keeper,
    beside::{blocking, leave_a_processor},
};
use crate::{
    article::Timestamp,
    edition::Edition,
    refresh::{
        Ending, Good, HeldRefresh, Purpose, RefreshError, Refreshed, Refresher, Report, words,
    },
    store::StoreError,
};

/// Complaints of a kind that the log names at each refresh. A catalogue whose every row is bad
/// would push the sentences that matter out of the log's queue, and fill a disk in a night.
const NAMED: usize = 100;

impl Keeper {
    /// Reads the origin and serves what it gives.
    pub(super) async fn refresh(&mut self, purpose: Purpose) -> Report {
        let begun = Instant::now();
        self.board.begin(Timestamp::now());
        self.retry = None;
        let outcome = self
            .work(move |refresher| refresher.refresh(Timestamp::now(), purpose))
            .await;
        match outcome {
            Ok(outcome) => self.conclude(outcome, begun.elapsed()).await,
            Err(broken) => {
                self.failed(Ending::Failed, &broken);
                Report {
                    ending: Ending::Failed,
                    message: broken,
                }
            }
        }
    }

    pub(super) async fn conclude(
        &mut self,
        outcome: Result<Refreshed, RefreshError>,
        took: Duration,
    ) -> Report {
        let has_edition = !self.board.standing().edition.is_empty();
        let (ending, message) = (Ending::of(&outcome), words::sentence(&outcome, has_edition));
        match outcome {
            Ok(refreshed) => {
                self.backoff.reset();
                self.publish(&refreshed.made.edition);
                let refreshed = Arc::new(refreshed);
                self.board.succeed(&Good {
                    at: Timestamp::now(),
                    took,
                    refreshed: Arc::clone(&refreshed),
                });
                for complaint in words::complaints(&refreshed, NAMED) {
                    tracing::warn!("{complaint}");
                }
                tracing::info!(
                    articles = refreshed.public,
                    rejected = refreshed.intake.rejected.len(),
                    changed_documents = refreshed.made.changed.len(),
                    seconds = took.as_secs_f64(),
                    "{message}"
                );
            }
            Err(RefreshError::Store(error)) if error.is_corrupt() => {
                self.failed(ending, &message);
                self.set_aside(&error.to_string()).await;
            }
            Err(error) => {
                // Where the store fails, nothing can be made of it either.
                let can_make = has_edition && !matches!(error, RefreshError::Store(_));
                let held = match error {
                    RefreshError::Held(held) => Some(held.into()),
                    _ => None,
                };
                self.fall_short(ending, &message, held);
                // Time goes on: what is due comes out although the origin fails.
                if can_make {
                    self.remake().await;
                }
            }
        }
        Report { ending, message }
    }

    /// A held refresh waits for the operator or for another change; a failed one is tried
    /// again by itself.
    pub(super) fn failed(&mut self, ending: Ending, message: &str) {
        self.fall_short(ending, message, None);
    }

    /// Who reads of it in the log finds it on the status page.
    fn fall_short(&mut self, ending: Ending, message: &str, held: Option<Arc<HeldRefresh>>) {
        let now = Timestamp::now();
        self.board.fail(ending, message, held, now);
        if ending == Ending::Failed {
            let pause = self.backoff.pause();
            self.retry = Some(Instant::now() + pause);
            let seconds = i64::try_from(pause.as_secs()).unwrap_or(i64::MAX);
            let at = Timestamp::from_unix(now.unix().saturating_add(seconds)).ok();
            self.board.update(|standing| standing.retry = at);
        }
        tracing::error!("{message}");
    }

    pub(super) fn store_failed(&mut self, error: StoreError) {
        let error = error.at(&self.config.store.path);
        self.failed(Ending::Failed, &format!("failed: {error}"));
    }

    /// Serves what is known already as it is to be now: an article was due.
    pub(super) async fn remake(&mut self) {
        self.next = None;
        let made = self
            .work(|refresher| refresher.remake(Timestamp::now()))
            .await;
        match made {
            Ok(Ok(made)) => {
                if !made.changed.is_empty() {
                    let changed = words::count(made.changed.len(), "document");
                    tracing::info!("refreshed: an article was due, {changed} changed");
                }
                self.publish(&made.edition);
                let edition = Arc::new(made.edition);
                self.board
                    .update(|standing| standing.edition = Arc::clone(&edition));
            }
            Ok(Err(error)) => self.store_failed(error),
            Err(broken) => self.failed(Ending::Failed, &broken),
        }
    }

    /// After the store turned out to be damaged: goes on with a new one, and says what is
    /// lost.
    pub(super) async fn set_aside(&mut self, why: &str) {
        match self
            .work(|refresher| refresher.set_aside(Timestamp::now()))
            .await
        {
            Ok(Ok(aside)) => {
                tracing::error!("{}", words::set_aside(&aside, why));
                self.retry = Some(Instant::now());
            }
            Ok(Err(error)) => {
                let error = error.at(&self.config.store.path);
                tracing::error!("the store cannot be set aside: {error}");
            }
            Err(broken) => tracing::error!("{broken}"),
        }
    }

    pub(super) fn publish(&mut self, edition: &Edition) {
        self.current.publish(edition, Some(self.workshop.clone()));
        self.next = edition.next_publication;
    }

    /// Lends the refresher to a thread that may wait for files.
    pub(super) async fn work<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut Refresher) -> T + Send + 'static,
    ) -> Result<T, String> {
        let refresher = match self.refresher.take() {
            Some(refresher) => refresher,
            // The last work broke off and took it along.
            None => {
                let (config, progress) = (Arc::clone(&self.config), self.board.progress());
                blocking(move || Refresher::open(&config, progress, Timestamp::now()))
                    .await?
                    .map_err(|error| format!("failed: {error}"))?
                    .refresher
            }
        };
        // As long as nothing is served, nobody needs it.
        let is_serving = !self.board.standing().edition.is_empty();
        let (refresher, result) = blocking(move || {
            if is_serving {
                leave_a_processor();
            }
            let mut refresher = refresher;
            let result = work(&mut refresher);
            (refresher, result)
        })
        .await?;
        self.refresher = Some(refresher);
        Ok(result)
    }
}
