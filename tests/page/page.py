"""page.py: what a report.html holds, for tests.

	page.py data FILE EXPRESSION     prints it; d is the page's data
	page.py sound FILE               the page needs nothing else, and its policy fits it
	page.py compare FILE FOLDER      its numbers are those of the CSV files there (--plain)
	page.py before FILE FOLDER       the window before is the one of these files

The last three print what is wrong, and nothing when all is well.
"""
import base64
import csv
import hashlib
import html.parser
import json
import re
import sys
from collections import defaultdict
from decimal import Decimal

OUTCOMES = """queued in_progress ended completed transferred voicemail no_answer busy failed
	timeout aborted skipped invalid rescheduled other""".split()
SENTIMENTS = ["sentiment_" + s for s in "positive neutral negative unknown".split()]
COUNTS = ["calls", *OUTCOMES, "attempted", "connected", "analyzed", "succeeded", "not_succeeded",
          *SENTIMENTS, "reattempts", "reschedules"]


class Page(html.parser.HTMLParser):
    """The elements as a browser sees them."""

    def __init__(self, path):
        super().__init__()
        self.tags, self.attributes, self.elements = [], [], []
        with open(path, encoding="utf-8", newline="") as f:
            self.text = f.read()
        self.feed(self.text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag in ("script", "style"):
            self.elements.append((tag, dict(attrs), ""))

    def handle_data(self, data):
        if self.lasttag in ("script", "style") and self.cdata_elem:
            tag, attrs, text = self.elements[-1]
            self.elements[-1] = (tag, attrs, text + data)

    def json(self):
        """The data's text, up to whatever a browser might take for its end."""
        return re.search(r'<script type="application/json" id="data">(.*?)</script', self.text, re.S | re.I)[1]

    def data(self):
        return json.loads(self.json(), parse_float=Decimal)


def rows(section):
    return [dict(zip(section["columns"], r)) for r in section["rows"]]


def read(folder, name):
    with open(f"{folder}/{name}.csv", encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))


def number(text):
    return Decimal(text) if text else None


def total(group, column):
    return sum(number(r[column]) or 0 for r in group)


def grouped(table, *keys):
    groups = defaultdict(list)
    for r in table:
        groups[tuple(r[k] for k in keys)].append(r)
    return groups


class Check:
    def __init__(self):
        self.wrong = []

    def same(self, what, got, want):
        if got != want:
            self.wrong.append(f"{what}: {got!r}, not {want!r}")

    def sums(self, what, section, table, keys, columns):
        """Each row of the section has the sums of the table's rows with the same keys."""
        groups = grouped(table, *keys)
        got = {tuple(r[k] or "" if r[k] is None else str(r[k]) for k in keys): r for r in rows(section)}
        self.same(what + ", rows", sorted(got), sorted(groups))
        for key in got.keys() & groups.keys():
            for c in columns:
                self.same(f"{what} {key} {c}", got[key][c] or 0, total(groups[key], c))

    def cells(self, what, section, table):
        """The section is the table, in another order."""
        def cell(v):
            return "" if v is None else v if isinstance(v, str) else Decimal(v)
        number_columns = {c for r in rows(section) for c, v in r.items() if isinstance(v, (int, Decimal))}
        got = sorted(str([cell(v) for v in r.values()]) for r in rows(section))
        want = sorted(str([number(v) if c in number_columns and v else v for c, v in r.items()])
                      for r in table)
        self.same(what, got, want)


