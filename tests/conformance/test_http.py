# SPDX-License-Identifier: Apache-2.0
"""The front door and HTTP: what is framed in doubt is refused, closed and never carried out; slow and large senders are let go."""
import concurrent.futures
import signal
import threading
import time
import unittest

import wire  # first: it knows where harness is
import cases
import harness
from maker import OK, Maker, chunk
from wire import Broken, Wire

ARRIVAL_S = 15  # AD_HTTP_ARRIVAL_MS

THREADS = 12
AFTER = 98  # the number of a good request behind a refused one: the connection is closed before it
BODY_MAX = 1 << 20
RSS_GROWTH_MAX = 128 << 20
LET_GO_S = 45
GOOD_P95_S = 1.0
CONNECTIONS_MAX = 1024


def look_behind(case, client, maker):
    """The last answer is there: is the connection as it should be?"""
    if case.kept is False:
        client.ends()
        return
    client.send(maker.nowhere())
    answer = client.answer()
    if answer is None and case.kept is None:
        return
    if answer is None or answer.status != 404:
        raise Broken(f"a request behind it was answered {answer}")
    client.ends()


def play(case, maker, port, tls):
    """Sends the case; how many activities were carried out, by its answers. Broken when something else came."""
    data = case.build(maker)
    if case.kept is False:
        data += maker.post(AFTER)
    method = "HEAD" if data.startswith(b"HEAD") else "POST"
    done = 0
    with Wire(port, tls) as client:
        client.send(data)
        for number, expected in enumerate(case.answers, 1):
            answer = client.answer(method=method)
            if answer is None or answer.status not in expected:
                raise Broken(f"answer {number} is {answer}, not {expected}")
            if answer.status == 405 and "POST" not in answer.headers.get("allow", ""):
                raise Broken("405 without Allow")
            done += answer.status in OK
        look_behind(case, client, maker)
    return done


class Good:
    """A well-meaning client that goes on asking while others misbehave."""

    def __init__(self, port, tls, data):
        self.port, self.tls, self.data = port, tls, data
        self.times, self.faults = [], []
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        while not self.stopping.is_set() and not self.faults:
            begun = time.monotonic()
            try:
                with Wire(self.port, self.tls) as client:
                    client.send(self.data)
                    answer = client.answer(within_s=20)
                if answer is None or answer.status not in OK:
                    self.faults.append(f"answered {answer}")
            except (OSError, Broken) as fault:
                self.faults.append(repr(fault))
            self.times.append(time.monotonic() - begun)
            self.stopping.wait(0.05)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.thread.join()

    def p95_s(self):
        return sorted(self.times)[int(len(self.times) * 0.95)]


