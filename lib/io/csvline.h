/*
 * csvline: the cells of one line that csvout wrote in the plain dialect.
 *
 * For such lines only: a text cell is quoted, others are bare, an empty one
 * is bare, too.
 */
#ifndef CALLTALLY_IO_CSVLINE_H
#define CALLTALLY_IO_CSVLINE_H

#include "base/buf.h"
#include "io/csvout.h"

/*
 * Takes the next cell from *rest, the rest of a line; false at its end, where
 * rest->p is NULL. The value is borrowed from the line or from scratch, where
 * doubled quotes are undone: emptied by the caller before a line, not moved
 * within one; when it fails the cell is cut.
 */
bool csvline_next(struct str *rest, struct csvcell *, struct buf *scratch);

/* All cells of a line. Zeros are none. */
struct csvcells {
	struct csvcell *cell;
	size_t n, cap;
	struct buf scratch;
};

/* Takes the cells of a line, which must outlive them, in the place of those before. */
bool csvcells_take(struct csvcells *, struct str line, struct err *);
void csvcells_free(struct csvcells *);

/* Writes a whole line in out's dialect. scratch is emptied. */
void csvline_put(struct csvout *out, struct str line, struct buf *scratch);

/* Writes a cell as it was written first. */
static inline void
csvcell_put(struct csvout *out, const struct csvcell *c)
{
	if (c->text)
		csvout_text(out, c->s);
	else
		csvout_bare(out, c->s);
}

#endif
