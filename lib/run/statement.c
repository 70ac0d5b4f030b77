#include "run/statement.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "embedded.h"
#include "io/csvout.h"
#include "run/export_csv.h"

enum {
	DATE_OID = 1082,
	SLOTS_MIN = 1024,
	ROWS_MAX = 1 << 30,
	WINDOW_BYTES = 256 * 1024,
};

void
statement_init(struct statement *s)
{
	arena_init(&s->arena, 0);
	s->day_column = -1;
}

void
statement_close(struct statement *s)
{
	if (s->lines != NULL)
		(void)fclose(s->lines);
	free(s->key_column);
	free(s->row);
	free(s->slot);
	buf_free(&s->key_names);
	buf_free(&s->header);
	buf_free(&s->id);
	buf_free(&s->window);
	arena_close(&s->arena);
}

void
stated_day(const struct stated_row *r, char day[DAY_BYTES])
{
	const char *end = memchr(r->id.p, KEY_SEPARATOR, r->id.n);
	size_t n = (size_t)(end - r->id.p);

	memcpy(day, r->id.p, n);
	day[n] = '\0';
}

struct str
stated_key(const struct stated_row *r)
{
	const char *end = memchr(r->id.p, KEY_SEPARATOR, r->id.n);

	return str_from(r->id, (size_t)(end - r->id.p) + 1);
}

bool
stated_is_same_day(const struct stated_row *a, const struct stated_row *b)
{
	const char *end = memchr(a->id.p, KEY_SEPARATOR, a->id.n);

	return str_starts(b->id, (struct str){ a->id.p,
	    (size_t)(end - a->id.p) + 1 });
}

/* -- rows by id -- */

static size_t
place_of(const struct statement *s, struct str id)
{
	struct id128 h = hash_bytes(id.p, id.n);
	size_t i;

	memcpy(&i, h.b, sizeof(i));
	for (i &= s->slots - 1; s->slot[i] != 0; i = (i + 1) & (s->slots - 1))
		if (str_eq(s->row[s->slot[i] - 1].id, id))
			break;
	return i;
}

/* Doubles the table once it is more than half full. */
static bool
grow_slots(struct statement *s, struct err *err)
{
	size_t slots = s->slots == 0 ? SLOTS_MIN : 2 * s->slots;
	uint32_t *slot;

	if (2 * s->rows < s->slots)
		return true;
	if (s->rows >= ROWS_MAX || (slot = calloc(slots, sizeof(*slot))) == NULL)
		return err_nomem(err);
	free(s->slot);
	s->slot = slot;
	s->slots = slots;
	for (size_t i = 0; i < s->rows; i++)
		s->slot[place_of(s, s->row[i].id)] = (uint32_t)i + 1;
	return true;
}

static bool
grow_rows(struct statement *s, struct err *err)
{
	size_t cap = s->row_cap == 0 ? SLOTS_MIN : 2 * s->row_cap;
	struct stated_row *row;

	if (s->rows < s->row_cap)
		return true;
	if ((row = realloc(s->row, cap * sizeof(*row))) == NULL)
		return err_nomem(err);
	s->row = row;
	s->row_cap = cap;
	return true;
}

/* The row of that id, a new one if there is none; valid until the next one. */
static struct stated_row *
row_of(struct statement *s, struct str id, struct err *err)
{
	size_t i;

	if (!grow_slots(s, err) || !grow_rows(s, err))
		return NULL;
	i = place_of(s, id);
	if (s->slot[i] != 0)
		return &s->row[s->slot[i] - 1];
	s->row[s->rows] = (struct stated_row){ .id = arena_str(&s->arena, id) };
	if (s->arena.failed) {
		err_nomem(err);
		return NULL;
	}
	s->slot[i] = (uint32_t)++s->rows;
	return &s->row[s->rows - 1];
}

/* -- the columns -- */

static int
find_column(const struct copy_column *c, int n, struct str name)
{
	for (int i = 0; i < n; i++)
		if (str_eq(str_of(c[i].name), name))
			return i;
	return -1;
}

static void
add_key(struct statement *s, const struct copy_column *c, int i)
{
	if (i == s->day_column)
		return;
	if (s->keys > 0)
		(void)buf_putc(&s->key_names, ',');
	(void)buf_puts(&s->key_names, str_of(c[i].name));
	s->key_column[s->keys++] = i;
}

