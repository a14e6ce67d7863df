"""Dateline with a catalogue behind it, watched from outside."""

import gzip
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("DATELINE", ROOT / "target/release/dateline")).resolve()
HOST = "big.example"


class Dateline:
    """A server in a folder of its own; started and stopped by hand."""

    def __init__(self, folder, catalogue):
        self.folder, self.catalogue = Path(folder), catalogue
        self.folder.mkdir(exist_ok=True)
        self.port, self.admin = free_port(), free_port()
        self.process = None
        self.configure()

    def configure(self, overlap="5m"):
        (self.folder / "feeds.toml").write_text(f"""
[site]
url = "https://{HOST}/"
title = "Big"
author = {{ name = "Big" }}
timezone = "+00:00"
{self.catalogue.source}table = "articles"
changed = "updated_at"
overlap = "{overlap}"
address = "/stories/{{slug}}/"
{self.catalogue.columns}published = "published_at"
updated = "updated_at"
[[feed]]
name = "all"
limit = 20
[server]
listen = "127.0.0.1:{self.port}"
[admin]
listen = "127.0.0.1:{self.admin}"
""")

    def start(self):
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            [PROGRAM, "serve", "--log", "json"], cwd=self.folder, stdout=subprocess.DEVNULL,
            stderr=(self.folder / "log").open("w"))
        return self

    def stop(self):
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)

    def seconds(self):
        return time.monotonic() - self.began

    def until(self, found, what, pause=0.01):
        """Waits until `found` gives something, and gives it."""
        end = time.monotonic() + 3600
        while time.monotonic() < end:
            if self.process.poll() is not None:
                sys.exit(f"it ended: {(self.folder / 'log').read_text()[-2000:]}")
            if result := found():
                return result
            time.sleep(pause)
        sys.exit(f"waited an hour for {what}")

    def get(self, path, port=None):
        """The text at a path, or nothing where there is none yet."""
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=60)
        try:
            # The operators' side answers no foreign name.
            host = "localhost" if port else HOST
            connection.request("GET", path, headers={"Host": host, "Accept-Encoding": "gzip"})
            answer = connection.getresponse()
            body = answer.read()
        except OSError:
            return None
        finally:
            connection.close()
        if answer.status != 200:
            return None
        if answer.getheader("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        return body.decode()

    def sitemaps(self):
        """Every file of the index, fetched; how many addresses they have."""
        index = self.until(lambda: self.get("/sitemap.xml"), "the index")
        files = re.findall(rf"<loc>https://{HOST}(/sitemap[^<]*)</loc>", index)
        texts = map(self.get, files) if files else [index]
        return sum(text.count("<loc>") for text in texts)

    def refreshes(self):
        text = self.get("/metrics", self.admin) or ""
        return sum(int(float(n)) for n in
                   re.findall(r"^dateline_refreshes_total{[^}]*} (\S+)", text, re.M))

    def peak(self):
        """Peak resident memory in MiB."""
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", text)[1]) / 1024

    def cpu(self):
        """Seconds of CPU so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def latencies(self, lasting):
        """How long unhurried requests for the feed take, while `lasting()`: seconds."""
        times = []
        request = f"GET /rss.xml HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()
        with socket.create_connection(("127.0.0.1", self.port)) as client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while lasting():
                begun = time.perf_counter()
                client.sendall(request)
                answer = b""
                while b"</rss>" not in answer[-64:]:
                    answer += client.recv(1 << 16)
                times.append(time.perf_counter() - begun)
                time.sleep(0.002)
        return times


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
