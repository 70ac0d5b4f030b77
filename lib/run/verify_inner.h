/*
 * verify_inner: what the files of verify share; for them only.
 */
#ifndef CALLTALLY_RUN_VERIFY_INNER_H
#define CALLTALLY_RUN_VERIFY_INNER_H

#include "db/stored.h"
#include "run/paths.h"
#include "run/spill.h"
#include "run/verify.h"

/* A source of the database that is among the files. */
struct source_ref {
	int64_t source_id;
	size_t file;		/* in the list of paths */
};

struct verify {
	const struct verify_options *opt;
	struct db *db;
	struct verify_result *result;
	struct path_list list;
	struct line_counts *read;	/* of each file */
	struct source_ref *source;	/* by source_id */
	size_t sources;
	bool beside;			/* events came from other files as well */
	struct arena arena;		/* of the whole run */
};

struct balance {
	int16_t utc_day;
	struct id128 identity;
	int64_t time_us;
	int64_t micro;
};

/* All that there is of one call. */
struct group {
	struct id128 key;
	struct str provider, call_id;	/* {NULL,0}: nobody knows */
	struct event **said;		/* by the archive, by (identity, file, line); source_id is the file's place in the list */
	size_t n_said;
	struct event **stored;		/* by identity */
	size_t n_stored;
	bool has_call;
	struct stored_call call;
	struct balance *balance;	/* by identity */
	size_t n_balances;
	struct arena arena;		/* holds the stored ones, and scratch */
};

/*
 * Goes through the calls that the spilled events speak of, or the database has,
 * within the caller's transaction. A slice of the spill takes about so many bytes.
 */
bool verify_merge(struct verify *, struct spill *, uint64_t slice_bytes,
    struct err *);

/* Compares what is stored of a call with what the archive says. */
bool verify_group(struct verify *, struct group *, struct err *);

/* Tells a finding; counts it when it is the first of its thing. */
void verify_tell(struct verify *, const struct finding *, bool first);

/* The name of a file of the list, in text; {NULL,0} of none (file < 0). */
struct str verify_file_name(const struct verify *, int64_t file, struct buf *text);

/* The place in the list of the file that a stored event came from; -1: of none. */
int64_t verify_file_of(const struct verify *, int64_t source_id);

#endif
