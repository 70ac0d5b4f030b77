/*
 * verify: the database against the archive.
 *
 * All files are read and decoded again; their events are sorted by call in
 * temporary files and then laid beside the events, calls and balances of
 * the database, of one moment, call by call. Each call is folded anew from
 * what the archive says, and what the database has from other sources (other
 * files, lists), and compared with its row. Nothing is written.
 *
 * An event whose body states no time has the earliest receipt of its copies:
 * a stored one that is earlier than the files given tell is a difference
 * only when events came from no other files.
 */
#ifndef CALLTALLY_RUN_VERIFY_H
#define CALLTALLY_RUN_VERIFY_H

#include "base/err.h"
#include "call/profile.h"
#include "db/db.h"
#include "run/progress.h"

enum { VERIFY_MEMORY_BYTES = 128 * 1024 * 1024 };

enum finding_kind {
	FINDING_EVENT_MISSING,		/* in a file, not in the database */
	FINDING_EVENT_EXTRA,		/* in the database, its source is among the files, but in none of them */
	FINDING_EVENT_DIFFERENT,
	FINDING_EVENT_MISPLACED,	/* not in the line that the database says */
	FINDING_CALL_MISSING,
	FINDING_CALL_EXTRA,		/* no event speaks of it */
	FINDING_CALL_DIFFERENT,
	FINDING_BALANCE_MISSING,
	FINDING_BALANCE_EXTRA,
	FINDING_BALANCE_DIFFERENT,
	FINDING_FILE_UNKNOWN,		/* never loaded */
	FINDING_FILE_DIFFERENT,		/* the ledger counts its lines otherwise */
	FINDING_KINDS
};

/* "event_missing", ... */
extern const char *const finding_name[FINDING_KINDS];

/* One difference; of events and calls one for each part that differs. Borrowed. */
struct finding {
	enum finding_kind kind;
	struct str provider, call_id;	/* {NULL,0} where unknown, and of files */
	const struct id128 *identity;	/* of the event; NULL of calls and files */
	const char *part;		/* what differs; NULL: the whole */
	struct str stored, computed;	/* {NULL,0}: nothing */
	bool free_text;			/* stored and computed may hold phone numbers */
	struct str file;		/* the place that tells the computed value; {NULL,0}: none */
	int64_t line;
	struct str stored_file;		/* where the database has it from */
	int64_t stored_line;
};

struct verify_options {
	const char *const *path;	/* files and folders */
	size_t paths;
	const struct profiles *profiles;
	const char *temporary;		/* folder for temporary files */
	size_t max_line_bytes;		/* 0: as ingest */
	size_t memory_bytes;		/* 0: VERIFY_MEMORY_BYTES; about */
	struct progress *progress;	/* never NULL */
	void (*note)(void *data, const char *text);	/* a damaged file */
	void (*found)(void *data, const struct finding *);
	void *data;
};

struct verify_result {
	int64_t files, lines;
	int64_t events;			/* lines that tell one */
	int64_t calls;			/* that the archive speaks of */
	int64_t stored_events, stored_calls, stored_balances;
	int64_t elsewhere;		/* stored events from sources that were not given */
	int64_t finding[FINDING_KINDS];	/* how many things are so; a call with three different parts is one */
	int64_t differences;		/* all of them */
};

bool verify_run(const struct verify_options *, struct db *,
    struct verify_result *, struct err *);

#endif
