"""What the program wrote of random catalogues, feedparser reads back: the same, to the second."""

import json
import random
import shutil
from calendar import timegm
from datetime import datetime, timedelta, timezone

import feedparser
import pytest

from dateline import binary, run

CATALOGUES = 200
# Catalogues in one test: so many that it is a while, so few that a fault is found.
PART = 20

CONFIG = """
[site]
url = "https://a.example/blog/"
title = "A"

[source.file]
path = "articles.json"

[[feed]]
name = "all"
limit = 100
"""

WORDS = ["R&D", "]]>", "“quoted”", '"plain"', "l'été", "мир", "数据库", "مرحبا", "\U0001f980", "a\u0301", "&c.",
         "100%", "#1", "—", "tab\tbed", "C++", "x=1;", "\u200f", "ß", "//"]  # fmt: skip
TYPES = ["audio/mpeg", "audio/x-m4a", "video/mp4", "application/pdf", "image/png"]


def instant(dice):
    """A date between 1990 and 2025, as catalogues write it, and the instant it stands for."""
    when = datetime(1990, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=dice.randrange(35 * 31_536_000))
    zone = timezone(timedelta(minutes=15 * dice.randrange(-48, 57)))
    form = dice.randrange(4)
    if form == 0:
        when = when.replace(hour=0, minute=0, second=0)
        return when.strftime("%Y-%m-%d"), when
    if form == 1:
        return when.isoformat().replace("+00:00", "Z"), when
    if form == 2:
        return when.strftime("%a, %d %b %Y %H:%M:%S GMT"), when
    return when.astimezone(zone).isoformat(), when


def article(dice, number):
    """An article for a catalogue, and what is to be read back of it."""
    published, first = instant(dice)
    title = " ".join(dice.choices(WORDS, k=dice.randrange(1, 8)))
    url = f"https://a.example/blog/{number}/{dice.choice(['', '?a=1&b=2', 'é/', '%C3%A9/', 'a%20b/'])}"
    made = {"url": url, "title": title, "published": published, "content_html": f"<p>{number} &amp; more</p>"}
    expected = {"title": " ".join(title.split()), "link": url.replace("é", "%C3%A9"),
                "published": timegm(first.timetuple()), "updated": timegm(first.timetuple()), "files": []}  # fmt: skip
    if dice.random() < 0.5:
        expected["id"] = made["id"] = f"urn:uuid:{dice.getrandbits(128):032x}"
    if dice.random() < 0.5:
        later = first + timedelta(seconds=dice.randrange(1, 31_536_000))
        made["updated"] = later.isoformat()
        expected["updated"] = timegm(later.timetuple())
    for file in range(dice.choice([0, 0, 1, 2])):
        kind, length = dice.choice(TYPES), dice.randrange(1, 2**33)
        href = f"https://files.example/{number}-{file}?x=1&y=2"
        made.setdefault("enclosures", []).append({"url": href, "type": kind, "length": length})
        expected["files"].append((href, kind, length))
    return made, expected


def catalogue(seed):
    dice = random.Random(seed)
    pairs = [article(dice, number) for number in range(dice.randrange(1, 30))]
    return [made for made, _ in pairs], {expected["link"]: expected for _, expected in pairs}


def build(folder, articles):
    """The feeds of a catalogue that no store has seen before."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "feeds.toml").write_text(CONFIG)
    (folder / "articles.json").write_text(json.dumps(articles))
    run(binary(), "build", "out", cwd=folder)
    found = {name: list((folder / "out").rglob(name)) for name in ["rss.xml", "atom.xml", "feed.json"]}
    return {name: paths[0].read_bytes() for name, paths in found.items()}


def by_feedparser(body):
    """`link → what there is` of RSS or Atom."""
    feed = feedparser.parse(body)
    assert not feed.bozo, feed.get("bozo_exception")
    return {
        entry.link: {
            "id": entry.id,
            "title": entry.title,
            "link": entry.link,
            "published": timegm(entry.published_parsed),
            # RSS says it only where it differs.
            "updated": timegm(dict.get(entry, "updated_parsed") or entry.published_parsed),
            "files": [(file.href, file.type, int(file.length)) for file in entry.enclosures],
        }
        for entry in feed.entries
    }


def seconds(text):
    return int(datetime.fromisoformat(text).timestamp())


def by_json(body):
    """The same of JSON Feed."""
    return {
        item["url"]: {
            "id": item["id"],
            "title": item["title"],
            "link": item["url"],
            "published": seconds(item["date_published"]),
            "updated": seconds(item["date_modified"]),
            "files": [(one["url"], one["mime_type"], one["size_in_bytes"]) for one in item.get("attachments", [])],
        }
        for item in json.loads(body)["items"]
    }


def differences(feeds, expected):
    """What was read back and is not what was written, as `(format, link, field, read, written)`."""
    read = {name: by_json(body) if name == "feed.json" else by_feedparser(body) for name, body in feeds.items()}
    # What the program named itself is the same in every format.
    named = {link: entry["id"] for link, entry in read["feed.json"].items()}
    found = []
    for name, entries in read.items():
        if set(entries) != set(expected):
            found.append((name, set(entries) ^ set(expected), "link", None, None))
            continue
        for link, entry in entries.items():
            wanted = {"id": named.get(link), **expected[link]}
            if name == "rss.xml":  # It has room for one; the others are media:content.
                wanted["files"] = wanted["files"][:1]
            found += [(name, link, key, entry[key], wanted[key]) for key in wanted if entry[key] != wanted[key]]
    return found


@pytest.mark.parametrize("first", range(0, CATALOGUES, PART))
def test_feedparser_reads_back_what_the_catalogue_says(tmp_path, first):
    for seed in range(first, first + PART):
        articles, expected = catalogue(seed)
        assert differences(build(tmp_path / "site", articles), expected) == [], f"seed {seed}"


@pytest.mark.parametrize("change", [
    ("rss.xml", b"GMT</pubDate>", b"+0001</pubDate>"),
    ("rss.xml", b"<title>", b"<title>x"),
    ("atom.xml", b"<id>tag:", b"<id>tag:x"),
    ("atom.xml", b"files.example", b"elsewhere.example"),
    ("feed.json", b"Z\"", b"+00:01\""),
    ("feed.json", b"https://a.example/blog/1/", b"https://a.example/blog/x/"),
])  # fmt: skip
def test_a_feed_that_says_otherwise_is_noticed(tmp_path, change):
    articles, expected = catalogue(7)
    feeds = build(tmp_path / "site", articles)
    name, before, after = change
    assert before in feeds[name]
    assert differences(feeds, expected) == []
    assert differences({**feeds, name: feeds[name].replace(before, after)}, expected) != []
