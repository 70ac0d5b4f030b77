/*
 * temp: files for tests, below a folder of their own that is removed at the end.
 *
 * temp_setup and temp_teardown are a group's; temp_path gives a path in the
 * folder, valid until the next call but seven.
 */
#ifndef CALLTALLY_TESTS_TEMP_H
#define CALLTALLY_TESTS_TEMP_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char temp_folder[64];

static inline int
temp_setup(void **state)
{
	(void)state;
	(void)snprintf(temp_folder, sizeof(temp_folder), "%s",
	    "/tmp/calltally-test-XXXXXX");
	return mkdtemp(temp_folder) == NULL;
}

static inline int
temp_remove(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static inline int
temp_teardown(void **state)
{
	(void)state;
	return nftw(temp_folder, temp_remove, 8, FTW_DEPTH | FTW_PHYS);
}

static inline const char *
temp_path(const char *name)
{
	static char paths[8][256];
	static unsigned next;
	char *path = paths[next++ % 8];

	(void)snprintf(path, sizeof(paths[0]), "%s/%s", temp_folder, name);
	return path;
}

/* Writes a file of n bytes; gives its path. */
static inline const char *
temp_write(const char *name, const void *p, size_t n)
{
	const char *path = temp_path(name);
	FILE *f = fopen(path, "wb");

	if (f == NULL || fwrite(p, 1, n, f) != n || fclose(f) != 0)
		abort();
	return path;
}

/* The bytes of a file, terminated; to be freed. NULL when there is none. */
static inline char *
temp_read(const char *path, size_t *n)
{
	FILE *f = fopen(path, "rb");
	char *p = NULL;
	size_t cap = 0, got;

	*n = 0;
	if (f == NULL)
		return NULL;
	do {
		cap = 2 * cap + 4096;
		if ((p = realloc(p, cap)) == NULL)
			abort();
		got = fread(p + *n, 1, cap - *n - 1, f);
		*n += got;
	} while (got > 0);
	(void)fclose(f);
	p[*n] = '\0';
	return p;
}

#endif
