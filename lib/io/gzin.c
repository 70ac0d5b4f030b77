#include "io/gzin.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <isa-l/igzip_lib.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	RAW_BYTES = 256 * 1024,
	DAMAGE_TEXT_BYTES = 160,
};

enum state {
	STATE_START,		/* nothing read: not known what it is */
	STATE_PLAIN,
	STATE_BETWEEN,		/* before a member, or behind the last one */
	STATE_MEMBER,
	STATE_PADDING,		/* zero bytes behind the last member */
	STATE_END,		/* or damaged */
};

struct gzin {
	int fd;			/* -1: none; 0 is not ours */
	enum state state;
	bool gzip;
	bool eof;		/* of the file */
	struct inflate_state z;	/* its input is what is left in raw */
	uint64_t raw_bytes, plain_bytes;
	uint64_t member_start;
	struct hash_stream *hash;
	char damage[DAMAGE_TEXT_BYTES];
	char *name;		/* for messages */
	unsigned char raw[RAW_BYTES];
};

/* Opens a file for reading from start to end; -1 with err set. */
static int
open_input(const char *path, struct err *err)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0) {
		err_sys(err, errno, "%s: cannot open", path);
		return -1;
	}
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		err_fail(err, "%s: is a folder", path);
		close(fd);
		return -1;
	}
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	return fd;
}

/* read(2) that is not stopped by signals. */
static bool
read_some(int fd, const char *name, void *p, size_t cap, size_t *n,
    struct err *err)
{
	ssize_t got;

	do
		got = read(fd, p, cap);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return err_sys(err, errno, "%s: cannot read", name);
	*n = (size_t)got;
	return true;
}

struct gzin *
gzin_open(const char *path, struct err *err)
{
	bool standard = strcmp(path, "-") == 0;
	struct gzin *g = calloc(1, sizeof(*g));

	if (g == NULL) {
		err_nomem(err);
		return NULL;
	}
	g->fd = -1;
	g->name = strdup(standard ? "standard input" : path);
	g->hash = hash_stream_open();
	if (g->name == NULL || g->hash == NULL) {
		err_nomem(err);
		goto fail;
	}
	g->fd = standard ? STDIN_FILENO : open_input(path, err);
	if (g->fd < 0)
		goto fail;
	return g;
fail:
	gzin_close(g);
	return NULL;
}

void
gzin_close(struct gzin *g)
{
	if (g == NULL)
		return;
	if (g->fd > STDIN_FILENO)
		(void)close(g->fd);
	hash_stream_close(g->hash);
	free(g->name);
	free(g);
}

/* The file's bytes up to where they are inflated or given out. */
static uint64_t
raw_offset(const struct gzin *g)
{
	uint64_t ahead = g->z.avail_in;

	if (g->state == STATE_MEMBER && g->z.read_in_length > 0)
		ahead += (uint64_t)g->z.read_in_length / 8;
	return g->raw_bytes - ahead;
}

/* Reads from the file to p, counts and hashes; *n is 0 at its end. */
static bool
take_in(struct gzin *g, void *p, size_t cap, size_t *n, struct err *err)
{
	*n = 0;
	if (g->eof)
		return true;
	if (!read_some(g->fd, g->name, p, cap, n, err))
		return false;
	g->eof = *n == 0;
	g->raw_bytes += *n;
	hash_stream_add(g->hash, p, *n);
	return true;
}

/* Puts more of the file behind what is left in raw. */
static bool
refill(struct gzin *g, struct err *err)
{
	size_t left = g->z.avail_in, n;

	if (left > 0)
		memmove(g->raw, g->z.next_in, left);
	if (!take_in(g, g->raw + left, sizeof(g->raw) - left, &n, err))
		return false;
	g->z.next_in = g->raw;
	g->z.avail_in = (uint32_t)(left + n);
	return true;
}

static void
damaged(struct gzin *g, const char *what, uint64_t offset)
{
	(void)snprintf(g->damage, sizeof(g->damage),
	    "%s at byte %" PRIu64 " (the gzip member begins at byte %" PRIu64 ")",
	    what, offset, g->member_start);
	g->state = STATE_END;
}

/* Tells gzip from plain by the first two bytes. */
static bool
sniff(struct gzin *g, struct err *err)
{
	while (g->z.avail_in < 2 && !g->eof)
		if (!refill(g, err))
			return false;
	/* A file of the byte 1f alone is a gzip file that was cut off. */
	g->gzip = g->z.avail_in > 0 && g->raw[0] == 0x1f &&
	    (g->z.avail_in < 2 || g->raw[1] == 0x8b);
	g->state = g->gzip ? STATE_BETWEEN : STATE_PLAIN;
	return true;
}

/* What was read to tell the kind, then straight from the file. */
static bool
read_plain(struct gzin *g, char *p, size_t cap, size_t *n, struct err *err)
{
	size_t left = g->z.avail_in;

	if (left == 0) {
		cap = cap < RAW_BYTES ? cap : RAW_BYTES;
		return take_in(g, p, cap, n, err);
	}
	*n = left < cap ? left : cap;
	memcpy(p, g->z.next_in, *n);
	g->z.next_in += *n;
	g->z.avail_in -= (uint32_t)*n;
	return true;
}

