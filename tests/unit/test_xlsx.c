/* io/xlsx and io/zipcheck: names of sheets, texts that do not fit, files that were cut off. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <sys/resource.h>

#include "base/buf.h"
#include "base/clock.h"
#include "io/xlsx.h"
#include "io/zipcheck.h"
#include "unit/temp.h"

static struct xlsx *
open_book(struct atomicfile **file)
{
	struct err err = ERR_INIT;
	struct xlsx *x;

	*file = atomicfile_open(temp_folder, "t.xlsx", &err);
	assert_non_null(*file);
	x = xlsx_open(*file, temp_folder, TIME_NONE, &err);
	assert_non_null(x);
	return x;
}

static void
name_is(struct xlsx *x, const char *wanted, unsigned number, const char *want)
{
	char name[XLSX_NAME_BYTES];

	xlsx_name(x, str_of(wanted), number, name);
	assert_string_equal(name, want);
	assert_non_null(xlsx_sheet(x, name));
}

static void
names_are_taken_by_spreadsheets(void **state)
{
	struct atomicfile *file;
	struct xlsx *x = open_book(&file);
	struct err err = ERR_INIT;

	(void)state;
	name_is(x, "calls", 1, "calls");
	name_is(x, "calls", 2, "calls (2)");
	name_is(x, "CALLS", 1, "CALLS (3)");
	name_is(x, "History", 1, "history_");
	name_is(x, "'a[b]:*?/\\'", 1, "_a_b_______");
	name_is(x, "0123456789012345678901234567890123", 1,
	    "0123456789012345678901234567890");
	name_is(x, "0123456789012345678901234567890123", 12,
	    "01234567890123456789012345 (12)");
	/* 16 characters outside of the basic plane are 32 units. */
	name_is(x, "\U0001f600\U0001f600\U0001f600\U0001f600\U0001f600"
	    "\U0001f600\U0001f600\U0001f600\U0001f600\U0001f600\U0001f600"
	    "\U0001f600\U0001f600\U0001f600\U0001f600\U0001f600", 1,
	    "\U0001f600\U0001f600\U0001f600\U0001f600\U0001f600"
	    "\U0001f600\U0001f600\U0001f600\U0001f600\U0001f600\U0001f600"
	    "\U0001f600\U0001f600\U0001f600\U0001f600");
	assert_true(xlsx_write(x, &err));
	xlsx_close(x);
	atomicfile_close(file);
}

static void
texts_that_do_not_fit_are_cut_and_told(void **state)
{
	struct atomicfile *file;
	struct xlsx *x = open_book(&file);
	struct lxw_worksheet *sheet = xlsx_sheet(x, "s");
	struct buf text = BUF_INIT(0);
	struct err err = ERR_INIT;

	(void)state;
	for (int i = 0; i < CELL_MAX_UNITS; i++)
		buf_putc(&text, 'x');
	assert_true(xlsx_text(x, sheet, 0, 0, buf_str(&text), XLSX_PLAIN));
	buf_putc(&text, 'x');
	assert_false(xlsx_text(x, sheet, 0, 1, buf_str(&text), XLSX_PLAIN));
	buf_reset(&text);
	for (int i = 0; i < 6000; i++)	/* they grow by what keeps them from being read as "A" */
		buf_puts(&text, STR("_x0041_"));
	assert_false(xlsx_text(x, sheet, 0, 2, buf_str(&text), XLSX_PLAIN));
	assert_true(xlsx_write(x, &err));
	buf_free(&text);
	xlsx_close(x);
	atomicfile_close(file);
}

