-- Elsewhere a few rows of a large table are best looked up one by one.
SET LOCAL enable_nestloop TO DEFAULT
