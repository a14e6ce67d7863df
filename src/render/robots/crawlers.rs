//! Crawlers by purpose: the table from which an operator's one word becomes a group.
//!
//! Only names that crawlers publish as their product token, each with where its operator says
//! so, or else who has watched it. A crawler that serves two purposes stands under the one its
//! operator names first. A few have digits or points, which RFC 9309 section 2.2.1 does not
//! allow: what counts is what the crawler itself looks for.
//!
//! In November 2026 those of AI were compared with the list of ai-robots-txt on GitHub, which has
//! every one of them, and those of OpenAI with a copy of its page. The others stand as their
//! pages had them when they were written down. Nothing looks at the pages by itself: before a
//! row is changed, look at its source.

/// What a crawler reads a site for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To list it in the results of a search engine.
    Search,
    /// To answer a person's question from it, there and then.
    AiSearch,
    /// To train models on it.
    AiTraining,
    /// To keep it for later times.
    Archives,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Self; 4] = [
        Self::Search,
        Self::AiSearch,
        Self::AiTraining,
        Self::Archives,
    ];

    /// What it is called in a comment.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Search => "search engines",
            Self::AiSearch => "AI search and answers",
            Self::AiTraining => "AI training",
            Self::Archives => "archives",
        }
    }

    /// The crawlers that come for it, in order of name.
    pub fn crawlers(self) -> impl Iterator<Item = &'static Crawler> {
        CRAWLERS
            .iter()
            .filter(move |crawler| crawler.purpose == self)
    }
}

/// A crawler that says what it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crawler {
    /// Its product token.
    pub name: &'static str,
    /// What it comes for.
    pub purpose: Purpose,
    /// Where its operator, or who has watched it, says so.
    pub source: &'static str,
}

const fn crawler(name: &'static str, purpose: Purpose, source: &'static str) -> Crawler {
    Crawler {
        name,
        purpose,
        source,
    }
}

const AMAZON: &str = "https://developer.amazon.com/amazonbot";
const ANTHROPIC: &str = "https://support.claude.com/en/articles/8896518";
const APPLE: &str = "https://support.apple.com/en-us/119829";
const GOOGLE: &str =
    "https://developers.google.com/crawling/docs/crawlers-fetchers/google-common-crawlers";
const META: &str = "https://developers.facebook.com/docs/sharing/webmasters/web-crawlers";
const OPENAI: &str = "https://developers.openai.com/api/docs/bots";
const PERPLEXITY: &str = "https://docs.perplexity.ai/docs/resources/perplexity-crawlers";

/// In order of purpose and name.
pub const CRAWLERS: [Crawler; 42] = {
    use Purpose::{AiSearch, AiTraining, Archives, Search};
    [
        crawler("Applebot", Search, APPLE),
        crawler(
            "Baiduspider",
            Search,
            "https://help.baidu.com/question?prod_id=99&class=0&id=3001",
        ),
        crawler(
            "Bingbot",
            Search,
            "https://www.bing.com/webmasters/help/which-crawlers-does-bing-use-8c184ec0",
        ),
        crawler(
            "Bravebot",
            Search,
            "https://safe.search.brave.com/help/brave-search-crawler",
        ),
        crawler("DuckDuckBot", Search, "https://duckduckgo.com/duckduckbot"),
        crawler("Googlebot", Search, GOOGLE),
        crawler("MojeekBot", Search, "https://www.mojeek.com/bot.html"),
        crawler(
            "SeznamBot",
            Search,
            "https://o-seznam.cz/napoveda/vyhledavani/en/seznambot-crawler/",
        ),
        crawler("Slurp", Search, "https://help.yahoo.com/kb/SLN22600.html"),
        crawler(
            "Yandex",
            Search,
            "https://yandex.com/support/webmaster/robot-workings/check-yandex-robots.html",
        ),
        crawler("Yeti", Search, "https://naver.me/spd"),
        crawler("Amzn-SearchBot", AiSearch, AMAZON),
        crawler("Amzn-User", AiSearch, AMAZON),
        crawler("ChatGPT-User", AiSearch, OPENAI),
        crawler("Claude-SearchBot", AiSearch, ANTHROPIC),
        crawler("Claude-User", AiSearch, ANTHROPIC),
        crawler(
            "DuckAssistBot",
            AiSearch,
            "https://duckduckgo.com/duckassistbot",
        ),
        crawler("MistralAI-User", AiSearch, "https://docs.mistral.ai/robots"),
        crawler("OAI-SearchBot", AiSearch, OPENAI),
        crawler("Perplexity-User", AiSearch, PERPLEXITY),
        crawler("PerplexityBot", AiSearch, PERPLEXITY),
        crawler("YouBot", AiSearch, "https://about.you.com/youbot/"),
        crawler(
            "cohere-ai",
            AiSearch,
            "https://darkvisitors.com/agents/cohere-ai",
        ),
        crawler("meta-externalfetcher", AiSearch, META),
        crawler("meta-webindexer", AiSearch, META),
        crawler("AI2Bot", AiTraining, "https://allenai.org/crawler"),
        crawler("Amazonbot", AiTraining, AMAZON),
        crawler("Applebot-Extended", AiTraining, APPLE),
        crawler(
            "Bytespider",
            AiTraining,
            "https://darkvisitors.com/agents/bytespider",
        ),
        crawler("CCBot", AiTraining, "https://commoncrawl.org/ccbot"),
        crawler("ClaudeBot", AiTraining, ANTHROPIC),
        crawler(
            "Diffbot",
            AiTraining,
            "https://docs.diffbot.com/docs/does-crawl-follow-robotstxt",
        ),
        crawler(
            "FacebookBot",
            AiTraining,
            "https://developers.facebook.com/docs/sharing/bot/",
        ),
        crawler("GPTBot", AiTraining, OPENAI),
        crawler("Google-Extended", AiTraining, GOOGLE),
        crawler(
            "anthropic-ai",
            AiTraining,
            "https://darkvisitors.com/agents/anthropic-ai",
        ),
        crawler(
            "cohere-training-data-crawler",
            AiTraining,
            "https://darkvisitors.com/agents/cohere-training-data-crawler",
        ),
        crawler("meta-externalagent", AiTraining, META),
        crawler("omgili", AiTraining, "https://webz.io/bot.html"),
        crawler(
            "archive-it",
            Archives,
            "https://support.archive-it.org/hc/en-us/articles/208001096",
        ),
        crawler(
            "archive.org_bot",
            Archives,
            "https://archive.org/details/archive.org_bot",
        ),
        crawler(
            "ia_archiver",
            Archives,
            "https://archive.org/details/archive.org_bot",
        ),
    ]
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_crawler_stands_once_under_a_name_that_could_be_one() {
        for (i, crawler) in CRAWLERS.iter().enumerate() {
            // What `[[robots.group]] agents` takes too.
            let token = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
            assert!(crawler.name.bytes().all(token), "{}", crawler.name);
            assert!(crawler.source.starts_with("https://"), "{}", crawler.name);
            let again = CRAWLERS[i + 1..]
                .iter()
                .any(|other| other.name.eq_ignore_ascii_case(crawler.name));
            assert!(!again, "{}", crawler.name);
        }
        for purpose in Purpose::ALL {
            let names: Vec<_> = purpose.crawlers().map(|crawler| crawler.name).collect();
            assert!(names.is_sorted() && !names.is_empty(), "{names:?}");
        }
    }
}
