/*
 * Connection, values, COPY, locks and migrations on a real PostgreSQL:
 * tests/pg.sh build/tests/test_db. Works in a database of its own, which it
 * makes and drops.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "db/copy.h"
#include "db/db.h"
#include "db/migrate.h"
#include "embedded.h"

#define WORST "O'Reilly \"x\" \\ \\N \\t \t\n\r\v\f\b ; -- /* $1 $$ \xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"

/* AddressSanitizer keeps what was freed for a while. */
#if defined(__SANITIZE_ADDRESS__)
enum { COPY_PEAK_KB = 1024 * 1024 };
#else
enum { COPY_PEAK_KB = 40 * 1024 };
#endif

static char dsn[1024];		/* of the tests' own database */
static char admin_dsn[1024];

/* Fails the test with the error's text. */
#define ok(expression, e) do { \
	if (!(expression)) \
		fail_msg("%s: %s", #expression, (e)->text); \
} while (0)

static struct db *
open_db(void)
{
	struct err e = ERR_INIT;
	struct db *db = db_open(dsn, &e);

	ok(db != NULL, &e);
	return db;
}

static void
exec(struct db *db, const char *sql)
{
	struct err e = ERR_INIT;

	ok(db_exec(db, sql, &e), &e);
}

static struct db_rows *
query(struct db *db, const char *sql, const struct db_param *p, int n)
{
	struct err e = ERR_INIT;
	struct db_rows *rows = db_query(db, sql, p, n, &e);

	ok(rows != NULL, &e);
	return rows;
}

static int64_t
query_int(struct db *db, const char *sql)
{
	struct db_rows *rows = query(db, sql, NULL, 0);
	int64_t v = db_get_int(rows, 0, 0);

	db_rows_free(rows);
	return v;
}

static void
assert_str(struct str got, struct str want)
{
	assert_int_equal(got.n, want.n);
	assert_memory_equal(got.p, want.p, want.n);
}

static void
assert_cell(const struct db_rows *rows, size_t row, int col, const char *want)
{
	assert_str(db_get_text(rows, row, col), str_of(want));
}

/* Ends the other connection's server process. */
static void
kill_session(struct db *victim)
{
	char sql[128];
	struct db *killer = open_db();
	int64_t pid = query_int(victim, "SELECT pg_backend_pid()");

	snprintf(sql, sizeof(sql), "SELECT pg_terminate_backend(%lld, 5000)",
	    (long long)pid);
	exec(killer, sql);
	db_close(killer);
}

static int
make_database(void **state)
{
	const char *given = getenv("CALLTALLY_TEST_DSN");
	struct err e = ERR_INIT;
	struct db *db;
	char sql[128];

	(void)state;
	if (given == NULL || *given == '\0') {
		fprintf(stderr, "CALLTALLY_TEST_DSN is not set: run this as "
		    "tests/pg.sh build/tests/test_db\n");
		return -1;
	}
	snprintf(admin_dsn, sizeof(admin_dsn), "%s", given);
	snprintf(dsn, sizeof(dsn), "%s dbname=test_db_%ld", given,
	    (long)getpid());
	if ((db = db_open(admin_dsn, &e)) == NULL) {
		fprintf(stderr, "%s\n", e.text);
		return -1;
	}
	snprintf(sql, sizeof(sql), "CREATE DATABASE test_db_%ld "
	    "TEMPLATE template0 ENCODING 'UTF8'", (long)getpid());
	exec(db, sql);
	db_close(db);
	return 0;
}

static int
drop_database(void **state)
{
	struct err e = ERR_INIT;
	struct db *db;
	char sql[128];

	(void)state;
	if (admin_dsn[0] == '\0')
		return 0;
	if ((db = db_open(admin_dsn, &e)) == NULL)
		return -1;
	snprintf(sql, sizeof(sql), "DROP DATABASE test_db_%ld WITH (FORCE)",
	    (long)getpid());
	exec(db, sql);
	db_close(db);
	return 0;
}

/* -- connection -- */

static void
session_is_plain(void **state)
{
	static const char *const want[][2] = {
		{ "client_encoding", "UTF8" }, { "DateStyle", "ISO, YMD" },
		{ "TimeZone", "UTC" }, { "IntervalStyle", "postgres" },
		{ "bytea_output", "hex" }, { "statement_timeout", "0" },
		{ "search_path", "pg_catalog, pg_temp" },
		{ "application_name", "calltally" },
		{ "synchronous_commit", "on" },
	};
	struct db *db;

	(void)state;
	setenv("PGTZ", "Asia/Kolkata", 1);
	setenv("PGDATESTYLE", "German", 1);
	setenv("PGOPTIONS", "-c statement_timeout=7", 1);
	db = open_db();
	unsetenv("PGTZ");
	unsetenv("PGDATESTYLE");
	unsetenv("PGOPTIONS");
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		struct db_param p = db_text(str_of(want[i][0]));
		struct db_rows *rows = query(db, "SELECT current_setting($1)",
		    &p, 1);

		assert_cell(rows, 0, 0, want[i][1]);
		db_rows_free(rows);
	}
	assert_non_null(strstr(db_name(db), "dbname=test_db_"));
	assert_non_null(strstr(db_name(db), "user="));
	db_close(db);
	db_close(NULL);
}

static void
assert_refused(const char *conninfo, enum err_kind kind, const char *text)
{
	struct err e = ERR_INIT;

	assert_null(db_open(conninfo, &e));
	if (e.kind != kind || strstr(e.text, text) == NULL ||
	    strstr(e.text, "sec") != NULL)
		fail_msg("%s: kind %d: %s", conninfo, e.kind, e.text);
}

