/*
 * sort: qsort for arrays that are mostly very short, such as the events of a
 * call: glibc's takes longer to begin than four items take to be sorted. Not
 * stable when an array is long, so no two items should be equal.
 */
#ifndef CALLTALLY_BASE_SORT_H
#define CALLTALLY_BASE_SORT_H

#include <stdlib.h>
#include <string.h>

enum { SORT_SHORT_ITEMS = 16, SORT_ITEM_BYTES = 64 };

/* Sorts n items of size bytes at base by order, as qsort does. */
static inline void
sort_short(void *base, size_t n, size_t size,
    int (*order)(const void *, const void *))
{
	char *p = (char *)base, one[SORT_ITEM_BYTES];	/* the cast is for C++ */

	if (n > SORT_SHORT_ITEMS || size > sizeof(one)) {
		qsort(base, n, size, order);
		return;
	}
	for (size_t i = 1; i < n; i++) {
		size_t at = i;

		memcpy(one, p + i * size, size);
		for (; at > 0 && order(p + (at - 1) * size, one) > 0; at--)
			memcpy(p + at * size, p + (at - 1) * size, size);
		memcpy(p + at * size, one, size);
	}
}

#endif
