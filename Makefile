# calltally: make, make run, make test; see README.md.

PREFIX ?= /usr/local
exec_prefix ?= $(PREFIX)
bindir ?= $(exec_prefix)/bin
datadir ?= $(PREFIX)/share
docdir ?= $(datadir)/doc/calltally
unitdir ?= $(PREFIX)/lib/systemd/system
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
LIBS = -lpq -ljansson -lcsv -lz -lisal -lcurl -lxxhash -lsimdjson -lxlsxwriter -lstdc++ -lm -pthread

LIB_C := $(sort $(wildcard lib/*/*.c))
LIB_CC := $(sort $(wildcard lib/*/*.cc))
CMD_C := $(sort $(wildcard cmd/*.c))
LIB_O := $(LIB_C:%.c=$(B)/%.o) $(LIB_CC:%.cc=$(B)/%.o) $(B)/embedded.o
CMD_O := $(CMD_C:%.c=$(B)/%.o)
UNIT := $(patsubst tests/unit/%.c,$(B)/tests/%,$(sort $(wildcard tests/unit/test_*.c)))
# Chart.js as Debian's libjs-chart.js has it, part of the page.
CHART_JS ?= /usr/share/javascript/chart.js/chart.min.js
PAGE_JS = $(addprefix lib/run/page/,words.js nodes.js colours.js figures.js tables.js sections.js page.js)
EMBED := $(sort $(wildcard sql/*/*.sql)) $(sort $(wildcard lib/call/providers/*.json)) \
	lib/run/page/page.html lib/run/page/page.css $(PAGE_JS) $(CHART_JS)

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

# A file that went, or has another name, is a change too.
$(B)/embedded.list: FORCE
	@mkdir -p $(B)
	@printf '%s\n' '$(EMBED)' | cmp -s - $@ || printf '%s\n' '$(EMBED)' > $@

$(B)/embedded.c $(B)/embedded.h &: scripts/embed.awk $(EMBED) $(B)/embedded.list
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

$(B)/tests/test_json_edges: $(B)/tests/fuzz/same_json.o

$(B)/tests/%: tests/unit/%.c $(B)/libcalltally.a $(B)/flags
	@mkdir -p $(@D)
	$(CC) $(CT_CPPFLAGS) -Itests $(CPPFLAGS) $(CT_CFLAGS) $(CFLAGS) -MMD -MP $(LDFLAGS) -o $@ $< $(filter %.o,$^) $(B)/libcalltally.a -lcmocka $(LIBS)

# The one part of cmd/ that computes.
$(B)/tests/test_pace: $(B)/cmd/pace.o $(B)/cmd/say.o

include tests/fault/fault.mk
include tests/soak/soak.mk
-include $(wildcard $(B)/lib/*/*.d $(B)/cmd/*.d $(B)/tests/*.d $(B)/tests/*/*.d)

$(B)/gen: $(wildcard tests/gen/*.c tests/gen/*.h) $(B)/flags
	$(CC) -D_GNU_SOURCE $(CT_CFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $(wildcard tests/gen/*.c) -lz -lm

$(B)/provider-sim: $(wildcard tests/sim/*.c tests/sim/*.h) $(B)/flags
	$(CC) -D_GNU_SOURCE $(CT_CFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $(wildcard tests/sim/*.c) -lmicrohttpd -ljansson -lz -lcurl -pthread

# Properties are tried beside the library; the generator stands beside them.
PROPERTY_C := $(sort $(wildcard tests/property/*.c)) tests/fuzz/same_json.c \
	$(filter-out tests/gen/gen.c,$(sort $(wildcard tests/gen/*.c)))
$(B)/property: $(PROPERTY_C) $(wildcard tests/property/*.h tests/gen/*.h tests/fuzz/*.h) $(B)/libcalltally.a $(B)/flags
	$(CC) $(CT_CPPFLAGS) -Itests $(CPPFLAGS) $(CT_CFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $(PROPERTY_C) $(B)/libcalltally.a $(LIBS)

# The fuzz targets, run with their corpora: this needs no clang.
FUZZ_C := $(filter-out tests/fuzz/libfuzzer.c tests/fuzz/replay.c,$(sort $(wildcard tests/fuzz/*.c)))
$(B)/fuzz-replay: $(FUZZ_C) tests/fuzz/replay.c $(wildcard tests/fuzz/*.h tests/property/*.h) $(B)/libcalltally.a $(B)/flags
	$(CC) $(CT_CPPFLAGS) -Itests $(CPPFLAGS) $(CT_CFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $(FUZZ_C) tests/fuzz/replay.c $(B)/libcalltally.a $(LIBS)

# One target with libFuzzer, for tests/fuzz/run.
$(B)/fuzz-%: $(FUZZ_C) tests/fuzz/libfuzzer.c $(wildcard tests/fuzz/*.h) $(B)/libcalltally.a $(B)/flags
	$(CC) $(CT_CPPFLAGS) -Itests $(CPPFLAGS) $(CT_CFLAGS) $(CFLAGS) -DFUZZ_TARGET=fuzz_$* $(LDFLAGS) -fsanitize=fuzzer -o $@ $(FUZZ_C) tests/fuzz/libfuzzer.c $(B)/libcalltally.a $(LIBS)

# ---- what the README tells a newcomer ----

# From a bare machine to CSV files in out/, on a private PostgreSQL.
run:
	scripts/deps
	$(MAKE) $(B)/calltally $(B)/gen
	scripts/demo $(B) out

# Installs what tests need, builds, and runs every suite beside its own PostgreSQL.
test:
	scripts/deps --test
	$(MAKE) check

# The page in headless Chromium; PICTURES=FOLDER keeps what it looks like.
check-page: all $(B)/gen
	scripts/deps --test --page
	B=$(B) tests/run tests/page/browser.t

check: all unit $(B)/gen $(B)/provider-sim $(B)/property $(B)/fuzz-replay
	scripts/check-layers
	B=$(B) tests/run

# ---- the same tests under other eyes ----

SAN_ADDRESS = -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined
SAN_THREAD = -O1 -g -fno-omit-frame-pointer -fsanitize=thread

check-asan:
	$(MAKE) check B=build-asan CFLAGS='$(SAN_ADDRESS)' CXXFLAGS='$(SAN_ADDRESS)' LDFLAGS='-fsanitize=address,undefined'

check-tsan:
	$(MAKE) check B=build-tsan CFLAGS='$(SAN_THREAD)' CXXFLAGS='$(SAN_THREAD)' LDFLAGS='-fsanitize=thread'

check-valgrind: unit
	B=$(B) tests/valgrind

# The property tests for PROPERTY_SECONDS, with cases that were not tried before.
property: all $(B)/gen $(B)/property
	B=$(B) tests/property/run

# Each fuzz target for FUZZ_SECONDS, with clang.
SAN_FUZZ = $(SAN_ADDRESS) -fsanitize=fuzzer-no-link
FUZZ = $(notdir $(wildcard tests/fuzz/corpus/*))
fuzz:
	$(MAKE) fuzz-all B=build-fuzz CC=clang CXX=clang++ CFLAGS='$(SAN_FUZZ)' CXXFLAGS='$(SAN_FUZZ)' LDFLAGS='-fsanitize=address,undefined -fsanitize-link-c++-runtime'
	B=build-fuzz tests/fuzz/run

fuzz-all: $(FUZZ:%=$(B)/fuzz-%)

lint:
	B=$(B) scripts/lint

# BENCH='--large --large-rounds 1' adds the set of two million calls.
bench: all $(B)/gen
	scripts/deps --bench
	B=$(B) tests/bench/run $(BENCH)

bench-growth: all $(B)/gen
	scripts/deps --bench
	B=$(B) tests/bench/growth $(BENCH)

unit: $(UNIT)

install: all
	$(INSTALL) -d $(DESTDIR)$(bindir) $(DESTDIR)$(docdir) $(DESTDIR)$(unitdir)
	$(INSTALL) -m 755 $(B)/calltally $(DESTDIR)$(bindir)/calltally
	$(INSTALL) -m 644 README.md $(DESTDIR)$(docdir)/README.md
	$(INSTALL) -m 644 scripts/calltally.service scripts/calltally.timer $(DESTDIR)$(unitdir)

clean:
	rm -rf build build-asan build-tsan build-gcc build-clang build-fuzz

FORCE:
.PHONY: all run test check check-page check-asan check-tsan check-valgrind property fuzz fuzz-all lint bench bench-growth unit install clean FORCE
.DELETE_ON_ERROR:
