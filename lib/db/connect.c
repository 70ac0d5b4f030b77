/* connect: opening a connection, with the reason when it cannot be opened. */
#include "db/conn.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "embedded.h"

enum {
	CONNECT_TIMEOUT_S = 10,	/* for each host, unless the user says otherwise */
	SERVER_VERSION_MIN = 150000,
	MESSAGE_BYTES = 1024,
};

static void
drop_notice(void *arg, const PGresult *res)
{
	(void)arg;
	(void)res;
}

/* The value of a connection option as it was given, or NULL. */
static const char *
option(const PQconninfoOption *o, const char *keyword)
{
	for (; o != NULL && o->keyword != NULL; o++)
		if (strcmp(o->keyword, keyword) == 0)
			return o->val;
	return NULL;
}

/*
 * Refuses what cannot be a connection string. libpq's own message is not
 * shown, because it repeats the piece that it stumbled over, which may be
 * part of a password.
 */
static bool
check_conninfo(const char *conninfo, struct err *e)
{
	PQconninfoOption *o;
	const char *host;
	bool ok = true;

	/* Without "=" and scheme it is a database's name. */
	if (strchr(conninfo, '=') == NULL && strstr(conninfo, "://") == NULL)
		return true;
	if ((o = PQconninfoParse(conninfo, NULL)) == NULL)
		return err_set(e, ERR_USAGE, "the connection string is "
		    "neither a postgresql:// URI nor a list of libpq's "
		    "keyword=value words (values with blanks go in single "
		    "quotes)");
	host = option(o, "host");
	if (host != NULL && strchr(host, '@') != NULL && host[0] != '/' &&
	    host[0] != '@')
		ok = err_set(e, ERR_USAGE, "the connection string has an '@' "
		    "in its host: in a password of a URI it is written %%40");
	PQconninfoFree(o);
	return ok;
}

bool
db_has_password(const char *conninfo)
{
	PQconninfoOption *o = PQconninfoParse(conninfo, NULL);
	bool has = option(o, "password") != NULL ||
	    option(o, "sslpassword") != NULL;

	PQconninfoFree(o);
	return has;
}

/* How long one host may take, in seconds; 0 is for ever. */
static int
timeout_s(PGconn *conn)
{
	PQconninfoOption *o = PQconninfo(conn);
	const char *v = option(o, "connect_timeout");
	int s = CONNECT_TIMEOUT_S;

	if (v != NULL && *v != '\0')
		s = atoi(v) > 0 ? atoi(v) : 0;
	PQconninfoFree(o);
	return s;
}

/* Waits until libpq can go on; false when until_us has passed. */
static bool
wait_ready(PGconn *conn, PostgresPollingStatusType want, int64_t until_us)
{
	struct pollfd p = { .fd = PQsocket(conn) };
	int64_t left_ms;
	int n;

	p.events = want == PGRES_POLLING_READING ? POLLIN : POLLOUT;
	do {
		left_ms = until_us == 0 ? -1 :
		    (until_us - clock_mono_us()) / 1000;
		if (until_us != 0 && left_ms < 0)
			left_ms = 0;
		n = poll(&p, 1, (int)left_ms);
	} while (n < 0 && errno == EINTR);
	return n != 0;
}

/*
 * Connects; false when it failed, *late when that was for lack of time. Done
 * step by step because only so the verbosity can be set beforehand, and with
 * it the SQLSTATE of a refusal be told.
 */
static bool
complete(PGconn *conn, bool *late)
{
	PostgresPollingStatusType want = PGRES_POLLING_WRITING;
	const char *host = NULL;
	int limit_s = timeout_s(conn);
	int64_t until_us = 0;

	*late = false;
	for (;;) {
		if (limit_s > 0 && (until_us == 0 || PQhost(conn) != host))
			until_us = clock_mono_us() + limit_s * INT64_C(1000000);
		host = PQhost(conn);
		if (!wait_ready(conn, want, until_us)) {
			*late = true;
			return false;
		}
		want = PQconnectPoll(conn);
		if (want == PGRES_POLLING_OK)
			return true;
		if (want == PGRES_POLLING_FAILED)
			return false;
	}
}

static bool
is_state_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
}

/*
 * Takes "  28P01: " out of libpq's verbose message into state, and the
 * LOCATION line off; the last one counts, when several hosts were tried.
 */
static void
take_state(char *message, char state[6])
{
	char *p = message, *location;

	state[0] = '\0';
	while ((p = strstr(p, ":  ")) != NULL) {
		size_t n = 0;

		p += 3;
		while (n < 5 && is_state_char(p[n]))
			n++;
		if (n == 5 && p[5] == ':' && p[6] == ' ') {
			memcpy(state, p, 5);
			state[5] = '\0';
			memmove(p, p + 7, strlen(p + 7) + 1);
		}
	}
	while ((location = strstr(message, "\nLOCATION:  ")) != NULL) {
		char *end = strchr(location + 1, '\n');

		if (end == NULL)
			*location = '\0';
		else
			memmove(location, end, strlen(end) + 1);
	}
}