static bool
take_keys(struct statement *s, const struct copy_column *c, struct err *err)
{
	const struct report_doc *doc = &s->doc;
	size_t most = doc->keys > (size_t)s->columns ? doc->keys :
	    (size_t)s->columns;

	if ((s->key_column = calloc(most, sizeof(int))) == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < doc->keys; i++) {
		int at = find_column(c, s->columns, doc->key[i]);

		if (at < 0)
			return err_fail(err, "its KEY line names \"%.*s\", "
			    "which is no column", STR_ARG(doc->key[i]));
		add_key(s, c, at);
	}
	for (int i = 0; doc->key == NULL && i < s->columns; i++) {
		if (i != s->day_column && !export_is_text(c[i].oid))
			break;
		add_key(s, c, i);
	}
	return true;
}

static void
put_header(struct statement *s, const struct copy_column *c)
{
	struct csvout out;
	struct err ignored = ERR_INIT;

	csvout_open_text(&out, &s->header, true);
	for (int i = 0; i < s->columns; i++)
		csvout_text(&out, str_of(c[i].name));
	s->header.failed |= !csvout_close(&out, &ignored);
}

/* -- what was stated before -- */

static bool
find_series(struct statement *s, struct db *db, struct err *err)
{
	struct db_param p[] = {
		db_text(str_of(s->report)), db_text(str_of(s->zone)),
		db_text(str_of(buf_cstr(&s->key_names))),
	};
	struct db_rows *rows = db_query(db, sql_get_series, p, 3, err);

	if (rows == NULL)
		return false;
	if (db_rows_count(rows) > 0)
		s->series_id = db_get_int(rows, 0, 0);
	db_rows_free(rows);
	return true;
}

static struct str
make_id(struct statement *s, struct str day, struct str key)
{
	buf_reset(&s->id);
	(void)buf_puts(&s->id, day);
	(void)buf_putc(&s->id, KEY_SEPARATOR);
	(void)buf_puts(&s->id, key);
	return buf_str(&s->id);
}

/* Takes a version; {NULL,0} for a digest: the row went. */
static bool
take_version(struct statement *s, struct str day, struct str key,
    struct str digest, const struct stated_row *place, struct err *err)
{
	struct stated_row *r = row_of(s, make_id(s, day, key), err);

	if (r == NULL)
		return false;
	r->publication = place->publication;
	r->part = place->part;
	r->place = place->place;
	r->known = digest.n == sizeof(r->digest.b);
	if (r->known)
		memcpy(r->digest.b, digest.p, digest.n);
	return true;
}

/* Takes the versions of a part. */
static bool
take_part(struct statement *s, const struct db_rows *rows, size_t i,
    struct err *err)
{
	struct db_array keys = db_get_array(rows, i, 3);
	struct db_array digests = db_get_array(rows, i, 4);
	struct str day = db_get_text(rows, i, 0), key, digest;
	struct stated_row place = {
		.publication = db_get_int(rows, i, 1),
		.part = db_get_int(rows, i, 2),
	};

	if (str_eq(day, STR("-infinity")))
		day = STR("");
	while (db_array_next(&keys, &key) && db_array_next(&digests, &digest)) {
		place.place++;
		if (!take_version(s, day, key, digest, &place, err))
			return false;
	}
	return true;
}

/* Takes a page of parts behind those that were taken; *n: how many. */
static bool
take_page(struct statement *s, struct db *db, struct db_rows **last, size_t *n,
    struct err *err)
{
	size_t row = *last != NULL ? db_rows_count(*last) - 1 : 0;
	bool has = *last != NULL;
	struct db_slot slot[5];
	struct db_param p[] = {
		db_int8(s->series_id, &slot[0]),
		db_text(str_of(s->from != NULL ? s->from : "")),
		db_text(str_of(s->to != NULL ? s->to : "")),
		db_int8(s->position, &slot[1]),
		db_text(has ? db_get_text(*last, row, 0) : STR("-infinity")),
		db_int8(has ? db_get_int(*last, row, 1) : 0, &slot[2]),
		db_int8(has ? db_get_int(*last, row, 2) : 0, &slot[3]),
		db_int8(PUBLISHED_PAGE_PARTS, &slot[4]),
	};
	struct db_rows *rows = db_query(db, sql_list_published, p, 8, err);
	bool ok = rows != NULL;

