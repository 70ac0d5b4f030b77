/*
 * One call: what is stored of it against what the archive says.
 */
#include "run/verify_inner.h"

#include "base/clock.h"
#include "base/num.h"

enum { MICRO_PLACES = 6 };

/* The events of a call as they should be, and the texts of a finding. */
struct check {
	struct verify *v;
	struct group *g;
	const struct event **right;
	size_t n;
	struct buf stored, computed;
	struct buf file, stored_file;
};

static struct finding
finding_of(const struct check *c, enum finding_kind kind)
{
	return (struct finding){
		.kind = kind,
		.provider = c->g->provider,
		.call_id = c->g->call_id,
	};
}

/* The place of an event that the archive told. */
static void
set_said(struct check *c, struct finding *f, const struct event *said)
{
	f->identity = &said->identity;
	f->file = verify_file_name(c->v, said->source_id, &c->file);
	f->line = said->line;
}

static void
set_stored(struct check *c, struct finding *f, const struct event *e)
{
	f->identity = &e->identity;
	f->stored_file = verify_file_name(c->v,
	    verify_file_of(c->v, e->source_id), &c->stored_file);
	f->stored_line = e->line;
}

static struct str
text_or_none(const struct buf *b, bool has)
{
	if (!has)
		return (struct str){ NULL, 0 };
	return b->n > 0 ? buf_str(b) : (struct str){ "", 0 };
}

static void
event_differs(struct check *c, const struct event *stored,
    const struct event *said, uint64_t diff)
{
	struct finding f = finding_of(c, FINDING_EVENT_DIFFERENT);
	bool first = true;

	set_said(c, &f, said);
	set_stored(c, &f, stored);
	for (unsigned p = 0; p < EVENT_PARTS; p++) {
		bool has_stored, has_said;

		if ((diff >> p & 1u) == 0)
			continue;
		buf_reset(&c->stored);
		buf_reset(&c->computed);
		has_stored = event_part_text(stored, p, &c->stored);
		has_said = event_part_text(said, p, &c->computed);
		f.part = event_part_name[p];
		f.free_text = part_is_free_text(p);
		f.stored = text_or_none(&c->stored, has_stored);
		f.computed = text_or_none(&c->computed, has_said);
		verify_tell(c->v, &f, first);
		first = false;
	}
}

/* One of the copies said[0..n) is in the line that the database says. */
static bool
is_in_place(const struct check *c, const struct event *stored,
    struct event *const *said, size_t n)
{
	int64_t file = verify_file_of(c->v, stored->source_id);

	if (file < 0)
		return true;
	for (size_t i = 0; i < n; i++)
		if (said[i]->source_id == file && said[i]->line == stored->line)
			return true;
	return false;
}

/* An event that both have; said[0..n) are its copies, said[0] has the earliest receipt. */
static void
compare_event(struct check *c, const struct event *stored,
    struct event *const *said, size_t n)
{
	struct event *e = said[0];
	struct finding f;
	uint64_t diff;

	if (c->v->beside && !stored->time_stated && !e->time_stated &&
	    time_is_earlier(stored->time_us, e->time_us))
		e->time_us = stored->time_us;
	if ((diff = event_diff(stored, e)) != 0)
		event_differs(c, stored, e, diff);
	if (is_in_place(c, stored, said, n))
		return;
	f = finding_of(c, FINDING_EVENT_MISPLACED);
	set_said(c, &f, e);
	set_stored(c, &f, stored);
	verify_tell(c->v, &f, true);
}

/* The copies of said[0], with the earliest receipt put into the first. */
static size_t
copies(struct event **said, size_t n)
{
	size_t i = 1;

	for (; i < n && id128_cmp(&said[0]->identity, &said[i]->identity) == 0;
	    i++)
		if (!said[0]->time_stated &&
		    time_is_earlier(said[i]->time_us, said[0]->time_us))
			said[0]->time_us = said[i]->time_us;
	return i;
}

static void
missing_event(struct check *c, const struct event *said)
{
	struct finding f = finding_of(c, FINDING_EVENT_MISSING);

	set_said(c, &f, said);
	verify_tell(c->v, &f, true);
}

/* A stored event that the archive does not tell: true when it counts all the same. */
static bool
only_stored(struct check *c, const struct event *stored)
{
	struct finding f = finding_of(c, FINDING_EVENT_EXTRA);

	if (verify_file_of(c->v, stored->source_id) < 0) {
		c->v->result->elsewhere++;
		return true;
	}
	set_stored(c, &f, stored);
	verify_tell(c->v, &f, true);
	return false;
}

/* Lays both lists, each in the order of identities, side by side. */
static void
compare_events(struct check *c)
{
	struct group *g = c->g;
	size_t i = 0, j = 0;

	while (i < g->n_said || j < g->n_stored) {
		int cmp = i == g->n_said ? 1 : j == g->n_stored ? -1 :
		    id128_cmp(&g->said[i]->identity, &g->stored[j]->identity);
		size_t n = cmp <= 0 ? copies(g->said + i, g->n_said - i) : 0;

		if (cmp == 0)
			compare_event(c, g->stored[j], g->said + i, n);
		else if (cmp < 0)
			missing_event(c, g->said[i]);
		if (cmp <= 0)
			c->right[c->n++] = g->said[i];
		else if (only_stored(c, g->stored[j]))
			c->right[c->n++] = g->stored[j];
		i += n;
		j += cmp >= 0;
	}
}

/* The event that decided a part of a call; NULL where none alone did. */
static const struct event *
decider(const struct call *c, unsigned part)
{
	if (part < FIELD_COUNT)
		return c->from[part];
	return part == CALL_OUTCOME || part == CALL_STATUS ?
	    c->outcome_from : NULL;
}

