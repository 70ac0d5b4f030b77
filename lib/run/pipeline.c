#include "run/pipeline.h"

#include <stdlib.h>

#include "base/clock.h"
#include "run/pipeline_inner.h"

enum {
	SPARE_BLOCKS = 4,	/* raw blocks beside those being decoded */
	FIRST_BATCH_BYTES = 2 * 1024 * 1024,	/* the next ones double, up to the limit */
	RAW_BYTES = 4 * 1024 * 1024,	/* that may wait, when lines are long */
	LONG_FILE_BYTES = 256 * 1024,	/* of the logs of one day, shorter ones are read one by one */
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

/* Takes the next part to decode; NULL when there is none. Under the mutex. */
static struct part *
take_work(struct pipeline *p)
{
	struct part *part = p->stop ? NULL : p->undecoded;

	if (part != NULL)
		p->undecoded = first_undecoded(part->next);
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
	part = take_work(p);
	pthread_mutex_unlock(&p->mutex);
	return part;
}

static void
put_done(struct pipeline *p, struct part *part)
{
	struct progress *progress = p->opt.ingest->progress;
	struct part_time time = { part->number, part->time_us };

	atomic_fetch_add(&progress->lines, (uint64_t)part->lines);
	pthread_mutex_lock(&p->mutex);
	part->decoded = true;
	source_note_time(part->source, &time);
	p->decoded_bytes += part_bytes(part);
	p->raw_bytes -= part->block.n;
	p->spare[p->spares++] = part->block;
	part->block = (struct block){ 0 };
	p->raw_blocks--;
	pthread_cond_signal(&p->room);
	pthread_cond_signal(&p->ready);
	pthread_mutex_unlock(&p->mutex);
}

static struct decoder *
open_decoder(const struct pipeline *p)
{
	struct decoder *d = decoder_open(p->opt.ingest->profiles);

	if (d != NULL && p->opt.ingest->transcripts)
		decoder_keep_transcripts(d);
	return d;
}

/* Decodes a part; ends the run when memory, or the decoder for lack of it, is not there. */
static bool
decode(struct pipeline *p, struct part *part, struct decoder *d)
{
	struct decoding by = {
		.max_line_bytes = p->opt.max_line_bytes,
		.how = p->how,
		.passages = atomic_load(&p->passages),
	};
	struct err err = ERR_INIT;

	if (d != NULL && part_decode(part, d, &by, &p->big_line)) {
		put_done(p, part);
		return true;
	}
	err_nomem(&err);
	pipeline_fail(p, &err);
	return false;
}

static void *
decoder_main(void *arg)
{
	struct pipeline *p = arg;
	struct decoder *d = open_decoder(p);
	struct part *part;

	while ((part = get_work(p)) != NULL && decode(p, part, d))
		;
	decoder_close(d);
	return NULL;
}

/*
 * Who waits for a batch decodes himself, if there is something: without work
 * for the writers the decoders are what all wait for. False when there is
 * nothing. Under the mutex, which is let go meanwhile.
 */
static bool
help_to_decode(struct pipeline *p)
{
	struct part *part = take_work(p);

	if (part == NULL)
		return false;
	pthread_mutex_unlock(&p->mutex);
	if (p->helper == NULL)
		p->helper = open_decoder(p);
	(void)decode(p, part, p->helper);
	pthread_mutex_lock(&p->mutex);
	return true;
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

int64_t
pipeline_wait_time(struct pipeline *p, const struct source_state *s,
    uint64_t number)
{
	const struct part_time *t = &s->time[number % PART_TIMES];
	int64_t us;

	pthread_mutex_lock(&p->mutex);
	while (!p->stop && t->number != number)
		pthread_cond_wait(&p->room, &p->mutex);
	us = t->number == number ? t->us : TIME_NONE;
	pthread_mutex_unlock(&p->mutex);
	return us;
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

	for (size_t i = p->opt.first, n; ok && i < p->opt.end &&
	    !pipeline_stopping(p); i += n) {
		n = path_list_of_one_time(p->opt.list, i, p->opt.end,
		    FILES_AT_ONCE, p->opt.ingest->batch_lines > 0 ? 0 :
		    LONG_FILE_BYTES);
		ok = pipeline_read_files(p, i, n, &err);
		atomic_fetch_add(&progress->files_done, n);
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

/* A hash of what decides, beside their bytes, what lines tell. */
static struct id128
hash_of_how(const struct ingest_options *opt)
{
	const unsigned char code[] = { DECODE_VERSION };
	struct id128 how = hash_bytes(code, sizeof(code)), next;

	for (size_t i = 0; i < profiles_count(opt->profiles); i++) {
		struct str text = profile_source_text(profiles_at(opt->profiles, i));

		next = hash_bytes(text.p, text.n);
		how = hash_join(&how, &next);
	}
	return how;
}

void
pipeline_know(struct pipeline *p, const struct passages *passages)
{
	atomic_store(&p->passages, passages);
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
	p->how = hash_of_how(opt->ingest);
	atomic_init(&p->passages, opt->passages);
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
 * True when a batch may end with this part. The last block of a file without
 * a last line end goes with the part that ends the file: a run that was cut
 * off between them would leave a reject of the half line of a file that has no
 * other, which nobody can know again under another name.
 */
static bool
may_be_last(const struct part *part)
{
	return part->at_line_end || part->ends_source;
}

/* True when a part may be written. */
static bool
may_be_taken(const struct part *part)
{
	if (!part->decoded)
		return false;
	return may_be_last(part) || (part->next != NULL && part->next->decoded);
}

/* About how much is still to be taken, as far as the sizes of files tell; SIZE_MAX: unknown. */
static size_t
bytes_left(const struct pipeline *p)
{
	const struct progress *g = p->opt.ingest->progress;
	uint64_t total = atomic_load(&g->raw_bytes_total);
	uint64_t done = atomic_load(&g->raw_bytes_done);
	double each, unread;

	if (p->no_more)
		return p->decoded_bytes;
	if (done == 0 || total < done)
		return SIZE_MAX;
	each = (double)(p->taken_bytes + p->decoded_bytes) / (double)done;
	unread = each * (double)(total - done);
	return unread < (double)(SIZE_MAX / 2) ?
	    p->decoded_bytes + (size_t)unread : SIZE_MAX;
}

/*
 * How many bytes the next batch should have. Of what is left at the end so
 * many that both writers are done at the same time, if the other one is half
 * through a batch now.
 */
static size_t
batch_target(const struct pipeline *p)
{
	size_t last = bytes_left(p) / 2 + p->batch_bytes / 4;

	return last < p->batch_bytes ? last : p->batch_bytes;
}

/* How many decoded parts stand at the head of the list, and all that is read is decoded. */
static bool
batch_ready(const struct pipeline *p)
{
	if (p->head == NULL)
		return p->no_more;
	if (!may_be_taken(p->head))
		return false;
	return p->decoded_bytes >= batch_target(p) ||
	    (p->no_more && p->undecoded == NULL && p->tail->decoded);
}

static bool
ends_day(const struct part *part)
{
	return part->ends_source && part->source->ends_day;
}

/*
 * How many bytes of decoded parts at the head make the next batch. It ends
 * with a day where it can, not too early and not too late: the logs of one day
 * speak of the same calls, and a call whose events come in two batches is
 * written twice.
 */
static size_t
batch_size(const struct pipeline *p)
{
	size_t target = batch_target(p), n = 0, size = 0;

	for (const struct part *part = p->head; part != NULL &&
	    may_be_taken(part) && n < p->opt.batch_bytes; part = part->next) {
		n += part_bytes(part);
		if (ends_day(part) && (n <= target || size <= target / 2))
			size = n;
	}
	return size > target / 2 ? size : target;
}

/* Takes decoded parts from the head of the list, a batch of them. */
static struct part *
take_parts(struct pipeline *p)
{
	struct part *list = p->head, **end = &list, *last = NULL;
	size_t size = batch_size(p), taken = 0;

	while (*end != NULL && may_be_taken(*end) &&
	    (last == NULL || taken < size || !may_be_last(last))) {
		last = *end;
		taken += part_bytes(last);
		end = &last->next;
	}
	p->decoded_bytes -= taken;
	p->taken_bytes += taken;
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
		if (!help_to_decode(p))
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
	decoder_close(p->helper);
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
