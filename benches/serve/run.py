#!/usr/bin/env python3
"""What a request costs: Dateline beside nginx, static-web-server, Caddy and a bare hyper
server, in one run, one core for the server and one for the load.

    python3 benches/serve/run.py [--rounds N] [--seconds S] [--only NAME,NAME]

Builds what is built here, and needs `apt-get install nginx-light caddy wrk`. Absolute figures
drift with the machine and with what else runs on it; the ratios within one run are what
counts. Rounds are interleaved, so that a busy moment meets every server.

CPU is user and system time of the server's processes over the number of requests that the
load generator counted. PSS is read after the load, with its 32 connections open no more. At
the end the example of this repository is served and loaded in the same way, twice: with a new
store, and with the one that the first start left.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PEERS = ROOT / "target" / "peers"
CONNECTIONS = 32
SERVER_CORE, LOAD_CORE = "0", "1"
ARTICLES = 20
LOADS = ["identity", "gzip", "304"]


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--rounds", type=int, default=15)
    arguments.add_argument("--seconds", type=int, default=1, help="of load per measurement")
    arguments.add_argument("--only", default="dateline,bare,nginx,static-web-server,caddy")
    arguments = arguments.parse_args()
    names = arguments.only.split(",")
    check_tools(names)
    build(names)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        servers = {}
        try:
            # The others serve what Dateline made.
            servers["dateline"] = Dateline(folder)
            capture(servers["dateline"], folder)
            for name in names:
                if name != "dateline":
                    servers[name] = PEERS_BY_NAME[name](folder)
            measure(servers, arguments)
        finally:
            for server in servers.values():
                server.stop()
    weigh_example()


def weigh_example():
    """Prints the memory of Dateline with the bundled example."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "examples", Path(folder) / "examples")
        shutil.copy(ROOT / "feeds.toml", folder)
        for store in ("new", "kept"):
            server = Example(Path(folder))
            try:
                for fields in ({}, {"Accept-Encoding": "gzip"}):
                    one(server, fields, 1)
                print(f"the bundled example, {store} store: PSS {server.pss():.1f} MiB")
            finally:
                server.stop()


def check_tools(names):
    needed = {"wrk": "wrk", "taskset": "util-linux"}
    needed.update({name: package for name, package in
                   [("nginx", "nginx-light"), ("caddy", "caddy")] if name in names})
    missing = [package for tool, package in needed.items() if not shutil.which(tool)]
    if missing:
        sys.exit(f"missing: apt-get install {' '.join(missing)}")
    if len(os.sched_getaffinity(0)) < 2:
        sys.exit("two cores are needed: one for the server, one for the load")


def build(names):
    cargo(["build", "--release"], ROOT)
    if "bare" in names:
        cargo(["build", "--release", "--target-dir", str(PEERS / "bare")], HERE / "bare")
    if "static-web-server" in names and not (PEERS / "bin/static-web-server").exists():
        cargo(["install", "static-web-server", "--root", str(PEERS),
               "--target-dir", str(PEERS / "build")], ROOT)


def cargo(arguments, folder):
    """Builds at low priority and with two jobs; `CARGO` names another program to do it."""
    command = os.environ.get("CARGO", "cargo").split() + arguments + ["-j2"]
    subprocess.run(command, cwd=folder, check=True)


