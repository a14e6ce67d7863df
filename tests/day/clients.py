"""Readers and crawlers as publishers see them in their logs: what they ask for, how often,
and what they send. `remembers` says which validators they bring back."""

from dataclasses import dataclass

GZIP = "gzip, deflate"
BROTLI = "gzip, deflate, br"


@dataclass(frozen=True)
class Client:
    """One client. `every` is in minutes; `forced` are the polls, of so many, that it makes
    without validators, as readers do when their user asks for it."""

    name: str
    path: str
    every: int
    agent: str
    remembers: str = "both"  # etag, date, both, none; invented: a date from its own clock
    accept: str = "*/*"
    coding: str | None = GZIP
    query: str = ""
    forced: int = 0
    method: str = "GET"
    tag: str = "{}"  # what a proxy on the way makes of the tag


FEED = "application/rss+xml, application/atom+xml, application/xml;q=0.9, */*;q=0.8"

CLIENTS = [
    Client("Feedly", "/rss.xml", 60,
           "Feedly/1.0 (+http://www.feedly.com/fetcher.html; 37 subscribers; )"),
    Client("Inoreader", "/rss.xml", 60, "Mozilla/5.0 (compatible; inoreader.com; 12 subscribers)"),
    Client("Feedbin", "/atom.xml", 30, "Feedbin feed-id:1373711 - 9 subscribers"),
    Client("NewsBlur", "/rss.xml", 30, "NewsBlur Feed Fetcher - 7 subscribers - http://www.newsblur.com",
           query="?_={n}", forced=20),
    Client("The Old Reader", "/rss.xml", 60,
           "Mozilla/5.0 (compatible; theoldreader.com; 4 subscribers; feed-id=5f)"),
    Client("BazQux", "/atom.xml", 60,
           "Mozilla/5.0 (compatible; BazQux/2.4; +https://bazqux.com/fetcher; 3 subscribers)"),
    Client("FreshRSS", "/atom.xml", 20, "FreshRSS/1.24.0 (Linux; https://freshrss.org)",
           accept="application/atom+xml, application/rss+xml, text/html;q=0.7, */*;q=0.1",
           coding="gzip, deflate, br, zstd"),
    Client("Tiny Tiny RSS, old", "/rss.xml", 30,
           "Tiny Tiny RSS/1.15 (http://tt-rss.org/)", remembers="invented"),
    Client("Tiny Tiny RSS, new", "/rss.xml", 30, "Tiny Tiny RSS/24.01 (https://tt-rss.org/)"),
    Client("Miniflux", "/atom.xml", 60,
           "Mozilla/5.0 (compatible; Miniflux/2.2.0; +https://miniflux.app)", accept=FEED, coding=BROTLI),
    Client("NetNewsWire", "/feed.json", 15,
           "NetNewsWire (RSS Reader; https://netnewswire.com/)", coding=BROTLI),
    Client("Reeder", "/feed.json", 15,
           "Reeder/5050001 CFNetwork/1568 Darwin/24.0.0", coding=BROTLI),
    Client("newsboat", "/rss.xml", 60, "newsboat/2.21.0 (Linux x86_64)", coding="gzip, deflate"),
    Client("Liferea", "/atom.xml", 30, "Liferea/1.15.5 (Linux; https://lzone.de/liferea/)"),
    Client("Thunderbird", "/rss.xml", 100, "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Thunderbird/128.3.0",
           accept="application/atom+xml,application/rss+xml;q=0.8,application/xml;q=0.7,*/*;q=0.1",
           remembers="date", coding=BROTLI),
    Client("Akregator", "/rss.xml", 30, "Akregator/5.24; syndication", remembers="etag"),
    Client("feedparser script", "/rss.xml", 15,
           "feedparser/6.0.11 +https://github.com/kurtmckee/feedparser/", accept=FEED),
    Client("Java (ROME)", "/rss.xml", 30,
           "Java/17.0.9", accept="text/html, image/gif, image/jpeg, */*; q=0.2", coding=None, remembers="date"),
    Client("WordPress", "/rss.xml", 720,
           "WordPress/6.6; https://blog.example", coding="deflate, gzip;q=1.0, *;q=0.5"),
    Client("Slackbot", "/atom.xml", 30,
           "Slackbot 1.0 (+https://api.slack.com/robots)", remembers="etag"),
    Client("Overcast", "/rss.xml", 60,
           "Overcast/1.0 Podcast Sync (5 subscribers; feed-id=88; +http://overcast.fm/)"),
    Client("behind Apache", "/rss.xml", 30,
           "Mozilla/5.0 (behind mod_deflate)", tag="{}", remembers="etag"),
    Client("behind nginx", "/rss.xml", 30,
           "Mozilla/5.0 (behind nginx)", remembers="etag", tag="W/{opaque}"),
    Client("a list of tags", "/atom.xml", 30,
           "Mozilla/5.0 (keeps several)", remembers="etag", tag='"old", {}, W/"older"'),
    Client("HEAD first", "/rss.xml", 60, "Go-http-client/1.1", method="HEAD", coding="gzip"),
    Client("Googlebot", "/sitemap.xml", 240,
           "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", coding=BROTLI),
    Client("Bingbot", "/sitemap.xml", 360,
           "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", coding=BROTLI, remembers="date"),
    Client("GPTBot", "/sitemap.xml", 720,
           "Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)", coding=BROTLI),
    Client("robots", "/robots.txt", 240,
           "Mozilla/5.0 (compatible; Googlebot/2.1)", remembers="etag"),
    Client("curl in a cron job", "/rss.xml", 720, "curl/8.5.0", remembers="none", coding=None),
]  # fmt: skip
