"""10,000 articles, and everything that is done to catalogues without changing what they say.

0 of 10,000 ids, dates and validators may move; one word in one article moves that article and
the documents it stands in, and nothing else.
"""

import json
import os
import re
import shutil
from pathlib import Path

import pytest

from dateline import ROOT, binary, run

ARTICLES = 10_000
TAGS = 40

CONFIG = """
[site]
url = "https://backend.example/"
title = "Ten thousand"

[source.markdown]
path = "content"
url = "/posts/{slug}/"

[[feed]]
name = "all"

[[feed]]
name = "everything"
limit = 10000
content = "summary"
formats = ["json", "atom"]

[[feed]]
each = "tag"
"""

JSON_CONFIG = CONFIG.replace(
    '[source.markdown]\npath = "content"\nurl = "/posts/{slug}/"',
    '[source.file]\npath = "articles.json"\nurl = "/posts/{slug}/"',
)


def front_matter(i):
    day = f"20{10 + i % 16:02}-{1 + i % 12:02}-{1 + i % 28:02}"
    return {"title": f"Article {i}: on \"things\" & more", "date": day, "tags": [f"tag {i % TAGS}"]}


def body(i):
    return (
        f"The *{i}th* article has a [link](/posts/a{i // 2}/) and `code`.\n\n"
        f"- one\n- two\n\n> It says {i * 7919} to whoever reads it.\n"
    )


def as_yaml(i):
    fields = front_matter(i)
    return (
        f"---\ntitle: {json.dumps(fields['title'])}\ndate: {fields['date']}\n"
        f"tags: {json.dumps(fields['tags'])}\n---\n{body(i)}"
    )


def as_toml(i):
    fields = front_matter(i)
    return (
        f"+++\ntags = {json.dumps(fields['tags'])}\n\ndate = {fields['date']}\n"
        f"title = {json.dumps(fields['title'])}\n+++\n\n{body(i)}"
    )


def write_all(folder, form, ends="\n"):
    content = folder / "content"
    content.mkdir(exist_ok=True)
    for i in range(ARTICLES):
        (content / f"a{i}.md").write_bytes(form(i).replace("\n", ends).encode())


def state(folder, program=None, **environment):
    """Publishes, and gives what is served: ids and dates by address, validators by path."""
    env = {**os.environ, **environment}
    out = folder / "out"
    shutil.rmtree(out, ignore_errors=True)
    run(program or binary(), "build", str(out), cwd=folder, env=env)
    checked = json.loads(run(program or binary(), "check", "--format", "json", cwd=folder, env=env).stdout)
    assert checked["rejected"] == [] and checked["articles"] == ARTICLES
    items = json.loads((out / "feeds/everything/feed.json").read_bytes())["items"]
    assert len(items) == ARTICLES
    atom = (out / "feeds/everything/atom.xml").read_text()
    updated = dict(re.findall(r"<entry>.*?<id>(.*?)</id><updated>(.*?)</updated>", atom, re.S))
    sitemap = (out / "sitemap.xml").read_text()
    lastmods = dict(re.findall(r"<loc>(.*?)</loc><lastmod>(.*?)</lastmod>", sitemap))
    assert len(updated) == len(lastmods) == ARTICLES
    articles = {
        item["url"]: (item["id"], item["date_modified"], updated[item["id"]], lastmods[item["url"]])
        for item in items
    }
    documents = {
        one["path"]: (one["etag"], one["last_modified"], (out / one["path"][1:]).read_bytes())
        for one in checked["documents"]
    }
    return articles, documents


def moved(before, after):
    """The addresses and paths that are not as they were."""
    articles = {key for key in before[0].keys() | after[0].keys() if before[0].get(key) != after[0].get(key)}
    documents = {key for key in before[1].keys() | after[1].keys() if before[1].get(key) != after[1].get(key)}
    return articles, documents


NOTHING = (set(), set())


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """The catalogue, published once, and what was served then. Tests work on copies."""
    folder = tmp_path_factory.mktemp("catalogue")
    (folder / "feeds.toml").write_text(CONFIG)
    write_all(folder, as_yaml)
    return folder, state(folder)


@pytest.fixture
def site(published, tmp_path):
    folder, before = published
    shutil.copytree(folder, tmp_path / "site")
    return tmp_path / "site", before


def test_a_restart_moves_nothing(site):
    folder, before = site
    assert moved(before, state(folder)) == NOTHING


def test_a_touch_of_every_file_moves_nothing(site):
    folder, before = site
    for path in (folder / "content").iterdir():
        os.utime(path)
    assert moved(before, state(folder)) == NOTHING


def test_other_line_ends_and_another_front_matter_move_nothing(site):
    folder, before = site
    write_all(folder, as_toml, ends="\r\n")
    assert moved(before, state(folder)) == NOTHING


def test_the_catalogue_in_another_format_moves_nothing(site):
    folder, before = site
    articles = [
        {**front_matter(i), "slug": f"a{i}", "content_markdown": body(i)} for i in range(ARTICLES)
    ]
    (folder / "articles.json").write_text(json.dumps(articles))
    (folder / "feeds.toml").write_text(JSON_CONFIG)
    assert moved(before, state(folder)) == NOTHING


@pytest.mark.parametrize("kept", [True, False], ids=["with its store", "with an empty store"])
def test_another_machine_moves_nothing(site, kept):
    folder, before = site
    if not kept:
        for path in folder.glob("dateline.db*"):
            path.unlink()
    after = state(folder, TZ="Asia/Tokyo", LANG="tr_TR.UTF-8", LC_ALL="C")
    assert moved(before, after) == NOTHING


def test_another_build_of_the_program_moves_nothing(site):
    folder, before = site
    other = ROOT / "target" / "debug" / "dateline"
    assert other.is_file(), "the debug build is missing; make it with: cargo build"
    assert Path(binary()) != other, "two builds are compared: set DATELINE to the release build"
    assert moved(before, state(folder, program=str(other))) == NOTHING


def test_one_word_in_one_article_moves_that_article_and_its_documents(site):
    folder, before = site
    i = 8_002
    (folder / "content" / f"a{i}.md").write_text(as_yaml(i).replace("It says", "It told"))
    articles, documents = moved(before, state(folder))
    assert articles == {f"https://backend.example/posts/a{i}/"}
    slug = f"tag-{i % TAGS}"
    carrying = {"/sitemap.xml", "/sitemap.xml.gz"}
    carrying |= {"/feeds/everything/feed.json", "/feeds/everything/atom.xml"}
    in_tag = {f"/tags/{slug}/rss.xml", f"/tags/{slug}/atom.xml", f"/tags/{slug}/feed.json"}
    # It is old: not among the twenty newest of the site, and maybe of its tag.
    assert carrying <= documents <= carrying | in_tag
