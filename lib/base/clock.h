/*
 * clock: instants as UTC microseconds since 1970-01-01, and their text.
 *
 * TIME_NONE stands for "no time stated" everywhere; it sorts first. Only
 * instants in [TIME_MIN, TIME_MAX] = 2000-01-01 .. 2100-01-01 are accepted
 * from outside.
 */
#ifndef CALLTALLY_BASE_CLOCK_H
#define CALLTALLY_BASE_CLOCK_H

#include <stdint.h>

#include "base/str.h"

#define TIME_NONE INT64_MIN
#define TIME_MIN INT64_C(946684800000000)
#define TIME_MAX INT64_C(4102444800000000)
/* Epoch numbers from here on are milliseconds, below it seconds. */
#define EPOCH_MS_FROM 1e11

enum { TIME_TEXT_BYTES = 40 };

/* True when us is a time, and earlier than one that was had before, if there was one. */
static inline bool
time_is_earlier(int64_t us, int64_t had_us)
{
	return us != TIME_NONE && (had_us == TIME_NONE || us < had_us);
}

/* Wall clock, in microseconds. */
int64_t clock_now_us(void);

/* A clock that never steps back, in microseconds; for rates and timeouts. */
int64_t clock_mono_us(void);

/*
 * Reads an ISO 8601 / RFC 3339 date and time ("T", "t" or a blank between,
 * seconds and a fraction of any length optional, "Z", "+05:30", "+0530",
 * "+05" or no offset = UTC), or an epoch number as text (seconds, with a
 * fraction, or milliseconds from 1e11). A date alone and white space around
 * it are refused. Digits beyond microseconds are cut, second 60 is the next
 * minute's 0. False when s is none of these or out of range.
 */
bool time_parse(struct str s, int64_t *us);

/*
 * An epoch number (seconds, or milliseconds from 1e11); false out of range.
 * A double counts as the shortest decimal that reads back as it.
 */
bool time_from_epoch(double number, int64_t *us);
bool time_from_epoch_int(int64_t number, int64_t *us);

/* "2026-03-01T09:30:00.123Z", the fraction without trailing zeros, if any. */
void time_text(int64_t us, char out[TIME_TEXT_BYTES]);

/* How many days a month (1 to 12) of the calendar has. */
int time_month_days(int year, int month);

/*
 * Which UTC day an accepted instant is in: 1 from 2000-01-01 on. TIME_UTC_DAYS
 * is 2089-09-16 and all days behind it.
 */
enum { TIME_UTC_DAYS = INT16_MAX };
int time_utc_day(int64_t us);

#endif
