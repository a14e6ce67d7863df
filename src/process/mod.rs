//! The life of the serving process: sockets, signals, systemd, logs, and the order in which
//! they come and go.

mod front;
pub mod logs;
pub mod progress;
mod systemd;

use std::{
    io::{IsTerminal as _, stderr},
    pin::Pin,
    sync::Arc,
};

use front::Public;
use logs::Logs;
use progress::Shown;
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::{mpsc, watch},
    time::interval,
};

use tracing_appender::non_blocking::ErrorCounter;

use crate::{
    admin::{self, Desk, Socket},
    article::Timestamp,
    config::{AdminAddress, AdminConfig, Config},
    edition::Edition,
    refresh::{
        Beginning, Board, Ending, Keeper, Load, Look, Orders, Phase, Proposal, Purpose, Refresher,
        Workshop, words,
    },
    serve::Current,
};

/// Serves what `config` says until a signal ends it. `load` reads the configuration anew
/// when its file changes.
///
/// # Errors
/// Why it cannot serve, for people.
pub fn run(config: Config, load: Load, logs: &Logs) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("the runtime cannot be started: {error}"))?;
    let outcome = runtime.block_on(live(config, load, logs));
    // A refresh that hangs on its origin must not keep the process.
    runtime.shutdown_background();
    outcome
}

async fn live(config: Config, load: Load, logs: &Logs) -> Result<(), String> {
    let mut signals = Signals::listen().map_err(|error| format!("no signal handlers: {error}"))?;
    let config = Arc::new(config);
    let board = Board::new(config.file.clone(), Timestamp::now());
    let _shown = Shown::begin(board.progress(), logs.line(), tell);
    let (refresher, edition) = open(Arc::clone(&config), &board).await?;
    if stderr().is_terminal() {
        tracing::info!("reading {}", refresher.origin());
    }
    let admin = config.admin.clone();
    let stored = edition.is_some();
    let edition = edition.unwrap_or_default();
    let workshop = Arc::new(Workshop::new(Arc::clone(&config)));
    let kept = config.server.limits.on_request_bytes as u64;
    let current = Current::new(&edition, Some(workshop), kept);
    let mut public = Public::bind(&config.server, current.clone())?;
    let beginning = Beginning {
        load,
        config,
        refresher,
        current: current.clone(),
        edition,
    };
    let (propose, mut proposals) = mpsc::channel(1);
    let (keeper, orders) = Keeper::new(beginning, board.clone(), propose);
    let keeping = tokio::spawn(keeper.keep());
    let admin = Admin::open(admin, &board, &orders, logs.dropped(), &public).await?;
    tokio::select! {
        begun = begin(&orders, stored) => begun?,
        // Told to stop before there was anything to serve.
        () = &mut signals.end => return Ok(()),
    }
    public.open()?;
    board.enter(Phase::Ready);
    announce(&public);
    systemd::ready("serving");
    let watching = tokio::spawn(watchdog());
    loop {
        tokio::select! {
            () = &mut signals.end => break,
            _ = signals.hangup.recv() => {
                tokio::spawn(reload(orders.clone()));
            }
            // Sent once the access log was moved away.
            _ = signals.user.recv() => {
                if let Some(log) = public.front().access_log() {
                    log.reopen();
                }
            }
            Some(Proposal { config, answer }) = proposals.recv() => {
                let before = public.addresses();
                let _ = answer.send(public.adopt(&config.server));
                if public.addresses() != before {
                    announce(&public);
                }
            }
        }
    }
    systemd::stopping();
    board.enter(Phase::Stopping);
    tracing::info!("stopping: requests already begun are being answered");
    keeping.abort();
    watching.abort();
    let closed = public.close().await;
    // The last connection to the store that is closed makes it one file, which can be copied.
    let _ = keeping.await;
    drop(current);
    // To the end it says that the server stops.
    drop(admin);
    closed
}

