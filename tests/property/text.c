/*
 * Numbers, times, hashes, encodings: what is written is read back, and what
 * is computed is what plain arithmetic says.
 */
#include "property.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/num.h"
#include "base/quote.h"
#include "base/sha256.h"
#include "call/base64.h"
#include "files.h"
#include "io/csvin.h"
#include "io/csvline.h"
#include "io/doc.h"
#include "io/retry.h"

static int64_t
any_int(struct trial *t)
{
	static const int64_t edge[] = { 0, 1, -1, 9, 10, -10, INT64_MAX, INT64_MIN };

	return rng_chance(&t->rng, 200) ? edge[rng_below(&t->rng, 8)] :
	    (int64_t)rng_next(&t->rng) >> rng_below(&t->rng, 64);
}

static int64_t
any_time(struct trial *t)
{
	static const int64_t step[] = { 1, 1000, 1000000, INT64_C(86400000000) };
	int64_t unit = step[rng_below(&t->rng, 4)];

	return rng_span(&t->rng, TIME_MIN, TIME_MAX) / unit * unit;
}

static bool
whole_numbers_are_read_back(struct trial *t)
{
	int64_t want = any_int(t), is;
	uint64_t bare = rng_next(&t->rng);
	bool minus = rng_chance(&t->rng, 500);
	char text[32];

	(void)snprintf(text, sizeof(text), "%s%" PRId64,
	    want >= 0 && rng_chance(&t->rng, 300) ? "+" : "", want);
	CHECK(t, num_int(str_of(text), &is) && is == want, "%s", text);
	(void)snprintf(text, sizeof(text), "%s%" PRIu64, minus ? "-" : "", bare);
	CHECK(t, num_int(str_of(text), &is) ==
	    (bare <= (uint64_t)INT64_MAX + minus), "%s", text);
	return true;
}

static bool
scaled_numbers_are_read_back(struct trial *t)
{
	unsigned places = rng_below(&t->rng, 19);
	int64_t want = any_int(t), is;
	char text[NUM_TEXT_BYTES];

	num_scaled_text(want, places, text);
	CHECK(t, num_scaled(str_of(text), places, &is) && is == want,
	    "%" PRId64 " with %u places: %s", want, places, text);
	CHECK(t, strchr(text, '.') == NULL || text[strlen(text) - 1] != '0',
	    "a zero at the end: %s", text);
	return true;
}

/* digits * 10^exponent, with places: half away from zero, in whole numbers. */
static bool
scaled_model(uint64_t digits, int exponent, unsigned places, int64_t *out)
{
	uint64_t v = digits;
	int e = exponent + (int)places;
	bool half = false;

	for (; e > 0; e--) {
		if (__builtin_mul_overflow(v, 10u, &v) || v > INT64_MAX)
			return false;
	}
	for (; e < 0; e++) {
		half = v % 10 >= 5;	/* the last digit that goes decides */
		v /= 10;
	}
	v += half;
	*out = (int64_t)v;
	return v <= INT64_MAX;
}

static bool
decimals_are_rounded_half_away_from_zero(struct trial *t)
{
	uint64_t digits = rng_next(&t->rng) >> (4 + rng_below(&t->rng, 60));
	int exponent = (int)rng_below(&t->rng, 30) - 20;
	unsigned places = rng_below(&t->rng, 10);
	bool minus = rng_chance(&t->rng, 500), fits;
	int64_t want = 0, is = 0;
	char text[64];

	(void)snprintf(text, sizeof(text), "%s%" PRIu64 "e%d", minus ? "-" : "",
	    digits, exponent);
	fits = scaled_model(digits, exponent, places, &want);
	CHECK(t, num_scaled(str_of(text), places, &is) == fits &&
	    (!fits || is == (minus ? -want : want)),
	    "%s with %u places: %" PRId64 ", wanted %" PRId64, text, places, is,
	    minus ? -want : want);
	return true;
}

