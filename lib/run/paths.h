/*
 * paths: what the files, folders and "-" of a command line mean.
 *
 * A folder means every *.jsonl, *.jsonl.gz, *.ndjson and *.ndjson.gz below
 * it, by the digits of their names (so by day, where names tell it), then by
 * path; links to files are followed, links to folders are not. A link below a
 * folder may be somebody's who wants a file read that he cannot read himself:
 * it is refused when it belongs neither to us, nor to root, nor to the owner
 * of the file that it leads to. So is a file whose whole name is not UTF-8,
 * which the ledger could not hold. Otherwise a file may have any name when it
 * is given itself. The same file given twice is there once.
 *
 * There may be a million files: of each the list holds its own name and some
 * 30 bytes, of each folder its path once; whole paths are put together when
 * they are asked for. Once open, a list does not change: any thread may ask.
 */
#ifndef CALLTALLY_RUN_PATHS_H
#define CALLTALLY_RUN_PATHS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

struct path {
	struct str given;	/* as given, or found below what was given: for opening and messages; NUL-terminated */
	struct str name;	/* absolute, links resolved: for the ledger; "-" for standard input; NUL-terminated */
	int64_t bytes;		/* of a regular file, else 0 */
	bool regular;		/* it can be read more than once */
	const char *refused;	/* why it must not be opened; NULL: it may */
};

struct path_list {
	struct arena arena;	/* owns all but the two tables that grow */
	struct path_entry *entry;
	struct path_folder *folder;
	uint32_t *by_name;	/* places of entries */
	size_t n;
	int64_t bytes;		/* together */
};

/*
 * What cannot be looked at (a dangling link, a folder without permission, a
 * path that is not there) is in the list as a file: opening it tells why.
 */
bool path_list_open(struct path_list *, const char *const *path, size_t n,
    struct err *);
void path_list_close(struct path_list *);

/* Path i, its text in text, which it replaces; false when memory ran out. */
bool path_list_get(const struct path_list *, size_t i, struct buf *text,
    struct path *out);

bool path_list_is_regular(const struct path_list *, size_t i);

/* True when the name of the next path has other digits, so that it is likely of another day. */
bool path_list_day_ends(const struct path_list *, size_t i);

/*
 * How many from first on, below end, at most max and at least 1, are logs of
 * one time: regular files of at least so many bytes each, whose names have
 * the same digits.
 */
size_t path_list_of_one_time(const struct path_list *, size_t first,
    size_t end, size_t max, int64_t min_bytes);

/*
 * The names of n paths from first on, in the arena, empty where they are not
 * UTF-8; NULL when memory ran out.
 */
struct str *path_list_names(const struct path_list *, size_t first, size_t n,
    struct arena *);

enum { PATH_NONE = -1 };
/* The place of the path of that name, else PATH_NONE. */
int64_t path_list_find(const struct path_list *, struct str name);

/* False when the absolute name of what was given is not UTF-8, which the database could not hold. */
bool path_may_be_recorded(const char *given, const char *name, struct err *);

/* To be asked before a path is opened; false tells why it must not be. */
bool path_may_be_opened(const struct path *, struct err *);

#endif
