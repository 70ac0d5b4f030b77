#include "view.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/num.h"
#include "run/warnings.h"
#include "say.h"

enum { MS_PLACES = 3, MICRO_PLACES = 6 };

void
say_time(int64_t us)
{
	char text[TIME_TEXT_BYTES];

	if (us == TIME_NONE) {
		putchar('-');
		return;
	}
	time_text(us, text);
	printf("%.10s %.8s", text, text + 11);
}

/* True for what may hold phone numbers: the numbers and what people wrote or said. */
static bool
may_hold_phones(enum field f)
{
	return f == FIELD_FROM_NUMBER || f == FIELD_TO_NUMBER ||
	    f == FIELD_SUMMARY || f == FIELD_INSIGHTS ||
	    f == FIELD_REQUIRED_ACTIONS;
}

static void
say_words(enum field f, struct str s, bool phones)
{
	struct buf masked = BUF_INIT(0);

	if (phones || !may_hold_phones(f)) {
		say_text(stdout, s);
		return;
	}
	mask_phones(&masked, s);
	say_text(stdout, buf_str(&masked));
	buf_free(&masked);
}

void
say_value(enum field f, const union value *v, bool phones)
{
	char text[NUM_TEXT_BYTES];

	switch (field_info[f].type) {
	case TYPE_TIME:
		say_time(v->num);
		break;
	case TYPE_MS:
		num_scaled_text(v->num, MS_PLACES, text);
		printf("%s s", text);
		break;
	case TYPE_MICRO:
		num_scaled_text(v->num, MICRO_PLACES, text);
		fputs(text, stdout);
		break;
	case TYPE_COUNT:
		printf("%lld", (long long)v->num);
		break;
	case TYPE_BOOL:
		fputs(v->num ? "true" : "false", stdout);
		break;
	default:
		say_words(f, v->text, phones);
	}
}

void
say_stated(const struct event *e, bool phones)
{
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		if (!event_states(e, f))
			continue;
		printf("    %-20s", field_info[f].profile_name);
		say_value(f, event_value(e, f), phones);
		putchar('\n');
	}
}

void
answer_value(struct answer a, enum field f, const union value *v)
{
	const char *name = field_info[f].profile_name;

	switch (field_info[f].type) {
	case TYPE_TIME:
		answer_time(a, name, v->num);
		break;
	case TYPE_MS:
		answer_scaled(a, name, v->num, MS_PLACES);
		break;
	case TYPE_MICRO:
		answer_scaled(a, name, v->num, MICRO_PLACES);
		break;
	case TYPE_COUNT:
		answer_int(a, name, v->num);
		break;
	case TYPE_BOOL:
		answer_bool(a, name, v->num != 0);
		break;
	case TYPE_LIST:
	case TYPE_MAP:
		answer_json(a, name, v->text);
		break;
	default:
		answer_text(a, name, v->text);
	}
}

void
answer_event(struct answer a, const struct event *e)
{
	struct answer states;

	answer_time(a, "time", e->time_us);
	answer_bool(a, "time_stated", e->time_stated);
	answer_text(a, "kind", str_of(event_kind_name[e->kind]));
	answer_text(a, "type", e->type);
	answer_text(a, "status", e->status);
	answer_text(a, "outcome", str_of(e->outcome == OUTCOME_NONE ? NULL :
	    outcome_name[e->outcome]));
	answer_id(a, "identity", &e->identity);
	states = answer_object(a, "states");
	for (enum field f = 0; f < FIELD_COUNT; f++)
		if (event_states(e, f))
			answer_value(states, f, event_value(e, f));
}

static void
say_warning(const char *what, const char *field, uint64_t n)
{
	char count[SAY_COUNT_BYTES];

	if (n > 0)
		printf("%-12s%s%s: %s\n", "warning", what, field,
		    say_count((int64_t)n, count));
}

void
say_warnings(const struct decode_warnings *w)
{
	for (int f = 0; f < FIELD_COUNT; f++)
		say_warning("left out, not understood, values of ",
		    field_info[f].profile_name, w->dropped[f]);
	say_warning("left out, not understood, times", "", w->times_dropped);
	say_warning("replaced by U+FFFD, characters", "", w->replaced);
	say_warning("types that their profile does not list", "",
	    w->unknown_types);
	say_warning("statuses that their profile does not know", "",
	    w->unknown_statuses);
}

void
answer_warnings(struct answer a, const struct decode_warnings *w)
{
	struct buf json = BUF_INIT(0);

	warnings_json(w, &json);
	answer_json(a, "warnings", buf_str(&json));
	buf_free(&json);
}