class Server:
    """A server on a port of its own, pinned to its core."""

    url = "/rss.xml"

    def start(self, command, folder):
        self.process = subprocess.Popen(
            ["taskset", "-c", SERVER_CORE, *command], cwd=folder,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(200):
            try:
                with urllib.request.urlopen(self.address() + self.url, timeout=1):
                    return
            except OSError:
                time.sleep(0.05)
        sys.exit(f"{command[0]} does not answer")

    def address(self):
        return f"http://127.0.0.1:{self.port}"

    def pids(self):
        found, look = [], [self.process.pid]
        while look:
            pid = look.pop()
            found.append(pid)
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            look.extend(int(child) for child in children)
        return found

    def cpu(self):
        """Seconds of CPU so far, over all threads."""
        threads = [t for pid in self.pids() for t in Path(f"/proc/{pid}/task").iterdir()]
        return sum(int((t / "schedstat").read_text().split()[0]) for t in threads) / 1e9

    def pss(self):
        """Proportional set size in MiB."""
        kilobytes = 0
        for pid in self.pids():
            text = Path(f"/proc/{pid}/smaps_rollup").read_text()
            kilobytes += int(re.search(r"^Pss:\s+(\d+)", text, re.M)[1])
        return kilobytes / 1024

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Dateline(Server):
    """With everything on but the access log."""

    def __init__(self, folder):
        self.port = free_port()
        words = "The quick brown fox writes of servers, queues and dates. "
        articles = [{
            "id": f"https://backend.example/a/{i}", "url": f"https://backend.example/a/{i}/",
            "title": f"Article {i}", "published": f"2026-05-{i + 1:02}T09:00:00Z",
            "summary": f"What is said in article {i}.", "tags": ["backend", "rust"],
            "content_html": "".join(
                f"<p>{i}.{p}: {words}{noise(i, p)}</p>" for p in range(8)),
        } for i in range(ARTICLES)]
        (folder / "articles.json").write_text(json.dumps({"articles": articles}))
        (folder / "feeds.toml").write_text(
            '[site]\nurl = "https://backend.example/"\ntitle = "Backend"\n'
            '[source.file]\npath = "articles.json"\n'
            f'[server]\nlisten = "127.0.0.1:{self.port}"\n')
        self.start([str(ROOT / "target/release/dateline"), "serve"], folder)


class Example(Server):
    """Dateline with the example of the repository."""

    def __init__(self, folder):
        self.port = free_port()
        program = ROOT / "target/release/dateline"
        self.start([str(program), "serve", "--listen", f"127.0.0.1:{self.port}"], folder)


def noise(i, p):
    """Something that does not compress, so that the feed is a third as gzip, as real ones."""
    return hashlib.sha512(f"{i} {p}".encode()).hexdigest()


class Bare(Server):
    def __init__(self, folder):
        self.port = free_port()
        program = PEERS / "bare/release/bare"
        self.start([str(program), str(self.port), str(folder)], folder)


class Nginx(Server):
    def __init__(self, folder):
        self.port = free_port()
        (folder / "nginx.conf").write_text(f"""
daemon off; user root; worker_processes 1; pid {folder}/nginx.pid; error_log /dev/null;
events {{ worker_connections 1024; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000;
  types {{ application/rss+xml xml; }} default_type application/rss+xml;
  open_file_cache max=100; open_file_cache_valid 60s; gzip_static on; gzip_vary on;
  server {{ listen 127.0.0.1:{self.port}; root {folder}/www; etag on;
    add_header Cache-Control "public, max-age=900"; }}
}}""")
        self.start(["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")], folder)


class StaticWebServer(Server):
    def __init__(self, folder):
        self.port = free_port()
        program = PEERS / "bin/static-web-server"
        self.start([str(program), "-p", str(self.port), "-a", "127.0.0.1", "-d",
                    str(folder / "www"), "--compression-static", "true", "--threads-multiplier",
                    "1", "--log-level", "error"], folder)


class Caddy(Server):
    def __init__(self, folder):
        self.port = free_port()
        (folder / "Caddyfile").write_text(f"""
{{
  admin off
  auto_https off
}}
http://127.0.0.1:{self.port} {{
  root * {folder}/www
  file_server {{
    precompressed gzip
  }}
  log {{
    output discard
  }}
}}""")
        self.start(["env", f"HOME={folder}", "caddy", "run", "--config",
                    str(folder / "Caddyfile"), "--adapter", "caddyfile"], folder)


PEERS_BY_NAME = {"bare": Bare, "nginx": Nginx, "static-web-server": StaticWebServer,
                 "caddy": Caddy}


