"""The schema of feeds.toml, as the validators of editors apply it: what is good passes, what is
faulty is refused. That its keys are those of the program, `cargo test config::` shows."""

import datetime
import json
import tomllib

import jsonschema
import pytest

import conftest
import test_hostile_catalogue
import test_kitchen_sink
import test_robots
import test_round_trip
from dateline import ROOT, TOOLS, run

SCHEMA = ROOT / "docs" / "feeds.schema.json"
VALIDATOR = jsonschema.Draft7Validator(json.loads(SCHEMA.read_text()))

GOOD = {
    "the project's own": (ROOT / "feeds.toml").read_text(),
    "a site with every feature": test_kitchen_sink.CONFIG,
    "a site with hostile texts": conftest.CONFIG,
    "rules for crawlers": test_robots.CONFIG,
    "corrupt rows": test_hostile_catalogue.CONFIG,
    "random catalogues": test_round_trip.CONFIG,
    "little": '[site]\nurl = "https://a.example"\ntitle = "A"\n[source.markdown]\npath = "a"\nurl = "{path}/"\n',
    "a date of TOML": '[site]\nurl = "https://a.example/"\ntitle = "A"\n[source.file]\npath = "A.TOML"\n'
    '[[feed]]\nname = "all"\nsince = 2026-01-01\n[[sitemap.page]]\nurl = "/"\nupdated = 2026-01-01T00:00:00Z\n',
}

# Faults that are not of this file alone, or that take more than one place of it to see.
BEYOND = {"missing.toml", "there are two feeds", "is listed twice", "is gone and has an alias",
          "can be reached from outside", "believed only of a trusted proxy"}  # fmt: skip


def plain(value):
    """TOML's dates as the texts that validators of JSON Schema take them for."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value.isoformat() if isinstance(value, (datetime.date, datetime.time)) else value


def faults(text):
    """What an editor underlines."""
    try:
        return [error.message for error in VALIDATOR.iter_errors(plain(tomllib.loads(text)))]
    except tomllib.TOMLDecodeError as error:
        return [str(error)]


def by_taplo(path):
    """What the validator of Taplo and Even Better TOML says; the status is 0 where all is well."""
    assert (TOOLS / "@taplo").is_dir(), "npm's @taplo/cli is missing; install it with: bash tests/run.sh"
    program = TOOLS / "@taplo" / "cli" / "dist" / "cli.js"
    done = run("node", str(program), "lint", "--schema", SCHEMA.as_uri(), str(path), ok=False)
    return done.returncode, done.stderr


def cases():
    """The faulty files that the program is tested with, and what it says of them."""
    golden = (ROOT / "src" / "config" / "tests" / "faults.txt").read_text()
    return [case.split("-----\n") for case in golden.split("=====\n")[1:]]


def test_the_schema_is_one():
    jsonschema.Draft7Validator.check_schema(VALIDATOR.schema)


@pytest.mark.parametrize("name", GOOD)
def test_a_sound_file_passes(name):
    assert faults(GOOD[name]) == []


@pytest.mark.parametrize("number", range(len(cases())))
def test_a_faulty_file_is_refused(number):
    text, said = cases()[number]
    if not any(beyond in said for beyond in BEYOND) or said.count("error: ") > 1:
        assert faults(text) != [], said


def test_nearly_all_faulty_files_are_refused():
    refused = [text for text, _ in cases() if faults(text)]
    assert len(refused) >= len(cases()) - len(BEYOND) and len(refused) >= 15


def test_taplo_passes_what_is_sound_and_refuses_what_is_not(tmp_path):
    """Which is what Even Better TOML shows while the file is written."""
    status, said = by_taplo(ROOT / "feeds.toml")
    assert status == 0, said
    file = tmp_path / "feeds.toml"
    for before, after, word in [
        ("limit = 20", "limt = 20", "limt"),
        ("limit = 20", "limit = 0", "minimum"),
        ('name = "all"', 'name = "All"', "All"),
        ('title = "Backend Architecture"', "", "title"),
    ]:
        text = (ROOT / "feeds.toml").read_text()
        assert before in text
        file.write_text(text.replace(before, after).replace("#:schema", "#"))
        status, said = by_taplo(file)
        assert status != 0 and word in said, said
