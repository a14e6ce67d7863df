"""A page with what `dateline links` prints leads a crawler to every feed of the site."""

import html
import json
import re

import pytest
from feedsearch_crawler import search
from lxml import etree

from dateline import Dateline, Twin, binary, free_port, run

CONFIG = """
[site]
url = "http://127.0.0.1:PORT/"
title = "R&D — 数据库"
[source.file]
path = "articles.json"
[[feed]]
name = "all"
[[feed]]
name = "other"
title = 'The "other" one'
"""

PAGE = "<!doctype html><html><head><meta charset=utf-8><title>Home</title>\n{}</head><body><p>Welcome</body></html>"
ARTICLE = {"url": "/a/", "title": "A", "content_text": "Text", "published": "2026-06-10"}
FEEDS = ["atom.xml", "feed.json", "feeds/other/atom.xml", "feeds/other/feed.json", "feeds/other/rss.xml", "rss.xml"]
TITLES = {"R&D — 数据库", 'The "other" one'}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The running site, and the tags for the heads of its pages."""
    folder = tmp_path_factory.mktemp("discovery")
    port = free_port()
    (folder / "articles.json").write_text(json.dumps([ARTICLE]))
    (folder / "feeds.toml").write_text(CONFIG.replace("PORT", str(port)))
    with Dateline(folder, port) as server:
        yield server, run(binary(), "links", cwd=folder).stdout


def found(tags):
    """What feedsearch-crawler finds from a home page with these tags on."""
    home = {"/": ("text/html; charset=utf-8", PAGE.format(tags).encode())}
    with Twin(home) as twin:
        return search(twin.url + "/", crawl_hosts=False, concurrency=2)


def test_a_crawler_finds_every_feed_with_its_title(site):
    server, tags = site
    feeds = found(tags)
    assert sorted(str(feed.url).removeprefix(server.url + "/") for feed in feeds) == FEEDS
    assert {html.unescape(feed.title) for feed in feeds} == TITLES
    assert {feed.bozo for feed in feeds} == {0}


@pytest.mark.parametrize("path", ["/rss.xml", "/atom.xml", "/feeds/other/rss.xml"])
def test_a11_2_the_fields_say_what_the_document_says(site, path):
    """`self`, and the same feed in its other formats."""
    server, _ = site
    answer = server.get(path)
    fields = LINK.findall(answer.all("link"))
    said = {(link.get("rel"), link.get("href")) for link in etree.fromstring(answer.body).iter(ATOM_LINK)}
    assert sorted(relation for _, relation in fields) == ["alternate", "alternate", "self"]
    assert {(relation, url) for url, relation in fields} <= said
    # RFC 8288 section 3.3: no link has two relations.
    assert answer.all("link").count("rel=") == 3


LINK = re.compile(r'<([^>]+)>; rel="([^"]+)"')
ATOM_LINK = "{http://www.w3.org/2005/Atom}link"


def test_a_crawler_finds_nothing_where_nothing_is_said(site):
    server, tags = site
    assert found("") == []
    assert found(tags.replace('rel="alternate"', 'rel="stylesheet"').replace(".xml", "")
                 .replace(".json", "").replace("/feeds/", "/x/").replace("type=", "data-x=")) == []  # fmt: skip
    only = "".join(line for line in tags.splitlines(True) if "Atom" in line)
    assert sorted(str(feed.url).removeprefix(server.url + "/") for feed in found(only)) == [
        "atom.xml", "feeds/other/atom.xml"]  # fmt: skip
