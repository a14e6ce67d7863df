//! The process: how it begins, stops, and talks to systemd.

use std::{
    io::Write as _,
    net::TcpStream,
    os::unix::net::UnixDatagram,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use crate::process::{Dateline, Site, ask, get};

#[test]
fn systemd_is_told_of_readiness_reloads_life_and_the_end() {
    let site = Site::new();
    let path = site.path("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(crate::process::SOON)).unwrap();
    let path = path.display().to_string();
    let mut heard = Vec::new();
    let mut hear = |what: &str| loop {
        let mut buffer = [0; 1024];
        let length = socket
            .recv(&mut buffer)
            .unwrap_or_else(|error| panic!("{what}: {error}"));
        let message = String::from_utf8_lossy(&buffer[..length]).into_owned();
        heard.push(message.clone());
        if message.lines().any(|line| line == what) {
            return message;
        }
    };
    let environment = [
        ("NOTIFY_SOCKET", path.as_str()),
        ("WATCHDOG_USEC", "400000"),
    ];
    let mut dateline = site.start_with(&["--listen", "127.0.0.1:0"], &environment);
    hear("READY=1");
    let address = dateline.address();
    assert_eq!(get(address, "/rss.xml").status, 200);
    hear("WATCHDOG=1");
    dateline.signal("HUP");
    let reloading = hear("RELOADING=1");
    assert!(reloading.contains("MONOTONIC_USEC="), "{reloading}");
    let ready = hear("READY=1");
    assert!(ready.contains("STATUS=refreshed: 3 articles"), "{ready}");
    dateline.signal("TERM");
    hear("STOPPING=1");
    assert!(dateline.wait().success());
}

#[test]
fn a_hundred_slow_clients_do_not_keep_it_from_stopping_in_time() {
    let site = Site::new();
    let mut dateline = site.start();
    let address = dateline.address();
    let mut clients = Vec::new();
    for _ in 0..100 {
        let mut stream = TcpStream::connect(address).unwrap();
        stream
            .write_all(b"GET /rss.xml HTTP/1.1\r\nHost: x\r\n")
            .unwrap();
        clients.push(stream);
    }
    std::thread::sleep(Duration::from_millis(300));
    let begun = Instant::now();
    dateline.signal("TERM");
    assert!(dateline.wait().success());
    assert!(
        begun.elapsed() <= Duration::from_secs(10),
        "{:?}",
        begun.elapsed()
    );
}

/// A balancer must look elsewhere before connections are refused.
#[test]
fn from_the_signal_to_stop_on_it_is_alive_and_not_ready() {
    let site = Site::new();
    site.configure("[admin]\nlisten = \"127.0.0.1:0\"\n");
    let mut dateline = site.start();
    let admin = dateline.operators();
    let address = dateline.address();
    assert_eq!(get(admin, "/ready").status, 200);
    // As long as a request is under way, there is time to look.
    let mut slow = TcpStream::connect(address).unwrap();
    slow.write_all(b"GET /rss.xml HTTP/1.1\r\nHost: x\r\n")
        .unwrap();
    std::thread::sleep(Duration::from_millis(300));
    dateline.signal("TERM");
    dateline.says("stopping:");
    let ready = get(admin, "/ready");
    assert_eq!((ready.status, ready.body.as_str()), (503, "stopping\n"));
    assert_eq!(get(admin, "/live").status, 200);
    slow.write_all(b"\r\n").unwrap();
    let answer = std::io::read_to_string(slow).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.trim_end().ends_with("</rss>"));
    assert!(dateline.wait().success());
}

/// What goes right is no news, whoever asks for what.
#[test]
fn on_a_quiet_day_the_log_is_silent() {
    let site = Site::new();
    site.configure("[admin]\nlisten = \"127.0.0.1:0\"\n");
    let mut dateline = site.start();
    let admin = dateline.operators();
    let address = dateline.address();
    for _ in 0..20 {
        for path in ["/rss.xml", "/nothing", "/%2e%2e/etc/passwd"] {
            get(address, path);
        }
        for path in ["/live", "/ready", "/metrics", "/status", "/nothing"] {
            get(admin, path);
        }
        // Clients that go away, and some that speak no HTTP.
        drop(TcpStream::connect(address).unwrap());
        let _ = TcpStream::connect(address).map(|mut stream| stream.write_all(b"\x16\x03\x01"));
    }
    assert_eq!(dateline.hears("", Duration::from_secs(3)), None);
}

/// Polls without a pause, and counts what is not a 200.
struct Load {
    stop: Arc<AtomicBool>,
    failed: Arc<AtomicU64>,
    answered: Arc<AtomicU64>,
    threads: Vec<std::thread::JoinHandle<()>>,
}

impl Load {
    fn on(address: std::net::SocketAddr) -> Self {
        let (stop, failed, answered) =
            <(Arc<AtomicBool>, Arc<AtomicU64>, Arc<AtomicU64>)>::default();
        let threads = (0..4).map(|_| {
            let (stop, failed, answered) = (
                Arc::clone(&stop),
                Arc::clone(&failed),
                Arc::clone(&answered),
            );
            std::thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    let answer = TcpStream::connect(address).and_then(|mut stream| {
                        stream.set_read_timeout(Some(crate::process::SOON))?;
                        ask(&mut stream, "GET", "/rss.xml", "")
                    });
                    let good = answer.is_ok_and(|answer| {
                        answer.status == 200 && answer.body.ends_with("</rss>")
                    });
                    let counter = if good { &answered } else { &failed };
                    counter.fetch_add(1, Ordering::Relaxed);
                    std::thread::sleep(Duration::from_millis(2));
                }
            })
        });
        let threads = threads.collect();
        Self {
            stop,
            failed,
            answered,
            threads,
        }
    }

    /// How many were answered, and how many not.
    fn end(self) -> (u64, u64) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads {
            thread.join().unwrap();
        }
        (
            self.answered.load(Ordering::Relaxed),
            self.failed.load(Ordering::Relaxed),
        )
    }
}

