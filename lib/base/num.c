#include "base/num.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Decimals of at most 15 digits and doubles name each other one to one. */
#define EXACT_MAX 1e15
enum { EXACT_DIGITS = 15, MAX_DIGITS = 17, MAX_PLACES = 18 };

static const int64_t power10[MAX_PLACES + 1] = {
	1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000,
	1000000000, 10000000000, 100000000000, 1000000000000, 10000000000000,
	100000000000000, 1000000000000000, 10000000000000000,
	100000000000000000, 1000000000000000000,
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Takes a sign off the front; true for minus. */
static bool
take_sign(struct str *s)
{
	bool minus = s->n > 0 && s->p[0] == '-';

	if (minus || (s->n > 0 && s->p[0] == '+'))
		*s = str_from(*s, 1);
	return minus;
}

/* The digits at the front of s. */
static struct str
take_digits(struct str *s)
{
	struct str digits = { s->p, 0 };

	while (digits.n < s->n && is_digit(s->p[digits.n]))
		digits.n++;
	*s = str_from(*s, digits.n);
	return digits;
}

/* Puts a digit behind *v; false when it grows beyond an int64_t's magnitude. */
static bool
push_digit(uint64_t *v, unsigned digit)
{
	return !__builtin_mul_overflow(*v, 10u, v) &&
	    !__builtin_add_overflow(*v, digit, v) &&
	    *v <= (uint64_t)INT64_MAX + 1;
}

static bool
apply_sign(uint64_t v, bool minus, int64_t *out)
{
	if (v > (uint64_t)INT64_MAX + minus)
		return false;
	*out = minus ? (int64_t)(0 - v) : (int64_t)v;
	return true;
}

bool
num_int(struct str s, int64_t *out)
{
	bool minus = take_sign(&s);
	uint64_t v = 0;

	if (s.n == 0)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!is_digit(s.p[i]) ||
		    !push_digit(&v, (unsigned)(s.p[i] - '0')))
			return false;
	return apply_sign(v, minus, out);
}

/* "e-12" and the like, all of s; no exponent is 0, huge ones are clamped. */
static bool
read_exponent(struct str s, int64_t *out)
{
	const int64_t clamp = INT64_C(1) << 40;
	bool minus;

	*out = 0;
	if (s.n == 0)
		return true;
	if (s.p[0] != 'e' && s.p[0] != 'E')
		return false;
	s = str_from(s, 1);
	minus = take_sign(&s);
	if (s.n == 0)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (!is_digit(s.p[i]))
			return false;
		if (*out < clamp)
			*out = *out * 10 + (s.p[i] - '0');
	}
	if (minus)
		*out = -*out;
	return true;
}

bool
num_scaled(struct str s, unsigned places, int64_t *out)
{
	bool minus = take_sign(&s);
	struct str whole = take_digits(&s), part = { "", 0 };
	int64_t exponent, keep, count;
	uint64_t v = 0;

	if (s.n > 0 && s.p[0] == '.') {
		s = str_from(s, 1);
		part = take_digits(&s);
	}
	if (whole.n + part.n == 0 || !read_exponent(s, &exponent))
		return false;

	/* So many digits, from the first on, make the scaled whole number. */
	keep = (int64_t)whole.n + exponent + (int64_t)places;
	count = (int64_t)(whole.n + part.n);
	for (int64_t i = 0; i < count && i <= keep; i++) {
		size_t at = (size_t)i;
		char c = at < whole.n ? whole.p[at] : part.p[at - whole.n];

		if (i == keep)
			v += c >= '5';
		else if (!push_digit(&v, (unsigned)(c - '0')))
			return false;
	}
	for (int64_t i = count; i < keep && v != 0; i++)
		if (!push_digit(&v, 0))
			return false;
	return apply_sign(v, minus, out);
}

bool
num_scale_double(double value, unsigned places, int64_t *out)
{
	char text[NUM_TEXT_BYTES];

	if (!isfinite(value))
		return false;
	/* Most numbers have few decimals: find them without printing. */
	for (unsigned k = 0; k <= places && k <= EXACT_DIGITS; k++) {
		double digits = nearbyint(value * (double)power10[k]);

		if (fabs(digits) >= EXACT_MAX)
			break;
		if (digits / (double)power10[k] == value)
			return places - k <= MAX_PLACES &&
			    !__builtin_mul_overflow((int64_t)digits,
				power10[places - k], out);
	}
	num_double_text(value, text);
	return num_scaled(str_of(text), places, out);
}

