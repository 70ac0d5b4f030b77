-- The peer DuckDB: from gzipped lines to the reports, in memory, no database.
-- ${dumps} and ${out} stand for folders.
--
-- Each line is taken apart once, by from_json into a struct (a list of places
-- by json_extract_string was tried and was slower). The fold is arg_max over one number
-- that orders a call's events. Left out, to its gain: what etl.py and fold.sql
-- leave out, and nothing is kept, so nothing can be added to it tomorrow.
SET TimeZone = 'UTC';
SET preserve_insertion_order = false;

-- UTC throughout; only an offset needs ICU, which is slow.
CREATE MACRO as_time(v) AS CASE
	WHEN v < '2000' AND v[5] = '-' THEN NULL
	WHEN v[-6] IN ('+', '-') THEN CAST(CAST(v AS TIMESTAMPTZ) AS TIMESTAMP)
	WHEN v[5] = '-' THEN CAST(v AS TIMESTAMP)
	WHEN length(v) BETWEEN 9 AND 11 THEN make_timestamp(CAST(v AS BIGINT) * 1000000)
	WHEN length(v) BETWEEN 12 AND 14 THEN make_timestamp(CAST(v AS BIGINT) * 1000)
END;
CREATE MACRO two(a, b) AS coalesce(nullif(a, ''), nullif(b, ''));
CREATE MACRO as_sentiment(v) AS CASE
	WHEN lower(v) IN ('positive', 'neutral', 'negative') THEN lower(v)
	WHEN v <> '' THEN 'unknown'
END;

CREATE TABLE map (provider VARCHAR, status VARCHAR, outcome VARCHAR, rank TINYINT);
INSERT INTO map VALUES
	('miraiminds', 'initiate', 'queued', 1), ('miraiminds', 'in-progress', 'in_progress', 2),
	('miraiminds', 'ended', 'ended', 3), ('miraiminds', 'completed', 'completed', 4),
	('miraiminds', 'timeout', 'timeout', 5), ('miraiminds', 'failed', 'failed', 5),
	('miraiminds', 'validation-failed', 'invalid', 5), ('miraiminds', 'busy', 'busy', 5),
	('miraiminds', 'no-answer', 'no_answer', 5), ('miraiminds', 'skip', 'skipped', 5),
	('miraiminds', 'rescheduled', 'rescheduled', 5), ('miraiminds', 'aborted', 'aborted', 5),
	('whippy', 'call_in_progress', 'in_progress', 2),
	('whippy', 'call_completed.call_transfer', 'transferred', 5),
	('whippy', 'call_completed.dial_no_answer', 'no_answer', 5),
	('whippy', 'call_completed.dial_busy', 'busy', 5),
	('whippy', 'call_completed.dial_failed', 'failed', 5),
	('minivoice', 'created', 'queued', 1), ('minivoice', 'queued', 'queued', 1),
	('minivoice', 'initiated', 'queued', 1), ('minivoice', 'dialing', 'queued', 1),
	('minivoice', 'ringing', 'queued', 1), ('minivoice', 'answered', 'in_progress', 2),
	('minivoice', 'in_progress', 'in_progress', 2), ('minivoice', 'in-progress', 'in_progress', 2),
	('minivoice', 'completed', 'completed', 4), ('minivoice', 'failed', 'failed', 5),
	('minivoice', 'busy', 'busy', 5), ('minivoice', 'no_answer', 'no_answer', 5),
	('minivoice', 'no-answer', 'no_answer', 5), ('minivoice', 'canceled', 'aborted', 5);

