/*
 * map: names and overrides from a CSV list, all or nothing.
 */
#ifndef CALLTALLY_RUN_MAP_H
#define CALLTALLY_RUN_MAP_H

#include "base/err.h"
#include "call/profile.h"
#include "db/db.h"
#include "run/comeback.h"

struct map_result {
	int64_t rows;
	int64_t assistant_names;	/* rows that name an assistant */
	int64_t campaign_names;
	int64_t overrides;		/* new or changed ones */
	int64_t overrides_known;	/* that changed nothing */
	int64_t calls;			/* calls folded anew */
};

/*
 * Reads the list at path ("-": standard input) and applies it in one
 * transaction under the writer lock that the caller holds. provider (NULL:
 * none) stands for a missing provider column. The header decides what the
 * rows are: provider,call_id[,assistant_id][,campaign_id] override;
 * provider,assistant_id,name and provider,campaign_id,name name. Columns may
 * be in any order. Errors tell "PATH:LINE: ". A server that goes away
 * meanwhile and comes back is given the list once more; the comeback is the
 * caller's.
 */
bool map_run(struct db *, const struct profiles *, const char *path,
    const char *provider, struct comeback *, struct map_result *,
    struct err *);

#endif
