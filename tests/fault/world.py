"""world: what an attack is made on.

Databases are cloned from templates, folders copied from them, and the program
runs with build/fault.so preloaded, whose header tells what a FAULT is. A
scenario is a few commands on prepared ground; its reference is what they lead
to when nothing goes wrong.
"""
import filecmp
import hashlib
import json
import os
import shutil
import subprocess

import pq

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.join(ROOT, os.environ.get("B", "build"))
CALLTALLY = os.environ.get("CALLTALLY", os.path.join(BUILD, "calltally"))
GEN = os.environ.get("GEN", os.path.join(BUILD, "gen"))
SIM = os.environ.get("SIM", os.path.join(BUILD, "provider-sim"))
FAULT_SO = os.path.join(BUILD, "fault.so")
with open(os.path.join(BUILD, "flags"), encoding="ascii") as f:
    SANITIZED = "-fsanitize" in f.read()
PROFILES = os.path.join(ROOT, "lib/call/providers")

DONE, FAILED, PARTLY, AGAIN = 0, 1, 3, 75
# Between them they show every column of a call, names, balances, publications.
REPORTS = "calls,assistant_daily,credits_daily,restatements"
TELL_TIMES = ("manifest.json", "report.html")	# and so are others each time
NOT_OURS = "tmp."	# libxlsxwriter's, whose files lose their names just behind their open
SECONDS_MAX = 60	# no command of an attack takes longer; if so, it hangs

KEYS = {"MIRAIMINDS_PUBLIC_KEY": "pk", "MIRAIMINDS_PRIVATE_KEY": "sk",
    "MIRAIMINDS_WORKSPACE": "ws", "WHIPPY_API_KEY": "wk",
    "MINIVOICE_API_KEY": "mk"}

# Names what is wrong in a database, a row each; none when all is well.
BOOKS = """
SELECT 'books of a source' WHERE EXISTS (SELECT FROM calltally.source
	WHERE lines <> events + duplicates + rejected + ignored)
UNION ALL SELECT 'events and sources' WHERE
	(SELECT count(*) FROM calltally.call_event WHERE kind <> 'override')
	<> (SELECT coalesce(sum(events), 0) FROM calltally.source WHERE first_run
	NOT IN (SELECT run_id FROM calltally.run WHERE command = 'map'))
UNION ALL SELECT 'rejects and sources' WHERE EXISTS (
	SELECT FROM calltally.source s WHERE rejected <> (
	SELECT count(*) FROM calltally.reject r WHERE r.source_id = s.source_id))
UNION ALL SELECT 'runs and sources' WHERE
	(SELECT coalesce(sum(lines), 0) FROM calltally.run WHERE command = 'ingest')
	<> (SELECT coalesce(sum(lines), 0) FROM calltally.source WHERE first_run
	NOT IN (SELECT run_id FROM calltally.run WHERE command = 'map'))
UNION ALL SELECT 'calls and events' WHERE
	(SELECT coalesce(sum(events), 0) FROM calltally.call)
	<> (SELECT count(*) FROM calltally.call_event
	WHERE kind IN ('webhook', 'dispatch'))
UNION ALL SELECT 'calls and their keys' WHERE
	(SELECT count(*) FROM calltally.call) <> (SELECT count(DISTINCT call_key)
	FROM calltally.call_event WHERE kind <> 'override')
UNION ALL SELECT 'balances and events' WHERE
	(SELECT count(*) FROM calltally.credit_balance)
	<> (SELECT count(*) FROM calltally.call_event
	WHERE credits_available_micro IS NOT NULL)
UNION ALL SELECT 'line stored twice' WHERE EXISTS (
	SELECT FROM calltally.call_event WHERE kind <> 'override'
	GROUP BY source_id, line HAVING count(*) > 1)
"""
STALE_RUNS = """
UNION ALL SELECT 'a run that is still running' WHERE
	(SELECT count(*) FROM calltally.run WHERE state = 'running') > 0
UNION ALL SELECT 'a publication that is pending' WHERE
	(SELECT count(*) FROM calltally.publication WHERE state = 'pending') > 0
"""


