/* Sets of profiles: embedded, from a folder, from a file. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "call/load.h"
#include "embedded.h"
#include "io/file.h"

enum { SOURCES_MAX = 256, ORIGIN_BYTES = 512 };

/* A profile's text, before it is compiled. */
struct source {
	struct buf text;
	struct conf root;
	struct str provider;	/* in root */
	char origin[ORIGIN_BYTES];
	bool embedded;
};

/* All that go into one set; findings become an error. */
struct sources {
	struct source *v[SOURCES_MAX];
	size_t n;
	struct conf_sink sink;
	const char *origin;	/* of the one that is being read */
	struct err *err;
};

static void
find_error(void *data, const char *finding)
{
	struct sources *s = data;

	(void)err_fail(s->err, "%s: %s", s->origin, finding);
}

static void
source_free(struct source *s)
{
	if (s == NULL)
		return;
	conf_close(&s->root);
	buf_free(&s->text);
	free(s);
}

static void
sources_free(struct sources *s)
{
	for (size_t i = 0; i < s->n; i++)
		source_free(s->v[i]);
	s->n = 0;
}

/* An empty source of that origin; NULL when there is no room. */
static struct source *
source_new(struct sources *s, const char *origin, bool embedded)
{
	struct source *new;

	if (s->n == SOURCES_MAX) {
		(void)err_fail(s->err, "more than %d profiles", SOURCES_MAX);
		return NULL;
	}
	if ((new = calloc(1, sizeof(*new))) == NULL) {
		(void)err_nomem(s->err);
		return NULL;
	}
	new->text.max_bytes = PROFILE_MAX_BYTES;
	new->embedded = embedded;
	(void)snprintf(new->origin, sizeof(new->origin), "%s", origin);
	return new;
}

/* Puts a source into the set, in place of an embedded one of its provider. */
static bool
place_source(struct sources *s, struct source *new)
{
	for (size_t i = 0; i < s->n; i++) {
		if (!str_eq(s->v[i]->provider, new->provider))
			continue;
		if (!s->v[i]->embedded)
			return err_fail(s->err, "%s: provider %.*s is also in %s",
			    new->origin, STR_ARG(new->provider),
			    s->v[i]->origin);
		source_free(s->v[i]);
		s->v[i] = new;
		return true;
	}
	s->v[s->n++] = new;
	return true;
}

/* Parses a source whose text is there and places it; frees it on failure. */
static bool
add_source(struct sources *s, struct source *new)
{
	struct conf c;

	s->origin = new->origin;
	if (conf_open(buf_str(&new->text), &s->sink, &new->root) &&
	    conf_want_object(&new->root) &&
	    conf_need(&new->root, "provider", &c) &&
	    conf_text(&c, &new->provider) && place_source(s, new))
		return true;
	source_free(new);
	return false;
}

static bool
add_file(struct sources *s, const char *path)
{
	struct source *new = source_new(s, path, false);

	if (new == NULL)
		return false;
	if (!file_read(path, &new->text, s->err)) {
		source_free(new);
		return false;
	}
	return add_source(s, new);
}

static bool
add_embedded(struct sources *s)
{
	for (const struct embedded *e = embedded_profiles; e->name; e++) {
		struct source *new = source_new(s, e->name, true);

		if (new == NULL)
			return false;
		if (!buf_puts(&new->text, str_of(e->text))) {
			source_free(new);
			return err_nomem(s->err);
		}
		if (!add_source(s, new))
			return false;
	}
	return true;
}

static int
is_json_file(const struct dirent *e)
{
	return e->d_name[0] != '.' && str_ends(str_of(e->d_name), STR(".json"));
}

static bool
add_folder(struct sources *s, const char *folder)
{
	struct dirent **list;
	int n = scandir(folder, &list, is_json_file, alphasort);
	bool done = n >= 0 || err_sys(s->err, errno, "%s", folder);

	for (int i = 0; i < n; i++) {
		char path[4096];

		(void)snprintf(path, sizeof(path), "%s/%s", folder,
		    list[i]->d_name);
		done = done && add_file(s, path);
		free(list[i]);
	}
	if (n >= 0)
		free(list);
	return done;
}

static int
source_order(const void *pa, const void *pb)
{
	const struct source *const *a = pa, *const *b = pb;

	return str_cmp((*a)->provider, (*b)->provider);
}

/* An empty set with room for n profiles; NULL when memory ran out. */
static struct profiles *
set_new(size_t n)
{
	struct profiles *set = calloc(1, sizeof(*set));

	if (set == NULL)
		return NULL;
	arena_init(&set->arena, 0);
	set->profile = calloc(n + 1, sizeof(*set->profile));
	if (set->profile != NULL && trie_init(&set->trie))
		return set;
	profiles_free(set);
	return NULL;
}

void
profiles_free(struct profiles *set)
{
	if (set == NULL)
		return;
	trie_free(&set->trie);
	arena_close(&set->arena);
	free(set->profile);
	free(set);
}

/* Compiles all sources; NULL on error. */
static struct profiles *
compile(struct sources *s)
{
	struct profiles *set = set_new(s->n);

	if (set == NULL) {
		(void)err_nomem(s->err);
		return NULL;
	}
	qsort(s->v, s->n, sizeof(s->v[0]), source_order);
	for (size_t i = 0; i < s->n; i++) {
		s->origin = s->v[i]->origin;
		load_profile(set, &s->v[i]->root, buf_str(&s->v[i]->text),
		    &set->profile[set->n++]);
	}
	if (s->sink.findings == 0 && !set->arena.failed &&
	    trie_seal(&set->trie))
		return set;
	if (s->sink.findings == 0)
		(void)err_nomem(s->err);
	profiles_free(set);
	return NULL;
}

static struct sources
sources_init(struct sources *s, struct err *err)
{
	return (struct sources){ .sink = { find_error, s, 0 }, .err = err };
}

struct profiles *
profiles_load(const char *folder, struct err *err)
{
	struct sources s = sources_init(&s, err);
	struct profiles *set = NULL;

	if (add_embedded(&s) && (folder == NULL || add_folder(&s, folder)))
		set = compile(&s);
	sources_free(&s);
	return set;
}

struct profiles *
profiles_load_file(const char *path, struct err *err)
{
	struct sources s = sources_init(&s, err);
	struct profiles *set = NULL;

	if (add_file(&s, path))
		set = compile(&s);
	sources_free(&s);
	return set;
}

/* Compiles for the findings alone. */
static void
check_text(struct str text, struct conf_sink *sink, struct err *err)
{
	struct profiles *set = set_new(1);
	struct conf root;

	if (set == NULL) {
		(void)err_nomem(err);
		return;
	}
	if (conf_open(text, sink, &root))
		load_profile(set, &root, text, &set->profile[0]);
	if (set->arena.failed)
		(void)err_nomem(err);
	conf_close(&root);
	profiles_free(set);
}

bool
profile_check(const char *path, void (*report)(void *, const char *),
    void *data, struct err *err)
{
	struct conf_sink sink = { report, data, 0 };
	struct buf text = BUF_INIT(PROFILE_MAX_BYTES);

	if (file_read(path, &text, err))
		check_text(buf_str(&text), &sink, err);
	buf_free(&text);
	return sink.findings == 0 && err->kind == ERR_NONE;
}
