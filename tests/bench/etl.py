#!/usr/bin/env python3
"""etl.py: calltally's main job as a good engineer writes it in Python in a day or two.

    etl.py --dsn CONNINFO --out DIR [--jobs N] FILE...

gzip and json; rows of a batch as CSV in memory, COPY into a temporary table (no WAL), INSERT ...
ON CONFLICT DO NOTHING into the events, which is where repeats fall out; then one set-based fold of
the touched calls with an upsert (fold.sql), and the reports by COPY (rollup.sql). One transaction
for each batch. With --jobs above 1 so many processes read and decode, one file each, while this one
loads.

What it leaves out, to its gain: white space is not folded and envelopes are not removed before the
hash; no rejects (a bad line ends it), no books, no ledger, no resumption; every number is taken to
be sane; no archived details, no overrides; what fold.sql leaves out.
"""

import argparse
import csv
import datetime
import gzip
import hashlib
import io
import json
import multiprocessing
import os
import re

import psycopg2

HERE = os.path.dirname(os.path.abspath(__file__))
BATCH_ROWS = 50_000
REPORTS = ("assistant_daily", "campaign_daily", "assistant_campaign_daily", "assistant_total",
           "campaign_total", "calls")
COLUMNS = """provider, call_id, hash, kind, event_time, stage, rank, outcome, status, assistant_id,
    campaign_id, workspace, direction, from_number, to_number, started_at, ended_at, duration_ms,
    voicemail, success, sentiment, credits_used_micro, reattempts, reschedules, recording_url,
    detail_url, required_actions, insights, summary"""

RANK = {"other": 0, "queued": 1, "in_progress": 2, "ended": 3, "completed": 4, "transferred": 5,
        "no_answer": 5, "busy": 5, "failed": 5, "timeout": 5, "aborted": 5, "skipped": 5,
        "invalid": 5, "rescheduled": 5}
SENTIMENTS = {"positive": "positive", "neutral": "neutral", "negative": "negative"}
BOOLEANS = {True: "t", False: "f", "true": "t", "false": "f"}
REFUSED = re.compile("[\x00\ud800-\udfff]")    # by PostgreSQL, in text
REQUEST_ID = re.compile(rb'"request_id":"[^"]*",?')
NOTHING = {}

MIRAIMINDS_STATUS = {
    "initiate": "queued", "in-progress": "in_progress", "ended": "ended", "completed": "completed",
    "timeout": "timeout", "failed": "failed", "validation-failed": "invalid", "busy": "busy",
    "no-answer": "no_answer", "skip": "skipped", "rescheduled": "rescheduled",
    "aborted": "aborted"}
MIRAIMINDS_STAGE = {"call.initiate": 0, "call.in-progress": 1, "call.ended": 2, "end-of-call": 4,
                    "call.lifecycle-ended": 5, "action": 6}
WHIPPY_STATUS = {
    "call_in_progress": "in_progress", "call_completed.call_transfer": "transferred",
    "call_completed.dial_no_answer": "no_answer", "call_completed.dial_busy": "busy",
    "call_completed.dial_failed": "failed"}
WHIPPY_STAGE = {"call.started": 0, "call.ended": 1, "call.analyzed": 2}
MINIVOICE_STATUS = {
    "created": "queued", "queued": "queued", "initiated": "queued", "dialing": "queued",
    "ringing": "queued", "answered": "in_progress", "in_progress": "in_progress",
    "in-progress": "in_progress", "completed": "completed", "failed": "failed", "busy": "busy",
    "no_answer": "no_answer", "no-answer": "no_answer", "canceled": "aborted"}
MINIVOICE_STAGE = {"call.created": 0, "call.answered": 1, "call.gathered": 2,
                   "recording.started": 3, "call.failed": 4, "call.completed": 4,
                   "recording.completed": 5}


# ---- values ----

def as_time(value):
    """PostgreSQL reads ISO times by itself; only epoch numbers need a hand."""
    if not value or isinstance(value, str):
        return value if value and value >= "2000" else None    # 0001-01-01 is no time
    seconds = value / 1000 if value >= 1e11 else value
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).isoformat()


def scaled(value, scale):
    return None if value is None or value == "" else round(float(value) * scale)


def as_sentiment(value):
    return SENTIMENTS.get(value.lower(), "unknown") if value else None


def as_json(value):
    return json.dumps(value, ensure_ascii=False) if value else None


