/*
 * The fold's promise: any order, any number of times, any split.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "base/clock.h"
#include "call/fold.h"

static uint64_t seed_state;

static uint64_t
next_random(void)
{
	uint64_t z = (seed_state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static size_t
below(size_t n)
{
	return (size_t)(next_random() % n);
}

/* A few values for each field, so that events collide, tie and contradict. */
static union value
random_value(enum field f)
{
	static const char *const text[] = { "a", "b", "c" };
	static const char *const list[] = { "[\"x\"]", "[\"y\",{\"z\":[1,2]}]" };
	static const char *const map[] = {
		"{\"a\":1}", "{\"a\":2,\"b\":\"}\"}", "{\"b\":{\"c\":[\",\"]}}",
		"{\"\\u001f\":1,\"\\\"\":2,\"A\":3}", "{\"A\":true,\"\\\\\":false}",
		"{\"\\u001f\":7,\"z\":\"\\\"\"}",
	};

	switch (field_info[f].type) {
	case TYPE_LIST:
		return (union value){ .text = str_of(list[below(2)]) };
	case TYPE_MAP:
		return (union value){ .text = str_of(map[below(6)]) };
	case TYPE_BOOL:
		return (union value){ .num = (int64_t)below(2) };
	case TYPE_TIME:
		return (union value){ .num = TIME_MIN + (int64_t)below(5) };
	case TYPE_MS:
	case TYPE_MICRO:
	case TYPE_COUNT:
		return (union value){ .num = (int64_t)below(3) };
	default:
		return (union value){ .text = str_of(text[below(3)]) };
	}
}

static struct event *
random_event(struct arena *a)
{
	static const char *const status[] = { "s1", "s2", "s3" };
	uint32_t stated = (uint32_t)next_random() & (uint32_t)next_random() &
	    ((UINT32_C(1) << FIELD_COUNT) - 1);
	struct event *e = event_alloc(a, stated);
	size_t at = 0;

	assert_non_null(e);
	for (size_t i = 0; i < sizeof(e->identity.b); i++)
		e->identity.b[i] = (unsigned char)next_random();
	e->provider = STR("p");
	e->call_id = STR("c");
	e->kind = (uint8_t)below(KIND_COUNT);
	e->time_us = below(4) == 0 ? TIME_NONE : TIME_MIN + (int64_t)below(4);
	e->stage = (uint16_t)below(3);
	e->outcome = (uint8_t)below(OUTCOME_COUNT);
	if (e->outcome != OUTCOME_NONE)
		e->status = str_of(status[below(3)]);
	for (enum field f = 0; f < FIELD_COUNT; f++)
		if (event_states(e, f))
			e->v[at++] = random_value(f);
	return e;
}

static void
shuffle(const struct event **e, size_t n)
{
	for (size_t i = n; i > 1; i--) {
		size_t j = below(i);
		const struct event *t = e[i - 1];

		e[i - 1] = e[j];
		e[j] = t;
	}
}

static void
assert_same_str(struct str a, struct str b)
{
	assert_int_equal(a.n, b.n);
	if (a.n > 0)
		assert_memory_equal(a.p, b.p, a.n);
}

static void
assert_same_call(const struct call *a, const struct call *b)
{
	assert_int_equal(a->outcome, b->outcome);
	assert_same_str(a->status, b->status);
	assert_int_equal(a->stated, b->stated);
	assert_true(a->first_event_us == b->first_event_us);
	assert_true(a->last_event_us == b->last_event_us);
	assert_true(a->events == b->events);
	assert_ptr_equal(a->outcome_from, b->outcome_from);
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		if ((a->stated >> f & 1u) == 0)
			continue;
		assert_ptr_equal(a->from[f], b->from[f]);
		if (field_is_text(f))
			assert_same_str(a->v[f].text, b->v[f].text);
		else
			assert_true(a->v[f].num == b->v[f].num);
	}
}

enum { EVENTS_MAX = 12, CASES = 20000 };

