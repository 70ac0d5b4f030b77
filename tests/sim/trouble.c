#include <stdlib.h>
#include <string.h>

#include "sim.h"

enum {
	OVERSIZE_BYTES = 8 << 20,
	SLOW_MS = 50,
	STALL_MS = 60000,
	DELAY_MS = 1000,
};

/* A rule's number, or the default where it states none. */
static int64_t
ms_or(const struct fault *f, int64_t ms)
{
	return (f->ms > 0 ? f->ms : ms) * 1000;
}

/* States a Retry-After, in the form that the rule wants. */
static void
make_retry(const struct fault *f, struct answer *a, int64_t sent_us)
{
	char buf[TIME_TEXT_MAX];
	int64_t until = sent_us + f->retry_after_s * SECOND_US;

	if (f->retry_text != NULL) {
		a->retry_after = mem_text(f->retry_text);
		return;
	}
	if (f->retry_after_s < 0)
		return;
	if (f->retry_date) {
		until = (until + SECOND_US - 1) / SECOND_US * SECOND_US;
		a->retry_after = mem_text(time_http(buf, until));
	} else {
		a->retry_after = mem_fmt("%lld", (long long)f->retry_after_s);
	}
	a->retry_until_us = until;
}

/* An error status in the provider's words. */
static void
make_status(struct request *r)
{
	const struct fault *f = r->fault;

	answer_error(&r->answer, r->provider, f->status, f->code);
	make_retry(f, &r->answer, wall_us() + r->sim->latency_us);
}

/* The right body, a few bytes at a time. */
static void
make_slow(struct request *r)
{
	r->answer.flow = FLOW_STREAM;
	r->answer.step_bytes = r->fault->bytes > 0 ? r->fault->bytes : 1;
	r->answer.pause_us = ms_or(r->fault, SLOW_MS);
}

/* Half the body, a long silence, the other half. */
static void
make_stall(struct request *r)
{
	r->answer.flow = FLOW_STREAM;
	r->answer.step_bytes = r->answer.n / 2 + 1;
	r->answer.pause_us = ms_or(r->fault, STALL_MS);
}

/* Half the body, then the end of the connection. */
static void
make_cut(struct request *r)
{
	r->answer.flow = FLOW_STREAM;
	r->answer.cut_at = r->answer.n / 2 + 1;
}

/* The end of the connection in place of an answer. */
static void
make_close(struct request *r)
{
	r->answer.flow = FLOW_CLOSE;
}

/* Silence; the connection is closed after a time, or when the simulator ends. */
static void
make_hang(struct request *r)
{
	r->answer.flow = FLOW_HANG;
	r->answer.delay_us = ms_or(r->fault, INT32_MAX);
}

/* The right answer after a time. */
static void
make_delay(struct request *r)
{
	r->answer.delay_us += ms_or(r->fault, DELAY_MS);
}

/* Something that no JSON parser takes. */
static void
make_badjson(struct request *r)
{
	answer_json(&r->answer, 200, mem_text("{\"id\": undefined, 'status': ok]"));
}

/* Half the body with the Content-Length of the half. */
static void
make_truncated(struct request *r)
{
	r->answer.n /= 2;
}

/* No body at all. */
static void
make_empty(struct request *r)
{
	answer_json(&r->answer, 200, mem_text(""));
}

/* A page for people. */
static void
make_html(struct request *r)
{
	answer_json(&r->answer, r->fault->status > 0 ? r->fault->status : 200,
	    mem_text("<!DOCTYPE html>\n<html><head><title>Service</title></head>"
	    "<body><h1>We will be back soon</h1></body></html>\n"));
	r->answer.type = "text/html; charset=utf-8";
}

/* The body of another call; where there is none, this one under another id. */
static void
make_other_id(struct request *r)
{
	const struct sim_call *call, *other;
	const char *body;
	char *id;

	if (r->place == NULL || r->answer.status != 200)
		return;
	call = r->place->call;
	other = calls_other(&r->sim->calls, call);
	body = other != NULL ? other->body[r->place->part] : NULL;
	if (body != NULL) {
		answer_json(&r->answer, 200, mem_text(body));
		return;
	}
	id = mem_fmt("%s0", call->id);
	answer_json(&r->answer, 200, mem_replace(r->answer.body, call->id, id));
	free(id);
}

/* The right body with a member of many bytes more. */
static void
make_oversize(struct request *r)
{
	r->answer.flow = FLOW_STREAM;
	r->answer.pad_bytes = r->fault->bytes > 0 ? r->fault->bytes :
	    OVERSIZE_BYTES;
}

/* Answers a redirect to a place, which is taken over. */
static void
redirect(struct request *r, unsigned status, char *location)
{
	answer_json(&r->answer, r->fault->status > 0 ? r->fault->status : status,
	    mem_text(""));
	r->answer.location = location;
}

/* To the same target at another host. */
static void
make_redirect(struct request *r)
{
	redirect(r, 302, mem_fmt("%s%s", r->fault->to != NULL ? r->fault->to :
	    r->sim->other, r->target));
}

/* To the same path at this host with a sign in its query. */
static void
make_redirect_same(struct request *r)
{
	redirect(r, 307, mem_fmt("%s%s%ssim_hop=1", r->sim->here, r->target,
	    strchr(r->target, '?') != NULL ? "&" : "?"));
}

/* Nothing here: the list looks at the fault itself. */
static void
make_cursor_loop(struct request *r)
{
	(void)r;
}

void
trouble_make(struct request *r)
{
	static void (*const makers[FAULT_KIND_COUNT])(struct request *) = {
		[FAULT_STATUS] = make_status,
		[FAULT_SLOW] = make_slow,
		[FAULT_STALL] = make_stall,
		[FAULT_CUT] = make_cut,
		[FAULT_CLOSE] = make_close,
		[FAULT_HANG] = make_hang,
		[FAULT_DELAY] = make_delay,
		[FAULT_BADJSON] = make_badjson,
		[FAULT_TRUNCATED] = make_truncated,
		[FAULT_EMPTY] = make_empty,
		[FAULT_HTML] = make_html,
		[FAULT_OTHER_ID] = make_other_id,
		[FAULT_OVERSIZE] = make_oversize,
		[FAULT_REDIRECT] = make_redirect,
		[FAULT_REDIRECT_SAME] = make_redirect_same,
		[FAULT_CURSOR_LOOP] = make_cursor_loop,
	};

	makers[r->fault->kind](r);
	if (r->fault->type != NULL)
		r->answer.type = r->fault->type;
	r->answer.chunked = r->fault->chunked;
}
