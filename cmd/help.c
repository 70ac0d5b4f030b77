#include <string.h>

#include "command.h"

enum { COLUMN = 25, NAME_MAX_BYTES = 64 };

/* Prints text with each line behind the first indented, and a newline. */
static void
put_column(FILE *f, const char *text)
{
	for (;;) {
		int n = (int)strcspn(text, "\n");

		fprintf(f, "%.*s\n", n, text);
		if (text[n] == '\0')
			return;
		fprintf(f, "%*s", COLUMN, "");
		text += n + 1;
	}
}

/* A name and what it means, side by side where there is room. */
static void
put_entry(FILE *f, const char *name, const char *meaning)
{
	fprintf(f, "  %-*s", COLUMN - 2, name);
	if (strlen(name) > COLUMN - 4)
		fprintf(f, "\n%*s", COLUMN, "");
	put_column(f, meaning);
}

static void
put_command(FILE *f, const struct command *c)
{
	char name[NAME_MAX_BYTES];

	(void)snprintf(name, sizeof(name), "%s%s%s", c->name,
	    c->args[0] == '\0' ? "" : " ", c->args);
	put_entry(f, name, c->summary);
}

/* An option, with the values it may have and the one it has by default. */
static void
put_option(FILE *f, const struct opt *o)
{
	char name[NAME_MAX_BYTES], help[512];

	(void)opt_text(o, name, sizeof(name));
	(void)snprintf(help, sizeof(help), "%s", o->help);
	if (o->type == OPT_NUMBER && o->preset != 0)
		(void)snprintf(help, sizeof(help), "%s (default: %lld)",
		    o->help, (long long)o->preset);
	put_entry(f, name, help);
}

static void
put_examples(FILE *f, const char *example)
{
	while (*example != '\0') {
		int n = (int)strcspn(example, "\n");

		fprintf(f, "  calltally %.*s\n", n, example);
		example += n + (example[n] == '\n');
	}
}

void
help_overview(FILE *f)
{
	fputs(
	    "calltally merges archived webhook dumps of AI voice calls into PostgreSQL and\n"
	    "writes CSV reports per assistant and campaign.\n"
	    "\n"
	    "usage: calltally COMMAND [OPTION]... [ARGUMENT]...\n"
	    "\n", f);
	for (const struct command *const *c = commands; *c != NULL; c++)
		put_command(f, *c);
	fputs(
	    "\n"
	    "Every day:\n"
	    "  calltally ingest /var/lib/calltally/dumps\n"
	    "  calltally export --out reports --tz Asia/Kolkata\n"
	    "\n"
	    "Exit status: 0 done, 1 failed, 2 usage, 3 done but lines were rejected or a\n"
	    "file was unfinished, 75 try again later, 128+n stopped by signal n.\n"
	    "\"calltally COMMAND -h\" tells more.\n", f);
}

void
help_group(FILE *f, const char *word)
{
	size_t n = strlen(word);

	fprintf(f, "usage: calltally %s COMMAND [OPTION]... [ARGUMENT]...\n\n",
	    word);
	for (const struct command *const *c = commands; *c != NULL; c++)
		if (strncmp((*c)->name, word, n) == 0 && (*c)->name[n] == ' ')
			put_command(f, *c);
	fprintf(f, "\n\"calltally %s COMMAND -h\" tells more.\n", word);
}

void
help_command(FILE *f, const struct command *c)
{
	fprintf(f, "usage: calltally %s", c->name);
	for (const struct opt *o = c->opts; o->name != NULL; o++)
		if (o->required)
			fprintf(f, " --%s %s", o->name, o->value);
	fprintf(f, " [OPTION]...%s%s\n\n%s\n\nOptions:\n",
	    c->args[0] == '\0' ? "" : " ", c->args, c->text);
	for (const struct opt *o = c->opts; o->name != NULL; o++)
		put_option(f, o);
	fputs("\nExample:\n", f);
	put_examples(f, c->example);
}

/* One line an option of every command, for completion and for checks. */
static void
list_options(void)
{
	for (const struct command *const *c = commands; *c != NULL; c++)
		for (const struct opt *o = (*c)->opts; o->name != NULL; o++)
			printf("%s\t--%s\t%s\n", (*c)->name, o->name,
			    o->value == NULL ? "" : o->value);
}

static int
run(const struct request *r, struct err *err)
{
	const struct command *c;
	size_t words;

	if (r->opt.plain) {
		list_options();
		return STATUS_DONE;
	}
	if (r->args == 0) {
		help_overview(stdout);
		return STATUS_DONE;
	}
	c = command_find(r->arg, r->args, &words);
	if (c != NULL && words == r->args)
		help_command(stdout, c);
	else if (r->args == 1 && command_is_group(r->arg[0]))
		help_group(stdout, r->arg[0]);
	else
		err_set(err, ERR_USAGE, "there is no command \"%.100s%s%.100s\"",
		    r->arg[0], r->args > 1 ? " " : "",
		    r->args > 1 ? r->arg[1] : "");
	return STATUS_DONE;
}

static const struct opt opts[] = {
	{ "options", NULL, "list the options of all commands, for programs",
	    OPT_AT(plain), .type = OPT_FLAG, .set = 1 },
	OPT_END
};

const struct command command_help = {
	.name = "help",
	.args = "[COMMAND]",
	.summary = "tell what a command does",
	.text = "Tells the commands, or what one of them does and which options it has.",
	.example = "help rejects replay",
	.max_args = 2,
	.opts = opts,
	.run = run,
};
