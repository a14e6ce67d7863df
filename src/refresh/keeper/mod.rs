//! Keeps what is served fresh, for as long as the process lives: one task, so that two
//! refreshes never overlap.
//!
//! Whatever happens, the last good edition stays. An event, a signal and the slow look all
//! come to the same question: does the origin look otherwise than when it was last read?

mod beside;
mod reload;
mod work;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    sync::{Notify, mpsc, oneshot},
    task::JoinHandle,
    time::{sleep, sleep_until, timeout},
};

use super::{
    Board, Ending, Orders, PAUSE, Purpose, QUIET, Refresher, Workshop,
    backoff::Backoff,
    orders::Order,
    outlook::{Outlook, look},
    watch::Watch,
};
use crate::{
    article::Timestamp,
    config::{Config, ConfigError},
    edition::Edition,
    serve::Current,
    source::{self, Listening, Source},
    store::Tended,
};

/// A tree that never comes to rest is read all the same after this.
const RESTLESS: Duration = Duration::from_secs(30);
/// A look at the file system that takes longer is a network mount that hangs.
const LOOK_DEADLINE: Duration = Duration::from_secs(20);
/// The slow look, for what nobody tells of: network mounts, lost events, and the clock,
/// since a machine that slept wakes up with its timers late.
const SLOW_LOOK: Duration = Duration::from_secs(30);

/// Reads `feeds.toml` anew.
pub type Load = Box<dyn Fn() -> Result<Config, ConfigError> + Send + Sync>;

/// Another configuration, to be agreed to by those who hold the sockets.
#[derive(Debug)]
pub struct Proposal {
    /// What is proposed.
    pub config: Arc<Config>,
    /// Whether it can be: if not, why not, and nothing has changed.
    pub answer: oneshot::Sender<Result<(), String>>,
}

/// What the keeper begins with.
pub struct Beginning {
    /// Reads the configuration anew.
    pub load: Load,
    /// The configuration in force.
    pub config: Arc<Config>,
    /// Reads the origin.
    pub refresher: Refresher,
    /// What is served.
    pub current: Current,
    /// What is served; empty before the first edition.
    pub edition: Edition,
}

/// Keeps one site fresh.
pub struct Keeper {
    load: Arc<Load>,
    config: Arc<Config>,
    source: Arc<dyn Source>,
    /// Away while it is at work.
    refresher: Option<Refresher>,
    current: Current,
    /// Makes what an edition promises.
    workshop: Arc<Workshop>,
    board: Board,
    proposals: mpsc::Sender<Proposal>,
    orders: mpsc::Receiver<Order>,
    nudge: Arc<Notify>,
    watch: Watch,
    /// The origin's own way to tell of changes, if it has one.
    listening: Option<Box<dyn Listening>>,
    /// How things looked when they were last read.
    seen: Option<Outlook>,
    /// A look that has not come back.
    hanging: Option<JoinHandle<Outlook>>,
    backoff: Backoff,
    retry: Option<Instant>,
    next: Option<Timestamp>,
}

/// Why the keeper woke.
enum Cause {
    /// Something may have changed.
    Look,
    /// A failed refresh is to be tried again.
    Retry,
    /// An article is due.
    Due,
    Order(Order),
    /// Nobody can give orders any more: the process ends.
    End,
}

impl Keeper {
    /// Sets out to keep what `beginning` holds. Changes of listeners are put to
    /// `proposals`; how things stand is written on `board`.
    #[must_use]
    pub fn new(
        beginning: Beginning,
        board: Board,
        proposals: mpsc::Sender<Proposal>,
    ) -> (Self, Orders) {
        let Beginning {
            load,
            config,
            refresher,
            current,
            edition,
        } = beginning;
        let (give, orders) = mpsc::channel(Orders::WAITING);
        let nudge = Arc::new(Notify::new());
        let source = open(&config);
        let watch = watch(&config, &*source, &nudge);
        let keeper = Self {
            load: Arc::new(load),
            listening: listen(&*source, &nudge),
            source,
            refresher: Some(refresher),
            workshop: Arc::new(Workshop::new(Arc::clone(&config))),
            current,
            board,
            proposals,
            orders,
            nudge,
            watch,
            seen: None,
            hanging: None,
            backoff: Backoff::default(),
            retry: None,
            next: edition.next_publication,
            config,
        };
        keeper.describe();
        let edition = Arc::new(edition);
        keeper
            .board
            .update(|standing| standing.edition = Arc::clone(&edition));
        (keeper, Orders(give))
    }

