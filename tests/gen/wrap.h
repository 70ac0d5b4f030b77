/*
 * wrap: other ways to write the same message: with white space between its
 * tokens, or inside an envelope.
 */
#ifndef GEN_WRAP_H
#define GEN_WRAP_H

#include <stdbool.h>
#include <stdint.h>

#include "rng.h"
#include "text.h"

/* 0 is no envelope. */
int wrap_draw(struct rng *);

/* True when an envelope of this form says when it was received. */
bool wrap_states_receipt(int form);

/* Appends the message in an envelope of the form, received at us. */
void wrap_write(struct text *, int form, int64_t us, const struct text *message);

/* Appends the message with white space scattered between its tokens. */
void wrap_respace(struct text *, const struct text *message, struct rng *);

#endif
