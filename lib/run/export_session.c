#include "run/export_session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "embedded.h"

/* How the server refuses a name that is no zone's. */
#define INVALID_VALUE "SQLSTATE 22023"

enum { STATEMENT_MAX_BYTES = 1024, FOLDER_MODE = 0750 };

/* Copies a text into a place of cap bytes, terminated; cut when it is too long. */
static void
copy_text(char *out, size_t cap, struct str s)
{
	size_t n = s.n < cap ? s.n : cap - 1;

	if (n > 0)
		memcpy(out, s.p, n);
	out[n] = '\0';
}

/* Runs a query of one row whose first column is text. */
static bool
get_text(struct db *db, const char *sql, const struct db_param *p, int n,
    char *out, size_t cap, struct err *err)
{
	struct db_rows *rows = db_query(db, sql, p, n, err);

	if (rows == NULL)
		return false;
	copy_text(out, cap, db_get_text(rows, 0, 0));
	db_rows_free(rows);
	return true;
}

/*
 * PostgreSQL also takes POSIX descriptions of zones, in which "UTC+3" is
 * west of Greenwich: surely not what was meant. They all have a digit, so
 * only names with one need to be looked up in the list, which is slow.
 */
static bool
is_zone(struct db *db, const char *tz, bool *is, struct err *err)
{
	struct db_param p = db_text(str_of(tz));

	*is = tz[strcspn(tz, "0123456789")] == '\0';
	return *is || db_query_bool(db, sql_has_zone, &p, 1, is, err);
}

static bool
unknown_zone(const char *tz, struct err *err)
{
	return err_set(err, ERR_USAGE, "no time zone is named \"%.100s\"; "
	    "they are named like Asia/Kolkata", tz);
}

bool
export_set_zone(struct db *db, const char *given, char zone[ZONE_BYTES],
    struct err *err)
{
	const char *tz = given != NULL ? given : "UTC";
	struct db_param p = db_text(str_of(tz));
	struct err refused = ERR_INIT;
	bool is;

	if (!is_zone(db, tz, &is, err))
		return false;
	if (!is)
		return unknown_zone(tz, err);
	if (get_text(db, sql_set_zone, &p, 1, zone, ZONE_BYTES, &refused))
		return true;
	if (strstr(refused.text, INVALID_VALUE) != NULL)
		return unknown_zone(tz, err);
	return err_set(err, refused.kind, "%s", refused.text);
}

/* The zone and the rest that reports see, for this transaction. */
static bool
set_up(struct db *db, const struct export_options *o, char zone[ZONE_BYTES],
    struct err *err)
{
	struct db_param p[] = {
		db_text(str_of(o->from != NULL ? o->from : "")),
		db_text(str_of(o->to != NULL ? o->to : "")),
	};

	return export_set_zone(db, o->tz, zone, err) &&
	    db_run(db, sql_set_export, p, 2, NULL, err);
}

bool
export_begin(struct db *db, const struct export_options *o, bool record,
    char snapshot[SNAPSHOT_BYTES], char zone[ZONE_BYTES], struct err *err)
{
	return db_exec(db, sql_begin_export, err) &&
	    db_exec(db, sql_lock_reports, err) &&
	    (!record || db_exec(db, sql_lock_record, err)) &&
	    set_up(db, o, zone, err) &&
	    get_text(db, sql_export_snapshot, NULL, 0, snapshot,
	    SNAPSHOT_BYTES, err);
}

/* Sees the snapshot of that name, a word of hexadecimal digits and hyphens. */
static bool
import_snapshot(struct db *db, const char *snapshot, struct err *err)
{
	static const char variable[] = ":'snapshot'";
	const char *at = strstr(sql_import_snapshot, variable);
	struct buf sql = BUF_INIT(STATEMENT_MAX_BYTES);
	bool ok;

	if (at == NULL || snapshot[strspn(snapshot, "0123456789ABCDEFabcdef-")])
		return err_fail(err, "unexpected name of a snapshot: %s",
		    snapshot);
	(void)buf_put(&sql, sql_import_snapshot,
	    (size_t)(at - sql_import_snapshot));
	(void)buf_printf(&sql, "'%s'%s", snapshot, at + strlen(variable));
	ok = sql.failed ? err_nomem(err) : db_exec(db, buf_cstr(&sql), err);
	buf_free(&sql);
	return ok;
}

bool
export_join(struct db *db, const struct export_options *o, bool record,
    const char *snapshot, bool *joined, struct err *err)
{
	char zone[ZONE_BYTES];

	return db_exec(db, sql_begin_export, err) &&
	    import_snapshot(db, snapshot, err) &&
	    db_lock_now(db, sql_lock_reports, joined, err) &&
	    (!*joined || !record ||
	    db_lock_now(db, sql_lock_record, joined, err)) &&
	    (!*joined || set_up(db, o, zone, err));
}

bool
export_make_rollup(struct db *db, struct err *err)
{
	bool can;

	if (!db_query_bool(db, sql_can_create_temporary, NULL, 0, &can, err) ||
	    !db_run(db, sql_set_hashing, NULL, 0, NULL, err))
		return false;
	return !can || (db_exec(db, sql_create_rollup, err) &&
	    db_run(db, sql_reset_hashing, NULL, 0, NULL, err));
}

bool
export_protect(struct db *db, struct err *err)
{
	return db_exec(db, sql_set_read_only, err);
}

bool
export_make_folder(const char *path, struct err *err)
{
	char parent[4096];
	int fd;

	if (mkdir(path, FOLDER_MODE) != 0)
		return errno == EEXIST ||
		    err_sys(err, errno, "%s: cannot make the folder", path);
	(void)snprintf(parent, sizeof(parent), "%s/..", path);
	fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return true;	/* it can be entered, but not read */
	(void)fsync(fd);
	(void)close(fd);
	return true;
}
