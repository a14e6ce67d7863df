"""Strict parsers of several languages read every feed; each rejects a broken one."""

import json
import subprocess

import atoma
import pytest

from dateline import ROOT, TOOLS, binary, run, run_json, tool

RUBY = """
require "rss"
feed = RSS::Parser.parse(File.read(ARGV[0]), true) or abort "not a feed"
puts feed.items.map { |item| item.title.respond_to?(:content) ? item.title.content : item.title }
"""

# feedsmith reads all three formats, the others RSS and Atom; each prints the titles.
NODE = """
const path = require("path"), fs = require("fs");
const [tools, client, file] = process.argv.slice(2);
const text = fs.readFileSync(file, "utf8");
const load = (name) => require(require.resolve(name, { paths: [tools] }));
const titleOf = (item) => (item.title && item.title.value) || item.title;
const print = (items) => console.log(JSON.stringify((items || []).map(titleOf)));
if (client === "rss-parser") {
  const Parser = load("rss-parser");
  const failed = (error) => { console.error(error); process.exit(1); };
  new Parser().parseString(text).then((feed) => print(feed.items), failed);
} else if (client === "@rowanmanning/feed-parser") {
  print(load(client).parseFeed(text).items);
} else {
  const { parseFeed } = load("feedsmith");
  const { feed } = parseFeed(text);
  print(feed.items || feed.entries);
}
"""


def with_ruby(path, folder):
    script = folder / "read.rb"
    script.write_text(RUBY)
    env = {"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"}
    return run(tool("ruby"), str(script), str(path), env=env).stdout.splitlines()


def with_node(client):
    def read(path, folder):
        assert (TOOLS / client).is_dir(), f"npm's {client} is missing; install it with: bash tests/run.sh"
        script = folder / "read.cjs"
        script.write_text(NODE)
        return json.loads(run("node", str(script), str(TOOLS), client, str(path)).stdout)

    return read


PERL = """
use strict; use XML::Feed; binmode STDOUT, ":utf8";
my $feed = XML::Feed->parse($ARGV[0]) or die XML::Feed->errstr;
for ($feed->entries) {
  my $title = $_->title;
  utf8::decode($title) unless utf8::is_utf8($title);  # As XML::Atom gives it: bytes.
  print $title, "\\n";
}
"""


def with_perl(path, folder):
    """Perl's XML::Feed. Its parser dies at what is not well-formed."""
    script = folder / "read.pl"
    script.write_text(PERL)
    return run(tool("perl"), str(script), str(path)).stdout.splitlines()


def with_sfeed(path, _):
    """sfeed prints a line an article: its instant, title, link, text, kind, id, author …"""
    done = subprocess.run([tool("sfeed")], stdin=path.open("rb"), capture_output=True, timeout=60, check=True)
    return [line.split("\t")[1] for line in done.stdout.decode().splitlines()]


def with_feed_rs(path, _):
    [titles] = all_with_feed_rs([path])
    return titles


def all_with_feed_rs(paths):
    """The titles of the entries of each of these files, as feed-rs reads them."""
    reader = ROOT / "target" / "debug" / "examples" / "feed-rs"
    assert reader.is_file(), f"{reader} is missing; build it with: cargo build --example feed-rs"
    return run_json(str(reader), *map(str, paths))


def with_atoma(path, _):
    body = path.read_bytes()
    if path.name == "atom.xml":
        return [entry.title.value for entry in atoma.parse_atom_bytes(body).entries]
    if path.name == "feed.json":
        return [item.title for item in atoma.parse_json_feed_bytes(body).items]
    return [item.title for item in atoma.parse_rss_bytes(body).items]


CASES = [
    (with_ruby, "rss.xml"),
    (with_ruby, "atom.xml"),
    (with_atoma, "rss.xml"),
    (with_atoma, "atom.xml"),
    (with_atoma, "feed.json"),
    (with_node("rss-parser"), "rss.xml"),
    (with_node("rss-parser"), "atom.xml"),
    (with_node("feedsmith"), "rss.xml"),
    (with_node("feedsmith"), "atom.xml"),
    (with_node("feedsmith"), "feed.json"),
    (with_node("@rowanmanning/feed-parser"), "rss.xml"),
    (with_node("@rowanmanning/feed-parser"), "atom.xml"),
    (with_perl, "rss.xml"),
    (with_perl, "atom.xml"),
    (with_sfeed, "rss.xml"),
    (with_sfeed, "atom.xml"),
    (with_feed_rs, "rss.xml"),
    (with_feed_rs, "atom.xml"),
    (with_feed_rs, "feed.json"),
]
IDS = [f"{name}-{file}" for name, file in [
    ("ruby", "rss"), ("ruby", "atom"), ("atoma", "rss"), ("atoma", "atom"), ("atoma", "json"),
    ("rss-parser", "rss"), ("rss-parser", "atom"),
    ("feedsmith", "rss"), ("feedsmith", "atom"), ("feedsmith", "json"),
    ("feed-parser", "rss"), ("feed-parser", "atom"), ("xml-feed", "rss"), ("xml-feed", "atom"),
    ("sfeed", "rss"), ("sfeed", "atom"), ("feed-rs", "rss"), ("feed-rs", "atom"), ("feed-rs", "json"),
]]  # fmt: skip


@pytest.mark.parametrize("read, name", CASES, ids=IDS)
def test_every_parser_reads_every_article_in_order(site, tmp_path, read, name):
    path = tmp_path / name
    path.write_bytes(site.server.get(f"/{name}").body)
    assert read(path, tmp_path) == (site.dated if name == "atom.xml" else site.titles)


# Two articles, and a fault between them.
BROKEN = {
    "rss.xml": "<rss version='2.0'><channel><title>a</title><link>http://x/</link>"
    "<description>a</description><item><title>One</title></item><item></rss>",
    "atom.xml": "<feed xmlns='http://www.w3.org/2005/Atom'><id>http://x/</id><title>a</title>"
    "<updated>2026-06-10T00:00:00Z</updated><entry><title>One</title></entry><entry></feed>",
    "feed.json": '{"version": "https://jsonfeed.org/version/1.1", "title": "a", "items": ['
    '{"id": "1", "title": "One"}, {"id": "2", "title": "Two"}}',
}


@pytest.mark.parametrize("read, name", CASES, ids=IDS)
def test_every_parser_notices_a_broken_feed(tmp_path, read, name):
    path = tmp_path / name
    path.write_text(BROKEN[name])
    try:
        assert read(path, tmp_path) != ["One", "Two"]
    except Exception:
        pass  # Most refuse it; feedsmith, rss-parser and sfeed show what they can.


def test_every_feed_of_the_rich_site_is_read(site, tmp_path):
    """Feeds per tag, author and language too, whose names hold other scripts."""
    checked = 0
    for document in report(site):
        if document["path"].endswith(("rss.xml", "atom.xml")):
            path = tmp_path / document["path"].rsplit("/")[-1]
            path.write_bytes(site.server.get(document["path"]).body)
            with_atoma(path, tmp_path)
            with_ruby(path, tmp_path)
            checked += 1
    assert checked >= (20 if site.name == "rich" else 2)


def report(site):
    """What `dateline check` says of the documents."""
    done = run(binary(), "check", "--format", "json", cwd=site.server.folder)
    return json.loads(done.stdout)["documents"]
