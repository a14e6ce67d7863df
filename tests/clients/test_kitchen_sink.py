"""A site that uses every feature at once, through every reader and validator."""

import datetime
import json
import re
from email.utils import parsedate_to_datetime

import atoma
import feedparser
import listparser
import pytest
from llms_txt import parse_llms_file
from lxml import etree
from protego import Protego
from reader import make_reader

from dateline import Dateline, Recorder, Twin, binary, free_port, run
from test_crawlers import by_schema, find, same_instants, verify, with_advertools, with_scrapy
from test_http_lint import faults, httplint, redbot
from test_parsers import with_feed_rs, with_node, with_perl, with_ruby, with_sfeed
from test_readers import poll_with_newsboat, poll_with_rss2email

CONFIG = """
[site]
url = "http://127.0.0.1:PORT/blog/"
title = "R&D <notes> — 数据库"
description = "Text that XML would trip over: ]]> & <b>"
language = "en-GB"
timezone = "Europe/Berlin"
author = { name = "Ada & Co", email = "ada@a.example", url = "https://a.example/ada" }
other_hosts = ["b.example"]
files = "public"
tag_scheme = "https://a.example/tags/"
section_scheme = "https://a.example/sections/"

[site.content]
iframes = ["v.example"]
drop_pixels = true

[source.file]
path = "articles.json"

[[feed]]
name = "all"
limit = 100
image = "/logo.png"
formats = ["rss", "atom", "json", "jsonld"]

[[feed]]
name = "show"
title = "The show"
image = "/cover.png"
tags = ["Show"]
order = "oldest"
[feed.podcast]
categories = ["Technology", "Society & Culture > Documentary"]
email = "show@a.example"
explicit = false
serial = true
guid = "917393e3-1b1e-5cef-ace4-edaa54e1f810"
locked = true
funding = { url = "https://a.example/pay", text = "Pay & listen" }

[[feed]]
name = "short"
content = "summary"
exclude = { tags = ["Show"], languages = ["de"] }
since = "2020-01-01"
order = "updated"
max_bytes = 20000

[[feed]]
name = "nothing"
tags = ["no such tag"]

[[feed]]
each = "tag"
[[feed]]
each = "author"
[[feed]]
each = "section"
[[feed]]
each = "language"

[sitemap]
text = true
[sitemap.news]
name = "R&D news"
[sitemap.listings]
tag = "tags/{slug}/"
section = "sections/{slug}/"
[[sitemap.page]]
url = "/blog/"
lists = "all"
[[sitemap.page]]
url = "about/"
updated = "2026-01-02"
images = ["/me.png"]

[robots]
ai_training = "disallow"
signals = { ai_train = false }
[robots.license]
prohibits = "ai-train"
payment = "attribution"

[llms]

[server]
aliases = { "/blog/feed" = "/blog/rss.xml" }
gone = ["/blog/dead.xml"]
"""

FILE = {"url": "/blog/audio/1.mp3", "type": "audio/mpeg"}
LONG_FILE = {"url": "https://b.example/2.m4a?x=1&y=2", "type": "audio/x-m4a", "length": 2**33}
NOW = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
FRESH = (NOW - datetime.timedelta(hours=3)).isoformat()

