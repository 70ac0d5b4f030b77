-- What came of calls that were asked for.
INSERT INTO calltally.pull_call (
	call_key, provider, call_id, state, tries, next_try_at, asked_at,
	status_code, error_code, body, run_id
)
SELECT call_key, $1::text, call_id, state, tries, next_try_at, asked_at,
	status_code, error_code, body, $10::uuid
FROM unnest(
	$2::uuid[], $3::text[], $4::text[], $5::bigint[], $6::timestamptz[],
	$7::smallint[], $8::text[], $9::text[], $11::timestamptz[]
) AS k (
	call_key, call_id, state, tries, next_try_at,
	status_code, error_code, body, asked_at
)
ON CONFLICT (call_key) DO UPDATE SET
	state = excluded.state,
	tries = excluded.tries,
	next_try_at = excluded.next_try_at,
	asked_at = coalesce(excluded.asked_at, pull_call.asked_at),
	status_code = excluded.status_code,
	error_code = excluded.error_code,
	body = excluded.body,
	run_id = excluded.run_id
