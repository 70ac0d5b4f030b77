-- All that a comparison with what was published reads; as in lock_reports.
LOCK TABLE calltally.publication, calltally.published_series,
	calltally.published_report, calltally.published,
	calltally.published_line IN ACCESS SHARE MODE;
EXPLAIN SELECT FROM calltally.publication
UNION ALL SELECT FROM calltally.published_series
UNION ALL SELECT FROM calltally.published_report
UNION ALL SELECT FROM calltally.published
UNION ALL SELECT FROM calltally.published_line
