/*
 * What the APIs answer: of one call, and pages of their lists.
 */
#include "fuzz.h"

#include "base/clock.h"
#include "call/decode.h"
#include "io/doc.h"
#include "run/pull_inner.h"

/* ---- answers about a call ---- */

static const char secret[] = "s3cr3t/k\"y";

/* What reply_judge needs of a run. */
static struct pull *
the_pull(void)
{
	/* That one call alone is asked for: nothing is set down for the next run. */
	static const struct pull_options options = { .call = "c1" };
	static struct pull *p;

	if (p != NULL)
		return p;
	MUST((p = calloc(1, sizeof(*p))) != NULL);
	p->opt = &options;
	p->decoder = decoder_open(all_profiles());
	p->doc = doc_open();
	p->page_doc = doc_open();
	arena_init(&p->scratch, 0);
	arena_init(&p->batch, 0);
	redactor_init(&p->redactor);
	MUST(redactor_add(&p->redactor, str_of(secret)));
	return p;
}

static void
open_lane(struct lane *l, const struct profile *profile)
{
	*l = (struct lane){ .pull = the_pull(), .api = profile_api(profile),
		.provider = profile_name(profile), .noted_files = true };
	arena_init(&l->keep, 0);
	if (l->api->error_code != NULL)
		MUST(path_make(&l->keep, str_of(l->api->error_code), &l->error_code));
	if (l->api->attachments == NULL)
		return;
	MUST(path_make(&l->keep, str_of(l->api->attachments->items), &l->files));
	MUST(path_make(&l->keep, str_of(l->api->attachments->url), &l->file_url));
}

/* A line for the archive, without its end, is an event and holds no secret. */
static void
must_be_archived(const struct pull *p, struct str line)
{
	struct arena a;

	MUST(!redactor_finds(&p->redactor, line));
	arena_init(&a, 0);
	MUST(decode_twice(line, &a) != NULL);
	arena_close(&a);
}

/* What is kept of an error can be stored and holds no secret. */
static void
must_be_error(const struct pull *p, const struct want *w)
{
	must_be_storable(str_of(w->error_code));
	must_be_storable(buf_str(&w->body));
	MUST(!redactor_finds(&p->redactor, buf_str(&w->body)));
}

/* An answer becomes one line for the archive, or an error that can be stored. */
static void
judge(const struct profile *profile, struct str body)
{
	struct lane l;
	struct want w = { .lane = &l };
	struct err err = ERR_INIT;

	open_lane(&l, profile);
	w.row.call_id = STR("call_1");
	w.row.key = event_call_key(l.provider, w.row.call_id);
	w.row.held = true;
	if (reply_judge(&w, body, &err)) {
		struct str line = buf_str(&w.lines);

		MUST(line.n > 1 && memchr(line.p, '\n', line.n) == line.p + line.n - 1);
		must_be_archived(l.pull, (struct str){ line.p, line.n - 1 });
	} else {
		MUST(err.kind == ERR_NONE);
		must_be_error(l.pull, &w);
	}
	free(w.file);
	buf_free(&w.body);
	buf_free(&w.lines);
	arena_close(&l.keep);
}

/* The first byte tells the provider. */
void
fuzz_answers(struct str input)
{
	const struct profiles *set = all_profiles();
	const struct profile *p;

	if (input.n == 0)
		return;
	p = profiles_at(set, (unsigned char)input.p[0] % profiles_count(set));
	if (profile_api(p) != NULL)
		judge(p, str_from(input, 1));
}

/* ---- pages of a list ---- */

enum { WANTED = 3 };

static void
want_calls(struct lane *l, struct want *want)
{
	static const char *const id[WANTED] = { "c1", "c2", "7" };

	for (size_t i = 0; i < WANTED; i++) {
		want[i] = (struct want){ .lane = l };
		want[i].row.call_id = str_of(id[i]);
		want[i].row.key = event_call_key(l->provider, str_of(id[i]));
		want[i].row.day_us = TIME_NONE;
		want[i].row.analyzed = true;	/* no attachment is asked for */
	}
	l->want = want;
	l->wants = l->open = WANTED;
}

/* As many lines as calls were answered, each an event. */
static void
must_have_lines(const struct pull *p, const struct want *want)
{
	struct str rest = buf_str(&p->lines);
	const char *end;
	size_t answered = 0;

	for (size_t i = 0; i < WANTED; i++) {
		answered += want[i].answered;
		MUST(want[i].found || !want[i].settled);
	}
	for (; rest.n > 0; answered--) {
		MUST((end = memchr(rest.p, '\n', rest.n)) != NULL);
		must_be_archived(p, (struct str){ rest.p, (size_t)(end - rest.p) });
		rest = str_from(rest, (size_t)(end - rest.p) + 1);
	}
	MUST(answered == 0);
}

/*
 * A page that comes once and again: each call that is looked for is found once
 * at most, and a cursor that was there before ends the walk.
 */
static void
turn_pages(struct lane *l, struct want *want, struct str body)
{
	struct pull *p = l->pull;
	struct want *page = &l->walk.page;
	struct err err = ERR_INIT;
	size_t lines;
	bool good, again;

	MUST(walk_open(l, want, WANTED, &err));
	l->walk.pending = 1;	/* the next page is not asked for yet */
	MUST(walk_page(page, body, &good, &err));
	must_have_lines(p, want);
	lines = p->lines.n;
	if (good)
		MUST(l->walk.pending == 1);
	else
		must_be_error(p, page);
	MUST(walk_page(page, body, &again, &err));
	MUST(p->lines.n == lines && again == (good && l->walk.last));
	if (!again)
		must_be_error(p, page);
}

/* The lists of all providers that have one. */
void
fuzz_pages(struct str input)
{
	static const char *const no_values[32];
	static struct state_batch state;
	struct pull *p = the_pull();

	for (size_t i = 0; i < profiles_count(all_profiles()); i++) {
		struct pull_provider cfg = { .value = no_values,
			.profile = profiles_at(all_profiles(), i) };
		struct pull_provider_result result = { .n = { 0 } };
		struct want want[WANTED];
		struct err err = ERR_INIT;
		struct lane l;

		if (profile_api(cfg.profile) == NULL)
			continue;
		MUST(lane_open(p, &l, &cfg, &result, &err));
		p->lane = &l;
		p->state = &state;
		p->states = state.n = 0;
		want_calls(&l, want);
		if (l.list != NULL)
			turn_pages(&l, want, input);
		buf_reset(&p->lines);
		arena_reset(&p->batch);
		lane_free(&l);
	}
}
