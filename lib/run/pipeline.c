#include "run/pipeline.h"

#include <stdlib.h>

#include "run/pipeline_inner.h"

enum {
	SPARE_BLOCKS = 3,	/* raw blocks beside those being decoded */
	FIRST_BATCH_BYTES = 2 * 1024 * 1024,	/* the next ones double, up to the limit */
	RAW_BYTES = 4 * 1024 * 1024,	/* that may wait, when lines are long */
};

static void
wake_all(struct pipeline *p)
{
	pthread_cond_broadcast(&p->room);
	pthread_cond_broadcast(&p->work);
	pthread_cond_broadcast(&p->ready);
}

void
pipeline_fail(struct pipeline *p, const struct err *err)
{
	pthread_mutex_lock(&p->mutex);
	if (p->err.kind == ERR_NONE)
		p->err = *err;
	p->stop = true;
	wake_all(p);
	pthread_mutex_unlock(&p->mutex);
}

bool
pipeline_stopping(struct pipeline *p)
{
	bool stop;

	pthread_mutex_lock(&p->mutex);
	stop = p->stop;
	pthread_mutex_unlock(&p->mutex);
	return stop || atomic_load(&p->opt.ingest->progress->stop_signal) != 0;
}

static struct part *
first_undecoded(struct part *part)
{
	while (part != NULL && part->decoded)
		part = part->next;
	return part;
}

/* The next part to decode; NULL when there will be none. */
static struct part *
get_work(struct pipeline *p)
{
	struct part *part;

	pthread_mutex_lock(&p->mutex);
	while (!p->stop && !p->no_more && p->undecoded == NULL)
		pthread_cond_wait(&p->work, &p->mutex);
	part = p->stop ? NULL : p->undecoded;
	if (part != NULL)
		p->undecoded = first_undecoded(part->next);
	pthread_mutex_unlock(&p->mutex);
	return part;
}

static void
put_done(struct pipeline *p, struct part *part)
{
	struct progress *progress = p->opt.ingest->progress;

	atomic_fetch_add(&progress->lines, (uint64_t)part->lines);
	pthread_mutex_lock(&p->mutex);
	part->decoded = true;
	p->decoded_bytes += part_bytes(part);
	p->raw_bytes -= part->block.n;
	p->spare[p->spares++] = part->block;
	part->block = (struct block){ 0 };
	p->raw_blocks--;
	pthread_cond_signal(&p->room);
	pthread_cond_signal(&p->ready);
	pthread_mutex_unlock(&p->mutex);
}

static void *
decoder_main(void *arg)
{
	struct pipeline *p = arg;
	struct decoder *d = decoder_open(p->opt.ingest->profiles);
	struct err err = ERR_INIT;
	struct part *part;
	bool ok = d != NULL;

	if (ok && p->opt.ingest->transcripts)
		decoder_keep_transcripts(d);
	while (ok && (part = get_work(p)) != NULL)
		if ((ok = part_decode(part, d, p->opt.max_line_bytes,
		    &p->big_line)))
			put_done(p, part);
	if (!ok) {
		err_nomem(&err);
		pipeline_fail(p, &err);
	}
	decoder_close(d);
	return NULL;
}

bool
pipeline_get_room(struct pipeline *p, struct block *b)
{
	size_t max_raw = SPARE_BLOCKS + (size_t)p->opt.jobs;
	bool go;

	pthread_mutex_lock(&p->mutex);
	while (!p->stop && (p->raw_blocks >= max_raw ||
	    p->raw_bytes >= RAW_BYTES ||
	    p->decoded_bytes >= p->opt.batch_bytes))
		pthread_cond_wait(&p->room, &p->mutex);
	if ((go = !p->stop)) {
		p->raw_blocks++;
		*b = p->spares > 0 ? p->spare[--p->spares] :
		    (struct block){ 0 };
	}
	pthread_mutex_unlock(&p->mutex);
	return go;
}

void
pipeline_give_back(struct pipeline *p, struct block *b)
{
	pthread_mutex_lock(&p->mutex);
	p->raw_blocks--;
	p->spare[p->spares++] = *b;
	pthread_mutex_unlock(&p->mutex);
}

void
pipeline_put(struct pipeline *p, struct part *part)
{
	pthread_mutex_lock(&p->mutex);
	if (p->tail != NULL)
		p->tail->next = part;
	else
		p->head = part;
	p->tail = part;
	p->raw_bytes += part->block.n;
	if (p->undecoded == NULL)
		p->undecoded = first_undecoded(part);
	if (part->decoded)
		p->decoded_bytes += part_bytes(part);
	pthread_cond_signal(part->decoded ? &p->ready : &p->work);
	pthread_mutex_unlock(&p->mutex);
}

