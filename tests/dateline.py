"""The program under test as a process, and the servers that the tests put around it."""

import http.client
import json
import os
import shutil
import socket
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / "tests" / "tools" / "node_modules"


def binary():
    """The program: the one that DATELINE names, or what `cargo test` built."""
    path = Path(os.environ.get("DATELINE") or ROOT / "target" / "debug" / "dateline")
    assert path.is_file(), f"{path} is missing; build it with: cargo build"
    return str(path)


def tool(name):
    """The path of a program that the tests install."""
    local = ROOT / ".venv" / "bin" / name
    places = os.environ["PATH"] + ":/usr/sbin:/sbin"
    path = str(local) if local.is_file() else shutil.which(name, path=places)
    assert path, f"{name} is missing; install it with: bash tests/run.sh"
    return path


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_until(condition, seconds=20, what="it"):
    """Waits until `condition()` is true; generous, since test machines are slow."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"{what} did not happen within {seconds} s"
        time.sleep(0.02)


class Dateline:
    """`dateline serve` over a folder with a feeds.toml, from start to stop."""

    def __init__(self, folder, port=None, command=()):
        self.folder = Path(folder)
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.command = list(command)
        self.lines = []
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [*self.command, binary(), "serve", "--listen", f"127.0.0.1:{self.port}"],
            cwd=self.folder,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
        )
        threading.Thread(target=self._read, args=[self.process.stderr], daemon=True).start()
        wait_until(lambda: self.is_ready() or self.process.poll() is not None, what="listening")
        assert self.is_ready(), "\n".join(self.lines)

    def _read(self, stderr):
        for line in stderr:
            # Where no terminal is, the log is an object a line.
            message = json.loads(line)["message"] if line.startswith("{") else line
            self.lines.extend(message.splitlines())

    def is_ready(self):
        return any(line == f"listening on {self.url}" for line in self.lines)

    def get(self, path, **fields):
        return get(self.url, path, **fields)

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Answer:
    """One answer, with the fields in lower case."""

    def __init__(self, status, fields, body):
        self.status = status
        self.fields = {name.lower(): value for name, value in fields}
        self.lines = list(fields)
        self.body = body

    def all(self, name):
        """Every line of a field, as one."""
        return ", ".join(value for other, value in self.lines if other.lower() == name)


def get(base, path, method="GET", **fields):
    """One request to `base` on a connection of its own. Fields are named as in Python."""
    host = base.removeprefix("http://").split("/")[0]
    connection = http.client.HTTPConnection(host, timeout=20)
    headers = {name.replace("_", "-"): value for name, value in fields.items()}
    connection.putrequest(method, path, skip_accept_encoding=True, skip_host="host" in map(str.lower, headers))
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    response = connection.getresponse()
    answer = Answer(response.status, response.getheaders(), response.read())
    connection.close()
    return answer


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    # A crowd may come at once.
    request_queue_size = 4096

    def handle_error(self, *_):
        """Clients that go away are no news."""


class _Server:
    """A server of ours on a free port, for as long as the `with` lasts."""

    def __init__(self):
        self.server = _Listener(("127.0.0.1", 0), self.handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class Recorder(_Server):
    """Passes requests on to `origin` as they are, and remembers what was asked and answered."""

    def __init__(self, origin):
        self.origin = origin
        self.seen = []
        self.delay = 0  # seconds before each answer
        self.down = False  # connections are cut and nothing is answered
        self.rewrite = None  # what to make of the Cache-Control of an answer
        super().__init__()

    def handler(recorder):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # head and body in one packet, or the other side waits 40 ms

            def do_GET(self):
                if recorder.down:
                    self.close_connection = True
                    return
                time.sleep(recorder.delay)
                fields = {n.replace("-", "_"): v for n, v in self.headers.items() if n != "Connection"}
                answer = get(recorder.origin, self.path, method=self.command, **fields)
                recorder.seen.append((self.path, dict(self.headers), answer.status))
                self.send_response_only(answer.status)
                for name, value in answer.fields.items():
                    if name == "cache-control" and recorder.rewrite:
                        value = recorder.rewrite(value)
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.body)

            do_HEAD = do_GET

            def log_message(self, *_):
                pass

        return Handler

    def statuses(self, path):
        return [status for seen, _, status in self.seen if seen == path]


class Twin(_Server):
    """A broken server: `documents` is path → (media type, bytes), or such a pair's maker.

    It has no validators, so that nothing ever ends in a 304."""

    def __init__(self, documents, fields=()):
        self.documents = documents
        self.fields = fields
        super().__init__()

    def handler(twin):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # head and body in one packet, or the other side waits 40 ms

            def do_GET(self):
                found = twin.documents.get(self.path.split("?")[0])
                media_type, body = found or ("text/plain", b"none\n")
                self.send_response(200 if found else 404)
                self.send_header("Content-Type", media_type)
                self.send_header("Content-Length", str(len(body)))
                for name, value in twin.fields:
                    self.send_header(name, value)
                self.end_headers()
                if self.command == "GET":
                    self.wfile.write(body)

            do_HEAD = do_GET

            def log_message(self, *_):
                pass

        return Handler


def run(*command, ok=True, **options):
    """Runs a tool and gives its standard output; fails with what it said if it fails."""
    done = subprocess.run(
        command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120, **options
    )
    if ok:
        assert done.returncode == 0, f"{command[0]}: {done.stdout}\n{done.stderr}"
    return done


def run_json(*command, **options):
    return json.loads(run(*command, **options).stdout)
