#include "call/extract.h"

#include "base/clock.h"

static bool
type_is_one_of(struct texts patterns, struct str type)
{
	for (size_t i = 0; i < patterns.n; i++)
		if (type_fits(patterns.v[i], type))
			return true;
	return false;
}

static inline bool
place_applies(const struct extraction *x, const struct place *p)
{
	if (p->when_ended && x->outcome != OUTCOME_ENDED &&
	    !outcome_terminal(x->outcome))
		return false;
	return p->types.n == 0 || type_is_one_of(p->types, x->type);
}

/* In the first element that fits and has something there. */
static bool
find_each(const struct place *p, struct node array, struct node *out)
{
	struct node_iter it = node_iter(array);
	struct node element;
	struct str name;

	if (array.type != NODE_ARRAY)
		return false;
	while (node_next(&it, &name, &element)) {
		if (!rules_hold_in(&p->rules, element))
			continue;
		*out = path_get(&p->path, element);
		if (!node_silent(*out))
			return true;
	}
	return false;
}

/* What a place that applies holds; false when it is silent. */
static bool
place_get(const struct extraction *x, const struct place *p, struct node *out)
{
	const struct node *n = slots_get(x->walk, p->at);

	if (n == NULL)
		return false;
	if (p->kind == PLACE_EACH) {
		if (!find_each(p, *n, out))
			return false;
	} else {
		*out = *n;
	}
	return p->is == IS_ANY || node_is(*out, p->is);
}

const struct place *
extract_find(const struct extraction *x, const struct places *places,
    struct node *out)
{
	*out = (struct node){ NULL, 0, NODE_ABSENT };
	for (size_t i = 0; i < places->n; i++) {
		const struct place *p = &places->v[i];

		if (place_applies(x, p) &&
		    (p->kind == PLACE_CONST || place_get(x, p, out)))
			return p;
	}
	return NULL;
}

static void
find_type(struct extraction *x)
{
	const struct profile *p = x->shape->profile;
	struct node n;
	size_t at = x->text->n;

	if (extract_find(x, &x->shape->type, &n) == NULL)
		return;
	x->type = coerce_scalar(n, x->type_number);
	if (x->type.p == NULL)
		return;
	x->known_type = profile_type(p, x->type);
	if (x->known_type != NULL)
		return;
	put_text(x->text, x->type, &x->w->replaced);
	x->type_text = (struct piece){ at, x->text->n - at };
	if (x->shape->kind == KIND_WEBHOOK)
		x->w->unknown_types++;
}

/* The status that a place states; {NULL, 0} when none. */
static struct str
raw_status(const struct extraction *x, const struct place *p,
    char tmp[SCALAR_TEXT_BYTES])
{
	struct places one = { p, 1 };
	struct node n;

	if (p->kind != PLACE_TYPE_AFTER) {
		if (extract_find(x, &one, &n) == NULL)
			return (struct str){ NULL, 0 };
		return p->kind == PLACE_CONST ? p->text : coerce_scalar(n, tmp);
	}
	if (!place_applies(x, p) || x->type.n <= p->text.n ||
	    !str_starts(x->type, p->text))
		return (struct str){ NULL, 0 };
	return str_from(x->type, p->text.n);
}

/* The first terminal one stands, else the highest rank, of equals the first. */
static void
find_status(struct extraction *x)
{
	char tmp[STATUS_PLACES_MAX][SCALAR_TEXT_BYTES];
	struct str best = { NULL, 0 };

	for (size_t i = 0; i < x->shape->status.n; i++) {
		const struct place *p = &x->shape->status.v[i];
		struct str raw = raw_status(x, p, tmp[i]);
		const struct status_entry *s;
		enum outcome o;

		if (raw.p == NULL)
			continue;
		s = profile_status(x->shape->profile, raw);
		if (s == NULL && p->kind == PLACE_TYPE_AFTER &&
		    x->known_type != NULL)
			continue;	/* a type that is no status */
		o = s != NULL ? s->outcome : OUTCOME_OTHER;
		if (best.p != NULL && outcome_rank(o) <= outcome_rank(x->outcome))
			continue;
		best = raw;
		x->outcome = o;
		x->voicemail = s != NULL && s->voicemail;
		if (outcome_terminal(o))
			break;
	}
	x->status.at = x->text->n;
	put_text(x->text, best, &x->w->replaced);
	x->status.n = x->text->n - x->status.at;
	if (x->outcome == OUTCOME_OTHER)
		x->w->unknown_statuses++;
}

static void
find_time(struct extraction *x)
{
	struct node n;

	x->time_us = TIME_NONE;
	if (extract_find(x, &x->shape->event_time, &n) == NULL)
		return;
	if (!coerce_time(n, &x->time_us)) {
		x->time_us = TIME_NONE;
		x->w->times_dropped++;
	}
}

static void
to_lower(struct buf *b, size_t from)
{
	for (size_t i = from; i < b->n; i++)
		if (b->p[i] >= 'A' && b->p[i] <= 'Z')
			b->p[i] = (char)(b->p[i] + ('a' - 'A'));
}

/* Anything stated that is no sentiment of the map is "unknown". */
static bool
take_sentiment(struct extraction *x, struct node n)
{
	char tmp[SCALAR_TEXT_BYTES];

	if (n.type == NODE_ARRAY || n.type == NODE_OBJECT)
		return false;
	x->v[FIELD_SENTIMENT].text =
	    profile_sentiment(x->shape->profile, coerce_scalar(n, tmp));
	x->lasting |= UINT32_C(1) << FIELD_SENTIMENT;
	return true;
}

