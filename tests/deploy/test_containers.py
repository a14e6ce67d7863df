"""The image, the compose file, the Kubernetes manifests and the sample for nginx, by the schemas and
linters that there are for them. Each has broken twins that must be refused."""

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from dateline import ROOT, Dateline, binary, free_port, get, run, tool, wait_until

DEPLOY = ROOT / "deploy"

# What checks a file, and how the file is broken.
CHECKS = {
    "Dockerfile": (
        DEPLOY / "docker" / "Dockerfile",
        ["hadolint"],
        [("rust:1.95-alpine", "rust"), ('ENTRYPOINT ["/dateline"]', "ENTRYPOINT /dateline")],
    ),
    "compose": (
        DEPLOY / "docker" / "compose.yaml",
        ["check-jsonschema", "--builtin-schema", "vendor.compose-spec"],
        [("read_only: true", "readonly: true"), ("cap_drop: [ALL]", "cap_drop: ALL")],
    ),
    "kubernetes": (
        DEPLOY / "kubernetes" / "dateline.yaml",
        ["kubernetes-validate", "--strict"],
        [("periodSeconds: 2", "periodSecond: 2"), ("replicas: 1", "replicas: one")],
    ),
    # What nginx itself takes and is a risk all the same.
    "nginx": (
        DEPLOY / "nginx" / "dateline.conf",
        ["gixy"],
        [
            ("    location ~", "    add_header X-Frame-Options DENY;\n    location ~"),
            ('proxy_set_header Connection "";', "proxy_set_header Host $http_host;"),
        ],
    ),
}


@pytest.mark.parametrize("name", CHECKS)
def test_the_file_is_accepted_and_its_broken_twins_are_not(name, tmp_path):
    file, (program, *arguments), faults = CHECKS[name]
    accepted = run(tool(program), *arguments, str(file), ok=False)
    assert accepted.returncode == 0, accepted.stdout + accepted.stderr
    for number, (sound, broken) in enumerate(faults):
        assert sound in file.read_text(), f"{file} has no {sound!r} any more; mend the test"
        twin = tmp_path / f"{number}-{file.name}"
        twin.write_text(file.read_text().replace(sound, broken, 1))
        refused = run(tool(program), *arguments, str(twin), ok=False)
        assert refused.returncode != 0, f"{program} takes {broken!r}"


def documents():
    return list(yaml.safe_load_all((DEPLOY / "kubernetes" / "dateline.yaml").read_text()))


