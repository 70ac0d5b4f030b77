/*
 * Profiles: what the loader accepts, what it refuses and how it says so, and
 * what the profile of a new provider can do without a line of C.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include <sys/stat.h>

#include "call/decode.h"
#include "call/pointer.h"
#include "io/doc.h"
#include "temp.h"

/* text with ' for ", in one of a few buffers in turn. */
static const char *
q(const char *text)
{
	static char buffers[4][16 * 1024];
	static unsigned next;
	char *out = buffers[next++ % 4];
	size_t n = strlen(text);

	assert_true(n < sizeof(buffers[0]));
	for (size_t i = 0; i <= n; i++)
		out[i] = text[i] == '\'' ? '"' : text[i];
	return out;
}

static const char *
profile_file(const char *name, const char *text)
{
	const char *p = q(text);

	return temp_write(name, p, strlen(p));
}

/* All findings, one a line. */
static char findings[16 * 1024];

static void
collect(void *data, const char *finding)
{
	(void)data;
	strncat(findings, finding, sizeof(findings) - strlen(findings) - 2);
	strcat(findings, "\n");
}

static bool
check(const char *text)
{
	struct err err = ERR_INIT;
	bool good;

	findings[0] = '\0';
	good = profile_check(profile_file("check.json", text), collect, NULL,
	    &err);
	assert_int_equal(err.kind, ERR_NONE);
	assert_int_equal(good, findings[0] == '\0');
	return good;
}

static void
finds(const char *text, const char *finding)
{
	assert_false(check(text));
	if (strstr(findings, finding) == NULL)
		fail_msg("not found: %s\namong:\n%s", finding, findings);
}

static int
finding_count(void)
{
	int n = 0;

	for (const char *p = findings; *p != '\0'; p++)
		n += *p == '\n';
	return n;
}

/* A profile with one shape, whose inside follows. */
#define PROFILE(top, shape) \
	"{'provider':'acme','title':'Acme','types':['a',['b','c']]," \
	"'status':{'done':'completed','x.*':'failed','x.y.*':'busy'," \
	"'x.y.z':'timeout','vm':{'outcome':'completed','voicemail':true}}," \
	top "'shapes':[{'name':'hook','kind':'webhook'," shape "}]}"
#define MATCH "'match':[{'at':'/id','is':'stated'}],'call_id':'/id',"

static void
embedded_profiles_load_in_the_order_of_their_names(void **state)
{
	struct err err = ERR_INIT;
	struct profiles *set = profiles_load(NULL, &err);

	(void)state;
	assert_non_null(set);
	assert_int_equal(profiles_count(set), 3);
	for (size_t i = 1; i < profiles_count(set); i++)
		assert_true(str_cmp(profile_name(profiles_at(set, i - 1)),
		    profile_name(profiles_at(set, i))) < 0);
	assert_null(profiles_find(set, STR("acme")));
	profiles_free(set);
}

static void
embedded_profiles_state_their_api(void **state)
{
	struct err err = ERR_INIT;
	struct profiles *set = profiles_load(NULL, &err);
	const struct profile_api *api;

	(void)state;
	assert_non_null(set);
	api = profile_api(profiles_find(set, STR("minivoice")));
	assert_string_equal(api->base_url, "https://api.minivoice.eu");
	assert_string_equal(api->header[0].variable, "MINIVOICE_API_KEY");
	assert_string_equal(api->header[0].prefix, "Bearer ");
	assert_string_equal(api->request[1].path, "/v1/calls/{call_id}/ai");
	assert_int_equal(api->request[1].path_of, FIELD_COUNT);
	api = profile_api(profiles_find(set, STR("miraiminds")));
	assert_int_equal(api->n_headers, 3);
	assert_null(api->request[0].path);
	assert_int_equal(api->request[0].path_of, FIELD_DETAIL_URL);
	api = profile_api(profiles_find(set, STR("whippy")));
	assert_int_equal(api->rate_milli, 25000);
	assert_string_equal(api->request[0].page->cursor, "/metadata/next_cursor");
	assert_int_equal(api->request[0].page->limit, 500);
	profiles_free(set);
}

