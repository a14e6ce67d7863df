//! Known abuses of HTTP/2, frame by frame (T09), on a listener that speaks it.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    process::Command,
    time::{Duration, Instant},
};

use crate::{
    figure,
    program::{Program, Waits},
    report, twin,
};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
/// `:method GET`, `:scheme http`, `:path /`, `:authority x`, in HPACK.
const HEAD: &[u8] = b"\x82\x86\x84\x01\x01x";

const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// Streams that a client opens have odd numbers.
fn stream(i: usize) -> u32 {
    u32::try_from(2 * i + 1).unwrap()
}

fn request(i: usize) -> Vec<u8> {
    frame(HEADERS, END_HEADERS | END_STREAM, stream(i), HEAD)
}

/// The frames of the `i`th turn of an abuse.
type Turn = fn(usize) -> Vec<u8>;

fn abuses() -> Vec<(&'static str, Turn)> {
    vec![
        ("rapid reset", |i| {
            [request(i), frame(RST_STREAM, 0, stream(i), &[0, 0, 0, 8])].concat()
        }),
        ("resets made by errors", |i| {
            // A window that grows by nothing is an error of the stream.
            [request(i), frame(WINDOW_UPDATE, 0, stream(i), &[0; 4])].concat()
        }),
        ("a head without an end", |i| {
            let (kind, field) = if i == 0 {
                (HEADERS, HEAD)
            } else {
                (CONTINUATION, &b"\x00\x01a\x01b"[..])
            };
            frame(kind, 0, 1, field)
        }),
        ("pings", |_| frame(PING, 0, 0, &[0; 8])),
        ("settings", |_| frame(SETTINGS, 0, 0, &[])),
        ("empty continuations", |i| {
            let (kind, field) = if i == 0 {
                (HEADERS, HEAD)
            } else {
                (CONTINUATION, &b""[..])
            };
            frame(kind, 0, 1, field)
        }),
    ]
}

/// Sends turns until the server ends the connection, reading nothing, or all are sent.
/// Whether the server ended it.
fn abuse(program: &Program, turns: usize, turn: Turn) -> bool {
    let mut stream = TcpStream::connect(program.address).unwrap();
    stream
        .set_write_timeout(Some(Duration::from_secs(3)))
        .unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    stream.write_all(PREFACE).unwrap();
    for begin in (0..turns).step_by(100) {
        let batch: Vec<u8> = (begin..begin + 100).flat_map(turn).collect();
        if stream.write_all(&batch).is_err() {
            return true;
        }
    }
    // What it does with what it has.
    let begun = Instant::now();
    let mut room = [0; 65_536];
    while begun.elapsed() < Duration::from_secs(20) {
        match stream.read(&mut room) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(error) => return !matches!(error.kind(), std::io::ErrorKind::WouldBlock),
        }
    }
    false
}

#[test]
fn t09_no_abuse_of_http_2_costs_memory_or_other_clients() {
    let listen = "listen = { address = \"127.0.0.1:0\", h2c = true }\n";
    let mut program = Program::start(&format!("{listen}[server.limits]\nidle_seconds = 5\n"));
    assert_eq!(program.get("/robots.txt").unwrap().0, 200);
    let turns = figure(20_000, 1_000_000);
    let mut waits = Waits::default();
    for (name, turn) in abuses() {
        let before = program.memory();
        let ended = std::thread::scope(|scope| {
            let abuse = scope.spawn(|| abuse(&program, turns, turn));
            waits.ask(&program);
            while !abuse.is_finished() {
                waits.ask(&program);
            }
            abuse.join().unwrap()
        });
        assert!(ended, "{name}: the connection was kept");
        let grown = program.memory().saturating_sub(before);
        report(format_args!("{turns} of {name}, {} KiB more", grown >> 10));
        assert!(grown < 20 << 20, "{name}: {} KiB", grown >> 10);
    }
    report(format_args!("{}", waits.are_short()));
    program.is_well();
}

/// Asks for a document for which it gives no window, and waits for the end of the connection.
/// Whether that came.
fn closes_without_a_window(program: &Program) -> bool {
    // SETTINGS_INITIAL_WINDOW_SIZE of nothing: no byte of any body may be sent.
    let none = frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 0, 0]);
    // `/rss.xml` and not `/`, which has no body.
    let head = b"\x82\x86\x04\x08/rss.xml\x01\x01x";
    let mut stream = TcpStream::connect(program.address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(15)))
        .unwrap();
    let get = frame(HEADERS, END_HEADERS | END_STREAM, 1, head);
    stream.write_all(&[PREFACE, &none, &get].concat()).unwrap();
    match stream.read_to_end(&mut Vec::new()) {
        Ok(_) => true,
        Err(error) => error.kind() != std::io::ErrorKind::WouldBlock,
    }
}

#[test]
fn t09_an_answer_for_which_there_is_no_window_is_given_up() {
    let listen = "listen = { address = \"127.0.0.1:0\", h2c = true }\n";
    let mut program = Program::start(&format!("{listen}[server.limits]\nidle_seconds = 2\n"));
    assert!(closes_without_a_window(&program));
    program.is_well();
}

#[test]
fn t09_hyper_alone_keeps_who_pings_or_gives_no_window() {
    let twin = twin::start(|program| Command::new(program));
    std::thread::scope(|scope| {
        scope.spawn(|| assert!(!closes_without_a_window(&twin)));
        for (name, turn) in abuses() {
            let twin = &twin;
            scope.spawn(move || {
                let ended = abuse(twin, 20_000, turn);
                let is_kept = matches!(name, "pings" | "settings");
                assert_eq!(ended, !is_kept, "{name}");
            });
        }
    });
}
