"""server: attacks on PostgreSQL and on the way to it.

Cluster is the server behind CALLTALLY_TEST_DSN, which must be this test's
alone: it is killed, started again, and can be made to find its disk full.
Proxy stands between the program and the server and loses what COMMIT leads to.
"""
import os
import re
import signal
import socket
import subprocess
import threading
import time

from world import FAULT_SO, psql

WAIT_S = 30


def until(what, condition):
    """Waits for something that will come."""
    end = time.monotonic() + WAIT_S
    while not condition():
        if time.monotonic() > end:
            raise RuntimeError(f"{what}: not within {WAIT_S} s")
        time.sleep(0.005)


class Cluster:
    def __init__(self):
        self.dsn = os.environ["CALLTALLY_TEST_DSN"]
        self.data, = psql(self.dsn, "SHOW data_directory")
        self.program = os.readlink(f"/proc/{self.pid()}/exe")
        self.owner = os.stat(self.data).st_uid
        self.full = os.path.join(os.path.dirname(self.data), "full")

    def pid(self):
        with open(os.path.join(self.data, "postmaster.pid"), encoding="ascii") as f:
            return int(f.readline())

    def answers(self):
        try:
            return psql(self.dsn, "SELECT 1") == ["1"]
        except RuntimeError:
            return False

    def children(self):
        """The server's processes, whoever is their parent by now."""
        found = []
        for p in filter(str.isdigit, os.listdir("/proc")):
            try:
                if os.readlink(f"/proc/{p}/cwd") == self.data:
                    found.append(int(p))
            except OSError:
                pass
        return found

    def kill(self):
        """The postmaster dies, and its processes when they notice."""
        os.kill(self.pid(), signal.SIGKILL)

    def kill_backends(self, database):
        """Processes of one database die, and the server starts itself anew."""
        for p in psql(self.dsn, "SELECT pid FROM pg_stat_activity "
                f"WHERE datname = '{database}'"):
            os.kill(int(p), signal.SIGKILL)

    def start(self, fault=None):
        """Starts the server after it was killed; with a fault that is on while self.full exists."""
        until("the end of the server's processes",
            lambda: not self.alive())
        env = {"LC_ALL": "C", "PATH": os.environ["PATH"]}
        if fault:
            env.update(LD_PRELOAD=FAULT_SO, FAULT=fault, FAULT_WHILE=self.full)
        root = os.geteuid() == 0
        with open(os.path.join(os.path.dirname(self.data), "log"), "ab") as log:
            subprocess.Popen([self.program, "-D", self.data], env=env, stdout=log,
                stderr=log, stdin=subprocess.DEVNULL, start_new_session=True,
                cwd="/", user=self.owner if root else None,
                extra_groups=[] if root else None)
        until("the server's start", self.answers)

    def alive(self):
        return [p for p in self.children() if not self.is_zombie(p)]

    @staticmethod
    def is_zombie(pid):
        try:
            with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as f:
                return re.search(r"\) Z ", f.read()) is not None
        except OSError:
            return True


class Proxy(threading.Thread):
    """
    Listens on a Unix socket in its folder and passes everything on, but for
    the n-th COMMIT: "unsent", the connection is cut instead of passing it on;
    "unanswered", it is cut when the server has answered.
    """
    COMMIT = b"Q\0\0\0\x0bCOMMIT\0"

    def __init__(self, folder, n, way):
        super().__init__(daemon=True)
        self.way, self.left, self.struck = way, n, False
        where = dict(w.split("=") for w in os.environ["CALLTALLY_TEST_DSN"].split())
        self.server = f"{where['host']}/.s.PGSQL.{where['port']}"
        os.makedirs(folder)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(f"{folder}/.s.PGSQL.{where['port']}")
        self.listener.listen()
        self.start()

    def run(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(self.server)
            cut = threading.Event()	# once the server has answered
            for work in (self.up, self.down):
                threading.Thread(target=work, args=(client, server, cut),
                    daemon=True).start()

    def up(self, client, server, cut):
        """From the program to the server."""
        while data := self.receive(client):
            if self.COMMIT in data:
                self.left -= 1
                if self.left == 0:
                    self.struck = True
                    if self.way == "unsent":
                        break
                    cut.set()
            server.sendall(data)
        self.end(client, server, cut.is_set())

    def down(self, client, server, cut):
        """From the server to the program."""
        while data := self.receive(server):
            if cut.is_set() and b"COMMIT\0" in data:
                break
            try:
                client.sendall(data)
            except OSError:
                break
        self.end(client, server, False)

    @staticmethod
    def receive(s):
        try:
            return s.recv(65536)
        except OSError:
            return b""

    @staticmethod
    def end(client, server, answer_is_awaited):
        if answer_is_awaited:
            return
        for s in (client, server):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.listener.close()