#[test]
fn fifty_reloads_under_load_refuse_nobody() {
    let site = Site::new();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    site.configure(&format!("[server]\nlisten = \"{address}\"\n"));
    let mut dateline = site.start_with(&[], &[]);
    dateline.address();
    let load = Load::on(address);
    for round in 0..50 {
        // Half of them change the server's own settings, so that its listeners are handed on.
        let connections = 1_000 + round / 2;
        site.configure(&format!(
            "[server]\nlisten = \"{address}\"\n[server.limits]\nconnections = {connections}\n"
        ));
        dateline.signal("HUP");
        dateline.says("refreshed:");
    }
    let (answered, failed) = load.end();
    assert_eq!(failed, 0, "of {answered}");
    assert!(answered > 100, "{answered}");
}

/// With its socket held by a service manager, as `deploy/systemd` has it, a restart refuses
/// nobody: connections wait in the kernel's queue until the new process takes them.
#[test]
fn twenty_restarts_behind_a_held_socket_refuse_nobody() {
    use std::os::fd::AsFd as _;
    let site = Site::new();
    site.configure("[server]\nlisten = \"inherited\"\n");
    let held = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = held.local_addr().unwrap();
    let start = || {
        // The third descriptor is where systemd puts the first socket.
        let mut command = Command::new("sh");
        command
            .arg("-c")
            .arg("exec 3<&0 0</dev/null; LISTEN_PID=$$ LISTEN_FDS=1 exec \"$@\"")
            .arg("sh")
            .arg(env!("CARGO_BIN_EXE_dateline"))
            .arg("--config")
            .arg(site.path("feeds.toml"))
            .stdin(held.as_fd().try_clone_to_owned().unwrap());
        let mut dateline = Dateline::spawn(command);
        dateline.address();
        dateline
    };
    let mut dateline = start();
    let load = Load::on(address);
    for _ in 0..20 {
        dateline.signal("TERM");
        assert!(dateline.wait().success());
        dateline = start();
    }
    let (answered, failed) = load.end();
    assert_eq!(failed, 0, "of {answered}");
    assert!(answered > 20, "{answered}");
}
