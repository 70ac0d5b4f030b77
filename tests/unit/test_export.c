/*
 * The reports, cell by cell, on a real PostgreSQL:
 * tests/pg.sh build/tests/test_export. Works in a database of its own, which
 * it makes and drops. Calls are put in by SQL, and what must come out was
 * reckoned by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sha256.h"
#include "db/db.h"
#include "db/migrate.h"
#include "run/export_asof.h"
#include "temp.h"

#define METRICS \
    "\"calls\",\"queued\",\"in_progress\",\"ended\",\"completed\"," \
    "\"transferred\",\"voicemail\",\"no_answer\",\"busy\",\"failed\"," \
    "\"timeout\",\"aborted\",\"skipped\",\"invalid\",\"rescheduled\"," \
    "\"other\",\"attempted\",\"connected\",\"connect_rate\",\"analyzed\"," \
    "\"succeeded\",\"not_succeeded\",\"success_rate\"," \
    "\"sentiment_positive\",\"sentiment_neutral\",\"sentiment_negative\"," \
    "\"sentiment_unknown\",\"talk_seconds\",\"talk_seconds_avg\"," \
    "\"talk_seconds_p50\",\"talk_seconds_p90\",\"credits_used\"," \
    "\"credits_unit\",\"credits_per_success\",\"reattempts\"," \
    "\"reschedules\"\n"

#define CALLS \
    "\"provider\",\"call_id\",\"day\",\"started_at\",\"ended_at\"," \
    "\"assistant_id\",\"assistant_name\",\"campaign_id\"," \
    "\"campaign_name\",\"workspace\",\"direction\",\"from_number\"," \
    "\"to_number\",\"outcome\",\"status\",\"voicemail\"," \
    "\"duration_seconds\",\"success\",\"sentiment\",\"summary\"," \
    "\"required_actions\",\"insights\",\"credits_used\"," \
    "\"credits_unit\",\"reattempts\",\"reschedules\",\"recording_url\"," \
    "\"detail_url\",\"first_event_at\",\"last_event_at\",\"events\"\n"

static const char *const reports[] = {
	"assistant_campaign_daily", "assistant_daily", "assistant_total",
	"attempts", "calls", "campaign_daily", "campaign_total",
	"credits_daily", "followups", "hourly", "insights",
};

enum { REPORTS = sizeof(reports) / sizeof(reports[0]) };

static char dsn[1024];		/* of the tests' own database */
static char admin_dsn[1024];
static struct db *db;		/* for putting rows in */
static struct profiles *profiles;

/* Fails the test with the error's text. */
#define ok(expression, e) do { \
	if (!(expression)) \
		fail_msg("%s: %s", #expression, (e)->text); \
} while (0)

static void
exec(const char *sql)
{
	struct err e = ERR_INIT;

	ok(db_exec(db, sql, &e), &e);
}

/* A call by its named columns; the day is told by the start, else the first event. */
static const char put_function[] =
    "SET search_path = public, pg_temp;"
    "CREATE FUNCTION public.put(provider text, call_id text, outcome text,"
    " started_at timestamptz = NULL, ended_at timestamptz = NULL,"
    " first_event_at timestamptz = NULL, last_event_at timestamptz = NULL,"
    " events bigint = 1, duration_ms bigint = NULL, credits bigint = NULL,"
    " reattempts bigint = NULL, reschedules bigint = NULL,"
    " voicemail boolean = NULL, success boolean = NULL,"
    " sentiment text = NULL, assistant text = NULL, campaign text = NULL,"
    " workspace text = NULL, direction text = NULL, from_number text = NULL,"
    " to_number text = NULL, status text = NULL, recording_url text = NULL,"
    " detail_url text = NULL, actions json = NULL, insights json = NULL,"
    " summary text = NULL) RETURNS void LANGUAGE sql AS $$"
    " INSERT INTO calltally.call (call_key, day_at, started_at, ended_at,"
    " first_event_at, last_event_at, events, duration_ms,"
    " credits_used_micro, reattempts, reschedules, voicemail, success,"
    " has_summary, provider, outcome, sentiment, assistant_id, campaign_id,"
    " workspace, direction, from_number, to_number, status, call_id, run_id,"
    " utc_days, recording_url, detail_url, required_actions, insights, summary)"
    " SELECT md5($1 || '/' || $2)::uuid, coalesce($4, $6), $4, $5, $6, $7,"
    " $8, $9, $10, $11, $12, $13, $14, $27 IS NOT NULL, $1, $3, $15, $16,"
    " $17, $18, $19, $20, $21, $22, $2, md5('run')::uuid, '{}', $23, $24,"
    " $25, $26, $27 $$;"
    "CREATE FUNCTION public.put_balance(provider text, call_id text,"
    " number int, at timestamptz, micro bigint) RETURNS void LANGUAGE sql"
    " AS $$ INSERT INTO calltally.credit_balance SELECT"
    " md5($1 || '/' || $2)::uuid, lpad($3::text, 32, '0')::uuid, $4, $5 $$";

static int
open_group(void **state)
{
	const char *given = getenv("CALLTALLY_TEST_DSN");
	struct err e = ERR_INIT;
	char sql[128];

	if (given == NULL || *given == '\0') {
		fprintf(stderr, "CALLTALLY_TEST_DSN is not set: run this as "
		    "tests/pg.sh build/tests/test_export\n");
		return -1;
	}
	if (temp_setup(state) != 0)
		return -1;
	snprintf(admin_dsn, sizeof(admin_dsn), "%s", given);
	snprintf(dsn, sizeof(dsn), "%s dbname=test_export_%ld", given,
	    (long)getpid());
	snprintf(sql, sizeof(sql), "CREATE DATABASE test_export_%ld "
	    "TEMPLATE template0 ENCODING 'UTF8'", (long)getpid());
	if ((db = db_open(admin_dsn, &e)) == NULL || !db_exec(db, sql, &e))
		goto fail;
	db_close(db);
	if ((db = db_open(dsn, &e)) == NULL || !migrate(db, NULL, &e) ||
	    !db_exec(db, put_function, &e) ||
	    (profiles = profiles_load(NULL, &e)) == NULL)
		goto fail;
	return 0;
fail:
	fprintf(stderr, "%s\n", e.text);
	return -1;
}

static int
close_group(void **state)
{
	struct err e = ERR_INIT;
	char sql[128];

	profiles_free(profiles);
	db_close(db);
	db = db_open(admin_dsn, &e);
	snprintf(sql, sizeof(sql), "DROP DATABASE test_export_%ld WITH (FORCE)",
	    (long)getpid());
	exec(sql);
	db_close(db);
	return temp_teardown(state);
}

static int
empty_tables(void **state)
{
	(void)state;
	exec("TRUNCATE calltally.call, calltally.credit_balance, "
	    "calltally.assistant, calltally.campaign, calltally.provider, "
	    "calltally.source, calltally.run, calltally.publication, "
	    "calltally.published_series, calltally.published_report, "
	    "calltally.published, calltally.published_line");
	return 0;
}

/* -- helpers -- */

