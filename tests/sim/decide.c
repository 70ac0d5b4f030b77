#include <string.h>

#include "sim.h"

static const struct route {
	const char *method;
	const char *path;
	bool prefix;		/* the path may go on */
	enum provider provider;
	endpoint *answer;
} routes[] = {
	{ "POST", "/v2/call/initiate", false, P_MIRAIMINDS, mirai_initiate },
	{ "POST", "/v2/call/abort", false, P_MIRAIMINDS, mirai_abort },
	{ "GET", "/v2/calls/", true, P_MIRAIMINDS, not_found },
	{ "GET", "/calls/", true, P_MIRAIMINDS, not_found },
	{ "GET", "/v1/message/list", false, P_WHIPPY, whippy_list },
	{ "GET", "/v1/messages/list", false, P_WHIPPY, whippy_list },
	{ "POST", "/v1/messages/search", false, P_WHIPPY, whippy_search },
	{ "GET", "/v1/calls/", true, P_MINIVOICE, not_found },
	{ "GET", "/attachments/", true, P_FILES, not_found },
	{ "GET", "/_sim/stats", false, P_SIM, sim_stats },
	{ "POST", "/_sim/sink", false, P_SIM, sim_sink },
	{ NULL, NULL, false, P_NONE, not_found },
};

/* The route of a path; the last one, which knows nothing, where none fits. */
static const struct route *
route_of(const char *path)
{
	const struct route *t = routes;

	while (t->path != NULL && (t->prefix ?
	    strncmp(t->path, path, strlen(t->path)) != 0 :
	    strcmp(t->path, path) != 0))
		t++;
	return t;
}

/* Whom a place belongs to: attachments are not at the provider's API. */
static enum provider
place_provider(const struct place *place)
{
	return place->part == PART_ANALYSIS ? P_FILES : place->call->provider;
}

/* The fault that strikes the request; NULL for none. */
static const struct fault *
pick_fault(const struct request *r)
{
	struct fault_case c = {
		.provider = r->provider,
		.method = r->method,
		.path = r->path,
		.call_id = r->place != NULL ? r->place->call->id : NULL,
		.request = hash_bytes(r->target, strlen(r->target)) +
		    hash_bytes(r->body.p, r->body.n),
		.redirected = strstr(r->target, "sim_hop=1") != NULL,
	};

	if (r->provider == P_SIM)
		return NULL;
	return faults_pick(&r->sim->faults, &c);
}

/* True for a fault before which the endpoint has done nothing. */
static bool
comes_first(const struct fault *f)
{
	return f != NULL && (f->kind == FAULT_STATUS || f->kind == FAULT_CLOSE ||
	    f->kind == FAULT_HANG || f->kind == FAULT_REDIRECT ||
	    f->kind == FAULT_REDIRECT_SAME);
}

/* Notes an initiate that began no call in the dispatch log. */
static void
note_refusal(const struct request *r, endpoint *answer)
{
	json_t *v;

	if (answer != mirai_initiate || r->answer.status < 300 ||
	    r->answer.body == NULL)
		return;
	v = json_loadb(r->body.p != NULL ? r->body.p : "", r->body.n, 0, NULL);
	if (v != NULL)
		life_refused(r->sim->lives, v, MHD_lookup_connection_value(
		    r->conn, MHD_HEADER_KIND, "workspace"), r->answer.body);
	json_decref(v);
}

/* Fills the answer: keys first, then faults, then what the endpoint says. */
static void
fill_answer(struct request *r, const struct route *t)
{
	endpoint *answer = r->place != NULL ? answer_place : t->answer;
	const char *method = r->place != NULL ? "GET" : t->method;

	if (r->auth == AUTH_MISSING || r->auth == AUTH_WRONG) {
		answer_error(&r->answer, r->provider, 401, NULL);
	} else if (method != NULL && strcmp(method, r->method) != 0) {
		answer_error(&r->answer, r->provider, 405, NULL);
	} else if (r->body_too_long) {
		answer_error(&r->answer, r->provider, 413, NULL);
	} else {
		r->fault = pick_fault(r);
		if (!comes_first(r->fault))
			answer(r);
		if (r->fault != NULL)
			trouble_make(r);
	}
	note_refusal(r, answer);
}

/* Notes the request in stats and log. */
static void
note(struct request *r)
{
	const struct answer *a = &r->answer;
	bool silent = a->flow == FLOW_CLOSE || a->flow == FLOW_HANG;
	struct request_note n = {
		.at_us = r->at_us,
		.method = r->method,
		.target = r->target,
		.provider = r->provider,
		.call = r->place != NULL ? r->place->call : NULL,
		.auth = r->auth,
		.other_host = r->other_host,
		.leak = auth_leak(r->provider, r->other_host, r->target, r->conn),
		.peer = r->peer,
		.status = silent ? 0 : a->status,
		.fault = r->fault,
		.answer_us = mono_us() + a->delay_us,
		.retry_until_us = a->retry_until_us,
		.conn = r->conn,
	};

	if (r->place != NULL)
		r->place->call->asked[r->place->part]++;
	stats_note(&r->sim->stats, &n, r->sim->log);
}

void
request_decide(struct request *r)
{
	const struct route *t;

	(void)pthread_mutex_lock(&r->sim->lock);
	t = route_of(r->path);
	r->place = calls_place(&r->sim->calls, r->path);
	r->provider = r->place != NULL ? place_provider(r->place) : t->provider;
	r->auth = auth_check(r->provider, r->conn);
	if (r->provider != P_SIM)
		r->answer.delay_us = r->sim->latency_us;
	fill_answer(r, t);
	note(r);
	(void)pthread_mutex_unlock(&r->sim->lock);
}
