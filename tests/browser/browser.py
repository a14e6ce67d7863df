"""Chromium without a window, told what to do over its own protocol (CDP)."""

import base64
import itertools
import json
import os
import subprocess
import tempfile
import time

import websocket

from dateline import tool, wait_until


class Browser:
    """One page in a browser of its own, with what it asked for and complained of."""

    def __init__(self, folder):
        self.folder = folder
        # It leaves folders behind when it is ended; sockets in them want short names.
        self.temporary = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.process = subprocess.Popen(
            [
                tool("chromium"), "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                "--disable-component-update", "--disable-background-networking", "--no-first-run",
                "--remote-debugging-port=0", "--remote-allow-origins=*",
                f"--user-data-dir={folder / 'profile'}", "about:blank",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "TMPDIR": self.temporary.name},
        )  # fmt: skip
        port = folder / "profile" / "DevToolsActivePort"
        wait_until(lambda: port.exists() and "\n" in port.read_text(), 60, "Chromium listening")
        number, path = port.read_text().split("\n")[:2]
        self.socket = websocket.create_connection(f"ws://127.0.0.1:{number}{path}", timeout=30)
        self.numbers = itertools.count(1)
        self.session = None
        self.asked, self.complaints, self.events = [], [], []
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ["Page", "Network", "Log", "Runtime"]:
            self.send(f"{domain}.enable")

    def send(self, method, **parameters):
        number = next(self.numbers)
        message = {"id": number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        self.socket.send(json.dumps(message))
        while True:
            answer = json.loads(self.socket.recv())
            if answer.get("id") == number:
                assert "error" not in answer, (method, answer["error"])
                return answer["result"]
            self.note(answer)

    def note(self, event):
        method, parameters = event.get("method"), event.get("params", {})
        self.events.append(method)
        if method == "Network.requestWillBeSent":
            self.asked.append(parameters["request"]["url"])
        elif method == "Log.entryAdded":
            self.complaints.append(parameters["entry"]["text"])
        elif method in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown"):
            self.complaints.append(json.dumps(parameters)[:500])

    def wait(self, method, seconds=30):
        """Waits for the next event of this kind."""
        self.events.clear()
        end = time.monotonic() + seconds
        while method not in self.events:
            assert time.monotonic() < end, f"{method} did not happen"
            self.note(json.loads(self.socket.recv()))

    def show(self, url):
        self.send("Page.navigate", url=url)
        self.settle()

    def settle(self):
        wait_until(lambda: self.evaluate("document.readyState") == "complete", what="the page")

    def view(self, width, height, scheme):
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=False,
        )  # fmt: skip
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.send("Emulation.setEmulatedMedia", features=[feature])

    def evaluate(self, expression):
        result = self.send("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def picture(self, path):
        data = self.send("Page.captureScreenshot", captureBeyondViewport=True)["data"]
        path.write_bytes(base64.b64decode(data))
        return path.read_bytes()

    def close(self):
        self.socket.close()
        self.process.terminate()
        self.process.wait(20)
        self.temporary.cleanup()
