//! `dateline serve`: the whole life of the process, in the order in which it happens.

use std::{path::Path, sync::Arc, time::Duration};

use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
};

use super::{ServeArgs, Status, console, setup};
use crate::{
    article::Timestamp,
    config::{Config, Listen, ListenAddress},
    edition::Edition,
    refresh::{Purpose, RefreshError, Refreshed, Refresher},
    serve::{self, Current, Front, Listeners},
};

/// A machine that slept wakes up with its timers late, so the clock is looked at this often.
const CLOCK_LOOK: Duration = Duration::from_secs(30);

pub(super) fn run(file: &Path, args: &ServeArgs) -> Status {
    let mut config = match setup::load(file) {
        Ok(config) => config,
        Err(status) => return status,
    };
    if let Some(listen) = args.listen {
        config.server.listen = vec![Listen::on(ListenAddress::Tcp(listen))];
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let outcome = match runtime {
        Ok(runtime) => {
            let outcome = runtime.block_on(live(config));
            // A refresh that hangs on its origin must not keep the process.
            runtime.shutdown_background();
            outcome
        }
        Err(error) => Err(format!("the runtime cannot be started: {error}")),
    };
    match outcome {
        Ok(()) => Status::Good,
        Err(reason) => {
            console::say(&reason);
            Status::Failed
        }
    }
}

async fn live(config: Config) -> Result<(), String> {
    let signals = Signals::listen().map_err(|error| format!("no signal handlers: {error}"))?;
    let listeners = Listeners::bind(&config.server).map_err(|error| error.to_string())?;
    let server = config.server.clone();
    let (refresher, current, wake) = begin(config).await?;
    let front = Front::open(&server, current.clone(), console::say)
        .map_err(|error| format!("the access log cannot be opened: {error}"))?;
    announce(&listeners, &front, server.limits.connections);
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(reopen_log(Arc::clone(&front), signals.user));
    let keeping = tokio::spawn(keep_fresh(refresher, current, signals.hangup, wake));
    let serving = tokio::spawn(serve::serve(listeners, front, stopped));
    signals.end.await;
    console::say("stopping: requests already begun are being answered");
    let _ = stop.send(true);
    keeping.abort();
    serving
        .await
        .map_err(|error| format!("the server failed: {error}"))
}

/// Opens the access log anew at each SIGUSR1, which is sent once the old one was moved away.
async fn reopen_log(front: Arc<Front>, mut asked: Signal) {
    while asked.recv().await.is_some() {
        if let Some(log) = front.access_log() {
            log.reopen();
        }
    }
}

/// Says where the server is, and on a terminal what it serves and when that last changed.
fn announce(listeners: &Listeners, front: &Front, wanted: usize) {
    for (i, address) in listeners.addresses().iter().enumerate() {
        if i == 0 && console::is_watched() {
            for (path, changed) in front.current().documents() {
                let changed = changed.map_or_else(|| "undated".to_owned(), Timestamp::rfc3339);
                console::say(&format!("  {changed:<20}  {address}{path}"));
            }
        }
        console::say(&format!("listening on {address}"));
    }
    let connections = front.connections();
    if connections < wanted {
        console::say(&format!(
            "note: {connections} connections at once and not {wanted}, because this process may \
             not\nhave more descriptors; raise it: ulimit -n, or LimitNOFILE in the unit"
        ));
    }
}

/// The signals that matter, listened to before anything else, so that none is lost.
struct Signals {
    hangup: Signal,
    user: Signal,
    end: std::pin::Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let end = Box::pin(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        });
        Ok(Self {
            hangup: signal(SignalKind::hangup())?,
            user: signal(SignalKind::user_defined1())?,
            end,
        })
    }
}

/// When the next refresh is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wake {
    /// At once: the origin has not been looked at yet.
    Now,
    /// When an article becomes public by itself, if one is to.
    At(Option<Timestamp>),
}

/// Loads the edition of an earlier run, without a look at the origin; where there is none,
/// makes the first.
async fn begin(config: Config) -> Result<(Refresher, Current, Wake), String> {
    blocking(move || {
        let store = setup::open(&config).map_err(|error| error.to_string())?;
        let mut refresher = Refresher::new(config, store);
        if console::is_watched() {
            console::say(&format!("reading {}", refresher.origin()));
        }
        if let Some(edition) = refresher
            .last_edition()
            .map_err(|error| error.to_string())?
        {
            return Ok((refresher, Current::new(&edition), Wake::Now));
        }
        let outcome = refresher.refresh(Timestamp::now(), Purpose::Publish);
        report(&outcome);
        let edition = outcome
            .map_err(|_| "There is no earlier edition to serve, so there is nothing to serve.")?
            .made
            .edition;
        let next = edition.next_publication;
        Ok((refresher, Current::new(&edition), Wake::At(next)))
    })
    .await?
}

/// Reads the origin at once if that is still to be done and then whenever a signal asks for
/// it; publishes scheduled articles at their instants.
async fn keep_fresh(
    mut refresher: Refresher,
    current: Current,
    mut hangup: Signal,
    mut wake: Wake,
) -> Result<(), String> {
    loop {
        let read = match wake {
            Wake::Now => true,
            Wake::At(next) => tokio::select! {
                _ = hangup.recv() => true,
                () = due(next) => false,
            },
        };
        let served = current.clone();
        (refresher, wake) = blocking(move || {
            let next = renew(&mut refresher, &served, read);
            (refresher, Wake::At(next))
        })
        .await?;
    }
}

/// A new edition: from the origin, or from what is known already where only time has passed
/// or the origin fails. Then scheduled articles still come out. Publishes it, and returns
/// when the next article is due.
fn renew(refresher: &mut Refresher, current: &Current, read: bool) -> Option<Timestamp> {
    // What is reported is served already: whoever waits for the line may ask at once.
    let publish = |edition: &Edition| {
        current.publish(edition);
        edition.next_publication
    };
    if read {
        let outcome = refresher.refresh(Timestamp::now(), Purpose::Publish);
        let next = outcome
            .as_ref()
            .map(|refreshed| publish(&refreshed.made.edition));
        report(&outcome);
        if let Ok(next) = next {
            return next;
        }
        console::say("The last good edition is still served.");
    }
    match refresher.remake(Timestamp::now()) {
        Ok(made) => {
            let next = publish(&made.edition);
            if !made.changed.is_empty() {
                let changed = console::count(made.changed.len(), "document");
                console::say(&format!("refreshed: an article was due, {changed} changed"));
            }
            next
        }
        Err(error) => {
            console::say(&format!("failed: {error}"));
            None
        }
    }
}

/// Ends when `instant` has come by the clock on the wall. A machine that slept through it
/// wakes up with its timers late, so the clock is looked at every now and then.
async fn due(instant: Option<Timestamp>) {
    let Some(instant) = instant else {
        return std::future::pending().await;
    };
    loop {
        let left = instant.unix() - Timestamp::now().unix();
        let Ok(left @ 1..) = u64::try_from(left) else {
            return;
        };
        tokio::time::sleep(Duration::from_secs(left).min(CLOCK_LOOK)).await;
    }
}

/// Runs what waits for files on a thread of its own.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, String> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| format!("failed: {error}"))
}

/// Says what a refresh came to.
fn report(outcome: &Result<Refreshed, RefreshError>) {
    match outcome {
        Ok(refreshed) => {
            for complaint in setup::complaints(refreshed) {
                console::say(&complaint);
            }
            console::say(&format!("refreshed: {}", setup::summary(refreshed)));
        }
        Err(error) => console::say(&setup::failure(error)),
    }
}
