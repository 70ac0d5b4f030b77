# Makes Markdown of labels (row, label), sizes (set, lines, bytes) and results
# (set, round, row, then what measure.c tells, WAL bytes), in this order. Ratios
# are those of medians; jobs is calltally's default on this machine, cores its
# processors.

BEGIN { FS = "\t" }

FILENAME != file { file = FILENAME; part++ }
part == 1 { label[$1] = $2; row[++rows] = $1; next }
part == 2 { sets[++n_sets] = $1; lines[$1] = $2; bytes[$1] = $3; next }
{
	k = $1 SUBSEP $3
	n = ++count[k]
	wall[k, n] = $4; cpu[k, n] = $5; peak[k, n] = $6; written[k, n] = $7
	server_cpu[k, n] = $8; server_peak[k, n] = $9; server_written[k, n] = $10
	wal[k, n] = $11
}

# The median of a[k, 1..n]; lo and hi are set, too.
function median(a, k,    n, i, j, t, v) {
	n = count[k]
	for (i = 1; i <= n; i++)
		v[i] = a[k, i] + 0
	for (i = 2; i <= n; i++)
		for (j = i; j > 1 && v[j] < v[j - 1]; j--) {
			t = v[j]; v[j] = v[j - 1]; v[j - 1] = t
		}
	lo = v[1]; hi = v[n]
	return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
}

function ratio(a, b) {
	return a > 0 && b > 0 ? sprintf("%.3f", a / b) : "–"
}

function m(set, row) {
	return count[set, row] ? median(wall, set SUBSEP row) : 0
}

# A goal's line: what, the ratio, the bound; nothing when a side is missing.
function goal(what, a, b, bound) {
	if (a > 0 && b > 0)
		printf "| %s | %.3f | ≤ %s | %s |\n", what, a / b, bound, a / b <= bound ? "met" : "**missed**"
}

function peak_mb(set, row) {
	return count[set, row] ? median(peak, set SUBSEP row) / 1024 : 0
}

# The client's and the server's; rows without a database have no server.
function both(form, client, server, k) {
	return wal[k, 1] == "-" ? sprintf(form, client) : sprintf(form " + " form, client, server)
}

function show_set(set,    i, k, r, w, least, most) {
	printf "\n### %d calls, %d lines, %.0f MB of JSON\n\n", set, lines[set], bytes[set] / 1e6
	printf "Rounds: %d.\n\n", count[set, row[1]]
	print "| | ÷ Python ETL | ÷ psql + jsonb | ÷ DuckDB | seconds | least – most | CPU s | peak MB | written MB | WAL MB |"
	print "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
	for (i = 1; i <= rows; i++) {
		r = row[i]; k = set SUBSEP r
		if (!count[k])
			continue
		w = median(wall, k); least = lo; most = hi
		printf "| %s | %s | %s | %s | %.3f | %.3f – %.3f ", label[r],
			ratio(w, m(set, "etl-1")), ratio(w, m(set, "psql")),
			ratio(w, m(set, "duckdb")), w, least, most
		printf "| %s ", both("%.2f", median(cpu, k), median(server_cpu, k), k)
		printf "| %s ", both("%.0f", median(peak, k) / 1024, median(server_peak, k) / 1024, k)
		printf "| %s ", both("%.0f", median(written, k) / 1e6, median(server_written, k) / 1e6, k)
		printf wal[k, 1] == "-" ? "| – |\n" : "| %.0f |\n", median(wal, k) / 1e6
	}
}

# CPU seconds of a row, the client's and the server's.
function work(set, row) {
	return median(cpu, set SUBSEP row) + median(server_cpu, set SUBSEP row)
}

# What no run can do without: the floors' work, evenly on all cores.
function show_least(set,    least) {
	if (!m(set, "decode") || !m(set, "copy") || !m(set, "selects"))
		return
	least = (work(set, "decode") + work(set, "copy") + work(set, "selects")) / cores
	printf "\nDecoding, COPY and SELECTs alone, evenly on %d cores: %.3f s", cores, least
	if (m(set, "etl-1"))
		printf ", %.3f of the Python ETL", least / m(set, "etl-1")
	if (m(set, "psql"))
		printf ", %.3f of psql + jsonb", least / m(set, "psql")
	print "."
}

function show_goals(set,    all, ingest, floor) {
	all = m(set, "calltally-" jobs)
	ingest = m(set, "ingest-" jobs)
	floor = m(set, "decode") > m(set, "copy") ? m(set, "decode") : m(set, "copy")
	if (!m(set, "decode") || !m(set, "copy"))
		floor = 0
	print "\n| goal | is | bound | |\n|---|--:|--:|---|"
	goal("dumps → CSV ÷ Python ETL", all, m(set, "etl-1"), 0.12)
	goal("dumps → CSV ÷ psql + jsonb", all, m(set, "psql"), 0.12)
	goal("dumps → CSV ÷ DuckDB in memory", all, m(set, "duckdb"), 1.2)
	goal("ingest ÷ the larger of decode and COPY alone", ingest, floor, 1.25)
	goal("the same files again ÷ first ingest", m(set, "again"), ingest, 0.15)
	goal("the same lines in other files ÷ first ingest", m(set, "recut"), ingest, 0.5)
	goal("peak memory ÷ 128 MB", peak_mb(set, "calltally-" jobs), 128, 1)
}

END {
	for (s = 1; s <= n_sets; s++) {
		show_set(sets[s])
		show_goals(sets[s])
		show_least(sets[s])
	}
	if (n_sets < 2)
		exit
	first = sets[1]; last = sets[n_sets]
	printf "\n| goal | is | bound | |\n|---|--:|--:|---|\n"
	goal(sprintf("time per line at %d calls ÷ at %d", last, first),
		m(last, "calltally-" jobs) / lines[last],
		m(first, "calltally-" jobs) / lines[first], 1.25)
}
