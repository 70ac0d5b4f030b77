/*
 * base64: the standard alphabet (RFC 4648); white space is skipped and the
 * padding at the end may be missing.
 */
#ifndef CALLTALLY_CALL_BASE64_H
#define CALLTALLY_CALL_BASE64_H

#include "base/buf.h"

/*
 * Appends the bytes that text stands for; false when it is no base64 or,
 * with out->failed, when memory ran out. out may have been appended to.
 */
bool base64_decode(struct str text, struct buf *out);

/* Appends the bytes as text with padding, without white space. */
bool base64_encode(const unsigned char *p, size_t n, struct buf *out);

#endif
