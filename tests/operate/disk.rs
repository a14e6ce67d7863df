//! A disk that is full, read-only or fails: what was kept is served, and nothing is torn.

use std::{
    fs,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use crate::{
    outages::served,
    process::{Dateline, Site, get, until},
};

/// A disk of 4 MiB that something else fills up.
struct SmallDisk<'a>(&'a Site);

impl<'a> SmallDisk<'a> {
    /// Mounts it at `disk`, and has the store of the site there.
    fn mount(site: &'a Site) -> Self {
        fs::create_dir(site.path("disk")).unwrap();
        let disk = Self(site);
        disk.run("mount", &["-t", "tmpfs", "-o", "size=4m", "tmpfs"]);
        disk
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let done = Command::new(program)
            .args(arguments)
            .arg(self.0.path("disk"))
            .status()
            .unwrap();
        assert!(
            done.success(),
            "a small disk takes root and CAP_SYS_ADMIN to mount"
        );
    }

    fn fill(&self) {
        fs::write(self.0.path("disk/filler"), vec![0; 4 * 1024 * 1024]).unwrap_err();
    }

    fn empty(&self) {
        fs::remove_file(self.0.path("disk/filler")).unwrap();
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount")
            .arg("-l")
            .arg(self.0.path("disk"))
            .status();
    }
}

const STORE: &str = "[store]\npath = \"disk/dateline.db\"\n";

#[test]
fn a_full_disk_keeps_the_last_edition_and_ends_when_there_is_room() {
    let site = Site::new();
    let disk = SmallDisk::mount(&site);
    site.configure(STORE);
    let mut dateline = site.start();
    let address = dateline.address();
    disk.fill();
    std::thread::sleep(Duration::from_millis(1_100));
    let before = served(address);
    site.article(1, &"long words ".repeat(5_000));
    let message = dateline.says("failed:");
    assert!(message.contains("full"), "{message}");
    assert!(
        message.contains("disk/dateline.db)"),
        "which store: {message}"
    );
    assert_eq!(served(address), before);
    disk.empty();
    dateline.says("refreshed:");
    until("the edit", || {
        get(address, "/rss.xml").body.contains("long words")
    });
}

/// Where a disk has no room, or may not be written to, what connections to the store share
/// cannot be made. What was kept is served all the same, also what is made on request.
#[test]
fn a_start_on_a_full_or_read_only_disk_serves_the_last_edition() {
    for (is_full, is_killed) in [(true, true), (true, false), (false, false)] {
        let site = Site::new();
        let disk = SmallDisk::mount(&site);
        site.configure(&format!(
            "{STORE}[[feed]]\nname = \"all\"\n[[feed]]\neach = \"tag\"\n"
        ));
        let tags: Vec<String> = (0..120).map(|number| format!("\"t{number}\"")).collect();
        let text = format!(
            "---\ntitle: Tagged\ndate: 2026-01-09\ntags: [{}]\n---\nTagged.\n",
            tags.join(", ")
        );
        fs::write(site.path("content/tagged.md"), text).unwrap();
        let mut dateline = site.start();
        let address = dateline.address();
        std::thread::sleep(Duration::from_millis(1_100));
        let (before, tag) = (served(address), get(address, "/tags/t7/rss.xml"));
        assert_eq!(tag.status, 200);
        if is_killed {
            dateline.kill();
            // As after a move to another machine: the log is there, and nothing shared.
            fs::remove_file(site.path("disk/dateline.db-shm")).unwrap();
            assert!(site.path("disk/dateline.db-wal").exists());
        } else {
            dateline.stop();
            assert!(
                !site.path("disk/dateline.db-wal").exists(),
                "the store is one file after a stop, for those who copy it"
            );
        }
        let why = if is_full {
            disk.fill();
            "its disk is full"
        } else {
            disk.run("mount", &["-o", "remount,ro"]);
            "its file system is read-only"
        };

        let mut dateline = site.start();
        let address = dateline.address();
        let message = dateline.says("failed:");
        assert!(message.contains(why), "{message}");
        assert!(message.contains("disk/dateline.db"), "{message}");
        assert_eq!(served(address), before);
        assert_eq!(get(address, "/tags/t7/rss.xml").body, tag.body);
        site.article(1, "written meanwhile");
        dateline.says("failed:");
        assert_eq!(served(address), before);

        if is_full {
            disk.empty();
        } else {
            disk.run("mount", &["-o", "remount,rw"]);
        }
        let said = dateline.says("refreshed:");
        let feed = get(address, "/rss.xml").body;
        assert!(feed.contains("written meanwhile"), "{said}");
        dateline.stop();
    }
}

#[test]
fn a_store_that_cannot_be_made_is_told_with_what_to_do() {
    let site = Site::new();
    for (path, says) in [
        (
            "nowhere/dateline.db",
            "its folder is not there; make it: mkdir -p ",
        ),
        ("content", "it is a folder; name a file in [store] path"),
        ("/proc/dateline.db", "/proc/dateline.db cannot be opened: "),
    ] {
        site.configure(&format!("[store]\npath = \"{path}\"\n"));
        let output = site.command("serve", &["--log", "text"]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words(&said).contains(says.trim()), "{said}");
        assert!(said.starts_with("the store "), "{said}");
    }
}

/// What changes files: the calls of SQLite, and those with which a folder of files is written.
const CALLS: [&str; 6] = [
    "pwrite64",
    "write",
    "fsync",
    "ftruncate",
    "unlink,unlinkat",
    "rename,renameat,renameat2",
];

