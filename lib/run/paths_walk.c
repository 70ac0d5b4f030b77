/*
 * How a list of paths is made: what was given is looked at, and folders are
 * gone through, for which no link is followed but to a file that may be read.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run/paths_inner.h"

enum { TEXT_BLOCK_BYTES = 64 * 1024 };

/* A list that is being made. */
struct maker {
	struct path_list *l;
	size_t entries_cap, folders, folders_cap;
	char *text;		/* room for names, which arena_alloc would align */
	size_t text_bytes;
};

/* ---- adding to it ---- */

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

/* ---- a folder ---- */

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
	paths_sort(m->l, first);
	return true;
}

/* ---- what was given ---- */

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

bool
paths_take(struct path_list *l, const char *const *path, size_t n,
    struct err *err)
{
	struct maker m = { .l = l };

	for (size_t i = 0; i < n; i++)
		if (!add(&m, path[i], err))
			return false;
	return true;
}
