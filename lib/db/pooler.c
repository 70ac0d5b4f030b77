/*
 * pooler: whether something between us and the server moves sessions about.
 *
 * A session that ends with each transaction can be seen from a second one:
 * where both are answered by the same server process while both are open,
 * neither has it to itself. It is looked for only where the process that
 * answers is not the one that the connection was told it would be, which is
 * so with every pooler; without one it costs a question.
 */
#include "db/conn.h"

#include <poll.h>
#include <stdlib.h>

#include "base/clock.h"
#include "embedded.h"

/* A session that gets no answer in this time waits for a process of its own: the pool is full. */
enum { ANSWER_MS = 5000 };

/* Waits for the answer to what was sent; false when time is up. */
static bool
wait_answer(PGconn *conn)
{
	int64_t until_us = clock_mono_us() + ANSWER_MS * INT64_C(1000);
	struct pollfd p = { .fd = PQsocket(conn), .events = POLLIN };

	while (PQconsumeInput(conn) == 1 && PQisBusy(conn)) {
		int64_t left_ms = (until_us - clock_mono_us()) / 1000;

		if (left_ms <= 0)
			return false;
		(void)poll(&p, 1, (int)left_ms);
	}
	return PQisBusy(conn) == 0;
}

/* The server process that answers; 0 when none did, in time. */
static int
ask_backend(PGconn *conn)
{
	PGresult *res;
	int pid = 0;

	if (PQsendQuery(conn, sql_get_backend) != 1 || !wait_answer(conn))
		return 0;
	while ((res = PQgetResult(conn)) != NULL) {
		if (PQresultStatus(res) == PGRES_TUPLES_OK)
			pid = atoi(PQgetvalue(res, 0, 0));
		PQclear(res);
	}
	return pid;
}

bool
db_refuse_pooler(struct db *db, struct err *e)
{
	struct db other = { .conninfo = db->conninfo };
	struct err ignored = ERR_INIT;
	int pid = ask_backend(db->conn), second = 0;

	/* Where the pool has no process for us, everything would wait for one. */
	if (pid == 0 && PQstatus(db->conn) == CONNECTION_OK)
		return err_set(e, ERR_LOST, "database %s: connected, but no "
		    "answer within %d s", db->name, ANSWER_MS / 1000);
	if (pid == 0 || pid == PQbackendPID(db->conn))
		return true;
	if (db_connect(&other, &ignored))
		second = ask_backend(other.conn);
	PQfinish(other.conn);
	if (second == pid)
		return err_fail(e, "database %s: a connection pooler gives "
		    "each transaction another server process, and locks do "
		    "not hold there; connect to the server itself, or pool by "
		    "session", db->name);
	return true;
}
