/*
 * decode: from a line to an event, a reject, or nothing worth keeping.
 *
 * A struct decoder has its own JSON parsers and scratch memory and belongs
 * to one thread; the profiles are shared and read only. Pure: no I/O.
 */
#ifndef CALLTALLY_CALL_DECODE_H
#define CALLTALLY_CALL_DECODE_H

#include "base/arena.h"
#include "call/drift.h"
#include "call/event.h"
#include "call/profile.h"

struct decoder;

/* To be raised when the same profiles may come to tell something else of a line. */
enum { DECODE_VERSION = 1 };

enum decode_result {
	DECODED_EVENT,
	DECODED_IGNORED,
	DECODED_REJECT,
	DECODED_NO_MEMORY,
};

/* Why a line is a reject; the name (reject_name) is stored. */
enum reject_reason {
	REJECT_NOT_JSON,
	REJECT_BAD_UTF8,
	REJECT_NUMBER_RANGE,
	REJECT_TOO_DEEP,
	REJECT_TOO_LONG,
	REJECT_NOT_OBJECT,	/* a bare array or scalar */
	REJECT_NO_SHAPE,	/* no profile knows it */
	REJECT_NO_CALL_ID,
	REJECT_ERROR_BODY,
	REJECT_BAD_DETAIL,	/* an archived answer of no known provider, or of another call */
	REJECT_COUNT
};
extern const char *const reject_name[REJECT_COUNT];

enum { DECODE_MESSAGE_BYTES = 256, CALL_ID_MAX_BYTES = 1024 };

/* Things that were wrong with a line that was kept all the same. */
struct decode_warnings {
	uint64_t dropped[FIELD_COUNT];	/* a value that could not be coerced */
	uint64_t times_dropped;		/* event or receipt times that could not be read */
	uint64_t replaced;		/* NULs and lone surrogates replaced by U+FFFD */
	uint64_t unknown_types;
	uint64_t unknown_statuses;
};

static inline uint64_t
decode_warnings_sum(const struct decode_warnings *w)
{
	uint64_t sum = w->times_dropped + w->replaced + w->unknown_types +
	    w->unknown_statuses;

	for (int f = 0; f < FIELD_COUNT; f++)
		sum += w->dropped[f];
	return sum;
}

struct decode_out {
	struct event *event;			/* DECODED_EVENT; in the arena; source_id and line are 0 */
	enum reject_reason reason;		/* DECODED_REJECT */
	char message[DECODE_MESSAGE_BYTES];	/* DECODED_REJECT: what is wrong and where, terminated */
	const char *ignored_because;		/* DECODED_IGNORED: "blank" or the profile's reason */
	const char *shape;			/* the name of the profile's shape that fitted; or NULL */
};

struct decoder *decoder_open(const struct profiles *);	/* NULL: out of memory */
void decoder_close(struct decoder *);

/* Notes in the set what messages hold that their profile does not know; NULL: no more. */
void decoder_watch(struct decoder *, struct drift_set *);

/* From here on events have their transcripts. */
void decoder_keep_transcripts(struct decoder *);

/* Gives memory back when the parsers hold more than keep_bytes each (see doc_trim). */
void decoder_trim(struct decoder *, size_t keep_bytes);

/*
 * Decodes one line (without its line end), behind which DOC_PADDING_BYTES
 * can be read. The event and its text are put into arena; nothing points
 * into line. Warnings are added up in *w.
 */
enum decode_result decode_line(struct decoder *, struct str line,
    struct arena *, struct decode_warnings *w, struct decode_out *out);

/*
 * The event of an override row (a list's provider, call_id, assistant_id,
 * campaign_id; empty cells are silent) at time_us. NULL: out of memory.
 */
struct event *decode_override(const struct profiles *, struct arena *,
    struct str provider, struct str call_id, struct str assistant_id,
    struct str campaign_id, int64_t time_us);

#endif
