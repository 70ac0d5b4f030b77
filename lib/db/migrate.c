#include "db/migrate.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "embedded.h"

/* "calltmig"; the writer's two are in lock.c. */
#define MIGRATE_LOCK_KEY INT64_C(0x63616c6c746d6967)

/* How many steps there are; they are numbered from 1 without a gap. */
static int
steps(void)
{
	int n = 0;

	while (embedded_schema[n].name != NULL)
		n++;
	return n;
}

/* A step's file is NNNN_name; false when its number is not its place. */
static bool
check_step(int number, struct err *e)
{
	const char *name = embedded_schema[number - 1].name;
	char *end;

	if (strtol(name, &end, 10) == number && *end == '_')
		return true;
	return err_fail(e, "schema step %s is not number %d: this program was "
	    "built wrong", name, number);
}

static void
checksum(int number, char out[ID128_TEXT_BYTES])
{
	const char *text = embedded_schema[number - 1].text;
	struct id128 h = hash_bytes(text, strlen(text));

	id128_text(&h, out);
}

/* Compares one recorded step with the program's own; number is its place. */
static bool
check_record(const struct db_rows *rows, size_t row, struct db *db,
    struct err *e)
{
	int64_t number = db_get_int(rows, row, 0);
	struct str name = db_get_text(rows, row, 1);
	struct str sum = db_get_text(rows, row, 2);
	char own[ID128_TEXT_BYTES];

	if (number > steps())
		return err_fail(e, "database %s: its schema has step %.*s, but "
		    "this calltally knows only %d: it was changed by a newer "
		    "calltally; use that one", db_name(db), STR_ARG(name),
		    steps());
	if (number != (int64_t)row + 1)
		return err_fail(e, "database %s: its schema has step %.*s "
		    "where number %zu should be: the record "
		    "calltally.migration has been damaged", db_name(db),
		    STR_ARG(name), row + 1);
	checksum((int)number, own);
	if (!str_eq(sum, str_of(own)))
		return err_fail(e, "database %s: its schema step %.*s has the "
		    "checksum %.*s, but this calltally's %s has %s: it was "
		    "made by another build; its data can be loaded anew into "
		    "an empty database", db_name(db), STR_ARG(name),
		    STR_ARG(sum), embedded_schema[number - 1].name, own);
	return true;
}

bool
migrate_finds_none(struct db *db, bool *none, struct err *e)
{
	bool has;

	if (!db_query_bool(db, sql_has_migration, NULL, 0, &has, e))
		return false;
	*none = !has;
	return true;
}

/* *applied: how many steps the database has, from the first on. */
static bool
find_applied(struct db *db, int *applied, struct err *e)
{
	struct db_rows *rows;
	bool none, ok = true;

	*applied = 0;
	if (!migrate_finds_none(db, &none, e))
		return false;
	if (none)
		return true;
	if ((rows = db_query(db, sql_list_migrations, NULL, 0, e)) == NULL)
		return false;
	for (size_t i = 0; ok && i < db_rows_count(rows); i++)
		ok = check_record(rows, i, db, e);
	if (ok)
		*applied = (int)db_rows_count(rows);
	db_rows_free(rows);
	return ok;
}

static bool
record(struct db *db, int number, struct err *e)
{
	struct db_slot slot[2];
	char sum[ID128_TEXT_BYTES];
	struct db_param p[4];

	checksum(number, sum);
	p[0] = db_int8(number, &slot[0]);
	p[1] = db_text(str_of(embedded_schema[number - 1].name));
	p[2] = db_text(str_of(sum));
	p[3] = db_time(clock_now_us(), &slot[1]);
	return db_run(db, sql_add_migration, p, 4, NULL, e);
}

/* Applies one step; the first is preceded by the schema and its record. */
static bool
apply(struct db *db, int number, struct err *e)
{
	if (!check_step(number, e))
		return false;
	if (number == 1 && (!db_exec(db, sql_create_schema, e) ||
	    !db_exec(db, sql_create_migration, e)))
		return false;
	if (!db_exec(db, embedded_schema[number - 1].text, e))
		return err_add(e, "schema step %s, which is for the tables' "
		    "owner (calltally init)", embedded_schema[number - 1].name);
	return record(db, number, e);
}

/* Looks under the lock what is missing, and applies it. */
static bool
apply_missing(struct db *db, int *applied, struct err *e)
{
	struct db_slot slot;
	struct db_param key = db_int8(MIGRATE_LOCK_KEY, &slot);
	int has;

	if (!db_run(db, sql_lock_migrations, &key, 1, NULL, e) ||
	    !find_applied(db, &has, e))
		return false;
	*applied = steps() - has;
	while (has < steps())
		if (!apply(db, ++has, e))
			return false;
	return true;
}

bool
migrate(struct db *db, int *applied, struct err *e)
{
	int n;

	if (!db_begin(db, e))
		return false;
	if (!apply_missing(db, &n, e) || !db_commit(db, e)) {
		db_rollback(db);
		return false;
	}
	if (applied != NULL)
		*applied = n;
	return true;
}

bool
migrate_check(struct db *db, struct err *e)
{
	int applied;

	if (!find_applied(db, &applied, e))
		return false;
	if (applied == 0)
		return err_fail(e, "database %s: it has no calltally schema "
		    "yet: run calltally init", db_name(db));
	if (applied < steps())
		return err_fail(e, "database %s: its schema is older than this "
		    "calltally (step %d of %d): run calltally init",
		    db_name(db), applied, steps());
	return true;
}
