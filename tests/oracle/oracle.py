#!/usr/bin/env python3
"""oracle.py: a slow, plain second reading of calltally's contract.

It reads dumps of the three seed providers, the dispatch log and archived API details, merges them
into calls in memory, and writes the report files that calltally's `export` must write, byte for
byte, and `counts.json`, what `ingest --json` must report. There is no database and no cleverness:
each part follows a paragraph of DESIGN.md, named in its header, so that the two can be compared.

    oracle.py --out DIR [--tz Area/City] [--from DAY] [--to DAY] [--plain]
              [--map LIST.csv ...] [--provider P] [--ties FILE] PATH...

--ties FILE lists what was decided by the identity of an event alone. The contract does not fix the
hash, so another implementation may rightly decide those few cells differently.

All times are integer microseconds since 1970 UTC, durations integer milliseconds, credits integer
millionths; ratios are exact fractions until they are printed.
"""

import argparse
import base64
import binascii
import csv
import datetime
import hashlib
import json
import os
import re
import sys
import zlib
import zoneinfo
from collections import defaultdict
from decimal import Decimal
from fractions import Fraction

LINE_CAP_BYTES = 4 * 1024 * 1024
UNWRAP_DEPTH = 3
NEST_DEPTH = 1024

INT64_MAX = 2**63 - 1
INT64_MIN = -(2**63)
UINT64_MAX = 2**64 - 1


# ---------------------------------------------------------------------------------------------
# Section 4, first paragraph: files, folders, gzip, lines
# ---------------------------------------------------------------------------------------------