static void *
reader_main(void *arg)
{
	struct pipeline *p = arg;
	struct progress *progress = p->opt.ingest->progress;
	struct err err = ERR_INIT;
	bool ok = true;

	for (size_t i = p->opt.first; ok && i < p->opt.end &&
	    !pipeline_stopping(p); i++) {
		ok = pipeline_read_file(p, i, &err);
		atomic_fetch_add(&progress->files_done, 1);
	}
	if (!ok)
		pipeline_fail(p, &err);
	pthread_mutex_lock(&p->mutex);
	p->no_more = true;
	wake_all(p);
	pthread_mutex_unlock(&p->mutex);
	return NULL;
}

static bool
start_threads(struct pipeline *p, struct err *err)
{
	int e;

	if ((e = pthread_create(&p->reader, NULL, reader_main, p)) != 0)
		return err_sys(err, e, "cannot start a thread");
	p->reading = true;
	for (int i = 0; i < p->opt.jobs; i++) {
		e = pthread_create(&p->decoder[i], NULL, decoder_main, p);
		if (e != 0)
			return err_sys(err, e, "cannot start a thread");
		p->decoders++;
	}
	return true;
}

struct pipeline *
pipeline_open(const struct pipeline_options *opt, struct err *err)
{
	struct pipeline *p = calloc(1, sizeof(*p));
	size_t blocks = SPARE_BLOCKS + (size_t)opt->jobs;

	if (p == NULL) {
		err_nomem(err);
		return NULL;
	}
	p->opt = *opt;
	p->batch_bytes = opt->batch_bytes < FIRST_BATCH_BYTES ?
	    opt->batch_bytes : FIRST_BATCH_BYTES;
	pthread_mutex_init(&p->mutex, NULL);
	pthread_mutex_init(&p->big_line, NULL);
	pthread_cond_init(&p->room, NULL);
	pthread_cond_init(&p->work, NULL);
	pthread_cond_init(&p->ready, NULL);
	p->decoder = calloc((size_t)opt->jobs, sizeof(*p->decoder));
	p->spare = calloc(blocks, sizeof(*p->spare));
	if (p->decoder == NULL || p->spare == NULL)
		err_nomem(err);
	else if (start_threads(p, err))
		return p;
	pipeline_close(p, NULL);
	return NULL;
}

/*
 * True when a part may be written. The last block of a file without a last
 * line end goes with the part that ends the file: a run that was cut off
 * between them would leave a reject of the half line of a file that has no
 * other, which nobody can know again under another name.
 */
static bool
may_be_taken(const struct part *part)
{
	if (!part->decoded)
		return false;
	return part->at_line_end || part->ends_source ||
	    (part->next != NULL && part->next->decoded);
}

/* How many decoded parts stand at the head of the list, and all that is read is decoded. */
static bool
batch_ready(const struct pipeline *p)
{
	if (p->head == NULL)
		return p->no_more;
	if (!may_be_taken(p->head))
		return false;
	return p->decoded_bytes >= p->batch_bytes ||
	    (p->no_more && p->undecoded == NULL && p->tail->decoded);
}

/* Takes the decoded parts from the head of the list. */
static struct part *
take_parts(struct pipeline *p)
{
	struct part *list = p->head, **end = &list;

	while (*end != NULL && may_be_taken(*end)) {
		p->decoded_bytes -= part_bytes(*end);
		end = &(*end)->next;
	}
	p->head = *end;
	if (p->head == NULL)
		p->tail = NULL;
	*end = NULL;
	p->batch_bytes = p->batch_bytes > p->opt.batch_bytes / 2 ?
	    p->opt.batch_bytes : 2 * p->batch_bytes;
	return list;
}

bool
pipeline_take(struct pipeline *p, struct part **list, struct err *err)
{
	bool ok;

	pthread_mutex_lock(&p->mutex);
	while (!p->stop && !batch_ready(p))
		pthread_cond_wait(&p->ready, &p->mutex);
	if ((ok = !p->stop))
		*list = take_parts(p);
	else
		*err = p->err;
	pthread_cond_broadcast(&p->room);
	pthread_mutex_unlock(&p->mutex);
	return ok;
}

void
pipeline_close(struct pipeline *p, struct pipeline_counts *counts)
{
	if (p == NULL)
		return;
	pthread_mutex_lock(&p->mutex);
	p->stop = true;
	wake_all(p);
	pthread_mutex_unlock(&p->mutex);
	if (p->reading)
		pthread_join(p->reader, NULL);
	for (int i = 0; i < p->decoders; i++)
		pthread_join(p->decoder[i], NULL);
	if (counts != NULL)
		*counts = p->counts;
	parts_free(p->head);
	for (size_t i = 0; i < p->spares; i++)
		block_free(&p->spare[i]);
	free(p->spare);
	free(p->decoder);
	pthread_mutex_destroy(&p->mutex);
	pthread_mutex_destroy(&p->big_line);
	pthread_cond_destroy(&p->room);
	pthread_cond_destroy(&p->work);
	pthread_cond_destroy(&p->ready);
	free(p);
}
