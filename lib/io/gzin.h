/*
 * gzin: a file, or standard input, as a stream of plain bytes.
 *
 * Gzip is told by its content (1f 8b), not by the name; concatenated members
 * are one stream; zero bytes behind the last member are padding. A truncated
 * or corrupt member ends the stream with damage: all bytes that came out
 * before it are given, and gzin_damage says what and where. That is not an
 * err. An err is a file that cannot be opened or read. Owns its file
 * descriptor (not descriptor 0) and its memory (about 400 KiB).
 */
#ifndef CALLTALLY_IO_GZIN_H
#define CALLTALLY_IO_GZIN_H

#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"

struct gzin;

/* Opens path, or standard input for "-". NULL on error. A folder is an error. */
struct gzin *gzin_open(const char *path, struct err *);
void gzin_close(struct gzin *);

/*
 * Reads up to cap (> 0) plain bytes; *n is 0 only at the end of the stream or
 * at damage. False only when the file itself cannot be read.
 */
bool gzin_read(struct gzin *, char *p, size_t cap, size_t *n, struct err *);

/* What is damaged, with its place in the file; NULL when nothing is (so far). */
const char *gzin_damage(const struct gzin *);

bool gzin_is_gzip(const struct gzin *);
/* Bytes of the file taken in so far, and plain bytes given out so far. */
uint64_t gzin_raw_bytes(const struct gzin *);
uint64_t gzin_plain_bytes(const struct gzin *);
/*
 * Hash over the raw bytes taken in so far: at the end without damage that of
 * the whole file. (lines keeps the one over the plain bytes.)
 */
struct id128 gzin_raw_hash(const struct gzin *);

/* Size and hash of the raw bytes of a file, without inflating it. */
bool gzin_fingerprint(const char *path, uint64_t *bytes, struct id128 *hash,
    struct err *);

#endif
