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
};

/* Compiles one profile into *out. */
void load_profile(struct loader *, const struct conf *root, struct profile *out);

/* profile_shape.c */
void load_shapes(struct loader *, const struct conf *profile);
/* Compiles absolute pointers for the trie. */
bool load_slot(struct loader *, const struct conf *, struct str pointer,
    uint16_t *slot);

/* profile_rule.c */
struct slots load_slots(struct loader *, const struct conf *);
void load_rules(struct loader *, const struct conf *, bool of_element,
    struct rules *out);
void load_rule_sets(struct loader *, const struct conf *,
    struct rule_sets *out);
/* The pointer of a text, relative to an element. */
bool load_path(struct loader *, const struct conf *, struct path *out);
bool load_is(const struct conf *, enum rule_is *out);
/* A text, or a list of texts. */
struct texts load_texts(struct loader *, const struct conf *);

/* What a list of places may hold beside pointers. */
enum {
	MAY_CONST = 1,
	MAY_EACH = 2,
	MAY_UNIT = 4,
	MAY_TYPES = 8,
	MAY_ENDED = 16,
	MAY_TYPE_AFTER = 32,
};

/* profile_place.c */
void load_places(struct loader *, const struct conf *, unsigned may,
    struct places *out);

/* profile_api.c */
void load_api(struct loader *, const struct conf *profile);

/* Zeroed memory for n things of the size, in the arena; NULL when it ran out. */
void *load_alloc(struct loader *, size_t n, size_t size);
/* The text of a place, terminated, in the arena; NULL and a finding if it is none. */
const char *load_cstr(struct loader *, const struct conf *);

#endif
