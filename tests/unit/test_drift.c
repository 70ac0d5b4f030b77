/*
 * Drift: what is news to a profile and what is not, and that hostile news
 * stay few, short and harmless.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "base/clock.h"
#include "call/decode.h"
#include "io/doc.h"
#include "temp.h"

static const char profile[] =
    "{'provider':'acme','title':'Acme','types':['started',['done']],"
    "'status':{'fine':'completed'},'volatile':['/try'],'shapes':["
    "{'name':'hook','kind':'webhook','roots':['/event/data','/event'],"
    "'match':[{'at':'/event','is':'object'}],'type':'/event/type',"
    "'call_id':'call/id','status':'call/state','event_time':'/at',"
    "'known':['/meta/*','call/color','/one/a~1b'],"
    "'fields':{'insights':'call/insights','campaign_id':'/meta/campaign',"
    "'sentiment':'call/insights/mood','summary':'call/notes',"
    "'recording_url':{'each':'/files','at':'/url'}}},"
    "{'name':'log','kind':'dispatch','match':[{'at':'/log','is':'object'}],"
    "'call_id':'/log/id','fields':{'workspace':'/log/team/name'}}]}";

static struct profiles *set;
static struct decoder *decoder;
static struct arena arena;
static struct drift_set drift;

/* ' for " in place. */
static char *
q(char *text)
{
	for (char *c = text; *c != '\0'; c++)
		if (*c == '\'')
			*c = '"';
	return text;
}

static int
setup(void **state)
{
	char text[sizeof(profile)];
	struct err err = ERR_INIT;

	(void)state;
	memcpy(text, profile, sizeof(profile));
	arena_init(&arena, 0);
	set = profiles_load_file(temp_write("acme.json", q(text),
	    sizeof(text) - 1), &err);
	assert_string_equal(err.text, "");
	assert_non_null(decoder = decoder_open(set));
	decoder_watch(decoder, &drift);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	decoder_close(decoder);
	profiles_free(set);
	arena_close(&arena);
	return 0;
}

static int
forget(void **state)
{
	(void)state;
	arena_reset(&arena);
	drift = (struct drift_set){ .arena = &arena };
	return 0;
}

/* Decodes n bytes as the next line. */
static void
line_of(const char *text, size_t n)
{
	struct decode_warnings w = { 0 };
	struct decode_out out;
	char *line = calloc(1, n + DOC_PADDING_BYTES);

	memcpy(line, text, n);
	drift.line++;
	assert_int_equal(decode_line(decoder, (struct str){ line, n }, &arena,
	    &w, &out), DECODED_EVENT);
	free(line);
}

static void
line(const char *text)
{
	char copy[4096];

	(void)snprintf(copy, sizeof(copy), "%s", text);
	line_of(q(copy), strlen(copy));
}

/* The only finding so far. */
static const struct drift *
only(enum drift_kind kind, const char *name)
{
	assert_int_equal(drift.n, 1);
	assert_int_equal(drift.v[0].kind, kind);
	assert_int_equal(drift.v[0].name.n, strlen(name));
	assert_memory_equal(drift.v[0].name.p, name, strlen(name));
	return &drift.v[0];
}

static void
what_the_profile_reads_or_names_is_no_news(void **state)
{
	(void)state;
	line("{'at':'2026-03-01','try':7,'meta':{'campaign':'c','any':{'x':1}},"
	    "'event':{'type':'done','data':{'call':{'id':1,'state':'fine',"
	    "'color':'red','notes':'n','insights':{'mood':'good','else':2}}},"
	    "'call':{'id':1}},'one':{'a/b':{'deep':true}},"
	    "'files':[{'url':'u','size':3}]}");
	line("{'log':{'id':1,'team':{'name':'t'}}}");
	assert_int_equal(drift.n, 0);
	assert_int_equal(drift.left_out, 0);
}

static void
a_new_member_is_told_by_its_pointer_and_first_line(void **state)
{
	const struct drift *d;

	(void)state;
	line("{'event':{'call':{'id':1}}}");
	line("{'at':'2026-03-01T10:00:00Z','event':{'call':{'id':1,'gender':'f'}}}");
	line("{'event':{'call':{'gender':'m','id':1,'gender':'f'}}}");
	d = only(DRIFT_MEMBER, "/event/call/gender");
	assert_int_equal(d->line, 2);
	assert_int_equal(d->lines, 2);
	assert_true(str_eq(d->provider, STR("acme")));
	assert_true(str_eq(d->shape, STR("hook")));
	assert_true(d->time_us != TIME_NONE);
}

static void
each_shape_has_its_own_knowledge(void **state)
{
	(void)state;
	line("{'log':{'id':1},'meta':{'any':1}}");
	only(DRIFT_MEMBER, "/meta");
	(void)forget(NULL);
	line("{'event':{'call':{'id':1}},'meta':{'any':1}}");
	assert_int_equal(drift.n, 0);
}

