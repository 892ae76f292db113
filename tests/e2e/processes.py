# SPDX-License-Identifier: Apache-2.0
"""Programs that a test starts: each ends with the test, whatever becomes of it, and only by its own process id."""
import ctypes
import os
import random
import signal
import socket
import subprocess
import time

START_S = 60  # sanitizers and a busy machine included
STOP_S = 30
DEATH_S = 120  # to a fault point at the end of a delivery
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)


def die_with_parent():
    """In the child, before exec: a runner that is killed takes its programs along."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


claims = []  # held until this process ends


def free_port():
    """A port that nothing listens on, and that no other test is given. Below the ephemeral range, so that no outgoing connection
    takes it meanwhile."""
    while True:
        port = random.randrange(20000, 32000)
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind(f"\0appdesk-test-port-{port}")
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
        except OSError:
            claim.close()
            continue
        claims.append(claim)
        return port


def within(seconds):
    """The limit of time that a promise names, on a machine that does nothing else: where more waits to be computed than there are
    cores, everything takes as much longer."""
    return seconds * max(1.0, os.getloadavg()[0] / os.cpu_count())


def until(condition, what, timeout_s=START_S, step_s=0.05):
    """The first true value of condition(), looked for again and again; AssertionError after within(timeout_s)."""
    begun = time.monotonic()
    while True:
        value = condition()
        if value:
            return value
        waited_s = time.monotonic() - begun
        if waited_s > within(timeout_s):
            raise AssertionError(f"{what}: not within {waited_s:.0f} s")
        time.sleep(step_s)


class Program:
    """One running program with its log. Start it from the main thread: it dies with the thread that started it."""

    def __init__(self, command, log, environment=None, pipe=False, folder=None):
        self.command = [str(part) for part in command]
        self.log = log
        with open(log, "ab") as out:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE if pipe else out, stderr=out,
                env=environment, cwd=folder, preexec_fn=die_with_parent)

    @property
    def pid(self):
        return self.process.pid

    def running(self):
        return self.process.poll() is None

    def first_line(self):
        """What it says when it is ready (pipe=True)."""
        line = self.process.stdout.readline().decode()
        if not line:
            self.process.wait(STOP_S)
            raise AssertionError(f"{self.command[0]} ended with {self.process.returncode}: {self.tail()}")
        return line

    def signal(self, number):
        if self.running():
            os.kill(self.pid, number)

    def kill(self):
        """As a power cut: no handler runs."""
        self.signal(signal.SIGKILL)
        self.process.wait(STOP_S)
        self._close()

    def stop(self):
        """SIGTERM, then its exit status; a program that does not end is killed and reported."""
        self.signal(signal.SIGTERM)
        try:
            self.process.wait(within(STOP_S))
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.command[0]} did not end within {STOP_S} s of SIGTERM: {self.tail()}") from None
        self._close()
        return self.process.returncode

    def wait_killed(self, timeout_s=DEATH_S):
        """Waits until it has been ended by SIGKILL, as by an armed fault point."""
        code = self.process.wait(within(timeout_s))
        self._close()
        if code != -signal.SIGKILL:
            raise AssertionError(f"{self.command[0]} ended with {code}, not by SIGKILL: {self.tail()}")

    def _close(self):
        if self.process.stdout:
            self.process.stdout.close()

    def tail(self, lines=30):
        with open(self.log, errors="replace") as log:
            return "\n" + "".join(log.readlines()[-lines:])