static void
stages_are_the_places_of_types(void **state)
{
	struct err err = ERR_INIT;
	struct profiles *set = profiles_load_file(profile_file("acme.json",
	    PROFILE("", MATCH "'fields':{}")), &err);
	const struct profile *p;

	(void)state;
	assert_non_null(set);
	p = profiles_find(set, STR("acme"));
	assert_int_equal(profile_stage(p, STR("a")), 0);
	assert_int_equal(profile_stage(p, STR("b")), 1);
	assert_int_equal(profile_stage(p, STR("c")), 1);
	assert_int_equal(profile_stage(p, STR("d")), 2);
	assert_int_equal(profile_stage(p, (struct str){ NULL, 0 }), 2);
	assert_true(str_eq(profile_credits_unit(p), STR("")));
	assert_null(profile_api(p));
	profiles_free(set);
}

static void
a_file_of_a_folder_adds_or_replaces(void **state)
{
	struct err err = ERR_INIT;
	struct profiles *set;
	const char *p = q("{'provider':'whippy','title':'Mine','types':[],"
	    "'status':{},'shapes':[{'name':'s','kind':'webhook'," MATCH
	    "'fields':{}}]}");

	(void)state;
	assert_int_equal(mkdir(temp_path("profiles"), 0700), 0);
	temp_write("profiles/w.json", p, strlen(p));
	p = q(PROFILE("", MATCH "'fields':{}"));
	temp_write("profiles/acme.json", p, strlen(p));
	temp_write("profiles/notes.txt", "not read", 8);
	set = profiles_load(temp_path("profiles"), &err);
	assert_string_equal(err.text, "");
	assert_int_equal(profiles_count(set), 4);
	assert_true(str_eq(profile_title(profiles_find(set, STR("whippy"))),
	    STR("Mine")));
	assert_true(str_starts(
	    profile_source_text(profiles_find(set, STR("acme"))), STR("{")));
	profiles_free(set);

	temp_write("profiles/again.json", p, strlen(p));
	assert_null(profiles_load(temp_path("profiles"), &err));
	assert_non_null(strstr(err.text, "acme is also in"));
}

static void
a_refused_profile_names_file_place_and_rule(void **state)
{
	struct err err = ERR_INIT;
	const char *path = profile_file("bad.json",
	    PROFILE("", MATCH "'fields':{'colour':'/colour'}"));

	(void)state;
	assert_null(profiles_load_file(path, &err));
	assert_non_null(strstr(err.text, path));
	assert_non_null(strstr(err.text, "/shapes/0/fields/colour: "
	    "there is no field of that name"));
}

static void
files_that_cannot_be_read_are_errors(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_null(profiles_load_file(temp_path("none.json"), &err));
	assert_int_equal(err.kind, ERR_FAILED);
	err = (struct err)ERR_INIT;
	assert_null(profiles_load(temp_path("no-folder"), &err));
	assert_int_equal(err.kind, ERR_FAILED);
	err = (struct err)ERR_INIT;
	findings[0] = '\0';
	assert_false(profile_check(temp_path("none.json"), collect, NULL, &err));
	assert_int_equal(err.kind, ERR_FAILED);
	assert_string_equal(findings, "");
}

static void
check_accepts_the_embedded_profiles(void **state)
{
	struct err err = ERR_INIT;
	struct profiles *set = profiles_load(NULL, &err);

	(void)state;
	for (size_t i = 0; i < profiles_count(set); i++) {
		struct str s = profile_source_text(profiles_at(set, i));

		findings[0] = '\0';
		profile_check(temp_write("e.json", s.p, s.n), collect, NULL, &err);
		assert_string_equal(findings, "");
	}
	profiles_free(set);
}

