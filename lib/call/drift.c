#include "call/drift.h"

#include "call/coerce.h"

const char *const drift_kind_name[DRIFT_KINDS] = {
	[DRIFT_MEMBER] = "member",
	[DRIFT_TYPE] = "type",
	[DRIFT_STATUS] = "status",
};

enum drift_kind
drift_kind_by_name(struct str name)
{
	int k = 0;

	while (k < DRIFT_KINDS && !str_eq(name, str_of(drift_kind_name[k])))
		k++;
	return (enum drift_kind)k;
}

/* A message that is looked at. */
struct look {
	struct drift_set *set;
	const struct shape *shape;
	const struct trie *trie;
	struct buf *name;	/* the pointer to where it looks now */
	int64_t time_us;
};

static bool
is_it(const struct drift *d, const struct look *k, enum drift_kind kind,
    struct str name)
{
	return d->kind == kind && str_eq(d->name, name) &&
	    str_eq(d->shape, str_of(k->shape->name)) &&
	    str_eq(d->provider, k->shape->profile->name);
}

/* The thing's place in the set, made when there is none; NULL: no room. */
static struct drift *
find(const struct look *k, enum drift_kind kind, struct str name)
{
	struct drift_set *set = k->set;
	struct drift *d;

	for (size_t i = 0; i < set->n; i++)
		if (is_it(&set->v[i], k, kind, name))
			return &set->v[i];
	if (set->v == NULL)
		set->v = arena_alloc(set->arena, DRIFT_SET_MAX * sizeof(*d));
	if (set->v == NULL || set->n == DRIFT_SET_MAX)
		return NULL;
	d = &set->v[set->n++];
	*d = (struct drift){
		.provider = k->shape->profile->name,
		.shape = str_of(k->shape->name),
		.kind = kind,
		.name = arena_str(set->arena, name),
		.line = set->line,
		.time_us = k->time_us,
	};
	return d;
}

static void
note(const struct look *k, enum drift_kind kind, struct str name)
{
	struct drift *d = find(k, kind, name);

	k->set->findings++;
	if (d == NULL) {
		k->set->left_out++;
	} else if (d->last_line != k->set->line) {
		d->last_line = k->set->line;
		d->lines++;
	}
}

/* Appends name, with "~" and "/" as a pointer spells them, as far as the cap. */
static void
put_name(struct buf *out, struct str name, bool of_pointer)
{
	for (size_t i = 0; i < name.n && out->n <= DRIFT_NAME_BYTES; i++) {
		char c = name.p[i];

		if (c == '\0')
			buf_puts(out, STR("\xef\xbf\xbd"));
		else if (of_pointer && (c == '~' || c == '/'))
			buf_puts(out, c == '~' ? STR("~0") : STR("~1"));
		else
			buf_putc(out, c);
	}
}

/* What was put, cut between characters when it is too long. */
static struct str
name_put(const struct buf *b)
{
	static const char more[] = "...";
	const size_t room = DRIFT_NAME_BYTES - (sizeof(more) - 1);
	struct str s = buf_str(b);

	if (s.n <= DRIFT_NAME_BYTES)
		return s;
	for (s.n = room; ((unsigned char)s.p[s.n] & 0xc0) == 0x80; s.n--)
		continue;
	memcpy(b->p + s.n, more, sizeof(more) - 1);
	return (struct str){ s.p, s.n + sizeof(more) - 1 };
}

/* As deep as the longest pointer of a profile. */
static void
look_inside(const struct look *k, uint16_t slot, struct node object)
{
	struct node_iter it = node_iter(object);
	size_t at = k->name->n;
	struct node value;
	struct str name;

	if (object.type != NODE_OBJECT ||
	    (k->trie->open[slot] & k->shape->bit) != 0)
		return;
	while (node_next(&it, &name, &value)) {
		uint16_t c = trie_member(k->trie, slot, name);
		bool known = c != 0 && (k->trie->branch[c].known & k->shape->bit) != 0;

		if (known && value.type != NODE_OBJECT)
			continue;
		k->name->n = at;
		buf_putc(k->name, '/');
		put_name(k->name, name, true);
		if (known)
			look_inside(k, c, value);
		else if (!node_silent(value))
			note(k, DRIFT_MEMBER, name_put(k->name));
	}
	k->name->n = at;
}

static void
note_word(const struct look *k, enum drift_kind kind, struct str word)
{
	buf_reset(k->name);
	put_name(k->name, word, false);
	note(k, kind, name_put(k->name));
}

bool
drift_look(struct drift_set *set, const struct shape *shape,
    const struct walk *walk, struct node body, const struct event *e,
    struct buf *scratch)
{
	struct look k = { set, shape, walk->trie, scratch, e->time_us };

	buf_reset(scratch);
	if ((walk->known & shape->bit) == 0)
		look_inside(&k, 0, body);
	if (shape->kind == KIND_WEBHOOK && e->type.n > 0 &&
	    e->stage == shape->profile->stages)
		note_word(&k, DRIFT_TYPE, e->type);
	if (e->outcome == OUTCOME_OTHER)
		note_word(&k, DRIFT_STATUS, e->status);
	return !scratch->failed && !set->arena->failed;
}

static const struct shape *
shape_named(const struct profile *p, struct str name)
{
	for (size_t i = 0; i < p->n_shapes; i++)
		if (str_eq(str_of(p->shape[i].name), name))
			return &p->shape[i];
	return NULL;
}

/* True when every step of the pointer is known to the shape. */
static bool
member_is_known(const struct trie *t, uint64_t shape, const struct path *path)
{
	uint16_t slot = 0;

	for (size_t i = 0; i < path->n; i++) {
		if ((t->open[slot] & shape) != 0)
			return true;
		slot = trie_member(t, slot, path->step[i]);
		if (slot == 0 || (t->branch[slot].known & shape) == 0)
			return false;
	}
	return true;
}

bool
drift_is_known(const struct profiles *set, struct str provider,
    struct str shape_name, enum drift_kind kind, struct str name)
{
	const struct profile *p = profiles_find(set, provider);
	const struct shape *shape;
	struct arena a;
	struct path path;
	bool known;

	if (p == NULL)
		return false;
	if (kind == DRIFT_TYPE)
		return profile_type(p, name) != NULL;
	if (kind == DRIFT_STATUS)
		return profile_status(p, name) != NULL;
	if ((shape = shape_named(p, shape_name)) == NULL ||
	    !pointer_valid(name))
		return false;
	arena_init(&a, 0);
	known = path_make(&a, name, &path) &&
	    member_is_known(&set->trie, shape->bit, &path);
	arena_close(&a);
	return known;
}
