#include "session.h"

#include <stdlib.h>
#include <strings.h>

#include "db/local.h"
#include "db/migrate.h"

static bool
is_set(const char *variable)
{
	const char *v = getenv(variable);

	return v != NULL && v[0] != '\0';
}

/* True when libpq's own environment names a database. */
static bool
libpq_is_told(void)
{
	static const char *const variable[] = {
		"PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGUSER",
		"PGSERVICE", "PGSERVICEFILE",
	};

	for (size_t i = 0; i < sizeof(variable) / sizeof(variable[0]); i++)
		if (is_set(variable[i]))
			return true;
	return false;
}

/* True when "password" or "sslpassword" is given a value somewhere in s. */
static bool
names_password(const char *s)
{
	while ((s = strcasestr(s, "password")) != NULL) {
		s += strlen("password");
		if (s[strspn(s, " \t\r\n")] == '=')
			return true;
	}
	return false;
}

/* True for "scheme://user:password@host". */
static bool
uri_has_password(const char *s)
{
	const char *user = strstr(s, "://");
	size_t n;

	if (user == NULL)
		return false;
	user += 3;
	n = strcspn(user, "/@");
	return user[n] == '@' && memchr(user, ':', n) != NULL;
}

/* Arguments can be seen by every user of the machine: no place for a secret. */
static bool
check_dsn(const char *dsn, struct err *err)
{
	bool is_uri = strncmp(dsn, "postgres", strlen("postgres")) == 0 &&
	    strstr(dsn, "://") != NULL;

	/* What libpq does not understand may still show one. */
	if (!db_has_password(dsn) && !names_password(dsn) &&
	    !(is_uri && uri_has_password(dsn)))
		return true;
	return err_set(err, ERR_USAGE,
	    "--dsn: holds a password, which others could read; use PGPASSWORD, "
	    "a service file or ~/.pgpass");
}

/* Finds, makes and starts the private cluster. */
static bool
use_private(struct session *s, struct err *err)
{
	char conninfo[LOCAL_CONNINFO_BYTES];
	struct local local;

	if (!local_find(&local, NULL, err) || !local_start(&local, err))
		return false;
	local_conninfo(&local, conninfo, sizeof(conninfo));
	s->private = true;
	s->conninfo = strdup(conninfo);
	return s->conninfo != NULL || err_nomem(err);
}

static bool
choose_database(struct session *s, const struct opts *o, struct err *err)
{
	const char *dsn = o->dsn;

	if (dsn != NULL && !check_dsn(dsn, err))
		return false;
	if (dsn == NULL && is_set("CALLTALLY_DSN"))
		dsn = getenv("CALLTALLY_DSN");
	if (dsn == NULL && libpq_is_told())
		dsn = "";
	if (dsn == NULL)
		return use_private(s, err);
	s->conninfo = strdup(dsn);
	return s->conninfo != NULL || err_nomem(err);
}

/* Brings the tables up to date under the writer lock, and keeps the lock. */
static bool
prepare_writing(struct session *s, int64_t wait_s, struct err *err)
{
	return db_lock_writer(s->db, (int)wait_s, err) &&
	    migrate(s->db, &s->steps, err);
}

static bool
prepare_filling(struct session *s, int64_t wait_s, struct err *err)
{
	return db_lock_writer(s->db, (int)wait_s, err) &&
	    migrate_finds_none(s->db, &s->bare, err) &&
	    (s->bare || migrate(s->db, &s->steps, err));
}

/* The private cluster is ours: its tables are made also by a first question. */
static bool
prepare_reading(struct session *s, struct err *err)
{
	struct err old = ERR_INIT;

	if (!s->private)
		return migrate_check(s->db, err);
	if (migrate_check(s->db, &old))
		return true;
	if (!prepare_writing(s, OPT_WAIT_S, err))
		return false;
	db_unlock_writer(s->db);
	return true;
}

bool
session_open(struct session *s, const struct opts *o, enum session_mode mode,
    struct err *err)
{
	*s = (struct session){ 0 };
	if ((s->profiles = profiles_load(o->profiles, err)) == NULL ||
	    !choose_database(s, o, err) ||
	    (s->db = db_open(s->conninfo, err)) == NULL)
		return false;
	switch (mode) {
	case SESSION_WRITE:
		return prepare_writing(s, o->wait_s, err);
	case SESSION_FILL:
		return prepare_filling(s, o->wait_s, err);
	case SESSION_READ:
		break;
	}
	return prepare_reading(s, err);
}

void
session_close(struct session *s)
{
	db_close(s->db);
	profiles_free(s->profiles);
	free(s->conninfo);
}
