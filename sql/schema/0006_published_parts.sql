-- Many published rows in one row of the record.
--
-- A row for each published row, with its key in an index, made the record half
-- of the cost of an export. Now the rows of a day that a publication states
-- for the first time, or no more, are laid down together, as many as a page of
-- the table holds; and apart from each other what a comparison reads, keys and
-- digests, and what only a restatement or --as-of asks for, the lines.

ALTER TABLE calltally.published RENAME TO published_row;
ALTER INDEX calltally.published_pkey RENAME TO published_row_pkey;

-- Versions of rows, as in 0004: of a row's versions the one with the greatest
-- publication up to P is what P stated. day -infinity is the empty day.
CREATE TABLE calltally.published (
	series_id bigint NOT NULL,
	day date NOT NULL,
	publication bigint NOT NULL,	-- the first that stated them so
	part bigint NOT NULL,		-- 0, 1, 2 of the day
	keys text[] COLLATE "C" NOT NULL,	-- values of the key columns, U+0001 between them
	digests uuid[] NOT NULL,	-- of the lines; NULL: the row went
	PRIMARY KEY (series_id, day, publication, part)
) WITH (toast_tuple_target = 8160);

-- The lines of a part's rows, as plain CSV, without their ends.
CREATE TABLE calltally.published_line (
	series_id bigint NOT NULL,
	day date NOT NULL,
	publication bigint NOT NULL,
	part bigint NOT NULL,
	lines text[] COLLATE "C" NOT NULL,
	PRIMARY KEY (series_id, day, publication, part)
) WITH (toast_tuple_target = 8160);

WITH part AS (
	SELECT series_id, day, publication, key, digest, line,
		(row_number() OVER (PARTITION BY series_id, day, publication
			ORDER BY key) - 1) / 16 AS part
	FROM calltally.published_row
), keys AS (
	INSERT INTO calltally.published
	SELECT series_id, day, publication, part, array_agg(key ORDER BY key),
		array_agg(digest ORDER BY key)
	FROM part
	GROUP BY series_id, day, publication, part
)
INSERT INTO calltally.published_line
SELECT series_id, day, publication, part, array_agg(line ORDER BY key)
FROM part
GROUP BY series_id, day, publication, part;

DROP TABLE calltally.published_row;
