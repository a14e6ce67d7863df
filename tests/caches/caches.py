"""The caches and proxies of deploy/, started with the sample configurations found there.

Each is started as its own program on free ports, in front of Dateline. Only what must differ
on a test machine is replaced in its configuration: ports and folders.
"""

import os
import signal
import subprocess

from dateline import ROOT, free_port, get, run, tool, wait_until


class Cache:
    """A running cache. Subclasses say how it is configured, checked and started."""

    # What it can do; where it cannot, the tests say so and hold it to the rest.
    keeps = True  # has a cache at all
    collapses_first = True  # many readers of a document that it does not have are one request
    collapses_stale = True  # many readers of one that has expired are one request
    serves_stale = True  # a Dateline that is gone goes unnoticed for the promised time
    drops_queries = True  # a query makes no new entry
    reads_lists = True  # it finds its tag in a list of several
    revalidates = True  # it asks again with the validators that it has

    def __init__(self, folder, origin):
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.origin = origin.removeprefix("http://")
        self.config = self.configure()
        self.log = open(folder / "log", "wb")
        self.process = subprocess.Popen(
            self.command(),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
            env={**os.environ, "HOME": str(folder)},
        )
        wait_until(self.answers, what=f"{type(self).__name__} answering")

    def answers(self):
        assert self.process.poll() is None, (self.folder / "log").read_text()
        try:
            get(self.url, "/nothing-here")
        except OSError:
            return False
        return True

    def sample(self, path, *replacements):
        """The sample configuration with the replacements made, as a file of the test's."""
        text = (ROOT / "deploy" / path).read_text()
        for old, new in replacements:
            assert old in text, f"deploy/{path} has no {old!r} any more; mend the test"
            text = text.replace(old, new)
        file = self.folder / path.rsplit("/")[-1]
        file.write_text(text)
        return file

    def stop(self):
        """At once: nothing that it keeps is wanted, and some take seconds to say goodbye."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(15)
        self.log.close()


class Nginx(Cache):
    def configure(self):
        site = self.sample(
            "nginx/dateline.conf",
            ("127.0.0.1:8080", self.origin),
            ("listen 80;", f"listen 127.0.0.1:{self.port} backlog=4096;"),
            ("/var/cache/nginx/dateline", str(self.folder / "cache")),
        )
        temporary = "".join(
            f"{kind}_temp_path {self.folder}/{kind};\n"
            for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        )
        config = self.folder / "nginx.conf"
        config.write_text(
            f"daemon off;\nmaster_process off;\npid {self.folder}/pid;\nerror_log stderr;\n"
            f"events {{ worker_connections 8192; }}\nworker_rlimit_nofile 16384;\n"
            f"http {{\naccess_log off;\n{temporary}include {site};\n}}\n"
        )
        return config

    def check(self, config):
        return run(tool("nginx"), "-t", "-c", str(config), ok=False).returncode == 0

    def command(self):
        return [tool("nginx"), "-c", str(self.config)]


class Varnish(Cache):
    reads_lists = False  # a list gets a 200, which costs more and is as true

    def configure(self):
        host, port = self.origin.split(":")
        return self.sample(
            "varnish/dateline.vcl",
            ('.host = "127.0.0.1"', f'.host = "{host}"'),
            ('.port = "8080"', f'.port = "{port}"'),
            (".interval = 2s", ".interval = 0.5s"),
        )

    def check(self, config):
        command = [tool("varnishd"), "-j", "none", "-C", "-n", str(self.folder / "check"), "-f", str(config)]
        return run(*command, ok=False).returncode == 0

    def command(self):
        # A folder of its own, no jail, and few threads: it shares the machine.
        return [
            tool("varnishd"), "-F", "-j", "none", "-n", str(self.folder / "work"),
            "-a", f"127.0.0.1:{self.port}", "-f", str(self.config), "-s", "malloc,64m",
            "-p", "listen_depth=4096", "-p", "thread_pools=1", "-p", "thread_pool_max=1200",
        ]  # fmt: skip


class Squid(Cache):
    drops_queries = False  # it would need a program of its own for that
    # collapsed_forwarding is for what it does not have, not for asking again.
    collapses_stale = False

    def configure(self):
        host, port = self.origin.split(":")
        config = self.sample(
            "squid/dateline.conf",
            ("http_port 80 accel", f"http_port 127.0.0.1:{self.port} accel"),
            ("127.0.0.1 parent 8080", f"{host} parent {port}"),
            ("cache_mem 256 MB", "cache_mem 64 MB"),
        )
        os.chmod(self.folder, 0o777)
        more = f"""
