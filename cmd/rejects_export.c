#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "embedded.h"
#include "io/atomicfile.h"
#include "io/gzin.h"
#include "rejects.h"
#include "say.h"
#include "session.h"

enum { BATCH_ROWS = 256, PIECE_BYTES = 64 * 1024, LINE_MAX_BYTES = 1 << 26 };

/* The columns of export_rejects. */
enum { SOURCE, LINE, RAW, LINE_BYTES, OFFSET, FILE_NAME };

/* Where lines go: a file that appears whole, or standard output. */
struct sink {
	struct atomicfile *file;	/* NULL: standard output */
	enum phones phones;
	struct buf line;		/* the one on its way, when numbers are to be hidden in it */
	int64_t lines;
	int64_t missing;		/* that are not kept whole, nor to be read again */
};

static void
write_bytes(struct sink *s, const void *p, size_t n)
{
	if (s->file != NULL)
		atomicfile_put(s->file, p, n);
	else
		(void)fwrite(p, 1, n, stdout);
}

static void
put(struct sink *s, const void *p, size_t n)
{
	if (s->phones == PHONES_FULL)
		write_bytes(s, p, n);
	else
		(void)buf_put(&s->line, p, n);
}

/* Ends a line; false when it was too long to have its numbers hidden. */
static bool
end_line(struct sink *s)
{
	struct buf hidden = BUF_INIT(0);
	bool ok = !s->line.failed;

	if (ok && s->phones != PHONES_FULL) {
		phones_put_text(&hidden, buf_str(&s->line), s->phones);
		ok = !hidden.failed;
		write_bytes(s, hidden.p, ok ? hidden.n : 0);
	}
	buf_free(&hidden);
	buf_reset(&s->line);
	if (ok)
		write_bytes(s, "\n", 1);
	return ok;
}

/* Reads exactly n bytes of a stream, handing them to the sink unless it is NULL. */
static bool
pass(struct gzin *in, uint64_t n, struct sink *s, struct err *err)
{
	char piece[PIECE_BYTES];
	size_t got;

	for (; n > 0; n -= got) {
		if (!gzin_read(in, piece, n < sizeof(piece) ? (size_t)n :
		    sizeof(piece), &got, err) || got == 0)
			return false;
		if (s != NULL)
			put(s, piece, got);
	}
	return true;
}

/* True when the next bytes of a stream are these, which are then read. */
static bool
begins_with(struct gzin *in, struct str want, struct err *err)
{
	char piece[PIECE_BYTES];
	size_t got;

	for (; want.n > 0; want = str_from(want, got)) {
		if (!gzin_read(in, piece, want.n < sizeof(piece) ? want.n :
		    sizeof(piece), &got, err) || got == 0 ||
		    memcmp(piece, want.p, got) != 0)
			return false;
	}
	return true;
}

/*
 * A line that was too long to be kept whole is read again from its file, if
 * that still has the kept start of the line at the same place.
 */
static bool
put_from_file(struct sink *s, const char *path, uint64_t offset,
    struct str start, uint64_t line_bytes)
{
	struct err ignored = ERR_INIT;
	struct gzin *in = gzin_open(path, &ignored);
	bool ok = in != NULL && pass(in, offset, NULL, &ignored) &&
	    begins_with(in, start, &ignored);

	if (ok) {
		put(s, start.p, start.n);
		ok = pass(in, line_bytes - start.n, s, &ignored);
	}
	gzin_close(in);
	return ok;
}

static void
say_missing(const struct db_rows *rows, size_t i)
{
	fputs("calltally: ", stderr);
	say_text(stderr, db_get_text(rows, i, FILE_NAME));
	fprintf(stderr, ":%lld: left out: only the first %zu of its %lld bytes "
	    "are kept, and the file is not there or has changed\n",
	    (long long)db_get_int(rows, i, LINE),
	    db_get_text(rows, i, RAW).n,
	    (long long)db_get_int(rows, i, LINE_BYTES));
}

static bool
put_long(struct sink *s, const struct db_rows *rows, size_t i, struct str raw)
{
	struct buf path = BUF_INIT(0);
	bool ok;

	buf_puts(&path, db_get_text(rows, i, FILE_NAME));
	/* Standard input cannot be read again. */
	ok = !str_eq(buf_str(&path), STR("-")) &&
	    put_from_file(s, buf_cstr(&path),
	    (uint64_t)db_get_int(rows, i, OFFSET), raw,
	    (uint64_t)db_get_int(rows, i, LINE_BYTES));
	buf_free(&path);
	return ok;
}

