/*
 * The private cluster: made, shared, killed, left half-made, stopped. Needs
 * the server's programs and no database. As root it belongs to postgres, so
 * both that and an ordinary user are worth a run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "db/db.h"
#include "db/local.h"

static char folder[64];		/* of the cluster that most tests share */
static struct local shared;

#define ok(expression, e) do { \
	if (!(expression)) \
		fail_msg("%s: %s", #expression, (e)->text); \
} while (0)

static void
assert_says(const struct err *e, const char *text)
{
	if (strstr(e->text, text) == NULL)
		fail_msg("'%s' is not in '%s'", text, e->text);
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void
remove_tree(const char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void
find(struct local *l, const char *path)
{
	struct err e = ERR_INIT;

	ok(local_find(l, path, &e), &e);
}

static void
start(struct local *l)
{
	struct err e = ERR_INIT;

	ok(local_start(l, &e), &e);
}

static void
stop(struct local *l)
{
	struct err e = ERR_INIT;

	ok(local_stop(l, &e), &e);
}

static struct local_status
status(struct local *l)
{
	struct err e = ERR_INIT;
	struct local_status st;

	ok(local_status(l, &st, &e), &e);
	return st;
}

static struct db *
open_db(const struct local *l)
{
	struct err e = ERR_INIT;
	char conninfo[LOCAL_CONNINFO_BYTES];
	struct db *db;

	local_conninfo(l, conninfo, sizeof(conninfo));
	db = db_open(conninfo, &e);
	ok(db != NULL, &e);
	return db;
}

static int64_t
query_int(const struct local *l, const char *sql)
{
	struct err e = ERR_INIT;
	struct db *db = open_db(l);
	struct db_rows *rows = db_query(db, sql, NULL, 0, &e);
	int64_t v;

	ok(rows != NULL, &e);
	v = db_rows_count(rows) > 0 ? db_get_int(rows, 0, 0) : 0;
	db_rows_free(rows);
	db_close(db);
	return v;
}

/* A process that does what work says; as the cluster's owner when this is root. */
static pid_t
child(bool as_owner, void (*work)(void))
{
	struct passwd *p = getpwnam("postgres");
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	if (as_owner && geteuid() == 0 && (p == NULL ||
	    setgid(p->pw_gid) != 0 || setuid(p->pw_uid) != 0))
		_exit(9);
	work();
	_exit(0);
}

static int
wait_for(pid_t pid)
{
	int st = -1;

	while (waitpid(pid, &st, 0) < 0 && errno == EINTR)
		continue;
	return st;
}

static void
kill_hard(pid_t pid)
{
	assert_int_equal(kill(pid, SIGKILL), 0);
	while (status(&shared).running)
		usleep(10000);
}

static size_t
count_files(const char *path, const char *pattern)
{
	char text[LOCAL_PATH_BYTES + 64];
	glob_t g;
	size_t n = 0;

	snprintf(text, sizeof(text), "%s/%s", path, pattern);
	if (glob(text, 0, NULL, &g) == 0) {
		n = g.gl_pathc;
		globfree(&g);
	}
	return n;
}

/* A file of the shared cluster; good until the next call. */
static const char *
in_data(const char *name)
{
	static char path[LOCAL_PATH_BYTES + 64];

	snprintf(path, sizeof(path), "%s/%s", shared.data, name);
	return path;
}

static void
put_line(const char *name, const char *mode, const char *line)
{
	FILE *f = fopen(in_data(name), mode);

	assert_non_null(f);
	fprintf(f, "%s\n", line);
	assert_int_equal(fclose(f), 0);
}

static int
set_up(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/calltally-test.XXXXXX");
	return mkdtemp(folder) != NULL ? 0 : -1;
}

static int
tear_down(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	if (shared.folder[0] != '\0' && !local_stop(&shared, &e))
		fprintf(stderr, "%s\n", e.text);
	remove_tree(folder);
	return 0;
}

static void
finding_makes_nothing(void **state)
{
	struct local_status st;

	(void)state;
	find(&shared, folder);
	st = status(&shared);
	assert_false(st.made);
	assert_false(st.running);
	assert_true(atoi(st.version) >= 15);
	stop(&shared);
	assert_int_equal(count_files(folder, "data*"), 0);
}

static void
start_and_connect(void)
{
	struct local l;
	struct err e = ERR_INIT;
	char conninfo[LOCAL_CONNINFO_BYTES];
	struct db *db;

	if (!local_find(&l, folder, &e) || !local_start(&l, &e))
		goto fail;
	local_conninfo(&l, conninfo, sizeof(conninfo));
	if ((db = db_open(conninfo, &e)) == NULL)
		goto fail;
	db_close(db);
	_exit(0);
fail:
	fprintf(stderr, "%s\n", e.text);
	_exit(1);
}

static void
commands_at_once_share_a_new_cluster(void **state)
{
	pid_t pid[3];

	(void)state;
	for (int i = 0; i < 3; i++)
		pid[i] = child(false, start_and_connect);
	for (int i = 0; i < 3; i++)
		assert_int_equal(wait_for(pid[i]), 0);
	assert_true(status(&shared).running);
	assert_int_equal(count_files(folder, "data*"), 1);
}

static void
starting_again_does_nothing(void **state)
{
	long pid = status(&shared).pid;

	(void)state;
	start(&shared);
	start(&shared);
	assert_int_equal(status(&shared).pid, pid);
	assert_true(pid > 1);
}

static void
the_cluster_is_durable_and_private(void **state)
{
	static const char *const want[][2] = {
		{ "fsync", "on" }, { "synchronous_commit", "on" },
		{ "full_page_writes", "on" }, { "listen_addresses", "" },
		{ "wal_level", "minimal" }, { "max_wal_senders", "0" },
		{ "max_wal_size", "4GB" }, { "unix_socket_permissions", "0700" },
		{ "server_encoding", "UTF8" }, { "log_timezone", "UTC" },
		{ "data_directory_mode", "0700" }, { "lc_collate", "C" },
	};
	struct db *db = open_db(&shared);
	struct err e = ERR_INIT;
	struct stat st;

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		struct db_param p = db_text(str_of(want[i][0]));
		struct db_rows *rows = db_query(db, i + 1 <
		    sizeof(want) / sizeof(want[0]) ?
		    "SELECT current_setting($1)" : "SELECT datcollate::text "
		    "FROM pg_database WHERE datname = current_database() "
		    "AND $1::text IS NOT NULL", &p, 1, &e);

		ok(rows != NULL, &e);
		if (!str_eq(db_get_text(rows, 0, 0), str_of(want[i][1])))
			fail_msg("%s", want[i][0]);
		db_rows_free(rows);
	}
	db_close(db);
	assert_int_equal(stat(folder, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(stat(shared.socket, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_true(st.st_uid != 0);
}

static void
connect_as_nobody(void)
{
	struct err e = ERR_INIT;
	char conninfo[LOCAL_CONNINFO_BYTES];
	struct passwd *p;

	local_conninfo(&shared, conninfo, sizeof(conninfo));
	p = getpwnam("nobody");
	if (p == NULL || setgid(p->pw_gid) != 0 || setuid(p->pw_uid) != 0)
		_exit(9);
	_exit(db_open(conninfo, &e) == NULL ? 5 : 0);
}

/* Even if the folders stood open, the server asks the kernel who comes. */
static void
nobody_else_gets_in(void **state)
{
	(void)state;
	if (geteuid() != 0)
		return;
	assert_int_equal(wait_for(child(false, connect_as_nobody)), 5 << 8);
	chmod(folder, 0755);
	chmod(shared.socket, 0755);
	chmod(in_data("../socket/.s.PGSQL.5432"), 0777);
	assert_int_equal(wait_for(child(false, connect_as_nobody)), 5 << 8);
	start(&shared);			/* closes its folder again */
}

static void
the_server_holds_nothing_of_ours(void **state)
{
	struct err e = ERR_INIT;
	struct local l = shared;
	char c, path[64], to[256];
	ssize_t n;
	int fd[2];

	(void)state;
	stop(&l);
	assert_int_equal(pipe(fd), 0);
	assert_int_equal(dup2(fd[1], 77), 77);
	ok(local_start(&l, &e), &e);
	close(fd[1]);
	close(77);
	fcntl(fd[0], F_SETFL, O_NONBLOCK);
	assert_int_equal(read(fd[0], &c, 1), 0);	/* its end, not EAGAIN */
	close(fd[0]);
	for (int i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "/proc/%ld/fd/%d",
		    status(&l).pid, i);
		n = readlink(path, to, sizeof(to) - 1);
		assert_true(n > 0);
		to[n] = '\0';
		assert_non_null(strstr(to, i == 0 ? "/dev/null" : "/log"));
	}
	snprintf(path, sizeof(path), "/proc/%ld", status(&l).pid);
	assert_true(getsid((pid_t)status(&l).pid) == (pid_t)status(&l).pid);
}

static void
what_was_committed_survives_kill_9(void **state)
{
	struct db *db = open_db(&shared);
	struct err e = ERR_INIT;
	long pid = status(&shared).pid;

	(void)state;
	ok(db_exec(db, "CREATE TABLE public.kept AS SELECT 42 AS n", &e), &e);
	kill_hard((pid_t)pid);
	assert_int_equal(count_files(shared.data, "postmaster.pid"), 1);
	start(&shared);
	assert_true(status(&shared).pid != pid);
	assert_int_equal(query_int(&shared, "SELECT n FROM public.kept"), 42);
	assert_false(db_exec(db, "SELECT 1", &e));
	assert_int_equal(e.kind, ERR_LOST);
	db_close(db);
}

static void
be_busy(void)
{
	struct err e = ERR_INIT;
	struct db *db = open_db(&shared);

	(void)db_exec(db, "DO $$ DECLARE t timestamptz := clock_timestamp(); "
	    "BEGIN WHILE clock_timestamp() < t + interval '3 s' LOOP END LOOP; "
	    "END $$", &e);
	_exit(0);
}

/* A backend does not notice at once that its server was killed. */
static void
orphans_at_work_are_waited_for(void **state)
{
	pid_t busy = child(false, be_busy);

	(void)state;
	usleep(700000);
	kill_hard((pid_t)status(&shared).pid);
	start(&shared);
	wait_for(busy);
	assert_int_equal(query_int(&shared, "SELECT n FROM public.kept"), 42);
}

static void
sleep_long(void)
{
	sleep(60);
}

/* After a reboot the number in postmaster.pid may be any process of the owner's. */
static void
a_reused_process_number_is_no_server(void **state)
{
	pid_t other = child(true, sleep_long);
	char line[3 * LOCAL_PATH_BYTES];
	struct stat st;

	(void)state;
	usleep(100000);
	stop(&shared);
	snprintf(line, sizeof(line), "%ld\n%s\n1700000000\n5432\n%s\n\n"
	    "  1234567  99999999\nready   ", (long)other, shared.data,
	    shared.socket);
	put_line("postmaster.pid", "w", line);
	assert_int_equal(stat(shared.data, &st), 0);
	assert_int_equal(chown(in_data("postmaster.pid"), st.st_uid,
	    st.st_gid), 0);
	assert_false(status(&shared).running);
	stop(&shared);			/* and does not kill it */
	start(&shared);
	assert_int_equal(waitpid(other, NULL, WNOHANG), 0);
	assert_int_equal(query_int(&shared, "SELECT n FROM public.kept"), 42);
	kill(other, SIGKILL);
	wait_for(other);
}

static void
stopping_is_clean_and_may_be_repeated(void **state)
{
	(void)state;
	stop(&shared);
	assert_false(status(&shared).running);
	assert_true(status(&shared).made);
	assert_int_equal(count_files(shared.data, "postmaster.pid"), 0);
	stop(&shared);
	start(&shared);
	assert_int_equal(query_int(&shared, "SELECT n FROM public.kept"), 42);
}

static void
a_server_that_does_not_start_says_why(void **state)
{
	struct err e = ERR_INIT;
	struct stat st;

	(void)state;
	stop(&shared);
	assert_int_equal(stat(in_data("postgresql.conf"), &st), 0);
	put_line("postgresql.conf", "a", "no_such_setting = 1");
	assert_false(local_start(&shared, &e));
	assert_int_equal(e.kind, ERR_FAILED);
	assert_says(&e, "did not start");
	assert_says(&e, "no_such_setting");
	assert_null(strchr(e.text, '\n'));
	assert_int_equal(truncate(in_data("postgresql.conf"), st.st_size), 0);
	start(&shared);
}

static void
another_version_is_told(void **state)
{
	struct err e = ERR_INIT;
	struct local l;
	char major[16];

	(void)state;
	stop(&shared);
	put_line("PG_VERSION", "r+", "12");
	assert_false(local_find(&l, folder, &e));
	assert_says(&e, "was made by PostgreSQL 12");
	assert_says(&e, "postgresql-12");
	snprintf(major, sizeof(major), "%d", atoi(shared.version));
	put_line("PG_VERSION", "r+", major);
	start(&shared);
}

static char made_in[64];

static void
start_in_made_in(void)
{
	struct local l;
	struct err e = ERR_INIT;

	setpgid(0, 0);
	_exit(local_find(&l, made_in, &e) && local_start(&l, &e) ? 0 : 1);
}

/* Killed at several moments of its making; the next command does it anew. */
static void
a_half_made_cluster_is_never_taken_for_one(void **state)
{
	struct local l;

	(void)state;
	strcpy(made_in, "/tmp/calltally-half.XXXXXX");
	assert_non_null(mkdtemp(made_in));
	for (int i = 0; i < 6; i++) {
		pid_t pid = child(false, start_in_made_in);

		usleep((useconds_t)(i < 3 ? 60000 + 120000 * i : 500000 + 100000 * i));
		kill(-pid, SIGKILL);
		wait_for(pid);
	}
	find(&l, made_in);
	start(&l);
	assert_int_equal(query_int(&l, "SELECT count(*) FROM pg_database"), 3);
	assert_int_equal(count_files(made_in, "data*"), 1);
	stop(&l);
	remove_tree(made_in);
}

static void
any_folder_name_will_do(void **state)
{
	char base[] = "/tmp/calltally-odd.XXXXXX";
	char path[300], socket[LOCAL_PATH_BYTES];
	struct local l;
	struct stat st;

	(void)state;
	assert_non_null(mkdtemp(base));
	assert_int_equal(chmod(base, 0755), 0);
	snprintf(path, sizeof(path), "%s/it's \"a\" $(touch /tmp/oops), \\ %s/"
	    "and one more", base, "long-long-long-long-long-long-long-long-"
	    "long-long-long-long-long-long-long-long-long-long-long-long");
	find(&l, path);
	assert_string_equal(l.socket, "");
	start(&l);
	assert_true(str_starts(str_of(l.socket), STR("/tmp/calltally-")));
	assert_int_equal(query_int(&l, "SELECT 7"), 7);
	assert_int_equal(stat(l.socket, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	find(&l, path);			/* another command learns the socket */
	start(&l);
	assert_int_equal(query_int(&l, "SELECT 7"), 7);
	assert_int_equal(kill((pid_t)status(&l).pid, SIGKILL), 0);
	while (status(&l).running)
		usleep(10000);
	strcpy(socket, l.socket);
	find(&l, path);
	start(&l);			/* in a new folder, without the old one */
	assert_int_equal(access(socket, F_OK), -1);
	assert_int_equal(query_int(&l, "SELECT 7"), 7);
	stop(&l);
	assert_int_equal(access(l.socket, F_OK), -1);
	remove_tree(base);

	assert_non_null(mkdtemp(strcpy(base, "/tmp/calltally-odd.XXXXXX")));
	snprintf(path, sizeof(path), "%s/it's \"a\" \\", base);
	assert_int_equal(chmod(base, 0755), 0);
	find(&l, path);
	assert_true(str_ends(str_of(l.socket), STR("\\/socket")));
	start(&l);
	assert_int_equal(query_int(&l, "SELECT 7"), 7);
	stop(&l);
	remove_tree(base);
}

static void
foreign_folders_are_refused(void **state)
{
	char base[] = "/tmp/calltally-foreign.XXXXXX", path[64];
	struct err e = ERR_INIT, e2 = ERR_INIT;
	struct local l;

	(void)state;
	assert_non_null(mkdtemp(base));
	assert_int_equal(chmod(base, 0755), 0);
	snprintf(path, sizeof(path), "%s/data", base);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/data/precious", base);
	assert_int_equal(mkdir(path, 0700), 0);
	find(&l, base);
	assert_false(local_start(&l, &e));
	/* Root's folder is not postgres's; a user's own is, but not its data. */
	assert_says(&e, geteuid() == 0 ? "does not belong to postgres" :
	    "is no PostgreSQL cluster");
	assert_int_equal(access(path, F_OK), 0);
	remove_tree(base);
	find(&l, "/usr");
	assert_false(local_start(&l, &e2));
	assert_says(&e2, "does not belong to");
}

static void
the_default_folder_is_the_users(void **state)
{
	struct local l;

	(void)state;
	setenv("XDG_DATA_HOME", "/somewhere", 1);
	find(&l, NULL);
	assert_string_equal(l.folder, geteuid() == 0 ? "/var/lib/calltally" :
	    "/somewhere/calltally");
	setenv("XDG_DATA_HOME", "relative", 1);
	unsetenv("HOME");
	find(&l, NULL);
	assert_int_equal(l.folder[0], '/');
	unsetenv("XDG_DATA_HOME");
	find(&l, NULL);
	if (geteuid() != 0) {
		setenv("HOME", "/home/me", 1);
		find(&l, NULL);
		assert_string_equal(l.folder, "/home/me/.local/share/calltally");
		assert_string_equal(l.data,
		    "/home/me/.local/share/calltally/data");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finding_makes_nothing),
		cmocka_unit_test(commands_at_once_share_a_new_cluster),
		cmocka_unit_test(starting_again_does_nothing),
		cmocka_unit_test(the_cluster_is_durable_and_private),
		cmocka_unit_test(nobody_else_gets_in),
		cmocka_unit_test(the_server_holds_nothing_of_ours),
		cmocka_unit_test(what_was_committed_survives_kill_9),
		cmocka_unit_test(orphans_at_work_are_waited_for),
		cmocka_unit_test(a_reused_process_number_is_no_server),
		cmocka_unit_test(stopping_is_clean_and_may_be_repeated),
		cmocka_unit_test(a_server_that_does_not_start_says_why),
		cmocka_unit_test(another_version_is_told),
		cmocka_unit_test(a_half_made_cluster_is_never_taken_for_one),
		cmocka_unit_test(any_folder_name_will_do),
		cmocka_unit_test(foreign_folders_are_refused),
		cmocka_unit_test(the_default_folder_is_the_users),
	};

	return cmocka_run_group_tests_name("local", tests, set_up, tear_down);
}
