-- The instants that surely enclose the window, closer than in 0002: of an
-- export of one day they made it read three.
--
-- A local midnight is as near to the date's first and last instant as the zone
-- lets it be: clocks put back around midnight repeat an hour of the day before
-- or after, a day that a zone leaves out has its midnight where the next one
-- begins. In all zones from 2000 on three hours are more than enough; the
-- local date decides, as before.
CREATE OR REPLACE FUNCTION calltally.window_since() RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN calltally.window_from()::timestamptz - interval '3 hours';

CREATE OR REPLACE FUNCTION calltally.window_until() RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (calltally.window_to() + 1)::timestamptz + interval '3 hours';