static void
put_reject(struct sink *s, const struct db_rows *rows, size_t i)
{
	struct str raw = db_get_text(rows, i, RAW);

	if ((int64_t)raw.n == db_get_int(rows, i, LINE_BYTES)) {
		put(s, raw.p, raw.n);
	} else if (!put_long(s, rows, i, raw)) {
		buf_reset(&s->line);
		say_missing(rows, i);
		s->missing++;
		return;
	}
	if (end_line(s)) {
		s->lines++;
	} else {
		say_missing(rows, i);
		s->missing++;
	}
}

/* Puts all rejects of a reason, a batch at a time, or up to a failed write. */
static bool
put_all(struct sink *s, struct db *db, const char *reason, struct err *err)
{
	int64_t source = -1, line = -1;
	size_t n;

	do {
		struct db_slot slot[3];
		struct db_param p[] = {
			db_int8(source, &slot[0]), db_int8(line, &slot[1]),
			db_text(str_of(reason)), db_int8(BATCH_ROWS, &slot[2]),
		};
		struct db_rows *rows = db_query(db, sql_export_rejects, p, 4,
		    err);

		if (rows == NULL)
			return false;
		n = db_rows_count(rows);
		for (size_t i = 0; i < n; i++)
			put_reject(s, rows, i);
		if (n > 0) {
			source = db_get_int(rows, n - 1, SOURCE);
			line = db_get_int(rows, n - 1, LINE);
		}
		db_rows_free(rows);
	} while (n > 0 && !ferror(stdout));
	return true;
}

/* Opens the atomic file of a path. */
static struct atomicfile *
open_file(const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');
	struct atomicfile *f;
	char *folder;

	if (slash == NULL)
		return atomicfile_open(".", path, err);
	folder = slash == path ? strdup("/") :
	    strndup(path, (size_t)(slash - path));
	if (folder == NULL) {
		err_nomem(err);
		return NULL;
	}
	f = atomicfile_open(folder, slash + 1, err);
	free(folder);
	return f;
}

static void
export(const struct request *r, struct sink *s, struct db *db,
    struct err *err)
{
	if (r->opt.out != NULL && (s->file = open_file(r->opt.out, err)) == NULL)
		return;
	if (put_all(s, db, r->opt.reason, err) && s->file != NULL &&
	    atomicfile_commit(s->file, NULL, NULL, err)) {
		say_some(stdout, s->lines, "line", "lines");
		putchar('\n');
	}
	atomicfile_close(s->file);
}

static int
run(const struct request *r, struct err *err)
{
	struct sink sink = {
		.phones = opt_phones(&r->opt, PHONES_FULL),
		.line = BUF_INIT(LINE_MAX_BYTES),
	};
	struct session s;

	if (!reject_reason_known(r->opt.reason, err))
		return STATUS_USAGE;
	if (r->opt.out == NULL && isatty(STDOUT_FILENO)) {
		err_set(err, ERR_USAGE, "the bytes as they came are not for a "
		    "terminal, which may obey them: --out FILE, or a pipe");
		return STATUS_USAGE;
	}
	if (session_open(&s, &r->opt, SESSION_READ, err))
		export(r, &sink, s.db, err);
	buf_free(&sink.line);
	session_close(&s);
	return sink.missing > 0 ? STATUS_PARTLY : STATUS_DONE;
}

static const struct opt opts[] = {
	OPT_REASON,
	{ "out", "FILE", "where to write; else to standard output",
	    OPT_AT(out), .type = OPT_TEXT },
	OPT_PHONES("\n(default: full)"),
	OPT_DSN, OPT_PROFILES, OPT_END
};

const struct command command_rejects_export = {
	.name = "rejects export",
	.args = "",
	.summary = "write rejected lines as they came",
	.text =
	    "Writes the bytes of rejected lines as they came, one line each, to be looked at,\n"
	    "or mended and loaded again. What was too long to be kept whole is read from its\n"
	    "file; where that is gone the line is left out and the exit status is 3.\n"
	    "The lines hold phone numbers and whatever else was sent. With --phones masked or\n"
	    "none they are not as they came, and cannot be loaded again.",
	.example = "rejects export --reason not_json --out rejects.jsonl",
	.opts = opts,
	.run = run,
};