static void
refusals_have_the_right_kind_and_no_password(void **state)
{
	char conninfo[1200];

	(void)state;
	assert_refused("host=/nowhere password=sec", ERR_LOST, "/nowhere");
	assert_refused("host=localhost port=1 password=sec", ERR_LOST,
	    "host=localhost");
	assert_refused("host=x password=s3c ret sec", ERR_USAGE, "connection string");
	assert_refused("postgresql://u:sec%zz@h/d", ERR_USAGE, "connection string");
	assert_refused("postgresql://u:a@sec@h/d", ERR_USAGE, "%40");
	assert_refused("host=x port=x password=sec", ERR_FAILED, "port");
	assert_refused("service=nowhere password=sec", ERR_FAILED, "nowhere");
	snprintf(conninfo, sizeof(conninfo), "%s dbname=not_there password=sec",
	    admin_dsn);
	assert_refused(conninfo, ERR_FAILED, "3D000");
	assert_refused(conninfo, ERR_FAILED, "\"not_there\" does not exist (");
	snprintf(conninfo, sizeof(conninfo), "%s user=nobody_here password=sec",
	    admin_dsn);
	assert_refused(conninfo, ERR_FAILED, "28000");
}

static void
too_many_connections_and_no_connections_may_work_later(void **state)
{
	struct db *db = open_db();
	char conninfo[1200];

	(void)state;
	exec(db, "CREATE ROLE one_only LOGIN CONNECTION LIMIT 0");
	snprintf(conninfo, sizeof(conninfo), "%s user=one_only", dsn);
	assert_refused(conninfo, ERR_AGAIN, "53300");
	exec(db, "DROP ROLE one_only");
	db_close(db);
}

static void
other_encodings_are_refused(void **state)
{
	struct err e = ERR_INIT;
	struct db *db = db_open(admin_dsn, &e);
	char conninfo[1200];

	(void)state;
	ok(db != NULL, &e);
	exec(db, "CREATE DATABASE test_latin1 TEMPLATE template0 "
	    "ENCODING 'LATIN1' LOCALE 'C'");
	snprintf(conninfo, sizeof(conninfo), "%s dbname=test_latin1", admin_dsn);
	assert_refused(conninfo, ERR_FAILED, "LATIN1");
	exec(db, "DROP DATABASE test_latin1 WITH (FORCE)");
	db_close(db);
}

/* A socket that listens, but never answers. */
static int
silent_socket(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int s = socket(AF_UNIX, SOCK_STREAM, 0);

	assert_true(strlen(path) < sizeof(a.sun_path));
	memcpy(a.sun_path, path, strlen(path) + 1);
	assert_int_equal(bind(s, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(s, 4), 0);
	return s;
}

static void
a_silent_host_is_given_up_in_time(void **state)
{
	char folder[] = "/tmp/calltally-silent.XXXXXX", path[64], conninfo[128];
	struct err e = ERR_INIT;
	int64_t begin = clock_mono_us();
	int s;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/.s.PGSQL.5432", folder);
	snprintf(conninfo, sizeof(conninfo), "host=%s port=5432 "
	    "connect_timeout=1", folder);
	s = silent_socket(path);
	assert_null(db_open(conninfo, &e));
	close(s);
	unlink(path);
	rmdir(folder);
	assert_int_equal(e.kind, ERR_LOST);
	assert_non_null(strstr(e.text, "no answer within 1 s"));
	assert_true(clock_mono_us() - begin < 5000000);
}

/* -- values -- */

static void
every_type_comes_back_as_it_went(void **state)
{
	static const int64_t ints[] = { 0, 1, -1, INT64_MAX, INT64_MIN };
	static const int64_t times[] = { TIME_NONE, TIME_MIN, TIME_MIN - 1, 0,
	    -1, INT64_C(1772357400123456), TIME_MAX - 1 };
	struct db *db = open_db();
	struct db_slot slot[2];
	struct id128 id;
	struct db_rows *rows;

	(void)state;
	for (size_t i = 0; i < sizeof(ints) / sizeof(ints[0]); i++) {
		struct db_param p[] = { db_int8(ints[i], &slot[0]),
		    db_bool(i & 1, &slot[1]) };

		rows = query(db, "SELECT $1, $2", p, 2);
		assert_true(db_get_int(rows, 0, 0) == ints[i]);
		assert_int_equal(db_get_bool(rows, 0, 1), i & 1);
		db_rows_free(rows);
	}
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		struct db_param p = db_time(times[i], &slot[0]);

		rows = query(db, "SELECT $1", &p, 1);
		assert_true(db_get_time(rows, 0, 0) == times[i]);
		assert_int_equal(db_is_null(rows, 0, 0), times[i] == TIME_NONE);
		db_rows_free(rows);
	}
	assert_true(id128_random(&id, &(struct err)ERR_INIT));
	{
		struct db_param p[] = { db_uuid(&id),
		    db_bytes((struct str){ "a\0\xff\\", 4 }) };
		struct id128 got;

		rows = query(db, "SELECT $1, $2", p, 2);
		got = db_get_uuid(rows, 0, 0);
		assert_memory_equal(got.b, id.b, 16);
		assert_str(db_get_text(rows, 0, 1),
		    (struct str){ "a\0\xff\\", 4 });
		db_rows_free(rows);
	}
	rows = query(db, "SELECT 7::int2, -7::int4, '{\"a\": 1}'::json, "
	    "'x'::varchar, 'n'::name, '-infinity'::timestamptz, "
	    "'infinity'::timestamptz, "
	    "timestamptz '2026-03-01 09:30:00.123456+00'", NULL, 0);
	assert_int_equal(db_rows_columns(rows), 8);
	assert_int_equal(db_get_int(rows, 0, 0), 7);
	assert_int_equal(db_get_int(rows, 0, 1), -7);
	assert_cell(rows, 0, 2, "{\"a\": 1}");
	assert_cell(rows, 0, 3, "x");
	assert_cell(rows, 0, 4, "n");
	assert_true(db_get_time(rows, 0, 5) < TIME_MIN);
	assert_true(db_get_time(rows, 0, 5) != TIME_NONE);
	assert_true(db_get_time(rows, 0, 6) == INT64_MAX);
	assert_true(db_get_time(rows, 0, 7) == INT64_C(1772357400123456));
	db_rows_free(rows);
	db_close(db);
}

static void
text_parameters_are_only_values(void **state)
{
	static const char unterminated[] = { 'a', 'b', 'c' };
	struct db *db = open_db();
	struct db_param p[] = { db_text(STR(WORST)), db_text(STR("")),
	    db_null(), db_text((struct str){ unterminated, 2 }),
	    db_text(STR("12")) };
	struct db_rows *rows = query(db,
	    "SELECT $1::text, $2::text, $3::text, $4::text, $5::bigint", p, 5);

	(void)state;
	assert_cell(rows, 0, 0, WORST);
	assert_cell(rows, 0, 1, "");
	assert_false(db_is_null(rows, 0, 1));
	assert_true(db_is_null(rows, 0, 2));
	assert_null(db_get_text(rows, 0, 2).p);
	assert_cell(rows, 0, 3, "ab");
	assert_int_equal(db_get_int(rows, 0, 4), 12);
	db_rows_free(rows);
	db_close(db);
}