/* Options for an export into a folder; the path lives for some more calls. */
static struct export_options
options(const char *folder)
{
	static char out[4][256];
	static unsigned next;
	char *path = out[next++ % 4];

	snprintf(path, sizeof(out[0]), "%s", temp_path(folder));
	return (struct export_options){
		.conninfo = dsn,
		.profiles = profiles,
		.out = path,
		.plain = true,
		.version = "0.1.0",
	};
}

static void
export(const struct export_options *o)
{
	struct err e = ERR_INIT;
	struct export_result result;
	bool done = export_run(o, &result, &e);

	export_result_free(&result);
	ok(done, &e);
}

static void
assert_fails(const struct export_options *o, enum err_kind kind,
    const char *text)
{
	struct err e = ERR_INIT;
	struct export_result result;
	bool done = export_run(o, &result, &e);

	export_result_free(&result);
	assert_false(done);
	if (e.kind != kind || strstr(e.text, text) == NULL)
		fail_msg("kind %d: %s", e.kind, e.text);
}

static char *
read_report(const struct export_options *o, const char *name, size_t *n)
{
	char path[512];
	char *got;

	snprintf(path, sizeof(path), "%s/%s", o->out, name);
	got = temp_read(path, n);
	if (got == NULL)
		fail_msg("%s is not there", path);
	return got;
}

static void
assert_report(const struct export_options *o, const char *name,
    const char *want)
{
	size_t n;
	char *got = read_report(o, name, &n);

	if (n != strlen(want) || memcmp(got, want, n) != 0)
		fail_msg("%s is:\n%sbut should be:\n%s", name, got, want);
	free(got);
}

static size_t
count_entries(const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	size_t n = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL)
		n += strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0;
	closedir(dir);
	return n;
}

/* A folder for a user's reports. */
static const char *
reports_folder(const char *name)
{
	const char *folder = temp_path(name);

	assert_int_equal(mkdir(folder, 0700), 0);
	return folder;
}

static void
write_text(const char *name, const char *text)
{
	temp_write(name, text, strlen(text));
}

/* -- what is counted -- */

static void
put_some_calls(void)
{
	exec("INSERT INTO calltally.assistant VALUES"
	    " ('miraiminds', 'a1', 'Asha'), ('whippy', 'a2', 'Other');"
	    "INSERT INTO calltally.campaign VALUES"
	    " ('miraiminds', 'c1', 'Spring'), ('ghost', '', 'None')");
	exec("SELECT put('miraiminds', 'm1', 'completed',"
	    " '2026-02-01 10:00:00.999999Z', '2026-02-01 10:01:00.5Z',"
	    " '2026-02-01 09:59:59Z', '2026-02-01 11:00:00Z', 4, 60000,"
	    " 1500000, 0, 1, NULL, true, 'positive', 'a1', 'c1', 'w1',"
	    " 'outbound', '+9111', '+9122', 'end-of-call',"
	    " 'https://r.example/1', 'https://d.example/1', NULL,"
	    " '{\"budget\":\"high\",\"callback_requested\":true}',"
	    " 'Wants a demo')");
	exec("SELECT put('miraiminds', 'm2', 'no_answer',"
	    " '2026-02-01 11:30Z', duration_ms => 0, reattempts => 2,"
	    " assistant => 'a1', campaign => 'c1', workspace => 'w1')");
	exec("SELECT put('miraiminds', 'm3', 'completed',"
	    " '2026-02-01 23:59:59.999999Z', duration_ms => 30500,"
	    " credits => 250000, reattempts => 0, voicemail => true,"
	    " success => false, sentiment => 'unknown', assistant => 'a1',"
	    " workspace => 'w2', actions => '[\"call back\"]',"
	    " insights => '{\"budget\":\"high\",\"callback_requested\":false,"
	    "\"tags\":[1,{\"x\":null}]}')");
	exec("SELECT put('miraiminds', 'm4', 'ended', '2026-02-01 10:30Z',"
	    " duration_ms => 90001, credits => 1, sentiment => 'negative',"
	    " voicemail => false, assistant => 'a1', campaign => 'c1',"
	    " workspace => 'w1', insights => '{\"budget\":\"low\"}')");
	exec("SELECT put('miraiminds', 'm5', 'timeout', '2026-02-01 10:31Z',"
	    " duration_ms => 100, success => true, assistant => 'a1',"
	    " campaign => 'c1', workspace => 'w1')");
	exec("SELECT put('miraiminds', 'm6', 'skipped', NULL,"
	    " first_event_at => '2026-02-01 00:00Z', assistant => 'a1',"
	    " campaign => 'c1', workspace => 'w1', voicemail => true,"
	    " insights => '{\"callback_requested\":\"true\"}')");
	exec("SELECT put('miraiminds', 'm7', 'queued', '2026-02-02 00:00Z',"
	    " assistant => 'a1', campaign => 'c2', workspace => 'w1')");
	exec("SELECT put('whippy', 'w1', 'transferred', '2026-02-01 08:00Z',"
	    " duration_ms => 45678, success => false, credits => 5,"
	    " assistant => 'a1', campaign => 'c1')");
	exec("SELECT put('ghost', 'g1', 'other', actions => '[\"look\"]')");
	exec("SELECT put_balance('miraiminds', 'm1', 1, '2026-02-01 10:02Z',"
	    " 99500000), put_balance('miraiminds', 'm1', 3,"
	    " '2026-02-01 12:00Z', 98000000), put_balance('miraiminds', 'm2',"
	    " 2, '2026-02-01 12:00Z', 97000000), put_balance('miraiminds',"
	    " 'm7', 4, '2026-02-03 12:00Z', -1500000), put_balance('whippy',"
	    " 'w1', 5, '2026-02-01 12:00Z', 7), put_balance('miraiminds',"
	    " 'm3', 6, NULL, 1)");
}

