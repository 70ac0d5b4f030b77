#include "view.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/num.h"
#include "run/privacy.h"
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

/* The text of a field with its phone numbers hidden, in a buffer. */
static struct str
hidden(enum field f, struct str s, enum phones phones, struct buf *b)
{
	struct str name = str_of(field_info[f].profile_name);

	if (phones == PHONES_FULL || s.p == NULL)
		return s;
	privacy_put(b, privacy_of_column(name), s, phones);
	return b->n > 0 ? buf_str(b) : STR("");
}

static void
say_words(enum field f, struct str s, enum phones phones)
{
	struct buf b = BUF_INIT(0);

	say_text(stdout, hidden(f, s, phones, &b));
	buf_free(&b);
}

void
say_value(enum field f, const union value *v, enum phones phones)
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
say_stated(const struct event *e, enum phones phones)
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
answer_value(struct answer a, enum field f, const union value *v,
    enum phones phones)
{
	const char *name = field_info[f].profile_name;
	struct buf b = BUF_INIT(0);

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
		answer_json(a, name, hidden(f, v->text, phones, &b));
		break;
	default:
		answer_text(a, name, hidden(f, v->text, phones, &b));
	}
	buf_free(&b);
}

void
answer_event(struct answer a, const struct event *e, enum phones phones)
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
			answer_value(states, f, event_value(e, f), phones);
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
