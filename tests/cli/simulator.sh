# shellcheck shell=bash disable=SC2154,SC2016,SC2120
# simulator: the provider simulator for shell tests; sourced behind tap.sh.
#
# "sim OPTIONS..." starts a new one (ending the one before), with its port in
# $port and its address in $url, which the program is told to use for all
# providers. Keys hold every odd sign that a header can.

: "${SIM:?is to be the path of the provider simulator}"
sim_pid=

export MIRAIMINDS_PUBLIC_KEY='pk_"odd" <1>&x' MIRAIMINDS_PRIVATE_KEY='sk_\back%2F+slash/2'
export MIRAIMINDS_WORKSPACE=ws_sim WHIPPY_API_KEY="wk='a/3=b; c?#d" MINIVOICE_API_KEY='mv{key}_é$(4)'

sim_stop() {
	if [ -n "$sim_pid" ]; then
		kill "$sim_pid" 2>/dev/null
		wait "$sim_pid" 2>/dev/null
	fi
	sim_pid=
}

sim() {
	sim_stop
	rm -f "$tmp/port"
	"$SIM" --max-seconds 240 --port-file "$tmp/port" --other-host "$@" \
	    >"$tmp/sim.out" 2>&1 &
	sim_pid=$!
	for _ in $(seq 200); do
		[ -s "$tmp/port" ] && break
		sleep 0.05
	done
	port=$(cat "$tmp/port") || { cat "$tmp/sim.out"; exit 1; }
	url=${scheme:-http}://127.0.0.1:$port
	export CALLTALLY_MIRAIMINDS_URL="$url" CALLTALLY_WHIPPY_URL="$url"
	export CALLTALLY_MINIVOICE_URL="$url"
}

# stats EXPRESSION: of the object d that the simulator tells of itself.
stats() {
	python3 -c '
import json, ssl, sys, urllib.request
c = ssl._create_unverified_context()
d = json.load(urllib.request.urlopen(sys.argv[1] + "/_sim/stats", timeout=10, context=c))
p = d["providers"]
v = eval(sys.argv[2])
print(v if isinstance(v, str) else json.dumps(v, sort_keys=True))' "$url" "$1"
}

trap 'sim_stop; cleanup' EXIT
