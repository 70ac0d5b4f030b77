/*
 * gzip: makes gzip members for tests.
 */
#ifndef CALLTALLY_TESTS_GZIP_H
#define CALLTALLY_TESTS_GZIP_H

#include <stdlib.h>
#include <zlib.h>

/* Appends a member that holds the n bytes at p to out, which has room; its bytes. */
static inline size_t
gzip_member(unsigned char *out, size_t room, const void *p, size_t n, int level)
{
	z_stream z = { .next_in = (unsigned char *)(uintptr_t)p,
		.avail_in = (unsigned)n, .next_out = out,
		.avail_out = (unsigned)room };

	if (deflateInit2(&z, level, Z_DEFLATED, MAX_WBITS + 16, 8,
	    Z_DEFAULT_STRATEGY) != Z_OK || deflate(&z, Z_FINISH) != Z_STREAM_END)
		abort();
	(void)deflateEnd(&z);
	return room - z.avail_out;
}

#endif
