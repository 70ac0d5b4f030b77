#include "run/pull_inner.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"

/* ---- buckets ---- */

/* What the wall clock says as the clock that never steps back, and the reverse. */
static int64_t
mono_of(int64_t wall_us)
{
	return wall_us - clock_now_us() + clock_mono_us();
}

static int64_t
wall_of(int64_t mono_us)
{
	return mono_us - clock_mono_us() + clock_now_us();
}

static bool
save_bucket(struct lane *l, const struct bucket *b, bool in_use,
    struct err *err)
{
	struct pull_bucket_row row = {
		.tokens = in_use ? 0 : b->rate.tokens,
		.at_us = wall_of(b->rate.at_us),
		.not_before_us = b->rate.not_before_us > clock_mono_us() ?
		    wall_of(b->rate.not_before_us) : TIME_NONE,
		.in_use = in_use,
	};

	return pull_put_bucket(l->pull->db, l->provider, str_of(b->origin), &row,
	    err);
}

/* As the last run left it; after one that was cut off, empty. */
static bool
load_bucket(struct lane *l, struct bucket *b, struct err *err)
{
	struct pull_bucket_row row;
	bool found;

	if (!pull_get_bucket(l->pull->db, l->provider, str_of(b->origin), &row,
	    &found, err))
		return false;
	/* A longer wait was written by a clock that ran ahead. */
	if (found && row.not_before_us != TIME_NONE &&
	    row.not_before_us <= clock_now_us() + RETRY_AFTER_MAX_MS * 1000)
		rate_hold(&b->rate, mono_of(row.not_before_us));
	if (found && !row.in_use && row.at_us <= clock_now_us()) {
		b->rate.tokens = row.tokens < b->rate.depth ? row.tokens :
		    b->rate.depth;
		b->rate.at_us = mono_of(row.at_us);
	}
	return save_bucket(l, b, true, err);
}

struct bucket *
lane_bucket(struct lane *l, const char *origin, struct err *err)
{
	const struct pull_options *o = l->pull->opt;
	struct bucket *b;

	for (size_t i = 0; i < l->buckets; i++)
		if (strcmp(l->bucket[i]->origin, origin) == 0)
			return l->bucket[i];
	if (l->buckets == BUCKETS_MAX)
		return NULL;
	if ((b = calloc(1, sizeof(*b))) == NULL) {
		err_nomem(err);
		return NULL;
	}
	memcpy(b->origin, origin, strlen(origin) + 1);
	rate_init(&b->rate, o->rate_milli > 0 ? o->rate_milli :
	    l->api->rate_milli, clock_mono_us());
	l->bucket[l->buckets++] = b;
	return load_bucket(l, b, err) ? b : NULL;
}

bool
lane_hold(struct lane *l, struct bucket *b, int64_t ms, struct err *err)
{
	const int64_t slack_us = 20000;
	int64_t was = b->rate.not_before_us;

	rate_hold(&b->rate, clock_mono_us() + ms * 1000 + slack_us);
	if (b->rate.not_before_us == was)
		return true;
	return save_bucket(l, b, true, err);
}

/* ---- opening ---- */

static bool
add_header(struct lane *l, const struct api_header *h, const char *value)
{
	size_t n = strlen(h->name) + strlen(h->prefix) + strlen(value) + 3;
	char *line = malloc(n);

	if (line == NULL)
		return false;
	(void)snprintf(line, n, "%s: %s%s", h->name, h->prefix, value);
	l->header[l->headers++] = line;
	return h->open || redactor_add(&l->pull->redactor, str_of(value));
}

static bool
add_headers(struct lane *l, struct err *err)
{
	l->header = calloc(l->api->n_headers + 1, sizeof(*l->header));
	if (l->header == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < l->api->n_headers; i++)
		if (l->cfg->value[i] != NULL && !add_header(l,
		    &l->api->header[i], l->cfg->value[i]))
			return err_nomem(err);
	return true;
}

static bool
make_path(struct lane *l, const char *pointer, struct path *out)
{
	return pointer == NULL || path_make(&l->keep, str_of(pointer), out);
}

static bool
make_paths(struct lane *l, struct err *err)
{
	const struct profile_api *api = l->api;
	const struct api_page *page = l->list != NULL ? l->list->page : NULL;
	bool ok = make_path(l, api->error_code, &l->error_code);

	if (page != NULL)
		ok = ok && make_path(l, page->items, &l->items) &&
		    make_path(l, page->item_id, &l->item_id) &&
		    make_path(l, page->cursor, &l->cursor);
	if (api->attachments != NULL)
		ok = ok && make_path(l, api->attachments->items, &l->files) &&
		    make_path(l, api->attachments->url, &l->file_url);
	return ok || err_nomem(err);
}

