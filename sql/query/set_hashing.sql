-- The rollups' groups of groups are estimated far too few, and would be
-- joined by comparing each with each, or sorted by text for it; the finest
-- groups far too large, and all calls would be sorted by text for them.
SELECT set_config('enable_nestloop', 'off', true),
	set_config('enable_mergejoin', 'off', true),
	set_config('enable_sort', 'off', true)
