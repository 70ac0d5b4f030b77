/*
 * privacy: which cells of reports can hold phone numbers.
 *
 * Told by the name of the column, so that a user's own reports are covered,
 * too. from_number, to_number and other columns that end with "_number" or
 * name a phone hold nothing else. Ids, links, days and what calltally itself
 * says of a row hold none and are left as they are: an id that is a phone
 * number stays one. All other text is free text (base/phones.h).
 */
#ifndef CALLTALLY_RUN_PRIVACY_H
#define CALLTALLY_RUN_PRIVACY_H

#include "base/phones.h"

enum privacy { PRIVACY_NONE, PRIVACY_TEXT, PRIVACY_NUMBER };

enum privacy privacy_of_column(struct str name);

/* Appends a cell of such a column. */
void privacy_put(struct buf *out, enum privacy, struct str, enum phones);

#endif