/* Whether libpq did not even try, because of what it was told to do. */
static bool
is_setting(const char *line)
{
	static const char *const begin[] = {
		"invalid ", "definition of service ", "syntax error in service ",
		"could not match ", "sslmode value ", "weak sslmode ", NULL
	};

	for (const char *const *b = begin; *b != NULL; b++)
		if (strncmp(line, *b, strlen(*b)) == 0)
			return true;
	return false;
}

/* Tells why there is no connection, and whether to try again later. */
static bool
refused(struct db *db, bool late, struct err *e)
{
	char message[MESSAGE_BYTES], line[MESSAGE_BYTES], state[6];
	bool again;

	if (late)
		return err_set(e, ERR_LOST, "database %s: no answer within "
		    "%d s", db->name, timeout_s(db->conn));
	(void)snprintf(message, sizeof(message), "%s",
	    PQerrorMessage(db->conn));
	take_state(message, state);
	db_one_line(message, line, sizeof(line));
	if (state[0] != '\0')
		again = db_state_is_temporary(state);
	else
		again = !PQconnectionNeedsPassword(db->conn) &&
		    !is_setting(line);
	return err_set(e, !again ? ERR_FAILED : state[0] == '\0' ||
	    db_state_is_loss(state) ? ERR_LOST : ERR_AGAIN,
	    "database %s: %s%s%s%s", db->name, line,
	    state[0] ? " (SQLSTATE " : "", state, state[0] ? ")" : "");
}

static void
set_name(struct db *db)
{
	const char *host = PQhost(db->conn);
	const char *name = PQdb(db->conn);
	const char *user = PQuser(db->conn);

	(void)snprintf(db->name, sizeof(db->name), "host=%s dbname=%s user=%s",
	    host ? host : "", name ? name : "", user ? user : "");
}

/* What is set before conninfo is a default, what comes after it is not. */
bool
db_connect(struct db *db, struct err *e)
{
	const char *const key[] = {
		"keepalives_idle", "keepalives_interval", "keepalives_count",
		"fallback_application_name", "dbname", "client_encoding", NULL
	};
	const char *const value[] = {
		"60", "10", "6", "calltally",
		db->conninfo[0] ? db->conninfo : NULL, "UTF8", NULL
	};
	bool late = false;

	if ((db->conn = PQconnectStartParams(key, value, 1)) == NULL)
		return err_nomem(e);
	set_name(db);
	(void)PQsetErrorVerbosity(db->conn, PQERRORS_VERBOSE);
	(void)PQsetNoticeReceiver(db->conn, drop_notice, NULL);
	if (PQstatus(db->conn) == CONNECTION_BAD || !complete(db->conn, &late))
		return refused(db, late, e);
	(void)PQsetErrorVerbosity(db->conn, PQERRORS_DEFAULT);
	set_name(db);
	return true;
}

static bool
check_server(struct db *db, struct err *e)
{
	const char *encoding = PQparameterStatus(db->conn, "server_encoding");
	int version = PQserverVersion(db->conn);

	if (version < SERVER_VERSION_MIN)
		return err_fail(e, "database %s: PostgreSQL %d is too old, "
		    "15 or later is needed", db->name, version / 10000);
	if (encoding == NULL || strcmp(encoding, "UTF8") != 0)
		return err_fail(e, "database %s: its encoding is %s, but UTF8 "
		    "is needed (CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE "
		    "template0)", db->name, encoding ? encoding : "unknown");
	return true;
}

/* Connects, and makes the session what all that use it rely on. */
static bool
open_session(struct db *db, struct err *e)
{
	if (!db_connect(db, e) || !check_server(db, e) ||
	    !db_refuse_pooler(db, e) || !db_exec(db, sql_set_session, e))
		return false;
	db->cancel = PQgetCancel(db->conn);
	return db->cancel != NULL || err_nomem(e);
}

static void
close_session(struct db *db)
{
	PQfreeCancel(db->cancel);
	PQfinish(db->conn);
	db->cancel = NULL;
	db->conn = NULL;
}

struct db *
db_open(const char *conninfo, struct err *e)
{
	struct db *db;

	if (conninfo == NULL)
		conninfo = "";
	if (!check_conninfo(conninfo, e))
		return NULL;
	if ((db = calloc(1, sizeof(*db))) == NULL ||
	    (db->conninfo = strdup(conninfo)) == NULL)
		err_nomem(e);
	else if (open_session(db, e))
		return db;
	db_close(db);
	return NULL;
}

bool
db_reopen(struct db *db, struct err *e)
{
	int64_t key = db->guard_key;

	close_session(db);
	db->guard_key = 0;
	if (open_session(db, e) && (key == 0 || db_lock_again(db, key, e)))
		return true;
	db->guard_key = key;
	return false;
}

void
db_close(struct db *db)
{
	if (db == NULL)
		return;
	close_session(db);
	buf_free(&db->text);
	free(db->conninfo);
	free(db);
}

const char *
db_name(const struct db *db)
{
	return db->name;
}

void
db_cancel(struct db *db)
{
	char message[256];

	(void)PQcancel(db->cancel, message, sizeof(message));
}

void
db_cut(struct db *db)
{
	(void)shutdown(PQsocket(db->conn), SHUT_RDWR);
}
