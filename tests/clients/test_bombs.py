"""Files made to cost much more than their size: each is refused, at the cost of its neighbours.

What it costs is what the program takes more than for the same site without it: memory at its
highest, and time of the processor, which other work on the machine does not change much."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from dateline import binary

MORE_MEMORY = 16 * 1024  # KiB
# Measured: 0.035 s and 13 MiB at most. Slow machines have their time.
MORE_TIME = 0.5

SITE = '[site]\nurl = "https://a.example/"\ntitle = "A"\n'
GOOD = "---\ntitle: Good\ndate: 2026-06-10\n---\nText\n"

LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 10)
)
MAPS = "a0: &a0 {x: y}\n" + "".join(f"a{i}: &a{i} {{p: *a{i - 1}, q: *a{i - 1}}}\n" for i in range(1, 40))
MERGES = "a0: &a0 {x: y}\n" + "".join(f"a{i}: &a{i}\n  <<: [*a{i - 1}, *a{i - 1}]\n  k{i}: v\n" for i in range(1, 40))
DEEP = 10_000


def entities(doctype):
    return f"<?xml version='1.0'?>\n<!DOCTYPE rss [{doctype}]>\n<rss version='2.0'><channel><title>&z;</title></channel></rss>"


XML_LAUGHS = entities(
    "<!ENTITY a 'lol'>" + "".join(f"<!ENTITY {b} '{f'&{a};' * 10}'>" for a, b in zip("abcdefghi", "bcdefghiz"))
)

# Catalogues that cannot be read, by the name of their file.
CATALOGUES = {
    "aliases.yaml": LAUGHS + "articles: *a9\n",
    "aliases of tables.yaml": MAPS + "articles: [*a39]\n",
    "merges.yaml": MERGES + "articles: [*a39]\n",
    "an alias of itself.yaml": "articles: &a [*a]\n",
    "lists in a line.yaml": "articles: " + "[" * DEEP + "]" * DEEP,
    "tables in a line.yaml": "articles: " + "{a: " * DEEP + "}" * DEEP,
    "lists in lists.yaml": "articles:\n" + "- " * DEEP + "x",
    "an endless key.yaml": "? " * DEEP,
    "arrays.toml": "articles = " + "[" * DEEP + "]" * DEEP,
    "tables.toml": "articles = " + "{a = " * DEEP + "1" + "}" * DEEP,
    "points.toml": "[[articles]]\n" + "a." * DEEP + "b = 1\n",
    "headers.toml": "[" + ".".join("a" * 1 for _ in range(DEEP)) + "]\n",
    "arrays.json": "[" * DEEP,
    "objects.json": '{"articles": ' + '{"a":' * DEEP,
    "a million brackets.json": "[" * 1_000_000,
}

# Files of Markdown of which each is left out, or served as the short text that it is.
TEXTS = {
    "aliases": f"---\n{LAUGHS}title: *a9\n---\n",
    "aliases of tables": f"---\n{MAPS}title: *a39\n---\n",
    "merges": f"---\n{MERGES}title: x\nextra: *a39\n---\n",
    "lists": "---\ntitle: " + "[" * DEEP + "\n---\n",
    "arrays": "+++\ntitle = " + "[" * DEEP + "\n+++\n",
    "points": "+++\n" + "a." * DEEP + "b = 1\n+++\n",
    "objects": '{"title": ' + '{"a":' * DEEP,
    "elements": "---\ntitle: x\n---\n" + "<div>" * DEEP,
    "formats": "---\ntitle: x\n---\n" + "<b><i>" * DEEP,
    "tables in tables": "---\ntitle: x\n---\n" + "<table><tr><td>" * DEEP,
    "attributes": "---\ntitle: x\n---\n<a " + "b " * 10 * DEEP + ">",
}

# Markdown that such parsers have been slow at. It is read, and its neighbour too.
MARKDOWN = {
    "quotes": "> " * DEEP + "x",
    "brackets": "[" * DEEP,
    "links": "[a](" * DEEP,
    "stars": "*a **a " * DEEP,
    "backticks": "".join("`" * i + " " for i in range(300)),
    "references": "[a]: b\n" * DEEP + "[a]" * DEEP,
    "footnotes": "".join(f"[^{i}]: [^{i + 1}]\n\n" for i in range(1_000)) + "[^0]",
    "pipes": "|" * DEEP + "\n" + "|-" * DEEP + "\n",
}

FEEDS = {
    "entities": XML_LAUGHS,
    "one long entity": entities(f"<!ENTITY z '{'x' * 100_000}'>").replace("&z;", "&z;" * 10_000),
    "a file": entities("<!ENTITY z SYSTEM 'file:///etc/passwd'>"),
    "parameters": entities("<!ENTITY % p SYSTEM 'file:///etc/passwd'> %p;"),
    "elements": "<rss>" * DEEP,
    "attributes": "<rss " + "".join(f"a{i}='' " for i in range(DEEP)) + "/>",
    "json": "[" * DEEP,
}


# A process counts as its own what the one that started it held at that moment, so a small one
# starts it, and not the one that runs the tests.
STARTER = """
import json, os, sys
child = os.fork()
if child == 0:
    os.execv(sys.argv[1], sys.argv[1:])
