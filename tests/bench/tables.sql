-- The tables of both PostgreSQL peers: an event for each distinct message,
-- which a later load needs to fold a call anew, and the call.
-- The cluster's collation is "C", so text keys compare as fast as they can.
SET client_min_messages = warning;

CREATE TABLE IF NOT EXISTS event (
	provider text NOT NULL,
	call_id text NOT NULL,
	hash uuid NOT NULL,
	kind smallint NOT NULL,		-- 0 dispatch, 1 webhook
	event_time timestamptz,
	stage smallint NOT NULL,
	rank smallint,			-- of the outcome; NULL: no status
	outcome text,
	status text,
	assistant_id text,
	campaign_id text,
	workspace text,
	direction text,
	from_number text,
	to_number text,
	started_at timestamptz,
	ended_at timestamptz,
	duration_ms bigint,
	voicemail boolean,
	success boolean,
	sentiment text,
	credits_used_micro bigint,
	reattempts bigint,
	reschedules bigint,
	recording_url text,
	detail_url text,
	required_actions json,
	insights json,
	summary text,
	PRIMARY KEY (provider, call_id, hash)
);

CREATE TABLE IF NOT EXISTS call (
	provider text NOT NULL,
	call_id text NOT NULL,
	day_at timestamptz,
	started_at timestamptz,
	ended_at timestamptz,
	first_event_at timestamptz,
	last_event_at timestamptz,
	events bigint NOT NULL,
	outcome text NOT NULL,
	status text,
	assistant_id text,
	campaign_id text,
	workspace text,
	direction text,
	from_number text,
	to_number text,
	duration_ms bigint,
	voicemail boolean,
	success boolean,
	sentiment text,
	credits_used_micro bigint,
	reattempts bigint,
	reschedules bigint,
	recording_url text,
	detail_url text,
	required_actions json,
	insights json,
	summary text,
	PRIMARY KEY (provider, call_id)
);

-- The calls that this load gave a new event.
CREATE TEMP TABLE touched (provider text, call_id text);
