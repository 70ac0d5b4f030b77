#include "style.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool
style_terminal(void)
{
	const char *term = getenv("TERM");

	return term != NULL && term[0] != '\0' && strcmp(term, "dumb") != 0;
}

static bool
has_colours(FILE *f)
{
	const char *refused = getenv("NO_COLOR");

	return (refused == NULL || refused[0] == '\0') && style_terminal() &&
	    isatty(fileno(f)) == 1;
}

const char *
style_mark(FILE *f, enum style style)
{
	static const char *const mark[] = {
		[STYLE_PLAIN] = "\033[0m",
		[STYLE_HEADING] = "\033[1m",
		[STYLE_GOOD] = "\033[32m",
		[STYLE_CAUTION] = "\033[33m",
		[STYLE_BAD] = "\033[31m",
	};

	return has_colours(f) ? mark[style] : "";
}
