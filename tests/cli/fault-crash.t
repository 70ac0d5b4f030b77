#!/bin/sh
# Killed anywhere, by counted points, and once more while it mends: the next
# run brings what the first should have. FAULT_SEED and FAULT_CASES choose
# other points, make crash tries them all. The last two were bugs.
exec "${0%/*}/../fault/attack" --cases "${FAULT_CASES:-16}" kill twice \
	--also kill/night/0/rename:1:kill --also kill/verify/0/remove:1:kill
