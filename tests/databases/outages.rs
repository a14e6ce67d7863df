//! A database that is stopped, frozen, out of reach, slow, restarted or closed to us, while
//! readers ask for feeds. In every run for some seconds each; with `DATELINE_LONG=1` for a
//! minute each, which is more than 300,000 answers in all.

use std::{
    net::{SocketAddr, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, sleep},
    time::{Duration, Instant},
};

use super::{
    catalogue::Site,
    process::{Dateline, ask, get},
    proxy::{Proxy, Way},
    servers::{Postgres, pgbouncer, postgres, url},
};

const TABLE: &str = "CREATE TABLE articles (id int PRIMARY KEY, slug text, title text, \
                     published timestamptz, updated_at timestamptz); \
                     CREATE INDEX ON articles (updated_at); \
                     CREATE FUNCTION told() RETURNS trigger LANGUAGE plpgsql AS \
                     $$ BEGIN NOTIFY articles; RETURN NULL; END $$; \
                     CREATE TRIGGER told AFTER INSERT OR UPDATE OR DELETE ON articles \
                     FOR EACH STATEMENT EXECUTE FUNCTION told(); \
                     INSERT INTO articles SELECT n, 'a' || n, 'Article ' || n, \
                     timestamptz '2026-01-01' + n * interval '1 hour', \
                     timestamptz '2026-01-01' + n * interval '1 hour' FROM generate_series(1, 60) n";

fn is_long() -> bool {
    std::env::var_os("DATELINE_LONG").is_some()
}

/// How long each fault lasts.
fn lasting() -> Duration {
    Duration::from_secs(if is_long() { 60 } else { 3 })
}

/// How soon a change must be served after the fault is over; on a machine that tests share, later.
fn soon() -> Duration {
    Duration::from_secs(if is_long() { 5 } else { 30 })
}

/// A site on a database, and readers who ask all the time.
struct Crowd {
    over: Arc<AtomicBool>,
    right: Arc<AtomicU64>,
    wrong: Arc<AtomicU64>,
    waits: Arc<Mutex<Vec<Duration>>>,
}

impl Crowd {
    fn at(address: SocketAddr) -> Self {
        let crowd = Self {
            over: Arc::default(),
            right: Arc::default(),
            wrong: Arc::default(),
            waits: Arc::default(),
        };
        for number in 0..4 {
            let (over, right, wrong, waits) = (
                Arc::clone(&crowd.over),
                Arc::clone(&crowd.right),
                Arc::clone(&crowd.wrong),
                Arc::clone(&crowd.waits),
            );
            thread::spawn(move || {
                let mut tag = None;
                while !over.load(Ordering::Relaxed) {
                    let path = ["/rss.xml", "/atom.xml", "/feed.json", "/sitemap.xml"][number];
                    let fields = match &tag {
                        Some(tag) => format!("If-None-Match: {tag}\r\n"),
                        None => String::new(),
                    };
                    let begun = Instant::now();
                    let answer = TcpStream::connect(address)
                        .and_then(|mut stream| ask(&mut stream, "GET", path, &fields));
                    waits.lock().unwrap().push(begun.elapsed());
                    let status = answer.as_ref().map_or(0, |answer| answer.status);
                    let is_right = [200, 304].contains(&status);
                    let count = if is_right { &right } else { &wrong };
                    let count = count.fetch_add(1, Ordering::Relaxed);
                    // Every third asks without a validator.
                    tag = answer
                        .ok()
                        .filter(|_| count % 3 > 0)
                        .and_then(|answer| answer.field("etag").map(str::to_owned));
                    sleep(Duration::from_millis(1));
                }
            });
        }
        crowd
    }

    /// What 99 of 100 readers waited at most since this was asked last.
    fn waited(&self) -> Duration {
        let mut waits = std::mem::take(&mut *self.waits.lock().unwrap());
        waits.sort();
        waits[waits.len() * 99 / 100]
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}

fn serve(site: &Site) -> (Dateline, SocketAddr) {
    let mut server = Dateline::spawn(site.command(&["serve", "--listen", "127.0.0.1:0"]));
    let address = server.address();
    until_served(address, "Article 60");
    (server, address)
}

/// How long it takes until the feed says `words`.
fn until_served(address: SocketAddr, words: &str) -> Duration {
    let begun = Instant::now();
    loop {
        let answer = get(address, "/rss.xml");
        if answer.body.contains(words) {
            return begun.elapsed();
        }
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "{words:?} is not served"
        );
        sleep(Duration::from_millis(50));
    }
}

