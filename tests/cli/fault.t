#!/bin/sh
# Killed or refused at any counted point, with PostgreSQL killed, cut off or
# full: a clear message, an honest exit status, nothing half done, and the next
# run brings what the first should have. FAULT_SEED and FAULT_CASES choose
# other points, make crash tries them all. Those behind --also were bugs.
exec "${0%/*}/../fault/run" kill:10 twice:6 fail:14 limits:4 server:4 answer:3 full:2 \
	--also kill/night/0/rename:1:kill --also kill/verify/0/remove:1:kill
