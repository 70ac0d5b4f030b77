#include "run/pull_inner.h"

#include <stdlib.h>

#include "base/clock.h"
#include "embedded.h"

#define SECOND_US INT64_C(1000000)
#define MINUTE_US (60 * SECOND_US)
#define HOUR_US (60 * MINUTE_US)

/* How long a call rests after so many runs that asked for it in vain. */
static const int64_t after_failure_us[] = {
	0, 5 * MINUTE_US, 30 * MINUTE_US, 3 * HOUR_US, 12 * HOUR_US,
	24 * HOUR_US,
};

/* How long a call rests that is not over yet. */
static const int64_t while_open_us[] = {
	15 * MINUTE_US, HOUR_US, 4 * HOUR_US, 16 * HOUR_US, 24 * HOUR_US,
};

static int64_t
step(const int64_t *v, size_t n, int64_t tries)
{
	size_t i = tries > 0 ? (size_t)tries - 1 : 0;

	return v[i < n ? i : n - 1];
}

static int64_t
rest_us(const struct want *w, int64_t tries)
{
	return w->failed || !w->answered ?
	    step(after_failure_us, sizeof(after_failure_us) /
	    sizeof(after_failure_us[0]), tries) :
	    step(while_open_us, sizeof(while_open_us) /
	    sizeof(while_open_us[0]), tries);
}

static struct str
copied(struct arena *a, struct str s)
{
	return s.n > 0 ? arena_str(a, s) : (struct str){ NULL, 0 };
}

static struct pull_state_row
state_row(struct pull *p, const struct want *w)
{
	struct pull_state_row r = {
		.key = w->row.key,
		.call_id = copied(&p->batch, w->row.call_id),
		.state = PULL_DUE,
		.tries = w->row.tries + 1,
		.next_try_us = TIME_NONE,
		.asked_us = w->asked_us,
		.status = (int16_t)w->status,
		.error_code = copied(&p->batch, str_of(w->error_code)),
		.body = copied(&p->batch, buf_str(&w->body)),
	};

	if (w->gone)
		r.state = PULL_GONE;
	else if (w->answered && !w->failed && (w->done || w->row.terminal))
		r.state = PULL_DONE;
	if (r.state == PULL_DUE && w->failed && w->lane->stop != PULL_WENT_ON) {
		/* It was not the call's fault. */
		r.tries = w->row.tries;
		r.next_try_us = w->asked_us;
	} else if (r.state == PULL_DUE) {
		r.next_try_us = w->asked_us + rest_us(w, r.tries);
	}
	return r;
}

static void
count(const struct want *w)
{
	struct pull_counts *n = &w->lane->result->n;

	if (w->gone)
		n->gone++;
	else if (w->failed && w->lane->stop == PULL_BUDGET)
		n->left++;
	else if (w->failed || !w->answered)
		n->failed++;
	else
		n->answered++;
}

bool
want_settle(struct want *w, struct err *err)
{
	struct lane *l = w->lane;
	struct pull *p = l->pull;
	struct state_batch *s = &p->state[l - p->lane];
	bool on_page = l->walk.on && w->found;

	if (s->n == PULL_BATCH_CALLS && !batch_flush(p, err))
		return false;
	if (p->lines.n == 0 && p->states == 0)
		p->batch_us = clock_mono_us();
	s->row[s->n++] = state_row(p, w);
	p->states++;
	buf_puts(&p->lines, buf_str(&w->lines));
	if (p->lines.failed || p->batch.failed)
		return err_nomem(err);
	count(w);
	progress_step(p->opt->progress, 1, 0);
	buf_free(&w->lines);
	buf_free(&w->body);
	free(w->url);
	free(w->file);
	w->url = w->file = NULL;
	w->settled = true;
	l->open--;
	if (on_page)
		l->walk.pending--;
	return !on_page || walk_turn(l, err);
}

bool
batch_full(const struct pull *p)
{
	if (p->states == 0)
		return false;
	return p->states >= PULL_BATCH_CALLS || p->lines.n >= SETTLE_BYTES ||
	    clock_mono_us() - p->batch_us >= PULL_BATCH_MS * INT64_C(1000);
}

static bool
put_states(struct pull *p, struct err *err)
{
	for (size_t i = 0; i < p->lanes; i++) {
		struct lane *l = &p->lane[i];

		if (!pull_put(p->db, l->provider, p->state[i].row,
		    p->state[i].n, &p->run.run_id, err))
			return false;
	}
	return true;
}

bool
batch_flush(struct pull *p, struct err *err)
{
	if (p->states == 0)
		return true;
	/* First what was said, then that it was: a crash between costs one batch. */
	if (!pull_archive_append(&p->archive, buf_str(&p->lines), clock_now_us(),
	    err))
		return false;
	buf_reset(&p->lines);	/* not to be said twice, when the rest fails */
	if (!db_begin(p->db, err) ||
	    !db_exec(p->db, sql_set_commit_later, err) ||
	    !put_states(p, err) || !db_commit(p->db, err)) {
		db_rollback(p->db);
		return false;
	}
	for (size_t i = 0; i < p->lanes; i++)
		p->state[i].n = 0;
	p->states = 0;
	arena_reset(&p->batch);
	return true;
}
