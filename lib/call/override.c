#include "base/clock.h"
#include "call/decode.h"

/* Of what the row says: the same row twice is the same event. */
static struct id128
override_identity(struct str provider, struct str call_id,
    struct str assistant_id, struct str campaign_id)
{
	struct id128 part[4];

	part[0] = hash_bytes(provider.p, provider.n);
	part[1] = hash_bytes(call_id.p, call_id.n);
	part[2] = hash_bytes(assistant_id.p, assistant_id.n);
	part[3] = hash_bytes(campaign_id.p, campaign_id.n);
	return hash_bytes(part, sizeof(part));
}

static void
state_text(struct event *e, struct arena *a, enum field f, struct str text)
{
	if (text.n > 0)
		e->v[event_value(e, f) - e->v].text = arena_str(a, text);
}

struct event *
decode_override(const struct profiles *set, struct arena *a,
    struct str provider, struct str call_id, struct str assistant_id,
    struct str campaign_id, int64_t time_us)
{
	uint32_t stated = 0;
	struct event *e;

	if (assistant_id.n > 0)
		stated |= UINT32_C(1) << FIELD_ASSISTANT_ID;
	if (campaign_id.n > 0)
		stated |= UINT32_C(1) << FIELD_CAMPAIGN_ID;
	if ((e = event_alloc(a, stated)) == NULL)
		return NULL;
	e->profile = profiles_find(set, provider);
	e->provider = e->profile != NULL ? profile_name(e->profile) :
	    arena_str(a, provider);
	e->call_id = arena_str(a, call_id);
	e->key = event_call_key(provider, call_id);
	e->identity = override_identity(provider, call_id, assistant_id,
	    campaign_id);
	e->time_us = time_us;
	e->time_stated = true;
	e->utc_day = EVENT_UTC_DAY_OVERRIDE;
	e->kind = KIND_OVERRIDE;
	state_text(e, a, FIELD_ASSISTANT_ID, assistant_id);
	state_text(e, a, FIELD_CAMPAIGN_ID, campaign_id);
	return a->failed ? NULL : e;
}
