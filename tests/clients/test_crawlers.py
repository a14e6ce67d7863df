"""Sitemaps and robots.txt, as crawlers and validators of them find and read them."""

import datetime
import json

import pytest
from protego import Protego
from usp.tree import sitemap_tree_for_homepage

from dateline import ROOT, TOOLS, Twin, run, tool

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
    """Whether a sitemap is valid by the schema of sitemaps.org, as npm's `sitemap` has it, and
    by those of its extensions."""
    base = TOOLS / "sitemap" / "schema" / "sitemap.xsd"
    assert base.is_file(), f"{base} is missing; install it with: bash tests/run.sh"
    for schema in (ROOT / "tests" / "clients" / "schemas").iterdir():
        (folder / schema.name).write_text(schema.read_text().replace("BASE", base.as_uri()))
    path = folder / "sitemap.xml"
    path.write_bytes(body)
    schema = folder / "sitemap.xsd"
    done = run(tool("xmllint"), "--nonet", "--noout", "--schema", str(schema), str(path), ok=False)
    return done.returncode == 0, done.stderr


def test_the_sitemap_is_valid_by_its_schema(site, tmp_path):
    valid, said = by_schema(site.server.get("/sitemap.xml").body, tmp_path)
    if site.urls:
        assert valid, said
    else:
        # The schema wants a url at least; a site without articles has none to give.
        assert not valid and "Missing child element" in said


def test_the_schema_rejects_a_broken_sitemap(tmp_path):
    for address, date in [("https://x.example/", "yesterday"), ("x", "2026-06-10")]:
        valid, _ = by_schema(SITEMAP.format(address, date).encode(), tmp_path)
        assert not valid
    assert by_schema(SITEMAP.format("https://x.example/", "2026-06-10").encode(), tmp_path)[0]


EXTENDED = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"
 xmlns:video="http://www.google.com/schemas/sitemap-video/1.1"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
 xmlns:xhtml="http://www.w3.org/1999/xhtml"><url><loc>https://x.example/</loc>
<xhtml:link rel="alternate" hreflang="de" href="https://x.example/de/"/>
<image:image><image:loc>https://x.example/i.png</image:loc></image:image>
<video:video><video:thumbnail_loc>https://x.example/t.png</video:thumbnail_loc><video:title>T</video:title>
<video:description>D</video:description><video:player_loc>https://x.example/p</video:player_loc></video:video>
<news:news><news:publication><news:name>N</news:name><news:language>en</news:language></news:publication>
<news:publication_date>2026-06-10</news:publication_date><news:title>T</news:title></news:news>
</url></urlset>"""


@pytest.mark.parametrize("before, after", [
    ('hreflang="de"', 'hreflang="German!"'), ('rel="alternate" ', ""), ("https://x.example/i.png", "i.png"),
    ("<video:description>D</video:description>", ""), ("<news:language>en</news:language>", ""),
    ("<news:title>T</news:title>", ""), ("2026-06-10", "yesterday"), ("image:loc>", "image:title>"),
])  # fmt: skip
def test_the_schema_rejects_a_broken_extension(tmp_path, before, after):
    valid, said = by_schema(EXTENDED.encode(), tmp_path)
    assert valid, said
    assert before in EXTENDED
    assert not by_schema(EXTENDED.replace(before, after).encode(), tmp_path)[0]


def with_advertools(url):
    """`loc → lastmod` of a sitemap, as advertools reads it; a row that is no page is left out."""
    code = (
        "import advertools, json, sys\n"
        "rows = advertools.sitemap_to_df(sys.argv[1]).to_dict('records')\n"
        "print(json.dumps({str(row.get('loc')): str(row.get('lastmod')) for row in rows}))"
    )
    done = run(str(ROOT / ".venv" / "bin" / "python"), "-W", "ignore", "-c", code, url)
    rows = json.loads(done.stdout.splitlines()[-1])
    return {loc: lastmod for loc, lastmod in rows.items() if loc.startswith("http")}


def same_instants(read, expected):
    """Whether dates, as texts, are those that another crawler found; a day is its first instant."""
    def instant(value):
        if value in (None, "NaT", "nan"):
            return None
        date = datetime.datetime.fromisoformat(value) if isinstance(value, str) else value
        return date if date.tzinfo else date.replace(tzinfo=datetime.timezone.utc)

    return {url: instant(one) for url, one in read.items()} == {url: instant(one) for url, one in expected.items()}


def test_advertools_finds_every_page_with_its_date(site):
    if site.urls:
        assert same_instants(with_advertools(f"{site.url}/sitemap.xml"), find(site.home))


def test_advertools_finds_nothing_in_a_broken_sitemap():
    with twin_of("<urlset><url><loc>HOME/a</loc>") as twin:
        code = f"import advertools; print(len(advertools.sitemap_to_df('{twin.url}/sitemap.xml')))"
        done = run(str(ROOT / ".venv" / "bin" / "python"), "-W", "ignore", "-c", code, ok=False)
        assert done.returncode != 0 or "HOME" not in done.stdout
    with twin_of(SITEMAP.format("HOME/a", "2026-06-09")) as twin:
        other = {f"{twin.url}/a": datetime.datetime(2026, 6, 10, tzinfo=datetime.timezone.utc)}
        assert not same_instants(with_advertools(f"{twin.url}/sitemap.xml"), other)


SPIDER = """
import scrapy.spiders, json

class Pages(scrapy.spiders.SitemapSpider):
    name = "pages"
    custom_settings = {"LOG_ENABLED": False, "TELNETCONSOLE_ENABLED": False, "HTTPERROR_ALLOW_ALL": True}

    def __init__(self, url):
        super().__init__()
        self.sitemap_urls = [url]

    def sitemap_filter(self, entries):
        for entry in entries:
            print(json.dumps([entry["loc"], entry.get("lastmod")]), flush=True)
            if entry["loc"].endswith(".xml"):
                yield entry
"""


def with_scrapy(url, folder):
    """`loc → lastmod` of what Scrapy's SitemapSpider finds from a robots.txt or a sitemap on."""
    spider = folder / "spider.py"
    spider.write_text(SPIDER)
    done = run(tool("scrapy"), "runspider", str(spider), "-a", f"url={url}", cwd=folder)
    return dict(json.loads(line) for line in done.stdout.splitlines() if line.startswith("["))


def test_scrapy_finds_every_page_from_robots_txt_on(site, tmp_path):
    found = with_scrapy(f"{site.url}/robots.txt", tmp_path)
    assert sorted(found) == sorted(site.urls)
    assert same_instants(found, find(site.home))


def test_scrapy_finds_nothing_in_a_broken_sitemap(tmp_path):
    with twin_of("<html><body>HOME/a</body></html>") as twin:
        assert with_scrapy(f"{twin.url}/robots.txt", tmp_path) == {}
    with twin_of(SITEMAP.format("HOME/a", "2026-06-09")) as twin:
        assert with_scrapy(f"{twin.url}/robots.txt", tmp_path) == {f"{twin.url}/a": "2026-06-09"}


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
