#!/bin/bash
# Each API and each fault of the provider simulator once, with curl. Speaks TAP.
# usage: smoke.sh [build/provider-sim]; needs curl, jq, and openssl for TLS.
set -u

sim=${1:-build/provider-sim}
dir=$(mktemp -d)
pid=
count=0
bad=0

export MIRAIMINDS_PUBLIC_KEY='pk_smoke"1' MIRAIMINDS_PRIVATE_KEY='sk_smoke&%+2'
export MIRAIMINDS_WORKSPACE=ws_smoke WHIPPY_API_KEY='wk=smoke/3'
export MINIVOICE_API_KEY="mv'smoke 4"
mirai=(-H "x-public-key: $MIRAIMINDS_PUBLIC_KEY"
	-H "x-private-key: $MIRAIMINDS_PRIVATE_KEY" -H "workspace: ws_smoke")
whippy=(-H "X-WHIPPY-KEY: $WHIPPY_API_KEY")
voice=(-H "Authorization: Bearer $MINIVOICE_API_KEY")

# Ends the simulator that runs and keeps its exit status in $ended.
stop() {
	ended=none
	if [ -n "$pid" ]; then
		kill -TERM "$pid" && wait "$pid"
		ended=$?
		pid=
	fi
}

cleanup() {
	stop 2>/dev/null
	rm -rf "$dir"
}
trap cleanup EXIT

# start OPTIONS…: a new simulator; its port in $port, its address in $url.
start() {
	stop
	rm -f "$dir/port"
	"$sim" --max-seconds 120 --port-file "$dir/port" "$@" > "$dir/out" &
	pid=$!
	for _ in $(seq 100); do
		[ -s "$dir/port" ] && break
		sleep 0.1
	done
	port=$(cat "$dir/port")
	url=http://127.0.0.1:$port
}

# is NAME WANT GOT: one test.
is() {
	count=$((count + 1))
	if [ "$2" = "$3" ]; then
		echo "ok $count - $1"
	else
		bad=$((bad + 1))
		echo "not ok $count - $1"
		printf '# want: %s\n# got:  %s\n' "$2" "$3"
	fi
}

get() {
	curl -sS --max-time 10 "$@" 2>&1
}

status() {
	get -o /dev/null -w '%{http_code}' "$@"
}

# The exit status of curl alone.
fails() {
	curl -sS --max-time 3 -o /dev/null "$@" 2>/dev/null
	echo $?
}

header() {
	get -o /dev/null -D - "${@:2}" | tr -d '\r' | sed -n "s/^$1: //Ip"
}

stats() {
	get "$url/_sim/stats" | jq -c "$1"
}

# initiate LIFE: begins a call with that life; answers the API's body.
initiate() {
	get "${mirai[@]}" "$url/v2/call/initiate" -d "{\"phoneNumber\":\"+1555\",
	    \"assistant\":\"assistant_9\",\"payload\":{\"sim\":\"$1\"},
	    \"metadata\":{\"campaign\":\"spring\"},
	    \"callbackUrl\":\"$url/_sim/sink\"}"
}

# Waits until no life is under way.
settle() {
	for _ in $(seq 100); do
		[ "$(stats .lives.open)" = 0 ] && return
		sleep 0.1
	done
}

cat > "$dir/calls.jsonl" <<'CALLS'
{"provider":"miraiminds","call_id":"c_1","detail":{"assistant":"a_1","call":{"id":"c_1","status":"completed","detailUrl":"https://elsewhere.example/some/c%5F1?x=1"}}}
{"provider":"miraiminds","call_id":"c_2","detail":{"assistant":"a_2","call":{"id":"c_2","status":"completed"}}}
{"provider":"whippy","call_id":"w_2","detail":{"id":"w_2","type":"call","campaign_id":"k","created_at":"2026-05-02T00:00:00Z","attachments":[{"content_type":"application/json","url":"{{sim}}/org/calls/w_2/analysis.json"}]},"analysis":{"call_successful":true}}
{"provider":"whippy","call_id":"w_1","detail":{"id":"w_1","type":"call","campaign_id":null,"created_at":"2026-05-01T00:00:00Z"}}
{"provider":"whippy","call_id":"w_3","detail":{"id":"w_3","type":"sms","created_at":"2026-05-03T00:00:00Z"}}
{"provider":"whippy","call_id":"w_4","detail":{"id":"w_4","type":"call","campaign_id":"k","created_at":"2026-05-04T00:00:00+05:30"}}
{"provider":"minivoice","call_id":"call_1.0","detail":{"id":"call_1.0","status":"completed"},"ai":{"data":{"summary":{"summary":"yes"}}}}
{"provider":"minivoice","call_id":"call_2.0","detail":{"id":"call_2.0","status":"busy"}}
CALLS

