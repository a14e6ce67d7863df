//! Killed at any moment of its start, a read, a write and a swap, the server comes back with
//! its last whole edition, and no validator goes back. `DATELINE_LONG=1` kills 2,000 times.

use std::{
    collections::BTreeMap,
    fs,
    io::Write as _,
    net::SocketAddr,
    time::{Duration, Instant, SystemTime},
};

use crate::process::{Answer, SOON, Site, get, until, write_article};

/// So many that a read and a write take a while.
const ARTICLES: u32 = 112;
/// These two are edited together, and must never be served apart.
const EDITED: [u32; 2] = [1, ARTICLES];
const FEEDS: [&str; 3] = ["/rss.xml", "/atom.xml", "/feed.json"];

/// What a kill aims at.
#[derive(Debug, Clone, Copy)]
enum Aim {
    /// From the first instruction until it serves.
    Start,
    /// From there until its refresh is told.
    Refresh,
    /// While it reads.
    Read,
    /// From the first byte written to the store until its refresh is told.
    Write,
}

/// Where a kill fell, as it looks from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Moment {
    Start,
    /// The tree is watched for rest, or documents are made.
    Between,
    Read,
    /// The store was written, and nothing of it was kept.
    Write,
    /// What was written was kept, and not yet told.
    Swap,
    Served,
}

impl Moment {
    const ALL: [Self; 6] = [
        Self::Start,
        Self::Between,
        Self::Read,
        Self::Write,
        Self::Swap,
        Self::Served,
    ];
}

/// How long things take here and now, from the start of the process.
#[derive(Debug, Clone, Copy)]
struct Pace {
    serves: Duration,
    reads: Duration,
    makes: Duration,
    writes: Duration,
    refreshed: Duration,
}

#[test]
fn a_server_that_is_killed_comes_back_with_its_last_edition() {
    let long = std::env::var_os("DATELINE_LONG").is_some();
    let kills = if long { 2_000 } else { 40 };
    let mut killer = Killer::new();
    for round in 1..=kills {
        let aim = match round % 6 {
            0 => Aim::Start,
            1 => Aim::Refresh,
            2 | 3 => Aim::Read,
            _ => Aim::Write,
        };
        killer.kill(round, aim);
    }
    killer.starts.sort();
    let (starts, fell) = (&killer.starts, &killer.fell);
    let (median, slowest) = (starts[starts.len() / 2], starts[starts.len() - 1]);
    let report = format!(
        "{kills} kills fell into {fell:?}; {:?}\nuntil it served again: {median:?}, {slowest:?} at most\n",
        killer.pace
    );
    let _ = std::io::stderr().write_all(report.as_bytes());
    assert!(slowest < Duration::from_secs(10), "{slowest:?}");
    if long {
        for moment in Moment::ALL {
            let fell = fell.get(&moment).copied().unwrap_or_default();
            assert!(fell >= kills / 100, "{fell} kills fell into {moment:?}");
        }
    }
}

/// Kills, starts anew, and compares what is served with what was served before.
struct Killer {
    site: Site,
    random: u32,
    pace: Pace,
    /// What was served last.
    last: Option<Edition>,
    /// The newest round that was told to be served.
    told: u32,
    /// A kill of which the next start tells whether it fell before or behind the commit.
    open: Option<u32>,
    fell: BTreeMap<Moment, u32>,
    starts: Vec<Duration>,
}

impl Killer {
    fn new() -> Self {
        let site = Site::new();
        site.configure("[[feed]]\nname = \"all\"\nlimit = 200\n");
        // Days end with the month, so that some articles share one.
        for number in 1..=ARTICLES {
            let folder = site.path("content").join(format!("{}", number / 28));
            fs::create_dir_all(&folder).unwrap();
            write_article(&folder, number % 28 + 1, &text(0));
        }
        Self {
            pace: pace(&site),
            site,
            random: std::process::id(),
            last: None,
            told: 0,
            open: None,
            fell: BTreeMap::new(),
            starts: Vec::new(),
        }
    }

