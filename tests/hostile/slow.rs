//! Clients that keep connections and do not use them (T01 to T04).

use std::time::Duration;

use crate::{
    clients::{Habit, block_on, crowd},
    figure, is_long,
    program::{Program, Waits},
    report,
};

pub const HALF_A_HEAD: &[u8] = b"GET /rss.xml HTTP/1.1\r\nHost: x\r\n";
pub const LINE: &[u8] = b"X-More: x\r\n";
pub const FEED: &[u8] = b"GET /rss.xml HTTP/1.1\r\nHost: x\r\n\r\n";
pub const ROBOTS: &[u8] = b"GET /robots.txt HTTP/1.1\r\nHost: x\r\n\r\n";
pub const HALF_A_PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n";
pub const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
const FREE: &str = "[server.limits]\nconnections = 20000\nconnections_per_client = 0\n";

/// Runs `attack` while others poll; every one of them must be served. Gives back what the
/// attack gave, and the most memory that was seen above what there was before.
fn meanwhile<T: Send>(program: &Program, attack: impl FnOnce() -> T + Send) -> (T, usize) {
    let before = program.memory();
    std::thread::scope(|scope| {
        let attack = scope.spawn(attack);
        let (mut most, mut waits) = (0, Waits::default());
        while !attack.is_finished() {
            waits.ask(program);
            most = most.max(program.memory());
        }
        let more = most.saturating_sub(before);
        report(format_args!(
            "{} MiB more; {}",
            more >> 20,
            waits.are_short()
        ));
        (attack.join().unwrap(), more)
    })
}

#[test]
fn t01_heads_that_come_a_line_at_a_time_are_cut_off() {
    let count = figure(1_000, 10_000);
    let mut program = Program::start(FREE);
    let habit = Habit {
        sends: HALF_A_HEAD,
        drips: Some((LINE, Duration::from_secs(2))),
        reads: true,
    };
    let limit = Duration::from_secs(60);
    let (kept, memory) = meanwhile(&program, || {
        block_on(crowd(program.address, count, habit, limit))
    });
    let longest = *kept.last().unwrap();
    report(format_args!(
        "{} clients, each kept for {longest:?} at most",
        kept.len()
    ));
    assert!(longest <= Duration::from_secs(20), "{longest:?}");
    assert!(memory <= 100 << 20, "{} MiB for {count}", memory >> 20);
    program.is_well();
}

#[test]
fn t02_silence_and_half_a_preface_are_cut_off_on_every_listener() {
    let count = figure(250, 1_000);
    let listen = "listen = [{ address = \"127.0.0.1:0\", h2c = true }]\n";
    for mut program in [
        Program::start(FREE),
        Program::start(&format!("{listen}{FREE}")),
    ] {
        for sends in [&b""[..], HALF_A_PREFACE] {
            let habit = Habit {
                sends,
                drips: None,
                reads: true,
            };
            let limit = Duration::from_secs(40);
            let kept = block_on(crowd(program.address, count, habit, limit));
            let longest = *kept.last().unwrap();
            report(format_args!(
                "{} clients, each kept for {longest:?} at most",
                kept.len()
            ));
            assert!(longest <= Duration::from_secs(12), "{longest:?}");
        }
        program.is_well();
    }
}

#[test]
fn t03_answers_that_nobody_reads_are_given_up_and_cost_no_memory() {
    let count = figure(300, 1_000);
    // The short form does not wait half a minute.
    let seconds: u64 = if is_long() { 30 } else { 5 };
    let mut program = Program::with_large_feed(&format!("{FREE}write_seconds = {seconds}\n"));
    let habit = Habit {
        sends: FEED,
        drips: None,
        reads: false,
    };
    let limit = Duration::from_secs(90);
    let (kept, memory) = meanwhile(&program, || {
        block_on(crowd(program.address, count, habit, limit))
    });
    let longest = *kept.last().unwrap();
    report(format_args!(
        "{} clients, each kept for {longest:?} at most",
        kept.len()
    ));
    let limit = if is_long() { 35 } else { seconds + 15 };
    assert!(longest <= Duration::from_secs(limit), "{longest:?}");
    assert!(memory <= 40 << 20, "{} MiB for {count}", memory >> 20);
    program.is_well();
}

#[test]
fn t04_idle_connections_are_closed() {
    let seconds: u64 = if is_long() { 60 } else { 4 };
    let listen = "listen = [{ address = \"127.0.0.1:0\", h2c = true }]\n";
    let limits = format!("{FREE}idle_seconds = {seconds}\n");
    for (lines, sends, count) in [
        (limits.clone(), ROBOTS, figure(1_000, 5_000)),
        (format!("{listen}{limits}"), ROBOTS, figure(100, 500)),
        (format!("{listen}{limits}"), PREFACE, figure(100, 500)),
    ] {
        let mut program = Program::start(&lines);
        let habit = Habit {
            sends,
            drips: None,
            reads: true,
        };
        let limit = Duration::from_secs(100);
        let kept = block_on(crowd(program.address, count, habit, limit));
        let longest = *kept.last().unwrap();
        report(format_args!(
            "{} clients, each kept for {longest:?} at most",
            kept.len()
        ));
        assert!(
            longest <= Duration::from_secs(seconds.max(10) + 5),
            "{longest:?}"
        );
        program.is_well();
    }
}

#[test]
fn t04_a_full_house_says_so_and_keeps_its_door_open() {
    let lines = "[server.limits]\nconnections = 200\nconnections_per_client = 0\n";
    let mut program = Program::start(lines);
    let habit = Habit {
        sends: ROBOTS,
        drips: None,
        reads: true,
    };
    let hour = Duration::from_secs(8);
    std::thread::scope(|scope| {
        let crowd = scope.spawn(|| block_on(crowd(program.address, 200, habit, hour)));
        program.wait_for("to be full", Duration::from_secs(8), |program| {
            (program.get("/robots.txt").ok()?.0 == 503).then_some(())
        });
        for _ in 0..100 {
            let (status, took) = program.get("/robots.txt").unwrap();
            assert_eq!(status, 503);
            assert!(took < Duration::from_secs(3), "{took:?}");
        }
        let kept = crowd.join().unwrap();
        assert!(kept[0] > Duration::from_secs(1), "who is in stays in");
    });
    program.wait_for("to have room", Duration::from_secs(10), |program| {
        (program.get("/robots.txt").ok()?.0 == 200).then_some(())
    });
    program.is_well();
}