static void
promise_any_order(void **state)
{
	const struct event *event[EVENTS_MAX];
	struct err err = ERR_INIT;
	struct call one, other;
	struct arena a;

	(void)state;
	arena_init(&a, 0);
	for (int c = 0; c < CASES; c++) {
		size_t n = 1 + below(EVENTS_MAX);
		uint64_t seed = seed_state;

		for (size_t i = 0; i < n; i++)
			event[i] = random_event(&a);
		assert_true(fold(event, n, &a, &one, &err));
		shuffle(event, n);
		assert_true(fold(event, n, &a, &other, &err));
		if (one.stated != other.stated || one.outcome != other.outcome)
			print_message("seed %llu\n", (unsigned long long)seed);
		assert_same_call(&one, &other);
		arena_reset(&a);
	}
	arena_close(&a);
}

/* An event that tests write out. */
static struct event *
make(struct arena *a, enum event_kind kind, int64_t time_us, enum outcome o,
    const char *status, enum field f, union value v)
{
	struct event *e = event_alloc(a, f < FIELD_COUNT ? UINT32_C(1) << f : 0);
	static unsigned char serial;

	assert_non_null(e);
	e->identity.b[0] = ++serial;
	e->provider = STR("p");
	e->call_id = STR("c");
	e->kind = (uint8_t)kind;
	e->time_us = time_us;
	e->outcome = (uint8_t)o;
	e->status = str_of(status);
	if (f < FIELD_COUNT)
		e->v[0] = v;
	return e;
}

#define TEXT(s) (union value){ .text = STR(s) }
#define NUM(n) (union value){ .num = (n) }
#define NOTHING FIELD_COUNT, NUM(0)

static struct call
fold_of(struct arena *a, const struct event **e, size_t n)
{
	struct err err = ERR_INIT;
	struct call c;

	assert_true(fold(e, n, a, &c, &err));
	return c;
}

static void
outcome_is_last_terminal_else_highest_rank(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 0);
	const struct event *redialed[] = {
		make(&a, KIND_WEBHOOK, 30, OUTCOME_COMPLETED, "completed", NOTHING),
		make(&a, KIND_WEBHOOK, 10, OUTCOME_NO_ANSWER, "no-answer", NOTHING),
		make(&a, KIND_WEBHOOK, 20, OUTCOME_IN_PROGRESS, "in-progress", NOTHING),
		make(&a, KIND_WEBHOOK, 40, OUTCOME_ENDED, "ended", NOTHING),
	};
	const struct event *open[] = {
		make(&a, KIND_WEBHOOK, 30, OUTCOME_QUEUED, "ringing", NOTHING),
		make(&a, KIND_WEBHOOK, 10, OUTCOME_IN_PROGRESS, "answered", NOTHING),
		make(&a, KIND_WEBHOOK, 20, OUTCOME_IN_PROGRESS, "talking", NOTHING),
	};
	const struct event *silent[] = {
		make(&a, KIND_WEBHOOK, 30, OUTCOME_NONE, NULL, NOTHING),
	};
	struct call c = fold_of(&a, redialed, 4);

	assert_int_equal(c.outcome, OUTCOME_COMPLETED);
	assert_same_str(c.status, STR("completed"));
	c = fold_of(&a, open, 3);
	assert_int_equal(c.outcome, OUTCOME_IN_PROGRESS);
	assert_same_str(c.status, STR("talking"));
	c = fold_of(&a, silent, 1);
	assert_int_equal(c.outcome, OUTCOME_OTHER);
	assert_null(c.status.p);
	arena_close(&a);
}

static void
level_beats_time(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 0);
	const struct event *e[] = {
		make(&a, KIND_OVERRIDE, 1, OUTCOME_NONE, NULL, FIELD_ASSISTANT_ID, TEXT("listed")),
		make(&a, KIND_DISPATCH, 99, OUTCOME_NONE, NULL, FIELD_ASSISTANT_ID, TEXT("dispatched")),
		make(&a, KIND_WEBHOOK, 50, OUTCOME_NONE, NULL, FIELD_ASSISTANT_ID, TEXT("told")),
	};
	struct call c = fold_of(&a, e + 1, 2);

	assert_same_str(c.v[FIELD_ASSISTANT_ID].text, STR("told"));
	c = fold_of(&a, e, 3);
	assert_same_str(c.v[FIELD_ASSISTANT_ID].text, STR("listed"));
	assert_int_equal(c.events, 2);
	assert_true(c.first_event_us == 50 && c.last_event_us == 99);
	arena_close(&a);
}

