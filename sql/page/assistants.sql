-- The report assistant_total, the busiest first.
WITH report AS (
:assistant_total
)
SELECT *
FROM report
ORDER BY calls DESC, provider, assistant_id
