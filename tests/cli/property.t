#!/bin/sh
# Properties of the layers below the database, tried with cases that a seed
# makes. PROPERTY_SEED chooses others.
exec "${CALLTALLY%/*}/property" --seed "${PROPERTY_SEED:-1}" --cases "${PROPERTY_CASES:-1500}"
