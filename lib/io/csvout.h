/*
 * csvout: rows of cells to an atomic file or a buffer, in the two dialects of the reports.
 *
 * Excel: UTF-8 with BOM, CRLF, formula guard. Plain: none of them. Text
 * cells are quoted (those with quotes by libcsv's writer), others bare, empty
 * cells bare. A row goes to the file when it ends.
 */
#ifndef CALLTALLY_IO_CSVOUT_H
#define CALLTALLY_IO_CSVOUT_H

#include "base/buf.h"
#include "io/atomicfile.h"

struct csvcell {
	struct str s;		/* the value, as it is before quotes and guard */
	bool text;		/* a text cell, to be quoted */
};

/* What each cell passes on its way; it may put another in its place. */
struct csvout_hook {
	void (*cell)(struct csvout_hook *, struct csvcell *);
	void (*end_row)(struct csvout_hook *);
};

struct csvout {
	struct atomicfile *file;	/* the caller's; or */
	struct buf *text;		/* the caller's */
	struct csvout_hook *hook;	/* the caller's; NULL: none. Set after open */
	bool plain;
	bool row_started;
	bool is_altered;		/* the row at hand has a guard or passed a hook: the plain one may differ */
	struct buf row;			/* the row at hand of a file */
	bool failed;			/* out of memory; told by csvout_close */
};

/* Starts writing; puts the BOM unless plain. */
void csvout_open(struct csvout *, struct atomicfile *, bool plain);
/* The same into a buffer, which tells by itself when memory ran out. */
void csvout_open_text(struct csvout *, struct buf *, bool plain);
/* Ends; false when memory ran out on the way. */
bool csvout_close(struct csvout *, struct err *);

/* A text cell: guarded against formulas, quoted; empty text is an empty bare cell. */
void csvout_text(struct csvout *, struct str s);
/* A number, boolean, day or time: bare. The caller vouches for its bytes. */
void csvout_bare(struct csvout *, struct str s);
void csvout_end_row(struct csvout *);
/* The row at hand of a file, without an end; borrowed until the next cell. */
struct str csvout_row(const struct csvout *);

#endif
