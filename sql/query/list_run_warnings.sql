-- What the run $1 has warned of so far, by name.
SELECT w.key, w.value::bigint
FROM calltally.run
CROSS JOIN LATERAL json_each_text(warnings) w
WHERE run_id = $1