	db_rows_free(*last);
	*last = rows;
	*n = ok ? db_rows_count(rows) : 0;
	for (size_t i = 0; ok && i < *n; i++)
		ok = take_part(s, rows, i, err);
	return ok;
}

static bool
take_stated(struct statement *s, struct db *db, struct err *err)
{
	struct db_rows *rows = NULL;
	size_t n = PUBLISHED_PAGE_PARTS;
	bool ok = true;

	while (ok && n == PUBLISHED_PAGE_PARTS)
		ok = take_page(s, db, &rows, &n, err);
	db_rows_free(rows);
	return ok;
}

bool
statement_open(struct statement *s, struct db *db, const struct copy_column *c,
    int columns, struct err *err)
{
	s->columns = columns;
	s->day_column = find_column(c, columns, STR("day"));
	s->has_day = s->day_column >= 0 && c[s->day_column].oid == DATE_OID;
	if (!s->has_day)
		return true;
	if (!take_keys(s, c, err))
		return false;
	put_header(s, c);
	if ((s->lines = tmpfile()) == NULL ||
	    setvbuf(s->lines, NULL, _IOFBF, WINDOW_BYTES) != 0)
		return err_sys(err, errno, "cannot make a temporary file");
	if (s->position == 0)
		return true;
	return find_series(s, db, err) &&
	    (s->series_id == 0 || take_stated(s, db, err));
}

/* -- what is stated now -- */

/* Whether a cell can be a day of the window; "" can where that is open. */
static bool
is_in_window(const struct statement *s, struct str day)
{
	char text[DAY_BYTES];

	if (day.n == 0)
		return s->from == NULL && s->to == NULL;
	if (day.n != DAY_BYTES - 1 || day.p[4] != '-')
		return false;
	memcpy(text, day.p, day.n);
	text[day.n] = '\0';
	return (s->from == NULL || strcmp(text, s->from) >= 0) &&
	    (s->to == NULL || strcmp(text, s->to) <= 0);
}

static struct str
id_of_cells(struct statement *s, const struct str *cell)
{
	buf_reset(&s->id);
	(void)buf_puts(&s->id, cell[s->day_column]);
	for (size_t i = 0; i < s->keys; i++) {
		(void)buf_putc(&s->id, KEY_SEPARATOR);
		(void)buf_puts(&s->id, cell[s->key_column[i]]);
	}
	if (s->keys == 0)
		(void)buf_putc(&s->id, KEY_SEPARATOR);
	return buf_str(&s->id);
}

/* The row of these cells; of a key that came before, its next copy. */
static struct stated_row *
row_of_cells(struct statement *s, const struct str *cell, struct err *err)
{
	struct stated_row *r = row_of(s, id_of_cells(s, cell), err);

	if (r == NULL || r->no == 0)
		return r;
	(void)buf_printf(&s->id, "%c#%08u", KEY_SEPARATOR, ++r->copies + 1);
	return row_of(s, buf_str(&s->id), err);
}

static bool
keep_line(struct statement *s, struct stated_row *r, struct str line,
    struct err *err)
{
	r->at = s->lines_bytes;
	r->bytes = (uint32_t)line.n;
	s->lines_bytes += line.n;
	if (line.n > 0 && fwrite(line.p, line.n, 1, s->lines) != 1)
		return err_sys(err, errno, "cannot write a temporary file");
	return true;
}

bool
statement_row(struct statement *s, const struct str *cell, struct str line,
    struct err *err)
{
	struct id128 digest = hash_bytes(line.p, line.n);
	struct stated_row *r;

	if (!is_in_window(s, cell[s->day_column]))
		s->refused = "it has rows of days outside of the window";
	if (s->refused != NULL && !s->changed_only)
		return true;
	if (s->refused != NULL)
		return err_fail(err, "%s: what has changed cannot be told",
		    s->refused);
	if ((r = row_of_cells(s, cell, err)) == NULL)
		return false;
	r->no = ++s->file_rows;
	r->same = r->known && id128_cmp(&r->digest, &digest) == 0;
	s->unsorted |= s->last_id.p != NULL && str_cmp(s->last_id, r->id) > 0;
	s->last_id = r->id;
	if (r->same && !s->changed_only)
		return true;
	r->digest = digest;
	return keep_line(s, r, line, err);
}

