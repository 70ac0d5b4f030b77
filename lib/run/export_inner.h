/*
 * export_inner: an export under way, shared by its sources.
 */
#ifndef CALLTALLY_RUN_EXPORT_INNER_H
#define CALLTALLY_RUN_EXPORT_INNER_H

#include <pthread.h>

#include "run/export.h"
#include "run/export_page.h"
#include "run/export_report.h"
#include "run/export_session.h"
#include "run/export_xlsx.h"
#include "run/outlet.h"
#include "run/publication.h"

enum { LANES = 2 };

/* One report on its way to a file. */
struct job {
	const struct report *report;
	struct atomicfile *file;
	struct statement statement;
	struct outlet outlet;
	uint64_t rows;
	bool taken;
	bool ended;	/* its statement is whole */
	bool recorded;	/* and on record, or on its way there: who records says so */
	bool made;	/* the file is to be there: not so of a report without days, when only changed ones are wanted */
};

struct export;

/* One connection and the thread that runs reports on it. */
struct lane {
	struct export *export;
	struct db *db;	/* NULL: this lane is not used */
	bool in_snapshot;	/* its transaction sees the snapshot */
	bool ended;	/* it runs nothing any more */
};

/* An export; of what both lanes touch, the lock guards taken, ended, failed and *err. */
struct export {
	const struct export_options *options;
	struct report_set set;
	struct job *job;	/* one for each of the set */
	struct arena docs;	/* of the reports */
	struct publication publication;
	struct ledger_position position;
	struct statement **stated;	/* of the jobs that have one */
	size_t stateds;
	struct atomicfile *restatements;
	uint64_t restated;	/* its rows */
	struct outlet restated_outlet;
	struct export_xlsx *workbook;	/* NULL: none is asked for */
	struct atomicfile *page_file;	/* NULL: no page is wanted */
	struct page page;
	struct lane lane[LANES];
	struct lane *publisher;	/* the last lane, which has time to publish before the others end */
	char snapshot[SNAPSHOT_BYTES];
	char zone[ZONE_BYTES];
	pthread_mutex_t lock;
	bool failed;
	struct err *err;
};

/* Opens the connections, with the first one's snapshot but where somebody stands between them; one report needs one. */
bool export_open_lanes(struct export *, struct err *);
/* Writes all files under their temporary names, and begins to publish them. */
bool export_write_files(struct export *, struct err *);
/* Tells what is restated, while the snapshot is there, and records what is published. */
bool export_publish(struct export *, struct err *);
/* Gives the files their names. */
bool export_commit_files(struct export *, struct export_result *, struct err *);
bool export_write_manifest(struct export *, struct export_result *,
    struct err *);

#endif