static void
nulls_of_every_type_are_silent(void **state)
{
	struct db *db = open_db();
	struct db_rows *rows = query(db, "SELECT NULL::int2, NULL::int8, "
	    "NULL::bool, NULL::uuid, NULL::timestamptz, NULL::text, "
	    "NULL::int2[]", NULL, 0);
	struct id128 id, zero = { { 0 } };
	int16_t out[1];

	(void)state;
	assert_int_equal(db_get_int(rows, 0, 0), 0);
	assert_int_equal(db_get_int(rows, 0, 1), 0);
	assert_false(db_get_bool(rows, 0, 2));
	id = db_get_uuid(rows, 0, 3);
	assert_int_equal(id128_cmp(&id, &zero), 0);
	assert_true(db_get_time(rows, 0, 4) == TIME_NONE);
	assert_null(db_get_text(rows, 0, 5).p);
	assert_int_equal(db_get_int2_array(rows, 0, 6, out, 1), 0);
	db_rows_free(rows);
	db_close(db);
}

static void
a_nul_byte_in_text_is_told_not_cut(void **state)
{
	struct db *db = open_db();
	struct err e = ERR_INIT;
	struct db_param p = db_text((struct str){ "a\0b", 3 });

	(void)state;
	assert_null(db_query(db, "SELECT $1::text", &p, 1, &e));
	assert_int_equal(e.kind, ERR_FAILED);
	assert_non_null(strstr(e.text, "parameter 1 has a NUL byte"));
	db_close(db);
}

static void
arrays_come_back_as_they_went(void **state)
{
	static const int16_t small[] = { 0, -1, INT16_MIN, INT16_MAX, 312 };
	static const int64_t large[] = { INT64_MIN, 0, INT64_MAX };
	const struct str text[] = { STR(WORST), STR(""), { NULL, 0 }, STR("{}") };
	struct db *db = open_db();
	struct buf b[4] = { BUF_INIT(0), BUF_INIT(0), BUF_INIT(0), BUF_INIT(0) };
	struct id128 ids[3];
	struct db_param p[4];
	struct db_rows *rows;
	int16_t out[8];

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_true(id128_random(&ids[i], &(struct err)ERR_INIT));
	p[0] = db_uuid_array(&b[0], ids, 3);
	p[1] = db_int2_array(&b[1], small, 5);
	p[2] = db_int8_array(&b[2], large, 3);
	p[3] = db_text_array(&b[3], text, 4);
	rows = query(db, "SELECT u, $2, i, t FROM unnest($1, $3, $4) "
	    "WITH ORDINALITY AS s (u, i, t, n) ORDER BY n", p, 4);
	assert_int_equal(db_rows_count(rows), 4);
	for (size_t i = 0; i < 3; i++) {
		struct id128 got = db_get_uuid(rows, i, 0);

		assert_int_equal(id128_cmp(&got, &ids[i]), 0);
		assert_true(db_get_int(rows, i, 2) == large[i]);
	}
	assert_cell(rows, 0, 3, WORST);
	assert_cell(rows, 1, 3, "");
	assert_true(db_is_null(rows, 2, 3));
	assert_cell(rows, 3, 3, "{}");
	assert_int_equal(db_get_int2_array(rows, 0, 1, out, 8), 5);
	assert_memory_equal(out, small, sizeof(small));
	out[2] = 77;
	assert_int_equal(db_get_int2_array(rows, 0, 1, out, 2), 5);
	assert_int_equal(out[2], 77);
	db_rows_free(rows);

	p[0] = db_uuid_array(&b[0], NULL, 0);
	p[1] = db_text_array(&b[3], NULL, 0);
	rows = query(db, "SELECT cardinality($1), cardinality($2), "
	    "'{}'::int2[]", p, 2);
	assert_int_equal(db_get_int(rows, 0, 0), 0);
	assert_int_equal(db_get_int(rows, 0, 1), 0);
	assert_int_equal(db_get_int2_array(rows, 0, 2, out, 8), 0);
	db_rows_free(rows);
	for (int i = 0; i < 4; i++)
		buf_free(&b[i]);
	db_close(db);
}

static void
an_array_without_memory_fails_the_call(void **state)
{
	static const int64_t large[] = { 1, 2, 3 };
	struct db *db = open_db();
	struct buf tiny = BUF_INIT(30);
	struct db_param p = db_int8_array(&tiny, large, 3);
	struct err e = ERR_INIT;

	(void)state;
	assert_false(db_run(db, "SELECT $1", &p, 1, NULL, &e));
	assert_non_null(strstr(e.text, "parameter 1"));
	buf_free(&tiny);
	db_close(db);
}

static void
affected_rows_are_counted(void **state)
{
	struct db *db = open_db();
	struct err e = ERR_INIT;
	uint64_t n = 99;

	(void)state;
	exec(db, "CREATE TEMP TABLE t (i int); "
	    "INSERT INTO t SELECT generate_series(1, 5)");
	ok(db_run(db, "UPDATE t SET i = i + 1 WHERE i > 2", NULL, 0, &n, &e), &e);
	assert_int_equal(n, 3);
	db_close(db);
}

/* -- errors -- */