static void
rollups_are_as_reckoned_by_hand(void **state)
{
	struct export_options o = options("rollups");

	(void)state;
	put_some_calls();
	export(&o);
	assert_report(&o, "assistant_daily.csv",
	    "\"day\",\"provider\",\"assistant_id\",\"assistant_name\"," METRICS
	    ",\"ghost\",,,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1,1,0,0.0000,"
	    "0,0,0,,0,0,0,0,0,,,,,,,0,0\n"
	    "2026-02-01,\"miraiminds\",\"a1\",\"Asha\",6,0,0,1,1,0,1,1,0,0,1,"
	    "0,1,0,0,0,5,3,0.6000,4,2,1,0.6667,1,0,1,1,180.601,45.15,45.25,"
	    "81.001,1.750001,\"credits\",0.8750,2,1\n"
	    "2026-02-01,\"whippy\",\"a1\",,1,0,0,0,0,1,0,0,0,0,0,0,0,0,0,0,"
	    "1,1,1.0000,1,0,1,0.0000,0,0,0,0,45.678,45.678,45.678,45.678,"
	    ",,,0,0\n"
	    "2026-02-02,\"miraiminds\",\"a1\",\"Asha\",1,1,0,0,0,0,0,0,0,0,0,"
	    "0,0,0,0,0,0,0,,0,0,0,,0,0,0,0,0,,,,0,\"credits\",,0,0\n");
	assert_report(&o, "campaign_daily.csv",
	    "\"day\",\"provider\",\"campaign_id\",\"campaign_name\"," METRICS
	    ",\"ghost\",,\"None\",1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1,1,0,0.0000,"
	    "0,0,0,,0,0,0,0,0,,,,,,,0,0\n"
	    "2026-02-01,\"miraiminds\",,,1,0,0,0,0,0,1,0,0,0,0,"
	    "0,0,0,0,0,1,0,0.0000,1,0,1,0.0000,0,0,0,1,30.5,30.5,30.5,"
	    "30.5,0.25,\"credits\",,0,0\n"
	    "2026-02-01,\"miraiminds\",\"c1\",\"Spring\",5,0,0,1,1,0,0,1,0,0,1,"
	    "0,1,0,0,0,4,3,0.7500,3,2,0,1.0000,1,0,1,0,150.101,50.034,60,"
	    "84.001,1.500001,\"credits\",0.7500,2,1\n"
	    "2026-02-01,\"whippy\",\"c1\",,1,0,0,0,0,1,0,0,0,0,0,0,0,0,0,0,"
	    "1,1,1.0000,1,0,1,0.0000,0,0,0,0,45.678,45.678,45.678,45.678,"
	    ",,,0,0\n"
	    "2026-02-02,\"miraiminds\",\"c2\",,1,1,0,0,0,0,0,0,0,0,0,"
	    "0,0,0,0,0,0,0,,0,0,0,,0,0,0,0,0,,,,0,\"credits\",,0,0\n");
	assert_report(&o, "assistant_total.csv",
	    "\"provider\",\"assistant_id\",\"assistant_name\"," METRICS
	    "\"ghost\",,,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1,1,0,0.0000,"
	    "0,0,0,,0,0,0,0,0,,,,,,,0,0\n"
	    "\"miraiminds\",\"a1\",\"Asha\",7,1,0,1,1,0,1,1,0,0,1,"
	    "0,1,0,0,0,5,3,0.6000,4,2,1,0.6667,1,0,1,1,180.601,45.15,45.25,"
	    "81.001,1.750001,\"credits\",0.8750,2,1\n"
	    "\"whippy\",\"a1\",,1,0,0,0,0,1,0,0,0,0,0,0,0,0,0,0,"
	    "1,1,1.0000,1,0,1,0.0000,0,0,0,0,45.678,45.678,45.678,45.678,"
	    ",,,0,0\n");
}

static void
other_reports_are_as_reckoned_by_hand(void **state)
{
	struct export_options o = options("others");

	(void)state;
	put_some_calls();
	export(&o);
	assert_report(&o, "attempts.csv",
	    "\"provider\",\"campaign_id\",\"campaign_name\",\"reattempts\","
	    "\"calls\",\"connected\",\"succeeded\"\n"
	    "\"ghost\",,\"None\",,1,0,0\n"
	    "\"miraiminds\",,,0,1,0,0\n"
	    "\"miraiminds\",\"c1\",\"Spring\",,3,2,1\n"
	    "\"miraiminds\",\"c1\",\"Spring\",0,1,1,1\n"
	    "\"miraiminds\",\"c1\",\"Spring\",2,1,0,0\n"
	    "\"miraiminds\",\"c2\",,,1,0,0\n"
	    "\"whippy\",\"c1\",,,1,1,0\n");
	assert_report(&o, "hourly.csv",
	    "\"provider\",\"assistant_id\",\"assistant_name\",\"weekday\","
	    "\"hour\",\"calls\",\"connected\",\"connect_rate\"\n"
	    "\"ghost\",,,,,1,0,0.0000\n"
	    "\"miraiminds\",\"a1\",\"Asha\",1,0,1,0,\n"
	    "\"miraiminds\",\"a1\",\"Asha\",7,0,1,0,\n"
	    "\"miraiminds\",\"a1\",\"Asha\",7,10,3,3,1.0000\n"
	    "\"miraiminds\",\"a1\",\"Asha\",7,11,1,0,0.0000\n"
	    "\"miraiminds\",\"a1\",\"Asha\",7,23,1,0,0.0000\n"
	    "\"whippy\",\"a1\",,7,8,1,1,1.0000\n");
	assert_report(&o, "insights.csv",
	    "\"provider\",\"assistant_id\",\"assistant_name\",\"campaign_id\","
	    "\"campaign_name\",\"insight\",\"value\",\"calls\"\n"
	    "\"miraiminds\",\"a1\",\"Asha\",,,\"budget\",\"high\",1\n"
	    "\"miraiminds\",\"a1\",\"Asha\",,,\"callback_requested\",\"false\",1\n"
	    "\"miraiminds\",\"a1\",\"Asha\",,,\"tags\","
	    "\"[1,{\"\"x\"\":null}]\",1\n"
	    "\"miraiminds\",\"a1\",\"Asha\",\"c1\",\"Spring\",\"budget\",\"high\",1\n"
	    "\"miraiminds\",\"a1\",\"Asha\",\"c1\",\"Spring\",\"budget\",\"low\",1\n"
	    "\"miraiminds\",\"a1\",\"Asha\",\"c1\",\"Spring\","
	    "\"callback_requested\",\"true\",2\n");
	/*
	 * The greatest identity of the last time counts; a day with nothing
	 * but a balance is there; a balance without time closes no day.
	 */
	assert_report(&o, "credits_daily.csv",
	    "\"day\",\"provider\",\"workspace\",\"credits_used\","
	    "\"credits_unit\",\"closing_balance\"\n"
	    ",\"ghost\",,,,\n"
	    "2026-02-01,\"miraiminds\",\"w1\",1.500001,\"credits\",98\n"
	    "2026-02-01,\"miraiminds\",\"w2\",0.25,\"credits\",\n"
	    "2026-02-01,\"whippy\",,,,\n"
	    "2026-02-02,\"miraiminds\",\"w1\",0,\"credits\",\n"
	    "2026-02-03,\"miraiminds\",\"w1\",0,\"credits\",-1.5\n");
	assert_report(&o, "followups.csv",
	    "\"provider\",\"call_id\",\"day\",\"assistant_id\","
	    "\"assistant_name\",\"campaign_id\",\"campaign_name\","
	    "\"to_number\",\"outcome\",\"summary\",\"required_actions\","
	    "\"callback_requested\"\n"
	    "\"ghost\",\"g1\",,,,,,,\"other\",,\"[\"\"look\"\"]\",\n"
	    "\"miraiminds\",\"m1\",2026-02-01,\"a1\",\"Asha\",\"c1\","
	    "\"Spring\",\"+9122\",\"completed\",\"Wants a demo\",,true\n"
	    "\"miraiminds\",\"m3\",2026-02-01,\"a1\",\"Asha\",,,,"
	    "\"completed\",,\"[\"\"call back\"\"]\",false\n"
	    "\"miraiminds\",\"m6\",2026-02-01,\"a1\",\"Asha\",\"c1\","
	    "\"Spring\",,\"skipped\",,,true\n");
}

