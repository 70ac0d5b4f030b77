#!/usr/bin/env python3
"""Whole dumps and a PostgreSQL: any order, any number of times, any cut.

usage: dumps.py [--cases N | --seconds T] SEED

A seed makes a case: dumps of the generator, loaded straight into one schema;
and the same lines shuffled, repeated, cut into other files, plain or in gzip
members of any size, some of them truncated or still growing when they are
read first, renamed, compressed or unpacked later, loaded in several runs by
other numbers of threads, in batches down to a line, into another. Both must export the same bytes and the
books must tell what was read. Copies of the dumps must be told of alike whether
their passages are known or not. Speaks TAP; a failed case says its seed.

Needs CALLTALLY, GEN and CALLTALLY_DSN (an empty database).
"""
import argparse
import collections
import gzip
import io
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

CALLTALLY = os.environ["CALLTALLY"]
GEN = os.environ["GEN"]
DSN = os.environ["CALLTALLY_DSN"]

HANGS_SECONDS = 300     # far beyond what the slowest machine needs


class Broken(Exception):
    pass


def must(holds, *what):
    if not holds:
        raise Broken(" ".join(str(w) for w in what))


def sql(query):
    """The rows of a query, as lists of text."""
    out = subprocess.run(
        ["psql", "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", DSN, "-c", query],
        check=True, capture_output=True, text=True,
        env=dict(os.environ, PGOPTIONS="-c client_min_messages=warning")).stdout
    return [line.split("|") for line in out.splitlines()]


def calltally(*args, want=(0, 3)):
    try:
        done = subprocess.run([CALLTALLY, *args], capture_output=True, text=True,
                              timeout=HANGS_SECONDS)
    except subprocess.TimeoutExpired:
        raise Broken(f"{args} does not end") from None
    must(done.returncode in want, args, "exit", done.returncode, done.stderr)
    return done


def ingest(rng, *paths, batch_lines=None):
    """One run, with any number of threads, any memory."""
    options = ["--json", "--jobs", str(rng.randint(1, 4))]
    if rng.random() < 0.5:
        options += ["--memory", rng.choice(["16M", "24M", "64M"])]
    os.environ.pop("CALLTALLY_BATCH_LINES", None)
    if batch_lines is None and rng.random() < 0.6:
        batch_lines = rng.choice([1, 1, 2, 7, 40])
    if batch_lines is not None:
        os.environ["CALLTALLY_BATCH_LINES"] = str(batch_lines)
    done = calltally("ingest", *options, *paths)
    told = json.loads(done.stdout)
    must(told["lines"] == told["events"] + told["duplicates"]
         + told["rejected"] + told["ignored"], "the run's books:", told)
    unfinished = told["rejected"] + told["files_unfinished"] > 0
    must(done.returncode == (3 if unfinished else 0), "exit", done.returncode, told)
    return told


def forget():
    sql("DROP SCHEMA IF EXISTS calltally CASCADE")


def export(folder):
    calltally("export", "--plain", "--out", folder, want=(0,))
    texts = {}
    for name in sorted(os.listdir(folder)):
        if name.endswith(".csv") and name != "restatements.csv":
            with open(os.path.join(folder, name), "rb") as f:
                texts[name] = f.read()
    return texts


def books():
    """What must hold of the ledger whatever came."""
    (row,) = sql("""SELECT count(*) FILTER (WHERE
            lines <> events + duplicates + rejected + ignored),
        coalesce(sum(events), 0), coalesce(sum(rejected), 0),
        (SELECT count(*) FROM calltally.call_event WHERE kind <> 'override'),
        (SELECT count(*) FROM calltally.reject)
        FROM calltally.source""")
    unbalanced, events, rejected, stored, kept = map(int, row)
    must(unbalanced == 0, "a source does not balance")
    must(events == stored, "ledger:", events, "events, stored:", stored)
    must(rejected == kept, "ledger:", rejected, "rejects, kept:", kept)
    return events


# ---- the dumps, straight ----

def generate(rng, folder):
    args = [GEN, "--out", folder, "--plain", "--truth", "--calls",
            str(rng.choice([3, 10, 30, 80, 200])), "--days", str(rng.randint(1, 9)),
            "--seed", str(rng.randrange(1 << 31))]
    for option in ["late", "repeat", "respace", "envelope", "garbage"]:
        if rng.random() < 0.7:
            args += ["--" + option, str(rng.choice([20, 100, 300]))]
    subprocess.run(args, check=True, stdout=subprocess.DEVNULL)
    with open(os.path.join(folder, "truth", "counts.json")) as f:
        return json.load(f)


