# SPDX-License-Identifier: Apache-2.0
"""A door between AppDesk and the database that fails on order: cuts at COMMIT, cuts its answer, takes one COMMIT or everything and says
nothing."""
import pathlib
import selectors
import socket
import threading

CHUNK = 65536
COMMIT = b"\0commit\0"  # as a statement of its own, between the ends of the texts around it


class Door:
    """Passes bytes between a TCP port of loopback and the cluster's socket, on a thread of its own."""

    def __init__(self, cluster):
        self.target = str(pathlib.Path(cluster.value("socket")) / f".s.PGSQL.{cluster.value('port')}")
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.listener.getsockname()[1]
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.wake, self.woken = socket.socketpair()
        self.selector.register(self.woken, selectors.EVENT_READ)
        self.other = {}      # each end of a connection to the other one
        self.clients = set()
        self.cutting = set()  # ends of servers whose next word is cut off
        self.muted = set()    # clients whose bytes go nowhere
        self.mute_word = None
        self.is_closed = self.is_silent = False
        self.cut_every = self.commits = self.cuts = 0
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def url(self, database):
        """A connection string through the door, to what database.url leads to."""
        words = [word for word in database.url.split() if not word.startswith(("host=", "port="))]
        return " ".join([f"host=127.0.0.1 port={self.port}", *words])

    def cut(self, every):
        """From now on each so-manieth COMMIT ends its connection: in turns before the server sees it, and before its answer is seen.
        0: none."""
        self.cut_every = every

    def mute(self, word):
        """The next COMMIT that leaves together with this word is taken and goes nowhere, nor does what follows it."""
        self.mute_word = word

    def silence(self, on):
        """Bytes are taken and go nowhere, either way; new connections too get no word."""
        self.is_silent = on
        if not on:
            self.wake.send(b"!")

    def close(self):
        self.is_closed = True
        self.wake.send(b"!")
        self.thread.join()
        for end in (self.listener, self.wake, self.woken, *self.other):
            end.close()

    def _run(self):
        while not self.is_closed:
            for key, _ in self.selector.select():
                if key.fileobj is self.listener:
                    self._open()
                elif key.fileobj is self.woken:
                    self.woken.recv(16)
                elif key.fileobj in self.other:
                    self._pass(key.fileobj)

    def _open(self):
        client, _ = self.listener.accept()
        server = socket.socket(socket.AF_UNIX)
        try:
            server.connect(self.target)
        except OSError:
            client.close()
            return
        self.other[client], self.other[server] = server, client
        self.clients.add(client)
        for end in (client, server):
            self.selector.register(end, selectors.EVENT_READ)

    def _end(self, end):
        for one in (end, self.other[end]):
            self.selector.unregister(one)
            self.other.pop(one)
            self.clients.discard(one)
            self.cutting.discard(one)
            self.muted.discard(one)
            one.close()

    def _pass(self, end):
        try:
            data = end.recv(CHUNK)
            if data and (self.is_silent or self._is_muted(end, data)):
                return
            if not data or self._is_cut(end, data):
                self._end(end)
            else:
                self.other[end].sendall(data)
        except OSError:
            self._end(end)

    def _is_muted(self, end, data):
        if end in self.clients and self.mute_word and COMMIT in data and self.mute_word in data:
            self.mute_word = None
            self.muted.add(end)
        return end in self.muted

    def _is_cut(self, end, data):
        if end in self.cutting:
            return True
        if end not in self.clients or COMMIT not in data or not self.cut_every:
            return False
        self.commits += 1
        if self.commits % self.cut_every:
            return False
        self.cuts += 1
        if self.cuts % 2:
            return True
        self.cutting.add(self.other[end])
        return False
