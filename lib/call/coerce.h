/*
 * coerce: from a JSON node to a field's value, where that is unambiguous.
 *
 * Each function returns false for a node that cannot be such a value (out
 * may then have been appended to). Texts are appended to out; NULs in them
 * become U+FFFD and are counted in *replaced.
 */
#ifndef CALLTALLY_CALL_COERCE_H
#define CALLTALLY_CALL_COERCE_H

#include "call/shape.h"

enum { SCALAR_TEXT_BYTES = 24 };

/* A text, or a whole number in decimal, written to tmp; else {NULL, 0}. */
struct str coerce_scalar(struct node, char tmp[SCALAR_TEXT_BYTES]);

/* Text from text or a whole number. */
bool coerce_text(struct node, struct buf *out, uint64_t *replaced);

/* Appends s, without NULs. */
void put_text(struct buf *out, struct str s, uint64_t *replaced);

/* true, false, or these as text in any case. */
bool coerce_bool(struct node, int64_t *out);

/* A time as text, or an epoch number. */
bool coerce_time(struct node, int64_t *out);

/* A duration in the unit, in milliseconds; never negative. */
bool coerce_ms(struct node, enum unit, int64_t *out);

/* A number in millionths. */
bool coerce_micro(struct node, bool may_be_negative, int64_t *out);

/* A whole number, never negative. */
bool coerce_count(struct node, int64_t *out);

/*
 * A canonical JSON array without its silent elements, of an array, or of one
 * element that is a text. *silent is set when nothing is left.
 */
bool coerce_list(struct node, struct buf *out, uint64_t *replaced,
    bool *silent);

/* node_canonical, which replaces NULs as well, with a count of them. */
bool put_canonical(struct node, bool drop_silent, struct buf *out,
    uint64_t *replaced);

#endif
