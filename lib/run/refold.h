/*
 * refold: the database made anew by the profiles as they are now.
 *
 * First, for each file of the ledger that is in reach and still begins with
 * what was loaded from it: its lines are decoded again; an event that its
 * line tells otherwise now is replaced, one that it tells no more is
 * removed, one that it did not tell before is added; the file's rejects and
 * its books follow. Then every call is folded again from all its stored
 * events and rewritten where it differs. What came from files out of reach,
 * and from lists, stays as it is stored.
 *
 * In batches of one transaction each: cut off anywhere it has done whole
 * batches, and the next run does the rest; run again it finds nothing to do.
 * A run whose server went away goes on by itself when it is back.
 */
#ifndef CALLTALLY_RUN_REFOLD_H
#define CALLTALLY_RUN_REFOLD_H

#include "db/stored.h"
#include "run/progress.h"

struct refold_options {
	const char *conninfo;		/* for a second connection, which only reads */
	const struct profiles *profiles;
	bool stored_only;		/* no file is read */
	bool transcripts;		/* also store those that the files tell */
	const char *const *path;	/* only these files and folders */
	size_t paths;			/* 0: all files of the ledger */
	size_t max_line_bytes;		/* 0: as ingest */
	int64_t comeback_ms;		/* how long the server may be away (run/comeback.h) */
	struct progress *progress;	/* never NULL */
	void (*note)(void *data, const char *text);	/* a file that is out of reach */
	void *note_data;
};

struct refold_result {
	struct id128 run_id;
	int64_t sources;		/* read again */
	int64_t sources_gone;		/* out of reach, or changed */
	int64_t lines;
	int64_t events_changed;
	int64_t events_added;
	int64_t events_removed;
	int64_t event_part[EVENT_PARTS];	/* of the changed ones */
	int64_t identities;		/* changed ones that have another identity */
	int64_t rejects_added, rejects_removed;	/* another reason is both */
	int64_t newly_rejected;		/* lines that were understood before */
	struct refold_counts calls;
};

/*
 * Under the writer lock that the caller holds. False on error or signal;
 * *result then holds what was committed.
 */
bool refold_run(const struct refold_options *, struct db *,
    struct refold_result *, struct err *);

#endif
