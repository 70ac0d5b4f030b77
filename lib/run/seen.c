#include "run/seen.h"

#include <stdlib.h>

/* Four bits for each, all in one word: 0.3 % wrong at 2 million. */
enum { FILTER_WORDS = 512 * 1024, TABLE_MIN = 1024 };

bool
seen_open(struct seen *s, bool database_is_empty)
{
	*s = (struct seen){ .now = &s->batch[0] };
	if (!database_is_empty)
		return true;
	s->calls = calloc(FILTER_WORDS, sizeof(*s->calls));
	s->events = calloc(FILTER_WORDS, sizeof(*s->events));
	return s->calls != NULL && s->events != NULL;
}

void
seen_close(struct seen *s)
{
	for (size_t i = 0; i < SEEN_BATCHES; i++)
		free(s->batch[i].word);
	free(s->calls);
	free(s->events);
	*s = (struct seen){ .calls = NULL };
}

bool
seen_begin(struct seen *s, uint64_t number, uint64_t done, size_t events)
{
	struct seen_batch *b = &s->batch[number % SEEN_BATCHES];
	size_t size = TABLE_MIN;

	while (size < 2 * events)
		size *= 2;
	free(b->word);
	b->word = calloc(size, sizeof(*b->word));
	b->mask = size - 1;
	b->number = number;
	s->now = b;
	s->done = done;
	return b->word != NULL;
}

static uint64_t
word_of(const struct id128 *key)
{
	uint64_t w = id128_word(key, 0);

	return w != 0 ? w : 1;
}

/* The place of a word in a table, or the free one where it would be. */
static uint64_t *
find(const struct seen_batch *b, uint64_t w)
{
	size_t at = w & b->mask;

	while (b->word[at] != 0 && b->word[at] != w)
		at = (at + 1) & b->mask;
	return &b->word[at];
}

bool
seen_busy(const struct seen *s, const struct id128 *key)
{
	uint64_t w = word_of(key);

	for (size_t i = 0; i < SEEN_BATCHES; i++) {
		const struct seen_batch *b = &s->batch[i];

		if (b->word != NULL && b != s->now && b->number >= s->done &&
		    *find(b, w) != 0)
			return true;
	}
	return false;
}

/* True when it was not there before, for sure; never without a filter. */
static bool
filter_add(uint64_t *filter, const struct id128 *id)
{
	uint64_t h = id128_word(id, 8), bits = 0, *word;
	bool had;

	if (filter == NULL)
		return false;
	word = &filter[h % FILTER_WORDS];
	for (int shift = 40; shift < 64; shift += 6)
		bits |= UINT64_C(1) << (h >> shift & 63);
	had = (*word & bits) == bits;
	*word |= bits;
	return !had;
}

bool
seen_add(struct seen *s, const struct id128 *key)
{
	uint64_t w = word_of(key);

	*find(s->now, w) = w;
	return filter_add(s->calls, key);
}

bool
seen_add_event(struct seen *s, const struct id128 *identity)
{
	return filter_add(s->events, identity);
}
