#include "run/pull_inner.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "io/doc.h"

#define HOUR_US (INT64_C(3600) * 1000000)
#define DAY_US (24 * HOUR_US)

/* A walk that was cut off is taken up within this time; cursors may not last. */
#define RESUME_US HOUR_US
/* The list's times and ours may differ by so much. */
#define WINDOW_SLACK_US DAY_US
/* A call so old that is on no page will be on none. */
#define LISTED_WITHIN_US DAY_US

void
walk_free(struct list_walk *w)
{
	buf_free(&w->cursor);
	buf_free(&w->after_cursor);
	free(w->page.url);
	buf_free(&w->page.body);
	idset_free(&w->seen);
	free(w->table);
	*w = (struct list_walk){ .on = false };
}

/* ---- the calls that are looked for ---- */

static size_t
place(const struct list_walk *w, const struct id128 *key)
{
	size_t at;

	memcpy(&at, key->b, sizeof(at));
	for (at &= w->table_mask; w->table[at] != NULL; at = (at + 1) & w->table_mask)
		if (id128_cmp(&w->table[at]->row.key, key) == 0)
			break;
	return at;
}

static bool
make_table(struct list_walk *w)
{
	size_t size = 16;

	while (size < 2 * w->wants)
		size *= 2;
	w->table = calloc(size, sizeof(struct want *));
	w->table_mask = size - 1;
	for (size_t i = 0; w->table != NULL && i < w->wants; i++)
		w->table[place(w, &w->want[i].row.key)] = &w->want[i];
	return w->table != NULL;
}

/* The window of times that holds all calls, as far as their times are known. */
static void
set_window(struct lane *l)
{
	struct list_walk *w = &l->walk;

	w->after_us = INT64_MAX;
	w->before_us = INT64_MIN;
	for (size_t i = 0; i < w->wants; i++) {
		int64_t day = w->want[i].row.day_us;

		if (day == TIME_NONE) {
			w->after_us = l->pull->opt->since_us;
			w->before_us = TIME_NONE;
			return;
		}
		if (day - WINDOW_SLACK_US < w->after_us)
			w->after_us = day - WINDOW_SLACK_US;
		if (day + WINDOW_SLACK_US > w->before_us)
			w->before_us = day + WINDOW_SLACK_US;
	}
}

static bool
save_cursor(struct lane *l, struct err *err)
{
	const struct list_walk *w = &l->walk;
	struct pull_cursor_row row = {
		.walk = w->id,
		.cursor = w->cursor.n > 0 ? buf_str(&w->cursor) : STR(""),
		.after_us = w->after_us,
		.before_us = w->before_us,
	};

	return l->pull->opt->call != NULL || pull_put_cursor(l->pull->db,
	    l->provider, &row, clock_now_us(), err);
}

static bool
drop_cursor(struct lane *l, struct err *err)
{
	return l->pull->opt->call != NULL ||
	    pull_remove_cursor(l->pull->db, l->provider, err);
}

/* Sets the calls down for this walk, so that one that is cut off knows them. */
static bool
set_down(struct lane *l, struct err *err)
{
	struct list_walk *w = &l->walk;
	struct pull *p = l->pull;
	struct pull_state_row *row = calloc(w->wants, sizeof(*row));
	bool ok;

	if (row == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < w->wants; i++)
		row[i] = (struct pull_state_row){
			.key = w->want[i].row.key,
			.call_id = w->want[i].row.call_id,
			.state = PULL_DUE,
			.tries = w->want[i].row.tries,
			.next_try_us = clock_now_us(),
			.asked_us = TIME_NONE,
		};
	ok = db_begin(p->db, err) && pull_put(p->db, l->provider, row,
	    w->wants, &w->id, err) && save_cursor(l, err) &&
	    db_commit(p->db, err);
	if (!ok)
		db_rollback(p->db);
	free(row);
	return ok;
}

