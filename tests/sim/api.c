#include <stdlib.h>
#include <string.h>

#include "sim.h"

enum { PAGE_DEFAULT = 50, PAGE_MAX = 500 };

/* A header of the request; NULL when it is not there. */
static const char *
header(const struct request *r, const char *name)
{
	return MHD_lookup_connection_value(r->conn, MHD_HEADER_KIND, name);
}

/* Answers with what the path of a call leads to. */
void
answer_place(struct request *r)
{
	static const char *const missing[PART_COUNT] = { "call_not_found",
	    "ai_summary_not_found", NULL };
	const struct place *place = r->place;
	const char *body = place->call->body[place->part];

	if (body != NULL)
		answer_json(&r->answer, 200, mem_text(body));
	else
		answer_error(&r->answer, r->provider, 404, missing[place->part]);
}

/* Answers that nothing is there, in the provider's words. */
void
not_found(struct request *r)
{
	answer_error(&r->answer, r->provider, 404, NULL);
}

/* The request's body as a JSON object; NULL when it is none. A new reference. */
static json_t *
body_json(const struct request *r)
{
	json_t *v = json_loadb(r->body.p != NULL ? r->body.p : "", r->body.n, 0,
	    NULL);

	if (json_is_object(v))
		return v;
	json_decref(v);
	return NULL;
}

/* Answers 400 with what is wrong, as MiraiMinds would. */
static void
mirai_refuse(struct request *r, const char *why)
{
	answer_json(&r->answer, 400, mem_fmt("{\"message\":\"%s\"}", why));
}

/* POST /v2/call/initiate: queues a call. */
void
mirai_initiate(struct request *r)
{
	json_t *v = body_json(r);
	const char *why = v != NULL ? life_refusal(v) : "the body is no JSON object";
	const struct sim_call *call;

	if (why != NULL) {
		mirai_refuse(r, why);
	} else {
		call = life_begin(r->sim->lives, v, header(r, "workspace"), true);
		answer_json(&r->answer, 200, mem_fmt(
		    "{\"status\":\"initiate\",\"callId\":\"%s\"}", call->id));
	}
	json_decref(v);
}

/* POST /v2/call/abort: ends a call that is not over. */
void
mirai_abort(struct request *r)
{
	json_t *v = body_json(r);
	const char *id = json_string_value(json_object_get(v, "callId"));
	struct sim_call *call = id != NULL ?
	    calls_find(&r->sim->calls, P_MIRAIMINDS, id) : NULL;
	const char *status;

	if (id == NULL) {
		mirai_refuse(r, "callId is required");
	} else if (call == NULL) {
		not_found(r);
	} else {
		status = life_abort(r->sim->lives, call) ? "aborted" :
		    life_status(r->sim->lives, call);
		answer_json(&r->answer, 200, mem_fmt(
		    "{\"status\":\"%s\",\"callId\":\"%s\"}", status, call->id));
	}
	json_decref(v);
}

/* What a request wants of Whippy's list. */
struct page {
	const char *filter[FILTER_COUNT];
	int64_t after_us;	/* created after, exclusive; before likewise */
	int64_t before_us;
	size_t limit;
	bool backward;
	size_t from;		/* a boundary between two places of the list */
	const char *cursor;	/* NULL: the first page */
};

/* Where the parameters of a list come from: the query, or a JSON body. */
struct params {
	const struct request *r;
	json_t *body;
	char number[24];	/* the text of the number asked for last */
};

/* A parameter's text; NULL when it is not there or null. */
static const char *
param(struct params *p, const char *name)
{
	const json_t *v;

	if (p->body == NULL)
		return MHD_lookup_connection_value(p->r->conn,
		    MHD_GET_ARGUMENT_KIND, name);
	v = json_object_get(p->body, name);
	if (!json_is_integer(v))
		return json_string_value(v);
	(void)snprintf(p->number, sizeof(p->number), "%lld",
	    (long long)json_integer_value(v));
	return p->number;
}

/*
 * A cursor stands for a boundary of the list. It is meant to be opaque, and
 * has signs in it that a query must escape. The caller frees it.
 */
static char *
cursor_text(size_t boundary)
{
	return mem_fmt("m+%zx/%08x==", boundary,
	    (unsigned)(hash_bytes(&boundary, sizeof(boundary)) & 0xffffffff));
}

/* Reads a cursor; false when it is none of ours. */
static bool
cursor_read(const char *text, size_t *boundary)
{
	char *again;
	bool same;

	if (sscanf(text, "m+%zx/", boundary) != 1)
		return false;
	again = cursor_text(*boundary);
	same = strcmp(again, text) == 0;
	free(again);
	return same;
}

/* Reads a time limit of a list; false when it is there but no time. */
static bool
param_time(struct params *p, const char *name, int64_t *us)
{
	const char *text = param(p, name);

	return text == NULL || time_read(text, us);
}

