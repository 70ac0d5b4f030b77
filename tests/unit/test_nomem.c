/*
 * No memory: the n-th allocation of the library fails, for n = 1, 2, 3, ...
 * until none does. Each time the failure is told or done without, and what is
 * then done again comes to the same; make check-asan looks for what was not
 * freed. Linked so that allocations of the library, and jansson's, come here;
 * simdjson's and libpq's own do not.
 *
 * With CALLTALLY_TEST_DSN whole commands are tried as well, in a database of
 * their own, but for NOMEM_ALL=1 with growing steps of n behind the first ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <jansson.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "db/db.h"
#include "db/migrate.h"
#include "io/csvin.h"
#include "io/doc.h"
#include "io/xlsx.h"
#include "run/export.h"
#include "run/ingest.h"
#include "run/map.h"
#include "run/refold.h"
#include "run/verify.h"
#include "unit/temp.h"

static atomic_long left;	/* allocations until one fails; 0: none does */

void *__real_malloc(size_t);
void *__real_calloc(size_t, size_t);
void *__real_realloc(void *, size_t);
char *__real_strdup(const char *);
char *__real_strndup(const char *, size_t);
int __real_posix_memalign(void **, size_t, size_t);
int __real_vasprintf(char **, const char *, va_list);
void *__real__ZnwmRKSt9nothrow_t(size_t, const void *);
void *__real__ZnamRKSt9nothrow_t(size_t, const void *);

void *__wrap_malloc(size_t);
void *__wrap_calloc(size_t, size_t);
void *__wrap_realloc(void *, size_t);
char *__wrap_strdup(const char *);
char *__wrap_strndup(const char *, size_t);
int __wrap_posix_memalign(void **, size_t, size_t);
int __wrap_vasprintf(char **, const char *, va_list);
int __wrap_asprintf(char **, const char *, ...);
void *__wrap__ZnwmRKSt9nothrow_t(size_t, const void *);
void *__wrap__ZnamRKSt9nothrow_t(size_t, const void *);

/* Counts an allocation; true when it is the one to fail. */
static bool
due(void)
{
	long n = atomic_load(&left);

	/* Of two threads that see the last one at once only one has it. */
	while (n > 0 && !atomic_compare_exchange_weak(&left, &n, n - 1))
		;
	if (n != 1)
		return false;
	errno = ENOMEM;
	return true;
}

void *
__wrap_malloc(size_t n)
{
	return due() ? NULL : __real_malloc(n);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return due() ? NULL : __real_calloc(n, size);
}

void *
__wrap_realloc(void *p, size_t n)
{
	return due() ? NULL : __real_realloc(p, n);
}

char *
__wrap_strdup(const char *s)
{
	return due() ? NULL : __real_strdup(s);
}

char *
__wrap_strndup(const char *s, size_t n)
{
	return due() ? NULL : __real_strndup(s, n);
}

int
__wrap_posix_memalign(void **p, size_t align, size_t n)
{
	return due() ? ENOMEM : __real_posix_memalign(p, align, n);
}

int
__wrap_vasprintf(char **out, const char *fmt, va_list ap)
{
	return due() ? -1 : __real_vasprintf(out, fmt, ap);
}

int
__wrap_asprintf(char **out, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = __wrap_vasprintf(out, fmt, ap);
	va_end(ap);
	return n;
}

void *
__wrap__ZnwmRKSt9nothrow_t(size_t n, const void *tag)
{
	return due() ? NULL : __real__ZnwmRKSt9nothrow_t(n, tag);
}

void *
__wrap__ZnamRKSt9nothrow_t(size_t n, const void *tag)
{
	return due() ? NULL : __real__ZnamRKSt9nothrow_t(n, tag);
}

enum { FIRST = 128 };	/* so many are tried in any case */

/* Tries work until the n-th allocation is none any more; step: see the top. */
static void
every_allocation(const char *name, bool (*work)(struct err *), bool step)
{
	long tried = 0, unclear = 0, n = 1;
	struct err err;
	bool ok, met;

	for (;; n += step && n > FIRST && getenv("NOMEM_ALL") == NULL ?
	    1 + n / 12 : 1) {
		err = (struct err)ERR_INIT;
		atomic_store(&left, n);
		ok = work(&err);
		met = atomic_exchange(&left, 0) == 0;
		if (!met)
			break;
		tried++;
		if (!ok && err.kind != ERR_NONE &&
		    strstr(err.text, "emory") == NULL) {
			print_error("%s, allocation %ld: %s\n", name, n,
			    err.text);
			unclear++;
		}
	}
	if (!ok)
		fail_msg("%s: it fails without any need: %s", name, err.text);
	print_message("# %s: %ld failures of up to %ld allocations\n", name,
	    tried, n);
	assert_int_equal(unclear, 0);
}

