#include "call/conf.h"

#include <stdarg.h>
#include <stdio.h>

#include <jansson.h>

enum { FINDING_BYTES = 512 };

static void
say(struct conf_sink *sink, const char *text)
{
	sink->findings++;
	sink->say(sink->data, text);
}

bool
conf_open(struct str text, struct conf_sink *sink, struct conf *root)
{
	char finding[FINDING_BYTES];
	json_error_t e;

	*root = (struct conf){ .sink = sink };
	root->value = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, &e);
	if (root->value != NULL)
		return true;
	(void)snprintf(finding, sizeof(finding), "line %d column %d: %s",
	    e.line, e.column, e.text);
	say(sink, finding);
	return false;
}

void
conf_close(struct conf *root)
{
	json_decref(root->value);
	root->value = NULL;
}

static void
put_char(char *out, size_t *n, char c)
{
	if (*n + 1 < FINDING_BYTES)
		out[(*n)++] = c;
}

static void
put_name(char *out, size_t *n, const char *name)
{
	for (; *name != '\0'; name++) {
		if (*name == '~' || *name == '/') {
			put_char(out, n, '~');
			put_char(out, n, *name == '/' ? '1' : '0');
		} else {
			put_char(out, n, *name);
		}
	}
}

/* The JSON Pointer of a place. */
static void
put_place(char *out, size_t *n, const struct conf *c)
{
	char index[24];

	if (c->up == NULL)
		return;
	put_place(out, n, c->up);
	put_char(out, n, '/');
	(void)snprintf(index, sizeof(index), "%zu", c->index);
	put_name(out, n, c->name != NULL ? c->name : index);
}

bool
conf_say(const struct conf *c, const char *fmt, ...)
{
	char text[FINDING_BYTES];
	size_t n = 0;
	va_list ap;

	put_place(text, &n, c);
	if (n == 0)
		put_char(text, &n, '/');
	put_char(text, &n, ':');
	put_char(text, &n, ' ');
	va_start(ap, fmt);
	(void)vsnprintf(text + n, sizeof(text) - n, fmt, ap);
	va_end(ap);
	say(c->sink, text);
	return false;
}

bool
conf_is_text(const struct conf *c)
{
	return json_is_string((json_t *)c->value);
}

bool
conf_is_list(const struct conf *c)
{
	return json_is_array((json_t *)c->value);
}

bool
conf_is_object(const struct conf *c)
{
	return json_is_object((json_t *)c->value);
}

bool
conf_text(const struct conf *c, struct str *out)
{
	if (!conf_is_text(c))
		return conf_say(c, "must be a text");
	*out = (struct str){ json_string_value(c->value),
	    json_string_length(c->value) };
	return true;
}

bool
conf_flag(const struct conf *c, bool *out)
{
	if (!json_is_boolean((json_t *)c->value))
		return conf_say(c, "must be true or false");
	*out = json_is_true((json_t *)c->value);
	return true;
}

bool
conf_number(const struct conf *c, double *out)
{
	if (!json_is_number((json_t *)c->value))
		return conf_say(c, "must be a number");
	*out = json_number_value(c->value);
	return true;
}

bool
conf_want_object(const struct conf *c)
{
	return conf_is_object(c) || conf_say(c, "must be an object");
}

bool
conf_want_list(const struct conf *c)
{
	return conf_is_list(c) || conf_say(c, "must be a list");
}

bool
conf_member(const struct conf *object, const char *name, struct conf *out)
{
	*out = (struct conf){
		.up = object,
		.name = name,
		.value = json_object_get(object->value, name),
		.sink = object->sink,
	};
	return out->value != NULL;
}

bool
conf_need(const struct conf *object, const char *name, struct conf *out)
{
	return conf_member(object, name, out) ||
	    conf_say(object, "\"%s\" is missing", name);
}

size_t
conf_count(const struct conf *c)
{
	return conf_is_list(c) ? json_array_size(c->value) :
	    json_object_size(c->value);
}

struct conf
conf_item(const struct conf *list, size_t i)
{
	return (struct conf){
		.up = list,
		.index = i,
		.value = json_array_get(list->value, i),
		.sink = list->sink,
	};
}

bool
conf_next(const struct conf *object, void **at, struct conf *out)
{
	*at = *at == NULL ? json_object_iter(object->value) :
	    json_object_iter_next(object->value, *at);
	if (*at == NULL)
		return false;
	*out = (struct conf){
		.up = object,
		.name = json_object_iter_key(*at),
		.value = json_object_iter_value(*at),
		.sink = object->sink,
	};
	return true;
}

static bool
is_one_of(const char *name, const char *const *names)
{
	for (; *names != NULL; names++)
		if (strcmp(name, *names) == 0)
			return true;
	return strcmp(name, "note") == 0;
}

void
conf_known(const struct conf *object, const char *const *names)
{
	struct conf member;
	void *at = NULL;

	while (conf_next(object, &at, &member))
		if (!is_one_of(member.name, names))
			conf_say(&member, "unknown member");
}
