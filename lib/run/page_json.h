/*
 * page_json: JSON put together in a buffer, for the page.
 *
 * Puts a comma by itself wherever something stands before. name is NULL
 * within a list. Memory that ran out is told by the buffer.
 */
#ifndef CALLTALLY_RUN_PAGE_JSON_H
#define CALLTALLY_RUN_PAGE_JSON_H

#include <stdint.h>

#include "base/buf.h"

/* Opens an object '{' or a list '['. */
void page_open(struct buf *, const char *name, char bracket);
void page_close(struct buf *, char bracket);

/* A text; {NULL,0} is null. */
void page_text(struct buf *, const char *name, struct str s);
void page_int(struct buf *, const char *name, int64_t n);
/* What is JSON already, as a number of PostgreSQL's; {NULL,0} is null. */
void page_raw(struct buf *, const char *name, struct str s);

#endif