static void
error_kinds_follow_the_sqlstate(void **state)
{
	static const struct { const char *state; enum err_kind kind; } want[] = {
		{ "08006", ERR_LOST }, { "57P01", ERR_LOST },
		{ "57P03", ERR_LOST }, { "53300", ERR_AGAIN },
		{ "55P03", ERR_AGAIN }, { "40001", ERR_AGAIN },
		{ "40P01", ERR_AGAIN }, { "53100", ERR_FAILED },
		{ "57014", ERR_FAILED }, { "23505", ERR_FAILED },
		{ "42601", ERR_FAILED }, { "40002", ERR_FAILED },
	};
	struct db *db = open_db();

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		struct err e = ERR_INIT;
		char sql[256];

		snprintf(sql, sizeof(sql), "DO $$ BEGIN RAISE EXCEPTION "
		    "'it\nbroke' USING ERRCODE = '%s', DETAIL = 'why'; END $$",
		    want[i].state);
		assert_false(db_exec(db, sql, &e));
		assert_int_equal(e.kind, want[i].kind);
		assert_non_null(strstr(e.text, want[i].state));
		assert_non_null(strstr(e.text, "it broke"));
		assert_non_null(strstr(e.text, "dbname=test_db_"));
		if (want[i].state[0] == '2')
			assert_null(strstr(e.text, "why"));
		else
			assert_non_null(strstr(e.text, ": why ("));
	}
	db_close(db);
}

static void
messages_do_not_repeat_the_row(void **state)
{
	struct db *db = open_db();
	struct err e = ERR_INIT;

	(void)state;
	exec(db, "CREATE TEMP TABLE t (phone text PRIMARY KEY, b int NOT NULL)");
	assert_false(db_exec(db, "INSERT INTO t VALUES ('+4915112345', NULL)", &e));
	assert_null(strstr(e.text, "4915112345"));
	assert_non_null(strstr(e.text, "23502"));
	db_close(db);
}

static void
a_lost_connection_may_work_later(void **state)
{
	struct db *db = open_db();
	struct err e = ERR_INIT, again = ERR_INIT, commit = ERR_INIT;

	(void)state;
	exec(db, "BEGIN");
	kill_session(db);
	assert_false(db_exec(db, "SELECT 1", &e));
	assert_int_equal(e.kind, ERR_LOST);
	assert_false(db_run(db, "SELECT 1", NULL, 0, NULL, &again));
	assert_int_equal(again.kind, ERR_LOST);
	assert_false(db_commit(db, &commit));
	assert_int_equal(commit.kind, ERR_LOST);
	assert_non_null(strstr(commit.text, "nothing of it was kept"));
	db_rollback(db);
	db_close(db);
}

static void
a_commit_without_answer_says_that_nobody_knows(void **state)
{
	struct db *db = open_db();
	struct err e = ERR_INIT;

	(void)state;
	exec(db, "CREATE TEMP TABLE t (i int); "
	    "CREATE FUNCTION pg_temp.die() RETURNS trigger LANGUAGE plpgsql AS "
	    "$$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); "
	    "PERFORM pg_sleep(5); RETURN NULL; END $$; "
	    "CREATE CONSTRAINT TRIGGER t AFTER INSERT ON t DEFERRABLE "
	    "INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION pg_temp.die()");
	ok(db_begin(db, &e), &e);
	exec(db, "INSERT INTO t VALUES (1)");
	assert_false(db_commit(db, &e));
	assert_int_equal(e.kind, ERR_LOST);
	assert_non_null(strstr(e.text, "is not known"));
	db_close(db);
}

static void
committing_a_failed_transaction_is_an_error(void **state)
{
	struct db *db = open_db();
	struct err e = ERR_INIT, ignored = ERR_INIT;

	(void)state;
	ok(db_begin(db, &e), &e);
	assert_false(db_exec(db, "SELECT 1/0", &ignored));
	assert_false(db_commit(db, &e));
	assert_non_null(strstr(e.text, "rolled back"));
	db_rollback(db);		/* nothing open: no harm */
	exec(db, "SELECT 1");
	db_close(db);
}

static void *
cancel_later(void *db)
{
	usleep(200000);
	db_cancel(db);
	return NULL;
}

static void
another_thread_can_cancel(void **state)
{
	struct db *db = open_db();
	struct err e = ERR_INIT;
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, cancel_later, db), 0);
	assert_false(db_exec(db, "SELECT pg_sleep(20)", &e));
	pthread_join(thread, NULL);
	assert_non_null(strstr(e.text, "57014"));
	exec(db, "SELECT 1");
	db_close(db);
}

/* -- COPY -- */

#define COPY_SQL "COPY t FROM STDIN (FORMAT binary)"

static void
make_copy_table(struct db *db)
{
	exec(db, "CREATE TEMP TABLE t (b bool, s int2, i int8, u uuid, "
	    "ts timestamptz, x text, j json, y bytea, a int2[])");
}

static void
put_row(struct copy_in *c, const struct id128 *id, struct err *e)
{
	static const int16_t array[] = { 1, -2, 3 };

	ok(copy_in_row(c, 9, e), e);
	copy_in_bool(c, true);
	copy_in_int2(c, INT16_MIN);
	copy_in_int8(c, INT64_MIN);
	copy_in_uuid(c, id);
	copy_in_time(c, INT64_C(1772357400123456));
	copy_in_text(c, STR(WORST));
	copy_in_text(c, STR("{\"k\": [1]}"));
	copy_in_text(c, (struct str){ "\0\xff", 2 });
	copy_in_int2_array(c, array, 3);
}

static void
copied_rows_come_back_as_they_went(void **state)
{
	struct db *db = open_db();
	struct err e = ERR_INIT;
	struct copy_in c;
	struct id128 id, got;
	struct db_rows *rows;
	int16_t array[3];

	(void)state;
	make_copy_table(db);
	assert_true(id128_random(&id, &(struct err)ERR_INIT));
	ok(copy_in_begin(&c, db, COPY_SQL, &e), &e);
	put_row(&c, &id, &e);
	ok(copy_in_row(&c, 9, &e), &e);
	for (int i = 0; i < 4; i++)
		copy_in_null(&c);
	copy_in_time(&c, TIME_NONE);
	for (int i = 0; i < 3; i++)
		copy_in_text(&c, (struct str){ NULL, 0 });
	copy_in_int2_array(&c, NULL, 0);
	ok(copy_in_end(&c, &e), &e);
	assert_int_equal(c.rows, 2);

	rows = query(db, "SELECT * FROM t ORDER BY b", NULL, 0);
	assert_true(db_get_bool(rows, 0, 0));
	assert_int_equal(db_get_int(rows, 0, 1), INT16_MIN);
	assert_true(db_get_int(rows, 0, 2) == INT64_MIN);
	got = db_get_uuid(rows, 0, 3);
	assert_int_equal(id128_cmp(&got, &id), 0);
	assert_true(db_get_time(rows, 0, 4) == INT64_C(1772357400123456));
	assert_cell(rows, 0, 5, WORST);
	assert_cell(rows, 0, 6, "{\"k\": [1]}");
	assert_str(db_get_text(rows, 0, 7), (struct str){ "\0\xff", 2 });
	assert_int_equal(db_get_int2_array(rows, 0, 8, array, 3), 3);
	assert_int_equal(array[1], -2);
	for (int i = 0; i < 8; i++)
		assert_true(db_is_null(rows, 1, i));
	assert_false(db_is_null(rows, 1, 8));
	assert_int_equal(db_get_int2_array(rows, 1, 8, array, 3), 0);
	db_rows_free(rows);
	db_close(db);
}

