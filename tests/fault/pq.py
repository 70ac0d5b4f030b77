"""pq: PostgreSQL through libpq itself, as a psql for each question takes longer than what is asked."""
import ctypes
import threading

TUPLES, COMMAND = 2, 1	# PGRES_TUPLES_OK, PGRES_COMMAND_OK

libpq = ctypes.CDLL("libpq.so.5")
for name, result, arguments in (
        ("PQconnectdb", "p", "s"), ("PQstatus", "i", "p"), ("PQerrorMessage", "s", "p"),
        ("PQexec", "p", "ps"), ("PQresultStatus", "i", "p"), ("PQntuples", "i", "p"),
        ("PQnfields", "i", "p"), ("PQgetvalue", "s", "pii"), ("PQclear", None, "p"),
        ("PQfinish", None, "p"), ("PQsetNoticeProcessor", "p", "ppp")):
    c_type = {"p": ctypes.c_void_p, "s": ctypes.c_char_p, "i": ctypes.c_int, None: None}
    f = getattr(libpq, name)
    f.restype, f.argtypes = c_type[result], [c_type[a] for a in arguments]

say_nothing = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_char_p)(lambda *_: None)


class Connection:
    """For one thread at a time."""

    def __init__(self, dsn):
        self.conn = libpq.PQconnectdb(dsn.encode())
        if libpq.PQstatus(self.conn) != 0:
            raise RuntimeError(self.error())
        libpq.PQsetNoticeProcessor(self.conn, say_nothing, None)

    def error(self):
        return libpq.PQerrorMessage(self.conn).decode(errors="replace").strip()

    def ask(self, sql):
        """The rows of one statement as lines of text, fields apart by bars."""
        r = libpq.PQexec(self.conn, sql.encode())
        try:
            if libpq.PQresultStatus(r) not in (TUPLES, COMMAND):
                raise RuntimeError(f"{sql}: {self.error()}")
            fields = range(libpq.PQnfields(r))
            return ["|".join(libpq.PQgetvalue(r, i, k).decode() for k in fields)
                for i in range(libpq.PQntuples(r))]
        finally:
            libpq.PQclear(r)

    def close(self):
        libpq.PQfinish(self.conn)


def ask(dsn, sql):
    """One statement on a connection of its own."""
    c = Connection(dsn)
    try:
        return c.ask(sql)
    finally:
        c.close()


class Admin:
    """A connection that stays, for making and dropping databases; for any thread."""

    def __init__(self, dsn):
        self.lock = threading.Lock()
        self.dsn, self.conn = dsn, None

    def do(self, sql):
        with self.lock:
            try:
                self.conn = self.conn or Connection(self.dsn)
                return self.conn.ask(sql)
            except RuntimeError:	# the server may have been killed since
                self.conn = Connection(self.dsn)
                return self.conn.ask(sql)
