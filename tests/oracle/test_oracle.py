"""Small inputs whose results were reasoned by hand from DESIGN.md."""

import base64
import csv
import gzip
import io
import json
import os
import random
import tempfile
import unittest
from fractions import Fraction

import oracle


def mirai(type_, id_="m1", **data):
    """A MiraiMinds webhook. The keyword `call` adds members beside the id."""
    call = dict({"id": id_}, **data.pop("call", {}))
    return {"event": {"type": type_, "data": dict(data, call=call)}}


def mini(event, at, id_="v1", data=None, **call):
    return {"event": event, "created_at": at, "call": dict({"id": id_}, **call),
            "variables": {}, "data": data or {}}


def whippy(event, at, status, id_="w1", request_id="r", **metadata):
    return {"data": {"id": id_, "delivery_status": status, "direction": "OUTBOUND",
                     "from": "+15550001", "to": "+15550002", "created_at": "2024-10-31T12:00:00Z",
                     "campaign_id": None, "metadata": dict({"agent_id": "ag"}, **metadata),
                     "attachments": []},
            "event": event, "created_at": at, "request_id": request_id}


def text(*messages):
    return "".join((m if isinstance(m, str) else json.dumps(m)) + "\n" for m in messages).encode()


def table(content):
    """Rows of a report as dicts, the byte order mark gone."""
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


class OracleTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def file(self, name, content):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as f:
            f.write(content)
        return path

    def run_on(self, *messages, **options):
        return oracle.run([self.file("a.jsonl", text(*messages))], **options)

    def one_call(self, *messages):
        files, _, _ = self.run_on(*messages)
        rows = table(files["calls.csv"])
        self.assertEqual(1, len(rows))
        return rows[0]

    def test_books_of_a_mixed_file(self):
        good = whippy("call.started", "2024-10-31T12:00:01Z", "call_in_progress")
        again = json.dumps(dict(good, request_id="another"), indent=None, separators=(" , ", " : "))
        packed = base64.b64encode(json.dumps(mirai("call.ended")).encode()).decode()
        _, counts, _ = self.run_on(
            good, again,                                          # an event and its duplicate
            {"received_at": "2024-01-01T00:00:00Z", "body": packed, "isBase64Encoded": True},
            {"payload": json.dumps({"data": {"rawBody": mirai("call.busy", "m2")}})},
            {"body": {"body": {"body": {"body": mirai("call.busy", "m3")}}}},   # four deep
            "", " \t\r", mirai("action", None),                   # ignored
            {"request": {}, "response": {"error": "x"}, "sentAt": "2024-01-01T00:00:00Z"},
            dict(good, event="message.created"),
            "[]", "1", '{"a":18446744073709551616}', '{"event":', {"error": {"code": "x"}},
            mirai("call.ended", ""), '{"event":NaN}')
        self.assertEqual({"files": 1, "lines": 17, "events": 3, "duplicates": 1, "rejected": 8,
                          "ignored": 5, "calls": 3}, counts)

    def test_redialled_call_and_late_summary(self):
        """no_answer, then picked up and completed; the analysis comes with no times and the
        summary alone does not erase the success."""
        at = {"startedAt": "2024-03-01T10:00:00Z"}
        messages = [
            {"sentAt": "2024-03-01T09:59:00+05:30", "workspace": "ws",
             "request": {"phoneNumber": "+9198", "assistant": "as1", "metadata": {"campaignId": 7}},
             "response": {"status": "initiate", "callId": "m1"}},
            mirai("call.no-answer", call=dict(at, status="no-answer",
                                              endedAt="2024-03-01T10:00:30Z")),
            mirai("call.in-progress", call={"startedAt": "2024-03-01T10:05:00Z"}),
            mirai("call.completed", call={"status": "completed", "durationSeconds": "61.0005",
                                          "startedAt": "2024-03-01T10:05:00Z",
                                          "endedAt": 1709287561500}),
            mirai("end-of-call", analysis={"success": "True", "insights": {"b": 1, "a": [True]}},
                  credits={"used": 1.5, "available": 98.5}),
            mirai("call.lifecycle-ended", analysis={"summary": "=x", "insights": {"b": 1.50}},
                  report={"reAttemptCount": 1}, call={"durationSeconds": 0,
                                                      "endedAt": "2024-03-01T10:06:01Z",
                                                      "startedAt": "2024-03-01T10:05:00Z"}),
        ]
        for order in (messages, messages[::-1]):
            row = self.one_call(*order)
            expected = dict(
                provider="miraiminds", day="2024-03-01", outcome="completed", status="completed",
                started_at="2024-03-01 10:00:00", ended_at="2024-03-01 10:06:01",
                assistant_id="as1", campaign_id="7", workspace="ws", to_number="+9198",
                duration_seconds="61.001", success="true", summary="'=x",
                insights='{"a":[true],"b":1.5}', credits_used="1.5", credits_unit="credits",
                reattempts="1", reschedules="", events="6", direction="outbound",
                first_event_at="2024-03-01 04:29:00", last_event_at="2024-03-01 10:06:01")
            self.assertEqual(expected, {k: row[k] for k in expected})

    def test_repeats_under_event_count_once(self):
        message = mirai("call.completed", credits={"used": 2}, report={"reAttemptCount": None})
        message["event"].update(call={"id": "zz", "status": "failed"}, credits={"used": 9},
                                report={"reAttemptCount": 3})
        row = self.one_call(message)
        # event.data wins field by field; the status under event fills the gap, terminal first.
        self.assertEqual(("m1", "2", "3", "failed"), (row["call_id"], row["credits_used"],
                                                      row["reattempts"], row["outcome"]))

    def test_whippy_voicemail_and_milliseconds(self):
        row = self.one_call(
            whippy("call.started", "2024-10-31T12:00:01Z", "call_in_progress"),
            whippy("call.analyzed", "2024-10-31T12:01:00Z", "call_completed.voicemail_reached",
                   duration=15848,
                   analysis={"in_voicemail": False, "user_sentiment": "Unknown",
                             "custom_analysis_dat": {"x": "é", "none": None},
                             "call_completion_rating": "Complete"}))
        self.assertEqual(
            ("completed", "true", "15.848", "unknown", "outbound",
             '{"call_completion_rating":"Complete","x":"é"}'),
            (row["outcome"], row["voicemail"], row["duration_seconds"], row["sentiment"],
             row["direction"], row["insights"]))

    def test_rollup_numbers_and_bytes(self):
        """Three calls of one assistant on one New York day, percentiles between ms."""
        def done(id_, at, seconds):
            return mini("call.completed", at, id_, application_id="app", status="completed",
                        duration=seconds)
        messages = [mini("call.created", "2024-07-02T03:00:00Z", i, status="in_progress")
                    for i in ("v1", "v2", "v3", "v4")]
        messages += [done("v1", "2024-07-02T03:10:00Z", 10), done("v2", "2024-07-02T03:10:01Z", 11),
                     done("v3", "2024-07-02T03:10:02Z", 13.001),
                     mini("call.failed", "2024-07-02T03:10:03Z", "v4", application_id="app")]
        files, counts, ties = self.run_on(*messages, tz="America/New_York", plain=True)
        self.assertEqual([], ties)
        self.assertEqual(4, counts["calls"])
        lines = files["assistant_daily.csv"].decode().split("\n")
        self.assertTrue(lines[0].startswith('"day","provider","assistant_id","assistant_name",'
                                            '"calls","queued"'))
        # p90 of 10000, 11000, 13001 at 1.8: 11000 + 0.8 * 2001 = 12600.8, half away: 12.601
        # avg 34001 / 3 = 11333.67 -> 11.334
        self.assertEqual('2024-07-01,"minivoice","app",,4,0,0,0,3,0,0,0,0,1,0,0,0,0,0,0,4,3,0.7500,'
                         '0,0,0,,0,0,0,0,34.001,11.334,11,12.601,,,,0,0', lines[1])
        self.assertEqual(["", 2], [lines[2], len(lines) - 1])
        # Monday evening in New York, Tuesday in UTC.
        self.assertEqual(b'"minivoice","app",,1,23,4,3,0.7500',
                         files["hourly.csv"].split(b"\n")[1])
        excel = self.run_on(*messages)[0]["attempts.csv"]
        self.assertEqual(b'\xef\xbb\xbf"provider","campaign_id","campaign_name","reattempts",'
                         b'"calls","connected","succeeded"\r\n"minivoice",,,,4,3,0\r\n', excel)

    def test_window_balance_and_map(self):
        messages = [
            mirai("call.completed", "m1", call={"startedAt": "2024-03-01T23:59:59Z",
                                                "endedAt": "2024-03-02T00:01:00Z"},
                  credits={"used": 0.25, "available": 5}),
            mirai("call.completed", "m2", call={"startedAt": "2024-03-02T01:00:00Z",
                                                "endedAt": "2024-03-02T00:00:59Z"},
                  credits={"available": 6}),
            mirai("call.ended", "m3"),
            {"received_at": 1709424000, "body": mirai("call.ended", "m4")}]
        lists = self.file("o.csv", b"\xef\xbb\xbfprovider,call_id,assistant_id,campaign_id\r\n"
                          b"miraiminds,m1,A,old\r\nmiraiminds,m1,,new\r\nmiraiminds,nope,A,B\r\n")
        names = self.file("n.csv", b'provider,campaign_id,name\r\nmiraiminds,new,"N, ""1"""\r\n')
        files, _, _ = self.run_on(*messages, maps=[lists, names])
        self.assertEqual([",miraiminds,,0,credits,",
                          "2024-03-01,miraiminds,,0.25,credits,",
                          "2024-03-02,miraiminds,,0,credits,5",
                          "2024-03-03,miraiminds,,0,credits,"],
                         [",".join(r.values()) for r in table(files["credits_daily.csv"])])
        row = table(files["calls.csv"])[1]
        self.assertEqual(("m1", "", "new", 'N, "1"'), (row["call_id"], row["assistant_id"],
                                                       row["campaign_id"], row["campaign_name"]))
        files, _, _ = self.run_on(*messages, first_day="2024-03-02")
        self.assertEqual(["m2", "m4"], [r["call_id"] for r in table(files["calls.csv"])])

    def test_ties_name_what_only_the_identity_decided(self):
        at = {"endedAt": "2024-03-02T00:01:00Z"}
        _, _, ties = self.run_on(
            mirai("call.completed", call=at, analysis={"summary": "a"}, credits={"available": 1}),
            mirai("call.completed", call=at, analysis={"summary": "b"}, credits={"available": 2}))
        self.assertEqual(["miraiminds m1 summary", "balance 2024-03-02 miraiminds "], ties)

    def test_details_are_not_in_the_event_times(self):
        row = self.one_call(
            mini("call.created", "2024-07-02T03:00:00Z"),
            {"fetched_at": "2024-08-01T00:00:00Z", "provider": "minivoice", "kind": "detail",
             "call_id": "v1", "body": {"data": {"call": {"duration_seconds": 7},
                                                "summary": {"summary": "s", "sentiment": "mixed",
                                                            "action_items": "call back"}}}})
        self.assertEqual(("queued", "created", "7", "s", "unknown", '["call back"]', "1",
                          "2024-07-02 03:00:00"),
                         tuple(row[k] for k in ("outcome", "status", "duration_seconds", "summary",
                                                "sentiment", "required_actions", "events",
                                                "last_event_at")))

    def test_damaged_gzip_keeps_whole_lines(self):
        rng = random.Random(1)
        lines = [text(mini("call.created", "2024-07-02T03:00:00Z", rng.randbytes(40).hex()))
                 for _ in range(50)]
        first, second = gzip.compress(b"".join(lines[:25])), gzip.compress(b"".join(lines[25:]))
        self.assertEqual((b"".join(lines), True), oracle.gunzip(first + second))
        cut, whole = oracle.gunzip(first + second[:-600])
        self.assertFalse(whole)
        self.assertTrue(b"".join(lines).startswith(cut))
        self.assertGreater(len(cut), len(b"".join(lines[:25])))
        self.assertEqual(cut.count(b"\n"), len(oracle.split_lines(cut, False)))
        broken = bytearray(first)
        broken[-6] ^= 1                                           # the checksum
        self.assertEqual((b"".join(lines[:25]), False), oracle.gunzip(bytes(broken)))

    def test_values(self):
        at = oracle.as_time
        self.assertEqual(at("2024-10-31T12:54:40.379085Z"), at("2024-10-31 18:24:40.379085+0530"))
        self.assertEqual(at("2023-11-14T22:13:20"), at(1700000000))
        self.assertEqual(at(1700000000000), at("1700000000"))
        for bad in ("2024-10-31", "1999-12-31T23:59:59Z", 5, True, "2024-02-30T00:00:00Z", "now"):
            self.assertIsNone(at(bad))
        self.assertEqual("0.0000", oracle.rate(0, 3))
        self.assertEqual("0.1251", oracle.fixed(Fraction(12505, 100000), 4))
        self.assertEqual("100", oracle.trimmed(100, 6))
        self.assertEqual(["\ufffd\U0001f600"], oracle.parse_json(r'["\ud800\ud83d\ude00"]'))
        self.assertEqual('"+12"', oracle.text_cell("+12", False))
        self.assertEqual('"\'+1 2"', oracle.text_cell("+1 2", False))
        self.assertEqual(Fraction(5, 2), oracle.percentile_cont([4, 1, 2, 3], Fraction(1, 2)))


if __name__ == "__main__":
    unittest.main()