static void
a_file_that_was_cut_off_is_seen(void **state)
{
	struct atomicfile *file;
	struct xlsx *x = open_book(&file);
	struct lxw_worksheet *sheet = xlsx_sheet(x, "s");
	struct err err = ERR_INIT;
	char path[sizeof(temp_folder) + 16];

	(void)state;
	for (uint32_t i = 0; i < 20000; i++)
		xlsx_number(x, sheet, i, 0, i, XLSX_COUNT);
	assert_true(xlsx_write(x, &err));
	assert_true(atomicfile_commit(file, NULL, NULL, &err));
	(void)snprintf(path, sizeof(path), "%s/t.xlsx", temp_folder);
	assert_true(zip_check(path, &err));
	assert_int_equal(truncate(path, 20000), 0);
	assert_false(zip_check(path, &err));
	assert_int_equal(err.kind, ERR_FAILED);
	xlsx_close(x);
	atomicfile_close(file);
	assert_int_equal(remove(path), 0);
}

/*
 * What the library had in its buffer while nothing could be written is gone;
 * what comes behind it ends the sheet as if nothing had been.
 */
static void
a_disk_that_was_full_for_a_while_is_told(void **state)
{
	const struct rlimit full = { 64 * 1024, RLIM_INFINITY };
	struct rlimit was;
	struct atomicfile *file;
	struct xlsx *x = open_book(&file);
	struct lxw_worksheet *sheet = xlsx_sheet(x, "s");
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	(void)signal(SIGXFSZ, SIG_IGN);
	for (uint32_t i = 0; i < 20000; i++) {
		if (i == 10000 || i == 10500)
			assert_int_equal(setrlimit(RLIMIT_FSIZE,
			    i == 10000 ? &full : &was), 0);
		xlsx_number(x, sheet, i, 0, i, XLSX_COUNT);
	}
	assert_false(xlsx_write(x, &err));
	assert_int_equal(err.kind, ERR_FAILED);
	xlsx_close(x);
	atomicfile_close(file);
}

static void
fill(bool second_first, char sha256[SHA256_HEX_BYTES])
{
	struct atomicfile *file;
	struct xlsx *x = open_book(&file);
	struct lxw_worksheet *sheet[] = { xlsx_sheet(x, "a"), xlsx_sheet(x, "b") };
	static const enum xlsx_style style[] = { XLSX_RATE, XLSX_COUNT };
	struct err err = ERR_INIT;

	for (int i = 0; i < 2; i++) {
		int at = second_first ? 1 - i : i;

		xlsx_number(x, sheet[at], 0, 0, 0.5, style[at]);
		/* A row is written when the next one begins. */
		xlsx_number(x, sheet[at], 1, 0, 0.5, style[at]);
	}
	assert_true(xlsx_write(x, &err));
	assert_true(atomicfile_commit(file, sha256, NULL, &err));
	xlsx_close(x);
	atomicfile_close(file);
}

/* Sheets are filled by several threads. */
static void
the_bytes_do_not_tell_which_sheet_was_filled_first(void **state)
{
	char one[SHA256_HEX_BYTES], other[SHA256_HEX_BYTES];
	char path[sizeof(temp_folder) + 16];

	(void)state;
	fill(false, one);
	fill(true, other);
	assert_string_equal(one, other);
	(void)snprintf(path, sizeof(path), "%s/t.xlsx", temp_folder);
	assert_int_equal(remove(path), 0);
}

static void
one_that_is_given_up_leaves_nothing(void **state)
{
	struct atomicfile *file;
	struct xlsx *x = open_book(&file);

	assert_non_null(xlsx_sheet(x, "a"));
	assert_non_null(xlsx_sheet(x, "b"));
	xlsx_close(x);
	atomicfile_close(file);
	assert_int_equal(rmdir(temp_folder), 0);	/* it is empty */
	assert_int_equal(temp_setup(state), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_taken_by_spreadsheets),
		cmocka_unit_test(texts_that_do_not_fit_are_cut_and_told),
		cmocka_unit_test(a_file_that_was_cut_off_is_seen),
		cmocka_unit_test(a_disk_that_was_full_for_a_while_is_told),
		cmocka_unit_test(the_bytes_do_not_tell_which_sheet_was_filled_first),
		cmocka_unit_test(one_that_is_given_up_leaves_nothing),
	};

	return cmocka_run_group_tests_name("xlsx", tests, temp_setup,
	    temp_teardown);
}