static bool
set_base_url(struct lane *l, struct err *err)
{
	const char *url = l->cfg->base_url != NULL ? l->cfg->base_url :
	    l->api->base_url;
	struct err why = ERR_INIT;
	size_t n = strlen(url);

	while (n > 0 && url[n - 1] == '/')
		n--;
	if (n >= sizeof(l->base_url) || strpbrk(url, "?#") != NULL)
		return err_fail(err, "%.*s: the base URL is too long, or has a "
		    "query", STR_ARG(l->provider));
	memcpy(l->base_url, url, n);
	l->base_url[n] = '\0';
	return http_origin(l->base_url, l->origin, &why) || err_fail(err,
	    "%.*s: the base URL: %s", STR_ARG(l->provider), why.text);
}

bool
lane_open(struct pull *p, struct lane *l, const struct pull_provider *cfg,
    struct pull_provider_result *result, struct err *err)
{
	*l = (struct lane){
		.pull = p,
		.cfg = cfg,
		.api = profile_api(cfg->profile),
		.provider = profile_name(cfg->profile),
		.result = result,
	};
	arena_init(&l->keep, 0);
	arena_init(&l->chunk, 0);
	result->provider = l->provider;
	for (size_t i = 0; i < l->api->n_requests; i++) {
		if (l->api->request[i].page != NULL && l->list == NULL)
			l->list = &l->api->request[i];
		if (l->api->request[i].path == NULL)
			l->with_url = true;
	}
	return set_base_url(l, err) && make_paths(l, err) && add_headers(l, err);
}

void
lane_free(struct lane *l)
{
	for (size_t i = 0; i < l->headers; i++) {
		explicit_bzero(l->header[i], strlen(l->header[i]));
		free(l->header[i]);
	}
	free(l->header);
	for (size_t i = 0; i < l->wants; i++) {
		free(l->want[i].url);
		free(l->want[i].file);
		buf_free(&l->want[i].body);
		buf_free(&l->want[i].lines);
	}
	for (size_t i = 0; i < l->buckets; i++)
		free(l->bucket[i]);
	walk_free(&l->walk);
	arena_close(&l->keep);
	arena_close(&l->chunk);
}

/* The calls that are still due when the run ends. */
static struct pull_choice
choice(const struct lane *l)
{
	const struct pull *p = l->pull;

	return (struct pull_choice){
		.provider = l->provider,
		.since_us = p->opt->since_us,
		.grace_us = p->begun_us - p->opt->grace_us,
		.now_us = clock_now_us(),
		.begun_us = p->begun_us,
		.with_url = l->with_url,
		.walk = l->walk.id,
	};
}

bool
lane_count_due(struct lane *l, int64_t *n, struct err *err)
{
	struct pull_choice c = choice(l);
	int64_t without_url;

	*n = 1;
	return l->pull->opt->call != NULL ||
	    pull_count(l->pull->db, &c, n, &without_url, err);
}

bool
lane_close(struct lane *l, struct err *err)
{
	struct pull_choice c = choice(l);
	int64_t left;

	if (l->stop == PULL_WENT_ON && l->result->n.failed > 0 && !l->heard)
		l->stop = PULL_NOT_AVAILABLE;
	if (l->stop == PULL_NOT_AVAILABLE && !pull_forgive(l->pull->db,
	    l->provider, &l->pull->run.run_id, err))
		return false;
	for (size_t i = 0; i < l->buckets; i++)
		if (!save_bucket(l, l->bucket[i], false, err))
			return false;
	if (l->pull->opt->call != NULL)
		return true;
	/* What failed in this run may be due again at once: it is not left over. */
	if (!pull_count(l->pull->db, &c, &left, &l->result->n.without_url, err))
		return false;
	l->result->n.left += left;
	return true;
}

/* ---- the queue ---- */

void
lane_push(struct lane *l, struct want *w)
{
	w->next = l->head;
	l->head = w;
	if (l->tail == NULL)
		l->tail = w;
}

static void
append(struct lane *l, struct want *w)
{
	w->next = NULL;
	if (l->tail != NULL)
		l->tail->next = w;
	else
		l->head = w;
	l->tail = w;
}

