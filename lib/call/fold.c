#include "call/fold.h"

#include <stdlib.h>

#include "base/sort.h"

static int
level(const struct event *e)
{
	switch ((enum event_kind)e->kind) {
	case KIND_DISPATCH:
		return 0;
	case KIND_OVERRIDE:
		return 2;
	default:
		return 1;
	}
}

/* Three-way comparison of numbers. */
#define CMP(a, b) (((a) > (b)) - ((a) < (b)))

int
fold_order(const void *pa, const void *pb)
{
	const struct event *a = *(const struct event *const *)pa;
	const struct event *b = *(const struct event *const *)pb;
	int c;

	if ((c = CMP(level(a), level(b))) != 0)
		return c;
	if ((c = CMP(a->time_us, b->time_us)) != 0)	/* TIME_NONE is the least */
		return c;
	if ((c = CMP(a->stage, b->stage)) != 0)
		return c;
	c = CMP(outcome_rank((enum outcome)a->outcome),
	    outcome_rank((enum outcome)b->outcome));
	return c != 0 ? c : id128_cmp(&a->identity, &b->identity);
}

/* Takes the value of f from e. */
static void
take(struct call *c, enum field f, const struct event *e)
{
	c->v[f] = *event_value(e, f);
	c->from[f] = e;
	c->stated |= UINT32_C(1) << f;
}

/* True when e, later in the order, replaces what the call has in a number field. */
static bool
number_wins(const struct call *c, enum field f, int64_t num)
{
	int64_t has = c->v[f].num;

	if ((c->stated >> f & 1u) == 0)
		return true;
	switch (field_info[f].merge) {
	case MERGE_EARLIEST:
		return num < has;
	case MERGE_LATEST:
	case MERGE_GREATEST:
		return num > has;
	case MERGE_POSITIVE:
		return num > 0;
	default:
		return true;
	}
}

/* The next "name":value member of a canonical object's inside; false at its end. */
static bool
next_member(struct str *rest, struct str *name, struct str *member)
{
	size_t i = 0, depth = 0;
	bool quoted = false;

	if (rest->n == 0)
		return false;
	*name = (struct str){ NULL, 0 };
	for (; i < rest->n; i++) {
		char ch = rest->p[i];

		if (quoted) {
			if (ch == '\\')
				i++;
			else if (ch == '"')
				quoted = false;
		} else if (ch == '"') {
			quoted = true;
		} else if (ch == '{' || ch == '[') {
			depth++;
		} else if (ch == '}' || ch == ']') {
			depth--;
		} else if (ch == ':' && depth == 0 && name->p == NULL) {
			*name = (struct str){ rest->p, i };
		} else if (ch == ',' && depth == 0) {
			break;
		}
	}
	*member = (struct str){ rest->p, i };
	*rest = i < rest->n ? str_from(*rest, i + 1) : (struct str){ NULL, 0 };
	return true;
}

/* The bytes between the braces of a canonical object. */
static struct str
inside(struct str object)
{
	return (struct str){ object.p + 1, object.n - 2 };
}

/*
 * The next byte that a quoted name spells, from *i on. Canonical JSON escapes
 * only the quote, the backslash and control characters.
 */
static unsigned char
spelled(struct str name, size_t *i)
{
	static const char escape[] = "\"\\bfnrt", meant[] = "\"\\\b\f\n\r\t";
	char c = name.p[(*i)++];

	if (c != '\\')
		return (unsigned char)c;
	c = name.p[(*i)++];
	if (c == 'u') {
		char hex[3] = { name.p[*i + 2], name.p[*i + 3], '\0' };

		*i += 4;
		return (unsigned char)strtol(hex, NULL, 16);
	}
	return (unsigned char)meant[strchr(escape, c) - escape];
}

/*
 * Quoted names in byte order of what they spell, which the order of their
 * spelling is not: "\u001f" comes before "A", and "\\" behind "Z".
 */
