"""Three sites, each served by the real program: the bundled example, a rich one, an empty one."""

import datetime
import json
import shutil
import tomllib
from dataclasses import dataclass

import pytest

from catalogue import ARTICLES, clean
from dateline import ROOT, Dateline, Recorder, free_port


@dataclass
class Site:
    """A running site, and what it must say: titles and addresses, newest first."""

    name: str
    server: Dateline
    titles: list
    urls: list
    dated: list  # the titles that Atom may carry

    @property
    def url(self):
        return self.server.url

    @property
    def home(self):
        return f"{self.url}/"


def instant(article):
    """When an article was published; a day is its first instant."""
    parsed = datetime.datetime.fromisoformat(str(article["published"]))
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=datetime.timezone.utc)


def start(name, folder, config, articles, url):
    port = free_port()
    home = f"http://127.0.0.1:{port}/"
    (folder / "feeds.toml").write_text(config.replace("https://backend.example/", home))
    dated = [one for one in articles if one.get("published")]
    undated = [one for one in articles if not one.get("published")]
    # Newest first; the same instant in order of their addresses, which no reader minds.
    ordered = sorted(dated, key=lambda one: (instant(one), url(home, one)), reverse=True)
    ordered += undated
    return Site(
        name,
        Dateline(folder, port),
        [clean(one["title"]) for one in ordered],
        [url(home, one) for one in ordered],
        [clean(one["title"]) for one in ordered if one.get("published")],
    )


def example(folder):
    shutil.copytree(ROOT / "examples", folder / "examples")
    articles = folder / "examples" / "backend-architecture" / "articles.toml"
    return start(
        "example",
        folder,
        (ROOT / "feeds.toml").read_text(),
        tomllib.loads(articles.read_text())["articles"],
        lambda home, one: f"{home}articles/{one['slug']}/",
    )


CONFIG = """
[site]
url = "https://backend.example/"
title = "R&D <notes> — 数据库 \\"quoted\\""
description = "Text that XML would trip over: ]]> & <b>"
language = "en"
author = { name = "Ada & Co" }

[source.file]
path = "articles.json"

[[feed]]
name = "all"
"""


def rich(folder):
    (folder / "articles.json").write_text(json.dumps(ARTICLES))
    each = '[[feed]]\neach = "tag"\n[[feed]]\neach = "language"\n[[feed]]\neach = "author"\n'
    return start("rich", folder, CONFIG + each, ARTICLES, lambda home, one: home + one["url"][1:])


def empty(folder):
    (folder / "articles.json").write_text("[]")
    return start("empty", folder, CONFIG, [], None)


@pytest.fixture(scope="session", params=[example, rich, empty], ids=lambda make: make.__name__)
def site(request, tmp_path_factory):
    """Each of the three sites in turn."""
    site = request.param(tmp_path_factory.mktemp("site"))
    yield site
    site.server.stop()


@pytest.fixture
def recorder(site):
    """A way to the site that remembers what was asked and answered."""
    with Recorder(site.url) as recorder:
        yield recorder
