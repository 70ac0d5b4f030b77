#include <string.h>

#include "answer.h"
#include "call/profile.h"
#include "command.h"
#include "say.h"

static const char *
base_url(const struct profile *p)
{
	const struct profile_api *api = profile_api(p);

	return api != NULL ? api->base_url : NULL;
}

static bool
answer(const struct profiles *set, struct err *err)
{
	struct answer_root a;
	struct answer list;

	answer_open(&a);
	list = answer_list(a.top, "providers");
	for (size_t i = 0; i < profiles_count(set); i++) {
		const struct profile *p = profiles_at(set, i);
		struct answer one = answer_object(list, NULL);

		answer_text(one, "provider", profile_name(p));
		answer_text(one, "title", profile_title(p));
		answer_text(one, "credits_unit", profile_credits_unit(p));
		answer_text(one, "api", str_of(base_url(p)));
	}
	return answer_print(&a, err);
}

static void
say(const struct profiles *set)
{
	for (size_t i = 0; i < profiles_count(set); i++) {
		const struct profile *p = profiles_at(set, i);
		const char *url = base_url(p);

		printf("%-16.*s  %-24.*s  ", STR_ARG(profile_name(p)),
		    STR_ARG(profile_title(p)));
		say_text(stdout, str_of(url != NULL ? url : "no API"));
		putchar('\n');
	}
}

static int
run_list(const struct request *r, struct err *err)
{
	struct profiles *set = profiles_load(r->opt.profiles, err);

	if (set != NULL && r->opt.json)
		answer(set, err);
	else if (set != NULL)
		say(set);
	profiles_free(set);
	return STATUS_DONE;
}

static int
run_show(const struct request *r, struct err *err)
{
	struct profiles *set = profiles_load(r->opt.profiles, err);
	const struct profile *p;
	struct str text;

	if (set == NULL)
		return STATUS_FAILED;
	if ((p = profiles_find(set, str_of(r->arg[0]))) == NULL) {
		err_fail(err, "no profile \"%.60s\" (see calltally providers list)",
		    r->arg[0]);
	} else {
		text = profile_source_text(p);
		(void)fwrite(text.p, 1, text.n, stdout);
	}
	profiles_free(set);
	return STATUS_DONE;
}

static const struct opt list_opts[] = { OPT_PROFILES, OPT_JSON, OPT_END };

const struct command command_providers_list = {
	.name = "providers list",
	.args = "",
	.summary = "list the provider profiles",
	.text =
	    "Lists the provider profiles: those that are built in, and those of --profiles.",
	.example = "providers list",
	.opts = list_opts,
	.run = run_list,
};

static const struct opt show_opts[] = { OPT_PROFILES, OPT_END };

const struct command command_providers_show = {
	.name = "providers show",
	.args = "NAME",
	.summary = "print a profile",
	.text =
	    "Prints a profile, the JSON file that tells how one provider's messages are read:\n"
	    "a good start for one of your own.",
	.example = "providers show acme > profiles/acme.json",
	.min_args = 1,
	.max_args = 1,
	.opts = show_opts,
	.run = run_show,
};