static int
name_cmp(struct str a, struct str b)
{
	size_t i = 1, j = 1;

	while (i < a.n - 1 && j < b.n - 1) {
		unsigned char x = spelled(a, &i), y = spelled(b, &j);

		if (x != y)
			return x < y ? -1 : 1;
	}
	return CMP(i < a.n - 1, j < b.n - 1);
}

static char *
put_member(char *o, const char *start, struct str member)
{
	if (o != start)
		*o++ = ',';
	memcpy(o, member.p, member.n);
	return o + member.n;
}

/*
 * Merges two canonical objects, each with its members in order; of a name in
 * both the later's stands. {NULL, 0} when memory ran out.
 */
static struct str
merge_maps(struct arena *a, struct str earlier, struct str later)
{
	struct str e = inside(earlier), l = inside(later);
	struct str en, em, ln, lm;
	char *p = arena_alloc(a, earlier.n + later.n), *o;
	bool has_e, has_l;

	if (p == NULL)
		return (struct str){ NULL, 0 };
	p[0] = '{';
	o = p + 1;
	has_e = next_member(&e, &en, &em);
	has_l = next_member(&l, &ln, &lm);
	while (has_e || has_l) {
		int c = !has_l ? -1 : !has_e ? 1 : name_cmp(en, ln);

		o = put_member(o, p + 1, c < 0 ? em : lm);
		if (c <= 0)
			has_e = next_member(&e, &en, &em);
		if (c >= 0)
			has_l = next_member(&l, &ln, &lm);
	}
	*o++ = '}';
	return (struct str){ p, (size_t)(o - p) };
}

static bool
apply_field(struct call *c, enum field f, const struct event *e,
    struct arena *a)
{
	struct str merged;

	switch (field_info[f].merge) {
	case MERGE_NONE:
		return true;
	case MERGE_KEYS:
		if (c->from[f] == NULL)
			break;
		merged = merge_maps(a, c->v[f].text, event_value(e, f)->text);
		if (merged.p == NULL)
			return false;
		take(c, f, e);
		c->v[f].text = merged;
		return true;
	case MERGE_LAST:
		break;
	default:
		if (!number_wins(c, f, event_value(e, f)->num))
			return true;
	}
	take(c, f, e);
	return true;
}

static void
apply_outcome(struct call *c, const struct event *e)
{
	enum outcome o = (enum outcome)e->outcome;

	if (o == OUTCOME_NONE)
		return;
	if (c->outcome_from != NULL && !outcome_terminal(o) &&
	    (outcome_terminal(c->outcome) ||
	    outcome_rank(o) < outcome_rank(c->outcome)))
		return;
	c->outcome = o;
	c->status = e->status;
	c->outcome_from = e;
}

/* Fetch times and override times are in no report. */
static void
apply_times(struct call *c, const struct event *e)
{
	if (e->kind != KIND_WEBHOOK && e->kind != KIND_DISPATCH)
		return;
	c->events++;
	if (e->time_us == TIME_NONE)
		return;
	if (c->first_event_us == TIME_NONE || e->time_us < c->first_event_us)
		c->first_event_us = e->time_us;
	if (e->time_us > c->last_event_us)
		c->last_event_us = e->time_us;
}

static bool
apply(struct call *c, const struct event *e, struct arena *a)
{
	apply_outcome(c, e);
	apply_times(c, e);
	for (uint32_t left = e->stated; left != 0; left &= left - 1)
		if (!apply_field(c, (enum field)__builtin_ctz(left), e, a))
			return false;
	return true;
}

bool
fold(const struct event **events, size_t n, struct arena *a, struct call *out,
    struct err *err)
{
	sort_short(events, n, sizeof(*events), fold_order);
	*out = (struct call){
		.key = events[0]->key,
		.provider = events[0]->provider,
		.call_id = events[0]->call_id,
		.outcome = OUTCOME_OTHER,
		.first_event_us = TIME_NONE,
		.last_event_us = TIME_NONE,
	};
	for (size_t i = 0; i < n; i++)
		if (!apply(out, events[i], a))
			return err_nomem(err);
	return true;
}
