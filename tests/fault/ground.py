"""ground: the scenarios, and the databases and folders that they start from."""
import gzip
import json
import os
import shutil
import subprocess
import sys
import time

from world import (CALLTALLY, DONE, GEN, PARTLY, PROFILES, SIM, Database,
    Scenario, run)

# What map writes that no report shows.
OVERRIDES = ("SELECT md5(string_agg(concat_ws('|', call_key, assistant_id, campaign_id), E'\\n' "
    "ORDER BY call_key)) FROM calltally.call_event WHERE kind = 'override'")
REJECTS = ("SELECT reason, line, byte_offset, md5(raw) FROM calltally.reject r "
    "JOIN calltally.source s USING (source_id) ORDER BY s.name, line")


class Ground:
    """Makes everything once, below tmp."""

    def __init__(self, tmp):
        self.tmp = tmp
        self.dumps = os.path.join(tmp, "dumps")
        self.sim = self.env = None
        self.databases = []
        self.learned = {}
        subprocess.run([GEN, "--out", self.dumps, "--calls", "120", "--days", "4",
            "--files", "3", "--late", "150", "--repeat", "80", "--envelope", "80",
            "--garbage", "30", "--seed", "7"], stdout=subprocess.DEVNULL, check=True)
        self.lists = os.path.join(tmp, "lists")
        shutil.move(os.path.join(self.dumps, "lists"), self.lists)
        self.first = sorted(os.path.join(self.dumps, f)
            for f in os.listdir(self.dumps) if "2026-03-01" in f)
        self.old = os.path.join(tmp, "old")	# the folder that cases begin with
        os.makedirs(self.old)
        self.add_acme()
        self.empty = self.database()
        self.some = self.load_some()
        self.all = self.load_all()

    def close(self):
        if self.sim:
            self.sim.terminate()
            self.sim.wait()
        for d in self.databases:
            d.drop()

    def database(self, template=None):
        d = Database(template)
        self.databases.append(d)
        return d

    def do(self, db, *argv):
        r = run(list(argv), db.dsn, self.old, preload=None)
        if r.status not in (DONE, PARTLY):
            raise RuntimeError(f"{argv}: {r.status} {r.err}")

    def add_acme(self):
        """Lines of a provider that no profile knows yet, and its profile."""
        with gzip.open(os.path.join(self.dumps, "acme.jsonl.gz"), "wt") as f:
            for i in range(40):
                f.write(json.dumps({"acme": "done", "id": f"a{i % 25}", "n": i}) + "\n")
        self.acme = os.path.join(self.tmp, "acme")
        os.makedirs(self.acme)
        with open(os.path.join(self.acme, "acme.json"), "w", encoding="utf-8") as f:
            json.dump({"provider": "acme", "title": "Acme", "types": ["done"],
                "status": {"done": "completed"}, "shapes": [{"name": "webhook",
                "kind": "webhook", "match": [{"at": "/acme", "is": "text"}],
                "type": "/acme", "call_id": "/id", "status": "/acme",
                "fields": {}}]}, f)
        self.changed = os.path.join(self.tmp, "changed")
        os.makedirs(self.changed)
        with open(os.path.join(PROFILES, "miraiminds.json"), encoding="utf-8") as f:
            p = json.load(f)
        p["status"]["busy"] = "failed"
        p["volatile"] = []
        with open(os.path.join(self.changed, "miraiminds.json"), "w", encoding="utf-8") as f:
            json.dump(p, f)

    def load_some(self):
        """The first day is loaded and published, the folder has its reports."""
        db = self.database(self.empty)
        self.do(db, "ingest", *self.first)
        self.do(db, "export", "--out", "out", "--tz", "Asia/Kolkata")
        self.do(db, "export", "--plain", "--out", "plain")
        shutil.rmtree(os.path.join(self.old, "plain"))
        return db

    def load_all(self):
        db = self.database(self.some)
        self.do(db, "ingest", self.dumps)
        self.do(db, "map", os.path.join(self.lists, "assistants.csv"))
        key = db.ask("SELECT provider || ',' || call_id || ',by-hand' FROM calltally.call "
            "WHERE provider <> 'acme' ORDER BY call_key LIMIT 20")
        self.overrides = os.path.join(self.lists, "overrides.csv")
        with open(self.overrides, "w", encoding="utf-8") as f:
            f.write("provider,call_id,campaign_id\n" + "\n".join(key) + "\n")
        return db

    def start_sim(self):
        """The providers' APIs; the webhooks that they sent lie in the dump."""
        port = os.path.join(self.tmp, "port")
        self.sim = subprocess.Popen([SIM, "--max-seconds", "7200", "--port-file", port,
            "--make", "30", "--seed", "3", "--lose", "40",
            "--dump", os.path.join(self.tmp, "sim.jsonl")], stdout=subprocess.DEVNULL)
        while not (os.path.exists(port) and os.path.getsize(port)):
            time.sleep(0.02)
        with open(port, encoding="ascii") as f:
            url = f"http://127.0.0.1:{f.read().strip()}"
        time.sleep(0.2)
        return {f"CALLTALLY_{p}_URL": url for p in ("MIRAIMINDS", "WHIPPY", "MINIVOICE")}

    def scenarios(self, names):
        wanted = [n for n in SCENARIOS if not names or n in names]
        unknown = set(names) - set(SCENARIOS)
        if unknown:
            sys.exit(f"attack: no such scenario: {', '.join(unknown)}")
        for n in wanted:
            if n not in self.learned:
                self.learned[n] = getattr(self, n)().learn(self.tmp)
        return [self.learned[n] for n in wanted]

    # ---- the scenarios ----

    def init(self):
        return Scenario("init", self.empty, [["init"]])

    def first_load(self):
        return Scenario("first_load", self.empty,
            [["ingest", "--jobs", "2", self.dumps]], whole=REJECTS)

    def load(self):
        return Scenario("load", self.some, [["ingest", "--jobs", "2", self.dumps]],
            whole=REJECTS)

    def batches(self):
        return Scenario("batches", self.some, [["ingest", "--jobs", "2", self.dumps]],
            whole=REJECTS, env={"CALLTALLY_BATCH_LINES": "100"})

    def map(self):
        return Scenario("map", self.all, [["map", self.overrides],
            ["map", os.path.join(self.lists, "campaigns.csv")]], whole=OVERRIDES)

    def export(self):
        return Scenario("export", self.all, [["export", "--out", "out", "--tz",
            "Asia/Kolkata"]], folder=self.old, writes="out")

    def workbook(self):
        return Scenario("workbook", self.all, [["export", "--out", "out", "--xlsx",
            "--html", "--tz", "Asia/Kolkata"]], folder=self.old, writes="out")

    def as_of(self):
        return Scenario("as_of", self.all, [["export", "--out", "then", "--tz",
            "Asia/Kolkata", "--as-of", "2090-01-01"]], folder=self.old, writes="then")

    def replay(self):
        return Scenario("replay", self.all, [["rejects", "replay", "--profiles",
            self.acme]], whole=REJECTS)

    def rejects(self):
        return Scenario("rejects", self.all, [["rejects", "export", "--out",
            "kept/rejects"]], folder=self.with_folder("kept"), writes="kept")

    def refold(self):
        return Scenario("refold", self.all, [["refold", "--profiles", self.changed]],
            whole=REJECTS)

    def verify(self):
        return Scenario("verify", self.all, [["verify", self.dumps], ["status"]])

    def pull(self):
        return self.pulling("pull", [["pull", "--archive", "archive", "--since",
            "2026-01-01", "--rate", "100000"]])

    def night(self):
        return self.pulling("night", [["run", self.dumps, "--archive", "archive",
            "--since", "2026-01-01", "--rate", "100000", "--out", "out"]], writes="out",
            parts=True)

    def with_folder(self, name):
        folder = os.path.join(self.tmp, "with-" + name)
        os.makedirs(os.path.join(folder, name))
        return folder

    def pulling(self, name, commands, **options):
        env = self.env = self.env or self.start_sim()
        db = self.database(self.empty)
        self.do(db, "ingest", os.path.join(self.tmp, "sim.jsonl"))
        return Scenario(name, db, commands, env=env, **options)


SCENARIOS = ["init", "first_load", "load", "batches", "map", "export", "workbook", "as_of",
    "replay", "rejects", "refold", "verify", "pull", "night"]
