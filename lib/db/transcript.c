#include "db/transcript.h"

#include "embedded.h"

enum { PIECE_BYTES = 1 << 20 };	/* of text, in one statement; the last one may be longer */

/* The transcripts of one statement. */
struct piece {
	struct id128 *key, *identity;
	struct str *text;
	size_t n, bytes;
};

static bool
put_piece(struct db *db, struct piece *p, struct err *err)
{
	struct buf array[3] = { 0 };
	struct db_param param[3];
	bool ok;

	if (p->n == 0)
		return true;
	param[0] = db_uuid_array(&array[0], p->key, p->n);
	param[1] = db_uuid_array(&array[1], p->identity, p->n);
	param[2] = db_text_array(&array[2], p->text, p->n);
	ok = db_run(db, sql_put_transcripts, param, 3, NULL, err);
	for (int i = 0; i < 3; i++)
		buf_free(&array[i]);
	p->n = p->bytes = 0;
	return ok;
}

static size_t
count(const struct event *const *event, size_t n)
{
	size_t have = 0;

	for (size_t i = 0; i < n; i++)
		have += event[i]->transcript.p != NULL;
	return have;
}

bool
transcripts_put(struct db *db, struct arena *a,
    const struct event *const *event, size_t n, struct err *err)
{
	size_t have = count(event, n);
	struct piece p = { .n = 0 };

	if (have == 0)
		return true;
	p.key = arena_alloc(a, have * sizeof(*p.key));
	p.identity = arena_alloc(a, have * sizeof(*p.identity));
	p.text = arena_alloc(a, have * sizeof(*p.text));
	if (a->failed)
		return err_nomem(err);
	for (size_t i = 0; i < n; i++) {
		if (event[i]->transcript.p == NULL)
			continue;
		p.key[p.n] = event[i]->key;
		p.identity[p.n] = event[i]->identity;
		p.text[p.n++] = event[i]->transcript;
		p.bytes += event[i]->transcript.n;
		if (p.bytes >= PIECE_BYTES && !put_piece(db, &p, err))
			return false;
	}
	return put_piece(db, &p, err);
}

struct db_rows *
transcripts_get(struct db *db, const struct id128 *call_key, struct err *err)
{
	struct db_param p = db_uuid(call_key);

	return db_query(db, sql_get_transcripts, &p, 1, err);
}

struct str
transcript_of(const struct db_rows *rows, const struct event *e)
{
	for (size_t i = 0; i < db_rows_count(rows); i++) {
		struct id128 id = db_get_uuid(rows, i, 0);

		if (id128_cmp(&id, &e->identity) == 0)
			return db_get_text(rows, i, 1);
	}
	return (struct str){ NULL, 0 };
}
