/*
 * fuzz: targets that take any bytes, and what must hold of every input.
 *
 * A target is a function of its input alone. It ends the program (abort)
 * where a promise is broken, and returns whatever else comes. The driver is
 * libFuzzer's (tests/fuzz/libfuzzer.c) or replay.c, which runs the corpus.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/str.h"

struct event;

/* TARGETS(X) calls X(name) for each: the function is fuzz_name, the corpus corpus/name. */
#define TARGETS(X) \
	X(lines) X(envelopes) X(answers) X(pages) X(profiles) X(json) X(times) \
	X(numbers) X(lists) X(gzip) X(redact)

#define X(name) void fuzz_##name(struct str input);
TARGETS(X)
#undef X

/* What was promised of every input. */
#define MUST(holds) do { \
	if (!(holds)) { \
		(void)fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, \
		    #holds); \
		abort(); \
	} \
} while (0)

/* ---- common.c ---- */

/* A copy behind which DOC_PADDING_BYTES can be read and no more; to be freed. */
char *padded_copy(struct str);

/* UTF-8 without NUL: a text that PostgreSQL takes. */
void must_be_storable(struct str);

/* Canonical JSON of that first byte. */
void must_be_canonical(struct str, char first);

/* Everything that a decoded event is to be. */
void must_be_event(const struct event *);

/* Decodes a line twice, by two decoders, and checks what comes of it; NULL: no event. */
const struct event *decode_twice(struct str line, struct arena *);

/* The embedded profiles. */
struct profiles *all_profiles(void);

#endif
