# Fifty nights of late data; see tests/soak/run.
soak: all $(B)/gen
	CALLTALLY=$(CURDIR)/$(B)/calltally GEN=$(CURDIR)/$(B)/gen sh tests/pg.sh tests/soak/run 50 400
	CALLTALLY=$(CURDIR)/$(B)/calltally GEN=$(CURDIR)/$(B)/gen sh tests/pg.sh tests/soak/run 50 400 --no-vacuum
.PHONY: soak
