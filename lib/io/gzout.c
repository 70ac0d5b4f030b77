#include "io/gzout.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

enum {
	GZIP_ONLY = 16,		/* for zlib: a gzip header, no other */
	LEVEL = 5,
	MEMORY_LEVEL = 8,
	BUFFER_BYTES = 128 * 1024,
};

bool
gzout_member(struct buf *out, struct str plain, struct err *err)
{
	z_stream z = { 0 };
	size_t bound;
	int code;

	if (plain.n > UINT32_MAX / 2)
		return err_fail(err, "too much for one gzip member");
	if (deflateInit2(&z, LEVEL, Z_DEFLATED, MAX_WBITS + GZIP_ONLY,
	    MEMORY_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK)
		return err_nomem(err);
	bound = deflateBound(&z, plain.n);
	if (!buf_reserve(out, bound)) {
		(void)deflateEnd(&z);
		return err_nomem(err);
	}
	z.next_in = (z_const Bytef *)(uintptr_t)plain.p;
	z.avail_in = (unsigned)plain.n;
	z.next_out = (Bytef *)out->p + out->n;
	z.avail_out = (unsigned)bound;
	code = deflate(&z, Z_FINISH);
	out->n += bound - z.avail_out;
	(void)deflateEnd(&z);
	return code == Z_STREAM_END || err_fail(err, "gzip: %d", code);
}

struct check {
	z_stream z;
	unsigned char in[BUFFER_BYTES], out[BUFFER_BYTES];
	int64_t taken;		/* bytes of the file that were inflated */
	int64_t plain;
	bool broken;
};

/* Inflates what is in c->in. */
static void
inflate_all(struct check *c, struct gzout_whole *w)
{
	do {
		unsigned before = c->z.avail_in;
		int code;

		c->z.next_out = c->out;
		c->z.avail_out = BUFFER_BYTES;
		code = inflate(&c->z, Z_NO_FLUSH);
		c->taken += before - c->z.avail_in;
		c->plain += BUFFER_BYTES - c->z.avail_out;
		if (code == Z_STREAM_END) {
			w->whole_bytes = c->taken;
			w->plain_bytes = c->plain;
			(void)inflateReset(&c->z);
		} else if (code != Z_OK) {
			/* No input left is no fault of the file. */
			c->broken = code != Z_BUF_ERROR;
			return;
		}
	} while (c->z.avail_in > 0 || c->z.avail_out == 0);
}

bool
gzout_check(int fd, const char *name, struct gzout_whole *w, struct err *err)
{
	struct check *c = calloc(1, sizeof(*c));
	bool ok = c != NULL;
	ssize_t n = 1;

	*w = (struct gzout_whole){ 0 };
	if (!ok || inflateInit2(&c->z, MAX_WBITS + GZIP_ONLY) != Z_OK) {
		free(c);
		return err_nomem(err);
	}
	while (ok && n > 0) {
		n = pread(fd, c->in, sizeof(c->in), w->file_bytes);
		if (n < 0 && errno == EINTR) {
			n = 1;
			continue;
		}
		if (n < 0) {
			ok = err_sys(err, errno, "%s: cannot read", name);
			break;
		}
		w->file_bytes += n;
		c->z.next_in = c->in;
		c->z.avail_in = (unsigned)n;
		if (!c->broken)
			inflate_all(c, w);
	}
	(void)inflateEnd(&c->z);
	free(c);
	return ok;
}
