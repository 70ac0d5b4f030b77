#!/usr/bin/env python3
"""check.py: do two folders of reports say the same?

    check.py WANT GOT

Compares the five rollups cell by cell, and calls.csv but for what fold.sql says a peer may leave
out. Counts, times and texts must be equal; rates, averages and percentiles may differ by one in
their last place, where binary and decimal arithmetic round apart. Prints what differs, exits 1.
"""

import csv
import os
import sys
from decimal import Decimal, InvalidOperation

KEYS = {
    "assistant_daily": ("day", "provider", "assistant_id"),
    "campaign_daily": ("day", "provider", "campaign_id"),
    "assistant_campaign_daily": ("day", "provider", "assistant_id", "campaign_id"),
    "assistant_total": ("provider", "assistant_id"),
    "campaign_total": ("provider", "campaign_id"),
    "calls": ("provider", "call_id"),
}
SLACK = {
    "connect_rate": Decimal("0.0001"), "success_rate": Decimal("0.0001"),
    "credits_per_success": Decimal("0.0001"), "talk_seconds_avg": Decimal("0.001"),
    "talk_seconds_p50": Decimal("0.001"), "talk_seconds_p90": Decimal("0.001"),
}
NUMBERS = {"duration_seconds", "credits_used", "talk_seconds"}
NOT_COMPARED = {"insights", "required_actions"}
TERMINAL = {"completed", "transferred", "no_answer", "busy", "failed", "timeout", "aborted",
            "skipped", "invalid", "rescheduled"}
SHOWN = 5


def read(folder, report):
    with open(os.path.join(folder, report + ".csv"), encoding="utf-8-sig", newline="") as f:
        rows = csv.DictReader(f)
        table = {tuple(row[k] for k in KEYS[report]): row for row in rows}
        return rows.fieldnames, table


def same(column, want, got):
    if want == got:
        return True
    if column not in SLACK and column not in NUMBERS:
        return False
    try:
        return abs(Decimal(want) - Decimal(got)) <= SLACK.get(column, 0)
    except InvalidOperation:
        return False


def differences(report, want_folder, got_folder):
    names, want = read(want_folder, report)
    got_names, got = read(got_folder, report)
    if names != got_names:
        yield f"{report}: other columns: {got_names}"
        return
    for key in want.keys() - got.keys():
        yield f"{report} {key}: missing"
    for key in got.keys() - want.keys():
        yield f"{report} {key}: too much"
    for key in want.keys() & got.keys():
        terminal = want[key].get("outcome") in TERMINAL
        for column in names:
            if column in NOT_COMPARED or column == "status" and not terminal:
                continue
            w, g = want[key][column], got[key][column]
            if not same(column, w, g):
                yield f"{report} {key} {column}: {w!r}, peer {g!r}"


def main():
    want, got = sys.argv[1:3]
    bad = 0
    for report in KEYS:
        found = list(differences(report, want, got))
        bad += len(found)
        for line in found[:SHOWN]:
            print(line, file=sys.stderr)
        if len(found) > SHOWN:
            print(f"{report}: and {len(found) - SHOWN} more", file=sys.stderr)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
