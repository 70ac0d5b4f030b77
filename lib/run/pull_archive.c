#include "run/pull_archive.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "db/pull_state.h"
#include "io/gzout.h"
#include "run/paths.h"

enum { FILES_A_DAY_MAX = 100, FOLDER_MODE = 0750, FILE_MODE = 0640 };

#define DAY_US (INT64_C(86400) * 1000000)

/* Makes a folder and those above it. */
static bool
make_folder(const char *folder, struct err *err)
{
	char path[PULL_ARCHIVE_PATH_BYTES];
	size_t n = strlen(folder);

	memcpy(path, folder, n + 1);
	for (size_t i = 1; i <= n; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		path[i] = '\0';
		if (mkdir(path, FOLDER_MODE) != 0 && errno != EEXIST)
			return err_sys(err, errno, "%s: cannot be made", path);
		path[i] = folder[i];
	}
	return true;
}

bool
pull_archive_open(struct pull_archive *a, const char *folder, struct err *err)
{
	char *real;

	*a = (struct pull_archive){ .folder_fd = -1, .fd = -1 };
	if (folder[0] == '\0' || strlen(folder) >= sizeof(a->folder) / 2)
		return err_fail(err, "the archive's path is empty or too long");
	if (!make_folder(folder, err))
		return false;
	if ((real = realpath(folder, NULL)) == NULL ||
	    strlen(real) >= sizeof(a->folder) - sizeof(a->name)) {
		free(real);
		return err_fail(err, "%s: has no usable path", folder);
	}
	memcpy(a->folder, real, strlen(real) + 1);
	free(real);
	if (!path_may_be_recorded(folder, a->folder, err))
		return false;
	a->folder_fd = open(a->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (a->folder_fd < 0)
		return err_sys(err, errno, "%s: cannot open", a->folder);
	if (flock(a->folder_fd, LOCK_EX | LOCK_NB) == 0)
		return true;
	if (errno != EWOULDBLOCK)
		return err_sys(err, errno, "%s: cannot be locked", a->folder);
	return err_set(err, ERR_AGAIN, "%s: another pull writes there",
	    a->folder);
}

static void
close_file(struct pull_archive *a)
{
	if (a->fd >= 0)
		(void)close(a->fd);
	a->fd = -1;
}

void
pull_archive_close(struct pull_archive *a)
{
	close_file(a);
	if (a->folder_fd >= 0)
		(void)close(a->folder_fd);
	a->folder_fd = -1;
	buf_free(&a->member);
}

void
pull_archive_list_free(struct pull_archive_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->path[i]);
	free(l->path);
	*l = (struct pull_archive_list){ 0 };
}

/* True for the path of a file that archives make, in this folder itself. */
static bool
is_ours(const struct pull_archive *a, struct str path)
{
	struct str folder = str_of(a->folder);

	if (!str_starts(path, folder) || path.n < folder.n + 1 ||
	    path.p[folder.n] != '/')
		return false;
	path = str_from(path, folder.n + 1);
	return str_starts(path, STR("detail-")) &&
	    str_ends(path, STR(".jsonl.gz")) &&
	    memchr(path.p, '/', path.n) == NULL;
}

/* Cuts off what is behind the last whole member, unless some of it was read. */
static bool
mend(const char *path, int64_t read_bytes, void (*note)(void *, const char *),
    void *data, struct err *err)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	struct err text = ERR_INIT;
	struct gzout_whole w;
	bool ok = true;

	if (fd < 0)
		return err_sys(err, errno, "%s: cannot open", path);
	if (!gzout_check(fd, path, &w, err)) {
		(void)close(fd);
		return false;
	}
	if (w.whole_bytes < w.file_bytes && read_bytes <= w.plain_bytes) {
		err_fail(&text, "%s: cut off %lld bytes of a batch that was "
		    "never finished", path,
		    (long long)(w.file_bytes - w.whole_bytes));
		ok = ftruncate(fd, w.whole_bytes) == 0 && fsync(fd) == 0;
		if (ok)
			note(data, text.text);
		else
			err_sys(err, errno, "%s: cannot be cut", path);
	}
	(void)close(fd);
	return ok;
}

static bool
add_path(struct pull_archive_list *l, struct str path, struct err *err)
{
	char **grown = realloc(l->path, (l->n + 1) * sizeof(*grown));

	if (grown == NULL)
		return err_nomem(err);
	l->path = grown;
	l->path[l->n] = strndup(path.p, path.n);
	return l->path[l->n] != NULL ? (l->n++, true) : err_nomem(err);
}

/* The files of the folder that are archives of ours. */
struct found {
	struct arena arena;
	struct str *name;
	int64_t *bytes;
	size_t n;
};

