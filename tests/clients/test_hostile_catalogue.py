"""Catalogues with corrupt rows and hostile text: the good is served, the bad is named."""

import json
import re
import tempfile
from pathlib import Path

import feedparser
import pytest
from lxml import etree, html

from dateline import Dateline, binary, run
from test_parsers import all_with_feed_rs
from vectors import SCRIPTS, VECTORS

CONFIG = """
[site]
url = "https://a.example/"
title = "A"
files = "public"

[source.file]
path = "articles.ndjson"

[[feed]]
name = "all"
limit = 10000
formats = ["rss", "atom", "json", "jsonld"]

[[feed]]
each = "tag"
[[feed]]
each = "author"

[sitemap]
text = true

[llms]
"""


def good(number, **fields):
    day = f"20{10 + number % 15:02}-{1 + number % 12:02}-{1 + number % 28:02}"
    return {"url": f"/good/{number}/", "title": f"Good {number}", "content_html": f"<p>Text {number}",
            "published": day, **fields}  # fmt: skip


def row(number, **fields):
    return json.dumps({**good(number), "url": f"/bad/{number}/", **fields}).encode()


def without(number, *names, **fields):
    return json.dumps({k: v for k, v in {**good(number), **fields}.items() if k not in names}).encode()


# Each kind of corrupt row, made for a number, and a word that its reason must hold.
CORRUPT = {
    "no JSON": (lambda i: b"<article>", "expected"),
    "cut in the middle": (lambda i: row(i)[: -i % 9 - 9], "EOF"),
    "cut in a string": (lambda i: b'{"title": "a', "EOF"),
    "two objects": (lambda i: row(i) + row(i), "trailing"),
    "a comma behind": (lambda i: row(i) + b",", "trailing"),
    "single quotes": (lambda i: b"{'title': 'a'}", "key must be a string"),
    "a bare number": (lambda i: b"17", "table"),
    "a list": (lambda i: b"[1, 2]", "table"),
    "null": (lambda i: b"null", "table"),
    "not UTF-8": (lambda i: b'{"url": "/bad/", "title": "\xff\xfe"}', "unicode"),
    "overlong UTF-8": (lambda i: b'{"url": "/bad/", "title": "\xc0\xbc"}', "unicode"),
    "UTF-8 of a surrogate": (lambda i: b'{"url": "/bad/", "title": "\xed\xa0\x80"}', "unicode"),
    "half an escape": (lambda i: b'{"url": "/bad/", "title": "\\ud8"}', "escape"),
    "raw control character": (lambda i: b'{"url": "/bad/", "title": "a\x01b"}', "control character"),
    "raw NUL": (lambda i: b'{"url": "/bad/", "title": "a\x00b"}', "control character"),
    "bad escape": (lambda i: b'{"url": "/bad/", "title": "\\x41"}', "escape"),
    "number past all bounds": (lambda i: b'{"url": "/bad/", "reading_minutes": 1e999}', "number"),
    "NaN": (lambda i: b'{"url": "/bad/", "reading_minutes": NaN}', "expected"),
    "nested 10,000 deep": (lambda i: b"[" * 10_000, "recursion"),
    "no address": (lambda i: without(i, "url"), "url"),
    "empty address": (lambda i: row(i, url=" "), "url"),
    "address of another site": (lambda i: row(i, url=f"https://b.example/{i}"), "b.example"),
    "script for an address": (lambda i: row(i, url="javascript:alert(1)"), "javascript"),
    "address with user and password": (lambda i: row(i, url="https://u:p@a.example/"), "url"),
    "address that is a list": (lambda i: row(i, url=["/a/"]), "url"),
    "neither title nor text": (lambda i: without(i, "title", "content_html", url=f"/bad/{i}/"), "title"),
    "title that is a table": (lambda i: row(i, title={"a": 1}), "title"),
    "title of 70,000 bytes": (lambda i: row(i, title="a" * 70_000), "64 KiB"),
    "no date": (lambda i: row(i, published="soon"), "published"),
    "30 February": (lambda i: row(i, published="2026-02-30"), "published"),
    "hour 25": (lambda i: row(i, published="2026-02-03T25:00:00Z"), "published"),
    "date that is a list": (lambda i: row(i, published=[2026, 2, 3]), "published"),
    "updated at no date": (lambda i: row(i, updated="0000-00-00"), "updated"),
    "language that is none": (lambda i: row(i, language="not a language"), "language"),
    "nameless author": (lambda i: row(i, authors=[{"name": " ", "url": "/ada"}]), "name"),
    "author with half an address": (lambda i: row(i, authors=[{"name": "A", "email": "a@"}]), "e-mail"),
    "author whose page is a script": (lambda i: row(i, authors=[{"name": "A", "url": "javascript:1"}]), "authors"),
    "enclosure without address": (lambda i: row(i, enclosures=[{"length": 1}]), "enclosures"),
    "enclosure of no media type": (lambda i: row(i, enclosures=[{"url": "/a", "type": "sound"}]), "media type"),
    "enclosure that is a script": (lambda i: row(i, enclosures=["javascript:alert(1)"]), "enclosures"),
    "image that is a script": (lambda i: row(i, image="javascript:alert(1)"), "image"),
    "elements 300 deep": (lambda i: row(i, content_html="<div>" * 300 + "x"), "deep"),
    "text of 3 MiB": (lambda i: row(i, content_html="a" * 3 * 2**20), "2 MiB"),
    "tag with endless attributes": (lambda i: row(i, content_html="<a " + "b " * 90_000), "attributes"),
}