def read_lines(folder):
    """The lines of all dumps, without their ends; what is no line is left out."""
    lines = []
    for name in sorted(os.listdir(folder)):
        if not name.endswith(".jsonl"):
            continue
        with open(os.path.join(folder, name), "rb") as f:
            text = f.read().removeprefix(b"\xef\xbb\xbf")
        some = text.split(b"\n")
        lines += some[:-1] if some[-1] == b"" else some
    return lines


def straight(rng, folder, out, truth):
    forget()
    told = ingest(rng, folder)
    for what in ["lines", "events", "duplicates", "rejected", "ignored", "calls"]:
        must(told[what] == truth[what], what, told[what], "generated", truth[what])
    must(books() == truth["events"], "events of the books")
    return export(out)


# ---- the same files under other names ----

def drift_lines():
    return {tuple(row[:4]): int(row[4]) for row in
            sql("SELECT provider, shape, kind, name, lines FROM calltally.drift")}


def copy(rng, dumps, folder, batch_lines):
    """Loads a copy of the dumps; what there was to tell of it."""
    shutil.copytree(dumps, folder)
    before = drift_lines()
    told = ingest(rng, folder, batch_lines=batch_lines)
    books()
    for what in ["run_id", "seconds", "drift_new", "drift_left_out"]:
        told.pop(what)
    rows = sql(f"""SELECT replace(name, '{folder}', ''), s.lines, s.events, duplicates,
            rejected, ignored, line, byte_offset, reason, md5(message), md5(raw)
        FROM calltally.source s LEFT JOIN calltally.reject USING (source_id)
        WHERE starts_with(name, '{folder}/') ORDER BY 1, 7""")
    after = drift_lines()
    return told, rows, {k: n - before.get(k, 0) for k, n in after.items()
                        if n != before.get(k, 0)}


def copies(rng, dumps, tmp):
    """The first remembers passages, the second knows them, for the third they are gone."""
    batch_lines = rng.choice([64, 100, 200, 512])
    copy(rng, dumps, os.path.join(tmp, "first"), batch_lines)
    known = copy(rng, dumps, os.path.join(tmp, "known"), batch_lines)
    sql("DELETE FROM calltally.passage")
    decoded = copy(rng, dumps, os.path.join(tmp, "decoded"), batch_lines)
    must(known == decoded, "known:", known, "decoded:", decoded)
    must(known[0]["events"] == 0, "new events in copies:", known[0])


# ---- the same lines, otherwise ----

def members(rng, text):
    """text as gzip members of any size."""
    out = io.BytesIO()
    while True:
        n = len(text) if rng.random() < 0.5 else rng.randint(0, len(text))
        with gzip.GzipFile(fileobj=out, mode="wb", mtime=0,
                           compresslevel=rng.randint(0, 9)) as f:
            f.write(text[:n])
        text = text[n:]
        if not text:
            return out.getvalue()


def looks_whole(text):
    """
    Whether the start of a line at the end of a text would be taken for a line:
    a blank, or JSON ("12" of "123").
    """
    start = text[text.rfind(b"\n") + 1:]
    try:
        json.loads(start)
        return not start.endswith((b"}", b"\r"))
    except ValueError:
        return start != b"" and start.strip() == b""


class Dump:
    """A file on its way: what is on disk, and the whole that it will be."""

    def __init__(self, rng, folder, number, lines):
        self.rng = rng
        self.folder = folder
        end = rng.choice([b"\n", b"\n", b"\n", b"\r\n"])
        self.lines = len(lines)
        self.text = end.join(lines) + (end if rng.random() < 0.8 or not lines[-1]
                                       else b"")
        if rng.random() < 0.1:
            self.text = b"\xef\xbb\xbf" + self.text
        self.packed = rng.random() < 0.6
        self.bytes = members(rng, self.text) if self.packed else self.text
        self.name = "part-%03d.jsonl%s" % (number, ".gz" if self.packed else "")
        self.whole = False
        self.former = []        # names under which a part of it was read

    def path(self):
        return os.path.join(self.folder, self.name)

    def write(self, n):
        with open(self.path(), "wb") as f:
            f.write(self.bytes[:n])
        self.whole = n == len(self.bytes)

    def grow(self):
        """A part of it, or more of it than there was."""
        had = os.path.getsize(self.path()) if os.path.exists(self.path()) else 0
        at = self.rng.randint(had, len(self.bytes))
        while not self.packed and at > had and looks_whole(self.bytes[:at]):
            at -= 1
        self.write(at)

    def complete(self):
        """All of it, perhaps under another name, perhaps compressed anew."""
        old = self.path()
        how = self.rng.random()
        if os.path.exists(old) and how < 0.4:
            self.former.append(self.name)
            os.remove(old)
        if self.former and how < 0.25:
            self.name = "moved-" + self.name
        elif self.former:
            self.packed = not self.packed
            self.bytes = members(self.rng, self.text) if self.packed else self.text
            self.name = self.name.removesuffix(".gz") + (".gz" if self.packed else "")
        self.write(len(self.bytes))


