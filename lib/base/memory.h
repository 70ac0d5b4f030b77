/*
 * memory: whether there is some, for libraries that do not bear the want of it.
 *
 * One that crashes, leaves something out or waits for ever where it gets no
 * memory is not called unless there is more than it takes. Another thread may
 * take it meanwhile: this makes such an end rare, not impossible.
 */
#ifndef CALLTALLY_BASE_MEMORY_H
#define CALLTALLY_BASE_MEMORY_H

#include <stddef.h>

#include "base/err.h"

enum { MEMORY_HEAP_BYTES = 64 * 1024 };	/* up to so many are quick to ask for */

/* False, with the want of memory told, when so many bytes cannot be had now. */
bool memory_is_there(size_t bytes, struct err *);

#endif
