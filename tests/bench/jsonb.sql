-- The peer "zcat | psql": COPY into jsonb, and SQL for the rest.
--
--	zcat FILE... | psql -f tests/bench/jsonb.sql	(in the folder for the CSVs)
--
-- The raw lines are kept unlogged: what is durable, as with the others, is
-- the events and the calls. Each document is taken apart once, by
-- jsonb_to_record; an operator for each field would decompress it each time.
-- jsonb_hash_extended is PostgreSQL's own hash, undocumented, and quicker than
-- md5 over the text.
-- Left out, to its gain: what etl.py leaves out. White space it does fold.
\set ON_ERROR_STOP on
SET work_mem = '128MB';
SET temp_buffers = '64MB';
SET jit = off;
SET enable_memoize = off;	-- every document is another
SET TimeZone = 'UTC';
SELECT set_config(name, 'lz4', false) FROM pg_settings
WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals) \g /dev/null

\i :bench/tables.sql

CREATE FUNCTION pg_temp.as_time(v text) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE RETURN
	CASE WHEN v ~ '^[0-9.]+$' THEN
			to_timestamp(v::float8 / CASE WHEN v::float8 >= 1e11 THEN 1000 ELSE 1 END)
		WHEN v >= '2000' THEN v::timestamptz
	END;
