#include "call/load.h"

static bool
load_scaled(const struct conf *object, const char *name, double factor,
    int64_t *out)
{
	struct conf c;
	double number;

	if (!conf_member(object, name, &c) || !conf_number(&c, &number))
		return false;
	if (!(number > 0) || number > 1e6)
		return conf_say(&c, "must be above 0 and at most 1000000");
	*out = (int64_t)(number * factor + 0.5);
	return true;
}

/* A member that must be a JSON Pointer when it is there. */
static const char *
load_pointer(struct loader *l, const struct conf *object, const char *name)
{
	const char *text = load_member(l, object, name);

	if (text != NULL && !pointer_valid(str_of(text)))
		conf_say(object, "\"%s\" is no JSON Pointer", name);
	return text;
}

static void
load_header(struct loader *l, const struct conf *c, struct api_header *out)
{
	static const char *const known[] = { "name", "prefix", "variable",
	    "optional", "secret", NULL };
	struct conf m;
	bool secret = true;

	if (!conf_want_object(c))
		return;
	conf_known(c, known);
	if (conf_need(c, "name", &m))
		out->name = load_cstr(l, &m);
	if (conf_need(c, "variable", &m))
		out->variable = load_cstr(l, &m);
	out->prefix = load_member(l, c, "prefix");
	if (out->prefix == NULL)
		out->prefix = "";
	if (conf_member(c, "optional", &m))
		conf_flag(&m, &out->optional);
	if (conf_member(c, "secret", &m))
		conf_flag(&m, &secret);
	out->open = !secret;
}

static void
load_headers(struct loader *l, const struct conf *list,
    struct profile_api *api)
{
	struct api_header *v;

	if (!conf_want_list(list) ||
	    (v = load_alloc(l, conf_count(list), sizeof(*v))) == NULL)
		return;
	for (size_t i = 0; i < conf_count(list); i++) {
		struct conf c = conf_item(list, i);

		load_header(l, &c, &v[i]);
	}
	api->header = v;
	api->n_headers = conf_count(list);
}

static void
load_parameters(struct loader *l, const struct conf *map,
    struct api_request *out)
{
	struct api_parameter *v;
	struct conf c;
	void *at = NULL;

	if (!conf_want_object(map) ||
	    (v = load_alloc(l, conf_count(map), sizeof(*v))) == NULL)
		return;
	while (conf_next(map, &at, &c))
		v[out->n_parameters++] = (struct api_parameter){
			arena_cstr(&l->set->arena, str_of(c.name)),
			load_cstr(l, &c) };
	out->parameter = v;
}

static void
load_page(struct loader *l, const struct conf *c, struct api_request *out)
{
	static const char *const known[] = { "items", "item_id", "cursor",
	    "cursor_parameter", "limit_parameter", "limit", "after_parameter",
	    "before_parameter", NULL };
	struct api_page *page = load_alloc(l, 1, sizeof(*page));

	if (page == NULL || !conf_want_object(c))
		return;
	conf_known(c, known);
	page->items = load_pointer(l, c, "items");
	page->item_id = load_pointer(l, c, "item_id");
	page->cursor = load_pointer(l, c, "cursor");
	page->cursor_parameter = load_member(l, c, "cursor_parameter");
	page->limit_parameter = load_member(l, c, "limit_parameter");
	page->after_parameter = load_member(l, c, "after_parameter");
	page->before_parameter = load_member(l, c, "before_parameter");
	(void)load_scaled(c, "limit", 1, &page->limit);
	if (page->items == NULL || page->item_id == NULL)
		conf_say(c, "\"items\" and \"item_id\" are needed");
	out->page = page;
}

/* "path", or "path_of": the field whose URL gives it. */
static void
load_request_path(struct loader *l, const struct conf *c,
    struct api_request *out)
{
	struct conf m;
	struct str s;

	out->path = load_member(l, c, "path");
	out->path_of = FIELD_COUNT;
	if (conf_member(c, "path_of", &m) && conf_text(&m, &s)) {
		out->path_of = field_by_name(s);
		if (out->path_of == FIELD_COUNT)
			conf_say(&m, "there is no field of that name");
		if (out->path != NULL)
			conf_say(&m, "stands beside \"path\"");
	} else if (out->path == NULL) {
		conf_say(c, "\"path\" is missing");
	}
	if (out->path != NULL && out->path[0] != '/')
		conf_say(c, "\"path\" must begin with \"/\"");
}

