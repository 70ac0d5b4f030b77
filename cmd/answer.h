/*
 * answer: the JSON object of --json; the only user of jansson here.
 *
 * Members keep the order in which they are put. A struct answer is a place
 * in the object: objects and lists below it are owned by the root, which
 * answer_print or answer_free ends. Text that is no UTF-8 (a file name) has
 * its bad bytes replaced by U+FFFD. Failures are kept and told by
 * answer_print.
 */
#ifndef CALLTALLY_CMD_ANSWER_H
#define CALLTALLY_CMD_ANSWER_H

#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/str.h"

struct answer {
	void *at;		/* of the JSON library */
	bool *failed;		/* of the root */
};

struct answer_root {
	struct answer top;
	bool failed;
};

/* Starts an object; the root must not move. */
void answer_open(struct answer_root *);
/* Prints it on standard output with a newline, and frees it. */
bool answer_print(struct answer_root *, struct err *);
void answer_free(struct answer_root *);

/* In a list name is NULL and the value becomes its next element. */
void answer_int(struct answer, const char *name, int64_t v);
void answer_bool(struct answer, const char *name, bool v);
void answer_real(struct answer, const char *name, double v);
void answer_text(struct answer, const char *name, struct str s);	/* {NULL,0}: null */
void answer_id(struct answer, const char *name, const struct id128 *);
void answer_time(struct answer, const char *name, int64_t us);	/* TIME_NONE: null */
/* A scaled integer as a number: 1500000 with places 6 is 1.5. */
void answer_scaled(struct answer, const char *name, int64_t v, unsigned places);
/* JSON text as the value that it tells. */
void answer_json(struct answer, const char *name, struct str json);
struct answer answer_object(struct answer, const char *name);
struct answer answer_list(struct answer, const char *name);

#endif
