"""Chromium, asked over its DevTools protocol what a page did."""

import asyncio
import itertools
import os
import re
import subprocess
import tempfile
from dataclasses import dataclass, field

import aiohttp

from dateline import tool

FLAGS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-extensions",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--remote-debugging-port=0", "--remote-allow-origins=*",
    # Nothing outside is to be had, whatever is asked for.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]  # fmt: skip


@dataclass
class Visit:
    """What was noticed while one address was open."""

    url: str
    dialogs: list = field(default_factory=list)
    scripts: list = field(default_factory=list)  # the addresses of those that were compiled
    requests: list = field(default_factory=list)
    text: str = ""
    shown: bool = True

    def elsewhere(self):
        """Requests that were not for the site itself."""
        home = "/".join(self.url.split("/")[:3]) + "/"
        return [url for url in self.requests if not url.startswith((home, "data:", "chrome:", "about:"))]


class _Session:
    """One connection to the browser, over which all its pages talk."""

    def __init__(self, socket):
        self.socket = socket
        self.numbers = itertools.count(1)
        self.waiting = {}
        self.pages = {}

    async def read(self):
        async for message in self.socket:
            said = message.json()
            if "id" in said:
                self.waiting.pop(said["id"]).set_result(said)
            elif (page := self.pages.get(said.get("sessionId"))) is not None:
                page(said["method"], said.get("params", {}))

    def send(self, method, session=None, **params):
        number = next(self.numbers)
        answer = self.waiting[number] = asyncio.get_running_loop().create_future()
        message = {"id": number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        asyncio.ensure_future(self.socket.send_json(message))
        return answer

    async def visit(self, url, seconds=30):
        target = (await self.send("Target.createTarget", url="about:blank"))["result"]["targetId"]
        attached = await self.send("Target.attachToTarget", targetId=target, flatten=True)
        session = attached["result"]["sessionId"]
        visit, loaded = Visit(url), asyncio.Event()

        def notice(method, params):
            if method == "Page.javascriptDialogOpening":
                visit.dialogs.append(params["message"])
                self.send("Page.handleJavaScriptDialog", session, accept=True)
            elif method == "Debugger.scriptParsed":
                visit.scripts.append(params["url"])
            elif method == "Network.requestWillBeSent":
                visit.requests.append(params["request"]["url"])
            elif method == "Page.loadEventFired":
                loaded.set()

        self.pages[session] = notice
        for domain in ["Page", "Network", "Debugger", "Runtime"]:
            await self.send(f"{domain}.enable", session)
        answer = await self.send("Page.navigate", session, url=url)
        # What it does not show it would keep as a file.
        visit.shown = answer["result"].get("errorText") != "net::ERR_ABORTED"
        if visit.shown:
            await asyncio.wait_for(loaded.wait(), seconds)
        # What waits for a timer or a frame comes a little later.
        await asyncio.sleep(0.5)
        seen = await self.send("Runtime.evaluate", session, expression="document.documentElement.innerText")
        visit.text = seen["result"]["result"].get("value", "")
        # That was a script too, but not one of the page.
        visit.scripts = [url for url in visit.scripts if url and not url.startswith("chrome")]
        await self.send("Target.closeTarget", targetId=target)
        return visit


def visit(urls, folder):
    """Opens each address in a browser of its own folder, one after the other."""
    # It leaves folders behind when it is ended; sockets in them want short names.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
        return _visit_from(urls, folder, {**os.environ, "TMPDIR": temporary})


def _visit_from(urls, folder, environment):
    command = [tool("chromium"), *FLAGS, f"--user-data-dir={folder}", "about:blank"]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    try:
        found = None
        for line in process.stderr:
            if found := re.search(r"DevTools listening on (ws://\S+)", line):
                break
        assert found, "chromium does not listen"
        return asyncio.run(_visit(found[1], urls))
    finally:
        process.terminate()
        process.stderr.close()
        process.wait(20)


async def _visit(endpoint, urls):
    async with aiohttp.ClientSession() as http:
        async with http.ws_connect(endpoint, max_msg_size=0) as socket:
            session = _Session(socket)
            reader = asyncio.ensure_future(session.read())
            visits = [await session.visit(url) for url in urls]
            reader.cancel()
            return visits
