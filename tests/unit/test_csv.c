/*
 * The promise of csvout and csvin: the bytes that the reports promise, no
 * formula in a spreadsheet, and of a list all rows or an error with its line.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <inttypes.h>

#include "base/buf.h"
#include "io/csvin.h"
#include "io/csvline.h"
#include "io/csvout.h"
#include "unit/temp.h"

/* Writes one row of texts; gives the file's bytes, to be freed. */
static char *
written(const struct str *cells, size_t n, bool plain, size_t *bytes)
{
	struct err err = ERR_INIT;
	struct atomicfile *f = atomicfile_open(temp_folder, "out.csv", &err);
	struct csvout c;

	assert_non_null(f);
	csvout_open(&c, f, plain);
	for (size_t i = 0; i < n; i++)
		csvout_text(&c, cells[i]);
	csvout_end_row(&c);
	assert_true(csvout_close(&c, &err));
	assert_true(atomicfile_commit(f, NULL, NULL, &err));
	atomicfile_close(f);
	return temp_read(temp_path("out.csv"), bytes);
}

static void
one_cell_is(struct str cell, bool plain, struct str want)
{
	size_t n, head = plain ? 0 : 3, tail = plain ? 1 : 2;
	char *p = written(&cell, 1, plain, &n);

	if (!plain)
		assert_memory_equal(p, "\xef\xbb\xbf", 3);
	assert_memory_equal(p + n - tail, &"\r\n"[2 - tail], tail);
	if (!str_eq((struct str){ p + head, n - head - tail }, want))
		fail_msg("%.*s became %s", STR_ARG(cell), p);
	free(p);
}

static void
text_cells_are_quoted_others_bare(void **state)
{
	struct err err = ERR_INIT;
	struct atomicfile *f = atomicfile_open(temp_folder, "row.csv", &err);
	struct csvout c;
	size_t n;
	char *p;

	(void)state;
	assert_non_null(f);
	csvout_open(&c, f, false);
	csvout_text(&c, STR("day"));
	csvout_text(&c, STR("calls"));
	csvout_end_row(&c);
	csvout_bare(&c, STR("2026-03-01"));
	csvout_text(&c, STR("a \"b\", c"));
	csvout_text(&c, STR(""));
	csvout_bare(&c, STR(""));
	csvout_bare(&c, STR("-1.5"));
	csvout_end_row(&c);
	csvout_text(&c, STR(""));
	csvout_end_row(&c);
	assert_true(csvout_close(&c, &err));
	assert_true(atomicfile_commit(f, NULL, NULL, &err));
	atomicfile_close(f);
	p = temp_read(temp_path("row.csv"), &n);
	assert_string_equal(p, "\xef\xbb\xbf\"day\",\"calls\"\r\n"
	    "2026-03-01,\"a \"\"b\"\", c\",,,-1.5\r\n\r\n");
	free(p);
}

static void
formulas_are_guarded_and_phone_numbers_are_not(void **state)
{
	(void)state;
	one_cell_is(STR("=1+1"), false, STR("\"'=1+1\""));
	one_cell_is(STR("+1+1"), false, STR("\"'+1+1\""));
	one_cell_is(STR("-1"), false, STR("\"'-1\""));
	one_cell_is(STR("@SUM(A1)"), false, STR("\"'@SUM(A1)\""));
	one_cell_is(STR("\t=1"), false, STR("\"'\t=1\""));
	one_cell_is(STR("\r=1"), false, STR("\"'\r=1\""));
	one_cell_is(STR("=\"a\"\"b\""), false, STR("\"'=\"\"a\"\"\"\"b\"\"\""));
	one_cell_is(STR("="), false, STR("\"'=\""));
	one_cell_is(STR("+"), false, STR("\"'+\""));
	one_cell_is(STR("+4915551234567"), false, STR("\"+4915551234567\""));
	one_cell_is(STR("+49 1555"), false, STR("\"'+49 1555\""));
	one_cell_is(STR("+49\n"), false, STR("\"'+49\n\""));
	one_cell_is(STR("4915551234567"), false, STR("\"4915551234567\""));
	one_cell_is(STR("a=1"), false, STR("\"a=1\""));
	one_cell_is(STR("\n=1"), false, STR("\"\n=1\""));
	one_cell_is(STR("'x"), false, STR("\"'x\""));
	one_cell_is(STR("\"=1"), false, STR("\"\"\"=1\""));
	/* plain is for programs */
	one_cell_is(STR("=1+1"), true, STR("\"=1+1\""));
	one_cell_is(STR(""), true, STR(""));
	one_cell_is(STR("\"\"\""), true, STR("\"\"\"\"\"\"\"\""));
}

/* The rows that were read, one line a row: LINE:cell|cell; "!" behind a header. */
static struct buf rows;

