/*
 * warnings: what was wrong with lines that were kept, added up and told.
 */
#ifndef CALLTALLY_RUN_WARNINGS_H
#define CALLTALLY_RUN_WARNINGS_H

#include "base/buf.h"
#include "call/decode.h"

void warnings_add(struct decode_warnings *sum, const struct decode_warnings *);

/* As a JSON object of the counts that are not zero; out is reset. False: out of memory. */
bool warnings_json(const struct decode_warnings *, struct buf *out);

/* Sets the count that has this name in the object; any other name is none of ours. */
void warnings_set(struct decode_warnings *, struct str name, uint64_t n);

#endif