def choose(statuses, mapping):
    """The first status that maps to a terminal outcome, else the highest rank."""
    best = None, None, None
    for status in statuses:
        if status:
            outcome = mapping.get(status, "other")
            rank = RANK[outcome]
            if rank >= 4:
                return outcome, rank, status
            if best[1] is None or rank > best[1]:
                best = outcome, rank, status
    return best


def campaign_of(*places):
    for place in places:
        if place:
            campaign = place.get("campaign") or place.get("campaign_id") or place.get("campaignId")
            if campaign:
                return campaign
    return None


# ---- one function for each shape: a tuple in the order of COLUMNS, or None ----

def overlaid(event, data, name):
    """What stands under event.data wins over the same under event, field by field."""
    below, above = event.get(name), data.get(name)
    if below and above:
        return {**below, **{k: v for k, v in above.items() if v is not None}}
    return above or below or NOTHING


def miraiminds(d, digest):
    event = d["event"]
    data = event.get("data") or NOTHING
    call = overlaid(event, data, "call")
    if not call.get("id"):
        return None
    report = overlaid(event, data, "report")
    analysis = overlaid(event, data, "analysis")
    insights = analysis.get("insights") or NOTHING
    kind = event["type"]
    after = kind[5:] if kind.startswith("call.") and kind != "call.lifecycle-ended" else None
    outcome, rank, status = choose(
        (report.get("finalStatus"), call.get("status"), after), MIRAIMINDS_STATUS)
    started, ended = as_time(call.get("startedAt")), as_time(call.get("endedAt"))
    at_end = rank is not None and rank >= 3 and call.get("endedAt")
    return ("miraiminds", call["id"], digest, 1,
            ended if at_end else started,
            MIRAIMINDS_STAGE.get(kind, 3), rank, outcome, status,
            None, campaign_of(d.get("metadata")), None, "outbound", None, None,
            started, ended, scaled(call.get("durationSeconds"), 1000), None,
            BOOLEANS.get(analysis.get("success")),
            as_sentiment(analysis.get("sentiment") or insights.get("sentiment")),
            scaled(overlaid(event, data, "credits").get("used"), 1e6),
            report.get("reAttemptCount"), report.get("rescheduledCount"),
            call.get("recordingUrl") or None, call.get("detailUrl") or None,
            as_json(analysis.get("requiredActions")), as_json(insights),
            analysis.get("summary") or None)


def dispatch(d, digest):
    request, response = d["request"], d.get("response") or NOTHING
    if not response.get("callId"):
        return None
    outcome, rank, status = choose((response.get("status"),), MIRAIMINDS_STATUS)
    return ("miraiminds", response["callId"], digest, 0, as_time(d.get("sentAt")), 7,
            rank, outcome, status, request.get("assistant") or None,
            campaign_of(request.get("metadata")), d.get("workspace") or None, "outbound", None,
            request.get("phoneNumber") or None) + (None,) * 14


def whippy(d, digest):
    if not d["event"].startswith("call."):
        return None
    data = d["data"]
    meta = data.get("metadata") or NOTHING
    analysis = meta.get("analysis") or NOTHING
    status = data.get("delivery_status")
    outcome = None
    if status:
        outcome = WHIPPY_STATUS.get(status)
        if outcome is None:
            outcome = "completed" if status.startswith("call_completed") else "other"
    insights = dict(analysis.get("custom_analysis_data") or analysis.get("custom_analysis_dat")
                    or NOTHING)
    for rating in ("agent_task_completion_rating", "call_completion_rating"):
        if analysis.get(rating):
            insights[rating] = analysis[rating]
    recording = None
    for item in data.get("attachments") or ():
        if item.get("content_type", "").startswith("audio/"):
            recording = item.get("url")
            break
    return ("whippy", data["id"], digest, 1,
            as_time(d.get("created_at") or data.get("updated_at")),
            WHIPPY_STAGE.get(d["event"], 3), RANK.get(outcome), outcome, status,
            meta.get("agent_id") or None, data.get("campaign_id") or None, None,
            (data.get("direction") or "").lower() or None, data.get("from") or None,
            data.get("to") or None, as_time(data.get("created_at")), None,
            scaled(meta.get("duration"), 1),
            "t" if status == "call_completed.voicemail_reached"
            else BOOLEANS.get(analysis.get("in_voicemail")),
            BOOLEANS.get(analysis.get("call_successful")),
            as_sentiment(analysis.get("user_sentiment")), None, None, None, recording, None, None,
            as_json(insights), analysis.get("call_summary") or None)