static bool
reals_are_written_as_short_as_they_read_back(struct trial *t)
{
	uint64_t bits = rng_next(&t->rng);
	char text[NUM_TEXT_BYTES], shorter[64];
	double want, is;
	int digits = 0;

	memcpy(&want, &bits, sizeof(want));
	if (rng_chance(&t->rng, 500))
		want = (double)any_int(t) / 1e6;
	if ((bits >> 52 & 0x7ff) == 0x7ff)
		want = 0.1 + 0.2;
	num_double_text(want, text);
	is = strtod(text, NULL);
	CHECK(t, memcmp(&is, &want, sizeof(is)) == 0, "%a is not %s", want, text);
	while (digits < 17) {
		(void)snprintf(shorter, sizeof(shorter), "%.*e", digits, want);
		if (strtod(shorter, NULL) == want)
			break;
		digits++;
	}
	CHECK(t, strtod(shorter, NULL) == strtod(text, NULL), "%s", text);
	for (size_t i = 0, n = 0, zeros = 0; ; i++) {
		if (text[i] >= '0' && text[i] <= '9') {
			zeros = text[i] == '0' ? zeros + 1 : 0;
			n += n > 0 || text[i] != '0';
			continue;
		}
		if (text[i] == '\0' || text[i] == 'e') {
			CHECK(t, n <= (size_t)digits + 1 + zeros || want == 0,
			    "%s is longer than %s", text, shorter);
			break;
		}
	}
	return true;
}

static bool
a_real_counts_as_its_shortest_decimal(struct trial *t)
{
	double v = (double)any_int(t) / (rng_chance(&t->rng, 500) ? 1e6 : 3e9);
	unsigned places = rng_below(&t->rng, 10);
	char text[NUM_TEXT_BYTES];
	int64_t a = 0, b = 0;
	bool fits;

	num_double_text(v, text);
	fits = num_scaled(str_of(text), places, &b);
	CHECK(t, num_scale_double(v, places, &a) == fits && (!fits || a == b),
	    "%s with %u places: %" PRId64 " and %" PRId64, text, places, a, b);
	return true;
}

/* The instant in a zone, as others write it: by the C library's calendar. */
static void
write_time(struct trial *t, int64_t us, char text[80])
{
	static const char *const form[] = { "%c%02d:%02d", "%c%02d%02d", "%c%02d" };
	int minutes = (int)rng_below(&t->rng, 27 * 60) - 13 * 60;
	uint32_t how = rng_below(&t->rng, 5);
	time_t s;
	struct tm tm;
	size_t n;

	minutes = how == 2 ? minutes / 60 * 60 : how > 2 ? 0 : minutes;
	s = (time_t)(us / 1000000) + minutes * 60;
	(void)gmtime_r(&s, &tm);
	n = strftime(text, 80, rng_chance(&t->rng, 500) ? "%Y-%m-%dT%H:%M:%S" :
	    "%Y-%m-%d %H:%M:%S", &tm);
	if (us % 1000000 != 0 || rng_chance(&t->rng, 300))
		n += (size_t)snprintf(text + n, 80 - n, ".%06d%s",
		    (int)(us % 1000000), rng_chance(&t->rng, 300) ? "999" : "");
	if (how == 3)
		(void)snprintf(text + n, 80 - n, "Z");
	if (how > 2)
		return;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	(void)snprintf(text + n, 80 - n, form[how], minutes < 0 ? '-' : '+',
	    abs(minutes) / 60, abs(minutes) % 60);
#pragma GCC diagnostic pop
}

static bool
times_are_read_back_in_every_zone(struct trial *t)
{
	int64_t want = any_time(t), is;
	char text[80], own[TIME_TEXT_BYTES];

	write_time(t, want, text);
	CHECK(t, time_parse(str_of(text), &is) && is == want, "%s", text);
	time_text(want, own);
	CHECK(t, time_parse(str_of(own), &is) && is == want, "%s", own);
	(void)snprintf(text, sizeof(text), "%" PRId64 ".%06" PRId64,
	    want / 1000000, want % 1000000);
	CHECK(t, time_parse(str_of(text), &is) && is == want, "%s", text);
	if (want >= INT64_C(100000000000) * 1000) {
		CHECK(t, time_from_epoch_int(want / 1000, &is) &&
		    is == want / 1000 * 1000, "%" PRId64 " ms", want / 1000);
		CHECK(t, time_from_epoch((double)(want / 1000), &is) &&
		    is == want / 1000 * 1000, "%" PRId64 " ms", want / 1000);
	}
	return true;
}

static bool
utc_days_have_24_hours(struct trial *t)
{
	const int64_t day_us = INT64_C(86400) * 1000000;
	int64_t us = any_time(t), since_us;
	int utc_day = time_utc_day(us);

	since_us = TIME_MIN + (utc_day - 1) * day_us;
	CHECK(t, since_us <= us && utc_day >= 1 && utc_day <= TIME_UTC_DAYS &&
	    (us < since_us + day_us || utc_day == TIME_UTC_DAYS), "%" PRId64 ": %d", us, utc_day);
	return true;
}

