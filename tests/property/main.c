/*
 * Tries properties with one case after the other, each made from a seed.
 *
 * usage: property [--seed S] [--cases N] [--seconds T] [PROPERTY...]
 *
 * Cases have the seeds S, S + 1, ...; N of them, or as many as T seconds
 * allow. Says in TAP how many there were; of a case that fails, its seed.
 */
#include "property.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "io/doc.h"

static const struct property *const all[] = {
	fold_properties, dump_properties, json_properties, text_properties,
	stream_properties, statement_properties,
};

bool
trial_fail(struct trial *t, const char *file, int line, const char *fmt, ...)
{
	size_t n = (size_t)snprintf(t->message, sizeof(t->message), "%s:%d: ",
	    file, line);
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(t->message + n, sizeof(t->message) - n, fmt, ap);
	va_end(ap);
	return false;
}

void *
trial_alloc(struct trial *t, size_t n)
{
	void *p = arena_alloc(&t->arena, n);

	if (p == NULL) {
		fputs("property: out of memory\n", stderr);
		exit(70);
	}
	return p;
}

struct str
trial_padded(struct trial *t, struct str s)
{
	char *p = trial_alloc(t, s.n + DOC_PADDING_BYTES);

	if (s.n > 0)
		memcpy(p, s.p, s.n);
	memset(p + s.n, 0, DOC_PADDING_BYTES);
	return (struct str){ p, s.n };
}

void
trial_shuffle(struct trial *t, void *v, size_t n, size_t size)
{
	char *p = v, *tmp = trial_alloc(t, size);

	for (size_t i = n; i > 1; i--) {
		size_t j = rng_next(&t->rng) % i;

		memcpy(tmp, p + (i - 1) * size, size);
		memmove(p + (i - 1) * size, p + j * size, size);
		memcpy(p + j * size, tmp, size);
	}
}

struct options {
	uint64_t seed;
	uint64_t cases;
	int64_t seconds;
	char **name;
	size_t names;
};

/* A number of its own for each property, whatever stands beside it. */
static uint64_t
number_of(const char *name)
{
	uint64_t n = 0;

	for (; *name != '\0'; name++)
		n = mix64(n ^ (unsigned char)*name);
	return n;
}

/* Whether another case is to be tried behind n of them. */
static bool
goes_on(const struct property *p, const struct options *o, int64_t until_us,
    uint64_t n)
{
	if (n == 0)
		return true;
	return o->cases > 0 ? n < o->cases / p->every :
	    clock_mono_us() < until_us;
}

/* Tries one property; tells how it went. */
static bool
try_property(const struct property *p, const struct options *o, int64_t until_us,
    int number)
{
	struct trial t = { .seed = o->seed };
	uint64_t n = 0;
	bool good = true;

	arena_init(&t.arena, 0);
	for (; good && goes_on(p, o, until_us, n); n++) {
		t.seed = o->seed + n;
		t.rng = rng_for(t.seed, number_of(p->name), 0);
		good = p->holds(&t);
		arena_reset(&t.arena);
	}
	printf("%sok %d - %s: %llu cases, %llu checks\n", good ? "" : "not ",
	    number, p->name, (unsigned long long)n,
	    (unsigned long long)t.checks);
	if (!good)
		printf("# seed %llu: %s\n# again: tests/property/run %llu\n",
		    (unsigned long long)t.seed, t.message,
		    (unsigned long long)t.seed);
	fflush(stdout);
	arena_close(&t.arena);
	return good;
}

static bool
chosen(const struct options *o, const char *name)
{
	for (size_t i = 0; i < o->names; i++)
		if (strcmp(o->name[i], name) == 0)
			return true;
	return o->names == 0;
}

/* How many properties are to be tried. */
static int
count_chosen(const struct options *o)
{
	int n = 0;

	for (size_t i = 0; i < COUNT(all); i++)
		for (const struct property *p = all[i]; p->name != NULL; p++)
			n += chosen(o, p->name);
	return n;
}

static bool
try_all(const struct options *o)
{
	int left = count_chosen(o), number = 0;
	int64_t end_us = clock_mono_us() + o->seconds * 1000000;
	bool good = true;

	printf("1..%d\n", left);
	for (size_t i = 0; i < COUNT(all); i++)
		for (const struct property *p = all[i]; p->name != NULL; p++) {
			int64_t now_us = clock_mono_us();

			if (!chosen(o, p->name))
				continue;
			good = try_property(p, o,
			    now_us + (end_us - now_us) / left--, ++number) && good;
		}
	return good;
}

static void
bad_usage(void)
{
	fputs("usage: property [--seed S] [--cases N] [--seconds T] [PROPERTY...]\n",
	    stderr);
	exit(2);
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "seed", required_argument, NULL, 's' },
		{ "cases", required_argument, NULL, 'n' },
		{ "seconds", required_argument, NULL, 't' },
		{ NULL, 0, NULL, 0 },
	};
	struct options o = { .seed = 1, .cases = 1000 };
	int letter;

	while ((letter = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (letter == 's')
			o.seed = strtoull(optarg, NULL, 10);
		else if (letter == 'n')
			o.cases = strtoull(optarg, NULL, 10);
		else if (letter == 't')
			o.seconds = strtoll(optarg, NULL, 10);
		else
			bad_usage();
	}
	if (o.seconds > 0)
		o.cases = 0;
	o.name = argv + optind;
	o.names = (size_t)(argc - optind);
	if (count_chosen(&o) == 0)
		bad_usage();
	return try_all(&o) ? 0 : 1;
}
