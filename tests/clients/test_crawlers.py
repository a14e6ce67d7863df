"""Sitemaps and robots.txt, as crawlers and validators of them find and read them."""

import datetime
import json
import re

import pytest
from protego import Protego
from usp.tree import sitemap_tree_for_homepage

from dateline import TOOLS, Twin, run, tool

SITEMAP = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>{}</loc>
<lastmod>{}</lastmod></url></urlset>"""


def twin_of(sitemap):
    """A site whose sitemap is `sitemap`, in which HOME is its address."""
    twin = Twin({})
    twin.documents["/sitemap.xml"] = ("application/xml", sitemap.replace("HOME", twin.url).encode())
    robots = f"User-agent: *\nSitemap: {twin.url}/sitemap.xml\n"
    twin.documents["/robots.txt"] = ("text/plain", robots.encode())
    return twin


def verify(url, folder):
    """What sitemap-verify finds, by Google's rules: the number of URLs, and its diagnostics.

    It keeps a report of its own in `folder`."""
    done = run(tool("sitemap-verify"), "check", url, "--engine", "google", "--format", "json",
               "--mode", "url", "--no-check-reachability", "--no-show-progress",
               ok=False, cwd=folder)  # fmt: skip
    report = json.loads(done.stdout)
    return report["summary"]["urls_discovered"], [one["code"] for one in report["diagnostics"]]


# What it would rather have. An article that nobody knows the date of has no lastmod, since
# none is better than a made-up one; a site without articles has nothing to list.
EXPLAINED = {"example": [], "rich": ["google_lastmod_recommended"], "empty": ["empty_sitemap"]}


def test_sitemap_verify_finds_nothing_that_is_not_explained(site, tmp_path):
    assert verify(f"{site.url}/sitemap.xml", tmp_path) == (len(site.urls), EXPLAINED[site.name])


def test_sitemap_verify_rejects_a_broken_sitemap(tmp_path):
    with twin_of(SITEMAP.format("https://elsewhere.example/", "yesterday")) as twin:
        _, codes = verify(f"{twin.url}/sitemap.xml", tmp_path)
        assert any("lastmod" in code for code in codes), codes


def find(home):
    """The pages that ultimate-sitemap-parser finds, from the home page on."""
    return {page.url: page.last_modified for page in sitemap_tree_for_homepage(home).all_pages()}


def test_a_crawler_finds_every_article_with_its_date(site):
    pages = find(site.home)
    assert sorted(pages) == sorted(site.urls)
    for url, changed in pages.items():
        if url.endswith("/everything/"):
            assert changed == datetime.datetime(2026, 6, 11, 8, tzinfo=datetime.timezone.utc)
        elif url.endswith("/undated/"):
            assert changed is None
        else:
            assert changed is not None, url


def test_a_crawler_finds_nothing_in_a_broken_sitemap():
    with twin_of("<urlset><url><loc>HOME/a</loc>") as twin:
        assert find(twin.url + "/") == {}


def by_schema(body, folder):
    """Whether a sitemap is valid by the schema of sitemaps.org, as npm's `sitemap` has it."""
    schema = TOOLS / "sitemap" / "schema" / "sitemap.xsd"
    assert schema.is_file(), f"{schema} is missing; install it with: bash tests/run.sh"
    path = folder / "sitemap.xml"
    path.write_bytes(body)
    done = run(tool("xmllint"), "--nonet", "--noout", "--schema", str(schema), str(path), ok=False)
    return done.returncode == 0, done.stderr


def test_the_sitemap_is_valid_by_its_schema(site, tmp_path):
    body = site.server.get("/sitemap.xml").body
    if not site.urls:
        # The schema wants a url at least; a site without articles has none to give.
        valid, said = by_schema(body, tmp_path)
        assert not valid and "Missing child element" in said
        return
    # The schema knows 0.9 alone and validates what it is not told of strictly.
    plain = re.sub(rb"<(xhtml:link|image:image)\b.*?(/>|</\1>)", b"", body, flags=re.S)
    valid, said = by_schema(plain, tmp_path)
    assert valid, said


def test_the_schema_rejects_a_broken_sitemap(tmp_path):
    for address, date in [("https://x.example/", "yesterday"), ("x", "2026-06-10")]:
        valid, _ = by_schema(SITEMAP.format(address, date).encode(), tmp_path)
        assert not valid
    assert by_schema(SITEMAP.format("https://x.example/", "2026-06-10").encode(), tmp_path)[0]


ROBOTS = """
const [tools, address, text, page] = process.argv.slice(1);
const parse = require(require.resolve("robots-parser", { paths: [tools] }));
const robots = parse(address, text);
console.log(JSON.stringify([robots.getSitemaps(), robots.isAllowed(page, "AnyBot") !== false]));
"""


def by_protego(home, text):
    rules = Protego.parse(text)
    return [list(rules.sitemaps), rules.can_fetch(home + "a/", "AnyBot")]


def by_robots_parser(home, text):
    address, page = home + "robots.txt", home + "a/"
    return json.loads(run("node", "-e", ROBOTS, "--", str(TOOLS), address, text, page).stdout)


@pytest.mark.parametrize("read", [by_protego, by_robots_parser])
def test_robots_txt_names_the_sitemap_and_keeps_nobody_out(site, read):
    text = site.server.get("/robots.txt").body.decode()
    assert read(site.home, text) == [[f"{site.url}/sitemap.xml"], True]


@pytest.mark.parametrize("read", [by_protego, by_robots_parser])
def test_a_broken_robots_txt_is_noticed(read):
    home = "https://x.example/"
    assert read(home, "User-agent: *\nDisallow: /\n") == [[], False]
