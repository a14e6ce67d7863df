//! Changes are served without anyone's doing.

use std::{fs, os::unix::fs::symlink, process::Command, time::Duration};

use crate::{
    process::{Dateline, Site, get, until, write_article},
    progress::{end, site, slowed},
};

/// Long enough for a second refresh to show, were there one.
const PAUSE: Duration = Duration::from_millis(1_500);

#[test]
fn an_edit_a_new_file_and_a_removal_are_served() {
    let site = Site::new();
    let mut dateline = site.start();
    let address = dateline.address();
    assert!(get(address, "/rss.xml").body.contains("first"));
    site.article(2, "second");
    dateline.says("refreshed: 3 articles");
    until("the edit", || {
        get(address, "/rss.xml").body.contains("second")
    });
    fs::create_dir(site.path("content/deep")).unwrap();
    write_article(&site.path("content/deep"), 4, "third");
    until("the new file", || {
        get(address, "/rss.xml").body.contains("third")
    });
    fs::remove_file(site.path("content/a1.md")).unwrap();
    until("the removal", || {
        !get(address, "/sitemap.xml").body.contains("/a1/")
    });
}

#[test]
fn a_burst_is_one_refresh_and_reading_is_none() {
    let site = Site::new();
    let mut dateline = site.start();
    dateline.address();
    for round in 0..20 {
        for number in 1..=3 {
            site.article(number, &format!("round {round}"));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    dateline.says("refreshed:");
    assert_eq!(dateline.hears("refreshed:", PAUSE), None);
    fs::read(site.path("content/a1.md")).unwrap();
    assert_eq!(dateline.hears("refreshed:", PAUSE), None);
}

#[test]
fn a_tree_that_is_being_written_is_waited_for() {
    let site = Site::new();
    let mut dateline = site.start();
    let address = dateline.address();
    for number in 10..28 {
        site.article(number, "more");
        std::thread::sleep(Duration::from_millis(60));
    }
    let message = dateline.says("refreshed:");
    assert!(message.starts_with("refreshed: 21 articles"), "{message}");
    assert!(get(address, "/sitemap.xml").body.contains("/a27/"));
}

#[test]
fn a_folder_that_is_replaced_is_still_watched() {
    let site = Site::new();
    fs::rename(site.path("content"), site.path("release-1")).unwrap();
    symlink("release-1", site.path("content")).unwrap();
    let mut dateline = site.start();
    let address = dateline.address();
    // As deployments do, and Kubernetes with its config maps.
    fs::create_dir(site.path("release-2")).unwrap();
    for number in 1..=3 {
        write_article(&site.path("release-2"), number, "release two");
    }
    symlink("release-2", site.path("content.new")).unwrap();
    fs::rename(site.path("content.new"), site.path("content")).unwrap();
    until("the release", || {
        get(address, "/rss.xml").body.contains("release two")
    });
    dateline.says("refreshed: 3 articles");
    write_article(&site.path("release-2"), 3, "an edit after it");
    until("the edit", || {
        get(address, "/rss.xml").body.contains("an edit after it")
    });
}

#[test]
fn a_faulty_configuration_is_refused_with_its_faults_and_the_one_before_stays() {
    let site = Site::new();
    let mut dateline = site.start();
    let address = dateline.address();
    site.configure("[sevrer]\n[store]\npath = 7\n");
    let message = dateline.says("refused:");
    assert!(message.contains("sevrer is not known"), "{message}");
    assert!(message.contains("did you mean server?"), "{message}");
    assert!(message.contains("store.path must be a string"), "{message}");
    assert_eq!(get(address, "/rss.xml").status, 200);
    site.article(1, "edited meanwhile");
    until("the edit", || {
        get(address, "/rss.xml").body.contains("edited meanwhile")
    });
    site.configure("[[feed]]\nname = \"news\"\n");
    dateline.says("reloaded:");
    until("the feed", || {
        get(address, "/feeds/news/rss.xml").status == 200
    });
}

/// Whenever it comes: also while a failed refresh is about to be tried again.
#[test]
fn a_configuration_that_changes_in_an_outage_is_taken() {
    let site = Site::new();
    let mut dateline = site.start();
    let address = dateline.address();
    for round in 0..6 {
        fs::rename(site.path("content"), site.path("away")).unwrap();
        dateline.says("failed:");
        // The first attempt comes after a second.
        std::thread::sleep(Duration::from_millis(600 + 100 * round));
        fs::rename(site.path("away"), site.path("content")).unwrap();
        site.configure(&format!(
            "[[feed]]\nname = \"all\"\nlimit = {}\n",
            round + 5
        ));
        dateline.says("reloaded:");
        dateline.says("refreshed:");
        assert_eq!(get(address, "/rss.xml").status, 200);
    }
}

#[test]
fn a_listener_that_stays_is_kept_and_another_is_opened() {
    let site = Site::new();
    let free = || {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    let (stays, comes) = (free(), free());
    site.configure(&format!("[server]\nlisten = [\"{stays}\"]\n"));
    let mut dateline = site.start_with(&[], &[]);
    assert_eq!(dateline.address(), stays);
    // One that cannot be had refuses the whole configuration.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().map(|address| (address, taken)).unwrap();
    site.configure(&format!(
        "[server]\nlisten = [\"{stays}\", \"{}\"]\n",
        taken.0
    ));
    let message = dateline.says("refused:");
    assert!(
        message.contains(&format!("cannot listen on {}", taken.0)),
        "{message}"
    );
    assert_eq!(get(stays, "/rss.xml").status, 200);
    site.configure(&format!("[server]\nlisten = [\"{stays}\", \"{comes}\"]\n"));
    dateline.says("reloaded:");
    assert_eq!(get(stays, "/rss.xml"), get(comes, "/rss.xml"));
}

#[test]
fn a_signal_asks_for_a_refresh_although_nothing_changed() {
    let site = Site::new();
    let mut dateline = site.start();
    dateline.address();
    dateline.signal("HUP");
    let message = dateline.says("refreshed:");
    assert!(message.ends_with("0 changed"), "{message}");
}

/// The processors that the threads of this name may use, in the process that `pid` started.
fn processors(pid: u32, name: &str) -> Vec<String> {
    let child = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    let tasks = fs::read_dir(format!("/proc/{}/task", child.trim()));
    let tasks = tasks.into_iter().flatten().filter_map(Result::ok);
    let statuses = tasks.filter_map(|task| fs::read_to_string(task.path().join("status")).ok());
    let named = statuses.filter(|status| status.starts_with(&format!("Name:\t{name}\n")));
    named
        .map(|status| {
            let allowed = status.split("Cpus_allowed_list:\t").nth(1).unwrap();
            allowed.lines().next().unwrap().to_owned()
        })
        .collect()
}

#[test]
fn a_refresh_keeps_to_one_of_two_processors_once_something_is_served() {
    // As many as there are, named one by one.
    let all = Command::new("taskset").args(["-cp", "1"]).output().unwrap();
    let all = String::from_utf8(all.stdout).unwrap();
    let all = all.trim().rsplit(' ').next().unwrap().to_owned();
    let mut numbers = all.split(',').flat_map(|range| {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        first.parse::<u32>().unwrap()..=last.parse().unwrap()
    });
    let two = [0, 1].map(|_| numbers.next().expect("this test needs two processors"));
    let site = site();
    let serve = slowed(&site.command("serve", &["--listen", "127.0.0.1:0"]), 40);
    let on_two = |serve: &Command| {
        let mut command = Command::new("taskset");
        command.args(["-c", &format!("{},{}", two[0], two[1])]);
        command.arg(serve.get_program()).args(serve.get_args());
        command
    };
    let last = vec![two[1].to_string()];
    // It has a store, and serves what that holds.
    let mut dateline = Dateline::spawn(on_two(&serve));
    let pid = dateline.pid();
    dateline.address();
    until("the reading", || processors(pid, "read") == last);
    assert_eq!(processors(pid, "refresh"), last);
    dateline.says("refreshed: ");
    end(&site);
    dateline.wait();
    // A first start serves nothing yet.
    fs::remove_file(site.path("dateline.db")).unwrap();
    let mut dateline = Dateline::spawn(on_two(&serve));
    let pid = dateline.pid();
    until("the reading", || !processors(pid, "read").is_empty());
    let found = [processors(pid, "read"), processors(pid, "refresh")];
    end(&site);
    dateline.wait();
    assert!(!found.contains(&last), "{found:?}");
}
