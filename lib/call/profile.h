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

enum { PROFILE_MAX_BYTES = 1024 * 1024 };

/*
 * Loads the embedded profiles, then those of folder (NULL: none), whose
 * *.json files add to or replace them by provider name. Errors name file,
 * place (JSON Pointer) and rule. NULL on error.
 */
struct profiles *profiles_load(const char *folder, struct err *);

/* The profile of one file and no other, to try it out. NULL on error. */
struct profiles *profiles_load_file(const char *path, struct err *);
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
 * The provider's API, as a pull needs it. Texts are terminated and live with
 * the profiles; NULL where the profile does not state one.
 */
struct api_header {
	const char *name;
	const char *prefix;	/* before the value: "Bearer "; "" when none */
	const char *variable;	/* the environment variable that holds the secret */
	bool optional;		/* left out when the variable is not set */
	bool open;		/* no secret: may stand in answers and messages */
};

struct api_parameter {
	const char *name;
	const char *value;
};

/* An answer that lists calls, page after page. */
struct api_page {
	const char *items;		/* pointer to the array */
	const char *item_id;		/* pointer in an element to the call id */
	const char *cursor;		/* pointer to the next page's cursor */
	const char *cursor_parameter;
	const char *limit_parameter;
	int64_t limit;
	const char *after_parameter;	/* bounds of a window of times */
	const char *before_parameter;
};

/* One request that asks for a call's detail, or for a page of them. */
struct api_request {
	const char *name;
	const char *method;
	const char *path;		/* "{call_id}" stands for the call's id; or NULL and ... */
	enum field path_of;		/* the path of the URL in this field; else FIELD_COUNT */
	const struct api_parameter *parameter;	/* in the query of a GET, in the JSON body of a POST */
	size_t n_parameters;
	const struct api_page *page;	/* NULL: it asks for one call */
	bool for_analysis;		/* only of a call that was held and has no analysis yet */
};

/* Files that an answer names and that hold a call's analysis. */
struct api_attachments {
	const char *items;		/* pointer in the answer to the array */
	const char *url;		/* pointer in an element */
	const char *name;		/* the last part of the path of those that count */
};

struct profile_api {
	const char *base_url;		/* without a "/" at its end */
	int64_t rate_milli;		/* requests a second, times 1000 */
	const struct api_header *header;
	size_t n_headers;
	const struct api_request *request;
	size_t n_requests;
	const struct api_attachments *attachments;	/* NULL: none */
	const char *error_code;		/* pointer to the code in an error body */
	const char *const *gone;	/* codes that say that there will never be an answer */
	size_t n_gone;
};

/* NULL when the profile states none. */
const struct profile_api *profile_api(const struct profile *);

/*
 * Reads one profile file and says all that is wrong with it: calls report
 * for each finding ("PLACE: what"). True when there is none. False with *err
 * set only when the file cannot be read at all.
 */
bool profile_check(const char *path, void (*report)(void *, const char *text),
    void *data, struct err *);

#endif