FOLDER_SUFFIXES = (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz")


def list_files(paths):
    """Yields each file to read once: a file as given, of a folder all dumps below it."""
    seen = set()
    for path in paths:
        for name in expand_path(path):
            # AMBIGUOUS: a file named twice in one run is read once (the second time its source is
            # unchanged); a byte-equal copy under another name is a source of its own.
            key = name if name == "-" else os.path.realpath(name)
            if key not in seen:
                seen.add(key)
                yield name


def expand_path(path):
    if path == "-" or not os.path.isdir(path):
        return [path]
    found = []
    for folder, _, names in os.walk(path):
        # AMBIGUOUS: suffixes are compared as they are written, so DUMP.JSONL is not taken.
        found += [os.path.join(folder, n) for n in names if n.endswith(FOLDER_SUFFIXES)]
    return sorted(found, key=os.fsencode)


def read_source(name):
    """Returns (text bytes, whole): whole is False for a truncated or corrupt gzip stream."""
    if name == "-":
        raw = sys.stdin.buffer.read()
    else:
        with open(name, "rb") as f:
            raw = f.read()
    if raw[:2] != b"\x1f\x8b":
        return raw, True
    return gunzip(raw)


def gunzip(raw):
    """Inflates concatenated members up to the first damage."""
    out = []
    while raw:
        if raw[:2] != b"\x1f\x8b":
            # AMBIGUOUS: zero padding after the last member is no damage (as for gzip itself);
            # anything else there is.
            return b"".join(out), not raw.strip(b"\0")
        text, rest, whole = gunzip_member(raw)
        out.append(text)
        if not whole:
            return b"".join(out), False
        raw = rest
    return b"".join(out), True


def gunzip_member(raw):
    """Inflates one member: (text, bytes after it, whole)."""
    step = 64 * 1024
    out = []
    inflater = zlib.decompressobj(wbits=31)
    at = 0
    while at < len(raw) and not inflater.eof:
        before = inflater.copy()
        try:
            out.append(inflater.decompress(raw[at:at + step]))
        except zlib.error:
            # AMBIGUOUS: a wrong checksum is damage at the member's end: what was inflated counts.
            out.append(inflate_to_damage(before, raw[at:at + step]))
            return b"".join(out), b"", False
        at += step
    if not inflater.eof:
        return b"".join(out), b"", False
    return b"".join(out), inflater.unused_data + raw[at:], True


def inflate_to_damage(inflater, chunk):
    """Inflates a chunk that holds the damage, keeping every byte before it."""
    out = []
    for i in range(len(chunk)):
        piece = chunk[i:i + 1]
        try:
            while True:
                got = inflater.decompress(piece, 1)
                out.append(got)
                piece = inflater.unconsumed_tail
                if not got:
                    break
        except zlib.error:
            break
    return b"".join(out)


def split_lines(text, whole):
    """Returns the lines, without their newlines. A damaged stream's partial last line is none."""
    # AMBIGUOUS: a byte order mark is skipped at the start of a source only.
    if text.startswith(b"\xef\xbb\xbf"):
        text = text[3:]
    lines = text.split(b"\n")
    last = lines.pop()
    if last and whole:
        lines.append(last)
    return lines


# ---------------------------------------------------------------------------------------------
# Section 4: JSON as the contract takes it
# ---------------------------------------------------------------------------------------------

class Reject(Exception):
    """The line yields no event and is not known to say nothing: it is rejected."""


class Ignore(Exception):
    """The line is known to say nothing about a call."""


class Object(dict):
    """A JSON object: the first of repeated keys counts; `pairs` keeps all members in order."""

    def __init__(self, pairs):
        super().__init__()
        self.pairs = pairs
        for key, value in pairs:
            self.setdefault(key, value)


def parse_int(text):
    # AMBIGUOUS: 64 bits means that a signed or an unsigned 64-bit integer holds the value.
    if len(text) > 20 or not INT64_MIN <= int(text) <= UINT64_MAX:
        raise ValueError("integer beyond 64 bits")
    return int(text)


def parse_float(text):
    # AMBIGUOUS: a number that no double holds (1e400) is no JSON to us, as an integer too large.
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise ValueError("number beyond a double")
    return value


def parse_constant(text):
    raise ValueError(text + " is not JSON")


DECODER = json.JSONDecoder(object_pairs_hook=Object, parse_int=parse_int, parse_float=parse_float,
                           parse_constant=parse_constant)
JSON_SPACE = " \t\r\n"
BAD_ESCAPE = re.compile(r"\\u(0000|[dD][89a-fA-F])")
BAD_CHAR = re.compile("[\x00\ud800-\udfff]")


def parse_json(text):
    """Returns the value of a JSON text; raises ValueError where it is none."""
    if max_nesting(text) > NEST_DEPTH:
        # AMBIGUOUS: the contract has no limit of nesting; beyond 1024 a line is rejected.
        raise ValueError("nested too deep")
    value = DECODER.decode(text.strip(JSON_SPACE))
    if BAD_ESCAPE.search(text):
        value = replace_bad_chars(value)
    return value


def max_nesting(text):
    if text.count("[") + text.count("{") <= NEST_DEPTH:
        return 0
    depth = deepest = 0
    for token in re.findall(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', text):
        if token in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif token in "]}":
            depth -= 1
    return deepest


def replace_bad_chars(value):
    """NUL and lone surrogates in strings (and keys) become U+FFFD."""
    # AMBIGUOUS: the identity is taken after the replacement.
    if isinstance(value, str):
        return BAD_CHAR.sub("\ufffd", value)
    if isinstance(value, list):
        return [replace_bad_chars(v) for v in value]
    if isinstance(value, Object):
        return Object([(replace_bad_chars(k), replace_bad_chars(v)) for k, v in value.pairs])
    return value


# ---------------------------------------------------------------------------------------------
# Section 2 (silence) and the typed reading of members
# ---------------------------------------------------------------------------------------------

def is_silent(value):
    return value is None or value == "" or (isinstance(value, (list, dict)) and not value)


def member(value, path):
    """The value at a path of member names, or None."""
    for name in path:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def first(body, paths):
    """Profiles paragraph: of several places the first that is not silent counts."""
    # AMBIGUOUS: a value of a wrong type is not silent, so it hides the places after it; the field
    # is then dropped.
    for path in paths:
        value = member(body, path)
        if not is_silent(value):
            return value
    return None


def as_text(value):
    return value if isinstance(value, str) and value else None


def as_id(value):
    """Identifiers and telephone numbers: text, or an integer as text."""
    # AMBIGUOUS: telephone numbers and workspaces are read as ids are; other texts (status,
    # direction, sentiment, summary, links) only from strings. Nothing is trimmed.
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return as_text(value)


def ascii_lower(text):
    return "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in text)


def as_bool(value):
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and ascii_lower(value) in ("true", "false"):
        return ascii_lower(value) == "true"
    return None


# AMBIGUOUS: a numeric string is a JSON number in a string; no plus sign, no spaces around it.
NUMERIC = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?")


def as_number(value):
    """A Decimal from a number or a numeric string, else None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, str) and NUMERIC.fullmatch(value):
        return Decimal(value)
    return None


def round_away(fraction):
    """The nearest integer, halves away from zero."""
    fraction = Fraction(fraction)
    whole = (2 * abs(fraction.numerator) + fraction.denominator) // (2 * fraction.denominator)
    return -whole if fraction < 0 else whole


def as_scaled(value, scale, negative=False):
    """The number times scale as an integer: what is stored of durations and credits."""
    # AMBIGUOUS: each value is rounded to its last printed place (ms, millionths) when it is read,
    # so that sums need no rounding; a value that 64 bits do not hold is dropped.
    number = as_number(value)
    if number is None or (number < 0 and not negative):
        return None
    scaled = round_away(Fraction(number) * Fraction(scale))
    return scaled if abs(scaled) <= INT64_MAX else None


def as_count(value):
    # AMBIGUOUS: 2.0 is the count 2; 2.5 is dropped.
    number = as_number(value)
    if number is None or number < 0 or Fraction(number).denominator != 1 or number > INT64_MAX:
        return None
    return int(number)


EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
TIME_MIN_US = 946684800 * 10**6
TIME_MAX_US = 4102444800 * 10**6
ISO_TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?"
                      r"(?:([Zz])|([+-])(\d\d):?(\d\d)?)?", re.ASCII)


def as_time(value):
    """Event time paragraph: microseconds UTC, or None for what is no time or out of range."""
    time_us = iso_us(value) if isinstance(value, str) else None
    if time_us is None:
        number = as_number(value)
        if number is None:
            return None
        # AMBIGUOUS: an epoch number may be a numeric string; below a microsecond it is rounded.
        time_us = round_away(Fraction(number) * (1000 if number >= 10**11 else 10**6))
    # AMBIGUOUS: both ends of 2000-01-01 ... 2100-01-01 are inside.
    return time_us if TIME_MIN_US <= time_us <= TIME_MAX_US else None


def iso_us(text):
    # AMBIGUOUS: accepted are T, t or a space, seconds optional, a fraction after . or , (cut to
    # microseconds), offsets Z, +hh:mm, +hhmm, +hh; a leap second is the next second; nothing else.
    found = ISO_TIME.fullmatch(text)
    if not found:
        return None
    year, month, day, hour, minute, second, fraction, _, sign, off_h, off_m = found.groups()
    second = int(second or 0)
    offset_h, offset_m = int(off_h or 0), int(off_m or 0)
    if second > 60 or offset_h > 23 or offset_m > 59:
        return None
    try:
        start = datetime.datetime(int(year), int(month), int(day), int(hour), int(minute),
                                  tzinfo=datetime.timezone.utc)
    except ValueError:
        return None
    seconds = (start - EPOCH) // datetime.timedelta(seconds=1) + second
    offset_s = (offset_h * 60 + offset_m) * 60
    seconds += offset_s if sign == "-" else -offset_s
    return seconds * 10**6 + int((fraction or "")[:6].ljust(6, "0"))


def as_actions(value):
    """required_actions: an array; a string is an array of one."""
    if isinstance(value, str):
        return [value]
    if not isinstance(value, list):
        return None
    # AMBIGUOUS: silent elements state nothing and are left out, as silent insights are; elements
    # that are not strings are kept as they are.
    return [v for v in value if not is_silent(v)] or None


def as_insights(value):
    if not isinstance(value, dict):
        return None
    return {k: v for k, v in value.items() if not is_silent(v)} or None


def as_sentiment(value):
    text = as_text(value)
    if text is None:
        return None
    text = ascii_lower(text)
    return text if text in ("positive", "neutral", "negative") else "unknown"


# ---------------------------------------------------------------------------------------------
# Section 3, The fold: outcomes and their ranks
# ---------------------------------------------------------------------------------------------

RANK = {"other": 0, "queued": 1, "in_progress": 2, "ended": 3, "completed": 4}
TERMINAL = {"completed", "transferred", "no_answer", "busy", "failed", "timeout", "aborted",
            "skipped", "invalid", "rescheduled"}


def rank_of(outcome):
    """none and other 0, queued 1, in_progress 2, ended 3, completed 4, other terminals 5."""
    return 0 if outcome is None else RANK.get(outcome, 5)


def choose_status(statuses, to_outcome):
    """Section 4: statuses in order of preference; the first place that maps to a terminal outcome
    stands, else the highest rank. Returns (outcome, raw status), (None, None) if none is stated."""
    stated = [(to_outcome(s), s) for s in map(as_text, statuses) if s]
    for outcome, status in stated:
        if outcome in TERMINAL:
            return outcome, status
    # AMBIGUOUS: of two places with the same rank the one preferred gives the raw status.
    return max(stated, key=lambda s: rank_of(s[0]), default=(None, None))


# ---------------------------------------------------------------------------------------------
# Section 4, the table of seed providers
# ---------------------------------------------------------------------------------------------

class Event:
    """What one message said of one call. `said` holds only the fields that it stated."""

    def __init__(self, provider, kind, type_, stage, call_id, body, volatile=()):
        self.provider = provider
        self.kind = kind
        self.stage = stage
        self.type = type_
        self.call_id = call_id
        self.identity = identity(provider, kind, body, volatile)
        self.body_time = None
        self.receipt = None
        self.outcome = None
        self.status = None
        self.said = {}

    def say(self, **fields):
        self.said.update((k, v) for k, v in fields.items() if v is not None)

    @property
    def time(self):
        return self.body_time if self.body_time is not None else self.receipt


def under(prefixes, *path):
    """The same path under each prefix, in order."""
    return [prefix + path for prefix in prefixes]


def stage_of(stages, type_):
    """The place of the type in the profile's list; unknown types last."""
    for place, types in enumerate(stages):
        if type_ in types:
            return place
    return len(stages)


CAMPAIGN_KEYS = ("campaign", "campaign_id", "campaignId")


# --- MiraiMinds ---

MIRAIMINDS_STATUS = {
    "initiate": "queued", "in-progress": "in_progress", "ended": "ended", "completed": "completed",
    "timeout": "timeout", "failed": "failed", "validation-failed": "invalid", "busy": "busy",
    "no-answer": "no_answer", "skip": "skipped", "rescheduled": "rescheduled",
    "aborted": "aborted",
}
# AMBIGUOUS: `action` is not in the contract's list of types, so it comes last, with unknown ones.
MIRAIMINDS_STAGES = (
    {"call.initiate"}, {"call.in-progress"}, {"call.ended"},
    {"call." + s for s in MIRAIMINDS_STATUS} - {"call.initiate", "call.in-progress", "call.ended"},
    {"end-of-call"}, {"call.lifecycle-ended"},
)
MIRAIMINDS_NO_STATUS = {"end-of-call", "call.lifecycle-ended", "action"}
MIRAIMINDS_AT = (("event", "data"), ("event",))
MIRAIMINDS_DETAIL_AT = MIRAIMINDS_AT + (("data",), ())


def status_of_type(type_, no_status):
    """The status in a type's name: what follows `call.`, unless the type is known to be none."""
    if type_ is None or type_ in no_status or not type_.startswith("call."):
        return None
    return type_[len("call."):]


def miraiminds_outcome(status):
    return MIRAIMINDS_STATUS.get(ascii_lower(status), "other")


def decode_miraiminds(body):
    type_ = body["event"]["type"]
    call_id = as_id(first(body, under(MIRAIMINDS_AT, "call", "id")))
    if call_id is None:
        if type_ == "action":
            raise Ignore("action without a call id")
        raise Reject("no call id")
    event = Event("miraiminds", "webhook", type_, stage_of(MIRAIMINDS_STAGES, type_), call_id, body)
    say_miraiminds(event, body, MIRAIMINDS_AT, type_)
    started, ended = event.said.get("started_at"), event.said.get("ended_at")
    event.body_time = miraiminds_time(event.outcome, body, started, ended)
    return event


def miraiminds_time(outcome, body, started, ended):
    """`endedAt` for `ended` and terminal statuses; where silent, or for the others, `startedAt`."""
    if outcome == "ended" or outcome in TERMINAL:
        if not is_silent(first(body, under(MIRAIMINDS_AT, "call", "endedAt"))):
            # AMBIGUOUS: an endedAt that is stated but no valid time does not fall back.
            return ended
    return started


def say_miraiminds(event, body, at, type_):
    event.outcome, event.status = choose_status(
        [first(body, under(at, "report", "finalStatus")), first(body, under(at, "call", "status")),
         status_of_type(type_, MIRAIMINDS_NO_STATUS)], miraiminds_outcome)
    event.say(
        started_at=as_time(first(body, under(at, "call", "startedAt"))),
        ended_at=as_time(first(body, under(at, "call", "endedAt"))),
        # AMBIGUOUS: the metadata is echoed at the top of the message, nowhere else.
        campaign_id=as_id(first(body, [("metadata", k) for k in CAMPAIGN_KEYS])),
        direction="outbound",
        duration=as_scaled(first(body, under(at, "call", "durationSeconds")), 1000),
        success=as_bool(first(body, under(at, "analysis", "success"))),
        summary=as_text(first(body, under(at, "analysis", "summary"))),
        required_actions=as_actions(first(body, under(at, "analysis", "requiredActions"))),
        insights=as_insights(first(body, under(at, "analysis", "insights"))),
        sentiment=as_sentiment(first(body, under(at, "analysis", "sentiment")
                                     + under(at, "analysis", "insights", "sentiment"))),
        credits_used=as_scaled(first(body, under(at, "credits", "used")), 10**6),
        # AMBIGUOUS: a balance may be negative.
        balance=as_scaled(first(body, under(at, "credits", "available")), 10**6, negative=True),
        reattempts=as_count(first(body, under(at, "report", "reAttemptCount"))),
        reschedules=as_count(first(body, under(at, "report", "rescheduledCount"))),
        recording_url=as_text(first(body, under(at, "call", "recordingUrl"))),
        detail_url=as_text(first(body, under(at, "call", "detailUrl"))),
    )


def say_miraiminds_detail(event, body):
    say_miraiminds(event, body, MIRAIMINDS_DETAIL_AT, as_text(member(body, ("event", "type"))))
    # AMBIGUOUS: nobody has seen a MiraiMinds detail; the assistant is looked for where the
    # dispatch names it.
    event.say(assistant_id=as_id(first(body, under(MIRAIMINDS_DETAIL_AT, "call", "assistant")
                                       + under(MIRAIMINDS_DETAIL_AT, "assistant"))))


# --- the dispatch log (MiraiMinds) ---

def decode_dispatch(body):
    call_id = as_id(member(body, ("response", "callId")))
    if call_id is None:
        raise Ignore("dispatch without callId")
    event = Event("miraiminds", "dispatch", "", 0, call_id, body)
    event.body_time = as_time(body.get("sentAt"))
    event.outcome, event.status = choose_status([member(body, ("response", "status"))],
                                                miraiminds_outcome)
    event.say(
        workspace=as_id(body.get("workspace")),
        assistant_id=as_id(member(body, ("request", "assistant"))),
        campaign_id=as_id(first(body, [("request", "metadata", k) for k in CAMPAIGN_KEYS])),
        to_number=as_id(member(body, ("request", "phoneNumber"))),
        direction="outbound",
    )
    return event


# --- Whippy ---

WHIPPY_STATUS = {
    "call_in_progress": "in_progress",
    "call_completed": "completed",
    "call_completed.call_transfer": "transferred",
    "call_completed.voicemail_reached": "completed",
    "call_completed.dial_no_answer": "no_answer",
    "call_completed.dial_busy": "busy",
    "call_completed.dial_failed": "failed",
}
WHIPPY_STAGES = ({"call.started"}, {"call.ended"}, {"call.analyzed"})
WHIPPY_VOLATILE = ("request_id",)
WHIPPY_AT = (("data",),)
WHIPPY_DETAIL_AT = (("data",), ())
WHIPPY_RATINGS = ("agent_task_completion_rating", "call_completion_rating")


def whippy_outcome(status):
    status = ascii_lower(status)
    if status in WHIPPY_STATUS:
        return WHIPPY_STATUS[status]
    return "completed" if status.startswith("call_completed.") else "other"


def decode_whippy(body):
    type_ = body["event"]
    if not type_.startswith("call."):
        raise Ignore("Whippy event not of a call")
    call_id = as_id(member(body, ("data", "id")))
    if call_id is None:
        raise Reject("no call id")
    event = Event("whippy", "webhook", type_, stage_of(WHIPPY_STAGES, type_), call_id, body,
                  WHIPPY_VOLATILE)
    event.body_time = as_time(first(body, [("created_at",), ("data", "updated_at")]))
    say_whippy(event, body, WHIPPY_AT)
    return event


def say_whippy(event, body, at):
    status = as_text(first(body, under(at, "delivery_status")))
    event.outcome, event.status = choose_status([status], whippy_outcome)
    said = as_bool(first(body, under(at, "metadata", "analysis", "in_voicemail")))
    if status is not None and ascii_lower(status) == "call_completed.voicemail_reached":
        said = True
    event.say(
        started_at=as_time(first(body, under(at, "created_at"))),
        assistant_id=as_id(first(body, under(at, "metadata", "agent_id"))),
        campaign_id=as_id(first(body, under(at, "campaign_id"))),
        from_number=as_id(first(body, under(at, "from"))),
        to_number=as_id(first(body, under(at, "to"))),
        direction=lower_or_none(first(body, under(at, "direction"))),
        duration=as_scaled(first(body, under(at, "metadata", "duration")), 1),
        success=as_bool(first(body, under(at, "metadata", "analysis", "call_successful"))),
        summary=as_text(first(body, under(at, "metadata", "analysis", "call_summary"))),
        sentiment=as_sentiment(first(body, under(at, "metadata", "analysis", "user_sentiment"))),
        voicemail=said,
        insights=whippy_insights(body, at),
        recording_url=whippy_recording(first(body, under(at, "attachments"))),
        # AMBIGUOUS: transcript.json and analysis.json are no detail_url; that cell stays empty.
    )


def lower_or_none(value):
    text = as_text(value)
    return ascii_lower(text) if text else None


def whippy_insights(body, at):
    """The custom analysis, in either spelling, and the two ratings under their own names."""
    insights = dict(as_insights(first(body, under(at, "metadata", "analysis",
                                                  "custom_analysis_data")
                                      + under(at, "metadata", "analysis",
                                              "custom_analysis_dat"))) or {})
    for rating in WHIPPY_RATINGS:
        # AMBIGUOUS: the platform's rating wins over a custom member of the same name.
        value = first(body, under(at, "metadata", "analysis", rating))
        if value is not None:
            insights[rating] = value
    return insights or None


def whippy_recording(attachments):
    """The url of the first attachment whose content type is audio."""
    for item in attachments if isinstance(attachments, list) else []:
        kind = as_text(member(item, ("content_type",)))
        url = as_text(member(item, ("url",)))
        if kind and url and ascii_lower(kind).startswith("audio/"):
            return url
    return None


# --- MiniVoice ---

MINIVOICE_STATUS = {
    "created": "queued", "queued": "queued", "initiated": "queued", "dialing": "queued",
    "ringing": "queued", "answered": "in_progress", "in_progress": "in_progress",
    "in-progress": "in_progress", "completed": "completed", "failed": "failed", "busy": "busy",
    "no_answer": "no_answer", "no-answer": "no_answer", "canceled": "aborted",
}
# AMBIGUOUS: the contract gives no order of MiniVoice's types; this is the order of a call's life.
MINIVOICE_STAGES = ({"call.created"}, {"call.answered"}, {"call.gathered"}, {"recording.started"},
                    {"call.failed"}, {"call.completed"}, {"recording.completed"})
MINIVOICE_NO_STATUS = {"call.gathered"}
MINIVOICE_AT = (("call",),)
MINIVOICE_DETAIL_AT = (("call",), (), ("data", "call"))


def minivoice_outcome(status):
    return MINIVOICE_STATUS.get(ascii_lower(status), "other")


def decode_minivoice(body):
    type_ = body["event"]
    call_id = as_id(member(body, ("call", "id")))
    if call_id is None:
        raise Reject("no call id")
    event = Event("minivoice", "webhook", type_, stage_of(MINIVOICE_STAGES, type_), call_id, body)
    event.body_time = as_time(body.get("created_at"))
    duration_at = under(MINIVOICE_AT, "duration") + under(MINIVOICE_AT, "duration_seconds")
    if type_.startswith("call."):
        duration_at = duration_at + [("data", "duration")]
    say_minivoice(event, body, MINIVOICE_AT, status_of_type(type_, MINIVOICE_NO_STATUS),
                  duration_at)
    if type_ == "call.created":
        event.say(started_at=as_time(body.get("created_at")))
    if type_ in ("call.completed", "call.failed"):
        event.say(ended_at=as_time(body.get("created_at")))
    if type_ == "recording.completed":
        event.say(recording_url=as_text(first(body, [("data", "recording_url"), ("data", "url")])))
    return event


def say_minivoice(event, body, at, name_status, duration_at):
    event.outcome, event.status = choose_status([first(body, under(at, "status")), name_status],
                                                minivoice_outcome)
    event.say(
        assistant_id=as_id(first(body, under(at, "application_id"))),
        # AMBIGUOUS: `variables` and `metadata` are members of the message, beside `call`.
        campaign_id=as_id(first(body, [(place, k) for place in ("variables", "metadata")
                                       for k in CAMPAIGN_KEYS])),
        from_number=as_id(first(body, under(at, "from"))),
        to_number=as_id(first(body, under(at, "to"))),
        direction=lower_or_none(first(body, under(at, "direction"))),
        duration=as_scaled(first(body, duration_at), 1000),
        # AMBIGUOUS: where AI events hold their fields is not in the contract: as in the /ai
        # detail (data.summary.summary, data.summary.sentiment, data.summary.action_items,
        # data.score, data.topics), or flat under data.
        summary=as_text(first(body, [("data", "summary", "summary"), ("data", "summary")])),
        sentiment=as_sentiment(first(body, [("data", "summary", "sentiment"),
                                            ("data", "sentiment")])),
        required_actions=as_actions(first(body, [("data", "summary", "action_items"),
                                                 ("data", "action_items")])),
        # AMBIGUOUS: score and topics become the insights `score` and `topics`, as they stand.
        insights=as_insights({k: member(body, ("data", k)) for k in ("score", "topics")}),
    )


def say_minivoice_detail(event, body):
    at = MINIVOICE_DETAIL_AT
    say_minivoice(event, body, at, None, under(at, "duration") + under(at, "duration_seconds"))
    # AMBIGUOUS: the created_at of a call in a detail is when it started.
    event.say(started_at=as_time(first(body, under(at, "created_at"))))


# --- archived details ---

DETAIL = {
    "miraiminds": (under(MIRAIMINDS_DETAIL_AT, "call", "id"), say_miraiminds_detail, ()),
    "whippy": (under(WHIPPY_DETAIL_AT, "id"),
               lambda event, body: say_whippy(event, body, WHIPPY_DETAIL_AT), WHIPPY_VOLATILE),
    "minivoice": ([("call", "id"), ("data", "call", "id"), ("id",)], say_minivoice_detail, ()),
}
DETAIL_STAGE = 100


def decode_detail(line):
    """`{fetched_at, provider, kind:"detail", call_id, body}`; the event time is fetched_at."""
    id_at, say, volatile = DETAIL[line["provider"]]
    body = line.get("body")
    # AMBIGUOUS: the archived body must be an object; an answer that speaks of another call than
    # it was asked for is rejected; a detail without call_id belongs to the call its body names.
    if not isinstance(body, dict) or not is_silent(body.get("error")):
        raise Reject("error body")
    asked, told = as_id(line.get("call_id")), as_id(first(body, id_at))
    if asked is None and told is None:
        raise Reject("no call id")
    if asked is not None and told is not None and asked != told:
        raise Reject("answer of another call")
    # AMBIGUOUS: a detail has no type: it comes after all types at the same time.
    event = Event(line["provider"], "detail", "", DETAIL_STAGE, asked or told, body, volatile)
    # AMBIGUOUS: of one detail fetched twice the earliest fetched_at counts, as with receipts.
    event.receipt = as_time(line.get("fetched_at"))
    say(event, body)
    return event


# ---------------------------------------------------------------------------------------------
# Section 4: match rules and envelopes
# ---------------------------------------------------------------------------------------------

def match_shape(body):
    """The decoder whose match rule the object fits, or None."""
    if body.get("kind") == "detail" and isinstance(body.get("provider"), str) \
            and body["provider"] in DETAIL and "body" in body:
        return decode_detail
    if isinstance(body.get("request"), dict) and ("response" in body or "sentAt" in body):
        # AMBIGUOUS: a dispatch is known by an object `request` beside `response` or `sentAt`, so
        # that a failed one (response null or an error) is ignored, not rejected.
        return decode_dispatch
    event = body.get("event")
    if isinstance(event, dict) and as_text(event.get("type")):
        return decode_miraiminds
    # AMBIGUOUS: an empty event name or type is no message.
    if as_text(event) and isinstance(body.get("call"), dict):
        return decode_minivoice
    if as_text(event) and isinstance(body.get("data"), dict):
        return decode_whippy
    return None


def find_message(body, depth=0):
    """A message as it stands, else the first one inside an envelope, depth first.
    Returns (decoder, message, receipt time) or None."""
    decoder = match_shape(body)
    if decoder:
        return decoder, body, None
    if depth == UNWRAP_DEPTH:
        return None
    for name in ("body", "payload", "rawBody", "data"):
        for inner in envelope_forms(body, body.get(name)):
            found = find_message(inner, depth + 1)
            if found:
                decoder, message, receipt = found
                return decoder, message, receipt if receipt is not None else receipt_time(body)
    return None


def envelope_forms(envelope, value):
    """The objects that an envelope's member may be: an object, JSON text, base64 of JSON text."""
    if isinstance(value, dict):
        yield value
    elif isinstance(value, str):
        yield from object_of_text(value)
        if as_bool(envelope.get("isBase64Encoded")):
            # AMBIGUOUS: the standard alphabet, padding and white space optional; the flag may be
            # the string "true".
            packed = "".join(value.split())
            try:
                text = base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True)
                yield from object_of_text(text.decode("utf-8"))
            except (binascii.Error, ValueError):
                pass


def object_of_text(text):
    try:
        value = parse_json(text)
    except (ValueError, RecursionError):
        return
    if isinstance(value, dict):
        yield value


def receipt_time(envelope):
    for name in ("received_at", "receivedAt"):
        time_us = as_time(envelope.get(name))
        if time_us is not None:
            return time_us
    return None


def decode_line(line):
    """The event of one line; raises Reject or Ignore."""
    # AMBIGUOUS: the cap counts the line without its newline, a CR included; it comes first, so a
    # line of white space beyond it is a reject.
    if len(line) > LINE_CAP_BYTES:
        raise Reject("too long")
    # AMBIGUOUS: white space is that of C's isspace.
    if not line.strip(b" \t\r\n\v\f"):
        raise Ignore("white space")
    try:
        body = parse_json(line.decode("utf-8"))
    except (ValueError, RecursionError):
        raise Reject("not JSON") from None
    found = find_message(body) if isinstance(body, dict) else None
    if found is None:
        raise Reject("no known shape")
    decoder, message, receipt = found
    event = decoder(message)
    if event.receipt is None:
        event.receipt = receipt
    return event


# ---------------------------------------------------------------------------------------------
# Section 3: identity of an event, the set of events
# ---------------------------------------------------------------------------------------------

def identity(provider, kind, body, volatile):
    """A hash of (provider, kind, body) without the volatile members of the body."""
    pieces = [provider, "\n", kind, "\n"]
    write_canonical(Object([p for p in body.pairs if p[0] not in volatile]), pieces)
    return hashlib.blake2b("".join(pieces).encode("utf-8"), digest_size=16).hexdigest()


def write_canonical(value, pieces):
    """One text for each parsed value: member order and repeated keys kept, 1 and 1.0 differ."""
    if isinstance(value, Object):
        pieces.append("{")
        for key, inner in value.pairs:
            pieces.append(json.dumps(key))
            pieces.append(":")
            write_canonical(inner, pieces)
            pieces.append(",")
        pieces.append("}")
    elif isinstance(value, list):
        pieces.append("[")
        for inner in value:
            write_canonical(inner, pieces)
            pieces.append(",")
        pieces.append("]")
    else:
        pieces.append(json.dumps(value))


class Store:
    """The set of events by call, and the books."""

    def __init__(self):
        self.calls = defaultdict(dict)
        self.counts = dict.fromkeys(("files", "lines", "events", "duplicates", "rejected",
                                     "ignored", "calls"), 0)

    def ingest(self, paths):
        for name in list_files(paths):
            text, whole = read_source(name)
            self.counts["files"] += 1
            if not whole:
                print(f"oracle: {name}: damaged, whole lines before the damage taken",
                      file=sys.stderr)
            for line in split_lines(text, whole):
                self.add_line(line)
        self.counts["calls"] = len(self.calls)

    def add_line(self, line):
        self.counts["lines"] += 1
        try:
            self.counts[self.add_event(decode_line(line))] += 1
        except Reject:
            self.counts["rejected"] += 1
        except Ignore:
            self.counts["ignored"] += 1

    def add_event(self, event):
        """Known identity = duplicate; a duplicate with an earlier receipt time updates the event.
        Returns the name of the counter."""
        # AMBIGUOUS: identity is told apart by call, so that two details with the same body (say an
        # empty analysis) of two calls are two events.
        events = self.calls[event.provider, event.call_id]
        known = events.setdefault(event.identity, event)
        if known is event:
            return "events"
        if event.receipt is not None and (known.receipt is None or event.receipt < known.receipt):
            known.receipt = event.receipt
        return "duplicates"


# ---------------------------------------------------------------------------------------------
# Section 4: lists (`calltally map FILE`)
# ---------------------------------------------------------------------------------------------

class Lists:
    """Overrides by call and display names."""

    def __init__(self):
        self.override = {}
        self.name = {"assistant_id": {}, "campaign_id": {}}

    def read(self, path, provider):
        with open(path, encoding="utf-8-sig", newline="") as f:
            reader = csv.DictReader(f, strict=True)
            header = set(reader.fieldnames or ()) | ({"provider"} if provider else set())
            rows = [dict(row, provider=row.get("provider") or provider or "") for row in reader]
        # AMBIGUOUS: columns may come in any order; an override list needs one of the two ids.
        if {"provider", "call_id"} < header <= {"provider", "call_id", "assistant_id",
                                                "campaign_id"}:
            for row in rows:
                # AMBIGUOUS: the last row of a call counts, whole: it clears what a former row
                # said even where its own cell is empty.
                said = {k: row[k] for k in ("assistant_id", "campaign_id") if row.get(k)}
                self.override[row["provider"], row["call_id"]] = said
        elif header in ({"provider", "assistant_id", "name"}, {"provider", "campaign_id", "name"}):
            kind = "assistant_id" if "assistant_id" in header else "campaign_id"
            for row in rows:
                # AMBIGUOUS: an empty name or id is silent.
                if row["name"] and row[kind]:
                    self.name[kind][row["provider"], row[kind]] = row["name"]
        else:
            sys.exit(f"oracle: {path}: unknown header")


# ---------------------------------------------------------------------------------------------
# Section 3: the fold
# ---------------------------------------------------------------------------------------------

LEVEL = {"dispatch": 0, "webhook": 1, "detail": 1}
LAST_STATED = ("assistant_id", "campaign_id", "workspace", "direction", "from_number", "to_number",
               "voicemail", "success", "sentiment", "summary", "required_actions",
               "recording_url", "detail_url")


def fold_order(event):
    """(level, event time, stage, outcome rank, identity); no time sorts first."""
    time_us = event.time
    return (LEVEL[event.kind], time_us is not None, time_us or 0, event.stage,
            rank_of(event.outcome), event.identity)


def without_identity(event):
    return fold_order(event)[:-1]


def fold(provider, call_id, events, override):
    """The call that the ordered events make: a dict of all its fields, None where silent."""
    call = dict.fromkeys(LAST_STATED)
    call.update(provider=provider, call_id=call_id)
    call["outcome"], call["status"] = fold_outcome(events)
    for field in LAST_STATED:
        call[field] = last(stated(events, field))
    for field in ("assistant_id", "campaign_id"):
        call[field] = override.get(field, call[field])
    call["started_at"] = min(stated(events, "started_at"), default=None)
    call["ended_at"] = max(stated(events, "ended_at"), default=None)
    call["reattempts"] = max(stated(events, "reattempts"), default=None)
    call["reschedules"] = max(stated(events, "reschedules"), default=None)
    call["duration"] = last_above_zero(stated(events, "duration"))
    call["credits_used"] = last_above_zero(stated(events, "credits_used"))
    call["insights"] = {}
    for insights in stated(events, "insights"):
        call["insights"].update(insights)
    counted = [e for e in events if e.kind in ("webhook", "dispatch")]
    times = [e.time for e in counted if e.time is not None]
    call["first_event_at"] = min(times, default=None)
    call["last_event_at"] = max(times, default=None)
    call["events"] = len(counted)
    return call


def stated(events, field):
    return [e.said[field] for e in events if field in e.said]


def last(values):
    return values[-1] if values else None


def last_above_zero(values):
    """The last stated above zero, else zero if stated."""
    return last([v for v in values if v > 0] or values)


def fold_outcome(events):
    """The last terminal outcome if there is any, else the highest rank reached (the last event
    that reached it); with no status at all `other`."""
    spoke = [e for e in events if e.outcome is not None]
    terminal = [e for e in spoke if e.outcome in TERMINAL]
    if terminal:
        return terminal[-1].outcome, terminal[-1].status
    if not spoke:
        return "other", None
    highest = max(rank_of(e.outcome) for e in spoke)
    event = [e for e in spoke if rank_of(e.outcome) == highest][-1]
    return event.outcome, event.status


def fold_all(store, lists):
    """All calls, and those of them where only the identity decided between events."""
    calls, ties = [], []
    for (provider, call_id), by_identity in store.calls.items():
        override = lists.override.get((provider, call_id), {})
        events = sorted(by_identity.values(), key=fold_order)
        call = fold(provider, call_id, events, override)
        calls.append(call)
        events.reverse()
        events.sort(key=without_identity)
        other = fold(provider, call_id, events, override)
        ties += [f"{provider} {call_id} {field}" for field in call if call[field] != other[field]]
    return calls, ties


# ---------------------------------------------------------------------------------------------
# Section 5: numbers, times and bytes
# ---------------------------------------------------------------------------------------------

def fixed(value, places):
    """Exactly so many decimals, half away from zero."""
    scaled = round_away(Fraction(value) * 10**places)
    digits = str(abs(scaled)).rjust(places + 1, "0")
    return ("-" if scaled < 0 else "") + digits[:-places] + "." + digits[-places:]


def trimmed(value, places):
    """At most so many decimals, no trailing zeros, no exponent."""
    return fixed(value, places).rstrip("0").rstrip(".")


def rate(part, whole):
    return fixed(Fraction(part, whole), 4) if whole else ""


def seconds(duration_ms):
    return "" if duration_ms is None else trimmed(Fraction(duration_ms, 1000), 3)


def credits_text(micro):
    return "" if micro is None else trimmed(Fraction(micro, 10**6), 6)


def boolean(value):
    return "" if value is None else "true" if value else "false"


def json_text(value):
    """Compact, keys in byte order (code point order is UTF-8's byte order)."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def json_cell(value):
    return json_text(value) if value else ""


def insight_text(value):
    """An insight's value as a cell: a string as it is, anything else as JSON."""
    # AMBIGUOUS: so true and "true" are one row; arrays and objects count as wholes.
    return value if isinstance(value, str) else json_text(value)


class Zone:
    """The local time of --tz."""

    def __init__(self, name):
        self.info = zoneinfo.ZoneInfo(name)

    def local(self, time_us):
        """The local wall time, cut to the second; None for none."""
        if time_us is None:
            return None
        return datetime.datetime.fromtimestamp(time_us // 10**6, self.info)

    def stamp(self, time_us):
        return "" if time_us is None else self.local(time_us).strftime("%Y-%m-%d %H:%M:%S")

    def day(self, time_us):
        return "" if time_us is None else self.local(time_us).strftime("%Y-%m-%d")


BUCKETS = ("queued in_progress ended completed transferred voicemail no_answer busy failed timeout "
           "aborted skipped invalid rescheduled other").split()
METRICS = (["calls"] + BUCKETS + "attempted connected connect_rate analyzed succeeded "
           "not_succeeded success_rate sentiment_positive sentiment_neutral sentiment_negative "
           "sentiment_unknown talk_seconds talk_seconds_avg talk_seconds_p50 talk_seconds_p90 "
           "credits_used credits_unit credits_per_success reattempts reschedules".split())
BARE = set(METRICS) - {"credits_unit"} | {
    "day", "started_at", "ended_at", "first_event_at", "last_event_at", "voicemail", "success",
    "duration_seconds", "events", "weekday", "hour", "closing_balance", "callback_requested"}
SAFE_NUMBER = re.compile(r"\+?[0-9]+", re.ASCII)


def text_cell(text, plain):
    if text == "":
        return ""
    if not plain and text[0] in "=+-@\t\r" and not SAFE_NUMBER.fullmatch(text):
        text = "'" + text
    return '"' + text.replace('"', '""') + '"'


def csv_bytes(columns, rows, plain):
    end = "\n" if plain else "\r\n"
    lines = [",".join(text_cell(c, plain) for c in columns)]
    for row in rows:
        lines.append(",".join(row[c] if c in BARE else text_cell(row[c], plain) for c in columns))
    text = "".join(line + end for line in lines)
    return ("" if plain else "\ufeff").encode("utf-8") + text.encode("utf-8")


def sort_key(row, keys):
    """Byte order, empty first; weekday, hour and reattempts as numbers."""
    return [(row[k] != "", int(row[k] or 0)) if k in ("weekday", "hour", "reattempts")
            else (True, row[k].encode("utf-8")) for k in keys]


# ---------------------------------------------------------------------------------------------
# Section 5: METRICS
# ---------------------------------------------------------------------------------------------

UNIT = {"miraiminds": "credits"}
CONNECTED = ("ended", "completed", "transferred", "timeout")


def bucket(call):
    """voicemail: ended, completed or timeout with the voicemail flag; else the outcome."""
    if call["voicemail"] is True and call["outcome"] in ("ended", "completed", "timeout"):
        return "voicemail"
    return call["outcome"]


def is_connected(call):
    return bucket(call) in CONNECTED


def is_attempted(call):
    return bucket(call) not in ("queued", "skipped", "invalid")


def count(calls, test):
    return sum(1 for call in calls if test(call))


def percentile_cont(values, part):
    """As PostgreSQL: linear between the two values around part * (n - 1)."""
    if not values:
        return None
    values = sorted(values)
    at = part * (len(values) - 1)
    low = at.numerator // at.denominator
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (at - low)


def metrics(provider, calls):
    """The METRICS columns over some calls of one provider."""
    row = {"calls": len(calls)}
    row.update((name, count(calls, lambda c: bucket(c) == name)) for name in BUCKETS)
    row["attempted"] = count(calls, is_attempted)
    row["connected"] = count(calls, is_connected)
    row["analyzed"] = count(calls, lambda c: any(c[f] is not None for f in
                                                 ("success", "summary", "sentiment")))
    row["succeeded"] = count(calls, lambda c: c["success"] is True)
    row["not_succeeded"] = count(calls, lambda c: c["success"] is False)
    for name in ("positive", "neutral", "negative", "unknown"):
        row["sentiment_" + name] = count(calls, lambda c: c["sentiment"] == name)
    for name in ("reattempts", "reschedules"):
        row[name] = sum(c[name] or 0 for c in calls)
    row = {k: str(v) for k, v in row.items()}
    row["connect_rate"] = rate(int(row["connected"]), int(row["attempted"]))
    row["success_rate"] = rate(int(row["succeeded"]),
                               int(row["succeeded"]) + int(row["not_succeeded"]))
    talks = [c["duration"] for c in calls if c["duration"]]
    row["talk_seconds"] = seconds(sum(talks))
    row["talk_seconds_avg"] = seconds(Fraction(sum(talks), len(talks)) if talks else None)
    row["talk_seconds_p50"] = seconds(percentile_cont(talks, Fraction(1, 2)))
    row["talk_seconds_p90"] = seconds(percentile_cont(talks, Fraction(9, 10)))
    row.update(credit_columns(provider, calls, int(row["succeeded"])))
    return row


def credit_columns(provider, calls, succeeded):
    if provider not in UNIT:
        return {"credits_used": "", "credits_unit": "", "credits_per_success": ""}
    used = sum(c["credits_used"] or 0 for c in calls)
    return {"credits_used": credits_text(used), "credits_unit": UNIT[provider],
            "credits_per_success": rate(used, succeeded * 10**6)}


# ---------------------------------------------------------------------------------------------
# Section 5: the reports. Each gives (columns, rows).
# ---------------------------------------------------------------------------------------------

class Export:
    """The calls of the window, with the texts that all reports share."""

    def __init__(self, calls, lists, zone, first_day, last_day):
        self.zone, self.first_day, self.last_day = zone, first_day, last_day
        self.calls = []
        for call in calls:
            when = call["started_at"] if call["started_at"] is not None else call["first_event_at"]
            call = dict(call, when=when, day=zone.day(when))
            for kind in ("assistant", "campaign"):
                id_ = call[kind + "_id"] or ""
                call[kind + "_id"] = id_
                call[kind + "_name"] = lists.name[kind + "_id"].get((call["provider"], id_), "")
            call["workspace"] = call["workspace"] or ""
            if self.in_window(call["day"]):
                self.calls.append(call)

    def in_window(self, day):
        """Both days inclusive; no day is left out when a window is given."""
        if self.first_day is None and self.last_day is None:
            return True
        return (day != "" and (self.first_day is None or day >= self.first_day)
                and (self.last_day is None or day <= self.last_day))

    def groups(self, keys, calls=None):
        found = defaultdict(list)
        for call in self.calls if calls is None else calls:
            found[tuple(call[k] for k in keys)].append(call)
        return found.items()

    def rollup(self, keys):
        """Rows of `keys` and METRICS. Names hang on their ids, so they may stand among the keys."""
        rows = [dict(zip(keys, key), **metrics(calls[0]["provider"], calls))
                for key, calls in self.groups(keys)]
        return keys + METRICS, sorted(rows, key=lambda r: sort_key(r, ids(keys)))


def ids(columns):
    return [c for c in columns if not c.endswith("_name")]


ASSISTANT = ["assistant_id", "assistant_name"]
CAMPAIGN = ["campaign_id", "campaign_name"]


def assistant_daily(export):
    return export.rollup(["day", "provider"] + ASSISTANT)


def campaign_daily(export):
    return export.rollup(["day", "provider"] + CAMPAIGN)


def assistant_campaign_daily(export):
    return export.rollup(["day", "provider"] + ASSISTANT + CAMPAIGN)


def assistant_total(export):
    return export.rollup(["provider"] + ASSISTANT)


def campaign_total(export):
    return export.rollup(["provider"] + CAMPAIGN)


def calls_report(export):
    columns = ("provider call_id day started_at ended_at assistant_id assistant_name campaign_id "
               "campaign_name workspace direction from_number to_number outcome status voicemail "
               "duration_seconds success sentiment summary required_actions insights credits_used "
               "credits_unit reattempts reschedules recording_url detail_url first_event_at "
               "last_event_at events").split()
    rows = []
    for call in export.calls:
        row = {c: "" if call.get(c) is None else call[c] for c in columns}
        for name in ("started_at", "ended_at", "first_event_at", "last_event_at"):
            row[name] = export.zone.stamp(call[name])
        row["voicemail"] = boolean(call["voicemail"])
        row["success"] = boolean(call["success"])
        row["duration_seconds"] = seconds(call["duration"])
        row["required_actions"] = json_cell(call["required_actions"])
        row["insights"] = json_cell(call["insights"])
        # AMBIGUOUS: the unit stands in every row of a provider that has one, also where no
        # credits are stated; the credits of such a call are empty, not 0.
        has_unit = call["provider"] in UNIT
        row["credits_used"] = credits_text(call["credits_used"]) if has_unit else ""
        row["credits_unit"] = UNIT.get(call["provider"], "")
        for name in ("reattempts", "reschedules", "events"):
            row[name] = str(row[name])
        rows.append(row)
    return columns, sorted(rows, key=lambda r: sort_key(r, ["day", "provider", "call_id"]))


def insights_report(export):
    keys = ["provider"] + ASSISTANT + CAMPAIGN
    found = defaultdict(int)
    for call in export.calls:
        for name, value in call["insights"].items():
            found[tuple(call[k] for k in keys) + (name, insight_text(value))] += 1
    keys = keys + ["insight", "value"]
    rows = [dict(zip(keys, key), calls=str(n)) for key, n in found.items()]
    return keys + ["calls"], sorted(rows, key=lambda r: sort_key(r, ids(keys)))


def attempts(export):
    keys = ["provider"] + CAMPAIGN + ["reattempts"]
    rows = []
    for key, calls in export.groups(keys):
        row = dict(zip(keys, key))
        row["reattempts"] = "" if row["reattempts"] is None else str(row["reattempts"])
        row["calls"] = str(len(calls))
        row["connected"] = str(count(calls, is_connected))
        row["succeeded"] = str(count(calls, lambda c: c["success"] is True))
        rows.append(row)
    return (keys + ["calls", "connected", "succeeded"],
            sorted(rows, key=lambda r: sort_key(r, ids(keys))))


def hourly(export):
    keys = ["provider"] + ASSISTANT + ["weekday", "hour"]
    placed = []
    for call in export.calls:
        local = export.zone.local(call["when"])
        placed.append(dict(call, weekday="" if local is None else str(local.isoweekday()),
                           hour="" if local is None else str(local.hour)))
    rows = []
    for key, calls in export.groups(keys, placed):
        connected = count(calls, is_connected)
        rows.append(dict(zip(keys, key), calls=str(len(calls)), connected=str(connected),
                         connect_rate=rate(connected, count(calls, is_attempted))))
    return (keys + ["calls", "connected", "connect_rate"],
            sorted(rows, key=lambda r: sort_key(r, ids(keys))))


def credits_daily(export, balances):
    """Credits by the call's day; the closing balance is that of the greatest (event time,
    identity) of the local day, under the call's workspace."""
    keys = ["day", "provider", "workspace"]
    used = {key: sum(c["credits_used"] or 0 for c in calls) for key, calls in export.groups(keys)}
    rows = []
    for key in set(used) | set(balances):
        row = dict(zip(keys, key), credits_used="", credits_unit="", closing_balance="")
        if row["provider"] in UNIT:
            row["credits_used"] = credits_text(used.get(key, 0))
            row["credits_unit"] = UNIT[row["provider"]]
            row["closing_balance"] = credits_text(balances[key][2] if key in balances else None)
        rows.append(row)
    return (keys + ["credits_used", "credits_unit", "closing_balance"],
            sorted(rows, key=lambda r: sort_key(r, keys)))


def closing_balances(store, calls, export):
    """{(day, provider, workspace): (event time, identity, balance)} and the ties."""
    workspace = {(c["provider"], c["call_id"]): c["workspace"] or "" for c in calls}
    best, ties = {}, []
    for call_key, events in store.calls.items():
        for event in events.values():
            # AMBIGUOUS: a balance without an event time is in no day, so in no row; neither is
            # one in a detail, whose time is that of the fetch: fetch times are in no report.
            if "balance" not in event.said or event.time is None or event.kind == "detail":
                continue
            key = (export.zone.day(event.time), event.provider, workspace[call_key])
            if not export.in_window(key[0]):
                continue
            said = (event.time, event.identity, event.said["balance"])
            former = best.get(key)
            if former and former[0] == said[0] and former[2] != said[2]:
                ties.append((key, said[0]))
            if former is None or said > former:
                best[key] = said
    return best, [f"balance {' '.join(key)}" for key, time_us in ties if best[key][0] == time_us]


def followups(export):
    columns = (["provider", "call_id", "day"] + ASSISTANT + CAMPAIGN
               + ["to_number", "outcome", "summary", "required_actions", "callback_requested"])
    rows = []
    for call in export.calls:
        # AMBIGUOUS: the insight is read as any boolean is: true or "true" in any case.
        callback = as_bool(call["insights"].get("callback_requested"))
        if not call["required_actions"] and callback is not True:
            continue
        row = {c: call.get(c) or "" for c in columns}
        row["required_actions"] = json_cell(call["required_actions"])
        row["callback_requested"] = boolean(callback)
        rows.append(row)
    return columns, sorted(rows, key=lambda r: sort_key(r, ["day", "provider", "call_id"]))


REPORTS = {
    "assistant_daily": assistant_daily,
    "campaign_daily": campaign_daily,
    "assistant_campaign_daily": assistant_campaign_daily,
    "assistant_total": assistant_total,
    "campaign_total": campaign_total,
    "calls": calls_report,
    "insights": insights_report,
    "attempts": attempts,
    "hourly": hourly,
    "followups": followups,
}


def run(paths, maps=(), provider=None, tz="UTC", first_day=None, last_day=None, plain=False):
    """Returns ({file name: bytes}, counts, ties)."""
    sys.setrecursionlimit(20000)
    store, lists = Store(), Lists()
    store.ingest(paths)
    for path in maps:
        lists.read(path, provider)
    calls, ties = fold_all(store, lists)
    export = Export(calls, lists, Zone(tz), first_day, last_day)
    balances, balance_ties = closing_balances(store, calls, export)
    files = {name + ".csv": csv_bytes(*report(export), plain) for name, report in REPORTS.items()}
    files["credits_daily.csv"] = csv_bytes(*credits_daily(export, balances), plain)
    return files, store.counts, ties + balance_ties


def day_argument(text):
    return datetime.datetime.strptime(text, "%Y-%m-%d").strftime("%Y-%m-%d")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", required=True)
    parser.add_argument("--tz", default="UTC")
    parser.add_argument("--from", dest="first_day", type=day_argument)
    parser.add_argument("--to", dest="last_day", type=day_argument)
    parser.add_argument("--plain", action="store_true")
    parser.add_argument("--map", action="append", default=[])
    parser.add_argument("--provider")
    parser.add_argument("--ties")
    parser.add_argument("path", nargs="+")
    args = parser.parse_args()
    files, counts, ties = run(args.path, args.map, args.provider, args.tz, args.first_day,
                              args.last_day, args.plain)
    files["counts.json"] = (json.dumps(counts) + "\n").encode("utf-8")
    os.makedirs(args.out, exist_ok=True)
    for name, content in files.items():
        with open(os.path.join(args.out, name), "wb") as f:
            f.write(content)
    if args.ties:
        with open(args.ties, "w", encoding="utf-8") as f:
            f.writelines(tie + "\n" for tie in sorted(set(ties)))


if __name__ == "__main__":
    main()
