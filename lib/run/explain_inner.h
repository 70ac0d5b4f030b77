/*
 * explain_inner: what the files of explain share; for them only.
 */
#ifndef CALLTALLY_RUN_EXPLAIN_INNER_H
#define CALLTALLY_RUN_EXPLAIN_INNER_H

#include "run/explain.h"

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