CREATE FUNCTION pg_temp.as_sentiment(v text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
	CASE WHEN lower(v) IN ('positive', 'neutral', 'negative') THEN lower(v)
		WHEN v <> '' THEN 'unknown'
	END;
CREATE FUNCTION pg_temp.as_json(v jsonb) RETURNS json
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
	CASE WHEN v NOT IN ('null', '[]', '{}', '""') THEN v::text::json END;

CREATE TEMP TABLE map (provider text, status text, outcome text, rank smallint);
INSERT INTO map VALUES
	('miraiminds', 'initiate', 'queued', 1),
	('miraiminds', 'in-progress', 'in_progress', 2),
	('miraiminds', 'ended', 'ended', 3),
	('miraiminds', 'completed', 'completed', 4),
	('miraiminds', 'timeout', 'timeout', 5),
	('miraiminds', 'failed', 'failed', 5),
	('miraiminds', 'validation-failed', 'invalid', 5),
	('miraiminds', 'busy', 'busy', 5),
	('miraiminds', 'no-answer', 'no_answer', 5),
	('miraiminds', 'skip', 'skipped', 5),
	('miraiminds', 'rescheduled', 'rescheduled', 5),
	('miraiminds', 'aborted', 'aborted', 5),
	('whippy', 'call_in_progress', 'in_progress', 2),
	('whippy', 'call_completed.call_transfer', 'transferred', 5),
	('whippy', 'call_completed.dial_no_answer', 'no_answer', 5),
	('whippy', 'call_completed.dial_busy', 'busy', 5),
	('whippy', 'call_completed.dial_failed', 'failed', 5),
	('minivoice', 'created', 'queued', 1),
	('minivoice', 'queued', 'queued', 1),
	('minivoice', 'initiated', 'queued', 1),
	('minivoice', 'dialing', 'queued', 1),
	('minivoice', 'ringing', 'queued', 1),
	('minivoice', 'answered', 'in_progress', 2),
	('minivoice', 'in_progress', 'in_progress', 2),
	('minivoice', 'in-progress', 'in_progress', 2),
	('minivoice', 'completed', 'completed', 4),
	('minivoice', 'failed', 'failed', 5),
	('minivoice', 'busy', 'busy', 5),
	('minivoice', 'no_answer', 'no_answer', 5),
	('minivoice', 'no-answer', 'no_answer', 5),
	('minivoice', 'canceled', 'aborted', 5);

CREATE UNLOGGED TABLE raw (doc jsonb);
\copy raw FROM pstdin (FORMAT csv, QUOTE E'\x01', DELIMITER E'\x02')

WITH said AS (
	SELECT lpad(to_hex(jsonb_hash_extended(doc, 1)), 16, '0') ||
			lpad(to_hex(jsonb_hash_extended(doc, 2)), 16, '0') AS hash, e.*
	FROM (
		SELECT CASE WHEN doc ? 'request_id' THEN doc - 'request_id' ELSE doc END AS doc
		FROM raw
		OFFSET 0
	) raw
	CROSS JOIN LATERAL jsonb_to_record(raw.doc) AS d (event jsonb, data jsonb,
		call jsonb, metadata jsonb, variables jsonb, created_at text,
		"sentAt" text, workspace text, request jsonb, response jsonb)
	CROSS JOIN LATERAL (
		SELECT 'miraiminds' AS provider, c.id AS call_id, 1::smallint AS kind,
			c."startedAt" AS started, c."endedAt" AS ended, NULL AS at,
			CASE v.type WHEN 'call.initiate' THEN 0 WHEN 'call.in-progress' THEN 1
				WHEN 'call.ended' THEN 2 WHEN 'end-of-call' THEN 4
				WHEN 'call.lifecycle-ended' THEN 5 WHEN 'action' THEN 6
				ELSE 3 END::smallint AS stage,
			r."finalStatus" AS status1, c.status AS status2,
			CASE WHEN v.type LIKE 'call.%' AND v.type <> 'call.lifecycle-ended'
				THEN substr(v.type, 6) END AS status3,
			NULL AS assistant_id,
			coalesce(nullif(d.metadata ->> 'campaign', ''),
				nullif(d.metadata ->> 'campaign_id', ''),
				d.metadata ->> 'campaignId') AS campaign_id,
			NULL AS workspace, 'outbound' AS direction, NULL AS from_number,
			NULL AS to_number,
			(c."durationSeconds" * 1000)::bigint AS duration_ms,
			NULL::boolean AS voicemail, a.success,
			coalesce(nullif(a.sentiment, ''), a.insights ->> 'sentiment') AS sentiment,
			(k.used * 1000000)::bigint AS credits_used_micro,
			r."reAttemptCount" AS reattempts, r."rescheduledCount" AS reschedules,
			c."recordingUrl" AS recording_url, c."detailUrl" AS detail_url,
			a."requiredActions" AS required_actions, a.insights, a.summary
		FROM jsonb_to_record(CASE WHEN jsonb_typeof(d.event) = 'object'
				THEN d.event END) AS v (type text, data jsonb, call jsonb,
				analysis jsonb, report jsonb, credits jsonb)
		CROSS JOIN LATERAL jsonb_to_record(coalesce(v.data, '{}')) AS w (
			call jsonb, analysis jsonb, report jsonb, credits jsonb)
		CROSS JOIN LATERAL jsonb_to_record(coalesce(
			v.call || jsonb_strip_nulls(w.call), w.call, v.call, '{}')) AS c (
			id text, status text, "startedAt" text, "endedAt" text,
			"durationSeconds" numeric, "recordingUrl" text, "detailUrl" text)
		CROSS JOIN LATERAL jsonb_to_record(coalesce(
			v.analysis || jsonb_strip_nulls(w.analysis), w.analysis, v.analysis,
			'{}')) AS a (success boolean, sentiment text, summary text,
			insights jsonb, "requiredActions" jsonb)
		CROSS JOIN LATERAL jsonb_to_record(coalesce(
			v.report || jsonb_strip_nulls(w.report), w.report, v.report,
			'{}')) AS r ("finalStatus" text, "reAttemptCount" bigint,
			"rescheduledCount" bigint)
		CROSS JOIN LATERAL jsonb_to_record(coalesce(
			v.credits || jsonb_strip_nulls(w.credits), w.credits, v.credits,
			'{}')) AS k (used numeric)
		WHERE jsonb_typeof(d.event) = 'object' AND c.id <> ''
		UNION ALL
		SELECT 'miraiminds', d.response ->> 'callId', 0, NULL, NULL, d."sentAt",
			7, d.response ->> 'status', NULL, NULL,
			d.request ->> 'assistant',
			coalesce(nullif(d.request #>> '{metadata,campaign}', ''),
				nullif(d.request #>> '{metadata,campaign_id}', ''),
				d.request #>> '{metadata,campaignId}'),
			d.workspace, 'outbound', NULL, d.request ->> 'phoneNumber',
			NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
		WHERE d.request IS NOT NULL AND d.response ->> 'callId' <> ''
		UNION ALL
		SELECT 'minivoice', c.id, 1,
			CASE WHEN d.event ->> 0 = 'call.created' THEN d.created_at END,
			CASE WHEN d.event ->> 0 IN ('call.completed', 'call.failed')
				THEN d.created_at END,
			d.created_at,
			CASE d.event ->> 0 WHEN 'call.created' THEN 0 WHEN 'call.answered' THEN 1
				WHEN 'call.gathered' THEN 2 WHEN 'recording.started' THEN 3
				WHEN 'call.failed' THEN 4 WHEN 'call.completed' THEN 4
				WHEN 'recording.completed' THEN 5 ELSE 6 END,
			c.status,
			CASE WHEN d.event ->> 0 LIKE 'call.%' AND d.event ->> 0 <> 'call.gathered'
				THEN substr(d.event ->> 0, 6) END, NULL,
			c.application_id,
			coalesce(d.variables ->> 'campaign', d.variables ->> 'campaign_id',
				d.variables ->> 'campaignId', d.metadata ->> 'campaign',
				d.metadata ->> 'campaign_id', d.metadata ->> 'campaignId'),
			NULL, lower(c.direction), c."from", c."to",
			(coalesce(c.duration, c.duration_seconds,
				CASE WHEN d.event ->> 0 LIKE 'call.%'
					THEN (d.data ->> 'duration')::numeric END) * 1000)::bigint,
			NULL, NULL, NULL, NULL, NULL, NULL,
			CASE WHEN d.event ->> 0 = 'recording.completed' THEN
				coalesce(d.data ->> 'recording_url', d.data ->> 'url') END,
			NULL, NULL, NULL, NULL
		FROM jsonb_to_record(d.call) AS c (id text, status text,
			application_id text, direction text, "from" text, "to" text,
			duration numeric, duration_seconds numeric)
		WHERE jsonb_typeof(d.event) = 'string' AND d.call IS NOT NULL
		UNION ALL
		SELECT 'whippy', w.id, 1, w.created_at, NULL,
			coalesce(d.created_at, w.updated_at),
			CASE d.event ->> 0 WHEN 'call.started' THEN 0 WHEN 'call.ended' THEN 1
				WHEN 'call.analyzed' THEN 2 ELSE 3 END,
			w.delivery_status, NULL, NULL,
			m.agent_id, w.campaign_id, NULL, lower(w.direction), w."from", w."to",
			m.duration,
			CASE WHEN w.delivery_status = 'call_completed.voicemail_reached'
				THEN true ELSE a.in_voicemail END,
			a.call_successful, a.user_sentiment, NULL, NULL, NULL,
			(SELECT item ->> 'url' FROM jsonb_array_elements(w.attachments) item
				WHERE item ->> 'content_type' LIKE 'audio/%' LIMIT 1),
			NULL, NULL,
			coalesce(a.custom_analysis_data, a.custom_analysis_dat, '{}') ||
				jsonb_strip_nulls(jsonb_build_object(
				'agent_task_completion_rating', a.agent_task_completion_rating,
				'call_completion_rating', a.call_completion_rating)),
			a.call_summary
		FROM jsonb_to_record(d.data) AS w (id text, delivery_status text,
			direction text, "from" text, "to" text, campaign_id text,
			created_at text, updated_at text, metadata jsonb, attachments jsonb)
		CROSS JOIN LATERAL jsonb_to_record(coalesce(w.metadata, '{}')) AS m (
			agent_id text, duration bigint, analysis jsonb)
		CROSS JOIN LATERAL jsonb_to_record(coalesce(
			nullif(m.analysis, 'null'), '{}')) AS a (in_voicemail boolean,
			call_successful boolean, user_sentiment text, call_summary text,
			custom_analysis_data jsonb, custom_analysis_dat jsonb,
			agent_task_completion_rating text, call_completion_rating text)
		WHERE jsonb_typeof(d.event) = 'string' AND d.call IS NULL
			AND d.event ->> 0 LIKE 'call.%'
	) e
), new AS (
	INSERT INTO event (provider, call_id, hash, kind, event_time, stage, rank,
		outcome, status, assistant_id, campaign_id, workspace, direction,
		from_number, to_number, started_at, ended_at, duration_ms, voicemail,
		success, sentiment, credits_used_micro, reattempts, reschedules,
		recording_url, detail_url, required_actions, insights, summary)
	SELECT said.provider, call_id, hash::uuid, kind,
		CASE WHEN at IS NOT NULL THEN pg_temp.as_time(at)
			WHEN o.rank >= 3 AND ended <> '' THEN pg_temp.as_time(ended)
			ELSE pg_temp.as_time(started)
		END, stage, o.rank, o.outcome, o.status,
		nullif(assistant_id, ''), nullif(campaign_id, ''),
		nullif(workspace, ''), nullif(direction, ''),
		nullif(from_number, ''), nullif(to_number, ''),
		pg_temp.as_time(started), pg_temp.as_time(ended), duration_ms,
		voicemail, success, pg_temp.as_sentiment(sentiment),
		credits_used_micro, reattempts, reschedules,
		nullif(recording_url, ''), nullif(detail_url, ''),
		pg_temp.as_json(required_actions), pg_temp.as_json(insights),
		nullif(summary, '')
	FROM said
	LEFT JOIN map m1 ON m1.provider = said.provider AND m1.status = status1
	LEFT JOIN map m2 ON m2.provider = said.provider AND m2.status = status2
	LEFT JOIN map m3 ON m3.provider = said.provider AND m3.status = status3
	CROSS JOIN LATERAL (
		SELECT coalesce(m1.outcome, CASE WHEN said.provider = 'whippy'
				AND status1 LIKE 'call\_completed%' THEN 'completed'
				WHEN status1 <> '' THEN 'other' END) AS outcome1,
			coalesce(m1.rank, CASE WHEN said.provider = 'whippy'
				AND status1 LIKE 'call\_completed%' THEN 4
				WHEN status1 <> '' THEN 0 END) AS rank1,
			coalesce(m2.outcome, CASE WHEN status2 <> '' THEN 'other' END) AS outcome2,
			coalesce(m2.rank, CASE WHEN status2 <> '' THEN 0 END) AS rank2,
			coalesce(m3.outcome, CASE WHEN status3 <> '' THEN 'other' END) AS outcome3,
			coalesce(m3.rank, CASE WHEN status3 <> '' THEN 0 END) AS rank3
	) s
	CROSS JOIN LATERAL (
		SELECT CASE WHEN rank1 >= 4 THEN 1 WHEN rank2 >= 4 THEN 2
			WHEN rank3 >= 4 THEN 3
			WHEN rank1 = greatest(rank1, rank2, rank3) THEN 1
			WHEN rank2 = greatest(rank1, rank2, rank3) THEN 2
			WHEN rank3 IS NOT NULL THEN 3 END AS place
	) p
	CROSS JOIN LATERAL (
		SELECT CASE place WHEN 1 THEN rank1 WHEN 2 THEN rank2 WHEN 3 THEN rank3 END AS rank,
			CASE place WHEN 1 THEN outcome1 WHEN 2 THEN outcome2 WHEN 3 THEN outcome3 END AS outcome,
			CASE place WHEN 1 THEN status1 WHEN 2 THEN status2 WHEN 3 THEN status3 END AS status
	) o
	ON CONFLICT DO NOTHING
	RETURNING provider, call_id
)
INSERT INTO touched SELECT DISTINCT provider, call_id FROM new;
DROP TABLE raw;

\i :bench/fold.sql
\i :bench/rollup.sql
\copy (SELECT * FROM assistant_daily) TO 'assistant_daily.csv' (FORMAT csv, HEADER)
\copy (SELECT * FROM campaign_daily) TO 'campaign_daily.csv' (FORMAT csv, HEADER)
\copy (SELECT * FROM assistant_campaign_daily) TO 'assistant_campaign_daily.csv' (FORMAT csv, HEADER)
\copy (SELECT * FROM assistant_total) TO 'assistant_total.csv' (FORMAT csv, HEADER)
\copy (SELECT * FROM campaign_total) TO 'campaign_total.csv' (FORMAT csv, HEADER)
\copy (SELECT * FROM calls) TO 'calls.csv' (FORMAT csv, HEADER)
