"""What readers get through each cache of deploy/."""

import asyncio
import gzip
import time

import brotli
import pytest

from dateline import Twin, get, wait_until

PATHS = ["/rss.xml", "/atom.xml", "/feed.json", "/sitemap.xml", "/robots.txt"]


def decoded(answer):
    coding = answer.fields.get("content-encoding")
    if coding == "gzip":
        return gzip.decompress(answer.body)
    if coding == "br":
        return brotli.decompress(answer.body)
    assert coding is None, coding
    return answer.body


def test_its_own_tool_accepts_the_sample_and_rejects_a_broken_one(cache):
    assert cache.check(cache.config)
    broken = cache.folder / "broken"
    broken.write_text(cache.config.read_text() + "\nnonsense here {\n")
    assert not cache.check(broken)


@pytest.mark.parametrize("path", PATHS)
def test_a_second_get_is_a_hit(cache, origin, dateline, path):
    """Two answers, the same document both times, and one request behind the cache."""
    plain = dateline.get(path).body
    for _ in range(2):
        answer = get(cache.url, path, Accept_Encoding="gzip")
        assert answer.status == 200
        assert decoded(answer) == plain
        assert "max-age" in answer.fields["cache-control"]
    asked = len(origin.statuses(path)) - (path == "/robots.txt" and probes(origin))
    assert asked == (1 if cache.keeps else 2)


def probes(origin):
    """How often Varnish asked whether Dateline is there."""
    return sum("accept-encoding" not in map(str.lower, fields) for _, fields, _ in origin.seen)


def test_unchanged_is_a_304_in_every_form_of_the_tag(cache, dateline):
    """With the tag as sent, weak, of another coding, in a list, and by date."""
    first = get(cache.url, "/rss.xml", Accept_Encoding="gzip")
    opaque = first.fields["etag"].removeprefix("W/")
    date = first.fields["last-modified"]
    assert opaque in dateline.get("/rss.xml").fields["etag"]
    for coding in ["gzip", "identity", "br", "gzip, deflate, br"]:
        for fields in [
            {"If_None_Match": first.fields["etag"]},
            {"If_None_Match": f"W/{opaque}"},
            {"If_None_Match": f'"else", W/{opaque}' if cache.reads_lists else f"W/{opaque}"},
            {"If_None_Match": f"W/{opaque}", "If_Modified_Since": date},
            {"If_Modified_Since": date},
            {"If_Modified_Since": "Wed, 01 Jul 2026 00:00:00 GMT"},
        ]:
            answer = get(cache.url, "/rss.xml", Accept_Encoding=coding, **fields)
            assert (answer.status, answer.body) == (304, b""), (coding, fields)
    # The twin: what did change is sent.
    assert get(cache.url, "/rss.xml", If_None_Match='W/"else"').status == 200


# What a client says that it can read, and what it may therefore be sent.
CODINGS = [
    (None, {None}),
    ("", {None}),
    ("identity", {None}),
    ("gzip", {"gzip", None}),
    ("br", {"br", None}),
    ("gzip;q=0", {None}),
    ("br;q=0, gzip;q=0", {None}),
    ("br;q=0, gzip", {"gzip", None}),
    ("gzip;q=0.0, br;q=1.0", {"br", None}),
    ("gzip;q=0.001", {"gzip", None}),
    ("GZIP", {"gzip", None}),
    ("deflate, zstd", {None}),
    ("notgzip, brotli", {None}),
    ("gzip, deflate, br", {"gzip", "br", None}),
]


def read_by_all(url, plain):
    """Asks as each of them. The order is turned round on the second pass: whoever came
    before must not decide."""
    for accepted, allowed in CODINGS + CODINGS[::-1]:
        fields = {} if accepted is None else {"Accept_Encoding": accepted}
        answer = get(url, "/rss.xml", **fields)
        coding = answer.fields.get("content-encoding")
        assert coding in allowed, f"{accepted!r} was sent {coding}"
        assert decoded(answer) == plain, accepted
        assert "accept-encoding" in answer.fields["vary"].lower(), accepted


def test_nobody_is_sent_a_coding_that_he_cannot_read(cache, dateline):
    read_by_all(cache.url, dateline.get("/rss.xml").body)


def test_a_coding_for_everyone_is_noticed(dateline):
    """The broken twin: a cache that kept the gzip of the first reader for all."""
    plain = dateline.get("/rss.xml").body
    fields = [("Vary", "Accept-Encoding"), ("Content-Encoding", "gzip")]
    with Twin({"/rss.xml": ("application/rss+xml", gzip.compress(plain))}, fields) as twin:
        with pytest.raises(AssertionError, match="None was sent gzip"):
            read_by_all(twin.url, plain)


def test_queries_make_no_new_entries(cache, origin):
    for number in range(20):
        assert get(cache.url, f"/rss.xml?_={number}", Accept_Encoding="gzip").status == 200
    asked = sum(path.startswith("/rss.xml") for path, _, _ in origin.seen)
    assert asked == (1 if cache.drops_queries else 20)


