-- A database in use, made by SQL alone: :calls calls over the 760 days up to
-- 2026-03-10, three events for each two calls, a balance for each
-- third call, a source a day.
--
-- The rows lie in order of time, as a nightly ingest leaves them; keys are
-- hashes. The indexes are built at the end, with the room that one has which
-- grew row by row (fillfactor 70): packed full, each new row would split a page.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
SET maintenance_work_mem = '1GB';
SET TimeZone = 'UTC';

ALTER TABLE calltally.call DROP CONSTRAINT call_pkey;
ALTER TABLE calltally.call_event DROP CONSTRAINT call_event_pkey;
ALTER TABLE calltally.credit_balance DROP CONSTRAINT credit_balance_pkey;
DROP INDEX calltally.call_day_at, calltally.credit_balance_event_time;

INSERT INTO calltally.run (run_id, command, started_at, finished_at, state)
SELECT md5('run' || d)::uuid, 'ingest', at, at, 'done'
FROM (SELECT d, '2024-02-10'::timestamptz + d * interval '1 day' AS at
	FROM generate_series(0, 759) d) day;

INSERT INTO calltally.source (source_id, name, raw_bytes, raw_hash, finished,
	lines, events, first_run, last_run, first_read_at, last_read_at)
SELECT d, '/srv/dumps/' || d || '.jsonl.gz', 1000, md5('source' || d)::uuid,
	true, 1000, 1000, md5('run' || d)::uuid, md5('run' || d)::uuid, at, at
FROM (SELECT d, '2024-02-10'::timestamptz + d * interval '1 day' AS at
	FROM generate_series(0, 759) d) day;

-- Call i of n; night is the day it was read.
CREATE FUNCTION pg_temp.at(i bigint, n bigint) RETURNS timestamptz
LANGUAGE sql IMMUTABLE RETURN '2024-02-09'::timestamptz
	+ i * 760.0 / n * interval '1 day';
CREATE FUNCTION pg_temp.utc_day(at timestamptz) RETURNS smallint
LANGUAGE sql IMMUTABLE RETURN
	(1 + floor((extract(epoch FROM at) - 946684800) / 86400))::smallint;

INSERT INTO calltally.call (call_key, day_at, started_at, ended_at,
	first_event_at, last_event_at, events, duration_ms, credits_used_micro,
	voicemail, success, has_summary, provider, outcome, sentiment,
	assistant_id, campaign_id, direction, to_number, status, call_id, run_id,
	utc_days, recording_url, insights, summary)
SELECT md5('call' || i)::uuid, at, at, at + interval '90 s', at,
	at + interval '95 s', 1 + i % 2, i % 300 * 1000, i % 900 * 10000,
	false, i % 3 = 0, i % 2 = 0,
	(ARRAY['miraiminds', 'whippy', 'minivoice'])[1 + i % 3], 'completed',
	'positive', 'asst_' || i % 200, 'camp_' || i % 100, 'outbound',
	'+4912345' || i, 'completed', 'call_' || md5(i::text),
	md5('run' || night)::uuid, ARRAY[pg_temp.utc_day(at)],
	'https://example.org/recordings/' || md5(i::text),
	CASE WHEN i % 2 = 0 THEN json_build_object('intent', i % 9,
		'callback_requested', i % 11 = 0) END,
	CASE WHEN i % 2 = 0 THEN repeat('what was said and done ', 5) || i END
FROM (SELECT i, pg_temp.at(i, :calls) AS at, i * 760 / :calls AS night
	FROM generate_series(0, :calls - 1::bigint) i OFFSET 0) made;

INSERT INTO calltally.call_event (utc_day, time_stated, call_key, identity,
	event_time, source_id, line, kind, outcome, type, status, assistant_id,
	campaign_id, to_number, started_at, duration_ms, success, sentiment,
	credits_used_micro, recording_url, insights, summary)
SELECT pg_temp.utc_day(at), true, md5('call' || i)::uuid,
	md5('event' || i || '/' || e)::uuid, at + e * interval '95 s', night, i,
	'webhook', 'completed', 'call.completed', 'completed',
	'asst_' || i % 200, 'camp_' || i % 100, '+4912345' || i, at,
	i % 300 * 1000, i % 3 = 0, 'positive', i % 900 * 10000,
	'https://example.org/recordings/' || md5(i::text),
	CASE WHEN e = 1 THEN json_build_object('intent', i % 9,
		'callback_requested', i % 11 = 0) END,
	CASE WHEN e = 1 THEN repeat('what was said and done ', 5) || i END
FROM (SELECT i, pg_temp.at(i, :calls) AS at, i * 760 / :calls AS night
	FROM generate_series(0, :calls - 1::bigint) i OFFSET 0) made,
	generate_series(i % 2, 1) e;

INSERT INTO calltally.credit_balance (utc_day, call_key, identity, event_time,
	available_micro)
SELECT pg_temp.utc_day(pg_temp.at(i, :calls)), md5('call' || i)::uuid, md5('event' || i || '/1')::uuid,
	pg_temp.at(i, :calls), 5000000000 - i * 100
FROM generate_series(0, :calls - 1::bigint, 3) i;

SET maintenance_work_mem = '512MB';
ALTER TABLE calltally.call ADD PRIMARY KEY (call_key) WITH (fillfactor = 70);
ALTER TABLE calltally.call_event
	ADD PRIMARY KEY (utc_day, call_key, identity) WITH (fillfactor = 70);
ALTER TABLE calltally.credit_balance
	ADD PRIMARY KEY (utc_day, call_key, identity) WITH (fillfactor = 70);
CREATE INDEX call_day_at ON calltally.call (day_at);
CREATE INDEX credit_balance_event_time ON calltally.credit_balance (event_time);
VACUUM (ANALYZE) calltally.call;
VACUUM (ANALYZE) calltally.call_event;
VACUUM (ANALYZE) calltally.credit_balance;