### The three APIs over a given data set
start --calls "$dir/calls.jsonl" --log "$dir/log.jsonl" --other-host
is "says where it listens" "listening $port" "$(cat "$dir/out")"
is "MiraiMinds: a detail" a_1 "$(get "${mirai[@]}" "$url/v2/calls/c_1" | jq -r .assistant)"
is "MiraiMinds: by the path of detailUrl" c_1 "$(get "${mirai[@]}" "$url/some/c_1" | jq -r .call.id)"
is "MiraiMinds: no keys, bare 401" '{"message":"Unauthorized"}401' "$(get -w '%{http_code}' "$url/v2/calls/c_1")"
is "MiraiMinds: wrong workspace" 401 "$(status "${mirai[@]:0:4}" -H 'workspace: other' "$url/v2/calls/c_1")"
is "MiraiMinds: no such call" '{"message":"Not Found"}404' "$(get -w '%{http_code}' "${mirai[@]}" "$url/v2/calls/c_9")"
is "MiniVoice: a detail" completed "$(get "${voice[@]}" "$url/v1/calls/call_1.0" | jq -r .status)"
is "MiniVoice: its analysis" yes "$(get "${voice[@]}" "$url/v1/calls/call_1.0/ai" | jq -r .data.summary.summary)"
is "MiniVoice: no analysis" ai_summary_not_found "$(get "${voice[@]}" "$url/v1/calls/call_2.0/ai" | jq -r .error.code)"
is "MiniVoice: no such call" call_not_found "$(get "${voice[@]}" "$url/v1/calls/x" | jq -r .error.code)"
is "MiniVoice: wrong key" unauthorized "$(get -H 'Authorization: Bearer no' "$url/v1/calls/call_1.0" | jq -r .error.code)"
list=$url/v1/message/list
is "Whippy: wrong key" 401 "$(status -H 'X-WHIPPY-KEY: no' "$list")"
page=$(get "${whippy[@]}" "$list?type=call&limit=2")
is "Whippy: the oldest first, calls only" '["w_1","w_2"]' "$(jq -c '[.data[].id]' <<< "$page")"
cursor=$(jq -r .metadata.next_cursor <<< "$page")
page=$(get "${whippy[@]}" -G "$list" -d type=call -d limit=2 --data-urlencode "cursor=$cursor")
is "Whippy: the last page" '[["w_4"],null]' "$(jq -c '[[.data[].id],.metadata.next_cursor]' <<< "$page")"
cursor=$(jq -r .metadata.prev_cursor <<< "$page")
page=$(get "${whippy[@]}" "$url/v1/messages/search" -d "{\"type\":\"call\",\"limit\":9,\"direction\":\"backward\",\"cursor\":\"$cursor\"}")
is "Whippy: backward, by search" '["w_2","w_1"]' "$(jq -c '[.data[].id]' <<< "$page")"
is "Whippy: filters" '["w_4"]' "$(get "${whippy[@]}" "$list?campaign_id=k&after=2026-05-02T00:00:00Z" | jq -c '[.data[].id]')"
is "Whippy: a cursor of somebody else" 400 "$(status "${whippy[@]}" "$list?cursor=abc")"
is "Whippy: no offset" 400 "$(status "${whippy[@]}" "$list?offset=1")"
file=$(get "${whippy[@]}" "$list?campaign_id=k" | jq -r '.data[0].attachments[0].url')
is "Whippy: an attachment needs no key" true "$(get "$file" | jq .call_successful)"
is "nothing there" 404 "$(status "$url/v9")"
is "wrong method" 405 "$(status "${whippy[@]}" -d '{}' "$list")"
get "${voice[@]}" "http://127.0.0.2:$port/v1/calls/call_1.0" > /dev/null
get "${voice[@]}" "$url/v1/calls/call_1.0?key=$WHIPPY_API_KEY" > /dev/null
get "${voice[@]}" "$url/v2/calls/c_1" > /dev/null
is "keys where they do not belong are counted" '[1,2,1]' "$(stats '[.other_host,.providers.minivoice.leaks,.providers.miraiminds.leaks]')"
is "the log names headers" '["host","user-agent","accept","authorization"]' "$(jq -sc 'map(select(.path == "/v1/calls/call_1.0"))[0].headers' "$dir/log.jsonl")"
is "the log holds no key" 0 "$(grep -cF -e "$WHIPPY_API_KEY" -e smoke "$dir/log.jsonl")"
stop
is "ends on SIGTERM" 0 "$ended"