/* A decimal: 0.DIGITS times ten to the power point. */
struct decimal {
	char digits[MAX_DIGITS + 1];
	int n;
	int point;
};

/* value > 0, rounded to n digits. */
static struct decimal
decimal_of(double value, int n)
{
	struct decimal d = { .n = n };
	char text[NUM_TEXT_BYTES];
	char *end;
	int at = 0;

	(void)snprintf(text, sizeof(text), "%.*e", n - 1, value);
	for (end = text; *end != 'e'; end++)
		if (is_digit(*end))
			d.digits[at++] = *end;
	d.point = (int)strtol(end + 1, NULL, 10) + 1;
	return d;
}

/* Without a decimal point, which a locale could change. */
static double
decimal_value(const struct decimal *d)
{
	char text[NUM_TEXT_BYTES];

	(void)snprintf(text, sizeof(text), "%.*se%d", d->n, d->digits,
	    d->point - d->n);
	return strtod(text, NULL);
}

/* The next greater decimal of as many digits. */
static void
decimal_up(struct decimal *d)
{
	int i = d->n - 1;

	while (i >= 0 && d->digits[i] == '9')
		d->digits[i--] = '0';
	if (i >= 0) {
		d->digits[i]++;
	} else {
		d->digits[0] = '1';
		d->point++;
	}
}

/* The shortest decimal that reads back as value > 0. */
static struct decimal
shortest(double value)
{
	struct decimal d;

	/* Below DBL_MIN fewer than 15 digits may tell a value apart. */
	for (int n = value < DBL_MIN ? 1 : EXACT_DIGITS; n < MAX_DIGITS; n++) {
		d = decimal_of(value, n);
		if (decimal_value(&d) == value)
			goto out;
		/*
		 * Above a power of two lies more room than below it: there
		 * the next decimal up may do where the nearest one does not.
		 */
		decimal_up(&d);
		if (decimal_value(&d) == value)
			goto out;
	}
	d = decimal_of(value, MAX_DIGITS);
out:
	while (d.n > 1 && d.digits[d.n - 1] == '0')
		d.n--;
	return d;
}

void
num_double_text(double value, char out[NUM_TEXT_BYTES])
{
	const char *sign = signbit(value) ? "-" : "";
	struct decimal d;
	int power;

	if (value == 0) {
		(void)snprintf(out, NUM_TEXT_BYTES, "%s0.0", sign);
		return;
	}
	d = shortest(fabs(value));
	power = d.point - 1;
	if (power < -4 || power > 15)
		(void)snprintf(out, NUM_TEXT_BYTES, "%s%c%s%.*se%c%02d", sign,
		    d.digits[0], d.n > 1 ? "." : "", d.n - 1, d.digits + 1,
		    power < 0 ? '-' : '+', abs(power));
	else if (d.point <= 0)
		(void)snprintf(out, NUM_TEXT_BYTES, "%s0.%.*s%.*s", sign,
		    -d.point, "0000", d.n, d.digits);
	else if (d.point >= d.n)
		(void)snprintf(out, NUM_TEXT_BYTES, "%s%.*s%.*s.0", sign,
		    d.n, d.digits, d.point - d.n, "0000000000000000");
	else
		(void)snprintf(out, NUM_TEXT_BYTES, "%s%.*s.%.*s", sign,
		    d.point, d.digits, d.n - d.point, d.digits + d.point);
}

void
num_scaled_text(int64_t scaled, unsigned places, char out[NUM_TEXT_BYTES])
{
	const char *sign = scaled < 0 ? "-" : "";
	uint64_t v = scaled < 0 ? 0 - (uint64_t)scaled : (uint64_t)scaled;
	uint64_t one, part;

	if (places > MAX_PLACES)
		abort();
	one = (uint64_t)power10[places];
	part = v % one;
	if (part == 0) {
		(void)snprintf(out, NUM_TEXT_BYTES, "%s%" PRIu64, sign, v / one);
		return;
	}
	for (; part % 10 == 0; places--)
		part /= 10;
	(void)snprintf(out, NUM_TEXT_BYTES, "%s%" PRIu64 ".%0*" PRIu64, sign,
	    v / one, (int)places, part);
}