def compare(d, folder, check):
    assistants, campaigns = read(folder, "assistant_total"), read(folder, "campaign_total")
    daily, pairs = read(folder, "assistant_daily"), read(folder, "assistant_campaign_daily")
    check.sums("totals", d["totals"], assistants, ["provider"],
               ["calls", "attempted", "connected", "analyzed", "succeeded", "not_succeeded",
                "talk_seconds", "credits_used", "reattempts", "reschedules"])
    check.sums("days", d["days"], daily, ["day", "provider"],
               [c for c in COUNTS if c not in ("analyzed", "reattempts", "reschedules")] + ["talk_seconds"])
    check.cells("assistants", d["assistants"], assistants)
    check.cells("campaigns", d["campaigns"], campaigns)
    check.sums("pairs", d["pairs"], pairs, ["provider", "assistant_id", "campaign_id"],
               [*COUNTS, "talk_seconds", "credits_used"])
    hourly = read(folder, "hourly")
    check.sums("hours", d["hours"], hourly, ["provider", "weekday", "hour"], ["calls", "connected"])
    check.same("hours, attempted", sum(r["attempted"] for r in rows(d["hours"])), total(assistants, "attempted"))
    check.sums("attempts", d["attempts"], read(folder, "attempts"), ["provider", "reattempts"],
               ["calls", "connected", "succeeded"])
    check.cells("credits", d["credits"], [r for r in read(folder, "credits_daily") if r["credits_unit"]])
    insights(d, read(folder, "insights"), check)
    check.same("restated", [[v or "" for v in r] for r in d["restated"]["rows"]],
               [list(r.values()) for r in read(folder, "restatements")])


def insights(d, table, check):
    stated, valued = grouped(table, "provider", "insight"), grouped(table, "provider", "insight", "value")
    check.same("insights", {(r["provider"], r["insight"]) for r in rows(d["insights"])}, set(stated))
    for r in rows(d["insights"]):
        key = r["provider"], r["insight"]
        check.same(f"insight {key}, calls", r["stated"], total(stated[key], "calls"))
        check.same(f"insight {key}, values", r["values"], len({v["value"] for v in stated[key]}))
        check.same(f"insight {key} {r['value']}", r["calls"], total(valued[(*key, r["value"] or "")], "calls"))


def sha256(text):
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def sound(page, check):
    """One file, and a policy that lets in its own scripts and style only."""
    [policy] = [v for tag, name, v in page.attributes if tag == "meta" and name == "content" and "default-src" in v]
    parts = {p.split()[0]: p.split()[1:] for p in policy.split(";")}
    scripts = [t for tag, a, t in page.elements if tag == "script" and "type" not in a]
    styles = [t for tag, a, t in page.elements if tag == "style"]
    check.same("policy", parts, {
        "default-src": ["'none'"], "script-src": [sha256(s) for s in scripts],
        "style-src": [sha256(s) for s in styles], "img-src": ["data:"],
        "base-uri": ["'none'"], "form-action": ["'none'"]})
    check.same("what could be markup in the data", re.findall("[<>&\u2028\u2029]", page.json()), [])
    check.same("scripts", [len(scripts), page.tags.count("script")], [2, 3])
    for tag, name, value in page.attributes:
        if name in ("src", "srcset", "style", "action", "ping") or name.startswith("on"):
            check.wrong.append(f"<{tag} {name}={value!r}>")
        if name == "href" and not value.startswith("#") and value != "data:,":
            check.wrong.append(f"<{tag} href={value!r}>")
    for text in styles + scripts[1:]:
        for bad in re.findall(r"url\(|@import|https?://(?!www\.w3\.org/)|innerHTML|outerHTML|insertAdjacentHTML|"
                              r"document\.write|\beval\(|new Function|srcdoc", text):
            check.wrong.append(bad)
    check.same("the licence of Chart.js", "Released under the MIT License" in scripts[0], True)


def main(command, path, *args):
    page, check = Page(path), Check()
    if command == "data":
        v = eval(args[0], {"d": page.data(), "rows": rows})
        print(v if isinstance(v, str) else json.dumps(v, default=str, sort_keys=True))
    elif command == "sound":
        sound(page, check)
    elif command == "compare":
        compare(page.data(), args[0], check)
    elif command == "before":
        check.sums("before", page.data()["before"]["totals"], read(args[0], "assistant_total"), ["provider"],
                   ["calls", "attempted", "connected", "succeeded", "not_succeeded", "talk_seconds", "credits_used"])
    for line in check.wrong[:20]:
        print(line[:400])
    return bool(check.wrong)


sys.exit(main(*sys.argv[1:]))
