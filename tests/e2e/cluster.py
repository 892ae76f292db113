# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL for tests: a private cluster (scripts/cluster) and databases in it."""
import json
import os
import pathlib
import signal
import subprocess
import threading

import pq

SOURCE = pathlib.Path(__file__).resolve().parents[2]
SCRIPT = SOURCE / "scripts/cluster"
SUPERUSER = "postgres"
OWNER = "appdesk_owner"
SERVICE = "appdesk_app"


class Sessions:
    """Of the superuser, kept for the next statement: tests ask many small questions. Any thread."""

    def __init__(self):
        self._lock = threading.Lock()
        self._idle = {}  # database: sessions that nobody uses

    def take(self, database, url):
        while idle := self._pop(database):
            if idle.is_quiet():
                return idle
            idle.close()
        return pq.Session(url)

    def give_back(self, database, session):
        with self._lock:
            self._idle.setdefault(database, []).append(session)

    def forget(self, database):
        """Ends those that nobody uses."""
        while idle := self._pop(database):
            idle.close()

    def _pop(self, database):
        with self._lock:
            return self._idle[database].pop() if self._idle.get(database) else None


class Cluster:
    """A running cluster in a folder."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.sessions = Sessions()

    def start(self):
        subprocess.run([SCRIPT, "start", self.folder], check=True, timeout=120)

    def remove(self):
        subprocess.run([SCRIPT, "remove", self.folder], check=True, timeout=120)

    def crash(self):
        """Immediate shutdown: every connection is cut, nothing is finished."""
        postmaster = int((self.folder / "data/postmaster.pid").read_text().split()[0])
        os.kill(postmaster, signal.SIGQUIT)
        while (self.folder / "data/postmaster.pid").exists():
            try:
                os.kill(postmaster, 0)
            except ProcessLookupError:
                break

    def value(self, name):
        return (self.folder / name).read_text().strip()

    def url(self, database, user):
        return f"host={self.value('socket')} port={self.value('port')} dbname={database} user={user}"

    def run(self, database, statement, timeout_s=60):
        """Runs SQL as the superuser; a line for each row of its answer."""
        try:
            session = self.sessions.take(database, self.url(database, SUPERUSER))
        except pq.Fault as fault:
            raise AssertionError(f"{statement}: {fault}") from fault
        try:
            session.run(f"set statement_timeout = '{timeout_s}s'")
            rows = session.run(statement)
        except pq.Fault as fault:
            session.close()
            raise AssertionError(f"{statement}: {fault}") from fault
        self.sessions.give_back(database, session)
        return "\n".join("|".join(row) for row in rows)


class Database:
    """One database, made empty or as a copy of another one that nobody is connected to, or one that is there."""

    def __init__(self, cluster, name, template=None, is_there=False):
        self.cluster = cluster
        self.name = name
        source = f"template {template.name}" if template else ""
        if template:
            cluster.sessions.forget(template.name)
        if not is_there:
            cluster.run("postgres", f"create database {name} owner {OWNER} {source}")

    @property
    def url(self):
        return self.cluster.url(self.name, SERVICE)

    @property
    def owner_url(self):
        return self.cluster.url(self.name, OWNER)

    def drop(self):
        self.cluster.sessions.forget(self.name)
        self.cluster.run("postgres", f"drop database if exists {self.name} with (force)")

    def execute(self, statement, timeout_s=60):
        self.cluster.run(self.name, statement, timeout_s)

    def rows(self, query):
        """The query's rows as dictionaries."""
        return json.loads(self.cluster.run(self.name, f"select coalesce(json_agg(q), '[]') from ({query}) q"))

    def value(self, query):
        """The one value of the query's first row, or None."""
        rows = self.rows(query)
        return next(iter(rows[0].values())) if rows else None

    def column(self, query):
        """The first value of each row."""
        return [next(iter(row.values())) for row in self.rows(query)]
