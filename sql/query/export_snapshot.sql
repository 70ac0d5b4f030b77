-- Lets another connection see what this transaction sees.
SELECT pg_export_snapshot()
