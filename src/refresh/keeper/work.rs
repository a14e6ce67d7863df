//! One refresh, from its beginning to what is told of it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::Keeper;
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
        let (refresher, result) = blocking(move || {
            let mut refresher = refresher;
            let result = work(&mut refresher);
            (refresher, result)
        })
        .await?;
        self.refresher = Some(refresher);
        Ok(result)
    }
}

/// How much less the work of a refresh counts than requests, in steps of `nice`: about a tenth.
const MODESTY: i32 = 10;

/// Runs what waits for files on a thread of its own, which steps back for requests where there
/// are fewer processors than work (on Linux each thread has its own priority, and hands it on to
/// those that it starts).
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, String> {
    let (give, take) = tokio::sync::oneshot::channel();
    std::thread::Builder::new()
        .name("refresh".to_owned())
        .spawn(move || {
            // Where it may not, requests wait a little longer.
            let _ = rustix::process::nice(MODESTY);
            let _ = give.send(work());
        })
        .map_err(|error| format!("failed: no thread to work with: {error}"))?;
    take.await
        .map_err(|_| "failed: the work broke off; this is a fault in the program".to_owned())
}
