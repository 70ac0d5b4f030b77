-- The schema that everything is in. An empty one may have been made for us.
CREATE SCHEMA IF NOT EXISTS calltally
