#include "call/event.h"

_Static_assert(FIELD_COUNT <= 32, "stated has a bit for each field");

const char *const event_kind_name[KIND_COUNT] = {
	[KIND_DISPATCH] = "dispatch",
	[KIND_WEBHOOK] = "webhook",
	[KIND_DETAIL] = "detail",
	[KIND_OVERRIDE] = "override",
};

enum event_kind
event_kind_by_name(struct str name)
{
	for (int k = 0; k < KIND_COUNT; k++)
		if (str_eq(name, str_of(event_kind_name[k])))
			return (enum event_kind)k;
	return KIND_COUNT;
}

/* For a provider or call id beyond all sense: the hash of both hashes. */
static struct id128
long_call_key(struct str provider, struct str call_id)
{
	struct id128 both[2];

	both[0] = hash_bytes(provider.p, provider.n);
	both[1] = hash_bytes(call_id.p, call_id.n);
	return hash_bytes(both, sizeof(both));
}

struct id128
event_call_key(struct str provider, struct str call_id)
{
	char text[2048];

	if (provider.n >= sizeof(text) ||
	    call_id.n >= sizeof(text) - provider.n)
		return long_call_key(provider, call_id);
	if (provider.n > 0)
		memcpy(text, provider.p, provider.n);
	text[provider.n] = '\0';
	if (call_id.n > 0)
		memcpy(text + provider.n + 1, call_id.p, call_id.n);
	return hash_bytes(text, provider.n + 1 + call_id.n);
}

struct event *
event_alloc(struct arena *a, uint32_t stated)
{
	size_t n = (size_t)__builtin_popcount(stated);
	size_t bytes = sizeof(struct event) + n * sizeof(union value);
	struct event *e = arena_alloc(a, bytes);

	if (e == NULL)
		return NULL;
	memset(e, 0, bytes);
	e->stated = stated;
	return e;
}
