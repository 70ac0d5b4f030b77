#include "run/spill.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "io/tempfile.h"

enum { WRITE_BYTES = 32 * 1024 };

static const uint32_t no_text = UINT32_MAX;

static FILE *
open_unnamed(const char *folder, struct err *err)
{
	int fd = tempfile_open(folder, err);
	FILE *f = fd >= 0 ? fdopen(fd, "w+b") : NULL;

	if (f == NULL) {
		if (fd >= 0) {
			err_nomem(err);
			(void)close(fd);
		}
		return NULL;
	}
	(void)setvbuf(f, NULL, _IOFBF, WRITE_BYTES);
	return f;
}

bool
spill_open(struct spill *s, const char *folder, struct err *err)
{
	*s = (struct spill){ .row = BUF_INIT(0) };
	for (int i = 0; i < SPILL_PARTS; i++)
		if ((s->file[i] = open_unnamed(folder, err)) == NULL)
			return false;
	return true;
}

void
spill_close(struct spill *s)
{
	for (int i = 0; i < SPILL_PARTS; i++)
		if (s->file[i] != NULL)
			(void)fclose(s->file[i]);
	buf_free(&s->row);
	*s = (struct spill){ .row = BUF_INIT(0) };
}

/* The first 16 bits of a key. */
static unsigned
prefix(const struct id128 *key)
{
	return (unsigned)key->b[0] << 8 | key->b[1];
}

static void
put_text(struct buf *b, struct str s)
{
	uint32_t n = s.p == NULL ? no_text : (uint32_t)s.n;

	buf_put(b, &n, sizeof(n));
	buf_put(b, s.p, s.p == NULL ? 0 : s.n);
}

/* The event as it is, its texts behind it. */
static void
put_event(struct buf *b, const struct event *e)
{
	const union value *v = e->v;

	buf_put(b, e, sizeof(*e));
	put_text(b, e->call_id);
	put_text(b, e->type);
	put_text(b, e->status);
	for (uint32_t left = e->stated; left != 0; left &= left - 1, v++)
		if (field_is_text((enum field)__builtin_ctz(left)))
			put_text(b, v->text);
		else
			buf_put(b, &v->num, sizeof(v->num));
}

bool
spill_put(struct spill *s, const struct event *e, struct err *err)
{
	unsigned part = prefix(&e->key) >> 10;
	uint32_t n;

	buf_reset(&s->row);
	put_event(&s->row, e);
	if (s->row.failed)
		return err_nomem(err);
	n = (uint32_t)s->row.n;
	if (fwrite(&n, sizeof(n), 1, s->file[part]) != 1 ||
	    fwrite(s->row.p, 1, n, s->file[part]) != n)
		return err_sys(err, errno, "cannot write a temporary file");
	s->bytes[part] += sizeof(n) + n;
	return true;
}

unsigned
spill_slices(const struct spill *s, unsigned part, uint64_t bytes)
{
	uint64_t n = s->bytes[part] / (bytes > 0 ? bytes : 1) + 1;

	return n < SPILL_SLICES_MAX ? (unsigned)n : SPILL_SLICES_MAX;
}

/* Takes n bytes from the front of *s. */
static void
take(struct str *s, void *out, size_t n)
{
	memcpy(out, s->p, n);
	*s = str_from(*s, n);
}

static struct str
take_text(struct str *s, struct arena *a)
{
	struct str text = { NULL, 0 };
	uint32_t n;

	take(s, &n, sizeof(n));
	if (n == no_text)
		return text;
	text = arena_str(a, (struct str){ s->p, n });
	*s = str_from(*s, n);
	return text;
}

static struct event *
take_event(struct str row, struct arena *a)
{
	struct event head, *e;
	union value *v;

	take(&row, &head, sizeof(head));
	if ((e = event_alloc(a, head.stated)) == NULL)
		return NULL;
	*e = head;
	e->call_id = take_text(&row, a);
	e->type = take_text(&row, a);
	e->status = take_text(&row, a);
	v = e->v;
	for (uint32_t left = e->stated; left != 0; left &= left - 1, v++)
		if (field_is_text((enum field)__builtin_ctz(left)))
			v->text = take_text(&row, a);
		else
			take(&row, &v->num, sizeof(v->num));
	return a->failed ? NULL : e;
}

/* Reads one row into s->row; false at the end, and on error (then in *err). */
static bool
read_row(struct spill *s, FILE *f, struct err *err)
{
	uint32_t n;

	buf_reset(&s->row);
	if (fread(&n, sizeof(n), 1, f) != 1)
		return ferror(f) ? err_sys(err, errno,
		    "cannot read a temporary file") : false;
	if (!buf_reserve(&s->row, n))
		return err_nomem(err);
	s->row.n = fread(s->row.p, 1, n, f);
	if (s->row.n == n)
		return true;
	return ferror(f) ? err_sys(err, errno, "cannot read a temporary file") :
	    err_fail(err, "a temporary file was cut off");
}

/* A list of events that doubles in an arena. */
static bool
append(struct arena *a, struct event ***event, size_t *n, struct event *e)
{
	if ((*n & (*n - 1)) == 0) {
		struct event **grown = arena_alloc(a,
		    (*n ? 2 * *n : 1) * sizeof(*grown));

		if (grown == NULL)
			return false;
		if (*n > 0)
			memcpy(grown, *event, *n * sizeof(*grown));
		*event = grown;
	}
	(*event)[(*n)++] = e;
	return e != NULL;
}

static unsigned
slice_of(const struct id128 *key, unsigned slices)
{
	return (prefix(key) & (SPILL_SLICES_MAX - 1)) * slices /
	    SPILL_SLICES_MAX;
}

bool
spill_get(struct spill *s, unsigned part, unsigned slice, unsigned slices,
    struct arena *a, struct event ***event, size_t *n, struct err *err)
{
	FILE *f = s->file[part];
	struct id128 key;

	*n = 0;
	*event = NULL;
	if (fflush(f) != 0 || fseek(f, 0, SEEK_SET) != 0)
		return err_sys(err, errno, "cannot read a temporary file");
	while (read_row(s, f, err)) {
		memcpy(&key, s->row.p + offsetof(struct event, key),
		    sizeof(key));
		if (slice_of(&key, slices) != slice)
			continue;
		if (!append(a, event, n, take_event(buf_str(&s->row), a)))
			return err_nomem(err);
	}
	return err->kind == ERR_NONE;
}
