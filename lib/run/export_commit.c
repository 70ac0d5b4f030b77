/*
 * The end of an export: its files get their names, the manifest last.
 */
#include <stdio.h>
#include <stdlib.h>

#include "run/export_inner.h"
#include "run/export_manifest.h"
#include "run/restate.h"

static bool
commit_file(struct export *x, struct export_result *result,
    struct atomicfile *file, struct err *err)
{
	struct export_file *f = &result->file[result->files++];

	return atomicfile_commit(file, f->sha256, &f->bytes, err) ||
	    err_add(err, "%s", x->options->out);
}

static bool
commit_table(struct export *x, struct export_result *result, const char *name,
    struct atomicfile *file, uint64_t rows, struct err *err)
{
	struct export_file *f = &result->file[result->files];

	(void)snprintf(f->name, sizeof(f->name), "%s.csv", name);
	f->rows = rows;
	return commit_file(x, result, file, err);
}

static bool
commit_page(struct export *x, struct export_result *result, struct err *err)
{
	struct export_file *f = &result->file[result->files];

	if (x->page_file == NULL)
		return true;
	(void)snprintf(f->name, sizeof(f->name), "%s", PAGE_FILE);
	f->is_page = true;
	return commit_file(x, result, x->page_file, err);
}

/* Whether restatements.csv belongs to the files. */
static bool
wants_restatements(const struct export *x)
{
	const struct export_options *o = x->options;

	for (size_t i = 0; i < o->reports; i++)
		if (strcmp(o->report[i], RESTATEMENTS) == 0)
			return true;
	return o->reports == 0 || x->restated > 0;
}

static bool
commit_workbook(struct export *x, struct export_result *result,
    struct err *err)
{
	return x->workbook == NULL || export_xlsx_commit(x->workbook,
	    &result->file[result->files++], &result->workbook, err) ||
	    err_add(err, "%s", x->options->out);
}

bool
export_commit_files(struct export *x, struct export_result *result, struct err *err)
{
	result->file = calloc(x->set.n + 3, sizeof(*result->file));
	if (result->file == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < x->set.n; i++) {
		struct job *j = &x->job[i];
		struct export_file *f = &result->file[result->files];

		if (!j->made)
			continue;
		if (j->statement.refused != NULL)
			(void)snprintf(f->unpublished, sizeof(f->unpublished),
			    "%s", j->statement.refused);
		if (!commit_table(x, result, j->report->name, j->file, j->rows,
		    err))
			return false;
	}
	return (!wants_restatements(x) || commit_table(x, result, RESTATEMENTS,
	    x->restatements, x->restated, err)) &&
	    commit_workbook(x, result, err) && commit_page(x, result, err);
}

static const char *
why_unpublished(const struct publication *p)
{
	if (p->number > 0)
		return NULL;
	return p->may_write ? "no report with days was written" :
	    p->may_read ? "this role or server may only read" :
	    "this role may not read what was published";
}

bool
export_write_manifest(struct export *x, struct export_result *result,
    struct err *err)
{
	const struct publication *p = &x->publication;
	struct manifest_publication m = {
		.is_published = p->number > 0,
		.why_not = why_unpublished(p),
		.id = p->id,
		.number = p->number,
		.at_us = p->at_us,
	};

	if (!p->may_write)
		result->unpublished = m.why_not;
	return export_manifest(x->options, x->zone, &m, &x->position, result,
	    err);
}
