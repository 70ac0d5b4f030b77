#include "run/explain.h"

#include "embedded.h"
#include "run/explain_inner.h"
#include "run/export_session.h"

#define K(key) (1u << KEY_##key)

const char *const explain_key_name[EXPLAIN_KEYS] = {
	"day", "provider", "assistant_id", "campaign_id", "workspace",
	"weekday", "hour", "reattempts", "insight", "value", "call_id",
};

static const struct explained_report reports[] = {
	{ "assistant_campaign_daily",
	    K(DAY) | K(PROVIDER) | K(ASSISTANT) | K(CAMPAIGN), false },
	{ "assistant_daily", K(DAY) | K(PROVIDER) | K(ASSISTANT), false },
	{ "assistant_total", K(PROVIDER) | K(ASSISTANT), false },
	{ "attempts", K(PROVIDER) | K(CAMPAIGN) | K(REATTEMPTS), false },
	{ "calls", K(DAY) | K(PROVIDER) | K(CALL), true },
	{ "campaign_daily", K(DAY) | K(PROVIDER) | K(CAMPAIGN), false },
	{ "campaign_total", K(PROVIDER) | K(CAMPAIGN), false },
	{ "credits_daily", K(DAY) | K(PROVIDER) | K(WORKSPACE), false },
	{ "followups", K(DAY) | K(PROVIDER) | K(CALL), true },
	{ "hourly", K(PROVIDER) | K(ASSISTANT) | K(WEEKDAY) | K(HOUR), false },
	{ "insights", K(PROVIDER) | K(ASSISTANT) | K(CAMPAIGN) | K(INSIGHT) |
	    K(VALUE), false },
};

#define F(field) (UINT32_C(1) << FIELD_##field)
#define D(what) (UINT32_C(1) << DECIDED_BY_##what)

/* What decides the columns whose names are not those of a field. */
static const struct {
	const char *column;
	uint32_t by;
} deciders[] = {
	{ "calls", D(DAY) | D(OUTCOME) },
	{ "day", D(DAY) },
	{ "weekday", D(DAY) },
	{ "hour", D(DAY) },
	{ "assistant_name", F(ASSISTANT_ID) },
	{ "campaign_name", F(CAMPAIGN_ID) },
	{ "insight", F(INSIGHTS) },
	{ "value", F(INSIGHTS) },
	{ "callback_requested", F(INSIGHTS) },
	{ "analyzed", F(SUCCESS) | F(SENTIMENT) | F(SUMMARY) },
	{ "succeeded", F(SUCCESS) },
	{ "not_succeeded", F(SUCCESS) },
	{ "success_rate", F(SUCCESS) },
	{ "sentiment_positive", F(SENTIMENT) },
	{ "sentiment_neutral", F(SENTIMENT) },
	{ "sentiment_negative", F(SENTIMENT) },
	{ "sentiment_unknown", F(SENTIMENT) },
	{ "talk_seconds", F(DURATION) },
	{ "talk_seconds_avg", F(DURATION) },
	{ "talk_seconds_p50", F(DURATION) },
	{ "talk_seconds_p90", F(DURATION) },
	{ "duration_seconds", F(DURATION) },
	{ "credits_unit", F(CREDITS_USED) },
	{ "credits_per_success", F(CREDITS_USED) | F(SUCCESS) },
	{ "first_event_at", D(FIRST_EVENT) },
	{ "last_event_at", D(LAST_EVENT) },
	{ "events", D(FIRST_EVENT) | D(LAST_EVENT) },
	{ "outcome", D(OUTCOME) },
	{ "status", D(OUTCOME) },
	{ "closing_balance", 0 },
};

/* A gauge: no call makes it. */
static const char balance_column[] = "closing_balance";

/* The outcomes and what is counted from them are decided by these. */
static const uint32_t by_bucket = D(OUTCOME) | F(VOICEMAIL);

static const struct explained_report *
find_report(const char *name, struct err *err)
{
	struct buf known = BUF_INIT(1024);
	size_t n = sizeof(reports) / sizeof(reports[0]);

	for (size_t i = 0; i < n; i++)
		if (strcmp(reports[i].name, name) == 0)
			return &reports[i];
	for (size_t i = 0; i < n; i++)
		buf_printf(&known, "%s%s", i > 0 ? ", " : "", reports[i].name);
	err_set(err, ERR_USAGE, "no report that can be explained is named "
	    "\"%.100s\"; there are: %s", name, buf_cstr(&known));
	buf_free(&known);
	return NULL;
}

/* ---- what stands behind it ---- */

