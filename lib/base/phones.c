#include "base/phones.h"

enum {
	FEWEST = 7,		/* digits of a number in free text */
	FEWEST_OF_NUMBER = 3,	/* of what is known to be one */
	SHOWN = 2,		/* digits at its end */
	DAY_BYTES = 10,
	TIME_BYTES = 26,	/* with microseconds */
	BETWEEN_MAX = 2,	/* signs between two digits */
};

const char phones_words[] = "full|masked|none";

const char *const phones_name[] = { "full", "masked", "none" };

enum phones
phones_of(const char *word)
{
	for (enum phones p = PHONES_MASKED; p <= PHONES_NONE; p++)
		if (strcmp(word, phones_name[p]) == 0)
			return p;
	return PHONES_FULL;
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

/* Whether s begins with that shape, in which d stands for a digit. */
static bool
has_shape(struct str s, const char *shape)
{
	for (size_t i = 0; shape[i] != '\0'; i++)
		if (i == s.n || (shape[i] == 'd' ? !is_digit(s.p[i]) :
		    s.p[i] != shape[i]))
			return false;
	return true;
}

/* The length of a day as YYYY-MM-DD at the start of s, with the time behind it; 0: there is none. */
static size_t
day_bytes(struct str s)
{
	size_t n = DAY_BYTES;

	if (!has_shape(s, "dddd-dd-dd") || (s.p[0] != '1' && s.p[0] != '2') ||
	    s.p[5] > '1' || s.p[8] > '3' ||
	    (s.n > n && (is_digit(s.p[n]) || s.p[n] == '-')))
		return 0;
	if (has_shape(str_from(s, n), "Tdd:dd:dd") ||
	    has_shape(str_from(s, n), " dd:dd:dd"))
		n += strlen("Tdd:dd:dd");
	if (n > DAY_BYTES && has_shape(str_from(s, n), ".d"))
		for (n++; n < s.n && is_digit(s.p[n]) && n < TIME_BYTES; )
			n++;
	return n;
}

/* The length of the run of digits at the start of s, and how many they are. */
static size_t
digit_run(struct str s, size_t *digits)
{
	size_t end = 0, gap = 0;

	*digits = 0;
	if (!is_digit(s.p[0]))
		return 0;
	for (size_t i = 0; i < s.n && gap <= BETWEEN_MAX; i++) {
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

/* How many digits a country code has, by ITU-T E.164; s begins with it. */
static size_t
country_digits(struct str s)
{
	static const char two[] = "20 27 28 30 31 32 33 34 36 39 40 41 43 44 45 "
	    "46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 83 "
	    "84 86 89 90 91 92 93 94 95 98 ";
	char code[4] = "";

	if (s.n == 0 || s.p[0] == '1' || s.p[0] == '7')
		return 1;
	if (s.n < 2 || !is_digit(s.p[1]))
		return 0;
	memcpy(code, s.p, 2);
	code[2] = ' ';
	return strstr(two, code) != NULL ? 2 : 3;
}

/* Appends a run of digits with all masked but those at its start and end. */
static void
mask_run(struct buf *out, struct str run, size_t digits, size_t first)
{
	size_t seen = 0;

	if (digits < first + SHOWN + FEWEST_OF_NUMBER)
		first = 0;
	for (size_t i = 0; i < run.n; i++) {
		bool digit = is_digit(run.p[i]);

		seen += digit;
		if (digit && seen > first && seen + SHOWN <= digits)
			buf_putc(out, '*');
		else
			buf_putc(out, run.p[i]);
	}
}

static void
hide_run(struct buf *out, struct str run, size_t digits, bool plus,
    enum phones how)
{
	if (how == PHONES_NONE)
		buf_puts(out, STR("***"));
	else
		mask_run(out, run, digits, plus ? country_digits(run) : 0);
}

/* Hides the runs of so many digits or more. */
static void
hide(struct buf *out, struct str s, size_t fewest, enum phones how)
{
	bool plus = false;
	size_t digits, n;

	for (; s.n > 0; s = str_from(s, n)) {
		if ((n = day_bytes(s)) > 0) {
			buf_put(out, s.p, n);
			continue;
		}
		if ((n = digit_run(s, &digits)) == 0) {
			plus = s.p[0] == '+';
			buf_putc(out, s.p[n++]);
			continue;
		}
		if (digits < fewest)
			buf_put(out, s.p, n);
		else
			hide_run(out, (struct str){ s.p, n }, digits, plus, how);
		plus = false;
	}
}

/* ---- JSON ---- */

/* The length of the string at the start of s, with both quotes. */
static size_t
string_bytes(struct str s)
{
	for (size_t i = 1; i < s.n; i++) {
		if (s.p[i] == '"')
			return i + 1;
		i += s.p[i] == '\\';
	}
	return s.n;
}

/* A string: what stands between its escapes, whose digits are no digits. */
static void
hide_string(struct buf *out, struct str s, enum phones how)
{
	while (s.n > 0) {
		const char *at = memchr(s.p, '\\', s.n);
		size_t n = at != NULL ? (size_t)(at - s.p) : s.n, escape;

		hide(out, (struct str){ s.p, n }, FEWEST, how);
		s = str_from(s, n);
		escape = s.n > 1 && s.p[1] == 'u' ? 6 : 2;
		escape = escape < s.n ? escape : s.n;
		buf_put(out, s.p, escape);
		s = str_from(s, escape);
	}
}

static size_t
number_bytes(struct str s)
{
	size_t n = 0;

	while (n < s.n && (is_digit(s.p[n]) || strchr("+-.eE", s.p[n]) != NULL))
		n++;
	return n;
}

/* A number; as a string when it has to be hidden. */
static void
hide_number(struct buf *out, struct str s, enum phones how)
{
	size_t before = out->n, digits = 0;

	for (size_t i = 0; i < s.n; i++)
		digits += is_digit(s.p[i]);
	if (digits < FEWEST) {
		buf_puts(out, s);
		return;
	}
	buf_putc(out, '"');
	hide(out, s, FEWEST, how);
	if (out->n - before == s.n + 1 && !out->failed &&
	    memcmp(out->p + before + 1, s.p, s.n) == 0) {
		out->n = before;	/* an exponent kept the runs short */
		buf_puts(out, s);
		return;
	}
	buf_putc(out, '"');
}

static void
hide_json(struct buf *out, struct str s, enum phones how)
{
	size_t n;

	for (; s.n > 0; s = str_from(s, n)) {
		if (s.p[0] == '"') {
			n = string_bytes(s);
			hide_string(out, (struct str){ s.p, n }, how);
		} else if (is_digit(s.p[0]) || s.p[0] == '-') {
			n = number_bytes(s);
			hide_number(out, (struct str){ s.p, n }, how);
		} else {
			buf_putc(out, s.p[0]);
			n = 1;
		}
	}
}

void
phones_put_text(struct buf *out, struct str s, enum phones how)
{
	if (how == PHONES_FULL)
		buf_puts(out, s);
	else if (s.n > 0 && (s.p[0] == '{' || s.p[0] == '['))
		hide_json(out, s, how);
	else
		hide(out, s, FEWEST, how);
}

void
phones_put_number(struct buf *out, struct str s, enum phones how)
{
	if (how == PHONES_FULL)
		buf_puts(out, s);
	else if (how == PHONES_MASKED)
		hide(out, s, FEWEST_OF_NUMBER, how);
}
