# shellcheck shell=sh
# To be sourced behind tap.sh: what exports compare, where its size and order count.

# own_report COLUMN...: own/mine.sql, calls in an order of their own with these columns.
own_report() {
	mkdir own
	{
		cat <<'END'
-- Calls in an order of their own.
-- KEY: provider, call_id
-- day: local date
-- provider: who placed the call
-- call_id: its id
END
		printf -- '-- %s: what was said\n' "$@"
		printf 'SELECT day, provider, call_id'
		printf ', %s' "$@"
		printf ' FROM window_call ORDER BY md5(call_id)\n'
	} >own/mine.sql
}

# fill_calls N LENGTH: N calls of two days, their summaries LENGTH times 32 characters.
fill_calls() {
	sql "INSERT INTO calltally.call (call_key, day_at, started_at, events, has_summary,
		provider, outcome, call_id, run_id, utc_days, summary)
	SELECT md5(i::text)::uuid, at, at, 1, true, 'p', 'completed', 'call_' || i,
		md5('')::uuid, '{}', repeat(md5(i::text), $2)
	FROM generate_series(1, $1) i,
		LATERAL (SELECT '2026-03-01'::timestamptz + i % 48 * interval '1 hour' AS at) t"
}
