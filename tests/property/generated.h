/*
 * generated: lines of the generator of dumps, without a file.
 *
 * Stands alone: the generator has a struct event and a struct call of its own.
 */
#ifndef PROPERTY_GENERATED_H
#define PROPERTY_GENERATED_H

#include <stddef.h>
#include <stdint.h>

#include "gen/rng.h"

/*
 * Gives all lines of so many calls, retries, envelopes and noise among them,
 * in the order of the files.
 */
void generated_lines(uint64_t seed, unsigned calls,
    void (*put)(void *data, const char *line, size_t n), void *data);

/*
 * Gives the line, which must be JSON, with white space between its tokens,
 * and with kind 1 in an envelope that states no receipt.
 */
void generated_copy(struct rng *, int kind, const char *line, size_t n,
    void (*put)(void *data, const char *line, size_t n), void *data);

#endif
