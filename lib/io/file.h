/*
 * file: a small file, read whole.
 */
#ifndef CALLTALLY_IO_FILE_H
#define CALLTALLY_IO_FILE_H

#include "base/buf.h"
#include "base/err.h"

/*
 * Appends the file's bytes to out, whose max_bytes (not 0) is the cap. Errors
 * begin with the path.
 */
bool file_read(const char *path, struct buf *out, struct err *);

#endif