    /// Runs until nobody holds the [`Orders`] any more.
    pub async fn keep(mut self) {
        loop {
            match self.wait().await {
                Cause::Look => self.look().await,
                Cause::Retry => self.try_again().await,
                Cause::Due => self.remake().await,
                Cause::Order(order) => self.obey(order).await,
                Cause::End => return,
            }
        }
    }

    async fn wait(&mut self) -> Cause {
        let retry = self.retry;
        let retried = async {
            match retry {
                Some(instant) => sleep_until(instant.into()).await,
                None => std::future::pending().await,
            }
        };
        // The clock on the wall is looked at anew each time, and not slept upon.
        let left = self.next.map(|next| next.unix() - Timestamp::now().unix());
        let due = async {
            match left.map(u64::try_from) {
                Some(Ok(left)) => sleep(Duration::from_secs(left).min(SLOW_LOOK)).await,
                Some(Err(_)) => {}
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            order = self.orders.recv() => order.map_or(Cause::End, Cause::Order),
            () = retried => Cause::Retry,
            () = due => if self.is_due() { Cause::Due } else { Cause::Look },
            () = self.nudge.notified() => Cause::Look,
            () = sleep(SLOW_LOOK) => Cause::Look,
        }
    }

    fn is_due(&self) -> bool {
        self.next.is_some_and(|next| next <= Timestamp::now())
    }

    /// Reads what looks otherwise than when it was last read, once it has come to rest.
    async fn look(&mut self) {
        if self.watch.is_stale(&self.folders()) {
            self.watch = watch(&self.config, &*self.source, &self.nudge);
            self.describe();
        }
        let found = match self.outlook().await {
            Ok(found) if self.seen.as_ref() == Some(&found) => return self.tend().await,
            Ok(found) => self.rest(found).await,
            Err(hanging) => Err(hanging),
        };
        match found {
            Ok(found) => {
                let before = self.seen.as_ref();
                let reload = before.is_none_or(|seen| seen.config != found.config);
                let read = before.is_none_or(|seen| seen.origin != found.origin);
                let reloaded = reload && self.reload().await;
                if read || reloaded {
                    self.refresh(Purpose::Publish).await;
                }
                // Taken before the read: what changed meanwhile will look new.
                self.seen = Some(found);
            }
            Err(hanging) => self.failed(Ending::Failed, &hanging),
        }
    }

    /// Looks after the store: a file that was removed is put back, and what another process
    /// wrote, such as `dateline accept`, is served.
    async fn tend(&mut self) {
        // The event of a commit comes before others can see it: SQLite first writes, then
        // waits for the disk, and then shows it in shared memory, which makes no event.
        sleep(PAUSE).await;
        match self.work(Refresher::tend).await {
            Ok(Ok((tended, is_behind))) => {
                if tended == Tended::PutBack {
                    let store = self.config.store.path.display();
                    tracing::warn!(%store, "put back: the store's file was gone; nothing of it is lost");
                }
                if is_behind {
                    self.refresh(Purpose::Publish).await;
                }
            }
            Ok(Err(error)) => self.store_failed(error),
            Err(broken) => self.failed(Ending::Failed, &broken),
        }
    }

    /// After a failure. An origin that is coming back may not be all there yet.
    async fn try_again(&mut self) {
        let found = match self.outlook().await {
            Ok(found) => self.rest(found).await,
            Err(hanging) => Err(hanging),
        };
        match found {
            Ok(found) => {
                // What is noted as seen here would not be looked at again.
                let before = self.seen.as_ref();
                if before.is_none_or(|seen| seen.config != found.config) {
                    self.reload().await;
                }
                self.refresh(Purpose::Publish).await;
                self.seen = Some(found);
            }
            Err(hanging) => self.failed(Ending::Failed, &hanging),
        }
    }

    /// Waits until two looks in a row are the same: a tree that is being written is not yet
    /// what its author means.
    async fn rest(&mut self, mut found: Outlook) -> Result<Outlook, String> {
        let begun = Instant::now();
        while begun.elapsed() < RESTLESS {
            sleep(QUIET).await;
            let again = self.outlook().await?;
            if again == found {
                break;
            }
            found = again;
        }
        Ok(found)
    }

    /// How the configuration and the origin look now.
    async fn outlook(&mut self) -> Result<Outlook, String> {
        let looking = self.hanging.take().unwrap_or_else(|| {
            let (file, source) = (self.config.file.clone(), Arc::clone(&self.source));
            tokio::task::spawn_blocking(move || look(&file, &*source))
        });
        let mut looking = looking;
        match timeout(LOOK_DEADLINE, &mut looking).await {
            Ok(Ok(outlook)) => Ok(outlook),
            Ok(Err(error)) => Err(format!("failed: the look at the origin broke off: {error}")),
            Err(_) => {
                self.hanging = Some(looking);
                let seconds = LOOK_DEADLINE.as_secs();
                Err(format!(
                    "failed: {} did not answer within {seconds} seconds; is it a network mount?\n\
                     The last good edition is still served.",
                    self.source.name()
                ))
            }
        }
    }

    /// Does what was ordered; what else was ordered meanwhile is one refresh with it.
    async fn obey(&mut self, order: Order) {
        let mut orders = vec![order];
        while let Ok(order) = self.orders.try_recv() {
            orders.push(order);
        }
        let accept = orders.iter().any(|order| order.purpose == Purpose::Accept);
        let purpose = if accept {
            Purpose::Accept
        } else {
            Purpose::Publish
        };
        let mut found = self.outlook().await;
        // Where nobody waits for the outcome there is time to let a tree come to rest.
        if let (Ok(first), true) = (&found, orders.iter().all(|order| order.answer.is_none())) {
            found = self.rest(first.clone()).await;
        }
        self.reload().await;
        let report = self.refresh(purpose).await;
        if let Ok(found) = found {
            self.seen = Some(found);
        }
        for answer in orders.into_iter().filter_map(|order| order.answer) {
            // Who asked may have gone.
            let _ = answer.send(report.clone());
        }
    }

    fn folders(&self) -> Vec<source::Folder> {
        folders(&self.config, &*self.source)
    }

    /// Writes on the board what is being kept.
    fn describe(&self) {
        if let Some(fault) = &self.watch.fault {
            let seconds = SLOW_LOOK.as_secs();
            tracing::warn!("not watched: {fault}; changes are seen within {seconds} seconds");
        }
        self.board.update(|standing| {
            standing.site = self.config.site.url.as_str().to_owned();
            standing.origin = self.source.name().to_owned();
            standing.unwatched.clone_from(&self.watch.fault);
        });
    }
}

fn open(config: &Config) -> Arc<dyn Source> {
    let root = config.file.parent().unwrap_or(std::path::Path::new("."));
    Arc::from(source::open(&config.source, root))
}

/// What is watched: the origin's folders, and where the configuration and the store are.
fn folders(config: &Config, source: &dyn Source) -> Vec<source::Folder> {
    let mut folders = source.folders();
    folders.extend(source::Folder::around(&config.file));
    folders.extend(source::Folder::around(&config.store.path));
    folders.dedup();
    folders
}

fn listen(source: &dyn Source, nudge: &Arc<Notify>) -> Option<Box<dyn Listening>> {
    let nudge = Arc::clone(nudge);
    source.listen(Arc::new(move || nudge.notify_one()))
}

fn watch(config: &Config, source: &dyn Source, nudge: &Arc<Notify>) -> Watch {
    Watch::begin(folders(config, source), Arc::clone(nudge))
}
