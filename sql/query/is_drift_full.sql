-- Whether a provider has as many findings of a kind as are kept.
SELECT EXISTS (
	SELECT FROM calltally.drift
	GROUP BY provider, kind
	HAVING count(*) >= $1::bigint
)
