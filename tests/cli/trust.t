#!/bin/sh
# What calltally writes is for its user and group alone, what it is told by
# links and names leads nowhere else, and a secret is told to nobody.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "${0%/*}/tap.sh"
# shellcheck source-path=SCRIPTDIR source=sample.sh
. "$here/sample.sh"
# shellcheck source-path=SCRIPTDIR source=simulator.sh
. "$here/simulator.sh"

new_database
mkdir dumps
sample_dump >dumps/m.jsonl
ct ingest dumps >/dev/null

# ---- modes: never more than 0640 and 0750, and less where the umask says so ----

sim --make 12 --seed 3 --lose 40 --dump dump.jsonl
ct ingest dump.jsonl >/dev/null
umask 000
ct export --out open/ --html --xlsx >/dev/null
ct rejects export --out rejects.out >/dev/null
ct pull --archive archive --since 2026-01-01 --rate 100000 >/dev/null
ct run dumps --out night --metrics night.prom --archive archive >/dev/null
umask 077
ct export --out shut/ >/dev/null
umask 022
is "$(find open archive night rejects.out -type f -exec stat -c %a {} + | sort -u)" 640 'umask 000: files are 0640'
is "$(find open archive night -type d -exec stat -c %a {} + | sort -u)" 750 'umask 000: folders are 0750'
is "$(find shut -type f -exec stat -c %a {} + | sort -u)" 600 'umask 077: files are 0600'
is "$(find shut -type d -exec stat -c %a {} + | sort -u)" 700 'umask 077: folders are 0700'
like "$(find archive -name 'detail-*' | wc -l)" '[1-9]' 'an archive is among them'

# ---- links in the way ----

echo precious >victim
for f in calls.csv manifest.json restatements.csv; do
	rm -f "open/$f"
	ln -s "$tmp/victim" "open/$f"
done
ct export --out open/ >/dev/null
is "$(cat victim)" precious 'a link under the name of a report is not written through'
is "$(find open -name calls.csv -type f)" open/calls.csv 'it is replaced by the report'
for f in archive/detail-*; do ln -sf "$tmp/victim" "$f"; done
ct pull --archive archive --since 2026-01-01 --rate 100000 --call "$(sql 'SELECT call_id FROM calltally.call WHERE call_id NOT LIKE $$call%$$ LIMIT 1')" >/dev/null 2>err
is "$(cat victim)" precious 'a link in the archive is not written through'
rm -rf archive
for name in ../../x /tmp/x .. 'a/b' '../open/calls'; do
	try ct export --out out --report "$name"
	like "$status" '^[12]$' "no report is named $name"
done
is "$(find . -name 'x*' -newer victim)" '' 'and no file is made of such a name'

if [ "$(id -u)" -eq 0 ]; then
	echo 'root only: 4711' >secret.jsonl
	chmod 600 secret.jsonl
	chmod 755 "$tmp"
	mkdir -m 777 inbox
	setpriv --reuid=65534 --regid=65534 --clear-groups ln -s "$tmp/secret.jsonl" inbox/theirs.jsonl
	setpriv --reuid=65534 --regid=65534 --clear-groups sh -c "umask 022; cat '$tmp/dumps/m.jsonl' >inbox/own && ln -s own inbox/own.jsonl"
	ln -s "$tmp/dumps/m.jsonl" inbox/ours.jsonl
	try ct ingest --json inbox
	status 1 'a link of somebody else to a file that is not his is a failure'
	like "$err" 'inbox/theirs\.jsonl: is a link of somebody else' 'which is told'
	is "$(json 'd["files"], d["files_unchanged"], d["files_failed"]')" '[1, 1, 1]' 'his own file and our own link are read'
	is "$(sql "SELECT count(*) FROM calltally.reject WHERE position('4711'::bytea IN raw) > 0")" 0 'no byte of it is in the database'
	try ct verify inbox
	status 1 'verify does not follow it, either'
else
	skip 'links of somebody else' 'needs root'
fi

# ---- secrets ----

s3=s3cr3t-4711
: >said
told() { "$@" >>said 2>&1 </dev/null; }
folder=$(printf '%s' "$CALLTALLY_DSN" | sed 's/.*host=\([^ ]*\).*/\1/')
user=$(printf '%s' "$CALLTALLY_DSN" | sed 's/.*user=\([^ ]*\).*/\1/')
for dsn in "postgresql://me:$s3@127.0.0.1:1/db" "postgresql://me:$s3@@host/db" "host=/nowhere password=$s3" \
    "host='x password=$s3" "password = '$s3' host=$folder dbname=none user=$user" "postgresql://127.0.0.1:1/db?password=$s3" \
    "postgresql://127.0.0.1:1/db?pass%77ord=$s3" "postgresql://me:$s3@$s3/" "host=$folder user=$user dbname=$database password=$s3"; do
	told env CALLTALLY_DSN="$dsn" "$CALLTALLY" status --json
	told env CALLTALLY_DSN="$dsn" "$CALLTALLY" ingest dumps
	told ct status --dsn "$dsn"
done
# Its host is its user's mistake; a URL that has a name in the host is refused above.
sed -i "s/host=$s3/host=/g; s/\"$s3\" to address/\"\" to address/g" said
unlike "$(cat said)" "$s3" 'a password in a connection string is told nobody'
: >said
for v in "postgresql://h/db?pass%77ord=$s3" "postgresql://me:$s3@h/db" "host=h password=$s3"; do
	try ct status --dsn "$v"
	status 2 "--dsn with a password is refused, however it is spelt: ${v%%"$s3"*}"
done
told env PGPASSWORD=$s3 PGHOST=127.0.0.1 PGPORT=1 "$CALLTALLY" status
told env CALLTALLY_MINIVOICE_URL="http://me:$s3@127.0.0.1:1" MINIVOICE_API_KEY=$s3 \
    "$CALLTALLY" pull --archive archive2 --since 2026-01-01 --attempts 1
told env CALLTALLY_MINIVOICE_URL="https://me:$s3@example.invalid/" MINIVOICE_API_KEY=$s3 \
    "$CALLTALLY" pull --archive archive2 --since 2026-01-01 --attempts 1 --max-minutes 1 --provider minivoice
told ct status
unlike "$(cat said)" "$s3" 'nor one of the environment'
is "$(psql -X -q -At "$CALLTALLY_DSN" -c 'SELECT * FROM calltally.run' -c 'SELECT * FROM calltally.pull_call' \
    -c 'SELECT * FROM calltally.pull_bucket' | grep -c "$s3")" 0 'nor is it in the database'
is "$(grep -rl "$s3" archive2 open night 2>/dev/null)" '' 'nor in a file'

finish
