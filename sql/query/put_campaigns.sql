-- Names of campaigns, in the order of a list: of several for one, the last stands.
INSERT INTO calltally.campaign (provider, campaign_id, name)
SELECT DISTINCT ON (n.provider, n.id) n.provider, n.id, n.name
FROM unnest($1::text[], $2::text[], $3::text[])
	WITH ORDINALITY AS n (provider, id, name, place)
ORDER BY n.provider, n.id, n.place DESC
ON CONFLICT (provider, campaign_id) DO UPDATE SET name = excluded.name
