/*
 * io/sorter, io/spool and io/tempfile where the disk does not do its part: a
 * call that fails is told, whichever it is; one that does less than it was
 * asked for, or is interrupted, changes nothing. Linked so that the library's
 * open, write and pread come here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>

#include "base/hash.h"
#include "io/sorter.h"
#include "unit/temp.h"

enum { RECORDS = 4000, SMALL_BYTES = 16 * 1024, VALUE_MAX_BYTES = 97 };

enum call { OPEN, WRITE, READ };
enum way { FAILS, IS_SHORT };

/* Of the calls of a kind the n-th from now on goes wrong; 0: none does. */
static struct {
	enum call call;
	enum way way;
	int errno_value;
	unsigned long left;
} plan;

int __real_open(const char *, int, ...);
ssize_t __real_write(int, const void *, size_t);
ssize_t __real_pread(int, void *, size_t, off_t);

int __wrap_open(const char *, int, ...);
ssize_t __wrap_write(int, const void *, size_t);
ssize_t __wrap_pread(int, void *, size_t, off_t);

static bool
due(enum call call)
{
	if (call != plan.call || plan.left == 0 || --plan.left > 0)
		return false;
	errno = plan.errno_value;
	return true;
}

/* Only makes files. */
int
__wrap_open(const char *path, int flags, ...)
{
	return due(OPEN) ? -1 : __real_open(path, flags, 0600);
}

ssize_t
__wrap_write(int fd, const void *p, size_t n)
{
	if (!due(WRITE))
		return __real_write(fd, p, n);
	return plan.way == FAILS ? -1 : __real_write(fd, p, (n + 1) / 2);
}

ssize_t
__wrap_pread(int fd, void *p, size_t n, off_t at)
{
	if (!due(READ))
		return __real_pread(fd, p, n, at);
	return plan.way == FAILS ? -1 : __real_pread(fd, p, (n + 1) / 2, at);
}

/* The i-th record's key, which another has, too, and its value. */
static struct str
key_of(size_t i, unsigned char key[SORTER_NUMBER_BYTES])
{
	return sorter_number(i * 2654435761u % (RECORDS / 2), key);
}

static struct str
value_of(size_t i, char value[VALUE_MAX_BYTES])
{
	size_t n = sizeof(i) + i % (VALUE_MAX_BYTES - sizeof(i));

	memset(value, 'v', n);
	memcpy(value, &i, sizeof(i));
	return (struct str){ value, n };
}

static bool
put_all(struct sorter *s, struct err *err)
{
	unsigned char key[SORTER_NUMBER_BYTES];
	char value[VALUE_MAX_BYTES];

	for (size_t i = 0; i < RECORDS; i++)
		if (!sorter_put(s, key_of(i, key), value_of(i, value), err))
			return false;
	return true;
}

/* The next record, behind the last one, is whole. */
static void
check_record(struct str key, struct str value, uint64_t *last_key,
    size_t *last)
{
	char want[VALUE_MAX_BYTES];
	uint64_t k = 0;
	size_t i;

	for (size_t b = 0; b < key.n; b++)
		k = k << 8 | (unsigned char)key.p[b];
	memcpy(&i, value.p, sizeof(i));
	assert_true(i < RECORDS && str_eq(value, value_of(i, want)));
	assert_true(k > *last_key || (k == *last_key && i >= *last));
	*last_key = k;
	*last = i;
}

/* Reads all, in their order; false on error. */
static bool
get_all(struct sorter *s, struct err *err)
{
	struct str key, value;
	uint64_t last_key = 0;
	size_t last = 0, n = 0;

	if (!sorter_begin(s, err))
		return false;
	for (; sorter_next(s, &key, &value, err); n++)
		check_record(key, value, &last_key, &last);
	assert_true(err->kind != ERR_NONE || n == RECORDS);
	return err->kind == ERR_NONE;
}

/* Sorts in many pieces, and reads twice. */
static bool
sort_all(struct err *err)
{
	struct sorter s;
	bool ok;

	*err = (struct err)ERR_INIT;
	sorter_init(&s, temp_folder);
	s.memory_bytes = SMALL_BYTES;
	ok = put_all(&s, err) && get_all(&s, err) && get_all(&s, err);
	sorter_close(&s);
	return ok;
}

/* Sorts with each call of the kind in turn going wrong; how many there were. */
static unsigned long
sort_against(enum call call, enum way way, int errno_value, bool harmless)
{
	unsigned long n = 0;
	struct err err;
	bool ok, struck;

	do {
		plan.call = call;
		plan.way = way;
		plan.errno_value = errno_value;
		plan.left = ++n;
		ok = sort_all(&err);
		struck = plan.left == 0;
		assert_int_equal(ok, harmless || !struck);
		assert_true(ok || strstr(err.text, strerror(errno_value)));
		assert_true(ok || strstr(err.text, temp_folder));
	} while (struck);
	plan.left = 0;
	return n - 1;
}

static void
records_come_by_key_then_as_they_were_put(void **state)
{
	struct err err;

	(void)state;
	assert_true(sort_all(&err));
}

static void
a_call_that_fails_is_told(void **state)
{
	(void)state;
	assert_int_equal(sort_against(OPEN, FAILS, ENOSPC, false), 1);
	assert_true(sort_against(WRITE, FAILS, ENOSPC, false) > 3);
	assert_true(sort_against(READ, FAILS, EIO, false) > 30);
}

static void
less_than_was_asked_for_is_asked_for_again(void **state)
{
	(void)state;
	assert_true(sort_against(WRITE, IS_SHORT, 0, true) > 3);
	assert_true(sort_against(READ, IS_SHORT, 0, true) > 30);
	assert_true(sort_against(WRITE, FAILS, EINTR, true) > 3);
	assert_true(sort_against(READ, FAILS, EINTR, true) > 30);
}

/* Where the file system has no files without a name, they lose theirs. */
static void
no_name_is_left(void **state)
{
	(void)state;
	assert_int_equal(sort_against(OPEN, FAILS, EOPNOTSUPP, true), 1);
	assert_int_equal(sort_against(OPEN, FAILS, EISDIR, true), 1);
	assert_int_equal(rmdir(temp_folder), 0);	/* it is empty */
	assert_int_equal(temp_setup(state), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_come_by_key_then_as_they_were_put),
		cmocka_unit_test(a_call_that_fails_is_told),
		cmocka_unit_test(less_than_was_asked_for_is_asked_for_again),
		cmocka_unit_test(no_name_is_left),
	};

	return cmocka_run_group_tests_name("sorter", tests, temp_setup,
	    temp_teardown);
}