def fetch(server, fields):
    request = urllib.request.Request(server.address() + server.url, headers=fields)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def capture(server, folder):
    """Keeps what Dateline answers, for the others to serve."""
    (folder / "www").mkdir()
    own = {"date", "content-length", "connection"}
    _, fields, plain = fetch(server, {})
    asked = {"plain": {}, "gzip": {"Accept-Encoding": "gzip"},
             "304": {"If-None-Match": fields["etag"]}}
    for name, ask in asked.items():
        _, fields, body = fetch(server, ask)
        lines = [f"{key.lower()}: {value}" for key, value in fields.items()
                 if key.lower() not in own]
        (folder / f"{name}.fields").write_text("\n".join(lines) + "\n")
        (folder / name).write_bytes(body)
    (folder / "www/rss.xml").write_bytes(plain)
    # The tool's own time stamp must be no older than the file's, or gzip_static passes it by.
    (folder / "www/rss.xml.gz").write_bytes((folder / "gzip").read_bytes())
    print(f"one feed: {len(plain):,} bytes, {len((folder / 'gzip').read_bytes()):,} as gzip; "
          f"{CONNECTIONS} keep-alive connections")


def measure(servers, arguments):
    fields = {name: {} for name in servers}
    for name, server in servers.items():
        _, found, _ = fetch(server, {})
        tag = found["etag"] or '"x"'
        fields[name] = {"identity": {}, "gzip": {"Accept-Encoding": "gzip"},
                        "304": {"If-None-Match": tag,
                                "If-Modified-Since": found["last-modified"]}}
        check(name, server, fields[name])
    results = {name: {load: [] for load in LOADS} for name in servers}
    names = list(servers)
    for round_number in range(arguments.rounds):
        # Nobody is always the one who comes after the same other.
        first = round_number % len(names)
        for load in LOADS:
            for name in names[first:] + names[:first]:
                cost = one(servers[name], fields[name][load], arguments.seconds)
                results[name][load].append(cost)
        print(f"round {round_number + 1} of {arguments.rounds}", file=sys.stderr)
    report(servers, results)


def check(name, server, fields):
    """A server that does not do what is measured must not be measured."""
    for load, status, coding in [("identity", 200, None), ("gzip", 200, "gzip"),
                                 ("304", 304, None)]:
        ask = {key: value for key, value in fields[load].items() if value}
        got, found, _ = fetch(server, ask)
        if (got, found["content-encoding"]) != (status, coding):
            sys.exit(f"{name} answers {got}, {found['content-encoding']} to {load}")


def one(server, fields, seconds):
    """CPU microseconds per request, and requests per second."""
    command = ["taskset", "-c", LOAD_CORE, "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s"]
    for name, value in fields.items():
        if value:
            command += ["-H", f"{name}: {value}"]
    before = server.cpu()
    text = subprocess.run(command + [server.address() + server.url], check=True,
                          capture_output=True, text=True).stdout
    used = server.cpu() - before
    requests = int(re.search(r"(\d+) requests in", text)[1])
    if "Socket errors" in text:
        sys.exit(f"errors under load: {text}")
    return used / requests * 1e6


def report(servers, results):
    """Medians with the middle half. A ratio is the median of those of the rounds, since what
    makes one server slow in a round makes its neighbours slow too."""
    print("\nCPU µs per request: median (middle half); ratio to nginx; ratio to bare hyper")
    print(f"{'':<18}" + "".join(f"{load:>31}" for load in LOADS) + f"{'PSS MiB':>9}")
    for server in servers:
        cells = [cell(results, server, load) for load in LOADS]
        print(f"{server:<18}" + "".join(f"{text:>31}" for text in cells)
              + f"{servers[server].pss():>9.1f}")


def cell(results, server, load):
    costs = results[server][load]
    low, middle, high = statistics.quantiles(costs, n=4)
    ratios = [ratio(costs, results[peer][load]) if peer in results else "-"
              for peer in ("nginx", "bare")]
    spread = f"({low:.1f}–{high:.1f})"
    return f"{middle:.2f} {spread:>13} {ratios[0]:>5} {ratios[1]:>5}"


def ratio(costs, others):
    return f"{statistics.median(a / b for a, b in zip(costs, others)):.2f}"


if __name__ == "__main__":
    main()