static void
copied_arrays_come_back_as_they_went(void **state)
{
	const struct str texts[] = { STR(WORST), STR(""), { NULL, 0 }, STR("{}") };
	const struct id128 id = { { 1, 2, 255 } };
	const struct id128 *const ids[] = { &id, NULL };
	struct db *db = open_db();
	struct err e = ERR_INIT;
	struct db_array array;
	struct db_rows *rows;
	struct copy_in c;
	struct str got;

	(void)state;
	exec(db, "CREATE TEMP TABLE t (x text[], u uuid[])");
	ok(copy_in_begin(&c, db, "COPY t FROM STDIN (FORMAT binary)", &e), &e);
	ok(copy_in_row(&c, 2, &e), &e);
	copy_in_text_array(&c, texts, 4);
	copy_in_uuid_array(&c, ids, 2);
	ok(copy_in_row(&c, 2, &e), &e);
	copy_in_text_array(&c, NULL, 0);
	copy_in_null(&c);
	ok(copy_in_end(&c, &e), &e);

	rows = query(db, "SELECT * FROM t ORDER BY cardinality(x) DESC", NULL, 0);
	array = db_get_array(rows, 0, 0);
	for (size_t i = 0; i < 4; i++) {
		assert_true(db_array_next(&array, &got));
		assert_int_equal(got.p == NULL, texts[i].p == NULL);
		assert_true(str_eq(got, texts[i]));
	}
	assert_false(db_array_next(&array, &got));
	array = db_get_array(rows, 0, 1);
	assert_true(db_array_next(&array, &got));
	assert_int_equal(got.n, sizeof(id.b));
	assert_memory_equal(got.p, id.b, sizeof(id.b));
	assert_true(db_array_next(&array, &got));
	assert_null(got.p);
	assert_false(db_array_next(&array, &got));
	for (int i = 0; i < 2; i++) {
		array = db_get_array(rows, 1, i);
		assert_false(db_array_next(&array, &got));
	}
	db_rows_free(rows);
	db_close(db);
}

static void
copying_nothing_is_fine(void **state)
{
	struct db *db = open_db();
	struct err e = ERR_INIT;
	struct copy_in c;

	(void)state;
	make_copy_table(db);
	ok(copy_in_begin(&c, db, COPY_SQL, &e), &e);
	ok(copy_in_end(&c, &e), &e);
	assert_int_equal(query_int(db, "SELECT count(*) FROM t"), 0);
	db_close(db);
}

static long
peak_kb(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_maxrss;
}

static void
memory_of_a_copy_is_bounded(void **state)
{
	enum { ROWS = 100000, TEXT = 1000 };
	static char text[TEXT];
	struct db *db = open_db();
	struct err e = ERR_INIT;
	struct copy_in c;
	struct copy_out o;
	long before = peak_kb();
	size_t bytes = 0;
	bool end = false;

	(void)state;
	memset(text, 'x', sizeof(text));
	exec(db, "CREATE TEMP TABLE t (x text)");
	ok(copy_in_begin(&c, db, COPY_SQL, &e), &e);
	for (int i = 0; i < ROWS; i++) {
		ok(copy_in_row(&c, 1, &e), &e);
		copy_in_text(&c, (struct str){ text, TEXT });
	}
	ok(copy_in_end(&c, &e), &e);
	assert_int_equal(c.bytes, (size_t)ROWS * (TEXT + 6) + 21);
	ok(copy_out_begin(&o, db, "SELECT x FROM t", &e), &e);
	for (;;) {
		ok(copy_out_next(&o, &end, &e), &e);
		if (end)
			break;
		bytes += o.cell[0].n;
	}
	copy_out_close(&o);
	assert_int_equal(bytes, (size_t)ROWS * TEXT);
	/* 100 MB went each way. */
	if (peak_kb() - before > COPY_PEAK_KB)
		fail_msg("%ld KiB", peak_kb() - before);
	db_close(db);
}

static void
a_bad_copy_is_refused_and_leaves_the_session_usable(void **state)
{
	struct db *db = open_db();
	struct err e = ERR_INIT, end = ERR_INIT, sql = ERR_INIT;
	struct copy_in c;
	struct id128 id = { { 1 } };

	(void)state;
	make_copy_table(db);
	exec(db, "CREATE UNIQUE INDEX ON t (u)");
	ok(db_begin(db, &e), &e);
	ok(copy_in_begin(&c, db, COPY_SQL, &e), &e);
	put_row(&c, &id, &e);
	put_row(&c, &id, &e);
	assert_false(copy_in_end(&c, &end));
	assert_int_equal(end.kind, ERR_FAILED);
	assert_non_null(strstr(end.text, "23505"));
	copy_in_abort(&c);
	copy_in_abort(&c);
	db_rollback(db);

	assert_false(copy_in_begin(&c, db, "COPY nowhere FROM STDIN", &sql));
	assert_non_null(strstr(sql.text, "42P01"));
	copy_in_abort(&c);
	exec(db, "SELECT 1");
	db_close(db);
}

