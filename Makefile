# calltally: make, make run, make test; see README.md.

PREFIX ?= /usr/local
exec_prefix ?= $(PREFIX)
bindir ?= $(exec_prefix)/bin
datadir ?= $(PREFIX)/share
mandir ?= $(datadir)/man
INSTALL ?= install

CC ?= cc
CXX ?= c++
CFLAGS ?= -O2 -g
CXXFLAGS ?= -O2 -g
B ?= build

WARN = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes \
	-Wmissing-prototypes -Wvla -Wformat=2 -Wwrite-strings $(WERROR)
WARNXX = -Wall -Wextra -Wpedantic -Wshadow -Wformat=2 -Wwrite-strings $(WERROR)
PG_INCLUDE := $(shell pg_config --includedir 2>/dev/null || echo /usr/include/postgresql)
CT_CPPFLAGS = -Ilib -I$(B) -I$(PG_INCLUDE) -D_GNU_SOURCE
CT_CFLAGS = -std=c11 -pthread $(WARN)
CT_CXXFLAGS = -std=c++17 -pthread -fno-exceptions -fno-rtti $(WARNXX)
LIBS = -lpq -ljansson -lcsv -lz -lcurl -lxxhash -lsimdjson -lstdc++ -lm -pthread

LIB_C := $(sort $(wildcard lib/*/*.c))
LIB_CC := $(sort $(wildcard lib/*/*.cc))
CMD_C := $(sort $(wildcard cmd/*.c))
LIB_O := $(LIB_C:%.c=$(B)/%.o) $(LIB_CC:%.cc=$(B)/%.o) $(B)/embedded.o
CMD_O := $(CMD_C:%.c=$(B)/%.o)
UNIT := $(patsubst tests/unit/%.c,$(B)/tests/%,$(sort $(wildcard tests/unit/test_*.c)))
EMBED := $(sort $(wildcard sql/*/*.sql)) $(sort $(wildcard lib/call/providers/*.json))

all: $(B)/calltally

$(B)/calltally: $(CMD_O) $(B)/libcalltally.a
	$(CC) $(LDFLAGS) -o $@ $(CMD_O) $(B)/libcalltally.a $(LIBS)

$(B)/libcalltally.a: $(LIB_O)
	rm -f $@
	$(AR) rcs $@ $(LIB_O)

# A change of compiler or flags rebuilds all.
STAMP = $(CC) $(CXX) $(CPPFLAGS) $(CFLAGS) $(CXXFLAGS) $(LDFLAGS) $(WERROR)
$(B)/flags: FORCE
	@mkdir -p $(B)
	@printf '%s\n' '$(STAMP)' | cmp -s - $@ || printf '%s\n' '$(STAMP)' > $@

$(B)/embedded.c $(B)/embedded.h &: scripts/embed.awk $(EMBED)
	@mkdir -p $(B)
	awk -f scripts/embed.awk -v header=$(B)/embedded.h $(EMBED) > $(B)/embedded.c.tmp
	mv $(B)/embedded.c.tmp $(B)/embedded.c

$(B)/embedded.o: $(B)/embedded.c $(B)/flags
	$(CC) $(CT_CPPFLAGS) $(CPPFLAGS) $(CT_CFLAGS) -Wno-overlength-strings $(CFLAGS) -c -o $@ $<

$(B)/%.o: %.c $(B)/flags | $(B)/embedded.h
	@mkdir -p $(@D)
	$(CC) $(CT_CPPFLAGS) $(CPPFLAGS) $(CT_CFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(B)/%.o: %.cc $(B)/flags
	@mkdir -p $(@D)
	$(CXX) $(CT_CPPFLAGS) $(CPPFLAGS) $(CT_CXXFLAGS) $(CXXFLAGS) -MMD -MP -c -o $@ $<

$(B)/tests/%: tests/unit/%.c $(B)/libcalltally.a $(B)/flags
	@mkdir -p $(@D)
	$(CC) $(CT_CPPFLAGS) -Itests $(CPPFLAGS) $(CT_CFLAGS) $(CFLAGS) -MMD -MP $(LDFLAGS) -o $@ $< $(B)/libcalltally.a -lcmocka $(LIBS)

-include $(wildcard $(B)/lib/*/*.d $(B)/cmd/*.d $(B)/tests/*.d)

$(B)/gen: $(wildcard tests/gen/*.c tests/gen/*.h) $(B)/flags
	$(CC) -D_GNU_SOURCE $(CT_CFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $(wildcard tests/gen/*.c) -lz -lm

$(B)/provider-sim: $(wildcard tests/sim/*.c tests/sim/*.h) $(B)/flags
	$(CC) -D_GNU_SOURCE $(CT_CFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $(wildcard tests/sim/*.c) -lmicrohttpd -ljansson -lz -lcurl -pthread

unit: $(UNIT)

clean:
	rm -rf $(B)

FORCE:
.PHONY: all unit clean FORCE
.DELETE_ON_ERROR:
