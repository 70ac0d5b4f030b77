#include "puller.h"

#include <ctype.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/num.h"
#include "say.h"

enum { BASE_MS = 250, CAP_MS = 20000, URL_VARIABLE_BYTES = 128 };

#define SECOND_US INT64_C(1000000)
#define DAY_US (86400 * SECOND_US)

static const char *
variable(const char *name)
{
	const char *v = getenv(name);

	return v != NULL && v[0] != '\0' ? v : NULL;
}

/* "90s", "30m", "2h", "14d", "3w" */
static bool
duration(const char *s, int64_t *us)
{
	static const struct { char unit; int64_t s; } units[] = {
		{ 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 },
		{ 'w', 604800 },
	};
	const int64_t most_s = INT64_C(100) * 366 * 86400;
	size_t n = strspn(s, "0123456789");
	int64_t number;

	if (n == 0 || !num_int((struct str){ s, n }, &number))
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (s[n] == units[i].unit && s[n + 1] == '\0' &&
		    number <= most_s / units[i].s) {
			*us = number * units[i].s * SECOND_US;
			return true;
		}
	/* Nothing is nothing in any unit. */
	*us = 0;
	return s[n] == '\0' && number == 0;
}

static bool
day(const char *s, int64_t *us)
{
	char at_midnight[32];

	if (strlen(s) != 10 || strspn(s, "0123456789-") != 10)
		return false;
	(void)snprintf(at_midnight, sizeof(at_midnight), "%sT00:00:00Z", s);
	return time_parse(str_of(at_midnight), us);
}

static bool
read_times(struct puller *p, const struct opts *o, struct err *err)
{
	int64_t now = clock_now_us(), ago = 30 * DAY_US;

	p->opt.since_us = now - ago;
	p->opt.grace_us = 3600 * SECOND_US;
	if (o->since != NULL && !day(o->since, &p->opt.since_us)) {
		if (!duration(o->since, &ago))
			return err_set(err, ERR_USAGE, "--since: \"%.100s\" is "
			    "neither a day as YYYY-MM-DD nor a time like 14d",
			    o->since);
		p->opt.since_us = now - ago;
	}
	if (p->opt.since_us < TIME_MIN)
		p->opt.since_us = TIME_MIN;
	return o->grace == NULL || duration(o->grace, &p->opt.grace_us) ||
	    err_set(err, ERR_USAGE, "--grace: \"%.100s\" is not a time like 90m "
	    "or 2h", o->grace);
}

/* Beside the private cluster's folder, whose owner may be another user. */
static bool
choose_archive(struct puller *p, const struct opts *o, struct err *err)
{
	const char *data = variable("XDG_DATA_HOME"), *home = variable("HOME");
	int n;

	if (o->archive != NULL)
		n = snprintf(p->archive, sizeof(p->archive), "%s", o->archive);
	else if (geteuid() == 0 && data == NULL)
		n = snprintf(p->archive, sizeof(p->archive),
		    "/var/lib/calltally-archive");
	else if (data != NULL)
		n = snprintf(p->archive, sizeof(p->archive),
		    "%s/calltally-archive", data);
	else if (home != NULL)
		n = snprintf(p->archive, sizeof(p->archive),
		    "%s/.local/share/calltally-archive", home);
	else
		return err_set(err, ERR_USAGE, "--archive DIR is missing, and "
		    "there is no home to put it in");
	p->opt.archive = p->archive;
	return (n > 0 && (size_t)n < sizeof(p->archive)) ||
	    err_set(err, ERR_USAGE, "--archive: the path is too long");
}

/* CALLTALLY_<PROVIDER>_URL; NULL when it is not set. */
static const char *
base_url(struct str provider)
{
	char name[URL_VARIABLE_BYTES] = "CALLTALLY_";
	size_t n = strlen(name);

	for (size_t i = 0; i < provider.n && n + 8 < sizeof(name); i++) {
		unsigned char c = (unsigned char)provider.p[i];

		name[n++] = isalnum(c) ? (char)toupper(c) : '_';
	}
	memcpy(name + n, "_URL", 5);
	return variable(name);
}

static bool
add_provider(struct puller *p, const struct profile *profile, struct err *err)
{
	struct secrets *s = &p->secrets[p->n];

	if (p->n == PULL_PROVIDERS_MAX)
		return err_fail(err, "more than %d providers have an API",
		    PULL_PROVIDERS_MAX);
	p->n++;
	if (!secrets_read(s, profile_api(profile), err))
		return false;
	p->provider[p->n - 1] = (struct pull_provider){
		.profile = profile,
		.base_url = base_url(profile_name(profile)),
		.value = (const char *const *)s->value,
		.missing = s->missing[0] != '\0' ? s->missing : NULL,
	};
	return true;
}

bool
puller_choose(struct puller *p, const struct opts *o,
    const struct profiles *set, struct err *err)
{
	struct str only = str_of(o->provider);

	p->opt.profiles = set;
	for (size_t i = 0; i < profiles_count(set); i++) {
		const struct profile *profile = profiles_at(set, i);

		if (profile_api(profile) == NULL ||
		    (only.p != NULL && !str_eq(only, profile_name(profile))))
			continue;
		if (!add_provider(p, profile, err))
			return false;
	}
	p->opt.providers = p->n;
	return p->n > 0 || err_set(err, ERR_USAGE, only.p != NULL ?
	    "--provider: no profile with an API has this name" :
	    "no profile has an API");
}