def test_pods_and_containers_may_do_little_and_are_asked_for_life_and_readiness():
    (workload,) = [document for document in documents() if document["kind"] == "StatefulSet"]
    pod = workload["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert not pod["automountServiceAccountToken"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    asked = {name: container[name]["httpGet"]["path"] for name in container if name.endswith("Probe")}
    assert asked == {"readinessProbe": "/ready", "livenessProbe": "/live", "startupProbe": "/ready"}
    # Longer than it takes to stop, with the wait before.
    wait = container["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert pod["terminationGracePeriodSeconds"] >= wait + 10
    # Changes of a config map are not seen through a subPath.
    assert not any("subPath" in mount for mount in container["volumeMounts"])


class ConfigMap:
    """A config map as the kubelet mounts it: links to ..data, which leads to a folder, and is
    put elsewhere in one step."""

    def __init__(self, folder, data):
        self.folder = folder
        folder.mkdir()
        self.version = 0
        self.write(data)
        for name in data:
            (folder / name).symlink_to(f"..data/{name}")

    def write(self, data):
        self.version += 1
        new = self.folder / f"..2026_01_01_{self.version}"
        new.mkdir()
        for name, text in data.items():
            (new / name).write_text(text)
        before = (self.folder / "..data").resolve() if self.version > 1 else None
        link = self.folder / "..data_tmp"
        link.symlink_to(new.name)
        link.rename(self.folder / "..data")
        if before:
            for name in before.iterdir():
                name.unlink()
            before.rmdir()


def test_a_config_map_that_is_swapped_is_served_both_catalogue_and_configuration(tmp_path):
    (manifest,) = [document for document in documents() if document["kind"] == "ConfigMap"]
    data = manifest["data"]
    port, admin = free_port(), free_port()
    token = tmp_path / "token"
    token.write_text("0123456789abcdef0123456789abcdef")
    for old, new in [
        ("0.0.0.0:8080", f"127.0.0.1:{port}"),
        ("0.0.0.0:9180", f"127.0.0.1:{admin}"),
        ("/etc/dateline-token/token", str(token)),
        ("/var/lib/dateline/dateline.db", str(tmp_path / "dateline.db")),
    ]:
        assert old in data["feeds.toml"]
        data["feeds.toml"] = data["feeds.toml"].replace(old, new)
    mounted = ConfigMap(tmp_path / "etc", data)
    with Dateline(mounted.folder, port=port) as server:
        assert "Hello" in server.get("/rss.xml").body.decode()
        assert get(f"http://127.0.0.1:{admin}", "/ready").status == 200
        data["articles.toml"] = data["articles.toml"].replace("Hello", "Hello again")
        mounted.write(data)
        wait_until(lambda: b"Hello again" in server.get("/rss.xml").body, what="the new catalogue")
        data["feeds.toml"] += '[[feed]]\nname = "all"\n[[feed]]\nname = "news"\n'
        mounted.write(data)
        wait_until(lambda: server.get("/feeds/news/rss.xml").status == 200, what="the new feed")
        # And one more, by the link that stands there now.
        data["articles.toml"] = data["articles.toml"].replace("Hello again", "Hello at last")
        mounted.write(data)
        wait_until(lambda: b"Hello at last" in server.get("/rss.xml").body, what="the third one")
        broken = {**data, "feeds.toml": "[site]\nurl = 7\n"}
        mounted.write(broken)
        wait_until(lambda: any("refused" in line for line in server.lines), what="the refusal")
        assert b"Hello at last" in server.get("/rss.xml").body


def test_the_health_check_of_the_image_is_the_programs_own(tmp_path):
    """What HEALTHCHECK runs, run as Docker would: in the folder of the site, without a shell."""
    text = (DEPLOY / "docker" / "Dockerfile").read_text()
    command = re.search(r"HEALTHCHECK.*?CMD (\[.*?\])", text, re.S)[1]
    program, *arguments = yaml.safe_load(command)
    assert (program, arguments) == ("/dateline", ["health"])
    port = free_port()
    (tmp_path / "feeds.toml").write_text(
        f'[site]\nurl = "https://blog.example/"\ntitle = "Blog"\n[source.file]\npath = "a.toml"\n'
        f'[server]\nlisten = "127.0.0.1:{port}"\n'
    )
    (tmp_path / "a.toml").write_text('[[articles]]\ntitle = "A"\nurl = "/a/"\n')

    def health():
        command = [binary(), *arguments]
        return subprocess.run(command, cwd=tmp_path, env={}, capture_output=True, timeout=20).returncode

    assert health() == 1
    with Dateline(tmp_path, port=port):
        assert health() == 0


def test_the_image_runs_without_root_and_without_a_writable_root(tmp_path):
    """Docker is not here; what the image promises of the process holds without it."""
    lines = (DEPLOY / "docker" / "Dockerfile").read_text().splitlines()
    last = len(lines) - 1 - next(i for i, line in enumerate(reversed(lines)) if line.startswith("FROM"))
    assert lines[last] == "FROM scratch"
    assert "USER 65532:65532" in lines[last:]
    if os.geteuid() != 0:
        return
    site, state = tmp_path / "site", tmp_path / "state"
    site.mkdir()
    state.mkdir()
    for folder in [tmp_path, *tmp_path.parents]:
        if folder.stat().st_mode & 0o005 != 0o005 and str(folder) != "/":
            folder.chmod(folder.stat().st_mode | 0o055)
    os.chown(state, 65532, 65532)
    program = tmp_path / "dateline"
    program.write_bytes(Path(binary()).read_bytes())
    program.chmod(0o755)
    (site / "feeds.toml").write_text(
        f'[site]\nurl = "https://blog.example/"\ntitle = "Blog"\n[source.file]\npath = "a.toml"\n'
        f'[store]\npath = "{state}/dateline.db"\n'
    )
    (site / "a.toml").write_text('[[articles]]\ntitle = "A"\nurl = "/a/"\n')
    command = [str(program), "--config", str(site / "feeds.toml"), "check"]
    done = subprocess.run(command, user=65532, group=65532, extra_groups=[], capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
