/*
 * A path is put together from that of a root (what was given, or a file that
 * is not what it seems), that of a folder below the root, and its own name.
 */
#include "run/paths.h"

#include <stdlib.h>

#include "run/paths_inner.h"

/* ---- paths in parts ---- */

enum { PARTS = 3 };

static void
name_parts(const struct path_list *l, const struct path_entry *e,
    struct str part[PARTS])
{
	const struct path_folder *f = &l->folder[e->folder];

	part[0] = f->root->real;
	part[1] = str_of(f->below);
	part[2] = str_of(e->name);
}

static void
given_parts(const struct path_list *l, const struct path_entry *e,
    struct str part[PARTS])
{
	name_parts(l, e, part);
	part[0] = l->folder[e->folder].root->given;
}

/* Drops what is equal of both, piece by piece; how they differ then. */
static int
parts_cmp(struct str a[PARTS], struct str b[PARTS])
{
	int i = 0, k = 0;

	for (;;) {
		size_t n;
		int c;

		while (i < PARTS && a[i].n == 0)
			i++;
		while (k < PARTS && b[k].n == 0)
			k++;
		if (i == PARTS || k == PARTS)
			return (i < PARTS) - (k < PARTS);
		n = a[i].n < b[k].n ? a[i].n : b[k].n;
		if ((c = memcmp(a[i].p, b[k].p, n)) != 0)
			return c;
		a[i] = str_from(a[i], n);
		b[k] = str_from(b[k], n);
	}
}

static int
name_cmp(const struct path_list *l, const struct path_entry *a,
    const struct path_entry *b)
{
	struct str x[PARTS], y[PARTS];

	if (a->folder == b->folder)
		return strcmp(a->name, b->name);
	name_parts(l, a, x);
	name_parts(l, b, y);
	return parts_cmp(x, y);
}

static int
given_cmp(const struct path_list *l, const struct path_entry *a,
    const struct path_entry *b)
{
	struct str x[PARTS], y[PARTS];

	if (a->folder == b->folder)
		return strcmp(a->name, b->name);
	given_parts(l, a, x);
	given_parts(l, b, y);
	return parts_cmp(x, y);
}

/* ---- the order of reading ---- */

/* The next digit of s from *i on; -1 at its end. */
static int
next_digit(struct str s, size_t *i)
{
	while (*i < s.n) {
		char c = s.p[(*i)++];

		if (c >= '0' && c <= '9')
			return c;
	}
	return -1;
}

/* What follows the last slash. */
static struct str
file_name(const struct path_list *l, const struct path_entry *e)
{
	struct str given = l->folder[e->folder].root->given;
	const char *slash;

	if (e->name[0] != '\0')
		return str_of(e->name);
	slash = memrchr(given.p, '/', given.n);
	return slash == NULL ? given :
	    str_from(given, (size_t)(slash - given.p) + 1);
}

static int
digits_cmp(const struct path_list *l, const struct path_entry *a,
    const struct path_entry *b)
{
	struct str na = file_name(l, a), nb = file_name(l, b);
	size_t i = 0, j = 0;
	int x, y;

	do {
		x = next_digit(na, &i);
		y = next_digit(nb, &j);
	} while (x == y && x != -1);
	return (x > y) - (x < y);
}

/*
 * By the digits of their names, then by path: files of one day stand
 * together, whatever they are a log of, so that the events of a call come
 * close to each other and its row is written once.
 */
static int
by_digits(const void *pa, const void *pb, void *list)
{
	int c = digits_cmp(list, pa, pb);

	return c != 0 ? c : given_cmp(list, pa, pb);
}

void
paths_sort(struct path_list *l, size_t first)
{
	if (l->n > first)
		qsort_r(l->entry + first, l->n - first, sizeof(*l->entry),
		    by_digits, l);
}

static int
by_name(const void *pa, const void *pb, void *list)
{
	const struct path_list *l = list;
	uint32_t a = *(const uint32_t *)pa, b = *(const uint32_t *)pb;
	int c = name_cmp(l, &l->entry[a], &l->entry[b]);

	return c != 0 ? c : (a > b) - (a < b);
}

/* ---- open and close ---- */

/* Keeps the entries that are not repeated, in their order. */
static void
compact(struct path_list *l)
{
	size_t kept = 0;

	for (size_t i = 0; i < l->n; i++)
		if (!l->entry[i].repeated)
			l->entry[kept++] = l->entry[i];
	l->n = kept;
}

static void
sort_names(struct path_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		l->by_name[i] = (uint32_t)i;
	if (l->n > 0)
		qsort_r(l->by_name, l->n, sizeof(*l->by_name), by_name, l);
}

