#include "io/sorter.h"

#include <stdlib.h>

enum {
	WINDOW_BYTES = 64 * 1024,
	WINDOW_MIN_BYTES = 8 * 1024,
	FIRST_ITEMS = 1024,
	FIRST_RUNS = 16,
};

/* A record in memory: its key, its value behind it. */
struct sorter_item {
	const char *p;
	uint32_t key_bytes, value_bytes;
	uint32_t no;	/* of the piece */
};

/* A sorted piece of the spool, and the record of it that is next. */
struct sorter_run {
	uint64_t from, to;
	struct spool_reader in;
	struct str key, value;
};

/* Before each record in the spool. */
struct head {
	uint32_t key_bytes, value_bytes;
};

void
sorter_init(struct sorter *s, const char *folder)
{
	*s = (struct sorter){ .memory_bytes = SORTER_BYTES };
	spool_init(&s->spool, folder);
	arena_init(&s->arena, 0);
}

static void
close_readers(struct sorter *s)
{
	for (size_t i = 0; i < s->runs; i++)
		spool_reader_close(&s->run[i].in);
	free(s->heap);
	s->heap = NULL;
}

void
sorter_close(struct sorter *s)
{
	close_readers(s);
	spool_close(&s->spool);
	free(s->run);
	free(s->item);
	buf_free(&s->last);
	arena_close(&s->arena);
}

/* -- putting -- */

static bool
write_record(struct sorter *s, struct str key, struct str value,
    struct err *err)
{
	struct head head = { (uint32_t)key.n, (uint32_t)value.n };

	return spool_put(&s->spool, &head, sizeof(head), err) &&
	    spool_put(&s->spool, key.p, key.n, err) &&
	    spool_put(&s->spool, value.p, value.n, err);
}

/* Ends a run at the spool's end; it begins where the one before ended. */
static bool
end_run(struct sorter *s, struct err *err)
{
	size_t cap = s->run_cap == 0 ? FIRST_RUNS : 2 * s->run_cap;
	uint64_t from = s->runs > 0 ? s->run[s->runs - 1].to : 0;
	struct sorter_run *run = s->run;

	if (s->spool.bytes == from)
		return true;
	if (s->runs == s->run_cap) {
		if ((run = realloc(s->run, cap * sizeof(*run))) == NULL)
			return err_nomem(err);
		s->run = run;
		s->run_cap = cap;
	}
	run[s->runs++] = (struct sorter_run){
		.from = from, .to = s->spool.bytes,
	};
	return true;
}

static int
item_order(const void *pa, const void *pb)
{
	const struct sorter_item *a = pa, *b = pb;
	int c = str_cmp((struct str){ a->p, a->key_bytes },
	    (struct str){ b->p, b->key_bytes });

	return c != 0 ? c : (a->no > b->no) - (a->no < b->no);
}

/* Writes the piece in memory as a run. */
static bool
write_piece(struct sorter *s, struct err *err)
{
	qsort(s->item, s->items, sizeof(*s->item), item_order);
	for (size_t i = 0; i < s->items; i++) {
		const struct sorter_item *t = &s->item[i];

		if (!write_record(s, (struct str){ t->p, t->key_bytes },
		    (struct str){ t->p + t->key_bytes, t->value_bytes }, err))
			return false;
	}
	s->items = 0;
	arena_reset(&s->arena);
	return end_run(s, err);
}

static bool
grow_items(struct sorter *s, struct err *err)
{
	size_t cap = s->item_cap == 0 ? FIRST_ITEMS : 2 * s->item_cap;
	struct sorter_item *item;

	if (s->items < s->item_cap)
		return true;
	if ((item = realloc(s->item, cap * sizeof(*item))) == NULL)
		return err_nomem(err);
	s->item = item;
	s->item_cap = cap;
	return true;
}

/* Puts a record into the piece in memory. */
static bool
keep_record(struct sorter *s, struct str key, struct str value,
    struct err *err)
{
	char *p;

	if (s->arena.used_bytes + s->items * sizeof(*s->item) >=
	    s->memory_bytes && !write_piece(s, err))
		return false;
	if (!grow_items(s, err))
		return false;
	if ((p = arena_alloc(&s->arena, key.n + value.n)) == NULL)
		return err_nomem(err);
	memcpy(p, key.p, key.n);
	memcpy(p + key.n, value.p, value.n);
	s->item[s->items] = (struct sorter_item){
		p, (uint32_t)key.n, (uint32_t)value.n, (uint32_t)s->items,
	};
	s->items++;
	return true;
}

