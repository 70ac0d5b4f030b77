/*
 * pull_inner: what the files of a pull share; for them only.
 *
 * pull.c runs the loop, pull_lane.c has a provider's queue, pull_ask.c makes
 * requests, pull_answer.c tells from an answer what comes next, pull_judge.c
 * what its body says, pull_walk.c goes through lists, pull_batch.c makes all
 * durable.
 */
#ifndef CALLTALLY_RUN_PULL_INNER_H
#define CALLTALLY_RUN_PULL_INNER_H

#include "base/idset.h"
#include "call/decode.h"
#include "call/pointer.h"
#include "db/pull_state.h"
#include "io/doc.h"
#include "io/http.h"
#include "io/http_url.h"
#include "io/rate.h"
#include "run/pull.h"
#include "run/pull_archive.h"
#include "run/redact.h"

enum {
	BUCKETS_MAX = 16,	/* hosts of one provider */
	CHUNK_CALLS = 20000,	/* taken from the database at a time */
	ERROR_CODE_BYTES = 64,
	REDIRECTS_MAX = 3,
	SETTLE_BYTES = 4 * 1024 * 1024,	/* a batch of so many bytes is full */
};

struct lane;

struct bucket {
	char origin[HTTP_ORIGIN_BYTES];
	struct rate rate;		/* by the clock that never steps back */
};

/* What a request is for: one call, or a page of a list. */
struct want {
	struct want *next;
	struct lane *lane;
	struct pull_row row;		/* its flags move with the answers */
	bool page;			/* a page; row is empty */
	bool attachment;		/* the next request is for one */
	bool found;			/* of a walk: on a page */
	bool settled;
	bool asked, answered;
	bool done;			/* an answer said that the call is over */
	bool failed;			/* some part of it, for this run */
	bool gone;
	size_t part;			/* of the profile's requests, the next one */
	int failures;			/* of this part */
	int redirects;
	char *url;			/* where a redirect leads; NULL: none */
	char *file;			/* URL of an attachment; NULL: none */
	bool foreign;			/* its host is a name that a payload gave */
	struct bucket *bucket;		/* that the next request is counted in */
	int64_t ready_us;		/* not before, by the mono clock */
	int64_t asked_us;		/* wall clock */
	int status;
	char error_code[ERROR_CODE_BYTES];
	struct buf body;		/* of the last error, redacted */
	struct buf lines;		/* for the archive */
};

struct list_walk {
	bool on;
	bool resumed;			/* where a run that was cut off left it */
	struct id128 id;
	int64_t after_us, before_us;
	struct buf cursor;		/* of the page that is asked for next; empty: the first */
	struct buf after_cursor;	/* of the page behind the one that is being settled */
	bool last;			/* there is none behind it */
	bool turning;			/* a page came; its calls are being settled */
	size_t pending;			/* of them */
	struct want page;
	struct idset seen;		/* hashes of cursors */
	struct want *want;		/* the chunk's calls, in its arena */
	size_t wants;
	struct want **table;		/* by key */
	size_t table_mask;
};

struct lane {
	struct pull *pull;
	const struct pull_provider *cfg;
	const struct profile_api *api;
	struct str provider;
	char base_url[1024];		/* without a "/" at its end */
	char origin[HTTP_ORIGIN_BYTES];
	char **header;			/* owned, wiped */
	size_t headers;
	const struct api_request *list;	/* the request that lists calls; NULL: none */
	bool with_url;			/* calls are asked for by their detail URL */
	struct arena keep;		/* paths */
	struct path error_code, items, item_id, cursor, files, file_url;
	struct bucket *bucket[BUCKETS_MAX];
	size_t buckets;

	struct arena chunk;		/* holds the wants and their rows */
	struct want *want;
	size_t wants;
	struct want *head, *tail;	/* new ones */
	struct want *later;		/* to be asked again, any order */
	size_t open;			/* wants that are not settled */
	int running;
	bool dry;			/* no more calls to be had */
	bool noted_files;		/* told of attachments on hosts that are not allowed */
	bool heard;			/* it has said something of use */
	int in_vain;			/* failures since the last answer */
	enum pull_stop stop;
	struct list_walk walk;
	struct pull_provider_result *result;
};

struct state_batch {
	struct lane *lane;
	struct pull_state_row row[PULL_BATCH_CALLS];
	size_t n;
};

