-- Records a step of the schema that was applied in this transaction.
INSERT INTO calltally.migration (number, name, checksum, applied_at)
VALUES ($1::bigint::integer, $2, $3, $4)
