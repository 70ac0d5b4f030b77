/*
 * The fold's rules, one by one. That it is a function of the set of events is
 * tried in tests/property/fold.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "base/clock.h"
#include "call/fold.h"

static void
assert_same_str(struct str a, struct str b)
{
	assert_int_equal(a.n, b.n);
	if (a.n > 0)
		assert_memory_equal(a.p, b.p, a.n);
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
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(outcome_is_last_terminal_else_highest_rank),
		cmocka_unit_test(level_beats_time),
		cmocka_unit_test(positive_beats_a_later_zero),
		cmocka_unit_test(insights_merge_key_by_key),
		cmocka_unit_test(times_are_the_widest_counts_the_greatest),
	};

	return cmocka_run_group_tests_name("fold", tests, NULL, NULL);
}
