/*
 * out: a file of JSON lines that the simulator writes.
 *
 * Gzip when the name ends in ".gz", else plain. Safe to use from several
 * threads. Whatever was written before out_flush can be read by another
 * process: a gzip file then ends in a whole member, and the next line opens
 * a further one. A NULL out takes everything and keeps nothing.
 */
#ifndef SIM_OUT_H
#define SIM_OUT_H

#include <stddef.h>

struct out;

/* Creates or empties the file; dies when it cannot. NULL for a NULL path. */
struct out *out_open(const char *path);
/* Writes one line; the newline is added. */
void out_line(struct out *, const char *line);
void out_flush(struct out *);
void out_close(struct out *);

#endif
