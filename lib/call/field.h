/*
 * field: the canonical fields of an event and of a call, in one table.
 *
 * FIELDS(X) calls X(ID, profile name, column, type, merge) for each; the
 * profiles, the fold, the COPY rows and the SQL columns (same order in
 * call_event) follow it. Types tell how a provider's value is coerced and
 * stored; merge tells the fold's rule (see fold.h).
 */
#ifndef CALLTALLY_CALL_FIELD_H
#define CALLTALLY_CALL_FIELD_H

#include "base/str.h"

enum field_type {
	TYPE_TEXT,	/* text as it came */
	TYPE_WORD,	/* text, lower-cased (ASCII) */
	TYPE_SENTIMENT,	/* positive, neutral, negative, unknown */
	TYPE_TIME,	/* UTC microseconds */
	TYPE_MS,	/* milliseconds, from the unit that the profile states; never negative */
	TYPE_MICRO,	/* millionths; of credits_used never negative */
	TYPE_COUNT,	/* whole, never negative */
	TYPE_BOOL,
	TYPE_LIST,	/* canonical JSON array, as text */
	TYPE_MAP,	/* canonical JSON object, as text */
};

enum field_merge {
	MERGE_LAST,		/* last stated */
	MERGE_EARLIEST,
	MERGE_LATEST,
	MERGE_GREATEST,
	MERGE_POSITIVE,		/* last stated above zero, else zero if stated */
	MERGE_KEYS,		/* a map, key by key, last wins */
	MERGE_NONE,		/* not a property of the call (a balance) */
};

#define FIELDS(X) \
	X(ASSISTANT_ID, "assistant_id", "assistant_id", TYPE_TEXT, MERGE_LAST) \
	X(CAMPAIGN_ID, "campaign_id", "campaign_id", TYPE_TEXT, MERGE_LAST) \
	X(WORKSPACE, "workspace", "workspace", TYPE_TEXT, MERGE_LAST) \
	X(DIRECTION, "direction", "direction", TYPE_WORD, MERGE_LAST) \
	X(FROM_NUMBER, "from_number", "from_number", TYPE_TEXT, MERGE_LAST) \
	X(TO_NUMBER, "to_number", "to_number", TYPE_TEXT, MERGE_LAST) \
	X(STARTED_AT, "started_at", "started_at", TYPE_TIME, MERGE_EARLIEST) \
	X(ENDED_AT, "ended_at", "ended_at", TYPE_TIME, MERGE_LATEST) \
	X(DURATION, "duration", "duration_ms", TYPE_MS, MERGE_POSITIVE) \
	X(VOICEMAIL, "voicemail", "voicemail", TYPE_BOOL, MERGE_LAST) \
	X(SUCCESS, "success", "success", TYPE_BOOL, MERGE_LAST) \
	X(SENTIMENT, "sentiment", "sentiment", TYPE_SENTIMENT, MERGE_LAST) \
	X(CREDITS_USED, "credits_used", "credits_used_micro", TYPE_MICRO, MERGE_POSITIVE) \
	X(CREDITS_AVAILABLE, "credits_available", "credits_available_micro", TYPE_MICRO, MERGE_NONE) \
	X(REATTEMPTS, "reattempts", "reattempts", TYPE_COUNT, MERGE_GREATEST) \
	X(RESCHEDULES, "reschedules", "reschedules", TYPE_COUNT, MERGE_GREATEST) \
	X(RECORDING_URL, "recording_url", "recording_url", TYPE_TEXT, MERGE_LAST) \
	X(DETAIL_URL, "detail_url", "detail_url", TYPE_TEXT, MERGE_LAST) \
	X(REQUIRED_ACTIONS, "required_actions", "required_actions", TYPE_LIST, MERGE_LAST) \
	X(INSIGHTS, "insights", "insights", TYPE_MAP, MERGE_KEYS) \
	X(SUMMARY, "summary", "summary", TYPE_TEXT, MERGE_LAST)

enum field {
#define X(id, profile_name, column, type, merge) FIELD_##id,
	FIELDS(X)
#undef X
	FIELD_COUNT
};

struct field_info {
	const char *profile_name;
	const char *column;
	enum field_type type;
	enum field_merge merge;
};

extern const struct field_info field_info[FIELD_COUNT];

/* True for the types kept as text (TEXT, WORD, SENTIMENT, LIST, MAP), false for numbers. */
static inline bool
field_is_text(enum field f)
{
	enum field_type t = field_info[f].type;

	return t == TYPE_TEXT || t == TYPE_WORD || t == TYPE_SENTIMENT ||
	    t == TYPE_LIST || t == TYPE_MAP;
}

/* The field of that profile name; FIELD_COUNT when there is none. */
enum field field_by_name(struct str profile_name);

#endif