/* ---- without a database ---- */

static struct profiles *profiles;

static const char dump[] =
    "{\"event\":{\"type\":\"end-of-call\",\"data\":{\"call\":{\"id\":\"c1\","
    "\"status\":\"completed\",\"startedAt\":\"2026-03-01T09:30:00Z\"},"
    "\"analysis\":{\"success\":true,\"summary\":\"s\\u00e9 \\ud800\","
    "\"requiredActions\":[\"a\",{\"b\":1}],\"insights\":{\"k\":0.1,\"l\":[1]}},"
    "\"credits\":{\"used\":1.5,\"available\":98.5}}}}\n"
    "{\"body\":\"{\\\"event\\\":{\\\"type\\\":\\\"call.busy\\\",\\\"data\\\":"
    "{\\\"call\\\":{\\\"id\\\":\\\"c2\\\",\\\"status\\\":\\\"busy\\\"}}}}\","
    "\"received_at\":\"2026-03-01T09:29:00Z\"}\n"
    "{\"sentAt\":\"2026-03-01T09:28:00Z\",\"request\":{\"assistant\":\"a1\"},"
    "\"response\":{\"status\":\"initiate\",\"callId\":\"c1\"}}\n"
    "not json\n\n[1,2]\n";
enum { DUMP_EVENTS = 3, DUMP_REJECTS = 2 };

static bool
load_profiles(struct err *err)
{
	struct profiles *p = profiles_load(NULL, err);

	profiles_free(p);
	return p != NULL;
}

/* Of all that an event says. */
static struct id128
event_sum(const struct event *e)
{
	struct hash_stream *h = hash_stream_open();
	const union value *v = e->v;
	struct id128 sum;

	assert_non_null(h);
	hash_stream_add(h, &e->identity, sizeof(e->identity));
	hash_stream_add(h, &e->stated, sizeof(e->stated));
	hash_stream_add(h, e->call_id.p, e->call_id.n);
	for (uint32_t bits = e->stated; bits != 0; bits &= bits - 1, v++)
		if (field_is_text((enum field)__builtin_ctz(bits)))
			hash_stream_add(h, v->text.p, v->text.n);
		else
			hash_stream_add(h, &v->num, sizeof(v->num));
	sum = hash_stream_digest(h);
	hash_stream_close(h);
	return sum;
}

/* The first time it learns what the events are; later they must be the same. */
static void
same_event(const struct event *e, size_t i)
{
	static struct id128 first[DUMP_EVENTS];
	static size_t known;
	long n = atomic_exchange(&left, 0);
	struct id128 sum = event_sum(e);

	if (i == known)
		first[known++] = sum;
	assert_memory_equal(&sum, &first[i], sizeof(sum));
	/* Unless it was met, the failure is still to come. */
	atomic_store(&left, n);
}

/* False when memory ran out; else everything must be understood. */
static bool
decode_dump(struct err *err)
{
	static char padded[sizeof(dump) + DOC_PADDING_BYTES];
	struct decoder *d = decoder_open(profiles);
	struct decode_warnings w = { 0 };
	struct decode_out out;
	struct arena a;
	size_t events = 0, n;
	bool ok = d != NULL;

	arena_init(&a, 0);
	memcpy(padded, dump, sizeof(dump));
	for (char *p = padded; ok && *p != '\0'; p += n + 1) {
		enum decode_result r;

		n = strcspn(p, "\n");
		r = decode_line(d, (struct str){ p, n }, &a, &w, &out);
		ok = r != DECODED_NO_MEMORY;
		if (r == DECODED_EVENT)
			same_event(out.event, events++);
	}
	if (ok)
		assert_int_equal(events, DUMP_EVENTS);
	else
		err_nomem(err);
	arena_close(&a);
	decoder_close(d);
	return ok;
}

static bool
count_row(void *data, const struct csvin_row *row, bool is_header,
    struct err *err)
{
	(void)row;
	(void)err;
	*(size_t *)data += !is_header;
	return true;
}

static bool
read_csv(struct err *err)
{
	size_t rows = 0;
	bool ok = csvin_read(temp_path("list.csv"), 1 << 20, count_row, &rows,
	    err);

	if (ok)
		assert_int_equal(rows, 2);
	return ok;
}