static void
a_copy_can_be_given_up(void **state)
{
	struct db *db = open_db();
	struct err e = ERR_INIT;
	struct copy_in c;
	struct copy_out o;
	struct id128 id = { { 1 } };
	bool end;

	(void)state;
	make_copy_table(db);
	ok(db_begin(db, &e), &e);
	ok(copy_in_begin(&c, db, COPY_SQL, &e), &e);
	put_row(&c, &id, &e);
	copy_in_abort(&c);
	db_rollback(db);
	ok(db_begin(db, &e), &e);
	ok(copy_in_begin(&c, db, COPY_SQL, &e), &e);
	put_row(&c, &id, &e);
	db_rollback(db);		/* in the other order, too */
	copy_in_abort(&c);
	assert_int_equal(query_int(db, "SELECT count(*) FROM t"), 0);

	ok(db_begin(db, &e), &e);
	ok(copy_out_begin(&o, db, "SELECT generate_series(1, 100000000)", &e), &e);
	ok(copy_out_next(&o, &end, &e), &e);
	copy_out_close(&o);
	db_rollback(db);
	exec(db, "SELECT 1");
	db_close(db);
}

static void
a_connection_lost_in_a_copy_may_work_later(void **state)
{
	struct db *db = open_db(), *killer = open_db();
	struct err e = ERR_INIT, lost = ERR_INIT;
	struct copy_in c;
	struct copy_out o;
	char sql[128];
	bool end = false, good = true;

	(void)state;
	make_copy_table(db);
	snprintf(sql, sizeof(sql), "SELECT pg_terminate_backend(%lld, 5000)",
	    (long long)query_int(db, "SELECT pg_backend_pid()"));
	ok(copy_in_begin(&c, db, COPY_SQL, &e), &e);
	exec(killer, sql);
	for (int i = 0; good && i < 1000000; i++)
		if ((good = copy_in_row(&c, 9, &lost)))
			for (int k = 0; k < 9; k++)
				copy_in_null(&c);
	assert_false(good);
	assert_int_equal(lost.kind, ERR_LOST);
	copy_in_abort(&c);
	db_close(db);

	db = open_db();
	lost = (struct err)ERR_INIT;
	snprintf(sql, sizeof(sql), "SELECT pg_terminate_backend(%lld, 5000)",
	    (long long)query_int(db, "SELECT pg_backend_pid()"));
	ok(copy_out_begin(&o, db, "SELECT generate_series(1, 100000000)", &e), &e);
	exec(killer, sql);
	while ((good = copy_out_next(&o, &end, &lost)) && !end)
		continue;
	assert_false(good);
	assert_int_equal(lost.kind, ERR_LOST);
	copy_out_close(&o);
	db_close(db);
	db_close(killer);
}

static void
odd_text_comes_out_as_it_is(void **state)
{
	struct db *db = open_db();
	struct err e = ERR_INIT;
	struct copy_out o;
	struct copy_in c;
	bool end;

	(void)state;
	exec(db, "CREATE TEMP TABLE t (n int8, x text)");
	ok(copy_in_begin(&c, db, COPY_SQL, &e), &e);
	ok(copy_in_row(&c, 2, &e), &e);
	copy_in_int8(&c, 1);
	copy_in_text(&c, STR(WORST));
	ok(copy_in_row(&c, 2, &e), &e);
	copy_in_int8(&c, 2);
	copy_in_text(&c, STR("\\N"));
	ok(copy_in_row(&c, 2, &e), &e);
	copy_in_int8(&c, 3);
	copy_in_text(&c, STR(""));
	ok(copy_in_row(&c, 2, &e), &e);
	copy_in_null(&c);
	copy_in_null(&c);
	ok(copy_in_end(&c, &e), &e);

	ok(copy_out_begin(&o, db, "SELECT x AS \"a \"\"b\", n, n = 1, "
	    "timestamptz '2026-03-01 09:30+00' FROM t ORDER BY n", &e), &e);
	assert_int_equal(o.columns, 4);
	assert_string_equal(o.column[0].name, "a \"b");
	assert_int_equal(o.column[0].oid, 25);
	assert_int_equal(o.column[1].oid, 20);
	ok(copy_out_next(&o, &end, &e), &e);
	assert_str(o.cell[0], STR(WORST));
	assert_str(o.cell[1], STR("1"));
	assert_str(o.cell[2], STR("t"));
	assert_str(o.cell[3], STR("2026-03-01 09:30:00+00"));
	ok(copy_out_next(&o, &end, &e), &e);
	assert_str(o.cell[0], STR("\\N"));
	ok(copy_out_next(&o, &end, &e), &e);
	assert_str(o.cell[0], STR(""));
	assert_non_null(o.cell[0].p);
	ok(copy_out_next(&o, &end, &e), &e);
	assert_null(o.cell[0].p);
	assert_null(o.cell[1].p);
	assert_false(end);
	ok(copy_out_next(&o, &end, &e), &e);
	assert_true(end);
	copy_out_close(&o);
	exec(db, "SELECT 1");
	db_close(db);
}

static void
report_files_may_end_as_people_write_them(void **state)
{
	static const char *const good[] = {
		"SELECT 'a;b'", "SELECT 'a;b';", "SELECT 'a;b' -- the end",
		"SELECT 'a;b'; -- the end;\n\n", "-- about; it\nSELECT 'a;b' ;\n",
		"SELECT 'a;b' /* ; /* ; */ ; */ ; /* x */",
		"SELECT $$a;b$$;", "SELECT $q$a;b$q$ ; ;",
		"SELECT E'a;b\\x27;' \"x;y\"; -- '",
		"SELECT U&'a;b';", "SELECT 'a;b''c;d' AS \"q\"\"; \";",
		"WITH e AS (SELECT 1 AS e) SELECT 'a;b' FROM e;",
		"VALUES ('a;b');", "SELECT 'a;b' AS a$b$c;",
	};
	struct db *db = open_db();

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct err e = ERR_INIT;
		struct copy_out o;
		bool end;

		if (!copy_out_begin(&o, db, good[i], &e))
			fail_msg("%s: %s", good[i], e.text);
		ok(copy_out_next(&o, &end, &e), &e);
		assert_false(end);
		assert_true(str_starts(o.cell[0], STR("a;b")));
		ok(copy_out_next(&o, &end, &e), &e);
		assert_true(end);
		copy_out_close(&o);
	}
	db_close(db);
}

