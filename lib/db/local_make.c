/* local_make: a new private cluster, which appears whole or not at all. */
#include "db/local_inner.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MIB = 1024 * 1024, BUFFERS_MAX_MIB = 1024, BUFFERS_MIN_MIB = 32 };

/* The folders that a cluster is made in; see local.h. */
#define NEW_FOLDER "data.new-XXXXXX"

/*
 * For bulk loading by few sessions on one machine, and durable. Nothing is
 * replicated, so WAL need only serve recovery.
 */
static const char settings[] =
    "\n# What calltally set when it made this cluster.\n"
    "listen_addresses = ''\n"
    "unix_socket_permissions = 0700\n"
    "max_connections = 40\n"
    "shared_buffers = %" PRIu64 "MB\n"
    "work_mem = 64MB\n"
    "maintenance_work_mem = 256MB\n"
    "wal_level = minimal\n"
    "max_wal_senders = 0\n"
    "max_wal_size = 4GB\n"
    "checkpoint_timeout = 15min\n"
    "%s"
    "fsync = on\n"
    "synchronous_commit = on\n"
    "full_page_writes = on\n"
    "autovacuum = on\n"
    "random_page_cost = 1.1\n"
    "jit = off\n"
    "logging_collector = off\n"
    "log_destination = 'stderr'\n"
    "log_timezone = 'UTC'\n"
    "timezone = 'UTC'\n";

static const char hba[] =
    "# Only the owner of this cluster and root, as the kernel says who they are.\n"
    "local all all peer map=calltally\n";

bool
local_is_made(const struct local *l, int *major)
{
	char path[LOCAL_PATH_BYTES], text[16] = "";
	struct err ignored = ERR_INIT;
	FILE *f;

	*major = 0;
	if (!local_path(path, &ignored, "%s/PG_VERSION", l->data) ||
	    (f = fopen(path, "re")) == NULL)
		return false;
	if (fgets(text, sizeof(text), f) != NULL)
		*major = atoi(text);
	(void)fclose(f);
	return *major > 0;
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path) == 0 || errno == ENOENT ? 0 : -1;
}

static void
remove_tree(const char *path)
{
	(void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* What makers that were killed left behind. */
static void
remove_leftovers(const struct local *l)
{
	const size_t prefix = strlen(NEW_FOLDER) - strlen("XXXXXX");
	char path[LOCAL_PATH_BYTES];
	struct err ignored = ERR_INIT;
	struct dirent *d;
	DIR *dir = opendir(l->folder);

	while (dir != NULL && (d = readdir(dir)) != NULL)
		if (strncmp(d->d_name, NEW_FOLDER, prefix) == 0 &&
		    local_path(path, &ignored, "%s/%s", l->folder,
		    d->d_name))
			remove_tree(path);
	if (dir != NULL)
		(void)closedir(dir);
}

/* 1/8 of the memory that we may use: the machine's, or the container's when that is less. */
static uint64_t
buffers_mib(void)
{
	long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
	uint64_t mib = 256 * 8, limit;
	FILE *f = fopen("/sys/fs/cgroup/memory.max", "re");

	if (pages > 0 && page > 0)
		mib = (uint64_t)pages * (uint64_t)page / MIB;
	if (f != NULL) {
		if (fscanf(f, "%" SCNu64, &limit) == 1 && limit / MIB < mib)
			mib = limit / MIB;
		(void)fclose(f);
	}
	mib /= 8;
	if (mib < BUFFERS_MIN_MIB)
		return BUFFERS_MIN_MIB;
	return mib > BUFFERS_MAX_MIB ? BUFFERS_MAX_MIB : mib;
}

/* Puts text into a file of the new cluster, at its end or instead of what is there. */
static bool
put_file(const char *folder, const char *name, const char *mode,
    const char *text, struct err *e)
{
	char path[LOCAL_PATH_BYTES];
	FILE *f;
	bool ok;

	if (!local_path(path, e, "%s/%s", folder, name))
		return false;
	if ((f = fopen(path, mode)) == NULL)
		return err_sys(e, errno, "%s", path);
	ok = fputs(text, f) >= 0;
	ok = fclose(f) == 0 && ok;
	return ok || err_sys(e, errno, "%s", path);
}

/* Whether this server can compress its log with lz4: it is asked. */
static bool
has_lz4(const char *postgres, const char *folder)
{
	const char *const argv[] = { postgres, "-D", folder,
	    "-c", "wal_compression=lz4", "-C", "wal_compression", NULL };

	return local_run(argv, "/dev/null");
}

static bool
put_files(const struct local *l, const char *folder, struct err *e)
{
	struct local_owner o;
	char postgres[LOCAL_PATH_BYTES], conf[sizeof(settings) + 64];
	char ident[256];

	if (!local_owner(&o, e) ||
	    !local_path(postgres, e, "%s/postgres", l->bindir))
		return false;
	(void)snprintf(conf, sizeof(conf), settings, buffers_mib(),
	    has_lz4(postgres, folder) ? "wal_compression = lz4\n" : "");
	(void)snprintf(ident, sizeof(ident), "calltally \"%s\" "
	    LOCAL_DB_USER "\ncalltally root " LOCAL_DB_USER "\n", o.name);
	return put_file(folder, "postgresql.conf", "ae", conf, e) &&
	    put_file(folder, "pg_hba.conf", "we", hba, e) &&
	    put_file(folder, "pg_ident.conf", "we", ident, e);
}

/* Runs initdb; its last words become the error. */
static bool
initdb(const struct local *l, const char *folder, const char *option,
    struct err *e)
{
	char program[LOCAL_PATH_BYTES], log[LOCAL_PATH_BYTES], why[1024];
	const char *const argv[] = { program, "-D", folder, option,
	    "--username=" LOCAL_DB_USER, "--locale=C", "--encoding=UTF8",
	    "--auth-local=peer", "--auth-host=reject", "--no-instructions",
	    NULL };

	if (!local_path(program, e, "%s/initdb", l->bindir) ||
	    !local_path(log, e, "%s/initdb.log", l->folder))
		return false;
	if (local_run(argv, log))
		return true;
	local_tail(log, 0, why, sizeof(why));
	return err_fail(e, "making the private PostgreSQL in %s: initdb "
	    "failed: %s", l->folder, why);
}

static bool
sync_folder(const char *path, struct err *e)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;

	if (!ok)
		err_sys(e, errno, "%s", path);
	if (fd >= 0)
		(void)close(fd);
	return ok;
}

/* All of it on disk before it gets its name. */
static bool
fill(const struct local *l, const char *folder, struct err *e)
{
	return initdb(l, folder, "--no-sync", e) &&
	    put_files(l, folder, e) &&
	    initdb(l, folder, "--sync-only", e);
}

bool
local_make(const struct local *l, struct err *e)
{
	char folder[LOCAL_PATH_BYTES];
	struct stat st;

	remove_leftovers(l);
	if (lstat(l->data, &st) == 0 && rmdir(l->data) != 0)
		return err_fail(e, "%s is there, but is no PostgreSQL cluster: "
		    "move it away", l->data);
	if (!local_path(folder, e, "%s/" NEW_FOLDER, l->folder))
		return false;
	if (mkdtemp(folder) == NULL)
		return err_sys(e, errno, "%s", folder);
	if (!fill(l, folder, e)) {
		remove_tree(folder);
		return false;
	}
	if (rename(folder, l->data) != 0) {
		err_sys(e, errno, "%s", l->data);
		remove_tree(folder);
		return false;
	}
	return sync_folder(l->folder, e);
}