-- A table of its own, and no filter: otherwise DuckDB pulls from_json into every
-- expression that needs a part of it, and takes several times as long.
CREATE TABLE said AS
WITH line AS (
	SELECT json, from_json(json, '{
			"event": {
				"type": "VARCHAR",
				"call": {"id": "VARCHAR", "status": "VARCHAR", "startedAt": "VARCHAR",
					"endedAt": "VARCHAR", "durationSeconds": "DOUBLE",
					"recordingUrl": "VARCHAR", "detailUrl": "VARCHAR"},
				"analysis": {"success": "BOOLEAN", "sentiment": "VARCHAR",
					"summary": "VARCHAR", "requiredActions": "JSON", "insights": "JSON"},
				"report": {"finalStatus": "VARCHAR", "reAttemptCount": "BIGINT",
					"rescheduledCount": "BIGINT"},
				"credits": {"used": "DOUBLE"},
				"data": {
					"call": {"id": "VARCHAR", "status": "VARCHAR", "startedAt": "VARCHAR",
						"endedAt": "VARCHAR", "durationSeconds": "DOUBLE",
						"recordingUrl": "VARCHAR", "detailUrl": "VARCHAR"},
					"analysis": {"success": "BOOLEAN", "sentiment": "VARCHAR",
						"summary": "VARCHAR", "requiredActions": "JSON",
						"insights": "JSON"},
					"report": {"finalStatus": "VARCHAR", "reAttemptCount": "BIGINT",
						"rescheduledCount": "BIGINT"},
					"credits": {"used": "DOUBLE"}
				}
			},
			"request_id": "VARCHAR", "created_at": "VARCHAR", "sentAt": "VARCHAR", "workspace": "VARCHAR",
			"metadata": {"campaign": "VARCHAR", "campaign_id": "VARCHAR",
				"campaignId": "VARCHAR"},
			"variables": {"campaign": "VARCHAR", "campaign_id": "VARCHAR",
				"campaignId": "VARCHAR"},
			"request": {"assistant": "VARCHAR", "phoneNumber": "VARCHAR",
				"metadata": {"campaign": "VARCHAR", "campaign_id": "VARCHAR",
					"campaignId": "VARCHAR"}},
			"response": {"callId": "VARCHAR", "status": "VARCHAR"},
			"call": {"id": "VARCHAR", "status": "VARCHAR", "application_id": "VARCHAR",
				"direction": "VARCHAR", "from": "VARCHAR", "to": "VARCHAR",
				"duration": "DOUBLE", "duration_seconds": "DOUBLE"},
			"data": {"id": "VARCHAR", "delivery_status": "VARCHAR", "direction": "VARCHAR",
				"from": "VARCHAR", "to": "VARCHAR", "campaign_id": "VARCHAR",
				"created_at": "VARCHAR", "updated_at": "VARCHAR",
				"duration": "DOUBLE", "recording_url": "VARCHAR", "url": "VARCHAR",
				"attachments": [{"content_type": "VARCHAR", "url": "VARCHAR"}],
				"metadata": {"agent_id": "VARCHAR", "duration": "BIGINT",
					"analysis": {"in_voicemail": "BOOLEAN", "call_successful": "BOOLEAN",
						"user_sentiment": "VARCHAR", "call_summary": "VARCHAR",
						"custom_analysis_data": "JSON", "custom_analysis_dat": "JSON"}}}
			}') AS v
	FROM read_ndjson_objects('${dumps}/*.jsonl.gz')
), named AS (
	SELECT v,
		hash(CASE WHEN v.request_id IS NULL THEN json
			ELSE replace(json, v.request_id, '') END) AS hash,
		CASE WHEN v.event.type IS NULL AND v.request IS NULL
			THEN json_extract_string(json, '$.event') END AS name
	FROM line
), shape AS (
	SELECT *, v.event AS e, v.event.data AS d, v.call AS c, v.data AS w,
		CASE WHEN v.request IS NOT NULL THEN 'dispatch'
			WHEN name IS NULL THEN 'miraiminds'
			WHEN v.call IS NOT NULL THEN 'minivoice'
			ELSE 'whippy' END AS shape
	FROM named
)
SELECT hash, shape, name,
	CASE WHEN shape = 'dispatch' THEN 'miraiminds' ELSE shape END AS provider,
	CASE shape WHEN 'miraiminds' THEN two(d.call.id, e.call.id)
		WHEN 'dispatch' THEN v.response.callId
		WHEN 'minivoice' THEN c.id ELSE w.id END AS call_id,
	CASE shape WHEN 'miraiminds' THEN e.type ELSE name END AS type,
	CASE shape WHEN 'miraiminds' THEN two(d.report.finalStatus, e.report.finalStatus)
		WHEN 'dispatch' THEN v.response.status
		WHEN 'minivoice' THEN c.status ELSE w.delivery_status END AS status1,
	CASE shape WHEN 'miraiminds' THEN two(d.call.status, e.call.status) END AS status2,
	CASE WHEN shape IN ('miraiminds', 'minivoice') AND starts_with(type, 'call.')
			AND type NOT IN ('call.lifecycle-ended', 'call.gathered')
		THEN substr(type, 6) END AS status3,
	CASE shape WHEN 'miraiminds' THEN two(d.call.startedAt, e.call.startedAt)
		WHEN 'minivoice' THEN CASE WHEN name = 'call.created' THEN v.created_at END
		WHEN 'whippy' THEN w.created_at END AS started,
	CASE shape WHEN 'miraiminds' THEN two(d.call.endedAt, e.call.endedAt)
		WHEN 'minivoice' THEN CASE WHEN name IN ('call.completed', 'call.failed')
			THEN v.created_at END END AS ended,
	CASE shape WHEN 'dispatch' THEN v.sentAt
		WHEN 'minivoice' THEN v.created_at
		WHEN 'whippy' THEN two(v.created_at, w.updated_at) END AS stated_at,
	CASE shape WHEN 'dispatch' THEN v.request.assistant
		WHEN 'minivoice' THEN c.application_id
		WHEN 'whippy' THEN w.metadata.agent_id END AS assistant_id,
	CASE shape
		WHEN 'dispatch' THEN two(v.request.metadata.campaign,
			two(v.request.metadata.campaign_id, v.request.metadata.campaignId))
		WHEN 'whippy' THEN w.campaign_id
		ELSE two(two(v.variables.campaign,
			two(v.variables.campaign_id, v.variables.campaignId)),
			two(v.metadata.campaign,
			two(v.metadata.campaign_id, v.metadata.campaignId))) END AS campaign_id,
	CASE shape WHEN 'dispatch' THEN v.workspace END AS workspace,
	CASE shape WHEN 'minivoice' THEN lower(c.direction)
		WHEN 'whippy' THEN lower(w.direction) ELSE 'outbound' END AS direction,
	CASE shape WHEN 'minivoice' THEN c.from WHEN 'whippy' THEN w.from END AS from_number,
	CASE shape WHEN 'minivoice' THEN c.to WHEN 'whippy' THEN w.to
		WHEN 'dispatch' THEN v.request.phoneNumber END AS to_number,
	CASE shape WHEN 'miraiminds' THEN
			round(coalesce(d.call.durationSeconds, e.call.durationSeconds) * 1000)
		WHEN 'minivoice' THEN round(coalesce(c.duration, c.duration_seconds,
			CASE WHEN starts_with(name, 'call.') THEN w.duration END) * 1000)
		WHEN 'whippy' THEN w.metadata.duration END::BIGINT AS duration_ms,
	CASE WHEN shape = 'whippy' THEN
		CASE WHEN w.delivery_status = 'call_completed.voicemail_reached' THEN true
		ELSE w.metadata.analysis.in_voicemail END END AS voicemail,
	CASE shape WHEN 'miraiminds' THEN coalesce(d.analysis.success, e.analysis.success)
		WHEN 'whippy' THEN w.metadata.analysis.call_successful END AS success,
	as_sentiment(CASE shape
		WHEN 'miraiminds' THEN two(two(d.analysis.sentiment, e.analysis.sentiment),
			json_extract_string(coalesce(d.analysis.insights, e.analysis.insights),
			'$.sentiment'))
		WHEN 'whippy' THEN w.metadata.analysis.user_sentiment END) AS sentiment,
	CASE shape WHEN 'miraiminds' THEN
		round(coalesce(d.credits.used, e.credits.used) * 1000000) END::BIGINT
		AS credits_used_micro,
	coalesce(d.report.reAttemptCount, e.report.reAttemptCount) AS reattempts,
	coalesce(d.report.rescheduledCount, e.report.rescheduledCount) AS reschedules,
	CASE shape WHEN 'miraiminds' THEN two(d.call.recordingUrl, e.call.recordingUrl)
		WHEN 'minivoice' THEN CASE WHEN name = 'recording.completed'
			THEN two(w.recording_url, w.url) END
		WHEN 'whippy' THEN list_filter(w.attachments,
			lambda a: starts_with(a.content_type, 'audio/'))[1].url END AS recording_url,
	two(d.call.detailUrl, e.call.detailUrl) AS detail_url,
	coalesce(d.analysis.requiredActions, e.analysis.requiredActions) AS required_actions,
	CASE shape WHEN 'miraiminds' THEN coalesce(d.analysis.insights, e.analysis.insights)
		WHEN 'whippy' THEN coalesce(w.metadata.analysis.custom_analysis_data,
			w.metadata.analysis.custom_analysis_dat) END AS insights,
	CASE shape WHEN 'miraiminds' THEN two(d.analysis.summary, e.analysis.summary)
		WHEN 'whippy' THEN w.metadata.analysis.call_summary END AS summary