static int
row_order(const void *a, const void *b)
{
	return str_cmp((*(struct stated_row *const *)a)->id,
	    (*(struct stated_row *const *)b)->id);
}

static bool
take_changes(struct statement *s)
{
	s->change = arena_alloc(&s->arena, (s->rows + 1) * sizeof(*s->change));
	if (s->change == NULL)
		return false;
	for (size_t i = 0; i < s->rows; i++)
		if (stated_is_changed(&s->row[i]))
			s->change[s->changes++] = &s->row[i];
	qsort(s->change, s->changes, sizeof(*s->change), row_order);
	return true;
}

/* The days of the changes, which are in the order of their days. */
static bool
take_days(struct statement *s)
{
	s->day = arena_alloc(&s->arena, (s->changes + 1) * sizeof(*s->day));
	if (s->day == NULL)
		return false;
	for (size_t i = 0; i < s->changes; i++) {
		stated_day(s->change[i], s->day[s->days]);
		s->days += s->days == 0 || strcmp(s->day[s->days],
		    s->day[s->days - 1]) != 0;
	}
	return true;
}

static int
day_order(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void
leave_out(struct statement *s)
{
	char day[DAY_BYTES];

	for (size_t i = 0; i < s->rows; i++) {
		stated_day(&s->row[i], day);
		s->row[i].left_out = bsearch(day, s->day, s->days,
		    sizeof(*s->day), day_order) == NULL;
	}
}

bool
statement_end(struct statement *s, struct err *err)
{
	if (!s->has_day || s->refused != NULL)
		return true;
	if (!take_changes(s) || !take_days(s))
		return err_nomem(err);
	if (s->changed_only)
		leave_out(s);
	if (fflush(s->lines) != 0)
		return err_sys(err, errno, "cannot write a temporary file");
	return true;
}

static int
file_order(const void *pa, const void *pb)
{
	uint64_t a = (*(struct stated_row *const *)pa)->no;
	uint64_t b = (*(struct stated_row *const *)pb)->no;

	return (a > b) - (a < b);
}

struct stated_row **
statement_file(struct statement *s, size_t *n)
{
	struct stated_row **file = arena_alloc(&s->arena,
	    (s->rows + 1) * sizeof(*file));

	*n = 0;
	for (size_t i = 0; file != NULL && i < s->rows; i++)
		if (s->row[i].no > 0 && !s->row[i].left_out)
			file[(*n)++] = &s->row[i];
	if (file != NULL)
		qsort(file, *n, sizeof(*file), file_order);
	return file;
}

bool
statement_places(struct statement *s, int64_t **place, size_t *n,
    struct err *err)
{
	struct stated_row **file;

	*place = NULL;
	*n = 0;
	if (!s->unsorted)
		return true;
	file = statement_file(s, n);
	*place = arena_alloc(&s->arena, (*n + 1) * sizeof(**place));
	if (file == NULL || *place == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < *n; i++)
		file[i]->no = i + 1;
	qsort(file, *n, sizeof(*file), row_order);
	for (size_t i = 0; i < *n; i++)
		(*place)[file[i]->no - 1] = (int64_t)i + 1;
	return true;
}

/* Reads on from a place of the temporary file. */
static bool
fill_window(struct statement *s, uint64_t at, struct err *err)
{
	ssize_t n;

	buf_reset(&s->window);
	if (!buf_reserve(&s->window, WINDOW_BYTES))
		return err_nomem(err);
	do
		n = pread(fileno(s->lines), s->window.p, WINDOW_BYTES, (off_t)at);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return err_sys(err, n < 0 ? errno : EIO,
		    "cannot read a temporary file");
	s->window.n = (size_t)n;
	s->window_at = at;
	return true;
}

bool
statement_line(struct statement *s, const struct stated_row *r, struct buf *out,
    struct err *err)
{
	uint64_t at = r->at, end = r->at + r->bytes;

	while (at < end) {
		uint64_t ahead = s->window_at + s->window.n, n;

		if (at < s->window_at || at >= ahead) {
			if (!fill_window(s, at, err))
				return false;
			continue;
		}
		n = (ahead < end ? ahead : end) - at;
		(void)buf_put(out, s->window.p + (at - s->window_at), n);
		at += n;
	}
	return out->failed ? err_nomem(err) : true;
}
