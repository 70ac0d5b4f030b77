/*
 * arena: memory with one lifetime.
 *
 * Grows by blocks up to a cap; everything in it is released at once by
 * arena_reset (which keeps one block for reuse) or arena_close. Memory is
 * aligned for any type and not cleared. When memory or the cap runs out,
 * arena_alloc returns NULL and arena->failed stays set until the next reset,
 * so that a caller may check once after many allocations. Released memory is
 * poisoned under AddressSanitizer. Not safe to share between threads.
 */
#ifndef CALLTALLY_BASE_ARENA_H
#define CALLTALLY_BASE_ARENA_H

#include "base/str.h"

struct arena_block;

struct arena {
	struct arena_block *head;	/* the block that is being filled */
	size_t used_bytes;		/* handed out since the last reset */
	size_t held_bytes;		/* taken from malloc */
	size_t cap_bytes;		/* 0: none */
	bool failed;
};

/* Starts an empty arena; allocates nothing. cap_bytes 0 means no cap. */
void arena_init(struct arena *, size_t cap_bytes);
void arena_close(struct arena *);

/* Releases all that was handed out; keeps at most one block. */
void arena_reset(struct arena *);

void *arena_alloc(struct arena *, size_t n);

/* A copy of s in the arena; {NULL, 0} when memory ran out. */
struct str arena_str(struct arena *, struct str s);

/* A NUL-terminated copy of s; NULL when memory ran out. */
char *arena_cstr(struct arena *, struct str s);

#endif
