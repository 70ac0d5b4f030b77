/*
 * fault: what goes wrong on demand.
 *
 * A plan is a list of rules; the first rule that matches a request and is
 * not used up decides. A rule is a JSON object; all members but "fault" may
 * be missing:
 *   fault         "429" or any status 400-599, or a name of fault_kinds
 *   provider      miraiminds, whippy, minivoice, files
 *   path          prefix of the path; method  GET or POST; call_id
 *   after         matching requests to let pass first (0)
 *   times         how often it strikes (1; 0 = always)
 *   per           "rule": after and times count all requests together;
 *                 "request": each distinct request (target and body) alone
 *   percent       only for that share of distinct requests (100), always the
 *                 same ones for a seed
 *   retry_after   seconds, or text that is sent as it is (429: 1; else none)
 *   retry_form    "seconds" or "date"
 *   code          MiniVoice's error code
 *   status        for html (200) and the redirects (302, 307)
 *   type          Content-Type of the answer, whatever the body
 *   bytes         oversize: size of the body (8 MiB); slow: bytes a time (1)
 *   ms            slow, stall: pause; hang: how long (for ever); delay: how much
 *   to            redirect: where to, the target is appended (the other host)
 *   chunked       slow, stall, cut, oversize: without Content-Length
 * Not locked: the caller holds the simulator's lock.
 */
#ifndef SIM_FAULT_H
#define SIM_FAULT_H

#include <jansson.h>

#include "provider.h"

enum fault_kind {
	FAULT_STATUS,	/* an error status in the provider's words */
	FAULT_SLOW,	/* the right body, a few bytes at a time */
	FAULT_STALL,	/* half the body, then silence, then the rest */
	FAULT_CUT,	/* half the body, then the connection is closed */
	FAULT_CLOSE,	/* closed without an answer */
	FAULT_HANG,	/* no answer while the connection stays open */
	FAULT_DELAY,	/* the right answer, later */
	FAULT_BADJSON,	/* 200 with what is no JSON */
	FAULT_TRUNCATED,	/* 200 with half the body and a Content-Length to match */
	FAULT_EMPTY,	/* 200 without a body */
	FAULT_HTML,	/* a page instead of JSON */
	FAULT_OTHER_ID,	/* 200 with the body of another call */
	FAULT_OVERSIZE,	/* the right body made huge */
	FAULT_REDIRECT,	/* to another host */
	FAULT_REDIRECT_SAME,	/* to another path of this host, which answers */
	FAULT_CURSOR_LOOP,	/* a page whose next cursor leads to itself */
	FAULT_KIND_COUNT
};

struct fault {
	enum fault_kind kind;
	char name[24];
	enum provider provider;	/* PROVIDER_COUNT: any */
	char *path;
	char *method;
	char *call_id;
	unsigned long after;
	unsigned long times;
	bool per_request;
	unsigned percent;
	unsigned status;
	int64_t retry_after_s;	/* -1: none */
	char *retry_text;	/* sent as it is; NULL: retry_after_s counts */
	bool retry_date;
	char *code;
	char *type;
	size_t bytes;		/* 0: the kind's default */
	int64_t ms;		/* 0: the kind's default */
	char *to;
	bool chunked;

	unsigned long seen;
	unsigned long hits;
};

struct fault_plan {
	struct fault *p;
	size_t n;
	uint64_t seed;
	struct count {
		uint64_t key;
		unsigned long n;
	} *counts;		/* open addressing; key 0: free */
	size_t counts_n;
	size_t counts_cap;
};

/* What a rule is matched against. */
struct fault_case {
	enum provider provider;
	const char *method;
	const char *path;
	const char *call_id;	/* NULL: the request is not about one call */
	uint64_t request;	/* hash of target and body */
	bool redirected;	/* it came from FAULT_REDIRECT_SAME */
};

/* Adds one rule (an object) or many (an array). Dies when one is not valid. */
void faults_add(struct fault_plan *, const char *json, const char *origin);
void faults_free(struct fault_plan *);
/* The rule that strikes this request, counted as a hit; NULL for none. */
const struct fault *faults_pick(struct fault_plan *, const struct fault_case *);

#endif
