/*
 * sorter: records in the order of their keys, however many there are.
 *
 * Records are put, then read from the first on, as often as one likes: by
 * key in byte order, of the same key in the order in which they were put.
 * What comes in order goes straight to a temporary file (io/spool.h); the
 * rest is sorted piece by piece and merged while it is read. Memory is
 * SORTER_BYTES and the largest record, twice; of what has more than
 * some 500 pieces (2 GiB) 8 KiB for each of these besides.
 */
#ifndef CALLTALLY_IO_SORTER_H
#define CALLTALLY_IO_SORTER_H

#include "base/arena.h"
#include "io/spool.h"

enum { SORTER_BYTES = 4 * 1024 * 1024 };

struct sorter_item;
struct sorter_run;

struct sorter {
	struct spool spool;
	size_t memory_bytes;		/* SORTER_BYTES, but for tests */
	struct sorter_run *run;		/* sorted pieces of the spool */
	size_t runs, run_cap;
	struct buf last;		/* the last key, while all came in order; */
	bool has_last, unordered;	/* that they did not */
	struct arena arena;		/* the piece in memory */
	struct sorter_item *item;
	size_t items, item_cap;
	size_t *heap;			/* of runs that have a record, the least first */
	size_t heaped;
	bool given;			/* the first one's record was given */
};

/* folder: where temporary files may be. Allocates nothing. */
void sorter_init(struct sorter *, const char *folder);
void sorter_close(struct sorter *);
bool sorter_put(struct sorter *, struct str key, struct str value, struct err *);

/* Begins to read, the first time or again; nothing is put any more. */
bool sorter_begin(struct sorter *, struct err *);
/* The next record, borrowed until the next call; false at the end, and on error. */
bool sorter_next(struct sorter *, struct str *key, struct str *value,
    struct err *);

enum { SORTER_NUMBER_BYTES = 8 };
/* A number as a key, written to the place: as keys, numbers are in their order. */
struct str sorter_number(uint64_t, unsigned char key[SORTER_NUMBER_BYTES]);

#endif