ARTICLES = [
    {"id": "urn:x-a:everything", "url": "everything/", "title": "Everything & more", "summary": "In short",
     "content_html": "<p><a href='x'>x</a><img src='i.png' srcset='i.png 1x'><iframe src='//v.example/1'>"
     "</iframe><math alttext='x^2'><mi>x</mi></math><img src=p.gif width=1 height=1>",
     "authors": [{"name": "Ada", "url": "/ada", "email": "ada@a.example"}, {"name": "张三"}],
     "tags": ["R&D", "数据库"], "section": "Notes", "language": "en", "reading_minutes": 8,
     "published": "2026-06-10T10:00:00+02:00", "updated": "2026-06-11T08:00:00Z",
     "image": {"src": "i.png", "alt": "A crab"},
     "alternates": {"en": "/blog/everything/", "de": "/blog/alles/", "x-default": "/blog/everything/"},
     "videos": [{"thumbnail": "still.png", "title": "The film", "description": "What it shows",
                 "content": "film.mp4", "duration": "1:02:03"}]},
    {"url": "alles/", "title": "Alles & mehr", "content_text": "Text", "language": "de", "section": "Notes",
     "published": "2026-06-09",
     "alternates": {"en": "/blog/everything/", "de": "/blog/alles/", "x-default": "/blog/everything/"}},
    {"url": "episode/1/", "title": "First", "content_markdown": "*Notes*", "tags": ["Show"],
     "published": "2026-06-08T00:00:00Z", "enclosures": [FILE],
     "episode": {"duration": "58:00", "season": 2, "number": 7, "type": "full", "explicit": True,
                 "transcript": "7.vtt", "chapters": "7.json"}},
    {"url": "episode/2/", "title": "Second", "content_markdown": "*Notes*", "tags": ["Show"],
     "published": "2026-06-08T01:00:00Z", "enclosures": [LONG_FILE, FILE]},
    {"url": "again/", "title": "Once more [again]", "content_text": "x", "published": "2026-06-07",
     "original": {"title": "Other Times", "url": "https://b.example/1", "feed": "https://b.example/rss.xml"}},
    {"url": "copy/", "title": "A copy", "content_text": "y", "published": "2026-06-06",
     "canonical": "https://b.example/copy/"},
    {"url": "hidden/", "title": "Not in the sitemap", "content_text": "z", "published": "2026-06-05", "noindex": True},
    {"url": "https://b.example/link/", "title": "Elsewhere", "summary": "A link", "published": "2026-06-04"},
    {"url": "fresh/", "title": "News", "content_text": "n", "published": FRESH},
    {"url": "undated/", "title": "No date at all", "content_text": "w"},
    {"url": "draft/", "title": "Not yet", "content_text": "w", "draft": True},
    {"url": "later/", "title": "In the future", "content_text": "w", "published": "2200-01-01"},
]  # fmt: skip

TITLES = ["News", "Everything & more", "Alles & mehr", "Second", "First", "Once more [again]", "A copy",
          "Not in the sitemap", "Elsewhere", "No date at all"]  # fmt: skip
DATED = TITLES[:-1]


class Kitchen:
    """The running site, and what it said of itself."""

    def __init__(self, server, report):
        self.server = server
        self.home = server.url + "/blog/"
        self.report = report
        self.paths = [one["path"] for one in report["documents"]]

    def body(self, path):
        answer = self.server.get(path)
        assert answer.status == 200, path
        return answer.body

    def feed(self, path):
        parsed = feedparser.parse(self.body(path))
        assert not parsed.bozo, f"{path}: {parsed.get('bozo_exception')}"
        return parsed

    def saved(self, path, folder):
        """A document as a file, named as it is on the site."""
        file = folder / path.rsplit("/", 1)[-1]
        file.write_bytes(self.body(path))
        return file


