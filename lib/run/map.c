#include "run/map.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "call/decode.h"
#include "db/books.h"
#include "db/store.h"
#include "embedded.h"
#include "io/csvin.h"
#include "run/paths.h"

enum {
	MAP_MAX_BYTES = 64 * 1024 * 1024,	/* of a list, which is read whole */
	MAP_BATCH_ROWS = 8192,
	MAP_ID_BYTES = 1024,			/* of an id or a name */
};

enum column { PROVIDER, CALL_ID, ASSISTANT_ID, CAMPAIGN_ID, NAME, COLUMNS };

static const char *const column_name[COLUMNS] = {
	"provider", "call_id", "assistant_id", "campaign_id", "name",
};

/* What the rows of a list are. */
enum meaning { OVERRIDES, ASSISTANT_NAMES, CAMPAIGN_NAMES };

struct row {
	struct row *next;
	int64_t line;
	struct str cell[COLUMNS];	/* trimmed; {NULL,0} where there is no column */
};

struct list {
	const struct profiles *profiles;
	struct str provider;		/* for rows that name none */
	enum meaning meaning;
	size_t place[COLUMNS];		/* of each column, from 1; 0: not there */
	struct arena arena;
	struct row *first, **end;
	int64_t rows;
};

/* Finds the column of a header's cell; COLUMNS when it is none. */
static enum column
column_of(struct str cell)
{
	enum column c = 0;

	while (c < COLUMNS && !str_eq_nocase(str_of(column_name[c]), cell))
		c++;
	return c;
}

static bool
note_columns(struct list *l, const struct csvin_row *header, struct err *err)
{
	for (size_t i = 0; i < header->n; i++) {
		struct str cell = str_trim(header->cells[i]);
		enum column c = column_of(cell);

		if (c == COLUMNS)
			return err_fail(err, "unknown column \"%.*s\"",
			    cell.n < 60 ? (int)cell.n : 60, cell.p);
		if (l->place[c] != 0)
			return err_fail(err, "column %s stands twice",
			    column_name[c]);
		l->place[c] = i + 1;
	}
	return true;
}

/* Tells by its columns what a list is. */
static bool
read_header(struct list *l, const struct csvin_row *header, struct err *err)
{
	bool call, assistant, campaign, name;

	if (!note_columns(l, header, err))
		return false;
	call = l->place[CALL_ID] != 0;
	assistant = l->place[ASSISTANT_ID] != 0;
	campaign = l->place[CAMPAIGN_ID] != 0;
	name = l->place[NAME] != 0;
	if (call && (assistant || campaign) && !name)
		l->meaning = OVERRIDES;
	else if (!call && assistant && !campaign && name)
		l->meaning = ASSISTANT_NAMES;
	else if (!call && campaign && !assistant && name)
		l->meaning = CAMPAIGN_NAMES;
	else
		return err_fail(err, "the columns must be "
		    "provider,call_id,assistant_id,campaign_id or "
		    "provider,assistant_id,name or provider,campaign_id,name");
	if (l->place[PROVIDER] == 0 && l->provider.n == 0)
		return err_fail(err, "no column provider, and no --provider");
	return true;
}

/* The names of all profiles: "a, b, c". */
static void
known_providers(const struct profiles *set, char *out, size_t cap)
{
	size_t n = 0;

	out[0] = '\0';
	for (size_t i = 0; i < profiles_count(set) && n < cap; i++) {
		struct str name = profile_name(profiles_at(set, i));
		int k = snprintf(out + n, cap - n, "%s%.*s",
		    i > 0 ? ", " : "", STR_ARG(name));

		n += k > 0 ? (size_t)k : 0;
	}
}

static bool
check_provider(const struct profiles *set, struct str provider,
    struct err *err)
{
	char known[512];

	if (profiles_find(set, provider) != NULL)
		return true;
	known_providers(set, known, sizeof(known));
	return err_fail(err, "unknown provider \"%.*s\" (known: %s)",
	    provider.n < 60 ? (int)provider.n : 60, provider.p, known);
}

static bool
need(const struct row *r, enum column c, struct err *err)
{
	return r->cell[c].n > 0 ||
	    err_fail(err, "%s is empty", column_name[c]);
}

static bool
check_row(const struct list *l, const struct row *r, struct err *err)
{
	for (enum column c = 0; c < COLUMNS; c++)
		if (r->cell[c].n > MAP_ID_BYTES)
			return err_fail(err, "%s is longer than %d bytes",
			    column_name[c], MAP_ID_BYTES);
	if (!need(r, PROVIDER, err) ||
	    !check_provider(l->profiles, r->cell[PROVIDER], err))
		return false;
	switch (l->meaning) {
	case ASSISTANT_NAMES:
		return need(r, ASSISTANT_ID, err);
	case CAMPAIGN_NAMES:
		return need(r, CAMPAIGN_ID, err);
	default:
		return need(r, CALL_ID, err);
	}
}

