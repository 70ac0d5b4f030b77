#include "when.h"

#include <stdio.h>
#include <string.h>

/* Days since 1970-01-01 of a date of the Gregorian calendar. */
static int64_t
days_of(int64_t year, int64_t month, int64_t day)
{
	int64_t y = year - (month <= 2), era = y / 400, of_era = y - era * 400;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 +
	    of_year - 719468;
}

/* The date of a day since 1970-01-01, as one number YYYYMMDD. */
static int
date_of(int64_t days)
{
	int64_t z = days + 719468, era = z / 146097, of_era = z - era * 146097;
	int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * y + y / 4 - y / 100);
	int64_t m = (5 * of_year + 2) / 153, day = of_year - (153 * m + 2) / 5 + 1;
	int64_t month = m < 10 ? m + 3 : m - 9;

	return (int)((y + era * 400 + (month <= 2)) * 10000 + month * 100 + day);
}

bool
when_parse_day(const char *s, int64_t *us)
{
	int year, month, day;
	char after;

	if (strlen(s) != 10 ||
	    sscanf(s, "%4d-%2d-%2d%c", &year, &month, &day, &after) != 3)
		return false;
	*us = days_of(year, month, day) * DAY_US;
	return year >= 2000 && year < 2099 &&
	    date_of(*us / DAY_US) == year * 10000 + month * 100 + day;
}

/* Writes the number in so many digits. */
static char *
put_digits(char *p, int64_t value, int digits)
{
	for (int i = digits - 1; i >= 0; i--) {
		p[i] = (char)('0' + value % 10);
		value /= 10;
	}
	return p + digits;
}

/* Writes YYYY-MM-DD. */
static char *
put_day(char *p, int64_t us)
{
	int date = date_of(us / DAY_US);

	p = put_digits(p, date / 10000, 4);
	*p++ = '-';
	p = put_digits(p, date / 100 % 100, 2);
	*p++ = '-';
	return put_digits(p, date % 100, 2);
}

/* Writes YYYY-MM-DD, the separator, HH:MM:SS. */
static char *
put_second(char *p, int64_t us, char separator)
{
	int64_t of_day = us % DAY_US / SECOND_US;

	p = put_day(p, us);
	*p++ = separator;
	p = put_digits(p, of_day / 3600, 2);
	*p++ = ':';
	p = put_digits(p, of_day / 60 % 60, 2);
	*p++ = ':';
	return put_digits(p, of_day % 60, 2);
}

void
when_day(int64_t us, char day[11])
{
	*put_day(day, us) = '\0';
}

int
when_weekday(int64_t us)
{
	return (int)((us / DAY_US + 3) % 7) + 1;
}

/* The time as ISO 8601 text; returns its end. */
static char *
put_iso(char *p, int64_t us, enum time_style style)
{
	static const int64_t ist_us = 19800 * SECOND_US;

	p = put_second(p, style == TIME_OFFSET ? us + ist_us : us, 'T');
	if (style == TIME_MILLI || style == TIME_MICRO)
		*p++ = '.';
	if (style == TIME_MILLI)
		p = put_digits(p, us % SECOND_US / 1000, 3);
	if (style == TIME_MICRO)
		p = put_digits(p, us % SECOND_US, 6);
	if (style == TIME_OFFSET)
		return (char *)memcpy(p, "+05:30", 6) + 6;
	if (style != TIME_BARE)
		*p++ = 'Z';
	return p;
}

void
json_time(struct text *t, const char *key, int64_t us, enum time_style style)
{
	char buf[40];

	if (us == TIME_NONE)
		json_nothing(t, key);
	else if (style == TIME_EPOCH)
		json_int(t, key, us / SECOND_US);
	else if (style == TIME_EPOCH_MS)
		json_int(t, key, us / 1000);
	else
		json_strn(t, key, buf, (size_t)(put_iso(buf, us, style) - buf));
}

void
when_cell(struct text *t, int64_t us)
{
	char buf[24];

	if (us != TIME_NONE)
		text_put(t, buf, (size_t)(put_second(buf, us, ' ') - buf));
}
