#include "secret.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"

enum { SECRET_MAX_BYTES = 16 * 1024 };

/* Reads a credential; *value stays NULL when there is none. */
static bool
read_credential(const char *variable, char **value, struct err *err)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	char path[4096], text[SECRET_MAX_BYTES + 1];
	size_t n;
	FILE *f;

	if (folder == NULL || (size_t)snprintf(path, sizeof(path), "%s/%s",
	    folder, variable) >= sizeof(path))
		return true;
	if ((f = fopen(path, "re")) == NULL)
		return errno == ENOENT ||
		    err_sys(err, errno, "the credential %s", variable);
	setvbuf(f, NULL, _IONBF, 0);
	n = fread(text, 1, sizeof(text) - 1, f);
	(void)fclose(f);
	/* Editors end files with a newline. */
	while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == '\r'))
		n--;
	text[n] = '\0';
	if (n > 0)
		*value = strndup(text, n);
	explicit_bzero(text, sizeof(text));
	return n == 0 || *value != NULL || err_nomem(err);
}

static bool
read_value(const char *variable, char **value, struct err *err)
{
	const char *v = getenv(variable);

	*value = NULL;
	if (v == NULL || v[0] == '\0')
		return read_credential(variable, value, err);
	*value = strdup(v);
	return *value != NULL || err_nomem(err);
}

/* True when a header can hold it. */
static bool
fits_header(const char *value)
{
	for (; *value != '\0'; value++)
		if ((unsigned char)*value < ' ' || *value == 0x7f)
			return false;
	return true;
}

static void
wipe(char **value)
{
	if (*value != NULL)
		explicit_bzero(*value, strlen(*value));
	free(*value);
	*value = NULL;
}

static void
note_missing(struct secrets *s, const char *variable)
{
	size_t n = strlen(s->missing);

	(void)snprintf(s->missing + n, sizeof(s->missing) - n, "%s%s",
	    n > 0 ? ", " : "", variable);
}

bool
secrets_read(struct secrets *s, const struct profile_api *api, struct err *err)
{
	size_t n;

	*s = (struct secrets){ .missing = "" };
	s->value = calloc(api->n_headers + 1, sizeof(*s->value));
	if (s->value == NULL)
		return err_nomem(err);
	s->n = api->n_headers;
	for (size_t i = 0; i < s->n; i++) {
		const struct api_header *h = &api->header[i];

		if (!read_value(h->variable, &s->value[i], err))
			return false;
		if (s->value[i] != NULL && !fits_header(s->value[i])) {
			wipe(&s->value[i]);
			note_missing(s, h->variable);
		} else if (s->value[i] == NULL && !h->optional) {
			note_missing(s, h->variable);
		}
	}
	if ((n = strlen(s->missing)) > 0)
		(void)snprintf(s->missing + n, sizeof(s->missing) - n,
		    " not set, or not what a header can hold");
	return true;
}

void
secrets_free(struct secrets *s)
{
	for (size_t i = 0; i < s->n; i++)
		wipe(&s->value[i]);
	free(s->value);
	*s = (struct secrets){ .missing = "" };
}
