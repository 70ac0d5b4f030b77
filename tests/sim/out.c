#include "out.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "util.h"

struct out {
	gzFile file;
	pthread_mutex_t lock;
	bool unflushed;
};

/* True when the name ends in ".gz". */
static bool
named_gz(const char *path)
{
	size_t n = strlen(path);

	return n > 3 && strcmp(path + n - 3, ".gz") == 0;
}

struct out *
out_open(const char *path)
{
	struct out *o;

	if (path == NULL)
		return NULL;
	o = mem_new(sizeof(*o));
	if ((o->file = gzopen(path, named_gz(path) ? "wbe" : "wbeT")) == NULL)
		die("%s: cannot be written", path);
	(void)pthread_mutex_init(&o->lock, NULL);
	return o;
}

void
out_line(struct out *o, const char *line)
{
	if (o == NULL)
		return;
	(void)pthread_mutex_lock(&o->lock);
	if (gzputs(o->file, line) < 0 || gzputc(o->file, '\n') < 0)
		die("writing: %s", gzerror(o->file, &(int){ 0 }));
	o->unflushed = true;
	(void)pthread_mutex_unlock(&o->lock);
}

void
out_flush(struct out *o)
{
	if (o == NULL)
		return;
	(void)pthread_mutex_lock(&o->lock);
	if (o->unflushed && gzflush(o->file, Z_FINISH) != Z_OK)
		die("writing: %s", gzerror(o->file, &(int){ 0 }));
	o->unflushed = false;
	(void)pthread_mutex_unlock(&o->lock);
}

void
out_close(struct out *o)
{
	if (o == NULL)
		return;
	if (gzclose(o->file) != Z_OK)
		die("a file could not be written to its end");
	(void)pthread_mutex_destroy(&o->lock);
	free(o);
}
