#!/bin/sh
# Time zones whose clocks change within the window: every report equals the
# oracle's to the byte, on days of 23, 23.5, 24.5 and 25 hours, on days that
# begin at one in the morning, and around a day that there was not.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "${0%/*}/tap.sh"
oracle=$here/../oracle/oracle.py

# ZONE, the UTC instant of the change, what is odd about it.
cat >changes <<'END'
Europe/Berlin 2026-03-29T01:00:00 spring
Europe/Berlin 2026-10-25T01:00:00 autumn
America/New_York 2026-11-01T06:00:00 autumn, west of Greenwich
Australia/Lord_Howe 2026-04-04T15:00:00 half an hour back
Australia/Lord_Howe 2026-10-03T15:30:00 half an hour forth
Pacific/Apia 2011-12-30T10:00:00 the 30th of December that was not
America/Sao_Paulo 2018-11-04T03:00:00 midnight that was not
America/Havana 2026-11-01T05:00:00 midnight that was twice
Asia/Pyongyang 2015-08-14T15:00:00 another offset for good
America/Caracas 2016-05-01T07:00:00 from a half hour to a whole one
Pacific/Chatham 2026-04-04T14:00:00 quarter of an hour, summer time
Africa/Casablanca 2026-02-15T02:00:00 summer time that stops for a month
Asia/Kolkata 2026-03-01T00:00:00 half an hour, no change
END
python3 - <<'END'
import datetime as d, json, os
os.mkdir("dumps")
seen = set()
with open("dumps/calls.jsonl", "w") as f:
    for line in open("changes"):
        at = d.datetime.fromisoformat(line.split()[1])
        if at in seen:
            continue
        seen.add(at)
        # every 37 minutes two days around, and to the microsecond at the change
        steps = [d.timedelta(minutes=m) for m in range(-2880, 2881, 37)]
        steps += [d.timedelta(microseconds=u) for u in (-1, 0, 1)]
        for n, s in enumerate(steps):
            t = at + s
            f.write(json.dumps({"event": {"type": "end-of-call", "data": {
                "call": {"id": "%s-%d" % (at.date(), n), "status": ("completed", "no-answer", "busy")[n % 3],
                    "startedAt": t.isoformat() + "Z", "endedAt": (t + d.timedelta(seconds=n)).isoformat() + "Z",
                    "durationSeconds": n},
                "analysis": {"success": n % 2 == 0},
                "credits": {"used": 1, "available": 1000 - n}}}}) + "\n")
END
new_database
ct ingest dumps >/dev/null
while read -r zone at what; do
	rm -rf got want
	set -- --tz "$zone" --from "$(date -u -d "${at%T*} - 1 day" +%F)" --to "$(date -u -d "${at%T*} + 1 day" +%F)"
	ct export --out got "$@" >/dev/null
	python3 "$oracle" --out want "$@" dumps
	rm -f got/restatements.csv got/manifest.json want/restatements.csv want/counts.json
	try diff -r want got
	status 0 "$zone: $what"
	like "$(wc -l <got/calls.csv)" '^ *[0-9]{2,}$' "$zone: and there are calls"
done <changes

# The day that was not has no call, and is no failure to ask for.
rm -rf got
try ct export --out got --plain --tz Pacific/Apia --from 2011-12-30 --to 2011-12-30
status 0 'a day that was not'
is "$(wc -l <got/calls.csv | tr -d ' ')" 1 'has no call'
ct export --out got --plain --tz Pacific/Apia --from 2011-12-29 --to 2011-12-31 >/dev/null
is "$(cut -d, -f3 got/calls.csv | sort -u | grep -c 2011-12-30)" 0 'and its neighbours none of it'

# All windows of a day each sum to the window of all, whatever the zone does.
for zone in Australia/Lord_Howe Pacific/Apia America/Sao_Paulo; do
	day=$(grep "^$zone" changes | head -1 | sed 's/.* \(....-..-..\)T.*/\1/')
	sum=0
	for i in -1 0 1; do
		one=$(date -u -d "$day $i day" +%F)
		rm -rf got
		ct export --out got --plain --report calls --tz $zone --from "$one" --to "$one" >/dev/null
		sum=$((sum + $(wc -l <got/calls.csv) - 1))
	done
	rm -rf got
	ct export --out got --plain --report calls --tz $zone --from "$(date -u -d "$day -1 day" +%F)" \
	    --to "$(date -u -d "$day 1 day" +%F)" >/dev/null
	is "$sum" "$(($(wc -l <got/calls.csv) - 1))" "$zone: no call falls between two days"
done

finish
