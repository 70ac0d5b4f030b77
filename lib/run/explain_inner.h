/*
 * explain_inner: what the files of explain share; for them only.
 */
#ifndef CALLTALLY_RUN_EXPLAIN_INNER_H
#define CALLTALLY_RUN_EXPLAIN_INNER_H

#include "run/explain.h"

/* In the order of the parameters of explain_cell. */
enum explain_key {
	KEY_DAY, KEY_PROVIDER, KEY_ASSISTANT, KEY_CAMPAIGN, KEY_WORKSPACE,
	KEY_WEEKDAY, KEY_HOUR, KEY_REATTEMPTS, KEY_INSIGHT, KEY_VALUE,
	KEY_CALL, EXPLAIN_KEYS
};

extern const char *const explain_key_name[EXPLAIN_KEYS];

/* A report that can be explained, and what its rows are known by. */
struct explained_report {
	const char *name;
	unsigned keys;		/* bits of enum explain_key */
	bool of_calls;		/* a row is one call */
};

struct explainer {
	const struct explain_options *opt;
	const struct explained_report *info;
	struct db *db;
	struct explanation *x;
};

/* Finds the row in the report, and keeps its cells. */
bool explain_find_row(struct explainer *, struct err *);
/* The row's cell of that name; NULL when there is none. */
const struct explain_cell *explain_cell_of(const struct explanation *,
    struct str name);

/* What decides a column: fields by their bits, and these. */
enum {
	DECIDED_BY_OUTCOME = FIELD_COUNT,
	DECIDED_BY_DAY,			/* started_at, else the first event */
	DECIDED_BY_FIRST_EVENT,
	DECIDED_BY_LAST_EVENT,
	DECIDED_BY_ALL
};

_Static_assert(DECIDED_BY_ALL <= 32, "a mask holds them");

struct deciding {
	uint32_t by;			/* bits as above */
	struct str insight;		/* only this one of the insights; {NULL,0}: all */
	const struct id128 *identity;	/* this event, for its balance; NULL: none */
};

/* Fills the deciders of a call from its stored events. */
bool explain_decide(const struct explain_options *, struct db *,
    struct arena *, const struct deciding *, struct explain_call *,
    struct err *);

/* Fills the raw lines of all deciders, reading each file once. */
bool explain_read_lines(const struct explain_options *, struct explanation *,
    struct err *);

#endif