### Lives
start --dump "$dir/dump.jsonl.gz" --dispatch "$dir/dispatch.jsonl" \
	--truth "$dir/truth.jsonl" --step-ms 2 --late-ms 20
is "initiate: what is missing" 400 "$(status "${mirai[@]}" "$url/v2/call/initiate" -d '{"phoneNumber":"+1"}')"
is "initiate: callbacks to this machine only" 400 "$(status "${mirai[@]}" "$url/v2/call/initiate" -d '{"phoneNumber":"+1","assistant":"a","callbackUrl":"https://example.com/"}')"
is "initiate: no keys" 401 "$(status "$url/v2/call/initiate" -d '{}')"
for life in answered retried busy no_answer failed invalid skipped \
	rescheduled timeout late silent aborted; do
	initiate "$life" > "$dir/life.$life"
done
is "initiate: answers status and id" initiate "$(jq -r .status "$dir/life.busy")"
settle
id=$(initiate open | jq -r .callId)
settle
is "abort" aborted "$(get "${mirai[@]}" "$url/v2/call/abort" -d "{\"callId\":\"$id\"}" | jq -r .status)"
settle
is "abort: over already" aborted "$(get "${mirai[@]}" "$url/v2/call/abort" -d "{\"callId\":\"$id\"}" | jq -r .status)"
is "abort: no such call" 404 "$(status "${mirai[@]}" "$url/v2/call/abort" -d '{"callId":"x"}')"
is "every webhook was delivered" true "$(stats '.lives.undelivered == 0 and .sink == .lives.webhooks')"
is "the dump has them" "$(stats .sink)" "$(zcat "$dir/dump.jsonl.gz" | wc -l)"
is "the twelve statuses" 12 "$(zcat "$dir/dump.jsonl.gz" | jq -r .event.data.call.status | sort -u | wc -l)"
is "the dispatch log has all" '[13,2,1]' "$(jq -sc 'map(.response) | [(map(select(.callId)) | length), (map(select(.message != "Unauthorized" and .message)) | length), (map(select(.message == "Unauthorized")) | length)]' "$dir/dispatch.jsonl")"
id=$(jq -r .callId "$dir/life.retried")
is "detail of a life" '["assistant_9","completed",1,"completed"]' "$(get "${mirai[@]}" "$url/v2/calls/$id" | jq -c '[.assistant,.call.status,.report.reAttemptCount,.report.finalStatus]')"
stop
is "the truth has every call" 13 "$(jq -r .life "$dir/truth.jsonl" | wc -l)"
cp "$dir/truth.jsonl" "$dir/again.jsonl"
start --calls "$dir/again.jsonl" --truth "$dir/truth.jsonl"
is "the truth can be loaded" "$id" "$(get "${mirai[@]}" "$url/v2/calls/$id" | jq -r .call.id)"
stop
is "and is the same again" "$(jq -c 'del(.life)' "$dir/again.jsonl")" "$(jq -c 'del(.life)' "$dir/truth.jsonl")"
start --make 30 --seed 7 --lose 40 --dump "$dir/a.jsonl" --truth "$dir/a.truth"
stop
start --make 30 --seed 7 --lose 40 --dump "$dir/b.jsonl" --truth "$dir/b.truth"
is "makes calls of each provider" '[10,10,10]' "$(stats '[.providers.miraiminds.calls,.providers.whippy.calls,.providers.minivoice.calls]')"
stop
is "the same ones for a seed" "$(sed "s/127.0.0.1:[0-9]*//g" "$dir/a.jsonl" "$dir/a.truth" | cksum)" "$(sed "s/127.0.0.1:[0-9]*//g" "$dir/b.jsonl" "$dir/b.truth" | cksum)"

