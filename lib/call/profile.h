/*
 * profile: what one provider's messages mean, read from a JSON file.
 *
 * The only place that knows a provider. A struct profiles owns everything in
 * it and is read only after loading, so that threads may share it. The
 * profiles are compiled into one trie of JSON Pointers: one walk over a
 * document finds every place that any shape asks for. Format:
 * lib/call/providers/README.md.
 */
#ifndef CALLTALLY_CALL_PROFILE_H
#define CALLTALLY_CALL_PROFILE_H

#include "base/err.h"
#include "base/str.h"
#include "call/event.h"

struct profile;
struct profiles;

/*
 * Loads the embedded profiles, then those of folder (NULL: none), whose
 * *.json files add to or replace them by provider name. Errors name file,
 * place (JSON Pointer) and rule. NULL on error.
 */
struct profiles *profiles_load(const char *folder, struct err *);
void profiles_free(struct profiles *);

size_t profiles_count(const struct profiles *);
const struct profile *profiles_at(const struct profiles *, size_t i);	/* by name, ascending */
/* NULL when there is none. */
const struct profile *profiles_find(const struct profiles *, struct str provider);

struct str profile_name(const struct profile *);
struct str profile_title(const struct profile *);
/* "credits", a currency, or empty when the provider states no credits. */
struct str profile_credits_unit(const struct profile *);
/* The JSON text that it was read from. */
struct str profile_source_text(const struct profile *);

/* Place of a type in the profile's list of stages; one past the last for others. */
uint16_t profile_stage(const struct profile *, struct str type);

/*
 * Reads one profile file and says all that is wrong with it: calls report
 * for each finding ("PLACE: what"). True when there is none. False with *err
 * set only when the file cannot be read at all.
 */
bool profile_check(const char *path, void (*report)(void *, const char *text),
    void *data, struct err *);

#endif
