#include "call/pointer.h"

#include <stdlib.h>

bool
pointer_valid(struct str text)
{
	if (text.n > 0 && text.p[0] != '/')
		return false;
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] == '~' && (i + 1 == text.n ||
		    (text.p[i + 1] != '0' && text.p[i + 1] != '1')))
			return false;
	return true;
}

/* Takes the next step from *rest, which begins with its '/', into out. */
static struct str
take_step(struct str *rest, char *out)
{
	size_t n = 0, i = 1;

	for (; i < rest->n && rest->p[i] != '/'; i++) {
		char c = rest->p[i];

		if (c == '~')
			c = rest->p[++i] == '1' ? '/' : '~';
		out[n++] = c;
	}
	*rest = str_from(*rest, i);
	return (struct str){ out, n };
}

bool
path_make(struct arena *a, struct str text, struct path *out)
{
	struct str *step, rest = text;
	char *names = arena_alloc(a, text.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == '/';
	step = arena_alloc(a, (n + 1) * sizeof(*step));
	if (names == NULL || step == NULL)
		return false;
	for (size_t i = 0; i < n; i++) {
		step[i] = take_step(&rest, names);
		names += step[i].n;
	}
	*out = (struct path){ step, n };
	return true;
}

/* The array index that a step names ("0", "12"), plus 1; 0 when it names none. */
static uint16_t
step_index(struct str step)
{
	unsigned i = 0;

	if (step.n == 0 || step.n > 4 || (step.n > 1 && step.p[0] == '0'))
		return 0;
	for (size_t k = 0; k < step.n; k++) {
		if (step.p[k] < '0' || step.p[k] > '9')
			return 0;
		i = i * 10 + (unsigned)(step.p[k] - '0');
	}
	return (uint16_t)(i + 1);
}

static struct node
step_get(struct str step, struct node from)
{
	uint16_t index;

	if (from.type == NODE_OBJECT)
		return node_member(from, step);
	if (from.type == NODE_ARRAY && (index = step_index(step)) != 0)
		return node_element(from, index - 1u);
	return (struct node){ NULL, 0, NODE_ABSENT };
}

struct node
path_get(const struct path *path, struct node from)
{
	for (size_t i = 0; i < path->n && from.type != NODE_ABSENT; i++)
		from = step_get(path->step[i], from);
	return from;
}

bool
trie_init(struct trie *t)
{
	*t = (struct trie){ .n = 1, .cap = 256 };
	t->branch = calloc(t->cap, sizeof(*t->branch));
	t->open = calloc(t->cap, sizeof(*t->open));
	return t->branch != NULL && t->open != NULL;
}

void
trie_free(struct trie *t)
{
	free(t->branch);
	free(t->table);
	free(t->open);
	*t = (struct trie){ .n = 0 };
}

static bool
grow(struct trie *t)
{
	struct branch *b;
	uint64_t *open;

	if (t->n < t->cap)
		return true;
	if (t->cap * 2 > TRIE_SLOTS_MAX)
		return false;
	if ((b = realloc(t->branch, t->cap * 2 * sizeof(*b))) == NULL)
		return false;
	t->branch = b;
	if ((open = realloc(t->open, t->cap * 2 * sizeof(*open))) == NULL)
		return false;
	memset(open + t->cap, 0, t->cap * sizeof(*open));
	t->open = open;
	t->cap *= 2;
	return true;
}

static inline uint64_t
load(const char *p, size_t n)
{
	uint64_t v = 0;

	memcpy(&v, p, n);
	return v;
}

static inline struct name_key
name_key(const char *p, size_t n)
{
	if (n >= 8)
		return (struct name_key){ load(p, 8), load(p + n - 8, 8) };
	if (n >= 4)
		return (struct name_key){ load(p, 4), load(p + n - 4, 4) };
	if (n >= 2)
		return (struct name_key){ load(p, 2), load(p + n - 2, 2) };
	return (struct name_key){ n ? load(p, 1) : 0, 0 };
}

/* The child of that name, made when there is none; 0 when it cannot be. */
static uint16_t
child_made(struct trie *t, uint16_t parent, struct str name)
{
	uint16_t c = t->branch[parent].child;

	for (; c != 0; c = t->branch[c].next)
		if (str_eq(t->branch[c].name, name))
			return c;
	if (!grow(t))
		return 0;
	c = (uint16_t)t->n++;
	t->branch[c] = (struct branch){
		.name = name,
		.key = name_key(name.p, name.n),
		.next = t->branch[parent].child,
		.index = step_index(name),
	};
	t->branch[parent].child = c;
	return c;
}

bool
trie_add(struct trie *t, const struct path *path, uint16_t *slot)
{
	uint16_t at = 0;

	for (size_t i = 0; i < path->n; i++)
		if ((at = child_made(t, at, path->step[i])) == 0)
			return false;
	*slot = at;
	return true;
}

static inline uint64_t
key_hash(struct name_key k, size_t n)
{
	return (k.head ^ k.tail << 1) * UINT64_C(0x9e3779b97f4a7c15) + n;
}

/* Its place in a table, and the mark that is put there beside the slot. */
static inline uint32_t
hash_place(uint64_t hash)
{
	return (uint32_t)(hash >> 40);
}

static inline uint32_t
hash_mark(uint64_t hash)
{
	return (uint32_t)(hash >> 32) & 0xffff0000;
}

/* How large the table of a branch is: a power of two, at most half full. */
static uint32_t
table_size(const struct trie *t, uint16_t at)
{
	uint32_t children = 0, size = 2;

	for (uint16_t c = t->branch[at].child; c != 0; c = t->branch[c].next)
		children++;
	while (size < children * 2)
		size *= 2;
	return size;
}

static void
fill_table(struct trie *t, uint16_t at)
{
	const struct branch *b = &t->branch[at];
	uint32_t *table = t->table + b->table;

	for (uint16_t c = b->child; c != 0; c = t->branch[c].next) {
		uint64_t hash = key_hash(t->branch[c].key, t->branch[c].name.n);
		uint32_t h = hash_place(hash) & b->mask;

		while (table[h] != 0)
			h = (h + 1) & b->mask;
		table[h] = hash_mark(hash) | c;
	}
}

void
trie_know(struct trie *t, uint16_t slot, uint64_t shape, bool whole)
{
	t->branch[slot].known |= shape;
	if (whole)
		t->open[slot] |= shape;
}

void
trie_feed(struct trie *t, uint16_t slot, uint32_t fields)
{
	t->branch[slot].fields |= fields;
}

/*
 * What leads to a known member is known; where a shape's pointers end, all
 * below is open to it. A child's slot is greater than its parent's.
 */
static void
spread_masks(struct trie *t)
{
	struct branch *b = t->branch;

	for (size_t i = t->n; i-- > 0;) {
		uint64_t below = 0;

		for (uint16_t c = b[i].child; c != 0; c = b[c].next)
			below |= b[c].known;
		t->open[i] |= b[i].known & ~below;
		b[i].known |= below;
	}
	for (size_t i = 0; i < t->n; i++)
		for (uint16_t c = b[i].child; c != 0; c = b[c].next) {
			b[c].known |= t->open[i];
			t->open[c] |= t->open[i];
		}
}

bool
trie_seal(struct trie *t)
{
	uint32_t total = 0;

	spread_masks(t);
	for (size_t i = 0; i < t->n; i++) {
		uint32_t size = table_size(t, (uint16_t)i);

		t->branch[i].table = total;
		t->branch[i].mask = (uint16_t)(size - 1);
		total += size;
	}
	if ((t->table = calloc(total, sizeof(*t->table))) == NULL)
		return false;
	for (size_t i = 0; i < t->n; i++)
		fill_table(t, (uint16_t)i);
	return true;
}

/* The child of that name; 0 when there is none. */
static inline uint16_t
child_named(const struct trie *t, const struct branch *b, struct str name)
{
	const uint32_t *table = t->table + b->table;
	struct name_key k = name_key(name.p, name.n);
	uint64_t hash = key_hash(k, name.n);
	uint32_t mark = hash_mark(hash);

	for (uint32_t h = hash_place(hash) & b->mask; table[h] != 0;
	    h = (h + 1) & b->mask) {
		const struct branch *c = &t->branch[(uint16_t)table[h]];

		if ((table[h] ^ mark) <= UINT16_MAX && c->key.head == k.head &&
		    c->key.tail == k.tail && c->name.n == name.n &&
		    (name.n <= 16 || memcmp(c->name.p, name.p, name.n) == 0))
			return (uint16_t)table[h];
	}
	return 0;
}

uint16_t
trie_member(const struct trie *t, uint16_t slot, struct str name)
{
	return child_named(t, &t->branch[slot], name);
}

bool
walk_init(struct walk *w, const struct trie *t)
{
	*w = (struct walk){ .trie = t };
	w->visit = calloc(t->n, sizeof(*w->visit));
	return w->visit != NULL;
}

void
walk_close(struct walk *w)
{
	free(w->visit);
	*w = (struct walk){ .trie = NULL };
}

static void walk_inside(struct walk *, uint16_t slot);

/* Puts a node into its slot, unless a member of that name was there before. */
static inline void
visit(struct walk *w, uint16_t slot, struct node value)
{
	const struct branch *b = &w->trie->branch[slot];
	struct visit *v = &w->visit[slot];

	if (v->stamp >= w->now)
		return;
	v->node = value;
	v->stamp = w->now;
	if (!node_silent(value)) {
		v->stamp++;
		w->fields |= b->fields;
	}
	if (b->child != 0 && value.type >= NODE_ARRAY)
		walk_inside(w, slot);
}

static void
walk_elements(struct walk *w, uint16_t at)
{
	const struct branch *b = w->trie->branch;

	for (uint16_t c = b[at].child; c != 0; c = b[c].next) {
		struct node value;

		if (b[c].index == 0)
			continue;
		value = node_element(w->visit[at].node, b[c].index - 1u);
		if (value.type != NODE_ABSENT)
			visit(w, c, value);
	}
}

/* As deep as the longest pointer. */
static void
walk_inside(struct walk *w, uint16_t at)
{
	const struct trie *t = w->trie;
	struct node_iter it;
	struct node value;
	struct str name;

	if (w->visit[at].node.type == NODE_ARRAY) {
		walk_elements(w, at);
		return;
	}
	it = node_iter(w->visit[at].node);
	while (node_next(&it, &name, &value)) {
		uint16_t c = child_named(t, &t->branch[at], name);

		w->known &= c != 0 ? t->branch[c].known : t->open[at];
		if (c != 0)
			visit(w, c, value);
	}
}

void
walk_run(struct walk *w, struct node root)
{
	w->now += 2;
	if (w->now < 2) {
		memset(w->visit, 0, w->trie->n * sizeof(*w->visit));
		w->now = 2;
	}
	w->known = ~UINT64_C(0);
	w->fields = 0;
	visit(w, 0, root);
}
