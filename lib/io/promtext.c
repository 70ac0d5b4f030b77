#include "io/promtext.h"

#include <stdio.h>

#include "base/num.h"
#include "io/atomicfile.h"
#include "io/file.h"

enum { READ_MAX_BYTES = 4 * 1024 * 1024, FOLDER_BYTES = 4096, MODE = 0644 };

void
promtext_family(struct buf *out, const char *name, const char *help)
{
	buf_printf(out, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
}

static void
put_escaped(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '\n')
			buf_puts(out, STR("\\n"));
		else if (c == '\\' || c == '"')
			buf_printf(out, "\\%c", c);
		else
			buf_putc(out, c);
	}
}

static void
put_value(struct buf *out, struct str s)
{
	while (s.n > 0) {
		size_t n = str_utf8_bytes(s);

		put_escaped(out, (struct str){ s.p, n });
		s = str_from(s, n);
		if (s.n > 0) {
			buf_puts(out, STR("\xef\xbf\xbd"));
			s = str_from(s, 1);
		}
	}
}

void
promtext_sample(struct buf *out, const char *name,
    const struct prom_label *label, size_t n, int64_t scaled, unsigned places)
{
	char text[NUM_TEXT_BYTES];

	buf_puts(out, str_of(name));
	for (size_t i = 0; i < n; i++) {
		buf_printf(out, "%s%s=\"", i == 0 ? "{" : ",", label[i].name);
		put_value(out, label[i].value);
		buf_putc(out, '"');
	}
	num_scaled_text(scaled, places, text);
	buf_printf(out, "%s %s\n", n > 0 ? "}" : "", text);
}

/* Takes a path apart; false when it names no file. */
static bool
split(const char *path, char folder[FOLDER_BYTES], const char **name)
{
	const char *slash = strrchr(path, '/');
	size_t n = slash == NULL ? 0 : (size_t)(slash - path);

	*name = slash == NULL ? path : slash + 1;
	if (n + 1 >= FOLDER_BYTES || (*name)[0] == '\0')
		return false;
	if (slash == NULL)
		(void)strcpy(folder, ".");
	else
		(void)snprintf(folder, FOLDER_BYTES, "%.*s", (int)n,
		    n == 0 ? "/" : path);
	return true;
}

bool
promtext_write(const struct buf *text, const char *path, struct err *err)
{
	char folder[FOLDER_BYTES];
	struct atomicfile *f;
	const char *name;
	bool ok;

	if (text->failed)
		return err_nomem(err);
	if (!split(path, folder, &name))
		return err_fail(err, "%s: names no file", path);
	if ((f = atomicfile_open(folder, name, err)) == NULL)
		return false;
	atomicfile_set_mode(f, MODE);
	atomicfile_put(f, text->p, text->n);
	ok = atomicfile_commit(f, NULL, NULL, err);
	atomicfile_close(f);
	return ok;
}

bool
promtext_read(const char *path, const char *name, unsigned places,
    int64_t *scaled)
{
	struct buf text = BUF_INIT(READ_MAX_BYTES);
	struct err unread = ERR_INIT;
	size_t n = strlen(name);
	bool found = false;
	struct str rest;

	if (file_read(path, &text, &unread))
		for (rest = buf_str(&text); rest.n > 0 && !found;) {
			const char *end = memchr(rest.p, '\n', rest.n);
			size_t line = end != NULL ? (size_t)(end - rest.p) : rest.n;

			found = line > n + 1 && rest.p[n] == ' ' &&
			    memcmp(rest.p, name, n) == 0 && num_scaled(
			    (struct str){ rest.p + n + 1, line - n - 1 },
			    places, scaled);
			rest = str_from(rest, line + (end != NULL));
		}
	buf_free(&text);
	return found;
}
