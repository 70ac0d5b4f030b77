/*
 * envelope: finds the message in a line, as it stands or inside envelopes.
 *
 * Private to lib/call. A struct finder owns a parser for each depth (a text
 * inside a text has its own) and the walk; what it found lives until the
 * next finder_find. Depth first, first match wins.
 */
#ifndef CALLTALLY_CALL_ENVELOPE_H
#define CALLTALLY_CALL_ENVELOPE_H

#include "base/buf.h"
#include "call/shape.h"

enum { ENVELOPE_DEPTH_MAX = 3 };

struct finder {
	const struct profiles *set;
	struct walk walk;	/* over the message's body, when one was found */
	struct doc *doc[ENVELOPE_DEPTH_MAX + 1];
	struct buf inner;	/* a text inside a text, padded */
	struct buf mended;
	uint64_t replaced;	/* lone surrogates of this line */
};

enum found {
	FOUND_NOTHING,
	FOUND_MESSAGE,
	FOUND_NO_PROVIDER,	/* an archived answer of an unknown provider */
	FOUND_NO_DETAIL,	/* an archived answer that no detail shape fits */
	FOUND_NO_MEMORY,
};

struct message {
	const struct shape *shape;
	struct node body;	/* what the shape describes */
	struct node asked_id;	/* the call id beside an archived answer */
	int64_t receipt_us;	/* TIME_NONE when none is stated */
	uint64_t times_dropped;	/* receipt times that were none */
	bool error_body;	/* an {"error": {...}} was seen on the way */
};

/* False when memory ran out; finder_close is harmless then. */
bool finder_init(struct finder *, const struct profiles *);
void finder_close(struct finder *);

/* Parses the line; lone surrogates are mended. */
enum doc_status finder_parse(struct finder *, struct str line,
    struct node *root);

enum found finder_find(struct finder *, struct node root, struct message *);

/* Gives memory back after a very long line. */
void finder_trim(struct finder *);

#endif
