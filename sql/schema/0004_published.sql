-- What exports have stated, so that the next one can tell what it restates.
--
-- A report with a day is a series for each time zone and choice of key
-- columns. Of a series each row is kept once for as long as its line stays
-- the same: published only grows, and of the versions of a row the one with
-- the greatest publication up to P is what P stated. A publication states all
-- days of its window and says nothing of the others.

-- One row an export. It is pending from before its files get their names
-- until after: a pending one is stated if the manifest in its folder names
-- it, else it is removed with all that it stated.
CREATE TABLE calltally.publication (
	publication bigint PRIMARY KEY,	-- 1, 2, 3 in the order of the exports
	id uuid NOT NULL,		-- by which the manifest names it
	at timestamptz NOT NULL,	-- of the snapshot
	state text COLLATE "C" NOT NULL DEFAULT 'pending'
		CHECK (state IN ('pending', 'stated')),
	zone text COLLATE "C" NOT NULL,
	window_from date NOT NULL,	-- -infinity and infinity: open
	window_to date NOT NULL,
	plain boolean NOT NULL,		-- the dialect of its files
	changed_only boolean NOT NULL,	-- they have the days only that it changed
	folder text COLLATE "C" NOT NULL,
	-- The ledger's position: what had been read by then.
	run_id uuid,
	sources bigint NOT NULL,
	lines bigint NOT NULL,
	events bigint NOT NULL
);
CREATE INDEX publication_at ON calltally.publication (zone, at);

CREATE TABLE calltally.published_series (
	series_id bigint PRIMARY KEY,
	report text COLLATE "C" NOT NULL,
	zone text COLLATE "C" NOT NULL,
	keys text COLLATE "C" NOT NULL,	-- names of the key columns, "a,b"
	UNIQUE (report, zone, keys)
);

-- The files of a publication.
CREATE TABLE calltally.published_report (
	series_id bigint NOT NULL,
	publication bigint NOT NULL,
	rows bigint NOT NULL,
	columns text COLLATE "C" NOT NULL,	-- the header, as plain CSV
	row_order bigint[],	-- places of the file's rows by (day, key), when that is not their order
	PRIMARY KEY (series_id, publication)
);
CREATE INDEX published_report_publication
	ON calltally.published_report (publication);

-- Versions of rows. day -infinity is the empty day. digest and line are NULL
-- when the row went. The digest is in the index, which is all that a
-- comparison reads.
CREATE TABLE calltally.published (
	series_id bigint NOT NULL,
	publication bigint NOT NULL,	-- the first that stated it so
	day date NOT NULL,
	digest uuid,			-- of the line
	key text COLLATE "C" NOT NULL,	-- values of the key columns, U+0001 between them
	line text COLLATE "C",		-- as plain CSV, without its end
	PRIMARY KEY (series_id, day, key, publication) INCLUDE (digest)
);