static void
report_files_that_are_no_query_are_refused(void **state)
{
	static const char *const bad[][2] = {
		{ "SELECT 1; SELECT 2", "multiple commands" },
		{ "SELECT 1) TO PROGRAM 'false' --", "42601" },
		{ "SELECT $1::int", "parameters" },
		{ "", "no columns" }, { "-- nothing\n;", "no columns" },
		{ "SELECT", "no columns" }, { "SELEKT 1", "42601" },
		{ "SELECT x FROM nowhere", "42P01" },
	};
	struct db *db = open_db();

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err e = ERR_INIT;
		struct copy_out o;

		assert_false(copy_out_begin(&o, db, bad[i][0], &e));
		if (strstr(e.text, bad[i][1]) == NULL)
			fail_msg("%s: %s", bad[i][0], e.text);
		copy_out_close(&o);
		exec(db, "SELECT 1");
	}
	db_close(db);
}

static void
an_error_in_the_middle_of_a_report_is_told(void **state)
{
	struct db *db = open_db();
	struct err e = ERR_INIT;
	struct copy_out o;
	bool end = false;
	int rows = 0;

	(void)state;
	ok(copy_out_begin(&o, db, "SELECT 1 / (5 - i) "
	    "FROM generate_series(1, 9) AS i", &e), &e);
	while (copy_out_next(&o, &end, &e) && !end)
		rows++;
	assert_int_equal(rows, 4);
	assert_non_null(strstr(e.text, "22012"));
	copy_out_close(&o);
	exec(db, "SELECT 1");
	db_close(db);
}

/* -- the writer's lock -- */

static void
one_writer_at_a_time(void **state)
{
	struct db *one = open_db(), *two = open_db();
	struct err e = ERR_INIT;
	int64_t begin;

	(void)state;
	ok(db_lock_writer(one, 0, &e), &e);
	begin = clock_mono_us();
	assert_false(db_lock_writer(two, 1, &e));
	assert_true(clock_mono_us() - begin >= 1000000);
	assert_int_equal(e.kind, ERR_AGAIN);
	assert_non_null(strstr(e.text, "'calltally'"));
	assert_non_null(strstr(e.text, "server process "));
	e = (struct err)ERR_INIT;
	db_unlock_writer(one);
	ok(db_lock_writer(two, 0, &e), &e);
	db_close(two);			/* gives it back */
	ok(db_lock_writer(one, 5, &e), &e);
	db_close(one);
}

static void *
unlock_later(void *db)
{
	usleep(300000);
	db_unlock_writer(db);
	return NULL;
}

/* The second connection outlives the first: nobody else may write meanwhile. */
static void
a_writers_second_connection_keeps_the_lock(void **state)
{
	struct db *one = open_db(), *two = open_db(), *second = open_db();
	struct err e = ERR_INIT;

	(void)state;
	ok(db_lock_writer(one, 0, &e), &e);
	ok(db_join_writer(second, &e), &e);
	db_unlock_writer(one);
	assert_false(db_lock_writer(two, 0, &e));
	assert_int_equal(e.kind, ERR_AGAIN);
	assert_non_null(strstr(e.text, "another writer has the lock"));
	e = (struct err)ERR_INIT;
	assert_false(db_join_writer(two, &e));
	assert_int_equal(e.kind, ERR_AGAIN);
	db_close(second);
	e = (struct err)ERR_INIT;
	ok(db_lock_writer(one, 20, &e), &e);
	ok(db_join_writer(two, &e), &e);
	db_close(one);
	db_close(two);
}

static void
a_writer_that_waits_gets_the_lock(void **state)
{
	struct db *one = open_db(), *two = open_db();
	struct err e = ERR_INIT;
	pthread_t thread;

	(void)state;
	ok(db_lock_writer(one, 0, &e), &e);
	assert_int_equal(pthread_create(&thread, NULL, unlock_later, one), 0);
	ok(db_lock_writer(two, 20, &e), &e);
	pthread_join(thread, NULL);
	db_close(one);
	db_close(two);
}

/* A pooler that was not seen puts another server process, or another's session, in our place. */
static void
no_transaction_begins_without_the_lock(void **state)
{
	static const char *const moved[] = {
		"SELECT pg_advisory_unlock_all()",
		"SELECT set_config('calltally.session', 'another', false)",
		"DISCARD ALL",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(moved) / sizeof(moved[0]); i++) {
		struct db *db = open_db();
		struct err e = ERR_INIT;

		ok(db_lock_writer(db, 5, &e), &e);
		ok(db_begin(db, &e), &e);
		ok(db_commit(db, &e), &e);
		exec(db, moved[i]);
		assert_false(db_begin(db, &e));
		assert_int_equal(e.kind, ERR_FAILED);
		assert_non_null(strstr(e.text, "pool by session"));
		assert_int_equal(query_int(db, "SELECT count(*) FROM pg_locks "
		    "WHERE pid = pg_backend_pid() AND locktype = 'transactionid'"), 0);
		db_close(db);
	}
}

static void
a_session_that_was_lost_comes_back_with_its_lock(void **state)
{
	struct db *db = open_db(), *other = open_db();
	struct err e = ERR_INIT;

	(void)state;
	ok(db_lock_writer(db, 5, &e), &e);
	kill_session(db);
	assert_false(db_begin(db, &e));
	assert_int_equal(e.kind, ERR_LOST);
	e = (struct err)ERR_INIT;
	ok(db_reopen(db, &e), &e);
	ok(db_begin(db, &e), &e);
	ok(db_commit(db, &e), &e);
	assert_false(db_lock_writer(other, 0, &e));
	assert_int_equal(e.kind, ERR_AGAIN);

	kill_session(db);
	e = (struct err)ERR_INIT;
	ok(db_lock_writer(other, 5, &e), &e);
	assert_false(db_reopen(db, &e));
	assert_int_equal(e.kind, ERR_AGAIN);
	db_close(other);
	for (int i = 0; i < 100 && e.kind != ERR_NONE; i++) {
		e = (struct err)ERR_INIT;
		(void)(db_reopen(db, &e) || usleep(50000));
	}
	ok(db_begin(db, &e), &e);
	db_close(db);
}

/* -- migrations -- */

static int
schema_steps(void)
{
	int n = 0;

	while (embedded_schema[n].name != NULL)
		n++;
	return n;
}

static struct db *
open_fresh(void)
{
	struct db *db = open_db();

	exec(db, "DROP SCHEMA IF EXISTS calltally CASCADE");
	return db;
}

