"""Feed readers subscribe, and poll again: what they show, and what the second poll costs."""

import json
import re
import sqlite3
from email.utils import parsedate_to_datetime

import feedparser
import pytest
from reader import ParseError, make_reader

from dateline import Recorder, Twin, run, tool

FEEDS = ["/rss.xml", "/atom.xml", "/feed.json"]


def expected(site, path):
    """The titles a reader must show. Atom cannot carry an article without a date."""
    return sorted(site.dated if path == "/atom.xml" else site.titles)


def poll_with_reader(url):
    """Two polls by `reader`; the titles it then shows."""
    with make_reader(":memory:") as reader:
        reader.add_feed(url)
        for _ in range(2):
            # Its own schedule would leave out a second poll so soon.
            reader.update_feed(url)
        return sorted(entry.title for entry in reader.get_entries())


@pytest.mark.parametrize("path", FEEDS)
def test_reader_shows_every_article_and_its_second_poll_is_a_304(site, recorder, path):
    assert poll_with_reader(recorder.url + path) == expected(site, path)
    assert recorder.statuses(path) == [200, 304]


def test_reader_rejects_a_broken_feed():
    broken = {
        "/rss.xml": ("application/rss+xml", b"<rss version='2.0'><channel><title>A & b</title>"),
        "/feed.json": ("application/feed+json", b'{"version": "https://jsonfeed.org/version/1.1"'),
    }
    with Twin(broken) as twin:
        for path in broken:
            with pytest.raises(ParseError):
                poll_with_reader(twin.url + path)


@pytest.mark.parametrize("path", ["/rss.xml", "/atom.xml"])
def test_feedparser_reads_all_and_is_told_that_nothing_changed(site, path):
    first = feedparser.parse(site.url + path)
    assert first.status == 200
    assert not first.bozo, first.get("bozo_exception")
    assert sorted(entry.title for entry in first.entries) == expected(site, path)
    assert first.feed.title
    assert feedparser.parse(site.url + path, etag=first.etag).status == 304
    if site.titles:
        assert feedparser.parse(site.url + path, modified=first.modified).status == 304


def test_feedparser_rejects_a_broken_feed():
    with Twin({"/rss.xml": ("application/rss+xml", b"<rss version='2.0'><channel>&bad;</rss>")}) as twin:
        assert feedparser.parse(twin.url + "/rss.xml").bozo


def poll_with_newsboat(folder, url):
    """Three polls by newsboat; the titles it then has."""
    (folder / "urls").write_text(url + "\n")
    (folder / "config").write_text("")
    for _ in range(3):
        # -x reload ends with 0 whatever happened; what counts is the cache.
        run(tool("newsboat"), "-u", "urls", "-C", "config", "-c", "cache.db", "-x", "reload",
            cwd=folder, env={"HOME": str(folder), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"})
    with sqlite3.connect(folder / "cache.db") as cache:
        return sorted(title for (title,) in cache.execute("select title from rss_item"))


@pytest.mark.parametrize("path", ["/rss.xml", "/atom.xml"])
def test_newsboat_shows_every_article_and_its_third_poll_is_a_304(site, recorder, tmp_path, path):
    shown = poll_with_newsboat(tmp_path, recorder.url + path)
    assert shown == expected(site, path)
    # Its second poll is unconditional too: it keeps validators from the second answer on.
    assert recorder.statuses(path)[-1] == 304, recorder.seen


def test_newsboat_notices_a_broken_feed_and_missing_validators(tmp_path):
    item = "<item><title>{0}</title><guid>{0}</guid><link>http://x/{0}</link></item>"
    feed = f"<rss version='2.0'><channel>{item.format('One')}<item>&</rss>{item.format('Two')}"
    with Twin({"/rss.xml": ("application/rss+xml", feed.encode())}) as twin:
        with Recorder(twin.url) as recorder:
            assert poll_with_newsboat(tmp_path, recorder.url + "/rss.xml") != ["One", "Two"]
            assert 304 not in recorder.statuses("/rss.xml")


def poll_with_rss2email(folder, url):
    """Two runs of rss2email; the titles that it would send by mail."""
    files = ["-c", str(folder / "rss2email.cfg"), "-d", str(folder / "rss2email.json")]
    # Its lock is there too, or else two users of it would wait for each other.
    env = {"HOME": str(folder), "TMPDIR": str(folder), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}

    def r2e(*command):
        return run(tool("r2e"), "-VVV", *files, *command, env=env).stderr

    r2e("new", "reader@localhost")
    r2e("add", "site", url)
    said = r2e("run", "--no-send") + r2e("run", "--no-send")
    return sorted(re.findall(r"\[DEBUG\] new message: (.*)", said))


@pytest.mark.parametrize("path", ["/rss.xml", "/atom.xml"])
def test_rss2email_mails_every_article_once_and_its_second_run_is_a_304(site, recorder, tmp_path, path):
    assert poll_with_rss2email(tmp_path, recorder.url + path) == expected(site, path)
    assert recorder.statuses(path) == [200, 304]
    assert site.titles == [] or json.loads((tmp_path / "rss2email.json").read_text())["feeds"][0]["etag"]


def test_rss2email_notices_a_broken_feed_and_missing_validators(tmp_path):
    with Twin({"/rss.xml": ("application/rss+xml", b"<rss version='2.0'><channel><item><title>One")}) as twin:
        with Recorder(twin.url) as recorder:
            assert poll_with_rss2email(tmp_path, recorder.url + "/rss.xml") != ["One"]
            assert 304 not in recorder.statuses("/rss.xml")


def test_the_dates_that_readers_show_are_those_of_the_catalogue(site):
    for entry in feedparser.parse(site.url + "/rss.xml").entries:
        if entry.title == "Everything & more":
            assert parsedate_to_datetime(entry.published).isoformat() == "2026-06-10T08:00:00+00:00"
        elif entry.title == "No date at all":
            assert "published" not in entry
