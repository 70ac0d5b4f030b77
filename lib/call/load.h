/*
 * load: from a profile's JSON to the compiled form. Private to the loader.
 *
 * What is wrong goes to the sink of the struct conf. The functions that
 * return nothing leave out what they could not read; a profile with
 * findings is never used. Memory that ran out shows in the arena's failed.
 */
#ifndef CALLTALLY_CALL_LOAD_H
#define CALLTALLY_CALL_LOAD_H

#include "call/conf.h"
#include "call/shape.h"

struct loader {
	struct profiles *set;
	struct profile *profile;
	struct texts roots;	/* of the shape that is being read */
	struct texts volatiles;	/* the profile's, as pointers */
	uint64_t shape;		/* the bit of the shape that is being read; 0: none */
};

/* Compiles one profile into *out; source is its text. */
void load_profile(struct profiles *, const struct conf *root,
    struct str source, struct profile *out);

/* load_rule.c: pointers and rules. */

/*
 * One place or a list of alternatives. One that does not begin with "/" is
 * looked for under each of the shape's roots; the list is gone through once
 * for each root. whole: all that lies below is read as well.
 */
struct slots load_slots(struct loader *, const struct conf *, bool whole);
/* A pointer relative to an array's element. */
void load_path(struct loader *, const struct conf *, struct path *out);
void load_is(const struct conf *, enum rule_is *out);
/* A list of rules; of_element: their places are relative to an element. */
void load_rules(struct loader *, const struct conf *, bool of_element,
    struct rules *out);
/* A list of rules, or a list of such lists of which any may hold. */
void load_rule_sets(struct loader *, const struct conf *,
    struct rule_sets *out);
/* The slot of a pointer; a finding when it is none. */
bool load_slot(struct loader *, const struct conf *, struct str pointer,
    uint16_t *slot);

/*
 * Members that say nothing the program wants, so that they are no news. A
 * last step of "*" stands for all that may be there.
 */
void load_known(struct loader *, const struct conf *list);

/* load_place.c: what a place may hold beside pointers. */
enum {
	MAY_CONST = 1,		/* "const" */
	MAY_EACH = 2,		/* "each", "when", "at" */
	MAY_TYPES = 4,		/* "types" */
	MAY_ENDED = 8,		/* "when": "ended_or_terminal" */
	MAY_TYPE_AFTER = 16,	/* "type_after" */
	MUST_UNIT = 32,		/* "unit" */
	IS_WHOLE = 64,		/* objects and lists are taken with all that is in them */
};

void load_places(struct loader *, const struct conf *, unsigned may,
    struct places *out);

/* load_shape.c, load_api.c */
void load_shapes(struct loader *, const struct conf *list);
void load_api(struct loader *, const struct conf *api);

/* load.c */

/* Zeroed memory for n things of that size, in the arena; NULL when it ran out. */
void *load_alloc(struct loader *, size_t n, size_t size);
/* A copy of the place's text; {NULL, 0} and a finding when it is none. */
struct str load_text(struct loader *, const struct conf *);
/* The same, terminated; NULL. */
const char *load_cstr(struct loader *, const struct conf *);
/* The same of a member that need not be there: NULL without a finding. */
const char *load_member(struct loader *, const struct conf *object,
    const char *name);
/* A text or a list of texts. */
struct texts load_texts(struct loader *, const struct conf *);

#endif
