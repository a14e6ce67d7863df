"""A day of polls by real readers and crawlers, on the real program under a clock that is set.

One article is published at noon. Every poll has the right status: the first is a 200, the first
after noon is one, and what did not change is a 304 for all who bring a validator back."""

import collections
import email.utils
import glob
import json
import signal

import pytest

from clients import CLIENTS
from dateline import Dateline, Twin, get, wait_until

DAY = 1_781_136_000  # 2026-06-11T00:00:00Z
NOON = DAY + 12 * 3600

CONFIG = """
[site]
url = "https://backend.example/"
title = "A day"

[source.file]
path = "articles.json"
"""

OLD = [
    {"url": f"/{n}/", "title": f"Article {n}", "published": "2026-06-01", "content_text": "x" * 500}
    for n in range(20)
]
NEW = {"url": "/new/", "title": "New", "published": "2026-06-11T11:59:00Z", "content_text": "new"}


class Site:
    """The program, and the hand of its clock."""

    def __init__(self, folder):
        library = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
        assert library, "libfaketime is missing; install it with: apt-get install faketime"
        self.folder, self.hand = folder, folder / "clock"
        (folder / "feeds.toml").write_text(CONFIG)
        self.write(OLD)
        self.set(DAY)
        clock = [f"LD_PRELOAD={library[0]}", f"FAKETIME_TIMESTAMP_FILE={self.hand}"]
        # Timers go by the monotonic clock, which stays as it is.
        rest = ["FAKETIME_NO_CACHE=1", "DONT_FAKE_MONOTONIC=1", "TZ=UTC"]
        self.server = Dateline(folder, command=["env", *clock, *rest])

    def write(self, articles):
        (self.folder / "articles.json").write_text(json.dumps(articles))

    def set(self, instant):
        text = email.utils.formatdate(instant, usegmt=True)
        stamp = email.utils.parsedate_to_datetime(text)
        # Replaced in one step: the program reads it at every look at the clock.
        other = self.hand.with_suffix(".new")
        other.write_text(f"@{stamp:%Y-%m-%d %H:%M:%S}\n")
        other.replace(self.hand)

    def publish(self):
        """Puts a new article into the catalogue, and waits until it is served."""
        tag = self.server.get("/rss.xml").fields["etag"]
        self.write([NEW, *OLD])
        self.server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: self.server.get("/rss.xml").fields["etag"] != tag, what="publication")


@pytest.fixture
def site(tmp_path):
    site = Site(tmp_path)
    yield site
    site.server.stop()


def fields_of(client, memory, instant, polls):
    """What a client sends at its next poll."""
    fields = {"Host": "backend.example", "User-Agent": client.agent, "Accept": client.accept}
    if client.coding:
        fields["Accept-Encoding"] = client.coding
    if client.forced and polls % client.forced == client.forced - 1:
        return fields
    if memory and client.remembers in ("etag", "both") and "etag" in memory:
        tag = memory["etag"]
        fields["If-None-Match"] = client.tag.format(tag, opaque=tag.removeprefix("W/"))
    if memory and client.remembers in ("date", "both") and "last-modified" in memory:
        fields["If-Modified-Since"] = memory["last-modified"]
    if memory and client.remembers == "invented":
        # The instant of its own last poll, by its own clock, and no tag.
        fields["If-Modified-Since"] = email.utils.formatdate(memory["polled"], usegmt=True)
    return fields


def schedule():
    """`(instant, client)` of every poll of the day, in order; clients start at odd minutes."""
    polls = []
    for i, client in enumerate(CLIENTS):
        first = DAY + 60 + i * 13
        polls += [(at, client) for at in range(first, DAY + 86_400, client.every * 60)]
    return sorted(polls, key=lambda poll: poll[0])


class Unclocked:
    """A server that no clock is set for."""

    def __init__(self, url):
        self.server = self
        self.url = url

    def set(self, instant):
        pass

    def get(self, path, **fields):
        return get(self.url, path, **fields)


def replay(site, publish):
    """Runs the day; `(client, instant, status, whether it had validators, body)` of each poll."""
    memories, polls, log = {}, collections.Counter(), []
    published = False
    for instant, client in schedule():
        if instant >= NOON and not published:
            published = True
            site.set(NOON)
            publish()
        site.set(instant)
        memory = memories.get(client.name)
        fields = fields_of(client, memory, instant, polls[client.name])
        conditional = any(name.startswith("If-") for name in fields)
        path = client.path + client.query.format(n=instant)
        answer = site.server.get(
            path, method=client.method, **{n.replace("-", "_"): v for n, v in fields.items()}
        )
        polls[client.name] += 1
        log.append((client, instant, answer.status, conditional, answer))
        if answer.status == 200:
            memories[client.name] = dict(answer.fields)
        if client.name in memories:
            memories[client.name]["polled"] = instant
    return log


def judge(log):
    """Polls with the wrong status, and the share of 304 among those of unchanged documents."""
    first, after_noon = set(), set()
    unchanged, not_modified, wrong = 0, 0, []
    for client, instant, status, conditional, answer in log:
        news = instant >= NOON and client.path != "/robots.txt" and client.name not in after_noon
        if instant >= NOON:
            after_noon.add(client.name)
        expected = 200 if client.name not in first or news or not conditional else 304
        if client.name in first and not news:
            unchanged += 1
            not_modified += status == 304
        first.add(client.name)
        if status != expected:
            wrong.append((client.name, instant - DAY, status, expected))
        if status == 304:
            assert answer.body == b"", client.name
        else:
            coding = answer.fields.get("content-encoding")
            assert coding is None or coding in (client.coding or ""), client.name
    return wrong, not_modified / unchanged


def test_a_day_of_polls(site):
    log = replay(site, site.publish)
    assert len(CLIENTS) >= 30 and len(log) > 1000
    wrong, share = judge(log)
    assert wrong == []
    assert share >= 0.95


def test_a_server_without_validators_is_noticed():
    """The broken twin: whatever is asked, it sends everything."""
    body = {client.path: ("application/xml", b"<a/>") for client in CLIENTS}
    with Twin(body) as twin:
        wrong, share = judge(replay(Unclocked(twin.url), lambda: None))
    assert share == 0 and wrong


def test_a_server_that_never_has_news_is_noticed(site):
    wrong, _ = judge(replay(site, lambda: None))
    assert {status for _, _, status, _ in wrong} == {304}
    assert len(wrong) > 20
