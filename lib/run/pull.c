#include "run/pull_inner.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/clock.h"
#include "io/doc.h"
#include "run/comeback.h"

enum {
	CONNECT_MS = 10000,
	WAIT_MS = 500,		/* a signal is seen at least so often */
};

void
pull_note(struct pull *p, const char *fmt, ...)
{
	struct buf safe = BUF_INIT(0);
	char text[ERR_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	(void)redact(&p->redactor, &safe, str_of(text));
	p->opt->note(p->opt->note_data, buf_cstr(&safe));
	buf_free(&safe);
}

/* xorshift64*: for jitter, where nothing hangs on it. */
uint64_t
pull_random(struct pull *p)
{
	p->random ^= p->random >> 12;
	p->random ^= p->random << 25;
	p->random ^= p->random >> 27;
	return p->random * UINT64_C(2685821657736338717);
}

/* ---- the archive, before and after ---- */

static void
add_ingest(struct pull_result *r, const struct ingest_result *n)
{
	line_counts_add(&r->lines, &n->counts);
	r->calls += n->calls;
	r->files_unfinished += n->files_unfinished;
	r->files_failed += n->files_failed;
}

/* Ingests what the archive has and the ledger has not. */
static bool
ingest_archive(struct pull *p, struct err *err)
{
	const struct pull_options *o = p->opt;
	struct ingest_result n = { 0 };
	struct pull_archive_list list;
	bool ok = true;

	if (!pull_archive_unread(&p->archive, p->db, o->note, o->note_data, &list,
	    err))
		return false;
	if (list.n > 0) {
		struct ingest_options i = {
			.path = (const char *const *)list.path,
			.paths = list.n,
			.profiles = o->profiles,
			.transcripts = o->transcripts,
			.progress = o->progress,
			.stage = "pull: archive",
			.comeback_ms = o->comeback_ms,
			.note = o->note,
			.note_data = o->note_data,
		};

		ok = ingest_run(&i, p->db, &n, err);
		add_ingest(p->result, &n);
	}
	pull_archive_list_free(&list);
	return ok;
}

/* ---- asking ---- */

static int64_t
requests(const struct pull *p)
{
	int64_t n = 0;

	for (size_t i = 0; i < p->lanes; i++)
		n += p->lane[i].result->n.requests;
	return n;
}

static bool
stop_all(struct pull *p, enum pull_stop stop, struct err *err)
{
	for (size_t i = 0; i < p->lanes; i++)
		if (lane_alive(&p->lane[i]) &&
		    !lane_stop(&p->lane[i], stop, err))
			return false;
	return true;
}

/* What one lane may have under way, so that one that hangs does not stop the others. */
static int
fair_share(const struct pull *p)
{
	int alive = 0;

	for (size_t i = 0; i < p->lanes; i++)
		alive += lane_alive(&p->lane[i]);
	return alive > 1 ? (p->opt->parallel + alive - 1) / alive :
	    p->opt->parallel;
}

static bool
budget_left(const struct pull *p)
{
	const struct retry_policy *r = &p->opt->retry;

	return clock_mono_us() < p->deadline_us &&
	    (r->max_requests == 0 ||
	    p->requests_before + requests(p) < r->max_requests);
}

/* Starts what a lane may start now. */
static bool
start_lane(struct pull *p, struct lane *l, int share, int64_t *wait_us,
    struct err *err)
{
	struct want *w;

	while (http_running(p->http) < p->opt->parallel && l->running < share) {
		if (!budget_left(p))
			return stop_all(p, PULL_BUDGET, err);
		w = lane_next(l, clock_mono_us(), wait_us);
		if (w == NULL)
			break;
		if (!ask(w) && !want_failed(w, false, err))
			return false;
	}
	return true;
}

static bool
start_all(struct pull *p, int64_t *wait_us, struct err *err)
{
	int share = fair_share(p);

	for (size_t i = 0; i < p->lanes; i++) {
		struct lane *l = &p->lane[i];

		if (l->stop != PULL_WENT_ON)
			continue;
		if (!lane_fill(l, err))
			return false;
		if (lane_told_to_wait(l) &&
		    !lane_stop(l, PULL_TOLD_TO_WAIT, err))
			return false;
		if (!start_lane(p, l, share, wait_us, err))
			return false;
	}
	return true;
}

static bool
take_answers(struct pull *p, int64_t wait_us, struct err *err)
{
	const struct http_answer *a;

	if (!http_wait(p->http, (wait_us + 999) / 1000, err))
		return false;
	while ((a = http_next(p->http)) != NULL)
		if (!reply_take(a->data, a, err))
			return false;
	atomic_store(&p->opt->progress->requests,
	    (uint64_t)(p->requests_before + requests(p)));
	return !batch_full(p) || batch_flush(p, err);
}

static bool
any_alive(const struct pull *p)
{
	for (size_t i = 0; i < p->lanes; i++)
		if (lane_alive(&p->lane[i]))
			return true;
	return false;
}

/* How many calls are due, for the progress alone. */
static bool
count_due(struct pull *p, struct err *err)
{
	uint64_t due = 0;

	for (size_t i = 0; i < p->lanes &&
	    atomic_load(&p->opt->progress->watched); i++) {
		int64_t n = 0;

		if (lane_alive(&p->lane[i]) &&
		    !lane_count_due(&p->lane[i], &n, err))
			return false;
		due += (uint64_t)n;
	}
	progress_begin(p->opt->progress, "pull", "calls", due);
	return true;
}

/* Asks until nothing is left to ask. */
static bool
ask_all(struct pull *p, struct err *err)
{
	while (any_alive(p)) {
		int64_t wait_us = p->states > 0 ?
		    PULL_BATCH_MS * INT64_C(1000) : WAIT_MS * INT64_C(1000);

		if (!progress_goes_on(p->opt->progress, err) ||
		    !start_all(p, &wait_us, err) ||
		    (any_alive(p) && !take_answers(p, wait_us, err)))
			return false;
	}
	return true;
}

/* ---- a run ---- */

/* Notes a provider whose keys are missing, if there is something to ask it. */
static bool
skip_lane(struct pull *p, struct lane *l, struct err *err)
{
	if (!lane_close(l, err))
		return false;
	l->stop = PULL_NO_KEYS;
	if (l->result->n.left > 0 || p->opt->call != NULL) {
		l->result->stop = PULL_NO_KEYS;
		pull_note(p, "%.*s: not asked: %s",
		    STR_ARG(l->provider), l->cfg->missing);
	}
	return true;
}

static bool
open_lanes(struct pull *p, struct err *err)
{
	const struct pull_options *o = p->opt;

	p->lane = calloc(o->providers + 1, sizeof(*p->lane));
	p->state = calloc(o->providers + 1, sizeof(*p->state));
	if (p->lane == NULL || p->state == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < o->providers; i++) {
		p->lanes++;
		p->result->providers++;
		if (!lane_open(p, &p->lane[i], &o->provider[i],
		    &p->result->provider[i], err))
			return false;
		if (o->provider[i].missing != NULL &&
		    !skip_lane(p, &p->lane[i], err))
			return false;
	}
	return true;
}

static bool
open_tools(struct pull *p, struct err *err)
{
	const struct pull_options *o = p->opt;
	struct http_options h = {
		.parallel = o->parallel,
		.connect_ms = o->timeout_ms < CONNECT_MS ? o->timeout_ms :
		    CONNECT_MS,
		.total_ms = o->timeout_ms,
		.silent_ms = o->timeout_ms / 2,
		.bodies_max_bytes = PULL_BODIES_BYTES,
		.ca_file = o->ca_file,
		.user_agent = o->user_agent,
	};

	p->decoder = decoder_open(o->profiles);
	p->doc = doc_open();
	p->page_doc = doc_open();
	if (p->decoder == NULL || p->doc == NULL || p->page_doc == NULL)
		return err_nomem(err);
	if (getrandom(&p->random, sizeof(p->random), 0) !=
	    (ssize_t)sizeof(p->random) || p->random == 0)
		return err_fail(err, "the system gives no random numbers");
	return id128_random(&p->run.run_id, err) &&
	    (p->http = http_open(&h, err)) != NULL;
}

static void
sum_up(struct pull *p)
{
	struct pull_result *r = p->result;

	for (size_t i = 0; i < p->lanes; i++) {
		struct pull_counts *n = &p->lane[i].result->n;

		if (p->lane[i].stop != PULL_NO_KEYS)
			p->lane[i].result->stop = p->lane[i].stop;
		r->n.asked += n->asked;
		r->n.answered += n->answered;
		r->n.gone += n->gone;
		r->n.failed += n->failed;
		r->n.retried += n->retried;
		r->n.requests += n->requests;
		r->n.left += n->left;
		r->n.without_url += n->without_url;
	}
}

/* Says how the asking ended; a first trouble is not hidden by a second. */
static bool
close_run(struct pull *p, bool ok, struct err *err)
{
	struct err end = ERR_INIT;
	bool done;

	/* What was answered is kept, whatever went wrong. */
	done = batch_flush(p, &end);
	for (size_t i = 0; i < p->lanes && done; i++)
		if (p->lane[i].cfg->missing == NULL)
			done = lane_close(&p->lane[i], &end);
	done = done && run_end(p->db, &p->run, !ok ? "failed" :
	    p->result->n.failed > 0 ? "partial" : "done",
	    ok ? NULL : err->text, clock_now_us(), &end);
	sum_up(p);
	if (ok && !done)
		*err = end;
	return ok && done;
}

static bool
ask_in_run(struct pull *p, struct err *err)
{
	p->run.command = "pull";
	p->run.started_us = clock_now_us();
	p->result->run_id = p->run.run_id;
	/* Calls are told from those of this run by when they were asked. */
	p->begun_us = p->run.started_us;
	if (!run_begin(p->db, &p->run, err))
		return false;
	if (!open_lanes(p, err))
		return close_run(p, false, err);
	return close_run(p, count_due(p, err) && ask_all(p, err), err);
}

static void
close_all(struct pull *p)
{
	http_close(p->http);
	for (size_t i = 0; i < p->lanes; i++)
		lane_free(&p->lane[i]);
	free(p->lane);
	free(p->state);
	decoder_close(p->decoder);
	doc_close(p->doc);
	doc_close(p->page_doc);
	pull_archive_close(&p->archive);
	redactor_free(&p->redactor);
	arena_close(&p->scratch);
	arena_close(&p->batch);
	buf_free(&p->text);
	buf_free(&p->line);
	buf_free(&p->url);
	buf_free(&p->post);
	buf_free(&p->page_text);
	buf_free(&p->item);
	buf_free(&p->lines);
}

/* One try: what is archived is the only thing that it takes from an earlier one. */
static bool
run_once(struct pull *p, struct err *err)
{
	const struct pull_options *o = p->opt;
	bool ok;

	p->archive.fd = p->archive.folder_fd = -1;
	p->deadline_us = o->retry.max_ms > 0 ?
	    p->begun_mono_us + o->retry.max_ms * 1000 : INT64_MAX;
	redactor_init(&p->redactor);
	arena_init(&p->scratch, 0);
	arena_init(&p->batch, 0);
	ok = open_tools(p, err) &&
	    pull_archive_open(&p->archive, o->archive, err) &&
	    ingest_archive(p, err) && ask_in_run(p, err) &&
	    ingest_archive(p, err);
	close_all(p);
	return ok;
}

static void
counts_add(struct pull_counts *sum, const struct pull_counts *n)
{
	sum->asked += n->asked;
	sum->answered += n->answered;
	sum->gone += n->gone;
	sum->failed += n->failed;
	sum->retried += n->retried;
	sum->requests += n->requests;
	sum->left = n->left;
	sum->without_url = n->without_url;
}

/* Adds a try; what is left, and how it ended, are the last one's to say. */
static void
result_add(struct pull_result *sum, const struct pull_result *r)
{
	sum->run_id = r->run_id;
	counts_add(&sum->n, &r->n);
	for (size_t i = 0; i < r->providers; i++) {
		sum->provider[i].provider = r->provider[i].provider;
		sum->provider[i].stop = r->provider[i].stop;
		counts_add(&sum->provider[i].n, &r->provider[i].n);
	}
	sum->providers = r->providers;
	line_counts_add(&sum->lines, &r->lines);
	sum->calls += r->calls;
	sum->files_unfinished = r->files_unfinished;
	sum->files_failed = r->files_failed;
}

bool
pull_run(const struct pull_options *opt, struct db *db,
    struct pull_result *result, struct err *err)
{
	struct comeback c = {
		.limit_ms = opt->comeback_ms, .progress = opt->progress,
		.note = opt->note, .note_data = opt->note_data,
	};
	int64_t begun_us = clock_mono_us();
	bool ok;

	*result = (struct pull_result){ 0 };
	do {
		struct pull_result r = { 0 };
		struct pull p = {
			.opt = opt, .db = db, .result = &r,
			.begun_mono_us = begun_us,
			.requests_before = result->n.requests,
		};

		ok = run_once(&p, err);
		result_add(result, &r);
	} while (!ok && comeback_reopen(&c, db, err));
	result->elapsed_us = clock_mono_us() - begun_us;
	return ok;
}