    fn edit(&self, round: u32) {
        for number in EDITED {
            let folder = self.site.path("content").join(format!("{}", number / 28));
            write_article(&folder, number % 28 + 1, &text(round));
        }
    }

    fn kill(&mut self, round: u32, aim: Aim) {
        self.edit(round);
        let Pace {
            serves,
            reads,
            makes,
            writes,
            refreshed,
        } = self.pace;
        let begun = Instant::now();
        let mut dateline = self.site.start();
        let mut before = None;
        if !matches!(aim, Aim::Start) {
            let address = dateline.address();
            self.starts.push(begun.elapsed());
            before = written(&self.site);
            self.look_at(address, round);
        }
        let most = match aim {
            Aim::Start => serves * 3 / 2,
            Aim::Refresh => refreshed.saturating_sub(begun.elapsed()),
            Aim::Read => {
                // On a busy machine it may be over by now.
                until("a read", || {
                    is_reading(dateline.pid()) || written(&self.site) != before
                });
                makes.saturating_sub(reads)
            }
            Aim::Write => {
                // The whole write takes no longer than a few of these looks.
                while written(&self.site) == before && begun.elapsed() < SOON {
                    std::thread::sleep(Duration::from_micros(50));
                }
                // Told by another thread, so somewhat later.
                refreshed.saturating_sub(writes) * 3 / 2 + Duration::from_millis(20)
            }
        };
        std::thread::sleep(self.somewhere_in(most));
        let reads = is_reading(dateline.pid());
        dateline.kill();
        let moment = if dateline
            .hears("refreshed:", Duration::from_millis(20))
            .is_some()
        {
            self.told = round;
            Some(Moment::Served)
        } else if matches!(aim, Aim::Start) {
            Some(Moment::Start)
        } else if reads {
            Some(Moment::Read)
        } else if before == written(&self.site) {
            Some(Moment::Between)
        } else {
            self.open = Some(round);
            None
        };
        if let Some(moment) = moment {
            *self.fell.entry(moment).or_default() += 1;
        }
    }

    /// Compares what is served in this round with what was served before.
    fn look_at(&mut self, address: SocketAddr, round: u32) {
        let edition = Edition::at(address);
        let now = edition.round;
        assert!(now >= self.told, "{now} after {} was told", self.told);
        assert!(now <= round, "{now} in round {round}");
        if let Some(last) = &self.last {
            last.is_followed_by(&edition);
        }
        if let Some(open) = self.open.take() {
            let kept = now >= open;
            let moment = if kept { Moment::Swap } else { Moment::Write };
            *self.fell.entry(moment).or_default() += 1;
        }
        self.last = Some(edition);
    }

    /// A part of the time, by Numerical Recipes' generator.
    fn somewhere_in(&mut self, time: Duration) -> Duration {
        let next = self.random.wrapping_mul(1_664_525);
        self.random = next.wrapping_add(1_013_904_223);
        time.mul_f64(f64::from(self.random >> 8) / f64::from(1 << 24))
    }
}

/// A text that says its round, and is long enough to take a while to read.
fn text(round: u32) -> String {
    format!("round {round}.\n\n{}", "Many *words* of it. ".repeat(30))
}

/// One start and one refresh that nobody disturbs, after a first run.
fn pace(site: &Site) -> Pace {
    let mut dateline = site.start();
    dateline.address();
    dateline.stop();
    write_article(&site.path("content/0"), 3, &format!("{} Once.", text(0)));
    let begun = Instant::now();
    let mut dateline = site.start();
    dateline.address();
    let (serves, before) = (begun.elapsed(), written(site));
    until("a read", || is_reading(dateline.pid()));
    let reads = begun.elapsed();
    until("the end of it", || !is_reading(dateline.pid()));
    let makes = begun.elapsed();
    until("a write", || written(site) != before);
    let writes = begun.elapsed();
    dateline.says("refreshed:");
    let refreshed = begun.elapsed();
    dateline.kill();
    Pace {
        serves,
        reads,
        makes,
        writes,
        refreshed,
    }
}

