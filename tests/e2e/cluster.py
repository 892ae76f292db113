# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL for tests: a private cluster (scripts/cluster) and databases in it, asked as the superuser."""
import contextlib
import os
import pathlib
import signal
import subprocess
import threading

import psycopg2

SOURCE = pathlib.Path(__file__).resolve().parents[2]
SCRIPT = SOURCE / "scripts/cluster"
SUPERUSER = "postgres"
OWNER = "appdesk_owner"
SERVICE = "appdesk_app"
GONE = "57P"  # class of what a server says that goes; one that has gone says nothing


def connect(address, timeout_s):
    connection = psycopg2.connect(address, options=f"-c statement_timeout={timeout_s * 1000}")
    connection.autocommit = True
    return connection


def answer(connection, statement):
    with contextlib.closing(connection.cursor()) as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


class Cluster:
    """A running cluster in a folder."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.kept = threading.local()  # connections: a thread's by address and limit of time

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
        """Runs SQL as the superuser, all of it in one transaction unless it says otherwise; the rows of its last query."""
        key = (self.url(database, SUPERUSER), timeout_s)
        kept = self.kept.__dict__.pop(key, None)
        try:
            connection = kept or connect(*key)
            rows = answer(connection, statement)
        except psycopg2.Error as fault:
            if kept and (fault.pgcode or GONE).startswith(GONE):  # the server went meanwhile, or cut it
                return self.run(database, statement, timeout_s)
            raise AssertionError(f"{statement}: {fault}") from fault
        if statement.startswith("set "):  # for this statement alone
            connection.close()
        else:
            self.kept.__dict__[key] = connection
        return rows

    def let_go(self, database):
        """Ends this thread's connections to a database."""
        for key in [key for key in self.kept.__dict__ if key[0] == self.url(database, SUPERUSER)]:
            self.kept.__dict__.pop(key).close()


class Database:
    """One database, made empty or as a copy of another one that nobody is connected to, or one that is there."""

    def __init__(self, cluster, name, template=None, is_there=False):
        self.cluster = cluster
        self.name = name
        source = f"template {template.name}" if template else ""
        if not is_there:
            cluster.run("postgres", f"create database {name} owner {OWNER} {source}")

    @property
    def url(self):
        return self.cluster.url(self.name, SERVICE)

    @property
    def owner_url(self):
        return self.cluster.url(self.name, OWNER)

    def drop(self):
        self.cluster.let_go(self.name)
        self.cluster.run("postgres", f"drop database if exists {self.name} with (force)")

    def execute(self, statement, timeout_s=60):
        self.cluster.run(self.name, statement, timeout_s)

    def rows(self, query):
        """The query's rows as dictionaries."""
        return self.cluster.run(self.name, f"select coalesce(json_agg(q), '[]') from ({query}) q")[0][0]

    def value(self, query):
        """The one value of the query's first row, or None."""
        rows = self.rows(query)
        return next(iter(rows[0].values())) if rows else None

    def column(self, query):
        """The first value of each row."""
        return [next(iter(row.values())) for row in self.rows(query)]
