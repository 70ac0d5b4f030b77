#include "io/retry.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/num.h"

enum { DATE_MAX_BYTES = 64, FAR_FUTURE_YEARS = 50 };

#define YEAR_US (INT64_C(31556952) * 1000000)

int64_t
retry_delay_ms(const struct retry_policy *p, int failures, uint64_t random)
{
	int64_t bound = p->base_ms;

	for (int i = 1; i < failures && bound < p->cap_ms; i++)
		bound *= 2;
	if (bound > p->cap_ms)
		bound = p->cap_ms;
	return bound > 0 ? (int64_t)(random % ((uint64_t)bound + 1)) : 0;
}

struct parts {
	int year, day, hour, minute, second;
	char month[4];
};

/* Month from 1; 0 when it is none. */
static int
month_number(const char *name)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (size_t m = 0; m < 12; m++)
		if (strncmp(names + 3 * m, name, 3) == 0)
			return (int)m + 1;
	return 0;
}

/* The year that two digits mean: the one within 50 years, at the turn of a century too. */
static int
whole_year(int two, int64_t now_us)
{
	int now = 1970 + (int)(now_us / YEAR_US);
	int year = now - now % 100 + two;

	if (year > now + FAR_FUTURE_YEARS)
		year -= 100;
	else if (year < now - FAR_FUTURE_YEARS)
		year += 100;
	return year;
}

/* Takes a date apart; false when it has none of the three forms. */
static bool
split(const char *s, int64_t now_us, struct parts *p)
{
	int end = 0;

	if (sscanf(s, "%*3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d GMT%n",
	    &p->day, p->month, &p->year, &p->hour, &p->minute, &p->second,
	    &end) == 6 && end > 0 && s[end] == '\0')
		return true;
	end = 0;
	if (sscanf(s, "%*9[A-Za-z], %2d-%3[A-Za-z]-%2d %2d:%2d:%2d GMT%n",
	    &p->day, p->month, &p->year, &p->hour, &p->minute, &p->second,
	    &end) == 6 && end > 0 && s[end] == '\0') {
		p->year = whole_year(p->year, now_us);
		return true;
	}
	end = 0;
	return sscanf(s, "%*3[A-Za-z] %3[A-Za-z] %2d %2d:%2d:%2d %4d%n",
	    p->month, &p->day, &p->hour, &p->minute, &p->second, &p->year,
	    &end) == 6 && end > 0 && s[end] == '\0';
}

bool
http_date(struct str text, int64_t now_us, int64_t *us)
{
	char s[DATE_MAX_BYTES], iso[DATE_MAX_BYTES];
	struct parts p = { .month = "" };
	int year, n;

	text = str_trim(text);
	if (text.n == 0 || text.n >= sizeof(s) ||
	    memchr(text.p, '\0', text.n) != NULL)
		return false;
	memcpy(s, text.p, text.n);
	s[text.n] = '\0';
	if (!split(s, now_us, &p))
		return false;
	/* Whether the rest is a time of a day is judged in a leap year's place. */
	year = p.year >= 2000 && p.year < 2100 ? p.year : 2000;
	n = snprintf(iso, sizeof(iso), "%04d-%02d-%02dT%02d:%02d:%02dZ", year,
	    month_number(p.month), p.day, p.hour, p.minute, p.second);
	if (n < 0 || !time_parse((struct str){ iso, (size_t)n }, us))
		return false;
	if (p.year < 2000)
		*us = TIME_MIN;
	else if (p.year >= 2100)
		*us = TIME_MAX;
	return true;
}

/* Whole or decimal seconds without a sign. */
static bool
seconds(struct str value, int64_t *wait_ms)
{
	if (value.n == 0 || value.p[0] < '0' || value.p[0] > '9')
		return false;
	if (num_scaled(value, 3, wait_ms))
		return true;
	for (size_t i = 0; i < value.n; i++)
		if (value.p[i] < '0' || value.p[i] > '9')
			return false;
	*wait_ms = RETRY_AFTER_MAX_MS;	/* more digits than a number has */
	return true;
}

bool
retry_after(struct str value, int64_t now_us, int64_t *wait_ms)
{
	int64_t us;

	value = str_trim(value);
	if (!seconds(value, wait_ms)) {
		if (!http_date(value, now_us, &us))
			return false;
		*wait_ms = us > now_us ? (us - now_us + 999) / 1000 : 0;
	}
	if (*wait_ms > RETRY_AFTER_MAX_MS)
		*wait_ms = RETRY_AFTER_MAX_MS;
	return true;
}
