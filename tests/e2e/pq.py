# SPDX-License-Identifier: Apache-2.0
"""A session of libpq: no package beyond what AppDesk itself needs, and no process for each statement."""
import ctypes
import select

CONNECTION_OK = 0
COMMAND_OK, TUPLES_OK = 1, 2  # PGRES_...

_pq = ctypes.CDLL("libpq.so.5")


def _declare(name, result, *arguments):
    function = getattr(_pq, name)
    function.restype, function.argtypes = result, arguments
    return function


_connect = _declare("PQconnectdb", ctypes.c_void_p, ctypes.c_char_p)
_finish = _declare("PQfinish", None, ctypes.c_void_p)
_status = _declare("PQstatus", ctypes.c_int, ctypes.c_void_p)
_socket = _declare("PQsocket", ctypes.c_int, ctypes.c_void_p)
_error = _declare("PQerrorMessage", ctypes.c_char_p, ctypes.c_void_p)
_exec = _declare("PQexec", ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p)
_result_status = _declare("PQresultStatus", ctypes.c_int, ctypes.c_void_p)
_clear = _declare("PQclear", None, ctypes.c_void_p)
_rows = _declare("PQntuples", ctypes.c_int, ctypes.c_void_p)
_fields = _declare("PQnfields", ctypes.c_int, ctypes.c_void_p)
_value = _declare("PQgetvalue", ctypes.c_char_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_int)


class Fault(Exception):
    """What the server, or the way to it, said."""


class Session:
    """One connection; one thread at a time."""

    def __init__(self, url):
        self._connection = _connect(f"{url} options='-c client_min_messages=warning'".encode())
        if _status(self._connection) != CONNECTION_OK:
            fault = self._fault()
            self.close()
            raise fault

    def _fault(self):
        return Fault(_error(self._connection).decode(errors="replace").strip())

    def is_quiet(self):
        """The server says nothing to a session that asks nothing, unless it ends it."""
        return not select.select([_socket(self._connection)], [], [], 0)[0]

    def run(self, statements):
        """The rows of the last of them, as texts. All of them are one transaction unless they say otherwise."""
        result = _exec(self._connection, statements.encode())
        try:
            if _result_status(result) not in (COMMAND_OK, TUPLES_OK):
                raise self._fault()
            return [[_value(result, row, field).decode() for field in range(_fields(result))] for row in range(_rows(result))]
        finally:
            _clear(result)

    def close(self):
        _finish(self._connection)
