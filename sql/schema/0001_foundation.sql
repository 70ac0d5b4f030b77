-- The foundation: events, calls, the ledger, rejects, balances, names.
--
-- Text is compared by bytes (collation "C") everywhere: keys, sort orders and
-- reports are the same in every database. Tables that grow with the calls
-- have the call's key in every unique constraint, so that they can be
-- distributed by it. Nothing here takes a number from a sequence.

-- One row a run of a writing command; the counts move with the rows they count.
CREATE TABLE calltally.run (
	run_id uuid PRIMARY KEY,
	command text COLLATE "C" NOT NULL,
	started_at timestamptz NOT NULL,
	finished_at timestamptz,
	state text COLLATE "C" NOT NULL DEFAULT 'running'
		CHECK (state IN ('running', 'done', 'partial', 'failed')),
	message text COLLATE "C",
	files bigint NOT NULL DEFAULT 0,
	files_unchanged bigint NOT NULL DEFAULT 0,
	lines bigint NOT NULL DEFAULT 0,
	events bigint NOT NULL DEFAULT 0,
	duplicates bigint NOT NULL DEFAULT 0,
	rejected bigint NOT NULL DEFAULT 0,
	ignored bigint NOT NULL DEFAULT 0,
	calls bigint NOT NULL DEFAULT 0,
	warnings json,
	CONSTRAINT run_books_balance
		CHECK (lines = events + duplicates + rejected + ignored)
);

-- The ledger: one row a file (or standard input) that events came from.
CREATE TABLE calltally.source (
	source_id bigint PRIMARY KEY,	-- random
	name text COLLATE "C" NOT NULL,	-- the latest under which it was read
	raw_bytes bigint,		-- of the file as it lies, once read to its end
	raw_hash uuid,
	done_bytes bigint NOT NULL DEFAULT 0,	-- plain bytes whose lines are committed
	done_hash uuid,			-- of those plain bytes
	done_at_line_end boolean NOT NULL DEFAULT true,
	lines bigint NOT NULL DEFAULT 0,
	events bigint NOT NULL DEFAULT 0,
	duplicates bigint NOT NULL DEFAULT 0,
	rejected bigint NOT NULL DEFAULT 0,
	ignored bigint NOT NULL DEFAULT 0,
	finished boolean NOT NULL DEFAULT false,
	damage text COLLATE "C",	-- what is wrong with the file, when it is unfinished for that
	first_run uuid NOT NULL,
	last_run uuid NOT NULL,
	first_read_at timestamptz NOT NULL,
	last_read_at timestamptz NOT NULL,
	CONSTRAINT source_books_balance
		CHECK (lines = events + duplicates + rejected + ignored)
);
CREATE INDEX source_name ON calltally.source (name);

-- What was said about calls: one row a distinct event. A NULL is silence.
-- month leads the key so that new events go to the newest end of the index
-- however random the calls' keys are; see README, "Layout of the tables".
CREATE TABLE calltally.call_event (
	month smallint NOT NULL,	-- months since 2000-01 plus 1; 0 none stated; -1 overrides
	time_stated boolean NOT NULL,	-- by the body; else event_time is a receipt time
	call_key uuid NOT NULL,		-- hash of provider and call id
	identity uuid NOT NULL,		-- hash of provider, kind and body
	event_time timestamptz,
	source_id bigint NOT NULL,
	line bigint NOT NULL,
	kind text COLLATE "C" NOT NULL,
	outcome text COLLATE "C",
	type text COLLATE "C",
	status text COLLATE "C",
	assistant_id text COLLATE "C",
	campaign_id text COLLATE "C",
	workspace text COLLATE "C",
	direction text COLLATE "C",
	from_number text COLLATE "C",
	to_number text COLLATE "C",
	started_at timestamptz,
	ended_at timestamptz,
	duration_ms bigint,
	voicemail boolean,
	success boolean,
	sentiment text COLLATE "C",
	credits_used_micro bigint,
	credits_available_micro bigint,
	reattempts bigint,
	reschedules bigint,
	recording_url text COLLATE "C",
	detail_url text COLLATE "C",
	required_actions json,
	insights json,
	summary text COLLATE "C",
	PRIMARY KEY (month, call_key, identity)
);

-- The fold of each call's events. Short columns first, long text last.
CREATE TABLE calltally.call (
	call_key uuid PRIMARY KEY,
	day_at timestamptz,		-- started_at, else first_event_at: what its day is told by
	started_at timestamptz,
	ended_at timestamptz,
	first_event_at timestamptz,
	last_event_at timestamptz,
	events bigint NOT NULL,
	duration_ms bigint,
	credits_used_micro bigint,
	reattempts bigint,
	reschedules bigint,
	voicemail boolean,
	success boolean,
	has_summary boolean NOT NULL,
	provider text COLLATE "C" NOT NULL,
	outcome text COLLATE "C" NOT NULL,
	sentiment text COLLATE "C",
	assistant_id text COLLATE "C",
	campaign_id text COLLATE "C",
	workspace text COLLATE "C",
	direction text COLLATE "C",
	from_number text COLLATE "C",
	to_number text COLLATE "C",
	status text COLLATE "C",
	call_id text COLLATE "C" NOT NULL,
	run_id uuid NOT NULL,		-- the run that changed it last
	months smallint[] NOT NULL,	-- where its events lie in call_event, ascending, without -1
	recording_url text COLLATE "C",
	detail_url text COLLATE "C",
	required_actions json,
	insights json,
	summary text COLLATE "C"
);
CREATE INDEX call_day_at ON calltally.call (day_at);

-- What credits.available said, as a series in time. Never summed.
CREATE TABLE calltally.credit_balance (
	call_key uuid NOT NULL,
	identity uuid NOT NULL,		-- of the event that said it
	event_time timestamptz,
	available_micro bigint NOT NULL,
	PRIMARY KEY (call_key, identity)
);
CREATE INDEX credit_balance_event_time ON calltally.credit_balance (event_time);

-- Lines that could not be understood, kept whole up to a cap.
CREATE TABLE calltally.reject (
	source_id bigint NOT NULL,
	line bigint NOT NULL,
	byte_offset bigint NOT NULL,	-- in the plain bytes of the source
	reason text COLLATE "C" NOT NULL,
	message text COLLATE "C" NOT NULL,
	line_bytes bigint NOT NULL,	-- its true length
	raw bytea NOT NULL,		-- its first bytes, all of them when line_bytes says so
	run_id uuid NOT NULL,
	PRIMARY KEY (source_id, line)
);

CREATE TABLE calltally.provider (
	provider text COLLATE "C" PRIMARY KEY,
	title text COLLATE "C" NOT NULL,
	credits_unit text COLLATE "C"
);

CREATE TABLE calltally.assistant (
	provider text COLLATE "C" NOT NULL,
	assistant_id text COLLATE "C" NOT NULL,
	name text COLLATE "C" NOT NULL,
	PRIMARY KEY (provider, assistant_id)
);

CREATE TABLE calltally.campaign (
	provider text COLLATE "C" NOT NULL,
	campaign_id text COLLATE "C" NOT NULL,
	name text COLLATE "C" NOT NULL,
	PRIMARY KEY (provider, campaign_id)
);