/* Keeps the first of paths that are the same file, in the order given. */
static bool
drop_repeats(struct path_list *l, struct err *err)
{
	bool repeated = false;

	l->by_name = malloc((l->n + 1) * sizeof(*l->by_name));
	if (l->by_name == NULL)
		return err_nomem(err);
	sort_names(l);
	for (size_t i = 1; i < l->n; i++) {
		struct path_entry *e = &l->entry[l->by_name[i]];

		e->repeated = name_cmp(l, e, &l->entry[l->by_name[i - 1]]) == 0;
		repeated |= e->repeated;
	}
	if (repeated) {
		compact(l);
		sort_names(l);
	}
	for (size_t i = 0; i < l->n; i++)
		l->bytes += l->entry[i].bytes;
	return true;
}

bool
path_list_open(struct path_list *l, const char *const *path, size_t n,
    struct err *err)
{
	*l = (struct path_list){ 0 };
	arena_init(&l->arena, 0);
	if (paths_take(l, path, n, err) && drop_repeats(l, err))
		return true;
	path_list_close(l);
	return false;
}

void
path_list_close(struct path_list *l)
{
	arena_close(&l->arena);
	free(l->entry);
	free(l->folder);
	free(l->by_name);
	*l = (struct path_list){ 0 };
}

/* ---- asking it ---- */

static void
put_parts(struct buf *b, const struct str part[PARTS])
{
	for (int i = 0; i < PARTS; i++)
		buf_puts(b, part[i]);
	buf_putc(b, '\0');
}

static const char not_utf8[] =
    "its whole name is not UTF-8, so no record can hold it: to be renamed";

static bool
is_text(struct str name)
{
	return str_utf8_bytes(name) == name.n;
}

bool
path_may_be_recorded(const char *given, const char *name, struct err *err)
{
	return is_text(str_of(name)) || err_fail(err, "%s: %s", given, not_utf8);
}

static const char *
why_refused(const struct path_entry *e, struct str name)
{
	if (e->refused)
		return "is a link of somebody else to a file that is not his: "
		    "not followed";
	return is_text(name) ? NULL : not_utf8;
}

bool
path_list_get(const struct path_list *l, size_t i, struct buf *text,
    struct path *out)
{
	const struct path_entry *e = &l->entry[i];
	struct str part[PARTS];
	size_t given;

	buf_reset(text);
	given_parts(l, e, part);
	put_parts(text, part);
	given = text->n;
	name_parts(l, e, part);
	put_parts(text, part);
	if (text->failed)
		return false;
	*out = (struct path){
		.given = { text->p, given - 1 },
		.name = { text->p + given, text->n - given - 1 },
		.bytes = e->bytes,
		.regular = e->regular,
	};
	out->refused = why_refused(e, out->name);
	return true;
}

bool
path_list_day_ends(const struct path_list *l, size_t i)
{
	return i + 1 == l->n ||
	    digits_cmp(l, &l->entry[i], &l->entry[i + 1]) != 0;
}

bool
path_list_is_regular(const struct path_list *l, size_t i)
{
	return l->entry[i].regular;
}

size_t
path_list_of_one_time(const struct path_list *l, size_t first, size_t end,
    size_t max, int64_t min_bytes)
{
	const struct path_entry *e = &l->entry[first];
	size_t n = 0;

	while (n < max && first + n < end && e[n].regular &&
	    e[n].bytes >= min_bytes &&
	    digits_cmp(l, e, &e[n]) == 0)
		n++;
	return n > 0 ? n : 1;
}

struct str *
path_list_names(const struct path_list *l, size_t first, size_t n,
    struct arena *a)
{
	struct str *name = arena_alloc(a, (n + 1) * sizeof(*name));
	struct buf text = BUF_INIT(0);
	struct path path;

	for (size_t i = 0; name != NULL && i < n; i++) {
		if (!path_list_get(l, first + i, &text, &path)) {
			a->failed = true;
			break;
		}
		name[i] = is_text(path.name) ? arena_str(a, path.name) :
		    STR("");
	}
	buf_free(&text);
	return a->failed ? NULL : name;
}

int64_t
path_list_find(const struct path_list *l, struct str name)
{
	size_t lo = 0, hi = l->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		struct str here[PARTS], want[PARTS] = { name };
		int c;

		name_parts(l, &l->entry[l->by_name[mid]], here);
		if ((c = parts_cmp(here, want)) == 0)
			return l->by_name[mid];
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return PATH_NONE;
}

bool
path_may_be_opened(const struct path *p, struct err *err)
{
	return p->refused == NULL ||
	    err_fail(err, "%.*s: %s", STR_ARG(p->given), p->refused);
}