/* What decides a column; the insight of the row, if it is about one. */
static struct deciding
deciding_of(const struct explainer *e, const char *column)
{
	const struct explain_cell *insight = explain_cell_of(e->x, STR("insight"));
	struct deciding by = {
		.insight = insight != NULL ? insight->text :
		    (struct str){ NULL, 0 },
	};
	enum field f;

	if (column == NULL)
		column = insight != NULL ? "insight" : "calls";
	if (strcmp(column, "callback_requested") == 0)
		by.insight = STR("callback_requested");
	for (size_t i = 0; i < sizeof(deciders) / sizeof(deciders[0]); i++)
		if (strcmp(deciders[i].column, column) == 0) {
			by.by = deciders[i].by;
			return by;
		}
	if ((f = field_by_name(str_of(column))) < FIELD_COUNT &&
	    (e->info->of_calls || f != FIELD_VOICEMAIL))
		by.by = UINT32_C(1) << f;
	else
		by.by = by_bucket;
	return by;
}

/* Whether the column is made of calls, and not what the row is known by. */
static bool
is_made(const struct explainer *e, struct str column)
{
	if (e->info->of_calls)
		return false;
	for (int k = 0; k < EXPLAIN_KEYS; k++)
		if ((e->info->keys >> k & 1u) &&
		    str_eq(column, str_of(explain_key_name[k])))
			return false;
	return true;
}

static struct str
keep(struct explainer *e, const struct db_rows *rows, size_t i, int col)
{
	return db_is_null(rows, i, col) ? (struct str){ NULL, 0 } :
	    arena_str(&e->x->arena, db_get_text(rows, i, col));
}

/* A cell that is empty for the lack of a unit agrees with having nothing to add up. */
static bool
agrees(const struct explain_column *c)
{
	if (c->cell.p == NULL && c->numerator_calls == 0)
		return true;
	return str_eq(c->cell, c->value);
}

/* Keeps a column of the answer if the row has it. */
static void
take_column(struct explainer *e, const struct db_rows *rows, size_t i)
{
	struct explanation *x = e->x;
	struct explain_column *c = &x->column[x->columns];
	struct str name = db_get_text(rows, i, 1);
	const struct explain_cell *cell = explain_cell_of(x, name);

	if (str_eq(name, STR("calls")))
		x->calls_total = db_get_int(rows, i, 4);
	if (cell == NULL || !is_made(e, name) || (e->opt->column != NULL &&
	    !str_eq(name, str_of(e->opt->column))))
		return;
	*c = (struct explain_column){
		.name = cell->name,
		.cell = cell->text,
		.value = keep(e, rows, i, 8),
		.numerator = keep(e, rows, i, 2),
		.numerator_calls = db_get_int(rows, i, 4),
		.numerator_sum = keep(e, rows, i, 6),
		.denominator = keep(e, rows, i, 3),
		.denominator_calls = db_get_int(rows, i, 5),
		.denominator_sum = keep(e, rows, i, 7),
	};
	c->agrees = agrees(c);
	x->agrees = x->agrees && c->agrees;
	x->columns++;
}

static bool
take_call(struct explainer *e, const struct db_rows *rows, size_t i,
    const struct deciding *by, struct err *err)
{
	struct explain_call *c = &e->x->call[e->x->calls++];

	*c = (struct explain_call){
		.provider = keep(e, rows, i, 9),
		.call_id = keep(e, rows, i, 10),
		.numerator = keep(e, rows, i, 6),
		.denominator = keep(e, rows, i, 7),
	};
	return explain_decide(e->opt, e->db, &e->x->arena, by, c, err);
}

static bool
take_rows(struct explainer *e, const struct db_rows *rows,
    const struct deciding *by, struct err *err)
{
	struct explanation *x = e->x;
	size_t n = db_rows_count(rows);

	x->column = arena_alloc(&x->arena, (n + 2) * sizeof(*x->column));
	x->call = arena_alloc(&x->arena, (n + 2) * sizeof(*x->call));
	if (x->arena.failed)
		return err_nomem(err);
	for (size_t i = 0; i < n; i++) {
		if (!db_is_null(rows, i, 0))
			take_column(e, rows, i);
		else if (!take_call(e, rows, i, by, err))
			return false;
	}
	return !x->arena.failed || err_nomem(err);
}

/* The row's own keys as parameters. */
static void
key_params(const struct explainer *e, struct db_param p[EXPLAIN_KEYS])
{
	for (int k = 0; k < EXPLAIN_KEYS; k++) {
		const struct explain_cell *cell =
		    (e->info->keys >> k & 1u) == 0 ? NULL :
		    explain_cell_of(e->x, str_of(explain_key_name[k]));

		p[k] = cell == NULL ? db_null() :
		    db_text(cell->text.p != NULL ? cell->text : STR(""));
	}
}

