#!/bin/sh
# The page in a browser: it draws, sorts and filters, and text stays text.
# make check-page runs this; it needs Chromium.
# shellcheck source-path=SCRIPTDIR source=../cli/tap.sh
. "${0%/*}/../cli/tap.sh"

hostile() {
	cat <<'END'
{"event":{"type":"end-of-call","data":{"call":{"id":"hostile","status":"completed","startedAt":"2026-03-10T12:00:00Z","endedAt":"2026-03-10T12:00:45Z","durationSeconds":45},"analysis":{"success":true,"summary":"hostile</script><script>window.hostile=1</script><img src=x onerror=window.hostile=1>","insights":{"<script>window.hostile=1</script>":"<img src=x onerror=window.hostile=1>","intent":"</script ><script >window.hostile=1</script ><!--<script "}}}}}
END
}

"$GEN" --out dumps --calls 4000 --days 42 --start 2026-02-10 --repeat 20 --late 50 >/dev/null
cat >first.jsonl <<'END'
{"event":{"type":"call.completed","data":{"call":{"id":"hostile","status":"completed","startedAt":"2026-03-10T12:00:00Z"}}}}
{"sentAt":"2026-03-10T11:59:00Z","workspace":"<b>w</b>","request":{"phoneNumber":"+919876543210","assistant":"hostile","metadata":{"campaign":"</script>"}},"response":{"status":"initiate","callId":"hostile"}}
END
printf 'provider,assistant_id,name\nmiraiminds,hostile,<script>window.hostile=1</script>\n' >names.csv
new_database
ct ingest dumps first.jsonl >/dev/null
for list in dumps/lists/*.csv names.csv; do ct map "$list" >/dev/null; done
window='--tz Asia/Kolkata --from 2026-02-24 --to 2026-03-16'
# shellcheck disable=SC2086 # words
ct export --out rich $window >/dev/null
hostile >late.jsonl
ct ingest late.jsonl >/dev/null
# shellcheck disable=SC2086
ct export --out rich --html $window >/dev/null
ct export --out empty --html --from 2025-01-01 --to 2025-01-03 >/dev/null
python3 "$here/browser.py" rich/report.html empty/report.html
