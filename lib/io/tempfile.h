/*
 * tempfile: a file without a name, which vanishes with the program.
 */
#ifndef CALLTALLY_IO_TEMPFILE_H
#define CALLTALLY_IO_TEMPFILE_H

#include "base/err.h"

/*
 * Makes one in the folder, to be read and written; where no file can be
 * without a name, one that loses it at once. The caller closes it. -1 on error.
 */
int tempfile_open(const char *folder, struct err *);

#endif