def minivoice(d, digest):
    call, kind = d["call"], d["event"]
    data = d.get("data") or NOTHING
    after = kind[5:] if kind.startswith("call.") and kind != "call.gathered" else None
    outcome, rank, status = choose((call.get("status"), after), MINIVOICE_STATUS)
    time = as_time(d.get("created_at"))
    duration = call.get("duration")
    if duration is None:
        duration = call.get("duration_seconds")
    if duration is None and kind.startswith("call."):
        duration = data.get("duration")
    recording = None
    if kind == "recording.completed":
        recording = data.get("recording_url") or data.get("url")
    return ("minivoice", call["id"], digest, 1, time, MINIVOICE_STAGE.get(kind, 6), rank, outcome,
            status, call.get("application_id") or None,
            campaign_of(d.get("variables"), d.get("metadata")), None,
            (call.get("direction") or "").lower() or None, call.get("from") or None,
            call.get("to") or None, time if kind == "call.created" else None,
            time if kind in ("call.completed", "call.failed") else None,
            scaled(duration, 1000), None, None, None, None, None, None, recording, None, None,
            None, None)


def decode(line):
    d = json.loads(line)
    if "request_id" in d:
        line = REQUEST_ID.sub(b"", line)
    digest = hashlib.md5(line.rstrip()).hexdigest()
    if isinstance(d.get("event"), dict):
        return miraiminds(d, digest)
    if "request" in d:
        return dispatch(d, digest)
    if "call" in d:
        return minivoice(d, digest)
    return whippy(d, digest)


def batches(path):
    """The rows of a file as texts for COPY, BATCH_ROWS rows in each."""
    text = io.StringIO()
    writer = csv.writer(text)
    rows = 0
    with gzip.open(path, "rb") as lines:
        for line in lines:
            row = decode(line)
            if row is None:
                continue
            writer.writerow(row)
            rows += 1
            if rows == BATCH_ROWS:
                yield text.getvalue()
                text.seek(0)
                text.truncate()
                rows = 0
    if rows:
        yield text.getvalue()


def file_batches(path):
    return list(batches(path))


# ---- the database ----

def run_script(cursor, name):
    with open(os.path.join(HERE, name), encoding="utf-8") as f:
        cursor.execute(f.read())


def load(cursor, text):
    if REFUSED.search(text):
        text = REFUSED.sub("\ufffd", text)
    cursor.copy_expert(f"COPY staging ({COLUMNS}) FROM STDIN (FORMAT csv)", io.StringIO(text))
    cursor.execute(f"""
        WITH new AS (
            INSERT INTO event ({COLUMNS}) SELECT {COLUMNS} FROM staging
            ON CONFLICT DO NOTHING RETURNING provider, call_id
        )
        INSERT INTO touched SELECT DISTINCT provider, call_id FROM new;
        TRUNCATE staging""")


def all_batches(files, jobs):
    if jobs == 1:
        for path in files:
            yield from batches(path)
        return
    with multiprocessing.Pool(jobs) as pool:
        for texts in pool.imap(file_batches, files):
            yield from texts


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dsn", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("files", nargs="+")
    options = parser.parse_args()

    db = psycopg2.connect(options.dsn)
    cursor = db.cursor()
    cursor.execute("SET work_mem = '128MB'; SET temp_buffers = '64MB'; SET jit = off;"
                   " SET TimeZone = 'UTC'")
    run_script(cursor, "tables.sql")
    cursor.execute("CREATE TEMP TABLE staging (LIKE event)")
    db.commit()
    waiting = []
    rows = 0
    for text in all_batches(options.files, options.jobs):
        waiting.append(text)    # small files share a COPY
        rows += text.count("\n")
        if rows >= BATCH_ROWS:
            load(cursor, "".join(waiting))
            db.commit()
            waiting, rows = [], 0
    if waiting:
        load(cursor, "".join(waiting))
    run_script(cursor, "fold.sql")
    db.commit()
    run_script(cursor, "rollup.sql")
    os.makedirs(options.out, exist_ok=True)
    for report in REPORTS:
        with open(os.path.join(options.out, report + ".csv"), "w", encoding="utf-8") as f:
            cursor.copy_expert(f"COPY (SELECT * FROM {report}) TO STDOUT (FORMAT csv, HEADER)", f)
    db.commit()


if __name__ == "__main__":
    main()
