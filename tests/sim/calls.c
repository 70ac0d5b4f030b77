#include "calls.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const filter_names[FILTER_COUNT] = {
	"type", "campaign_id", "conversation_id", "contact_id", "sequence_id",
	"channel_id", "delivery_status",
};

static const char *const part_names[PART_COUNT] = { "detail", "ai", "analysis" };

void
calls_open(struct calls *c, const char *here, const char *other)
{
	*c = (struct calls){ 0 };
	c->here = mem_text(here);
	c->other = mem_text(other);
}

/* Frees one call and all that it owns. */
static void
call_free(struct sim_call *call)
{
	for (size_t i = 0; i < PART_COUNT; i++)
		free(call->body[i]);
	for (size_t i = 0; i < FILTER_COUNT; i++)
		free(call->filter[i]);
	free(call->id);
	free(call);
}

void
calls_close(struct calls *c)
{
	for (size_t i = 0; i < c->all.n; i++)
		call_free(c->all.p[i]);
	for (size_t i = 0; i < c->places.cap; i++)
		free(c->places.slots[i].value);
	for (size_t i = 0; i < c->paths.n; i++)
		free(c->paths.p[i]);
	for (size_t i = 0; i < PROVIDER_COUNT; i++) {
		map_free(&c->ids[i]);
		free(c->of[i].p);
	}
	map_free(&c->places);
	free(c->all.p);
	free(c->paths.p);
	free(c->here);
	free(c->other);
}

/* Appends to a list of calls. */
static void
list_add(struct call_list *list, struct sim_call *call)
{
	if (list->n == list->cap) {
		list->cap = list->cap > 0 ? list->cap * 2 : 64;
		list->p = mem_grow(list->p, list->cap, sizeof(struct sim_call *));
	}
	list->p[list->n++] = call;
}

/* Lets a path, which is taken over, lead to a part of a call; the first wins. */
static void
place_add(struct calls *c, char *path, struct sim_call *call, enum part part)
{
	struct place *place;

	if (map_get(&c->places, path) != NULL) {
		free(path);
		return;
	}
	if (c->paths.n == c->paths.cap) {
		c->paths.cap = c->paths.cap > 0 ? c->paths.cap * 2 : 64;
		c->paths.p = mem_grow(c->paths.p, c->paths.cap, sizeof(char *));
	}
	c->paths.p[c->paths.n++] = path;
	place = mem_new(sizeof(*place));
	*place = (struct place){ call, part };
	map_put(&c->places, path, place);
}

/* The path of a URL without query and fragment, unescaped as the server sees it. */
static char *
url_path(const char *url)
{
	const char *host = strstr(url, "://");
	const char *start = strchr(host != NULL ? host + 3 : url, '/');
	char *path = mem_text(start != NULL ? start : "/");

	path[strcspn(path, "?#")] = '\0';
	(void)MHD_http_unescape(path);
	return path;
}

/* The text of a JSON value with the simulator's own URLs put in; NULL for none. */
static char *
body_text(const struct calls *c, const json_t *v)
{
	char *raw, *half, *done;

	if (v == NULL || json_is_null(v))
		return NULL;
	if ((raw = json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY)) == NULL)
		abort();
	half = mem_replace(raw, "{{sim}}", c->here);
	done = mem_replace(half, "{{other}}", c->other);
	free(raw);
	free(half);
	return done;
}

/* The paths of a MiraiMinds call: the usual ones and its own detailUrl's. */
static void
places_of_miraiminds(struct calls *c, struct sim_call *call, const json_t *detail)
{
	const char *url = json_string_value(json_object_get(
	    json_object_get(detail, "call"), "detailUrl"));

	place_add(c, mem_fmt("/v2/calls/%s", call->id), call, PART_DETAIL);
	place_add(c, mem_fmt("/calls/%s", call->id), call, PART_DETAIL);
	if (url != NULL)
		place_add(c, url_path(url), call, PART_DETAIL);
}

/* The path of a Whippy call's attachment analysis.json; else a usual one. */
static void
places_of_whippy(struct calls *c, struct sim_call *call, const json_t *detail)
{
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(detail, "attachments"), i, one) {
		const char *url = json_string_value(json_object_get(one, "url"));
		char *path = url != NULL ? url_path(url) : mem_text("");
		size_t n = strlen(path);

		if (n > 14 && strcmp(path + n - 14, "/analysis.json") == 0)
			place_add(c, path, call, PART_ANALYSIS);
		else
			free(path);
	}
	place_add(c, mem_fmt("/attachments/%s/analysis.json", call->id), call,
	    PART_ANALYSIS);
}

/* Notes what the list of messages sorts and filters a Whippy call by. */
static void
index_whippy(struct sim_call *call, const json_t *detail)
{
	const char *at = json_string_value(json_object_get(detail, "created_at"));

	if (at == NULL || !time_read(at, &call->created_us))
		call->created_us = 0;
	for (size_t i = 0; i < FILTER_COUNT; i++)
		call->filter[i] = mem_text(json_string_value(json_object_get(
		    detail, filter_names[i])));
	if (call->filter[FILTER_TYPE] == NULL)
		call->filter[FILTER_TYPE] = mem_text("call");
}

