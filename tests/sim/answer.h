/*
 * answer: what a request is answered with, and how it goes out.
 *
 * An answer is made while the simulator's lock is held and sent later. It
 * owns its texts; answer_send takes the body over, answer_clear frees what
 * is left.
 */
#ifndef SIM_ANSWER_H
#define SIM_ANSWER_H

#include "fault.h"

/* How the body goes out where it does not go out as it is. */
enum flow { FLOW_PLAIN, FLOW_STREAM, FLOW_CLOSE, FLOW_HANG };

struct answer {
	unsigned status;
	char *body;
	size_t n;
	const char *type;
	char *retry_after;
	int64_t retry_until_us;	/* wall clock; 0: none stated */
	char *location;

	enum flow flow;
	int64_t delay_us;	/* before the answer begins; hang: its length */
	size_t cut_at;		/* stream: closed behind so many bytes; 0: not */
	size_t step_bytes;	/* stream: so many at a time; 0: any */
	int64_t pause_us;	/* stream: between two steps */
	size_t pad_bytes;	/* stream: a member of so many bytes is added */
	bool chunked;		/* stream: no Content-Length */
};

struct due;

/* Sets status and JSON body; the text is taken over. */
void answer_json(struct answer *, unsigned status, char *body);
/* Answers an error in the provider's words. code: NULL for the usual one. */
void answer_error(struct answer *, enum provider, unsigned status,
    const char *code);
void answer_clear(struct answer *);

/*
 * Queues the answer, FLOW_PLAIN or FLOW_STREAM, on its connection. A stream
 * with pauses suspends the connection again and again by answer_sleep.
 */
enum MHD_Result answer_send(struct answer *, struct MHD_Connection *,
    struct due *wakes);
/*
 * Suspends the connection, to be called from MHD's callbacks only, until the
 * thread that pops wakes resumes it.
 */
void answer_sleep(struct MHD_Connection *, struct due *wakes, int64_t us);

#endif