/*
 * An empty name says nothing. An override of empty cells says nothing of its
 * own either, but it takes the place of the call's former one.
 */
static bool
says_nothing(const struct list *l, const struct row *r)
{
	return (l->meaning == ASSISTANT_NAMES || l->meaning == CAMPAIGN_NAMES) &&
	    r->cell[NAME].n == 0;
}

static bool
read_row(struct list *l, const struct csvin_row *row, struct err *err)
{
	struct row *r = arena_alloc(&l->arena, sizeof(*r));

	if (r == NULL)
		return err_nomem(err);
	*r = (struct row){ .line = row->line };
	for (enum column c = 0; c < COLUMNS; c++)
		if (l->place[c] != 0)
			r->cell[c] = arena_str(&l->arena,
			    str_trim(row->cells[l->place[c] - 1]));
	if (r->cell[PROVIDER].n == 0)
		r->cell[PROVIDER] = l->provider;
	if (l->arena.failed)
		return err_nomem(err);
	if (!check_row(l, r, err))
		return false;
	l->rows++;
	if (says_nothing(l, r))
		return true;
	*l->end = r;
	l->end = &r->next;
	return true;
}

static bool
on_row(void *data, const struct csvin_row *row, bool is_header,
    struct err *err)
{
	return is_header ? read_header(data, row, err) :
	    read_row(data, row, err);
}

/* What a list does to the database, in one transaction. */
struct job {
	struct db *db;
	const struct list *list;
	struct store *store;
	struct run_row run;
	struct source_row source;
	struct store_counts stored;
};

/* Puts up to MAP_BATCH_ROWS overrides from *at on, and moves *at behind them. */
static bool
put_overrides(struct job *j, const struct row **at, struct arena *a,
    struct err *err)
{
	struct store_item *item = arena_alloc(a, MAP_BATCH_ROWS * sizeof(*item));
	const struct row *r = *at;
	size_t n = 0;

	if (item == NULL)
		return err_nomem(err);
	for (; r != NULL && n < MAP_BATCH_ROWS; r = r->next, n++) {
		struct event *e = decode_override(j->list->profiles, a,
		    r->cell[PROVIDER], r->cell[CALL_ID],
		    r->cell[ASSISTANT_ID], r->cell[CAMPAIGN_ID],
		    j->run.started_us);

		if (e == NULL)
			return err_nomem(err);
		e->source_id = j->source.source_id;
		e->line = r->line;
		item[n] = (struct store_item){ .event = e };
	}
	*at = r;
	return store_put(j->store, item, n, &j->stored, err);
}

static bool
run_names(struct job *j, const struct str *provider, const struct str *id,
    const struct str *name, size_t n, struct err *err)
{
	struct buf b[3] = { 0 };
	struct db_param p[] = {
		db_text_array(&b[0], provider, n), db_text_array(&b[1], id, n),
		db_text_array(&b[2], name, n),
	};
	bool ok = db_run(j->db, j->list->meaning == ASSISTANT_NAMES ?
	    sql_put_assistants : sql_put_campaigns, p, 3, NULL, err);

	for (int i = 0; i < 3; i++)
		buf_free(&b[i]);
	return ok;
}

/* The same for names. */
static bool
put_names(struct job *j, const struct row **at, struct arena *a,
    struct err *err)
{
	enum column id_at = j->list->meaning == ASSISTANT_NAMES ?
	    ASSISTANT_ID : CAMPAIGN_ID;
	struct str *v = arena_alloc(a,
	    (size_t)3 * MAP_BATCH_ROWS * sizeof(*v));
	struct str *id, *name;
	const struct row *r = *at;
	size_t n = 0;

	if (v == NULL)
		return err_nomem(err);
	id = v + MAP_BATCH_ROWS;
	name = id + MAP_BATCH_ROWS;
	for (; r != NULL && n < MAP_BATCH_ROWS; r = r->next, n++) {
		v[n] = r->cell[PROVIDER];
		id[n] = r->cell[id_at];
		name[n] = r->cell[NAME];
	}
	*at = r;
	return run_names(j, v, id, name, n, err);
}

static bool
put_rows(struct job *j, struct err *err)
{
	const struct row *at = j->list->first;
	struct arena batch;
	bool ok = true;

	arena_init(&batch, 0);
	while (ok && at != NULL) {
		ok = j->list->meaning == OVERRIDES ?
		    put_overrides(j, &at, &batch, err) :
		    put_names(j, &at, &batch, err);
		arena_reset(&batch);
	}
	arena_close(&batch);
	return ok;
}