static void
calls_show_all_that_is_known_of_them(void **state)
{
	struct export_options o = options("calls");

	(void)state;
	put_some_calls();
	exec("DELETE FROM calltally.call WHERE call_id > 'm2'");
	export(&o);
	assert_report(&o, "calls.csv", CALLS
	    "\"ghost\",\"g1\",,,,,,,,,,,,\"other\",,,,,,,\"[\"\"look\"\"]\","
	    ",,,,,,,,,1\n"
	    "\"miraiminds\",\"m1\",2026-02-01,2026-02-01 10:00:00,"
	    "2026-02-01 10:01:00,\"a1\",\"Asha\",\"c1\",\"Spring\",\"w1\","
	    "\"outbound\",\"+9111\",\"+9122\",\"completed\",\"end-of-call\","
	    ",60,true,\"positive\",\"Wants a demo\",,"
	    "\"{\"\"budget\"\":\"\"high\"\",\"\"callback_requested\"\":true}\","
	    "1.5,\"credits\",0,1,\"https://r.example/1\","
	    "\"https://d.example/1\",2026-02-01 09:59:59,"
	    "2026-02-01 11:00:00,4\n"
	    "\"miraiminds\",\"m2\",2026-02-01,2026-02-01 11:30:00,,\"a1\","
	    "\"Asha\",\"c1\",\"Spring\",\"w1\",,,,\"no_answer\",,,0,,,,,,,"
	    "\"credits\",2,,,,,,1\n");
}

static void
numbers_are_rounded_half_away_from_zero(void **state)
{
	struct export_options o = options("rounding");

	(void)state;
	/*
	 * Seconds 1.0005, p50 between 1.000 and 1.001: 1.0005 -> 1.001, and
	 * p90 0.9 of the way: 1.0009 -> 1.001; credits 5 micro by 4 successes,
	 * that is 0.00000125 -> 0.0000; then 0.00005 -> 0.0001.
	 */
	exec("SELECT put('miraiminds', 'x' || i, 'completed',"
	    " duration_ms => 1000 + i, credits => 100 * i, success => true,"
	    " assistant => 'half') FROM generate_series(0, 1) i;"
	    /* p90 of 1.000 and 1.005 is 1.0045 -> 1.005, which floats miss. */
	    "SELECT put('miraiminds', 'y' || i, 'completed',"
	    " duration_ms => 1000 + 5 * i, assistant => 'p90')"
	    " FROM generate_series(0, 1) i;"
	    /* Rates of 1/3, 2/3; more than a bigint holds. */
	    "SELECT put('miraiminds', 'z' || i, CASE i WHEN 0 THEN 'completed'"
	    " ELSE 'busy' END, duration_ms => 9223372036854775807,"
	    " credits => 9223372036854775807, reattempts => 9223372036854775807,"
	    " success => i > 0, assistant => 'rate')"
	    " FROM generate_series(0, 2) i");
	export(&o);
	assert_report(&o, "assistant_total.csv",
	    "\"provider\",\"assistant_id\",\"assistant_name\"," METRICS
	    "\"miraiminds\",\"half\",,2,0,0,0,2,0,0,0,0,0,0,0,0,0,0,0,2,2,"
	    "1.0000,2,2,0,1.0000,0,0,0,0,2.001,1.001,1.001,1.001,0.0001,"
	    "\"credits\",0.0001,0,0\n"
	    "\"miraiminds\",\"p90\",,2,0,0,0,2,0,0,0,0,0,0,0,0,0,0,0,2,2,"
	    "1.0000,0,0,0,,0,0,0,0,2.005,1.003,1.003,1.005,0,"
	    "\"credits\",,0,0\n"
	    "\"miraiminds\",\"rate\",,3,0,0,0,1,0,0,0,2,0,0,0,0,0,0,0,3,1,"
	    "0.3333,3,2,1,0.6667,0,0,0,0,27670116110564327.421,"
	    "9223372036854775.807,9223372036854780,9223372036854780,"
	    "27670116110564.327421,\"credits\",13835058055282.1637,"
	    "27670116110564327421,0\n");
}

static void
every_outcome_has_its_bucket(void **state)
{
	struct export_options o = options("outcomes");

	(void)state;
	/* The n-th outcome n times, so that no two can be exchanged unseen. */
	exec("SELECT put('p', n || '/' || i, outcome)"
	    " FROM unnest('{queued,in_progress,ended,completed,transferred,"
	    "no_answer,busy,failed,timeout,aborted,skipped,invalid,"
	    "rescheduled,other}'::text[]) WITH ORDINALITY o (outcome, n),"
	    " generate_series(1, n) i;"
	    /* With the flag only three of them are voicemails. */
	    "SELECT put('v', outcome, outcome, voicemail => true)"
	    " FROM unnest('{queued,in_progress,ended,completed,transferred,"
	    "no_answer,busy,failed,timeout,aborted,skipped,invalid,"
	    "rescheduled,other}'::text[]) outcome");
	export(&o);
	assert_report(&o, "campaign_total.csv",
	    "\"provider\",\"campaign_id\",\"campaign_name\"," METRICS
	    "\"p\",,,105,1,2,3,4,5,0,6,7,8,9,10,11,12,13,14,81,21,0.2593,"
	    "0,0,0,,0,0,0,0,0,,,,,,,0,0\n"
	    "\"v\",,,14,1,1,0,0,1,3,1,1,1,0,1,1,1,1,1,11,1,0.0909,"
	    "0,0,0,,0,0,0,0,0,,,,,,,0,0\n");
}

/* -- time -- */

static void
days_and_hours_are_local(void **state)
{
	struct export_options o = options("kolkata");

	(void)state;
	exec("SELECT put('p', 'a', 'completed', '2026-02-01 18:29:59.999999Z'),"
	    " put('p', 'b', 'completed', '2026-02-01 18:30Z',"
	    " '2026-02-01 18:31:59.999999Z')");
	o.tz = "asia/kolkata";
	export(&o);
	assert_report(&o, "hourly.csv",
	    "\"provider\",\"assistant_id\",\"assistant_name\",\"weekday\","
	    "\"hour\",\"calls\",\"connected\",\"connect_rate\"\n"
	    "\"p\",,,1,0,1,1,1.0000\n"
	    "\"p\",,,7,23,1,1,1.0000\n");
	assert_report(&o, "calls.csv", CALLS
	    "\"p\",\"a\",2026-02-01,2026-02-01 23:59:59,,,,,,,,,,"
	    "\"completed\",,,,,,,,,,,,,,,,,1\n"
	    "\"p\",\"b\",2026-02-02,2026-02-02 00:00:00,2026-02-02 00:01:59,"
	    ",,,,,,,,\"completed\",,,,,,,,,,,,,,,,,1\n");
}

