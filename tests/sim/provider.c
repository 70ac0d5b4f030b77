#include "provider.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "util.h"

/* Shorter values turn up by chance and are not searched for. */
enum { SEARCHED_KEY_MIN = 4 };

static const struct credential {
	enum provider provider;
	const char *header;
	const char *variable;
	const char *prefix;	/* before the key, in the header */
	bool secret;
} credentials[] = {
	{ P_MIRAIMINDS, "x-public-key", "MIRAIMINDS_PUBLIC_KEY", "", true },
	{ P_MIRAIMINDS, "x-private-key", "MIRAIMINDS_PRIVATE_KEY", "", true },
	{ P_MIRAIMINDS, "workspace", "MIRAIMINDS_WORKSPACE", "", false },
	{ P_WHIPPY, "X-WHIPPY-KEY", "WHIPPY_API_KEY", "", true },
	{ P_MINIVOICE, "Authorization", "MINIVOICE_API_KEY", "Bearer ", true },
};

enum { CREDENTIAL_COUNT = sizeof(credentials) / sizeof(credentials[0]) };

static const char *const names[PROVIDER_COUNT] = {
	"none", "miraiminds", "whippy", "minivoice", "files", "sim",
};

static const struct status_text {
	unsigned status;
	const char *words;
	const char *code;	/* MiniVoice's */
} statuses[] = {
	{ 400, "Bad Request", "invalid_request" },
	{ 401, "Unauthorized", "unauthorized" },
	{ 402, "Payment Required", "insufficient_balance" },
	{ 403, "Forbidden", "spend_control" },
	{ 404, "Not Found", "call_not_found" },
	{ 405, "Method Not Allowed", "invalid_request" },
	{ 409, "Conflict", "call_uuid_missing" },
	{ 410, "Gone", "call_not_found" },
	{ 429, "Too Many Requests", "cps_limit_reached" },
	{ 502, "Bad Gateway", "originate_failed" },
	{ 503, "Service Unavailable", "no_active_trunk" },
	{ 0, "Internal Server Error", "internal_error" },
};

const char *
provider_name(enum provider p)
{
	return names[p];
}

enum provider
provider_named(const char *name)
{
	unsigned p = 0;

	while (p < PROVIDER_COUNT && strcmp(names[p], name) != 0)
		p++;
	return (enum provider)p;
}

const char *
auth_name(enum auth a)
{
	static const char *const words[] = { "none", "right", "missing",
	    "wrong" };

	return words[a];
}

/* The value that the environment gives to a key; NULL when it is unset. */
static const char *
key_value(const struct credential *c)
{
	const char *v = getenv(c->variable);

	return v != NULL && *v != '\0' ? v : NULL;
}

/* Judges one header against its key. */
static enum auth
judge(const struct credential *c, const char *given)
{
	const char *value = key_value(c);
	size_t n = strlen(c->prefix);

	if (given == NULL || *given == '\0')
		return AUTH_MISSING;
	if (strncasecmp(given, c->prefix, n) != 0 || given[n] == '\0')
		return AUTH_WRONG;
	if (value != NULL && strcmp(given + n, value) != 0)
		return AUTH_WRONG;
	return AUTH_RIGHT;
}

enum auth
auth_check(enum provider p, struct MHD_Connection *conn)
{
	enum auth worst = AUTH_NONE, a;

	for (size_t i = 0; i < CREDENTIAL_COUNT; i++) {
		if (credentials[i].provider != p)
			continue;
		a = judge(&credentials[i], MHD_lookup_connection_value(conn,
		    MHD_HEADER_KIND, credentials[i].header));
		if (a > worst)
			worst = a;
	}
	return worst;
}

struct leak_search {
	enum provider provider;
	bool other_host;
	bool found;
};

/* True when the key belongs into this header of this request. */
static bool
at_home(const struct leak_search *s, const struct credential *c,
    const char *header)
{
	return !s->other_host && strcasecmp(header, c->header) == 0 &&
	    (s->provider == c->provider || s->provider == P_NONE ||
	    (s->provider == P_FILES && c->provider == P_WHIPPY));
}

/* True when the text holds the value of the key. */
static bool
holds_key(const char *text, const struct credential *c)
{
	const char *value = key_value(c);

	return value != NULL && strlen(value) >= SEARCHED_KEY_MIN &&
	    strstr(text, value) != NULL;
}

/* Looks at one header for keys that are out of place. */
static enum MHD_Result
search_header(void *cls, enum MHD_ValueKind kind, const char *name,
    const char *value)
{
	struct leak_search *s = cls;

	(void)kind;
	for (size_t i = 0; i < CREDENTIAL_COUNT; i++) {
		const struct credential *c = &credentials[i];

		if (!c->secret || value == NULL || at_home(s, c, name))
			continue;
		if (holds_key(value, c) ||
		    (s->other_host && strcasecmp(name, c->header) == 0))
			s->found = true;
	}
	return MHD_YES;
}

bool
auth_leak(enum provider p, bool other_host, const char *target,
    struct MHD_Connection *conn)
{
	struct leak_search s = { p, other_host, false };

	for (size_t i = 0; i < CREDENTIAL_COUNT; i++)
		if (credentials[i].secret && holds_key(target, &credentials[i]))
			return true;
	(void)MHD_get_connection_values(conn, MHD_HEADER_KIND, search_header,
	    &s);
	return s.found;
}

char *
provider_error(enum provider p, unsigned status, const char *code)
{
	const struct status_text *s = statuses;

	while (s->status != 0 && s->status != status)
		s++;
	switch (p) {
	case P_MIRAIMINDS:
		return mem_fmt("{\"message\":\"%s\"}", s->words);
	case P_WHIPPY:
		return mem_fmt("{\"errors\":{\"detail\":\"%s\"}}", s->words);
	case P_MINIVOICE:
		return mem_fmt("{\"error\":{\"code\":\"%s\",\"message\":\"%s\"}}",
		    code != NULL ? code : s->code, s->words);
	default:
		return mem_fmt("%s\n", s->words);
	}
}