/* Only overrides are events: names are in no books. */
static void
count(struct job *j)
{
	struct line_counts *n = &j->source.counts;

	if (j->list->meaning != OVERRIDES)
		return;
	n->lines = j->list->rows;
	n->events = (int64_t)j->stored.events;
	n->duplicates = (int64_t)j->stored.duplicates;
	j->run.counts = *n;
	j->run.calls = (int64_t)j->stored.calls;
}

/* Everything that a list does, within the transaction. */
static bool
apply(struct job *j, struct err *err)
{
	struct source_row *source = &j->source;
	int64_t now_us;

	if (!put_rows(j, err))
		return false;
	count(j);
	now_us = clock_now_us();
	/* A source that no event points to need not be remembered. */
	return (j->stored.events == 0 || sources_put(j->db, &source, 1,
	    &j->run.run_id, now_us, err)) &&
	    run_put(j->db, &j->run, err) &&
	    run_end(j->db, &j->run, "done", NULL, now_us, err);
}

static bool
job_open(struct job *j, const char *name, struct err *err)
{
	j->run = (struct run_row){
		.command = "map", .started_us = clock_now_us(), .files = 1,
	};
	j->source = (struct source_row){
		.name = str_of(name), .finished = true,
		.done_hash = hash_bytes("", 0), .done_at_line_end = true,
	};
	if (!id128_random(&j->run.run_id, err))
		return false;
	return source_new_id(&j->source.source_id, err) &&
	    run_begin(j->db, &j->run, err);
}

/* Applies a list that was read whole; all of it or nothing. */
static bool
try_job(struct job *j, struct err *err)
{
	bool ok;

	j->stored = (struct store_counts){ 0 };
	if (!db_exec(j->db, sql_set_writer, err))
		return false;
	j->store = store_open(j->db, j->list->profiles, &j->run.run_id, err);
	if (j->store == NULL)
		return false;
	ok = db_begin(j->db, err) && apply(j, err) && db_commit(j->db, err);
	store_close(j->store);
	if (!ok)
		db_rollback(j->db);
	return ok;
}

/* The server was away: tries again, unless only the answer to COMMIT was lost. */
static bool
try_again(struct job *j, struct err *err)
{
	bool done;

	if (!run_resume(j->db, &j->run, &done, err))
		return false;
	if (!done)
		return try_job(j, err);
	j->stored = (struct store_counts){
		.events = (uint64_t)j->run.counts.events,
		.duplicates = (uint64_t)j->run.counts.duplicates,
		.calls = (uint64_t)j->run.calls,
	};
	return run_end(j->db, &j->run, "done", NULL, clock_now_us(), err);
}

static bool
run_job(struct job *j, const char *name, struct comeback *c, struct err *err)
{
	struct err end_err = ERR_INIT;
	bool ok = job_open(j, name, err) && try_job(j, err);

	while (!ok && comeback_reopen(c, j->db, err))
		ok = try_again(j, err);
	if (!ok)
		(void)run_end(j->db, &j->run, "failed", err->text,
		    clock_now_us(), &end_err);
	return ok;
}

static void
fill_result(const struct job *j, struct map_result *res)
{
	const struct list *l = j->list;

	*res = (struct map_result){
		.rows = l->rows,
		.assistant_names = l->meaning == ASSISTANT_NAMES ? l->rows : 0,
		.campaign_names = l->meaning == CAMPAIGN_NAMES ? l->rows : 0,
		.overrides = (int64_t)j->stored.events,
		.overrides_known = (int64_t)j->stored.duplicates,
		.calls = (int64_t)j->stored.calls,
	};
}

/* The name of the list in the ledger: absolute, "-" for standard input. */
static bool
list_name(const char *path, char out[PATH_MAX])
{
	if (strcmp(path, "-") != 0)
		return realpath(path, out) != NULL;
	out[0] = '-';
	out[1] = '\0';
	return true;
}

bool
map_run(struct db *db, const struct profiles *profiles, const char *path,
    const char *provider, struct comeback *comeback,
    struct map_result *result, struct err *err)
{
	struct list list = {
		.profiles = profiles, .provider = str_of(provider),
	};
	struct job job = { .db = db, .list = &list };
	char name[PATH_MAX];
	bool ok;

	list.end = &list.first;
	arena_init(&list.arena, 0);
	ok = provider == NULL || check_provider(profiles, list.provider, err);
	ok = ok && csvin_read(path, MAP_MAX_BYTES, on_row, &list, err);
	if (ok && !list_name(path, name))
		ok = err_fail(err, "%s: it has no name of its own", path);
	ok = ok && path_may_be_recorded(path, name, err) &&
	    run_job(&job, name, comeback, err);
	if (ok)
		fill_result(&job, result);
	arena_close(&list.arena);
	return ok;
}