RUNS = re.compile(r"\s*(javascript|vbscript|data)\s*:", re.I)


def running(markup):
    """What of `markup` a browser would run, as libxml2's parser of HTML sees it."""
    found = []
    for element in html.fragment_fromstring(markup, create_parent="div").iter(etree.Element):
        if element.tag in {"script", "style", "iframe", "object", "embed", "base", "meta", "form", "link"}:
            found.append(element.tag)
        for name, value in element.attrib.items():
            places = [part.strip() for part in value.split(",")] if name == "srcset" else [value]
            if name.startswith("on") or name in {"style", "srcdoc"} or any(map(RUNS.match, places)):
                found.append(f"{name}={value}")
    return found


def site(folder, rows):
    (folder / "feeds.toml").write_text(CONFIG)
    (folder / "articles.ndjson").write_bytes(b"\n".join(rows) + b"\n")
    (folder / "public").mkdir(exist_ok=True)
    return folder


def check(folder):
    """What `dateline check` says of a catalogue: its exit status and its report."""
    done = run(binary(), "check", "--format", "json", cwd=folder, ok=False)
    return done.returncode, json.loads(done.stdout)


def read_everything(documents):
    """Parses each document of `path → bytes` by what it is; fails at the first that is broken.

    feedparser and feed-rs find as many entries in each feed."""
    entries = {}
    for path, body in documents.items():
        if path.endswith((".xml", ".opml")):
            etree.fromstring(body, etree.XMLParser(resolve_entities=False, huge_tree=True))
        if path.endswith((".json", ".jsonld")):
            json.loads(body)
        if path.endswith(("rss.xml", "atom.xml")):
            feed = feedparser.parse(body)
            assert not feed.bozo, f"{path}: {feed.get('bozo_exception')}"
            entries[path] = len(feed.entries)
        if path.endswith("feed.json"):
            entries[path] = len(json.loads(body)["items"])
        body.decode()
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / str(number) for number in range(len(entries))]
        for file, path in zip(files, entries):
            file.write_bytes(documents[path])
        found = all_with_feed_rs(files)
    assert {path: len(titles) for path, titles in zip(entries, found)} == entries


def fetch(folder, report):
    """Every document of the report, from the running program."""
    with Dateline(folder) as server:
        answers = {one["path"]: server.get(one["path"]) for one in report["documents"]}
    assert {answer.status for answer in answers.values()} == {200}
    return {path: answer.body for path, answer in answers.items() if not path.endswith(".gz")}


def built(folder):
    """Every document, as files."""
    run(binary(), "build", "out", cwd=folder, ok=False)
    files = [one for one in (folder / "out").rglob("*") if one.is_file() and one.suffix not in {".gz", ".br"}]
    return {"/" + str(one.relative_to(folder / "out")): one.read_bytes() for one in files}


def test_there_are_kinds_enough():
    assert len(CORRUPT) >= 40


@pytest.mark.parametrize("kind", CORRUPT)
def test_a_corrupt_row_alone_is_named_with_its_reason(tmp_path, kind):
    make, word = CORRUPT[kind]
    status, report = check(site(tmp_path, [make(1)]))
    assert (status, report["articles"], report["faults"]) == (1, 0, [])
    [rejected] = report["rejected"]
    assert rejected["locator"] == "articles.ndjson:1"
    assert word in rejected["reason"], rejected
    documents = built(tmp_path)
    assert {"/rss.xml", "/atom.xml", "/feed.json", "/sitemap.xml"} <= set(documents)
    read_everything(documents)


def test_a_good_row_alone_is_not_rejected(tmp_path):
    """Or else the tests above would show nothing."""
    status, report = check(site(tmp_path, [row(1)]))
    assert (status, report["articles"], report["rejected"]) == (0, 1, [])


def test_every_good_article_is_served_among_as_many_corrupt_ones(tmp_path):
    rows, makers = [], list(CORRUPT.values())
    small = [make for make, word in makers if word not in {"2 MiB", "attributes"}]
    half = 5_000
    for number in range(half):
        rows.append(json.dumps(good(number)).encode())
        rows.append(small[number % len(small)](number))
    rows += [make(half) for make, _ in makers]
    status, report = check(site(tmp_path, rows))
    assert (status, report["articles"]) == (1, half)
    bad = [*range(2, 2 * half + 1, 2), *range(2 * half + 1, 2 * half + 1 + len(makers))]
    assert sorted(int(one["locator"].split(":")[1]) for one in report["rejected"]) == bad
    assert all(one["reason"] for one in report["rejected"])
    documents = fetch(tmp_path, report)
    read_everything(documents)
    titles = sorted(f"Good {number}" for number in range(half))
    for name in ["/rss.xml", "/atom.xml"]:
        assert sorted(entry.title for entry in feedparser.parse(documents[name]).entries) == titles
    assert sorted(item["title"] for item in json.loads(documents["/feed.json"])["items"]) == titles