/* The calls of a window, one "id day start" a line, by a report of the test. */
static void
assert_window(const char *tz, const char *from, const char *to,
    const char *want)
{
	static int n;
	char folder[32], rows[1024];
	struct export_options o;
	static const char *const name[] = { "seen" };

	if (n == 0) {
		reports_folder("seen");
		write_text("seen/seen.sql",
		    "SELECT call_id::name, day, started_at FROM window_call"
		    " ORDER BY started_at NULLS FIRST, call_id;\n");
	}
	snprintf(folder, sizeof(folder), "window%d", n++);
	o = options(folder);
	o.tz = tz;
	o.from = from;
	o.to = to;
	o.report = name;
	o.reports = 1;
	o.reports_folder = temp_path("seen");
	export(&o);
	snprintf(rows, sizeof(rows), "\"call_id\",\"day\",\"started_at\"\n%s",
	    want);
	assert_report(&o, "seen.csv", rows);
}

static void
summer_time_makes_days_of_23_and_25_hours(void **state)
{
	(void)state;
	/* New York: clocks go forward on March 8th, back on November 1st. */
	exec("SELECT put('p', 'a', 'completed', '2026-03-08 04:59:59Z'),"
	    " put('p', 'b', 'completed', '2026-03-08 05:00Z'),"
	    " put('p', 'c', 'completed', '2026-03-08 06:59:59Z'),"
	    " put('p', 'd', 'completed', '2026-03-08 07:00Z'),"
	    " put('p', 'e', 'completed', '2026-03-09 03:59:59Z'),"
	    " put('p', 'f', 'completed', '2026-03-09 04:00Z'),"
	    " put('p', 'g', 'completed', '2026-11-01 03:59:59Z'),"
	    " put('p', 'h', 'completed', '2026-11-01 04:00Z'),"
	    " put('p', 'i', 'completed', '2026-11-01 05:30Z'),"
	    " put('p', 'j', 'completed', '2026-11-01 06:30Z'),"
	    " put('p', 'k', 'completed', '2026-11-02 04:59:59Z'),"
	    " put('p', 'l', 'completed', '2026-11-02 05:00Z'),"
	    " put('p', 'm', 'completed')");
	assert_window("America/New_York", "2026-03-08", "2026-03-08",
	    "\"b\",2026-03-08,2026-03-08 00:00:00\n"
	    "\"c\",2026-03-08,2026-03-08 01:59:59\n"
	    "\"d\",2026-03-08,2026-03-08 03:00:00\n"
	    "\"e\",2026-03-08,2026-03-08 23:59:59\n");
	assert_window("America/New_York", "2026-11-01", "2026-11-01",
	    "\"h\",2026-11-01,2026-11-01 00:00:00\n"
	    "\"i\",2026-11-01,2026-11-01 01:30:00\n"
	    "\"j\",2026-11-01,2026-11-01 01:30:00\n"
	    "\"k\",2026-11-01,2026-11-01 23:59:59\n");
	assert_window("America/New_York", NULL, "2026-03-07",
	    "\"a\",2026-03-07,2026-03-07 23:59:59\n");
	assert_window("America/New_York", "2026-11-02", NULL,
	    "\"l\",2026-11-02,2026-11-02 00:00:00\n");
	assert_window("America/New_York", "2026-11-03", NULL, "");
}

static void
midnights_that_come_twice_or_never_belong_to_the_right_day(void **state)
{
	(void)state;
	/* Sao Paulo 2018: 24:00 of February 17th was 23:00 again; no 00:00 on November 4th. */
	exec("SELECT put('p', 'a', 'completed', '2018-02-18 01:30Z'),"
	    " put('p', 'b', 'completed', '2018-02-18 02:30Z'),"
	    " put('p', 'c', 'completed', '2018-02-18 03:00Z'),"
	    " put('p', 'd', 'completed', '2018-11-04 02:59:59Z'),"
	    " put('p', 'e', 'completed', '2018-11-04 03:00Z')");
	assert_window("America/Sao_Paulo", "2018-02-17", "2018-02-17",
	    "\"a\",2018-02-17,2018-02-17 23:30:00\n"
	    "\"b\",2018-02-17,2018-02-17 23:30:00\n");
	assert_window("America/Sao_Paulo", "2018-02-18", "2018-11-03",
	    "\"c\",2018-02-18,2018-02-18 00:00:00\n"
	    "\"d\",2018-11-03,2018-11-03 23:59:59\n");
	assert_window("America/Sao_Paulo", "2018-11-04", "2018-11-04",
	    "\"e\",2018-11-04,2018-11-04 01:00:00\n");
}

static void
a_window_holds_for_balances_and_leaves_out_what_has_no_time(void **state)
{
	struct export_options o = options("balances");

	(void)state;
	put_some_calls();
	o.from = "2026-02-02";
	o.to = "2026-02-03";
	export(&o);
	assert_report(&o, "credits_daily.csv",
	    "\"day\",\"provider\",\"workspace\",\"credits_used\","
	    "\"credits_unit\",\"closing_balance\"\n"
	    "2026-02-02,\"miraiminds\",\"w1\",0,\"credits\",\n"
	    "2026-02-03,\"miraiminds\",\"w1\",0,\"credits\",-1.5\n");
	assert_report(&o, "attempts.csv",
	    "\"provider\",\"campaign_id\",\"campaign_name\",\"reattempts\","
	    "\"calls\",\"connected\",\"succeeded\"\n"
	    "\"miraiminds\",\"c2\",,,1,0,0\n");
	assert_report(&o, "followups.csv",
	    "\"provider\",\"call_id\",\"day\",\"assistant_id\","
	    "\"assistant_name\",\"campaign_id\",\"campaign_name\","
	    "\"to_number\",\"outcome\",\"summary\",\"required_actions\","
	    "\"callback_requested\"\n");
}

static void
a_window_finds_its_calls_by_the_index(void **state)
{
	struct err e = ERR_INIT;
	struct db_rows *rows;
	bool found = false;

	(void)state;
	exec("SELECT put('p', i::text, 'completed', timestamptz"
	    " '2025-01-01 00:00Z' + i * interval '30 minutes')"
	    " FROM generate_series(1, 17520) i; ANALYZE calltally.call;"
	    "SELECT set_config('calltally.from', '2025-06-01', false),"
	    " set_config('calltally.to', '2025-06-01', false)");
	rows = db_query(db, "EXPLAIN SELECT * FROM calltally.report_rollup",
	    NULL, 0, &e);
	ok(rows != NULL, &e);
	for (size_t i = 0; i < db_rows_count(rows); i++) {
		struct str line = db_get_text(rows, i, 0);
		char text[512];

		snprintf(text, sizeof(text), "%.*s", STR_ARG(line));
		found |= strstr(text, "call_day_at") != NULL;
		assert_null(strstr(text, "Seq Scan on call"));
	}
	assert_true(found);
	db_rows_free(rows);
	exec("SELECT set_config('calltally.from', '', false),"
	    " set_config('calltally.to', '', false)");
}

/* -- bytes -- */

