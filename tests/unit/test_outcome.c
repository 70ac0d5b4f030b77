/*
 * The words of the reports: outcomes, fields, kinds, keys of calls.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "call/event.h"

static void
every_outcome_has_its_own_name(void **state)
{
	(void)state;
	for (int o = OUTCOME_OTHER; o < OUTCOME_COUNT; o++)
		assert_int_equal(outcome_by_name(str_of(outcome_name[o])), o);
	assert_int_equal(outcome_by_name(STR("none")), OUTCOME_COUNT);
	assert_int_equal(outcome_by_name(STR("Completed")), OUTCOME_COUNT);
	assert_int_equal(outcome_by_name(STR("")), OUTCOME_COUNT);
	assert_string_equal(outcome_name[OUTCOME_NONE], "other");
}

static void
ranks_are_those_of_the_contract(void **state)
{
	static const int rank[] = { [OUTCOME_QUEUED] = 1,
		[OUTCOME_IN_PROGRESS] = 2, [OUTCOME_ENDED] = 3,
		[OUTCOME_COMPLETED] = 4 };

	(void)state;
	for (int o = OUTCOME_NONE; o < OUTCOME_COUNT; o++)
		assert_int_equal(outcome_rank((enum outcome)o),
		    o <= OUTCOME_COMPLETED ? rank[o] : 5);
}

static void
from_completed_on_outcomes_are_terminal(void **state)
{
	(void)state;
	for (int o = OUTCOME_NONE; o < OUTCOME_COUNT; o++)
		assert_int_equal(outcome_terminal((enum outcome)o),
		    outcome_rank((enum outcome)o) >= 4);
}

static void
every_field_has_its_own_name(void **state)
{
	(void)state;
	for (int f = 0; f < FIELD_COUNT; f++)
		assert_int_equal(
		    field_by_name(str_of(field_info[f].profile_name)), f);
	assert_int_equal(field_by_name(STR("duration_ms")), FIELD_COUNT);
}

static void
every_kind_has_its_own_name(void **state)
{
	(void)state;
	for (int k = 0; k < KIND_COUNT; k++)
		assert_int_equal(
		    event_kind_by_name(str_of(event_kind_name[k])), k);
	assert_int_equal(event_kind_by_name(STR("webhooks")), KIND_COUNT);
}

static void
values_stand_packed_in_the_order_of_fields(void **state)
{
	struct arena a;
	struct event *e;

	(void)state;
	arena_init(&a, 0);
	e = event_alloc(&a, UINT32_C(1) << FIELD_SUMMARY |
	    UINT32_C(1) << FIELD_WORKSPACE | UINT32_C(1) << FIELD_DURATION);
	assert_non_null(e);
	assert_ptr_equal(event_value(e, FIELD_WORKSPACE), &e->v[0]);
	assert_ptr_equal(event_value(e, FIELD_DURATION), &e->v[1]);
	assert_ptr_equal(event_value(e, FIELD_SUMMARY), &e->v[2]);
	assert_true(event_states(e, FIELD_DURATION));
	assert_false(event_states(e, FIELD_SUCCESS));
	arena_close(&a);
}

/* Where provider ends and call id begins is part of the key. */
static void
calls_of_different_names_have_different_keys(void **state)
{
	struct id128 a = event_call_key(STR("ab"), STR("c"));
	struct id128 b = event_call_key(STR("a"), STR("bc"));
	struct id128 c = event_call_key(STR("ab"), STR("c"));

	(void)state;
	assert_int_not_equal(id128_cmp(&a, &b), 0);
	assert_int_equal(id128_cmp(&a, &c), 0);
}

static void
a_call_id_of_any_length_has_a_key(void **state)
{
	static char text[4096];
	struct id128 a, b;

	(void)state;
	memset(text, 'x', sizeof(text));
	for (size_t n = 2000; n < 2100; n++) {
		a = event_call_key(STR("p"), (struct str){ text, n });
		b = event_call_key(STR("p"), (struct str){ text, n + 1 });
		assert_int_not_equal(id128_cmp(&a, &b), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_outcome_has_its_own_name),
		cmocka_unit_test(ranks_are_those_of_the_contract),
		cmocka_unit_test(from_completed_on_outcomes_are_terminal),
		cmocka_unit_test(every_field_has_its_own_name),
		cmocka_unit_test(every_kind_has_its_own_name),
		cmocka_unit_test(values_stand_packed_in_the_order_of_fields),
		cmocka_unit_test(calls_of_different_names_have_different_keys),
		cmocka_unit_test(a_call_id_of_any_length_has_a_key),
	};

	return cmocka_run_group_tests_name("outcome", tests, NULL, NULL);
}