/// When the store was last written, and how long what was written is.
fn written(site: &Site) -> Option<(SystemTime, u64)> {
    let log = fs::metadata(site.path("dateline.db-wal")).ok()?;
    Some((log.modified().unwrap(), log.len()))
}

/// Whether the process has a thread that reads the origin.
fn is_reading(pid: u32) -> bool {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    let mut names = threads
        .filter_map(Result::ok)
        .filter_map(|thread| fs::read_to_string(thread.path().join("comm")).ok());
    names.any(|name| name == "read\n")
}

/// All that is served at one moment.
struct Edition {
    round: u32,
    answers: BTreeMap<&'static str, Answer>,
}

impl Edition {
    /// Asks for every document; each must be whole, and all of one round. A swap between two
    /// answers is no fault: then they are asked again.
    fn at(address: SocketAddr) -> Self {
        let ask = || -> BTreeMap<_, _> {
            let paths = FEEDS.into_iter().chain(["/sitemap.xml"]);
            paths.map(|path| (path, whole(address, path))).collect()
        };
        let mut answers = ask();
        let mut rounds = rounds(&answers);
        if rounds.len() > 1 {
            answers = ask();
            rounds = self::rounds(&answers);
        }
        assert_eq!(rounds.len(), 1, "one edition has {rounds:?}");
        Self {
            round: rounds[0],
            answers,
        }
    }

    fn is_followed_by(&self, next: &Self) {
        for (path, before) in &self.answers {
            let now = &next.answers[path];
            let changed = |answer: &Answer| {
                let field = answer.field("last-modified");
                field.map(|date| httpdate::parse_http_date(date).unwrap())
            };
            let (tag_before, tag) = (before.field("etag"), now.field("etag"));
            assert!(tag.is_some() && tag_before.is_some(), "{path} has no tag");
            assert_eq!(
                before.body == now.body,
                tag_before == tag,
                "{path}: tags tell bytes apart"
            );
            let is_feed = FEEDS.contains(path);
            assert!(
                !is_feed || (self.round == next.round) == (tag_before == tag),
                "{path}: round {} has {tag_before:?}, round {} has {tag:?}",
                self.round,
                next.round
            );
            // A date is not sent before its second is over.
            if let (Some(before), Some(now)) = (changed(before), changed(now)) {
                assert!(now >= before, "{path} went back");
            }
        }
    }
}

/// Every round that the feeds tell of.
fn rounds(answers: &BTreeMap<&str, Answer>) -> Vec<u32> {
    let mut rounds = Vec::new();
    for path in FEEDS {
        let mut found = 0;
        for behind in answers[path].body.split("round ").skip(1) {
            let (digits, _) = behind.split_once('.').unwrap();
            rounds.push(digits.parse().unwrap());
            found += 1;
        }
        assert!(found >= ARTICLES, "{path} has {found} articles");
    }
    // All but two stay at the first one.
    rounds.retain(|round| *round != 0);
    rounds.sort_unstable();
    rounds.dedup();
    if rounds.is_empty() {
        rounds.push(0);
    }
    rounds
}

/// The answer, whose body must be as long as it says, to its end.
fn whole(address: SocketAddr, path: &str) -> Answer {
    let answer = get(address, path);
    assert_eq!(answer.status, 200);
    let length: usize = answer.field("content-length").unwrap().parse().unwrap();
    assert_eq!(answer.body.len(), length, "{path}");
    let end = answer.body.trim_end().chars().last();
    assert!(matches!(end, Some('>' | '}')), "{path} ends in {end:?}");
    answer
}
