/*
 * pipeline_inner: what the reading side and the queue share.
 */
#ifndef CALLTALLY_RUN_PIPELINE_INNER_H
#define CALLTALLY_RUN_PIPELINE_INNER_H

#include <pthread.h>
#include <stdatomic.h>

#include "run/pipeline.h"

struct pipeline {
	struct pipeline_options opt;
	pthread_t reader;
	pthread_t *decoder;
	int decoders;			/* started */
	bool reading;			/* the reader was started */
	struct decoder *helper;		/* of who is in pipeline_take; NULL until he needs it */
	struct id128 how;		/* see struct decoding */
	_Atomic(const struct passages *) passages;

	pthread_mutex_t mutex;		/* guards all below */
	pthread_cond_t room;		/* for the reader */
	pthread_cond_t work;		/* for the decoders */
	pthread_cond_t ready;		/* for the writer */
	struct part *head, *tail;	/* in the order of reading */
	struct part *undecoded;		/* the first that nobody decodes yet */
	struct block *spare;		/* empty blocks */
	size_t spares;
	size_t raw_blocks;		/* in use */
	size_t raw_bytes;		/* in them, not decoded yet */
	size_t decoded_bytes;		/* held by decoded parts in the list */
	uint64_t taken_bytes;		/* of parts that were taken */
	size_t batch_bytes;		/* of the next batch */
	bool no_more;			/* the reader is done */
	bool stop;			/* everybody home */
	struct err err;			/* of the first thread that failed */
	struct pipeline_counts counts;

	pthread_mutex_t big_line;
};

/* True when reading should end: after a failure or a signal. */
bool pipeline_stopping(struct pipeline *);

/* Waits until another block may be read; false when it is time to stop. */
bool pipeline_get_room(struct pipeline *, struct block *);

/* Gives a block back that was not filled. */
void pipeline_give_back(struct pipeline *, struct block *);

/* Puts a part at the end of the queue; it takes the part. */
void pipeline_put(struct pipeline *, struct part *);

/* When about a block of the source was, once it is decoded; TIME_NONE also when it is time to stop. */
int64_t pipeline_wait_time(struct pipeline *, const struct source_state *,
    uint64_t number);

/*
 * Reads n files of the list, side by side by the times of their lines, into
 * parts; n is at most FILES_AT_ONCE. False only when the run cannot go on.
 */
bool pipeline_read_files(struct pipeline *, size_t first, size_t n,
    struct err *);

#endif
