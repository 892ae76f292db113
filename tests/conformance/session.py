# SPDX-License-Identifier: Apache-2.0
"""One psql for the many small questions of a long test: starting one for each would take longer than the question."""
import subprocess

from cluster import SUPERUSER

END = "end of the answer"


class Session:
    """In a database's place of its cluster; what is for another database goes to the cluster itself. One thread."""

    def __init__(self, database):
        self.name, self.cluster = database.name, database.cluster
        address = self.cluster.url(self.name, SUPERUSER)
        self.psql = subprocess.Popen(["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", address], text=True,
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run(self, name, statement, timeout_s=60):
        if name != self.name:
            return self.cluster.run(name, statement, timeout_s)
        self.psql.stdin.write(f"{statement};\n\\echo {END}\n")
        self.psql.stdin.flush()
        lines = []
        for line in self.psql.stdout:
            if line.rstrip("\n") == END:
                return "".join(lines).strip()
            lines.append(line)
        raise AssertionError(f"{statement}: {self.psql.stderr.read().strip()}")

    def url(self, *words):
        return self.cluster.url(*words)

    def close(self):
        self.psql.stdin.close()
        self.psql.wait(10)
        self.psql.stdout.close()
        self.psql.stderr.close()
