//! More clients than descriptors (T05).

use std::{net::TcpStream, process::Command, time::Duration};

use crate::{
    figure,
    program::{Program, descriptors, limited},
    report, twin,
};

/// Holds connections open for a while, and says what share of a core that cost the program.
fn besiege(program: &Program, clients: usize, seconds: u64) -> f64 {
    let held: Vec<_> = (0..clients)
        .filter_map(|_| TcpStream::connect_timeout(&program.address, Duration::from_secs(1)).ok())
        .collect();
    assert!(held.len() > clients / 2);
    let before = program.cpu();
    std::thread::sleep(Duration::from_secs(seconds));
    let used = program.cpu() - before;
    drop(held);
    used.as_secs_f64() / seconds as f64
}

fn serves_within_two_seconds(program: &Program) {
    program.wait_for("to serve again", Duration::from_secs(2), |program| {
        (program.get("/robots.txt").ok()?.0 == 200).then_some(())
    });
}

#[test]
fn t05_with_few_descriptors_fewer_connections_are_taken_and_the_operator_is_told() {
    let mut program = Program::with("", 1_000, limited(200));
    let seconds = figure(5, 30) as u64;
    let share = besiege(&program, 400, seconds);
    report(format_args!(
        "{:.1} % of a core for {seconds} s",
        share * 100.0
    ));
    assert!(share < SHARE, "{share} of a core");
    serves_within_two_seconds(&program);
    let said = program.said();
    assert!(
        said.contains("note: 136 connections at once and not 10000"),
        "{said}"
    );
    assert!(program.said_bytes() < LOG_BYTES, "{}", program.said_bytes());
    program.is_well();
}

/// How much of a core, and how much log, a siege may cost.
const SHARE: f64 = 0.2;
const LOG_BYTES: u64 = 100 * 1024;

#[test]
fn t05_a_loop_that_tries_again_at_once_takes_a_core_and_fills_the_log() {
    let twin = twin::start(limited(200));
    let share = besiege(&twin, 400, 2);
    let log = twin.said_bytes();
    report(format_args!(
        "{:.1} % of a core, {} KiB of log",
        share * 100.0,
        log >> 10
    ));
    // Where others have the cores, the log alone tells.
    assert!(share > SHARE || log > LOG_BYTES, "{share}, {log}");
}

#[test]
fn t05_without_any_descriptor_it_waits_and_complains_once() {
    let mut program = Program::start("");
    let left = descriptors(program.pid()) + 20;
    let squeeze = Command::new("prlimit")
        .arg(format!("--nofile={left}"))
        .arg(format!("--pid={}", program.pid()))
        .status()
        .expect("prlimit is in Debian's util-linux");
    assert!(squeeze.success());
    let seconds = figure(5, 30) as u64;
    let share = besiege(&program, 400, seconds);
    report(format_args!(
        "{:.1} % of a core for {seconds} s",
        share * 100.0
    ));
    assert!(share < SHARE, "{share} of a core");
    serves_within_two_seconds(&program);
    let said = program.said();
    let complaints = said.matches("connections cannot be accepted").count();
    assert_eq!(complaints, 1, "{said}");
    program.is_well();
}
