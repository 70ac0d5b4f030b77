/*
 * atomicfile: a file that appears whole, under its name, or not at all.
 *
 * Written to ".NAME.tmp-PID" in the same folder with mode 0640, buffered;
 * commit flushes, fsyncs, renames over the name and fsyncs the folder;
 * close without commit removes the temporary file. What a process that was
 * killed left of it goes when the same file is written again. Counts bytes and computes
 * the SHA-256 of what was written. Not safe to share between threads.
 */
#ifndef CALLTALLY_IO_ATOMICFILE_H
#define CALLTALLY_IO_ATOMICFILE_H

#include <stdint.h>

#include "base/err.h"
#include "base/sha256.h"
#include "base/str.h"

struct atomicfile;

/* The folder must exist, name be a plain one. NULL on error. */
struct atomicfile *atomicfile_open(const char *folder, const char *name, struct err *);
/* Another mode than 0640, whatever the umask says. */
void atomicfile_set_mode(struct atomicfile *, unsigned mode);
/* Errors are kept and told at commit, so puts need not be checked one by one. */
void atomicfile_put(struct atomicfile *, const void *, size_t n);
/*
 * For a library that writes files by itself: the temporary file's path, valid
 * until close, and, once it was written, the taking over of what it wrote.
 * Nothing may be put beside.
 */
const char *atomicfile_path(const struct atomicfile *);
bool atomicfile_adopt(struct atomicfile *, struct err *);
/* Flushes and fsyncs ahead of commit, which then has less to do. */
bool atomicfile_settle(struct atomicfile *, struct err *);
/*
 * Fills the hash (terminated hex) and size of what was written; either may be
 * NULL. Once only; after it, done or failed, only close is left.
 */
bool atomicfile_commit(struct atomicfile *, char sha256_hex[SHA256_HEX_BYTES],
    uint64_t *bytes, struct err *);
/* NULL is fine; drops the file when it was not committed. */
void atomicfile_close(struct atomicfile *);

#endif
