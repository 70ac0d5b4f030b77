#include "run/export_report.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "embedded.h"
#include "io/file.h"
#include "run/restate.h"

enum { NAMES_MAX_BYTES = 1024 };

static int
report_order(const void *a, const void *b)
{
	return strcmp(((const struct report *)a)->name,
	    ((const struct report *)b)->name);
}

static struct report *
find(const struct report_set *set, const char *name)
{
	for (size_t i = 0; i < set->n; i++)
		if (strcmp(set->report[i].name, name) == 0)
			return &set->report[i];
	return NULL;
}

/* The report of that name, a new empty one if there is none; NULL without memory. */
static struct report *
place(struct report_set *set, const char *name)
{
	struct report *r = find(set, name);

	if (r != NULL)
		return r;
	r = realloc(set->report, (set->n + 1) * sizeof(*r));
	if (r == NULL)
		return NULL;
	set->report = r;
	r += set->n++;
	*r = (struct report){ .sql = NULL };
	(void)snprintf(r->name, sizeof(r->name), "%s", name);
	return r;
}

/* Adds a report, or puts it in the place of one of its name. */
static bool
put(struct report_set *set, const char *name, const char *origin,
    const char *sql, bool is_own, struct err *err)
{
	struct report *r = place(set, name);

	if (r == NULL)
		return err_nomem(err);
	free(r->sql);
	if ((r->sql = strdup(sql)) == NULL)
		return err_nomem(err);
	(void)snprintf(r->origin, sizeof(r->origin), "%s", origin);
	r->is_own = is_own;
	return true;
}

static bool
put_built_in(struct report_set *set, struct err *err)
{
	char origin[REPORT_ORIGIN_BYTES];

	for (const struct embedded *e = embedded_reports; e->name; e++) {
		(void)snprintf(origin, sizeof(origin), "report %s", e->name);
		if (!put(set, e->name, origin, e->text, false, err))
			return false;
	}
	return true;
}

/* Adds the file of a user's folder as the report of that name. */
static bool
put_file(struct report_set *set, const char *path, const char *name,
    struct err *err)
{
	struct buf text = BUF_INIT(REPORT_SQL_MAX_BYTES);
	const char *sql;
	bool ok = file_read(path, &text, err);

	if (ok && text.n > 0 && memchr(text.p, '\0', text.n) != NULL)
		ok = err_fail(err, "%s: has a NUL byte, which is no SQL", path);
	if (ok) {
		sql = buf_cstr(&text);
		if (strncmp(sql, "\xef\xbb\xbf", 3) == 0)
			sql += 3;
		ok = put(set, name, path, sql, true, err);
	}
	buf_free(&text);
	return ok;
}

/* The length of a report's name in that of its file, 0 when it is no report. */
static size_t
stem(const char *file)
{
	struct str name = str_of(file);

	if (name.p[0] == '.' || !str_ends(name, STR(".sql")))
		return 0;
	return name.n - STR(".sql").n;
}

static bool
put_entry(struct report_set *set, const char *folder, const char *file,
    struct err *err)
{
	char path[REPORT_ORIGIN_BYTES], name[REPORT_NAME_BYTES];
	size_t n = stem(file);
	int len;

	if (n == 0)
		return true;
	len = snprintf(path, sizeof(path), "%s/%s", folder, file);
	if (n == strlen(RESTATEMENTS) && memcmp(file, RESTATEMENTS, n) == 0)
		return err_fail(err, "%s/%s: no report can have that name",
		    folder, file);
	if (n >= sizeof(name) || len < 0 || (size_t)len >= sizeof(path))
		return err_fail(err, "%s/%s: the name is too long", folder, file);
	if (str_utf8_bytes(str_of(file)) != n + STR(".sql").n)
		return err_fail(err, "%s/%s: the name is not UTF-8", folder, file);
	memcpy(name, file, n);
	name[n] = '\0';
	return put_file(set, path, name, err);
}

static bool
put_folder(struct report_set *set, const char *folder, struct err *err)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	bool ok = true;

	if (dir == NULL)
		return err_sys(err, errno, "%s: cannot read the folder", folder);
	while (errno = 0, ok && (entry = readdir(dir)) != NULL)
		ok = put_entry(set, folder, entry->d_name, err);
	if (ok && errno != 0)
		ok = err_sys(err, errno, "%s: cannot read the folder", folder);
	(void)closedir(dir);
	return ok;
}

static bool
unknown(const struct report_set *set, const char *name, struct err *err)
{
	struct buf known = BUF_INIT(NAMES_MAX_BYTES);

	for (size_t i = 0; i < set->n; i++)
		(void)buf_printf(&known, "%s%s", i > 0 ? ", " : "",
		    set->report[i].name);
	err_set(err, ERR_USAGE, "no report is named \"%.100s\"; there are: %s",
	    name, buf_cstr(&known));
	buf_free(&known);
	return false;
}

static bool
is_among(const char *const *name, size_t n, const char *wanted)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(name[i], wanted) == 0)
			return true;
	return false;
}

/* Keeps the reports of these names only. */
static bool
choose(struct report_set *set, const char *const *name, size_t n,
    struct err *err)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (find(set, name[i]) == NULL)
			return unknown(set, name[i], err);
	for (size_t i = 0; i < set->n; i++) {
		if (is_among(name, n, set->report[i].name))
			set->report[kept++] = set->report[i];
		else
			free(set->report[i].sql);
	}
	set->n = kept;
	return true;
}

bool
report_set_load(struct report_set *set, const char *folder,
    const char *const *name, size_t n, struct err *err)
{
	*set = (struct report_set){ 0 };
	if (!put_built_in(set, err) ||
	    (folder != NULL && !put_folder(set, folder, err)))
		goto fail;
	qsort(set->report, set->n, sizeof(*set->report), report_order);
	if (n > 0 && !choose(set, name, n, err))
		goto fail;
	return true;
fail:
	report_set_free(set);
	return false;
}

void
report_set_free(struct report_set *set)
{
	for (size_t i = 0; i < set->n; i++)
		free(set->report[i].sql);
	free(set->report);
	*set = (struct report_set){ 0 };
}
