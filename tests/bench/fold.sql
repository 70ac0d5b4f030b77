-- Both PostgreSQL peers: folds the touched calls anew and upserts them.
--
-- One sort by call and order of events, then plain aggregates over it, instead
-- of an ORDER BY in each aggregate.
--
-- Left out, to the peers' gain: insights merged key by key (here the last
-- object stands), the raw status of a call without a terminal outcome (here
-- the last one), overrides and details, ties broken by identity, credit
-- balances, and a ledger of files.
ANALYZE event;
ANALYZE touched;

INSERT INTO call
SELECT provider, call_id,
	coalesce(min(started_at), min(event_time)),
	min(started_at), max(ended_at), min(event_time), max(event_time), count(*),
	coalesce(
		(array_agg(outcome) FILTER (WHERE rank >= 4))[count(*) FILTER (WHERE rank >= 4)],
		CASE max(rank) WHEN 3 THEN 'ended' WHEN 2 THEN 'in_progress'
			WHEN 1 THEN 'queued' ELSE 'other' END),
	coalesce(
		(array_agg(status) FILTER (WHERE rank >= 4))[count(*) FILTER (WHERE rank >= 4)],
		(array_agg(status) FILTER (WHERE status IS NOT NULL))[count(status)]),
	(array_agg(assistant_id) FILTER (WHERE assistant_id IS NOT NULL))[count(assistant_id)],
	(array_agg(campaign_id) FILTER (WHERE campaign_id IS NOT NULL))[count(campaign_id)],
	(array_agg(workspace) FILTER (WHERE workspace IS NOT NULL))[count(workspace)],
	(array_agg(direction) FILTER (WHERE direction IS NOT NULL))[count(direction)],
	(array_agg(from_number) FILTER (WHERE from_number IS NOT NULL))[count(from_number)],
	(array_agg(to_number) FILTER (WHERE to_number IS NOT NULL))[count(to_number)],
	coalesce(
		(array_agg(duration_ms) FILTER (WHERE duration_ms > 0))[count(*) FILTER (WHERE duration_ms > 0)],
		max(duration_ms)),
	(array_agg(voicemail) FILTER (WHERE voicemail IS NOT NULL))[count(voicemail)],
	(array_agg(success) FILTER (WHERE success IS NOT NULL))[count(success)],
	(array_agg(sentiment) FILTER (WHERE sentiment IS NOT NULL))[count(sentiment)],
	coalesce(
		(array_agg(credits_used_micro) FILTER (WHERE credits_used_micro > 0))[count(*) FILTER (WHERE credits_used_micro > 0)],
		max(credits_used_micro)),
	max(reattempts), max(reschedules),
	(array_agg(recording_url) FILTER (WHERE recording_url IS NOT NULL))[count(recording_url)],
	(array_agg(detail_url) FILTER (WHERE detail_url IS NOT NULL))[count(detail_url)],
	(array_agg(required_actions) FILTER (WHERE required_actions IS NOT NULL))[count(required_actions)],
	(array_agg(insights) FILTER (WHERE insights IS NOT NULL))[count(insights)],
	(array_agg(summary) FILTER (WHERE summary IS NOT NULL))[count(summary)]
FROM (
	SELECT event.*
	FROM event
	JOIN (SELECT DISTINCT provider, call_id FROM touched) t USING (provider, call_id)
	ORDER BY provider, call_id, kind, event_time NULLS FIRST, stage, rank NULLS FIRST
) e
GROUP BY provider, call_id
ON CONFLICT (provider, call_id) DO UPDATE SET
	day_at = excluded.day_at, started_at = excluded.started_at,
	ended_at = excluded.ended_at, first_event_at = excluded.first_event_at,
	last_event_at = excluded.last_event_at, events = excluded.events,
	outcome = excluded.outcome, status = excluded.status,
	assistant_id = excluded.assistant_id, campaign_id = excluded.campaign_id,
	workspace = excluded.workspace, direction = excluded.direction,
	from_number = excluded.from_number, to_number = excluded.to_number,
	duration_ms = excluded.duration_ms, voicemail = excluded.voicemail,
	success = excluded.success, sentiment = excluded.sentiment,
	credits_used_micro = excluded.credits_used_micro,
	reattempts = excluded.reattempts, reschedules = excluded.reschedules,
	recording_url = excluded.recording_url, detail_url = excluded.detail_url,
	required_actions = excluded.required_actions, insights = excluded.insights,
	summary = excluded.summary;
