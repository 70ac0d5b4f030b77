/*
 * calls: the data set, and which path answers what.
 *
 * A call is a line {"provider","call_id","detail","ai","analysis"} of a file,
 * one that the simulator made, or one that came by an initiate. The set owns
 * its calls and never drops one, so a pointer to a call lives as long as the
 * set. Bodies are JSON texts, kept as they are answered; NULL: there is none.
 * Not locked: the caller holds the simulator's lock.
 */
#ifndef SIM_CALLS_H
#define SIM_CALLS_H

#include <jansson.h>

#include "provider.h"
#include "util.h"

enum part { PART_DETAIL, PART_AI, PART_ANALYSIS, PART_COUNT };

/* What Whippy's list can be narrowed by. */
enum filter {
	FILTER_TYPE,
	FILTER_CAMPAIGN,
	FILTER_CONVERSATION,
	FILTER_CONTACT,
	FILTER_SEQUENCE,
	FILTER_CHANNEL,
	FILTER_STATUS,
	FILTER_COUNT
};

extern const char *const filter_names[FILTER_COUNT];

struct sim_call {
	enum provider provider;
	char *id;
	char *body[PART_COUNT];
	unsigned asked[PART_COUNT];	/* requests for each part */
	const char *life;	/* the script's name; NULL for a loaded call */
	size_t rank;		/* its place among its provider's calls */
	/* Whippy only: */
	int64_t created_us;
	char *filter[FILTER_COUNT];
};

struct call_list {
	struct sim_call **p;
	size_t n;
	size_t cap;
};

/* What a path leads to. */
struct place {
	struct sim_call *call;
	enum part part;
};

struct calls {
	struct call_list all;			/* in the order of coming */
	struct call_list of[PROVIDER_COUNT];	/* Whippy's: oldest first */
	struct map places;			/* path to struct place */
	struct map ids[PROVIDER_COUNT];		/* call id to struct sim_call */
	struct {
		char **p;
		size_t n;
		size_t cap;
	} paths;				/* owner of the maps' keys */
	char *here;	/* what {{sim}} in a body becomes: https://127.0.0.1:PORT */
	char *other;	/* what {{other}} becomes */
};

void calls_open(struct calls *, const char *here, const char *other);
void calls_close(struct calls *);

/*
 * Adds a call and the paths that lead to it: the provider's own, the path of
 * call.detailUrl, and that of an attachment named analysis.json. Bodies are
 * borrowed and may be NULL or JSON null. Dies when the id is there already.
 */
struct sim_call *calls_add(struct calls *, enum provider, const char *id,
    const json_t *detail, const json_t *ai, const json_t *analysis);
/* Loads a file of lines; dies with line number and reason when one is wrong. */
void calls_load(struct calls *, const char *path);
/* Puts Whippy's calls in the order of the list. To be called before it is asked. */
void calls_sort(struct calls *);

struct sim_call *calls_find(const struct calls *, enum provider, const char *id);
const struct place *calls_place(const struct calls *, const char *path);
/* Another call of the same provider; NULL when there is none. */
const struct sim_call *calls_other(const struct calls *, const struct sim_call *);
/* Replaces one body; the text is taken over. */
void call_set_body(struct sim_call *, enum part, char *text);
/* The call as a line that calls_load reads; the caller frees it. */
char *call_line(const struct sim_call *);

#endif