static void
load_request(struct loader *l, const struct conf *c, struct api_request *out)
{
	static const char *const known[] = { "name", "method", "path",
	    "path_of", "parameters", "page", "for", NULL };
	struct conf m;
	struct str s;

	if (!conf_want_object(c))
		return;
	conf_known(c, known);
	if (conf_need(c, "name", &m))
		out->name = load_cstr(l, &m);
	out->method = load_member(l, c, "method");
	if (out->method == NULL)
		out->method = "GET";
	if (strcmp(out->method, "GET") != 0 && strcmp(out->method, "POST") != 0)
		conf_say(c, "\"method\" must be GET or POST");
	load_request_path(l, c, out);
	if (conf_member(c, "parameters", &m))
		load_parameters(l, &m, out);
	if (conf_member(c, "page", &m))
		load_page(l, &m, out);
	if (conf_member(c, "for", &m) && conf_text(&m, &s)) {
		out->for_analysis = str_eq(s, STR("analysis"));
		if (!out->for_analysis)
			conf_say(&m, "must be \"analysis\"");
	}
}

static void
load_requests(struct loader *l, const struct conf *list,
    struct profile_api *api)
{
	struct api_request *v;

	if (!conf_want_list(list) ||
	    (v = load_alloc(l, conf_count(list), sizeof(*v))) == NULL)
		return;
	for (size_t i = 0; i < conf_count(list); i++) {
		struct conf c = conf_item(list, i);

		load_request(l, &c, &v[i]);
	}
	api->request = v;
	api->n_requests = conf_count(list);
}

static void
load_errors(struct loader *l, const struct conf *c, struct profile_api *api)
{
	static const char *const known[] = { "code", "gone", NULL };
	const char **v;
	struct conf m;

	if (!conf_want_object(c))
		return;
	conf_known(c, known);
	api->error_code = load_pointer(l, c, "code");
	if (!conf_member(c, "gone", &m) || !conf_want_list(&m) ||
	    (v = load_alloc(l, conf_count(&m), sizeof(*v))) == NULL)
		return;
	for (size_t i = 0; i < conf_count(&m); i++) {
		struct conf item = conf_item(&m, i);

		v[i] = load_cstr(l, &item);
	}
	api->gone = v;
	api->n_gone = conf_count(&m);
}

static void
load_attachments(struct loader *l, const struct conf *c,
    struct profile_api *api)
{
	static const char *const known[] = { "items", "url", "name", NULL };
	struct api_attachments *a = load_alloc(l, 1, sizeof(*a));

	if (a == NULL || !conf_want_object(c))
		return;
	conf_known(c, known);
	a->items = load_pointer(l, c, "items");
	a->url = load_pointer(l, c, "url");
	a->name = load_member(l, c, "name");
	if (a->items == NULL || a->url == NULL || a->name == NULL)
		conf_say(c, "\"items\", \"url\" and \"name\" are needed");
	api->attachments = a;
}

static void
load_base_url(struct loader *l, const struct conf *c, struct profile_api *api)
{
	const char *url = load_cstr(l, c);

	if (url == NULL)
		return;
	if (strncmp(url, "https://", 8) != 0 || url[8] == '\0')
		conf_say(c, "must begin with https://");
	else if (url[strlen(url) - 1] == '/')
		conf_say(c, "must not end with \"/\"");
	api->base_url = url;
}

void
load_api(struct loader *l, const struct conf *c)
{
	static const char *const known[] = { "base_url", "rate_per_second",
	    "headers", "requests", "attachments", "errors", NULL };
	struct profile_api *api = load_alloc(l, 1, sizeof(*api));
	struct conf m;

	if (api == NULL || !conf_want_object(c))
		return;
	conf_known(c, known);
	if (conf_need(c, "base_url", &m))
		load_base_url(l, &m, api);
	if (!load_scaled(c, "rate_per_second", 1000, &api->rate_milli) &&
	    !conf_member(c, "rate_per_second", &m))
		conf_say(c, "\"rate_per_second\" is missing");
	if (conf_need(c, "headers", &m))
		load_headers(l, &m, api);
	if (conf_need(c, "requests", &m))
		load_requests(l, &m, api);
	if (conf_member(c, "attachments", &m))
		load_attachments(l, &m, api);
	if (conf_member(c, "errors", &m))
		load_errors(l, &m, api);
	l->profile->api = api;
}
