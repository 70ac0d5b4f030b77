/*
 * A path is put together from that of a root (what was given, or a file that
 * is not what it seems), that of a folder below the root, and its own name.
 */
#include "run/paths.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEXT_BLOCK_BYTES = 64 * 1024 };

struct path_root {
	struct str given, real;
};

struct path_folder {
	const struct path_root *root;
	const char *below;	/* "/", "/a/", "/a/b/"; "" for a file that is its own root */
};

struct path_entry {
	const char *name;
	int64_t bytes;
	uint32_t folder;
	bool regular, refused, repeated;
};

/* A list that is being made. */
struct maker {
	struct path_list *l;
	size_t entries_cap, folders, folders_cap;
	char *text;		/* room for names, which arena_alloc would align */
	size_t text_bytes;
};

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

static int
by_name(const void *pa, const void *pb, void *list)
{
	const struct path_list *l = list;
	uint32_t a = *(const uint32_t *)pa, b = *(const uint32_t *)pb;
	int c = name_cmp(l, &l->entry[a], &l->entry[b]);

	return c != 0 ? c : (a > b) - (a < b);
}

/* ---- making it ---- */

/* Makes room for one more of n items of size bytes; NULL when memory ran out. */
static void *
grow(void *items, size_t n, size_t *cap, size_t size)
{
	void *grown;

	if (n < *cap)
		return items;
	if (n >= UINT32_MAX / 2)
		return NULL;
	grown = realloc(items, (*cap ? *cap * 2 : 64) * size);
	if (grown != NULL)
		*cap = *cap ? *cap * 2 : 64;
	return grown;
}

/* A copy of the text, packed; NULL when memory ran out. */
static const char *
keep_text(struct maker *m, struct str s)
{
	char *p;

	if (s.n >= TEXT_BLOCK_BYTES / 16)
		return arena_cstr(&m->l->arena, s);
	if (s.n >= m->text_bytes) {
		m->text = arena_alloc(&m->l->arena, TEXT_BLOCK_BYTES);
		if (m->text == NULL)
			return NULL;
		m->text_bytes = TEXT_BLOCK_BYTES;
	}
	p = m->text;
	memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	m->text += s.n + 1;
	m->text_bytes -= s.n + 1;
	return p;
}

static bool
add_folder(struct maker *m, const struct path_root *root, struct str below,
    struct err *err)
{
	struct path_folder *grown = grow(m->l->folder, m->folders,
	    &m->folders_cap, sizeof(*grown));

	if (grown == NULL)
		return err_nomem(err);
	m->l->folder = grown;
	grown += m->folders++;
	*grown = (struct path_folder){ root, keep_text(m, below) };
	return grown->below != NULL || err_nomem(err);
}

/* What stands before a folder's slash. */
static struct str
root_text(struct maker *m, const char *path, const char *below)
{
	struct str s = str_of(path);

	while (*below == '/' && str_ends(s, STR("/")))
		s.n--;
	return arena_str(&m->l->arena, s);
}

/* A root, and what is below it; one that has no path of its own (a pipe under /dev/fd) keeps its given name. */
static bool
add_root(struct maker *m, const char *given, bool resolve, const char *below,
    struct err *err)
{
	struct path_root *root = arena_alloc(&m->l->arena, sizeof(*root));
	char *real = resolve ? realpath(given, NULL) : NULL;

	if (root != NULL)
		*root = (struct path_root){
			root_text(m, given, below),
			root_text(m, real != NULL ? real : given, below),
		};
	free(real);
	return m->l->arena.failed ? err_nomem(err) :
	    add_folder(m, root, str_of(below), err);
}

/* Appends an entry of a folder; st NULL: one that cannot be looked at. */
static bool
append(struct maker *m, uint32_t folder, const char *name,
    const struct stat *st, struct err *err)
{
	struct path_list *l = m->l;
	struct path_entry *grown = grow(l->entry, l->n, &m->entries_cap,
	    sizeof(*grown));
	bool regular = st != NULL && S_ISREG(st->st_mode);

	if (grown == NULL)
		return err_nomem(err);
	l->entry = grown;
	grown += l->n++;
	*grown = (struct path_entry){
		.name = *name != '\0' ? keep_text(m, str_of(name)) : "",
		.bytes = regular ? st->st_size : 0,
		.folder = folder,
		.regular = regular,
	};
	return grown->name != NULL || err_nomem(err);
}

/* A file that is its own root. Whoever opens one that cannot be looked at learns why. */
static bool
append_alone(struct maker *m, const char *given, bool resolve,
    const struct stat *st, struct err *err)
{
	return add_root(m, given, resolve, "", err) &&
	    append(m, (uint32_t)m->folders - 1, "", st, err);
}

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
is_trusted_link(const struct stat *link, const struct stat *file)
{
	return link->st_uid == geteuid() || link->st_uid == 0 ||
	    link->st_uid == file->st_uid;
}

/* A folder that is being read. */
struct visit {
	DIR *dir;
	uint32_t folder;
	struct buf path;	/* of an entry of it, as given */
	size_t path_bytes;	/* of the folder in it */
};

static const char *
path_of(struct visit *v, const char *name)
{
	v->path.n = v->path_bytes;
	buf_puts(&v->path, str_of(name));
	return buf_cstr(&v->path);
}

/* In the list, so that it is told and counted. */
static bool
refuse(struct maker *m, const char *path, struct err *err)
{
	if (!append_alone(m, path, false, NULL, err))
		return false;
	m->l->entry[m->l->n - 1].refused = true;
	return true;
}

