/*
 * rowid: what a row of a report with days is known by, as bytes that sort.
 *
 * Its day, and the values of its key columns, with a separator between them;
 * of rows with the same key the second and later ones have their number
 * behind it. The part behind the day is the key as it is on record.
 */
#ifndef CALLTALLY_RUN_ROWID_H
#define CALLTALLY_RUN_ROWID_H

#include <stdint.h>

#include "base/buf.h"

enum { DAY_BYTES = 11 };

/* The id of a row of that day, "" or YYYY-MM-DD, with a key as it is on record. */
void rowid_set(struct buf *id, struct str day, struct str key);
/* The same value by value: n of them, those of the cells that column tells. */
void rowid_make(struct buf *id, struct str day, const struct str *cell,
    const int *column, size_t n);
/* Puts behind an id its number, from 2, among those that are the same. */
void rowid_put_number(struct buf *id, uint32_t number);

/* The two parts of an id; day is terminated. */
void rowid_day(struct str id, char day[DAY_BYTES]);
struct str rowid_key(struct str id);
/* Takes the next value from *key. */
struct str rowid_next_value(struct str *key);
/* The number behind the last value, which is all that is left of the key; 0: none. */
uint32_t rowid_number(struct str rest);

#endif