static bool
take_row(void *data, const struct csvin_row *row, bool is_header, struct err *err)
{
	(void)err;
	(void)data;
	buf_printf(&rows, "%" PRId64 ":", row->line);
	for (size_t i = 0; i < row->n; i++) {
		buf_puts(&rows, row->cells[i]);
		if (i + 1 < row->n)
			buf_putc(&rows, '|');
	}
	buf_putc(&rows, is_header ? '!' : ' ');
	buf_putc(&rows, ' ');
	return true;
}

static void
rows_are(struct str text, const char *want)
{
	struct err err = ERR_INIT;

	buf_reset(&rows);
	if (!csvin_read(temp_write("in.csv", text.p, text.n), 1 << 20, take_row,
	    NULL, &err))
		fail_msg("%s", err.text);
	assert_string_equal(buf_cstr(&rows), want);
}

/* It fails with want behind the path. */
static void
refused(struct str text, const char *want)
{
	const char *path = temp_write("in.csv", text.p, text.n);
	struct err err = ERR_INIT;

	buf_reset(&rows);
	assert_false(csvin_read(path, 1 << 20, take_row, NULL, &err));
	assert_memory_equal(err.text, path, strlen(path));
	assert_string_equal(err.text + strlen(path), want);
}

static void
rows_are_read_with_their_lines(void **state)
{
	(void)state;
	rows_are(STR("a,b\n1,2\n3,4\n"), "1:a|b! 2:1|2  3:3|4  ");
	rows_are(STR("\xef\xbb\xbf" "a,b\r\n1,2\r\n3,4"), "1:a|b! 2:1|2  3:3|4  ");
	rows_are(STR("a\r1\r2"), "1:a! 2:1  3:2  ");
	rows_are(STR("a,b\n\"x\ny\",2\n\"\"\"q\"\"\",\"p,q\"\n"),
	    "1:a|b! 2:x\ny|2  4:\"q\"|p,q  ");
	rows_are(STR("a,b\n\"x\r\n\r\ny\",2\n3,4"),
	    "1:a|b! 2:x\r\n\r\ny|2  5:3|4  ");
	rows_are(STR("a, b\n 1 ,\t2\n\" 3 \",4\n"), "1:a|b! 2:1|2  3: 3 |4  ");
	rows_are(STR("a,b\n1,\n,2\n"), "1:a|b! 2:1|  3:|2  ");
	rows_are(STR("\xc3\xa4,b\n\xe2\x82\xac,\n"), "1:\xc3\xa4|b! 2:\xe2\x82\xac|  ");
}

static void
rows_of_nothing_are_skipped(void **state)
{
	(void)state;
	rows_are(STR("\n\na,b\n\n,\n,,,,\n\"\",\"\"\n \n1,2\n\n"),
	    "3:a|b! 9:1|2  ");
}

static void
wide_rows_are_read(void **state)
{
	struct buf text = BUF_INIT(0), want = BUF_INIT(0);

	(void)state;
	buf_puts(&want, STR("1:"));
	for (int i = 0; i < 1000; i++) {
		buf_printf(&text, "c%d%s", i, i < 999 ? "," : "\n");
		buf_printf(&want, "c%d%s", i, i < 999 ? "|" : "! ");
	}
	rows_are(buf_str(&text), buf_cstr(&want));
	buf_free(&text);
	buf_free(&want);
}

static void
a_file_that_is_not_quite_csv_is_refused_with_its_line(void **state)
{
	(void)state;
	refused(STR(""), ":1: no header");
	refused(STR("\n,\n"), ":1: no header");
	refused(STR("a,b\n1,2\n3\n"), ":3: 1 cells, but the header has 2");
	refused(STR("a,b\n1,2\n3,4,5\n"), ":3: 3 cells, but the header has 2");
	refused(STR("a,b\n\"x\ny\",2,3\n"), ":2: 3 cells, but the header has 2");
	refused(STR("a,b\n1,x\"y\n"), ":2: a quote where none may be");
	refused(STR("a,b\n1,\"x\"y\n"), ":2: a quote where none may be");
	refused(STR("a,b\n1,2\n3,\"x\ny\nz\n"), ":3: a quoted cell without an end");
	refused(STR("a,b\n1,\"x\ny\"z\"\n"), ":3: a quote where none may be");
	refused(STR("a,b\n1,2\n3,\0\n"), ":3: a NUL byte");
	refused(STR("a,b\r\n1,2\r\n3,\xff\r\n"), ":3: not UTF-8");
	refused(STR("a\r1\r\xe2\x82"), ":3: not UTF-8");
	refused(STR("\xff\xfe" "a\0,\0"), ":1: not UTF-8");
	/* what is refused for its bytes has given no row */
	assert_int_equal(rows.n, 0);
}

static bool
refuse_second(void *data, const struct csvin_row *row, bool is_header, struct err *err)
{
	int *calls = data;

	++*calls;
	return is_header || row->line == 2 || err_fail(err, "no such provider");
}