static bool
dates_of_http_are_read_in_all_three_forms(struct trial *t)
{
	static const char *const form[] = {
		"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT",
		"%a %b %e %H:%M:%S %Y",
	};
	int64_t us = any_time(t) / 1000000 * 1000000, is, wait_ms;
	int64_t now_us = us - rng_span(&t->rng, -1000000, 40 * INT64_C(86400000000));
	time_t s = (time_t)(us / 1000000);
	char text[80];
	struct tm tm;

	(void)gmtime_r(&s, &tm);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	(void)strftime(text, sizeof(text), form[rng_below(&t->rng, 3)], &tm);
#pragma GCC diagnostic pop
	if (us >= TIME_MAX || now_us < TIME_MIN)
		return true;
	CHECK(t, http_date(str_of(text), now_us, &is) && is == us, "%s", text);
	CHECK(t, retry_after(str_of(text), now_us, &wait_ms) &&
	    wait_ms >= 0 && wait_ms <= RETRY_AFTER_MAX_MS, "%s", text);
	(void)snprintf(text, sizeof(text), "%u", rng_below(&t->rng, 600000));
	CHECK(t, retry_after(str_of(text), now_us, &wait_ms) &&
	    wait_ms == strtoll(text, NULL, 10) * 1000, "%s", text);
	return true;
}

static struct str
any_bytes(struct trial *t, size_t most)
{
	size_t n = rng_below(&t->rng, (uint32_t)most + 1);
	char *p = trial_alloc(t, n + 1);

	for (size_t i = 0; i < n; i++)
		p[i] = (char)rng_next(&t->rng);
	return (struct str){ p, n };
}

/* Characters of one to four bytes, among them all that CSV, JSON and URLs mind. */
static struct str
any_utf8(struct trial *t, size_t most)
{
	static const char *const piece[] = {
		"a", "Z", "0", ",", "\"", "'", "\\", "\n", "\r\n", "\t", " ", "=", "+",
		"-", "@", "/", "%", "?", "#", "\x01", "\x1f", "\x7f", "\xc3\xa4",
		"\xe2\x80\xae", "\xef\xbf\xbd", "\xf0\x9f\x98\x80", "<b>", "~",
	};
	char *p = trial_alloc(t, 4 * most + 1);
	size_t n = 0;

	for (size_t left = rng_below(&t->rng, (uint32_t)most + 1); left > 0; left--) {
		struct str s = str_of(piece[rng_below(&t->rng, COUNT(piece))]);

		memcpy(p + n, s.p, s.n);
		n += s.n;
	}
	return (struct str){ p, n };
}

static bool
hashes_do_not_see_how_bytes_come(struct trial *t)
{
	struct str s = any_bytes(t, 3000), rest = s;
	struct hash_stream *h = hash_stream_open();
	struct id128 whole = hash_bytes(s.p, s.n), parts, read;
	struct sha256 a, b;
	char hex_a[SHA256_HEX_BYTES], hex_b[SHA256_HEX_BYTES];
	char text[ID128_TEXT_BYTES];

	sha256_init(&a);
	sha256_init(&b);
	b.take_blocks = sha256_blocks_plain;
	sha256_add(&a, s.p, s.n);
	while (rest.n > 0) {
		size_t n = 1 + rng_below(&t->rng, (uint32_t)rest.n);

		hash_stream_add(h, rest.p, n);
		sha256_add(&b, rest.p, n);
		rest = str_from(rest, n);
	}
	parts = hash_stream_digest(h);
	hash_stream_close(h);
	CHECK(t, id128_cmp(&whole, &parts) == 0, "hash of %zu bytes", s.n);
	sha256_end(&a, hex_a);
	sha256_end(&b, hex_b);
	CHECK(t, strcmp(hex_a, hex_b) == 0, "SHA-256 of %zu bytes", s.n);
	id128_text(&whole, text);
	CHECK(t, id128_parse(str_of(text), &read) && id128_cmp(&read, &whole) == 0,
	    "%s", text);
	return true;
}

static bool
base64_is_read_back(struct trial *t)
{
	static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	struct str s = any_bytes(t, 40);
	struct buf text = BUF_INIT(0), out = BUF_INIT(0);
	bool padded = rng_chance(&t->rng, 500), good;
	uint32_t bits = 0;
	unsigned have = 0;

	for (size_t i = 0; i < s.n; i++) {
		bits = bits << 8 | (unsigned char)s.p[i];
		for (have += 8; have >= 6; have -= 6)
			buf_putc(&text, digit[bits >> (have - 6) & 63]);
		if (rng_chance(&t->rng, 100))
			buf_puts(&text, STR("\r\n"));
	}
	if (have > 0)
		buf_putc(&text, digit[bits << (6 - have) & 63]);
	for (size_t i = s.n % 3; padded && i > 0 && i < 3; i++)
		buf_putc(&text, '=');
	good = base64_decode(buf_str(&text), &out);
	CHECK(t, good && str_eq(buf_str(&out), s), "%.*s", STR_ARG(buf_str(&text)));
	buf_free(&text);
	buf_free(&out);
	return true;
}

