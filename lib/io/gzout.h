/*
 * gzout: files made of whole gzip members.
 */
#ifndef CALLTALLY_IO_GZOUT_H
#define CALLTALLY_IO_GZOUT_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/* Appends plain, as one gzip member, to out. */
bool gzout_member(struct buf *out, struct str plain, struct err *);

/* How much of a file is whole members. */
struct gzout_whole {
	int64_t file_bytes;
	int64_t whole_bytes;	/* up to the end of the last whole member */
	int64_t plain_bytes;	/* that they hold */
};

/* Reads the file from its start, its checksums included. */
bool gzout_check(int fd, const char *name, struct gzout_whole *, struct err *);

#endif
