/*
 * quote: text as it stands in JSON and in a URL.
 */
#ifndef CALLTALLY_BASE_QUOTE_H
#define CALLTALLY_BASE_QUOTE_H

#include "base/buf.h"

/* s as a JSON string without its quotes; bytes beyond ASCII as they are. */
bool quote_json(struct buf *, struct str s);

/* s as one part of a path or query: all but letters, digits and "-._~" as %XX. */
bool quote_url(struct buf *, struct str s);

/*
 * s as a path: "/", what a path may hold and escapes that are there already
 * stay, all else becomes %XX.
 */
bool quote_path(struct buf *, struct str s);

#endif