@pytest.fixture(scope="module")
def kitchen(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kitchen")
    port = free_port()
    (folder / "public" / "audio").mkdir(parents=True)
    (folder / "public" / "audio" / "1.mp3").write_bytes(bytes(321))
    (folder / "articles.json").write_text(json.dumps(ARTICLES))
    (folder / "feeds.toml").write_text(CONFIG.replace("PORT", str(port)))
    report = json.loads(run(binary(), "check", "--format", "json", cwd=folder).stdout)
    assert (report["rejected"], report["faults"]) == ([], [])
    with Dateline(folder, port) as server:
        yield Kitchen(server, report)


at = datetime.datetime.fromisoformat


def titles(parsed):
    return [entry.title for entry in parsed.entries]


def test_every_feed_is_read_by_every_parser(kitchen, tmp_path):
    """Podcast, summaries, an empty feed, and one for each tag, author, section and language."""
    read = 0
    for path in kitchen.paths:
        if path.endswith(("rss.xml", "atom.xml")):
            expected = titles(kitchen.feed(path))
            file = kitchen.saved(path, tmp_path)
            parsers = [with_feed_rs, with_ruby, with_node("rss-parser"), with_node("feedsmith")]
            if path.count("/") > 2 and "show" not in path:
                parsers = parsers[:2]  # Those of one kind are alike.
            else:
                parsers += [with_node("@rowanmanning/feed-parser"), with_sfeed]
                if "show/rss" not in path:  # XML::RSS fails at `itunes:category`, whoever writes it.
                    parsers.append(with_perl)
            for parser in parsers:
                assert parser(file, tmp_path) == expected, path
            parse = atoma.parse_rss_bytes if path.endswith("rss.xml") else atoma.parse_atom_bytes
            parse(file.read_bytes())
            read += 1
        elif path.endswith("feed.json"):
            expected = [item["title"] for item in json.loads(kitchen.body(path))["items"]]
            file = kitchen.saved(path, tmp_path)
            assert with_node("feedsmith")(file, tmp_path) == expected, path
            assert with_feed_rs(file, tmp_path) == expected, path
            assert [item.title for item in atoma.parse_json_feed_bytes(file.read_bytes()).items] == expected
            read += 1
    assert read >= 30


def test_newsboat_and_rss2email_show_the_podcast_and_poll_cheaply(kitchen, tmp_path):
    for poll, last in [(poll_with_newsboat, 304), (poll_with_rss2email, 304)]:
        with Recorder(kitchen.server.url) as recorder:
            folder = tmp_path / poll.__name__
            folder.mkdir()
            shown = poll(folder, recorder.url + "/blog/feeds/show/rss.xml")
            assert sorted(shown) == ["First", "Second"]
            assert recorder.statuses("/blog/feeds/show/rss.xml")[-1] == last


def test_every_kind_of_document_is_answered_by_the_rules(kitchen):
    """REDbot, which asks again in many ways, and httplint; their twins are in test_http_lint."""
    seen = set()
    for path in kitchen.paths:
        kind = path.rsplit("/", 1)[-1] if "/llms/" not in path else "article.md"
        if kind in seen:
            continue
        seen.add(kind)
        said = redbot(kitchen.server.url + path)
        assert faults(said) == set(), path
        lines = httplint(kitchen.server.get(path))
        wrong = [line for line in lines if line.startswith(("* [BAD]", "* [WARN]"))]
        assert wrong == ["* [WARN] Cache-Control: public is probably not necessary."], path
    assert len(seen) >= 14, seen


def test_advertools_and_scrapy_find_what_the_sitemap_lists(kitchen, tmp_path):
    pages = find(kitchen.home)
    assert same_instants(with_advertools(kitchen.home + "sitemap.xml"), pages)
    assert same_instants(with_scrapy(kitchen.home + "sitemap.xml", tmp_path), pages)


def test_the_main_feed_says_the_same_in_every_format(kitchen):
    rss, atom = kitchen.feed("/blog/rss.xml"), kitchen.feed("/blog/atom.xml")
    items = json.loads(kitchen.body("/blog/feed.json"))["items"]
    assert (titles(rss), titles(atom)) == (TITLES, DATED)
    assert [item["title"] for item in items] == TITLES
    assert [entry.id for entry in rss.entries] == [item["id"] for item in items]
    assert [entry.id for entry in atom.entries] == [item["id"] for item in items][:-1]
    assert rss.entries[1].id == "urn:x-a:everything"
    for entry, item in zip(atom.entries, items):
        assert entry.link == item["url"]
        assert at(entry.published) == at(item["date_published"])
        assert at(entry.updated) == at(item["date_modified"])
    for entry, item in zip(rss.entries[:-1], items):
        assert parsedate_to_datetime(entry.published) == at(item["date_published"])
    # A day is one in the site's own time zone.
    assert at(items[2]["date_published"]) == at("2026-06-09T00:00:00+02:00")


def test_the_richest_entry_has_everything(kitchen):
    rss, atom = kitchen.feed("/blog/rss.xml").entries[1], kitchen.feed("/blog/atom.xml").entries[1]
    item = json.loads(kitchen.body("/blog/feed.json"))["items"][1]
    assert at(atom.updated) == at(item["date_modified"]) == at("2026-06-11T08:00:00Z")
    assert [one.name for one in atom.authors] == [one["name"] for one in item["authors"]] == ["Ada", "张三"]
    assert {"R&D", "数据库"} <= {one.term for one in rss.tags} & {one.term for one in atom.tags}
    assert item["_dateline"] == {"reading_minutes": 8}
    assert rss.media_content[0]["url"] == item["image"] == kitchen.home + "everything/i.png"
    html = item["content_html"]
    assert f'href="{kitchen.home}everything/x"' in html and "//v.example/1" in html
    assert "<code>x^2</code>" in html and "p.gif" not in html


def test_a_podcast_has_files_with_length_and_type(kitchen):
    feed = kitchen.feed("/blog/feeds/show/rss.xml")
    assert titles(feed) == ["First", "Second"], "oldest first"
    files = [entry.enclosures[0] for entry in feed.entries]
    assert [(one.href, one.type, int(one.length)) for one in files] == [
        (kitchen.home + "audio/1.mp3", "audio/mpeg", 321),
        (LONG_FILE["url"], "audio/x-m4a", 2**33),
    ]
    assert feed.entries[0].itunes_duration == "3480"
    assert (feed.entries[0].itunes_episode, feed.entries[0].itunes_season) == ("7", "2")
    body = kitchen.body("/blog/feeds/show/rss.xml").decode()
    for part in ["<podcast:guid>917393e3-", "<podcast:locked", "<podcast:funding", "<podcast:transcript",
                 "<podcast:chapters", "<itunes:type>serial<"]:  # fmt: skip
        assert part in body, part


def test_selections_hold_what_was_selected(kitchen):
    assert titles(kitchen.feed("/blog/feeds/nothing/rss.xml")) == []
    short = kitchen.feed("/blog/feeds/short/rss.xml")
    assert set(titles(short)) == set(DATED) - {"Alles & mehr", "First", "Second"}
    assert titles(short)[:2] == ["News", "Everything & more"]
    assert b"<content:encoded>" not in kitchen.body("/blog/feeds/short/rss.xml")
    assert b"<content:encoded>" in kitchen.body("/blog/rss.xml")
    assert set(titles(kitchen.feed("/blog/languages/de/rss.xml"))) == {"Alles & mehr"}


def test_reader_keeps_every_entry_with_its_file(kitchen):
    with make_reader(":memory:") as reader:
        for path, expected in [("rss.xml", TITLES), ("atom.xml", DATED), ("feeds/show/rss.xml", ["First", "Second"])]:
            reader.add_feed(kitchen.home + path)
            reader.update_feed(kitchen.home + path)
            entries = list(reader.get_entries(feed=kitchen.home + path))
            assert sorted(entry.title for entry in entries) == sorted(expected)
        assert {entry.title: entry.enclosures[0].length for entry in entries} == {"First": 321, "Second": 2**33}


def test_sitemaps_list_what_is_to_be_found_and_nothing_else(kitchen, tmp_path):
    body = kitchen.body("/blog/sitemap.xml")
    root = etree.fromstring(body)
    listed = [one.text.removeprefix(kitchen.home) for one in root.iterfind("{*}url/{*}loc")]
    pages = ["", "about/"]
    articles = ["everything/", "alles/", "episode/1/", "episode/2/", "again/", "fresh/", "undated/"]
    assert {one for one in listed if not one.startswith(("tags/", "sections/"))} == {*pages, *articles}
    assert sum(one.startswith(("tags/", "sections/")) for one in listed) == 4
    assert sorted(find(kitchen.home)) == sorted({kitchen.home + one for one in listed})
    count, codes = verify(kitchen.home + "sitemap.xml", tmp_path)
    assert (count, set(codes) - {"google_lastmod_recommended"}) == (len(listed), set())
    for path in ["/blog/sitemap.xml", "/blog/sitemap-news.xml"]:
        valid, said = by_schema(kitchen.body(path), tmp_path)
        assert valid, said
    assert kitchen.body("/blog/sitemap.txt").decode().split() == [kitchen.home + one for one in listed]
    alternates = root.findall(".//{http://www.w3.org/1999/xhtml}link")
    assert [one.get("hreflang") for one in alternates].count("x-default") == 2
    assert len(root.findall(".//{*}video")) == 1


def test_news_are_those_of_the_last_two_days(kitchen):
    root = etree.fromstring(kitchen.body("/blog/sitemap-news.xml"))
    assert [one.text for one in root.iter("{*}title")] == ["News"]
    assert [one.text for one in root.iter("{*}name")] == ["R&D news"]
    assert at(root.findtext(".//{*}publication_date")) == at(FRESH)


def test_listparser_finds_every_feed(kitchen):
    found = listparser.parse(kitchen.body("/blog/feeds.opml").decode())
    assert (found.bozo, found.version) == (False, "opml2")
    feeds = {path for path in kitchen.paths if path.endswith("rss.xml")}
    assert {feed.url.removeprefix(kitchen.server.url) for feed in found.feeds} == feeds


def test_listparser_finds_nothing_in_what_is_no_list():
    one = "<outline type='rss' text='a' xmlUrl='http://x/1'/>"
    assert len(listparser.parse(f"<opml version='2.0'><body>{one}</body></opml>").feeds) == 1
    assert listparser.parse(f"<rss version='2.0'><channel>{one}</channel></rss>").version == ""
    assert listparser.parse(f"<opml version='2.0'><body>{one.replace('xmlUrl', 'href')}</body></opml>").feeds == []


def test_llms_txt_lists_articles_that_are_there_in_markdown(kitchen):
    listed = parse_llms_file(kitchen.body("/blog/llms.txt").decode())
    assert listed.title.startswith("R\\&D") and listed.summary.startswith("Text that XML")
    assert list(listed.sections) == ["Articles", "Optional"]
    articles = listed.sections["Articles"]
    assert "Once more &#91;again&#93;" in [one.title for one in articles], "which is Markdown for brackets"
    inside = [one.url for one in articles if one.url.endswith(".md")]
    # A copy, and what is not to be indexed, is not what programs should read.
    assert len(articles) == len(TITLES) - 2 and len(inside) >= 6
    for url in inside:
        assert kitchen.body(url.removeprefix(kitchen.server.url)).startswith(b"# ")


@pytest.mark.parametrize("broken", ["## C\n\n- [a](https://a.example/)\n", "# A\n\n> b\n\n## C\n\nno link\n",
                                    "# A\n\n> b\n\n## C\n\n- [a \\[b\\]](https://a.example/)\n"])  # fmt: skip
def test_a_broken_llms_txt_is_noticed(broken):
    with pytest.raises((AttributeError, TypeError)):
        parse_llms_file(broken)


def test_the_others_are_what_they_claim_to_be(kitchen):
    data = json.loads(kitchen.body("/blog/feed.jsonld"))
    assert data["@context"] == "https://schema.org" and data["@type"] == "Blog"
    rules = Protego.parse(kitchen.body("/robots.txt").decode())
    assert not rules.can_fetch(kitchen.home, "GPTBot") and rules.can_fetch(kitchen.home, "Googlebot")
    assert kitchen.home + "sitemap.xml" in list(rules.sitemaps)
    [licence] = [path for path in kitchen.paths if path.endswith("license.xml")]
    assert etree.QName(etree.fromstring(kitchen.body(licence))).localname == "rsl"
    assert kitchen.server.get("/blog/feed").status == 301
    assert kitchen.server.get("/blog/dead.xml").status == 410


def test_a_podcast_whose_files_have_no_length_is_noticed(tmp_path):
    """The twin of what the tests above rest on: the parser invents nothing."""
    body = b"<rss version='2.0'><channel><item><enclosure url='http://x/1.mp3'/></item></channel></rss>"
    with Twin({"/rss.xml": ("application/rss+xml", body)}) as twin:
        [entry] = feedparser.parse(twin.url + "/rss.xml").entries
        assert "length" not in entry.enclosures[0] and "published" not in entry
