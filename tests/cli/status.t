#!/bin/sh
# calltally status and show: what is there, and the way back from a call.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "${0%/*}/tap.sh"
# shellcheck source-path=SCRIPTDIR source=sample.sh
. "$here/sample.sh"

new_database
sample_dump >m.jsonl
sample_dispatch >d.jsonl
sample_dump | gzip | head -c 200 >cut.gz
ct ingest m.jsonl d.jsonl >/dev/null
ct ingest cut.gz >/dev/null 2>&1

try ct status
status 0 'status'
like "$out" '^sources +3, 2 finished$' 'files are counted'
like "$out" '^lines +[0-9]+ = 5 new \+ ' 'lines are counted'
like "$out" '^calls +2, 0 still open, 1 without assistant, 0 completed without analysis$' 'calls are counted'
like "$out" '^  miraiminds  completed +1 ' 'calls by outcome'
like "$out" '^  not_json +1  .*/m\.jsonl:6 +.*/m\.jsonl:6$' 'reasons with their first and last place'
like "$out" '^  miraiminds  odd +1  .*/m\.jsonl:[0-9]+$' 'statuses that no profile knows'
like "$out" '^  2026-03-01 +1 +0 +0 +0 +0  [0-9: -]+$' 'the latest days and what they lack'
like "$out" '^  miraiminds  w1 +98\.5  2026-03-01 09:30:45$' 'the latest balances'
like "$out" '/cut\.gz ' 'unfinished files are named'
like "$out" '^  ingest +[0-9: -]+ partial ' 'the latest runs'

unlike "$out" "$(printf '\033')" 'no colours where there is no terminal'
if script -qec true /dev/null </dev/null >/dev/null 2>&1; then
	colours() { env "$@" script -qec "'$CALLTALLY' status" /dev/null </dev/null | grep -c "$(printf '\033')"; }
	is "$([ "$(colours NO_COLOR= TERM=xterm)" -gt 3 ] && echo some)" some 'colours on a terminal'
	is "$(colours NO_COLOR=1 TERM=xterm) $(colours NO_COLOR= TERM=dumb)" '0 0' 'but for NO_COLOR and TERM=dumb'
else
	skip 'colours on a terminal' 'no script(1)'
fi

try ct status --json
status 0 'status --json'
is "$(json '[d["sources"][k] for k in ("files", "finished", "unfinished")]')" '[3, 2, 1]' '--json: sources'
is "$(json 'd["calls"], d["calls_open"], d["calls_without_assistant"], d["calls_without_campaign"], d["completed_without_analysis"]')" \
    '[2, 0, 1, 1, 0]' '--json: calls'
is "$(json '[(o["provider"], o["outcome"], o["calls"]) for o in d["outcomes"]]')" \
    '[["miraiminds", "completed", 1], ["miraiminds", "other", 1]]' '--json: outcomes'
is "$(json 'sorted((r["reason"], r["lines"], r["first_line"]) for r in d["rejects"])')" \
    '[["no_shape", 1, 7], ["not_json", 1, 6]]' '--json: rejects'
is "$(json '[(r["first_file"], r["last_line"]) for r in d["rejects"]][0][0].split("/")[-1]')" m.jsonl '--json: their places'
is "$(json '[(o["day"], o["calls"], o["open"]) for o in d["days"]]')" '[["2026-03-01", 1, 0]]' '--json: days'
is "$(json 'd["unknown_statuses"][0]["status"]')" odd '--json: unknown statuses'
is "$(json 'd["balances"][0]["available"]')" 98.5 '--json: balances'
is "$(json '[r["state"] for r in d["runs"]]')" '["partial", "partial"]' '--json: runs'
like "$(json 'd["unfinished"][0]["file"]')" '/cut\.gz$' '--json: unfinished files'
is "$(json 'd["database_bytes"] > 1000000')" true '--json: size'

