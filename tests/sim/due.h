/*
 * due: a queue of things that become due at a monotonic time.
 *
 * Any thread pushes; one or more threads pop, each item once, never before
 * its time. Items are borrowed. Equal times come out in the order of pushing.
 */
#ifndef SIM_DUE_H
#define SIM_DUE_H

#include <stdbool.h>
#include <stdint.h>

struct due;

struct due *due_new(void);
/* False, and nothing is taken, once the queue is closed. */
bool due_push(struct due *, int64_t at_us, void *item);
/* Waits for the next item. NULL when the queue is closed (and drained). */
void *due_pop(struct due *);
/*
 * Wakes all who wait. With drain the rest is handed out at once, whatever its
 * time; without it the rest is forgotten.
 */
void due_close(struct due *, bool drain);
void due_free(struct due *);

#endif
