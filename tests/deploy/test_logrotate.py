"""The sample for logrotate, run by logrotate on the log of a running server."""

import json
import re

from dateline import ROOT, Dateline, run, tool, wait_until

SAMPLE = ROOT / "deploy" / "logrotate" / "dateline"


def test_a_rotated_log_is_complete_and_the_server_writes_a_new_one(tmp_path):
    logs = tmp_path / "log"
    logs.mkdir()
    log = logs / "access.log"
    (tmp_path / "feeds.toml").write_text(
        '[site]\nurl = "https://blog.example/"\ntitle = "Blog"\n[source.file]\npath = "a.toml"\n'
        f'[server.access_log]\npath = "{log}"\n'
    )
    (tmp_path / "a.toml").write_text('[[articles]]\ntitle = "A"\nurl = "/a/"\n')
    with Dateline(tmp_path) as server:

        def written(path):
            return [json.loads(line)["target"] for line in path.read_text().splitlines()]

        server.get("/rss.xml")
        wait_until(lambda: log.exists() and written(log) == ["/rss.xml"], what="the first line")
        text = SAMPLE.read_text().replace("/var/log/dateline", str(logs))
        # Without systemd, its order is given by hand.
        order = re.search(r"^ *systemctl kill .*$", text, re.M)[0]
        assert "--signal=USR1" in order and "dateline.service" in order
        text = text.replace(order, f"kill -USR1 {server.process.pid}")
        sample = tmp_path / "logrotate.conf"
        sample.write_text(text)
        sample.chmod(0o644)
        rotate = [tool("logrotate"), "--force", "--state", str(tmp_path / "state"), str(sample)]
        done = run(*rotate, ok=False)
        assert done.returncode == 0, done.stdout + done.stderr
        old = logs / "access.log.1"
        assert written(old) == ["/rss.xml"]
        wait_until(log.exists, what="the new log")
        server.get("/atom.xml")
        wait_until(lambda: written(log) == ["/atom.xml"], what="the second line")
        assert written(old) == ["/rss.xml"], "nothing is written to the old one"