static bool
find_ours(const struct pull_archive *a, const struct path_list *l,
    struct found *f, struct err *err)
{
	struct buf text = BUF_INIT(0);
	struct path path;

	f->name = arena_alloc(&f->arena, (l->n + 1) * sizeof(*f->name));
	f->bytes = arena_alloc(&f->arena, (l->n + 1) * sizeof(*f->bytes));
	for (size_t i = 0; !f->arena.failed && i < l->n; i++) {
		if (!path_list_get(l, i, &text, &path))
			f->arena.failed = true;
		else if (is_ours(a, path.name)) {
			f->name[f->n] = arena_str(&f->arena, path.name);
			f->bytes[f->n++] = path.bytes;
		}
	}
	buf_free(&text);
	return !f->arena.failed || err_nomem(err);
}

static bool
add_unread(struct found *f, struct db *db,
    void (*note)(void *, const char *), void *data, struct pull_archive_list *out,
    struct err *err)
{
	struct pull_source *s = arena_alloc(&f->arena,
	    (f->n + 1) * sizeof(*s));
	bool ok;

	if (s == NULL)
		return err_nomem(err);
	ok = pull_get_sources(db, f->name, f->n, s, err);
	for (size_t i = 0; ok && i < f->n; i++) {
		if (f->bytes[i] == s[i].finished_bytes)
			continue;
		ok = add_path(out, f->name[i], err) &&
		    mend(out->path[out->n - 1], s[i].done_bytes, note, data, err);
	}
	return ok;
}

bool
pull_archive_unread(struct pull_archive *a, struct db *db,
    void (*note)(void *, const char *), void *data, struct pull_archive_list *out,
    struct err *err)
{
	const char *folder = a->folder;
	struct found found = { .n = 0 };
	struct path_list list;
	bool ok;

	*out = (struct pull_archive_list){ 0 };
	close_file(a);
	if (!path_list_open(&list, &folder, 1, err))
		return false;
	arena_init(&found.arena, 0);
	ok = find_ours(a, &list, &found, err) &&
	    add_unread(&found, db, note, data, out, err);
	arena_close(&found.arena);
	path_list_close(&list);
	if (!ok)
		pull_archive_list_free(out);
	return ok;
}

/* Opens a file to be written at its end; *fits: it ends with a whole member. */
static bool
open_file(struct pull_archive *a, bool *fits, struct err *err)
{
	struct gzout_whole w;

	a->fd = openat(a->folder_fd, a->name,
	    O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
	if (a->fd < 0)
		return err_sys(err, errno, "%s/%s: cannot open", a->folder,
		    a->name);
	if (!gzout_check(a->fd, a->name, &w, err) ||
	    (fsync(a->folder_fd) != 0 &&
	    !err_sys(err, errno, "%s: cannot sync", a->folder))) {
		close_file(a);
		return false;
	}
	a->bytes = w.whole_bytes;
	*fits = w.whole_bytes == w.file_bytes;
	if (!*fits)
		close_file(a);
	return true;
}

/* The file of that moment's day. */
static bool
choose_file(struct pull_archive *a, int64_t now_us, struct err *err)
{
	char day[TIME_TEXT_BYTES];
	bool fits = false;

	if (a->fd >= 0 && a->day == now_us / DAY_US)
		return true;
	close_file(a);
	time_text(now_us, day);
	for (int i = 1; !fits && i <= FILES_A_DAY_MAX; i++) {
		(void)snprintf(a->name, sizeof(a->name),
		    i == 1 ? "detail-%.10s.jsonl.gz" : "detail-%.10s.%d.jsonl.gz",
		    day, i);
		if (!open_file(a, &fits, err))
			return false;
	}
	a->day = now_us / DAY_US;
	return fits || err_fail(err, "%s: all files of this day are damaged",
	    a->folder);
}

static bool
write_at(int fd, struct str s, int64_t at)
{
	while (s.n > 0) {
		ssize_t n = pwrite(fd, s.p, s.n, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		at += n;
		s = str_from(s, (size_t)n);
	}
	return true;
}

bool
pull_archive_append(struct pull_archive *a, struct str lines, int64_t now_us,
    struct err *err)
{
	int e;

	if (lines.n == 0)
		return true;
	if (!choose_file(a, now_us, err))
		return false;
	buf_reset(&a->member);
	if (!gzout_member(&a->member, lines, err))
		return false;
	if (write_at(a->fd, buf_str(&a->member), a->bytes) &&
	    fsync(a->fd) == 0) {
		a->bytes += (int64_t)a->member.n;
		return true;
	}
	e = errno;
	/* What is there of the member goes; if not, the next start sees to it. */
	if (ftruncate(a->fd, a->bytes) != 0)
		close_file(a);
	return err_sys(err, e, "%s/%s: cannot write", a->folder, a->name);
}
