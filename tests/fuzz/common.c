#include "fuzz.h"

#include "base/clock.h"
#include "call/decode.h"
#include "call/differ.h"
#include "call/fold.h"
#include "io/doc.h"

char *
padded_copy(struct str s)
{
	char *p = calloc(1, s.n + DOC_PADDING_BYTES);

	MUST(p != NULL);
	if (s.n > 0)
		memcpy(p, s.p, s.n);
	return p;
}

struct profiles *
all_profiles(void)
{
	static struct profiles *set;
	struct err err = ERR_INIT;

	if (set == NULL)
		set = profiles_load(NULL, &err);
	MUST(set != NULL);
	return set;
}

void
must_be_storable(struct str s)
{
	MUST(str_utf8_bytes(s) == s.n);
	MUST(s.n == 0 || memchr(s.p, '\0', s.n) == NULL);
}

void
must_be_canonical(struct str s, char first)
{
	char *p = padded_copy(s);
	struct doc *doc = doc_open();
	struct buf again = BUF_INIT(0);
	struct node root;

	must_be_storable(s);
	MUST(s.n > 1 && s.p[0] == first);
	MUST(doc_parse(doc, p, s.n, &root) == DOC_OK);
	MUST(node_canonical(root, false, &again));
	MUST(str_eq(buf_str(&again), s));
	buf_free(&again);
	doc_close(doc);
	free(p);
}

static void
must_be_value(enum field f, const union value *v)
{
	switch (field_info[f].type) {
	case TYPE_LIST:
		must_be_canonical(v->text, '[');
		break;
	case TYPE_MAP:
		must_be_canonical(v->text, '{');
		break;
	case TYPE_TIME:
		MUST(v->num >= TIME_MIN && v->num <= TIME_MAX);
		break;
	case TYPE_BOOL:
		MUST(v->num == 0 || v->num == 1);
		break;
	case TYPE_MS:
	case TYPE_COUNT:
		MUST(v->num >= 0);
		break;
	case TYPE_MICRO:
		MUST(v->num >= 0 || f == FIELD_CREDITS_AVAILABLE);
		break;
	default:
		must_be_storable(v->text);
		MUST(v->text.n > 0);
	}
}

void
must_be_event(const struct event *e)
{
	const struct event *list[] = { e };
	struct err err = ERR_INIT;
	struct arena a;
	struct call call;

	MUST(e->call_id.n > 0 && e->call_id.n <= CALL_ID_MAX_BYTES);
	must_be_storable(e->call_id);
	must_be_storable(e->provider);
	must_be_storable(e->type);
	must_be_storable(e->status);
	MUST(e->utc_day >= EVENT_UTC_DAY_OVERRIDE && e->utc_day <= TIME_UTC_DAYS);
	MUST(e->time_us == TIME_NONE ||
	    (e->time_us >= TIME_MIN && e->time_us <= TIME_MAX));
	for (enum field f = 0; f < FIELD_COUNT; f++)
		if (event_states(e, f))
			must_be_value(f, event_value(e, f));
	arena_init(&a, 0);
	MUST(fold(list, 1, &a, &call, &err));
	arena_close(&a);
}

static struct decoder *
decoder_number(int i)
{
	static struct decoder *decoder[2];

	if (decoder[i] == NULL)
		decoder[i] = decoder_open(all_profiles());
	MUST(decoder[i] != NULL);
	return decoder[i];
}

/* A message is for logs: one line that can be printed. */
static void
must_be_message(const char *text)
{
	size_t n = strlen(text);

	MUST(n > 0 && n < DECODE_MESSAGE_BYTES);
	for (size_t i = 0; i < n; i++)
		MUST(text[i] >= ' ' && text[i] <= '~');
}

const struct event *
decode_twice(struct str line, struct arena *a)
{
	struct decode_warnings w = { 0 };
	struct decode_out first, again;
	enum decode_result r;
	char *p = padded_copy(line);

	r = decode_line(decoder_number(0), (struct str){ p, line.n }, a, &w, &first);
	MUST(r == decode_line(decoder_number(1), (struct str){ p, line.n }, a, &w,
	    &again));
	free(p);	/* nothing points into the line */
	MUST(r != DECODED_NO_MEMORY);
	if (r == DECODED_REJECT) {
		MUST(first.reason < REJECT_COUNT && first.reason == again.reason);
		must_be_message(first.message);
	}
	if (r == DECODED_IGNORED)
		MUST(first.ignored_because != NULL);
	if (r != DECODED_EVENT)
		return NULL;
	must_be_event(first.event);
	MUST(id128_cmp(&first.event->identity, &again.event->identity) == 0);
	MUST(event_diff(first.event, again.event) == 0);
	return first.event;
}
