/*
 * promtext: Prometheus' text format, as node_exporter's textfile collector
 * reads it.
 *
 * A family is a name with its HELP and TYPE, then its samples: all gauges,
 * because each file tells of one run. Values are scaled integers (base/num.h),
 * so nothing is lost on the way. Label values may hold anything: they are
 * escaped, and bytes that are no UTF-8 become U+FFFD.
 */
#ifndef CALLTALLY_IO_PROMTEXT_H
#define CALLTALLY_IO_PROMTEXT_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct prom_label {
	const char *name;
	struct str value;
};

/* Begins a family. help is a line of ours. */
void promtext_family(struct buf *, const char *name, const char *help);

/* A sample of that family, with n labels. */
void promtext_sample(struct buf *, const char *name,
    const struct prom_label *, size_t n, int64_t scaled, unsigned places);

/*
 * Writes the text to path, atomically and readable for everybody; the file
 * that was there stays when it fails.
 */
bool promtext_write(const struct buf *, const char *path, struct err *);

/* The value of a sample without labels in the file at path; false when there is none. */
bool promtext_read(const char *path, const char *name, unsigned places,
    int64_t *scaled);

#endif
