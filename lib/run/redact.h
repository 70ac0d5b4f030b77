/*
 * redact: secrets taken out of text that others wrote.
 *
 * A secret is found however each of its signs is written: as it is, escaped
 * as in JSON, a URL or HTML, or taken for Latin-1 and written as UTF-8. One
 * shorter than REDACT_MIN_BYTES is not looked for: it would be found where it
 * is not meant. Holds copies, which are wiped at the end.
 */
#ifndef CALLTALLY_RUN_REDACT_H
#define CALLTALLY_RUN_REDACT_H

#include <stdint.h>

#include "base/buf.h"

enum { REDACT_MIN_BYTES = 4 };

struct redactor {
	struct buf *needle;
	size_t n;
};

void redactor_init(struct redactor *);
void redactor_free(struct redactor *);
bool redactor_add(struct redactor *, struct str secret);

/* True when text holds a secret. */
bool redactor_finds(const struct redactor *, struct str text);
/* Appends text with each secret in it replaced by "***". */
bool redact(const struct redactor *, struct buf *out, struct str text);

#endif
