#include "answer.h"

#include <stdlib.h>
#include <string.h>

#include "due.h"
#include "util.h"

enum { STREAM_BLOCK_BYTES = 65536 };

/* A body that is written step by step: head, so many pad bytes, tail. */
struct stream {
	struct MHD_Connection *conn;
	struct due *wakes;
	char *head;
	size_t head_n;
	size_t pad_n;
	const char *tail;
	size_t cut_at;
	size_t step_bytes;
	int64_t pause_us;
	bool rested;		/* the pause before the next step is over */
};

void
answer_json(struct answer *a, unsigned status, char *body)
{
	free(a->body);
	a->status = status;
	a->body = body;
	a->n = strlen(body);
	a->type = "application/json";
}

void
answer_error(struct answer *a, enum provider p, unsigned status,
    const char *code)
{
	answer_json(a, status, provider_error(p, status, code));
	if (p == P_NONE || p == P_FILES || p == P_SIM)
		a->type = "text/plain";
}

void
answer_clear(struct answer *a)
{
	free(a->body);
	free(a->retry_after);
	free(a->location);
	*a = (struct answer){ 0 };
}

void
answer_sleep(struct MHD_Connection *conn, struct due *wakes, int64_t us)
{
	MHD_suspend_connection(conn);
	if (!due_push(wakes, mono_us() + us, conn))
		MHD_resume_connection(conn);
}

/* Copies up to n bytes of the stream from pos on; returns how many. */
static size_t
stream_copy(const struct stream *s, size_t pos, char *buf, size_t n)
{
	size_t tail_n = strlen(s->tail), left;

	if (pos < s->head_n) {
		left = s->head_n - pos;
		n = n < left ? n : left;
		memcpy(buf, s->head + pos, n);
		return n;
	}
	pos -= s->head_n;
	if (pos < s->pad_n) {
		left = s->pad_n - pos;
		n = n < left ? n : left;
		memset(buf, 'x', n);
		return n;
	}
	pos -= s->pad_n;
	left = pos < tail_n ? tail_n - pos : 0;
	n = n < left ? n : left;
	memcpy(buf, s->tail + (tail_n - left), n);
	return n;
}

/* Gives MHD the next bytes; 0 when it has put the connection to sleep. */
static ssize_t
stream_read(void *cls, uint64_t pos, char *buf, size_t max)
{
	struct stream *s = cls;
	size_t n;

	if (s->cut_at > 0 && pos >= s->cut_at)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (s->step_bytes > 0 && pos > 0 && !s->rested) {
		s->rested = true;
		answer_sleep(s->conn, s->wakes, s->pause_us);
		return 0;
	}
	s->rested = false;
	if (s->step_bytes > 0 && max > s->step_bytes)
		max = s->step_bytes;
	if (s->cut_at > 0 && max > s->cut_at - pos)
		max = s->cut_at - pos;
	n = stream_copy(s, pos, buf, max);
	return n > 0 ? (ssize_t)n : MHD_CONTENT_READER_END_OF_STREAM;
}

/* Frees a stream; MHD calls it with the response. */
static void
stream_free(void *cls)
{
	struct stream *s = cls;

	free(s->head);
	free(s);
}

/* Opens a JSON object at its end for one more member, "pad". */
static void
stream_open_end(struct stream *s)
{
	struct text head = { 0 };

	if (s->head_n < 2 || s->head[s->head_n - 1] != '}')
		return;
	text_put(&head, s->head, s->head_n - 1);
	text_puts(&head, s->head_n > 2 ? ",\"pad\":\"" : "\"pad\":\"");
	free(s->head);
	s->head = head.p;
	s->head_n = head.n;
	s->tail = "\"}";
}

/* A response that reads from a stream made of the answer. */
static struct MHD_Response *
stream_response(struct answer *a, struct MHD_Connection *conn,
    struct due *wakes)
{
	struct stream *s = mem_new(sizeof(*s));
	uint64_t size;

	*s = (struct stream){ conn, wakes, a->body, a->n, a->pad_bytes, "",
	    a->cut_at, a->step_bytes, a->pause_us, false };
	a->body = NULL;
	if (s->pad_n > 0)
		stream_open_end(s);
	size = a->chunked ? MHD_SIZE_UNKNOWN :
	    s->head_n + s->pad_n + strlen(s->tail);
	return MHD_create_response_from_callback(size, STREAM_BLOCK_BYTES,
	    stream_read, s, stream_free);
}

/* A response that holds the answer's body. */
static struct MHD_Response *
plain_response(struct answer *a)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(a->n, a->body,
	    MHD_RESPMEM_MUST_FREE);

	a->body = NULL;
	return r;
}

/* Adds a header where there is a value for it. */
static void
header_add(struct MHD_Response *r, const char *name, const char *value)
{
	if (value != NULL && MHD_add_response_header(r, name, value) != MHD_YES)
		abort();
}

enum MHD_Result
answer_send(struct answer *a, struct MHD_Connection *conn, struct due *wakes)
{
	struct MHD_Response *r = a->flow == FLOW_STREAM ?
	    stream_response(a, conn, wakes) : plain_response(a);
	enum MHD_Result done;

	if (r == NULL)
		abort();
	header_add(r, "Content-Type", a->type);
	header_add(r, "Retry-After", a->retry_after);
	header_add(r, "Location", a->location);
	done = MHD_queue_response(conn, a->status, r);
	MHD_destroy_response(r);
	return done;
}
