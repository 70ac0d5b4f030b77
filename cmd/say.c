#include "say.h"

/* One character of UTF-8, or a byte that is none. */
struct rune {
	uint32_t code;
	size_t bytes;
	bool valid;
};

static struct rune
rune_at(struct str s)
{
	unsigned char c = (unsigned char)s.p[0];
	size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	struct rune r = { c, 1, false };

	if (n > s.n || str_utf8_bytes((struct str){ s.p, n }) != n)
		return r;
	if (n > 1)
		r.code = c & (0x7fu >> n);
	for (size_t i = 1; i < n; i++)
		r.code = r.code << 6 | ((unsigned char)s.p[i] & 0x3fu);
	return (struct rune){ r.code, n, true };
}

/* Characters that show nothing themselves and change how others show. */
static bool
is_hidden(uint32_t c)
{
	static const struct { uint32_t first, last; } range[] = {
		{ 0x00, 0x1f }, { 0x7f, 0x9f }, { 0xad, 0xad },
		{ 0x61c, 0x61c }, { 0x200b, 0x200f }, { 0x2028, 0x202e },
		{ 0x2060, 0x206f }, { 0xfeff, 0xfeff }, { 0xfff9, 0xfffb },
		{ 0xe0000, 0xe0fff },
	};

	for (size_t i = 0; i < sizeof(range) / sizeof(range[0]); i++)
		if (c >= range[i].first && c <= range[i].last)
			return true;
	return false;
}

static void
put_hidden(FILE *f, struct rune r)
{
	static const char letters[] = "abtnvfr";	/* from 7 on */

	if (r.valid && r.code >= 7 && r.code <= 13)
		fprintf(f, "\\%c", letters[r.code - 7]);
	else if (!r.valid || r.code < 0x80)
		fprintf(f, "\\x%02x", (unsigned)r.code);
	else
		fprintf(f, "\\u%04x", (unsigned)r.code);
}

void
say_text(FILE *f, struct str s)
{
	while (s.n > 0) {
		struct rune r = rune_at(s);

		if (!r.valid || is_hidden(r.code))
			put_hidden(f, r);
		else
			fwrite(s.p, 1, r.bytes, f);
		s = str_from(s, r.bytes);
	}
}

void
say_message(FILE *f, const char *text)
{
	struct str s = str_trim(str_of(text));

	while (s.n > 0) {
		const char *end = memchr(s.p, '\n', s.n);
		size_t n = end != NULL ? (size_t)(end - s.p) : s.n;

		say_text(f, str_trim((struct str){ s.p, n }));
		if (end == NULL)
			return;
		putc(' ', f);
		s = str_from(s, n + 1);
	}
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_between(char c)
{
	return c != '\0' && strchr(" .-()/", c) != NULL;
}

/* True when s begins with a day as YYYY-MM-DD, which is no phone number. */
static bool
begins_with_day(struct str s)
{
	static const char shape[] = "dddd-dd-dd";

	if (s.n < sizeof(shape) - 1)
		return false;
	for (size_t i = 0; shape[i] != '\0'; i++)
		if (shape[i] == 'd' ? !is_digit(s.p[i]) : s.p[i] != '-')
			return false;
	return (s.p[0] == '1' || s.p[0] == '2') && s.p[5] <= '1' &&
	    s.p[8] <= '3' && (s.n == sizeof(shape) - 1 ||
	    (!is_digit(s.p[10]) && s.p[10] != '-'));
}

/* The length of the run of digits at the start of s, and how many they are. */
static size_t
digit_run(struct str s, size_t *digits)
{
	size_t end = 0, gap = 0;

	*digits = 0;
	if (!is_digit(s.p[0]))
		return 0;
	for (size_t i = 0; i < s.n && gap <= 2; i++) {
		if (is_digit(s.p[i])) {
			++*digits;
			end = i + 1;
			gap = 0;
		} else if (is_between(s.p[i])) {
			gap++;
		} else {
			break;
		}
	}
	return end;
}

/* Appends a run of digits with all but the last of them masked. */
static void
mask_run(struct buf *out, struct str run, size_t digits)
{
	enum { SHOWN = 2 };
	size_t seen = 0;

	for (size_t i = 0; i < run.n; i++) {
		bool digit = is_digit(run.p[i]);

		seen += digit;
		if (digit && seen + SHOWN <= digits)
			buf_putc(out, '*');
		else
			buf_putc(out, run.p[i]);
	}
}

void
mask_phones(struct buf *out, struct str s)
{
	enum { FEWEST = 7, DAY_BYTES = 10 };
	size_t digits, n;

	for (; s.n > 0; s = str_from(s, n)) {
		if (begins_with_day(s)) {
			buf_put(out, s.p, n = DAY_BYTES);
			continue;
		}
		if ((n = digit_run(s, &digits)) == 0)
			buf_putc(out, s.p[n++]);
		else if (digits < FEWEST)
			buf_put(out, s.p, n);
		else
			mask_run(out, (struct str){ s.p, n }, digits);
	}
}

const char *
say_count(int64_t n, char out[SAY_COUNT_BYTES])
{
	char plain[SAY_COUNT_BYTES];
	int len = snprintf(plain, sizeof(plain), "%lld", (long long)n);
	char *p = out;

	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0 && is_digit(plain[i - 1]))
			*p++ = ',';
		*p++ = plain[i];
	}
	*p = '\0';
	return out;
}

const char *
say_bytes(int64_t n, char out[SAY_COUNT_BYTES])
{
	static const char *const unit[] = { "kB", "MB", "GB", "TB" };
	double v = (double)n;
	size_t u = 0;

	if (n < 1000) {
		(void)snprintf(out, SAY_COUNT_BYTES, "%lld bytes", (long long)n);
		return out;
	}
	for (v /= 1000; v >= 999.95 && u + 1 < sizeof(unit) / sizeof(*unit); u++)
		v /= 1000;
	(void)snprintf(out, SAY_COUNT_BYTES, "%.1f %s", v, unit[u]);
	return out;
}

void
say_some(FILE *f, int64_t n, const char *one, const char *many)
{
	char count[SAY_COUNT_BYTES];

	fprintf(f, "%s %s", say_count(n, count), n == 1 ? one : many);
}
