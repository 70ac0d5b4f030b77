-- The record of the schema's steps: one row for each that was applied.
CREATE TABLE calltally.migration (
	number integer PRIMARY KEY,
	name text COLLATE "C" NOT NULL,
	checksum text COLLATE "C" NOT NULL,	-- of the step's text
	applied_at timestamptz NOT NULL
)
