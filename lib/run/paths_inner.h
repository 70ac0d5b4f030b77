/*
 * paths_inner: what the files of path lists share; for them only.
 */
#ifndef CALLTALLY_RUN_PATHS_INNER_H
#define CALLTALLY_RUN_PATHS_INNER_H

#include "run/paths.h"

struct path_root {
	struct str given, real;
};

struct path_folder {
	const struct path_root *root;
	const char *below;	/* "/", "/a/", "/a/b/"; "" for a file that is its own root */
};

struct path_entry {
	const char *name;
	int64_t bytes;
	uint32_t folder;
	bool regular, refused, repeated;
};

/* Appends what the n paths mean, the files of a folder in the order of reading. */
bool paths_take(struct path_list *, const char *const *path, size_t n,
    struct err *);

/* Puts the entries from first on into the order of reading. */
void paths_sort(struct path_list *, size_t first);

#endif
