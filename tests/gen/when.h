/*
 * when: times as microseconds since 1970 UTC, and how dumps spell them.
 */
#ifndef GEN_WHEN_H
#define GEN_WHEN_H

#include <stdbool.h>
#include <stdint.h>

#include "text.h"

#define TIME_NONE INT64_MIN
#define SECOND_US INT64_C(1000000)
#define DAY_US (86400 * SECOND_US)

enum time_style {
	TIME_Z,			/* 2026-03-01T10:00:00Z */
	TIME_MILLI,		/* 2026-03-01T10:00:00.000Z */
	TIME_MICRO,		/* 2026-03-01T10:00:00.000000Z */
	TIME_OFFSET,		/* 2026-03-01T15:30:00+05:30 */
	TIME_BARE,		/* 2026-03-01T10:00:00: UTC */
	TIME_EPOCH,		/* 1772359200 */
	TIME_EPOCH_MS,		/* 1772359200000 */
	TIME_STYLES
};

/* "YYYY-MM-DD" to its midnight; false when it is no date. */
bool when_parse_day(const char *s, int64_t *us);

/* "YYYY-MM-DD" of the time's UTC day. */
void when_day(int64_t us, char day[11]);

/* 1 (Monday) to 7. */
int when_weekday(int64_t us);

/* A JSON member with a time; null for TIME_NONE. */
void json_time(struct text *, const char *key, int64_t us, enum time_style);

/* A CSV cell "YYYY-MM-DD HH:MM:SS", empty for TIME_NONE. */
void when_cell(struct text *, int64_t us);

#endif
