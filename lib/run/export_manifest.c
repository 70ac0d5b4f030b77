#include "run/export_manifest.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

#include "base/clock.h"
#include "embedded.h"
#include "io/atomicfile.h"

static void
copy_text(char *out, size_t cap, struct str s)
{
	(void)snprintf(out, cap, "%.*s", STR_ARG(s));
}

bool
ledger_position_get(struct db *db, struct ledger_position *l, struct err *err)
{
	struct db_rows *rows = db_query(db, sql_get_ledger_position, NULL, 0,
	    err);
	int64_t *const number[] = {
		&l->sources, &l->finished, &l->unfinished, &l->lines,
		&l->events, &l->duplicates, &l->rejected, &l->ignored,
	};
	const int numbers = sizeof(number) / sizeof(number[0]);
	struct id128 id;

	*l = (struct ledger_position){ .started_us = TIME_NONE };
	if (rows == NULL)
		return false;
	for (int i = 0; i < numbers; i++)
		*number[i] = db_get_int(rows, 0, i);
	l->has_run = !db_is_null(rows, 0, numbers);
	id = db_get_uuid(rows, 0, numbers);
	id128_text(&id, l->run_id);
	copy_text(l->command, sizeof(l->command),
	    db_get_text(rows, 0, numbers + 1));
	copy_text(l->state, sizeof(l->state), db_get_text(rows, 0, numbers + 2));
	l->started_us = db_get_time(rows, 0, numbers + 3);
	l->finished_us = db_get_time(rows, 0, numbers + 4);
	db_rows_free(rows);
	return true;
}

/* A text, null when there is none. */
static json_t *
text(const char *s)
{
	return s != NULL && *s != '\0' ? json_string(s) : json_null();
}

static json_t *
instant(int64_t us)
{
	char s[TIME_TEXT_BYTES];

	if (us == TIME_NONE)
		return json_null();
	time_text(us, s);
	return json_string(s);
}

static json_t *
number(uint64_t n)
{
	return json_integer((json_int_t)n);
}

static json_t *
files(const struct export_result *result)
{
	json_t *list = json_array();

	for (size_t i = 0; list != NULL && i < result->files; i++) {
		const struct export_file *f = &result->file[i];
		json_t *file = json_pack("{s:o, s:o, s:o, s:o}",
		    "name", text(f->name),
		    "rows", f->is_page ? json_null() : number(f->rows),
		    "bytes", number(f->bytes), "sha256", text(f->sha256));

		if (f->unpublished[0] != '\0')
			(void)json_object_set_new(file, "unpublished",
			    text(f->unpublished));
		if (json_array_append_new(list, file) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *
last_run(const struct ledger_position *l)
{
	if (!l->has_run)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:o, s:o}",
	    "id", text(l->run_id), "command", text(l->command),
	    "state", text(l->state), "started_at", instant(l->started_us),
	    "finished_at", instant(l->finished_us));
}

static json_t *
ledger(const struct ledger_position *l)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o}",
	    "sources", (json_int_t)l->sources,
	    "finished", (json_int_t)l->finished,
	    "unfinished", (json_int_t)l->unfinished,
	    "lines", (json_int_t)l->lines,
	    "events", (json_int_t)l->events,
	    "duplicates", (json_int_t)l->duplicates,
	    "rejected", (json_int_t)l->rejected,
	    "ignored", (json_int_t)l->ignored,
	    "last_run", last_run(l));
}

static json_t *
publication(const struct manifest_publication *p)
{
	char id[ID128_TEXT_BYTES];

	if (!p->is_published)
		return json_pack("{s:n, s:o}", "id", "why_not",
		    text(p->why_not));
	id128_text(&p->id, id);
	return json_pack("{s:s, s:I, s:o}", "id", id,
	    "number", (json_int_t)p->number, "at", instant(p->at_us));
}

bool
export_manifest_names(struct str folder, const struct id128 *id)
{
	char path[PATH_MAX], want[ID128_TEXT_BYTES];
	int n = snprintf(path, sizeof(path), "%.*s/manifest.json",
	    STR_ARG(folder));
	json_t *root = n > 0 && (size_t)n < sizeof(path) ?
	    json_load_file(path, 0, NULL) : NULL;
	const char *got = json_string_value(json_object_get(
	    json_object_get(root, "publication"), "id"));
	bool names;

	id128_text(id, want);
	names = got != NULL && strcmp(got, want) == 0;
	json_decref(root);
	return names;
}

bool
export_manifest(const struct export_options *o, const char *zone,
    const struct manifest_publication *p, const struct ledger_position *l,
    const struct export_result *result, struct err *err)
{
	json_t *root = json_pack("{s:o, s:{s:o, s:o}, s:s, s:s, s:s, s:b, s:o, s:o, s:o*}",
	    "calltally", text(o->version),
	    "window", "from", text(o->from), "to", text(o->to),
	    "time_zone", zone,
	    "dialect", o->plain ? "plain" : "excel",
	    "phones", phones_name[o->phones],
	    "changed_only", (int)o->changed_only,
	    l != NULL ? "publication" : "as_of", publication(p),
	    "files", files(result),
	    "ledger", l != NULL ? ledger(l) : NULL);
	char *json = root != NULL ?
	    json_dumps(root, JSON_INDENT(2) | JSON_ENSURE_ASCII) : NULL;
	struct atomicfile *file = NULL;
	bool ok = json != NULL ? true : err_nomem(err);

	if (ok)
		ok = (file = atomicfile_open(o->out, "manifest.json", err)) != NULL;
	if (ok) {
		atomicfile_put(file, json, strlen(json));
		atomicfile_put(file, "\n", 1);
		ok = atomicfile_commit(file, NULL, NULL, err);
	}
	atomicfile_close(file);
	free(json);
	json_decref(root);
	return ok;
}