_, status, used = os.wait4(child, 0)
seconds = used.ru_utime + used.ru_stime
print(json.dumps([os.waitstatus_to_exitcode(status), used.ru_maxrss, seconds]), file=sys.stderr)
"""


def cost(command, folder):
    """`(exit status, KiB at most, seconds of the processor, what was said)`"""
    done = subprocess.run([sys.executable, "-S", "-E", "-c", STARTER, *command], cwd=folder, timeout=120,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip
    said = done.stderr.decode(errors="replace").splitlines()
    return *json.loads(said[-1]), done.stdout.decode(errors="replace") + "\n".join(said[:-1])


def catalogue(folder, name, text):
    (folder / name).write_text(text)
    (folder / "feeds.toml").write_text(f'{SITE}[source.file]\npath = "{name}"\n')
    return cost([binary(), "check"], folder)


def texts(folder, files):
    (folder / "content").mkdir(exist_ok=True)
    for name, text in {"good": GOOD, **files}.items():
        (folder / "content" / f"{name}.md").write_text(text)
    (folder / "feeds.toml").write_text(f'{SITE}[source.markdown]\npath = "content"\nurl = "/{{path}}/"\n')
    return cost([binary(), "check"], folder)


@pytest.fixture(scope="module")
def usual(tmp_path_factory):
    """What a little site takes: `(KiB, seconds)`."""
    runs = [texts(tmp_path_factory.mktemp("usual"), {}) for _ in range(3)]
    return max(memory for _, memory, _, _ in runs), max(seconds for _, _, seconds, _ in runs)


def within(usual, memory, seconds):
    assert memory - usual[0] < MORE_MEMORY, f"{memory - usual[0]} KiB more"
    assert seconds - usual[1] < MORE_TIME, f"{seconds - usual[1]} s more"


@pytest.mark.parametrize("name", CATALOGUES)
def test_a_catalogue_that_is_a_bomb_is_refused(usual, tmp_path, name):
    status, memory, seconds, said = catalogue(tmp_path, name, CATALOGUES[name])
    assert status in (1, 2) and name in said, said
    within(usual, memory, seconds)


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_that_is_a_bomb_is_refused_alone(usual, tmp_path, name):
    status, memory, seconds, said = texts(tmp_path, {name: TEXTS[name]})
    assert status == 1 and f"content/{name}.md" in said, said
    assert "1 article" in said and "panicked" not in said, said
    within(usual, memory, seconds)


@pytest.mark.parametrize("name", MARKDOWN)
def test_markdown_that_parsers_are_slow_at_costs_no_more_than_other(usual, tmp_path, name):
    status, memory, seconds, said = texts(tmp_path, {name: "---\ntitle: x\ndate: 2026-06-10\n---\n" + MARKDOWN[name]})
    assert status in (0, 1) and "Good" not in said and "panicked" not in said, said
    within(usual, memory, seconds)


@pytest.mark.parametrize("name", FEEDS)
def test_a_feed_that_is_a_bomb_is_not_adopted(usual, tmp_path, name):
    texts(tmp_path, {})
    file = tmp_path / "old.xml"
    file.write_text(FEEDS[name])
    status, memory, seconds, said = cost([binary(), "adopt", "old.xml"], tmp_path)
    assert status in (1, 2) and "root:" not in said and "panicked" not in said, said
    within(usual, memory, seconds)


def test_what_costs_much_is_noticed(usual):
    """The twin: a program that does take more memory and time."""
    code = "x = b'x' * (64 * 2**20); sum(range(200_000_000))"
    _, memory, seconds, _ = cost([sys.executable, "-c", code], Path("."))
    for measured in [(memory, 0), (0, seconds)]:
        with pytest.raises(AssertionError):
            within(usual, *measured)
