/*
 * idset: a set of 128-bit hashes, to ask whether one was met before.
 *
 * Open addressing over the hash's own bits, at most half full: 34 bytes or
 * more a member. A set of zeros is empty; it grows without a limit of its own.
 */
#ifndef CALLTALLY_BASE_IDSET_H
#define CALLTALLY_BASE_IDSET_H

#include "base/hash.h"

struct idset {
	struct id128 *slot;
	bool *used;
	size_t cap, n;
};

/* Adds it, if it is not there; false when memory ran out. */
bool idset_add(struct idset *, const struct id128 *);
bool idset_has(const struct idset *, const struct id128 *);
/* Empties it, and gives its memory back. */
void idset_free(struct idset *);

#endif
