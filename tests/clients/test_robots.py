"""Four parsers, of four makers, read the same rules out of one robots.txt."""

import json
import re
from urllib.robotparser import RobotFileParser

import pytest
from protego import Protego
from robotstxt import RobotsMatcher

from dateline import TOOLS, Dateline, free_port, run

CONFIG = """
[site]
url = "http://127.0.0.1:PORT/"
title = "A"

[source.file]
path = "articles.json"

[robots]
include = "own.txt"
search = "allow"
ai_training = "disallow"
archives = "disallow"
signals = { search = true, ai_train = false }

[robots.license]
prohibits = "ai-train"

[[robots.group]]
agents = ["GPTBot", "AI2Bot"]
allow = "/open/"
disallow = "/"

[[robots.group]]
agents = "DraftBot"
disallow = ["/drafts/", "/*.pdf$"]
"""

# The site's own file, which has a word on a crawler that trains models.
OWN = "# ours\nUser-agent: ccbot # and no other\nDisallow: /x/\n\nUser-agent: *\nDisallow: /private/\n"

PATHS = ["/", "/a/", "/x/1", "/open/1", "/drafts/1", "/private/1"]

# Who may not read what. A crawler obeys the group that names it and no other.
KEPT_OUT = {
    "AnyBot": {"/private/1"},
    "PerplexityBot": {"/private/1"},
    "CCBot": {"/x/1"},
    "GPTBot": set(PATHS) - {"/open/1"},
    "AI2Bot": set(PATHS) - {"/open/1"},
    "DraftBot": {"/drafts/1"},
    "Googlebot": set(),
    "Bingbot": set(),
    "ClaudeBot": set(PATHS),
    "Bytespider": set(PATHS),
    "Google-Extended": set(PATHS),
    "meta-externalagent": set(PATHS),
    "ia_archiver": set(PATHS),
    "archive.org_bot": set(PATHS),
}

NODE = """
const [tools, address, text, asked] = process.argv.slice(1);
const parse = require(require.resolve("robots-parser", { paths: [tools] }));
const robots = parse(address, text);
const home = new URL("/", address).href.slice(0, -1);
const mayNot = ([agent, path]) => robots.isDisallowed(home + path, agent) === true;
console.log(JSON.stringify([robots.getSitemaps(), JSON.parse(asked).filter(mayNot)]));
"""


def by_protego(home, text, asked):
    rules = Protego.parse(text)
    return list(rules.sitemaps), [one for one in asked if not rules.can_fetch(home + one[1][1:], one[0])]


def by_python(home, text, asked):
    rules = RobotFileParser()
    rules.parse(text.splitlines())
    return rules.site_maps(), [one for one in asked if not rules.can_fetch(one[0], home + one[1][1:])]


def by_robots_parser(home, text, asked):
    assert (TOOLS / "robots-parser").is_dir(), "npm's robots-parser is missing; install it with: bash tests/run.sh"
    arguments = [str(TOOLS), home + "robots.txt", text, json.dumps(asked)]
    sitemaps, kept_out = json.loads(run("node", "-e", NODE, "--", *arguments).stdout)
    return sitemaps, [tuple(one) for one in kept_out]


def by_google(home, text, asked):
    """Google's own parser. It says nothing of sitemaps, so the lines are taken as they stand."""
    matcher = RobotsMatcher()
    kept_out = [(agent, path) for agent, path in asked if not matcher.is_allowed(text, agent, home + path[1:])]
    return [line.split(": ")[1] for line in text.splitlines() if line.startswith("Sitemap: ")], kept_out


PARSERS = [by_protego, by_python, by_robots_parser, by_google]
ASKED = [(agent, path) for agent in KEPT_OUT for path in PATHS]


def table(read, home, text):
    """Who may not read what, as one parser understands it."""
    _, kept_out = read(home, text, ASKED)
    return {agent: {path for name, path in kept_out if name == agent} for agent in names(read)}


def names(read):
    """By RFC 9309 a name has no digits or points, and of one that has Google reads the part
    before: that it is kept whole can be asked of the others alone."""
    return [agent for agent in KEPT_OUT if re.fullmatch("[A-Za-z_-]+", agent) or read is not by_google]


def kept_out_by(read):
    return {agent: KEPT_OUT[agent] for agent in names(read)}


@pytest.fixture(scope="module")
def robots(tmp_path_factory):
    """The home page of a site with rules of every kind, and its robots.txt."""
    folder = tmp_path_factory.mktemp("robots")
    port = free_port()
    (folder / "articles.json").write_text("[]")
    (folder / "own.txt").write_text(OWN)
    (folder / "feeds.toml").write_text(CONFIG.replace("PORT", str(port)))
    with Dateline(folder, port) as server:
        yield server.url + "/", server.get("/robots.txt").body.decode()


@pytest.mark.parametrize("read", PARSERS)
def test_a12_1_every_parser_reads_the_same_table_of_agents_and_paths(robots, read):
    home, text = robots
    assert table(read, home, text) == kept_out_by(read)
    assert read(home, text, [])[0] == [f"{home}sitemap.xml"]


@pytest.mark.parametrize("read", [by_protego, by_robots_parser, by_google])
def test_parsers_of_rfc_9309_read_wildcards(robots, read):
    """Python's own parser knows none, so it is not asked."""
    asked = [("DraftBot", "/a.pdf"), ("DraftBot", "/a.pdf.html"), ("AnyBot", "/a.pdf")]
    assert read(*robots, asked)[1] == asked[:1]


@pytest.mark.parametrize("read", PARSERS)
def test_a_table_that_is_not_ours_is_noticed(robots, read):
    """A group that lost its rules, one that lost its names, and the site's own file gone."""
    home, text = robots
    for broken in [
        text.replace("Disallow: /drafts/\n", ""),
        text.replace("User-agent: ClaudeBot\n", ""),
        text.removeprefix(OWN.strip()),
    ]:
        assert broken != text
        assert table(read, home, broken) != kept_out_by(read)
