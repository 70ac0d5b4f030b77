/*
 * night: what became of the three parts of a run, for those who tell it.
 */
#ifndef CALLTALLY_CMD_NIGHT_H
#define CALLTALLY_CMD_NIGHT_H

#include "parts.h"
#include "puller.h"

enum part { PART_INGEST, PART_PULL, PART_EXPORT, PARTS };

struct night {
	const struct request *request;
	struct session *session;
	struct puller *puller;
	bool begun[PARTS];
	bool done[PARTS];		/* begun, and there is something to tell */
	struct err err[PARTS];
	int status[PARTS];
	int64_t elapsed_us[PARTS];
	struct ingest_result ingest;
	struct pull_result pull;
	struct export_options export;
	struct export_result exported;
	int64_t begun_us;		/* clock_mono_us */
	int64_t begun_at_us;		/* clock_now_us */
};

/*
 * Writes the night to path in Prometheus' text format; status is the exit
 * status to come. What was not reached is left out.
 */
bool night_metrics(const struct night *, int status, const char *path,
    struct err *);

#endif
