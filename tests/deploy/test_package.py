"""The Debian package: built by cargo-deb, looked into, installed, run and removed again.

tests/run.sh installs cargo-deb; CARGO_DEB names another. What is packed is the binary that was
built already."""

import os
import re
import shutil
import subprocess

import pytest

from dateline import ROOT, binary, run, tool

CARGO_DEB = ROOT / "target" / "tools" / "bin" / "cargo-deb"


def build(folder, manifest=None):
    """The package of a copy of what cargo-deb reads, with the binary in its place."""
    copy = folder / "source"
    shutil.copytree(ROOT / "deploy", copy / "deploy")
    shutil.copytree(ROOT / "docs", copy / "docs")
    for name in ["Cargo.toml", "Cargo.lock", "README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE", "feeds.toml"]:
        shutil.copy(ROOT / name, copy / name)
    if manifest:
        text = (copy / "Cargo.toml").read_text()
        assert manifest[0] in text
        (copy / "Cargo.toml").write_text(text.replace(*manifest))
    # Cargo wants to see what the manifest is about.
    (copy / "src").mkdir()
    for name in ["main.rs", "lib.rs"]:
        shutil.copy(ROOT / "src" / name, copy / "src" / name)
    for name in ["benches", "fuzz", "examples"]:
        if (ROOT / name).is_dir():
            (copy / name).symlink_to(ROOT / name)
    program = os.environ.get("CARGO_DEB") or str(CARGO_DEB)
    assert os.path.exists(program), f"{program} is missing; install it with: bash tests/run.sh"
    return subprocess.run(
        ["sh", str(copy / "deploy" / "debian" / "package.sh"), "--output", str(folder / "dateline.deb")],
        env={
            **os.environ,
            "CARGO_TARGET_DIR": str(copy / "target"),
            "CARGO_DEB": program,
            "DATELINE": binary(),
        },
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    folder = tmp_path_factory.mktemp("deb")
    done = build(folder)
    assert done.returncode == 0, done.stderr
    return folder / "dateline.deb"


def test_the_package_says_what_it_is_and_has_what_belongs_to_it(package):
    fields = run(tool("dpkg-deb"), "--field", str(package)).stdout
    for line in ["Package: dateline", "Section: httpd", "Architecture: "]:
        assert line in fields, fields
    assert re.search(r"^Depends: .*libc6", fields, re.M), fields
    listed = run(tool("dpkg-deb"), "--contents", str(package)).stdout.splitlines()
    files = {line.split()[5].removeprefix("."): line.split()[0] for line in listed}
    for path, mode in {
        "/usr/bin/dateline": "-rwxr-xr-x",
        "/etc/logrotate.d/dateline": "-rw-r--r--",
        "/usr/share/doc/dateline/operating.md": "-rw-r--r--",
        "/usr/share/doc/dateline/feeds.toml.md": "-rw-r--r--",
        "/usr/share/doc/dateline/copyright": "-rw-r--r--",
        "/usr/share/doc/dateline/examples/feeds.toml": "-rw-r--r--",
        "/usr/share/man/man1/dateline.1.gz": "-rw-r--r--",
        "/usr/share/bash-completion/completions/dateline": "-rw-r--r--",
        "/usr/share/zsh/vendor-completions/_dateline": "-rw-r--r--",
        "/usr/share/fish/vendor_completions.d/dateline.fish": "-rw-r--r--",
    }.items():
        assert files.get(path) == mode, (path, files)
    units = sorted(path.rsplit("/")[-1] for path in files if "/systemd/system/dateline" in path)
    assert units == ["dateline.service", "dateline.socket"]
    assert {line.split()[1] for line in listed} <= {"root/root", "0/0"}


def test_installed_it_runs_and_removed_it_is_gone(package, tmp_path):
    """In a root of its own, so that the machine stays as it is."""
    root = tmp_path / "root"
    for folder in ["var/lib/dpkg/updates", "var/lib/dpkg/info", "var/log"]:
        (root / folder).mkdir(parents=True)
    for file in ["var/lib/dpkg/status", "var/lib/dpkg/available"]:
        (root / file).touch()
    # Its scripts are for systemd, which is not in that root; what they need is the host's.
    dpkg = [
        tool("dpkg"), f"--root={root}", "--force-script-chrootless", "--force-depends",
        "--force-not-root", "--log=/dev/null",
    ]  # fmt: skip
    environment = {**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin", "DPKG_ROOT": str(root)}
    done = run(*dpkg, "--install", str(package), ok=False, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    program = root / "usr/bin/dateline"
    assert run(str(program), "--version").stdout.startswith("dateline ")
    example = root / "usr/share/doc/dateline/examples/feeds.toml"
    text = example.read_text()
    assert "[site]" in text and "[source." in text
    (tmp_path / "feeds.toml").write_text(
        '[site]\nurl = "https://blog.example/"\ntitle = "Blog"\n[source.file]\npath = "a.toml"\n'
    )
    (tmp_path / "a.toml").write_text('[[articles]]\ntitle = "A"\nurl = "/a/"\n')
    assert "1 article" in run(str(program), "check", cwd=tmp_path).stdout
    # The unit starts what the package brings.
    (unit,) = root.glob("**/systemd/system/dateline.service")
    start = re.search(r"^ExecStart=(\S+)", unit.read_text(), re.M)[1]
    assert (root / start.lstrip("/")).is_file()
    done = run(*dpkg, "--purge", "dateline", ok=False, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not program.exists() and not (root / "etc/logrotate.d/dateline").exists()


def test_a_package_that_lacks_a_file_is_refused(tmp_path):
    done = build(tmp_path, ('["deploy/logrotate/dateline"', '["deploy/logrotate/none"'))
    assert done.returncode != 0, "cargo-deb has gone silent"