class Wrong(Exception):
    """A promise that was broken."""


class Database:
    """A database of the server in CALLTALLY_TEST_DSN."""
    admin = None
    made = 0

    def __init__(self, template=None):
        server = os.environ["CALLTALLY_TEST_DSN"]
        Database.admin = Database.admin or pq.Admin(server)
        Database.made += 1
        self.name = f"fault_{os.getpid()}_{Database.made}"
        self.dsn = f"{server} dbname={self.name}"
        Database.admin.do(f"CREATE DATABASE {self.name} TEMPLATE "
            f"{template.name if template else 'template0'}")

    def ask(self, sql):
        return pq.ask(self.dsn, sql)

    def drop(self):
        Database.admin.do(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")


class Run:
    """One command that was run to its end."""

    def __init__(self, argv, dsn, folder, env=None, preload=FAULT_SO, limit=None):
        self.argv = argv
        whole = {k: v for k, v in os.environ.items()
            if not k.startswith(("PG", "CALLTALLY_", "FAULT"))}
        whole.update(KEYS, TMPDIR=folder, ASAN_OPTIONS="verify_asan_link_order=0",
            **(env or {}))
        if preload:
            whole["LD_PRELOAD"] = preload
        if dsn is not None:
            whole["CALLTALLY_DSN"] = dsn
        self.process = subprocess.Popen([CALLTALLY] + argv, cwd=folder, env=whole,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, preexec_fn=limit)

    def wait(self):
        try:
            self.out, self.err = (t.decode(errors="replace")
                for t in self.process.communicate(timeout=SECONDS_MAX))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            raise Wrong(f"{self.argv[0]}: hangs") from None
        self.status = self.process.returncode
        return self


def run(*args, **options):
    return Run(*args, **options).wait()


class Scenario:
    """Commands on prepared ground.

    ground: the Database that each case gets a clone of; folder: files that
    each case gets a copy of (None: none); env: variables; writes: the folder,
    below the case's own, whose files are results as well; whole: what counts
    besides the reports, as SQL; parts: one may fail and the others go on.
    """

    def __init__(self, name, ground, commands, folder=None, env=None,
            writes=None, whole=None, parts=False):
        self.name, self.ground, self.commands = name, ground, commands
        self.folder, self.env, self.writes = folder, env or {}, writes
        self.whole, self.parts = whole, parts

    def learn(self, tmp):
        """
        Runs undisturbed: the references, the statuses, how many calls of each
        kind there are. What is written may be that of a second run: the first
        may have come to its end before it was cut off.
        """
        case = Case(self, os.path.join(tmp, self.name))
        self.statuses, self.counts = [], []
        for command in self.commands:
            count = os.path.join(tmp, self.name + ".count")
            r = case.run(command, {"FAULT_COUNT": count})
            if r.status not in (DONE, PARTLY):
                raise RuntimeError(f"{self.name}: {command}: {r.status} {r.err}")
            self.statuses.append(r.status)
            with open(count, encoding="ascii") as f:
                self.counts.append({k: int(n) for k, n in map(str.split, f)})
        self.references = [case.results(".first")]
        case.books(stale=True)
        case.close()
        if self.writes:
            case = Case(self, os.path.join(tmp, self.name))
            case.again()
            case.again()
            self.references.append(case.results(".second"))
            case.close()
        return self


class Case:
    """One clone of a scenario's ground."""

    def __init__(self, scenario, folder):
        self.s, self.folder = scenario, folder
        shutil.rmtree(folder, ignore_errors=True)
        if scenario.folder:
            shutil.copytree(scenario.folder, folder)
        else:
            os.makedirs(folder)
        self.db = Database(scenario.ground)

    def close(self):
        self.db.drop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, command, env=None, **options):
        return run(command, self.db.dsn, self.folder, {**self.s.env, **(env or {})},
            **options)

    def again(self):
        """All commands once more, undisturbed."""
        runs = []
        for command in self.s.commands:
            r = self.run(command)
            if r.status not in (DONE, PARTLY):
                raise Wrong(f"the next {command[0]} fails: {r.status} {r.err.strip()}")
            runs.append(r)
        return runs

    def results(self, suffix=".results"):
        """A folder of the reports of the database as it is now."""
        out = self.folder + suffix
        shutil.rmtree(out, ignore_errors=True)
        r = run(["export", "--plain", "--out", out, "--report", REPORTS],
            self.db.dsn, self.folder, preload=None)
        if r.status != DONE:
            raise Wrong(f"export: {r.status} {r.err.strip()}")
        os.remove(os.path.join(out, "manifest.json"))	# tells of runs and times
        if self.s.whole:
            with open(os.path.join(out, "whole"), "w", encoding="utf-8") as f:
                f.write("\n".join(self.db.ask(self.s.whole)))
        if self.s.writes:
            shutil.copytree(os.path.join(self.folder, self.s.writes),
                os.path.join(out, "written"),
                ignore=shutil.ignore_patterns(*TELL_TIMES, NOT_OURS + "*", *(
                # What was published when a part had failed, is restated.
                ["restatements.csv"] if self.s.parts else [])))
        return out

    def compare(self):
        """The results are the reference's, to the byte."""
        out = self.results()
        found = [differences(r, out) for r in self.s.references]
        if all(found):
            raise Wrong("other results: " + ", ".join(min(found, key=len)))
        shutil.rmtree(out)

    def books(self, stale=False):
        """Whatever is committed, is whole."""
        if self.db.ask("SELECT to_regclass('calltally.published') IS NOT NULL") != ["t"]:
            return
        wrong = self.db.ask(BOOKS + (STALE_RUNS if stale else ""))
        if wrong:
            raise Wrong("; ".join(wrong))

    def strays(self):
        """No temporary file is left for ever."""
        left = [os.path.join(d, f) for d, _, files in os.walk(self.folder)
            for f in files if ".tmp-" in f or f.startswith("calltally-")]
        if left:
            raise Wrong("left behind: " + ", ".join(sorted(left)))

    def whole_files(self):
        """Each file of the output is wholly the old or wholly a new one."""
        if not self.s.writes:
            return
        now = os.path.join(self.folder, self.s.writes)
        olds = [os.path.join(self.s.folder or "", self.s.writes)] + [
            os.path.join(r, "written") for r in self.s.references]
        for f in os.listdir(now) if os.path.isdir(now) else []:
            if f.startswith((".", NOT_OURS)) or f in TELL_TIMES or self.s.parts:
                continue
            if not any(same_file(os.path.join(now, f), os.path.join(o, f)) for o in olds):
                raise Wrong(f"{f}: is neither the old file nor the new one")
        self.manifest(now, olds[0])

    @staticmethod
    def manifest(now, old):
        """A manifest that is new names the files that lie beside it."""
        path = os.path.join(now, "manifest.json")
        if not os.path.exists(path) or same_file(path, os.path.join(old, "manifest.json")):
            return
        with open(path, encoding="utf-8") as f:
            files = json.load(f)["files"]
        for f in files:
            if sha256(os.path.join(now, f["name"])) != f["sha256"]:
                raise Wrong(f"{f['name']}: is not the one that manifest.json names")


def sha256(path):
    with open(path, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()


def same_file(a, b):
    return os.path.exists(b) and filecmp.cmp(a, b, shallow=False)


def differences(a, b):
    """Names of files below two folders that differ."""
    found = []
    c = filecmp.dircmp(a, b)
    pairs = [("", c)]
    while pairs:
        at, c = pairs.pop()
        found += [os.path.join(at, f) for f in c.left_only + c.right_only]
        _, bad, odd = filecmp.cmpfiles(c.left, c.right, c.common_files, shallow=False)
        found += [os.path.join(at, f) for f in bad + odd]
        pairs += [(os.path.join(at, d), sub) for d, sub in c.subdirs.items()]
    return sorted(found)
