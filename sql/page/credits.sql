-- The report credits_daily where the provider states a unit, newest first.
WITH report AS (
:credits_daily
)
SELECT *
FROM report
WHERE credits_unit <> ''
ORDER BY day DESC NULLS LAST, provider, workspace
