/*
 * sim: the simulator's state, and a request on its way through it.
 *
 * One lock guards calls, lives, faults and stats. It is held while a request
 * is decided and while a life takes a step, never while something is sent.
 */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include <pthread.h>

#include "answer.h"
#include "calls.h"
#include "due.h"
#include "life.h"
#include "stats.h"

/* Requests with more than this are refused. */
enum { BODY_MAX_BYTES = 1 << 20, PEER_TEXT_MAX = 64 };

struct sim {
	pthread_mutex_t lock;
	struct calls calls;
	struct lives *lives;
	struct fault_plan faults;
	struct stats stats;
	struct out *log;
	struct out *dump;
	struct out *dispatch;
	char *here;		/* scheme://127.0.0.1:PORT */
	char *other;		/* scheme://127.0.0.2:PORT */
	int64_t latency_us;
	int64_t started_us;
	struct due *wakes;	/* suspended connections */
};

enum stage { STAGE_READING, STAGE_WAITING, STAGE_DONE };

/* One request; it lives from its first line to the end of its answer. */
struct request {
	struct sim *sim;
	struct MHD_Connection *conn;
	const char *method;
	char *target;		/* as it came, with the query */
	const char *path;	/* unescaped, without the query */
	struct text body;
	bool body_too_long;
	bool other_host;
	char peer[PEER_TEXT_MAX];
	int64_t at_us;
	enum stage stage;

	enum provider provider;
	const struct place *place;	/* NULL: the path is no call's */
	enum auth auth;
	const struct fault *fault;
	struct answer answer;
};

/* Finds the answer of a request and notes it in log and stats. */
void request_decide(struct request *);

/* api.c: the endpoints; each fills r->answer, under the lock. */
typedef void endpoint(struct request *);
endpoint answer_place, mirai_initiate, mirai_abort, whippy_list, whippy_search,
    not_found, sim_stats, sim_sink;

/* trouble.c: does to the answer what r->fault says. */
void trouble_make(struct request *);

#endif
