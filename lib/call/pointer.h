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

struct branch {
	struct str name;
	uint32_t table;		/* of its children: place in trie.table */
	uint32_t mask;		/* size of that table - 1 */
	uint16_t child, next;	/* first child, next sibling; 0: none */
	uint16_t index;		/* the name as an array index, from 1; 0: none */
	bool indexed;		/* some child has an index */
};

/* A name's length, first and last 8 bytes: all of it, up to 16 bytes. */
struct name_key {
	uint64_t head, tail;
	size_t n;
};

struct trie_entry {
	struct name_key key;
	const char *name;
	uint16_t slot;		/* 0: empty */
};

struct trie {
	struct branch *branch;		/* [slot]; 0 is the whole document */
	size_t n, cap;
	struct trie_entry *table;	/* one hash table after the other */
	uint64_t *known;		/* [slot]: the shapes that know it */
	uint64_t *open;			/* [slot]: those that know all below it */
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

/* Makes the trie ready for walks; false when memory ran out. */
bool trie_seal(struct trie *);

/*
 * stamp[slot] is now where the last walk found a node that is silent, now + 1
 * where it found one that states something, and less where it found none.
 */
struct walk {
	const struct trie *trie;
	struct node *node;
	uint32_t *stamp;
	uint32_t now;
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
	return w->stamp[slot] >= w->now ? &w->node[slot] : NULL;
}

/* The same of what is not silent. */
static inline const struct node *
walk_stated(const struct walk *w, uint16_t slot)
{
	return w->stamp[slot] > w->now ? &w->node[slot] : NULL;
}

/* node_silent, without the call where the type alone tells. */
static inline bool
states_nothing(struct node n)
{
	if (n.type == NODE_TEXT || n.type >= NODE_ARRAY)
		return node_silent(n);
	return n.type <= NODE_NULL;
}

#endif
