"""server: attacks on PostgreSQL and on the way to it.

Cluster is the server behind CALLTALLY_TEST_DSN, which must be this test's
alone: it is killed, started again, and can be made to find its disk full.
Proxy stands between the program and the server and loses what COMMIT leads to.
"""
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

import families
import pq
from world import FAULT_SO, Run, run

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
        self.data, = pq.ask(self.dsn, "SHOW data_directory")
        self.program = os.readlink(f"/proc/{self.pid()}/exe")
        self.owner = os.stat(self.data).st_uid
        self.fault = None
        folder = os.path.dirname(self.data)
        self.log = os.path.join(folder, "log")
        self.full = os.path.join(folder, "full")	# while it exists, so is the disk
        self.preload = shutil.copy(FAULT_SO, folder)	# where its owner can read it

    def pid(self):
        with open(os.path.join(self.data, "postmaster.pid"), encoding="ascii") as f:
            return int(f.readline())

    def answers(self):
        try:
            return pq.ask(self.dsn, "SELECT 1") == ["1"]
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
        """
        Processes of one database die, and the server starts itself anew;
        waits until it has noticed, that is, until no process of before is left.
        """
        before = set(self.alive()) - {self.pid()}
        killed = [int(p) for p in pq.ask(self.dsn, "SELECT pid FROM pg_stat_activity "
            f"WHERE datname = '{database}'")]
        for p in killed:
            os.kill(p, signal.SIGKILL)
        if killed:
            until("the end of a crashed server", lambda: not before & set(self.alive()))

    def start(self):
        """Starts the server after it was killed."""
        until("the end of the server's processes", lambda: not self.alive())
        self.remove_locks()
        env = {"LC_ALL": "C", "PATH": os.environ["PATH"]}
        if self.fault:
            env.update(LD_PRELOAD=self.preload, FAULT=self.fault, FAULT_WHILE=self.full)
        root = os.geteuid() == 0
        with open(self.log, "ab") as log:
            subprocess.Popen([self.program, "-D", self.data], env=env, stdout=log,
                stderr=log, stdin=subprocess.DEVNULL, start_new_session=True,
                cwd="/", user=self.owner if root else None,
                extra_groups=[] if root else None)
        until("the server's start", self.answers)

    def remove_locks(self):
        """A dead process that nobody has waited for would keep PostgreSQL from starting."""
        folder = os.path.dirname(self.data)
        for f in [os.path.join(self.data, "postmaster.pid")] + [
                os.path.join(folder, f) for f in os.listdir(folder) if f.endswith(".lock")]:
            if os.path.exists(f):
                os.remove(f)

    def restart(self, fault):
        """Makes sure that the server runs with this fault."""
        if self.fault != fault:
            self.fault = fault
            self.kill()
            self.start()

    def fill(self):
        with open(self.full, "w", encoding="ascii"):
            pass

    def empty(self):
        """There is room again; the server may have given up meanwhile."""
        if os.path.exists(self.full):	# the point may not have been met
            os.remove(self.full)
        if not self.alive():
            self.start()
        until("the server", self.answers)

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


# ---- the families ----

VICTIMS = ("backend", "postmaster")
HOLD = {"begin": ["hold"], "copy": ["hold-after"], "copied": ["hold", "hold-after"],
    "commit": ["hold", "hold-after"], "recv": ["hold"]}
WRITERS = ("init", "first_load", "load", "batches", "map", "export", "replay",
    "refold", "pull", "night")
cluster = None	# made by the first case that needs it


def the_cluster():
    global cluster
    cluster = cluster or Cluster()
    return cluster


def held_run(case, command, fault, work, argv=None):
    """Runs up to a point, does the work there, and lets it run to its end."""
    for c in case.s.commands[:command]:
        case.run(c)
    hold = case.folder + ".hold"
    r = Run(argv or case.s.commands[command], case.db.dsn, case.folder,
        {**case.s.env, "FAULT": fault, "FAULT_HOLD": hold})
    until(fault, lambda: os.path.exists(hold) or r.process.poll() is not None)
    held = os.path.exists(hold)
    if held:
        work()
        os.remove(hold)
    return r, held


def server_points(scenario):
    if scenario.name not in WRITERS:
        return []
    ends = [(len(scenario.commands) - 1, "end!postmaster")]
    return ends + [(c, f"{f}!{v}") for c, f in families.points(scenario, HOLD, 12)
        for v in VICTIMS]


def server(case, command, fault, _random):
    c = the_cluster()
    point, victim = fault.split("!")
    if point == "end":
        return durable(case, c)
    r, held = held_run(case, command, point, c.kill if victim == "postmaster"
        else lambda: c.kill_backends(case.db.name))
    if held and victim == "postmaster":
        c.start()
    until("the server", c.answers)
    r.wait()
    families.judge(case, command, r)
    return held


def durable(case, c):
    """What a command called done is there when the server dies at once."""
    for command in case.s.commands:
        case.run(command)
    c.kill()
    c.start()
    case.books(stale=True)
    case.compare()
    return True


def answer_points(scenario):
    return [(c, f"commit:{n}:{way}") for c, counts in enumerate(scenario.counts)
        for n in range(1, counts["commit"] + 1) for way in ("unsent", "unanswered")]


def answer(case, command, fault, _random):
    _, n, way = fault.split(":")
    folder = tempfile.mkdtemp(prefix="calltally-")	# a socket's path must be short
    proxy = Proxy(folder, int(n), way)
    for c in case.s.commands[:command]:
        case.run(c)
    r = run(case.s.commands[command], re.sub(r"host=\S+", f"host={folder}", case.db.dsn),
        case.folder, case.s.env)
    proxy.close()
    shutil.rmtree(folder)
    families.judge(case, command, r)
    return proxy.struck


def full_points(scenario):
    if scenario.name not in WRITERS:
        return []
    return [(c, f"{f}!{where}") for c, f in families.points(scenario,
        {"connect": ["hold"], "begin": ["hold"], "copied": ["hold"], "commit": ["hold"]}, 3)
        for where in ("base", "pg_wal")]


def full(case, command, fault, _random):
    c = the_cluster()
    point, where = fault.split("!")
    c.restart(f"write@/{where}/:1+:ENOSPC")
    r, _ = held_run(case, command, point, c.fill,
        families.impatient(case.s.commands[command]))
    try:
        r.wait()
    finally:
        c.empty()
    return families.judge(case, command, r)


FAMILIES = {"server": (server, server_points), "answer": (answer, answer_points),
    "full": (full, full_points)}
