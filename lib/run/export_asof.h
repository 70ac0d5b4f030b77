/*
 * export_asof: what was published then, from the record of publications.
 *
 * Writes the files of the last publication in a zone up to an instant, byte
 * for byte: in its dialect, of its window. Only reports with days are on
 * record. The manifest names the publication under "as_of". A record that is
 * not as it was written is an error that tells the place, and no file is
 * made; of what was published before 0011_published_digest.sql it is not
 * always known.
 */
#ifndef CALLTALLY_RUN_EXPORT_ASOF_H
#define CALLTALLY_RUN_EXPORT_ASOF_H

#include "run/export.h"

/*
 * when: an instant, as PostgreSQL reads it, local where it has no offset; a
 * second or a day stands for its end. Of the options conninfo, out, tz,
 * report and version count; with reports chosen, the publication is the last
 * one with all of these. What was found goes to *at_us.
 */
bool export_as_of(const struct export_options *, const char *when,
    struct export_result *, int64_t *at_us, struct err *);

#endif
