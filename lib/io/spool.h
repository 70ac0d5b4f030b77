/*
 * spool: bytes that must wait, in a temporary file.
 *
 * Bytes are appended until spool_end, then read by any number of readers
 * from any place on. Memory is SPOOL_BYTES (what is shorter never becomes a
 * file), and for each reader its window, or the longest piece that is taken.
 * The file has no name and vanishes with the program.
 */
#ifndef CALLTALLY_IO_SPOOL_H
#define CALLTALLY_IO_SPOOL_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum { SPOOL_BYTES = 64 * 1024 };

struct spool {
	const char *folder;	/* the caller's */
	bool has_file;
	int fd;
	struct buf tail;	/* what is not yet in the file */
	uint64_t bytes;		/* all of them */
};

/* folder: where the file may be. Allocates nothing. */
void spool_init(struct spool *, const char *folder);
void spool_close(struct spool *);
bool spool_put(struct spool *, const void *, size_t n, struct err *);
bool spool_end(struct spool *, struct err *);

struct spool_reader {
	const struct spool *spool;
	uint64_t at;		/* the next byte; the caller may set it */
	size_t window_bytes;
	struct buf window;
	uint64_t window_at;
};

void spool_reader_init(struct spool_reader *, const struct spool *,
    uint64_t at, size_t window_bytes);
void spool_reader_close(struct spool_reader *);
/* The next n bytes, which must be there; borrowed until the next call. */
bool spool_take(struct spool_reader *, size_t n, struct str *, struct err *);
/* The same into a place. */
bool spool_read(struct spool_reader *, void *, size_t n, struct err *);

#endif