static void
check_says_all_that_is_wrong(void **state)
{
	(void)state;
	finds("{'types':5,'status':{'a':'b'},'shapes':[{'name':'s',"
	    "'kind':'phone','match':[],'fields':{'duration':'/d'}}],'x':1}",
	    "/: \"provider\" is missing");
	finds("{'types':5,'status':{'a':'b'},'shapes':[{'name':'s',"
	    "'kind':'phone','match':[],'fields':{'duration':'/d'}}],'x':1}",
	    "/status/a: \"b\" is no outcome");
	assert_int_equal(finding_count(), 9);
	assert_non_null(strstr(findings, "/: \"title\" is missing"));
	assert_non_null(strstr(findings, "/x: unknown member"));
	assert_non_null(strstr(findings, "/types: must be a list"));
	assert_non_null(strstr(findings,
	    "/shapes/0/kind: must be webhook, dispatch or detail"));
	assert_non_null(strstr(findings, "/shapes/0/match: has no rule"));
	assert_non_null(strstr(findings, "/shapes/0: \"call_id\" is missing"));
	assert_non_null(strstr(findings, "/shapes/0/fields/duration: needs a \"unit\""));
}

static void
check_finds_what_is_no_json(void **state)
{
	(void)state;
	finds("{'provider':", "line 1 column ");
	finds("[]", "/: must be an object");
	finds("{'title':'a','title':'b'}", "duplicate object key");
}

static void
check_finds_bad_places(void **state)
{
	(void)state;
	finds(PROFILE("", MATCH "'fields':{'summary':'/a~2'}"),
	    "/shapes/0/fields/summary: \"/a~2\" is no JSON Pointer");
	finds(PROFILE("", MATCH "'fields':{'summary':'a/b'}"),
	    "does not begin with \"/\", and the shape has no \"roots\"");
	finds(PROFILE("", MATCH "'fields':{'summary':5}"),
	    "/shapes/0/fields/summary: must be a place");
	finds(PROFILE("", MATCH "'fields':{'summary':[]}"), "names no place");
	finds(PROFILE("", MATCH "'fields':{'summary':{'at':'/a','unit':'s'}}"),
	    "/shapes/0/fields/summary/unit: this field has no unit");
	finds(PROFILE("", MATCH "'fields':{'duration':{'at':'/a','unit':'h'}}"),
	    "/shapes/0/fields/duration/unit: must be ms, s or min");
	finds(PROFILE("", MATCH "'fields':{'success':{'const':'yes'}}"),
	    "/shapes/0/fields/success/const: cannot stand here");
	finds(PROFILE("", MATCH "'fields':{'summary':{'each':'/l','when':[]}}"),
	    "/shapes/0/fields/summary: \"at\" is missing");
	finds(PROFILE("", MATCH "'fields':{'summary':{'at':'/l','when':'never'}}"),
	    "/shapes/0/fields/summary/when: may stand here only beside \"each\"");
	finds(PROFILE("", MATCH "'type':{'type_after':'x'},'fields':{}"),
	    "/shapes/0/type/type_after: cannot stand here");
	finds(PROFILE("", MATCH "'event_time':{'at':'/t','when':'never'},'fields':{}"),
	    "/shapes/0/event_time/when: must be ended_or_terminal");
}

static void
check_finds_bad_rules(void **state)
{
	(void)state;
	finds(PROFILE("", "'match':[{'at':'/id'}],'call_id':'/id','fields':{}"),
	    "/shapes/0/match/0: asks nothing");
	finds(PROFILE("", "'match':[{'is':'text'}],'call_id':'/id','fields':{}"),
	    "/shapes/0/match/0: \"at\" is missing");
	finds(PROFILE("", "'match':[{'at':'/id','is':'string'}],'call_id':'/id','fields':{}"),
	    "/shapes/0/match/0/is: must be text, object");
	finds(PROFILE("", "'match':[{'at':'/id','like':'x'}],'call_id':'/id','fields':{}"),
	    "/shapes/0/match/0/like: unknown member");
	finds(PROFILE("", MATCH "'ignore':[{'when':[{'at':'/a','is':'text'}]}],'fields':{}"),
	    "/shapes/0/ignore/0: \"because\" is missing");
}