static void
the_callers_error_stops_with_its_line(void **state)
{
	const char *path = temp_write("in.csv", "a\n1\n2\n3\n", 8);
	struct err err = ERR_INIT;
	int calls = 0;

	(void)state;
	assert_false(csvin_read(path, 100, refuse_second, &calls, &err));
	assert_int_equal(calls, 3);
	assert_string_equal(err.text + strlen(path), ":3: no such provider");
}

static void
a_file_beyond_the_cap_is_refused(void **state)
{
	const char *path = temp_write("in.csv", "a\n1\n2\n", 6);
	struct err err = ERR_INIT;

	(void)state;
	buf_reset(&rows);
	assert_true(csvin_read(path, 6, take_row, NULL, &err));
	assert_false(csvin_read(path, 5, take_row, NULL, &err));
	assert_string_equal(err.text + strlen(path), ": larger than 5 bytes");
}

/* What is written is read again, whatever is in the cells. */
static void
what_is_written_reads_back(void **state)
{
	const struct str cells[] = {
		STR("a"), STR(" b "), STR("\"c\""), STR("d,e"), STR("f\r\ng"),
		STR("=h"), STR("\xc3\xa4"), STR("\n"),
	};
	size_t n, count = sizeof(cells) / sizeof(cells[0]);
	char *p = written(cells, count, true, &n);
	struct buf want = BUF_INIT(0);

	(void)state;
	buf_puts(&want, STR("1:"));
	for (size_t i = 0; i < count; i++) {
		buf_puts(&want, cells[i]);
		buf_puts(&want, i + 1 < count ? STR("|") : STR("! "));
	}
	rows_are((struct str){ p, n }, buf_cstr(&want));
	buf_free(&want);
	free(p);
}

static int
teardown(void **state)
{
	buf_free(&rows);
	return temp_teardown(state);
}

/* A line of plain CSV gives its cells back, and the same row in either dialect. */
static void
a_line_is_taken_apart_again(void **state)
{
	const struct str texts[] = {
		STR("a"), STR(""), STR("\""), STR("\"\"x\","), STR(","),
		STR("a\r\nb"), STR("=1"), STR("1"), STR("it \"said\" so"),
	};
	enum { TEXTS = sizeof(texts) / sizeof(texts[0]) };
	struct buf line = BUF_INIT(0), excel = BUF_INIT(0), want = BUF_INIT(0);
	struct buf scratch = BUF_INIT(0);
	struct err err = ERR_INIT;
	struct csvcell cell[TEXTS + 2], none;
	struct str rest;
	struct csvout c;

	(void)state;
	for (int plain = 0; plain < 2; plain++) {
		csvout_open_text(&c, plain ? &line : &want, plain);
		for (size_t i = 0; i < TEXTS; i++)
			csvout_text(&c, texts[i]);
		csvout_bare(&c, STR("-1.5"));
		csvout_bare(&c, STR(""));
		if (!plain)
			csvout_end_row(&c);
		assert_true(csvout_close(&c, &err));
	}
	rest = buf_str(&line);
	for (size_t i = 0; i < TEXTS + 2; i++)
		assert_true(csvline_next(&rest, &cell[i], &scratch));
	assert_false(csvline_next(&rest, &none, &scratch));
	for (size_t i = 0; i < TEXTS; i++) {
		assert_true(str_eq(cell[i].s, texts[i]));
		assert_int_equal(cell[i].text, texts[i].n > 0);
	}
	assert_true(str_eq(cell[TEXTS].s, STR("-1.5")));
	assert_false(cell[TEXTS].text);
	assert_int_equal(cell[TEXTS + 1].s.n, 0);
	csvout_open_text(&c, &excel, false);
	csvline_put(&c, buf_str(&line), &scratch);
	assert_true(csvout_close(&c, &err));
	assert_true(str_eq(buf_str(&excel), buf_str(&want)));
	buf_free(&line);
	buf_free(&excel);
	buf_free(&want);
	buf_free(&scratch);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_cells_are_quoted_others_bare),
		cmocka_unit_test(formulas_are_guarded_and_phone_numbers_are_not),
		cmocka_unit_test(rows_are_read_with_their_lines),
		cmocka_unit_test(rows_of_nothing_are_skipped),
		cmocka_unit_test(wide_rows_are_read),
		cmocka_unit_test(a_file_that_is_not_quite_csv_is_refused_with_its_line),
		cmocka_unit_test(the_callers_error_stops_with_its_line),
		cmocka_unit_test(a_file_beyond_the_cap_is_refused),
		cmocka_unit_test(what_is_written_reads_back),
		cmocka_unit_test(a_line_is_taken_apart_again),
	};

	return cmocka_run_group_tests_name("csv", tests, temp_setup, teardown);
}
