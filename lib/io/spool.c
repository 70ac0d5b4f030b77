#include "io/spool.h"

#include <errno.h>
#include <unistd.h>

#include "io/tempfile.h"

void
spool_init(struct spool *s, const char *folder)
{
	*s = (struct spool){ .folder = folder };
}

void
spool_close(struct spool *s)
{
	if (s->has_file)
		(void)close(s->fd);
	buf_free(&s->tail);
	*s = (struct spool){ .folder = s->folder };
}

static bool
write_out(struct spool *s, const char *p, size_t n, struct err *err)
{
	if (!s->has_file) {
		if ((s->fd = tempfile_open(s->folder, err)) < 0)
			return false;
		s->has_file = true;
	}
	while (n > 0) {
		ssize_t done = write(s->fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return err_sys(err, done < 0 ? errno : EIO,
			    "%s: cannot write a temporary file", s->folder);
		p += done;
		n -= (size_t)done;
	}
	return true;
}

bool
spool_put(struct spool *s, const void *p, size_t n, struct err *err)
{
	s->bytes += n;
	if (s->tail.n + n > SPOOL_BYTES) {
		if (!write_out(s, s->tail.p, s->tail.n, err))
			return false;
		buf_reset(&s->tail);
		if (n > SPOOL_BYTES)
			return write_out(s, p, n, err);
	}
	return buf_put(&s->tail, p, n) || err_nomem(err);
}

bool
spool_end(struct spool *s, struct err *err)
{
	if (!s->has_file)
		return true;
	if (!write_out(s, s->tail.p, s->tail.n, err))
		return false;
	buf_free(&s->tail);
	s->tail = (struct buf)BUF_INIT(0);
	return true;
}

void
spool_reader_init(struct spool_reader *r, const struct spool *s, uint64_t at,
    size_t window_bytes)
{
	*r = (struct spool_reader){
		.spool = s, .at = at, .window_bytes = window_bytes,
	};
}

void
spool_reader_close(struct spool_reader *r)
{
	buf_free(&r->window);
	*r = (struct spool_reader){ 0 };
}

/* Reads on until the window holds n bytes from the reader's place on. */
static bool
fill(struct spool_reader *r, size_t n, struct err *err)
{
	size_t want = n > r->window_bytes ? n : r->window_bytes;
	const struct spool *s = r->spool;

	if (want > s->bytes - r->at)
		want = (size_t)(s->bytes - r->at);
	buf_reset(&r->window);
	r->window_at = r->at;
	if (!buf_reserve(&r->window, want))
		return err_nomem(err);
	while (r->window.n < n) {
		ssize_t done = pread(s->fd, r->window.p + r->window.n,
		    want - r->window.n, (off_t)(r->at + r->window.n));

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return err_sys(err, done < 0 ? errno : EIO,
			    "%s: cannot read a temporary file", s->folder);
		r->window.n += (size_t)done;
	}
	return true;
}

bool
spool_take(struct spool_reader *r, size_t n, struct str *out, struct err *err)
{
	const struct spool *s = r->spool;
	const struct buf *from = s->has_file ? &r->window : &s->tail;
	uint64_t from_at = s->has_file ? r->window_at : 0;

	if (n > s->bytes || r->at > s->bytes - n)
		return err_fail(err, "%s: a temporary file was cut off",
		    s->folder);
	if (r->at < from_at || r->at + n > from_at + from->n) {
		if (!fill(r, n, err))
			return false;
		from_at = r->at;
	}
	*out = (struct str){ n > 0 ? from->p + (r->at - from_at) : "", n };
	r->at += n;
	return true;
}

bool
spool_read(struct spool_reader *r, void *out, size_t n, struct err *err)
{
	struct str s;

	if (!spool_take(r, n, &s, err))
		return false;
	memcpy(out, s.p, n);
	return true;
}
