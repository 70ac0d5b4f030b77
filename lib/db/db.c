#include "db/conn.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/num.h"
#include "embedded.h"

enum {
	MESSAGE_BYTES = 1024,
	TEXT_MAX_BYTES = 1 << 30,	/* the server takes no more either */
};

static bool
begins_with_any(const char *state, const char *const *begin)
{
	for (; *begin != NULL; begin++)
		if (strncmp(state, *begin, strlen(*begin)) == 0)
			return true;
	return false;
}

bool
db_state_is_loss(const char *state)
{
	static const char *const loss[] = {
		"08",		/* connection */
		"57P01",	/* ended by an administrator */
		"57P02",	/* the server crashed */
		"57P03",	/* it is starting up or shutting down */
		NULL
	};

	return begins_with_any(state, loss);
}

bool
db_state_is_temporary(const char *state)
{
	static const char *const temporary[] = {
		"53300",	/* too many connections */
		"55P03",	/* lock not available */
		"40001",	/* serialisation failure */
		"40P01",	/* deadlock */
		NULL
	};

	return db_state_is_loss(state) || begins_with_any(state, temporary);
}

void
db_one_line(const char *text, char *out, size_t n)
{
	size_t len = 0;
	bool blank = false;

	for (; *text != '\0' && len + 2 < n; text++) {
		if (strchr(" \t\r\n", *text) != NULL) {
			blank = len > 0;
			continue;
		}
		if (blank)
			out[len++] = ' ';
		blank = false;
		out[len++] = *text;
	}
	out[len] = '\0';
}

/* The detail of data errors is left out: it repeats the row, phone numbers and all. */
static const char *
safe_detail(const PGresult *res, const char *state)
{
	const char *detail = PQresultErrorField(res, PG_DIAG_MESSAGE_DETAIL);

	if (detail == NULL || strncmp(state, "22", 2) == 0 ||
	    strncmp(state, "23", 2) == 0)
		return NULL;
	return detail;
}

bool
db_fail(struct db *db, const PGresult *res, struct err *e)
{
	const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	const char *what = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
	bool lost = PQstatus(db->conn) == CONNECTION_BAD;
	const char *detail;
	char text[MESSAGE_BYTES], line[MESSAGE_BYTES];

	if (state == NULL || what == NULL) {
		/* The server says a SQLSTATE: without one, it is gone. */
		db_one_line(PQerrorMessage(db->conn), line, sizeof(line));
		return err_set(e, ERR_LOST, "database %s: %s", db->name,
		    line[0] ? line : "unexpected answer");
	}
	detail = safe_detail(res, state);
	(void)snprintf(text, sizeof(text), "%s%s%s", what,
	    detail ? ": " : "", detail ? detail : "");
	db_one_line(text, line, sizeof(line));
	return err_set(e, lost || db_state_is_loss(state) ? ERR_LOST :
	    db_state_is_temporary(state) ? ERR_AGAIN : ERR_FAILED,
	    "database %s: %s (SQLSTATE %s)", db->name, line, state);
}

void
db_drain(struct db *db)
{
	PGresult *res;
	char *row;

	while ((res = PQgetResult(db->conn)) != NULL) {
		ExecStatusType status = PQresultStatus(res);

		PQclear(res);
		if (status == PGRES_COPY_IN &&
		    PQputCopyEnd(db->conn, "given up") != 1)
			return;
		while (status == PGRES_COPY_OUT &&
		    PQgetCopyData(db->conn, &row, 0) > 0)
			PQfreemem(row);
		if (PQstatus(db->conn) == CONNECTION_BAD)
			return;
	}
}

/* Whether a statement did what it should; a COPY that it began is ended. */
static bool
check(struct db *db, const PGresult *res, struct err *e)
{
	switch (PQresultStatus(res)) {
	case PGRES_COMMAND_OK:
	case PGRES_TUPLES_OK:
	case PGRES_EMPTY_QUERY:
		return true;
	case PGRES_COPY_IN:
	case PGRES_COPY_OUT:
	case PGRES_COPY_BOTH:
		db_drain(db);
		return err_fail(e, "database %s: COPY is not possible here",
		    db->name);
	default:
		return db_fail(db, res, e);
	}
}

bool
db_exec(struct db *db, const char *sql, struct err *e)
{
	PGresult *res = PQexec(db->conn, sql);
	bool ok = check(db, res, e);

	PQclear(res);
	return ok;
}

/* Parameters as libpq takes them. */
struct args {
	Oid type[DB_PARAMS_MAX];
	const char *value[DB_PARAMS_MAX];
	int length[DB_PARAMS_MAX];
	int format[DB_PARAMS_MAX];
};

/* libpq wants text terminated: copies are made, and pointed to when none moves any more. */
static bool
args_text(struct db *db, struct args *a, const struct db_param *p, int n,
    struct err *e)
{
	size_t at = 0;

