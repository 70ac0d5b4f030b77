-- Elsewhere a few rows of a large table are best looked up one by one.
SELECT set_config(name, reset_val, true)
FROM pg_settings
WHERE name IN ('enable_nestloop', 'enable_mergejoin', 'enable_sort')