FROM shape;

CREATE TABLE event AS
WITH mapped AS (
	SELECT said.*, as_time(started) AS started_at, as_time(ended) AS ended_at,
		coalesce(m1.rank, CASE WHEN said.provider = 'whippy'
			AND starts_with(status1, 'call_completed') THEN 4
			WHEN status1 <> '' THEN 0 END) AS rank1,
		coalesce(m1.outcome, CASE rank1 WHEN 4 THEN 'completed' WHEN 0 THEN 'other' END) AS outcome1,
		coalesce(m2.rank, CASE WHEN status2 <> '' THEN 0 END) AS rank2,
		coalesce(m2.outcome, CASE WHEN status2 <> '' THEN 'other' END) AS outcome2,
		coalesce(m3.rank, CASE WHEN status3 <> '' THEN 0 END) AS rank3,
		coalesce(m3.outcome, CASE WHEN status3 <> '' THEN 'other' END) AS outcome3
	FROM said
	LEFT JOIN map m1 ON m1.provider = said.provider AND m1.status = status1
	LEFT JOIN map m2 ON m2.provider = said.provider AND m2.status = status2
	LEFT JOIN map m3 ON m3.provider = said.provider AND m3.status = status3
	WHERE call_id <> '' AND (shape <> 'whippy' OR starts_with(name, 'call.'))
), placed AS (
	SELECT *, greatest(rank1, rank2, rank3) AS best,
		CASE WHEN rank1 >= 4 THEN 1 WHEN rank2 >= 4 THEN 2 WHEN rank3 >= 4 THEN 3
			WHEN rank1 = best THEN 1 WHEN rank2 = best THEN 2 WHEN rank3 = best THEN 3
		END AS place
	FROM mapped
), timed AS (
	SELECT *,
		CASE place WHEN 1 THEN outcome1 WHEN 2 THEN outcome2 WHEN 3 THEN outcome3 END AS outcome,
		CASE place WHEN 1 THEN status1 WHEN 2 THEN status2 WHEN 3 THEN status3 END AS status,
		CASE place WHEN 1 THEN rank1 WHEN 2 THEN rank2 WHEN 3 THEN rank3 END AS rank,
		CASE WHEN stated_at IS NOT NULL THEN as_time(stated_at)
			WHEN rank >= 3 AND ended <> '' THEN ended_at
			ELSE started_at END AS event_time,
		CASE type WHEN 'call.initiate' THEN 0 WHEN 'call.in-progress' THEN 1
			WHEN 'call.ended' THEN CASE provider WHEN 'whippy' THEN 1 ELSE 2 END
			WHEN 'end-of-call' THEN 4 WHEN 'call.lifecycle-ended' THEN 5 WHEN 'action' THEN 6
			WHEN 'call.created' THEN 0 WHEN 'call.answered' THEN 1 WHEN 'call.gathered' THEN 2
			WHEN 'recording.started' THEN 3 WHEN 'recording.completed' THEN 5
			WHEN 'call.started' THEN 0 WHEN 'call.analyzed' THEN 2
			ELSE CASE provider WHEN 'minivoice' THEN
				CASE WHEN type IN ('call.completed', 'call.failed') THEN 4 ELSE 6 END
				ELSE 3 END
		END AS stage
	FROM placed
)
-- level, time, stage, rank in one number
SELECT * EXCLUDE (started, ended, stated_at, status1, status2, status3, rank1, rank2, rank3,
		outcome1, outcome2, outcome3, best, place, name, type),
	CASE shape WHEN 'dispatch' THEN 0 ELSE 1::BIGINT << 60 END
		+ coalesce(epoch_us(event_time), 0) * 64 + stage * 8 + coalesce(rank, 0) AS ord