/* UTF-8 by the table of the Unicode standard (3.9, table 3-7). */
static size_t
utf8_model(struct str s)
{
	size_t i = 0;

	while (i < s.n) {
		const unsigned char *u = (const unsigned char *)s.p + i;
		size_t n = u[0] < 0x80 ? 1 : u[0] >= 0xc2 && u[0] < 0xe0 ? 2 :
		    u[0] >= 0xe0 && u[0] < 0xf0 ? 3 :
		    u[0] >= 0xf0 && u[0] < 0xf5 ? 4 : 0;

		if (n == 0 || i + n > s.n)
			return i;
		for (size_t k = 1; k < n; k++)
			if ((u[k] & 0xc0) != 0x80)
				return i;
		if ((u[0] == 0xe0 && u[1] < 0xa0) || (u[0] == 0xed && u[1] > 0x9f) ||
		    (u[0] == 0xf0 && u[1] < 0x90) || (u[0] == 0xf4 && u[1] > 0x8f))
			return i;
		i += n;
	}
	return i;
}

static bool
utf8_is_what_unicode_says(struct trial *t)
{
	static const unsigned char edge[] = {
		'a', 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf,
		0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff,
	};
	size_t n = rng_below(&t->rng, 70);
	char *p = trial_alloc(t, n + 3);
	struct str s = { p + 1, n };
	struct node root;
	struct doc *doc = doc_open();
	enum doc_status status;

	p[0] = p[n + 1] = '"';
	for (size_t i = 1; i <= n; i++)
		p[i] = rng_chance(&t->rng, 400) ? 'x' :
		    (char)edge[rng_below(&t->rng, sizeof(edge))];
	for (size_t i = 1; i + 3 <= n; i++)
		if (rng_chance(&t->rng, 300))
			memcpy(p + i, "\xe2\x82\xac", 3);
	CHECK(t, str_utf8_bytes(s) == utf8_model(s), "%zu of %zu bytes",
	    str_utf8_bytes(s), n);
	s = trial_padded(t, (struct str){ p, n + 2 });
	status = doc_parse(doc, s.p, s.n, &root);
	doc_close(doc);
	CHECK(t, (status == DOC_OK) == (utf8_model((struct str){ p + 1, n }) == n),
	    "simdjson says %d", (int)status);
	return true;
}

static bool
quoted_text_is_read_back(struct trial *t)
{
	struct str s = any_utf8(t, 20), text;
	struct buf b = BUF_INIT(0);
	struct doc *doc = doc_open();
	struct node root;
	bool good;

	buf_putc(&b, '"');
	quote_json(&b, s);
	buf_putc(&b, '"');
	text = trial_padded(t, buf_str(&b));
	good = doc_parse(doc, text.p, text.n, &root) == DOC_OK &&
	    root.type == NODE_TEXT && str_eq(node_text(root), s);
	doc_close(doc);
	CHECK(t, good, "%.*s", STR_ARG(text));
	buf_reset(&b);
	quote_url(&b, s);
	for (size_t i = 0, k = 0; i < b.n; i++, k++) {
		unsigned c = (unsigned char)b.p[i];

		CHECK(t, strchr("%-._~", (int)c) != NULL || (c >= '0' && c <= '9') ||
		    ((c | 32) >= 'a' && (c | 32) <= 'z'), "%.*s", STR_ARG(buf_str(&b)));
		if (c == '%') {
			char hex[3] = { b.p[i + 1], b.p[i + 2], '\0' };

			c = (unsigned)strtoul(hex, NULL, 16);
			i += 2;
		}
		CHECK(t, k < s.n && (unsigned char)s.p[k] == c, "%.*s",
		    STR_ARG(buf_str(&b)));
	}
	buf_free(&b);
	return true;
}

/* ---- CSV ---- */

enum { COLUMNS_MOST = 4, ROWS_MOST = 6 };

struct table {
	struct trial *trial;
	size_t columns, rows;
	struct str cell[ROWS_MOST][COLUMNS_MOST];	/* row 0: the header */
	size_t seen;
	bool good;
};

static void
random_table(struct trial *t, struct table *v)
{
	*v = (struct table){ .trial = t, .good = true };
	v->columns = 1 + rng_below(&t->rng, COLUMNS_MOST);
	v->rows = 1 + rng_below(&t->rng, ROWS_MOST - 1);
	for (size_t i = 0; i < v->rows; i++)
		for (size_t k = 0; k < v->columns; k++) {
			v->cell[i][k] = any_utf8(t, 8);
			/* rows of empty cells are skipped */
			if (k == 0 && v->cell[i][k].n == 0)
				v->cell[i][k] = STR("x");
		}
}

