#!/bin/bash
# calltally run --metrics: a file for node_exporter that tells how the run
# went, also when it failed, was refused or was ended by a signal.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "${0%/*}/tap.sh"
# shellcheck source-path=SCRIPTDIR source=sample.sh
. "$here/sample.sh"

unset MIRAIMINDS_PUBLIC_KEY MIRAIMINDS_PRIVATE_KEY MIRAIMINDS_WORKSPACE \
    WHIPPY_API_KEY MINIVOICE_API_KEY

night() { try ct run --archive archive --out out --metrics prom/calltally.prom "$@"; }

# Checks the form of a file; prints the value of the Python expression, in
# which m(NAME, LABEL=VALUE...) is a sample and names all families.
prom() {
	python3 - prom/calltally.prom "$1" <<'END'
import json, re, sys
text = open(sys.argv[1], encoding="utf-8").read()
assert text.endswith("\n") and "\r" not in text
NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
families, samples, helped = [], {}, None
for line in text.split("\n")[:-1]:
    if h := re.fullmatch(rf"# HELP ({NAME}) (\S.*)", line):
        assert helped is None and h[1] not in families, line
        helped = h[1]
    elif t := re.fullmatch(rf"# TYPE ({NAME}) gauge", line):
        assert t[1] == helped, line
        families.append(helped)
        helped = None
    else:
        s = re.fullmatch(rf"({NAME})(?:\{{(.*)\}})? (-?[0-9]+(?:\.[0-9]+)?)", line)
        assert s and helped is None and s[1] == families[-1], line
        labels, rest = [], s[2] or ""
        while rest:
            l = re.match(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\[\\"n])*)"(,|$)', rest)
            assert l, line
            labels.append((l[1], re.sub(r"\\(.)", lambda c: {"n": "\n"}.get(c[1], c[1]), l[2])))
            rest = rest[l.end():]
        key = (s[1], tuple(sorted(labels)))
        assert key not in samples, line
        samples[key] = float(s[3])
def m(name, **labels):
    v = samples.get((name, tuple(sorted(labels.items()))))
    return int(v) if v is not None and v == int(v) else v
names = families
v = eval(sys.argv[2])
print(v if isinstance(v, str) else json.dumps(v))
END
}

new_database
mkdir prom dumps
sample_dump >dumps/m.jsonl
sample_dispatch | sed 's/"w1"/"w\\"1\\\\\\n\\u00e4\\u001b"/' >dumps/d.jsonl
sample_dump | gzip | head -c 200 >dumps/cut.jsonl.gz
begun=$(date +%s)
(umask 077 && ct run --archive archive --out out --metrics prom/calltally.prom dumps >/dev/null 2>&1)
is $? 3 'a night'
is "$(prom '[m("calltally_run_" + n) for n in ("success", "exit_status")]')" '[1, 3]' 'that came to its end'
is "$(prom "$begun <= m('calltally_run_start_timestamp_seconds') + 1 and m('calltally_run_start_timestamp_seconds') <= m('calltally_run_end_timestamp_seconds') == m('calltally_run_last_success_timestamp_seconds')")" \
    true 'tells when'
is "$(prom '[m("calltally_stage_duration_seconds", stage=s) is not None for s in ("ingest", "pull", "export")]')" \
    '[true, true, true]' 'how long each part took'
is "$(prom '[m("calltally_stage_exit_status", stage=s) for s in ("ingest", "pull", "export")]')" '[3, 0, 0]' 'and how each ended'
is "$(prom 'm("calltally_ingest_lines_read") == sum(m("calltally_ingest_lines", result=r) for r in ("new", "duplicate", "rejected", "ignored"))')" \
    true 'its books balance'
is "$(prom '[m("calltally_ingest_lines", result=r) for r in ("new", "rejected", "ignored")]')" '[5, 2, 1]' 'lines by what became of them'
is "$(prom '[m("calltally_ingest_rejected_lines", reason=r) for r in ("not_json", "no_shape", "too_long")]')" '[1, 1, 0]' 'rejects by reason'
is "$(prom '[m("calltally_ingest_files", result=r) for r in ("read", "unchanged", "unfinished", "failed")]')" '[3, 0, 1, 0]' 'files'
is "$(prom '[m("calltally_ingest_calls"), m("calltally_ingest_drift")]')" '[2, 2]' 'calls and news'
is "$(prom '[m("calltally_export_rows", report="calls"), m("calltally_export_restated_cells")]')" '[2, 0]' 'rows and restated cells'
is "$(prom 'm("calltally_database_bytes") > 1000000')" true 'the size of the database'
is "$(prom 'm("calltally_credit_balance", provider="miraiminds", workspace="w\"1\\\n\u00e4\u001b", unit="credits")')" 98.5 \
    'balances, under labels that may hold anything'
is "$(prom '[n for n in names if n.endswith("_seconds")] != [] and all(n.startswith("calltally_") for n in names)')" true 'names tell the program and the unit'
is "$(stat -c %a prom/calltally.prom) $(ls -A prom)" '644 calltally.prom' 'node_exporter may read it, whatever the umask, and nothing else is left'

# A night that restates: late analysis of a day that is over.
sample_dump | sed -n 3p | sed 's/"summary"/"sentiment":"positive","summary"/' >dumps/late.jsonl
night dumps
is "$(prom 'm("calltally_export_restated_cells")')" "$(($(wc -l <out/restatements.csv) - 1))" 'restated cells are counted'
is "$(prom 'm("calltally_export_restated_cells") > 0')" true 'when there are any'

stamp() { prom 'm("calltally_run_last_success_timestamp_seconds")'; }
good=$(stamp)

touch file
try ct run --archive archive --out file/x --metrics prom/calltally.prom dumps
status 1 'a night whose reports cannot be written'
is "$(prom '[m("calltally_run_success"), m("calltally_run_exit_status"), m("calltally_stage_exit_status", stage="export"), m("calltally_export_rows", report="calls")]')" \
    '[0, 1, 1, null]' 'says so, and nothing of what it has not done'
is "$(stamp)" "$good" 'and when the last good one was'

# Another writer holds the lock.
mkfifo hold
"$CALLTALLY" ingest - <hold >/dev/null 2>&1 &
pid=$!
exec 3>hold
i=0
while [ "$(sql "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")" = 0 ] &&
    [ $i -lt 100 ]; do sleep 0.1; i=$((i + 1)); done
night --wait 0 dumps
status 75 'a night that is refused by the lock'
is "$(prom '[m("calltally_run_success"), m("calltally_run_exit_status"), m("calltally_ingest_lines_read"), m("calltally_stage_exit_status", stage="ingest")]')" \
    '[0, 75, null, null]' 'says so'
is "$(stamp)" "$good" 'and when the last good one was'
"$CALLTALLY" run --archive archive --out out --metrics prom/calltally.prom --wait 60 dumps >/dev/null 2>&1 &
waits=$!
sleep 1
kill -TERM $waits
wait $waits
is $? 143 'a night that is ended while it waits for the lock'
is "$(prom '[m("calltally_run_success"), m("calltally_run_exit_status")]')" '[0, 143]' 'says so'
exec 3>&-
wait $pid

# A night that is ended in the middle of its work.
yes "$(sample_dispatch)" | "$CALLTALLY" run --archive archive --out out --metrics prom/calltally.prom - >/dev/null 2>&1 &
pid=$!
i=0
while [ "$(sql "SELECT coalesce(max(lines), 0) FROM calltally.run WHERE state = 'running'")" = 0 ] &&
    [ $i -lt 100 ]; do sleep 0.1; i=$((i + 1)); done
kill -TERM $pid
wait $pid
is $? 143 'a night that is ended by a signal'
is "$(prom '[m("calltally_run_success"), m("calltally_run_exit_status"), m("calltally_ingest_lines_read") > 0]')" '[0, 143, true]' 'says so, and how far it came'

PGHOST=/nowhere
export PGHOST
unset CALLTALLY_DSN
night dumps
status 75 'a database that is not there'
is "$(prom '[m("calltally_run_exit_status"), m("calltally_database_bytes")]')" '[75, null]' 'is told too'
unset PGHOST
CALLTALLY_DSN="$CALLTALLY_TEST_DSN dbname=$database"
export CALLTALLY_DSN

# The file is not worth a run.
rm dumps/cut.jsonl.gz
cp prom/calltally.prom was
mkdir prom/folder.prom
try ct run --archive archive --out out --metrics prom/folder.prom dumps
status 0 'a file that cannot be written'
like "$err" '^calltally: --metrics: .*folder\.prom' 'is a warning'
try ct run --archive archive --out out --metrics nowhere/x.prom dumps
status 0 'and so is a folder that is not there'
like "$err" '^calltally: --metrics: nowhere: cannot open' 'which is named'
try cmp prom/calltally.prom was
status 0 'another file stays as it is'
is "$(ls -A prom)" "$(printf 'calltally.prom\nfolder.prom')" 'no temporary file is left'
usage '--metrics' 'no name' ct run --metrics '' --out out dumps

finish