static void
without_calls_there_are_headers_only(void **state)
{
	struct export_options o = options("nothing");
	struct export_result result;
	struct err e = ERR_INIT;

	(void)state;
	ok(export_run(&o, &result, &e), &e);
	assert_int_equal(result.files, REPORTS + 1);
	assert_string_equal(result.file[REPORTS].name, "restatements.csv");
	for (size_t i = 0; i < REPORTS; i++) {
		char name[64];
		size_t n;
		char *got;

		snprintf(name, sizeof(name), "%s.csv", reports[i]);
		assert_string_equal(result.file[i].name, name);
		assert_int_equal(result.file[i].rows, 0);
		got = read_report(&o, name, &n);
		assert_ptr_equal(strchr(got, '\n'), got + n - 1);
		free(got);
	}
	export_result_free(&result);
}

static void
hostile_text_is_quoted_and_guarded(void **state)
{
	static const char *const name[] = { "followups" };
	struct export_options o = options("hostile");

	(void)state;
	exec("SELECT put('p', '=1+1', 'completed', to_number => '+919876',"
	    " summary => E'say \"hi\",\\r\\nbye', actions => '[\"\"]'),"
	    " put('p', '+1', 'completed', to_number => '+91 9876',"
	    " summary => '-', actions => '[]'),"
	    " put('p', '-1', 'completed', to_number => E'\\tx',"
	    " summary => E'\\\\N \\\\. \\u20ac', actions => '[]'),"
	    " put('p', '@x', 'completed', to_number => '',"
	    " summary => E'\\r', actions => '[]', assistant => '=cmd')");
	exec("INSERT INTO calltally.assistant VALUES ('p', '=cmd', '@SUM(A1)')");
	o.plain = false;
	o.report = name;
	o.reports = 1;
	export(&o);
	assert_report(&o, "followups.csv", "\xef\xbb\xbf"
	    "\"provider\",\"call_id\",\"day\",\"assistant_id\","
	    "\"assistant_name\",\"campaign_id\",\"campaign_name\","
	    "\"to_number\",\"outcome\",\"summary\",\"required_actions\","
	    "\"callback_requested\"\r\n"
	    "\"p\",\"+1\",,,,,,\"'+91 9876\",\"completed\",\"'-\",\"[]\",\r\n"
	    "\"p\",\"'-1\",,,,,,\"'\tx\",\"completed\","
	    "\"\\N \\. \xe2\x82\xac\",\"[]\",\r\n"
	    "\"p\",\"'=1+1\",,,,,,\"+919876\",\"completed\","
	    "\"say \"\"hi\"\",\r\nbye\",\"[\"\"\"\"]\",\r\n"
	    "\"p\",\"'@x\",,\"'=cmd\",\"'@SUM(A1)\",,,,\"completed\","
	    "\"'\r\",\"[]\",\r\n");
}

static void
rows_are_in_byte_order(void **state)
{
	(void)state;
	/* Where a language's order would put the small letters and accents elsewhere. */
	exec("SELECT put('p', id, 'completed', '2026-01-01 00:00Z')"
	    " FROM unnest('{b,B,a,Z,\xc3\xa9,e,_,1}'::text[]) id");
	assert_window("UTC", NULL, NULL,
	    "\"1\",2026-01-01,2026-01-01 00:00:00\n"
	    "\"B\",2026-01-01,2026-01-01 00:00:00\n"
	    "\"Z\",2026-01-01,2026-01-01 00:00:00\n"
	    "\"_\",2026-01-01,2026-01-01 00:00:00\n"
	    "\"a\",2026-01-01,2026-01-01 00:00:00\n"
	    "\"b\",2026-01-01,2026-01-01 00:00:00\n"
	    "\"e\",2026-01-01,2026-01-01 00:00:00\n"
	    "\"\xc3\xa9\",2026-01-01,2026-01-01 00:00:00\n");
}

/* Exports all reports into one folder and each alone into another. */
static void
a_report_alone_is_the_same_as_among_all(void **state)
{
	struct export_options all = options("all");
	struct export_options alone = options("alone");

	(void)state;
	put_some_calls();
	all.tz = alone.tz = "America/New_York";
	export(&all);
	for (size_t i = 0; i < REPORTS; i++) {
		char name[64];
		size_t n;
		char *want;

		alone.report = &reports[i];
		alone.reports = 1;
		export(&alone);
		snprintf(name, sizeof(name), "%s.csv", reports[i]);
		want = read_report(&all, name, &n);
		assert_report(&alone, name, want);
		free(want);
	}
	assert_int_equal(count_entries(alone.out), REPORTS + 1);
}

/* -- a user's reports -- */

static void
types_tell_how_cells_look(void **state)
{
	static const char *const name[] = { "types" };
	struct export_options o = options("types-out");

	(void)state;
	o.reports_folder = reports_folder("types");
	o.report = name;
	o.reports = 1;
	o.tz = "Asia/Kolkata";
	write_text("types/types.sql", "\xef\xbb\xbf-- Every type; ends as people write it.\n"
	    "SELECT true AS b, false AS f, 1::smallint AS s, -2 AS i,\n"
	    "  3::bigint AS l, 1.50 AS n, 'NaN'::numeric AS nan,\n"
	    "  1e22::float8 AS big, -1.5e-7::float8 AS small,\n"
	    "  0.1::float4 AS r, 2.5::float8 AS d, 'Infinity'::float8 AS inf,\n"
	    "  date '2026-02-01' AS day, timestamptz '2026-02-01 00:00:00.9Z' AS t,\n"
	    "  timestamp '2026-02-01 23:59:59.999' AS w, 'infinity'::date AS never,\n"
	    "  'x'::name AS nm, '{\"a\": 1}'::json AS j, '{1,2}'::int[] AS a,\n"
	    "  '00000000-0000-0000-0000-000000000001'::uuid AS u,\n"
	    "  'v'::varchar(9) AS v, '' AS e, NULL::text AS nt, NULL::int AS ni,\n"
	    "  NULL::boolean AS nb, NULL::timestamptz AS ntz, 'c' AS \"a \"\"b\"\n"
	    "; -- the end");
	export(&o);
	assert_report(&o, "types.csv",
	    "\"b\",\"f\",\"s\",\"i\",\"l\",\"n\",\"nan\",\"big\",\"small\","
	    "\"r\",\"d\",\"inf\",\"day\",\"t\",\"w\",\"never\",\"nm\",\"j\","
	    "\"a\",\"u\",\"v\",\"e\",\"nt\",\"ni\",\"nb\",\"ntz\",\"a \"\"b\"\n"
	    "true,false,1,-2,3,1.50,\"NaN\",10000000000000000000000,"
	    "-0.00000015,0.1,2.5,\"Infinity\",2026-02-01,2026-02-01 05:30:00,"
	    "2026-02-01 23:59:59,\"infinity\",\"x\",\"{\"\"a\"\": 1}\","
	    "\"{1,2}\",\"00000000-0000-0000-0000-000000000001\",\"v\",,,,,,"
	    "\"c\"\n");
	assert_int_equal(count_entries(o.out), 2);
}

