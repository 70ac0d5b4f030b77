-- What a pull has asked the providers for, and what came of it.

-- One row a call that was asked for. A call without a row was never asked
-- for; a due one is asked for again from next_try_at on; done and gone are
-- final. What an answer said about the call is in call_event.
CREATE TABLE calltally.pull_call (
	call_key uuid PRIMARY KEY,
	provider text COLLATE "C" NOT NULL,
	call_id text COLLATE "C" NOT NULL,
	state text COLLATE "C" NOT NULL CHECK (state IN ('due', 'done', 'gone')),
	tries bigint NOT NULL,		-- runs that asked for it
	next_try_at timestamptz,
	asked_at timestamptz,		-- the last time; NULL: only set down to be asked for
	status_code smallint,		-- of the last answer; 0: there was none
	error_code text COLLATE "C",	-- the provider's, or what was wrong with the answer
	body text COLLATE "C",		-- of the last error: its beginning, without secrets
	run_id uuid NOT NULL
);

-- The token bucket of a provider's host. While in_use, tokens is not right:
-- a run has it, or was cut off.
CREATE TABLE calltally.pull_bucket (
	provider text COLLATE "C" NOT NULL,
	host text COLLATE "C" NOT NULL,
	tokens bigint NOT NULL,		-- millionths, at that time
	at timestamptz NOT NULL,
	not_before timestamptz,		-- what the host asked for (Retry-After)
	in_use boolean NOT NULL,
	PRIMARY KEY (provider, host)
);

-- A walk over a provider's list that has not come to its end: all pages
-- before the cursor are done with. It is for the calls set down with its run.
CREATE TABLE calltally.pull_cursor (
	provider text COLLATE "C" PRIMARY KEY,
	run_id uuid NOT NULL,
	cursor text COLLATE "C" NOT NULL,
	after_at timestamptz,
	before_at timestamptz,
	at timestamptz NOT NULL
);

-- What a pull chooses from.
CREATE VIEW calltally.pull_candidate AS
SELECT c.call_key, c.provider, c.call_id, c.day_at, c.detail_url,
	c.outcome IN ('completed', 'transferred', 'no_answer', 'busy', 'failed',
		'timeout', 'aborted', 'skipped', 'invalid', 'rescheduled')
		AS terminal,
	c.outcome IN ('completed', 'transferred', 'timeout') AS held,
	c.success IS NOT NULL OR c.has_summary OR c.sentiment IS NOT NULL
		AS analyzed,
	c.assistant_id IS NOT NULL AS has_assistant,
	p.state, coalesce(p.tries, 0) AS tries, p.next_try_at, p.asked_at,
	p.run_id
FROM calltally.call c
LEFT JOIN calltally.pull_call p ON p.call_key = c.call_key;