/* Reads what a page is to hold. Returns what is wrong, or NULL. */
static const char *
page_read(struct page *page, struct params *p, size_t count)
{
	const char *text;

	*page = (struct page){ .after_us = INT64_MIN, .before_us = INT64_MAX,
	    .limit = PAGE_DEFAULT };
	if ((text = param(p, "limit")) != NULL)
		page->limit = strtoul(text, NULL, 10);
	if (page->limit < 1)
		return "limit is invalid";
	if (page->limit > PAGE_MAX)
		page->limit = PAGE_MAX;
	if (param(p, "offset") != NULL)
		return "offset is not supported";
	for (size_t i = 0; i < FILTER_COUNT; i++)
		page->filter[i] = param(p, filter_names[i]);
	if (!param_time(p, "after", &page->after_us) ||
	    !param_time(p, "before", &page->before_us))
		return "after or before is no time";
	text = param(p, "direction");
	page->backward = text != NULL && strcmp(text, "backward") == 0;
	if (text != NULL && !page->backward && strcmp(text, "forward") != 0)
		return "direction is invalid";
	page->from = page->backward ? count : 0;
	page->cursor = param(p, "cursor");
	if (page->cursor != NULL && (!cursor_read(page->cursor, &page->from) ||
	    page->from > count))
		return "cursor is invalid";
	return NULL;
}

/* True when the list's filters let a call through. */
static bool
page_holds(const struct page *page, const struct sim_call *call)
{
	if (call->body[PART_DETAIL] == NULL ||
	    call->created_us <= page->after_us ||
	    call->created_us >= page->before_us)
		return false;
	for (size_t i = 0; i < FILTER_COUNT; i++)
		if (page->filter[i] != NULL && (call->filter[i] == NULL ||
		    strcmp(page->filter[i], call->filter[i]) != 0))
			return false;
	return true;
}

/* The boundary behind the next call that the page holds; SIZE_MAX for none. */
static size_t
page_next(const struct page *page, const struct call_list *list, size_t at)
{
	while (page->backward ? at > 0 : at < list->n) {
		at = page->backward ? at - 1 : at + 1;
		if (page_holds(page, list->p[page->backward ? at : at - 1]))
			return at;
	}
	return SIZE_MAX;
}

/* Writes a cursor, or null, as a member's value. */
static void
put_cursor(struct text *t, const char *name, bool there, size_t boundary)
{
	char *cursor = cursor_text(boundary);

	text_puts(t, name);
	text_puts(t, there ? "\"" : "null");
	text_puts(t, there ? cursor : "");
	text_puts(t, there ? "\"" : "");
	free(cursor);
}

/* Answers a page of Whippy's messages. */
static void
page_answer(struct request *r, const struct page *page)
{
	const struct call_list *list = &r->sim->calls.of[P_WHIPPY];
	bool loops = r->fault != NULL && r->fault->kind == FAULT_CURSOR_LOOP;
	struct text t = { 0 };
	size_t at = page->from, next, n = 0;

	text_puts(&t, "{\"data\":[");
	while ((next = page_next(page, list, at)) != SIZE_MAX &&
	    n < page->limit) {
		at = next;
		text_puts(&t, n++ > 0 ? "," : "");
		text_puts(&t, list->p[page->backward ? at : at - 1]->
		    body[PART_DETAIL]);
	}
	text_puts(&t, "],\"metadata\":{");
	put_cursor(&t, "\"next_cursor\":", loops || next != SIZE_MAX,
	    loops ? page->from : at);
	put_cursor(&t, ",\"prev_cursor\":", page->cursor != NULL, page->from);
	text_puts(&t, "}}");
	answer_json(&r->answer, 200, t.p);
}

/* Answers a list request whose parameters stand in p. */
static void
whippy_page(struct request *r, struct params *p)
{
	struct page page;
	const char *wrong = page_read(&page, p, r->sim->calls.of[P_WHIPPY].n);

	if (wrong == NULL)
		page_answer(r, &page);
	else
		answer_json(&r->answer, 400, mem_fmt(
		    "{\"errors\":{\"detail\":\"%s\"}}", wrong));
}

/* GET /v1/message/list: Whippy's messages, oldest first, by cursor. */
void
whippy_list(struct request *r)
{
	struct params p = { .r = r };

	whippy_page(r, &p);
}

/* POST /v1/messages/search: the same with the parameters in a JSON body. */
void
whippy_search(struct request *r)
{
	struct params p = { .r = r, .body = body_json(r) };

	if (p.body == NULL)
		answer_error(&r->answer, P_WHIPPY, 400, NULL);
	else
		whippy_page(r, &p);
	json_decref(p.body);
}

/* GET /_sim/stats: all counts; what was written so far can be read then. */
void
sim_stats(struct request *r)
{
	json_t *v = stats_json(&r->sim->stats, &r->sim->calls, &r->sim->faults);

	(void)json_object_set_new(v, "lives", lives_json(r->sim->lives));
	(void)json_object_set_new(v, "uptime_ms",
	    json_integer((mono_us() - r->sim->started_us) / 1000));
	answer_json(&r->answer, 200, json_dumps(v, JSON_INDENT(1)));
	json_decref(v);
	out_flush(r->sim->log);
	out_flush(r->sim->dump);
	out_flush(r->sim->dispatch);
}

/* POST /_sim/sink: takes webhooks where a test has no receiver of its own. */
void
sim_sink(struct request *r)
{
	r->sim->stats.sink++;
	answer_json(&r->answer, 200, mem_text("{}"));
}
