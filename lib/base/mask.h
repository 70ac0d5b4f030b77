/*
 * mask: phone numbers in text, made unreadable.
 */
#ifndef CALLTALLY_BASE_MASK_H
#define CALLTALLY_BASE_MASK_H

#include "base/buf.h"

/*
 * Appends s with every run of 7 digits or more masked but for the last two.
 * Blanks, dots, dashes and brackets between the digits do not end a run; a
 * day (2026-03-01) is none.
 */
void mask_phones(struct buf *out, struct str s);

#endif
