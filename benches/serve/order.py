#!/usr/bin/env python3
"""Writes `build.ld`: which functions of the program stand together.

    python3 benches/serve/order.py

Needs `apt-get install valgrind`. Builds the program, serves the example of this repository
under callgrind with a new store and with the kept one, and lists the functions that ran. The
linker puts them side by side; otherwise each brings the pages around it into memory, and of
16 MB of code nearly all is resident. Names are written without their hashes, so that they
stay true when a dependency or the compiler becomes another; where a name stands for many
functions of which few ran, with them. Run it before a release, and look at the memory that
`run.py` prints at its end.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAM = ROOT / "target/release/dateline"
SCRIPT = ROOT / "build.ld"
HASH = re.compile(r"17h[0-9a-f]{16}E(\.llvm\.\d+)?$")
# A name without its hash may bring so many times the bytes that ran, and so many more.
WASTE, SMALL = 12, 8_000

HEAD = """\
/* Which functions stand together: those that run when the example is served. Written by
   benches/serve/order.py, which says why. A name that fits nothing does no harm. */
"""


def main():
    if not shutil.which("valgrind"):
        sys.exit("missing: apt-get install valgrind")
    subprocess.run([*os.environ.get("CARGO", "cargo").split(), "build", "--release"], cwd=ROOT,
                   check=True)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        shutil.copytree(ROOT / "examples", folder / "examples")
        shutil.copy(ROOT / "feeds.toml", folder)
        ran = functions_run(folder, "new") | functions_run(folder, "kept")
    names = abridge(ran, sizes())
    lines = [f"*(.text.{name} .text.unlikely.{name})" for name in sorted(names)]
    SCRIPT.write_text(HEAD + "SECTIONS {\n.text.often : {\n" + "\n".join(lines)
                      + "\n}\n} INSERT BEFORE .text;\n")
    print(f"{len(ran)} functions ran, {len(names)} names are in {SCRIPT.relative_to(ROOT)}")


def functions_run(folder, store):
    """The symbols of what runs from the start to the end of a server that is asked a little."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    out = folder / f"{store}.callgrind"
    process = subprocess.Popen(
        ["valgrind", "-q", "--tool=callgrind", "--demangle=no", f"--callgrind-out-file={out}",
         PROGRAM, "serve", "--listen", f"127.0.0.1:{port}"], cwd=folder,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        ask(port)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
    names = re.findall(r"^c?fn=\(\d+\) (\S+)", out.read_text(), re.M)
    return {re.sub(r"'\d+$", "", name) for name in names}


def ask(port):
    address = f"http://127.0.0.1:{port}/rss.xml"
    for _ in range(600):
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                tag = answer.headers["etag"]
            break
        except OSError:
            time.sleep(0.1)
    else:
        sys.exit("it does not answer")
    for path, fields in [("", {"Accept-Encoding": "gzip"}), ("", {"Accept-Encoding": "br"}),
                         ("", {"If-None-Match": tag}), ("/", {}), ("?x", {})]:
        try:
            urllib.request.urlopen(urllib.request.Request(address + path, headers=fields)).read()
        except urllib.error.HTTPError:
            pass


def sizes():
    """The functions of the program, with their bytes."""
    text = subprocess.run(["nm", "-S", PROGRAM], check=True, capture_output=True,
                          text=True).stdout
    found = re.findall(r"^\S+ (\S+) [tTwW] (\S+)$", text, re.M)
    return {name: int(size, 16) for size, name in found}


def abridge(ran, sizes):
    """Names as the linker is to know them: with `*` for the hash where that is not too much."""
    total, used = defaultdict(int), defaultdict(int)
    for name, size in sizes.items():
        short = HASH.sub("17h*", name)
        total[short] += size
        used[short] += size if name in ran else 0
    names = set()
    for name in ran & sizes.keys():
        short = HASH.sub("17h*", name)
        wasteful = total[short] > WASTE * used[short] + SMALL
        names.add(re.sub(r"\.llvm\.\d+$", "*", name) if wasteful else short)
    return names


if __name__ == "__main__":
    main()
