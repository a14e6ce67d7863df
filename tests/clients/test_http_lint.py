"""REDbot and httplint look at the answers: nothing bad, and no warning that is not explained."""

import json
import subprocess

import pytest

from dateline import Twin, get, run, tool

PATHS = ["/rss.xml", "/atom.xml", "/feed.json", "/sitemap.xml", "/robots.txt"]

# Warnings that stay, and why.
EXPLAINED = {
    # RFC 9111 lets caches store such answers without it. It is sent because shared caches
    # exist that store nothing else, and it cannot harm: nothing here is private.
    "STORE_PUBLIC_UNNECESSARY",
}


def redbot(url):
    """`(level, id)` of everything REDbot says of a URL and of its own further requests."""
    har = json.loads(run(tool("redbot"), "-o", "har", url).stdout)
    messages = [said for entry in har["log"]["entries"] for said in entry.get("_red_messages", [])]
    return {(said["level"], said["note_id"]) for said in messages}


def httplint(answer):
    """The lines httplint writes of one answer."""
    head = "".join(f"{name}: {value}\r\n" for name, value in answer.fields.items())
    message = f"HTTP/1.1 {answer.status} X\r\n{head}\r\n".encode() + answer.body
    done = subprocess.run([tool("httplint"), "-n"], input=message, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr.decode()
    return [line.strip() for line in done.stdout.decode().splitlines() if line.startswith("* [")]


def faults(said):
    bad = {note for level, note in said if level == "BAD"}
    warnings = {note for level, note in said if level == "WARN"}
    return bad | (warnings - EXPLAINED)


@pytest.mark.parametrize("path", PATHS)
def test_redbot_finds_nothing_bad(site, path):
    said = redbot(site.url + path)
    assert faults(said) == set()
    assert ("GOOD", "INM_304") in said


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("coding", ["identity", "gzip", "br"])
def test_httplint_finds_nothing_bad(site, path, coding):
    lines = httplint(site.server.get(path, Accept_Encoding=coding))
    assert any(line.startswith("* [GOOD] This response is fresh") for line in lines)
    wrong = [line for line in lines if line.startswith(("* [BAD]", "* [WARN]"))]
    assert wrong == ["* [WARN] Cache-Control: public is probably not necessary."]


BROKEN = [("Last-Modified", "yesterday"), ("Cache-Control", "max-age=soon"), ("ETag", "bare")]


def test_redbot_rejects_a_broken_server():
    with Twin({"/rss.xml": ("application/rss+xml", b"<rss/>")}, BROKEN) as twin:
        assert faults(redbot(twin.url + "/rss.xml"))


def test_httplint_rejects_a_broken_answer():
    with Twin({"/rss.xml": ("application/rss+xml", b"<rss/>")}, BROKEN) as twin:
        lines = httplint(get(twin.url, "/rss.xml"))
        assert any(line.startswith("* [BAD]") for line in lines), lines