static void
check_finds_bad_maps(void **state)
{
	(void)state;
	finds(PROFILE("'sentiment':{'good':'great'},", MATCH "'fields':{}"),
	    "/sentiment/good: must be positive");
	finds("{'provider':'A b','title':'t','types':['a','a'],"
	    "'status':{'x':'busy','X':'failed'},'shapes':[]}",
	    "/status/X: stands twice but for its case");
	assert_non_null(strstr(findings, "/provider: must be of a-z"));
	assert_non_null(strstr(findings, "/types/1: \"a\" is listed twice"));
	assert_non_null(strstr(findings, "/shapes: has no shape"));
}

static void
check_finds_bad_apis(void **state)
{
	(void)state;
	finds(PROFILE("'api':{'base_url':'http://x','rate_per_second':0,"
	    "'headers':[{'name':'a'}],'requests':[{'name':'r','method':'PUT'}]},",
	    MATCH "'fields':{}"),
	    "/api/base_url: must begin with https://");
	assert_non_null(strstr(findings, "/api/rate_per_second: must be above 0"));
	assert_non_null(strstr(findings, "/api/headers/0: \"variable\" is missing"));
	assert_non_null(strstr(findings, "/api/requests/0: \"path\" is missing"));
	assert_non_null(strstr(findings, "/api/requests/0: \"method\" must be GET or POST"));
}

static void
no_other_place_may_read_a_volatile_member(void **state)
{
	(void)state;
	finds(PROFILE("'volatile':['/v'],", MATCH "'fields':{'summary':'/v'}"),
	    "/shapes/0/fields/summary: \"/v\" reads a volatile member");
	finds(PROFILE("'volatile':['/v'],", MATCH "'fields':{'summary':'/v/in'}"),
	    "\"/v/in\" reads a volatile member");
	finds(PROFILE("'volatile':['/o/v'],", MATCH "'fields':{'insights':'/o'}"),
	    "\"/o\" reads a volatile member");
	finds(PROFILE("'volatile':['/id'],", MATCH "'fields':{}"),
	    "/shapes/0/call_id: \"/id\" reads a volatile member");
	assert_true(check(PROFILE("'volatile':['/o/v'],",
	    "'match':[{'at':'/o','is':'object'}],'call_id':'/id',"
	    "'fields':{'summary':'/vv'}")));
}

static void
a_note_may_stand_anywhere(void **state)
{
	(void)state;
	assert_true(check(PROFILE("'note':'top',", MATCH
	    "'note':'shape','fields':{'summary':{'at':'/s','note':'place'}}")));
}

static void
a_place_too_long_to_print_is_cut(void **state)
{
	char text[600];

	(void)state;
	memset(text, 'n', sizeof(text));
	memcpy(text, "{'", 2);
	memcpy(text + sizeof(text) - 6, "':1}", 5);
	assert_false(check(text));
	assert_non_null(strstr(findings, "nnnn"));
}

/* ------------------------------------------- a provider that needs no C */

static struct profiles *acme;
static struct decoder *acme_decoder;
static struct arena arena;
static struct decode_warnings warnings;

static struct event *
acme_event(const char *shape, const char *line)
{
	char text[4096] = "";
	struct err err = ERR_INIT;
	struct decode_out out;
	enum decode_result result;

	decoder_close(acme_decoder);
	profiles_free(acme);
	arena_reset(&arena);
	memset(&warnings, 0, sizeof(warnings));
	acme = profiles_load_file(profile_file("a.json", shape), &err);
	assert_string_equal(err.text, "");
	acme_decoder = decoder_open(acme);
	strcat(text, q(line));
	result = decode_line(acme_decoder, str_of(text), &arena, &warnings, &out);
	assert_int_equal(result, DECODED_EVENT);
	assert_string_equal(out.shape, "hook");
	return out.event;
}

