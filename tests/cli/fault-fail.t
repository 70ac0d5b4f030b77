#!/bin/sh
# The n-th call that reads, writes, syncs, renames or speaks to the database
# fails: a clear message, an honest exit status, nothing half done. FAULT_SEED
# and FAULT_CASES choose other points, make crash tries them all.
exec "${0%/*}/../fault/attack" --cases "${FAULT_CASES:-24}" fail
