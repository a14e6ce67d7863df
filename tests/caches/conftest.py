"""Dateline with a rich site, a way to it that counts, and each cache in front of that."""

import json

import pytest

from caches import ALL
from dateline import Dateline, Recorder

CONFIG = """
[site]
url = "https://backend.example/"
title = "Backend"

[source.file]
path = "articles.json"

[[feed]]
name = "all"
limit = 100
"""

ARTICLES = [
    {
        "url": f"/articles/{number}/",
        "title": f"Article {number}",
        "published": f"2026-06-{1 + number % 28:02}",
        "content_html": f"<p>{'Some text that compresses well. ' * 30}</p>",
    }
    for number in range(60)
]


@pytest.fixture(scope="session")
def dateline(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    (folder / "feeds.toml").write_text(CONFIG)
    (folder / "articles.json").write_text(json.dumps(ARTICLES))
    with Dateline(folder) as server:
        yield server


@pytest.fixture
def origin(dateline):
    """The way from a cache to Dateline: it counts, can be slow, and can be cut."""
    with Recorder(dateline.url) as recorder:
        yield recorder


@pytest.fixture(params=ALL, ids=lambda cache: cache.__name__.lower())
def cache(request, tmp_path, origin):
    """Each cache in turn, empty."""
    cache = request.param(tmp_path, origin.url)
    origin.seen.clear()
    yield cache
    cache.stop()
