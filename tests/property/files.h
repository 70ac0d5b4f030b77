/*
 * files: bytes in memory that are opened by a path, like a file.
 */
#ifndef PROPERTY_FILES_H
#define PROPERTY_FILES_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/str.h"

struct file {
	int fd;
	char path[32];
};

static inline struct file
file_of(struct str bytes)
{
	struct file f = { .fd = memfd_create("calltally", MFD_CLOEXEC) };

	if (f.fd < 0 || write(f.fd, bytes.p, bytes.n) != (ssize_t)bytes.n)
		abort();
	(void)snprintf(f.path, sizeof(f.path), "/proc/self/fd/%d", f.fd);
	return f;
}

static inline void
file_close(struct file *f)
{
	(void)close(f->fd);
}

#endif
