-- The rollups' groups of groups are estimated far too few, and would be
-- joined by comparing each with each.
SET LOCAL enable_nestloop = off
