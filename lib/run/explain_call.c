/*
 * What decided a call: its events, folded once more.
 */
#include "base/clock.h"
#include "call/differ.h"
#include "call/fold.h"
#include "db/stored.h"
#include "io/doc.h"
#include "run/explain_inner.h"

/* A call with its events in the order of the fold. */
struct folded {
	struct arena *arena;
	const struct event **event;
	size_t n;
	struct call call;
	struct db_rows *source;		/* id and name of the files */
	struct explain_call *out;
};

static struct str
file_of(const struct folded *f, const struct event *e)
{
	struct str name = { NULL, 0 };

	if (e != NULL)
		name = event_source_name(f->source, e);
	return name.p != NULL ? arena_str(f->arena, name) : name;
}

/* Takes over what is in value; has: the call states it. */
static void
put(struct folded *f, const char *what, struct buf *value, bool has,
    bool free_text, const struct event *e)
{
	struct explain_decider *d = &f->out->decider[f->out->deciders++];

	*d = (struct explain_decider){
		.what = str_of(what),
		.free_text = free_text,
		.event = e,
		.file = file_of(f, e),
	};
	if (has)
		d->value = arena_str(f->arena, value->n > 0 ? buf_str(value) :
		    STR(""));
	buf_free(value);
}

static void
put_field(struct folded *f, enum field field)
{
	struct buf value = BUF_INIT(0);
	bool has = call_part_text(&f->call, field, &value);

	put(f, field_info[field].profile_name, &value, has,
	    field_is_text(field), f->call.from[field]);
}

static void
put_outcome(struct folded *f)
{
	struct buf value = BUF_INIT(0);

	call_part_text(&f->call, CALL_OUTCOME, &value);
	if (f->call.status.n > 0) {
		buf_puts(&value, STR(" ("));
		buf_puts(&value, f->call.status);
		buf_putc(&value, ')');
	}
	put(f, "outcome", &value, true, false, f->call.outcome_from);
}

/* The webhook or dispatch of that time that comes first. */
static const struct event *
event_at(const struct folded *f, int64_t us)
{
	for (size_t i = 0; us != TIME_NONE && i < f->n; i++)
		if (f->event[i]->time_us == us &&
		    (f->event[i]->kind == KIND_WEBHOOK ||
		    f->event[i]->kind == KIND_DISPATCH))
			return f->event[i];
	return NULL;
}

static void
put_time(struct folded *f, unsigned part, int64_t us)
{
	struct buf value = BUF_INIT(0);
	bool has = call_part_text(&f->call, part, &value);

	put(f, call_part_name[part], &value, has, false, event_at(f, us));
}

static void
put_day(struct folded *f)
{
	if (f->call.stated >> FIELD_STARTED_AT & 1u)
		put_field(f, FIELD_STARTED_AT);
	else
		put_time(f, CALL_FIRST_EVENT, f->call.first_event_us);
}

/* True when the canonical object has the member; its value then is in *value. */
static bool
has_member(struct doc *doc, struct str json, struct str name,
    struct buf *value)
{
	static const char padding[DOC_PADDING_BYTES];
	struct buf text = BUF_INIT(0);
	struct node root, member;
	bool has = false;

	buf_puts(&text, json);
	buf_put(&text, padding, sizeof(padding));
	if (!text.failed &&
	    doc_parse(doc, text.p, json.n, &root) == DOC_OK) {
		member = node_member(root, name);
		has = member.type != NODE_ABSENT;
		if (has)
			node_canonical(member, false, value);
	}
	buf_free(&text);
	return has;
}

/* The last event that states this insight: that is how they are merged. */
static bool
put_insight(struct folded *f, struct str name)
{
	struct doc *doc = doc_open();
	struct buf value = BUF_INIT(0);
	const struct event *e = NULL;
	char *what = arena_cstr(f->arena, name);

	if (doc == NULL || what == NULL) {
		doc_close(doc);
		return false;
	}
	for (size_t i = f->n; e == NULL && i-- > 0;)
		if (event_states(f->event[i], FIELD_INSIGHTS) &&
		    has_member(doc, event_value(f->event[i],
		    FIELD_INSIGHTS)->text, name, &value))
			e = f->event[i];
	put(f, what, &value, e != NULL, true, e);
	doc_close(doc);
	return true;
}

/* The event of that identity, for the balance that it stated. */
static void
put_balance(struct folded *f, const struct id128 *identity)
{
	struct buf value = BUF_INIT(0);

	for (size_t i = 0; i < f->n; i++) {
		const struct event *e = f->event[i];

		if (id128_cmp(&e->identity, identity) != 0)
			continue;
		put(f, "credits_available", &value, event_part_text(e,
		    FIELD_CREDITS_AVAILABLE, &value), false, e);
		return;
	}
}

static bool
put_all(struct folded *f, const struct deciding *by)
{
	for (uint32_t left = by->by; left != 0; left &= left - 1) {
		unsigned d = (unsigned)__builtin_ctz(left);

		if (d == DECIDED_BY_OUTCOME)
			put_outcome(f);
		else if (d == DECIDED_BY_DAY)
			put_day(f);
		else if (d == DECIDED_BY_FIRST_EVENT)
			put_time(f, CALL_FIRST_EVENT, f->call.first_event_us);
		else if (d == DECIDED_BY_LAST_EVENT)
			put_time(f, CALL_LAST_EVENT, f->call.last_event_us);
		else if (d == FIELD_INSIGHTS && by->insight.p != NULL) {
			if (!put_insight(f, by->insight))
				return false;
		} else
			put_field(f, (enum field)d);
	}
	if (by->identity != NULL)
		put_balance(f, by->identity);
	return !f->arena->failed;
}

static bool
fold_events(struct folded *f, struct event **event, struct err *err)
{
	f->event = arena_alloc(f->arena, (f->n + 1) * sizeof(*f->event));
	f->out->decider = arena_alloc(f->arena,
	    (DECIDED_BY_ALL + 1) * sizeof(*f->out->decider));
	if (f->arena->failed)
		return err_nomem(err);
	for (size_t i = 0; i < f->n; i++)
		f->event[i] = event[i];
	return fold(f->event, f->n, f->arena, &f->call, err);
}

bool
explain_decide(const struct explain_options *o, struct db *db,
    struct arena *a, const struct deciding *by, struct explain_call *out,
    struct err *err)
{
	struct folded f = { .arena = a, .out = out };
	struct event **event;
	bool ok;

	if (!stored_events(db, o->profiles, a, out->provider, out->call_id,
	    &event, &f.n, err))
		return false;
	if (f.n == 0)
		return true;
	ok = fold_events(&f, event, err) && (f.source = event_sources(db,
	    f.event, f.n, a, err)) != NULL;
	if (ok && !put_all(&f, by))
		ok = err_nomem(err);
	db_rows_free(f.source);
	return ok;
}
