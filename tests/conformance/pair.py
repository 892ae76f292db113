# SPDX-License-Identifier: Apache-2.0
"""A synchronous standby beside a test's own cluster, in the same folders, so that the database can fail over."""
import contextlib
import os
import pathlib
import shutil
import signal
import subprocess

from cluster import Cluster
from processes import until

SYNCHRONOUS = "synchronous_standby_names"


def programs():
    """The folder of PostgreSQL's programs."""
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/pg_basebackup"))
    named = os.environ.get("PG_BINDIR")
    return pathlib.Path(named) if named else found[-1].parent


def as_server(*command):
    """Runs a program as the user that the server runs as."""
    words = ["runuser", "-u", "postgres", "--", *command] if os.getuid() == 0 else command
    subprocess.run([str(word) for word in words], check=True, cwd="/", timeout=120, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


class Standby(Cluster):
    """Read like a Cluster; its data lies in the primary's folder, its socket beside the primary's."""

    def __init__(self, primary):
        super().__init__(primary.folder)
        self.primary = primary
        self.data = primary.folder / "standby"
        self.port = str(int(primary.value("port")) + 1)

    def value(self, name):
        return self.port if name == "port" else super().value(name)

    def start(self):
        hba = self.folder / "data/pg_hba.conf"
        hba.write_text(hba.read_text() + "local replication all trust\n")
        self.primary.run("postgres", "select pg_reload_conf()")
        as_server(programs() / "pg_basebackup", "-h", self.value("socket"), "-p", self.primary.value("port"), "-U", "postgres",
                  "-D", self.data, "-R", "--checkpoint=fast")
        as_server(programs() / "pg_ctl", "-D", self.data, "-l", self.folder / "standby.log", "-w", "-t", "60", "-s", "-o",
                  f"-c listen_addresses='' -c port={self.port} -c unix_socket_directories='{self.value('socket')}'", "start")
        self.primary.run("postgres", f"alter system set {SYNCHRONOUS} = '*'")
        self.primary.run("postgres", "select pg_reload_conf()")
        until(lambda: self.primary.run("postgres", "select count(*) from pg_stat_replication where sync_state = 'sync'")[0][0] == 1,
              "the standby follows", 30)

    def promote(self):
        self.run("postgres", "select pg_promote()")
        self.run("postgres", f"alter system set {SYNCHRONOUS} = ''")
        self.run("postgres", "select pg_reload_conf()")

    def remove(self):
        as_server(programs() / "pg_ctl", "-D", self.data, "-w", "-s", "-m", "immediate", "stop")
        shutil.rmtree(self.data)
        (self.folder / "standby.log").unlink()

    # ---- the old primary ----

    def processes(self):
        """The old primary's postmaster and its children."""
        postmaster = int((self.folder / "data/postmaster.pid").read_text().split()[0])
        children = pathlib.Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        return [postmaster, *map(int, children)]

    def freeze(self):
        """The old primary says nothing any more, and its connections stay open."""
        os.kill(self.processes()[0], signal.SIGSTOP)  # it has no new children from here on
        self._signal(self.processes(), signal.SIGSTOP)

    @staticmethod
    def _signal(pids, number):
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):  # a child may have ended
                os.kill(pid, number)

    def thaw(self):
        """Ends a frozen one: it must not serve beside the new primary."""
        frozen = self.processes()
        os.kill(frozen[0], signal.SIGQUIT)
        self._signal(frozen, signal.SIGCONT)
        until(lambda: not pathlib.Path(f"/proc/{frozen[0]}").exists(), "the old primary is gone", 30)

    def bring_back(self):
        """The old primary alone, as before."""
        settings = self.folder / "data/postgresql.auto.conf"
        lines = settings.read_text().splitlines(keepends=True)
        settings.write_text("".join(line for line in lines if not line.startswith(SYNCHRONOUS)))
        self.primary.start()