pid_filename {self.folder}/pid
cache_log /dev/stderr
access_log none
coredump_dir {self.folder}
cache_effective_user {'proxy' if os.geteuid() == 0 else os.environ['USER']}
"""
        config.write_text(config.read_text() + more)
        return config

    def check(self, config):
        return run(tool("squid"), "-k", "parse", "-f", str(config), ok=False).returncode == 0

    def command(self):
        return [tool("squid"), "-N", "-f", str(self.config)]


class Haproxy(Cache):
    collapses_first = False  # every reader who comes before the first answer is a request
    collapses_stale = False
    serves_stale = False  # its cache ends with max-age
    revalidates = False  # and what has ended is thrown away

    def configure(self):
        return self.sample(
            "haproxy/haproxy.cfg",
            ("127.0.0.1:8080", self.origin),
            ("bind :80", f"bind 127.0.0.1:{self.port} backlog 4096"),
        )

    def check(self, config):
        return run(tool("haproxy"), "-c", "-f", str(config), ok=False).returncode == 0

    def command(self):
        return [tool("haproxy"), "-db", "-f", str(self.config)]


class Caddy(Cache):
    keeps = collapses_first = collapses_stale = serves_stale = drops_queries = False

    def configure(self):
        options = f"{{\n\tadmin off\n\tauto_https off\n\tstorage file_system {self.folder}\n}}\n"
        config = self.sample(
            "caddy/Caddyfile",
            ("127.0.0.1:8080", self.origin),
            ("example.org {", f"http://:{self.port} {{"),
        )
        config.write_text(options + config.read_text())
        return config

    def check(self, config):
        command = [tool("caddy"), "validate", "--adapter", "caddyfile", "--config", str(config)]
        return run(*command, ok=False, env={**os.environ, "HOME": str(self.folder)}).returncode == 0

    def command(self):
        return [tool("caddy"), "run", "--adapter", "caddyfile", "--config", str(self.config)]


class Apache(Cache):
    keeps = collapses_first = collapses_stale = serves_stale = drops_queries = False

    def configure(self):
        (self.folder / "site").mkdir()
        config = self.sample(
            "apache/dateline.conf",
            ("http://127.0.0.1:8080/", f"http://{self.origin}/"),
            ("<VirtualHost *:80>", f"<VirtualHost 127.0.0.1:{self.port}>"),
            ("/srv/blog", str(self.folder / "site")),
        )
        # What a distribution's own configuration has.
        modules = ["mpm_event", "authz_core", "proxy", "proxy_http", "env"]
        load = "".join(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n" for name in modules)
        user = "User www-data\nGroup www-data\n" if os.geteuid() == 0 else ""
        config.write_text(
            f"{load}ServerName 127.0.0.1\nListen 127.0.0.1:{self.port}\nPidFile {self.folder}/pid\n"
            f"DefaultRuntimeDir {self.folder}\nErrorLog /dev/stderr\nTraceEnable off\n{user}"
            f"<Directory {self.folder}/site>\nRequire all granted\n</Directory>\n" + config.read_text()
        )
        for folder in [self.folder, *self.folder.parents]:
            if str(folder).startswith("/tmp/") and os.stat(folder).st_uid == os.geteuid():
                folder.chmod(folder.stat().st_mode | 0o011)
        return config

    def check(self, config):
        return run(tool("apache2"), "-t", "-f", str(config), ok=False).returncode == 0

    def command(self):
        return [tool("apache2"), "-DFOREGROUND", "-f", str(self.config)]


ALL = [Nginx, Varnish, Squid, Haproxy, Caddy, Apache]