/* A cell of each kind, and a chart. */
static void
put_cells(struct xlsx *x, struct lxw_worksheet *s)
{
	static const struct xlsx_time noon = { 2026, 3, 1, 12, 0, 0 };
	static const struct xlsx_series series = { 1, 0x0563c1, false };
	static const struct xlsx_chart chart = {
		.title = "t", .sheet = "s", .first_row = 1, .last_row = 1,
		.series = &series, .n = 1, .at_row = 3, .height = 300,
	};

	(void)xlsx_text(x, s, 0, 0, STR("_x0041_"), XLSX_HEAD);
	xlsx_number(x, s, 1, 0, 0.5, XLSX_RATE);
	xlsx_bool(x, s, 1, 1, true);
	xlsx_time(x, s, 1, 2, &noon, XLSX_TIME);
	xlsx_link(x, s, 1, 3, "s");
	xlsx_width(x, s, 0, 20);
	xlsx_table(x, s, 2, 4);
	xlsx_draw(x, s, &chart);
}

static bool
write_workbook(struct err *err)
{
	struct atomicfile *file = atomicfile_open(temp_folder, "t.xlsx", err);
	struct xlsx *x = file == NULL ? NULL :
	    xlsx_open(file, temp_folder, 0, err);
	bool ok = x != NULL;

	if (ok) {
		put_cells(x, xlsx_sheet(x, "s"));
		ok = xlsx_write(x, err) &&
		    atomicfile_commit(file, NULL, NULL, err);
	}
	xlsx_close(x);
	atomicfile_close(file);
	return ok;
}

static void
profiles_are_loaded_or_the_want_is_told(void **state)
{
	(void)state;
	/* jansson's parser tells of bad syntax when it lacks memory. */
	json_set_alloc_funcs(__real_malloc, free);
	every_allocation("profiles", load_profiles, false);
	json_set_alloc_funcs(__wrap_malloc, free);
}

static void
lines_are_decoded_or_the_want_is_told(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_true(decode_dump(&err));
	every_allocation("decoding", decode_dump, false);
}

static void
lists_are_read_or_the_want_is_told(void **state)
{
	static const char list[] = "provider,call_id,campaign_id\n"
	    "miraiminds,c1,\"x \"\"y\"\"\"\nmiraiminds,c9,z\n";

	(void)state;
	(void)temp_write("list.csv", list, sizeof(list) - 1);
	every_allocation("a list", read_csv, false);
}

/* Their library cannot do without: what it needs is asked for before. */
static void
workbooks_are_written_or_the_want_is_told(void **state)
{
	(void)state;
	every_allocation("a workbook", write_workbook, false);
}

/* ---- whole commands ---- */

static char dsn[1024], admin_dsn[1024];
static struct progress progress;

/* A connection of the test's own, whose memory is not counted. */
static void
must(const char *where, const char *sql)
{
	struct err e = ERR_INIT;
	long n = atomic_exchange(&left, 0);
	struct db *db = db_open(where, &e);

	if (db == NULL || !db_exec(db, sql, &e))
		fail_msg("%s: %s", sql, e.text);
	db_close(db);
	atomic_store(&left, n);
}

static int64_t
number(const char *sql)
{
	struct err e = ERR_INIT;
	long n = atomic_exchange(&left, 0);
	struct db *db = db_open(dsn, &e);
	struct db_rows *rows = db != NULL ? db_query(db, sql, NULL, 0, &e) : NULL;
	int64_t v;

	if (rows == NULL)
		fail_msg("%s: %s", sql, e.text);
	v = db_get_int(rows, 0, 0);
	db_rows_free(rows);
	db_close(db);
	atomic_store(&left, n);
	return v;
}

/* What is committed is whole. */
static void
books_balance(void)
{
	assert_int_equal(number("SELECT count(*) FROM calltally.source "
	    "WHERE rejected <> (SELECT count(*) FROM calltally.reject r "
	    "WHERE r.source_id = source.source_id)"), 0);
	assert_int_equal(number("SELECT (SELECT count(*) FROM "
	    "calltally.call_event WHERE kind <> 'override') - (SELECT "
	    "coalesce(sum(events), 0)::bigint FROM calltally.source "
	    "WHERE name NOT LIKE '%.csv')"), 0);
}

static bool
ingest(struct err *err)
{
	const char *path = temp_path("dump.jsonl");
	struct ingest_options o = {
		.path = &path, .paths = 1, .profiles = profiles, .jobs = 2,
		.progress = &progress,
	};
	struct ingest_result r;
	struct db *db = db_open(dsn, err);
	bool ok = db != NULL && migrate(db, NULL, err) &&
	    ingest_run(&o, db, &r, err);

	db_close(db);
	books_balance();
	/* A file that could not be read for want of memory has failed, the run has not. */
	if (!ok || r.files_failed > 0)
		return false;
	assert_int_equal(number("SELECT count(*) FROM calltally.call_event "
	    "WHERE kind <> 'override'"), DUMP_EVENTS);
	assert_int_equal(r.counts.lines, 6);
	return true;
}

static bool
ingest_afresh(struct err *err)
{
	must(dsn, "TRUNCATE calltally.call, calltally.call_event, "
	    "calltally.source, calltally.reject, calltally.credit_balance");
	return ingest(err);
}