FROM timed;

CREATE TABLE call AS
SELECT provider, call_id,
	min(started_at) AS started_at, max(ended_at) AS ended_at,
	min(event_time) AS first_event_at, max(event_time) AS last_event_at,
	coalesce(min(started_at), min(event_time)) AS day_at,
	count(DISTINCT hash) AS events,
	coalesce(arg_max(outcome, ord) FILTER (WHERE rank >= 4),
		CASE max(rank) WHEN 3 THEN 'ended' WHEN 2 THEN 'in_progress'
			WHEN 1 THEN 'queued' ELSE 'other' END) AS outcome,
	coalesce(arg_max(status, ord) FILTER (WHERE rank >= 4), arg_max(status, ord)) AS status,
	arg_max(nullif(assistant_id, ''), ord) AS assistant_id,
	arg_max(nullif(campaign_id, ''), ord) AS campaign_id,
	arg_max(nullif(workspace, ''), ord) AS workspace,
	arg_max(nullif(direction, ''), ord) AS direction,
	arg_max(nullif(from_number, ''), ord) AS from_number,
	arg_max(nullif(to_number, ''), ord) AS to_number,
	coalesce(arg_max(duration_ms, ord) FILTER (WHERE duration_ms > 0),
		max(duration_ms)) AS duration_ms,
	arg_max(voicemail, ord) AS voicemail, arg_max(success, ord) AS success,
	arg_max(sentiment, ord) AS sentiment,
	coalesce(arg_max(credits_used_micro, ord) FILTER (WHERE credits_used_micro > 0),
		max(credits_used_micro)) AS credits_used_micro,
	max(reattempts) AS reattempts, max(reschedules) AS reschedules,
	arg_max(recording_url, ord) AS recording_url, arg_max(detail_url, ord) AS detail_url,
	arg_max(required_actions, ord) FILTER (WHERE required_actions NOT IN ('[]', 'null'))
		AS required_actions,
	arg_max(insights, ord) FILTER (WHERE insights NOT IN ('{}', 'null')) AS insights,
	arg_max(nullif(summary, ''), ord) AS summary
