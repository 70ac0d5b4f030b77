/*
 * extract: from a message whose shape is known to its event.
 *
 * Private to lib/call. Reads the slots of the walk that was made over the
 * message's body, and nothing else of the document but what lies below them.
 */
#ifndef CALLTALLY_CALL_EXTRACT_H
#define CALLTALLY_CALL_EXTRACT_H

#include "call/coerce.h"
#include "call/decode.h"
#include "call/shape.h"

/* A text on its way: a part of the extraction's buffer. */
struct piece {
	size_t at, n;
};

struct extraction {
	const struct shape *shape;
	const struct walk *walk;
	struct buf *text;		/* all texts, until the event is made */
	struct decode_warnings *w;
	struct str type;		/* {NULL, 0} when none is stated */
	char type_number[SCALAR_TEXT_BYTES];
	const struct type_entry *known_type;
	enum outcome outcome;
	bool voicemail;			/* the status says so */
	struct piece status, type_text, call_id, transcript;
	int64_t time_us;
	uint32_t stated;
	uint32_t lasting;		/* its text lives with the profile, in v */
	union value v[FIELD_COUNT];
	struct piece piece[FIELD_COUNT];
};

/*
 * The event of the message, in the arena, with all but identity, source and
 * receipt time; transcripts: with its transcript, too. text is scratch. NULL
 * when memory ran out.
 */
struct event *extract(const struct shape *, const struct walk *,
    struct str call_id, bool transcripts, struct buf *text, struct arena *,
    struct decode_warnings *);

/*
 * The first place that applies and is not silent, and its node (NODE_ABSENT
 * of a constant); NULL when there is none.
 */
const struct place *extract_find(const struct extraction *,
    const struct places *, struct node *out);

/* insights.c: the insights of the shape, canonical, appended to x->text. */
void extract_insights(struct extraction *, const struct places *merge);

#endif