static bool
ask_calls(struct explainer *e, struct err *err)
{
	const char *column = e->opt->column;
	bool made = column != NULL && is_made(e, str_of(column));
	bool is_balance = column != NULL && strcmp(column, balance_column) == 0;
	struct deciding by = deciding_of(e, column);
	struct db_param p[EXPLAIN_KEYS + 2];
	struct db_slot slot;
	struct db_rows *rows;
	bool ok;

	key_params(e, p);
	p[EXPLAIN_KEYS] = column == NULL ? db_null() :
	    db_text(made ? str_of(column) : STR("calls"));
	p[EXPLAIN_KEYS + 1] = db_int8(is_balance ? 0 : e->opt->limit, &slot);
	rows = db_query(e->db, sql_explain_cell, p, EXPLAIN_KEYS + 2, err);
	ok = rows != NULL && take_rows(e, rows, &by, err);
	db_rows_free(rows);
	return ok;
}

/* ---- the balance of credits_daily ---- */

static bool
take_balance(struct explainer *e, const struct db_rows *rows,
    const struct explain_cell *cell, struct err *err)
{
	struct explanation *x = e->x;
	bool has = db_rows_count(rows) > 0;
	struct explain_column *c = &x->column[x->columns++];
	struct explain_call *call = &x->call[0];
	struct id128 identity;
	struct deciding by = { .identity = &identity };

	*c = (struct explain_column){
		.name = cell->name, .cell = cell->text,
		.numerator = STR("closing_balance"),
		.numerator_calls = has,
	};
	if (has)
		c->value = c->numerator_sum = keep(e, rows, 0, 3);
	c->agrees = agrees(c);
	x->agrees = x->agrees && c->agrees;
	if (!has || e->opt->column == NULL || e->opt->limit == 0)
		return true;
	identity = db_get_uuid(rows, 0, 2);
	x->calls = 1;
	*call = (struct explain_call){
		.provider = keep(e, rows, 0, 0),
		.call_id = keep(e, rows, 0, 1),
		.numerator = c->value,
	};
	return explain_decide(e->opt, e->db, &x->arena, &by, call, err);
}

/* A gauge: one event stated it, which may be of a call of another day. */
static bool
ask_balance(struct explainer *e, struct err *err)
{
	const struct explain_cell *cell = explain_cell_of(e->x,
	    str_of(balance_column));
	struct db_param p[EXPLAIN_KEYS], q[3];
	struct db_rows *rows;
	bool ok;

	if (cell == NULL || (e->opt->column != NULL &&
	    strcmp(e->opt->column, balance_column) != 0))
		return true;
	key_params(e, p);
	q[0] = p[KEY_DAY];
	q[1] = p[KEY_PROVIDER];
	q[2] = p[KEY_WORKSPACE];
	rows = db_query(e->db, sql_explain_balance, q, 3, err);
	ok = rows != NULL && take_balance(e, rows, cell, err);
	db_rows_free(rows);
	return ok;
}

/* The window in which the row is, and the session that sees it. */
static bool
begin(struct explainer *e, struct err *err)
{
	const struct explain_options *o = e->opt;
	bool one_day = o->day != NULL && o->day[0] != '\0';
	char snapshot[SNAPSHOT_BYTES], zone[ZONE_BYTES];
	struct export_options window = {
		.from = one_day ? o->day : o->from,
		.to = one_day ? o->day : o->to,
		.tz = o->tz,
	};

	if (o->day != NULL && (o->from != NULL || o->to != NULL))
		return err_set(err, ERR_USAGE,
		    "--day stands for a window of its own; leave --from and --to out");
	return export_begin(e->db, &window, false, snapshot, zone, err) &&
	    export_protect(e->db, err);
}

bool
explain_run(const struct explain_options *o, struct db *db,
    struct explanation *x, struct err *err)
{
	struct explainer e = { .opt = o, .db = db, .x = x };
	bool ok;

	*x = (struct explanation){ .agrees = true };
	arena_init(&x->arena, 0);
	if ((e.info = find_report(o->report, err)) == NULL)
		return false;
	ok = begin(&e, err) && explain_find_row(&e, err) && ask_calls(&e, err) &&
	    ask_balance(&e, err);
	db_rollback(db);
	return ok && (!o->raw || explain_read_lines(o, x, err));
}

void
explanation_free(struct explanation *x)
{
	arena_close(&x->arena);
	*x = (struct explanation){ 0 };
}
