#include "fault.h"

#include <stdlib.h>
#include <string.h>

#include "util.h"

static const char *const fault_kinds[FAULT_KIND_COUNT] = {
	"status", "slow", "stall", "cut", "close", "hang", "delay", "badjson",
	"truncated", "empty", "html", "other_id", "oversize", "redirect",
	"redirect_same", "cursor_loop",
};

/* Finds the kind that a rule's name means, and the status where it is one. */
static bool
read_kind(struct fault *f, const char *name)
{
	char *end;
	unsigned long status = strtoul(name, &end, 10);

	if (*end == '\0' && status >= 400 && status <= 599) {
		f->kind = FAULT_STATUS;
		f->status = (unsigned)status;
		return true;
	}
	for (unsigned k = FAULT_STATUS + 1; k < FAULT_KIND_COUNT; k++) {
		if (strcmp(fault_kinds[k], name) == 0) {
			f->kind = (enum fault_kind)k;
			return true;
		}
	}
	return false;
}

/* Reads retry_after: a number of seconds, or any text. */
static void
read_retry(struct fault *f, const json_t *retry)
{
	f->retry_after_s = f->status == 429 ? 1 : -1;
	if (json_is_integer(retry))
		f->retry_after_s = json_integer_value(retry);
	else if (json_is_string(retry))
		f->retry_text = mem_text(json_string_value(retry));
}

/* The members of a rule as they stand in the JSON. */
struct rule_text {
	const char *fault, *provider, *path, *method, *call_id, *per;
	const char *retry_form, *code, *type, *to;
	json_int_t after, times, percent, status, bytes, ms;
	json_t *retry_after;
	int chunked;
};

/* Takes the members of a rule apart. False, with why, when one is not known. */
static bool
unpack_rule(json_t *v, struct rule_text *t, json_error_t *err)
{
	*t = (struct rule_text){ .times = 1, .percent = 100, .per = "rule",
	    .retry_form = "seconds" };
	return json_unpack_ex(v, err, 0,
	    "{s:s, s?s, s?s, s?s, s?s, s?s, s?s, s?s, s?s, s?s,"
	    " s?I, s?I, s?I, s?I, s?I, s?I, s?o, s?b !}",
	    "fault", &t->fault, "provider", &t->provider, "path", &t->path,
	    "method", &t->method, "call_id", &t->call_id, "per", &t->per,
	    "retry_form", &t->retry_form, "code", &t->code,
	    "type", &t->type, "to", &t->to, "after", &t->after,
	    "times", &t->times, "percent", &t->percent,
	    "status", &t->status, "bytes", &t->bytes, "ms", &t->ms,
	    "retry_after", &t->retry_after, "chunked", &t->chunked) == 0;
}

/* Why a rule cannot be meant; NULL when it can. */
static const char *
rule_wrong(const struct rule_text *t)
{
	if (t->after < 0 || t->times < 0 || t->bytes < 0 || t->ms < 0)
		return "a number is negative";
	if (t->percent < 0 || t->percent > 100)
		return "percent is not within 0 and 100";
	if (t->status != 0 && (t->status < 200 || t->status > 599))
		return "status is not within 200 and 599";
	if (strcmp(t->per, "rule") != 0 && strcmp(t->per, "request") != 0)
		return "per is neither rule nor request";
	if (strcmp(t->retry_form, "seconds") != 0 &&
	    strcmp(t->retry_form, "date") != 0)
		return "retry_form is neither seconds nor date";
	if (t->provider != NULL &&
	    provider_named(t->provider) == PROVIDER_COUNT)
		return "provider is not known";
	return NULL;
}

/* Makes a rule of its text. */
static void
rule_fill(struct fault *f, const struct rule_text *t)
{
	size_t n = strlen(t->fault);

	*f = (struct fault){
		.provider = t->provider != NULL ? provider_named(t->provider) :
		    PROVIDER_COUNT,
		.path = mem_text(t->path),
		.method = mem_text(t->method),
		.call_id = mem_text(t->call_id),
		.after = (unsigned long)t->after,
		.times = (unsigned long)t->times,
		.per_request = strcmp(t->per, "request") == 0,
		.percent = (unsigned)t->percent,
		.status = (unsigned)t->status,
		.retry_date = strcmp(t->retry_form, "date") == 0,
		.code = mem_text(t->code),
		.type = mem_text(t->type),
		.bytes = (size_t)t->bytes,
		.ms = t->ms,
		.to = mem_text(t->to),
		.chunked = t->chunked != 0,
	};
	memcpy(f->name, t->fault, n < sizeof(f->name) ? n : sizeof(f->name) - 1);
}