try ct show call_1
status 0 'show'
like "$out" '^call call_1 of miraiminds$' 'the call'
like "$out" '^2026-03-01 09:28:00  dispatch  .*/d\.jsonl:1$' 'an event: time, kind, place'
like "$out" '^-  webhook call\.initiate  .*/m\.jsonl:1$|^2026-03-01 09:29:00  webhook call\.initiate' 'an event of a type'
like "$out" '^    status +completed, completed$' 'what it stated'
like "$out" '^    => outcome +queued -> completed$' 'what it changed'
like "$out" '^    => new +started_at, ended_at, duration$' 'and what was new'
is "$(printf '%s\n' "$out" | sed -n '/call\.initiate/,/^$/p' | grep -c 'changes nothing')" 1 'an event that changed nothing says so'
like "$out" '^    outcome +completed \(completed\)  <- .*/m\.jsonl:[23]$' 'what decided the outcome'
like "$out" '^    assistant_id +a1  <- .*/d\.jsonl:1$' 'what decided a field'
is "$(printf '%s\n' "$out" | grep -n 'dispatch\|end-of-call' | cut -d: -f1 | sort -n | head -n 1)" 3 'events stand in the order of the fold'
unlike "$out" '98765|43210' 'phone numbers are masked'
like "$out" 'to_number +\+91\*+10$' 'but for their last two digits'
unlike "$out" "$(printf '\033')|$(printf '\342\200\256')" 'nothing harms the terminal'
like "$out" 'asked .x1b\[31mto call \+91 [* ]+10.u202e back' 'what could is made visible'
try ct show call_1 --phones full
like "$out" 'to_number +\+919876543210' '--phones full tells them'
try ct show call_1 --phones=masked
unlike "$out" '98765' '--phones masked does not'

try ct show call_1 --json
status 0 'show --json'
is "$(json '[(e["kind"], e["line"]) for e in d["calls"][0]["events"]]')" \
    '[["dispatch", 1], ["webhook", 1], ["webhook", 2], ["webhook", 3]]' '--json: events with their lines'
is "$(json 'd["calls"][0]["call"]["duration"], d["calls"][0]["call"]["credits_used"], d["calls"][0]["call"]["to_number"]')" \
    '[45, 1.5, "+919876543210"]' '--json: the merged call'
is "$(json '[(sorted(e["changes"]["was"]), e["changes"]["is"].get("outcome")) for e in d["calls"][0]["events"]]')" \
    '[[[], "queued"], [[], null], [["outcome"], "completed"], [[], null]]' '--json: what each event changed'
is "$(json 'd["calls"][0]["decided_by"]["assistant_id"]')" 0 '--json: what decided'

# A call id that two providers use.
cat >whippy.jsonl <<'END'
{"event":"call.ended","created_at":"2026-03-02T10:00:00Z","request_id":"r1","data":{"id":"call_1","type":"call","delivery_status":"call_completed.agent_hangup","direction":"INBOUND","created_at":"2026-03-02T09:59:00Z","metadata":{"agent_id":"w9","duration":15848}}}
END
ct ingest whippy.jsonl >/dev/null
try ct show call_1
is "$(printf '%s\n' "$out" | grep -c '^call call_1 of ')" 2 'the calls of all providers that know the id'
try ct show call_1 --provider whippy --json
is "$(json '[c["provider"] for c in d["calls"]]')" '["whippy"]' '--provider chooses one'
try ct show nobody
status 1 'no such call'
like "$err" '^calltally: no call "nobody"$' 'and it is named'
printf 'provider,call_id,assistant_id\nwhippy,later,a1\n' | ct map - >/dev/null
try ct show later
like "$out" "only a list's override" 'an override that waits for its call'

# Balances of the same time, without a time, and of a call without a workspace.
new_database
ct init >/dev/null
sql "INSERT INTO calltally.call (call_key, events, has_summary, provider,
		outcome, workspace, call_id, run_id, utc_days)
	SELECT md5(i::text)::uuid, 1, false, 'p', 'other', w, i, md5('r')::uuid, '{}'
	FROM unnest('{late,late,late,never,never,NULL}'::text[]) WITH ORDINALITY u (w, i);
	INSERT INTO calltally.credit_balance
	SELECT md5(i::text)::uuid, md5('b' || i)::uuid, t::timestamptz, i * 1000000
	FROM unnest(ARRAY['2026-03-01', '2026-03-02', '2026-03-02', NULL, NULL, '2026-03-01'])
		WITH ORDINALITY u (t, i)"
try ct status --json
is "$(json '[(b["workspace"], b["available"], b["at"]) for b in d["balances"]]')" \
    "$(sql "SELECT json_agg(json_build_array(w, i, t) ORDER BY w) FROM (
	SELECT DISTINCT ON (w) w, i, t FROM (VALUES ('late', 2, '2026-03-02T00:00:00Z'),
		('late', 3, '2026-03-02T00:00:00Z'), ('never', 4, NULL), ('never', 5, NULL),
		(NULL, 6, '2026-03-01T00:00:00Z')) v (w, i, t)
	ORDER BY w, md5('b' || i)::uuid DESC) b")" 'of balances that were stated at once the last by identity'

finish
