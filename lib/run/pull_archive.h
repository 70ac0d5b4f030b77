/*
 * pull_archive: the folder that answers are kept in, before anything else.
 *
 * detail-DAY.jsonl.gz, DAY being UTC; each batch is one gzip member, written
 * at the file's end and fsynced. What a crash left behind the last whole
 * member was never accounted for, and is cut off; a file of which more was
 * read than its whole members hold stays as it is, and the day goes on in
 * detail-DAY.2.jsonl.gz. The folder is flocked while it is open.
 */
#ifndef CALLTALLY_RUN_PULL_ARCHIVE_H
#define CALLTALLY_RUN_PULL_ARCHIVE_H

#include "base/buf.h"
#include "db/db.h"

enum { PULL_ARCHIVE_PATH_BYTES = 4096 };

struct pull_archive {
	char folder[PULL_ARCHIVE_PATH_BYTES];
	int folder_fd;
	int fd;			/* of the file that is written; -1: none */
	int64_t day;		/* that it is for, days since 1970 */
	int64_t bytes;		/* of it */
	char name[64];
	struct buf member;
};

/* Opens the folder, made when it is not there, and locks it. */
bool pull_archive_open(struct pull_archive *, const char *folder, struct err *);
void pull_archive_close(struct pull_archive *);

/*
 * The files that the ledger has not read to their end, mended, as paths;
 * the list and the paths are the caller's (pull_archive_list_free).
 */
struct pull_archive_list {
	char **path;
	size_t n;
};
bool pull_archive_unread(struct pull_archive *, struct db *,
    void (*note)(void *, const char *), void *data, struct pull_archive_list *,
    struct err *);
void pull_archive_list_free(struct pull_archive_list *);

/* Adds whole lines as one member of the file of that moment; durable when it returns. */
bool pull_archive_append(struct pull_archive *, struct str lines, int64_t now_us,
    struct err *);

#endif
