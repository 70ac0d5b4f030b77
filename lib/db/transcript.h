/*
 * transcript: what was said in calls, word by word.
 *
 * Stored only where the reading of it was asked for (decoder_keep_transcripts),
 * in a table of its own, for each event that tells one. No report has them.
 */
#ifndef CALLTALLY_DB_TRANSCRIPT_H
#define CALLTALLY_DB_TRANSCRIPT_H

#include "base/arena.h"
#include "call/event.h"
#include "db/db.h"

/*
 * Stores those of the events that have one, in the open transaction, in the
 * place of what was stored of the same events. The arena is for scratch.
 */
bool transcripts_put(struct db *, struct arena *, const struct event *const *,
    size_t n, struct err *);

/* Those of a call, by the identities of its events; the caller frees them. NULL on error. */
struct db_rows *transcripts_get(struct db *, const struct id128 *call_key,
    struct err *);
/* The event's transcript; {NULL,0} when there is none. */
struct str transcript_of(const struct db_rows *, const struct event *);

#endif