static bool
take_row(void *data, const struct csvin_row *row, bool is_header, struct err *err)
{
	struct table *v = data;

	(void)err;
	v->good = v->good && v->seen < v->rows && row->n == v->columns &&
	    is_header == (v->seen == 0);
	for (size_t k = 0; v->good && k < v->columns; k++)
		v->good = str_eq(row->cells[k], v->cell[v->seen][k]);
	v->seen++;
	return true;
}

static void
write_table(const struct table *v, struct buf *text, bool plain)
{
	struct csvout out;
	struct err err = ERR_INIT;

	csvout_open_text(&out, text, plain);
	for (size_t i = 0; i < v->rows; i++) {
		for (size_t k = 0; k < v->columns; k++)
			csvout_text(&out, v->cell[i][k]);
		csvout_end_row(&out);
	}
	(void)csvout_close(&out, &err);
}

static bool
csv_is_read_back(struct trial *t)
{
	struct buf text = BUF_INIT(0), scratch = BUF_INIT(0), line = BUF_INIT(0);
	struct err err = ERR_INIT;
	struct table v;
	struct csvout out;
	struct file f;

	random_table(t, &v);
	write_table(&v, &text, true);
	f = file_of(buf_str(&text));
	CHECK(t, csvin_read(f.path, 1 << 20, take_row, &v, &err), "%s", err.text);
	file_close(&f);
	CHECK(t, v.good && v.seen == v.rows, "other cells: %.*s",
	    STR_ARG(buf_str(&text)));
	/* One row by csvline, into the other dialect and back. */
	v.rows = 1;
	buf_reset(&text);
	write_table(&v, &text, true);
	csvout_open_text(&out, &line, true);
	csvline_put(&out, (struct str){ text.p, text.n - 1 }, &scratch);
	(void)csvout_close(&out, &err);
	CHECK(t, str_starts(buf_str(&text), buf_str(&line)) &&
	    text.n - line.n <= 1, "%.*s", STR_ARG(buf_str(&line)));
	buf_free(&text);
	buf_free(&scratch);
	buf_free(&line);
	return true;
}

/* No cell that Excel would take for a formula, but telephone numbers. */
static bool
no_cell_is_a_formula(struct trial *t)
{
	struct str s = any_utf8(t, 8), cell;
	struct buf text = BUF_INIT(0);
	struct err err = ERR_INIT;
	struct csvout out;
	bool number = s.n > 1 && s.p[0] == '+';

	csvout_open_text(&out, &text, false);
	buf_reset(&text);
	csvout_text(&out, s);
	(void)csvout_close(&out, &err);
	cell = buf_str(&text);
	for (size_t i = 1; i < s.n; i++)
		number = number && s.p[i] >= '0' && s.p[i] <= '9';
	if (s.n > 0)
		CHECK(t, cell.n > 2 && cell.p[0] == '"' && (number ||
		    strchr("=+-@\t\r", cell.p[1]) == NULL), "%.*s", STR_ARG(cell));
	buf_free(&text);
	return true;
}

const struct property text_properties[] = {
	{ "whole numbers are read back", whole_numbers_are_read_back, 1 },
	{ "scaled numbers are read back", scaled_numbers_are_read_back, 1 },
	{ "decimals are rounded half away from zero",
	    decimals_are_rounded_half_away_from_zero, 1 },
	{ "reals are written as short as they read back",
	    reals_are_written_as_short_as_they_read_back, 1 },
	{ "a real counts as its shortest decimal",
	    a_real_counts_as_its_shortest_decimal, 1 },
	{ "times are read back in every zone", times_are_read_back_in_every_zone, 1 },
	{ "UTC days have 24 hours", utc_days_have_24_hours, 1 },
	{ "dates of HTTP are read in all three forms",
	    dates_of_http_are_read_in_all_three_forms, 1 },
	{ "hashes do not see how bytes come", hashes_do_not_see_how_bytes_come, 1 },
	{ "base64 is read back", base64_is_read_back, 1 },
	{ "UTF-8 is what Unicode says", utf8_is_what_unicode_says, 1 },
	{ "quoted text is read back", quoted_text_is_read_back, 1 },
	{ "CSV is read back", csv_is_read_back, 1 },
	{ "no cell is a formula", no_cell_is_a_formula, 1 },
	{ NULL, NULL, 1 },
};
