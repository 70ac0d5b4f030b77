#include "io/zipcheck.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>

#include "base/str.h"

enum {
	END_BYTES = 22,			/* of the record at the end */
	ENTRY_BYTES = 46,		/* of one in the directory, without its name */
	LOCAL_BYTES = 30,		/* of the header before a member's bytes */
	PIECE_BYTES = 64 * 1024,
	NAME_MAX_BYTES = 64,		/* of a root element */
};

/* A member, as the directory tells it. */
struct member {
	struct str name;
	struct str packed;
	uint32_t crc, bytes;
};

/* The first and last bytes of a document. */
struct ends {
	char first[256];
	size_t n;
	char last[NAME_MAX_BYTES + 4];	/* as much as came */
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

/* Takes the next member of the directory; false when there is none that makes sense. */
static bool
take_member(struct str zip, size_t *at, struct member *m)
{
	const char *e = zip.p + *at;
	size_t name, local, packed, skip;

	if (zip.n - *at < ENTRY_BYTES || memcmp(e, "PK\1\2", 4) != 0)
		return false;
	name = little(e + 28, 2);
	local = little(e + 42, 4);
	packed = little(e + 20, 4);
	if (zip.n - *at - ENTRY_BYTES < name || zip.n < LOCAL_BYTES ||
	    local > zip.n - LOCAL_BYTES)
		return false;
	skip = LOCAL_BYTES + little(zip.p + local + 26, 2) +
	    little(zip.p + local + 28, 2);
	if (skip > zip.n - local || packed > zip.n - local - skip)
		return false;
	*m = (struct member){
		.name = { e + ENTRY_BYTES, name },
		.packed = { zip.p + local + skip, packed },
		.crc = little(e + 16, 4), .bytes = little(e + 24, 4),
	};
	*at += ENTRY_BYTES + name + little(e + 30, 2) + little(e + 32, 2);
	return *at <= zip.n;
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
	char tag[NAME_MAX_BYTES + 4];
	const char *root = memmem(all.p, all.n, "?>", 2);
	size_t n = 0;

	root = root != NULL ? memchr(root, '<', (size_t)(all.p + all.n - root)) :
	    NULL;
	if (root == NULL)
		return false;
	all = str_from(all, (size_t)(root - all.p) + 1);
	while (n < all.n && n < NAME_MAX_BYTES && all.p[n] != ' ' &&
	    all.p[n] != '>' && all.p[n] != '/')
		n++;
	memcpy(tag, "</", 2);
	memcpy(tag + 2, all.p, n);
	tag[n + 2] = '>';
	return str_ends(tail, (struct str){ tag, n + 3 });
}

/* Inflates a member; false when it is not what the directory says. */
static bool
inflate_member(const struct member *m, struct ends *ends)
{
	z_stream z = {
		.next_in = (Bytef *)(uintptr_t)m->packed.p,
		.avail_in = (uInt)m->packed.n,
	};
	char piece[PIECE_BYTES];
	uLong crc = crc32(0, NULL, 0);
	int state = Z_OK;

	if (inflateInit2(&z, -MAX_WBITS) != Z_OK)
		return false;
	while (state == Z_OK) {
		z.next_out = (Bytef *)piece;
		z.avail_out = sizeof(piece);
		state = inflate(&z, Z_NO_FLUSH);
		crc = crc32(crc, (Bytef *)piece, (uInt)sizeof(piece) -
		    z.avail_out);
		keep_ends(ends, piece, sizeof(piece) - z.avail_out);
	}
	(void)inflateEnd(&z);
	return state == Z_STREAM_END && z.total_out == m->bytes &&
	    crc == m->crc;
}

static bool
check_all(struct str zip, struct err *err)
{
	struct member m;
	size_t at, n, seen = 0;
	const char *end = zip.n >= END_BYTES ? zip.p + zip.n - END_BYTES : NULL;

	if (end == NULL || memcmp(end, "PK\5\6", 4) != 0)
		return err_fail(err, "it has no directory at its end");
	n = little(end + 10, 2);
	for (at = little(end + 16, 4); seen < n && at < zip.n; seen++) {
		struct ends ends = { .n = 0 };

		if (!take_member(zip, &at, &m))
			break;
		if (!inflate_member(&m, &ends) || !is_closed(&ends))
			return err_fail(err, "%.*s in it was cut off: is a disk "
			    "full?", STR_ARG(m.name));
	}
	return seen == n && n > 0 ? true :
	    err_fail(err, "its directory is damaged");
}

bool
zip_check(const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *map = MAP_FAILED;
	bool ok = fd >= 0 && fstat(fd, &st) == 0;

	if (ok && st.st_size > 0)
		map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE,
		    fd, 0);
	if (map == MAP_FAILED) {
		ok = ok && st.st_size == 0 ?
		    err_fail(err, "nothing was written: is a disk full?") :
		    err_sys(err, errno, "cannot be read again");
	} else {
		ok = check_all((struct str){ map, (size_t)st.st_size }, err);
		(void)munmap(map, (size_t)st.st_size);
	}
	if (fd >= 0)
		(void)close(fd);
	return ok;
}
