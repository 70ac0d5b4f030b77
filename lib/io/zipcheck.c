#include "io/zipcheck.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>

#include "base/str.h"

enum {
	END_BYTES = 22,			/* of the record at the end */
	ENTRY_BYTES = 46,		/* of one in the directory, without its name */
	LOCAL_BYTES = 30,		/* of the header before a member's bytes */
	PIECE_BYTES = 64 * 1024,
	ROOT_MAX_BYTES = 64,		/* name of a root element */
	DIRECTORY_MAX_BYTES = 64 * 1024 * 1024,
};

/* A zip file that is read, and its directory. */
struct zip {
	int fd;
	uint64_t bytes;
	char *directory;
	size_t n;
	size_t members;
};

/* A member, as the directory tells it. */
struct member {
	struct str name;
	uint64_t at;		/* of its local header */
	uint32_t packed_bytes, bytes, crc;
};

/* The first and last bytes of a document. */
struct ends {
	char first[256];
	size_t n;
	char last[ROOT_MAX_BYTES + 4];
	size_t m;
};

static uint32_t
little(const char *p, int bytes)
{
	uint32_t v = 0;

	while (bytes-- > 0)
		v = v << 8 | (unsigned char)p[bytes];
	return v;
}

/* Reads exactly n bytes; false when there are not so many. */
static bool
read_at(const struct zip *z, uint64_t at, void *out, size_t n)
{
	char *p = out;

	while (n > 0) {
		ssize_t got = pread(z->fd, p, n, (off_t)at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		p += got;
		at += (uint64_t)got;
		n -= (size_t)got;
	}
	return true;
}

static bool
read_directory(struct zip *z, struct err *err)
{
	char end[END_BYTES];

	if (z->bytes < END_BYTES ||
	    !read_at(z, z->bytes - END_BYTES, end, END_BYTES) ||
	    memcmp(end, "PK\5\6", 4) != 0)
		return err_fail(err, "it has no directory at its end: is a disk "
		    "full?");
	z->members = little(end + 10, 2);
	z->n = little(end + 12, 4);
	if (z->n > DIRECTORY_MAX_BYTES)
		return err_fail(err, "its directory is damaged");
	if ((z->directory = malloc(z->n + 1)) == NULL)
		return err_nomem(err);
	return read_at(z, little(end + 16, 4), z->directory, z->n) ||
	    err_fail(err, "its directory is damaged");
}

/* Takes the next member of the directory; false when it makes no sense. */
static bool
take_member(const struct zip *z, size_t *at, struct member *m)
{
	const char *e = z->directory + *at;
	size_t name;

	if (z->n - *at < ENTRY_BYTES || memcmp(e, "PK\1\2", 4) != 0)
		return false;
	name = little(e + 28, 2);
	if (z->n - *at - ENTRY_BYTES < name)
		return false;
	*m = (struct member){
		.name = { e + ENTRY_BYTES, name },
		.at = little(e + 42, 4),
		.packed_bytes = little(e + 20, 4),
		.bytes = little(e + 24, 4),
		.crc = little(e + 16, 4),
	};
	*at += ENTRY_BYTES + name + little(e + 30, 2) + little(e + 32, 2);
	return *at <= z->n;
}

static void
keep_ends(struct ends *ends, const char *p, size_t n)
{
	size_t first = sizeof(ends->first) - ends->n;
	size_t last = n < sizeof(ends->last) ? n : sizeof(ends->last);
	size_t stay = sizeof(ends->last) - last;

	first = first < n ? first : n;
	memcpy(ends->first + ends->n, p, first);
	ends->n += first;
	stay = stay < ends->m ? stay : ends->m;
	memmove(ends->last, ends->last + ends->m - stay, stay);
	memcpy(ends->last + stay, p + n - last, last);
	ends->m = stay + last;
}

/* Whether a document ends with the closing tag of its root. */
static bool
is_closed(const struct ends *ends)
{
	struct str all = { ends->first, ends->n };
	struct str tail = str_trim((struct str){ ends->last, ends->m });
	char tag[ROOT_MAX_BYTES + 4];
	const char *root = memmem(all.p, all.n, "?>", 2);
	size_t n = 0;

	root = root != NULL ? memchr(root, '<', (size_t)(all.p + all.n - root)) :
	    NULL;
	if (root == NULL)
		return false;
	all = str_from(all, (size_t)(root - all.p) + 1);
	while (n < all.n && n < ROOT_MAX_BYTES && all.p[n] != ' ' &&
	    all.p[n] != '>' && all.p[n] != '/')
		n++;
	memcpy(tag, "</", 2);
	memcpy(tag + 2, all.p, n);
	tag[n + 2] = '>';
	return str_ends(tail, (struct str){ tag, n + 3 });
}

/* The member's next packed bytes for the inflater. */
static bool
feed(const struct zip *z, uint64_t *at, uint32_t *left, z_stream *s,
    char piece[PIECE_BYTES])
{
	uint32_t n = *left < PIECE_BYTES ? *left : PIECE_BYTES;

	if (s->avail_in > 0 || n == 0)
		return true;
	if (!read_at(z, *at, piece, n))
		return false;
	*at += n;
	*left -= n;
	s->next_in = (Bytef *)piece;
	s->avail_in = n;
	return true;
}

/* Inflates what is behind a member's local header; false when it is not what the directory says. */
static bool
inflate_member(const struct zip *z, const struct member *m, uint64_t at,
    z_stream *s, struct ends *ends)
{
	char in[PIECE_BYTES], out[PIECE_BYTES];
	uLong crc = crc32(0, NULL, 0);
	uint32_t left = m->packed_bytes;
	int state = Z_OK;

	while (state == Z_OK) {
		size_t n;

		if (!feed(z, &at, &left, s, in))
			return false;
		s->next_out = (Bytef *)out;
		s->avail_out = sizeof(out);
		state = inflate(s, Z_NO_FLUSH);
		n = sizeof(out) - s->avail_out;
		crc = crc32(crc, (Bytef *)out, (uInt)n);
		keep_ends(ends, out, n);
	}
	return state == Z_STREAM_END && s->total_out == m->bytes &&
	    crc == m->crc;
}

static bool
is_whole(const struct zip *z, const struct member *m)
{
	char local[LOCAL_BYTES];
	struct ends ends = { .n = 0 };
	z_stream s = { 0 };
	bool ok;

	if (!read_at(z, m->at, local, LOCAL_BYTES) ||
	    inflateInit2(&s, -MAX_WBITS) != Z_OK)
		return false;
	ok = inflate_member(z, m, m->at + LOCAL_BYTES + little(local + 26, 2) +
	    little(local + 28, 2), &s, &ends);
	(void)inflateEnd(&s);
	return ok && is_closed(&ends);
}

static bool
check_all(struct zip *z, struct err *err)
{
	struct member m;
	size_t at = 0;

	if (!read_directory(z, err))
		return false;
	for (size_t i = 0; i < z->members; i++) {
		if (!take_member(z, &at, &m))
			return err_fail(err, "its directory is damaged");
		if (!is_whole(z, &m))
			return err_fail(err, "%.*s in it was cut off: is a disk "
			    "full?", STR_ARG(m.name));
	}
	return true;
}

bool
zip_check(const char *path, struct err *err)
{
	struct zip z = { .fd = open(path, O_RDONLY | O_CLOEXEC) };
	struct stat st;
	bool ok;

	if (z.fd < 0 || fstat(z.fd, &st) != 0) {
		ok = err_sys(err, errno, "cannot be read again");
	} else {
		z.bytes = (uint64_t)st.st_size;
		ok = check_all(&z, err);
	}
	if (z.fd >= 0)
		(void)close(z.fd);
	free(z.directory);
	return ok;
}
