/*
 * export_manifest: manifest.json, which says what an export consists of.
 */
#ifndef CALLTALLY_RUN_EXPORT_MANIFEST_H
#define CALLTALLY_RUN_EXPORT_MANIFEST_H

#include "db/db.h"
#include "run/export.h"

/* The ledger at the export's moment. */
struct ledger_position {
	int64_t sources, finished, unfinished;
	int64_t lines, events, duplicates, rejected, ignored;
	bool has_run;		/* the one that began last: */
	char run_id[ID128_TEXT_BYTES];
	char command[64];
	char state[16];
	int64_t started_us;
	int64_t finished_us;	/* TIME_NONE: not yet */
};

bool ledger_position_get(struct db *, struct ledger_position *, struct err *);

/* What the manifest says of the export's publication. */
struct manifest_publication {
	bool is_published;
	const char *why_not;	/* when it is not */
	struct id128 id;
	int64_t number;
	int64_t at_us;
};

/*
 * Writes it into the folder of the options. zone: the proper name of their
 * zone. Without a ledger the publication is a former one, given back.
 */
bool export_manifest(const struct export_options *, const char *zone,
    const struct manifest_publication *, const struct ledger_position *,
    const struct export_result *, struct err *);

/* Whether the manifest in that folder is that publication's; false also when there is none. */
bool export_manifest_names(struct str folder, const struct id128 *publication);

#endif