/// `program` under strace, where call number `n` of each thread fails. What was made to fail
/// is in the file `trace`.
fn failing(site: &Site, call: &str, error: &str, n: usize, program: &Command) -> Command {
    let mut traced = Command::new("strace");
    // -D: the traced process is our child, and not strace.
    traced
        .args(["-D", "-f", "-q", "--seccomp-bpf", "-o"])
        .arg(site.path("trace"))
        .args(["-e", &format!("trace={call}"), "-e"])
        .arg(format!("inject={call}:error={error}:when={n}"))
        .arg(program.get_program())
        .args(program.get_args());
    traced
}

/// Whether the fault was injected at all.
fn has_failed(site: &Site) -> bool {
    let trace = fs::read_to_string(site.path("trace")).unwrap_or_default();
    trace.contains("(INJECTED)")
}

fn is_long() -> bool {
    std::env::var_os("DATELINE_LONG").is_some()
}

/// Calls `each` for the n-th call of every kind that fails, for every n until there is no such
/// call any more, or for some of them; and says how many that were.
fn each_failure(errors: &[&str], calls: &[&str], mut each: impl FnMut(&str, &str, usize) -> bool) {
    let (step, mut failures) = if is_long() { (1, 0) } else { (7, 0) };
    for (number, call) in calls.iter().enumerate() {
        let before = failures;
        for error in errors {
            // Not the same ones for each.
            let mut n = 1 + number % step;
            while each(call, error, n) {
                (n, failures) = (n + step, failures + 1);
            }
        }
        assert!(
            !is_long() || failures > before,
            "no {call} failed: the fault is not injected any more"
        );
    }
    let report = format!("{failures} writes were made to fail\n");
    let _ = std::io::Write::write_all(&mut std::io::stderr(), report.as_bytes());
    assert!(failures >= calls.len(), "only {failures} writes failed");
}

/// The n-th call of each kind fails, from the start over a refresh to the end. What was kept is
/// whole: the last edition, or the new one.
#[test]
fn a_write_that_fails_loses_nothing_whichever_it_is() {
    let site = Site::new();
    site.start().address();
    let mut before = store_says(&site);
    let mut round = 0;
    each_failure(&["ENOSPC", "EIO", "EINTR"], &CALLS, |call, error, n| {
        round += 1;
        let words = format!("write {round}.");
        let what = format!("{call} {n}: {error}");
        site.article(1, &words);
        let out = site.path("out");
        let build = site.command("build", &[&out.display().to_string(), "--coded"]);
        let output = failing(&site, call, error, n, &build)
            .output()
            .expect("strace is missing; apt-get install strace");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!said.contains("panicked"), "{what}: {said}");
        let after = store_says(&site);
        let is_kept = after.contains(&words);
        // Where the last step alone failed, it may have been kept all the same.
        assert!(is_kept || after == before, "{what}: {said}");
        if output.status.code() != Some(2) {
            assert!(is_kept, "{what}: {said}");
        }
        for name in ["rss.xml", "atom.xml", "sitemap.xml"] {
            let file = fs::read_to_string(out.join(name)).unwrap_or_default();
            let is_whole = file.is_empty() || file.trim_end().ends_with('>');
            assert!(is_whole, "{what}: {name} is torn");
        }
        before = after;
        has_failed(&site)
    });
}

/// The same under a server that is being read: it never stops answering, and the next start
/// serves what the last one kept.
#[test]
fn a_write_that_fails_stops_no_server() {
    let site = Site::new();
    site.start().address();
    let calls = ["pwrite64", "fsync"];
    let mut round = 0;
    each_failure(&["ENOSPC"], &calls, |call, error, n| {
        round += 1;
        let words = format!("round {round}.");
        let what = format!("{call} {n}: {error}");
        let before = store_says(&site);
        let serve = site.command("serve", &["--listen", "127.0.0.1:0"]);
        let mut dateline = Dateline::spawn(failing(&site, call, error, n, &serve));
        let (pid, address) = (dateline.pid(), dateline.address());
        let over = Arc::new(AtomicBool::new(false));
        let reader = {
            let (over, what) = (Arc::clone(&over), what.clone());
            std::thread::spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    let answer = get(address, "/rss.xml");
                    assert_eq!(answer.status, 200, "{what}");
                    assert!(answer.body.ends_with("</rss>"), "{what}: torn");
                    std::thread::sleep(Duration::from_millis(2));
                }
            })
        };
        site.article(1, &words);
        until("an outcome", || {
            let is_new = get(address, "/rss.xml").body.contains(&words);
            is_new
                || dateline
                    .hears("failed:", Duration::from_millis(50))
                    .is_some()
        });
        over.store(true, Ordering::Relaxed);
        reader.join().unwrap();
        let (status, messages) = dateline.stop();
        assert!(status.success(), "{what}: {messages:#?}");
        let after = store_says(&site);
        assert!(after == before || after.contains(&words), "{what}");
        // strace ends a little later.
        let pid = pid.to_string();
        until("the whole trace", || {
            let trace = fs::read_to_string(site.path("trace")).unwrap_or_default();
            let mut lines = trace.lines().map(str::split_whitespace);
            lines.any(|mut line| line.next() == Some(&pid) && line.nth(1) == Some("exited"))
        });
        has_failed(&site)
    });
}

/// The feed in the store, read by a fresh process that has no origin.
fn store_says(site: &Site) -> String {
    let away = site.path("away");
    fs::rename(site.path("content"), &away).unwrap();
    let mut dateline = site.start();
    let address = dateline.address();
    let body = get(address, "/rss.xml").body;
    drop(dateline);
    fs::rename(away, site.path("content")).unwrap();
    body
}
