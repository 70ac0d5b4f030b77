#include "run/paths.h"

#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct collected {
	struct path *path;
	size_t n, cap;
};

static bool
is_dump_name(struct str name)
{
	static const char *const ending[] = {
		".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz",
	};

	for (size_t i = 0; i < sizeof(ending) / sizeof(ending[0]); i++)
		if (str_ends(name, str_of(ending[i])))
			return true;
	return false;
}

static bool
append(struct path_list *l, struct collected *c, const char *given,
    const char *name, const struct stat *st, struct err *err)
{
	bool regular = S_ISREG(st->st_mode);

	if (c->n == c->cap) {
		size_t cap = c->cap ? c->cap * 2 : 64;
		struct path *grown = realloc(c->path, cap * sizeof(*grown));

		if (grown == NULL)
			return err_nomem(err);
		c->path = grown;
		c->cap = cap;
	}
	c->path[c->n++] = (struct path){
		.given = { arena_cstr(&l->arena, str_of(given)), strlen(given) },
		.name = { arena_cstr(&l->arena, str_of(name)), strlen(name) },
		.bytes = regular ? st->st_size : 0,
		.regular = regular,
	};
	return l->arena.failed ? err_nomem(err) : true;
}

/* A file; one that has no path of its own (a pipe under /dev/fd) keeps its given name. */
static bool
collect(struct path_list *l, struct collected *c, const char *given,
    const struct stat *st, struct err *err)
{
	char *real = realpath(given, NULL);
	bool ok = append(l, c, given, real != NULL ? real : given, st, err);

	free(real);
	return ok;
}

static int
by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

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
file_name(struct str path)
{
	const char *slash = memrchr(path.p, '/', path.n);

	return slash == NULL ? path :
	    str_from(path, (size_t)(slash - path.p) + 1);
}

/*
 * By the digits of their names, then by path: files of one day stand
 * together, whatever they are a log of, so that the events of a call come
 * close to each other and its row is written once.
 */
static int
by_digits(const void *pa, const void *pb)
{
	const struct path *a = pa, *b = pb;
	struct str na = file_name(a->given), nb = file_name(b->given);
	size_t i = 0, j = 0;
	int x, y;

	do {
		x = next_digit(na, &i);
		y = next_digit(nb, &j);
	} while (x == y && x != -1);
	return x != y ? (x > y) - (x < y) : str_cmp(a->given, b->given);
}

/* One that cannot be looked at: whoever opens it learns why. */
static bool
unreadable(struct path_list *l, struct collected *c, const char *given,
    struct err *err)
{
	struct stat none = { 0 };

	return append(l, c, given, given, &none, err);
}

static bool
is_trusted_link(const struct stat *link, const struct stat *file)
{
	return link->st_uid == geteuid() || link->st_uid == 0 ||
	    link->st_uid == file->st_uid;
}

/* In the list, so that it is told and counted. */
static bool
refuse(struct path_list *l, struct collected *c, const char *given,
    struct err *err)
{
	if (!unreadable(l, c, given, err))
		return false;
	c->path[c->n - 1].refused = "is a link of somebody else to a file "
	    "that is not his: not followed";
	return true;
}

/* One entry of a walk. A link to a file counts, a link to a folder does not. */
static bool
visit(struct path_list *l, struct collected *c, const FTSENT *e,
    struct err *err)
{
	struct stat st;

	switch (e->fts_info) {
	case FTS_DNR:
	case FTS_ERR:
	case FTS_NS:
		return unreadable(l, c, e->fts_path, err);
	case FTS_F:
	case FTS_SL:
	case FTS_SLNONE:
		if (!is_dump_name(str_of(e->fts_name)))
			return true;
		if (stat(e->fts_accpath, &st) != 0)
			return unreadable(l, c, e->fts_path, err);
		if (e->fts_info == FTS_SL && !is_trusted_link(e->fts_statp, &st))
			return refuse(l, c, e->fts_path, err);
		return !S_ISREG(st.st_mode) ||
		    collect(l, c, e->fts_path, &st, err);
	default:
		return true;
	}
}

static bool
walk(struct path_list *l, struct collected *c, const char *folder,
    struct err *err)
{
	char *root = arena_cstr(&l->arena, str_of(folder));
	char *const roots[] = { root, NULL };
	size_t first = c->n;
	bool ok = true;
	FTSENT *e;
	FTS *fts;

	if (root == NULL)
		return err_nomem(err);
	fts = fts_open(roots, FTS_COMFOLLOW | FTS_PHYSICAL | FTS_NOCHDIR,
	    by_name);
	if (fts == NULL)
		return err_sys(err, errno, "%s", folder);
	errno = 0;
	while (ok && (e = fts_read(fts)) != NULL)
		ok = visit(l, c, e, err);
	if (ok && errno != 0)
		ok = err_sys(err, errno, "%s", folder);
	(void)fts_close(fts);
	if (c->n > first)
		qsort(c->path + first, c->n - first, sizeof(*c->path),
		    by_digits);
	return ok;
}

static bool
add(struct path_list *l, struct collected *c, const char *given,
    struct err *err)
{
	struct stat st = { 0 };

	if (strcmp(given, "-") == 0)
		return append(l, c, given, given, &st, err);
	if (stat(given, &st) != 0)
		return unreadable(l, c, given, err);
	if (S_ISDIR(st.st_mode))
		return walk(l, c, given, err);
	if (S_ISREG(st.st_mode) || S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode))
		return collect(l, c, given, &st, err);
	return unreadable(l, c, given, err);
}

static int
name_then_place(const void *pa, const void *pb)
{
	const struct path *const *a = pa, *const *b = pb;
	int c = str_cmp((*a)->name, (*b)->name);

	return c != 0 ? c : (*a > *b) - (*a < *b);
}

/* Keeps the first of paths that are the same file, in the order given. */
static bool
drop_repeats(struct path_list *l, struct collected *c, struct err *err)
{
	struct path **sorted = arena_alloc(&l->arena, (c->n + 1) * sizeof(*sorted));
	size_t kept = 0;

	l->path = arena_alloc(&l->arena, (c->n + 1) * sizeof(*l->path));
	if (l->arena.failed)
		return err_nomem(err);
	for (size_t i = 0; i < c->n; i++)
		sorted[i] = &c->path[i];
	qsort(sorted, c->n, sizeof(*sorted), name_then_place);
	for (size_t i = 1; i < c->n; i++)
		if (str_eq(sorted[i]->name, sorted[i - 1]->name))
			sorted[i]->given.p = NULL;
	for (size_t i = 0; i < c->n; i++)
		if (c->path[i].given.p != NULL) {
			l->path[kept++] = c->path[i];
			l->bytes += c->path[i].bytes;
		}
	l->n = kept;
	return true;
}

bool
path_list_open(struct path_list *l, const char *const *path, size_t n,
    struct err *err)
{
	struct collected c = { 0 };
	bool ok = true;

	*l = (struct path_list){ 0 };
	arena_init(&l->arena, 0);
	for (size_t i = 0; ok && i < n; i++)
		ok = add(l, &c, path[i], err);
	ok = ok && drop_repeats(l, &c, err);
	free(c.path);
	if (!ok)
		path_list_close(l);
	return ok;
}

bool
path_may_be_opened(const struct path *p, struct err *err)
{
	return p->refused == NULL ||
	    err_fail(err, "%.*s: %s", STR_ARG(p->given), p->refused);
}

void
path_list_close(struct path_list *l)
{
	arena_close(&l->arena);
	l->n = 0;
}
