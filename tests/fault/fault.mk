# What is preloaded into the program to make its calls fail; see fault.c. gcc's
# own idea of pthread_create's type is not its header's, of which -Wpedantic
# complains.
$(B)/fault.so: tests/fault/fault.c $(B)/flags
	$(CC) -D_GNU_SOURCE $(filter-out -Wpedantic,$(CT_CFLAGS)) -O1 -g -fPIC -shared -o $@ $< -ldl

# A wall clock that is wrong; see clock.c.
$(B)/clock.so: tests/fault/clock.c $(B)/flags
	$(CC) -D_GNU_SOURCE $(CT_CFLAGS) -O1 -g -fPIC -shared -o $@ $<

check: $(B)/fault.so $(B)/clock.so

# Every counted point of every command; the suites try a few of them.
crash: all $(B)/tests/test_nomem $(B)/gen $(B)/provider-sim $(B)/fault.so
	B=$(B) tests/fault/run kill twice fail limits server answer full
	NOMEM_ALL=1 sh tests/pg.sh -o fsync=off $(B)/tests/test_nomem

# Ten gigabytes in a line, and in a gzip; a million files.
crash-size: all
	SIZE_MB=10240 SIZE_FILES=1000000 B=$(B) tests/run tests/cli/fault-size.t
.PHONY: crash crash-size

# Where allocations of the library go in test_nomem, which lets them fail.
ALLOCATIONS = malloc calloc realloc strdup strndup posix_memalign vasprintf asprintf \
	_ZnwmRKSt9nothrow_t _ZnamRKSt9nothrow_t
$(B)/tests/test_nomem: private override LDFLAGS += $(ALLOCATIONS:%=-Wl,--wrap=%)

# And its calls for temporary files in test_sorter.
$(B)/tests/test_sorter: private override LDFLAGS += -Wl,--wrap=open,--wrap=write,--wrap=pread
