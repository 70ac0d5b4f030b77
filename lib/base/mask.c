#include "base/mask.h"

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
