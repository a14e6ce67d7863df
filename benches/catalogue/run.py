#!/usr/bin/env python3
"""What a catalogue costs: Dateline beside sitemap.js, Django and Hugo, in one run.

    python3 benches/catalogue/run.py [--sizes 10000,100000,1000000] [--plot docs/catalogue.svg]
    python3 benches/catalogue/run.py --sizes 10000000 --databases sqlite --only peers,databases

Builds and installs what it needs below target/peers; PostgreSQL and Hugo come from
`apt-get install postgresql hugo`. Dateline starts with an empty store and reads its articles
from a database, dates them and keeps them; its time ends when every sitemap file was fetched
with gzip. sitemap.js makes its entries up and Django reads them from SQLite; both only write
plain files. So do ratios flatter them; absolute figures drift with the machine.
"""

import argparse
import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

import catalogue
from dateline import PROGRAM, Dateline

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PEERS = ROOT / "target/peers/catalogue"
PYTHON = PEERS / "venv/bin/python"
SITEMAP_JS, DJANGO, MATPLOTLIB = "9.0.1", "5.2.19", "3.10.9"
# For how long requests are timed on a quiet server.
SECONDS = 10
DATABASES = {"sqlite": catalogue.Sqlite, "postgres": catalogue.Postgres}


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--sizes", default="10000,100000,1000000", help="articles")
    arguments.add_argument("--databases", default="sqlite,postgres")
    arguments.add_argument("--only", default="peers,databases,markdown", help="parts of it")
    arguments.add_argument("--plot", type=Path, help="an SVG of cost against size")
    arguments = arguments.parse_args()
    parts = arguments.only.split(",")
    prepare()
    for size in map(int, arguments.sizes.split(",")):
        results = []
        peers = {}
        if "peers" in parts:
            peers = write_with_peers(size)
            results += peers.values()
        if "databases" in parts:
            for name in arguments.databases.split(","):
                results.append(serve(DATABASES[name], size, peers.get("sitemap.js")))
        keep(results)
        if arguments.plot:
            subprocess.run([PYTHON, HERE / "plot.py", PEERS / "results.json", arguments.plot],
                           check=True)
    if "markdown" in parts:
        make_of_markdown(10_000)


def keep(results):
    """Puts results beside those of other sizes, for a plot of all that was measured here."""
    file = PEERS / "results.json"
    known = json.loads(file.read_text()) if file.exists() else []
    new = {(one["name"], one["size"]) for one in results}
    known = [one for one in known if (one["name"], one["size"]) not in new]
    file.write_text(json.dumps(known + results, indent=1))


def prepare():
    """Installs the peers and builds Dateline."""
    for program, package in [("node", "nodejs npm"), ("hugo", "hugo")]:
        if not shutil.which(program):
            sys.exit(f"{program} is missing: apt-get install {package}")
    if "DATELINE" not in os.environ:
        subprocess.run(["cargo", "build", "--release", "--locked", "--quiet"], cwd=ROOT, check=True)
    PEERS.mkdir(parents=True, exist_ok=True)
    if not (PEERS / f"sitemap.js-{SITEMAP_JS}").exists():
        subprocess.run(["npm", "install", "--silent", "--no-save", "--prefix", PEERS,
                        f"sitemap@{SITEMAP_JS}"], check=True)
        (PEERS / f"sitemap.js-{SITEMAP_JS}").touch()
    if not PYTHON.exists():
        venv.create(PYTHON.parents[1], with_pip=True)
    subprocess.run([PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                    f"django=={DJANGO}", f"matplotlib=={MATPLOTLIB}"], check=True)
    # A module is looked for beside the script.
    shutil.copy(HERE / "peers/sitemaps.mjs", PEERS)


def timed(command, folder):
    """Runs a program to its end: seconds, seconds of CPU, peak memory in MiB."""
    begun = time.monotonic()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = status
    if status:
        sys.exit(f"failed: {command}")
    return {"seconds": time.monotonic() - begun, "cpu": used.ru_utime + used.ru_stime,
            "peak": used.ru_maxrss / 1024}


def show(name, size, result, ratio=None):
    note = f"{result['seconds'] / ratio['seconds']:8.2f}" if ratio else ""
    print(f"{name:<32}{size:>11,}{result['seconds']:>9.2f} s{result['cpu']:>9.2f} s"
          f"{result['peak']:>8.0f} MiB{note}", flush=True)


def write_with_peers(size):
    print(f"\n{'':<32}{'articles':>11}{'time':>11}{'CPU':>11}{'peak':>12}  to sitemap.js")
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "out").mkdir()
        # Not a million rows for it: it would be most of the run.
        database = catalogue.Sqlite(folder, size)
        commands = {"sitemap.js": ["node", PEERS / "sitemaps.mjs", str(size), "out"]}
        # It holds them all: ten million would take six gigabytes.
        if size <= 1_000_000:
            commands["Django"] = [PYTHON, HERE / "peers/sitemaps.py", database.path, "out"]
        for name, command in commands.items():
            found[name] = timed(command, folder) | {"name": name, "size": size}
            show(f"{name}, plain files", size, found[name], found.get("sitemap.js"))
    return found


