/*
 * conf: reading a configuration in JSON, with all that is wrong in it told.
 *
 * A struct conf is a place in the file: a value and the way to it. The
 * functions say what they find wrong, as "POINTER: what", to the sink and go
 * on, so that one reading tells everything; sink->findings counts. Values
 * and texts live until conf_close of the root, a struct conf as long as the
 * one above it. The only user of jansson in this layer.
 */
#ifndef CALLTALLY_CALL_CONF_H
#define CALLTALLY_CALL_CONF_H

#include "base/str.h"

struct conf_sink {
	void (*say)(void *data, const char *finding);
	void *data;
	size_t findings;
};

struct conf {
	const struct conf *up;	/* NULL: the whole file */
	const char *name;	/* of a member; NULL: an element */
	size_t index;
	void *value;
	struct conf_sink *sink;
};

/* Reads text; a syntax error and a repeated member are findings (false). */
bool conf_open(struct str text, struct conf_sink *, struct conf *root);
void conf_close(struct conf *root);

/* Tells a finding about a place; returns false. */
bool conf_say(const struct conf *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

bool conf_is_text(const struct conf *);
bool conf_is_list(const struct conf *);
bool conf_is_object(const struct conf *);

/* The value of that type; any other is a finding, and false. */
bool conf_text(const struct conf *, struct str *out);
bool conf_flag(const struct conf *, bool *out);
bool conf_number(const struct conf *, double *out);
bool conf_want_object(const struct conf *);
bool conf_want_list(const struct conf *);

/* The member of that name; false when there is none. */
bool conf_member(const struct conf *object, const char *name, struct conf *out);
/* The same, and a finding when there is none. */
bool conf_need(const struct conf *object, const char *name, struct conf *out);

/* Elements of a list, members of an object. */
size_t conf_count(const struct conf *);
struct conf conf_item(const struct conf *list, size_t i);
/* The next member in the order of the file; *at is NULL at first, false at the end. */
bool conf_next(const struct conf *object, void **at, struct conf *out);

/*
 * Finds members other than those in names (ends with NULL) and "note",
 * which may stand anywhere.
 */
void conf_known(const struct conf *object, const char *const *names);

#endif