### Faults
call=v1/calls/call_1.0
# fault RULE…: a simulator with these rules.
fault() {
	local rules=()

	for rule in "$@"; do
		rules+=(--fault "$rule")
	done
	start --calls "$dir/calls.jsonl" --other-host "${rules[@]}"
}

fault '{"fault":"429","provider":"minivoice","retry_after":1}' \
	'{"fault":"429","provider":"whippy","retry_form":"date","retry_after":2}' \
	'{"fault":"429","provider":"miraiminds","retry_after":"soon"}' \
	'{"fault":"503","call_id":"c_2","retry_after":3}'
is "429 with seconds" 1 "$(header retry-after "${voice[@]}" "$url/$call")"
sleep 0.2
is "too early, and counted" 200 "$(status "${voice[@]}" "$url/$call")"
is "429 with a date" GMT "$(header retry-after "${whippy[@]}" "$url/v1/message/list" | grep -o 'GMT$')"
is "429 with nonsense" soon "$(header retry-after "${mirai[@]}" "$url/v2/calls/c_1")"
is "503 for one call" 3 "$(header retry-after "${mirai[@]}" "$url/v2/calls/c_2")"
sleep 1
is "once is once" 200 "$(status "${voice[@]}" "$url/$call")"
is "who came too early" '[1,0]' "$(stats '[.providers.minivoice.early,.providers.miraiminds.early]')"

for code in 400 401 403 404 410 500 502 503; do
	fault "{\"fault\":\"$code\"}"
	is "$code" "$code" "$(status "${voice[@]}" "$url/$call")"
done
fault '{"fault":"slow","ms":20,"bytes":10}' '{"fault":"stall","ms":5000}' '{"fault":"cut"}' \
	'{"fault":"cut","chunked":true}' '{"fault":"close"}' '{"fault":"hang"}' '{"fault":"delay","ms":300}'
want='{"id":"call_1.0","status":"completed"}'
is "slow bytes, all there" "$want" "$(get "${voice[@]}" "$url/$call")"
is "stall" 28 "$(fails "${voice[@]}" "$url/$call")"
is "cut" 18 "$(fails "${voice[@]}" "$url/$call")"
is "cut while chunked" 18 "$(fails "${voice[@]}" "$url/$call")"
is "close" 52 "$(fails "${voice[@]}" "$url/$call")"
is "hang" 28 "$(fails "${voice[@]}" "$url/$call")"
is "delay" true "$(get -o /dev/null -w '%{time_total}' "${voice[@]}" "$url/$call" | jq '. >= 0.3')"
is "as if nothing had been" "$want" "$(get "${voice[@]}" "$url/$call")"
stop
is "ends while connections hang" 0 "$ended"
fault '{"fault":"badjson"}' '{"fault":"truncated"}' '{"fault":"empty"}' '{"fault":"html"}' \
	'{"fault":"other_id"}' '{"fault":"oversize","bytes":3000000}' '{"fault":"oversize","bytes":3000000,"chunked":true}'