#[test]
#[expect(clippy::print_stderr, reason = "the figures are worth reading")]
fn whatever_happens_to_the_database_every_answer_is_right_and_fresh_again_soon() {
    let mut server = Postgres::start();
    let database = server.database();
    server.sql(&database, TABLE);
    let proxy = Proxy::to(server.0.port);
    let keys = "table = \"articles\"\nchanged = \"updated_at\"\naddress = \"/{slug}/\"\n\
                interval = \"1s\"\nlisten = \"articles\"\n[admin]\nlisten = \"unix:admin.sock\"\n";
    let site = Site::postgres(&url(proxy.port, &database), keys);
    let (mut dateline, address) = serve(&site);
    let crowd = Crowd::at(address);
    let mut step = 0;
    let mut change = |server: &Postgres| {
        step += 1;
        let sql = format!(
            "UPDATE articles SET title = 'Change {step}.', updated_at = now() WHERE id = 60"
        );
        server.sql(&database, &sql);
        format!("Change {step}.")
    };
    let is_ready = || {
        let health = site.run(&["health"]);
        assert!(
            health.status.success(),
            "{}",
            String::from_utf8_lossy(&health.stderr)
        );
    };
    let mut took = Vec::new();
    let mut note = |fault: &'static str, fresh: Duration| took.push((fault, fresh, crowd.waited()));

    sleep(lasting());
    let words = change(&server);
    note("quiet", until_served(address, &words));

    for (fault, lasting) in [("stopped", lasting()), ("restarted", Duration::ZERO)] {
        server.0.signal("QUIT");
        sleep(lasting);
        is_ready();
        server = server.again();
        let words = change(&server);
        note(fault, until_served(address, &words));
    }

    server.0.signal("STOP");
    sleep(lasting());
    is_ready();
    server.0.signal("CONT");
    let words = change(&server);
    note("frozen", until_served(address, &words));

    for (fault, way) in [
        ("hole", Way::Hole),
        ("slow", Way::Slow),
        ("broken", Way::Broken),
    ] {
        proxy.set(way);
        let words = change(&server);
        sleep(lasting());
        is_ready();
        proxy.set(Way::Open);
        note(fault, until_served(address, &words));
    }

    server.sql(&database, "REVOKE SELECT ON articles FROM reader");
    let words = change(&server);
    sleep(lasting());
    is_ready();
    assert!(
        !get(address, "/rss.xml").body.contains(&words),
        "it may not be read"
    );
    server.sql(&database, "GRANT SELECT ON articles TO reader");
    note("revoked", until_served(address, &words));

    let (right, wrong) = (&crowd.right, &crowd.wrong);
    let (right, wrong) = (right.load(Ordering::Relaxed), wrong.load(Ordering::Relaxed));
    eprintln!("{right} right answers");
    for (fault, fresh, waited) in &took {
        eprintln!("{fault}: fresh again after {fresh:?}, 99 % waited {waited:?} at most");
        assert!(*fresh < soon(), "{fresh:?} after {fault}");
    }
    assert_eq!(wrong, 0, "of {right}");
    let enough = if is_long() { 300_000 } else { 500 };
    assert!(right >= enough, "only {right} answers");
    drop(crowd);
    dateline.kill();
    let said = dateline.messages.join("\n");
    assert!(!said.contains("sesame"), "a password is in the log: {said}");
}

#[test]
fn a_notification_brings_a_change_at_once_and_a_lost_one_is_caught_up_with() {
    let (server, database) = (postgres(), postgres().database());
    server.sql(&database, TABLE);
    let proxy = Proxy::to(server.0.port);
    // Nobody asks by himself within this test.
    let keys = "table = \"articles\"\nchanged = \"updated_at\"\naddress = \"/{slug}/\"\n\
                interval = \"1h\"\nlisten = \"articles\"\n";
    let site = Site::postgres(&url(proxy.port, &database), keys);
    let (_dateline, address) = serve(&site);
    let change = |title: &str| {
        let sql =
            format!("UPDATE articles SET title = '{title}', updated_at = now() WHERE id = 60");
        server.sql(&database, &sql);
    };
    // The connection that listens may not be there yet: then its first look finds this.
    until_listening(server, &database);
    change("Told at once");
    until_served(address, "Told at once");
    proxy.set(Way::Broken);
    sleep(Duration::from_millis(500));
    change("Told to nobody");
    proxy.set(Way::Open);
    until_served(address, "Told to nobody");
}

fn until_listening(server: &Postgres, database: &str) {
    let sql = format!(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = '{database}' AND query LIKE 'UNLISTEN%'"
    );
    let begun = Instant::now();
    while server.sql("postgres", &sql).trim() == "0" {
        assert!(begun.elapsed() < Duration::from_secs(60), "nobody listens");
        sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_pooler_in_transaction_mode_is_found_out_and_the_database_is_asked() {
    let (server, database) = (postgres(), postgres().database());
    server.sql(&database, TABLE);
    for (mode, hears) in [("transaction", false), ("session", true)] {
        let pooler = pgbouncer(server, mode);
        let keys = "table = \"articles\"\nchanged = \"updated_at\"\naddress = \"/{slug}/\"\n\
                    interval = \"1s\"\nlisten = \"articles\"\n";
        let site = Site::postgres(&url(pooler.port, &database), keys);
        let (mut dateline, address) = serve(&site);
        let pooled = "postgres://127.0.0.1";
        if !hears {
            let said = dateline.says(pooled);
            assert!(
                said.contains("is behind a pooler in transaction mode"),
                "{said}"
            );
        }
        let sql = format!(
            "UPDATE articles SET title = 'Asked, {mode}', updated_at = now() WHERE id = 60"
        );
        server.sql(&database, &sql);
        until_served(address, &format!("Asked, {mode}"));
        if hears {
            assert_eq!(dateline.hears(pooled, Duration::from_secs(7)), None);
        }
        server.sql(&database, "UPDATE articles SET title = 'Article 60'");
    }
}
