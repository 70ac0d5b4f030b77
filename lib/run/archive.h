/*
 * archive: a file of the archive, read again line by line.
 *
 * Lines are those that ingest saw: same reader, same numbers, same decoder.
 * Opened for one file; belongs to one thread. For explain, verify, refold.
 */
#ifndef CALLTALLY_RUN_ARCHIVE_H
#define CALLTALLY_RUN_ARCHIVE_H

#include "call/decode.h"
#include "db/books.h"
#include "run/progress.h"

struct archive;

/* A line, borrowed until the next one is asked for. */
struct archive_line {
	int64_t line;			/* its number, from 1 */
	uint64_t offset;		/* plain bytes before it */
	uint64_t bytes;			/* its true length without its end */
	struct str raw;			/* without its end; of a line beyond the cap its first bytes */
	bool too_long;
};

/*
 * max_line_bytes 0: INGEST_MAX_LINE_BYTES. progress may be NULL; it is moved,
 * and its stop_signal ends the reading (ERR_SIGNAL). NULL on error.
 */
struct archive *archive_open(const char *path, const struct profiles *,
    size_t max_line_bytes, struct progress *, struct err *);
void archive_close(struct archive *);

/* From here on events have their transcripts. */
void archive_keep_transcripts(struct archive *);

/* The next line; *end at the end, also at damage. */
bool archive_next(struct archive *, struct archive_line *, bool *end, struct err *);

/* What the line that archive_next gave last says. */
enum decode_result archive_decode(struct archive *, const struct archive_line *,
    struct arena *, struct decode_out *);

/* What is damaged; NULL when nothing is (so far). */
const char *archive_damage(const struct archive *);

/*
 * *same: the file at path begins with what the ledger's row counted. False
 * in *same also when the file is not there or cannot be read; why (may be
 * NULL) then tells it.
 */
bool archive_begins_with(const char *path, const struct source_row *,
    size_t max_line_bytes, bool *same, struct err *why);

#endif