bool
walk_load(struct lane *l, struct err *err)
{
	struct pull_cursor_row row;
	struct list_walk *w = &l->walk;
	bool found;

	if (l->pull->opt->call != NULL)
		return true;
	if (!pull_get_cursor(l->pull->db, l->provider, clock_now_us() -
	    RESUME_US, &l->chunk, &row, &found, err))
		return false;
	if (!found)
		return true;
	w->resumed = true;
	w->id = row.walk;
	w->after_us = row.after_us;
	w->before_us = row.before_us;
	return buf_puts(&w->cursor, row.cursor) || err_nomem(err);
}

/* Keeps the calls that the walk which was cut off is for. */
static void
keep_own(struct lane *l)
{
	struct list_walk *w = &l->walk;
	size_t n = 0;

	for (size_t i = 0; i < w->wants; i++)
		n += w->want[i].row.of_walk;
	if (n == 0) {
		w->resumed = false;
		buf_reset(&w->cursor);
		return;
	}
	n = 0;
	for (size_t i = 0; i < w->wants; i++)
		if (w->want[i].row.of_walk)
			w->want[n++] = w->want[i];
	w->wants = l->wants = l->open = n;
}

static bool
ask_page(struct lane *l)
{
	struct list_walk *w = &l->walk;

	w->page = (struct want){ .lane = l, .page = true,
	    .bucket = l->bucket[0] };
	lane_push(l, &w->page);
	return true;
}

bool
walk_open(struct lane *l, struct want *want, size_t n, struct err *err)
{
	struct list_walk *w = &l->walk;

	w->on = true;
	w->want = want;
	w->wants = n;
	if (w->resumed)
		keep_own(l);
	if (!w->resumed) {
		if (!id128_random(&w->id, err))
			return false;
		set_window(l);
		if (l->pull->opt->call == NULL && !set_down(l, err))
			return false;
	}
	if (!make_table(w))
		return err_nomem(err);
	return ask_page(l);
}

/* ---- cursors ---- */

/* Notes a cursor; false when it was there before: the pages go round. */
static bool
note_cursor(struct list_walk *w, struct str cursor, struct err *err)
{
	struct id128 h = hash_bytes(cursor.p, cursor.n);

	return !idset_has(&w->seen, &h) &&
	    (idset_add(&w->seen, &h) || err_nomem(err));
}

/* The cursor of the page behind this one. False when it leads back. */
static bool
read_cursor(struct lane *l, struct node root, struct err *err)
{
	struct list_walk *w = &l->walk;
	struct node n = path_get(&l->cursor, root);
	struct str text = n.type == NODE_TEXT ? node_text(n) : STR("");

	buf_reset(&w->after_cursor);
	if (n.type == NODE_INT)
		buf_printf(&w->after_cursor, "%lld", (long long)node_int(n));
	else
		buf_puts(&w->after_cursor, text);
	w->last = w->after_cursor.n == 0 || l->list->page->cursor == NULL;
	if (w->after_cursor.failed)
		return err_nomem(err);
	if (w->last)
		return true;
	if (str_eq(buf_str(&w->after_cursor), buf_str(&w->cursor)))
		return false;
	return note_cursor(w, buf_str(&w->after_cursor), err);
}

/* ---- pages ---- */

/* The call of an item, if it is looked for and was not found yet. */
static struct want *
looked_for(struct lane *l, struct node item)
{
	struct node id = path_get(&l->item_id, item);
	struct id128 key;
	struct want *w;
	char number[32];

	if (id.type == NODE_TEXT) {
		key = event_call_key(l->provider, node_text(id));
	} else if (id.type == NODE_INT) {
		(void)snprintf(number, sizeof(number), "%lld",
		    (long long)node_int(id));
		key = event_call_key(l->provider, str_of(number));
	} else {
		return NULL;
	}
	w = l->walk.table[place(&l->walk, &key)];
	return w != NULL && !w->found && !w->settled ? w : NULL;
}

static void
count_asked(struct want *w)
{
	if (!w->asked)
		w->lane->result->n.asked++;
	w->asked = true;
	w->asked_us = clock_now_us();
}