/* A link to a file counts, one to a folder does not. */
static bool
take_link(struct maker *m, struct visit *v, const char *name,
    const struct stat *link, struct err *err)
{
	const char *path = path_of(v, name);
	struct stat st;

	if (fstatat(dirfd(v->dir), name, &st, 0) != 0)
		return append_alone(m, path, false, NULL, err);
	if (!is_trusted_link(link, &st))
		return refuse(m, path, err);
	return !S_ISREG(st.st_mode) || append_alone(m, path, true, &st, err);
}

static bool
take_folder(struct maker *m, struct visit *v, const char *name,
    struct err *err)
{
	const struct path_root *root = m->l->folder[v->folder].root;

	(void)path_of(v, name);
	buf_putc(&v->path, '/');
	return v->path.failed ? err_nomem(err) : add_folder(m, root,
	    str_from(buf_str(&v->path), root->given.n), err);
}

static bool
take(struct maker *m, struct visit *v, const struct dirent *d, struct err *err)
{
	bool is_dump = is_dump_name(str_of(d->d_name));
	struct stat st;

	if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
		return true;
	if (d->d_type == DT_DIR)
		return take_folder(m, v, d->d_name, err);
	if (!is_dump && d->d_type != DT_UNKNOWN)
		return true;
	if (fstatat(dirfd(v->dir), d->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return !is_dump || append_alone(m, path_of(v, d->d_name), false,
		    NULL, err);
	if (S_ISDIR(st.st_mode))
		return take_folder(m, v, d->d_name, err);
	if (is_dump && S_ISLNK(st.st_mode))
		return take_link(m, v, d->d_name, &st, err);
	return !is_dump || !S_ISREG(st.st_mode) ||
	    append(m, v->folder, d->d_name, &st, err);
}

static bool
take_all(struct maker *m, struct visit *v, struct err *err)
{
	struct dirent *d;
	bool ok = true;

	errno = 0;
	while (ok && (d = readdir(v->dir)) != NULL) {
		ok = take(m, v, d, err) &&
		    (!v->path.failed || err_nomem(err));
		errno = 0;
	}
	return ok && errno != 0 ?
	    err_sys(err, errno, "%s", path_of(v, "")) : ok;
}

/* Without following a link, but for the root itself. */
static DIR *
open_folder(const char *path, bool is_root)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC |
	    (is_root ? 0 : O_NOFOLLOW));
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;

	if (dir == NULL && fd >= 0)
		(void)close(fd);
	return dir;
}

/* Takes all of the folder whose path, but for the last slash, is in v. */
static bool
visit_opened(struct maker *m, struct visit *v, struct err *err)
{
	bool ok;

	buf_putc(&v->path, '/');
	v->path_bytes = v->path.n;
	ok = v->path.failed ? err_nomem(err) : take_all(m, v, err);
	(void)closedir(v->dir);
	return ok;
}

static bool
visit_folder(struct maker *m, uint32_t folder, bool is_root, struct err *err)
{
	const struct path_folder *f = &m->l->folder[folder];
	struct str below = str_of(f->below);
	struct visit v = { .folder = folder };
	const char *path;
	bool ok;

	below.n--;	/* a slash behind a link would follow it */
	buf_puts(&v.path, f->root->given);
	buf_puts(&v.path, below);
	path = v.path.n > 0 ? buf_cstr(&v.path) : "/";
	if (v.path.failed)
		ok = err_nomem(err);
	else if ((v.dir = open_folder(path, is_root)) == NULL)
		ok = append_alone(m, path, false, NULL, err);
	else
		ok = visit_opened(m, &v, err);
	buf_free(&v.path);
	return ok;
}

static bool
is_walked(const struct path_folder *f)
{
	return f->below[0] != '\0';
}

/* Folders that are found stand behind those that are read. */
static bool
walk(struct maker *m, const char *root, struct err *err)
{
	size_t first = m->l->n, at = m->folders;

	if (!add_root(m, root, true, "/", err))
		return false;
	for (size_t i = at; i < m->folders; i++)
		if (is_walked(&m->l->folder[i]) &&
		    !visit_folder(m, (uint32_t)i, i == at, err))
			return false;
	if (m->l->n > first)
		qsort_r(m->l->entry + first, m->l->n - first,
		    sizeof(*m->l->entry), by_digits, m->l);
	return true;
}

static bool
add(struct maker *m, const char *given, struct err *err)
{
	struct stat st = { 0 };

	if (strcmp(given, "-") == 0)
		return append_alone(m, given, false, &st, err);
	if (stat(given, &st) != 0)
		return append_alone(m, given, false, NULL, err);
	if (S_ISDIR(st.st_mode))
		return walk(m, given, err);
	if (S_ISREG(st.st_mode) || S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode))
		return append_alone(m, given, true, &st, err);
	return append_alone(m, given, false, NULL, err);
}

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
	struct maker m = { .l = l };
	bool ok = true;

	*l = (struct path_list){ 0 };
	arena_init(&l->arena, 0);
	for (size_t i = 0; ok && i < n; i++)
		ok = add(&m, path[i], err);
	ok = ok && drop_repeats(l, err);
	if (!ok)
		path_list_close(l);
	return ok;
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
		.refused = e->refused ? "is a link of somebody else to a file "
		    "that is not his: not followed" : NULL,
	};
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
		name[i] = arena_str(a, path.name);
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
