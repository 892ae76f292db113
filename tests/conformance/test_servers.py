# SPDX-License-Identifier: Apache-2.0
"""Threat 18, outwards: who calls itself by a name and cannot prove it hears nothing of us."""
import base64
import socket
import ssl
import threading
import unittest

import front


class TestServers(front.FrontTest):
    def start_trap(self, name, ends_s):
        """A TLS server with a certificate of its own making; what was said to it inside TLS."""
        folder = self.world.folder
        key = front.Key("server")
        (folder / "trap.key").write_bytes(key.pem)
        der = base64.b64decode(key.certificate(-2000, ends_s, name))
        (folder / "trap.pem").write_text(ssl.DER_cert_to_PEM_cert(der))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "trap.pem", folder / "trap.key")
        listener = socket.create_server(("127.0.0.1", 0))
        calls, heard = [], []

        def serve():
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                calls.append(1)
                connection.settimeout(20)
                try:
                    with context.wrap_socket(connection, server_side=True) as inside:
                        heard.append(inside.recv(65536))
                except OSError:
                    pass
        thread = threading.Thread(target=serve)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(listener.close)
        self.addCleanup(lambda: listener.shutdown(socket.SHUT_RDWR))
        return listener.getsockname()[1], calls, heard

    def test_threat_18_our_secret_goes_to_no_server_that_nobody_vouches_for(self):
        for name, ends_s in (("localhost", 2000), ("localhost", -1000), ("another.example", 2000)):
            with self.subTest(name=name, ends_s=ends_s):
                port, calls, heard = self.start_trap(name, ends_s)
                self.assertEqual(self.world.stop_service(), 0)
                self.world.settings["bot.token_url"] = f"https://localhost:{port}/token"
                self.addCleanup(self.world.settings.pop, "bot.token_url", None)
                self.world.config = self.world._write_config(self.database)
                self.database.execute("update outbox set last_error = ''")
                self.world.start_service()
                self.accepted()
                front.harness.until(lambda: calls, "the server was called")
                front.harness.until(lambda: self.database.value("select count(*) from outbox where last_error like '%certificate%'"),
                                    "the fault is told")
                self.assertEqual([data for data in heard if data], [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
