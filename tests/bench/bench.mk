# The helpers of tests/bench, with the Makefile's own flags, into OUT.
#
#	make -s -f tests/bench/bench.mk B=build OUT=DIR DIR/measure DIR/passes
#
# The library is taken as it is: remaking it here could mix up two builds.
include Makefile

OUT ?= $(B)/bench

$(OUT)/measure: tests/bench/measure.c FORCE
	$(CC) -D_GNU_SOURCE $(CT_CFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $<

$(OUT)/passes: tests/bench/passes.c FORCE
	$(CC) $(CT_CPPFLAGS) $(CPPFLAGS) $(CT_CFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $< $(B)/libcalltally.a $(LIBS)
