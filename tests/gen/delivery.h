/*
 * delivery: which line stands in which file. A delivery is sixteen bytes
 * that name a call and one of its events; its text is made when its file is
 * written. A pile holds the deliveries of one file.
 */
#ifndef GEN_DELIVERY_H
#define GEN_DELIVERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "call.h"

struct delivery {
	int64_t at_us;
	uint32_t call;		/* number; of noise: its own */
	uint8_t event;		/* index; of noise: its kind */
	uint8_t copy;		/* 0 is the first delivery */
	uint8_t form;		/* of the envelope */
	uint8_t flags;
};

enum { DELIVERY_NOISE = 1, DELIVERY_RESPACED = 2 };

struct pile {
	struct delivery *v;
	size_t n;
	size_t cap;
	int64_t start_us;
};

/* Files of one kind, each a slice of time; what comes later is weekly. */
struct piles {
	struct pile *pile;
	size_t n;
	size_t sliced;		/* the first ones, each slice_us long */
	int64_t start_us;
	int64_t slice_us;
};

/* How often, of 1000, something is done to a line. */
struct spoil {
	uint32_t garbage;
	uint32_t repeat;
	uint32_t respace;
	uint32_t envelope;
	bool shuffle;
};

/* What must come of all lines. */
struct counts {
	uint64_t lines;
	uint64_t events;
	uint64_t duplicates;
	uint64_t rejected;
	uint64_t ignored;
	uint64_t calls;
	uint64_t files;
};

struct plan {
	struct world world;
	struct spoil spoil;
	struct piles webhooks;
	struct piles dispatches;
	struct counts counts;
	uint64_t noise;		/* lines of noise so far */
	uint64_t calls;		/* how many there will be */
};

/* n slices over the window, and weeks behind it. */
void piles_open(struct piles *, size_t n, int64_t start_us, int days);
void piles_close(struct piles *);

/* Plans all deliveries of a call, counts them, and notes receipts in its events. */
void deliver_call(struct plan *, struct call *);

/* Puts a pile into the order of its file. */
void pile_sort(struct pile *);
void pile_shuffle(struct pile *, uint64_t seed);

/* Appends the line of a delivery, without its newline. */
void delivery_write(const struct plan *, const struct delivery *, struct text *);

#endif
