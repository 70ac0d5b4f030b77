/*
 * shape: a profile as the loader leaves it for matching and extraction.
 *
 * Private to lib/call. Everything lives in the arena of its struct profiles
 * and is never changed after loading. Slots are those of its trie.
 */
#ifndef CALLTALLY_CALL_SHAPE_H
#define CALLTALLY_CALL_SHAPE_H

#include "call/event.h"
#include "call/pointer.h"
#include "call/profile.h"

struct texts {
	const struct str *v;
	size_t n;
};

/* Alternatives in order: the first that is not silent counts. */
struct slots {
	const uint16_t *v;
	size_t n;
};

enum rule_is {
	IS_ANY,
	IS_TEXT,	/* and not empty */
	IS_OBJECT,
	IS_ARRAY,
	IS_NUMBER,
	IS_BOOL,
	IS_STATED,
	IS_SILENT,
};

/* What must hold of one place. */
struct rule {
	struct slots at;	/* in the document */
	struct path path;	/* or below an array's element */
	struct texts one_of;	/* n == 0: not asked */
	struct str prefix;	/* p == NULL: not asked */
	enum rule_is is;
	bool negate;
};

/* All must hold. */
struct rules {
	const struct rule *v;
	size_t n;
};

/* Any may hold. */
struct rule_sets {
	const struct rules *v;
	size_t n;
};

enum place_kind {
	PLACE_AT,		/* a member of the document */
	PLACE_CONST,		/* the text itself */
	PLACE_EACH,		/* in the first element of an array that fits */
	PLACE_TYPE_AFTER,	/* the event's type, behind a prefix */
};

enum unit { UNIT_NONE, UNIT_MS, UNIT_S, UNIT_MIN };

/* Where a value may stand. */
struct place {
	enum place_kind kind;
	enum unit unit;
	enum rule_is is;	/* counts only if it is such */
	bool when_ended;	/* only if the event's outcome is ended or terminal */
	struct texts types;	/* only for events of such a type; n == 0: any */
	struct slots at;	/* PLACE_AT; PLACE_EACH: the array */
	struct str text;	/* PLACE_CONST, PLACE_TYPE_AFTER */
	struct rules rules;	/* PLACE_EACH: of the element */
	struct path path;	/* PLACE_EACH: in the element */
};

struct places {
	const struct place *v;
	size_t n;
};

struct field_places {
	enum field field;
	struct places places;
};

/* A value that becomes a member of the insights. */
struct insight {
	struct str name;
	struct places places;
};

struct ignore {
	const char *because;
	struct rules when;
};

struct shape {
	const struct profile *profile;
	const char *name;
	enum event_kind kind;	/* webhook, dispatch or detail */
	uint64_t bit;		/* in the trie's masks; from the 64th on they share one */
	struct rule_sets match;
	const struct ignore *ignore;
	size_t n_ignore;
	struct places type, call_id, event_time;
	struct places status;	/* at most STATUS_PLACES_MAX */
	struct places transcript;	/* read only where transcripts are to be kept */
	const struct field_places *field;	/* those that it has, in order */
	size_t n_fields;
	uint32_t constant;	/* those that need nothing of the document, a bit for each */
	const struct insight *insight;
	size_t n_insights;
};

enum { STATUS_PLACES_MAX = 8 };

struct status_entry {
	struct str key;
	bool prefix;		/* key itself, or key and "." and anything */
	bool voicemail;
	enum outcome outcome;
};

struct sentiment_entry {
	struct str key;
	struct str value;
};

struct type_entry {
	struct str name;
	uint16_t stage;
};

struct profile {
	struct str name, title, credits_unit, source_text;
	const struct type_entry *type;
	size_t n_types;
	uint16_t stages;
	const struct status_entry *status;	/* exact ones, then the longest prefixes first */
	size_t n_status;
	const struct sentiment_entry *sentiment;
	size_t n_sentiment;
	struct slots volatiles;			/* at most VOLATILE_MAX */
	const struct shape *shape;
	size_t n_shapes;
	const struct profile_api *api;		/* NULL: none */
};

enum { VOLATILE_MAX = 16 };

struct profiles {
	struct arena arena;
	struct trie trie;
	struct profile *profile;
	size_t n;
	unsigned shapes;	/* that have got their bit */
};

/* The entry of a type; NULL when the profile does not list it. */
const struct type_entry *profile_type(const struct profile *, struct str type);

/* What a raw status means; NULL when the profile does not know it. */
const struct status_entry *profile_status(const struct profile *, struct str raw);

/* The canonical sentiment that a text means; "unknown" when it is not mapped. */
struct str profile_sentiment(const struct profile *, struct str raw);

/* True when type is pattern, or pattern ends with ".*" and type is its stem or below. */
bool type_fits(struct str pattern, struct str type);

/* The first node of the slots that is not silent; NULL when there is none. */
static inline const struct node *
slots_get(const struct walk *w, struct slots at)
{
	for (size_t i = 0; i < at.n; i++) {
		const struct node *n = walk_stated(w, at.v[i]);

		if (n != NULL)
			return n;
	}
	return NULL;
}

/* True when a node is such. */
bool node_is(struct node, enum rule_is);

/* True when all rules hold, of the document walked or of an array's element. */
bool rules_hold(const struct rules *, const struct walk *);
bool rules_hold_in(const struct rules *, struct node element);

bool shape_fits(const struct shape *, const struct walk *);
/* Why the profile ignores a message of this shape; NULL when it does not. */
const char *shape_ignores(const struct shape *, const struct walk *);

#endif
