"""The real program under clocks that jump (libfaketime): no date ahead of the clock, and
nothing that goes back."""

import datetime
import email.utils
import glob
import json
import os
import re
import signal
import time

import pytest

from dateline import Dateline, wait_until

CONFIG = """
[site]
url = "https://backend.example/"
title = "Clocks"
timezone = "Europe/Berlin"

[source.file]
path = "articles.json"
url = "posts/{slug}/"

[dates.guards]
touched_articles = 1000

[sitemap.news]
"""

DOCUMENTS = ["/rss.xml", "/atom.xml", "/feed.json", "/sitemap.xml"]
UTC = datetime.timezone.utc


def utc(*parts):
    return datetime.datetime(*parts, tzinfo=UTC)


def faketime():
    found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
    assert found, "libfaketime is missing; install it with: apt-get install faketime"
    return found[0]


class Clock:
    """A site under a clock that the test sets, and a memory of what it has said."""

    def __init__(self, folder, start):
        self.folder, self.hand = folder, folder / "clock"
        self.articles = {slug: {"title": f"On {slug}", "published": "2016-05-01"} for slug in "abc"}
        self.seen, self.edits = {}, 0
        (folder / "feeds.toml").write_text(CONFIG)
        self.write()
        self.set(start)
        self.server = self.start()

    def start(self):
        environment = [
            f"LD_PRELOAD={faketime()}",
            f"FAKETIME_TIMESTAMP_FILE={self.hand}",
            "FAKETIME_NO_CACHE=1",
            "FAKETIME_DONT_FAKE_MONOTONIC=1",
        ]
        return Dateline(self.folder, command=["env", *environment])

    def restart(self):
        self.server.stop()
        self.server = self.start()

    def set(self, instant):
        """From now on the clock runs from `instant`."""
        self.set_at, self.base = time.monotonic(), instant
        text = (instant - utc(1970, 1, 1)).total_seconds()
        # Relative to the true clock, in seconds; the file is replaced in one step.
        offset = text - time.time()
        fresh = self.hand.with_suffix(".new")
        fresh.write_text(f"{offset:+.3f}")
        os.replace(fresh, self.hand)

    def now(self):
        return self.base + datetime.timedelta(seconds=time.monotonic() - self.set_at)

    def write(self):
        articles = [{"slug": slug, **fields} for slug, fields in self.articles.items()]
        fresh = self.folder / "articles.new"
        fresh.write_text(json.dumps(articles))
        os.replace(fresh, self.folder / "articles.json")

    def edit(self, slug):
        """Changes an article, and waits until that is served."""
        self.edits += 1
        title = f"On {slug}, version {self.edits}."
        self.articles[slug]["title"] = title
        self.write()
        self.server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: title in self.text("/rss.xml"), what="the edit")

    def text(self, path):
        return self.server.get(path).body.decode()

    def check(self):
        """Nothing that is served lies ahead of the clock or behind what was served before."""
        for path in DOCUMENTS:
            answer = self.server.get(path)
            assert answer.status == 200
            date = http_date(answer.fields["date"])
            assert abs((date - self.now()).total_seconds()) < 60
            if "last-modified" in answer.fields:
                self.monotonic(path, http_date(answer.fields["last-modified"]), date)
            for place, instant in dates(path, answer.body.decode()):
                # Atom demands a date: where the last one lies ahead, it has the last true one.
                self.monotonic(f"{path} {place}", instant, date, steady=path != "/atom.xml")

    def monotonic(self, place, instant, date, steady=True):
        assert instant <= date, f"{place}: {instant} is ahead of {date}"
        before = self.seen.get(place)
        assert not steady or before is None or instant >= before, f"{place}: {instant} after {before}"
        self.seen[place] = instant


def http_date(text):
    return email.utils.parsedate_to_datetime(text).astimezone(UTC)


def iso(text):
    instant = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def dates(path, text):
    """Every date of change in a document, with its place."""
    if path == "/sitemap.xml":
        return [(url, iso(d)) for url, d in re.findall(r"<loc>(.*?)</loc><lastmod>(.*?)</lastmod>", text)]
    if path == "/feed.json":
        items = json.loads(text)["items"]
        return [(i["id"], iso(i["date_modified"])) for i in items if "date_modified" in i]
    if path == "/rss.xml":
        built = re.search(r"<lastBuildDate>(.*?)</lastBuildDate>", text)
        return [("lastBuildDate", http_date(built[1]))] if built else []
    return [("updated", iso(re.search(r"<updated>(.*?)</updated>", text)[1]))]


@pytest.fixture
def clock(tmp_path):
    started = []

    def start(*instant):
        started.append(Clock(tmp_path, utc(*instant)))
        return started[0]

    yield start
    for one in started:
        one.server.stop()