static bool
take_item(struct lane *l, struct node item, struct err *err)
{
	struct want *w = looked_for(l, item);
	struct pull *p = l->pull;

	if (w == NULL)
		return true;
	buf_reset(&p->item);
	if (!node_canonical(item, false, &p->item))
		return err_nomem(err);
	w->found = true;
	l->walk.pending++;
	count_asked(w);
	if (reply_judge(w, buf_str(&p->item), err))
		return want_next(w, err);
	if (err->kind != ERR_NONE)
		return false;
	w->failed = true;
	return want_settle(w, err);
}

static bool
take_items(struct lane *l, struct node items, struct err *err)
{
	struct node_iter it = node_iter(items);
	struct node item;
	struct str name;

	while (node_next(&it, &name, &item))
		if (!take_item(l, item, err))
			return false;
	return true;
}

bool
walk_page(struct want *page, struct str body, bool *good, struct err *err)
{
	struct lane *l = page->lane;
	struct pull *p = l->pull;
	struct node root, items;
	enum doc_status s;

	*good = false;
	if (!reply_text(p, body))
		return err_nomem(err);
	/* The items are judged by the other parser, in the other buffer. */
	buf_free(&p->page_text);
	p->page_text = p->text;
	p->text = (struct buf)BUF_INIT(0);
	s = reply_parse(p->page_doc, &p->page_text, &root);
	items = path_get(&l->items, root);
	if (s != DOC_OK || items.type != NODE_ARRAY) {
		want_error(page, 200, s != DOC_OK ? "not_json" : "no_list", body);
		return true;
	}
	if (!read_cursor(l, root, err)) {
		want_error(page, 200, "cursor_repeats", STR(""));
		return err->kind == ERR_NONE;
	}
	*good = true;
	l->in_vain = 0;
	l->walk.pending++;	/* the page itself */
	l->walk.turning = true;
	if (!take_items(l, items, err))
		return false;
	buf_free(&p->page_text);
	doc_trim(p->page_doc, PULL_ANSWER_BYTES);
	l->walk.pending--;
	return walk_turn(l, err);
}

/* All pages were seen: what is on none of them is not there. */
static bool
walk_end(struct lane *l, struct err *err)
{
	struct list_walk *w = &l->walk;
	int64_t now = clock_now_us();

	w->on = false;
	for (size_t i = 0; i < w->wants; i++) {
		struct want *x = &w->want[i];

		if (x->settled || x->found)
			continue;
		count_asked(x);
		want_error(x, 200, "not_listed", STR(""));
		x->gone = x->row.day_us == TIME_NONE ||
		    x->row.day_us < now - LISTED_WITHIN_US;
		x->failed = !x->gone;
		if (!want_settle(x, err))
			return false;
	}
	return batch_flush(l->pull, err) && drop_cursor(l, err);
}

bool
walk_turn(struct lane *l, struct err *err)
{
	struct list_walk *w = &l->walk;

	if (!w->on || !w->turning || w->pending > 0 ||
	    l->stop != PULL_WENT_ON)
		return true;
	w->turning = false;
	if (w->last || l->open == 0)
		return walk_end(l, err);
	buf_reset(&w->cursor);
	if (!buf_puts(&w->cursor, buf_str(&w->after_cursor)))
		return err_nomem(err);
	/* First what the pages before it said, then that they are done with. */
	return batch_flush(l->pull, err) && save_cursor(l, err) && ask_page(l);
}

bool
walk_give_up(struct lane *l, struct err *err)
{
	struct list_walk *w = &l->walk;

	if (l->stop != PULL_WENT_ON)
		return true;
	if (w->resumed && w->page.status >= 400 && w->page.status < 500) {
		/* The cursor does not last so long: once more from the start. */
		if (!drop_cursor(l, err))
			return false;
		w->on = false;
		l->open = 0;
		return true;
	}
	pull_note(l->pull, "%.*s: the list could not be read (%d %s); given up "
	    "for this run", STR_ARG(l->provider), w->page.status,
	    w->page.error_code);
	return drop_cursor(l, err) && lane_stop(l, PULL_NOT_AVAILABLE, err);
}
