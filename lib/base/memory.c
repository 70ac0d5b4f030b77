#include "base/memory.h"

#include <stdlib.h>
#include <sys/mman.h>

static bool
is_in_heap(size_t bytes)
{
	void *volatile p = malloc(bytes);	/* the compiler would believe in any memory */

	free(p);
	return p != NULL;
}

/* The heap would keep so many, and what it gives out again is cleared by touching it. */
static bool
is_in_system(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p != MAP_FAILED && munmap(p, bytes) == 0;
}

bool
memory_is_there(size_t bytes, struct err *err)
{
	return (bytes <= MEMORY_HEAP_BYTES ? is_in_heap(bytes) :
	    is_in_system(bytes)) || err_nomem(err);
}