static bool
told_by_archive(const struct group *g, const struct event *e)
{
	for (size_t i = 0; i < g->n_said; i++)
		if (g->said[i] == e)
			return true;
	return false;
}

/* Where the decider of a part came from. */
static void
set_decider(struct check *c, struct finding *f, const struct event *e)
{
	f->file = (struct str){ NULL, 0 };
	f->identity = NULL;
	if (e == NULL)
		return;
	if (told_by_archive(c->g, e)) {
		set_said(c, f, e);
		return;
	}
	f->identity = &e->identity;
	f->file = verify_file_name(c->v, verify_file_of(c->v, e->source_id),
	    &c->file);
	f->line = e->line;
}

static void
call_differs(struct check *c, const struct stored_call *right, uint64_t diff)
{
	struct finding f = finding_of(c, FINDING_CALL_DIFFERENT);
	bool first = true;

	for (unsigned p = 0; p < STORED_PARTS; p++) {
		bool has_stored, has_computed;

		if ((diff >> p & 1u) == 0)
			continue;
		buf_reset(&c->stored);
		buf_reset(&c->computed);
		has_stored = stored_part_text(&c->g->call, p, &c->stored);
		has_computed = stored_part_text(right, p, &c->computed);
		f.part = stored_part_name[p];
		f.free_text = part_is_free_text(p);
		f.stored = text_or_none(&c->stored, has_stored);
		f.computed = text_or_none(&c->computed, has_computed);
		set_decider(c, &f, decider(&right->call, p));
		verify_tell(c->v, &f, first);
		first = false;
	}
}

static void
whole_call(struct check *c, enum finding_kind kind, const struct event *e)
{
	struct finding f = finding_of(c, kind);

	if (e != NULL)
		set_decider(c, &f, e);
	verify_tell(c->v, &f, true);
}

static bool
compare_call(struct check *c, struct err *err)
{
	struct group *g = c->g;
	struct stored_call right;
	struct call call;
	uint64_t diff;

	if (!events_make_call(c->right, c->n)) {
		if (g->has_call)
			whole_call(c, FINDING_CALL_EXTRA, NULL);
		return true;
	}
	if (!g->has_call) {
		whole_call(c, FINDING_CALL_MISSING, c->right[0]);
		return true;
	}
	if (!fold(c->right, c->n, &g->arena, &call, err) ||
	    !stored_call_make(&call, c->right, c->n, &g->arena, &right, err))
		return false;
	if ((diff = stored_call_diff(&g->call, &right)) != 0)
		call_differs(c, &right, diff);
	return true;
}

static void
put_balance(struct buf *b, int64_t micro, int64_t time_us, int16_t utc_day)
{
	char time[TIME_TEXT_BYTES] = "no time", amount[NUM_TEXT_BYTES];

	if (time_us != TIME_NONE)
		time_text(time_us, time);
	num_scaled_text(micro, MICRO_PLACES, amount);
	buf_printf(b, "%s at %s, on day %d", amount, time, utc_day);
}

/* Either may be NULL: not stored, not said. */
static void
tell_balance(struct check *c, const struct balance *b, const struct event *e,
    enum finding_kind kind)
{
	struct finding f = finding_of(c, kind);

	buf_reset(&c->stored);
	buf_reset(&c->computed);
	if (b != NULL)
		put_balance(&c->stored, b->micro, b->time_us, b->utc_day);
	if (e != NULL) {
		set_decider(c, &f, e);
		put_balance(&c->computed,
		    event_value(e, FIELD_CREDITS_AVAILABLE)->num,
		    e->time_us, e->utc_day);
	}
	f.identity = b != NULL ? &b->identity : &e->identity;
	f.stored = text_or_none(&c->stored, b != NULL);
	f.computed = text_or_none(&c->computed, e != NULL);
	verify_tell(c->v, &f, true);
}

static void
compare_balance(struct check *c, const struct balance *b,
    const struct event *e)
{
	if (b == NULL)
		tell_balance(c, b, e, FINDING_BALANCE_MISSING);
	else if (e == NULL)
		tell_balance(c, b, e, FINDING_BALANCE_EXTRA);
	else if (b->time_us != e->time_us || b->utc_day != e->utc_day ||
	    b->micro != event_value(e, FIELD_CREDITS_AVAILABLE)->num)
		tell_balance(c, b, e, FINDING_BALANCE_DIFFERENT);
}

/* The right events are in the order of identities until they are folded. */
static void
compare_balances(struct check *c)
{
	struct group *g = c->g;
	size_t i = 0, j = 0;

	for (;;) {
		int cmp;

		while (i < c->n &&
		    !event_states(c->right[i], FIELD_CREDITS_AVAILABLE))
			i++;
		if (i == c->n && j == g->n_balances)
			return;
		cmp = i == c->n ? 1 : j == g->n_balances ? -1 :
		    id128_cmp(&c->right[i]->identity, &g->balance[j].identity);
		compare_balance(c, cmp < 0 ? NULL : &g->balance[j],
		    cmp > 0 ? NULL : c->right[i]);
		i += cmp <= 0;
		j += cmp >= 0;
	}
}

bool
verify_group(struct verify *v, struct group *g, struct err *err)
{
	struct check c = { .v = v, .g = g };
	bool ok;

	c.right = arena_alloc(&g->arena,
	    (g->n_said + g->n_stored + 1) * sizeof(*c.right));
	if (c.right == NULL)
		return err_nomem(err);
	compare_events(&c);
	compare_balances(&c);
	ok = compare_call(&c, err);
	if (c.stored.failed || c.computed.failed)
		ok = err_nomem(err);
	buf_free(&c.stored);
	buf_free(&c.computed);
	buf_free(&c.file);
	buf_free(&c.stored_file);
	return ok;
}
