-- The rollups' groups of groups are estimated far too few, and would be
-- joined by comparing each with each, or sorted by text for it.
SELECT set_config('enable_nestloop', 'off', true),
	set_config('enable_mergejoin', 'off', true)
