-- The rollups once for all reports that select from them.
CREATE TEMPORARY TABLE report_rollup ON COMMIT DROP AS
SELECT * FROM calltally.report_rollup
