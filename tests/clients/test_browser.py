"""Chromium opens what is served of a catalogue full of attacks, and runs nothing of it."""

import json

import pytest

from visits import visit
from dateline import Dateline, Twin, binary, free_port, run
from test_hostile_catalogue import hostile
from vectors import VECTORS

CONFIG = """
[site]
url = "http://127.0.0.1:PORT/"
title = "A <script>alert(1)</script>"
description = "<img src=x onerror=alert(1)>"

[source.file]
path = "articles.ndjson"

[[feed]]
name = "all"
limit = 10000
formats = ["rss", "atom", "json", "jsonld"]
[[feed]]
each = "tag"
formats = ["rss"]

[sitemap]
text = true

[robots.license]
prohibits = "ai-train"

[llms]

[admin]
listen = "127.0.0.1:ADMIN"
"""


def rejected(vector, number):
    """A row that cannot be served, for a reason that quotes it."""
    fields = [{"published": vector}, {"language": vector}, {"url": f"javascript:{vector}"}]
    return {"url": f"/bad/{number}/", "title": vector, "published": "2026-06-10", **fields[number % len(fields)]}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The running site, the address of its status page, and the paths of its documents."""
    folder = tmp_path_factory.mktemp("browser")
    port, admin = free_port(), free_port()
    config = CONFIG.replace("PORT", str(port)).replace("ADMIN", str(admin))
    rows = [hostile(number, vector) for number, vector in enumerate(VECTORS)]
    rows += [rejected(vector, number) for number, vector in enumerate(VECTORS)]
    (folder / "articles.ndjson").write_text("\n".join(map(json.dumps, rows)))
    (folder / "feeds.toml").write_text(config)
    report = json.loads(run(binary(), "check", "--format", "json", cwd=folder, ok=False).stdout)
    assert report["articles"] == len(VECTORS)
    assert len(report["rejected"]) == len(VECTORS)
    with Dateline(folder, port) as server:
        yield server, f"http://127.0.0.1:{admin}/status", [one["path"] for one in report["documents"]]


def one_of_each(paths):
    """Every document at the root, and of those that there are many of, a few."""
    many = [path for path in paths if path.count("/") > 1]
    return [path for path in paths if path.count("/") == 1 and not path.endswith(".gz")] + many[:: len(many) // 10]


def test_what_is_served_runs_nothing_and_asks_nobody(site, tmp_path):
    server, status, paths = site
    shown = [server.url + path for path in one_of_each(paths)]
    assert len(shown) >= 18
    # Faults too: what was asked for may be an attack.
    shown += [f"{server.url}/{VECTORS[0]}", f"{server.url}/rss.xml?{VECTORS[5]}", f"{server.url}/{VECTORS[5]}/%3Csvg%20onload=alert(1)%3E"]
    visits = visit([*shown, status], tmp_path)
    opened = {seen.url.removeprefix(server.url) for seen in visits if seen.shown}
    assert {"/rss.xml", "/atom.xml", "/feed.json", "/sitemap.xml", "/robots.txt", "/sitemap.txt"} <= opened
    for seen in visits:
        assert (seen.dialogs, seen.scripts, seen.elsewhere()) == ([], [], []), seen.url
        assert seen.text.strip() or not seen.shown, seen.url


def test_the_status_page_shows_the_attacks_as_text(site, tmp_path):
    server, status, _ = site
    [seen] = visit([status], tmp_path)
    assert "alert(1)" in seen.text and "<script>" in seen.text
    assert (seen.dialogs, seen.scripts, seen.elsewhere()) == ([], [], [])


def reader_page(bodies):
    """A careless reader: it puts what a feed holds into its page as it is."""
    return ("<!doctype html><meta charset=utf-8>" + "\n<hr>\n".join(bodies)).encode()


def test_a_reader_that_trusts_the_feed_runs_nothing_either(site, tmp_path):
    server, _, _ = site
    items = json.loads(server.get("/feed.json").body)["items"]
    bodies = [item["content_html"] for item in items if "content_html" in item]
    assert len(bodies) >= 100
    with Twin({"/": ("text/html", reader_page(bodies))}) as reader:
        [seen] = visit([reader.url + "/"], tmp_path)
    assert (seen.dialogs, seen.scripts) == ([], [])
    # Pictures are what it may load; they are where the article says.
    assert all(not url.endswith((".js", ".css")) for url in seen.elsewhere())


@pytest.mark.parametrize("broken, what", [
    ("<script>alert(1)</script>", "dialogs"),
    ("<img src=x onerror=alert(1)>", "dialogs"),
    ("<script>1</script>", "scripts"),
    ("<link rel=stylesheet href=http://evil.example/x.css>", "requests"),
    ("<iframe src=http://evil.example/></iframe>", "requests"),
])  # fmt: skip
def test_what_runs_or_asks_is_noticed(tmp_path, broken, what):
    with Twin({"/": ("text/html", reader_page([broken]))}) as reader:
        [seen] = visit([reader.url + "/"], tmp_path)
    noticed = seen.elsewhere() if what == "requests" else getattr(seen, what)
    assert noticed != []
