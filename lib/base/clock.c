#include "base/clock.h"

#include <stdio.h>
#include <time.h>

#include "base/num.h"

#define SECOND_US INT64_C(1000000)
#define DAY_US (86400 * SECOND_US)

static int64_t
read_clock(clockid_t id)
{
	struct timespec t;

	(void)clock_gettime(id, &t);
	return (int64_t)t.tv_sec * SECOND_US + t.tv_nsec / 1000;
}

int64_t
clock_now_us(void)
{
	return read_clock(CLOCK_REALTIME);
}

int64_t
clock_mono_us(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

static bool
accept(int64_t us, int64_t *out)
{
	if (us < TIME_MIN || us > TIME_MAX)
		return false;
	*out = us;
	return true;
}

/* Days from 1970-01-01 of a date of the Gregorian calendar, year >= 0. */
static int64_t
days_of(int year, int month, int day)
{
	/* Years begin in March, so that the leap day is the last one. */
	int y = month > 2 ? year : year - 1;
	int m = month > 2 ? month - 3 : month + 9;

	return (int64_t)365 * y + y / 4 - y / 100 + y / 400 +
	    (153 * m + 2) / 5 + day - 1 - 719468;
}

struct date {
	int64_t year;
	int month, day;
};

/* The inverse of days_of, for any year. */
static struct date
date_of(int64_t days)
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t m = (5 * doy + 2) / 153;
	struct date d;

	d.day = (int)(doy - (153 * m + 2) / 5 + 1);
	d.month = (int)(m < 10 ? m + 3 : m - 9);
	d.year = yoe + era * 400 + (d.month <= 2);
	return d;
}

int
time_month_days(int year, int month)
{
	static const int days[] = {
		31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
	};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

/* Takes n digits off the front; -1 when there are not so many. */
static int
take_number(struct str *s, size_t n)
{
	int v = 0;

	if (s->n < n)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (s->p[i] < '0' || s->p[i] > '9')
			return -1;
		v = v * 10 + (s->p[i] - '0');
	}
	*s = str_from(*s, n);
	return v;
}

static bool
take_char(struct str *s, char c)
{
	if (s->n == 0 || s->p[0] != c)
		return false;
	*s = str_from(*s, 1);
	return true;
}

/* The digits behind the point, as microseconds, the rest of them cut. */
static bool
take_fraction(struct str *s, int64_t *us)
{
	int64_t unit = SECOND_US / 10;
	size_t n = 0;

	for (; n < s->n && s->p[n] >= '0' && s->p[n] <= '9'; n++) {
		*us += (s->p[n] - '0') * unit;
		unit /= 10;
	}
	*s = str_from(*s, n);
	return n > 0;
}

/* All of s as an offset from UTC. */
static bool
read_offset(struct str s, int64_t *us)
{
	int hours, minutes = 0;
	bool west;

	*us = 0;
	if (s.n == 0)
		return true;
	if (take_char(&s, 'Z') || take_char(&s, 'z'))
		return s.n == 0;
	west = s.p[0] == '-';
	if (!take_char(&s, '+') && !take_char(&s, '-'))
		return false;
	hours = take_number(&s, 2);
	if (s.n > 0) {
		(void)take_char(&s, ':');
		minutes = take_number(&s, 2);
	}
	if (s.n > 0 || hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
		return false;
	*us = (hours * 60 + minutes) * 60 * SECOND_US;
	if (west)
		*us = -*us;
	return true;
}

static bool
read_iso(struct str s, int64_t *out)
{
	int year, month, day, hour, minute, second = 0;
	int64_t fraction = 0, offset;

	year = take_number(&s, 4);
	if (year < 0 || !take_char(&s, '-'))
		return false;
	month = take_number(&s, 2);
	if (month < 1 || month > 12 || !take_char(&s, '-'))
		return false;
	day = take_number(&s, 2);
	if (day < 1 || day > time_month_days(year, month))
		return false;
	if (!take_char(&s, 'T') && !take_char(&s, 't') && !take_char(&s, ' '))
		return false;
	hour = take_number(&s, 2);
	if (hour < 0 || hour > 23 || !take_char(&s, ':'))
		return false;
	minute = take_number(&s, 2);
	if (minute < 0 || minute > 59)
		return false;
	if (take_char(&s, ':')) {
		second = take_number(&s, 2);
		if (second < 0 || second > 60)	/* 60: a leap second */
			return false;
		if ((take_char(&s, '.') || take_char(&s, ',')) &&
		    !take_fraction(&s, &fraction))
			return false;
	}
	if (!read_offset(s, &offset))
		return false;
	return accept(days_of(year, month, day) * DAY_US +
	    ((hour * 60 + minute) * 60 + second) * SECOND_US + fraction -
	    offset, out);
}

/*
 * Seconds with nine decimals fit far beyond TIME_MAX; what does not fit is
 * read as milliseconds with six. Both are then nanoseconds.
 */
bool
time_parse(struct str s, int64_t *us)
{
	const int64_t ms_from = (int64_t)EPOCH_MS_FROM * SECOND_US;
	int64_t ns;

	if (s.n > 4 && s.p[4] == '-')
		return read_iso(s, us);
	if (num_scaled(s, 9, &ns) ||
	    (num_scaled(s, 6, &ns) && ns >= ms_from))
		return accept(ns / 1000, us);
	return false;
}

bool
time_from_epoch(double number, int64_t *us)
{
	bool ms = number >= EPOCH_MS_FROM;
	int64_t ns;

	return num_scale_double(number, ms ? 6 : 9, &ns) &&
	    accept(ns / 1000, us);
}

bool
time_from_epoch_int(int64_t number, int64_t *us)
{
	bool ms = number >= (int64_t)EPOCH_MS_FROM;
	int64_t v;

	return !__builtin_mul_overflow(number, ms ? 1000 : SECOND_US, &v) &&
	    accept(v, us);
}

void
time_text(int64_t us, char out[TIME_TEXT_BYTES])
{
	int64_t days = us / DAY_US, rest = us % DAY_US;
	struct date d;
	int n, second, fraction, digits = 6;

	if (rest < 0) {
		rest += DAY_US;
		days--;
	}
	d = date_of(days);
	second = (int)(rest / SECOND_US);
	fraction = (int)(rest % SECOND_US);
	n = snprintf(out, TIME_TEXT_BYTES, "%04lld-%02d-%02dT%02d:%02d:%02d",
	    (long long)d.year, d.month, d.day, second / 3600,
	    second / 60 % 60, second % 60);
	if (fraction == 0) {
		(void)snprintf(out + n, TIME_TEXT_BYTES - (size_t)n, "Z");
		return;
	}
	for (; fraction % 10 == 0; digits--)
		fraction /= 10;
	(void)snprintf(out + n, TIME_TEXT_BYTES - (size_t)n, ".%0*dZ", digits,
	    fraction);
}

int
time_utc_day(int64_t us)
{
	int64_t day = (us - TIME_MIN) / DAY_US + 1;

	return day < TIME_UTC_DAYS ? (int)day : TIME_UTC_DAYS;
}
