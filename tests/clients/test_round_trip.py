"""What the program wrote of 1,000 random catalogues, feedparser reads back: the same, to the
second and to the letter. That feed-rs does so too, `cargo test --test site round_trip` shows."""

import html
import json
import random
import shutil
from calendar import timegm
from datetime import datetime, timedelta, timezone

import feedparser
import pytest
from lxml import html as markup

from dateline import binary, run

CATALOGUES = 1_000
# Catalogues that one run of the program reads, each as a section with feeds of its own.
PART = 50

CONFIG = """
[site]
url = "https://a.example/blog/"
title = "A"

[source.file]
path = "articles.json"

[[feed]]
each = "section"
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


def words(dice, most):
    return " ".join(dice.choices(WORDS, k=dice.randrange(1, most)))


def article(dice, seed, number):
    """An article of a catalogue, and what is to be read back of it."""
    published, first = instant(dice)
    title, text = words(dice, 8), words(dice, 40)
    url = f"https://a.example/blog/{seed}/{number}/{dice.choice(['', '?a=1&b=2', 'é/', '%C3%A9/', 'a%20b/'])}"
    made = {"url": url, "title": title, "published": published, "section": f"c{seed}",
            "content_html": f"<p>{number} <em>{html.escape(text)}</em></p>"}  # fmt: skip
    expected = {"title": " ".join(title.split()), "link": url.replace("é", "%C3%A9"),
                "text": " ".join(f"{number} {text}".split()), "summary": None,
                "published": timegm(first.timetuple()), "updated": timegm(first.timetuple()), "files": []}  # fmt: skip
    if dice.random() < 0.5:
        summary = words(dice, 12)
        made["summary"] = html.escape(summary)
        expected["summary"] = " ".join(summary.split())
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
    pairs = [article(dice, seed, number) for number in range(dice.randrange(1, 30))]
    return [made for made, _ in pairs], {expected["link"]: expected for _, expected in pairs}


def build(folder, articles):
    """The feeds of catalogues that no store has seen before: seed → name → bytes."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "feeds.toml").write_text(CONFIG)
    (folder / "articles.json").write_text(json.dumps(articles))
    run(binary(), "build", "out", cwd=folder)
    feeds = {}
    for path in (folder / "out" / "blog" / "sections").glob("*/*"):
        feeds.setdefault(int(path.parent.name[1:]), {})[path.name] = path.read_bytes()
    return feeds


def text_of(value):
    """The words of some HTML."""
    return " ".join(markup.fragment_fromstring(value, create_parent="div").text_content().split())


def summary_of(entry, content):
    """Where there is none, RSS has the beginning of the text in its place."""
    summary = text_of(entry.get("summary", ""))
    return None if content.startswith(summary.rstrip("…").strip()) else summary


def by_feedparser(body):
    """`link → what there is` of RSS or Atom."""
    feed = feedparser.parse(body)
    assert not feed.bozo, feed.get("bozo_exception")
    texts = {entry.link: text_of(entry.content[0].value) for entry in feed.entries}
    return {
        entry.link: {
            "id": entry.id,
            "title": entry.title,
            "link": entry.link,
            "text": texts[entry.link],
            "summary": summary_of(entry, texts[entry.link]),
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
            "text": text_of(item["content_html"]),
            "summary": item.get("summary"),
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
    catalogues = {seed: catalogue(seed) for seed in range(first, first + PART)}
    feeds = build(tmp_path / "site", [one for articles, _ in catalogues.values() for one in articles])
    assert set(feeds) == set(catalogues)
    for seed, (_, expected) in catalogues.items():
        assert differences(feeds[seed], expected) == [], f"seed {seed}"


@pytest.mark.parametrize("change", [
    ("rss.xml", b"GMT</pubDate>", b"+0001</pubDate>"),
    ("rss.xml", b"<title>", b"<title>x"),
    ("rss.xml", b"<em>", b"<em>x"),
    ("atom.xml", b"<id>tag:", b"<id>tag:x"),
    ("atom.xml", b"files.example", b"elsewhere.example"),
    ("atom.xml", b"</summary>", b"x</summary>"),
    ("feed.json", b"Z\"", b"+00:01\""),
    ("feed.json", b"https://a.example/blog/7/1/", b"https://a.example/blog/7/x/"),
])  # fmt: skip
def test_a_feed_that_says_otherwise_is_noticed(tmp_path, change):
    articles, expected = catalogue(7)
    feeds = build(tmp_path / "site", articles)[7]
    name, before, after = change
    assert before in feeds[name]
    assert differences(feeds, expected) == []
    assert differences({**feeds, name: feeds[name].replace(before, after)}, expected) != []
