//! A long read shows how far it has come: on a terminal in a line that is drawn anew,
//! elsewhere in lines of the log. A short one is not spoken of.

use std::{
    fs,
    io::Read as _,
    process::{Command, Stdio},
};

use crate::process::{Dateline, Site, write_article};

/// A site of 60 files, read once before.
pub fn site() -> Site {
    let site = Site::new();
    for folder in ["one", "two", "three"] {
        let folder = site.path("content").join(folder);
        fs::create_dir(&folder).unwrap();
        for number in 1..=19 {
            write_article(&folder, number, &"many words ".repeat(20));
        }
    }
    let out = site.path("out").display().to_string();
    let built = site.command("build", &[&out]).status();
    assert!(built.unwrap().success());
    site
}

/// The same command, for which opening a file takes so long.
pub fn slowed(command: &Command, milliseconds: u32) -> Command {
    let mut slow = Command::new("strace");
    slow.args(["-f", "-qq", "-o", "/dev/null", "-e", "trace=openat", "-e"])
        .arg(format!("inject=openat:delay_enter={milliseconds}000"))
        .arg(command.get_program())
        .args(command.get_args());
    slow
}

/// Sends SIGTERM to the program that works on this site, whoever started it.
pub fn end(site: &Site) {
    let configuration = site.path("feeds.toml").display().to_string();
    for process in fs::read_dir("/proc").unwrap().filter_map(Result::ok) {
        let arguments = fs::read_to_string(process.path().join("cmdline")).unwrap_or_default();
        let mut arguments = arguments.split('\0');
        let is_dateline = arguments.next() == Some(env!("CARGO_BIN_EXE_dateline"));
        if is_dateline && arguments.any(|argument| argument == configuration) {
            let pid = process.file_name();
            let _ = Command::new("kill").arg("-TERM").arg(pid).status();
        }
    }
}

/// Runs a command on a terminal of its own, and returns all that appeared there. One that
/// does not end by itself is ended once `last` has appeared.
fn on_a_terminal(site: &Site, command: &Command, last: Option<&str>) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(|word| word.to_str().unwrap()).collect();
    let mut script = Command::new("script")
        .args(["-qec", &words.join(" "), "/dev/null"])
        .env("TERM", "xterm")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("script is missing; apt-get install bsdutils");
    let mut stdout = script.stdout.take().unwrap();
    let (mut appeared, mut piece, mut last) = (Vec::new(), [0; 4096], last);
    while let Ok(length @ 1..) = stdout.read(&mut piece) {
        appeared.extend_from_slice(&piece[..length]);
        let is_there = |last: &&str| String::from_utf8_lossy(&appeared).contains(last);
        if last.take_if(|last| is_there(last)).is_some() {
            end(site);
        }
    }
    script.wait().unwrap();
    String::from_utf8(appeared).unwrap()
}

/// What stands there in the end: each line as it was last drawn.
fn screen(appeared: &str) -> Vec<&str> {
    let lines = appeared.lines().map(|line| {
        let line = line.trim_end_matches('\r');
        let line = line.rsplit('\r').next().unwrap();
        line.trim_start_matches("\u{1b}[2K").trim_end()
    });
    lines.collect()
}

#[test]
fn a_terminal_shows_articles_bytes_rate_and_time_left_and_nothing_of_it_stays() {
    let site = site();
    let check = site.command("check", &[]);
    let appeared = on_a_terminal(&site, &slowed(&check, 40), None);
    let told = appeared
        .split('\r')
        .find(|line| line.contains("left"))
        .unwrap_or_else(|| panic!("no time left: {appeared:?}"));
    for part in [
        "reading: ",
        " of about 60 articles, ",
        " articles a second, about ",
    ] {
        assert!(told.contains(part), "{told:?} has no {part:?}");
    }
    assert!(
        told.contains(" bytes, ") || told.contains(" KiB, "),
        "{told:?}"
    );
    let screen = screen(&appeared);
    assert!(
        !screen.iter().any(|line| line.contains("reading:")),
        "{screen:#?}"
    );
    let last = screen.last().unwrap();
    assert!(last.starts_with("60 articles, 7 documents"), "{screen:#?}");
    let short = on_a_terminal(&site, &check, None);
    assert!(!short.contains("reading:"), "{short:?}");
}

#[test]
fn on_a_terminal_the_servers_sentences_stand_in_lines_of_their_own() {
    let site = site();
    fs::write(
        site.path("content/broken.md"),
        format!("---\ntitle: [{}\n---\n", "long ".repeat(30)),
    )
    .unwrap();
    let serve = site.command("serve", &["--listen", "127.0.0.1:0"]);
    let told = "refreshed: 60 articles";
    let appeared = on_a_terminal(&site, &slowed(&serve, 40), Some(told));
    assert!(appeared.contains(" of about 60 articles, "), "{appeared:?}");
    let screen = screen(&appeared);
    for begin in [
        "reading content",
        "listening on http://127.0.0.1:",
        "rejected: content/broken.md",
        told,
        "stopping: ",
    ] {
        let line = screen.iter().find(|line| line.starts_with(begin));
        assert!(line.is_some(), "{begin}: {screen:#?}");
    }
    assert!(
        screen.iter().all(|line| line.chars().count() <= 80),
        "{screen:#?}"
    );
}

#[test]
fn elsewhere_a_line_every_ten_seconds_tells_of_it() {
    let site = site();
    // 60 files at a fifth of a second: longer than ten seconds, shorter than twenty.
    let serve = site.command("serve", &["--listen", "127.0.0.1:0"]);
    let mut dateline = Dateline::spawn(slowed(&serve, 210));
    let check = site.command("check", &[]);
    let slow = slowed(&check, 210).output().unwrap();
    let said = String::from_utf8(slow.stderr).unwrap();
    let lines: Vec<_> = said.lines().collect();
    assert_eq!(lines.len(), 1, "{lines:#?}");
    assert!(lines[0].starts_with("reading: "), "{lines:#?}");
    assert!(lines[0].contains(" of about 60 articles, "), "{lines:#?}");
    let line = dateline.says("reading: ");
    assert!(line.contains(" of about 60 articles, "), "{line}");
    end(&site);
    drop(dateline);
    let short = site.command("check", &[]).output().unwrap();
    assert_eq!(String::from_utf8(short.stderr).unwrap(), "");
}