class TestHttp(wire.WireTest):
    def maker(self, port):
        return Maker(self.template, self.token, self.bad_token, f"127.0.0.1:{port}")

    def with_tls(self):
        """A service that ends TLS itself: (program, port, client context)."""
        wire.make_certificate(self.world.folder, "localhost")
        return *self.second_service(wire.tls_settings(self.world.folder)), wire.client_tls()

    # ---- the table ----

    def play_table(self, port, tls, tag):
        """Every case, several at once: what went wrong, and the ids that must have been carried out, both by prefix."""
        maker = self.maker(port)
        problems, expected, runs = {}, {}, {}
        with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
            for number, case in enumerate(cases.table()):
                prefix = f"{tag}-{number:04d}---"
                runs[prefix] = case, pool.submit(play, case, maker.named(prefix), port, tls)
            for prefix, (case, run) in runs.items():
                try:
                    # Activities of a case are numbered in the order in which they may succeed.
                    expected[prefix] = {f"{prefix}{n:04d}" for n in range(run.result())}
                except (Broken, OSError) as problem:
                    problems[prefix] = f"{case.name}: {problem}"
        return problems, expected

    def check_table(self, program, port, tls, tag):
        before = self.rss_bytes(program.pid)
        problems, expected = self.play_table(port, tls, tag)
        growth = self.rss_bytes(program.pid) - before
        self.assertEqual(program.stop(), 0)  # all that was let in has ended by then
        wrong = {id for id in self.executed() ^ set().union(*expected.values()) if id[:len(wire.ID)] not in problems}
        self.assertEqual(wrong, set(), "carried out without an answer, or the other way round")
        self.assertEqual(list(problems.values()), [])
        self.assertLess(growth, RSS_GROWTH_MAX, "fault 36: memory")

    def test_threat_17_a_request_is_read_in_one_way_or_refused_and_never_carried_out(self):
        self.check_table(self.world.service, self.port, None, "http")

    def test_threat_17_the_same_inside_tls(self):
        program, port, tls = self.with_tls()
        self.check_table(program, port, tls, "tls_")

    def test_threat_17_what_is_refused_leaves_no_trace(self):
        maker = self.maker(self.port)
        table = [case for case in cases.table() if not any(set(statuses) & set(OK) for statuses in case.answers)]
        self.assertGreater(len(table), 200)
        with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
            runs = [pool.submit(self.attack, case, maker.named(f"case-{number:04d}---")) for number, case in enumerate(table)]
            for run in runs:
                run.result()
        self.assertEqual(self.world.stop_service(), 0)
        self.assert_untouched()

    def attack(self, case, maker):
        """Sends it and reads until the other end closes or has nothing more to say."""
        with Wire(self.port) as client:
            client.send(case.build(maker))
            for _ in case.answers:
                client.answer()

    # ---- conversations that take more than one message ----

    def test_a_client_that_waits_for_100_continue_is_told_to_go_on(self):
        maker = self.maker(self.port)
        for value in (b"100-continue", b"100-Continue"):
            data = maker.post(add=[b"Expect: " + value])
            head, body = data[:-len(maker.body())], maker.body()
            with self.subTest(value=value), Wire(self.port) as client:
                client.send(head)
                self.assertEqual(client.read(), b"HTTP/1.1 100 Continue\r\n\r\n")
                client.send(body)
                answer = client.answer()
                self.assertIn(answer.status, OK)
                self.assertEqual(answer.interim, [])

    def test_nobody_is_told_to_go_on_for_nothing(self):
        maker = self.maker(self.port)

        def head(framing=b"Content-Length: 9", **parts):
            return maker.post(body=b"", add=[b"Expect: 100-continue"], framing=framing, **parts)

        rows = (
            ("too large", head(framing=b"Content-Length: 1048577"), (413,)),
            ("no token", head(auth=None), (401,)),
            ("no such path", head(line=b"POST /x HTTP/1.1"), (404,)),
            ("something else", maker.post(add=[b"Expect: 200-ok"]), (417,)),
            ("something more", maker.post(add=[b"Expect: 100-continue, 200-ok"]), (417,)),
            ("nothing", maker.post(add=[b"Expect:"]), (417,)),
            ("twice", maker.post(add=[b"Expect: 100-continue\r\nExpect: 100-continue"]), (400, 417)),
            ("the body is here", maker.post(add=[b"Expect: 100-continue"]), OK),
            ("no body comes", maker.post(body=b"", add=[b"Expect: 100-continue"]), (400,)),
        )
        for name, data, expected in rows:
            with self.subTest(name), Wire(self.port) as client:
                client.send(data)
                answer = client.answer()
                self.assertIn(answer.status, expected)
                self.assertEqual(answer.interim, [])

    def test_a_client_of_http_1_0_is_sent_no_interim_answer(self):
        """It would take it for the answer (RFC 9110 section 10.1.1)."""
        maker = self.maker(self.port)
        data = maker.post(line=b"POST /api/messages HTTP/1.0", add=[b"Expect: 100-continue"])
        with Wire(self.port) as client:
            client.send(data[:-len(maker.body())])
            self.assertIsNone(client.read(within_s=1))
            client.send(maker.body())
            answer = client.answer()
            self.assertIn(answer.status, OK)
            self.assertEqual(answer.interim, [])

    def test_a_request_may_come_byte_by_byte(self):
        maker = self.maker(self.port)
        for data in (maker.post(), maker.chunked(lambda body: chunk(body[:9]) + chunk(body[9:]))):
            with Wire(self.port) as client:
                for i in range(len(data)):
                    client.send(data[i:i + 1])
                self.assertIn(client.answer().status, OK)

    def test_who_has_said_all_still_gets_the_answer(self):
        """Half a close behind whole requests is the end of the requests, not of the answers."""
        maker = self.maker(self.port)
        for data, count in ((maker.post(), 1), (maker.post() + maker.post(1), 2)):
            with self.subTest(count=count), Wire(self.port) as client:
                client.send(data)
                client.finish_sending()
                for _ in range(count):
                    self.assertIn(client.answer().status, OK)
                client.ends()

    def test_threat_17_half_a_request_is_none(self):
        """Who closes in the middle is answered nothing, or a refusal, and nothing of it is carried out."""
        maker = self.maker(self.port)
        counted, chunked = maker.post(), maker.chunked()
        cuts = [(counted, n) for n in (1, 20, counted.index(b"\r\n\r\n") + 2, counted.index(b"\r\n\r\n") + 4, len(counted) - 1)]
        cuts += [(chunked, len(chunked) - n) for n in (1, 2, 3, 4, 5, 6, 200)]
        _, tls_port, tls = self.with_tls()
        for port, context in ((self.port, None), (tls_port, tls)):
            for data, length in cuts:
                with self.subTest(tls=bool(context), left=data[length:][:20]), Wire(port, context) as client:
                    client.send(data[:length])
                    client.finish_sending()
                    answer = client.answer(within_s=10)
                    self.assertTrue(answer is None or answer.status >= 400, answer)
                    client.ends()
        self.assert_untouched()

    def test_a_stop_among_clients_that_are_sending_ends_cleanly(self):
        """All of them are in the middle of a body when the stop is ordered: nothing of them may be left behind."""
        maker = self.maker(self.port)
        service = self.world.service
        clients = [Wire(self.port) for _ in range(250)]
        piece = b" " * 60000
        for client in clients:
            self.addCleanup(client.close)
            client.send(maker.post(body=b"", framing=b"Content-Length: 1000000"))
        for _ in range(4):  # the loop learns to look at so many at once
            service.signal(signal.SIGSTOP)
            for client in clients:
                client.send(piece)
            service.signal(signal.SIGCONT)
            with Wire(self.port) as last:
                last.send(maker.post())
                self.assertIn(last.answer().status, OK)
        service.signal(signal.SIGSTOP)
        for client in clients:
            client.send(piece)
        service.signal(signal.SIGTERM)
        service.signal(signal.SIGCONT)
        self.assertEqual(service.stop(), 0, service.tail())

    # ---- fault 36: too much ----

    def test_fault_36_what_is_too_large_is_refused_before_it_is_there(self):
        maker = self.maker(self.port)
        start = maker.chunked(lambda body: b"", last=b"")
        rows = (
            ("a length", maker.post(body=b"", framing=b"Content-Length: %d" % (BODY_MAX + 1)), 413),
            ("a chunk", start + b"%x\r\n" % (BODY_MAX + 1), 413),
            ("a chunk of 4 GiB", start + b"ffffffff\r\n", 413),
            ("a chunk behind another", start + chunk(b" " * 1000) + b"%x\r\n" % BODY_MAX, 413),
            ("a head", maker.post(add=[b"X-Pad: " + b"p" * (33 << 10)])[:33 << 10], 431),
            ("101 headers", cases.many(maker, 101), 431),
            ("a target", b"POST /" + b"q" * 3000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        )
        for name, data, status in rows:
            with self.subTest(name), Wire(self.port) as client:
                client.send(data)
                answer = client.answer(within_s=5)
                self.assertEqual(answer.status, status)
                client.ends()
        self.assert_untouched()

    def test_fault_36_as_large_as_may_be_is_read_to_the_end(self):
        maker = self.maker(self.port)
        body = maker.body() + b" " * (BODY_MAX - len(maker.body()))
        with Wire(self.port) as client:
            client.send(maker.post(body=body))
            self.assertIn(client.answer().status, OK)

    def test_fault_36_many_large_bodies_do_not_fill_the_memory(self):
        """Each may have 1 MiB; all of them together may not have the machine."""
        maker = self.maker(self.port)
        before = peak = self.rss_bytes(self.world.service.pid)
        data = maker.post(body=b" " * BODY_MAX, auth=b"Authorization: Bearer x")
        clients = [Wire(self.port) for _ in range(250)]
        for client in clients:
            self.addCleanup(client.close)
            client.socket.settimeout(1)
            client.send(data[:5000])
        for begin in range(5000, len(data) - 1, 128 << 10):
            for client in clients:
                if not client.gone:
                    client.gone = not client.send_raw(data[begin:min(begin + (128 << 10), len(data) - 1)])
            peak = max(peak, self.rss_bytes(self.world.service.pid))
        self.assertLess(peak - before, RSS_GROWTH_MAX)
        with Wire(self.port) as client:
            client.send(maker.post())
            self.assertIn(client.answer().status, OK + (503,))

    # ---- fault 35: too slow ----

    def test_fault_35_slow_senders_are_let_go_while_others_are_served(self):
        maker = self.maker(self.port)
        _, tls_port, tls = self.with_tls()
        post, chunked = maker.post(), maker.chunked()
        head = post.index(b"\r\n\r\n") + 4
        rows = {
            "silence": (b"", 0),
            "slow head": (post, 3),
            "slow head without end": (post[:head - 2] + b"X-A: b\r\n" * 99, 8),
            "slow body": (post[head:], 1),
            "slow chunks": (b"1;" + b"x" * 200 + b"\r\n", 1),
            "slow small chunks": (chunk(b" ") * 99, 6),
            "slow trailers": (b"0\r\n" + b"X-A: b\r\n" * 99, 3),
        }
        starts = {"slow body": post[:head]}
        starts.update(dict.fromkeys(("slow chunks", "slow small chunks", "slow trailers"), chunked[:chunked.index(b"\r\n\r\n") + 4]))
        sides = ((self.port, None), (tls_port, tls))
        with concurrent.futures.ThreadPoolExecutor(40) as pool, Good(self.port, None, maker.post()) as good:
            runs = {}
            for name, (data, step) in rows.items():
                for port, context in sides * 2:
                    runs[pool.submit(self.stall, port, context, starts.get(name, b""), data, step)] = name, bool(context)
            for run, (name, over_tls) in runs.items():
                with self.subTest(name, tls=over_tls):
                    self.assertLess(run.result(), LET_GO_S)
        self.assertEqual(good.faults, [])
        self.assertGreater(len(good.times), 20)
        self.assertLess(good.p95_s(), harness.within(GOOD_P95_S))
        self.assertLessEqual(len(self.executed()), 1)

    def stall(self, port, tls, start, data, step):
        """Sends the start at once and then one piece a second until the other end lets go; how long that took."""
        begun = time.monotonic()
        with Wire(port, tls) as client:
            client.send(start)
            sent = 0
            while not client.gone and time.monotonic() - begun < LET_GO_S + 5:
                client.send(data[sent:sent + step])
                sent += step
                client.read_raw(within_s=1)
            return time.monotonic() - begun

    def test_fault_35_a_request_that_comes_too_slowly_is_told_so(self):
        maker = self.maker(self.port)
        with Wire(self.port) as client:
            client.send(maker.post()[:-1])
            self.assertEqual(client.answer(within_s=LET_GO_S).status, 408)
            client.ends()
        self.assert_untouched()

    def is_served(self, data):
        with Wire(self.port) as client:
            client.send(data)
            answer = client.answer()
            return answer is not None and answer.status in OK

    def test_fault_35_idle_sockets_make_room_for_those_who_ask(self):
        """Perhaps not in the very second in which all of them came: newcomers may be given a moment to say something."""
        maker = self.maker(self.port)
        idle = []
        for _ in range(CONNECTIONS_MAX + 100):
            idle.append((Wire(self.port), time.monotonic()))
            self.addCleanup(idle[-1][0].close)
        harness.until(lambda: self.is_served(maker.post()), "who asks is served")
        for n in range(20):
            self.assertTrue(self.is_served(maker.post(n)), f"request {n} was not answered")
        closed = [client.closes(0) for client, _ in idle]
        self.assertGreater(sum(closed), 100)
        now = time.monotonic()  # who has said nothing for longer than that is closed for that
        judged = [is_closed for is_closed, (_, opened) in zip(closed, idle) if now - opened < ARRIVAL_S]
        self.assertGreater(len(judged), 0)
        self.assertLess(sum(judged), len(idle) // 2, "those who are in nobody's way are left alone")


if __name__ == "__main__":
    unittest.main(verbosity=2)
