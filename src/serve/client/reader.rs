//! What kind of program asks, as its `User-Agent` says. It decides nothing: it is counted, so
//! that an operator sees who comes.

use std::{cell::RefCell, sync::LazyLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use crate::render::robots::{CRAWLERS, Purpose};

/// A kind of program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reader {
    /// Reads feeds for people.
    Feeds,
    /// Finds pages for a search engine.
    Search,
    /// Reads for models and their answers.
    Ai,
    /// Any other crawler.
    Crawler,
    /// A program of somebody's own.
    Tool,
    /// A browser, or what calls itself one.
    Browser,
    /// Says nothing that is known.
    Other,
}

/// Words of readers of feeds, beside `subscribers`, which many say. The names are those that
/// the programs send.
const FEEDS: [&str; 28] = [
    "subscriber",
    "feed",
    "rss",
    "atom",
    "akregator",
    "antennapod",
    "bazqux",
    "dreamwidth",
    "elfeed",
    "gpodder",
    "inoreader",
    "liferea",
    "livejournal",
    "miniflux",
    "netnewswire",
    "newsblur",
    "newsboat",
    "newsflash",
    "overcast",
    "planet",
    "podcast",
    "pocketcasts",
    "reeder",
    "simplepie",
    "theoldreader",
    "thunderbird",
    "unread",
    "vienna",
];
/// Words of crawlers of which no purpose is known.
const CRAWLER: [&str; 4] = ["bot/", "bot;", "crawler", "spider"];
const TOOLS: [&str; 14] = [
    "aiohttp",
    "axios",
    "curl/",
    "go-http-client",
    "guzzle",
    "h2load",
    "httpx",
    "java/",
    "libwww",
    "node",
    "okhttp",
    "python",
    "ruby",
    "wget/",
];
/// Longer than this is not looked at.
const LOOKED_AT: usize = 256;

impl Reader {
    /// All, in order.
    pub const ALL: [Self; 7] = [
        Self::Feeds,
        Self::Search,
        Self::Ai,
        Self::Crawler,
        Self::Tool,
        Self::Browser,
        Self::Other,
    ];

    /// In one word, for metrics and programs.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Feeds => "feeds",
            Self::Search => "search",
            Self::Ai => "ai",
            Self::Crawler => "crawler",
            Self::Tool => "tool",
            Self::Browser => "browser",
            Self::Other => "other",
        }
    }

    /// For people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Feeds => "Feed readers",
            Self::Search => "Search engines",
            Self::Ai => "AI crawlers",
            Self::Crawler => "Other crawlers",
            Self::Tool => "Programs and scripts",
            Self::Browser => "Browsers",
            Self::Other => "Unknown",
        }
    }

    /// Of the program that sends this `User-Agent`. Most say `Mozilla` as well, and a crawler
    /// may have `feed` in its name: what is named by itself counts first.
    pub(in crate::serve) fn of(agent: &[u8]) -> Self {
        thread_local! {
            // Requests of one connection, and of a busy client, come one after another.
            static LAST: RefCell<(Vec<u8>, Reader)> = const { RefCell::new((Vec::new(), Reader::Other)) };
        }
        LAST.with_borrow_mut(|(last, kind)| {
            if last != agent {
                *kind = Self::find(&agent[..agent.len().min(LOOKED_AT)]);
                last.clear();
                last.extend_from_slice(agent);
            }
            *kind
        })
    }

    fn find(agent: &[u8]) -> Self {
        let Some(words) = &WORDS.words else {
            return Self::Other;
        };
        let found = words.find_iter(agent);
        let found = found.map(|found| WORDS.kinds[found.pattern().as_usize()]);
        found.min().map_or(Self::Other, |(_, kind)| kind)
    }
}

struct Words {
    /// None if they could not be compiled, which a test excludes.
    words: Option<AhoCorasick>,
    /// The rank of each, and what it stands for.
    kinds: Vec<(u8, Reader)>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let named = CRAWLERS.iter().map(|crawler| {
        let kind = match crawler.purpose {
            Purpose::Search => Reader::Search,
            Purpose::AiSearch | Purpose::AiTraining => Reader::Ai,
            Purpose::Archives => Reader::Crawler,
        };
        (crawler.name, (0, kind))
    });
    let words =
        |words: &'static [&str], rank, kind| words.iter().map(move |word| (*word, (rank, kind)));
    let (words, kinds): (Vec<&str>, Vec<_>) = named
        .chain(words(&FEEDS, 1, Reader::Feeds))
        .chain(words(&CRAWLER, 2, Reader::Crawler))
        .chain(words(&TOOLS, 3, Reader::Tool))
        .chain(words(&["mozilla"], 4, Reader::Browser))
        .unzip();
    let compiled = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostLongest)
        // The smallest: it is at work once in many requests.
        .kind(Some(AhoCorasickKind::ContiguousNFA))
        .build(words);
    Words {
        words: compiled.ok(),
        kinds,
    }
});

#[cfg(test)]
mod tests {
    use super::Reader::{self, *};

    #[test]
    fn programs_are_known_by_what_they_say() {
        for (agent, kind) in [
            (
                "Feedly/1.0 (+http://www.feedly.com/fetcher.html; 12 subscribers; )",
                Feeds,
            ),
            ("Feedbin feed-id:1 - 2 subscribers", Feeds),
            (
                "NewsBlur Feed Fetcher - 3 subscribers - https://a.example/ (Mozilla/5.0 (X11))",
                Feeds,
            ),
            (
                "Mozilla/5.0 (compatible; Miniflux/2.2; +https://miniflux.app)",
                Feeds,
            ),
            ("Tiny Tiny RSS/21.11 (https://tt-rss.org/)", Feeds),
            ("NetNewsWire (RSS Reader; https://netnewswire.com/)", Feeds),
            (
                "Overcast/1.0 Podcast Sync (4 subscribers; feed-id=5)",
                Feeds,
            ),
            (
                "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
                Search,
            ),
            (
                "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
                Search,
            ),
            (
                "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2)",
                Ai,
            ),
            ("Applebot-Extended/0.1", Ai),
            ("Mozilla/5.0 (compatible; AhrefsBot/7.0)", Crawler),
            ("curl/8.5.0", Tool),
            ("python-requests/2.34", Tool),
            (
                "feedparser/6.0.14 +https://github.com/kurtmckee/feedparser/",
                Feeds,
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                Browser,
            ),
            ("", Other),
            ("x", Other),
        ] {
            assert_eq!(Reader::of(agent.as_bytes()), kind, "{agent}");
            assert_eq!(Reader::of(agent.as_bytes()), kind, "again: {agent}");
        }
        assert_eq!(Reader::of(&[0xFF; 9_000]), Other);
        for (i, kind) in Reader::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, i);
        }
    }
}