/* Makes a call's paths, and what its provider's answers need besides. */
static void
index_call(struct calls *c, struct sim_call *call, const json_t *detail)
{
	switch (call->provider) {
	case P_MIRAIMINDS:
		places_of_miraiminds(c, call, detail);
		break;
	case P_WHIPPY:
		places_of_whippy(c, call, detail);
		index_whippy(call, detail);
		break;
	case P_MINIVOICE:
		place_add(c, mem_fmt("/v1/calls/%s", call->id), call, PART_DETAIL);
		place_add(c, mem_fmt("/v1/calls/%s/ai", call->id), call, PART_AI);
		break;
	default:
		break;
	}
}

struct sim_call *
calls_add(struct calls *c, enum provider provider, const char *id,
    const json_t *detail, const json_t *ai, const json_t *analysis)
{
	struct sim_call *call = mem_new(sizeof(*call));

	if (calls_find(c, provider, id) != NULL)
		die("call %s is there twice", id);
	call->provider = provider;
	call->id = mem_text(id);
	call->body[PART_DETAIL] = body_text(c, detail);
	call->body[PART_AI] = body_text(c, ai);
	call->body[PART_ANALYSIS] = body_text(c, analysis);
	call->rank = c->of[provider].n;
	list_add(&c->all, call);
	list_add(&c->of[provider], call);
	map_put(&c->ids[provider], call->id, call);
	index_call(c, call, detail);
	return call;
}

/* Adds the call of one line of a file. */
static void
load_line(struct calls *c, const char *path, unsigned line, const char *text)
{
	json_error_t err;
	json_t *v = json_loads(text, 0, &err);
	const char *provider, *id;
	enum provider p;

	if (v == NULL)
		die("%s:%u: %s", path, line, err.text);
	if (json_unpack_ex(v, &err, 0, "{s:s, s:s}", "provider", &provider,
	    "call_id", &id) != 0)
		die("%s:%u: %s", path, line, err.text);
	p = provider_named(provider);
	if (p != P_MIRAIMINDS && p != P_WHIPPY && p != P_MINIVOICE)
		die("%s:%u: provider %s is not played", path, line, provider);
	(void)calls_add(c, p, id, json_object_get(v, "detail"),
	    json_object_get(v, "ai"), json_object_get(v, "analysis"));
	json_decref(v);
}

void
calls_load(struct calls *c, const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = NULL;
	size_t cap = 0;
	unsigned line = 0;

	if (f == NULL)
		die("%s: %s", path, strerror(errno));
	while (getline(&text, &cap, f) > 0) {
		line++;
		if (text[strspn(text, " \t\r\n")] != '\0')
			load_line(c, path, line, text);
	}
	free(text);
	(void)fclose(f);
}

/* Orders by time of creation, then id. */
static int
older_first(const void *a, const void *b)
{
	const struct sim_call *x = *(struct sim_call *const *)a;
	const struct sim_call *y = *(struct sim_call *const *)b;

	if (x->created_us != y->created_us)
		return x->created_us < y->created_us ? -1 : 1;
	return strcmp(x->id, y->id);
}

void
calls_sort(struct calls *c)
{
	struct call_list *list = &c->of[P_WHIPPY];

	if (list->n > 0)
		qsort(list->p, list->n, sizeof(struct sim_call *), older_first);
	for (size_t i = 0; i < list->n; i++)
		list->p[i]->rank = i;
}

struct sim_call *
calls_find(const struct calls *c, enum provider p, const char *id)
{
	return map_get(&c->ids[p], id);
}

const struct place *
calls_place(const struct calls *c, const char *path)
{
	return map_get(&c->places, path);
}

const struct sim_call *
calls_other(const struct calls *c, const struct sim_call *call)
{
	const struct call_list *list = &c->of[call->provider];

	return list->n > 1 ? list->p[(call->rank + 1) % list->n] : NULL;
}

void
call_set_body(struct sim_call *call, enum part part, char *text)
{
	free(call->body[part]);
	call->body[part] = text;
}

char *
call_line(const struct sim_call *call)
{
	struct text t = { 0 };
	json_t *id = json_string(call->id);
	char *quoted = json_dumps(id, JSON_ENCODE_ANY);

	text_puts(&t, "{\"provider\":\"");
	text_puts(&t, provider_name(call->provider));
	text_puts(&t, "\",\"call_id\":");
	text_puts(&t, quoted);
	for (size_t i = 0; i < PART_COUNT; i++) {
		text_puts(&t, ",\"");
		text_puts(&t, part_names[i]);
		text_puts(&t, "\":");
		text_puts(&t, call->body[i] != NULL ? call->body[i] : "null");
	}
	text_puts(&t, ",\"life\":");
	text_puts(&t, call->life != NULL ? "\"" : "null");
	text_puts(&t, call->life != NULL ? call->life : "");
	text_puts(&t, call->life != NULL ? "\"}" : "}");
	free(quoted);
	json_decref(id);
	return t.p;
}
