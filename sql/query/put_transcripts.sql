-- Transcripts of events. One that is stored already is written again only where
-- it differs; of an event that comes twice one is taken.
INSERT INTO calltally.transcript AS t (call_key, identity, transcript)
SELECT DISTINCT ON (call_key, identity) call_key, identity, transcript
FROM unnest($1::uuid[], $2::uuid[], $3::text[])
	AS new (call_key, identity, transcript)
ORDER BY call_key, identity
ON CONFLICT (call_key, identity) DO UPDATE
	SET transcript = excluded.transcript
	WHERE t.transcript <> excluded.transcript
