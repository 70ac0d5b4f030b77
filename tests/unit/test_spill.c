/*
 * Events come back from temporary files as they went in, however they are
 * sliced, and the slices ascend.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "base/clock.h"
#include "call/differ.h"
#include "run/spill.h"
#include "unit/temp.h"

enum { EVENTS = 3000 };

static const uint32_t all_fields = (UINT32_C(1) << FIELD_COUNT) - 1;

static union value
make_value(enum field f, size_t i, struct arena *a)
{
	char text[32];

	if (!field_is_text(f))
		return (union value){ .num = (int64_t)(i * 7919) - 5 };
	(void)snprintf(text, sizeof(text), "%zu of %d", i, (int)f);
	return (union value){ .text = i % 5 == 0 ? STR("") :
	    arena_str(a, str_of(text)) };
}

/* The i-th event: some state nothing, some all. */
static struct event *
make_event(size_t i, struct arena *a)
{
	uint32_t stated = i % 7 == 0 ? 0 : i % 7 == 1 ? all_fields :
	    (uint32_t)(i * 2654435761u) & all_fields;
	struct event *e = event_alloc(a, stated);
	size_t call = i / 3;

	assert_non_null(e);
	e->key = hash_bytes(&call, sizeof(call));
	e->identity = hash_bytes(&i, sizeof(i));
	e->call_id = arena_str(a, STR("id"));
	e->type = i % 2 ? STR("call.ended") : (struct str){ NULL, 0 };
	e->status = i % 3 ? STR("") : (struct str){ NULL, 0 };
	e->time_us = i % 4 ? (int64_t)i : TIME_NONE;
	e->line = (int64_t)i;
	e->kind = KIND_WEBHOOK;
	for (uint32_t f = 0, n = 0; f < FIELD_COUNT; f++)
		if (event_states(e, (enum field)f))
			e->v[n++] = make_value((enum field)f, i, a);
	return e;
}

static void
check_event(const struct event *e, struct arena *a, bool *seen)
{
	size_t i = (size_t)e->line;
	struct event *want = make_event(i, a);

	assert_true(i < EVENTS && !seen[i]);
	seen[i] = true;
	assert_memory_equal(&e->key, &want->key, sizeof(e->key));
	assert_memory_equal(&e->identity, &want->identity, sizeof(e->key));
	assert_true(str_eq(e->call_id, want->call_id));
	assert_true(event_diff(e, want) == 0);
}

/* Reads all back with parts of at most so many bytes. */
static void
check_all(struct spill *s, uint64_t bytes, bool must_slice)
{
	struct id128 last = { { 0 } }, highest = { { 0 } };
	static bool seen[EVENTS];
	struct err err = ERR_INIT;
	struct arena a;
	bool sliced = false;

	memset(seen, 0, sizeof(seen));
	arena_init(&a, 0);
	for (unsigned part = 0; part < SPILL_PARTS; part++) {
		unsigned slices = spill_slices(s, part, bytes);

		sliced = sliced || slices > 1;
		for (unsigned slice = 0; slice < slices; slice++) {
			struct event **event;
			size_t n;

			assert_true(spill_get(s, part, slice, slices, &a,
			    &event, &n, &err));
			for (size_t i = 0; i < n; i++) {
				assert_true(id128_cmp(&event[i]->key, &last) > 0);
				if (id128_cmp(&event[i]->key, &highest) > 0)
					highest = event[i]->key;
				check_event(event[i], &a, seen);
			}
			last = highest;
			arena_reset(&a);
		}
	}
	for (size_t i = 0; i < EVENTS; i++)
		assert_true(seen[i]);
	assert_int_equal(sliced, must_slice);
	arena_close(&a);
}

static void
events_come_back_however_sliced(void **state)
{
	struct err err = ERR_INIT;
	struct arena a;
	struct spill s;

	(void)state;
	arena_init(&a, 0);
	assert_true(spill_open(&s, temp_folder, &err));
	for (size_t i = 0; i < EVENTS; i++)
		assert_true(spill_put(&s, make_event(i, &a), &err));
	check_all(&s, UINT64_C(1) << 40, false);
	check_all(&s, 4096, true);
	check_all(&s, 1, true);
	spill_close(&s);
	arena_close(&a);
}

static void
a_folder_that_is_not_there_is_told(void **state)
{
	struct err err = ERR_INIT;
	struct spill s;

	(void)state;
	assert_false(spill_open(&s, "/nowhere/at/all", &err));
	assert_non_null(strstr(err.text, "/nowhere/at/all: cannot make"));
	spill_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_come_back_however_sliced),
		cmocka_unit_test(a_folder_that_is_not_there_is_told),
	};

	return cmocka_run_group_tests(tests, temp_setup, temp_teardown);
}