ODD = ["a\ud83e", "\udd80a", "]]>", "<b>a</b> <c>", "a<b", "\U0001f980\u200d", "\u202eabc", "مرحبا", "a\x00\x0b\ufffeb",
       "&amp;lt;", "x" * 10_000]  # fmt: skip
PLAIN = ["a\ufffd", "\ufffda", "]]>", "a <c>", "a<b", "\U0001f980\u200d", "\u202eabc", "مرحبا", "a\ufffd\ufffd\ufffdb",
         "&lt;", "x" * 10_000]  # fmt: skip


def test_odd_titles_are_the_same_in_every_format(tmp_path):
    """Lone surrogates as programs write them that cut texts, markup, emoji, from right to left."""
    rows = [json.dumps(good(number, title=title)).encode() for number, title in enumerate(ODD)]
    status, report = check(site(tmp_path, rows))
    assert (status, report["articles"], report["rejected"]) == (0, len(ODD), [])
    documents = fetch(tmp_path, report)
    read_everything(documents)
    expected = {f"https://a.example/good/{number}/": title for number, title in enumerate(PLAIN)}
    assert {one["url"]: one["title"] for one in json.loads(documents["/feed.json"])["items"]} == expected
    posts = json.loads(documents["/feed.jsonld"])["blogPost"]
    assert {one["url"]: one["headline"] for one in posts} == expected
    rss, atom = (etree.fromstring(documents[path], etree.XMLParser(huge_tree=True)) for path in ["/rss.xml", "/atom.xml"])
    assert {one.findtext("link"): one.findtext("title") for one in rss.iter("item")} == expected
    entries = {one.find("{*}link[@rel='alternate']").get("href"): one for one in atom.iter("{*}entry")}
    assert {url: one.findtext("{*}title") for url, one in entries.items()} == expected


def hostile(number, vector):
    """An article with the same text wherever text can be."""
    return good(
        number, id=f"a{number}{vector}", title=f"t{vector}", summary=f"s{vector}",
        **{["content_html", "content_markdown", "content_text"][number % 3]: f"b{vector}"},
        authors=[{"name": f"n{vector}", "url": "/n"}], tags=[f"g{vector}"], section=f"c{vector}",
        image={"src": "/i.png", "alt": vector}, original={"url": "https://b.example/", "title": vector},
        videos=[{"thumbnail": "/t.png", "content": "/v.mp4", "title": vector, "description": vector}],
    )  # fmt: skip


def bodies(documents):
    """`(place, markup)` of everything that readers show as HTML."""
    for path, body in documents.items():
        if path.endswith(("rss.xml", "atom.xml")):
            # What a feed says of itself is text in both: only its entries hold markup.
            for element in etree.fromstring(body).xpath("//*[local-name()='item' or local-name()='entry']/*"):
                name = etree.QName(element).localname
                # Where Atom says nothing else, it is text, and no markup to anyone.
                is_html = element.get("type") == "html" or path.endswith("rss.xml")
                if name in {"encoded", "content", "description", "summary"} and is_html and element.text:
                    yield f"{path} {name}", element.text
        elif path.endswith("feed.json"):
            for item in json.loads(body)["items"]:
                yield f"{path} content_html", item.get("content_html", "")


@pytest.mark.parametrize("turn", range(3))
def test_no_vector_in_any_field_leaves_anything_that_runs(tmp_path, turn):
    """Each in HTML, in Markdown and in plain text."""
    articles = [hostile(3 * number + (turn + number) % 3, vector) for number, vector in enumerate(VECTORS)]
    status, report = check(site(tmp_path, [json.dumps(one).encode() for one in articles]))
    assert (status, report["articles"], report["rejected"]) == (0, len(VECTORS), [])
    documents = fetch(tmp_path, report)
    read_everything(documents)
    shown = 0
    for place, markup in bodies(documents):
        if markup.strip():
            assert running(markup) == [], f"{place}: {markup}"
            shown += 1
    assert shown >= 3 * len(VECTORS) // 2


@pytest.mark.parametrize("vector", [SCRIPTS[0], SCRIPTS[5], SCRIPTS[11], SCRIPTS[19], SCRIPTS[36], SCRIPTS[40]])
def test_what_runs_is_noticed(vector):
    assert running(f"<p>b{vector}")


def test_a_broken_document_is_noticed():
    for path, body in [("/rss.xml", b"<rss><channel>"), ("/feed.json", b"{"), ("/a.txt", b"\xff"),
                       ("/atom.xml", b"<feed>\x01</feed>"), ("/rss.xml", b"<rss>&bad;</rss>")]:  # fmt: skip
        with pytest.raises(Exception):
            read_everything({path: body})
