/*
 * spill: events on their way to be sorted by call, in temporary files.
 *
 * Events go by the first bits of their call's key into SPILL_PARTS unnamed
 * files, which vanish with the program; a part is read back slice by slice,
 * each slice a range of keys, so that memory is bounded however many there
 * are. Parts and slices ascend with the keys.
 */
#ifndef CALLTALLY_RUN_SPILL_H
#define CALLTALLY_RUN_SPILL_H

#include <stdio.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "call/event.h"

enum {
	SPILL_PARTS = 64,		/* by 6 bits of the key */
	SPILL_SLICES_MAX = 1024,	/* by the 10 bits behind them */
};

struct spill {
	FILE *file[SPILL_PARTS];
	uint64_t bytes[SPILL_PARTS];
	struct buf row;
};

/* folder: where temporary files may be. False on error; close in any case. */
bool spill_open(struct spill *, const char *folder, struct err *);
void spill_close(struct spill *);

bool spill_put(struct spill *, const struct event *, struct err *);

/* How many slices keep a part within so many bytes. */
unsigned spill_slices(const struct spill *, unsigned part, uint64_t bytes);

/* The events of a slice, in the arena, in the order in which they were put. */
bool spill_get(struct spill *, unsigned part, unsigned slice, unsigned slices,
    struct arena *, struct event ***event, size_t *n, struct err *);

#endif