FROM event
GROUP BY provider, call_id;

CREATE TABLE rollup AS
SELECT grouping(day, assistant_id, campaign_id) AS level,
	day, provider,
	nullif(assistant_id, '') AS assistant_id, NULL AS assistant_name,
	nullif(campaign_id, '') AS campaign_id, NULL AS campaign_name,
	count(*) AS calls,
	count(*) FILTER (bucket = 'queued') AS queued,
	count(*) FILTER (bucket = 'in_progress') AS in_progress,
	count(*) FILTER (bucket = 'ended') AS ended,
	count(*) FILTER (bucket = 'completed') AS completed,
	count(*) FILTER (bucket = 'transferred') AS transferred,
	count(*) FILTER (bucket = 'voicemail') AS voicemail,
	count(*) FILTER (bucket = 'no_answer') AS no_answer,
	count(*) FILTER (bucket = 'busy') AS busy,
	count(*) FILTER (bucket = 'failed') AS failed,
	count(*) FILTER (bucket = 'timeout') AS timeout,
	count(*) FILTER (bucket = 'aborted') AS aborted,
	count(*) FILTER (bucket = 'skipped') AS skipped,
	count(*) FILTER (bucket = 'invalid') AS invalid,
	count(*) FILTER (bucket = 'rescheduled') AS rescheduled,
	count(*) FILTER (bucket = 'other') AS other,
	count(*) FILTER (bucket NOT IN ('queued', 'skipped', 'invalid')) AS attempted,
	count(*) FILTER (bucket IN ('ended', 'completed', 'transferred', 'timeout')) AS connected,
	printf('%.4f', connected / nullif(attempted, 0)) AS connect_rate,
	count(*) FILTER (success IS NOT NULL OR summary IS NOT NULL OR sentiment IS NOT NULL)
		AS analyzed,
	count(*) FILTER (success) AS succeeded,
	count(*) FILTER (NOT success) AS not_succeeded,
	printf('%.4f', succeeded / nullif(succeeded + not_succeeded, 0)) AS success_rate,
	count(*) FILTER (sentiment = 'positive') AS sentiment_positive,
	count(*) FILTER (sentiment = 'neutral') AS sentiment_neutral,
	count(*) FILTER (sentiment = 'negative') AS sentiment_negative,
	count(*) FILTER (sentiment = 'unknown') AS sentiment_unknown,
	coalesce(sum(duration_ms), 0) / 1000 AS talk_seconds,
	round(avg(duration_ms) FILTER (duration_ms > 0) / 1000, 3) AS talk_seconds_avg,
	round(quantile_cont(duration_ms, 0.5) FILTER (duration_ms > 0) / 1000, 3)
		AS talk_seconds_p50,
	round(quantile_cont(duration_ms, 0.9) FILTER (duration_ms > 0) / 1000, 3)
		AS talk_seconds_p90,
	CASE provider WHEN 'miraiminds' THEN coalesce(sum(credits_used_micro), 0) / 1000000 END
		AS credits_used,
	CASE provider WHEN 'miraiminds' THEN 'credits' END AS credits_unit,
	CASE provider WHEN 'miraiminds' THEN printf('%.4f', credits_used / nullif(succeeded, 0)) END
		AS credits_per_success,
	coalesce(sum(reattempts), 0) AS reattempts,
	coalesce(sum(reschedules), 0) AS reschedules
