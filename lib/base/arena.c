#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__)
#define HAVE_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAVE_ASAN 1
#endif
#endif

#ifdef HAVE_ASAN
#include <sanitizer/asan_interface.h>
#define POISON(p, n) ASAN_POISON_MEMORY_REGION(p, n)
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION(p, n)
#else
#define POISON(p, n) ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#endif

enum { BLOCK_MIN_BYTES = 8 * 1024, BLOCK_MAX_BYTES = 32 * 1024 };

struct arena_block {
	struct arena_block *next;
	size_t size;
	size_t used;
	alignas(max_align_t) char mem[];
};

void
arena_init(struct arena *a, size_t cap_bytes)
{
	*a = (struct arena){ .cap_bytes = cap_bytes };
}

static void
block_free(struct arena *a, struct arena_block *b)
{
	UNPOISON(b->mem, b->size);
	a->held_bytes -= sizeof(*b) + b->size;
	free(b);
}

static void
free_blocks(struct arena *a, struct arena_block *b)
{
	while (b != NULL) {
		struct arena_block *next = b->next;

		block_free(a, b);
		b = next;
	}
}

void
arena_close(struct arena *a)
{
	if (a == NULL)
		return;
	free_blocks(a, a->head);
	a->head = NULL;
}

void
arena_reset(struct arena *a)
{
	struct arena_block *keep = a->head;

	if (keep != NULL && keep->size > BLOCK_MAX_BYTES)
		arena_close(a);
	else if (keep != NULL) {
		free_blocks(a, keep->next);
		keep->next = NULL;
		keep->used = 0;
		POISON(keep->mem, keep->size);
	}
	a->used_bytes = 0;
	a->failed = false;
}

/*
 * Puts a new block of at least n bytes in front; false when none is to be
 * had. Blocks double, so that many small arenas stay small.
 */
static bool
grow(struct arena *a, size_t n)
{
	size_t size = a->held_bytes;
	struct arena_block *b;

	if (size < BLOCK_MIN_BYTES)
		size = BLOCK_MIN_BYTES;
	if (size > BLOCK_MAX_BYTES)
		size = BLOCK_MAX_BYTES;
	if (size < n)
		size = n;

	if (n > SIZE_MAX / 2 ||
	    (a->cap_bytes != 0 && a->held_bytes + size > a->cap_bytes))
		return false;
	if ((b = malloc(sizeof(*b) + size)) == NULL)
		return false;
	*b = (struct arena_block){ .next = a->head, .size = size };
	POISON(b->mem, size);
	a->head = b;
	a->held_bytes += sizeof(*b) + size;
	return true;
}

void *
arena_alloc(struct arena *a, size_t n)
{
	const size_t align = alignof(max_align_t);
	struct arena_block *b = a->head;
	char *p;

	n = n > SIZE_MAX / 2 ? n : (n + align - 1) / align * align;
	if (b == NULL || n > b->size - b->used) {
		if (!grow(a, n)) {
			a->failed = true;
			return NULL;
		}
		b = a->head;
	}
	p = b->mem + b->used;
	UNPOISON(p, n);
	b->used += n;
	a->used_bytes += n;
	return p;
}

struct str
arena_str(struct arena *a, struct str s)
{
	char *p = arena_alloc(a, s.n ? s.n : 1);

	if (p == NULL)
		return (struct str){ NULL, 0 };
	if (s.n > 0)
		memcpy(p, s.p, s.n);
	return (struct str){ p, s.n };
}

char *
arena_cstr(struct arena *a, struct str s)
{
	char *p = arena_alloc(a, s.n + 1);

	if (p == NULL)
		return NULL;
	if (s.n > 0)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return p;
}