def serve(kind, size, peer):
    """A first start, a second one, a change, and requests while everything is read anew."""
    with tempfile.TemporaryDirectory() as folder:
        database = kind(folder, size)
        server = Dateline(Path(folder) / "dateline", database)
        try:
            result = first_start(server, database, size, peer)
            start_again(server, size, result)
            change_one(server, database, size)
            ask_meanwhile(server, size)
        finally:
            server.stop()
            database.stop()
    return result


def first_start(server, database, size, peer):
    server.start()
    count = server.sitemaps()
    # The front page stands in them too.
    if count not in (size, size + 1):
        sys.exit(f"{count} addresses of {size}")
    result = {"seconds": server.seconds(), "cpu": server.cpu(), "peak": server.peak(),
              "name": f"Dateline, {database.name}", "size": size}
    show(f"{result['name']}, served", size, result, peer)
    return result


def start_again(server, size, cold):
    server.stop()
    server.start()
    server.until(lambda: server.get("/rss.xml"), "a feed")
    served = {"seconds": server.seconds(), "cpu": server.cpu(), "peak": server.peak()}
    show("  nothing changed: serving", size, served)
    server.until(server.refreshes, "a refresh")
    refreshed = {"seconds": server.seconds(), "cpu": server.cpu(), "peak": server.peak()}
    show("  nothing changed: refreshed", size, refreshed)
    print(f"    {refreshed['seconds'] / cold['seconds']:.3f} of the first start")


def change_one(server, database, size):
    """An article in the feed gets another title and date."""
    moment = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
    begun, cpu = time.monotonic(), server.cpu()
    database.run(f"UPDATE articles SET title = 'Corrected', updated_at = '{moment}' "
                 f"WHERE id = {size}")
    day = moment.replace(" ", "T")
    server.until(lambda: "Corrected" in (server.get("/rss.xml") or ""), "the feed")
    server.until(lambda: day in (server.get("/sitemap-2025-12.xml") or server.get("/sitemap.xml")),
                 "the sitemap")
    print(f"  one changed: seen in feed and sitemap after {time.monotonic() - begun:.2f} s, "
          f"{server.cpu() - cpu:.2f} s CPU")


def ask_meanwhile(server, size):
    """Requests on a quiet server, and while it reads and compares everything."""
    quiet = server.latencies(lasting_for(SECONDS))
    with looping():
        beside = server.latencies(lasting_for(SECONDS))
    before = server.refreshes()
    server.configure(overlap="6m")
    ends = [0.0, False]

    def lasting():
        # Another configuration: everything is read. It is asked for twice a second only.
        if time.monotonic() > ends[0] + 0.5:
            ends[:] = [time.monotonic(), server.refreshes() > before]
        return not ends[1]

    begun = time.monotonic()
    busy = server.latencies(lasting)
    seconds = time.monotonic() - begun
    p99 = [statistics.quantiles(times, n=100)[98] * 1e3 for times in (busy, quiet, beside)]
    print(f"  everything read again: {seconds:.2f} s; 99 of 100 requests within {p99[0]:.3f} ms, "
          f"on a quiet server {p99[1]:.3f} ms ({p99[0] / p99[1]:.2f}), "
          f"beside a bare loop {p99[2]:.3f} ms ({p99[0] / p99[2]:.2f})")


def lasting_for(seconds):
    end = time.monotonic() + seconds
    return lambda: time.monotonic() < end


@contextlib.contextmanager
def looping():
    """What any program costs requests that keeps one processor of two busy: a loop that does
    nothing, on the last processor and with the priority that refreshes have."""
    def step_back():
        os.nice(10)
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

    with subprocess.Popen([sys.executable, "-c", "while True: pass"],
                          preexec_fn=step_back) as loop:
        try:
            yield
        finally:
            loop.kill()


def make_of_markdown(count):
    """Files to feeds, every text rendered: Hugo and Dateline."""
    print(f"\n{'':<32}{'files':>11}{'time':>11}{'CPU':>11}{'peak':>12}")
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        catalogue.markdown(folder / "content", count)
        (folder / "config.toml").write_text(
            'baseURL = "https://big.example/"\ntitle = "Big"\n'
            'disableKinds = ["taxonomy", "term", "404"]\n[outputs]\nhome = ["RSS"]\n'
            'section = ["RSS"]\n')
        for layout in ("single", "list"):
            (folder / "layouts/_default").mkdir(parents=True, exist_ok=True)
            (folder / f"layouts/_default/{layout}.html").write_text("{{ .Content }}")
        hugo = timed(["hugo", "--quiet"], folder)
        show("Hugo", count, hugo)
        (folder / "feeds.toml").write_text(
            '[site]\nurl = "https://big.example/"\ntitle = "Big"\nauthor = { name = "Big" }\n'
            'timezone = "+00:00"\n[source.markdown]\npath = "content"\nurl = "/stories/{slug}/"\n'
            '[[feed]]\nname = "all"\nlimit = 20\n')
        ours = timed([PROGRAM, "build", "out"], folder)
        show("Dateline", count, ours)
        print("  to Hugo: " + ", ".join(f"{what} {ours[key] / hugo[key]:.2f}" for key, what in
                                        [("seconds", "time"), ("cpu", "CPU"), ("peak", "memory")]))


if __name__ == "__main__":
    main()
