/*
 * The row that is to be explained, looked up in the report itself.
 */
#include "db/copy.h"
#include "run/explain_inner.h"
#include "run/export_report.h"

const struct explain_cell *
explain_cell_of(const struct explanation *x, struct str name)
{
	for (size_t i = 0; i < x->cells; i++)
		if (str_eq(x->cell[i].name, name))
			return &x->cell[i];
	return NULL;
}

/* The place of a column; -1 when there is none. */
static int
column_of(const struct copy_out *c, struct str name)
{
	for (int i = 0; i < c->columns; i++)
		if (str_eq(str_of(c->column[i].name), name))
			return i;
	return -1;
}

static bool
unknown_column(const struct copy_out *c, const char *report, struct str name,
    struct err *err)
{
	struct buf known = BUF_INIT(2048);

	for (int i = 0; i < c->columns; i++)
		buf_printf(&known, "%s%s", i > 0 ? ", " : "",
		    c->column[i].name);
	err_set(err, ERR_USAGE, "%s has no column \"%.*s\"; it has: %s",
	    report, (int)(name.n < 100 ? name.n : 100), name.p,
	    buf_cstr(&known));
	buf_free(&known);
	return false;
}

/* A wish that a column has a value. */
struct wish {
	int column;
	struct str value;
};

static bool
read_key(const struct explainer *e, const struct copy_out *c, const char *key,
    struct wish *out, struct err *err)
{
	size_t n = strcspn(key, "=");

	if (key[n] != '=')
		return err_set(err, ERR_USAGE,
		    "--key: \"%.100s\" is not column=value", key);
	out->column = column_of(c, (struct str){ key, n });
	out->value = str_of(key + n + 1);
	return out->column >= 0 || unknown_column(c, e->info->name,
	    (struct str){ key, n }, err);
}

/* All wishes, the day among them; *n of them. */
static bool
read_wishes(const struct explainer *e, const struct copy_out *c,
    struct wish **out, size_t *n, struct err *err)
{
	const struct explain_options *o = e->opt;
	int day = column_of(c, STR("day"));

	*n = 0;
	*out = arena_alloc(&e->x->arena, (o->keys + 1) * sizeof(**out));
	if (*out == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < o->keys; i++)
		if (!read_key(e, c, o->key[i], &(*out)[(*n)++], err))
			return false;
	if (o->day != NULL && day >= 0)
		(*out)[(*n)++] = (struct wish){ day, str_of(o->day) };
	if (o->column != NULL && column_of(c, str_of(o->column)) < 0)
		return unknown_column(c, e->info->name, str_of(o->column), err);
	return true;
}

static bool
grants(const struct copy_out *c, const struct wish *wish, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!str_eq(c->cell[wish[i].column], wish[i].value))
			return false;
	return true;
}

static bool
keep_row(struct explanation *x, const struct copy_out *c)
{
	x->cells = (size_t)c->columns;
	x->cell = arena_alloc(&x->arena, x->cells * sizeof(*x->cell));
	for (size_t i = 0; x->cell != NULL && i < x->cells; i++) {
		x->cell[i].name = arena_str(&x->arena,
		    str_of(c->column[i].name));
		x->cell[i].text = c->cell[i].p == NULL ? c->cell[i] :
		    arena_str(&x->arena, c->cell[i]);
	}
	return !x->arena.failed;
}

static bool
not_one(const struct explainer *e, uint64_t rows, struct err *err)
{
	struct buf keys = BUF_INIT(1024);

	if (rows == 0)
		return err_fail(err, "%s has no such row", e->info->name);
	for (int k = 0; k < EXPLAIN_KEYS; k++)
		if (e->info->keys >> k & 1u)
			buf_printf(&keys, "%s%s", keys.n > 0 ? ", " : "",
			    explain_key_name[k]);
	err_set(err, ERR_USAGE, "%llu rows of %s are so; one is told by: %s",
	    (unsigned long long)rows, e->info->name, buf_cstr(&keys));
	buf_free(&keys);
	return false;
}

static bool
read_rows(struct explainer *e, struct copy_out *c, struct err *err)
{
	struct wish *wish;
	uint64_t rows = 0;
	size_t n;
	bool end;

	if (!read_wishes(e, c, &wish, &n, err))
		return false;
	for (;;) {
		if (!copy_out_next(c, &end, err))
			return false;
		if (end)
			break;
		if (grants(c, wish, n) && rows++ == 0 && !keep_row(e->x, c))
			return err_nomem(err);
	}
	return rows == 1 || not_one(e, rows, err);
}

bool
explain_find_row(struct explainer *e, struct err *err)
{
	const char *name = e->info->name;
	struct report_set set;
	struct copy_out c;
	bool ok;

	if (!report_set_load(&set, NULL, &name, 1, err))
		return false;
	ok = copy_out_begin(&c, e->db, set.report[0].sql, err) &&
	    read_rows(e, &c, err);
	copy_out_close(&c);
	report_set_free(&set);
	return ok;
}
