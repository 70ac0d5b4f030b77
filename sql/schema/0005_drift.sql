-- What messages held that no profile knew: members, types and statuses.

-- One row a thing, with the place where it was read first. A profile that
-- learns it takes the row away with the next run. The program keeps a bounded
-- number of a provider and kind: names are the senders'.
CREATE TABLE calltally.drift (
	provider text COLLATE "C" NOT NULL,
	shape text COLLATE "C" NOT NULL,	-- the profile's name for the kind of message
	kind text COLLATE "C" NOT NULL CHECK (kind IN ('member', 'type', 'status')),
	name text COLLATE "C" NOT NULL,		-- JSON Pointer, type, raw status
	source_id bigint NOT NULL,
	line bigint NOT NULL,
	event_time timestamptz,			-- of the event in that line
	seen_at timestamptz NOT NULL,		-- when that line was read
	lines bigint NOT NULL,			-- that had it, copies included
	PRIMARY KEY (provider, shape, kind, name)
);
