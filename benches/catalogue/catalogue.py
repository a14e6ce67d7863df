"""Catalogues of any size, the same each time: in SQLite, in PostgreSQL, in a folder."""

import glob
import os
import random
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

FIRST = datetime(2011, 1, 1)
SPAN = timedelta(days=15 * 365)
SCHEMA = ("CREATE TABLE articles (id BIGINT PRIMARY KEY, slug TEXT NOT NULL, title TEXT NOT NULL,"
          " published_at {time} NOT NULL, updated_at {time} NOT NULL)")
INDEX = "CREATE INDEX articles_by_change ON articles (updated_at)"


def rows(count):
    """Articles over fifteen years, each changed once within a month: id, slug, title, dates."""
    luck = random.Random(7)
    for number in range(count):
        published = FIRST + SPAN * (number / count)
        updated = published + timedelta(seconds=luck.randrange(30 * 86_400))
        yield (number + 1, f"story-{number + 1}-{luck.randrange(10**6):06}",
               f"Story {number + 1}: what happened in the {luck.choice(PARTS)} of town",
               f"{published:%Y-%m-%d %H:%M:%S}", f"{updated:%Y-%m-%d %H:%M:%S}")


PARTS = ["north", "south", "east", "west"]


class Sqlite:
    """A catalogue in a file of SQLite."""

    name = "SQLite"

    def __init__(self, folder, count):
        self.path = Path(folder) / "articles.db"
        with sqlite3.connect(self.path) as database:
            database.execute("PRAGMA journal_mode = wal")
            database.execute(SCHEMA.format(time="TEXT"))
            database.executemany("INSERT INTO articles VALUES (?, ?, ?, ?, ?)", rows(count))
            database.execute(INDEX)
        database.execute("PRAGMA wal_checkpoint(truncate)")
        database.close()
        self.source = f'[source.sqlite]\npath = "{self.path}"\n'
        self.columns = "[source.sqlite.columns]\n"

    def run(self, sql):
        with sqlite3.connect(self.path) as database:
            database.execute(sql)
        database.close()

    def stop(self):
        self.path.unlink()


class Postgres:
    """A catalogue in a PostgreSQL server of its own, which tells of changes."""

    name = "PostgreSQL"

    def __init__(self, folder, count):
        self.folder = Path(folder) / "postgres"
        self.folder.mkdir()
        self.user = {}
        if os.getuid() == 0:
            # It does not run as root.
            shutil.chown(self.folder, "nobody", "nogroup")
            self.user = {"user": "nobody", "group": "nogroup", "extra_groups": []}
        Path(folder).chmod(0o755)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.call("initdb", "-D", "data", "-U", "postgres", "-E", "UTF8", "--locale=C",
                  "--auth=trust", "--no-sync")
        self.server = subprocess.Popen(
            [program("postgres"), "-D", "data", "-k", str(self.folder), "-h", "127.0.0.1",
             "-p", str(self.port)], cwd=self.folder, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, **self.user)
        while subprocess.run([program("pg_isready"), "-q", "-h", self.folder, "-p",
                              str(self.port)]).returncode:
            time.sleep(0.1)
        self.run(SCHEMA.format(time="TIMESTAMPTZ"))
        self.fill(rows(count))
        for sql in (INDEX, "VACUUM ANALYZE articles",
                    "CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS "
                    "$$ BEGIN NOTIFY articles; RETURN NULL; END $$",
                    "CREATE TRIGGER tell AFTER INSERT OR UPDATE OR DELETE ON articles "
                    "FOR EACH STATEMENT EXECUTE FUNCTION tell()"):
            self.run(sql)
        self.source = ("[source.postgres]\n"
                       f'url = "postgres://postgres@127.0.0.1:{self.port}/postgres"\n'
                       'listen = "articles"\n')
        self.columns = "[source.postgres.columns]\n"

    def call(self, name, *arguments):
        subprocess.run([program(name), *arguments], cwd=self.folder, check=True,
                       stdout=subprocess.DEVNULL, **self.user)

    def psql(self, sql):
        return [program("psql"), "-qX", "-v", "ON_ERROR_STOP=1", "-h", self.folder, "-p",
                str(self.port), "-U", "postgres", "-c", sql]

    def fill(self, rows):
        """Row by row: what this program holds would count as a peak of what it starts later."""
        command = self.psql("COPY articles FROM STDIN")
        with subprocess.Popen(command, stdin=subprocess.PIPE, text=True) as copy:
            for row in rows:
                copy.stdin.write("\t".join(map(str, row)) + "+00\n")
        if copy.returncode:
            sys.exit("the rows could not be copied")

    def run(self, sql):
        subprocess.run(self.psql(sql), check=True)

    def stop(self):
        self.server.terminate()
        self.server.wait()
        shutil.rmtree(self.folder)


def program(name):
    """Debian keeps PostgreSQL's programs out of the way."""
    found = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}")) or [shutil.which(name)]
    if not found[-1]:
        sys.exit(f"{name} is missing: apt-get install postgresql")
    return found[-1]


def markdown(folder, count):
    """A folder of Markdown files of about 3 KB each."""
    luck = random.Random(11)
    for number, (_, slug, title, published, _) in enumerate(rows(count)):
        words = " ".join(luck.choice(WORDS) for _ in range(70))
        text = "\n\n".join(f"## Part {part}\n\n{words} [more](/stories/{part}/) and *again* "
                           f"`{slug}`." for part in range(6))
        under = Path(folder) / f"{number % 100:02}"
        under.mkdir(parents=True, exist_ok=True)
        (under / f"{slug}.md").write_text(
            f'---\ntitle: "{title}"\ndate: {published.replace(" ", "T")}Z\n'
            f"tags: [news, {luck.choice(PARTS)}]\n---\n\n{text}\n")


WORDS = ("server queue date feed reader crawler cache proxy article catalogue validator "
         "origin edition store header request answer change").split()
