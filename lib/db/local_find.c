/* local_find: where the private cluster is, and the programs that run it. */
#include "db/local_inner.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAJOR_MIN = 15 };

#define WHAT_TO_INSTALL "install PostgreSQL 15 or later (Debian: apt install " \
	"postgresql; Fedora: dnf install postgresql-server), or name a " \
	"database with --dsn"

/* $XDG_DATA_HOME, or what stands for it; the specification says that a relative one is void. */
static bool
data_home(char out[LOCAL_PATH_BYTES], struct err *e)
{
	const char *xdg = getenv("XDG_DATA_HOME");
	const char *home = getenv("HOME");
	struct passwd *p;

	if (xdg != NULL && xdg[0] == '/')
		return local_path(out, e, "%s", xdg);
	if (home == NULL || home[0] != '/') {
		p = getpwuid(geteuid());
		home = p != NULL ? p->pw_dir : NULL;
	}
	if (home == NULL || home[0] != '/')
		return err_fail(e, "no folder for the private PostgreSQL: "
		    "neither XDG_DATA_HOME nor HOME is set");
	return local_path(out, e, "%s/.local/share", home);
}

static bool
find_folder(struct local *l, const char *folder, struct err *e)
{
	char base[LOCAL_PATH_BYTES];

	if (folder != NULL && folder[0] == '/')
		return local_path(l->folder, e, "%s", folder);
	if (folder != NULL) {
		if (getcwd(base, sizeof(base)) == NULL)
			return err_sys(e, errno, "the current folder");
		return local_path(l->folder, e, "%s/%s", base, folder);
	}
	if (geteuid() == 0)
		return local_path(l->folder, e, "/var/lib/calltally");
	return data_home(base, e) &&
	    local_path(l->folder, e, "%s/calltally", base);
}

/*
 * A socket's path is short, and libpq takes a comma for the end of a host.
 * Where the folder does not do, a running server tells its own.
 */
static bool
find_socket(struct local *l, struct err *e)
{
	struct server s;

	if (!local_path(l->socket, e, "%s/socket", l->folder))
		return false;
	if (strlen(l->socket) <= LOCAL_SOCKET_BYTES &&
	    strchr(l->socket, ',') == NULL)
		return true;
	server_look(l, &s);
	return local_path(l->socket, e, "%s", s.socket);
}

static bool
has_program(const char *bindir, const char *name)
{
	char path[LOCAL_PATH_BYTES];
	struct err ignored = ERR_INIT;

	return local_path(path, &ignored, "%s/%s", bindir, name) &&
	    access(path, X_OK) == 0;
}

/* The version behind "postgres (PostgreSQL) ", "15.18"; its first number, 0 when there is none. */
static int
program_version(const char *bindir, char out[LOCAL_VERSION_BYTES])
{
	static const char mark[] = "(PostgreSQL) ";
	char path[LOCAL_PATH_BYTES], line[256], *at;
	const char *const argv[] = { path, "--version", NULL };
	struct err ignored = ERR_INIT;

	if (!has_program(bindir, "initdb") ||
	    !has_program(bindir, "postgres") ||
	    !local_path(path, &ignored, "%s/postgres", bindir) ||
	    !local_first_line(argv, line, sizeof(line)) ||
	    (at = strstr(line, mark)) == NULL)
		return 0;
	at += sizeof(mark) - 1;
	(void)snprintf(out, LOCAL_VERSION_BYTES, "%.*s",
	    (int)strcspn(at, " "), at);
	return atoi(out);
}

struct search {
	struct local *l;
	int wanted;	/* major version; 0: the newest */
	int found;	/* of what l->bindir has */
};

static void
consider(struct search *s, const char *bindir)
{
	char version[LOCAL_VERSION_BYTES];
	int major;

	if (bindir[0] != '/' || strlen(bindir) >= LOCAL_PATH_BYTES ||
	    strcmp(bindir, s->l->bindir) == 0 ||
	    (s->wanted != 0 && s->found == s->wanted))
		return;
	major = program_version(bindir, version);
	if (s->wanted != 0 ? major != s->wanted : major <= s->found)
		return;
	s->found = major;
	(void)snprintf(s->l->bindir, LOCAL_PATH_BYTES, "%s", bindir);
	(void)snprintf(s->l->version, LOCAL_VERSION_BYTES, "%s", version);
}

static void
consider_installed(struct search *s)
{
	static const char *const patterns[] = {
		"/usr/lib/postgresql/*/bin",	/* Debian */
		"/usr/pgsql-*/bin",		/* PGDG's RPMs */
		"/usr/local/pgsql/bin",		/* PostgreSQL's own default */
	};
	glob_t g;

	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		if (glob(patterns[i], 0, NULL, &g) != 0)
			continue;
		for (size_t k = 0; k < g.gl_pathc; k++)
			consider(s, g.gl_pathv[k]);
		globfree(&g);
	}
}

static void
consider_path(struct search *s)
{
	const char *p = getenv("PATH");
	char dir[LOCAL_PATH_BYTES];

	while (p != NULL && *p != '\0') {
		size_t n = strcspn(p, ":");

		if (n < sizeof(dir)) {
			memcpy(dir, p, n);
			dir[n] = '\0';
			consider(s, dir);
		}
		p += n + (p[n] == ':');
	}
}

static bool
find_programs(struct local *l, struct err *e)
{
	static const char *const pg_config[] = { "pg_config", "--bindir", NULL };
	struct search s = { .l = l };
	char line[LOCAL_PATH_BYTES];

	(void)local_is_made(l, &s.wanted);
	if (local_first_line(pg_config, line, sizeof(line)))
		consider(&s, line);
	consider_installed(&s);
	consider_path(&s);
	if (s.found == 0 && s.wanted != 0)
		return err_fail(e, "%s was made by PostgreSQL %d, whose server "
		    "(initdb, postgres) is not installed: install it "
		    "(Debian: apt install postgresql-%d), or name a database "
		    "with --dsn", l->data, s.wanted, s.wanted);
	if (s.found == 0)
		return err_fail(e, "no database is named, and no PostgreSQL "
		    "server (initdb, postgres) is installed for a private "
		    "one: " WHAT_TO_INSTALL);
	if (s.found < MAJOR_MIN)
		return err_fail(e, "no database is named, and the PostgreSQL "
		    "server in %s is too old (%s) for a private one: "
		    WHAT_TO_INSTALL, l->bindir, l->version);
	return true;
}

bool
local_find(struct local *l, const char *folder, struct err *e)
{
	*l = (struct local){ 0 };
	return find_folder(l, folder, e) &&
	    local_path(l->data, e, "%s/data", l->folder) &&
	    find_socket(l, e) && find_programs(l, e);
}