static void
migrations_are_applied_once(void **state)
{
	struct db *db = open_fresh();
	struct err e = ERR_INIT, check = ERR_INIT;
	int n = -1;

	(void)state;
	assert_false(migrate_check(db, &check));
	assert_int_equal(check.kind, ERR_FAILED);
	assert_non_null(strstr(check.text, "run calltally init"));
	ok(migrate(db, &n, &e), &e);
	assert_int_equal(n, schema_steps());
	ok(migrate_check(db, &e), &e);
	ok(migrate(db, &n, &e), &e);
	assert_int_equal(n, 0);
	ok(migrate(db, NULL, &e), &e);
	assert_int_equal(query_int(db, "SELECT count(*) FROM "
	    "calltally.migration"), schema_steps());
	exec(db, "SELECT FROM calltally.call");
	db_close(db);
}

static void
an_empty_schema_made_by_others_is_used(void **state)
{
	struct db *db = open_fresh();
	struct err e = ERR_INIT;

	(void)state;
	exec(db, "CREATE SCHEMA calltally");
	ok(migrate(db, NULL, &e), &e);
	db_close(db);
}

static void
assert_state_refused(const char *change, const char *text)
{
	struct db *db = open_fresh();
	struct err e = ERR_INIT, check = ERR_INIT;

	ok(migrate(db, NULL, &e), &e);
	exec(db, change);
	assert_false(migrate(db, NULL, &e));
	assert_int_equal(e.kind, ERR_FAILED);
	if (strstr(e.text, text) == NULL)
		fail_msg("%s", e.text);
	assert_false(migrate_check(db, &check));
	assert_string_equal(check.text, e.text);
	db_close(db);
}

static void
unknown_states_of_the_schema_are_refused(void **state)
{
	(void)state;
	assert_state_refused("UPDATE calltally.migration "
	    "SET checksum = 'other' WHERE number = 1",
	    "0001_foundation has the checksum other");
	assert_state_refused("INSERT INTO calltally.migration "
	    "VALUES (9000, '9000_future', 'x', now())", "newer calltally");
	assert_state_refused("UPDATE calltally.migration "
	    "SET number = number - 1", "where number 1 should be");
}

static void
a_failing_step_leaves_nothing(void **state)
{
	struct db *db = open_fresh();
	struct err e = ERR_INIT;

	(void)state;
	exec(db, "CREATE SCHEMA calltally; CREATE TABLE calltally.call ()");
	assert_false(migrate(db, NULL, &e));
	assert_non_null(strstr(e.text, "schema step 0001_foundation, "));
	assert_int_equal(query_int(db, "SELECT count(*) FROM pg_class "
	    "WHERE relnamespace = 'calltally'::regnamespace"), 1);
	db_close(db);
}

static void *
migrate_in_thread(void *applied)
{
	struct db *db = open_db();
	struct err e = ERR_INIT;

	if (!migrate(db, applied, &e))
		*(int *)applied = -1000;
	db_close(db);
	return NULL;
}

static void
two_migrations_at_once_share_the_work(void **state)
{
	struct db *db = open_fresh();
	pthread_t thread[4];
	int applied[4] = { 0 }, sum = 0;

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&thread[i], NULL,
		    migrate_in_thread, &applied[i]), 0);
	for (int i = 0; i < 4; i++) {
		pthread_join(thread[i], NULL);
		sum += applied[i];
	}
	assert_int_equal(sum, schema_steps());
	db_close(db);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(session_is_plain),
		cmocka_unit_test(refusals_have_the_right_kind_and_no_password),
		cmocka_unit_test(too_many_connections_and_no_connections_may_work_later),
		cmocka_unit_test(other_encodings_are_refused),
		cmocka_unit_test(a_silent_host_is_given_up_in_time),
		cmocka_unit_test(every_type_comes_back_as_it_went),
		cmocka_unit_test(text_parameters_are_only_values),
		cmocka_unit_test(nulls_of_every_type_are_silent),
		cmocka_unit_test(a_nul_byte_in_text_is_told_not_cut),
		cmocka_unit_test(arrays_come_back_as_they_went),
		cmocka_unit_test(an_array_without_memory_fails_the_call),
		cmocka_unit_test(affected_rows_are_counted),
		cmocka_unit_test(error_kinds_follow_the_sqlstate),
		cmocka_unit_test(messages_do_not_repeat_the_row),
		cmocka_unit_test(a_lost_connection_may_work_later),
		cmocka_unit_test(a_commit_without_answer_says_that_nobody_knows),
		cmocka_unit_test(committing_a_failed_transaction_is_an_error),
		cmocka_unit_test(another_thread_can_cancel),
		cmocka_unit_test(copied_rows_come_back_as_they_went),
		cmocka_unit_test(copied_arrays_come_back_as_they_went),
		cmocka_unit_test(copying_nothing_is_fine),
		cmocka_unit_test(memory_of_a_copy_is_bounded),
		cmocka_unit_test(a_bad_copy_is_refused_and_leaves_the_session_usable),
		cmocka_unit_test(a_copy_can_be_given_up),
		cmocka_unit_test(a_connection_lost_in_a_copy_may_work_later),
		cmocka_unit_test(odd_text_comes_out_as_it_is),
		cmocka_unit_test(report_files_may_end_as_people_write_them),
		cmocka_unit_test(report_files_that_are_no_query_are_refused),
		cmocka_unit_test(an_error_in_the_middle_of_a_report_is_told),
		cmocka_unit_test(one_writer_at_a_time),
		cmocka_unit_test(a_writers_second_connection_keeps_the_lock),
		cmocka_unit_test(a_writer_that_waits_gets_the_lock),
		cmocka_unit_test(no_transaction_begins_without_the_lock),
		cmocka_unit_test(a_session_that_was_lost_comes_back_with_its_lock),
		cmocka_unit_test(migrations_are_applied_once),
		cmocka_unit_test(an_empty_schema_made_by_others_is_used),
		cmocka_unit_test(unknown_states_of_the_schema_are_refused),
		cmocka_unit_test(a_failing_step_leaves_nothing),
		cmocka_unit_test(two_migrations_at_once_share_the_work),
	};

	return cmocka_run_group_tests_name("db", tests, make_database,
	    drop_database);
}