static void
silence_is_no_news(void **state)
{
	(void)state;
	line("{'event':{'call':{'id':1,'a':null,'b':'','c':[],'d':{}}}}");
	assert_int_equal(drift.n, 0);
	line("{'event':{'call':{'id':1,'a':false}}}");
	only(DRIFT_MEMBER, "/event/call/a");
}

static void
below_an_unknown_member_nothing_is_told(void **state)
{
	(void)state;
	line("{'event':{'call':{'id':1}},'new':{'a':1,'b':{'c':2}}}");
	only(DRIFT_MEMBER, "/new");
}

static void
names_are_told_as_pointers(void **state)
{
	(void)state;
	line("{'event':{'call':{'id':1}},'a/b~c':1}");
	only(DRIFT_MEMBER, "/a~1b~0c");
	assert_true(drift_is_known(set, STR("acme"), STR("hook"), DRIFT_MEMBER,
	    STR("/one/a~1b")));
}

static void
types_and_statuses_that_no_profile_has_are_news(void **state)
{
	(void)state;
	line("{'event':{'type':'sung','call':{'id':1}}}");
	only(DRIFT_TYPE, "sung");
	(void)forget(NULL);
	line("{'event':{'type':'done','call':{'id':1,'state':'odd'}}}");
	only(DRIFT_STATUS, "odd");
}

static void
long_names_are_cut_between_characters(void **state)
{
	enum { N = 300 * 1024 };
	char *text = malloc(2 * N + 100);
	int n = sprintf(text, "{\"event\":{\"call\":{\"id\":1}},\"x");
	struct str name;

	(void)state;
	for (int i = 0; i < N; i++)
		n += sprintf(text + n, "\xc3\xa4");
	n += sprintf(text + n, "\":1}");
	line_of(text, (size_t)n);
	free(text);
	assert_int_equal(drift.n, 1);
	name = drift.v[0].name;
	assert_true(name.n <= DRIFT_NAME_BYTES && name.n > DRIFT_NAME_BYTES - 8);
	assert_int_equal(str_utf8_bytes(name), name.n);
	assert_true(str_ends(name, STR("...")));
}

static void
a_nul_in_a_name_is_replaced(void **state)
{
	(void)state;
	line("{'event':{'call':{'id':1}},'a\\u0000b':1}");
	only(DRIFT_MEMBER, "/a\xef\xbf\xbd" "b");
}

static void
many_names_end_at_the_cap_and_are_counted(void **state)
{
	enum { N = 10000 };
	char *text = malloc(N * 16 + 100);
	int n = sprintf(text, "{\"event\":{\"call\":{\"id\":1}}");

	(void)state;
	for (int i = 0; i < N; i++)
		n += sprintf(text + n, ",\"k%d\":1", i);
	n += sprintf(text + n, "}");
	line_of(text, (size_t)n);
	free(text);
	assert_int_equal(drift.n, DRIFT_SET_MAX);
	assert_int_equal(drift.left_out, N - DRIFT_SET_MAX);
	assert_true(arena.held_bytes < 256 * 1024);
}

static void
profiles_know_what_they_have_learnt(void **state)
{
	static const struct {
		enum drift_kind kind;
		const char *name;
		bool known;
	} t[] = {
		{ DRIFT_MEMBER, "/event/call/color", true },
		{ DRIFT_MEMBER, "/event/data/call/color", true },
		{ DRIFT_MEMBER, "/event/call/gender", false },
		{ DRIFT_MEMBER, "/meta/anything/at/all", true },
		{ DRIFT_MEMBER, "/call", false },
		{ DRIFT_MEMBER, "no pointer", false },
		{ DRIFT_MEMBER, "/event/call/insights/new", true },
		{ DRIFT_TYPE, "done", true }, { DRIFT_TYPE, "sung", false },
		{ DRIFT_STATUS, "FINE", true }, { DRIFT_STATUS, "odd", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (drift_is_known(set, STR("acme"), STR("hook"), t[i].kind,
		    str_of(t[i].name)) != t[i].known)
			fail_msg("%s: not %d", t[i].name, t[i].known);
	assert_false(drift_is_known(set, STR("gone"), STR("hook"), DRIFT_TYPE,
	    STR("done")));
	assert_false(drift_is_known(set, STR("acme"), STR("gone"), DRIFT_MEMBER,
	    STR("/try")));
	assert_true(drift_is_known(set, STR("acme"), STR("log"), DRIFT_MEMBER,
	    STR("/try")));
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup(f, forget)
	const struct CMUnitTest tests[] = {
		TEST(what_the_profile_reads_or_names_is_no_news),
		TEST(a_new_member_is_told_by_its_pointer_and_first_line),
		TEST(each_shape_has_its_own_knowledge),
		TEST(silence_is_no_news),
		TEST(below_an_unknown_member_nothing_is_told),
		TEST(names_are_told_as_pointers),
		TEST(types_and_statuses_that_no_profile_has_are_news),
		TEST(long_names_are_cut_between_characters),
		TEST(a_nul_in_a_name_is_replaced),
		TEST(many_names_end_at_the_cap_and_are_counted),
		TEST(profiles_know_what_they_have_learnt),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