static void
positive_beats_a_later_zero(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 0);
	const struct event *e[] = {
		make(&a, KIND_WEBHOOK, 1, OUTCOME_NONE, NULL, FIELD_DURATION, NUM(0)),
		make(&a, KIND_WEBHOOK, 2, OUTCOME_NONE, NULL, FIELD_DURATION, NUM(5)),
		make(&a, KIND_WEBHOOK, 3, OUTCOME_NONE, NULL, FIELD_DURATION, NUM(4)),
		make(&a, KIND_WEBHOOK, 4, OUTCOME_NONE, NULL, FIELD_DURATION, NUM(0)),
	};

	assert_int_equal(fold_of(&a, e, 1).v[FIELD_DURATION].num, 0);
	assert_int_equal(fold_of(&a, e, 4).v[FIELD_DURATION].num, 4);
	arena_close(&a);
}

static void
insights_merge_key_by_key(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 0);
	const struct event *e[] = {
		make(&a, KIND_WEBHOOK, 1, OUTCOME_NONE, NULL, FIELD_INSIGHTS,
		    TEXT("{\"\\u0007\":1,\"a\":\"x,\\\"}{\",\"c\":[1,{\"d\":2}]}")),
		make(&a, KIND_WEBHOOK, 2, OUTCOME_NONE, NULL, FIELD_INSIGHTS,
		    TEXT("{\"B\":null,\"\\\\\":0,\"c\":3}")),
	};
	struct call c = fold_of(&a, e, 2);

	assert_same_str(c.v[FIELD_INSIGHTS].text, STR("{\"\\u0007\":1,"
	    "\"B\":null,\"\\\\\":0,\"a\":\"x,\\\"}{\",\"c\":3}"));
	arena_close(&a);
}

static void
times_are_the_widest_counts_the_greatest(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 0);
	const struct event *e[] = {
		make(&a, KIND_WEBHOOK, 2, OUTCOME_NONE, NULL, FIELD_STARTED_AT, NUM(7)),
		make(&a, KIND_WEBHOOK, 1, OUTCOME_NONE, NULL, FIELD_STARTED_AT, NUM(9)),
		make(&a, KIND_WEBHOOK, 1, OUTCOME_NONE, NULL, FIELD_ENDED_AT, NUM(9)),
		make(&a, KIND_WEBHOOK, 2, OUTCOME_NONE, NULL, FIELD_ENDED_AT, NUM(7)),
		make(&a, KIND_WEBHOOK, 1, OUTCOME_NONE, NULL, FIELD_REATTEMPTS, NUM(3)),
		make(&a, KIND_WEBHOOK, 2, OUTCOME_NONE, NULL, FIELD_REATTEMPTS, NUM(2)),
	};
	struct call c = fold_of(&a, e, 6);

	assert_int_equal(c.v[FIELD_STARTED_AT].num, 7);
	assert_int_equal(c.v[FIELD_ENDED_AT].num, 9);
	assert_int_equal(c.v[FIELD_REATTEMPTS].num, 3);
	arena_close(&a);
}

int
main(void)
{
	const char *seed = getenv("CALLTALLY_SEED");
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(promise_any_order),
		cmocka_unit_test(outcome_is_last_terminal_else_highest_rank),
		cmocka_unit_test(level_beats_time),
		cmocka_unit_test(positive_beats_a_later_zero),
		cmocka_unit_test(insights_merge_key_by_key),
		cmocka_unit_test(times_are_the_widest_counts_the_greatest),
	};

	seed_state = seed != NULL ? strtoull(seed, NULL, 10) : 1;
	return cmocka_run_group_tests_name("fold", tests, NULL, NULL);
}
