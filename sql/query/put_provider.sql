-- What a provider's profile says of it.
INSERT INTO calltally.provider (provider, title, credits_unit)
VALUES ($1, $2, $3)
ON CONFLICT (provider) DO UPDATE
SET title = excluded.title,
	credits_unit = excluded.credits_unit