void
lane_push_later(struct lane *l, struct want *w, int64_t delay_ms)
{
	w->ready_us = clock_mono_us() + delay_ms * 1000;
	w->next = l->later;
	l->later = w;
}

static struct want *
take_head(struct lane *l)
{
	struct want *w = l->head;

	l->head = w->next;
	if (l->head == NULL)
		l->tail = NULL;
	return w;
}

/* The place in the later ones of one that may be asked now. */
static struct want **
ready_later(struct lane *l, int64_t now_us, int64_t *wait_us)
{
	for (struct want **at = &l->later; *at != NULL; at = &(*at)->next) {
		if ((*at)->ready_us <= now_us)
			return at;
		if ((*at)->ready_us - now_us < *wait_us)
			*wait_us = (*at)->ready_us - now_us;
	}
	return NULL;
}

struct want *
lane_next(struct lane *l, int64_t now_us, int64_t *wait_us)
{
	struct want **later = ready_later(l, now_us, wait_us);
	struct want *w = later != NULL ? *later : l->head;
	int64_t wait;

	if (w == NULL)
		return NULL;
	if ((wait = rate_wait_us(&w->bucket->rate, now_us)) > 0) {
		if (wait < *wait_us)
			*wait_us = wait;
		return NULL;
	}
	if (later != NULL)
		*later = w->next;
	else
		(void)take_head(l);
	return w;
}

bool
lane_told_to_wait(const struct lane *l)
{
	const struct want *w = l->later != NULL ? l->later : l->head;

	return w != NULL &&
	    w->bucket->rate.not_before_us > l->pull->deadline_us;
}

bool
lane_alive(const struct lane *l)
{
	return l->running > 0 ||
	    (l->stop == PULL_WENT_ON && (!l->dry || l->open > 0));
}

bool
lane_stop(struct lane *l, enum pull_stop stop, struct err *err)
{
	bool ok = true;

	if (l->stop != PULL_WENT_ON)
		return true;
	l->stop = stop;
	while (l->head != NULL || l->later != NULL) {
		struct want *w = l->head != NULL ? take_head(l) : l->later;

		if (w == l->later)
			l->later = w->next;
		if (w->page || !(w->asked || w->lines.n > 0))
			continue;
		w->failed = true;
		ok = want_settle(w, err) && ok;
	}
	return ok;
}

/* ---- calls from the database ---- */

static bool
find(struct lane *l, struct pull_row **rows, size_t *n, struct err *err)
{
	const struct pull_options *o = l->pull->opt;
	struct pull_choice c = choice(l);
	struct id128 key;

	if (o->call == NULL)
		return pull_find(l->pull->db, &c, CHUNK_CALLS, &l->chunk, rows,
		    n, err);
	key = event_call_key(l->provider, str_of(o->call));
	return pull_find_one(l->pull->db, &c, &key, &l->chunk, rows, n, err);
}

/* The first of the profile's requests that asks for one call. */
static size_t
first_part(const struct lane *l)
{
	size_t i = 0;

	while (i < l->api->n_requests && l->api->request[i].page != NULL)
		i++;
	return i;
}

static bool
make_wants(struct lane *l, const struct pull_row *rows, size_t n,
    struct err *err)
{
	struct want *w = arena_alloc(&l->chunk, n * sizeof(*w));
	/* What a list gives comes before the first of them. */
	size_t part = first_part(l) - (l->list != NULL);

	if (w == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < n; i++) {
		w[i] = (struct want){
			.lane = l,
			.row = rows[i],
			.part = part,
			.bucket = l->bucket[0],
			.asked_us = clock_now_us(),
		};
		if (l->list == NULL)
			append(l, &w[i]);
	}
	l->want = w;
	l->wants = l->open = n;
	return l->list == NULL || walk_open(l, w, n, err);
}

bool
lane_fill(struct lane *l, struct err *err)
{
	struct pull_row *rows;
	size_t n;

	if (l->dry || l->stop != PULL_WENT_ON || l->open > 0 || l->running > 0)
		return true;
	/* What is not noted yet would be found again. */
	if (!batch_flush(l->pull, err))
		return false;
	l->wants = 0;
	arena_reset(&l->chunk);
	walk_free(&l->walk);
	if (l->list != NULL && !walk_load(l, err))
		return false;
	if (!find(l, &rows, &n, err))
		return false;
	l->dry = n == 0 || l->pull->opt->call != NULL;
	if (n == 0)
		return true;
	if (l->buckets == 0 && lane_bucket(l, l->origin, err) == NULL)
		return false;
	return make_wants(l, rows, n, err);
}