static void
acme_teardown(void)
{
	decoder_close(acme_decoder);
	profiles_free(acme);
	arena_close(&arena);
}

static int64_t
number(const struct event *e, enum field f)
{
	assert_true(event_states(e, f));
	return event_value(e, f)->num;
}

static void
is_text(const struct event *e, enum field f, const char *text)
{
	struct str s;

	assert_true(event_states(e, f));
	s = event_value(e, f)->text;
	assert_int_equal(s.n, strlen(text));
	assert_memory_equal(s.p, text, s.n);
}

static void
statuses_map_exactly_then_by_the_longest_prefix(void **state)
{
	static const struct {
		const char *status;
		enum outcome outcome;
	} want[] = {
		{ "done", OUTCOME_COMPLETED }, { "DONE", OUTCOME_COMPLETED },
		{ "x", OUTCOME_FAILED }, { "x.1", OUTCOME_FAILED },
		{ "x.", OUTCOME_FAILED }, { "xx", OUTCOME_OTHER },
		{ "x.y", OUTCOME_BUSY }, { "X.Y.q.r", OUTCOME_BUSY },
		{ "x.y.z", OUTCOME_TIMEOUT }, { "x.yy", OUTCOME_FAILED },
		{ "done.", OUTCOME_OTHER }, { "don", OUTCOME_OTHER },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		char line[128];
		struct event *e;

		(void)snprintf(line, sizeof(line), "{'id':'1','s':'%s'}",
		    want[i].status);
		e = acme_event(PROFILE("", MATCH "'status':'/s','fields':{}"), line);
		assert_int_equal(e->outcome, want[i].outcome);
		assert_true(str_eq(e->status, str_of(want[i].status)));
	}
}

static void
a_status_may_mean_voicemail(void **state)
{
	struct event *e = acme_event(PROFILE("",
	    MATCH "'status':'/s','fields':{'voicemail':'/v'}"),
	    "{'id':'1','s':'vm','v':false}");

	(void)state;
	assert_int_equal(number(e, FIELD_VOICEMAIL), 1);
}

