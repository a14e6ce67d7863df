//! A million of something that is new each time (T10).

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::Command,
};

use crate::{figure, program::Program, report, twin};

/// Requests sent before their answers are read.
const AT_ONCE: usize = 50;

/// Asks for `count` things on one connection, and gives back how often each status came.
fn ask(program: &Program, count: usize, request: impl Fn(usize) -> String) -> Vec<(u16, usize)> {
    let mut stream = TcpStream::connect(program.address).unwrap();
    let mut answers = BufReader::new(stream.try_clone().unwrap());
    let mut statuses: Vec<(u16, usize)> = Vec::new();
    let mut line = String::new();
    for begin in (0..count).step_by(AT_ONCE) {
        let end = (begin + AT_ONCE).min(count);
        let batch: String = (begin..end).map(&request).collect();
        stream.write_all(batch.as_bytes()).unwrap();
        for _ in begin..end {
            line.clear();
            answers.read_line(&mut line).unwrap();
            let status = line[9..12].parse().unwrap();
            match statuses.iter_mut().find(|(known, _)| *known == status) {
                Some((_, count)) => *count += 1,
                None => statuses.push((status, 1)),
            }
            let mut length = 0;
            while line != "\r\n" {
                line.clear();
                answers.read_line(&mut line).unwrap();
                if let Some(value) = line.strip_prefix("content-length: ") {
                    length = value.trim().parse().unwrap();
                }
            }
            answers
                .by_ref()
                .take(length)
                .read_to_end(&mut Vec::new())
                .unwrap();
        }
    }
    statuses
}

type Kind = (u16, fn(usize, &str) -> String);
const HOST: &str = "HTTP/1.1\r\nHost: x\r\n";
const KINDS: [Kind; 5] = [
    (200, |i, host| format!("GET /robots.txt?_={i} {host}\r\n")),
    (404, |i, host| format!("GET /tags/{i}/rss.xml {host}\r\n")),
    (200, |i, _| {
        format!("GET /robots.txt HTTP/1.1\r\nHost: h{i}.example\r\n\r\n")
    }),
    (501, |i, host| format!("M{i} /robots.txt {host}\r\n")),
    // Clients and programs, each counted against a quota.
    (200, |i, host| {
        let (b, c, d) = (i >> 16, i >> 8 & 255, i & 255);
        format!(
            "GET /robots.txt {host}User-Agent: a{i}\r\nX-Forwarded-For: 203.{b}.{c}.{d}\r\n\r\n"
        )
    }),
];
/// By how much the server may grow, in bytes.
const GROWTH: usize = 8 << 20;

/// Floods it with so many of each kind, and gives back by how much it grew. `check` is given
/// the status that is expected, and those that came.
fn flood(program: &Program, each: usize, check: impl Fn(u16, &[(u16, usize)])) -> usize {
    for (_, kind) in KINDS {
        ask(program, 1_000, |i| kind(i, HOST));
    }
    let before = program.memory();
    for (status, kind) in KINDS {
        let statuses = ask(program, each, |i| kind(i + 1_000, HOST));
        check(status, &statuses);
    }
    let grown = program.memory().saturating_sub(before);
    report(format_args!(
        "{each} of each kind, {} KiB more",
        grown >> 10
    ));
    grown
}

#[test]
fn t10_nothing_that_clients_make_up_makes_the_server_grow() {
    let lines = "trusted_proxies = [\"127.0.0.1\"]\n[server.limits]\nfull_answers_per_hour = 9\n";
    let mut program = Program::start(lines);
    let each = figure(10_000, 200_000);
    let grown = flood(&program, each, |status, statuses| {
        assert_eq!(statuses, [(status, each)]);
    });
    assert!(grown < GROWTH, "{} KiB", grown >> 10);
    program.is_well();
}

#[test]
fn t10_a_server_that_counts_what_clients_make_up_grows() {
    let twin = twin::start(|program| Command::new(program));
    let grown = flood(&twin, 40_000, |_, _| ());
    assert!(grown > GROWTH, "{} KiB", grown >> 10);
}
