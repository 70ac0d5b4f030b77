#include "same_json.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "io/doc.h"

struct comparison {
	bool has_uint;
	bool has_repeated;
	char *why;
	size_t why_bytes;
};

static bool
differs(struct comparison *c, const char *what)
{
	(void)snprintf(c->why, c->why_bytes, "%s", what);
	return false;
}

/* Notes what jansson cannot hold, anywhere below n. */
static void
look_for_uint(struct comparison *c, struct node n)
{
	struct node_iter it = node_iter(n);
	struct node value;
	struct str name;

	c->has_uint = c->has_uint || n.type == NODE_UINT;
	while (node_next(&it, &name, &value))
		look_for_uint(c, value);
}

static bool same(struct comparison *, struct node, const json_t *);

static bool
same_array(struct comparison *c, struct node n, const json_t *j)
{
	struct node_iter it = node_iter(n);
	struct node value;
	struct str name;
	size_t i = 0;

	if (!json_is_array(j))
		return differs(c, "an array here, none with jansson");
	for (; node_next(&it, &name, &value); i++)
		if (i >= json_array_size(j) ||
		    !same(c, value, json_array_get(j, i)))
			return differs(c, "elements differ");
	return i == json_array_size(j) || differs(c, "fewer elements here");
}

/* Whether a member of that name stands before the place of value. */
static bool
is_repeated(struct node object, struct str name, struct node value)
{
	return node_member(object, name).at != value.at;
}

/* Every member once: the values of those that are repeated are not compared. */
static bool
same_object(struct comparison *c, struct node n, const json_t *j)
{
	struct node_iter it = node_iter(n);
	struct node value;
	struct str name;
	size_t distinct = 0;
	bool repeated = false;

	if (!json_is_object(j))
		return differs(c, "an object here, none with jansson");
	for (; node_next(&it, &name, &value);) {
		if (json_object_getn(j, name.p, name.n) == NULL)
			return differs(c, "jansson lacks a member");
		repeated = is_repeated(n, name, value) || repeated;
		distinct += !is_repeated(n, name, value);
	}
	c->has_repeated = c->has_repeated || repeated;
	if (distinct != json_object_size(j))
		return differs(c, "another number of members");
	it = node_iter(n);
	while (!repeated && node_next(&it, &name, &value))
		if (!same(c, value, json_object_getn(j, name.p, name.n)))
			return differs(c, "members differ");
	return true;
}

static bool
same_real(double a, double b)
{
	return memcmp(&a, &b, sizeof(a)) == 0;
}

static bool
same(struct comparison *c, struct node n, const json_t *j)
{
	bool equal;

	switch (n.type) {
	case NODE_ARRAY:
		return same_array(c, n, j);
	case NODE_OBJECT:
		return same_object(c, n, j);
	case NODE_NULL:
		equal = json_is_null(j);
		break;
	case NODE_BOOL:
		equal = node_bool(n) ? json_is_true(j) : json_is_false(j);
		break;
	case NODE_INT:
		equal = json_is_integer(j) && json_integer_value(j) == node_int(n);
		break;
	case NODE_REAL:
		equal = json_is_real(j) &&
		    same_real(json_real_value(j), node_real(n));
		break;
	case NODE_TEXT:
		equal = json_is_string(j) && str_eq(node_text(n), (struct str){
		    json_string_value(j), json_string_length(j) });
		break;
	default:
		equal = false;
	}
	return equal || differs(c, "values differ");
}

/* Both accept it. */
static enum same_json
compare(struct comparison *c, struct node root, const json_t *j)
{
	if (!same(c, root, j))
		return NOT_SAME;
	return c->has_repeated ? SAME_BUT_REPEATED : SAME_ACCEPTED;
}

/* Only one of them accepts it. */
static enum same_json
excuse(struct comparison *c, struct str text, enum doc_status status,
    struct node root, const json_error_t *error)
{
	if (status == DOC_TOO_DEEP)
		return SAME_BUT_DEPTH;
	if (status == DOC_BAD_SYNTAX && memchr(text.p, '\0', text.n) != NULL)
		return SAME_BUT_NUL;
	if (status != DOC_OK) {
		differs(c, "refused here, accepted by jansson");
		return NOT_SAME;
	}
	look_for_uint(c, root);
	if (json_error_code(error) == json_error_numeric_overflow && c->has_uint)
		return SAME_BUT_UINT;
	if (json_error_code(error) == json_error_null_byte_in_key)
		return SAME_BUT_NUL_IN_NAME;
	(void)snprintf(c->why, c->why_bytes,
	    "accepted here, refused by jansson: %s", error->text);
	return NOT_SAME;
}

static json_t *
ask_jansson(struct str text, json_error_t *error)
{
	if (str_starts(text, STR("\xef\xbb\xbf")))
		text = str_from(text, 3);
	return json_loadb(text.p, text.n, JSON_DECODE_ANY | JSON_ALLOW_NUL, error);
}

enum same_json
same_json(struct str text, char *why, size_t why_bytes)
{
	struct comparison c = { .why = why, .why_bytes = why_bytes };
	struct doc *doc = doc_open();
	enum doc_status status;
	enum same_json verdict;
	struct node root;
	json_error_t error;
	json_t *j;

	if (doc == NULL)
		abort();
	status = doc_parse(doc, text.p, text.n, &root);
	j = ask_jansson(text, &error);
	if (status == DOC_OK && j != NULL)
		verdict = compare(&c, root, j);
	else if (status != DOC_OK && j == NULL)
		verdict = SAME_REFUSED;
	else
		verdict = excuse(&c, text, status, root, &error);
	json_decref(j);
	doc_close(doc);
	return verdict;
}
