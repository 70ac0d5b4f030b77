/*
 * batch: parts that are written in one transaction, and what they hold.
 *
 * Owns its parts. Events of calls that an earlier batch still has under way
 * stand behind the others, so that these need not wait for it.
 */
#ifndef CALLTALLY_RUN_BATCH_H
#define CALLTALLY_RUN_BATCH_H

#include "db/drift.h"
#include "db/store.h"
#include "run/part.h"
#include "run/seen.h"

struct batch {
	uint64_t number;		/* from 0, in the order of reading */
	struct part *list;
	struct arena arena;
	struct store_item *item;	/* first those that need not wait */
	size_t items, free_items;
	uint32_t *place;		/* in item, of each event in the order of reading */
	struct reject_row *reject;
	size_t rejects;
	struct source_row **source;	/* distinct, in the order of reading */
	size_t sources;
	struct drift_row *drift;
	size_t drifts;
	struct passage_row *passage;
	size_t passages;
	struct line_counts counts;
	struct store_counts stored;
	struct drift_counts drifted;
};

/*
 * Lays the parts' events, rejects, drift and passages side by side, and tells
 * the run's memory of calls about them; batches below done are committed. Takes
 * the list also when it fails for lack of memory. batch_close is right in any
 * case.
 */
bool batch_open(struct batch *, struct part *list, struct seen *,
    uint64_t number, uint64_t done, struct err *);
void batch_close(struct batch *);

/*
 * After the events were judged: moves the parts' counts into the rows of
 * their sources and sums them up. Batches in the order of their numbers.
 */
void batch_count(struct batch *);

/* Whether most of its lines told what was known; after batch_count. */
bool batch_is_copy(const struct batch *);

#endif