bool
sorter_put(struct sorter *s, struct str key, struct str value,
    struct err *err)
{
	if (!s->unordered && s->has_last &&
	    str_cmp(buf_str(&s->last), key) > 0) {
		s->unordered = true;
		if (!end_run(s, err))
			return false;
	}
	if (s->unordered)
		return keep_record(s, key, value, err);
	s->has_last = true;
	buf_reset(&s->last);
	return (buf_puts(&s->last, key) || err_nomem(err)) &&
	    write_record(s, key, value, err);
}

/* -- reading -- */

/* Reads the run's next record; *end at its end. */
static bool
read_record(struct sorter_run *r, bool *end, struct err *err)
{
	struct head head;
	struct str both;

	*end = r->in.at >= r->to;
	if (*end)
		return true;
	if (!spool_read(&r->in, &head, sizeof(head), err) ||
	    !spool_take(&r->in, (size_t)head.key_bytes + head.value_bytes,
	    &both, err))
		return false;
	r->key = (struct str){ both.p, head.key_bytes };
	r->value = str_from(both, head.key_bytes);
	return true;
}

static bool
is_before(const struct sorter *s, size_t a, size_t b)
{
	int c = str_cmp(s->run[a].key, s->run[b].key);

	return c != 0 ? c < 0 : a < b;
}

/* Moves the heap's item i down to where it belongs. */
static void
sink(struct sorter *s, size_t i)
{
	size_t *h = s->heap, run = h[i], child;

	while ((child = 2 * i + 1) < s->heaped) {
		if (child + 1 < s->heaped &&
		    is_before(s, h[child + 1], h[child]))
			child++;
		if (!is_before(s, h[child], run))
			break;
		h[i] = h[child];
		i = child;
	}
	h[i] = run;
}

/* No record is put any more: what is in memory is written, too. */
static bool
end_puts(struct sorter *s, struct err *err)
{
	if (s->items > 0 ? !write_piece(s, err) : !end_run(s, err))
		return false;
	free(s->item);
	s->item = NULL;
	s->item_cap = 0;
	arena_close(&s->arena);
	arena_init(&s->arena, 0);
	return spool_end(&s->spool, err);
}

static size_t
window_bytes(const struct sorter *s)
{
	size_t n = s->memory_bytes / (s->runs + 1);

	return n > WINDOW_BYTES ? WINDOW_BYTES :
	    n < WINDOW_MIN_BYTES ? WINDOW_MIN_BYTES : n;
}

bool
sorter_begin(struct sorter *s, struct err *err)
{
	bool end;

	if (!end_puts(s, err))
		return false;
	close_readers(s);
	s->heaped = 0;
	s->given = false;
	if ((s->heap = calloc(s->runs + 1, sizeof(*s->heap))) == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < s->runs; i++) {
		struct sorter_run *r = &s->run[i];

		spool_reader_init(&r->in, &s->spool, r->from, window_bytes(s));
		if (!read_record(r, &end, err))
			return false;
		s->heap[s->heaped++] = i;
	}
	for (size_t i = s->heaped; i-- > 0;)
		sink(s, i);
	return true;
}

/* Takes the record that was given out of the way. */
static bool
drop_given(struct sorter *s, struct err *err)
{
	bool end;

	if (!s->given)
		return true;
	s->given = false;
	if (!read_record(&s->run[s->heap[0]], &end, err))
		return false;
	if (end)
		s->heap[0] = s->heap[--s->heaped];
	if (s->heaped > 1)
		sink(s, 0);
	return true;
}

bool
sorter_next(struct sorter *s, struct str *key, struct str *value,
    struct err *err)
{
	const struct sorter_run *r;

	if (!drop_given(s, err) || s->heaped == 0)
		return false;
	r = &s->run[s->heap[0]];
	*key = r->key;
	*value = r->value;
	s->given = true;
	return true;
}

struct str
sorter_number(uint64_t n, unsigned char key[SORTER_NUMBER_BYTES])
{
	for (size_t i = SORTER_NUMBER_BYTES; i-- > 0; n >>= 8)
		key[i] = (unsigned char)n;
	return (struct str){ (char *)key, SORTER_NUMBER_BYTES };
}
