/*
 * util: memory, text, clocks, hashing and a map for the simulator.
 *
 * A test program has nothing to save when memory runs out: these functions
 * abort then, so no caller checks. Times are microseconds, UTC or monotonic.
 */
#ifndef SIM_UTIL_H
#define SIM_UTIL_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TIME_TEXT_MAX = 40 };

#define SECOND_US INT64_C(1000000)

/* Prints "provider-sim: …" on standard error and exits with 1. */
_Noreturn void die(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Zeroed memory that the caller frees. */
void *mem_new(size_t bytes);
/* Grows p to n elements of the given size; aborts when that cannot be had. */
void *mem_grow(void *p, size_t n, size_t size);
/* A copy that the caller frees; NULL for NULL. */
char *mem_text(const char *);
/* Formatted text that the caller frees. */
char *mem_fmt(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Text with every `what` replaced by `with`; the caller frees it. */
char *mem_replace(const char *text, const char *what, const char *with);
/* The whole of a file, terminated, that the caller frees; dies when it cannot. */
char *file_read(const char *path);

/* A growing text, terminated as soon as something was put. Free p. */
struct text {
	char *p;
	size_t n;
	size_t cap;
};

void text_put(struct text *, const void *, size_t n);
void text_puts(struct text *, const char *);

int64_t mono_us(void);
int64_t wall_us(void);

/* ISO 8601 in UTC, cut to the second or with six digits behind it. Returns buf. */
const char *time_text(char buf[TIME_TEXT_MAX], int64_t us, bool micros);
/* HTTP-date, whatever the locale. Returns buf. */
const char *time_http(char buf[TIME_TEXT_MAX], int64_t us);
/* Reads ISO 8601 (offset, "Z" or none, which is UTC) or epoch seconds or ms. */
bool time_read(const char *, int64_t *us);

uint64_t hash_bytes(const void *, size_t n);
/* The state of a series of numbers of its own for each seed and number. */
uint64_t rng_start(uint64_t seed, uint64_t number);
/* The next number of a series. */
uint64_t rng_next(uint64_t *state);
/* True for about percent of all keys, always the same ones. */
bool coin(uint64_t key, unsigned percent);

/* Text to pointer. Keys and values are borrowed; map_free frees neither. */
struct map {
	struct map_slot {
		const char *key;
		void *value;
	} *slots;
	size_t n;
	size_t cap;
};

void *map_get(const struct map *, const char *key);
/* Adds or replaces. */
void map_put(struct map *, const char *key, void *value);
void map_free(struct map *);

#endif
