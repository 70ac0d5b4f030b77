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
		{ 0x34f, 0x34f }, { 0x61c, 0x61c }, { 0x115f, 0x1160 },
		{ 0x17b4, 0x17b5 }, { 0x180e, 0x180e }, { 0x200b, 0x200f },
		{ 0x2028, 0x202e }, { 0x2060, 0x206f }, { 0x3164, 0x3164 },
		{ 0xfeff, 0xfeff }, { 0xffa0, 0xffa0 }, { 0xfff0, 0xfffb },
		{ 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a },
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

void
say_note(void *unused, const char *text)
{
	(void)unused;
	fputs("calltally: ", stderr);
	say_message(stderr, text);
	putc('\n', stderr);
}

const char *
say_count(int64_t n, char out[SAY_COUNT_BYTES])
{
	char plain[SAY_COUNT_BYTES];
	int len = snprintf(plain, sizeof(plain), "%lld", (long long)n);
	char *p = out;

	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0 && plain[i - 1] != '-')
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

void
say_also(FILE *f, int64_t n, const char *what)
{
	char count[SAY_COUNT_BYTES];

	if (n > 0)
		fprintf(f, ", %s %s", say_count(n, count), what);
}
