#include "command.h"

#include <string.h>

const struct command *const commands[] = {
	&command_init,
	&command_ingest,
	&command_pull,
	&command_map,
	&command_export,
	&command_run,
	&command_status,
	&command_show,
	&command_verify,
	&command_refold,
	&command_explain,
	&command_rejects_list,
	&command_rejects_replay,
	&command_rejects_export,
	&command_providers_list,
	&command_providers_show,
	&command_providers_check,
	&command_local_start,
	&command_local_stop,
	&command_local_status,
	&command_help,
	NULL
};

/* How many words a name has when arg begins with it; else 0. */
static size_t
words_of(const char *name, const char *const *arg, size_t n)
{
	size_t first = strcspn(name, " ");

	if (n == 0 || strlen(arg[0]) != first ||
	    strncmp(arg[0], name, first) != 0)
		return 0;
	if (name[first] == '\0')
		return 1;
	return n > 1 && strcmp(arg[1], name + first + 1) == 0 ? 2 : 0;
}

const struct command *
command_find(const char *const *arg, size_t n, size_t *words)
{
	for (const struct command *const *c = commands; *c != NULL; c++)
		if ((*words = words_of((*c)->name, arg, n)) > 0)
			return *c;
	return NULL;
}

bool
command_is_group(const char *word)
{
	size_t n = strlen(word);

	for (const struct command *const *c = commands; *c != NULL; c++)
		if (strncmp((*c)->name, word, n) == 0 && (*c)->name[n] == ' ')
			return true;
	return false;
}

int
status_of_err(const struct err *err)
{
	switch (err->kind) {
	case ERR_NONE:
		return STATUS_DONE;
	case ERR_USAGE:
		return STATUS_USAGE;
	case ERR_AGAIN:
	case ERR_LOST:
		return STATUS_AGAIN;
	case ERR_SIGNAL:
		return STATUS_SIGNAL + err->signal_no;
	default:
		return STATUS_FAILED;
	}
}