static void
a_users_report_adds_to_or_replaces_the_built_in_ones(void **state)
{
	struct export_options o = options("own-out");
	struct stat st;

	(void)state;
	put_some_calls();
	o.reports_folder = reports_folder("own");
	write_text("own/calls.sql", "SELECT count(*) AS n FROM window_call");
	write_text("own/mine.sql", "SELECT report, sum(calls) AS calls"
	    " FROM report_rollup GROUP BY 1 ORDER BY 1;\n");
	write_text("own/notes.txt", "not SQL");
	write_text("own/.hidden.sql", "not SQL");
	export(&o);
	assert_report(&o, "calls.csv", "\"n\"\n9\n");
	assert_report(&o, "mine.csv", "\"report\",\"calls\"\n"
	    "\"assistant_campaign_daily\",9\n\"assistant_daily\",9\n"
	    "\"assistant_total\",9\n\"campaign_daily\",9\n"
	    "\"campaign_total\",9\n");
	assert_int_equal(count_entries(o.out), REPORTS + 3);
	assert_int_equal(stat(o.out, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0750);
}

static void
assert_report_fails(const char *sql, const char *text)
{
	static const char *const wanted[] = { "calls", "failing" };
	struct export_options o = options("failing-out");

	write_text("failing/failing.sql", sql);
	o.reports_folder = temp_path("failing");
	o.report = wanted;
	o.reports = 2;
	assert_fails(&o, ERR_FAILED, text);
	assert_fails(&o, ERR_FAILED, "failing/failing.sql: ");
}

static void
a_failing_report_is_named_and_leaves_the_old_files(void **state)
{
	static const char *const wanted[] = { "calls" };
	struct export_options o = options("failing-out");
	char *calls, *manifest;
	size_t n;

	(void)state;
	reports_folder("failing");
	o.report = wanted;
	o.reports = 1;
	export(&o);
	calls = read_report(&o, "calls.csv", &n);
	manifest = read_report(&o, "manifest.json", &n);
	put_some_calls();
	assert_report_fails("SELEC 1", "syntax error");
	assert_report_fails("SELECT nothing FROM window_call", "nothing");
	assert_report_fails("", "failing.sql");
	assert_report_fails("SELECT 1 / (n - 5) AS x"
	    " FROM generate_series(1, 9) n", "division by zero");
	assert_report_fails("DELETE FROM calltally.call RETURNING call_id",
	    "read-only");
	assert_report_fails("WITH d AS (DELETE FROM calltally.call RETURNING 1)"
	    " SELECT * FROM d", "read-only");
	assert_report_fails("SELECT 1; DELETE FROM calltally.call", "failing.sql");
	assert_report_fails("SELECT 1) TO STDOUT; DELETE FROM calltally.call; --",
	    "failing.sql");
	assert_report_fails("SELECT $1::text", "parameters");
	assert_report(&o, "calls.csv", calls);
	assert_report(&o, "manifest.json", manifest);
	assert_int_equal(count_entries(o.out), 2);
	free(calls);
	free(manifest);
}

/* A report that would take for ever must not keep a failed export waiting. */
static void
the_first_failure_stops_the_other_connection(void **state)
{
	static const char *const wanted[] = { "bad", "slow" };
	struct export_options o = options("slow-out");

	(void)state;
	o.reports_folder = reports_folder("slow");
	o.report = wanted;
	o.reports = 2;
	write_text("slow/slow.sql", "SELECT pg_sleep(600)");
	write_text("slow/bad.sql", "SELECT 1 / 0 AS x FROM pg_sleep(0.3)");
	alarm(60);
	assert_fails(&o, ERR_FAILED, "slow/bad.sql: ");
	alarm(0);
	assert_int_equal(count_entries(o.out), 0);
}

/* -- what was asked for -- */

static void
what_cannot_be_meant_is_a_usage_error(void **state)
{
	static const char *const zones[] = {
		"Nowhere/City", "UTC+3", "<+03>-3", "PST", "", "Foo/Bar3",
		"../UTC", "Asia/Kolkata'; DROP TABLE calltally.call",
	};
	static const char *const days[] = {
		"2026-02-29", "2026-13-01", "2026-00-01", "2026-01-00",
		"2026-04-31", "0000-01-01", "2026-1-01", "20260101", "today",
		"", "2026-01-01 ", " 2026-01-0", "2026-01--1", "1900-02-29",
	};
	static const char *const unknown[] = { "calls", "cals" };
	struct export_options o;

	(void)state;
	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
		o = options("usage");
		o.tz = zones[i];
		assert_fails(&o, ERR_USAGE, "no time zone is named");
	}
	for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++) {
		o = options("usage");
		o.from = days[i];
		assert_fails(&o, ERR_USAGE, "--from");
		o.from = NULL;
		o.to = days[i];
		assert_fails(&o, ERR_USAGE, "--to");
	}
	o = options("usage");
	o.from = "2026-02-02";
	o.to = "2026-02-01";
	assert_fails(&o, ERR_USAGE, "behind");
	o = options("usage");
	o.report = unknown;
	o.reports = 2;
	assert_fails(&o, ERR_USAGE, "\"cals\"; there are: assistant_campaign");
	assert_int_not_equal(access(o.out, F_OK), 0);
}

static void
zones_of_every_spelling_are_taken(void **state)
{
	static const char *const zones[] = {
		"UTC", "Etc/GMT+3", "EST5EDT", "america/port-au-prince",
		"Asia/Kathmandu",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++)
		assert_window(zones[i], "2024-02-29", "2024-02-29", "");
}

static void
a_folder_that_cannot_be_is_told(void **state)
{
	struct export_options o = options("no/where");

	(void)state;
	assert_fails(&o, ERR_FAILED, "no/where");
	write_text("file", "");
	o.out = temp_path("file");
	assert_fails(&o, ERR_FAILED, "file");
	o = options("somewhere");
	o.reports_folder = temp_path("nowhere");
	assert_fails(&o, ERR_FAILED, "nowhere");
	assert_int_not_equal(access(o.out, F_OK), 0);
}

/* -- the manifest -- */

static void
assert_hash(const struct export_options *o, json_t *file)
{
	const char *name = json_string_value(json_object_get(file, "name"));
	char hex[SHA256_HEX_BYTES];
	struct sha256 hash;
	size_t n;
	char *got = read_report(o, name, &n);

	sha256_init(&hash);
	sha256_add(&hash, got, n);
	sha256_end(&hash, hex);
	assert_string_equal(json_string_value(json_object_get(file, "sha256")),
	    hex);
	assert_int_equal(json_integer_value(json_object_get(file, "bytes")), n);
	free(got);
}