struct pull {
	const struct pull_options *opt;
	struct db *db;
	struct pull_result *result;
	struct run_row run;
	struct http *http;
	struct pull_archive archive;
	struct redactor redactor;
	struct decoder *decoder;
	struct doc *doc, *page_doc;
	struct arena scratch;		/* of one answer */
	struct buf text, line, url, post, page_text, item;
	uint64_t random;
	int64_t requests_before;	/* of earlier tries of this run */
	int64_t begun_us, begun_mono_us, deadline_us;	/* deadline by the mono clock; INT64_MAX: none */
	bool over_budget;
	struct lane *lane;
	size_t lanes;

	/* What is not durable yet. */
	struct buf lines;
	struct arena batch;
	struct state_batch *state;	/* one a lane */
	size_t states;
	int64_t batch_us;		/* since when; mono clock */
};

/* ---- pull.c ---- */
__attribute__((format(printf, 2, 3)))
void pull_note(struct pull *, const char *fmt, ...);
uint64_t pull_random(struct pull *);

/* ---- pull_lane.c ---- */
bool lane_open(struct pull *, struct lane *, const struct pull_provider *,
    struct pull_provider_result *, struct err *);
bool lane_close(struct lane *, struct err *);
/* How many calls are due now. */
bool lane_count_due(struct lane *, int64_t *n, struct err *);
void lane_free(struct lane *);
/* Takes more calls from the database when it has none; sets dry when there are none. */
bool lane_fill(struct lane *, struct err *);
/* True while it has, or may get, something to do. */
bool lane_alive(const struct lane *);
/* The next want that may be asked now; NULL, with *wait_us lowered, when there is none. */
struct want *lane_next(struct lane *, int64_t now_us, int64_t *wait_us);
/* Puts a want where it comes next. */
void lane_push(struct lane *, struct want *);
void lane_push_later(struct lane *, struct want *, int64_t delay_ms);
/* Ends it: what was asked is settled, what was not is left. */
bool lane_stop(struct lane *, enum pull_stop, struct err *);
/* True when what it would ask next must wait until after the run. */
bool lane_told_to_wait(const struct lane *);
/* The bucket of an origin; NULL when there are too many. */
struct bucket *lane_bucket(struct lane *, const char *origin, struct err *);
/* The host asked for quiet; kept in the database at once. */
bool lane_hold(struct lane *, struct bucket *, int64_t ms, struct err *);

/* ---- pull_ask.c ---- */
/* Starts the request of a want; false, with the reason in it, when none can be made. */
bool ask(struct want *);
/* Whether an attachment's URL may be fetched; fills *foreign. */
bool attachment_allowed(struct lane *, const char *url, bool *foreign);

/* ---- pull_answer.c ---- */
bool reply_take(struct want *, const struct http_answer *, struct err *);
/* The want's next part, or its end. */
bool want_next(struct want *, struct err *);
/* What is wrong with the last answer: status and reason, with its body. */
void want_error(struct want *, int status, const char *code, struct str body);
/* Another try, or the end of this part's tries. */
bool want_failed(struct want *, bool again, struct err *);

/* ---- pull_judge.c ---- */
/*
 * Takes body for an answer about the want's call. False when it is none, with
 * the reason in the want; *err is set only when the run cannot go on.
 */
bool reply_judge(struct want *, struct str body, struct err *);
/* Copies body into p->text, one line, padded; false when memory ran out. */
bool reply_text(struct pull *, struct str body);
/* Parses a body that reply_text copied, its lone surrogates mended. */
enum doc_status reply_parse(struct doc *, struct buf *text, struct node *root);
/* The provider's error code in a body; "" when there is none. */
void reply_error_code(struct lane *, struct node root,
    char out[ERROR_CODE_BYTES]);
/* Whether that code says that there is no such call. */
bool reply_is_gone(const struct lane *, const char *code);

/* ---- pull_walk.c ---- */
/* Looks for a walk that was cut off; before the calls are chosen. */
bool walk_load(struct lane *, struct err *);
/* Begins, or takes up, the walk for these calls. */
bool walk_open(struct lane *, struct want *want, size_t n, struct err *);
void walk_free(struct list_walk *);
bool walk_page(struct want *page, struct str body, bool *good, struct err *);
/* A call of the page is settled, or none is on it. */
bool walk_turn(struct lane *, struct err *);
bool walk_give_up(struct lane *, struct err *);

/* ---- pull_batch.c ---- */
/* What is known of a want goes into the batch; its memory is released. */
bool want_settle(struct want *, struct err *);
bool batch_flush(struct pull *, struct err *);
bool batch_full(const struct pull *);

#endif