is "badjson" 200no "$(get -o "$dir/body" -w '%{http_code}' "${voice[@]}" "$url/$call"; jq . "$dir/body" > /dev/null 2>&1 || echo no)"
is "truncated, with a length to match" '{"id":"call_1.0","s' "$(get "${voice[@]}" "$url/$call")"
is "empty" 0 "$(get -o /dev/null -w '%{size_download}' "${voice[@]}" "$url/$call")"
is "html" 'text/html; charset=utf-8' "$(header content-type "${voice[@]}" "$url/$call")"
is "the body of another call" call_2.0 "$(get "${voice[@]}" "$url/$call" | jq -r .id)"
is "oversized, and still JSON" '["call_1.0",3000000]' "$(get "${voice[@]}" "$url/$call" | jq -c '[.id,(.pad | length)]')"
is "oversized without a length" '["call_1.0",3000000]' "$(get "${voice[@]}" "$url/$call" | jq -c '[.id,(.pad | length)]')"
fault '{"fault":"redirect"}' '{"fault":"redirect","to":"http://example.invalid","status":308}' '{"fault":"redirect_same"}'
is "redirect to another host" "http://127.0.0.2:$port/$call" "$(header location "${voice[@]}" "$url/$call")"
is "redirect to a given host" "http://example.invalid/$call" "$(header location "${voice[@]}" "$url/$call")"
is "redirect on this host" "$want" "$(get -L "${voice[@]}" "$url/$call")"
fault '{"fault":"cursor_loop","after":1,"times":0}' '{"fault":"500","per":"request","times":2,"provider":"minivoice"}'
page=$(get "${whippy[@]}" "$url/v1/message/list?limit=2")
cursor=$(jq -r .metadata.next_cursor <<< "$page")
is "a cursor that leads to itself" "$cursor" "$(get "${whippy[@]}" -G "$url/v1/message/list" -d limit=2 --data-urlencode "cursor=$cursor" | jq -r .metadata.next_cursor)"
is "each request fails twice" "500 500 500 500 200 200" "$(for path in "$call" "$call/ai" "$call" "$call/ai" "$call" "$call/ai"; do status "${voice[@]}" "$url/$path"; echo; done | xargs)"
is "hits are counted" '[1,4]' "$(stats '[.faults[].hits]')"
is "a rule that means nothing is refused" 1 "$("$sim" --fault '{"fault":"nosuch"}' > /dev/null 2>&1; echo $?)"

### TLS and many at once
if command -v openssl > /dev/null; then
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=sim \
		-addext subjectAltName=IP:127.0.0.1 -keyout "$dir/key.pem" \
		-out "$dir/cert.pem" 2> /dev/null
	start --calls "$dir/calls.jsonl" --tls-cert "$dir/cert.pem" --tls-key "$dir/key.pem" --latency-ms 5
	url=https://127.0.0.1:$port
	is "https with a trusted certificate" completed "$(get --cacert "$dir/cert.pem" "${voice[@]}" "$url/$call" | jq -r .status)"
	is "https with an untrusted one" 60 "$(fails "${voice[@]}" "$url/$call")"
	is "https with another name" 60 "$(fails --cacert "$dir/cert.pem" --resolve "other.test:$port:127.0.0.1" "${voice[@]}" "https://other.test:$port/$call")"
else
	echo "# skipped: TLS, for want of openssl"
fi
start --make minivoice=200 --latency-ms 20 --dump "$dir/made.jsonl"
jq -r 'select(.event == "call.created").call.id' "$dir/made.jsonl" |
	sed "s|.*|url = \"$url/v1/calls/&\"\noutput = /dev/null|" > "$dir/urls"
begun=$(date +%s%N)
get --parallel --parallel-max 64 "${voice[@]}" -K "$dir/urls" > /dev/null
spent_ms=$((($(date +%s%N) - begun) / 1000000))
is "every call answered once" '[200,200,1]' "$(stats '.providers.minivoice | [.status["200"],.calls_asked,.most_for_a_path]')"
is "many at once (200 at 20 ms in $spent_ms ms)" true "$([ "$spent_ms" -lt 2000 ] && echo true)"

echo "1..$count"
[ "$bad" = 0 ]