/* There is input, and no member is open: opens one, or skips padding. */
static void
between_members(struct gzin *g)
{
	if (*g->z.next_in == 0x1f && g->state == STATE_BETWEEN) {
		g->member_start = raw_offset(g);
		isal_inflate_reset(&g->z);
		g->z.crc_flag = ISAL_GZIP;
		g->state = STATE_MEMBER;
		return;
	}
	g->state = STATE_PADDING;
	for (; g->z.avail_in > 0; g->z.next_in++, g->z.avail_in--)
		if (*g->z.next_in != 0) {
			damaged(g, "no gzip data behind the last member",
			    raw_offset(g));
			return;
		}
}

static const char *
corrupt(int code)
{
	switch (code) {
	case ISAL_INVALID_BLOCK:
		return "corrupt: invalid block";
	case ISAL_INVALID_SYMBOL:
		return "corrupt: invalid code";
	case ISAL_INVALID_LOOKBACK:
		return "corrupt: invalid distance too far back";
	case ISAL_UNSUPPORTED_METHOD:
		return "corrupt: unknown compression method";
	case ISAL_INCORRECT_CHECKSUM:
		return "corrupt: incorrect data check";
	default:
		return "corrupt: incorrect header check";
	}
}

/* One step of inflate. */
static void
inflate_some(struct gzin *g)
{
	int code = isal_inflate(&g->z);

	if (code == ISAL_INVALID_WRAPPER || code == ISAL_UNSUPPORTED_METHOD)
		damaged(g, corrupt(code), g->member_start);
	else if (code < 0 || code == ISAL_NEED_DICT)
		damaged(g, corrupt(code), raw_offset(g));
	else if (g->z.block_state == ISAL_BLOCK_FINISH)
		g->state = STATE_BETWEEN;
}

/* At an error ISA-L keeps what it had inflated beyond the room that it was given. */
static void
give_held(struct gzin *g)
{
	size_t n = (size_t)(g->z.tmp_out_valid - g->z.tmp_out_processed);

	if (n > g->z.avail_out)
		n = g->z.avail_out;
	memcpy(g->z.next_out, g->z.tmp_out_buffer + g->z.tmp_out_processed, n);
	g->z.next_out += n;
	g->z.avail_out -= (uint32_t)n;
	g->z.tmp_out_processed += (int32_t)n;
}

static bool
read_gzip(struct gzin *g, char *p, size_t cap, size_t *n, struct err *err)
{
	const size_t most = UINT32_MAX / 2;

	cap = cap < most ? cap : most;
	g->z.next_out = (unsigned char *)p;
	g->z.avail_out = (uint32_t)cap;
	while (g->z.avail_out > 0 && g->state != STATE_END) {
		if (g->z.avail_in == 0 && !refill(g, err))
			return false;
		if (g->z.avail_in == 0) {
			/* inflate may still hold output back */
			if (g->state != STATE_MEMBER)
				g->state = STATE_END;
			else
				inflate_some(g);
			if (g->state == STATE_MEMBER && g->z.avail_out > 0)
				damaged(g, "cut off", g->raw_bytes);
		} else if (g->state != STATE_MEMBER) {
			between_members(g);
		} else {
			inflate_some(g);
		}
	}
	if (g->damage[0] != '\0')
		give_held(g);
	*n = cap - g->z.avail_out;
	return true;
}

bool
gzin_read(struct gzin *g, char *p, size_t cap, size_t *n, struct err *err)
{
	*n = 0;
	if (g->state == STATE_START && !sniff(g, err))
		return false;
	if (!(g->gzip ? read_gzip : read_plain)(g, p, cap, n, err))
		return false;
	g->plain_bytes += *n;
	return true;
}

const char *
gzin_damage(const struct gzin *g)
{
	return g->damage[0] != '\0' ? g->damage : NULL;
}

bool
gzin_is_gzip(const struct gzin *g)
{
	return g->gzip;
}

uint64_t
gzin_raw_bytes(const struct gzin *g)
{
	return g->raw_bytes;
}

uint64_t
gzin_plain_bytes(const struct gzin *g)
{
	return g->plain_bytes;
}

struct id128
gzin_raw_hash(const struct gzin *g)
{
	return hash_stream_digest(g->hash);
}

bool
gzin_fingerprint(const char *path, uint64_t *bytes, struct id128 *hash,
    struct err *err)
{
	struct hash_stream *h = hash_stream_open();
	char *p = malloc(RAW_BYTES);
	bool ok = false;
	int fd = -1;
	size_t n = 0;

	if (h == NULL || p == NULL) {
		err_nomem(err);
		goto out;
	}
	if ((fd = open_input(path, err)) < 0)
		goto out;
	*bytes = 0;
	do {
		if (!read_some(fd, path, p, RAW_BYTES, &n, err))
			goto out;
		hash_stream_add(h, p, n);
		*bytes += n;
	} while (n > 0);
	*hash = hash_stream_digest(h);
	ok = true;
out:
	if (fd >= 0)
		(void)close(fd);
	free(p);
	hash_stream_close(h);
	return ok;
}