def test_jumps_of_days_and_years_while_it_runs_and_between_runs(clock):
    clock = clock(2026, 6, 1)
    clock.check()
    start = clock.base
    for days in [30, -30, 1, 400, 2, -30, 3, 401]:
        clock.set(start + datetime.timedelta(days=days))
        clock.edit("a")
        time.sleep(1.1)
        clock.check()
        clock.restart()
        clock.check()


def test_past_the_end_of_32_bit_seconds(clock):
    clock = clock(2038, 1, 19, 3, 14, 5)
    for _ in range(4):
        clock.edit("b")
        time.sleep(1.1)
        clock.check()
    assert clock.now() > utc(2038, 1, 19, 3, 14, 8)
    assert any(instant > utc(2038, 1, 19, 3, 14, 7) for instant in clock.seen.values())


def test_a_leap_second(clock):
    clock = clock(2016, 12, 31, 23, 59, 57)
    for _ in range(4):
        clock.edit("c")
        time.sleep(1.1)
        clock.check()


@pytest.mark.parametrize(
    "published, due",
    [
        # Clocks go from 2:00 to 3:00; what is dated 2:30 comes out when they show 3:30.
        ("2027-03-28 02:30", utc(2027, 3, 28, 1, 30)),
        # Clocks show 2:30 twice; it is the first.
        ("2026-10-25 02:30", utc(2026, 10, 25, 0, 30)),
        ("2026-07-01T08:00:00Z", utc(2026, 7, 1, 8)),
    ],
    ids=["a skipped hour", "a doubled hour", "an instant"],
)
def test_an_article_comes_out_at_its_second(clock, published, due):
    clock = clock(2026, 6, 1)
    clock.articles["d"] = {"title": "Due", "published": published}
    clock.set(due - datetime.timedelta(seconds=6))
    clock.write()
    clock.server.process.send_signal(signal.SIGHUP)
    wait_until(lambda: any("scheduled" in line for line in clock.server.lines), what="the refresh")
    while clock.now() < due - datetime.timedelta(seconds=1):
        answer = clock.server.get("/rss.xml")
        date = http_date(answer.fields["date"])
        if date < due:
            assert "posts/d/" not in answer.body.decode()
            # No answer may be kept past the instant.
            max_age = int(re.search(r"max-age=(\d+)", answer.fields["cache-control"])[1])
            assert date + datetime.timedelta(seconds=max_age) <= due
        time.sleep(0.3)
    wait_until(lambda: "posts/d/" in clock.text("/rss.xml"), seconds=10, what="the publication")
    late = clock.now() - due
    assert datetime.timedelta(0) <= late < datetime.timedelta(seconds=5), late
    for path in DOCUMENTS:
        assert "posts/d/" in clock.text(path)
    time.sleep(1.1)
    clock.check()


def test_news_are_no_news_after_48_hours_though_nothing_is_read(clock):
    clock = clock(2026, 6, 1)
    published = utc(2026, 7, 1, 8)
    clock.articles["d"] = {"title": "News", "published": "2026-07-01T08:00:00Z"}
    leaves = published + datetime.timedelta(hours=48)
    clock.set(leaves - datetime.timedelta(seconds=8))
    clock.write()
    wait_until(lambda: "posts/d/" in clock.text("/sitemap-news.xml"), what="the news")
    # From here on nothing is changed but the time.
    while clock.now() < leaves - datetime.timedelta(seconds=1):
        answer = clock.server.get("/sitemap-news.xml")
        date = http_date(answer.fields["date"])
        if date < leaves:
            assert "posts/d/" in answer.body.decode()
            max_age = int(re.search(r"max-age=(\d+)", answer.fields["cache-control"])[1])
            assert date + datetime.timedelta(seconds=max_age) <= leaves
        time.sleep(0.3)
    wait_until(lambda: "posts/d/" not in clock.text("/sitemap-news.xml"), seconds=10, what="the end of the news")
    late = clock.now() - leaves
    assert datetime.timedelta(0) <= late < datetime.timedelta(seconds=5), late
    assert "posts/d/" in clock.text("/sitemap.xml") and "posts/d/" in clock.text("/rss.xml")


def test_a_machine_that_slept_through_the_instant_is_late_by_a_look_at_the_clock(clock):
    clock = clock(2026, 6, 1)
    clock.articles["d"] = {"title": "Due", "published": "2026-07-01T08:00:00Z"}
    clock.write()
    clock.server.process.send_signal(signal.SIGHUP)
    wait_until(lambda: any("scheduled" in line for line in clock.server.lines), what="the refresh")
    # The timer was set for a month; the clock is an hour past the instant when it wakes up.
    clock.set(utc(2026, 7, 1, 9))
    wait_until(lambda: "posts/d/" in clock.text("/sitemap.xml"), seconds=45, what="the publication")
    time.sleep(1.1)
    clock.check()