bool
puller_open(struct puller *p, const struct opts *o, struct err *err)
{
	*p = (struct puller){ .n = 0 };
	p->opt = (struct pull_options){
		.provider = p->provider,
		.call = o->call,
		.transcripts = o->transcripts,
		.parallel = (int)o->parallel,
		.rate_milli = o->rate * 1000,
		.timeout_ms = o->timeout_s * 1000,
		.comeback_ms = o->reconnect_s * 1000,
		.retry = {
			.attempts = (int)o->attempts,
			.base_ms = BASE_MS,
			.cap_ms = CAP_MS,
			.max_requests = o->max_requests,
			.max_ms = o->max_minutes * 60000,
		},
		.ca_file = variable("CALLTALLY_CA_FILE") != NULL ?
		    variable("CALLTALLY_CA_FILE") : variable("SSL_CERT_FILE"),
		.user_agent = "calltally/" CALLTALLY_VERSION,
		.allow_host = o->allow_host.v,
		.allow_hosts = o->allow_host.n,
	};
	return read_times(p, o, err) && choose_archive(p, o, err);
}

void
puller_close(struct puller *p)
{
	for (size_t i = 0; i < p->n; i++)
		secrets_free(&p->secrets[i]);
}

static bool
any_stop(const struct pull_result *r, enum pull_stop stop)
{
	for (size_t i = 0; i < r->providers; i++)
		if (r->provider[i].stop == stop)
			return true;
	return false;
}

int
puller_status(const struct pull_result *r)
{
	if (r->files_failed > 0 || any_stop(r, PULL_KEYS_REFUSED))
		return STATUS_FAILED;
	if (any_stop(r, PULL_NOT_AVAILABLE) || any_stop(r, PULL_TOLD_TO_WAIT))
		return STATUS_AGAIN;
	if (any_stop(r, PULL_NO_KEYS))
		return r->n.asked > 0 ? STATUS_PARTLY : STATUS_FAILED;
	return r->n.failed > 0 || r->lines.rejected > 0 ||
	    r->files_unfinished > 0 ? STATUS_PARTLY : STATUS_DONE;
}

static void
answer_counts(struct answer a, const struct pull_counts *n)
{
	answer_int(a, "asked", n->asked);
	answer_int(a, "answered", n->answered);
	answer_int(a, "gone", n->gone);
	answer_int(a, "failed", n->failed);
	answer_int(a, "retried", n->retried);
	answer_int(a, "requests", n->requests);
	answer_int(a, "left", n->left);
	answer_int(a, "without_url", n->without_url);
}

static const char *const stop_name[] = {
	[PULL_WENT_ON] = "done",
	[PULL_NO_KEYS] = "no_keys",
	[PULL_KEYS_REFUSED] = "keys_refused",
	[PULL_NOT_AVAILABLE] = "not_available",
	[PULL_TOLD_TO_WAIT] = "told_to_wait",
	[PULL_BUDGET] = "budget",
};

void
puller_answer(struct answer a, const struct pull_result *r)
{
	struct answer all;

	answer_counts(a, &r->n);
	answer_int(a, "lines", r->lines.lines);
	answer_int(a, "events", r->lines.events);
	answer_int(a, "duplicates", r->lines.duplicates);
	answer_int(a, "rejected", r->lines.rejected);
	answer_int(a, "ignored", r->lines.ignored);
	answer_int(a, "calls", r->calls);
	answer_scaled(a, "seconds", r->elapsed_us / 1000, 3);
	answer_id(a, "run_id", &r->run_id);
	all = answer_object(a, "providers");
	for (size_t i = 0; i < r->providers; i++) {
		const struct pull_provider_result *p = &r->provider[i];
		char name[128];
		struct answer one;

		(void)snprintf(name, sizeof(name), "%.*s", STR_ARG(p->provider));
		one = answer_object(all, name);
		answer_counts(one, &p->n);
		answer_text(one, "end", str_of(stop_name[p->stop]));
	}
}

static void
say_provider(const struct pull_provider_result *r)
{
	static const char *const why[] = {
		[PULL_WENT_ON] = "",
		[PULL_NO_KEYS] = "; its keys are missing",
		[PULL_KEYS_REFUSED] = "; its keys were refused",
		[PULL_NOT_AVAILABLE] = "; it was not available",
		[PULL_TOLD_TO_WAIT] = "; it asks to wait",
		[PULL_BUDGET] = "; the budget is used up",
	};
	char text[SAY_COUNT_BYTES];

	printf("%-12.*s", STR_ARG(r->provider));
	printf("%s asked", say_count(r->n.asked, text));
	say_also(stdout, r->n.answered, "answered");
	say_also(stdout, r->n.gone, "gone");
	say_also(stdout, r->n.failed, "failed");
	say_also(stdout, r->n.retried, "retried");
	say_also(stdout, r->n.left, "left");
	say_also(stdout, r->n.without_url, "without a detail URL");
	printf("; %s requests%s\n", say_count(r->n.requests, text),
	    why[r->stop]);
}

void
puller_say(const struct pull_result *r)
{
	char c[3][SAY_COUNT_BYTES];

	for (size_t i = 0; i < r->providers; i++)
		say_provider(&r->provider[i]);
	printf("%-12s%s new, %s duplicate; %s calls with something new; %.1f s\n",
	    "details", say_count(r->lines.events, c[0]),
	    say_count(r->lines.duplicates, c[1]), say_count(r->calls, c[2]),
	    (double)r->elapsed_us / 1e6);
}
