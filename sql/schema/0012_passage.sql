-- Passages: runs of some hundred lines that were loaded. Where most of what
-- comes is known already, as in files that were cut anew, only those lines of a
-- passage that is found here need be decoded of which there was something to
-- tell; the others are copies of events, or to be ignored.
--
-- A help for speed and nothing else: rows may be deleted at any time, and must
-- be by whoever deletes events and wants their lines to be loaded again.
CREATE TABLE calltally.passage (
	digest uuid PRIMARY KEY,	-- hash of the bytes and of what reads them: code and profiles
	source_id bigint NOT NULL,	-- where it was first read; without its row in source it counts no more
	line bigint NOT NULL,		-- its first
	lines bigint NOT NULL,
	ignored bigint NOT NULL,	-- of them, without loud ones
	last_at timestamptz,		-- time of its last event that has one
	loud bytea NOT NULL		-- lines that are decoded all the same: sixteen int2, from 0, unused ones -1
		CHECK (octet_length(loud) = 32),
	stored_at timestamptz NOT NULL
);
