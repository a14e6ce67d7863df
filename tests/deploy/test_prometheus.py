"""Prometheus itself watches a running server with the rules of deploy/, and gives what each panel
of the dashboard asks for."""

import json
import subprocess
import urllib.parse

import pytest
import yaml

from dateline import ROOT, Dateline, free_port, get, tool, wait_until

DEPLOY = ROOT / "deploy" / "prometheus"


def asked():
    """What each panel of the dashboard asks for, by its title."""
    dashboard = json.loads((DEPLOY / "grafana.json").read_text())
    return [
        (panel["title"], target["expr"]) for panel in dashboard["panels"] for target in panel.get("targets", [])
    ]


class Watched:
    """A server, and a Prometheus that asks it every second."""

    def __init__(self, folder):
        admin, self.port = free_port(), free_port()
        site = folder / "site"
        site.mkdir()
        (site / "feeds.toml").write_text(
            '[site]\nurl = "https://blog.example/"\ntitle = "Blog"\n[source.file]\npath = "a.toml"\n'
            f'[admin]\nlisten = "127.0.0.1:{admin}"\ntoken = "0123456789abcdef0123456789abcdef"\n'
        )
        (site / "a.toml").write_text('[[articles]]\ntitle = "A"\nurl = "/a/"\n[[articles]]\ntitle = "B"\n')
        self.server = Dateline(site)
        config = {
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(DEPLOY / "rules.yml")],
            "scrape_configs": [
                {
                    "job_name": "dateline",
                    "authorization": {"credentials": "0123456789abcdef0123456789abcdef"},
                    "static_configs": [{"targets": [f"127.0.0.1:{admin}"]}],
                }
            ],
        }
        (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
        self.log = open(folder / "log", "wb")
        self.process = subprocess.Popen(
            [
                tool("prometheus"), f"--config.file={folder}/prometheus.yml",
                f"--storage.tsdb.path={folder}/data", f"--web.listen-address=127.0.0.1:{self.port}",
            ],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
        )  # fmt: skip

    def ask(self, what, **query):
        """An answer of Prometheus' API; None while it does not listen."""
        path = f"/api/v1/{what}?{urllib.parse.urlencode(query)}"
        try:
            answer = get(f"http://127.0.0.1:{self.port}", path)
        except OSError:
            return None
        return json.loads(answer.body) if answer.status in (200, 400) else None

    def gives(self, expression):
        """How many series it has for an expression."""
        answer = self.ask("query", query=expression)
        return len(answer["data"]["result"]) if answer and answer["status"] == "success" else 0

    def stop(self):
        self.process.terminate()
        self.process.wait(20)
        self.log.close()
        self.server.stop()


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    watched = Watched(tmp_path_factory.mktemp("prometheus"))
    yield watched
    watched.stop()


def test_every_panel_has_something_to_show(watched):
    wait_until(lambda: watched.gives('up{job="dateline"} == 1'), 60, "a look at the server")
    for _ in range(3):
        tag = watched.server.get("/rss.xml").fields["etag"]
        watched.server.get("/rss.xml", If_None_Match=tag)
    panels = asked()
    assert len(panels) >= 10
    for title, expression in panels:
        wait_until(lambda expression=expression: watched.gives(expression), 60, f"{title}: {expression}")


def test_every_series_of_the_server_is_taken_and_a_panel_that_asks_for_another_is_empty(watched):
    wait_until(lambda: watched.gives("dateline_ready == 1"), 60, "a look at the server")
    assert watched.gives("dateline_redy") == 0
    assert watched.ask("query", query="sum by (")["status"] == "error"
    (target,) = watched.ask("targets")["data"]["activeTargets"]
    assert (target["health"], target["lastError"]) == ("up", "")


def test_rules_are_loaded_and_those_that_must_not_fire_do_not(watched):
    def rules():
        answer = watched.ask("rules")
        return [rule for group in answer["data"]["groups"] for rule in group["rules"]] if answer else []

    wait_until(lambda: rules() and all(rule["health"] == "ok" for rule in rules()), 60, "an evaluation")
    states = {rule["name"]: rule["state"] for rule in rules()}
    # One article has no address. It is told of after an hour.
    wait_until(lambda: {rule["name"]: rule["state"] for rule in rules()}["DatelineArticlesRejected"] == "pending", 60)
    assert len(states) >= 7
    assert not [name for name, state in states.items() if state == "firing"], states