static void
the_manifest_tells_what_the_files_are(void **state)
{
	struct export_options o = options("manifest");
	json_t *root, *files;
	size_t n;
	char *text;

	(void)state;
	put_some_calls();
	exec("INSERT INTO calltally.run (run_id, command, started_at,"
	    " finished_at, state) VALUES"
	    " (md5('1')::uuid, 'ingest', '2026-02-01 00:00Z', NULL, 'failed'),"
	    " (md5('2')::uuid, 'map', '2026-02-02 00:00Z',"
	    " '2026-02-02 00:01Z', 'done');"
	    "INSERT INTO calltally.source (source_id, name, lines, events,"
	    " duplicates, rejected, ignored, finished, first_run, last_run,"
	    " first_read_at, last_read_at) SELECT i, i::text, 10, 4, 3, 2, 1,"
	    " i < 3, md5('1')::uuid, md5('1')::uuid, '2026-02-01', '2026-02-01'"
	    " FROM generate_series(1, 3) i");
	o.from = "2026-02-01";
	o.tz = "asia/kolkata";
	export(&o);
	text = read_report(&o, "manifest.json", &n);
	root = json_loads(text, 0, NULL);
	assert_non_null(root);
	files = json_object_get(root, "files");
	assert_int_equal(json_array_size(files), REPORTS + 1);
	for (size_t i = 0; i < REPORTS; i++)
		assert_hash(&o, json_array_get(files, i));
	assert_int_equal(json_integer_value(json_object_get(
	    json_array_get(files, 4), "rows")), 8);
	json_object_del(root, "files");
	json_object_del(root, "publication");
	free(text);
	text = json_dumps(root, JSON_COMPACT);
	assert_string_equal(text, "{\"calltally\":\"0.1.0\",\"window\":"
	    "{\"from\":\"2026-02-01\",\"to\":null},"
	    "\"time_zone\":\"Asia/Kolkata\",\"dialect\":\"plain\","
	    "\"phones\":\"full\",\"changed_only\":false,"
	    "\"ledger\":{\"sources\":3,\"finished\":2,\"unfinished\":1,"
	    "\"lines\":30,\"events\":12,\"duplicates\":9,\"rejected\":6,"
	    "\"ignored\":3,\"last_run\":{\"id\":"
	    "\"c81e728d-9d4c-2f63-6f06-7f89cc14862c\",\"command\":\"map\","
	    "\"state\":\"done\",\"started_at\":\"2026-02-02T00:00:00Z\","
	    "\"finished_at\":\"2026-02-02T00:01:00Z\"}}}");
	free(text);
	json_decref(root);
}

/* -- rights -- */

static void
units_follow_the_profiles(void **state)
{
	static const char *const wanted[] = { "credits_daily" };
	struct export_options o = options("units");

	(void)state;
	exec("INSERT INTO calltally.provider VALUES"
	    " ('miraiminds', 'Old', 'EUR'), ('whippy', 'Whippy', 'USD'),"
	    " ('retired', 'Retired', 'INR');"
	    "SELECT put(p, '1', 'completed', credits => 12300000)"
	    " FROM unnest('{miraiminds,whippy,retired,ghost}'::text[]) p");
	o.report = wanted;
	o.reports = 1;
	export(&o);
	assert_report(&o, "credits_daily.csv",
	    "\"day\",\"provider\",\"workspace\",\"credits_used\","
	    "\"credits_unit\",\"closing_balance\"\n"
	    ",\"ghost\",,,,\n"
	    ",\"miraiminds\",,12.3,\"credits\",\n"
	    ",\"retired\",,12.3,\"INR\",\n"
	    ",\"whippy\",,,,\n");
}

static void
a_role_that_may_only_read_can_export(void **state)
{
	struct export_options o = options("reader");
	struct export_options mine = options("writer");
	char conninfo[1200], sql[512];

	(void)state;
	put_some_calls();
	export(&mine);
	snprintf(sql, sizeof(sql), "CREATE ROLE test_reader LOGIN;"
	    "GRANT USAGE ON SCHEMA calltally TO test_reader;"
	    "GRANT SELECT ON ALL TABLES IN SCHEMA calltally TO test_reader;"
	    "REVOKE TEMPORARY ON DATABASE test_export_%ld FROM PUBLIC",
	    (long)getpid());
	exec(sql);
	snprintf(conninfo, sizeof(conninfo), "%s user=test_reader", dsn);
	o.conninfo = conninfo;
	export(&o);
	for (size_t i = 0; i < REPORTS; i++) {
		char name[64];
		size_t n;
		char *want;

		snprintf(name, sizeof(name), "%s.csv", reports[i]);
		want = read_report(&mine, name, &n);
		assert_report(&o, name, want);
		free(want);
	}
	exec("DROP OWNED BY test_reader; DROP ROLE test_reader");
}

/* What was published comes back to the byte, whatever callers said, in both dialects. */
static void
what_was_published_comes_back_to_the_byte(void **state)
{
	static const char *const dated[] = {
		"assistant_campaign_daily", "assistant_daily", "calls",
		"campaign_daily", "credits_daily", "followups",
	};

	(void)state;
	for (int plain = 0; plain < 2; plain++) {
		struct export_options o = options(plain ? "past-1" : "past-0");
		struct export_options then = options(plain ? "then-1" : "then-0");
		struct export_result result;
		struct err e = ERR_INIT;
		int64_t at_us;

		if (plain == 0) {
			put_some_calls();
			exec("SELECT put('a\"b', e'x,\n\"y\"\x01z', 'completed',"
			    " '2026-02-01 10:00Z', assistant => e'\x01=1',"
			    " campaign => ';', summary => e'=1+1\r\n\"\",\t\\\\',"
			    " insights => '{\"callback_requested\":true}')");
			exec("SELECT put('p', 'x' || i, 'completed',"
			    " '2026-02-03 10:00Z', summary => repeat('\"', i))"
			    " FROM generate_series(1, 300) i");
		}
		o.plain = plain;
		export(&o);
		ok(export_as_of(&then, "2099-01-01", &result, &at_us, &e), &e);
		assert_int_equal(result.files, 6);
		export_result_free(&result);
		for (size_t i = 0; i < 6; i++) {
			char name[64];
			size_t n;
			char *want;

			snprintf(name, sizeof(name), "%s.csv", dated[i]);
			want = read_report(&o, name, &n);
			assert_report(&then, name, want);
			free(want);
		}
	}
}

#define test(f) cmocka_unit_test_setup(f, empty_tables)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		test(rollups_are_as_reckoned_by_hand),
		test(other_reports_are_as_reckoned_by_hand),
		test(calls_show_all_that_is_known_of_them),
		test(numbers_are_rounded_half_away_from_zero),
		test(every_outcome_has_its_bucket),
		test(days_and_hours_are_local),
		test(summer_time_makes_days_of_23_and_25_hours),
		test(midnights_that_come_twice_or_never_belong_to_the_right_day),
		test(a_window_holds_for_balances_and_leaves_out_what_has_no_time),
		test(a_window_finds_its_calls_by_the_index),
		test(without_calls_there_are_headers_only),
		test(hostile_text_is_quoted_and_guarded),
		test(rows_are_in_byte_order),
		test(a_report_alone_is_the_same_as_among_all),
		test(types_tell_how_cells_look),
		test(a_users_report_adds_to_or_replaces_the_built_in_ones),
		test(a_failing_report_is_named_and_leaves_the_old_files),
		test(the_first_failure_stops_the_other_connection),
		test(what_cannot_be_meant_is_a_usage_error),
		test(zones_of_every_spelling_are_taken),
		test(a_folder_that_cannot_be_is_told),
		test(the_manifest_tells_what_the_files_are),
		test(units_follow_the_profiles),
		test(a_role_that_may_only_read_can_export),
		test(what_was_published_comes_back_to_the_byte),
	};

	return cmocka_run_group_tests_name("export", tests, open_group,
	    close_group);
}
