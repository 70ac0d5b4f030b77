#!/bin/sh
# Which database is meant: --dsn, CALLTALLY_DSN, libpq's environment, else a
# private cluster; and what must not be on a command line.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "${0%/*}/tap.sh"
# shellcheck source-path=SCRIPTDIR source=sample.sh
. "$here/sample.sh"

new_database
dsn=$CALLTALLY_DSN
unset CALLTALLY_DSN
folder=$(printf '%s' "$dsn" | sed -n 's/.*host=\([^ ]*\).*/\1/p')
user=$(printf '%s' "$dsn" | sed -n 's/.*user=\([^ ]*\).*/\1/p')

try ct init --dsn "$dsn"
status 0 '--dsn names the database'
try ct ingest - --dsn "$dsn" </dev/null
status 0 'ingest --dsn'
try ct status --dsn "$dsn" --json
is "$(json 'd["sources"]["files"]')" 1 'status --dsn is asked in the same place'
try env CALLTALLY_DSN="$dsn" "$CALLTALLY" status
status 0 'CALLTALLY_DSN names the database'
try env CALLTALLY_DSN='host=/nonexistent' "$CALLTALLY" status --dsn="$dsn"
status 0 '--dsn wins'
try env PGHOST="$folder" PGUSER="$user" PGDATABASE="$database" "$CALLTALLY" status
status 0 "libpq's environment names the database"
printf '[here]\nhost=%s\nuser=%s\ndbname=%s\n' "$folder" "$user" "$database" >services
try env PGSERVICE=here PGSERVICEFILE="$tmp/services" "$CALLTALLY" status
status 0 'a service names the database'
try env PGHOST=/nonexistent PGPORT=1 "$CALLTALLY" status
status 75 'a server that does not answer: try again later'
like "$err" '^calltally: .*/nonexistent' 'it is named'
is "$(printf '%s\n' "$err" | wc -l | tr -d ' ')" 1 'an error is one line'

# Every command that uses a database takes --dsn and --profiles.
mkdir profiles
sample_dump >dump
printf 'provider,assistant_id,name\nmiraiminds,a1,One\n' >list.csv
unset CALLTALLY_DSN
try ct init --dsn "$dsn" --profiles profiles --wait 5
status 0 'init --dsn --profiles'
try ct ingest dump --dsn "$dsn" --profiles profiles
status 3 'ingest --dsn --profiles'
try ct map list.csv --dsn "$dsn" --profiles profiles
status 0 'map --dsn --profiles'
try ct export --out out --dsn "$dsn" --profiles profiles
status 0 'export --dsn --profiles'
try ct status --dsn "$dsn" --profiles profiles
status 0 'status --dsn --profiles'
try ct show call_1 --dsn "$dsn" --profiles profiles
status 0 'show --dsn --profiles'
try ct rejects list --dsn "$dsn" --profiles profiles
status 0 'rejects list --dsn --profiles'
try ct rejects replay --dsn "$dsn" --profiles profiles
status 3 'rejects replay --dsn --profiles'
try ct rejects export --dsn "$dsn" --profiles profiles
status 0 'rejects export --dsn --profiles'
echo '{' >profiles/broken.json
try ct status --dsn "$dsn" --profiles profiles
status 1 'a broken profile is refused'
like "$err" 'broken\.json' 'and named'

# What everybody on the machine can read is no place for a password.
for secret in 'host=x password=s3cret' "host=x password = 's3cret'" \
    'postgresql://me:s3cret@x/db' 'postgres://me:s3cret@x' \
    'postgresql://x/db?password=s3cret' 'host=x sslpassword=s3cret' \
    'HOST=x PASSWORD=s3cret'; do
	usage 'ssword.*PGPASSWORD' "--dsn with a password: $secret" ct status --dsn "$secret"
	unlike "$err" 's3cret' 'which is not told again'
done
try ct status --dsn "postgresql://$user@/$database?host=$folder"
status 0 'a URI without a password'
try env CALLTALLY_DSN="$dsn password=s3cret" "$CALLTALLY" status
status 0 'CALLTALLY_DSN may hold a password'
unlike "$out" 's3cret' 'which is not told'
try ct status --dsn 'host=x nonsense'
status 2 'a connection string that is none is a usage error'

finish