def cut(rng, folder, lines):
    """The lines in any order, some again, as dumps that are not there yet."""
    lines = lines + rng.choices(lines, k=rng.randint(0, len(lines) // 2))
    rng.shuffle(lines)
    dumps = []
    while lines:
        n = rng.randint(1, max(1, len(lines) // rng.randint(1, 5)))
        dumps.append(Dump(rng, folder, len(dumps), lines[:n]))
        lines = lines[n:]
    return dumps


def some_paths(rng, folder, dumps):
    """The folder, or some files in any order, some of them twice."""
    there = [d.path() for d in dumps if os.path.exists(d.path())]
    if not there or rng.random() < 0.5:
        return [folder]
    return rng.choices(there, k=rng.randint(1, len(there)))


def otherwise(rng, folder, lines, out):
    forget()
    os.mkdir(folder)
    dumps = cut(rng, folder, lines)
    for _ in range(rng.randint(0, 4)):
        for dump in rng.sample(dumps, rng.randint(0, len(dumps))):
            if not dump.whole:
                rng.choice([dump.grow, dump.grow, dump.complete])()
        ingest(rng, *some_paths(rng, folder, dumps))
        books()
    for dump in dumps:
        if not dump.whole:
            dump.complete()
    ingest(rng, folder)
    told = ingest(rng, folder)
    must(told["lines"] == 0 and told["files_unchanged"] == len(dumps),
         "read again:", told)
    check_ledger(dumps)
    return export(out)


def check_ledger(dumps):
    """
    Every dump is one finished source with all its lines. Where it was read in
    part under another name and that part looked whole, there is one for that.
    """
    found = collections.defaultdict(list)
    for name, lines, finished in sql(
            "SELECT name, lines, finished FROM calltally.source"):
        found[os.path.basename(name)].append((int(lines), finished))
    for dump in dumps:
        must(found.pop(dump.name, None) == [(dump.lines, "t")],
             dump.name, "has", dump.lines, "lines; the ledger:", dict(found))
        for name in dump.former:
            found.pop(name, None)
    must(not found, "sources of no file:", dict(found))


def compare(want, got):
    must(sorted(want) == sorted(got), "other reports")
    for name in want:
        if want[name] != got[name]:
            a, b = want[name].splitlines(), got[name].splitlines()
            for i, line in enumerate(a):
                must(i < len(b) and b[i] == line, name, "line", i + 1, "wanted",
                     line, "got", b[i] if i < len(b) else "nothing")
            raise Broken(name + ": more lines")


def one_line_a_run(rng, lines, out):
    """A run for each of a few lines."""
    forget()
    rng.shuffle(lines)
    for line in lines:
        done = subprocess.run(
            [CALLTALLY, "ingest", "--json", "-"], input=line + b"\n",
            capture_output=True)
        must(done.returncode in (0, 3), "exit", done.returncode, done.stderr)
    books()
    return export(out)


def try_case(seed):
    rng = random.Random(seed)
    tmp = tempfile.mkdtemp(prefix="calltally-property-")
    try:
        dumps = os.path.join(tmp, "dumps")
        truth = generate(rng, dumps)
        want = straight(rng, dumps, os.path.join(tmp, "straight"), truth)
        lines = read_lines(dumps)
        copies(rng, dumps, tmp)
        compare(want, export(os.path.join(tmp, "copies")))
        compare(want, otherwise(rng, os.path.join(tmp, "cut"), lines,
                                os.path.join(tmp, "otherwise")))
        books()
        if len(lines) <= 40:
            compare(want, one_line_a_run(rng, lines, os.path.join(tmp, "single")))
    finally:
        shutil.rmtree(tmp)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=1)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("seed", type=int)
    options = parser.parse_args()
    end = time.monotonic() + (options.seconds or 0)
    cases = 0
    while cases == 0 or (time.monotonic() < end if options.seconds
                         else cases < options.cases):
        seed = options.seed + cases
        cases += 1
        try:
            try_case(seed)
        except Broken as why:
            print(f"1..1\nnot ok 1 - dumps in any order, cut and repeated: "
                  f"{cases} cases\n# seed {seed}: {why}\n"
                  f"# again: tests/property/run {seed}")
            sys.exit(1)
    print(f"1..1\nok 1 - dumps in any order, cut and repeated, give the same "
          f"CSV, and the books tell of each line: {cases} cases")


if __name__ == "__main__":
    main()
