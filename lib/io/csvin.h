/*
 * csvin: a CSV file with a header, row by row, through libcsv's reader.
 *
 * BOM, CRLF, quoted newlines are understood. Strict: a stray quote, an
 * unclosed quote, NUL or bad UTF-8 is an error with its line number. Rows of
 * empty cells only are skipped. A row with more cells than the header, or
 * fewer, is an error.
 */
#ifndef CALLTALLY_IO_CSVIN_H
#define CALLTALLY_IO_CSVIN_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct csvin_row {
	int64_t line;		/* where the row begins, from 1; the header is line 1 */
	size_t n;
	const struct str *cells;	/* borrowed until the callback returns */
};

/* Called for the header first (is_header), then each row; false stops with the err it set. */
typedef bool (*csvin_fn)(void *data, const struct csvin_row *, bool is_header,
    struct err *);

/* Reads path ("-": standard input) whole, at most max_bytes. Errors begin with "PATH:LINE: ". */
bool csvin_read(const char *path, size_t max_bytes, csvin_fn, void *data,
    struct err *);

#endif