/* Adds the rule that one JSON object states. */
static void
rule_add(struct fault_plan *plan, json_t *v, const char *origin, size_t no)
{
	struct rule_text t;
	struct fault *f;
	json_error_t err;
	const char *wrong;

	if (!unpack_rule(v, &t, &err))
		die("%s: rule %zu: %s", origin, no, err.text);
	if ((wrong = rule_wrong(&t)) != NULL)
		die("%s: rule %zu: %s", origin, no, wrong);
	plan->p = mem_grow(plan->p, plan->n + 1, sizeof(*plan->p));
	f = &plan->p[plan->n++];
	rule_fill(f, &t);
	if (!read_kind(f, t.fault))
		die("%s: rule %zu: no fault is called %s", origin, no, t.fault);
	read_retry(f, t.retry_after);
}

void
faults_add(struct fault_plan *plan, const char *json, const char *origin)
{
	json_error_t err;
	json_t *v = json_loads(json, 0, &err), *one;
	size_t i;

	if (v == NULL)
		die("%s:%d: %s", origin, err.line, err.text);
	if (json_is_array(v)) {
		json_array_foreach(v, i, one)
			rule_add(plan, one, origin, i + 1);
	} else {
		rule_add(plan, v, origin, 1);
	}
	json_decref(v);
}

void
faults_free(struct fault_plan *plan)
{
	for (size_t i = 0; i < plan->n; i++) {
		struct fault *f = &plan->p[i];

		free(f->path);
		free(f->method);
		free(f->call_id);
		free(f->retry_text);
		free(f->code);
		free(f->type);
		free(f->to);
	}
	free(plan->p);
	free(plan->counts);
	*plan = (struct fault_plan){ 0 };
}

/* The place of a key among the counts. */
static struct count *
count_slot(const struct fault_plan *plan, uint64_t key)
{
	size_t i = key & (plan->counts_cap - 1);

	while (plan->counts[i].key != 0 && plan->counts[i].key != key)
		i = (i + 1) & (plan->counts_cap - 1);
	return &plan->counts[i];
}

/* Doubles the table of counts. */
static void
counts_widen(struct fault_plan *plan)
{
	struct count *old = plan->counts;
	size_t old_cap = plan->counts_cap;

	plan->counts_cap = old_cap > 0 ? old_cap * 2 : 256;
	plan->counts = mem_new(plan->counts_cap * sizeof(*plan->counts));
	for (size_t i = 0; i < old_cap; i++)
		if (old[i].key != 0)
			*count_slot(plan, old[i].key) = old[i];
	free(old);
}

/* Counts a request under a key; returns how many came before it. */
static unsigned long
count_next(struct fault_plan *plan, uint64_t key)
{
	struct count *c;

	if ((plan->counts_n + 1) * 2 > plan->counts_cap)
		counts_widen(plan);
	c = count_slot(plan, key);
	if (c->key == 0) {
		c->key = key;
		plan->counts_n++;
	}
	return c->n++;
}

/* A key for a rule and a request that is never 0. */
static uint64_t
rule_key(const struct fault_plan *plan, const struct fault *f, uint64_t request)
{
	uint64_t parts[3] = { plan->seed, (uint64_t)(f - plan->p), request };

	return hash_bytes(parts, sizeof(parts)) | 1;
}

/* True when the kind of fault can befall this request. */
static bool
kind_matches(const struct fault *f, const struct fault_case *c)
{
	switch (f->kind) {
	case FAULT_REDIRECT_SAME:
		return !c->redirected || f->times == 0;
	case FAULT_OTHER_ID:
		return c->call_id != NULL;
	case FAULT_CURSOR_LOOP:
		return c->provider == P_WHIPPY;
	default:
		return true;
	}
}

/* True when a rule speaks of this request at all. */
static bool
rule_matches(const struct fault *f, const struct fault_case *c)
{
	if (f->provider != PROVIDER_COUNT && f->provider != c->provider)
		return false;
	if (f->method != NULL && strcmp(f->method, c->method) != 0)
		return false;
	if (f->path != NULL && strncmp(c->path, f->path, strlen(f->path)) != 0)
		return false;
	if (f->call_id != NULL &&
	    (c->call_id == NULL || strcmp(f->call_id, c->call_id) != 0))
		return false;
	return kind_matches(f, c);
}

const struct fault *
faults_pick(struct fault_plan *plan, const struct fault_case *c)
{
	for (size_t i = 0; i < plan->n; i++) {
		struct fault *f = &plan->p[i];
		uint64_t key = rule_key(plan, f, c->request);
		unsigned long before;

		if (!rule_matches(f, c) || !coin(key, f->percent))
			continue;
		before = f->per_request ? count_next(plan, key) : f->seen++;
		if (before < f->after ||
		    (f->times > 0 && before >= f->after + f->times))
			continue;
		f->hits++;
		return f;
	}
	return NULL;
}