static bool
map(struct err *err)
{
	struct db *db = db_open(dsn, err);
	struct comeback none = { 0 };
	struct map_result r;
	bool ok = db != NULL && map_run(db, profiles, temp_path("list.csv"),
	    NULL, &none, &r, err);

	db_close(db);
	return ok;
}

static bool
map_afresh(struct err *err)
{
	must(dsn, "DELETE FROM calltally.call_event WHERE kind = 'override';"
	    "DELETE FROM calltally.source WHERE name LIKE '%.csv'");
	return map(err);
}

static bool
export(struct err *err)
{
	struct export_options o = {
		.conninfo = dsn, .profiles = profiles, .out = temp_path("out"),
	};
	struct export_result r;
	bool ok = export_run(&o, &r, err);

	export_result_free(&r);
	return ok;
}

static bool
refold(struct err *err)
{
	struct refold_options o = {
		.conninfo = dsn, .profiles = profiles, .progress = &progress,
	};
	struct refold_result r;
	struct db *db = db_open(dsn, err);
	bool ok = db != NULL && refold_run(&o, db, &r, err);

	db_close(db);
	books_balance();
	return ok;
}

static void
tell(void *data, const struct finding *f)
{
	(void)data;
	print_error("%s %.*s %s: %.*s, %.*s (%.*s:%ld)\n",
	    finding_name[f->kind], STR_ARG(f->call_id),
	    f->part != NULL ? f->part : "", STR_ARG(f->stored),
	    STR_ARG(f->computed), STR_ARG(f->file), (long)f->line);
}

static bool
verify(struct err *err)
{
	const char *path = temp_path("dump.jsonl");
	struct verify_options o = {
		.path = &path, .paths = 1, .profiles = profiles,
		.temporary = "/tmp", .progress = &progress, .found = tell,
	};
	struct verify_result r;
	struct db *db = db_open(dsn, err);
	bool ok = db != NULL && verify_run(&o, db, &r, err);

	db_close(db);
	if (ok)
		assert_int_equal(r.differences, 0);
	return ok;
}

static bool
replay(struct err *err)
{
	struct comeback none = { 0 };
	struct replay_result r;
	struct db *db = db_open(dsn, err);
	bool ok = db != NULL && ingest_replay(profiles, db, NULL, &none, &r,
	    err);

	db_close(db);
	if (ok)
		assert_int_equal(r.still_rejected, DUMP_REJECTS);
	return ok;
}

static void
commands_are_done_or_the_want_is_told(void **state)
{
	static const struct { const char *name; bool (*work)(struct err *); }
	command[] = {
		{ "ingest", ingest_afresh }, { "map", map_afresh },
		{ "export", export }, { "refold", refold },
		{ "verify", verify }, { "rejects replay", replay },
	};
	const char *given = getenv("CALLTALLY_TEST_DSN");
	struct err err = ERR_INIT;
	char sql[128];

	(void)state;
	if (given == NULL)
		return;
	(void)snprintf(admin_dsn, sizeof(admin_dsn), "%s", given);
	(void)snprintf(dsn, sizeof(dsn), "%s dbname=test_nomem_%ld", given,
	    (long)getpid());
	(void)snprintf(sql, sizeof(sql), "CREATE DATABASE test_nomem_%ld "
	    "TEMPLATE template0 ENCODING 'UTF8'", (long)getpid());
	must(admin_dsn, sql);
	(void)temp_write("dump.jsonl", dump, sizeof(dump) - 1);
	assert_true(ingest(&err));
	for (size_t i = 0; i < sizeof(command) / sizeof(command[0]); i++)
		every_allocation(command[i].name, command[i].work, true);
	(void)snprintf(sql, sizeof(sql), "DROP DATABASE test_nomem_%ld "
	    "WITH (FORCE)", (long)getpid());
	must(admin_dsn, sql);
}

static int
open_group(void **state)
{
	struct err err = ERR_INIT;

	json_set_alloc_funcs(__wrap_malloc, free);
	profiles = profiles_load(NULL, &err);
	return profiles == NULL || temp_setup(state) != 0;
}

static int
close_group(void **state)
{
	profiles_free(profiles);
	return temp_teardown(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(profiles_are_loaded_or_the_want_is_told),
		cmocka_unit_test(lines_are_decoded_or_the_want_is_told),
		cmocka_unit_test(lists_are_read_or_the_want_is_told),
		cmocka_unit_test(workbooks_are_written_or_the_want_is_told),
		cmocka_unit_test(commands_are_done_or_the_want_is_told),
	};

	return cmocka_run_group_tests_name("no memory", tests, open_group,
	    close_group);
}