static bool
take_number(const struct place *p, enum field f, struct node n, int64_t *out)
{
	switch (field_info[f].type) {
	case TYPE_TIME:
		return coerce_time(n, out);
	case TYPE_MS:
		return coerce_ms(n, p->unit, out);
	case TYPE_MICRO:
		return coerce_micro(n, f != FIELD_CREDITS_USED, out);
	case TYPE_COUNT:
		return coerce_count(n, out);
	case TYPE_BOOL:
		return coerce_bool(n, out);
	default:
		return false;
	}
}

static bool
take_text(struct extraction *x, enum field f, struct node n, bool *silent)
{
	size_t at = x->text->n;
	bool done;

	if (field_info[f].type == TYPE_LIST)
		done = coerce_list(n, x->text, &x->w->replaced, silent);
	else
		done = coerce_text(n, x->text, &x->w->replaced);
	if (field_info[f].type == TYPE_WORD)
		to_lower(x->text, at);
	x->piece[f] = (struct piece){ at, x->text->n - at };
	return done;
}

static void
take_field(struct extraction *x, const struct place *p, enum field f,
    struct node n)
{
	bool done, silent = false;

	if (p->kind == PLACE_CONST) {
		x->v[f].text = p->text;
		x->lasting |= UINT32_C(1) << f;
		done = true;
	} else if (f == FIELD_SENTIMENT) {
		done = take_sentiment(x, n);
	} else if (field_is_text(f)) {
		done = take_text(x, f, n, &silent);
	} else {
		done = take_number(p, f, n, &x->v[f].num);
	}
	if (!done)
		x->w->dropped[f]++;
	else if (!silent)
		x->stated |= UINT32_C(1) << f;
}

static void
find_fields(struct extraction *x)
{
	uint32_t may = x->walk->fields | x->shape->constant;

	for (size_t i = 0; i < x->shape->n_fields; i++) {
		const struct field_places *fp = &x->shape->field[i];
		const struct place *p;
		struct node n;

		if ((may >> fp->field & 1u) == 0)
			continue;
		if (fp->field == FIELD_INSIGHTS)
			extract_insights(x, &fp->places);
		else if ((p = extract_find(x, &fp->places, &n)) != NULL)
			take_field(x, p, fp->field, n);
	}
	if (x->voicemail) {
		x->stated |= UINT32_C(1) << FIELD_VOICEMAIL;
		x->v[FIELD_VOICEMAIL].num = 1;
	}
}

/* A transcript as it is told: a text, or what is not one as JSON. */
static void
find_transcript(struct extraction *x)
{
	uint64_t replaced = 0;	/* warnings do not depend on what is kept */
	size_t at = x->text->n;
	struct node n;

	if (extract_find(x, &x->shape->transcript, &n) == NULL)
		return;
	if (n.type == NODE_ARRAY || n.type == NODE_OBJECT)
		(void)put_canonical(n, false, x->text, &replaced);
	else
		(void)coerce_text(n, x->text, &replaced);
	x->transcript = (struct piece){ at, x->text->n - at };
}

/* Of the first time that the body states: a copy lies in the same day. */
static int16_t
utc_day_of(const struct extraction *x)
{
	static const enum field then[] = { FIELD_STARTED_AT, FIELD_ENDED_AT };

	if (x->time_us != TIME_NONE)
		return (int16_t)time_utc_day(x->time_us);
	for (size_t i = 0; i < sizeof(then) / sizeof(then[0]); i++)
		if (x->stated >> then[i] & 1u)
			return (int16_t)time_utc_day(x->v[then[i]].num);
	return EVENT_UTC_DAY_NONE;
}

static struct str
piece_in(const char *base, struct piece p)
{
	return (struct str){ base + p.at, p.n };
}

static void
pack_values(const struct extraction *x, const char *base, struct event *e)
{
	union value *v = e->v;

	for (uint32_t left = x->stated; left != 0; left &= left - 1, v++) {
		enum field f = (enum field)__builtin_ctz(left);

		if (field_is_text(f) && (x->lasting >> f & 1u) == 0)
			v->text = piece_in(base, x->piece[f]);
		else
			*v = x->v[f];
	}
}

static struct event *
make_event(const struct extraction *x, struct arena *a)
{
	const struct profile *p = x->shape->profile;
	struct event *e = event_alloc(a, x->stated);
	const char *base = arena_str(a, buf_str(x->text)).p;

	if (e == NULL || base == NULL || x->text->failed)
		return NULL;
	e->profile = p;
	e->provider = p->name;
	e->call_id = piece_in(base, x->call_id);
	e->key = event_call_key(e->provider, e->call_id);
	if (x->known_type != NULL)
		e->type = x->known_type->name;
	else if (x->type.p != NULL)
		e->type = piece_in(base, x->type_text);
	if (x->outcome != OUTCOME_NONE)
		e->status = piece_in(base, x->status);
	if (x->transcript.n > 0)
		e->transcript = piece_in(base, x->transcript);
	e->time_us = x->time_us;
	e->time_stated = x->time_us != TIME_NONE;
	e->utc_day = utc_day_of(x);
	e->stage = x->known_type != NULL ? x->known_type->stage : p->stages;
	e->kind = (uint8_t)x->shape->kind;
	e->outcome = (uint8_t)x->outcome;
	pack_values(x, base, e);
	return e;
}

struct event *
extract(const struct shape *shape, const struct walk *walk, struct str call_id,
    bool transcripts, struct buf *text, struct arena *a,
    struct decode_warnings *w)
{
	struct extraction x;

	memset(&x, 0, offsetof(struct extraction, v));
	x.shape = shape;
	x.walk = walk;
	x.text = text;
	x.w = w;
	buf_reset(text);
	x.call_id.n = call_id.n;
	buf_puts(text, call_id);
	find_type(&x);
	find_status(&x);
	find_time(&x);
	find_fields(&x);
	if (transcripts)
		find_transcript(&x);
	return make_event(&x, a);
}