	buf_reset(&db->text);
	for (int i = 0; i < n; i++) {
		if (p[i].p == NULL || p[i].binary)
			continue;
		if (p[i].n > 0 && memchr(p[i].p, '\0', p[i].n) != NULL)
			return err_fail(e, "database %s: parameter %d has a "
			    "NUL byte, which PostgreSQL's text cannot hold",
			    db->name, i + 1);
		(void)buf_put(&db->text, p[i].p, p[i].n);
		(void)buf_putc(&db->text, '\0');
	}
	if (db->text.failed)
		return err_nomem(e);
	for (int i = 0; i < n; i++) {
		if (p[i].p == NULL || p[i].binary)
			continue;
		a->value[i] = db->text.p + at;
		at += p[i].n + 1;
	}
	return true;
}

static bool
args_set(struct db *db, struct args *a, const struct db_param *p, int n,
    struct err *e)
{
	if (n < 0 || n > DB_PARAMS_MAX)
		return err_fail(e, "database %s: %d parameters are too many",
		    db->name, n);
	for (int i = 0; i < n; i++) {
		if (p[i].n > TEXT_MAX_BYTES)	/* also an array that failed */
			return err_fail(e, "database %s: parameter %d is too "
			    "large, or memory ran out", db->name, i + 1);
		a->type[i] = p[i].oid;
		a->value[i] = p[i].p;
		a->length[i] = (int)p[i].n;
		a->format[i] = p[i].binary;
	}
	return args_text(db, a, p, n, e);
}

/* The answer to one statement, in binary form; NULL on error. */
static PGresult *
run(struct db *db, const char *sql, const struct db_param *p, int n,
    struct err *e)
{
	struct args a;
	PGresult *res;

	if (!args_set(db, &a, p, n, e))
		return NULL;
	res = PQexecParams(db->conn, sql, n, a.type, a.value, a.length,
	    a.format, 1);
	if (!check(db, res, e)) {
		PQclear(res);
		return NULL;
	}
	return res;
}

bool
db_run(struct db *db, const char *sql, const struct db_param *p, int n,
    uint64_t *affected, struct err *e)
{
	PGresult *res = run(db, sql, p, n, e);

	if (res == NULL)
		return false;
	if (affected != NULL)
		*affected = strtoull(PQcmdTuples(res), NULL, 10);
	PQclear(res);
	return true;
}

struct db_rows *
db_query(struct db *db, const char *sql, const struct db_param *p, int n,
    struct err *e)
{
	PGresult *res = run(db, sql, p, n, e);
	struct db_rows *rows;

	if (res == NULL)
		return NULL;
	if ((rows = malloc(sizeof(*rows))) == NULL) {
		err_nomem(e);
		PQclear(res);
		return NULL;
	}
	rows->res = res;
	return rows;
}

bool
db_query_bool(struct db *db, const char *sql, const struct db_param *p, int n,
    bool *out, struct err *e)
{
	struct db_rows *rows = db_query(db, sql, p, n, e);

	if (rows == NULL)
		return false;
	*out = db_get_bool(rows, 0, 0);
	db_rows_free(rows);
	return true;
}

void
db_rows_free(struct db_rows *rows)
{
	if (rows == NULL)
		return;
	PQclear(rows->res);
	free(rows);
}

/*
 * A transaction that failed earlier answers COMMIT with ROLLBACK and no
 * error. When the connection goes away before the answer comes, nobody here
 * can know what the server did.
 */
bool
db_commit(struct db *db, struct err *e)
{
	PGresult *res;
	bool ok;

	if (PQtransactionStatus(db->conn) == PQTRANS_UNKNOWN)
		return err_set(e, ERR_LOST, "database %s: the connection was "
		    "lost before the transaction could be committed; nothing "
		    "of it was kept", db->name);
	res = PQexec(db->conn, "COMMIT");
	ok = PQresultStatus(res) == PGRES_COMMAND_OK;
	if (ok && strcmp(PQcmdStatus(res), "COMMIT") != 0)
		ok = err_fail(e, "database %s: the transaction had failed "
		    "before and was rolled back", db->name);
	else if (!ok) {
		db_fail(db, res, e);
		if (PQstatus(db->conn) == CONNECTION_BAD)
			err_add(e, "the connection was lost during COMMIT: "
			    "whether the transaction was committed is not "
			    "known");
	}
	PQclear(res);
	return ok;
}

void
db_rollback(struct db *db)
{
	PGTransactionStatusType status = PQtransactionStatus(db->conn);

	if (status == PQTRANS_ACTIVE) {
		db_cancel(db);
		db_drain(db);
		status = PQtransactionStatus(db->conn);
	}
	if (status == PQTRANS_INTRANS || status == PQTRANS_INERROR)
		PQclear(PQexec(db->conn, "ROLLBACK"));
}
