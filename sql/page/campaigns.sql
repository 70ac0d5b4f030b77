-- The report campaign_total, the busiest first.
WITH report AS (
:campaign_total
)
SELECT *
FROM report
ORDER BY calls DESC, provider, campaign_id
