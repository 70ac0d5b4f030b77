#include "stats.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* What a client may need to hear of a Retry-After, and what clocks may differ. */
enum { QUIET_SLACK_US = 50000, QUIET_EARLY_US = 5000 };

/* Notes an arrival for the highest rate within a second. */
static void
note_rate(struct provider_stats *s, int64_t at_us)
{
	while (s->n > 0 && s->arrivals[s->first] <= at_us - SECOND_US) {
		s->first = (s->first + 1) % RATE_WINDOW_MAX;
		s->n--;
	}
	if (s->n < RATE_WINDOW_MAX)
		s->arrivals[(s->first + s->n++) % RATE_WINDOW_MAX] = at_us;
	if (s->n > s->max_1s)
		s->max_1s = s->n;
}

/* True when the request disregards a Retry-After that its sender must know. */
static bool
is_early(const struct provider_stats *s, int64_t at_us)
{
	for (size_t i = 0; i < QUIET_MAX; i++)
		if (at_us > s->quiet[i].from_us &&
		    at_us < s->quiet[i].until_us - QUIET_EARLY_US)
			return true;
	return false;
}

/* Remembers an answer with Retry-After. */
static void
note_quiet(struct provider_stats *s, const struct request_note *r)
{
	s->quiet[s->quiet_next] = (struct quiet){
	    r->answer_us + QUIET_SLACK_US,
	    r->retry_until_us - wall_us() + mono_us() };
	s->quiet_next = (s->quiet_next + 1) % QUIET_MAX;
}

/* Appends a header's name, in lower case, to an array. */
static enum MHD_Result
add_name(void *cls, enum MHD_ValueKind kind, const char *name,
    const char *value)
{
	json_t *names = cls;
	char *lower = mem_text(name);

	(void)kind;
	(void)value;
	for (char *c = lower; *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	(void)json_array_append_new(names, json_string(lower));
	free(lower);
	return MHD_YES;
}

/* The names of the request's headers; a new reference. */
static json_t *
header_names(struct MHD_Connection *conn)
{
	json_t *names = json_array();

	(void)MHD_get_connection_values(conn, MHD_HEADER_KIND, add_name, names);
	return names;
}

/* A target's path or query for the log: ASCII, and no key; a new reference. */
static json_t *
logged(const char *s, size_t n, bool leak)
{
	char *copy = mem_fmt("%.*s", leak ? 0 : (int)n, s);
	json_t *v;

	for (char *c = copy; *c != '\0'; c++)
		if ((unsigned char)*c < 0x20 || (unsigned char)*c > 0x7e)
			*c = '?';
	v = leak ? json_string("(holds a key)") : json_string(copy);
	free(copy);
	return v;
}

/* A string, or null for NULL; a new reference. */
static json_t *
string_or_null(const char *s)
{
	return s != NULL ? json_string(s) : json_null();
}

/* Writes the line of one request. */
static void
write_line(struct out *log, const struct request_note *r, bool early)
{
	size_t path_n = strcspn(r->target, "?");
	const char *query = r->target + path_n;
	json_t *v;
	char *line;

	query += *query == '?';
	v = json_pack("{s:I, s:o, s:o, s:o, s:s, s:o, s:o, s:s, s:s, s:s, s:i,"
	    " s:o, s:b, s:b}", "t_us", (json_int_t)r->at_us, "method",
	    logged(r->method, strlen(r->method), false),
	    "path", logged(r->target, path_n, r->leak),
	    "query", logged(query, strlen(query), r->leak),
	    "provider", provider_name(r->provider),
	    "call_id", string_or_null(r->call != NULL ? r->call->id : NULL),
	    "headers", header_names(r->conn), "auth", auth_name(r->auth),
	    "peer", r->peer, "host", r->other_host ? "other" : "main",
	    "status", (int)r->status,
	    "fault", string_or_null(r->fault != NULL ? r->fault->name : NULL),
	    "early", early, "leak", r->leak);
	if (v == NULL || (line = json_dumps(v, JSON_COMPACT)) == NULL)
		abort();
	out_line(log, line);
	free(line);
	json_decref(v);
}

void
stats_note(struct stats *all, const struct request_note *r, struct out *log)
{
	struct provider_stats *s = &all->of[r->provider];
	bool early = is_early(s, r->at_us);

	s->requests++;
	s->by_status[r->status < STATUS_MAX ? r->status : 0]++;
	s->auth_missing += r->auth == AUTH_MISSING;
	s->auth_wrong += r->auth == AUTH_WRONG;
	s->faults += r->fault != NULL;
	s->leaks += r->leak;
	s->early += early;
	all->other_host += r->other_host;
	note_rate(s, r->at_us);
	if (r->retry_until_us != 0)
		note_quiet(s, r);
	if (log != NULL && r->provider != P_SIM)
		write_line(log, r, early);
}

/* How often each status was answered; a new reference. */
static json_t *
status_json(const struct provider_stats *s)
{
	json_t *v = json_object();
	char key[16];

	for (int i = 0; i < STATUS_MAX; i++) {
		if (s->by_status[i] == 0)
			continue;
		(void)snprintf(key, sizeof(key), "%d", i);
		(void)json_object_set_new(v, key,
		    json_integer((json_int_t)s->by_status[i]));
	}
	return v;
}

/* The most requests for one part of a call. */
static unsigned
most_asked(const struct sim_call *call)
{
	unsigned most = 0;

	for (size_t i = 0; i < PART_COUNT; i++)
		if (call->asked[i] > most)
			most = call->asked[i];
	return most;
}

/* One provider's counts; a new reference. */
static json_t *
provider_json(const struct provider_stats *s, const struct call_list *calls)
{
	json_int_t asked = 0;
	unsigned most = 0, n;

	for (size_t i = 0; i < calls->n; i++) {
		n = most_asked(calls->p[i]);
		asked += n > 0;
		most = n > most ? n : most;
	}
	return json_pack("{s:I, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:i}",
	    "requests", (json_int_t)s->requests, "status", status_json(s),
	    "auth_missing", (json_int_t)s->auth_missing,
	    "auth_wrong", (json_int_t)s->auth_wrong,
	    "faults", (json_int_t)s->faults, "leaks", (json_int_t)s->leaks,
	    "early", (json_int_t)s->early, "max_1s", (json_int_t)s->max_1s,
	    "calls", (json_int_t)calls->n, "calls_asked", asked,
	    "most_for_a_path", (int)most);
}

/* What each rule of the plan did; a new reference. */
static json_t *
faults_json(const struct fault_plan *plan)
{
	json_t *v = json_array();

	for (size_t i = 0; i < plan->n; i++)
		(void)json_array_append_new(v, json_pack("{s:s, s:I}",
		    "fault", plan->p[i].name,
		    "hits", (json_int_t)plan->p[i].hits));
	return v;
}

json_t *
stats_json(const struct stats *s, const struct calls *calls,
    const struct fault_plan *plan)
{
	json_t *providers = json_object();

	for (unsigned p = 0; p < PROVIDER_COUNT; p++)
		if (p != P_SIM)
			(void)json_object_set_new(providers,
			    provider_name((enum provider)p),
			    provider_json(&s->of[p], &calls->of[p]));
	return json_pack("{s:i, s:i, s:I, s:I, s:o, s:o}",
	    "in_flight", (int)s->in_flight,
	    "in_flight_max", (int)s->in_flight_max,
	    "other_host", (json_int_t)s->other_host,
	    "sink", (json_int_t)s->sink,
	    "providers", providers, "faults", faults_json(plan));
}
