/*
 * noise: lines that are no event: rejected ones and ignored ones.
 */
#ifndef GEN_NOISE_H
#define GEN_NOISE_H

#include <stdbool.h>

#include "call.h"

/* Which kind of noise; a function of the stream alone. */
int noise_draw(struct rng *);

/* True: the line is ignored. False: it is rejected. */
bool noise_is_ignored(int kind);

/* Appends a line of the kind. number must be that of no call. */
void noise_write(struct text *, int kind, const struct world *, uint64_t number);

#endif
