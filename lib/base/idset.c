#include "base/idset.h"

#include <stdlib.h>

enum { CAP_MIN = 64 };

/* Where it is, or would be. There is a free slot. */
static size_t
place(const struct idset *s, const struct id128 *id)
{
	size_t at = id128_word(id, 0) & (s->cap - 1);

	while (s->used[at] && id128_cmp(&s->slot[at], id) != 0)
		at = (at + 1) & (s->cap - 1);
	return at;
}

static void
put(struct idset *s, const struct id128 *id)
{
	size_t at = place(s, id);

	s->n += !s->used[at];
	s->slot[at] = *id;
	s->used[at] = true;
}

static bool
grow(struct idset *s)
{
	struct idset t = { .cap = s->cap > 0 ? 2 * s->cap : CAP_MIN };

	t.slot = calloc(t.cap, sizeof(*t.slot));
	t.used = calloc(t.cap, sizeof(*t.used));
	if (t.slot == NULL || t.used == NULL) {
		idset_free(&t);
		return false;
	}
	for (size_t i = 0; i < s->cap; i++)
		if (s->used[i])
			put(&t, &s->slot[i]);
	idset_free(s);
	*s = t;
	return true;
}

bool
idset_add(struct idset *s, const struct id128 *id)
{
	if (2 * s->n >= s->cap && !grow(s))
		return false;
	put(s, id);
	return true;
}

bool
idset_has(const struct idset *s, const struct id128 *id)
{
	return s->cap > 0 && s->used[place(s, id)];
}

void
idset_free(struct idset *s)
{
	free(s->slot);
	free(s->used);
	*s = (struct idset){ .cap = 0 };
}
