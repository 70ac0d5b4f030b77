/*
 * pointer: JSON Pointers (RFC 6901), one by one and many at once.
 *
 * A struct trie holds the pointers of all profiles; each has a slot, a small
 * number. A struct walk goes over a document once and puts the node of every
 * pointer that the document has into its slot. Built once (trie_add, then
 * trie_seal), a trie is read only and may be shared by threads; a walk
 * belongs to one. Of repeated members the first counts.
 *
 * The trie also tells which shapes know a member, by a bit for each: those
 * that have a place there, above or below it, or have named it with
 * trie_know. What lies below a place where a shape's pointers end is its own
 * business, and known.
 */
#ifndef CALLTALLY_CALL_POINTER_H
#define CALLTALLY_CALL_POINTER_H

#include "base/arena.h"
#include "io/doc.h"

/* A pointer in steps: unescaped names, in an arena. */
struct path {
	const struct str *step;
	size_t n;
};

/* True when text is a JSON Pointer: "" or "/..." with no "~" but "~0" and "~1". */
bool pointer_valid(struct str text);

/* Splits a valid pointer; false when memory ran out. */
bool path_make(struct arena *, struct str text, struct path *out);

/* The node at the path below from; NODE_ABSENT when there is none. */
struct node path_get(const struct path *, struct node from);

/* A name's first and last 8 bytes: with its length all of it, up to 16 bytes. */
struct name_key {
	uint64_t head, tail;
};

/* What a step of a walk needs of a slot, in one line of the cache. */
struct branch {
	struct str name;
	struct name_key key;
	uint64_t known;		/* the shapes that know it */
	uint32_t table;		/* of its children: place in trie.table */
	uint16_t mask;		/* size of that table - 1 */
	uint16_t child, next;	/* first child, next sibling; 0: none */
	uint16_t index;		/* the name as an array index, from 1; 0: none */
	uint32_t fields;	/* those that some shape may take from here */
};

struct trie {
	struct branch *branch;	/* [slot]; 0 is the whole document */
	size_t n, cap;
	uint32_t *table;	/* one hash table after the other: mark and slot; 0: empty */
	uint64_t *open;		/* [slot]: the shapes that know all below it */
};

enum { TRIE_SLOTS_MAX = 16 * 1024 };

/* An empty trie; false when memory ran out. */
bool trie_init(struct trie *);
void trie_free(struct trie *);

/*
 * Adds a pointer, whose names must outlive the trie, and gives its slot.
 * False when memory or the slots ran out.
 */
bool trie_add(struct trie *, const struct path *, uint16_t *slot);

/* A shape (its bit) knows what stands in a slot; whole: all below it as well. */
void trie_know(struct trie *, uint16_t slot, uint64_t shape, bool whole);

/* Some shape may take these fields, a bit for each, from what stands in a slot. */
void trie_feed(struct trie *, uint16_t slot, uint32_t fields);

/* Makes the trie ready for walks; false when memory ran out. */
bool trie_seal(struct trie *);

/*
 * stamp is now where the last walk found a node that is silent, now + 1 where
 * it found one that states something, and less where it found none.
 */
struct visit {
	struct node node;
	uint32_t stamp;
};

struct walk {
	const struct trie *trie;
	struct visit *visit;	/* [slot] */
	uint32_t now;
	uint32_t fields;	/* for which the last walk found something stated */
	uint64_t known;		/* the shapes that know every member the last walk met */
};

/* False when memory ran out; walk_close is harmless then. */
bool walk_init(struct walk *, const struct trie *);
void walk_close(struct walk *);

/* Fills the slots from root, in place of those of the walk before. */
void walk_run(struct walk *, struct node root);

/* The slot of a member of what stands in another; 0 when there is none. */
uint16_t trie_member(const struct trie *, uint16_t slot, struct str name);

/* What the last walk found in a slot; NULL when nothing. */
static inline const struct node *
walk_at(const struct walk *w, uint16_t slot)
{
	return w->visit[slot].stamp >= w->now ? &w->visit[slot].node : NULL;
}

/* The same of what is not silent. */
static inline const struct node *
walk_stated(const struct walk *w, uint16_t slot)
{
	return w->visit[slot].stamp > w->now ? &w->visit[slot].node : NULL;
}

#endif