static void
the_first_terminal_status_stands_else_the_highest_rank(void **state)
{
	static const char *const profile = "{'provider':'acme','title':'Acme',"
	    "'types':[],'status':{'q':'queued','p':'in_progress','e':'ended',"
	    "'c':'completed','b':'busy'},'shapes':[{'name':'hook',"
	    "'kind':'webhook'," MATCH "'status':['/1','/2','/3'],'fields':{}}]}";
	static const struct {
		const char *line;
		const char *status;
		enum outcome outcome;
	} want[] = {
		{ "{'id':1,'1':'c','2':'b'}", "c", OUTCOME_COMPLETED },
		{ "{'id':1,'1':'e','2':'b','3':'c'}", "b", OUTCOME_BUSY },
		{ "{'id':1,'1':'q','2':'e','3':'p'}", "e", OUTCOME_ENDED },
		{ "{'id':1,'1':'Q','2':'q'}", "Q", OUTCOME_QUEUED },
		{ "{'id':1,'1':'huh','2':'q'}", "q", OUTCOME_QUEUED },
		{ "{'id':1,'1':'huh','2':'what'}", "huh", OUTCOME_OTHER },
		{ "{'id':1,'1':'','2':null,'3':7}", "7", OUTCOME_OTHER },
		{ "{'id':1,'1':{},'2':[]}", NULL, OUTCOME_NONE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		struct event *e = acme_event(profile, want[i].line);

		assert_int_equal(e->outcome, want[i].outcome);
		assert_true(str_eq(e->status, str_of(want[i].status)));
		assert_int_equal(warnings.unknown_statuses,
		    want[i].outcome == OUTCOME_OTHER);
	}
}

static void
units_end_in_milliseconds(void **state)
{
	static const struct {
		const char *unit, *value;
		int64_t ms;
	} want[] = {
		{ "s", "45", 45000 }, { "s", "'45'", 45000 }, { "s", "1.0005", 1001 },
		{ "s", "'0.75'", 750 }, { "ms", "15848", 15848 },
		{ "ms", "15848.5", 15849 }, { "min", "2", 120000 },
		{ "min", "0.75", 45000 }, { "min", "'0.3333'", 19998 },
		{ "min", "0", 0 }, { "s", "1e3", 1000000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		char profile[1024], line[128];

		(void)snprintf(profile, sizeof(profile), PROFILE("", MATCH
		    "'fields':{'duration':{'at':'/d','unit':'%s'}}"), want[i].unit);
		(void)snprintf(line, sizeof(line), "{'id':1,'d':%s}",
		    want[i].value);
		assert_int_equal(number(acme_event(profile, line),
		    FIELD_DURATION), want[i].ms);
	}
}

static void
a_place_may_be_in_an_array(void **state)
{
	struct event *e = acme_event(PROFILE("", MATCH
	    "'fields':{'summary':'/l/1/t','recording_url':{'each':'/l',"
	    "'when':[{'at':'/k','one_of':['x','y']},{'at':'/t','is':'silent','not':true}],"
	    "'at':'/t'},'detail_url':'/l/9/t'}"),
	    "{'id':1,'l':[{'k':'z','t':'0'},{'k':'x'},{'k':'y','t':''},"
	    "{'k':'y','t':'3'},{'k':'x','t':'4'}]}");

	(void)state;
	assert_false(event_states(e, FIELD_SUMMARY));
	is_text(e, FIELD_RECORDING_URL, "3");
	assert_false(event_states(e, FIELD_DETAIL_URL));
	e = acme_event(PROFILE("", MATCH "'fields':{'summary':'/l/1/0'}"),
	    "{'id':1,'l':[1,['deep']]}");
	is_text(e, FIELD_SUMMARY, "deep");
}

static void
roots_are_tried_one_after_the_other_for_each_field(void **state)
{
	struct event *e = acme_event(PROFILE("", MATCH "'roots':['/a','/b',''],"
	    "'fields':{'summary':'s','workspace':{'at':['w','v','/top']},"
	    "'assistant_id':['w','v']}"),
	    "{'id':1,'top':'t','a':{'s':null,'v':'av'},'b':{'s':'bs','w':'bw'},'w':'cw'}");

	(void)state;
	is_text(e, FIELD_SUMMARY, "bs");
	is_text(e, FIELD_WORKSPACE, "av");
	is_text(e, FIELD_ASSISTANT_ID, "bw");
}

static void
a_place_may_count_for_some_types_only(void **state)
{
	static const char *const profile = PROFILE("", MATCH "'type':'/t',"
	    "'fields':{'summary':[{'at':'/s','types':['a','call.*']},'/other']}");

	(void)state;
	is_text(acme_event(profile, "{'id':1,'t':'a','s':'x','other':'o'}"),
	    FIELD_SUMMARY, "x");
	is_text(acme_event(profile, "{'id':1,'t':'call.q','s':'x','other':'o'}"),
	    FIELD_SUMMARY, "x");
	is_text(acme_event(profile, "{'id':1,'t':'b','s':'x','other':'o'}"),
	    FIELD_SUMMARY, "o");
	is_text(acme_event(profile, "{'id':1,'s':'x','other':'o'}"),
	    FIELD_SUMMARY, "o");
}

static void
a_pointer_escapes_slash_and_tilde(void **state)
{
	struct event *e = acme_event(PROFILE("", MATCH
	    "'fields':{'summary':'/a~1b/~01/','workspace':'/'}"),
	    "{'id':1,'a/b':{'~1':{'':'deep'}},'':'empty'}");

	(void)state;
	is_text(e, FIELD_SUMMARY, "deep");
	is_text(e, FIELD_WORKSPACE, "empty");
}

/* -------------------------------------------------------------- pointers */

static void
names_of_every_length_are_told_apart(void **state)
{
	static char pointer[41][64], json[4096] = "{";
	struct arena a;
	struct trie t;
	struct walk w;
	struct node root;
	uint16_t slot[41];
	struct doc *doc = doc_open();
	size_t n;

	(void)state;
	arena_init(&a, 0);
	assert_true(trie_init(&t));
	for (size_t i = 0; i <= 40; i++) {
		struct path path;

		/* alike at both ends, whatever the length */
		pointer[i][0] = '/';
		memset(pointer[i] + 1, 'x', i);
		assert_true(path_make(&a, str_of(pointer[i]), &path));
		assert_true(trie_add(&t, &path, &slot[i]));
		n = strlen(json);
		(void)snprintf(json + n, sizeof(json) - n, "%s\"%s\":%zu",
		    i ? "," : "", pointer[i] + 1, i);
	}
	strcat(json, ",\"xxxxxxxxxxyxxxxxxxxxx\":99}");
	assert_true(trie_seal(&t));
	assert_true(walk_init(&w, &t));
	assert_int_equal(doc_parse(doc, json, strlen(json), &root), DOC_OK);
	walk_run(&w, root);
	for (size_t i = 0; i <= 40; i++) {
		assert_non_null(walk_stated(&w, slot[i]));
		assert_int_equal(node_int(*walk_at(&w, slot[i])), i);
	}
	walk_run(&w, *walk_at(&w, slot[1]));
	assert_null(walk_at(&w, slot[1]));
	walk_close(&w);
	trie_free(&t);
	arena_close(&a);
	doc_close(doc);
}

static int
setup(void **state)
{
	arena_init(&arena, 0);
	return temp_setup(state);
}

static int
teardown(void **state)
{
	acme_teardown();
	return temp_teardown(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(embedded_profiles_load_in_the_order_of_their_names),
		cmocka_unit_test(embedded_profiles_state_their_api),
		cmocka_unit_test(stages_are_the_places_of_types),
		cmocka_unit_test(a_file_of_a_folder_adds_or_replaces),
		cmocka_unit_test(a_refused_profile_names_file_place_and_rule),
		cmocka_unit_test(files_that_cannot_be_read_are_errors),
		cmocka_unit_test(check_accepts_the_embedded_profiles),
		cmocka_unit_test(check_says_all_that_is_wrong),
		cmocka_unit_test(check_finds_what_is_no_json),
		cmocka_unit_test(check_finds_bad_places),
		cmocka_unit_test(check_finds_bad_rules),
		cmocka_unit_test(check_finds_bad_maps),
		cmocka_unit_test(check_finds_bad_apis),
		cmocka_unit_test(no_other_place_may_read_a_volatile_member),
		cmocka_unit_test(a_note_may_stand_anywhere),
		cmocka_unit_test(a_place_too_long_to_print_is_cut),
		cmocka_unit_test(statuses_map_exactly_then_by_the_longest_prefix),
		cmocka_unit_test(a_status_may_mean_voicemail),
		cmocka_unit_test(the_first_terminal_status_stands_else_the_highest_rank),
		cmocka_unit_test(units_end_in_milliseconds),
		cmocka_unit_test(a_place_may_be_in_an_array),
		cmocka_unit_test(roots_are_tried_one_after_the_other_for_each_field),
		cmocka_unit_test(a_place_may_count_for_some_types_only),
		cmocka_unit_test(a_pointer_escapes_slash_and_tilde),
		cmocka_unit_test(names_of_every_length_are_told_apart),
	};

	return cmocka_run_group_tests_name("profile", tests, setup, teardown);
}