async def crowd(url, path, readers=1000):
    """So many readers at once; the status of each."""
    host, port = url.removeprefix("http://").split(":")
    request = f"GET {path} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n"

    async def one():
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(request.encode())
        head = await reader.readline()
        while await reader.read(65536):
            pass
        writer.close()
        return int(head.split()[1])

    return await asyncio.wait_for(asyncio.gather(*[one() for _ in range(readers)]), 120)


def test_without_a_cache_a_thousand_readers_are_a_thousand_requests(origin):
    """The broken twin of the two below: what they count is counted."""
    assert set(asyncio.run(crowd(origin.url, "/atom.xml"))) == {200}
    assert len(origin.statuses("/atom.xml")) == 1000


def test_a_thousand_readers_of_a_new_document_are_one_request(cache, origin):
    origin.delay = 1.0
    assert set(asyncio.run(crowd(cache.url, "/atom.xml"))) == {200}
    asked = len(origin.statuses("/atom.xml"))
    if cache.collapses_first:
        assert asked == 1
    else:
        # One each: Dateline itself must bear them, and did, with 200 for all.
        assert 1 < asked <= 1000


def test_a_thousand_readers_of_an_expired_document_are_one_request(cache, origin):
    """Fresh for some seconds here, so that the end can be waited for."""
    origin.rewrite = lambda field: field.replace("max-age=900", "max-age=4")
    get(cache.url, "/atom.xml", Accept_Encoding="gzip")
    time.sleep(5.1)
    origin.delay = 1.0
    origin.seen.clear()
    assert set(asyncio.run(crowd(cache.url, "/atom.xml"))) == {200}
    if cache.keeps:
        # The new answer may be on its way still, while all had the old one.
        wait_until(lambda: origin.statuses("/atom.xml"), what="asking again")
    asked = len(origin.statuses("/atom.xml"))
    if cache.collapses_stale:
        # Readers of a slow machine may still come when the new answer has expired again.
        assert 1 <= asked <= 3
    elif cache.keeps and cache.revalidates:
        # Not one, but each of them as cheap as can be.
        assert set(origin.statuses("/atom.xml")) == {304}
    else:
        # Dateline itself must bear them, and did, with 200 for all.
        assert 1 < asked <= 1000


def test_a_revalidation_behind_the_cache_is_a_304(cache, origin):
    if not cache.keeps:
        return  # Caddy
    origin.rewrite = lambda field: field.replace("max-age=900", "max-age=1")
    for _ in range(2):
        assert get(cache.url, "/rss.xml", Accept_Encoding="gzip").status == 200
        time.sleep(2.1)
    # Stale answers are sent while the new one is fetched, so its request may come later.
    get(cache.url, "/rss.xml", Accept_Encoding="gzip")
    time.sleep(0.5)
    later = origin.statuses("/rss.xml")[1:]
    assert later and set(later) <= ({304} if cache.revalidates else {200, 304}), later


def test_t29_a_dateline_that_is_gone_goes_unnoticed(cache, origin, dateline):
    """Every answer is a 200 with the right bytes, for as long as stale-if-error promises."""
    origin.rewrite = lambda field: field.replace("max-age=900", "max-age=1")
    plain = dateline.get("/rss.xml").body
    assert get(cache.url, "/rss.xml", Accept_Encoding="gzip").status == 200
    origin.down = True
    time.sleep(2.1)
    statuses = set()
    # Caddy tries for five seconds before it gives up, and each answer takes as long.
    for _ in range(50 if cache.serves_stale else 2):
        answer = get(cache.url, "/rss.xml", Accept_Encoding="gzip")
        statuses.add(answer.status)
        if answer.status == 200:
            assert decoded(answer) == plain
        time.sleep(0.05)
    if cache.serves_stale:
        assert statuses == {200}
    else:
        # Neither HAProxy nor Caddy keeps anything past its freshness.
        assert statuses <= {502, 503, 504}
    # And it is noticed when Dateline is back.
    origin.down = False
    time.sleep(1.5)
    assert get(cache.url, "/rss.xml", Accept_Encoding="gzip").status == 200


def test_an_article_that_is_due_is_never_hidden_by_a_stale_answer(cache, origin):
    """Before a scheduled article, answers name no stale time: the first reader after the
    end of their freshness must get the new edition."""
    if not cache.keeps:
        return  # Caddy
    origin.rewrite = lambda field: "public, max-age=1"
    get(cache.url, "/feed.json", Accept_Encoding="gzip")
    time.sleep(2.1)
    asked = len(origin.statuses("/feed.json"))
    get(cache.url, "/feed.json", Accept_Encoding="gzip")
    assert len(origin.statuses("/feed.json")) == asked + 1, "a stale answer was sent"
