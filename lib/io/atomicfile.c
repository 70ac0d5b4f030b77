#include "io/atomicfile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUFFER_BYTES = 256 * 1024, FILE_MODE = 0640 };

struct atomicfile {
	int folder_fd, fd;
	char *name;			/* within the folder */
	char *path;			/* of the temporary file */
	const char *temporary;		/* its name within the folder */
	bool made;			/* the temporary file exists */
	bool settled;			/* all that was put is on the disk */
	int errno_value;		/* of the first write that failed */
	uint64_t bytes;
	struct sha256 hash;
	size_t n;
	char buffer[BUFFER_BYTES];
};

/* True for ".NAME.tmp-PID" of any process. */
static bool
is_temporary(const struct atomicfile *f, const char *entry)
{
	struct str rest = str_of(entry), prefix;

	prefix = (struct str){ f->temporary,
	    (size_t)(strrchr(f->temporary, '-') - f->temporary) + 1 };
	if (!str_starts(rest, prefix))
		return false;
	rest = str_from(rest, prefix.n);
	return rest.n > 0 && strspn(rest.p, "0123456789") == rest.n;
}

/* Whoever writes a temporary file has it locked; a dead process has not. */
static bool
is_abandoned(const struct atomicfile *f, const char *entry)
{
	int fd = openat(f->folder_fd, entry,
	    O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	bool free_to_take = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;

	if (fd >= 0)
		(void)close(fd);
	return free_to_take;
}

/* Removes what processes that were killed have left of this file. */
static void
sweep(const struct atomicfile *f)
{
	int fd = openat(f->folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *d;

	if (dir == NULL) {
		if (fd >= 0)
			(void)close(fd);
		return;
	}
	while ((d = readdir(dir)) != NULL)
		if (is_temporary(f, d->d_name) && is_abandoned(f, d->d_name))
			(void)unlinkat(f->folder_fd, d->d_name, 0);
	(void)closedir(dir);
}

/*
 * The temporary file, locked. Another process may have swept it between its
 * birth and its lock: then it is made once more. A file system without locks
 * gives none to those who sweep either.
 */
static int
make_temporary(const struct atomicfile *f)
{
	const int flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
	struct stat st;
	int fd;

	for (;;) {
		fd = openat(f->folder_fd, f->temporary, flags, FILE_MODE);
		if (fd < 0)
			return -1;
		if (flock(fd, LOCK_EX) != 0 ||
		    (fstat(fd, &st) == 0 && st.st_nlink > 0))
			return fd;
		(void)close(fd);
	}
}

static bool
make_names(struct atomicfile *f, const char *folder, const char *name)
{
	if ((f->name = strdup(name)) == NULL)
		return false;
	if (asprintf(&f->path, "%s/.%s.tmp-%ld", folder, name,
	    (long)getpid()) < 0) {
		f->path = NULL;
		return false;
	}
	f->temporary = f->path + strlen(folder) + 1;
	return true;
}

struct atomicfile *
atomicfile_open(const char *folder, const char *name, struct err *err)
{
	struct atomicfile *f = calloc(1, sizeof(*f));

	if (f == NULL) {
		err_nomem(err);
		return NULL;
	}
	f->folder_fd = f->fd = -1;
	sha256_init(&f->hash);
	if (!make_names(f, folder, name)) {
		err_nomem(err);
		goto fail;
	}
	f->folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (f->folder_fd < 0) {
		err_sys(err, errno, "%s: cannot open the folder", folder);
		goto fail;
	}
	sweep(f);
	if ((f->fd = make_temporary(f)) < 0) {
		err_sys(err, errno, "%s/%s: cannot create", folder,
		    f->temporary);
		goto fail;
	}
	f->made = true;
	return f;
fail:
	atomicfile_close(f);
	return NULL;
}

void
atomicfile_set_mode(struct atomicfile *f, unsigned mode)
{
	if (fchmod(f->fd, (mode_t)mode) != 0 && f->errno_value == 0)
		f->errno_value = errno;
}

static void
write_all(struct atomicfile *f, const char *p, size_t n)
{
	sha256_add(&f->hash, p, n);
	while (n > 0 && f->errno_value == 0) {
		ssize_t put = write(f->fd, p, n);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0) {
			f->errno_value = errno;
			return;
		}
		p += put;
		n -= (size_t)put;
	}
}

static void
flush(struct atomicfile *f)
{
	write_all(f, f->buffer, f->n);
	f->n = 0;
}

void
atomicfile_put(struct atomicfile *f, const void *p, size_t n)
{
	f->settled = false;
	f->bytes += n;
	if (n > BUFFER_BYTES - f->n)
		flush(f);
	if (n > BUFFER_BYTES) {
		write_all(f, p, n);
		return;
	}
	if (n > 0)
		memcpy(f->buffer + f->n, p, n);
	f->n += n;
}

const char *
atomicfile_path(const struct atomicfile *f)
{
	return f->path;
}

bool
atomicfile_adopt(struct atomicfile *f, struct err *err)
{
	ssize_t n;

	while ((n = pread(f->fd, f->buffer, sizeof(f->buffer),
	    (off_t)f->bytes)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, errno, "%s: cannot read", f->name);
		sha256_add(&f->hash, f->buffer, (size_t)n);
		f->bytes += (uint64_t)n;
	}
	return true;
}

/*
 * True when all is on the disk under the temporary name. The file stays open,
 * and so locked, until it has its own.
 */
bool
atomicfile_settle(struct atomicfile *f, struct err *err)
{
	if (f->settled)
		return true;
	flush(f);
	if (f->errno_value != 0)
		return err_sys(err, f->errno_value, "%s: cannot write", f->name);
	if (fsync(f->fd) != 0)
		return err_sys(err, errno, "%s: cannot sync", f->name);
	f->settled = true;
	return true;
}

bool
atomicfile_commit(struct atomicfile *f, char sha256_hex[SHA256_HEX_BYTES],
    uint64_t *bytes, struct err *err)
{
	char hex[SHA256_HEX_BYTES];

	if (!atomicfile_settle(f, err))
		return false;
	if (renameat(f->folder_fd, f->temporary, f->folder_fd, f->name) != 0)
		return err_sys(err, errno, "%s: cannot rename %s to it",
		    f->name, f->temporary);
	f->made = false;
	/* Some file systems cannot sync a folder, and need not. */
	if (fsync(f->folder_fd) != 0 && errno != EINVAL)
		return err_sys(err, errno, "%s: cannot sync its folder",
		    f->name);
	sha256_end(&f->hash, hex);
	if (sha256_hex != NULL)
		memcpy(sha256_hex, hex, sizeof(hex));
	if (bytes != NULL)
		*bytes = f->bytes;
	return true;
}

void
atomicfile_close(struct atomicfile *f)
{
	if (f == NULL)
		return;
	if (f->fd >= 0)
		(void)close(f->fd);
	if (f->made)
		(void)unlinkat(f->folder_fd, f->temporary, 0);
	if (f->folder_fd >= 0)
		(void)close(f->folder_fd);
	free(f->name);
	free(f->path);
	free(f);
}
