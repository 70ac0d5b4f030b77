/*
 * zipcheck: whether a zip file of XML documents is whole.
 *
 * For a library that does not tell when its temporary files were cut off:
 * each member must inflate to its stated size and CRC, and end with the
 * closing tag of its root element. Zip64 is not read.
 */
#ifndef CALLTALLY_IO_ZIPCHECK_H
#define CALLTALLY_IO_ZIPCHECK_H

#include "base/err.h"

bool zip_check(const char *path, struct err *);

#endif
