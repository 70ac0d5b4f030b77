/*
 * property: what must hold of every case that a seed makes.
 *
 * A property is a function of a trial: it draws a case from the trial's
 * random numbers and returns false, through CHECK, where the case breaks it.
 * A trial is a function of its seed alone, so that a seed that was printed
 * can be replayed. Memory for a case comes from the trial's arena.
 */
#ifndef PROPERTY_H
#define PROPERTY_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "gen/rng.h"

enum { TRIAL_MESSAGE_BYTES = 1024 };

struct trial {
	uint64_t seed;
	struct rng rng;
	struct arena arena;		/* of this case */
	uint64_t checks;		/* over all cases */
	char message[TRIAL_MESSAGE_BYTES];
};

struct property {
	const char *name;
	bool (*holds)(struct trial *);
	unsigned every;		/* slow ones are tried with every such case only */
};

/* One array for each file, which ends with a NULL name. */
extern const struct property fold_properties[];
extern const struct property dump_properties[];
extern const struct property json_properties[];
extern const struct property text_properties[];
extern const struct property stream_properties[];
extern const struct property statement_properties[];

/* Notes what is wrong; returns false. */
bool trial_fail(struct trial *, const char *file, int line, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Leaves the property when ok is false; the rest is a message. */
#define CHECK(t, ok, ...) do { \
	(t)->checks++; \
	if (!(ok)) \
		return trial_fail((t), __FILE__, __LINE__, __VA_ARGS__); \
} while (0)

/* Memory in the trial's arena; ends the program without it. */
void *trial_alloc(struct trial *, size_t n);

/* A copy of s in the arena, behind which DOC_PADDING_BYTES can be read. */
struct str trial_padded(struct trial *, struct str s);

/* Puts the n things of that size at v into a random order. */
void trial_shuffle(struct trial *, void *v, size_t n, size_t size);

#endif