/// Tells a log of a refresh that takes long.
fn tell(look: &Look) {
    tracing::info!(
        articles = look.articles,
        bytes = look.bytes,
        seconds = look.elapsed.as_secs(),
        seconds_left = look.left().map(|left| left.as_secs()),
        "{}",
        look.sentence()
    );
}

/// Says where the server is, and on a terminal what it serves and when that last changed.
fn announce(public: &Public) {
    let front = public.front();
    for (i, address) in public.addresses().iter().enumerate() {
        if i == 0 && stderr().is_terminal() {
            // A socket has no address for a browser.
            let base = if address.starts_with("http") {
                address
            } else {
                ""
            };
            for (path, changed) in front.current().documents() {
                let changed = changed.map_or_else(|| "undated".to_owned(), Timestamp::rfc3339);
                tracing::info!("  {changed:<20}  {base}{path}");
            }
        }
        tracing::info!("listening on {address}");
    }
    let (granted, wanted) = (front.connections(), public.wanted());
    if granted < wanted {
        tracing::warn!(
            "note: {granted} connections at once and not {wanted}, because this process may not\n\
             have more descriptors; raise it: ulimit -n, or LimitNOFILE in the unit"
        );
    }
}

/// The operator's listener; it is closed when this is dropped.
struct Admin {
    _stop: watch::Sender<bool>,
}

impl Admin {
    async fn open(
        config: Option<AdminConfig>,
        board: &Board,
        orders: &Orders,
        dropped_lines: ErrorCounter,
        public: &Public,
    ) -> Result<Option<Self>, String> {
        let Some(config) = config else {
            return Ok(None);
        };
        let socket = Socket::bind(&config.listen).await?;
        tracing::info!("operators are answered on {}", socket.name());
        let desk = Desk {
            board: board.clone(),
            orders: orders.clone(),
            dropped_lines,
            counters: Arc::clone(public.front().counters()),
            token: config.token,
            is_tcp: matches!(config.listen, AdminAddress::Tcp(_)),
        };
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(admin::serve(socket, desk, stopped));
        Ok(Some(Self { _stop: stop }))
    }
}

/// Opens the store, and the edition that it holds from an earlier run.
async fn open(config: Arc<Config>, board: &Board) -> Result<(Refresher, Option<Edition>), String> {
    let progress = board.progress();
    let opened =
        tokio::task::spawn_blocking(move || Refresher::open(&config, progress, Timestamp::now()));
    let opened = opened
        .await
        .map_err(|error| format!("the store cannot be opened: {error}"))?
        .map_err(|error| error.to_string())?;
    if let Some((aside, why)) = &opened.set_aside {
        tracing::error!("{}", words::set_aside(aside, why));
    }
    Ok((opened.refresher, opened.edition))
}

/// The first look at the origin. Where an earlier run left an edition, nobody waits for it;
/// where there is none, it must succeed.
async fn begin(orders: &Orders, stored: bool) -> Result<(), String> {
    if stored {
        orders.nudge();
        return Ok(());
    }
    match orders.refresh(Purpose::Publish).await {
        Some(report) if report.ending == Ending::Refreshed => Ok(()),
        _ => Err("There is no earlier edition to serve, so there is nothing to serve.".to_owned()),
    }
}

/// SIGHUP: the configuration and the origin are read anew.
async fn reload(orders: Orders) {
    systemd::reloading();
    let report = orders.refresh(Purpose::Publish).await;
    let message = report.map_or_else(String::new, |report| report.message);
    systemd::ready(message.lines().next().unwrap_or("serving"));
}

/// Tells systemd that the runtime turns: where it hangs, this is not sent, and systemd
/// starts the process anew.
async fn watchdog() {
    let Some(period) = systemd::watchdog() else {
        return;
    };
    let mut ticks = interval(period);
    loop {
        ticks.tick().await;
        systemd::alive();
    }
}

/// The signals that matter, listened to before anything else, so that none is lost.
struct Signals {
    hangup: Signal,
    user: Signal,
    end: Pin<Box<dyn Future<Output = ()> + Send>>,
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