FROM (
	SELECT CAST(day_at AS DATE) AS day, provider,
		coalesce(assistant_id, '') AS assistant_id,
		coalesce(campaign_id, '') AS campaign_id,
		CASE WHEN voicemail AND outcome IN ('ended', 'completed', 'timeout')
			THEN 'voicemail' ELSE outcome END AS bucket,
		success, summary, sentiment, duration_ms, credits_used_micro, reattempts, reschedules
	FROM call
)
GROUP BY GROUPING SETS (
	(provider, day, assistant_id, campaign_id),
	(provider, day, assistant_id), (provider, day, campaign_id),
	(provider, assistant_id), (provider, campaign_id));

COPY (SELECT * EXCLUDE (level, campaign_id, campaign_name) FROM rollup WHERE level = 1
	ORDER BY day NULLS FIRST, provider, assistant_id NULLS FIRST)
TO '${out}/assistant_daily.csv' (HEADER);
COPY (SELECT * EXCLUDE (level, assistant_id, assistant_name) FROM rollup WHERE level = 2
	ORDER BY day NULLS FIRST, provider, campaign_id NULLS FIRST)
TO '${out}/campaign_daily.csv' (HEADER);
COPY (SELECT * EXCLUDE (level) FROM rollup WHERE level = 0
	ORDER BY day NULLS FIRST, provider, assistant_id NULLS FIRST, campaign_id NULLS FIRST)
TO '${out}/assistant_campaign_daily.csv' (HEADER);
COPY (SELECT * EXCLUDE (level, day, campaign_id, campaign_name) FROM rollup WHERE level = 5
	ORDER BY provider, assistant_id NULLS FIRST)
TO '${out}/assistant_total.csv' (HEADER);
COPY (SELECT * EXCLUDE (level, day, assistant_id, assistant_name) FROM rollup WHERE level = 6
	ORDER BY provider, campaign_id NULLS FIRST)
TO '${out}/campaign_total.csv' (HEADER);
COPY (
	SELECT provider, call_id, CAST(day_at AS DATE) AS day,
		strftime(started_at, '%Y-%m-%d %H:%M:%S') AS started_at,
		strftime(ended_at, '%Y-%m-%d %H:%M:%S') AS ended_at,
		assistant_id, NULL AS assistant_name, campaign_id, NULL AS campaign_name,
		workspace, direction, from_number, to_number, outcome, status, voicemail,
		duration_ms / 1000 AS duration_seconds, success, sentiment, summary,
		required_actions, insights,
		CASE provider WHEN 'miraiminds' THEN credits_used_micro / 1000000 END AS credits_used,
		CASE provider WHEN 'miraiminds' THEN 'credits' END AS credits_unit,
		reattempts, reschedules, recording_url, detail_url,
		strftime(first_event_at, '%Y-%m-%d %H:%M:%S') AS first_event_at,
		strftime(last_event_at, '%Y-%m-%d %H:%M:%S') AS last_event_at,
		events
	FROM call
	ORDER BY CAST(day_at AS DATE) NULLS FIRST, provider, call_id)
TO '${out}/calls.csv' (HEADER);
